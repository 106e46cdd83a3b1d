// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice Ownership in two steps, for every contract that has an owner.
/// @dev Source: contracts-ocr2 5.5.
abstract contract OwnershipSpec is RevertAssertions {
    address private immutable _HEIR = makeAddr("heir");
    address private immutable _STRANGER = makeAddr("a stranger");

    IOwnable private _owned;
    address private _owner;

    /// @dev A fresh contract and its owner.
    function createOwned() internal virtual returns (IOwnable owned, address owner);

    /// @dev Whether the owner may propose itself. OCR1 lets it: contracts-ocr1 5.6.
    function ownerMayProposeItself() internal pure virtual returns (bool) {
        return false;
    }

    function setUp() public virtual {
        (_owned, _owner) = createOwned();
    }

    function test_owner_isTheCreator() public {
        assertEq(_owned.owner(), _owner);
    }

    function test_transferOwnership_emitsAndWaits() public {
        vm.expectEmit(address(_owned));
        emit IOwnable.OwnershipTransferRequested(_owner, _HEIR);
        propose(_HEIR);
        assertEq(_owned.owner(), _owner);
    }

    function test_transferOwnership_emitsEachTime() public {
        propose(_HEIR);
        vm.expectEmit(address(_owned));
        emit IOwnable.OwnershipTransferRequested(_owner, _HEIR);
        propose(_HEIR);
    }

    function test_transferOwnership_acceptsZero() public {
        propose(_HEIR);
        vm.expectEmit(address(_owned));
        emit IOwnable.OwnershipTransferRequested(_owner, address(0));
        propose(address(0));
        assertReverts(address(_owned), _HEIR, abi.encodeCall(IOwnable.acceptOwnership, ()), "Must be proposed owner");
    }

    function test_transferOwnership_revertsIf_callerIsNotOwner() public {
        bytes memory callData = abi.encodeCall(IOwnable.transferOwnership, (_HEIR));
        assertReverts(address(_owned), _STRANGER, callData, "Only callable by owner");
        propose(_HEIR);
        assertReverts(address(_owned), _HEIR, callData, "Only callable by owner");
    }

    function test_transferOwnership_toItself() public {
        bytes memory callData = abi.encodeCall(IOwnable.transferOwnership, (_owner));
        if (ownerMayProposeItself()) {
            vm.expectEmit(address(_owned));
            emit IOwnable.OwnershipTransferRequested(_owner, _owner);
            assertSucceeds(address(_owned), _owner, callData);
            assertSucceeds(address(_owned), _owner, abi.encodeCall(IOwnable.acceptOwnership, ()));
            assertEq(_owned.owner(), _owner);
        } else {
            assertReverts(address(_owned), _owner, callData, "Cannot transfer to self");
        }
        callData = abi.encodeCall(IOwnable.transferOwnership, (_STRANGER));
        assertReverts(address(_owned), _STRANGER, callData, "Only callable by owner");
    }

    function test_acceptOwnership_transfers() public {
        propose(_HEIR);
        vm.expectEmit(address(_owned));
        emit IOwnable.OwnershipTransferred(_owner, _HEIR);
        assertSucceeds(address(_owned), _HEIR, abi.encodeCall(IOwnable.acceptOwnership, ()));

        assertEq(_owned.owner(), _HEIR);
        bytes memory callData = abi.encodeCall(IOwnable.transferOwnership, (_STRANGER));
        assertReverts(address(_owned), _owner, callData, "Only callable by owner");
        assertSucceeds(address(_owned), _HEIR, callData);
    }

    function test_acceptOwnership_worksOnce() public {
        propose(_HEIR);
        bytes memory callData = abi.encodeCall(IOwnable.acceptOwnership, ());
        assertSucceeds(address(_owned), _HEIR, callData);
        assertReverts(address(_owned), _HEIR, callData, "Must be proposed owner");
    }

    function test_acceptOwnership_revertsIf_callerIsNotProposed() public {
        bytes memory callData = abi.encodeCall(IOwnable.acceptOwnership, ());
        assertReverts(address(_owned), _STRANGER, callData, "Must be proposed owner");
        propose(_HEIR);
        assertReverts(address(_owned), _STRANGER, callData, "Must be proposed owner");
        assertReverts(address(_owned), _owner, callData, "Must be proposed owner");
    }

    function propose(address to) private {
        assertSucceeds(address(_owned), _owner, abi.encodeCall(IOwnable.transferOwnership, (to)));
    }
}
