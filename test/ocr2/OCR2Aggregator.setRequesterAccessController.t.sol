// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @dev Source: contracts-ocr2 5.2.
contract OCR2AggregatorSetRequesterAccessControllerTest is OCR2Test {
    bytes internal callData = abi.encodeCall(IOCR2Aggregator.setRequesterAccessController, (address(0xACCE55)));

    function test_setRequesterAccessController_storesAndEmits() public {
        expectEmit();
        emit IOCR2Aggregator.RequesterAccessControllerSet(address(requesterAccess), address(0xACCE55));
        callAs(OWNER, callData);
        assertEq(aggregator.getRequesterAccessController(), address(0xACCE55));
    }

    function test_setRequesterAccessController_acceptsZero() public {
        expectEmit();
        emit IOCR2Aggregator.RequesterAccessControllerSet(address(requesterAccess), address(0));
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setRequesterAccessController, (address(0))));
        assertEq(aggregator.getRequesterAccessController(), address(0));
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
