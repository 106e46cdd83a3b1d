// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A LINK token that can be told to misbehave.
contract MockLink {
    enum TransferMode {
        Honest,
        ReturnsFalse,
        ReturnsNothing,
        ReturnsTwo,
        Reverts,
        Reenters
    }

    enum BalanceMode {
        Honest,
        Reverts,
        ReturnsTooLittle
    }

    error TransferRefused(address to, uint256 amountJuels);
    error BalanceRefused();

    mapping(address holder => uint256 juels) private _balances;

    TransferMode private _transferMode;
    BalanceMode private _balanceMode;
    address private _reentered;
    bytes private _reentrantCall;

    /// @notice Outcome of the last re-entrant call.
    bool public reentrySucceeded;

    function mint(address to, uint256 juels) external {
        _balances[to] += juels;
    }

    function setTransferMode(TransferMode mode) external {
        _transferMode = mode;
    }

    function setBalanceMode(BalanceMode mode) external {
        _balanceMode = mode;
    }

    /// @notice From here on, each transfer first calls `target`.
    function setReentry(address target, bytes calldata callData) external {
        _transferMode = TransferMode.Reenters;
        _reentered = target;
        _reentrantCall = callData;
    }

    function balanceOf(address holder) external view returns (uint256) {
        if (_balanceMode == BalanceMode.Reverts) revert BalanceRefused();
        if (_balanceMode == BalanceMode.ReturnsTooLittle) {
            assembly ("memory-safe") {
                return(0, 31)
            }
        }
        return _balances[holder];
    }

    /// @dev Refuses the zero address, as LINK does.
    function transfer(address to, uint256 juels) external returns (bool) {
        TransferMode mode = _transferMode;
        if (mode == TransferMode.Reverts || to == address(0)) revert TransferRefused(to, juels);
        if (mode == TransferMode.ReturnsFalse) return false;
        if (mode == TransferMode.Reenters) {
            // Only once: the call it makes may transfer again.
            _transferMode = TransferMode.Honest;
            (reentrySucceeded,) = _reentered.call(_reentrantCall);
        }

        _balances[msg.sender] -= juels;
        _balances[to] += juels;

        if (mode == TransferMode.ReturnsNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        if (mode == TransferMode.ReturnsTwo) {
            assembly ("memory-safe") {
                mstore(0, 2)
                return(0, 32)
            }
        }
        return true;
    }
}
