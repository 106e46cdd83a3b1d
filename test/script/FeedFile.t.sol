// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Feed, Protocol} from "../../script/utils/Feed.sol";
import {FeedFile} from "../../script/utils/FeedFile.sol";
import {Test} from "forge-std/Test.sol";

/// @notice Every way in which a feed's file can be wrong, by one edit of the example.
contract FeedFileTest is Test {
    string internal constant EXAMPLE = "script/feeds/example.toml";
    string internal constant ADDRESS = "an address of 20 bytes, with its EIP-55 checksum or in lower case";
    string internal constant UINT32 = "a whole number from 0 to 4294967295";
    string internal constant INT192 = "a whole number of 192 bits, with the feed's decimals in it";

    /// @dev External, for its reverts.
    function parse(string memory toml) external view returns (Feed memory) {
        return FeedFile.parse(toml);
    }

    /// @dev External, for its reverts.
    function read(string memory path) external view returns (Feed memory) {
        return FeedFile.read(path);
    }

    // -- What is right --

    function test_read_readsTheExample() public view {
        Feed memory feed = FeedFile.read(EXAMPLE);
        assertEq(feed.name, "example");
        assertEq(feed.chainId, 31337);
        assertEq(feed.contractName, "OCR2Aggregator");
        assertTrue(feed.protocol == Protocol.OCR2);
        assertEq(feed.description, "ETH / USD");
        assertEq(feed.decimals, 8);
        assertEq(feed.minAnswer, 1);
        assertEq(feed.maxAnswer, 1e24);
        assertEq(feed.link, 0x5FbDB2315678afecb367f032d93F642f64180aa3);
        assertEq(feed.owner, 0x70997970C51812dc3A010C7d01b50e0d17dc79C8);
        assertEq(feed.billingAccessController, 0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512);
        assertEq(feed.requesterAccessController, 0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0);
        assertEq(feed.setConfigPath, "script/feeds/example.set-config.json");
        uint256[5] memory billing = [uint256(100), 10, 1000, 1000, 10_000];
        assertEq(abi.encode(feed.billing), abi.encode(billing));
        assertEq(feed.validator, address(0));
        assertEq(feed.validatorGasLimit, 0);
        assertEq(feed.transmitters.length, 4);
        assertEq(feed.payees.length, 4);
        for (uint256 i = 0; i < 4; i++) {
            assertTrue(feed.transmitters[i] != address(0) && feed.payees[i] != address(0));
        }
    }

    function test_parse_readsOCR1() public view {
        Feed memory feed = FeedFile.parse(ocr1(vm.readFile(EXAMPLE)));
        assertEq(feed.contractName, "OffchainAggregator");
        assertTrue(feed.protocol == Protocol.OCR1);
        uint256[5] memory billing = [uint256(100), 10, 1000, 1000, 10_000];
        assertEq(abi.encode(feed.billing), abi.encode(billing));
    }

    function test_parse_takesTheEndsOfEveryRange() public view {
        string memory toml = edited("decimals = 8", "decimals = 255");
        toml = vm.replace(
            toml, 'min_answer = "1"', 'min_answer = "-3138550867693340381917894711603833208051177722232017256448"'
        );
        toml = vm.replace(
            toml, '"1000000000000000000000000"', '"3138550867693340381917894711603833208051177722232017256447"'
        );
        toml = vm.replace(toml, "accounting_gas = 10000", "accounting_gas = 16777215");
        toml = vm.replace(toml, "gwei = 100 ", "gwei = 4294967295 ");
        Feed memory feed = FeedFile.parse(toml);
        assertEq(feed.decimals, 255);
        assertEq(feed.minAnswer, type(int192).min);
        assertEq(feed.maxAnswer, type(int192).max);
        assertEq(feed.billing[0], type(uint32).max);
        assertEq(feed.billing[4], type(uint24).max);
    }

    function test_parse_takesAddressesInLowerCase() public view {
        Feed memory feed = FeedFile.parse(
            edited("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x70997970c51812dc3a010c7d01b50e0d17dc79c8")
        );
        assertEq(feed.owner, 0x70997970C51812dc3A010C7d01b50e0d17dc79C8);
    }

    // -- Files and keys --

    function test_read_revertsIf_thereIsNoFile() public {
        vm.expectRevert(abi.encodeWithSelector(FeedFile.FileNotFound.selector, "script/feeds/none.toml"));
        this.read("script/feeds/none.toml");
    }

    function test_read_revertsIf_fileIsNotCalledToml() public {
        string memory path = "script/feeds/example.set-config.json";
        vm.expectRevert(abi.encodeWithSelector(FeedFile.NotATomlFile.selector, path));
        this.read(path);
    }

    function test_parse_revertsIf_fileIsNotToml() public {
        vm.expectPartialRevert(FeedFile.NotToml.selector);
        this.parse("chain_id = = 1");
    }

    function test_parse_revertsIf_keyIsMissing() public {
        string[18] memory keys = [
            "chain_id",
            "contract",
            "description",
            "decimals",
            "min_answer",
            "max_answer",
            "link",
            "owner",
            "billing_access_controller",
            "requester_access_controller",
            "set_config",
            "billing.maximum_gas_price_gwei",
            "billing.reasonable_gas_price_gwei",
            "billing.observation_payment_gjuels",
            "billing.transmission_payment_gjuels",
            "billing.accounting_gas",
            "validator.address",
            "validator.gas_limit"
        ];
        for (uint256 i = 0; i < keys.length; i++) {
            string[] memory path = vm.split(keys[i], ".");
            // Commented out.
            string memory toml = edited(string.concat("\n", path[path.length - 1], " = "), "\n# = ");
            assertRefused(toml, abi.encodeWithSelector(FeedFile.MissingKey.selector, keys[i]));
        }
    }

    function test_parse_revertsIf_tableIsMissing() public {
        assertRefused("chain_id = 1", abi.encodeWithSelector(FeedFile.MissingKey.selector, "contract"));
        assertRefused(
            string.concat(vm.split(vm.readFile(EXAMPLE), "[payees]")[0]),
            abi.encodeWithSelector(FeedFile.MissingKey.selector, "payees")
        );
    }

    function test_parse_revertsIf_keyIsUnknown() public {
        assertRefused(edited("\nlink = ", "\nlinks = "), abi.encodeWithSelector(FeedFile.UnknownKey.selector, "links"));
        assertRefused(
            edited("\naccounting_gas = ", "\naccounting_gaz = "),
            abi.encodeWithSelector(FeedFile.UnknownKey.selector, "billing.accounting_gaz")
        );
        assertRefused(
            edited("\ngas_limit = ", "\ngas = "), abi.encodeWithSelector(FeedFile.UnknownKey.selector, "validator.gas")
        );
    }

    function test_parse_revertsIf_billingIsOfTheOtherProtocol() public {
        assertRefused(
            edited('contract = "OCR2Aggregator"', 'contract = "OffchainAggregator"'),
            abi.encodeWithSelector(FeedFile.UnknownKey.selector, "billing.observation_payment_gjuels")
        );
    }

    // -- Values --

    function test_parse_revertsIf_contractIsUnknown() public {
        assertWrong(
            'contract = "OCR2Aggregator"',
            'contract = "Aggregator"',
            "contract",
            "Aggregator",
            "one of OCR2Aggregator, AccessControlledOCR2Aggregator, OffchainAggregator, AccessControlledOffchainAggregator"
        );
    }

    function test_parse_revertsIf_numberCannotBe() public {
        string memory uint8Range = "a whole number from 0 to 255";
        assertWrong("decimals = 8", "decimals = 256", "decimals", "256", uint8Range);
        assertWrong("decimals = 8", "decimals = -1", "decimals", "-1", uint8Range);
        assertWrong("decimals = 8", "decimals = 8.5", "decimals", "8.5", uint8Range);
        assertWrong("decimals = 8", "decimals = true", "decimals", "true", uint8Range);
        assertWrong("decimals = 8", 'decimals = ""', "decimals", "", uint8Range);
        assertWrong("decimals = 8", 'decimals = "8 gwei"', "decimals", "8 gwei", uint8Range);
        assertWrong("decimals = 8", "decimals = [8]", "decimals", "", "one value, neither a list nor a table");
        assertWrong(
            "chain_id = 31337",
            'chain_id = "anvil"',
            "chain_id",
            "anvil",
            "a whole number from 0 to 18446744073709551615"
        );
        assertWrong("gas_limit = 0", "gas_limit = 4294967296", "validator.gas_limit", "4294967296", UINT32);
    }

    function test_parse_revertsIf_priceCannotBe() public {
        string[4] memory keys = [
            "maximum_gas_price_gwei",
            "reasonable_gas_price_gwei",
            "observation_payment_gjuels",
            "transmission_payment_gjuels"
        ];
        for (uint256 i = 0; i < keys.length; i++) {
            assertWrong(
                string.concat("\n", keys[i], " = "),
                string.concat("\n", keys[i], " = 429496729"),
                string.concat("billing.", keys[i]),
                i == 1 ? "42949672910" : i == 0 ? "429496729100" : "4294967291000",
                UINT32
            );
        }
        assertWrong(
            "accounting_gas = 10000",
            "accounting_gas = 16777216",
            "billing.accounting_gas",
            "16777216",
            "a whole number from 0 to 16777215"
        );
    }

    function test_parse_revertsIf_reasonablePriceIsAboveMaximum() public {
        assertWrong(
            "reasonable_gas_price_gwei = 10 ",
            "reasonable_gas_price_gwei = 101 ",
            "billing.reasonable_gas_price_gwei",
            "101",
            "at most maximum_gas_price_gwei"
        );
    }

    function test_parse_revertsIf_answerCannotBe() public {
        string memory tooLow = "-3138550867693340381917894711603833208051177722232017256449";
        string memory tooHigh = "3138550867693340381917894711603833208051177722232017256448";
        string memory quoted = string.concat('min_answer = "', tooLow, '"');
        assertWrong('min_answer = "1"', quoted, "min_answer", tooLow, INT192);
        quoted = string.concat('max_answer = "', tooHigh, '"');
        assertWrong('max_answer = "1000000000000000000000000"', quoted, "max_answer", tooHigh, INT192);
        assertWrong('min_answer = "1"', 'min_answer = "1e8"', "min_answer", "1e8", INT192);
        assertWrong('min_answer = "1"', 'min_answer = "-"', "min_answer", "-", INT192);
        assertWrong(
            'max_answer = "1000000000000000000000000"', "max_answer = 0", "max_answer", "0", "at least min_answer"
        );
    }

    function test_parse_revertsIf_addressCannotBe() public {
        string memory owner = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
        // A digit exchanged, one too few, no prefix, not an address at all.
        assertWrong(
            owner,
            "0x70997970C51812dc3A010C7d01b50e0d17dc79C9",
            "owner",
            "0x70997970C51812dc3A010C7d01b50e0d17dc79C9",
            ADDRESS
        );
        assertWrong(
            owner,
            "0x70997970C51812dc3A010C7d01b50e0d17dc79C",
            "owner",
            "0x70997970C51812dc3A010C7d01b50e0d17dc79C",
            ADDRESS
        );
        assertWrong(
            owner,
            "70997970C51812dc3A010C7d01b50e0d17dc79C8",
            "owner",
            "70997970C51812dc3A010C7d01b50e0d17dc79C8",
            ADDRESS
        );
        assertWrong(owner, "treasury.eth", "owner", "treasury.eth", ADDRESS);
    }

    function test_parse_revertsIf_addressIsZero() public {
        string memory zero = "0x0000000000000000000000000000000000000000";
        string memory expected = "an address other than zero";
        assertWrong("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", zero, "owner", zero, expected);
        assertWrong("0x5FbDB2315678afecb367f032d93F642f64180aa3", zero, "link", zero, expected);
        string memory key = "payees.0x6e2F23Cad9bf0e9cba15D4a4Fe3Ed2A72b6a7cc8";
        assertWrong("0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65", zero, key, zero, expected);
    }

    function test_parse_revertsIf_textIsEmpty() public {
        assertWrong('"ETH / USD"', '""', "description", "", "some text");
        assertWrong('"example.set-config.json"', '""', "set_config", "", "some text");
    }

    function test_parse_revertsIf_nobodyHasGas() public {
        assertWrong("gas_limit = 0", "gas_limit = 1", "validator.gas_limit", "1", "0 without a validator");
    }

    function test_parse_revertsIf_transmitterIsNotAnAddress() public {
        assertWrong(
            '"0x6e2F23Cad9bf0e9cba15D4a4Fe3Ed2A72b6a7cc8"', '"oracle-0"', "payees.oracle-0", "oracle-0", ADDRESS
        );
    }

    function test_parse_revertsIf_transmitterIsRepeated() public {
        string memory again = "0x6e2f23cad9bf0e9cba15d4a4fe3ed2a72b6a7cc8";
        string memory toml = edited("0x65cb1266e36093712De3704450E708d93a24b9E8", again);
        vm.expectPartialRevert(FeedFile.WrongValue.selector);
        this.parse(toml);
    }

    function test_parse_revertsIf_tableIsAValue() public {
        string memory toml = string.concat(vm.split(vm.readFile(EXAMPLE), "[payees]")[0]);
        toml = string.concat("payees = 1\n", toml);
        assertRefused(toml, abi.encodeWithSelector(FeedFile.WrongValue.selector, "payees", "", "a table"));
    }

    // -- Tools --

    /// @dev The example with one text in place of another, which it must contain.
    function edited(string memory from, string memory to) internal view returns (string memory toml) {
        string memory example = vm.readFile(EXAMPLE);
        toml = vm.replace(example, from, to);
        assertTrue(keccak256(bytes(toml)) != keccak256(bytes(example)), string.concat("the example has no ", from));
    }

    /// @dev The example for OCR1, with the same figures.
    function ocr1(string memory toml) internal pure returns (string memory) {
        toml = vm.replace(toml, 'contract = "OCR2Aggregator"', 'contract = "OffchainAggregator"');
        toml = vm.replace(toml, "observation_payment_gjuels = ", "micro_link_per_eth = ");
        toml = vm.replace(toml, "transmission_payment_gjuels = ", "link_gwei_per_observation = ");
        return vm.replace(toml, "accounting_gas = ", "link_gwei_per_transmission = ");
    }

    function assertRefused(string memory toml, bytes memory reason) internal {
        vm.expectRevert(reason);
        this.parse(toml);
    }

    /// @dev The example with one text in place of another is refused for the value of `key`.
    function assertWrong(
        string memory from,
        string memory to,
        string memory key,
        string memory value,
        string memory expected
    ) internal {
        assertRefused(edited(from, to), abi.encodeWithSelector(FeedFile.WrongValue.selector, key, value, expected));
    }
}
