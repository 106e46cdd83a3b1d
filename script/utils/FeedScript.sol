// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Script} from "forge-std/Script.sol";
import {console} from "forge-std/console.sol";

import {Deployments} from "./Deployments.sol";
import {Feed} from "./Feed.sol";
import {FeedFile} from "./FeedFile.sol";

/// @title What every script of a feed begins with
/// @notice Run with `forge script script/<Name>.s.sol --sig "run(string)" <feed.toml>`. Nothing is sent without
/// `--broadcast`; without it the calls are tried on a copy of the chain, and printed, for a multisig owner to send.
abstract contract FeedScript is Script {
    /// @notice Thrown when the endpoint is of another chain than the feed.
    error WrongChain(uint256 connected, uint256 expected);

    /// @dev The feed at `path`, if it belongs to the chain we are connected to.
    function load(string memory path) internal view returns (Feed memory feed) {
        feed = FeedFile.read(path);
        if (block.chainid != feed.chainId) revert WrongChain(block.chainid, feed.chainId);
    }

    /// @dev Sends one transaction. A refusal ends the script with the contract's own words.
    function send(address to, bytes memory data) internal {
        console.log("to   %s", to);
        console.log("data %s", vm.toString(data));
        vm.broadcast(msg.sender);
        (bool ok, bytes memory result) = to.call(data);
        if (!ok) revertWith(result);
    }

    /// @dev Reverts with another call's revert data.
    function revertWith(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}

/// @title A script that acts on a deployed feed
abstract contract DeployedFeedScript is FeedScript {
    /// @param path The feed's TOML file, relative to the repository.
    function run(string calldata path) external {
        Feed memory feed = load(path);
        act(feed, Deployments.aggregatorOf(feed));
    }

    /// @notice Makes one thing at `aggregator` as `feed` wants it; nothing if it already is.
    function act(Feed memory feed, address aggregator) public virtual;
}
