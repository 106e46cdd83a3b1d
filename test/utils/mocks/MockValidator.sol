// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice An answer validator that remembers what it was asked, and can be told to misbehave.
contract MockValidator {
    enum Mode {
        Records,
        Idle,
        Reverts,
        BurnsAllGas,
        Reenters
    }

    struct Call {
        uint256 previousRoundId;
        int256 previousAnswer;
        uint256 currentRoundId;
        int256 currentAnswer;
        uint256 gasAtEntry;
        uint256 value;
    }

    Mode private _mode;
    address private _reentered;
    bytes private _reentrantCall;

    Call[] private _calls;

    /// @notice Outcome of the last re-entrant call.
    bool public reentrySucceeded;
    bytes public reentryReturned;

    function setMode(Mode mode) external {
        _mode = mode;
    }

    /// @notice The next `validate`, and only that one, calls `target`.
    function setReentry(address target, bytes calldata callData) external {
        _mode = Mode.Reenters;
        _reentered = target;
        _reentrantCall = callData;
    }

    function calls() external view returns (Call[] memory) {
        return _calls;
    }

    /// @notice Lets the validator take an ownership that was offered to it.
    function execute(address target, bytes calldata callData) external {
        (bool success,) = target.call(callData);
        require(success, "execute failed");
    }

    /// @notice Same, several in a row. To be used as the re-entrant call.
    function executeAll(address target, bytes[] calldata callDatas) external {
        for (uint256 i = 0; i < callDatas.length; i++) {
            (bool success,) = target.call(callDatas[i]);
            require(success, "executeAll failed");
        }
    }

    function validate(uint256 previousRoundId, int256 previousAnswer, uint256 currentRoundId, int256 currentAnswer)
        external
        payable
        returns (bool)
    {
        uint256 gasAtEntry = gasleft();
        Mode mode = _mode;
        if (mode == Mode.Idle) return true;
        if (mode == Mode.Reverts) revert("validator says no");
        if (mode == Mode.BurnsAllGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        _calls.push(Call(previousRoundId, previousAnswer, currentRoundId, currentAnswer, gasAtEntry, msg.value));
        if (mode == Mode.Reenters) {
            _mode = Mode.Records;
            (reentrySucceeded, reentryReturned) = _reentered.call(_reentrantCall);
        }
        return true;
    }
}
