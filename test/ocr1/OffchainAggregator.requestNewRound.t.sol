// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";
import {MockAccessController} from "../utils/mocks/MockAccessController.sol";

/// @dev Source: contracts-ocr1 5.3.
contract OffchainAggregatorRequestNewRoundTest is OCR1Test {
    bytes internal callData = abi.encodeCall(IOffchainAggregator.requestNewRound, ());

    function test_requestNewRound_emitsAndReturnsTheNextRound() public {
        transmit(transmissionOf(reportOf(n), 0x01020304, 5));

        expectEmit();
        emit IOffchainAggregator.RoundRequested(REQUESTER, digest, 0x01020304, 5);
        vm.prank(REQUESTER);
        assertEq(aggregator.requestNewRound(), 2);
        assertEq(aggregator.latestRound(), 1, "a request makes no round");
    }

    function test_requestNewRound_tellsZerosRightAfterSetConfig() public {
        transmitNext();
        configure(7, 2);

        expectEmit();
        emit IOffchainAggregator.RoundRequested(OWNER, digest, 0, 0);
        callAs(OWNER, callData);
    }

    function test_requestNewRound_worksBeforeTheFirstConfig() public {
        aggregator = deploy();
        expectEmit();
        emit IOffchainAggregator.RoundRequested(OWNER, 0, 0, 0);
        callAs(OWNER, callData);
    }

    function test_requestNewRound_asksTheControllerAboutTheCaller() public {
        vm.expectCall(
            address(requesterAccess), abi.encodeCall(MockAccessController.hasAccess, (REQUESTER, callData)), 1
        );
        callAs(REQUESTER, callData);
    }

    /// @dev Appended bytes are part of the calldata.
    function test_requestNewRound_tellsTheControllerTheWholeCalldata() public {
        bytes memory longer = bytes.concat(callData, "appended");
        vm.expectCall(address(requesterAccess), abi.encodeCall(MockAccessController.hasAccess, (REQUESTER, longer)), 1);
        callAs(REQUESTER, longer);
    }

    function test_requestNewRound_asksNobodyAboutTheOwner() public {
        vm.expectCall(address(requesterAccess), "", 0);
        callAs(OWNER, callData);
    }

    function test_requestNewRound_revertsIf_callerIsNotRequester() public {
        address[3] memory callers = [STRANGER, BILLING_ADMIN, transmitter(0)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callData, "Only owner&requester can call");
        }
    }

    function test_requestNewRound_revertsIf_controllerMisbehaves() public {
        requesterAccess.setMode(MockAccessController.Mode.Reverts);
        assertRevertData(
            address(aggregator),
            REQUESTER,
            callData,
            abi.encodeWithSelector(MockAccessController.ControllerRefused.selector, REQUESTER)
        );
        requesterAccess.setMode(MockAccessController.Mode.ReturnsTooLittle);
        assertRevertsEmpty(REQUESTER, callData);
        requesterAccess.setMode(MockAccessController.Mode.WritesState);
        assertRevertsEmpty(REQUESTER, callData);

        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setRequesterAccessController, (address(0))));
        assertRevertsEmpty(REQUESTER, callData);
    }

    /// @dev Every word but zero is true.
    function test_requestNewRound_acceptsAControllerThatReturnsTwo() public {
        requesterAccess.setMode(MockAccessController.Mode.ReturnsTwo);
        callAs(STRANGER, callData);
    }

    function test_requestNewRound_wrapsAtTheLastRound() public {
        transmitNext();
        setRoundId(type(uint32).max - 1);
        vm.prank(OWNER);
        assertEq(aggregator.requestNewRound(), type(uint32).max);

        setRoundId(type(uint32).max);
        vm.prank(OWNER);
        assertEq(aggregator.requestNewRound(), 0);
    }
}
