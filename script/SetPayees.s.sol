// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {IOCR2Aggregator} from "../src/interfaces/IOCR2Aggregator.sol";
import {Feed} from "./utils/Feed.sol";
import {DeployedFeedScript} from "./utils/FeedScript.sol";

/// @title Says who is paid for each of a feed's oracles
/// @notice A payee that was set is replaced by itself only (`transferPayeeship`): the aggregator refuses another.
contract SetPayees is DeployedFeedScript {
    /// @inheritdoc DeployedFeedScript
    function act(Feed memory feed, address aggregator) public override {
        if (feed.transmitters.length == 0) {
            console.log("[payees] is empty");
            return;
        }
        // The same call in both protocols.
        send(aggregator, abi.encodeCall(IOCR2Aggregator.setPayees, (feed.transmitters, feed.payees)));
    }
}
