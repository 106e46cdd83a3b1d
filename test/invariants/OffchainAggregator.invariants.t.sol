// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR1Test} from "../utils/OCR1Test.sol";
import {OffchainAggregatorHandler} from "./OffchainAggregatorHandler.sol";

/// @dev The handler's model says what the aggregator must say. Source: contracts-ocr1 10.
contract OffchainAggregatorInvariants is OCR1Test {
    OffchainAggregatorHandler private _handler;

    function setUp() public override {
        _handler = new OffchainAggregatorHandler();
        _handler.setUp();
        (aggregator, link) = _handler.world();

        bytes4[] memory actions = new bytes4[](13);
        actions[0] = OffchainAggregatorHandler.transmitNewer.selector;
        actions[1] = OffchainAggregatorHandler.transmitStale.selector;
        actions[2] = OffchainAggregatorHandler.transmitForged.selector;
        actions[3] = OffchainAggregatorHandler.transmitUnsorted.selector;
        actions[4] = OffchainAggregatorHandler.transmitOutOfRange.selector;
        actions[5] = OffchainAggregatorHandler.reconfigure.selector;
        actions[6] = OffchainAggregatorHandler.reprice.selector;
        actions[7] = OffchainAggregatorHandler.administerAsStranger.selector;
        actions[8] = OffchainAggregatorHandler.fund.selector;
        actions[9] = OffchainAggregatorHandler.withdrawFunds.selector;
        actions[10] = OffchainAggregatorHandler.withdrawPayment.selector;
        actions[11] = OffchainAggregatorHandler.withdrawPaymentOfAnother.selector;
        actions[12] = OffchainAggregatorHandler.passPayeeship.selector;
        targetSelector(FuzzSelector(address(_handler), actions));
        targetContract(address(_handler));
    }

    /// @dev One campaign for all of them: see `OCR2AggregatorInvariants`. A failure's trace names the one that broke.
    function invariant_everyPromiseHolds() public {
        _latestEpochAndRound_neverDecreases();
        _roundId_countsTransmissions();
        _rounds_areImmutableAndInRange();
        _config_isWhatWasSet();
        _owed_isExact();
        _due_isWhatIsNotAvailable();
        _link_isConserved();
    }

    /// @dev The model only ever moves it up; the handler tries to move it down.
    function _latestEpochAndRound_neverDecreases() private {
        (uint32 latestEpoch, uint8 latestRound) = latestEpochAndRound();
        assertEq(latestEpoch, _handler.latestEpoch());
        assertEq(latestRound, _handler.latestRound());
    }

    function _roundId_countsTransmissions() private view {
        assertEq(aggregator.latestRound(), _handler.rounds().length);
    }

    function _rounds_areImmutableAndInRange() private view {
        OffchainAggregatorHandler.Round[] memory rounds = _handler.rounds();
        for (uint256 i = 0; i < rounds.length; i++) {
            int256 answer = aggregator.getAnswer(i + 1);
            assertEq(answer, rounds[i].answer);
            assertEq(aggregator.getTimestamp(i + 1), rounds[i].timestamp);
            assertGe(answer, MIN_ANSWER);
            assertLe(answer, MAX_ANSWER);
        }
    }

    function _config_isWhatWasSet() private view {
        (uint256 n_, uint8 threshold_, bytes16 digest_) = _handler.config();
        (uint32 configCount,, bytes16 latestDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, _handler.configCount());
        assertEq(bytes32(latestDigest), bytes32(digest_));
        assertGt(threshold_, 0);
        assertGt(n_, 3 * uint256(threshold_));
        address[] memory transmitters = aggregator.transmitters();
        assertEq(transmitters.length, n_);
        for (uint256 i = 0; i < n_; i++) {
            assertEq(transmitters[i], transmitter(_handler.firstOracle() + i));
        }
    }

    function _owed_isExact() private view {
        (uint256[] memory juels, uint256[] memory counts) = _handler.owedByOracle();
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), juels[i]);
            assertEq(aggregator.oracleObservationCount(transmitter(i)), counts[i]);
        }
    }

    function _due_isWhatIsNotAvailable() private view {
        int256 balance = int256(link.balanceOf(address(aggregator)));
        assertEq(balance - aggregator.linkAvailableForPayment(), int256(_handler.dueJuels()));
    }

    function _link_isConserved() private view {
        uint256 total = link.balanceOf(address(aggregator)) + link.balanceOf(_handler.recipient());
        uint256[] memory paid = _handler.paidByOracle();
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            uint256 received = link.balanceOf(payee(i)) + link.balanceOf(_handler.heir(i));
            assertEq(received, paid[i]);
            total += received;
        }
        assertEq(link.balanceOf(_handler.recipient()), _handler.withdrawn());
        assertEq(total, _handler.minted());
    }
}
