// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @dev Source: contracts-ocr2 2.
contract OCR2AggregatorConstructorTest is OCR2Test {
    function test_constructor_emitsWhatItSets() public {
        vm.recordLogs();
        deploy();

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        assertEq(logs[0].topics[0], IOCR2Aggregator.LinkTokenSet.selector);
        assertEq(logs[0].topics[1], 0);
        assertEq(logs[0].topics[2], bytes32(uint256(uint160(address(link)))));
        assertEq(logs[1].topics[0], IOCR2Aggregator.BillingAccessControllerSet.selector);
        assertEq(logs[1].data, abi.encode(address(0), address(billingAccess)));
        assertEq(logs[2].topics[0], IOCR2Aggregator.RequesterAccessControllerSet.selector);
        assertEq(logs[2].data, abi.encode(address(0), address(requesterAccess)));
    }

    /// @dev The token is always announced, a controller only if there is one.
    function test_constructor_emitsNothingForZeroControllers() public {
        vm.recordLogs();
        deployWith(abi.encode(address(0), 0, 0, address(0), address(0), 0, ""));

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], IOCR2Aggregator.LinkTokenSet.selector);
        assertEq(logs[0].topics[2], 0);
    }

    function test_constructor_setsWhatItIsGiven() public {
        assertEq(aggregator.getLinkToken(), address(link));
        assertEq(aggregator.minAnswer(), MIN_ANSWER);
        assertEq(aggregator.maxAnswer(), MAX_ANSWER);
        assertEq(aggregator.getBillingAccessController(), address(billingAccess));
        assertEq(aggregator.getRequesterAccessController(), address(requesterAccess));
        assertEq(aggregator.decimals(), DECIMALS);
        assertEq(aggregator.description(), DESCRIPTION);
        assertEq(IOwnable(address(aggregator)).owner(), OWNER);
    }

    function test_constructor_startsFromNothing() public {
        aggregator = deploy();

        (uint32 maximum, uint32 reasonable, uint32 observation, uint32 transmission, uint24 accounting) =
            aggregator.getBilling();
        assertEq(abi.encode(maximum, reasonable, observation, transmission, accounting), abi.encode(0, 0, 0, 0, 0));
        (address validator, uint32 gasLimit) = aggregator.getValidatorConfig();
        assertEq(validator, address(0));
        assertEq(gasLimit, 0);
        assertEq(aggregator.latestRound(), 0);
        assertEq(aggregator.linkAvailableForPayment(), 0);
    }

    function test_constructor_validatesNothing() public {
        IOCR2Aggregator odd = deployWith(abi.encode(STRANGER, 5, -5, STRANGER, STRANGER, 255, ""));
        assertEq(odd.minAnswer(), 5);
        assertEq(odd.maxAnswer(), -5);
        assertEq(odd.decimals(), 255);
        assertEq(odd.description(), "");
    }

    function testFuzz_constructor_keepsLongDescriptions(string memory description) public {
        IOCR2Aggregator named = deployWith(abi.encode(address(0), 0, 0, address(0), address(0), 0, description));
        assertEq(named.description(), description);
    }

    function test_constructor_refusesValue() public {
        bytes memory creationCode =
            abi.encodePacked(vm.getCode(artifact()), abi.encode(link, 0, 0, address(0), address(0), 0, ""));
        address created;
        assembly ("memory-safe") {
            created := create(1, add(creationCode, 32), mload(creationCode))
        }
        assertEq(created, address(0));
        assembly ("memory-safe") {
            created := create(0, add(creationCode, 32), mload(creationCode))
        }
        assertNotEq(created, address(0));
    }

    function test_version_is6() public view {
        assertEq(aggregator.version(), 6);
    }

    function test_typeAndVersion() public view {
        assertEq(aggregator.typeAndVersion(), "OCR2Aggregator 1.0.0");
    }

    function deployWith(bytes memory arguments) private returns (IOCR2Aggregator) {
        return IOCR2Aggregator(deployCode(artifact(), arguments));
    }
}
