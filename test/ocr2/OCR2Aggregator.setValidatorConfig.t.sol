// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @notice `setValidatorConfig` and `getValidatorConfig`. What a validator can do is in `….transmit.validator.t.sol`.
/// @dev Source: contracts-ocr2 5.2.
contract OCR2AggregatorSetValidatorConfigTest is OCR2Test {
    address internal constant FIRST = address(0xF1257);
    address internal constant SECOND = address(0x5EC0);

    function test_setValidatorConfig_storesAndEmits() public {
        assertSets(address(0), 0, FIRST, 100);
        assertSets(FIRST, 100, SECOND, type(uint32).max);
        assertSets(SECOND, type(uint32).max, address(0), 0);
    }

    function test_setValidatorConfig_emitsIfEitherValueChanges() public {
        assertSets(address(0), 0, FIRST, 100);
        assertSets(FIRST, 100, FIRST, 101);
        assertSets(FIRST, 101, SECOND, 101);
        assertSets(SECOND, 101, address(0), 101);
        assertSets(address(0), 101, address(0), 5);
    }

    function test_setValidatorConfig_emitsNothingIfUnchanged() public {
        vm.recordLogs();
        set(address(0), 0);
        assertEq(countLogs(), 0);

        set(FIRST, 100);
        vm.recordLogs();
        set(FIRST, 100);
        assertEq(countLogs(), 0);
    }

    function test_setValidatorConfig_revertsIf_callerIsNotOwner() public {
        assertReverts(
            STRANGER, abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (FIRST, 1)), "Only callable by owner"
        );
    }

    /// @dev Reports go on, before and after a validator is set, replaced and removed.
    function test_setValidatorConfig_leavesReportsAlone() public {
        transmitNext();
        set(FIRST, 100);
        transmitNext();
        set(SECOND, 0);
        transmitNext();
        set(address(0), 0);
        transmitNext();
        assertEq(aggregator.latestRound(), 4);
    }

    function set(address validator, uint32 gasLimit) private {
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (validator, gasLimit)));
    }

    function assertSets(address oldValidator, uint32 oldGasLimit, address validator, uint32 gasLimit) private {
        expectEmit();
        emit IOCR2Aggregator.ValidatorConfigSet(oldValidator, oldGasLimit, validator, gasLimit);
        set(validator, gasLimit);

        (address current, uint32 currentGasLimit) = aggregator.getValidatorConfig();
        assertEq(current, validator);
        assertEq(currentGasLimit, gasLimit);
    }
}
