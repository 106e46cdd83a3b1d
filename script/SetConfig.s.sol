// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {Feed} from "./utils/Feed.sol";
import {FeedReads} from "./utils/FeedReads.sol";
import {DeployedFeedScript} from "./utils/FeedScript.sol";
import {SetConfigArguments, SetConfigFile} from "./utils/SetConfigFile.sol";

/// @title Puts a feed's oracles in charge
/// @notice Sends what `ocr setconfig encode` wrote, and checks that the digest is the one its oracles will expect.
contract SetConfig is DeployedFeedScript {
    /// @notice Thrown when the aggregator gave the configuration another digest than its oracles will.
    error OtherDigest(bytes32 given, bytes32 expected);

    /// @inheritdoc DeployedFeedScript
    function act(Feed memory feed, address aggregator) public override {
        SetConfigArguments memory arguments = SetConfigFile.read(feed);
        if (FeedReads.hasConfig(feed, aggregator, arguments)) {
            console.log("this configuration is in force");
            return;
        }
        send(aggregator, SetConfigFile.call(feed.protocol, arguments));
        (uint64 configCount, bytes32 digest) = FeedReads.latestConfig(aggregator);
        bytes32 expected = SetConfigFile.digest(feed.protocol, arguments, aggregator, configCount);
        if (digest != expected) revert OtherDigest(digest, expected);
        console.log("configuration %s, digest %s", configCount, vm.toString(digest));
    }
}
