// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice An access controller that can be told to misbehave.
contract MockAccessController {
    enum Mode {
        Honest,
        Reverts,
        ReturnsTwo,
        ReturnsTooLittle,
        WritesState
    }

    error ControllerRefused(address user);

    mapping(address user => bool granted) private _granted;
    Mode private _mode;
    uint256 private _counter;

    function grant(address user) external {
        _granted[user] = true;
    }

    function setMode(Mode mode) external {
        _mode = mode;
    }

    /// @dev Not `view`, so that a test can see that the aggregator asks by STATICCALL.
    function hasAccess(address user, bytes calldata) external returns (bool) {
        if (_mode == Mode.Reverts) revert ControllerRefused(user);
        if (_mode == Mode.WritesState) _counter++;
        if (_mode == Mode.ReturnsTwo) {
            assembly ("memory-safe") {
                mstore(0, 2)
                return(0, 32)
            }
        }
        if (_mode == Mode.ReturnsTooLittle) {
            assembly ("memory-safe") {
                mstore(0, 1)
                return(0, 31)
            }
        }
        return _granted[user];
    }
}
