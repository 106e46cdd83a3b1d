// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2Messages, Report} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @dev Source: contracts-ocr2 5.4.
contract OCR2AggregatorLatestTransmissionDetailsTest is OCR2Test {
    using OCR2Messages for Report;

    bytes internal callData = abi.encodeCall(IOCR2Aggregator.latestTransmissionDetails, ());

    function test_latestTransmissionDetails_tellsTheLatest() public {
        vm.warp(OBSERVATIONS_TIMESTAMP + 99);
        transmit(transmissionOf(reportOf(n).encode(), 0x01020304, 200));

        (bool success, bytes memory returned) = tryCall(address(aggregator), STRANGER, callData);
        assertTrue(success);
        assertEq(
            returned, abi.encode(digest, uint32(0x01020304), uint8(200), int192(102e8), OBSERVATIONS_TIMESTAMP + 99)
        );
        assertDigestAndEpoch(0x01020304);
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
        assertDigestAndEpoch(0);
    }

    /// @dev It would let a contract around the access list.
    function test_latestTransmissionDetails_revertsIf_callerIsNotOrigin() public {
        vm.prank(OWNER, STRANGER);
        (bool success, bytes memory returned) = address(aggregator).call(callData);
        assertFalse(success);
        assertEq(returned, abi.encodeWithSignature("Error(string)", "Only callable by EOA"));
    }

    function assertDigestAndEpoch(uint32 expectedEpoch) private view {
        (bool scanLogs, bytes32 latestDigest, uint32 latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertFalse(scanLogs);
        assertEq(latestDigest, digest);
        assertEq(latestEpoch, expectedEpoch);
    }
}
