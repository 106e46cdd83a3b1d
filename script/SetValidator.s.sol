// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {IOCR2Aggregator} from "../src/interfaces/IOCR2Aggregator.sol";
import {Feed} from "./utils/Feed.sol";
import {FeedReads} from "./utils/FeedReads.sol";
import {DeployedFeedScript} from "./utils/FeedScript.sol";

/// @title Sets who is told about each of a feed's answers
contract SetValidator is DeployedFeedScript {
    /// @inheritdoc DeployedFeedScript
    function act(Feed memory feed, address aggregator) public override {
        (address validator, uint32 gasLimit) = FeedReads.validator(feed, aggregator);
        if (validator == feed.validator && gasLimit == feed.validatorGasLimit) {
            console.log("this validator is set");
            return;
        }
        // The same call in both protocols.
        send(aggregator, abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (feed.validator, feed.validatorGasLimit)));
    }
}
