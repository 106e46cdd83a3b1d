// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1BillingTest} from "../utils/OCR1BillingTest.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @dev Source: contracts-ocr1 6.5.
contract OffchainAggregatorSetLinkTokenTest is OCR1BillingTest {
    address internal immutable RECIPIENT = makeAddr("recipient");

    MockLink internal newLink;

    function setUp() public override {
        super.setUp();
        newLink = new MockLink();
    }

    function test_setLinkToken_paysAllAndSwitches() public {
        transmitRounds(2);
        for (uint256 i = 0; i < n; i++) {
            expectEmit();
            emit IOffchainAggregator.OraclePaid(transmitter(i), payee(i), earned(i, 2), address(link));
        }
        expectEmit();
        emit IOffchainAggregator.LinkTokenSet(address(link), address(newLink));
        callAs(OWNER, callData());

        assertEq(aggregator.getLinkToken(), address(newLink));
        assertEq(link.balanceOf(address(aggregator)), 0);
        uint256 paid;
        for (uint256 i = 0; i < n; i++) {
            assertEq(link.balanceOf(payee(i)), earned(i, 2));
            assertEq(aggregator.owedPayment(transmitter(i)), 0);
            paid += earned(i, 2);
        }
        assertEq(link.balanceOf(RECIPIENT), FUNDS_JUELS - paid);
    }

    function test_setLinkToken_paysInTheNewTokenAfterwards() public {
        callAs(OWNER, callData());
        transmitRounds(1);
        newLink.mint(address(aggregator), 1e18);
        expectEmit();
        emit IOffchainAggregator.OraclePaid(transmitter(0), payee(0), earned(0, 1), address(newLink));
        callAs(payee(0), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(0))));
        assertEq(newLink.balanceOf(payee(0)), earned(0, 1));
    }

    function test_setLinkToken_transfersEvenZero() public {
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.withdrawFunds, (RECIPIENT, type(uint256).max)));
        vm.expectCall(address(link), abi.encodeCall(MockLink.transfer, (RECIPIENT, 0)), 1);
        callAs(OWNER, callData());
    }

    function test_setLinkToken_doesNothingForTheSameToken() public {
        transmitRounds(1);
        vm.recordLogs();
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setLinkToken, (address(link), RECIPIENT)));

        assertEq(countLogs(), 0);
        assertEq(link.balanceOf(address(aggregator)), FUNDS_JUELS);
        assertEq(aggregator.owedPayment(transmitter(0)), earned(0, 1));
    }

    function test_setLinkToken_revertsIf_callerIsNotOwner() public {
        assertReverts(STRANGER, callData(), "Only callable by owner");
        assertReverts(BILLING_ADMIN, callData(), "Only callable by owner");
        assertReverts(
            STRANGER,
            abi.encodeCall(IOffchainAggregator.setLinkToken, (address(link), RECIPIENT)),
            "Only callable by owner"
        );
    }

    /// @dev The new token is asked for a balance before anything moves.
    function test_setLinkToken_revertsIf_newTokenHasNoBalances() public {
        transmitRounds(1);
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        assertRevertsEmpty(OWNER, callDataOf(address(0)));
        assertRevertsEmpty(OWNER, callDataOf(STRANGER));
        assertRevertsEmpty(OWNER, callDataOf(address(billingAccess)));
        newLink.setBalanceMode(MockLink.BalanceMode.ReturnsTooLittle);
        assertRevertsEmpty(OWNER, callData());
        newLink.setBalanceMode(MockLink.BalanceMode.Reverts);
        assertRevertData(
            address(aggregator), OWNER, callData(), abi.encodeWithSelector(MockLink.BalanceRefused.selector)
        );
        newLink.setBalanceMode(MockLink.BalanceMode.Honest);
        assertReverts(OWNER, callData(), "insufficient funds");
    }

    function test_setLinkToken_revertsIf_oldTokenRefusesToPay() public {
        transmitRounds(1);
        assertPayoutRefusals(callData(), 0);
    }

    function test_setLinkToken_revertsIf_oldTokenKeepsTheRest() public {
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        assertReverts(OWNER, callData(), "transfer remaining funds failed");
        link.setTransferMode(MockLink.TransferMode.ReturnsNothing);
        assertRevertsEmpty(OWNER, callData());
        link.setTransferMode(MockLink.TransferMode.Reverts);
        assertRevertData(
            address(aggregator),
            OWNER,
            callData(),
            abi.encodeWithSelector(MockLink.TransferRefused.selector, RECIPIENT, FUNDS_JUELS)
        );
    }

    /// @dev Every word but zero is true.
    function test_setLinkToken_acceptsATokenThatReturnsTwo() public {
        transmitRounds(1);
        link.setTransferMode(MockLink.TransferMode.ReturnsTwo);
        callAs(OWNER, callData());
        assertEq(aggregator.getLinkToken(), address(newLink));
        assertEq(link.balanceOf(payee(1)), earned(1, 1));
    }

    /// @dev An aggregator built without a token cannot get one, but it reports.
    function test_setLinkToken_revertsEmptyIf_oldTokenHasNoCode() public {
        link = MockLink(address(0));
        aggregator = deploy();
        assertRevertsEmpty(OWNER, callData());
        setPayees(4);
        configure(4, 1);
        transmitRounds(1);
        assertEq(aggregator.latestRound(), 1);
    }

    function callData() private view returns (bytes memory) {
        return callDataOf(address(newLink));
    }

    function callDataOf(address token) private view returns (bytes memory) {
        return abi.encodeCall(IOffchainAggregator.setLinkToken, (token, RECIPIENT));
    }
}
