// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {Feed, Protocol} from "./Feed.sol";
import {FeedFile} from "./FeedFile.sol";

/// @notice The arguments of `setConfig`. For OCR1 `f` is the threshold and there is no `onchainConfig`.
struct SetConfigArguments {
    address[] signers;
    address[] transmitters;
    uint8 f;
    bytes onchainConfig;
    uint64 offchainConfigVersion;
    bytes offchainConfig;
}

/// @title The JSON that `ocr setconfig encode` writes
/// @notice Arguments of `setConfig` by the names the ABI gives them, and `calldata`, the call they make.
library SetConfigFile {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Thrown when a key is missing or its value has another type. `file` is the JSON's path.
    error WrongArgument(string file, string key, string expected);

    /// @notice Thrown when the file was made for other bounds than the feed's.
    error OtherOnchainConfig(string file, bytes given, bytes expected);

    /// @notice Thrown when `calldata` is not the call that the other arguments make: the file was edited by hand.
    error OtherCalldata(string file);

    /// @notice Reads the arguments for a feed.
    function read(Feed memory feed) internal view returns (SetConfigArguments memory arguments) {
        if (!vm.exists(feed.setConfigPath)) revert FeedFile.FileNotFound(feed.setConfigPath);
        return parse(feed, vm.readFile(feed.setConfigPath));
    }

    /// @notice Reads the text of such a file for a feed.
    function parse(Feed memory feed, string memory json) internal pure returns (SetConfigArguments memory arguments) {
        string memory file = feed.setConfigPath;
        bool isOCR1 = feed.protocol == Protocol.OCR1;
        arguments.signers = _addresses(file, json, "signers");
        arguments.transmitters = _addresses(file, json, "transmitters");
        // Held to its bound: fits.
        arguments.f = uint8(_uint(file, json, isOCR1 ? "threshold" : "f", type(uint8).max));
        arguments.offchainConfigVersion =
            uint64(_uint(file, json, isOCR1 ? "encodedConfigVersion" : "offchainConfigVersion", type(uint64).max));
        arguments.offchainConfig = _bytes(file, json, isOCR1 ? "encoded" : "offchainConfig");
        if (!isOCR1) {
            arguments.onchainConfig = _bytes(file, json, "onchainConfig");
            // Source: contracts-ocr2 4.2.
            bytes memory expected = abi.encodePacked(uint8(1), feed.minAnswer, feed.maxAnswer);
            if (keccak256(arguments.onchainConfig) != keccak256(expected)) {
                revert OtherOnchainConfig(file, arguments.onchainConfig, expected);
            }
        }
        if (keccak256(_bytes(file, json, "calldata")) != keccak256(call(feed.protocol, arguments))) {
            revert OtherCalldata(file);
        }
    }

    /// @notice The call of `setConfig`.
    function call(Protocol protocol, SetConfigArguments memory a) internal pure returns (bytes memory) {
        if (protocol == Protocol.OCR1) {
            return abi.encodeCall(
                IOffchainAggregator.setConfig,
                (a.signers, a.transmitters, a.f, a.offchainConfigVersion, a.offchainConfig)
            );
        }
        return abi.encodeCall(
            IOCR2Aggregator.setConfig,
            (a.signers, a.transmitters, a.f, a.onchainConfig, a.offchainConfigVersion, a.offchainConfig)
        );
    }

    /// @notice The digest that `aggregator` gives the arguments as its `configCount`-th configuration; of OCR1 the first
    /// 16 bytes.
    /// @dev Source: contracts-ocr1 4.1, contracts-ocr2 4.1. Written from there, not taken from `src`: what is on chain is
    /// checked against it.
    function digest(Protocol protocol, SetConfigArguments memory a, address aggregator, uint64 configCount)
        internal
        view
        returns (bytes32)
    {
        if (protocol == Protocol.OCR1) {
            bytes32 hash = keccak256(
                abi.encode(
                    aggregator, configCount, a.signers, a.transmitters, a.f, a.offchainConfigVersion, a.offchainConfig
                )
            );
            return bytes32(bytes16(hash));
        }
        uint256 hashOCR2 = uint256(
            keccak256(
                abi.encode(
                    block.chainid,
                    aggregator,
                    configCount,
                    a.signers,
                    a.transmitters,
                    a.f,
                    a.onchainConfig,
                    a.offchainConfigVersion,
                    a.offchainConfig
                )
            )
        );
        return bytes32((uint256(0x0001) << 240) | (hashOCR2 & type(uint240).max));
    }

    function _addresses(string memory file, string memory json, string memory key)
        private
        pure
        returns (address[] memory)
    {
        try vm.parseJsonAddressArray(json, string.concat(".", key)) returns (address[] memory accounts) {
            return accounts;
        } catch {
            revert WrongArgument(file, key, "a list of addresses");
        }
    }

    function _uint(string memory file, string memory json, string memory key, uint256 most)
        private
        pure
        returns (uint256)
    {
        try vm.parseJsonUint(json, string.concat(".", key)) returns (uint256 value) {
            if (value <= most) return value;
        } catch {}
        revert WrongArgument(file, key, string.concat("a whole number from 0 to ", vm.toString(most)));
    }

    function _bytes(string memory file, string memory json, string memory key) private pure returns (bytes memory) {
        try vm.parseJsonBytes(json, string.concat(".", key)) returns (bytes memory data) {
            return data;
        } catch {
            revert WrongArgument(file, key, "bytes in hexadecimal, with 0x");
        }
    }
}
