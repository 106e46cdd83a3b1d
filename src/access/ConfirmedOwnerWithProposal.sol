// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOwnable} from "../interfaces/IOwnable.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";

/// @title Two-step ownership, with a transfer under way from the start
contract ConfirmedOwnerWithProposal is IOwnable {
    address private _owner;
    address private _pendingOwner;

    /// @param newOwner The owner, not zero.
    /// @param pendingOwner Whom ownership is proposed to at once; zero: nobody.
    constructor(address newOwner, address pendingOwner) {
        if (newOwner == address(0)) revert(ErrorsLib.OWNER_IS_ZERO);
        _owner = newOwner;
        if (pendingOwner != address(0)) _proposeOther(pendingOwner);
    }

    modifier onlyOwner() {
        _requireOwner();
        _;
    }

    /// @inheritdoc IOwnable
    function transferOwnership(address to) public virtual override onlyOwner {
        _proposeOther(to);
    }

    /// @inheritdoc IOwnable
    function acceptOwnership() external override {
        if (msg.sender != _pendingOwner) revert(ErrorsLib.ONLY_PROPOSED_OWNER);
        address previousOwner = _owner;
        _owner = msg.sender;
        _pendingOwner = address(0);
        emit OwnershipTransferred(previousOwner, msg.sender);
    }

    /// @inheritdoc IOwnable
    function owner() public view override returns (address) {
        return _owner;
    }

    function _requireOwner() internal view {
        if (msg.sender != _owner) revert(ErrorsLib.ONLY_OWNER);
    }

    function _proposeOwner(address to) internal {
        _pendingOwner = to;
        emit OwnershipTransferRequested(_owner, to);
    }

    function _proposeOther(address to) private {
        if (to == msg.sender) revert(ErrorsLib.OWNERSHIP_TO_SELF);
        _proposeOwner(to);
    }
}
