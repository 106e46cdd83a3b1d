// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @dev Source: contracts-ocr1 2.
contract OffchainAggregatorConstructorTest is OCR1Test {
    uint32[5] internal prices = [type(uint32).max, 1, 2, 3, type(uint32).max - 1];
    uint32[5] internal noPrices;

    function test_constructor_emitsWhatItSets() public {
        vm.recordLogs();
        deployWith(abi.encode(prices, link, MIN_ANSWER, MAX_ANSWER, billingAccess, requesterAccess, 8, "A"));

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 4);
        assertEq(logs[0].topics[0], IOffchainAggregator.BillingSet.selector);
        assertEq(logs[0].data, abi.encode(prices));
        assertEq(logs[1].topics[0], IOffchainAggregator.LinkTokenSet.selector);
        assertEq(logs[1].topics[1], 0);
        assertEq(logs[1].topics[2], bytes32(uint256(uint160(address(link)))));
        assertEq(logs[2].topics[0], IOffchainAggregator.BillingAccessControllerSet.selector);
        assertEq(logs[2].data, abi.encode(address(0), address(billingAccess)));
        assertEq(logs[3].topics[0], IOffchainAggregator.RequesterAccessControllerSet.selector);
        assertEq(logs[3].data, abi.encode(address(0), address(requesterAccess)));
    }

    /// @dev Prices and token are always announced, a controller only if there is one.
    function test_constructor_emitsNothingForZeroControllers() public {
        vm.recordLogs();
        deployWith(abi.encode(noPrices, address(0), 0, 0, address(0), address(0), 0, ""));

        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertEq(logs[0].topics[0], IOffchainAggregator.BillingSet.selector);
        assertEq(logs[1].topics[0], IOffchainAggregator.LinkTokenSet.selector);
        assertEq(logs[1].topics[2], 0);
    }

    function test_constructor_setsWhatItIsGiven() public {
        assertEq(aggregator.getLinkToken(), address(link));
        assertEq(aggregator.minAnswer(), MIN_ANSWER);
        assertEq(aggregator.maxAnswer(), MAX_ANSWER);
        assertEq(aggregator.billingAccessController(), address(billingAccess));
        assertEq(aggregator.requesterAccessController(), address(requesterAccess));
        assertEq(aggregator.decimals(), DECIMALS);
        assertEq(aggregator.description(), DESCRIPTION);
        assertEq(IOwnable(address(aggregator)).owner(), OWNER);
    }

    function test_constructor_setsThePrices() public {
        assertEq(
            pricesOf(deployWith(abi.encode(prices, link, 0, 0, address(0), address(0), 0, ""))), abi.encode(prices)
        );
    }

    function test_constructor_startsFromNothing() public {
        aggregator = deploy();

        assertEq(pricesOf(aggregator), abi.encode(noPrices));
        (address validator, uint32 gasLimit) = aggregator.validatorConfig();
        assertEq(validator, address(0));
        assertEq(gasLimit, 0);
        assertEq(aggregator.latestRound(), 0);
        assertEq(aggregator.linkAvailableForPayment(), 0);
        assertEq(aggregator.transmitters().length, 0);
    }

    function test_constructor_validatesNothing() public {
        IOffchainAggregator odd = deployWith(abi.encode(noPrices, STRANGER, 5, -5, STRANGER, STRANGER, 255, ""));
        assertEq(odd.minAnswer(), 5);
        assertEq(odd.maxAnswer(), -5);
        assertEq(odd.decimals(), 255);
        assertEq(odd.description(), "");
    }

    function testFuzz_constructor_keepsLongDescriptions(string memory description) public {
        IOffchainAggregator named =
            deployWith(abi.encode(noPrices, address(0), 0, 0, address(0), address(0), 0, description));
        assertEq(named.description(), description);
    }

    function test_constructor_refusesValue() public {
        bytes memory creationCode =
            abi.encodePacked(vm.getCode(artifact()), abi.encode(noPrices, link, 0, 0, address(0), address(0), 0, ""));
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

    function test_version_is4() public view {
        assertEq(aggregator.version(), 4);
    }

    function test_typeAndVersion() public view {
        assertEq(aggregator.typeAndVersion(), "OffchainAggregator 4.0.0");
    }

    function pricesOf(IOffchainAggregator priced) private view returns (bytes memory) {
        (uint32 a, uint32 b, uint32 c, uint32 d, uint32 e) = priced.getBilling();
        return abi.encode(a, b, c, d, e);
    }

    function deployWith(bytes memory arguments) private returns (IOffchainAggregator) {
        return IOffchainAggregator(deployCode(artifact(), arguments));
    }
}
