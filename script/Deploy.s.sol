// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VmSafe} from "forge-std/Vm.sol";
import {console} from "forge-std/console.sol";

import {Deployments} from "./utils/Deployments.sol";
import {Feed, Protocol} from "./utils/Feed.sol";
import {FeedScript} from "./utils/FeedScript.sol";

/// @title Deploys a feed's aggregator
/// @notice It belongs to the account that deploys it. Its address is written to deployments/ when it is broadcast.
contract Deploy is FeedScript {
    /// @notice Thrown when an address that must be a contract has no code on this chain.
    error NotAContract(string key, address account);

    /// @param path The feed's TOML file, relative to the repository.
    function run(string calldata path) external returns (address aggregator) {
        Feed memory feed = load(path);
        Deployments.requireNotDeployed(feed);
        aggregator = deploy(feed);
        if (vm.isContext(VmSafe.ForgeContext.ScriptBroadcast)) Deployments.write(feed, aggregator);
    }

    /// @notice Deploys the aggregator of `feed`.
    function deploy(Feed memory feed) public returns (address aggregator) {
        // The aggregator would take any address, and then pay nobody and refuse another token.
        _requireContract("link", feed.link);
        if (feed.billingAccessController != address(0)) {
            _requireContract("billing_access_controller", feed.billingAccessController);
        }
        if (feed.requesterAccessController != address(0)) {
            _requireContract("requester_access_controller", feed.requesterAccessController);
        }
        string memory artifact = string.concat(feed.contractName, ".sol:", feed.contractName);
        bytes memory creation = bytes.concat(vm.getCode(artifact), _constructorArguments(feed));
        vm.broadcast(msg.sender);
        assembly ("memory-safe") {
            aggregator := create(0, add(creation, 32), mload(creation))
        }
        _requireContract("contract", aggregator);
        console.log("%s %s", feed.contractName, aggregator);
    }

    function _constructorArguments(Feed memory feed) private pure returns (bytes memory) {
        if (feed.protocol == Protocol.OCR1) {
            // Static, so its five words stand in place, as five arguments would.
            return abi.encode(
                feed.billing,
                feed.link,
                feed.minAnswer,
                feed.maxAnswer,
                feed.billingAccessController,
                feed.requesterAccessController,
                feed.decimals,
                feed.description
            );
        }
        return abi.encode(
            feed.link,
            feed.minAnswer,
            feed.maxAnswer,
            feed.billingAccessController,
            feed.requesterAccessController,
            feed.decimals,
            feed.description
        );
    }

    function _requireContract(string memory key, address account) private view {
        if (account.code.length == 0) revert NotAContract(key, account);
    }
}
