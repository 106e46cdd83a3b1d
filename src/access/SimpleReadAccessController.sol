// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {SimpleWriteAccessController} from "./SimpleWriteAccessController.sol";

/// @title Access list for reads
/// @notice Contracts need to be listed. An account that reads for itself has access: off chain anyone can read anyway.
contract SimpleReadAccessController is SimpleWriteAccessController {
    modifier checkAccess() {
        if (!hasAccess(msg.sender, msg.data)) revert(ErrorsLib.NO_ACCESS);
        _;
    }

    /// @inheritdoc SimpleWriteAccessController
    function hasAccess(address _user, bytes calldata _calldata) public view virtual override returns (bool) {
        // Saying yes to `tx.origin` cannot be abused: it is asked about the caller, and an account is no contract.
        return super.hasAccess(_user, _calldata) || _user == tx.origin;
    }
}
