// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @dev Source: contracts-ocr1 6.5.
contract OffchainAggregatorSetBillingAccessControllerTest is OCR1Test {
    bytes internal callData = abi.encodeCall(IOffchainAggregator.setBillingAccessController, (address(0xACCE55)));

    function test_setBillingAccessController_storesAndEmits() public {
        expectEmit();
        emit IOffchainAggregator.BillingAccessControllerSet(address(billingAccess), address(0xACCE55));
        callAs(OWNER, callData);
        assertEq(aggregator.billingAccessController(), address(0xACCE55));
    }

    function test_setBillingAccessController_acceptsZero() public {
        expectEmit();
        emit IOffchainAggregator.BillingAccessControllerSet(address(billingAccess), address(0));
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setBillingAccessController, (address(0))));
        assertEq(aggregator.billingAccessController(), address(0));
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
