// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What `getRoundData` returns.
struct Round {
    uint80 roundId;
    int256 answer;
    uint256 startedAt;
    uint256 updatedAt;
    uint80 answeredInRound;
}

/// @notice A feed that says whatever it is told to, of every round alike.
contract MockFeed {
    uint8 public decimals = 8;

    Round private _round;

    function set(Round calldata round) external {
        _round = round;
    }

    function getRoundData(uint80) external view returns (Round memory) {
        return _round;
    }

    function latestRoundData() external view returns (Round memory) {
        return _round;
    }
}
