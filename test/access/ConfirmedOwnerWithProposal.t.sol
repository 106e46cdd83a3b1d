// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice Creates what it is told to, so that a failed creation can be looked at.
contract Creator {
    function create(bytes calldata creationCode) external returns (address created) {
        bytes memory code = creationCode;
        assembly ("memory-safe") {
            created := create(0, add(code, 32), mload(code))
            if iszero(created) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}

/// @notice The constructor; everything after it is in `test/specs`.
/// @dev Source: contracts-ocr2 2.
contract ConfirmedOwnerWithProposalTest is RevertAssertions {
    address internal immutable OWNER = makeAddr("owner");
    address internal immutable HEIR = makeAddr("heir");

    Creator internal creator = new Creator();

    function test_constructor_setsTheOwnerSilently() public {
        vm.recordLogs();
        IOwnable owned = create(OWNER, address(0));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(owned.owner(), OWNER);
        assertReverts(
            address(owned), address(0), abi.encodeCall(IOwnable.transferOwnership, (HEIR)), "Only callable by owner"
        );
    }

    function test_constructor_proposes() public {
        vm.recordLogs();
        IOwnable owned = create(OWNER, HEIR);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], IOwnable.OwnershipTransferRequested.selector);
        assertEq(logs[0].topics[1], bytes32(uint256(uint160(OWNER))));
        assertEq(logs[0].topics[2], bytes32(uint256(uint160(HEIR))));

        assertEq(owned.owner(), OWNER);
        assertSucceeds(address(owned), HEIR, abi.encodeCall(IOwnable.acceptOwnership, ()));
        assertEq(owned.owner(), HEIR);
    }

    function test_constructor_revertsIf_ownerIsZero() public {
        assertCreationReverts(address(0), address(0), "Cannot set owner to zero");
        assertCreationReverts(address(0), address(creator), "Cannot set owner to zero");
    }

    /// @dev The proposal is compared with who deploys, not with the owner.
    function test_constructor_revertsIf_proposedIsTheDeployer() public {
        assertCreationReverts(OWNER, address(creator), "Cannot transfer to self");
        create(OWNER, OWNER);
    }

    function create(address owner, address pending) private returns (IOwnable) {
        return IOwnable(creator.create(creationCode(owner, pending)));
    }

    function assertCreationReverts(address owner, address pending, string memory reason) private {
        bytes memory callData = abi.encodeCall(Creator.create, (creationCode(owner, pending)));
        assertReverts(address(creator), address(this), callData, reason);
    }

    function creationCode(address owner, address pending) private view returns (bytes memory) {
        bytes memory code = vm.getCode("ConfirmedOwnerWithProposal.sol:ConfirmedOwnerWithProposal");
        return bytes.concat(code, abi.encode(owner, pending));
    }
}
