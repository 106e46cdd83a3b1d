// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessController} from "../interfaces/IAccessController.sol";
import {ILinkToken} from "../interfaces/ILinkToken.sol";
import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OracleSet} from "../libraries/OracleSetLib.sol";
import {QuorumLib} from "../libraries/QuorumLib.sol";
import {ReportLib} from "../libraries/ReportLib.sol";
import {EpochAndRound, epochAndRoundOf} from "../types/EpochAndRound.sol";
import {OCR2Configuration} from "./OCR2Configuration.sol";
import {OCR2Reads} from "./OCR2Reads.sol";

/// @title OCR2 aggregator
/// @notice Oracles observe, agree on a round, report and attest off chain; this contract is where they transmit.
contract OCR2Aggregator is OCR2Configuration {
    /// @dev 4 selector, 96 report context, 7 words: three offsets, three lengths, `rawVs`.
    uint256 private constant TRANSMIT_FIXED_BYTES = 4 + 96 + 7 * 32;

    /// @dev Eight words: all its arguments but the indexed one.
    uint256 private constant NEW_TRANSMISSION_HEAD_BYTES = 8 * 32;

    /// @param link Token the oracles are paid in.
    /// @param minAnswer_ Smallest median accepted.
    /// @param maxAnswer_ Greatest median accepted.
    /// @param billingAccessController Says who administers billing besides the owner; zero: nobody.
    /// @param requesterAccessController Says who requests rounds besides the owner; zero: nobody.
    /// @param decimals_ Decimals of the answer.
    /// @param description_ What the feed prices.
    constructor(
        address link,
        int192 minAnswer_,
        int192 maxAnswer_,
        address billingAccessController,
        address requesterAccessController,
        uint8 decimals_,
        string memory description_
    ) OCR2Reads(minAnswer_, maxAnswer_, decimals_, description_) {
        _linkToken = ILinkToken(link);
        emit LinkTokenSet(address(0), link);
        _setBillingAccessController(IAccessController(billingAccessController));
        _setRequesterAccessController(IAccessController(requesterAccessController));
    }

    /// @inheritdoc IOCR2Aggregator
    function typeAndVersion() external pure virtual override returns (string memory) {
        return "OCR2Aggregator 1.0.0";
    }

    /// @inheritdoc IOCR2Aggregator
    function transmit(
        bytes32[3] calldata reportContext,
        bytes calldata report,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external override {
        // First of all: what comes before is paid for by `accountingGas`.
        uint256 initialGas = gasleft();
        HotVars memory hotVars = _hotVars;
        EpochAndRound epochAndRound = epochAndRoundOf(reportContext[1]);
        // The usual end for all but the first transmitter of a round, hence after one read.
        if (!epochAndRound.isNewerThan(hotVars.latestEpochAndRound)) revert(ErrorsLib.STALE_REPORT);

        _requireAttested(hotVars.f, reportContext, report, rs, ss, rawVs);

        int192 juelsPerFeeCoin = _accept(hotVars, reportContext[0], epochAndRound, report);
        _creditTransmitter(hotVars, initialGas, juelsPerFeeCoin);
    }

    /// @dev Reverts unless the caller is a transmitter of the configuration in force and `f + 1` of its signers signed.
    function _requireAttested(
        uint8 f,
        bytes32[3] calldata reportContext,
        bytes calldata report,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) private view {
        OracleSet oracleSet = _transmitters[msg.sender].oracleSet;
        if (!oracleSet.exists()) revert(ErrorsLib.UNAUTHORIZED_TRANSMITTER);
        (bytes32 configDigest, bytes memory signers) = oracleSet.digestAndSigners();
        if (configDigest != reportContext[0]) revert(ErrorsLib.CONFIG_DIGEST_MISMATCH);
        // Calldata is paid for by its length, so nothing may be appended to it.
        if (msg.data.length != TRANSMIT_FIXED_BYTES + report.length + 32 * rs.length + 32 * ss.length) {
            revert(ErrorsLib.CALLDATA_LENGTH_MISMATCH);
        }
        // Exactly: more signatures would prove no more, and cost the oracles.
        if (rs.length != uint256(f) + 1) revert(ErrorsLib.WRONG_NUMBER_OF_SIGNATURES);
        if (rs.length != ss.length) revert(ErrorsLib.SIGNATURES_OUT_OF_REGISTRATION);
        QuorumLib.requireDistinctSigners(signers, ReportLib.signedHash(report, reportContext), rs, ss, rawVs);
    }

    /// @dev Stores the median of an attested report as the next round, tells the world and then the validator.
    function _accept(HotVars memory hotVars, bytes32 configDigest, EpochAndRound epochAndRound, bytes calldata report)
        private
        returns (int192 juelsPerFeeCoin)
    {
        uint32 observationsTimestamp;
        bytes32 observers;
        int192[] calldata observations;
        (observationsTimestamp, observers, observations, juelsPerFeeCoin) = ReportLib.decode(report);
        if (report.length != ReportLib.lengthBytes(observations.length)) revert(ErrorsLib.REPORT_LENGTH_MISMATCH);
        if (observations.length > MAX_ORACLES) revert(ErrorsLib.TOO_MANY_OBSERVATIONS);
        // Not all of them from faulty oracles. That there are 2f + 1 is for the signers to see to.
        if (observations.length <= hotVars.f) revert(ErrorsLib.TOO_FEW_OBSERVATIONS);
        int192 median = ReportLib.median(observations);
        if (median < minAnswer || median > maxAnswer) revert(ErrorsLib.MEDIAN_OUT_OF_RANGE);

        uint32 roundId = hotVars.latestAggregatorRoundId + 1;
        _transmissions[roundId] = Transmission({
            answer: median,
            observationsTimestamp: observationsTimestamp,
            // Good until 2106.
            transmissionTimestamp: uint32(block.timestamp)
        });
        // Before the validator is called: it may call back.
        _hotVars.latestEpochAndRound = epochAndRound;
        _hotVars.latestAggregatorRoundId = roundId;

        _logNewTransmission(
            roundId,
            observations,
            observers,
            // The head of the event; its two arrays follow.
            abi.encode(
                median,
                msg.sender,
                observationsTimestamp,
                NEW_TRANSMISSION_HEAD_BYTES,
                NEW_TRANSMISSION_HEAD_BYTES + 32 * (observations.length + 1),
                juelsPerFeeCoin,
                configDigest,
                epochAndRound
            )
        );
        emit NewRound(roundId, address(0), observationsTimestamp);
        emit AnswerUpdated(median, roundId, block.timestamp);
        if (hotVars.hasValidator) _validate(roundId, median);
    }

    /// @dev Emits `NewTransmission` with the observations as they lie in calldata, where `emit` would decode and encode
    /// each of them once more.
    function _logNewTransmission(uint32 roundId, int192[] calldata observations, bytes32 observers, bytes memory head)
        private
    {
        uint256 k = observations.length;
        // The first `k` bytes count.
        bytes32 trimmedObservers = observers & ~bytes32(type(uint256).max >> (8 * k));
        bytes memory data = bytes.concat(head, ReportLib.encoded(observations), abi.encode(k, trimmedObservers));
        bytes32 selector = NewTransmission.selector;
        uint256 indexedRoundId = roundId;
        assembly ("memory-safe") {
            log2(add(data, 32), mload(data), selector, indexedRoundId)
        }
    }
}
