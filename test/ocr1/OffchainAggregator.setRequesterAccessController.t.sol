// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @dev Source: contracts-ocr1 5.3.
contract OffchainAggregatorSetRequesterAccessControllerTest is OCR1Test {
    bytes internal callData = abi.encodeCall(IOffchainAggregator.setRequesterAccessController, (address(0xACCE55)));

    function test_setRequesterAccessController_storesAndEmits() public {
        expectEmit();
        emit IOffchainAggregator.RequesterAccessControllerSet(address(requesterAccess), address(0xACCE55));
        callAs(OWNER, callData);
        assertEq(aggregator.requesterAccessController(), address(0xACCE55));
    }

    function test_setRequesterAccessController_acceptsZero() public {
        expectEmit();
        emit IOffchainAggregator.RequesterAccessControllerSet(address(requesterAccess), address(0));
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setRequesterAccessController, (address(0))));
        assertEq(aggregator.requesterAccessController(), address(0));
    }

    function test_setRequesterAccessController_emitsNothingIfUnchanged() public {
        callAs(OWNER, callData);
        vm.recordLogs();
        callAs(OWNER, callData);
        assertEq(countLogs(), 0);
    }

    function test_setRequesterAccessController_revertsIf_callerIsNotOwner() public {
        assertReverts(STRANGER, callData, "Only callable by owner");
        assertReverts(REQUESTER, callData, "Only callable by owner");
    }
}
