// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IAggregatorV2V3} from "../interfaces/IAggregatorV2V3.sol";

/// @title Reading a feed with care
/// @notice For contracts that act on a feed's answer. A feed hands out its last answer for ever: that it is complete,
/// recent and possible is for the reader to see to. With both protocols, behind a proxy, and with older feeds alike:
///
/// * complete: the round exists, and its answer was given in it;
/// * recent: neither stored nor observed longer ago than the feed's heartbeat allows. Each feed has its own heartbeat, so
///   each has its own limits. Allow for late blocks: the heartbeat and an hour, say;
/// * possible: between what you would believe. An aggregator takes no report beyond its `minAnswer` and `maxAnswer`: then
///   it goes stale, and is not clamped. Bounds within them tell you earlier.
///
/// Mind `decimals`, too. Before you act on a rollup, `requireSequencerUp`. A gated feed refuses a reader it does not list
/// with `No access`. Reads revert rather than guess; decide what your contract does without a price.
library OracleReader {
    /// @notice What a reader believes of one feed.
    struct Limits {
        // Oldest answer to act on: the feed's heartbeat and some slack.
        uint32 maxAgeSeconds;
        // Least and greatest answer to act on, with the feed's decimals; both count.
        int192 leastAnswer;
        int192 greatestAnswer;
    }

    /// @notice Thrown when the feed has no such round: it never had an answer, or the round's id is not one of its own.
    error NoAnswer(address feed, uint80 roundId);

    /// @notice Thrown when the round did not get an answer of its own, but one of an earlier round.
    error RoundIncomplete(address feed, uint80 roundId, uint80 answeredInRound);

    /// @notice Thrown when the answer is older than allowed. `since` is when it was observed or stored, the earlier.
    error AnswerStale(address feed, uint256 since, uint256 maxAgeSeconds);

    /// @notice Thrown when the answer says it was stored after this block. No honest feed does.
    error AnswerFromTheFuture(address feed, uint256 updatedAt);

    /// @notice Thrown when the answer cannot be.
    error AnswerOutOfBounds(address feed, int256 answer, int256 leastAnswer, int256 greatestAnswer);

    /// @notice Thrown when a rollup's sequencer is down, or the feed about it has no answer.
    error SequencerDown(address uptimeFeed);

    /// @notice Thrown when a rollup's sequencer has been up since `since`, less than the grace period.
    error SequencerJustUp(address uptimeFeed, uint256 since, uint256 gracePeriodSeconds);

    /// @notice The latest answer of `feed`, if it is complete, recent and possible.
    function readLatest(IAggregatorV2V3 feed, Limits memory limits) internal view returns (int256) {
        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            feed.latestRoundData();
        // A feed without a round says that its latest has id 0.
        if (roundId == 0) revert NoAnswer(address(feed), roundId);
        _requireComplete(feed, roundId, startedAt, updatedAt, answeredInRound);
        // OCR2 gives the oracles' time for `startedAt`: a report may have been held back. It may run ahead of the block's;
        // `updatedAt` does not, so nor does the earlier of the two.
        uint256 since = startedAt < updatedAt ? startedAt : updatedAt;
        if (block.timestamp - since > limits.maxAgeSeconds) {
            revert AnswerStale(address(feed), since, limits.maxAgeSeconds);
        }
        _requirePossible(feed, answer, limits);
        return answer;
    }

    /// @notice The answer that round `roundId` of `feed` had, if it is complete and possible, and when it was stored in
    /// seconds: for what is settled at a price of the past. `maxAgeSeconds` does not count.
    /// @dev An OCR1 feed refuses an id above 2^32 - 1 itself, with `No data present`.
    function readRound(IAggregatorV2V3 feed, uint80 roundId, Limits memory limits)
        internal
        view
        returns (int256 answer, uint256 updatedAt)
    {
        uint80 id;
        uint256 startedAt;
        uint80 answeredInRound;
        (id, answer, startedAt, updatedAt, answeredInRound) = feed.getRoundData(roundId);
        // An OCR2 feed answers an id above 2^32 - 1 with zeros.
        if (roundId == 0 || id != roundId) revert NoAnswer(address(feed), roundId);
        _requireComplete(feed, roundId, startedAt, updatedAt, answeredInRound);
        _requirePossible(feed, answer, limits);
    }

    /// @notice Refuses while a rollup's sequencer is down, and for `gracePeriodSeconds` after: while it was, nobody could
    /// transmit and few could act.
    /// @param uptimeFeed Answers 0 while the sequencer is up and 1 while it is down; `startedAt` is when that began.
    function requireSequencerUp(IAggregatorV2V3 uptimeFeed, uint256 gracePeriodSeconds) internal view {
        (, int256 answer, uint256 startedAt,,) = uptimeFeed.latestRoundData();
        // 0 seconds: the feed is there, its first message from the other chain is not.
        if (answer != 0 || startedAt == 0 || startedAt > block.timestamp) revert SequencerDown(address(uptimeFeed));
        if (block.timestamp - startedAt < gracePeriodSeconds) {
            revert SequencerJustUp(address(uptimeFeed), startedAt, gracePeriodSeconds);
        }
    }

    function _requireComplete(
        IAggregatorV2V3 feed,
        uint80 roundId,
        uint256 startedAt,
        uint256 updatedAt,
        uint80 answeredInRound
    ) private view {
        // A round that is not there has times of 0; in older feeds, one that has no answer yet has the second of them.
        if (startedAt == 0 || updatedAt == 0) revert NoAnswer(address(feed), roundId);
        if (answeredInRound < roundId) revert RoundIncomplete(address(feed), roundId, answeredInRound);
        if (updatedAt > block.timestamp) revert AnswerFromTheFuture(address(feed), updatedAt);
    }

    function _requirePossible(IAggregatorV2V3 feed, int256 answer, Limits memory limits) private pure {
        if (answer < limits.leastAnswer || answer > limits.greatestAnswer) {
            revert AnswerOutOfBounds(address(feed), answer, limits.leastAnswer, limits.greatestAnswer);
        }
    }
}
