// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

/// @notice Assertions on the exact bytes a call reverts with.
/// @dev `vm.expectRevert` decodes before it compares and cannot tell an empty revert from an empty string; what a
/// contract reverts with is part of its ABI, so here nothing is decoded.
abstract contract RevertAssertions is Test {
    /// @dev Every call gets the same, whatever a test has left: an aggregator measures its gas, and hands some on.
    uint256 internal constant CALL_GAS = 12_000_000;

    uint256 internal constant ARITHMETIC_PANIC = 0x11;

    function assertReverts(address target, address caller, bytes memory callData, string memory reason) internal {
        assertRevertData(target, caller, callData, abi.encodeWithSignature("Error(string)", reason));
    }

    function assertPanics(address target, address caller, bytes memory callData, uint256 code) internal {
        assertRevertData(target, caller, callData, abi.encodeWithSignature("Panic(uint256)", code));
    }

    function assertRevertsEmpty(address target, address caller, bytes memory callData) internal {
        assertRevertData(target, caller, callData, "");
    }

    function assertRevertData(address target, address caller, bytes memory callData, bytes memory expected) internal {
        (bool success, bytes memory returned) = tryCall(target, caller, callData);
        assertFalse(success, "the call did not revert");
        assertEq(returned, expected, "revert data");
    }

    function assertSucceeds(address target, address caller, bytes memory callData) internal {
        (bool success, bytes memory returned) = tryCall(target, caller, callData);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(returned, 32), mload(returned))
            }
        }
    }

    /// @dev The caller is an externally owned account: it is also the origin.
    function tryCall(address target, address caller, bytes memory callData) internal returns (bool, bytes memory) {
        vm.prank(caller, caller);
        return target.call{gas: CALL_GAS}(callData);
    }
}
