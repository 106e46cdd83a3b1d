// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ConfirmedOwnerWithProposal} from "./ConfirmedOwnerWithProposal.sol";

/// @title Two-step ownership
contract ConfirmedOwner is ConfirmedOwnerWithProposal {
    /// @param newOwner The owner, not zero.
    constructor(address newOwner) ConfirmedOwnerWithProposal(newOwner, address(0)) {}
}
