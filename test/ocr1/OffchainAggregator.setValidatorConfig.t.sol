// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @notice `setValidatorConfig` and `validatorConfig`. What a validator can do is in `….transmit.validator.t.sol`.
/// @dev Source: contracts-ocr1 5.2.
contract OffchainAggregatorSetValidatorConfigTest is OCR1Test {
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
            STRANGER, abi.encodeCall(IOffchainAggregator.setValidatorConfig, (FIRST, 1)), "Only callable by owner"
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
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setValidatorConfig, (validator, gasLimit)));
    }

    function assertSets(address oldValidator, uint32 oldGasLimit, address validator, uint32 gasLimit) private {
        expectEmit();
        emit IOffchainAggregator.ValidatorConfigSet(oldValidator, oldGasLimit, validator, gasLimit);
        set(validator, gasLimit);

        (address current, uint32 currentGasLimit) = aggregator.validatorConfig();
        assertEq(current, validator);
        assertEq(currentGasLimit, gasLimit);
    }
}
