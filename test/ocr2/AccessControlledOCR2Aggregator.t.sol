// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";
import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2Messages, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @notice What the gated variant gates, and what it does not.
/// @dev The rest of its behaviour is in `test/specs`. Source: contracts-ocr2 5.4 and 5.7.
contract AccessControlledOCR2AggregatorTest is OCR2Test {
    using OCR2Messages for Transmission;

    function artifact() internal pure override returns (string memory) {
        return "AccessControlledOCR2Aggregator.sol:AccessControlledOCR2Aggregator";
    }

    /// @dev A contract that reads, which some account told to.
    address internal immutable READER = makeAddr("reader");

    function gated() private pure returns (bytes[8] memory) {
        return [
            abi.encodeCall(IAggregatorV2V3.latestAnswer, ()),
            abi.encodeCall(IAggregatorV2V3.latestTimestamp, ()),
            abi.encodeCall(IAggregatorV2V3.latestRound, ()),
            abi.encodeCall(IAggregatorV2V3.getAnswer, (1)),
            abi.encodeCall(IAggregatorV2V3.getTimestamp, (1)),
            abi.encodeCall(IAggregatorV2V3.description, ()),
            abi.encodeCall(IAggregatorV2V3.getRoundData, (1)),
            abi.encodeCall(IAggregatorV2V3.latestRoundData, ())
        ];
    }

    function test_reads_revertIf_readerIsNotListed() public {
        bytes[8] memory reads = gated();
        for (uint256 i = 0; i < reads.length; i++) {
            (bool success, bytes memory returned) = readByContract(reads[i]);
            assertFalse(success);
            assertEq(returned, abi.encodeWithSignature("Error(string)", "No access"));
        }
    }

    /// @dev An id that would be answered with zeros is refused all the same.
    function test_reads_revertIf_readerAsksForAnImpossibleRound() public {
        (bool success,) = readByContract(abi.encodeCall(IAggregatorV2V3.getRoundData, (1 << 40)));
        assertFalse(success);
    }

    function test_reads_answerAListedReader() public {
        callAs(OWNER, abi.encodeCall(IAccessList.addAccess, (READER)));
        assertAllReadable();
        callAs(OWNER, abi.encodeCall(IAccessList.removeAccess, (READER)));
        (bool success,) = readByContract(gated()[0]);
        assertFalse(success);
    }

    function test_reads_answerEveryoneIf_checkIsDisabled() public {
        callAs(OWNER, abi.encodeCall(IAccessList.disableAccessCheck, ()));
        assertAllReadable();
        callAs(OWNER, abi.encodeCall(IAccessList.enableAccessCheck, ()));
        (bool success,) = readByContract(gated()[0]);
        assertFalse(success);
    }

    /// @dev Off chain everyone can read.
    function test_reads_answerEveryAccount() public {
        bytes[8] memory reads = gated();
        for (uint256 i = 0; i < reads.length; i++) {
            assertSucceeds(address(aggregator), STRANGER, reads[i]);
        }
    }

    function test_reads_doNotGateTheRest() public {
        bytes[15] memory free = [
            abi.encodeCall(IOCR2Aggregator.latestConfigDetails, ()),
            abi.encodeCall(IOCR2Aggregator.latestConfigDigestAndEpoch, ()),
            abi.encodeCall(IOCR2Aggregator.getTransmitters, ()),
            abi.encodeCall(IOCR2Aggregator.getBilling, ()),
            abi.encodeCall(IOCR2Aggregator.getBillingAccessController, ()),
            abi.encodeCall(IOCR2Aggregator.getRequesterAccessController, ()),
            abi.encodeCall(IOCR2Aggregator.getLinkToken, ()),
            abi.encodeCall(IOCR2Aggregator.getValidatorConfig, ()),
            abi.encodeCall(IOCR2Aggregator.linkAvailableForPayment, ()),
            abi.encodeCall(IOCR2Aggregator.owedPayment, (transmitter(0))),
            abi.encodeCall(IOCR2Aggregator.oracleObservationCount, (transmitter(0))),
            abi.encodeCall(IOCR2Aggregator.minAnswer, ()),
            abi.encodeCall(IOCR2Aggregator.decimals, ()),
            abi.encodeCall(IOCR2Aggregator.version, ()),
            abi.encodeCall(IOCR2Aggregator.typeAndVersion, ())
        ];
        for (uint256 i = 0; i < free.length; i++) {
            (bool success,) = readByContract(free[i]);
            assertTrue(success);
        }
    }

    /// @dev Who may read, may not do anything else.
    function test_accessList_givesNoOtherRight() public {
        callAs(OWNER, abi.encodeCall(IAccessList.addAccess, (STRANGER)));
        assertReverts(STRANGER, abi.encodeCall(IOCR2Aggregator.requestNewRound, ()), "Only owner&requester can call");
        assertReverts(STRANGER, nextTransmission().encodeCall(), "unauthorized transmitter");
    }

    function test_transmit_worksWithoutAccess() public {
        callAs(transmitter(0), nextTransmission().encodeCall());
        vm.prank(STRANGER, STRANGER);
        assertEq(aggregator.latestAnswer(), 102e8);
    }

    function test_typeAndVersion() public view {
        assertEq(aggregator.typeAndVersion(), "AccessControlledOCR2Aggregator 1.0.0");
    }

    function assertAllReadable() private {
        bytes[8] memory reads = gated();
        for (uint256 i = 0; i < reads.length; i++) {
            (bool success,) = readByContract(reads[i]);
            assertTrue(success);
        }
    }

    function readByContract(bytes memory callData) private returns (bool, bytes memory) {
        vm.prank(READER, STRANGER);
        return address(aggregator).call(callData);
    }
}
