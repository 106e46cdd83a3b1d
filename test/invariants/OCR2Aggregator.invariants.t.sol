// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR2Test} from "../utils/OCR2Test.sol";
import {OCR2AggregatorHandler} from "./OCR2AggregatorHandler.sol";

/// @dev The handler's model says what the aggregator must say. Source: contracts-ocr2 10.
contract OCR2AggregatorInvariants is OCR2Test {
    OCR2AggregatorHandler private _handler;

    function setUp() public override {
        _handler = new OCR2AggregatorHandler();
        _handler.setUp();
        (aggregator, link) = _handler.world();

        bytes4[] memory actions = new bytes4[](12);
        actions[0] = OCR2AggregatorHandler.transmitNewer.selector;
        actions[1] = OCR2AggregatorHandler.transmitStale.selector;
        actions[2] = OCR2AggregatorHandler.transmitForged.selector;
        actions[3] = OCR2AggregatorHandler.transmitOutOfRange.selector;
        actions[4] = OCR2AggregatorHandler.reconfigure.selector;
        actions[5] = OCR2AggregatorHandler.reprice.selector;
        actions[6] = OCR2AggregatorHandler.administerAsStranger.selector;
        actions[7] = OCR2AggregatorHandler.fund.selector;
        actions[8] = OCR2AggregatorHandler.withdrawFunds.selector;
        actions[9] = OCR2AggregatorHandler.withdrawPayment.selector;
        actions[10] = OCR2AggregatorHandler.withdrawPaymentOfAnother.selector;
        actions[11] = OCR2AggregatorHandler.passPayeeship.selector;
        targetSelector(FuzzSelector(address(_handler), actions));
        targetContract(address(_handler));
    }

    /// @dev One campaign for all of them: what costs time is the calls between, not the checks. A failure's trace names
    /// the one that broke.
    function invariant_everyPromiseHolds() public {
        _latestEpochAndRound_neverDecreases();
        _roundId_countsTransmissions();
        _rounds_areImmutableAndInRange();
        _config_isWhatWasSet();
        _owed_isExact();
        _owed_sumsUpToWhatIsNotAvailable();
        _link_isConserved();
    }

    /// @dev The model only ever moves it up; the handler tries to move it down.
    function _latestEpochAndRound_neverDecreases() private {
        vm.prank(STRANGER, STRANGER);
        (, uint32 latestEpoch, uint8 latestRound,,) = aggregator.latestTransmissionDetails();
        assertEq(latestEpoch, _handler.latestEpoch());
        assertEq(latestRound, _handler.latestRound());
    }

    function _roundId_countsTransmissions() private view {
        assertEq(aggregator.latestRound(), _handler.rounds().length);
    }

    function _rounds_areImmutableAndInRange() private view {
        OCR2AggregatorHandler.Round[] memory rounds = _handler.rounds();
        for (uint256 i = 0; i < rounds.length; i++) {
            (, int256 answer, uint256 startedAt, uint256 updatedAt,) = aggregator.getRoundData(uint80(i + 1));
            assertEq(answer, rounds[i].answer);
            assertEq(startedAt, rounds[i].startedAt);
            assertEq(updatedAt, rounds[i].updatedAt);
            assertGe(answer, MIN_ANSWER);
            assertLe(answer, MAX_ANSWER);
        }
    }

    function _config_isWhatWasSet() private view {
        (uint256 n_, uint8 f_, bytes32 digest_) = _handler.config();
        (uint32 configCount,, bytes32 latestDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, _handler.configCount());
        assertEq(latestDigest, digest_);
        assertEq(uint256(latestDigest) >> 240, 0x0001);
        assertGt(f_, 0);
        assertGt(n_, 3 * uint256(f_));
        address[] memory transmitters = aggregator.getTransmitters();
        assertEq(transmitters.length, n_);
        for (uint256 i = 0; i < n_; i++) {
            assertEq(transmitters[i], transmitter(_handler.firstOracle() + i));
        }
    }

    function _owed_isExact() private view {
        (uint256[] memory juels, uint256[] memory unpaidRounds) = _handler.owedByOracle();
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), juels[i]);
            assertEq(aggregator.oracleObservationCount(transmitter(i)), unpaidRounds[i]);
        }
    }

    function _owed_sumsUpToWhatIsNotAvailable() private view {
        uint256 owed;
        address[] memory transmitters = aggregator.getTransmitters();
        for (uint256 i = 0; i < transmitters.length; i++) {
            owed += aggregator.owedPayment(transmitters[i]);
        }
        assertEq(int256(owed), int256(link.balanceOf(address(aggregator))) - aggregator.linkAvailableForPayment());
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
