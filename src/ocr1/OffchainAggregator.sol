// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OCR1OracleSet, OCR1OracleSetLib} from "../libraries/OCR1OracleSetLib.sol";
import {OCR1QuorumLib} from "../libraries/OCR1QuorumLib.sol";
import {OCR1ReportLib} from "../libraries/OCR1ReportLib.sol";
import {ObserversLib} from "../libraries/ObserversLib.sol";
import {epochAndRoundOf} from "../types/EpochAndRound.sol";
import {OffchainAggregatorConfiguration} from "./OffchainAggregatorConfiguration.sol";
import {OffchainAggregatorReads} from "./OffchainAggregatorReads.sol";

/// @title OCR1 aggregator
/// @notice Oracles observe, agree on a round, report and attest off chain; this contract is where they transmit.
contract OffchainAggregator is OffchainAggregatorConfiguration {
    /// @dev 4 selector, 7 words: three offsets, three lengths, `_rawVs`.
    uint256 private constant TRANSMIT_FIXED_BYTES = 4 + 7 * 32;

    /// @dev Five words: all its arguments but the indexed one.
    uint256 private constant NEW_TRANSMISSION_HEAD_BYTES = 5 * 32;

    /// @param _maximumGasPrice First price of five, as `setBilling` takes them.
    /// @param _link Token the oracles are paid in.
    /// @param _minAnswer Smallest median accepted.
    /// @param _maxAnswer Greatest median accepted.
    /// @param _billingAccessController Says who administers billing besides the owner; zero: nobody.
    /// @param _requesterAccessController Says who requests rounds besides the owner; zero: nobody.
    /// @param _decimals Decimals of the answer.
    /// @param _description What the feed prices.
    constructor(
        uint32 _maximumGasPrice,
        uint32 _reasonableGasPrice,
        uint32 _microLinkPerEth,
        uint32 _linkGweiPerObservation,
        uint32 _linkGweiPerTransmission,
        address _link,
        int192 _minAnswer,
        int192 _maxAnswer,
        address _billingAccessController,
        address _requesterAccessController,
        uint8 _decimals,
        string memory _description
    ) OffchainAggregatorReads(_minAnswer, _maxAnswer, _decimals, _description) {
        _setBilling(
            Billing({
                maximumGasPriceGwei: _maximumGasPrice,
                reasonableGasPriceGwei: _reasonableGasPrice,
                microLinkPerEth: _microLinkPerEth,
                linkGweiPerObservation: _linkGweiPerObservation,
                linkGweiPerTransmission: _linkGweiPerTransmission
            })
        );
        _setLinkToken(_link);
        _setBillingAccessController(_billingAccessController);
        _setRequesterAccessController(_requesterAccessController);
    }

    /// @inheritdoc IOffchainAggregator
    function typeAndVersion() external pure virtual override returns (string memory) {
        return "OffchainAggregator 4.0.0";
    }

    /// @inheritdoc IOffchainAggregator
    function transmit(bytes calldata _report, bytes32[] calldata _rs, bytes32[] calldata _ss, bytes32 _rawVs)
        external
        override
    {
        // First of all: what comes before is paid for by the accounting gas.
        uint256 initialGas = gasleft();
        // Calldata is paid for by its length, so nothing may be appended to it.
        if (msg.data.length != TRANSMIT_FIXED_BYTES + _report.length + 32 * _rs.length + 32 * _ss.length) {
            revert(ErrorsLib.TRANSMIT_LENGTH_MISMATCH);
        }
        (bytes32 context, bytes32 observers, bytes32[] calldata observations) = OCR1ReportLib.decode(_report);
        HotVars memory hotVars = _hotVars;
        (bytes16 configDigest, bytes memory oracles) = hotVars.oracleSet.digestAndOracles();
        if (OCR1ReportLib.configDigestOf(context) != configDigest) revert(ErrorsLib.CONFIG_DIGEST_MISMATCH);
        if (!epochAndRoundOf(context).isNewerThan(hotVars.latestEpochAndRound)) revert(ErrorsLib.STALE_REPORT);

        _requireCounts(hotVars.threshold, _rs.length, _ss.length, observations.length);
        (uint256 low, uint256 high) = ObserversLib.toSet(observers, observations.length);
        (bool configured, uint256 transmitter) = OCR1OracleSetLib.transmitterOf(oracles, msg.sender);
        if (!configured) revert(ErrorsLib.UNAUTHORIZED_TRANSMITTER);
        OCR1QuorumLib.requireDistinctSigners(
            oracles, OCR1OracleSetLib.count(oracles), keccak256(_report), _rs, _ss, _rawVs
        );

        bool sameOracles = _accept(hotVars, context, observers, observations);
        // More gas than any block has.
        assert(initialGas < type(uint32).max);
        if (!sameOracles) transmitter = _designatedTransmitter();
        _creditObservers(low, high);
        _creditTransmitter(transmitter, initialGas);
    }

    /// @dev Reverts unless there are enough signatures and observations, and not too many.
    function _requireCounts(uint256 threshold, uint256 rsCount, uint256 ssCount, uint256 observationCount)
        private
        pure
    {
        if (rsCount <= threshold) revert(ErrorsLib.NOT_ENOUGH_SIGNATURES);
        if (rsCount > MAX_ORACLES) revert(ErrorsLib.TOO_MANY_SIGNATURES);
        if (ssCount != rsCount) revert(ErrorsLib.SIGNATURES_OUT_OF_REGISTRATION);
        if (observationCount > MAX_ORACLES) revert(ErrorsLib.TOO_MANY_OBSERVATIONS);
        // Then the median lies between two correct observations, or is one.
        if (observationCount <= 2 * threshold) revert(ErrorsLib.TOO_FEW_OBSERVATIONS);
    }

    /// @dev Stores the median of an attested report as the next round, tells the world and then the validator.
    /// @return sameOracles Whether the configuration is the one it was: the validator may have brought about another.
    function _accept(HotVars memory hotVars, bytes32 context, bytes32 observers, bytes32[] calldata observations)
        private
        returns (bool sameOracles)
    {
        OCR1ReportLib.requireSorted(observations);
        int192 median = OCR1ReportLib.valueOf(observations[observations.length / 2]);
        if (median < minAnswer || median > maxAnswer) revert(ErrorsLib.MEDIAN_OUT_OF_RANGE);
        if (hotVars.isValidating) revert(ErrorsLib.REENTRANT_TRANSMIT);

        // Round ids start again after 2^32 - 1.
        unchecked {
            ++hotVars.latestAggregatorRoundId;
        }
        uint32 roundId = hotVars.latestAggregatorRoundId;
        _transmissions[roundId] = Transmission({answer: median, timestamp: uint64(block.timestamp)});
        _logNewTransmission(roundId, median, context, observers, observations);
        emit NewRound(roundId, address(0), block.timestamp);
        emit AnswerUpdated(median, roundId, block.timestamp);

        hotVars.latestEpochAndRound = epochAndRoundOf(context);
        if (hotVars.hasValidator) return _validateAndStore(hotVars, median);
        _hotVars = hotVars;
        return true;
    }

    /// @dev Tells the validator about the round of `hotVars`, and stores that round when it has returned. While it looks,
    /// the latest round is the one before. It may be the owner, or speak for it: what it changes stays.
    function _validateAndStore(HotVars memory hotVars, int192 median) private returns (bool sameOracles) {
        _hotVars.isValidating = true;
        _validate(hotVars.latestAggregatorRoundId, median);

        HotVars memory current = _hotVars;
        current.isValidating = false;
        current.latestAggregatorRoundId = hotVars.latestAggregatorRoundId;
        sameOracles = OCR1OracleSet.unwrap(current.oracleSet) == OCR1OracleSet.unwrap(hotVars.oracleSet);
        // Another configuration starts at epoch 0.
        if (sameOracles) current.latestEpochAndRound = hotVars.latestEpochAndRound;
        _hotVars = current;
    }

    /// @dev Index of the caller among the transmitters of the configuration in force.
    function _designatedTransmitter() private view returns (uint256) {
        (, bytes memory oracles) = _hotVars.oracleSet.digestAndOracles();
        (bool configured, uint256 index) = OCR1OracleSetLib.transmitterOf(oracles, msg.sender);
        if (!configured) revert(ErrorsLib.UNDESIGNATED_TRANSMITTER);
        return index;
    }

    /// @dev Emits `NewTransmission` with the observations as they lie in calldata, dirty bits and all.
    function _logNewTransmission(
        uint32 roundId,
        int192 median,
        bytes32 context,
        bytes32 observers,
        bytes32[] calldata observations
    ) private {
        uint256 k = observations.length;
        // The first `k` bytes count.
        bytes32 trimmedObservers = observers & ~bytes32(type(uint256).max >> (8 * k));
        bytes memory data = bytes.concat(
            // The head of the event; its two arrays follow.
            abi.encode(
                median, msg.sender, NEW_TRANSMISSION_HEAD_BYTES, NEW_TRANSMISSION_HEAD_BYTES + 32 * (k + 1), context
            ),
            OCR1ReportLib.encoded(observations),
            abi.encode(k, trimmedObservers)
        );
        bytes32 selector = NewTransmission.selector;
        uint256 indexedRoundId = roundId;
        assembly ("memory-safe") {
            log2(add(data, 32), mload(data), selector, indexedRoundId)
        }
    }
}
