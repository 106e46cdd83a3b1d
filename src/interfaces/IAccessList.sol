// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Access list
/// @notice The list behind a simple access controller, kept by its owner.
/// @dev Events are emitted only if something changed. Only the owner may write, else `Only callable by owner`.
/// Source: contracts-ocr2 5.7.
interface IAccessList {
    /// @notice `user` was put on the list.
    event AddedAccess(address user);

    /// @notice `user` was taken off the list.
    event RemovedAccess(address user);

    /// @notice The list counts.
    event CheckAccessEnabled();

    /// @notice Everyone has access.
    event CheckAccessDisabled();

    /// @notice Puts `_user` on the list.
    function addAccess(address _user) external;

    /// @notice Takes `_user` off the list.
    function removeAccess(address _user) external;

    /// @notice Makes the list count.
    function enableAccessCheck() external;

    /// @notice Gives everyone access.
    function disableAccessCheck() external;

    /// @notice Whether the list counts. True at first.
    function checkEnabled() external view returns (bool);
}
