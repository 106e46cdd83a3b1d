// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1BillingTest} from "../utils/OCR1BillingTest.sol";
import {Report} from "../utils/OCR1Messages.sol";
import {MockAccessController} from "../utils/mocks/MockAccessController.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice `withdrawFunds` and `linkAvailableForPayment`.
/// @dev Source: contracts-ocr1 6.5.
contract OffchainAggregatorWithdrawFundsTest is OCR1BillingTest {
    address internal immutable RECIPIENT = makeAddr("recipient");

    // -- What is available --

    function test_linkAvailableForPayment_isBalanceLessWhatIsOwed() public {
        assertEq(aggregator.linkAvailableForPayment(), int256(FUNDS_JUELS));
        transmitRounds(3);
        assertEq(aggregator.linkAvailableForPayment(), int256(FUNDS_JUELS - due(3)));
        callAs(payee(0), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(0))));
        assertEq(aggregator.linkAvailableForPayment(), int256(FUNDS_JUELS - due(3)));
    }

    function test_linkAvailableForPayment_mayBeNegative() public {
        drain(0);
        transmitRounds(3);
        assertEq(aggregator.linkAvailableForPayment(), -int256(due(3)));
    }

    function test_linkAvailableForPayment_bubblesWhatTheTokenReverts() public {
        bytes memory callData = abi.encodeCall(IOffchainAggregator.linkAvailableForPayment, ());
        link.setBalanceMode(MockLink.BalanceMode.Reverts);
        assertRevertData(
            address(aggregator), STRANGER, callData, abi.encodeWithSelector(MockLink.BalanceRefused.selector)
        );
        link.setBalanceMode(MockLink.BalanceMode.ReturnsTooLittle);
        assertRevertsEmpty(STRANGER, callData);
        vm.etch(address(link), "");
        assertRevertsEmpty(STRANGER, callData);
    }

    // -- Withdrawal --

    function test_withdrawFunds_sendsTheAmount() public {
        transmitRounds(2);
        withdraw(10);
        assertEq(link.balanceOf(RECIPIENT), 10);
        assertEq(link.balanceOf(address(aggregator)), FUNDS_JUELS - 10);
    }

    function test_withdrawFunds_leavesWhatIsOwed() public {
        transmitRounds(2);
        withdraw(type(uint256).max);
        assertEq(link.balanceOf(RECIPIENT), FUNDS_JUELS - due(2));
        assertEq(link.balanceOf(address(aggregator)), due(2));
        assertEq(aggregator.linkAvailableForPayment(), 0);

        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setBilling, (0, 0, 0, 0, 0)));
        assertEq(link.balanceOf(address(aggregator)), 0, "all could be paid");
    }

    function test_withdrawFunds_transfersEvenZero() public {
        drain(due(2));
        transmitRounds(2);
        vm.expectCall(address(link), abi.encodeCall(MockLink.transfer, (RECIPIENT, 0)), 2);
        withdraw(5);
        withdraw(0);
    }

    function test_withdrawFunds_emitsNothing() public {
        vm.recordLogs();
        withdraw(1);
        assertEq(countLogs(), 0);
    }

    function test_withdrawFunds_paysNobody() public {
        transmitRounds(2);
        withdraw(1);
        assertEq(aggregator.owedPayment(transmitter(0)), earned(0, 2));
    }

    /// @dev What an unknown observer was credited is not available: whoever takes its place is owed it.
    function test_withdrawFunds_leavesWhatNobodyIsOwedYet() public {
        Report memory report = reportOf(3);
        report.observers = hex"001e10";
        transmit(transmissionOf(report));
        assertEq(aggregator.linkAvailableForPayment(), int256(FUNDS_JUELS - (3 * 2 + 5) * JUELS_PER_LINK_GWEI));

        withdraw(type(uint256).max);
        assertEq(link.balanceOf(address(aggregator)), (3 * 2 + 5) * JUELS_PER_LINK_GWEI);
    }

    function test_withdrawFunds_revertsIf_moreIsOwedThanThere() public {
        drain(due(2) - 1);
        transmitRounds(2);
        assertReverts(OWNER, callDataOf(0), "insufficient balance");
        link.mint(address(aggregator), 1);
        withdraw(0);
    }

    function test_withdrawFunds_acceptsBillingAdmin() public {
        callAs(BILLING_ADMIN, callDataOf(7));
        assertEq(link.balanceOf(RECIPIENT), 7);
    }

    function test_withdrawFunds_revertsIf_callerIsNotAdmin() public {
        address[4] memory callers = [STRANGER, REQUESTER, transmitter(0), payee(0)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callDataOf(0), "Only owner&billingAdmin can call");
        }
        // The caller comes before the balance.
        drain(0);
        transmitRounds(1);
        assertReverts(STRANGER, callDataOf(0), "Only owner&billingAdmin can call");
        billingAccess.setMode(MockAccessController.Mode.ReturnsTooLittle);
        assertRevertsEmpty(BILLING_ADMIN, callDataOf(0));
    }

    function test_withdrawFunds_revertsIf_tokenRefuses() public {
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        assertReverts(OWNER, callDataOf(1), "insufficient funds");
        link.setTransferMode(MockLink.TransferMode.ReturnsNothing);
        assertRevertsEmpty(OWNER, callDataOf(1));
        link.setTransferMode(MockLink.TransferMode.Reverts);
        assertRevertData(
            address(aggregator),
            OWNER,
            callDataOf(1),
            abi.encodeWithSelector(MockLink.TransferRefused.selector, RECIPIENT, 1)
        );
    }

    /// @dev Every word but zero is true.
    function test_withdrawFunds_acceptsATokenThatReturnsTwo() public {
        link.setTransferMode(MockLink.TransferMode.ReturnsTwo);
        withdraw(3);
        assertEq(link.balanceOf(RECIPIENT), 3);
    }

    function testFuzz_withdrawFunds_neverTouchesWhatIsOwed(uint256 fundsJuels, uint256 amount, uint8 rounds) public {
        rounds = uint8(bound(rounds, 1, 5));
        fundsJuels = bound(fundsJuels, 0, 2 * due(rounds));
        drain(fundsJuels);
        transmitRounds(rounds);
        if (fundsJuels < due(rounds)) {
            assertReverts(OWNER, callDataOf(amount), "insufficient balance");
        } else {
            withdraw(amount);
            uint256 available = fundsJuels - due(rounds);
            assertEq(link.balanceOf(RECIPIENT), amount < available ? amount : available);
        }
    }

    // -- Building blocks --

    /// @dev What all oracles together are owed for `rounds` rounds transmitted by oracle 0.
    function due(uint256 rounds) private view returns (uint256 juels) {
        for (uint256 i = 0; i < n; i++) {
            juels += earned(i, rounds);
        }
    }

    /// @dev Leaves `juels` in the aggregator.
    function drain(uint256 juels) private {
        uint256 excess = link.balanceOf(address(aggregator)) - juels;
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.withdrawFunds, (address(0xD7A1), excess)));
    }

    function withdraw(uint256 amount) private {
        callAs(OWNER, callDataOf(amount));
    }

    function callDataOf(uint256 amount) private view returns (bytes memory) {
        return abi.encodeCall(IOffchainAggregator.withdrawFunds, (RECIPIENT, amount));
    }
}
