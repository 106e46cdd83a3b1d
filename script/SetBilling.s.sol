// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {IOCR2Aggregator} from "../src/interfaces/IOCR2Aggregator.sol";
import {IOffchainAggregator} from "../src/interfaces/IOffchainAggregator.sol";
import {Feed, Protocol} from "./utils/Feed.sol";
import {FeedReads} from "./utils/FeedReads.sol";
import {DeployedFeedScript} from "./utils/FeedScript.sol";

/// @title Sets a feed's prices
/// @notice Pays every oracle what it is owed first, so the aggregator needs LINK. For the owner or a billing admin.
contract SetBilling is DeployedFeedScript {
    /// @inheritdoc DeployedFeedScript
    function act(Feed memory feed, address aggregator) public override {
        if (keccak256(abi.encode(FeedReads.billing(aggregator))) == keccak256(abi.encode(feed.billing))) {
            console.log("these prices are in force");
            return;
        }
        bytes4 selector = feed.protocol == Protocol.OCR1
            ? IOffchainAggregator.setBilling.selector
            : IOCR2Aggregator.setBilling.selector;
        // Five words, as five arguments would be.
        send(aggregator, bytes.concat(selector, abi.encode(feed.billing)));
    }
}
