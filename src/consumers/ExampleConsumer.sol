// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {IAggregatorV2V3} from "../interfaces/IAggregatorV2V3.sol";
import {OracleReader} from "../libraries/OracleReader.sol";

/// @title A consumer of a feed, to copy from
/// @notice Values an amount of something in what its feed prices it in. All that can change is the feed's answer.
contract ExampleConsumer {
    using OracleReader for IAggregatorV2V3;

    /// @notice Thrown when the feed has other decimals than its limits were written for.
    error OtherDecimals(uint8 given, uint8 expected);

    /// @notice Thrown when answers would be believed that are no price.
    error LeastAnswerNotPositive(int192 leastAnswer);

    /// @notice The feed.
    IAggregatorV2V3 public immutable feed;

    /// @notice Decimals of the feed's answers.
    uint8 public immutable decimals;

    /// @notice What is believed of the feed.
    OracleReader.Limits public limits;

    /// @param feed_ Aggregator, or a proxy before it.
    /// @param decimals_ Decimals that `limits_` are written with: the feed must have the same.
    /// @param limits_ Taken from the feed's documentation, one by one: no two feeds have the same.
    constructor(IAggregatorV2V3 feed_, uint8 decimals_, OracleReader.Limits memory limits_) {
        if (limits_.leastAnswer <= 0) revert LeastAnswerNotPositive(limits_.leastAnswer);
        uint8 given = feed_.decimals();
        if (given != decimals_) revert OtherDecimals(given, decimals_);
        feed = feed_;
        decimals = decimals_;
        limits = limits_;
        // A feed that we cannot read, or would not believe, is refused here and not when it matters.
        feed_.readLatest(limits_);
    }

    /// @notice Value of `amount`, in what the feed prices in; rounded towards zero.
    /// @dev Refuses what `OracleReader.readLatest` does.
    function valueOf(uint256 amount) external view returns (uint256) {
        // Positive, as `leastAnswer` is.
        uint256 price = uint256(feed.readLatest(limits));
        return amount * price / 10 ** decimals;
    }
}
