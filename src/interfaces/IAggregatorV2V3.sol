// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Reading a feed
/// @notice What consumers of a feed depend on, whichever protocol fills it. `AggregatorV2V3Interface` by ABI.
/// @dev A consumer should refuse an answer that cannot be (a price of 0, say), whose `updatedAt` is 0 or older than the
/// feed's heartbeat allows, or that sits at `minAnswer` or `maxAnswer`: beyond these the feed takes no reports at all.
/// Source: contracts-ocr2 13.
interface IAggregatorV2V3 {
    /// @notice The answer changed. `updatedAt` is the block's timestamp in seconds.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /// @notice A round began.
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);

    /// @notice Latest answer, 0 before the first round.
    function latestAnswer() external view returns (int256);

    /// @notice Time the latest answer was stored, in seconds, 0 before the first round.
    function latestTimestamp() external view returns (uint256);

    /// @notice Latest round id, 0 before the first round.
    function latestRound() external view returns (uint256);

    /// @notice Answer of a round, 0 if there is none.
    function getAnswer(uint256 roundId) external view returns (int256);

    /// @notice Time the answer of a round was stored, in seconds, 0 if there is none.
    function getTimestamp(uint256 roundId) external view returns (uint256);

    /// @notice Decimals of the answer: it means `answer / 10^decimals`.
    function decimals() external view returns (uint8);

    /// @notice What the feed prices, for people.
    function description() external view returns (string memory);

    /// @notice Version of the feed.
    function version() external view returns (uint256);

    /// @notice One round.
    /// @return roundId `_roundId`.
    /// @return answer The answer.
    /// @return startedAt When the round began, in seconds.
    /// @return updatedAt When the answer was stored, in seconds; 0: there is none.
    /// @return answeredInRound `_roundId`; kept for older feeds.
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// @notice The latest round, as `getRoundData` gives it.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
