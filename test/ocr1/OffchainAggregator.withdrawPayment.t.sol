// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1BillingTest} from "../utils/OCR1BillingTest.sol";
import {OCR1Messages, Report, Transmission} from "../utils/OCR1Messages.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice `withdrawPayment`, `owedPayment` and `oracleObservationCount`.
/// @dev Source: contracts-ocr1 6.2 and 6.5.
contract OffchainAggregatorWithdrawPaymentTest is OCR1BillingTest {
    using OCR1Messages for Transmission;

    // -- What is owed --

    /// @dev Observers are paid for what they observed, the transmitter for the transmission besides.
    function test_owedPayment_countsObservationsAndTransmissions() public {
        transmitRounds(2);
        Report memory report = reportOf(3);
        report.observers = hex"030102";
        callAs(transmitter(1), transmissionOf(report).encodeCall());

        assertEq(aggregator.owedPayment(transmitter(0)), (2 * 2 + 2 * 5) * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(1)), (3 * 2 + 5) * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(2)), 3 * 2 * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 2);
        assertEq(aggregator.oracleObservationCount(transmitter(3)), 3);
    }

    /// @dev Both addresses of an oracle are asked about in one way.
    function test_owedPayment_acceptsSigners() public {
        configure(MAX_ORACLES, 10);
        for (uint256 i = 0; i < 3; i++) {
            Report memory report = reportOf(21 + i);
            callAs(transmitter(30), transmissionOf(report).encodeCall());
        }
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.owedPayment(signer(i)), aggregator.owedPayment(transmitter(i)));
            uint256 count = i < 21 ? 3 : i < 23 ? 23 - i : 0;
            assertEq(aggregator.oracleObservationCount(signer(i)), count);
            assertEq(aggregator.oracleObservationCount(transmitter(i)), count);
        }
    }

    function test_owedPayment_isZeroForOthers() public {
        transmitRounds(3);
        address[6] memory others = [signer(4), payee(0), transmitter(4), OWNER, address(0), address(aggregator)];
        for (uint256 i = 0; i < others.length; i++) {
            assertEq(aggregator.owedPayment(others[i]), 0);
            assertEq(aggregator.oracleObservationCount(others[i]), 0);
        }
    }

    function test_owedPayment_isExactAtTheEndOfTheCount() public {
        setRewards(type(uint32).max, 0);
        setObservationCounts(0, 65_534);
        assertEq(aggregator.owedPayment(transmitter(0)), uint256(65_534) * type(uint32).max * JUELS_PER_LINK_GWEI);
        assertEq(
            aggregator.linkAvailableForPayment(),
            int256(FUNDS_JUELS) - 16 * int256(uint256(65_534) * type(uint32).max * JUELS_PER_LINK_GWEI)
        );
    }

    // -- Withdrawal --

    function test_withdrawPayment_paysAllThatIsOwed() public {
        transmitRounds(3);
        expectEmit();
        emit IOffchainAggregator.OraclePaid(transmitter(0), payee(0), earned(0, 3), address(link));
        callAs(payee(0), callDataOf(0));

        assertEq(link.balanceOf(payee(0)), earned(0, 3));
        assertEq(link.balanceOf(address(aggregator)), FUNDS_JUELS - earned(0, 3));
        assertEq(aggregator.owedPayment(transmitter(0)), 0);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 0);
        assertEq(aggregator.owedPayment(transmitter(1)), earned(1, 3), "nobody else is paid");

        transmitRounds(1);
        assertEq(aggregator.owedPayment(transmitter(0)), earned(0, 1));
    }

    /// @dev All 31 of them, whose counts share words.
    function test_withdrawPayment_keepsOraclesApart() public {
        configure(MAX_ORACLES, 10);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            transmitRounds(1);
            callAs(payee(i), callDataOf(i));
        }
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(link.balanceOf(payee(i)), earned(i == 0 ? 0 : 1, i + 1));
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 30 - i);
        }
    }

    /// @dev The same oracle, paid under its other name.
    function test_withdrawPayment_paysASignerThatHasAPayee() public {
        setPayee(signer(1), STRANGER);
        transmitRounds(2);
        expectEmit();
        emit IOffchainAggregator.OraclePaid(signer(1), STRANGER, earned(1, 2), address(link));
        callAs(STRANGER, abi.encodeCall(IOffchainAggregator.withdrawPayment, (signer(1))));

        assertEq(link.balanceOf(STRANGER), earned(1, 2));
        assertEq(aggregator.owedPayment(transmitter(1)), 0);
        vm.recordLogs();
        callAs(payee(1), callDataOf(1));
        assertEq(countLogs(), 0, "paid once");
    }

    function test_withdrawPayment_paysTheLatestPayeeAllOfIt() public {
        transmitRounds(2);
        givePayeeship(1, STRANGER);
        transmitRounds(1);
        assertReverts(payee(1), callDataOf(1), "Only payee can withdraw");
        callAs(STRANGER, callDataOf(1));
        assertEq(link.balanceOf(STRANGER), earned(1, 3));
    }

    function test_withdrawPayment_doesNothingIfNothingIsOwed() public {
        vm.recordLogs();
        callAs(payee(0), callDataOf(0));
        assertEq(countLogs(), 0);
    }

    /// @dev Nothing owed, nothing reset: observations at rate 0 are paid for after a raise.
    function test_withdrawPayment_keepsCountingObservationsAtRateZero() public {
        setRewards(0, 0);
        transmitRounds(2);
        callAs(payee(0), callDataOf(0));
        setRewards(OBSERVATION_LINK_GWEI, TRANSMISSION_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(0)), 2 * OBSERVATION_LINK_GWEI * JUELS_PER_LINK_GWEI);
    }

    /// @dev `setConfig` paid it what it was owed; what the others earn is theirs.
    function test_withdrawPayment_doesNothingForARemovedTransmitter() public {
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

    /// @dev Every word but zero is true.
    function test_withdrawPayment_acceptsATokenThatReturnsTwo() public {
        transmitRounds(1);
        link.setTransferMode(MockLink.TransferMode.ReturnsTwo);
        callAs(payee(0), callDataOf(0));
        assertEq(link.balanceOf(payee(0)), earned(0, 1));
    }

    /// @dev The books are closed before the token is called.
    function test_withdrawPayment_paysOnceIfTokenReenters() public {
        givePayeeship(4, address(link));
        configure(5, 1);
        transmitRounds(2);

        link.setReentry(address(aggregator), callDataOf(4));
        callAs(address(link), callDataOf(4));
        assertTrue(link.reentrySucceeded());
        assertEq(link.balanceOf(address(link)), earned(4, 2));
    }

    function testFuzz_withdrawPayment_paysByTheModel(
        uint32 observationLinkGwei,
        uint32 transmissionLinkGwei,
        uint8 rounds
    ) public {
        rounds = uint8(bound(rounds, 1, 8));
        setRewards(observationLinkGwei, transmissionLinkGwei);
        link.mint(address(aggregator), 1 << 100);
        transmitRounds(rounds);

        callAs(payee(0), callDataOf(0));
        callAs(payee(1), callDataOf(1));
        assertEq(
            link.balanceOf(payee(0)),
            rounds * (uint256(observationLinkGwei) + uint256(transmissionLinkGwei)) * JUELS_PER_LINK_GWEI
        );
        assertEq(link.balanceOf(payee(1)), rounds * uint256(observationLinkGwei) * JUELS_PER_LINK_GWEI);
    }

    function callDataOf(uint256 oracle) private pure returns (bytes memory) {
        return abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(oracle)));
    }
}
