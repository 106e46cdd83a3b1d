// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2BillingTest} from "../utils/OCR2BillingTest.sol";
import {OCR2Messages, Transmission} from "../utils/OCR2Messages.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice `withdrawPayment`, `owedPayment` and `oracleObservationCount`.
/// @dev Source: contracts-ocr2 6.1 and 6.4.
contract OCR2AggregatorWithdrawPaymentTest is OCR2BillingTest {
    using OCR2Messages for Transmission;

    // -- What is owed --

    /// @dev Every oracle earns for every round, whether or not it observed.
    function test_owedPayment_countsEveryRound() public {
        transmitRounds(3);
        callAs(transmitter(1), nextTransmission().encodeCall());

        assertEq(aggregator.owedPayment(transmitter(0)), (4 * 2 + 3 * 5) * GJUEL);
        assertEq(aggregator.owedPayment(transmitter(1)), (4 * 2 + 5) * GJUEL);
        assertEq(aggregator.owedPayment(transmitter(2)), 4 * 2 * GJUEL);
        for (uint256 i = 0; i < n; i++) {
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 4);
        }
    }

    /// @dev Transmitters only: signers, payees and strangers are owed nothing.
    function test_owedPayment_isZeroForOthers() public {
        transmitRounds(3);
        address[5] memory others = [signer(0), payee(0), transmitter(4), OWNER, address(0)];
        for (uint256 i = 0; i < others.length; i++) {
            assertEq(aggregator.owedPayment(others[i]), 0);
            assertEq(aggregator.oracleObservationCount(others[i]), 0);
        }
    }

    function test_owedPayment_isExactForLargeCounts() public {
        setRewards(type(uint32).max, 0);
        transmitRounds(1);
        setRoundId(type(uint32).max);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), type(uint32).max);
        assertEq(aggregator.owedPayment(transmitter(0)), uint256(type(uint32).max) * type(uint32).max * GJUEL);
        assertEq(
            aggregator.linkAvailableForPayment(),
            int256(FUNDS_JUELS) - 4 * int256(uint256(type(uint32).max) * type(uint32).max * GJUEL)
        );
    }

    // -- Withdrawal --

    function test_withdrawPayment_paysAllThatIsOwed() public {
        transmitRounds(3);
        expectEmit();
        emit IOCR2Aggregator.OraclePaid(transmitter(0), payee(0), earned(0, 3), address(link));
        callAs(payee(0), callDataOf(0));

        assertEq(link.balanceOf(payee(0)), earned(0, 3));
        assertEq(link.balanceOf(address(aggregator)), FUNDS_JUELS - earned(0, 3));
        assertEq(aggregator.owedPayment(transmitter(0)), 0);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 0);
        assertEq(aggregator.owedPayment(transmitter(1)), earned(1, 3), "nobody else is paid");

        transmitRounds(1);
        assertEq(aggregator.owedPayment(transmitter(0)), earned(0, 1));
    }

    /// @dev Each oracle's rewards start at its own round: all 31 of them.
    function test_withdrawPayment_keepsOraclesApart() public {
        configure(31, 10);
        address[] memory transmitters = new address[](27);
        address[] memory payees = new address[](27);
        for (uint256 i = 0; i < 27; i++) {
            (transmitters[i], payees[i]) = (transmitter(4 + i), payee(4 + i));
        }
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setPayees, (transmitters, payees)));

        for (uint256 i = 0; i < 31; i++) {
            transmitRounds(1);
            callAs(payee(i), callDataOf(i));
        }
        for (uint256 i = 0; i < 31; i++) {
            assertEq(link.balanceOf(payee(i)), earned(i == 0 ? 0 : 1, i + 1));
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 30 - i);
        }
    }

    function test_withdrawPayment_doesNothingIfNothingIsOwed() public {
        vm.recordLogs();
        callAs(payee(0), callDataOf(0));
        assertEq(countLogs(), 0);
    }

    /// @dev Nothing owed, nothing reset: rounds at rate 0 are paid for after a raise.
    function test_withdrawPayment_keepsCountingRoundsAtRateZero() public {
        setRewards(0, 0);
        transmitRounds(2);
        callAs(payee(0), callDataOf(0));
        setRewards(OBSERVATION_GJUELS, TRANSMISSION_GJUELS);
        assertEq(aggregator.owedPayment(transmitter(0)), 2 * OBSERVATION_GJUELS * GJUEL);
    }

    /// @dev `setConfig` paid it what it was owed; what the others earn is theirs.
    function test_withdrawPayment_doesNothingForARemovedTransmitter() public {
        setPayees(5);
        configure(5, 1);
        transmitRounds(2);
        configure(4, 1);
        assertEq(link.balanceOf(payee(4)), earned(4, 2));
        transmitRounds(1);

        vm.recordLogs();
        callAs(payee(4), callDataOf(4));
        assertEq(countLogs(), 0);
        assertEq(link.balanceOf(payee(4)), earned(4, 2));
        assertEq(aggregator.owedPayment(transmitter(0)), earned(0, 1));
    }

    function test_withdrawPayment_revertsIf_callerIsNotPayee() public {
        transmitRounds(1);
        address[5] memory callers = [OWNER, BILLING_ADMIN, transmitter(0), payee(1), STRANGER];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callDataOf(0), "Only payee can withdraw");
        }
        // The guard comes before the question whether the transmitter is configured.
        assertReverts(STRANGER, callDataOf(9), "Only payee can withdraw");
    }

    function test_withdrawPayment_revertsIf_tokenRefuses() public {
        transmitRounds(1);
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        assertReverts(payee(0), callDataOf(0), "insufficient funds");
        link.setTransferMode(MockLink.TransferMode.ReturnsNothing);
        assertRevertsEmpty(payee(0), callDataOf(0));
        link.setTransferMode(MockLink.TransferMode.ReturnsTwo);
        assertRevertsEmpty(payee(0), callDataOf(0));
        link.setTransferMode(MockLink.TransferMode.Reverts);
        assertRevertData(
            address(aggregator),
            payee(0),
            callDataOf(0),
            abi.encodeWithSelector(MockLink.TransferRefused.selector, payee(0), earned(0, 1))
        );
        vm.etch(address(link), "");
        assertRevertsEmpty(payee(0), callDataOf(0));
    }

    /// @dev The books are closed before the token is called.
    function test_withdrawPayment_paysOnceIfTokenReenters() public {
        address[] memory transmitters = new address[](1);
        address[] memory payees = new address[](1);
        (transmitters[0], payees[0]) = (transmitter(4), address(link));
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setPayees, (transmitters, payees)));
        configure(5, 1);
        transmitRounds(2);

        link.setReentry(address(aggregator), callDataOf(4));
        callAs(address(link), callDataOf(4));
        assertTrue(link.reentrySucceeded());
        assertEq(link.balanceOf(address(link)), earned(4, 2));
    }

    function testFuzz_withdrawPayment_paysByTheModel(uint32 observationGjuels, uint32 transmissionGjuels, uint8 rounds)
        public
    {
        rounds = uint8(bound(rounds, 1, 8));
        setRewards(observationGjuels, transmissionGjuels);
        link.mint(address(aggregator), 1 << 100);
        transmitRounds(rounds);

        callAs(payee(0), callDataOf(0));
        callAs(payee(1), callDataOf(1));
        assertEq(link.balanceOf(payee(0)), rounds * (uint256(observationGjuels) + uint256(transmissionGjuels)) * GJUEL);
        assertEq(link.balanceOf(payee(1)), rounds * uint256(observationGjuels) * GJUEL);
    }

    function callDataOf(uint256 oracle) private pure returns (bytes memory) {
        return abi.encodeCall(IOCR2Aggregator.withdrawPayment, (transmitter(oracle)));
    }
}
