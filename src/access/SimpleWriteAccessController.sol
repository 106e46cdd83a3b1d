// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessController} from "../interfaces/IAccessController.sol";
import {IAccessList} from "../interfaces/IAccessList.sol";
import {OwnerIsCreator} from "./OwnerIsCreator.sol";

/// @title Access list for calls that change something
contract SimpleWriteAccessController is IAccessController, IAccessList, OwnerIsCreator {
    /// @inheritdoc IAccessList
    bool public override checkEnabled = true;
    mapping(address user => bool listed) internal _accessList;

    /// @inheritdoc IAccessController
    function hasAccess(address _user, bytes calldata) public view virtual override returns (bool) {
        return _accessList[_user] || !checkEnabled;
    }

    /// @inheritdoc IAccessList
    function addAccess(address _user) external override onlyOwner {
        if (_accessList[_user]) return;
        _accessList[_user] = true;
        emit AddedAccess(_user);
    }

    /// @inheritdoc IAccessList
    function removeAccess(address _user) external override onlyOwner {
        if (!_accessList[_user]) return;
        _accessList[_user] = false;
        emit RemovedAccess(_user);
    }

    /// @inheritdoc IAccessList
    function enableAccessCheck() external override onlyOwner {
        if (checkEnabled) return;
        checkEnabled = true;
        emit CheckAccessEnabled();
    }

    /// @inheritdoc IAccessList
    function disableAccessCheck() external override onlyOwner {
        if (!checkEnabled) return;
        checkEnabled = false;
        emit CheckAccessDisabled();
    }
}
