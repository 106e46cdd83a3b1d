// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1BillingTest} from "../utils/OCR1BillingTest.sol";

/// @notice `transferPayeeship` and `acceptPayeeship`, the two steps of one transfer.
/// @dev Source: contracts-ocr1 6.6.
contract OffchainAggregatorTransferPayeeshipTest is OCR1BillingTest {
    address internal immutable HEIR = makeAddr("heir");

    // -- Proposal --

    function test_transferPayeeship_emits() public {
        expectEmit();
        emit IOffchainAggregator.PayeeshipTransferRequested(transmitter(0), payee(0), HEIR);
        propose(0, HEIR);
    }

    function test_transferPayeeship_emitsNothingIfUnchanged() public {
        vm.recordLogs();
        propose(0, address(0));
        assertEq(countLogs(), 0);

        propose(0, HEIR);
        vm.recordLogs();
        propose(0, HEIR);
        assertEq(countLogs(), 0);
    }

    function test_transferPayeeship_zeroWithdrawsTheProposal() public {
        propose(0, HEIR);
        expectEmit();
        emit IOffchainAggregator.PayeeshipTransferRequested(transmitter(0), payee(0), address(0));
        propose(0, address(0));

        assertReverts(HEIR, acceptance(0), "only proposed payees can accept");
    }

    function test_transferPayeeship_changesNothingYet() public {
        transmitRounds(1);
        propose(0, HEIR);
        assertReverts(
            HEIR, abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(0))), "Only payee can withdraw"
        );
        callAs(payee(0), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(0))));
    }

    function test_transferPayeeship_revertsIf_callerIsNotPayee() public {
        bytes memory callData = abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(0), HEIR));
        address[5] memory callers = [OWNER, STRANGER, payee(1), transmitter(0), HEIR];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callData, "only current payee can update");
        }
    }

    /// @dev Guard order: payee before self.
    function test_transferPayeeship_revertsIf_proposedIsCaller() public {
        bytes memory callData = abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(0), payee(0)));
        assertReverts(payee(0), callData, "cannot transfer to self");
        callData = abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(0), STRANGER));
        assertReverts(STRANGER, callData, "only current payee can update");
    }

    // -- Acceptance --

    function test_acceptPayeeship_transfers() public {
        propose(0, HEIR);
        expectEmit();
        emit IOffchainAggregator.PayeeshipTransferred(transmitter(0), payee(0), HEIR);
        callAs(HEIR, acceptance(0));

        transmitRounds(1);
        callAs(HEIR, abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(0))));
        assertEq(link.balanceOf(HEIR), earned(0, 1));
        assertReverts(
            payee(0),
            abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(0), STRANGER)),
            "only current payee can update"
        );
    }

    function test_acceptPayeeship_worksOnce() public {
        propose(0, HEIR);
        callAs(HEIR, acceptance(0));
        assertReverts(HEIR, acceptance(0), "only proposed payees can accept");
    }

    function test_acceptPayeeship_revertsIf_callerIsNotProposed() public {
        propose(0, HEIR);
        address[4] memory callers = [OWNER, STRANGER, payee(0), transmitter(0)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], acceptance(0), "only proposed payees can accept");
        }
        assertReverts(HEIR, acceptance(1), "only proposed payees can accept");
    }

    function test_acceptPayeeship_acceptsOnlyTheLastProposed() public {
        propose(0, HEIR);
        propose(0, STRANGER);
        assertReverts(HEIR, acceptance(0), "only proposed payees can accept");
        callAs(STRANGER, acceptance(0));
    }

    function propose(uint256 oracle, address proposed) private {
        callAs(payee(oracle), abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(oracle), proposed)));
    }

    function acceptance(uint256 oracle) private pure returns (bytes memory) {
        return abi.encodeCall(IOffchainAggregator.acceptPayeeship, (transmitter(oracle)));
    }
}
