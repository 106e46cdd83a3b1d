// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1BillingTest} from "../utils/OCR1BillingTest.sol";
import {MockAccessController} from "../utils/mocks/MockAccessController.sol";

/// @notice `setBilling`, `getBilling`, and who is a billing admin.
/// @dev Source: contracts-ocr1 1 and 6.4.
contract OffchainAggregatorSetBillingTest is OCR1BillingTest {
    bytes internal callData = abi.encodeCall(IOffchainAggregator.setBilling, (1, 2, 3, 4, 5));

    function test_setBilling_storesAndEmits() public {
        expectEmit();
        emit IOffchainAggregator.BillingSet(type(uint32).max, 2, 3, type(uint32).max, type(uint32).max - 1);
        callAs(
            OWNER,
            abi.encodeCall(
                IOffchainAggregator.setBilling, (type(uint32).max, 2, 3, type(uint32).max, type(uint32).max - 1)
            )
        );
        assertBilling(type(uint32).max, 2, 3, type(uint32).max, type(uint32).max - 1);
    }

    function testFuzz_setBilling_storesEachValueApart(uint32 a, uint32 b, uint32 c, uint32 d, uint32 e) public {
        transmitRounds(2);
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setBilling, (a, b, c, d, e)));

        assertBilling(a, b, c, d, e);
        transmitRounds(1);
        assertBilling(a, b, c, d, e);
    }

    function test_setBilling_emitsIfNothingChanges() public {
        callAs(OWNER, callData);
        vm.recordLogs();
        callAs(OWNER, callData);
        assertEq(countLogs(), 1);
    }

    function test_setBilling_paysAllAtOldPrices() public {
        transmitRounds(3);
        for (uint256 i = 0; i < n; i++) {
            expectEmit();
            emit IOffchainAggregator.OraclePaid(transmitter(i), payee(i), earned(i, 3), address(link));
        }
        expectEmit();
        emit IOffchainAggregator.BillingSet(1, 2, 3, 4, 5);
        callAs(OWNER, callData);

        for (uint256 i = 0; i < n; i++) {
            assertEq(link.balanceOf(payee(i)), earned(i, 3));
            assertEq(aggregator.owedPayment(transmitter(i)), 0);
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 0);
        }
        transmitRounds(1);
        assertEq(aggregator.owedPayment(transmitter(1)), 4 * JUELS_PER_LINK_GWEI);
    }

    /// @dev Where nothing is owed nothing is paid, and the observations keep counting: a raise pays them.
    function test_setBilling_paysRoundsAtRateZeroAfterARaise() public {
        setRewards(0, 0);
        transmitRounds(3);
        vm.recordLogs();
        callAs(OWNER, callData);

        assertEq(countLogs(), 1, "no payment");
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 3);
        assertEq(aggregator.owedPayment(transmitter(0)), 3 * 4 * JUELS_PER_LINK_GWEI);
    }

    function test_setBilling_revertsIf_tokenRefusesToPay() public {
        transmitRounds(1);
        assertPayoutRefusals(callData, 0);
        callAs(OWNER, callData);
    }

    function test_setBilling_ignoresTokenIfNothingIsOwed() public {
        vm.etch(address(link), "");
        callAs(OWNER, callData);
    }

    /// @dev The books are closed before the token is called: a token that is a payee is not paid twice, whether its oracle
    /// is the one that is being paid or one that is still to be paid.
    function test_setBilling_paysOnceIfTokenReenters() public {
        uint256[2] memory oracles = [uint256(0), 3];
        for (uint256 i = 0; i < oracles.length; i++) {
            uint256 oracle = oracles[i];
            uint256 snapshot = vm.snapshotState();
            givePayeeship(oracle, address(link));
            transmitRounds(2);

            bytes memory withdrawal = abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(oracle)));
            link.setReentry(address(aggregator), withdrawal);
            callAs(OWNER, callData);
            assertTrue(link.reentrySucceeded());
            assertEq(link.balanceOf(address(link)), earned(oracle, 2));
            assertEq(link.balanceOf(payee(2)), earned(2, 2));
            assertEq(aggregator.owedPayment(transmitter(oracle)), 0);
            vm.revertToState(snapshot);
            epoch = 0;
        }
    }

    // -- Billing admin --

    function test_setBilling_acceptsBillingAdmin() public {
        vm.expectCall(
            address(billingAccess), abi.encodeCall(MockAccessController.hasAccess, (BILLING_ADMIN, callData)), 1
        );
        callAs(BILLING_ADMIN, callData);
        assertBilling(1, 2, 3, 4, 5);
    }

    function test_setBilling_asksNobodyAboutTheOwner() public {
        vm.expectCall(address(billingAccess), abi.encodeWithSelector(MockAccessController.hasAccess.selector), 0);
        callAs(OWNER, callData);
    }

    function test_setBilling_revertsIf_callerIsNotAdmin() public {
        address[4] memory callers = [STRANGER, REQUESTER, transmitter(0), payee(0)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callData, "Only owner&billingAdmin can call");
        }
    }

    function test_setBilling_revertsIf_controllerMisbehaves() public {
        billingAccess.setMode(MockAccessController.Mode.Reverts);
        assertRevertData(
            address(aggregator),
            BILLING_ADMIN,
            callData,
            abi.encodeWithSelector(MockAccessController.ControllerRefused.selector, BILLING_ADMIN)
        );
        billingAccess.setMode(MockAccessController.Mode.ReturnsTooLittle);
        assertRevertsEmpty(BILLING_ADMIN, callData);
        billingAccess.setMode(MockAccessController.Mode.WritesState);
        assertRevertsEmpty(BILLING_ADMIN, callData);
    }

    /// @dev Every word but zero is true.
    function test_setBilling_acceptsAControllerThatReturnsTwo() public {
        billingAccess.setMode(MockAccessController.Mode.ReturnsTwo);
        callAs(STRANGER, callData);
    }

    function test_setBilling_revertsEmptyIf_controllerHasNoCode() public {
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setBillingAccessController, (address(0))));
        assertRevertsEmpty(BILLING_ADMIN, callData);
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setBillingAccessController, (STRANGER)));
        assertRevertsEmpty(BILLING_ADMIN, callData);
        callAs(OWNER, callData);
    }

    function assertBilling(uint32 a, uint32 b, uint32 c, uint32 d, uint32 e) private view {
        (uint32 maximum, uint32 reasonable, uint32 microLinkPerEth, uint32 observation, uint32 transmission) =
            aggregator.getBilling();
        assertEq(abi.encode(maximum, reasonable, microLinkPerEth, observation, transmission), abi.encode(a, b, c, d, e));
    }
}
