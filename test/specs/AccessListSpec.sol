// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessController} from "../../src/interfaces/IAccessController.sol";
import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice An owner's access list, for every contract that has one.
/// @dev Source: contracts-ocr2 5.7.
abstract contract AccessListSpec is RevertAssertions {
    address private immutable _USER = makeAddr("user");
    address private immutable _STRANGER = makeAddr("a stranger");

    IAccessList private _list;
    address private _owner;

    /// @dev A fresh list and its owner.
    function createAccessList() internal virtual returns (IAccessList list, address owner);

    /// @dev Whether an account may read for itself without being listed.
    function originHasAccess() internal pure virtual returns (bool);

    function setUp() public virtual {
        (_list, _owner) = createAccessList();
    }

    function test_checkEnabled_isTrueAtFirst() public view {
        assertTrue(_list.checkEnabled());
        assertFalse(hasAccess(_USER));
        assertFalse(hasAccess(_owner), "the owner is nobody special");
    }

    function test_addAccess_lists() public {
        vm.expectEmit(address(_list));
        emit IAccessList.AddedAccess(_USER);
        byOwner(abi.encodeCall(IAccessList.addAccess, (_USER)));
        assertTrue(hasAccess(_USER));
        assertFalse(hasAccess(_STRANGER));
    }

    function test_removeAccess_unlists() public {
        byOwner(abi.encodeCall(IAccessList.addAccess, (_USER)));
        byOwner(abi.encodeCall(IAccessList.addAccess, (_STRANGER)));
        vm.expectEmit(address(_list));
        emit IAccessList.RemovedAccess(_USER);
        byOwner(abi.encodeCall(IAccessList.removeAccess, (_USER)));
        assertFalse(hasAccess(_USER));
        assertTrue(hasAccess(_STRANGER));
    }

    function test_disableAccessCheck_letsEveryoneIn() public {
        vm.expectEmit(address(_list));
        emit IAccessList.CheckAccessDisabled();
        byOwner(abi.encodeCall(IAccessList.disableAccessCheck, ()));
        assertFalse(_list.checkEnabled());
        assertTrue(hasAccess(_STRANGER));

        vm.expectEmit(address(_list));
        emit IAccessList.CheckAccessEnabled();
        byOwner(abi.encodeCall(IAccessList.enableAccessCheck, ()));
        assertTrue(_list.checkEnabled());
        assertFalse(hasAccess(_STRANGER));
    }

    function test_list_outlivesADisabledCheck() public {
        byOwner(abi.encodeCall(IAccessList.addAccess, (_USER)));
        byOwner(abi.encodeCall(IAccessList.disableAccessCheck, ()));
        byOwner(abi.encodeCall(IAccessList.enableAccessCheck, ()));
        assertTrue(hasAccess(_USER));
    }

    function test_list_emitsOnlyRealChanges() public {
        assertSilent(abi.encodeCall(IAccessList.removeAccess, (_USER)));
        assertSilent(abi.encodeCall(IAccessList.enableAccessCheck, ()));
        byOwner(abi.encodeCall(IAccessList.addAccess, (_USER)));
        assertSilent(abi.encodeCall(IAccessList.addAccess, (_USER)));
        byOwner(abi.encodeCall(IAccessList.disableAccessCheck, ()));
        assertSilent(abi.encodeCall(IAccessList.disableAccessCheck, ()));
    }

    function test_list_revertsIf_callerIsNotOwner() public {
        byOwner(abi.encodeCall(IAccessList.addAccess, (_USER)));
        bytes[4] memory calls = [
            abi.encodeCall(IAccessList.addAccess, (_USER)),
            abi.encodeCall(IAccessList.removeAccess, (_USER)),
            abi.encodeCall(IAccessList.enableAccessCheck, ()),
            abi.encodeCall(IAccessList.disableAccessCheck, ())
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            assertReverts(address(_list), _STRANGER, calls[i], "Only callable by owner");
            assertReverts(address(_list), _USER, calls[i], "Only callable by owner");
        }
    }

    function test_hasAccess_ofTheOrigin() public {
        vm.prank(_STRANGER, _STRANGER);
        assertEq(IAccessController(address(_list)).hasAccess(_STRANGER, "data"), originHasAccess());
        vm.prank(_STRANGER, _STRANGER);
        assertFalse(IAccessController(address(_list)).hasAccess(_USER, "data"), "only for itself");
    }

    function testFuzz_hasAccess_ignoresTheData(bytes memory data) public {
        byOwner(abi.encodeCall(IAccessList.addAccess, (_USER)));
        assertTrue(IAccessController(address(_list)).hasAccess(_USER, data));
        assertFalse(IAccessController(address(_list)).hasAccess(_STRANGER, data));
    }

    function hasAccess(address user) private view returns (bool) {
        return IAccessController(address(_list)).hasAccess(user, "");
    }

    function byOwner(bytes memory callData) private {
        assertSucceeds(address(_list), _owner, callData);
    }

    function assertSilent(bytes memory callData) private {
        vm.recordLogs();
        byOwner(callData);
        assertEq(vm.getRecordedLogs().length, 0);
    }
}
