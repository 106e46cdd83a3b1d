// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {IOwnable} from "../src/interfaces/IOwnable.sol";
import {Feed} from "./utils/Feed.sol";
import {DeployedFeedScript} from "./utils/FeedScript.sol";

/// @title Completes the transfer of a feed to its owner
/// @notice Run by the owner that TransferOwnership proposed.
contract AcceptOwnership is DeployedFeedScript {
    /// @inheritdoc DeployedFeedScript
    function act(Feed memory feed, address aggregator) public override {
        if (IOwnable(aggregator).owner() == feed.owner) {
            console.log("%s is the owner", feed.owner);
            return;
        }
        send(aggregator, abi.encodeCall(IOwnable.acceptOwnership, ()));
    }
}
