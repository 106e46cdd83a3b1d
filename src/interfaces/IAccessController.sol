// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Access controller
/// @notice Says who may do what.
interface IAccessController {
    /// @param user Who asks.
    /// @param data The whole calldata of the call that is asked for.
    /// @return Whether `user` may.
    function hasAccess(address user, bytes calldata data) external view returns (bool);
}
