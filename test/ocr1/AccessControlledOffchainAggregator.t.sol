// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";
import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Messages, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @notice What the gated variant gates, and what it does not.
/// @dev The rest of its behaviour is in `test/specs`. Source: contracts-ocr1 5.5 and 5.7.
contract AccessControlledOffchainAggregatorTest is OCR1Test {
    using OCR1Messages for Transmission;

    function artifact() internal pure override returns (string memory) {
        return "AccessControlledOffchainAggregator.sol:AccessControlledOffchainAggregator";
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

    /// @dev Whether it may ask comes before whether there can be such a round.
    function test_reads_revertIf_readerAsksForAnImpossibleRound() public {
        bytes memory callData = abi.encodeCall(IAggregatorV2V3.getRoundData, (1 << 40));
        (bool success, bytes memory returned) = readByContract(callData);
        assertFalse(success);
        assertEq(returned, abi.encodeWithSignature("Error(string)", "No access"));
        assertReverts(STRANGER, callData, "No data present");
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
        bytes[14] memory free = [
            abi.encodeCall(IOffchainAggregator.latestConfigDetails, ()),
            abi.encodeCall(IOffchainAggregator.transmitters, ()),
            abi.encodeCall(IOffchainAggregator.getBilling, ()),
            abi.encodeCall(IOffchainAggregator.billingAccessController, ()),
            abi.encodeCall(IOffchainAggregator.requesterAccessController, ()),
            abi.encodeCall(IOffchainAggregator.getLinkToken, ()),
            abi.encodeCall(IOffchainAggregator.validatorConfig, ()),
            abi.encodeCall(IOffchainAggregator.linkAvailableForPayment, ()),
            abi.encodeCall(IOffchainAggregator.owedPayment, (transmitter(0))),
            abi.encodeCall(IOffchainAggregator.oracleObservationCount, (transmitter(0))),
            abi.encodeCall(IOffchainAggregator.minAnswer, ()),
            abi.encodeCall(IOffchainAggregator.decimals, ()),
            abi.encodeCall(IOffchainAggregator.version, ()),
            abi.encodeCall(IOffchainAggregator.typeAndVersion, ())
        ];
        for (uint256 i = 0; i < free.length; i++) {
            (bool success,) = readByContract(free[i]);
            assertTrue(success);
        }
    }

    /// @dev Who may read, may not do anything else.
    function test_accessList_givesNoOtherRight() public {
        callAs(OWNER, abi.encodeCall(IAccessList.addAccess, (STRANGER)));
        assertReverts(
            STRANGER, abi.encodeCall(IOffchainAggregator.requestNewRound, ()), "Only owner&requester can call"
        );
        assertReverts(STRANGER, nextTransmission().encodeCall(), "unauthorized transmitter");
    }

    function test_transmit_worksWithoutAccess() public {
        callAs(transmitter(0), nextTransmission().encodeCall());
        vm.prank(STRANGER, STRANGER);
        assertEq(aggregator.latestAnswer(), 102e8);
    }

    function test_typeAndVersion() public view {
        assertEq(aggregator.typeAndVersion(), "AccessControlledOffchainAggregator 4.0.0");
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
