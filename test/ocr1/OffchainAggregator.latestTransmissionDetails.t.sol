// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @dev Source: contracts-ocr1 5.5.
contract OffchainAggregatorLatestTransmissionDetailsTest is OCR1Test {
    bytes internal callData = abi.encodeCall(IOffchainAggregator.latestTransmissionDetails, ());

    function test_latestTransmissionDetails_tellsTheLatest() public {
        vm.warp(1_700_000_099);
        transmit(transmissionOf(reportOf(n), 0x01020304, 200));

        (bool success, bytes memory returned) = tryCall(address(aggregator), STRANGER, callData);
        assertTrue(success);
        assertEq(returned, abi.encode(digest, uint32(0x01020304), uint8(200), int192(102e8), 1_700_000_099));
    }

    function test_latestTransmissionDetails_isZeroBeforeTheFirst() public {
        aggregator = deploy();
        (bool success, bytes memory returned) = tryCall(address(aggregator), STRANGER, callData);
        assertTrue(success);
        assertEq(returned, abi.encode(0, 0, 0, 0, 0));
    }

    /// @dev The answer outlives the configuration, epoch and round do not.
    function test_latestTransmissionDetails_keepsTheAnswerAcrossConfigs() public {
        transmitNext();
        configure(7, 2);
        (bool success, bytes memory returned) = tryCall(address(aggregator), STRANGER, callData);
        assertTrue(success);
        assertEq(returned, abi.encode(digest, 0, 0, 102e8, block.timestamp));
    }

    /// @dev It would let a contract around the access list.
    function test_latestTransmissionDetails_revertsIf_callerIsNotOrigin() public {
        vm.prank(OWNER, STRANGER);
        (bool success, bytes memory returned) = address(aggregator).call(callData);
        assertFalse(success);
        assertEq(returned, abi.encodeWithSignature("Error(string)", "Only callable by EOA"));
    }
}
