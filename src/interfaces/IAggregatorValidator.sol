// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Validator of answers
/// @notice Is told about each new answer, with a fixed amount of gas. It cannot stop the answer: a failure is ignored.
interface IAggregatorValidator {
    /// @param previousRoundId Id of the round before, 0 for the first.
    /// @param previousAnswer Answer of the round before, 0 for the first.
    /// @param currentRoundId Id of this round.
    /// @param currentAnswer Answer of this round.
    /// @return Ignored by the aggregator.
    function validate(uint256 previousRoundId, int256 previousAnswer, uint256 currentRoundId, int256 currentAnswer)
        external
        returns (bool);
}
