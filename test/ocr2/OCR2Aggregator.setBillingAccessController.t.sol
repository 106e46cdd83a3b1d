// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @dev Source: contracts-ocr2 6.4.
contract OCR2AggregatorSetBillingAccessControllerTest is OCR2Test {
    bytes internal callData = abi.encodeCall(IOCR2Aggregator.setBillingAccessController, (address(0xACCE55)));

    function test_setBillingAccessController_storesAndEmits() public {
        expectEmit();
        emit IOCR2Aggregator.BillingAccessControllerSet(address(billingAccess), address(0xACCE55));
        callAs(OWNER, callData);
        assertEq(aggregator.getBillingAccessController(), address(0xACCE55));
    }

    function test_setBillingAccessController_acceptsZero() public {
        expectEmit();
        emit IOCR2Aggregator.BillingAccessControllerSet(address(billingAccess), address(0));
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setBillingAccessController, (address(0))));
        assertEq(aggregator.getBillingAccessController(), address(0));
    }

    function test_setBillingAccessController_emitsNothingIfUnchanged() public {
        callAs(OWNER, callData);
        vm.recordLogs();
        callAs(OWNER, callData);
        assertEq(countLogs(), 0);
    }

    function test_setBillingAccessController_revertsIf_callerIsNotOwner() public {
        assertReverts(STRANGER, callData, "Only callable by owner");
        assertReverts(BILLING_ADMIN, callData, "Only callable by owner");
    }
}
