// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {Feed} from "./utils/Feed.sol";
import {FeedScript} from "./utils/FeedScript.sol";

/// @title Gives a fresh anvil what a feed expects of a real chain
/// @notice LINK and two access controllers, at the addresses in the feed's file; then the other scripts run as anywhere.
contract LocalNetwork is FeedScript {
    /// @notice Thrown when a contract did not get the address in the file: the deployer has sent transactions before, or
    /// is another account.
    error OtherAddress(string key, address deployed, address expected);

    /// @param path The feed's TOML file, relative to the repository.
    function run(string calldata path) external {
        surround(load(path));
    }

    /// @notice Deploys LINK and the access controllers of `feed`.
    function surround(Feed memory feed) public {
        // By their artifacts, as the aggregators: needs `forge build`.
        bytes memory controller = vm.getCode("SimpleWriteAccessController.sol:SimpleWriteAccessController");
        _deploy("link", vm.getCode("LinkTestToken.sol:LinkTestToken"), feed.link);
        _deploy("billing_access_controller", controller, feed.billingAccessController);
        _deploy("requester_access_controller", controller, feed.requesterAccessController);
    }

    function _deploy(string memory key, bytes memory creation, address expected) private {
        address deployed;
        vm.broadcast(msg.sender);
        assembly ("memory-safe") {
            deployed := create(0, add(creation, 32), mload(creation))
        }
        if (deployed != expected) revert OtherAddress(key, deployed, expected);
        console.log("%s %s", key, deployed);
    }
}
