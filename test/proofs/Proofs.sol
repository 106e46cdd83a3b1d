// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";

/// @notice What proofs share. `make prove` tries a `check_` function with every argument at once; docs/analysis.md says
/// within which bounds.
/// @dev Conditions are numbers, 0 or 1, and are joined with `&` and `|`: `&&` and `||` branch, and paths double at each.
abstract contract Proofs is CommonBase {
    function isEqual(uint256 a, uint256 b) internal pure returns (uint256 yes) {
        assembly {
            yes := eq(a, b)
        }
    }

    function isAtMost(uint256 a, uint256 b) internal pure returns (uint256 yes) {
        assembly {
            yes := iszero(gt(a, b))
        }
    }

    function isAtMost(int256 a, int256 b) internal pure returns (uint256 yes) {
        assembly {
            yes := iszero(sgt(a, b))
        }
    }

    /// @dev 1 if no element is less than the one before.
    function isSorted(int192[] calldata values) internal pure returns (uint256 yes) {
        yes = 1;
        for (uint256 i = 1; i < values.length; i++) {
            yes &= isAtMost(values[i - 1], values[i]);
        }
    }
}
