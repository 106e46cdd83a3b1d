// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Two-step ownership
/// @notice Ownership passes when the proposed owner accepts it. Source: contracts-ocr2 5.5.
interface IOwnable {
    /// @notice `from` proposed `to` as the next owner; zero withdraws the proposal.
    event OwnershipTransferRequested(address indexed from, address indexed to);

    /// @notice `to` owns the contract.
    event OwnershipTransferred(address indexed from, address indexed to);

    /// @notice The owner.
    /// @dev Not `view` here, as in the original interface; implementations are.
    function owner() external returns (address);

    /// @notice Proposes `recipient` as the next owner. Owner only.
    /// @dev Refuses: `Only callable by owner`, `Cannot transfer to self`.
    function transferOwnership(address recipient) external;

    /// @notice Accepts ownership. The proposed owner only, else `Must be proposed owner`.
    function acceptOwnership() external;
}
