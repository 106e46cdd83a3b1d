// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {Feed, Protocol} from "./Feed.sol";

/// @title The TOML file of a feed
/// @notice Reads it, and refuses whatever is wrong with the key, the value and what is expected instead. The keys are
/// documented in script/feeds/example.toml.
library FeedFile {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Thrown when there is no file at `path`, relative to the repository.
    error FileNotFound(string path);

    /// @notice Thrown when a file is not TOML. `reason` is the parser's.
    error NotToml(string reason);

    /// @notice Thrown when a feed's file is not called `<name>.toml`.
    error NotATomlFile(string path);

    /// @notice Thrown when a key is missing.
    error MissingKey(string key);

    /// @notice Thrown when a key means nothing to us: a misspelt one, perhaps.
    error UnknownKey(string key);

    /// @notice Thrown when a value cannot be. `expected` says what would do.
    error WrongValue(string key, string value, string expected);

    /// @notice Reads the feed at `path`, relative to the repository.
    function read(string memory path) internal view returns (Feed memory feed) {
        if (!vm.exists(path)) revert FileNotFound(path);
        (string memory directory, string memory name) = _directoryAndName(path);
        feed = parse(vm.readFile(path));
        feed.name = name;
        feed.setConfigPath = string.concat(directory, feed.setConfigPath);
    }

    /// @notice Reads the text of a feed's file. `name` stays empty, `setConfigPath` as it is written.
    function parse(string memory toml) internal view returns (Feed memory feed) {
        _requireKnownKeys(toml, "", _rootKeys());
        feed.chainId = _uint(toml, "chain_id", type(uint64).max);
        feed.contractName = _contractName(toml);
        feed.protocol = _same(feed.contractName, "OCR2Aggregator")
            || _same(feed.contractName, "AccessControlledOCR2Aggregator")
            ? Protocol.OCR2
            : Protocol.OCR1;
        feed.description = _filledText(toml, "description");
        // Below 256: fits.
        feed.decimals = uint8(_uint(toml, "decimals", type(uint8).max));
        feed.minAnswer = _int192(toml, "min_answer");
        feed.maxAnswer = _int192(toml, "max_answer");
        if (feed.maxAnswer < feed.minAnswer) {
            revert WrongValue("max_answer", _text(toml, "max_answer"), "at least min_answer");
        }
        feed.link = _filledAddress(toml, "link");
        feed.owner = _filledAddress(toml, "owner");
        feed.billingAccessController = _address(toml, "billing_access_controller");
        feed.requesterAccessController = _address(toml, "requester_access_controller");
        feed.setConfigPath = _filledText(toml, "set_config");
        _parseBilling(toml, feed);
        _parseValidator(toml, feed);
        _parsePayees(toml, feed);
    }

    /// @notice What `contract` may be.
    function contractNames() internal pure returns (string[] memory names) {
        names = new string[](4);
        names[0] = "OCR2Aggregator";
        names[1] = "AccessControlledOCR2Aggregator";
        names[2] = "OffchainAggregator";
        names[3] = "AccessControlledOffchainAggregator";
    }

    /// @notice The keys of `[billing]`, in the order of `setBilling`'s arguments.
    function billingKeys(Protocol protocol) internal pure returns (string[] memory keys) {
        keys = new string[](5);
        keys[0] = "maximum_gas_price_gwei";
        keys[1] = "reasonable_gas_price_gwei";
        if (protocol == Protocol.OCR1) {
            keys[2] = "micro_link_per_eth";
            keys[3] = "link_gwei_per_observation";
            keys[4] = "link_gwei_per_transmission";
        } else {
            keys[2] = "observation_payment_gjuels";
            keys[3] = "transmission_payment_gjuels";
            keys[4] = "accounting_gas";
        }
    }

    /// @dev `a/b/eth-usd.toml` gives `a/b/` and `eth-usd`.
    function _directoryAndName(string memory path) private pure returns (string memory directory, string memory name) {
        string[] memory parts = vm.split(path, "/");
        for (uint256 i = 0; i + 1 < parts.length; i++) {
            directory = string.concat(directory, parts[i], "/");
        }
        string[] memory words = vm.split(parts[parts.length - 1], ".toml");
        if (words.length != 2 || bytes(words[0]).length == 0 || bytes(words[1]).length != 0) {
            revert NotATomlFile(path);
        }
        name = words[0];
    }

    function _rootKeys() private pure returns (string[] memory keys) {
        keys = new string[](14);
        keys[0] = "chain_id";
        keys[1] = "contract";
        keys[2] = "description";
        keys[3] = "decimals";
        keys[4] = "min_answer";
        keys[5] = "max_answer";
        keys[6] = "link";
        keys[7] = "owner";
        keys[8] = "billing_access_controller";
        keys[9] = "requester_access_controller";
        keys[10] = "set_config";
        keys[11] = "billing";
        keys[12] = "validator";
        keys[13] = "payees";
    }

    function _validatorKeys() private pure returns (string[] memory keys) {
        keys = new string[](2);
        keys[0] = "address";
        keys[1] = "gas_limit";
    }

    // -- Parts --

    function _contractName(string memory toml) private view returns (string memory name) {
        name = _text(toml, "contract");
        string[] memory names = contractNames();
        string memory expected = "one of";
        for (uint256 i = 0; i < names.length; i++) {
            if (_same(name, names[i])) return name;
            expected = string.concat(expected, i == 0 ? " " : ", ", names[i]);
        }
        revert WrongValue("contract", name, expected);
    }

    function _parseBilling(string memory toml, Feed memory feed) private view {
        string[] memory keys = billingKeys(feed.protocol);
        _requireKnownKeys(toml, "billing", keys);
        for (uint256 i = 0; i < keys.length; i++) {
            bool isAccountingGas = feed.protocol == Protocol.OCR2 && i == 4;
            uint256 most = isAccountingGas ? type(uint24).max : type(uint32).max;
            feed.billing[i] = _uint(toml, string.concat("billing.", keys[i]), most);
        }
        if (feed.billing[1] > feed.billing[0]) {
            revert WrongValue(
                "billing.reasonable_gas_price_gwei", vm.toString(feed.billing[1]), "at most maximum_gas_price_gwei"
            );
        }
    }

    function _parseValidator(string memory toml, Feed memory feed) private view {
        _requireKnownKeys(toml, "validator", _validatorKeys());
        feed.validator = _address(toml, "validator.address");
        // Below 2^32: fits.
        feed.validatorGasLimit = uint32(_uint(toml, "validator.gas_limit", type(uint32).max));
        if (feed.validator == address(0) && feed.validatorGasLimit != 0) {
            revert WrongValue("validator.gas_limit", vm.toString(feed.validatorGasLimit), "0 without a validator");
        }
    }

    function _parsePayees(string memory toml, Feed memory feed) private view {
        string[] memory keys = _keys(toml, "payees");
        feed.transmitters = new address[](keys.length);
        feed.payees = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; i++) {
            string memory key = string.concat("payees.", keys[i]);
            feed.transmitters[i] = _filledAddressOf(key, keys[i]);
            for (uint256 j = 0; j < i; j++) {
                if (feed.transmitters[j] == feed.transmitters[i]) {
                    revert WrongValue(key, keys[i], "each transmitter once");
                }
            }
            feed.payees[i] = _filledAddress(toml, key);
        }
    }

    // -- Values --

    function _address(string memory toml, string memory key) private view returns (address) {
        return _addressOf(key, _text(toml, key));
    }

    function _filledAddress(string memory toml, string memory key) private view returns (address) {
        return _filledAddressOf(key, _text(toml, key));
    }

    function _filledAddressOf(string memory key, string memory text) private pure returns (address account) {
        account = _addressOf(key, text);
        if (account == address(0)) revert WrongValue(key, text, "an address other than zero");
    }

    /// @dev The checksum is there to catch a slip of the hand, so it is held to.
    function _addressOf(string memory key, string memory text) private pure returns (address) {
        try vm.parseAddress(text) returns (address account) {
            string memory checksummed = vm.toString(account);
            if (_same(text, checksummed) || _same(text, vm.toLowercase(checksummed))) return account;
        } catch {}
        revert WrongValue(key, text, "an address of 20 bytes, with its EIP-55 checksum or in lower case");
    }

    function _uint(string memory toml, string memory key, uint256 most) private view returns (uint256) {
        string memory text = _text(toml, key);
        if (_isWholeNumber(bytes(text))) {
            try vm.parseUint(text) returns (uint256 value) {
                if (value <= most) return value;
            } catch {}
        }
        revert WrongValue(key, text, string.concat("a whole number from 0 to ", vm.toString(most)));
    }

    function _int192(string memory toml, string memory key) private view returns (int192) {
        string memory text = _text(toml, key);
        if (_isWholeNumber(bytes(text))) {
            try vm.parseInt(text) returns (int256 value) {
                // Within its bounds: fits.
                if (value >= type(int192).min && value <= type(int192).max) return int192(value);
            } catch {}
        }
        revert WrongValue(key, text, "a whole number of 192 bits, with the feed's decimals in it");
    }

    /// @dev The cheatcodes would take units and exponents too, and nothing for 0.
    function _isWholeNumber(bytes memory text) private pure returns (bool) {
        uint256 firstDigit = text.length > 0 && text[0] == "-" ? 1 : 0;
        for (uint256 i = firstDigit; i < text.length; i++) {
            if (text[i] < "0" || text[i] > "9") return false;
        }
        return text.length > firstDigit;
    }

    function _filledText(string memory toml, string memory key) private view returns (string memory text) {
        text = _text(toml, key);
        if (bytes(text).length == 0) revert WrongValue(key, text, "some text");
    }

    /// @dev A value as text: TOML's own numbers end at 63 bits, so larger ones are written in quotes.
    function _text(string memory toml, string memory key) private view returns (string memory) {
        string memory path = string.concat(".", key);
        if (!vm.keyExistsToml(toml, path)) revert MissingKey(key);
        try vm.parseTomlString(toml, path) returns (string memory text) {
            return text;
        } catch {
            revert WrongValue(key, "", "one value, neither a list nor a table");
        }
    }

    function _requireKnownKeys(string memory toml, string memory table, string[] memory known) private view {
        string[] memory keys = _keys(toml, table);
        for (uint256 i = 0; i < keys.length; i++) {
            bool isKnown = false;
            for (uint256 j = 0; j < known.length; j++) {
                isKnown = isKnown || _same(keys[i], known[j]);
            }
            if (!isKnown) revert UnknownKey(bytes(table).length == 0 ? keys[i] : string.concat(table, ".", keys[i]));
        }
    }

    /// @dev The keys of a table; an empty name stands for the whole file.
    function _keys(string memory toml, string memory table) private view returns (string[] memory) {
        if (bytes(table).length == 0) {
            try vm.parseTomlKeys(toml, "$") returns (string[] memory rootKeys) {
                return rootKeys;
            } catch (bytes memory reason) {
                revert NotToml(_cheatcodeError(reason));
            }
        }
        string memory path = string.concat(".", table);
        if (!vm.keyExistsToml(toml, path)) revert MissingKey(table);
        try vm.parseTomlKeys(toml, path) returns (string[] memory keys) {
            return keys;
        } catch {
            revert WrongValue(table, "", "a table");
        }
    }

    /// @dev The text in the error of a cheatcode, `CheatcodeError(string)`.
    function _cheatcodeError(bytes memory reason) private pure returns (string memory message) {
        bytes memory arguments = new bytes(reason.length - 4);
        for (uint256 i = 0; i < arguments.length; i++) {
            arguments[i] = reason[4 + i];
        }
        message = abi.decode(arguments, (string));
    }

    function _same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
