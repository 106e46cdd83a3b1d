// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";

/// @title Observers of an OCR1 report
/// @notice Credits 31 oracles in two words of storage, sixteen counters of 16 bits in each.
/// @dev A set of observers has the shape of the counters: lane `i` is 1 if oracle `i` is in the set. Lanes 0 to 15 are in
/// `low`, 16 to 30 in `high`, from the least significant bits up, as Solidity lays out a `uint16[31]`.
library ObserversLib {
    /// @dev 1 in each lane, the greatest 15-bit number in each lane.
    uint256 private constant ONES = type(uint256).max / type(uint16).max;
    uint256 private constant LOW_BITS = ONES * 0x7fff;

    /// @notice The set of the first `k` bytes of `observers`. Panics (0x32) at an index above 30; reverts if an index
    /// comes twice.
    /// @param k At most 32.
    /// @dev Source: contracts-ocr1 5.4 rows 10, 11.
    function toSet(bytes32 observers, uint256 k) internal pure returns (uint256 low, uint256 high) {
        bool repeated = false;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, k) { i := add(i, 1) } {
                let index := byte(i, observers)
                if gt(index, 30) {
                    // Panic(0x32), index out of bounds.
                    mstore(0, shl(224, 0x4e487b71))
                    mstore(4, 0x32)
                    revert(0, 36)
                }
                // A shift by 256 bits or more, and one that is negative, gives 0: one of the two is.
                let shift := shl(4, index)
                let lowBit := shl(shift, 1)
                let highBit := shl(sub(shift, 256), 1)
                if or(and(low, lowBit), and(high, highBit)) {
                    repeated := 1
                    break
                }
                low := or(low, lowBit)
                high := or(high, highBit)
            }
        }
        if (repeated) revert(ErrorsLib.REPEATED_OBSERVER);
    }

    /// @notice Sixteen counters, each one more if its oracle is in the set; a counter at its end stays there.
    /// @dev Source: contracts-ocr1 6.2.
    function credited(uint256 counters, uint256 set) internal pure returns (uint256) {
        // What each counter lacks. A lane is zero if neither its upper bit is set nor adding to the others sets it.
        uint256 room = ~counters;
        // No lane carries into the next: two 15-bit numbers make 16 bits, and a counter with room has room for 1.
        unchecked {
            uint256 hasRoom = ((room & LOW_BITS) + LOW_BITS | room) >> 15 & ONES;
            return counters + (set & hasRoom);
        }
    }
}
