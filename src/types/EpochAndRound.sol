// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A moment of the off-chain protocol: the epoch (32 bits) and the round within it (8 bits).
/// @dev Bits, from the most significant: 32 epoch | 8 round. Its order as a number is the order of (epoch, round).
type EpochAndRound is uint40;

using {epoch, round, isNewerThan} for EpochAndRound global;

/// @notice Reads epoch and round from the second word of a report context: 27 ignored bytes | epoch | round.
function epochAndRoundOf(bytes32 contextWord) pure returns (EpochAndRound) {
    // Cuts the 27 bytes on purpose: oracles may put anything there, and sign it.
    return EpochAndRound.wrap(uint40(uint256(contextWord)));
}

/// @notice The epoch.
function epoch(EpochAndRound self) pure returns (uint32) {
    return uint32(EpochAndRound.unwrap(self) >> 8);
}

/// @notice The round within the epoch.
function round(EpochAndRound self) pure returns (uint8) {
    // Cuts the epoch on purpose.
    return uint8(EpochAndRound.unwrap(self));
}

/// @notice Whether `self` comes after `other`.
function isNewerThan(EpochAndRound self, EpochAndRound other) pure returns (bool) {
    return EpochAndRound.unwrap(self) > EpochAndRound.unwrap(other);
}
