// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";

/// @title Call with an exact amount of gas
/// @notice Whoever picks the gas limit of a transaction must not be able to starve a callback.
library ExactCallLib {
    /// @dev Covers what happens between measuring the gas and the call.
    uint256 private constant CUSHION_GAS = 5_000;

    /// @notice Calls `target` with exactly `gasLimit` gas and ignores the outcome, or reverts if there is too little.
    /// @dev A call may pass on all but a 64th of the gas; asking for more gives less without an error, hence the test.
    /// Neither code at `target` nor success is required, and returned data is not copied. Source: contracts-ocr2 5.2.
    function callWithExactGas(uint256 gasLimit, address target, bytes memory data) internal {
        uint256 gasAvailable = gasleft();
        if (gasAvailable < CUSHION_GAS) revert(ErrorsLib.INSUFFICIENT_GAS);
        // Cannot underflow by the line before.
        unchecked {
            gasAvailable -= CUSHION_GAS;
            if (gasAvailable - gasAvailable / 64 <= gasLimit) revert(ErrorsLib.INSUFFICIENT_GAS);
        }
        assembly ("memory-safe") {
            pop(call(gasLimit, target, 0, add(data, 32), mload(data), 0, 0))
        }
    }
}
