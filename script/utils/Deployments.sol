// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {Feed} from "./Feed.sol";

/// @title Where the feeds are
/// @notice A file for each feed and chain, deployments/<chain id>/<feed>.json: the name of the contract and its address.
library Deployments {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Thrown when a feed was not deployed: there is no file at `path`. Run Deploy first.
    error NotDeployed(string path);

    /// @notice Thrown when the file at `path` names an address without code: the chain was reset, or Deploy did not end.
    error NoCode(string path, address aggregator);

    /// @notice Thrown when a feed would be deployed twice. Move the file at `path` away to deploy another aggregator.
    error AlreadyDeployed(string path, address aggregator);

    /// @notice The aggregator of a feed.
    function aggregatorOf(Feed memory feed) internal view returns (address aggregator) {
        string memory path = pathOf(feed);
        if (!vm.exists(path)) revert NotDeployed(path);
        aggregator = vm.parseJsonAddress(vm.readFile(path), ".aggregator");
        if (aggregator.code.length == 0) revert NoCode(path, aggregator);
    }

    /// @notice Refuses a feed whose aggregator is on the chain. A file that an interrupted Deploy left does not count.
    function requireNotDeployed(Feed memory feed) internal view {
        string memory path = pathOf(feed);
        if (!vm.exists(path)) return;
        address aggregator = vm.parseJsonAddress(vm.readFile(path), ".aggregator");
        if (aggregator.code.length != 0) revert AlreadyDeployed(path, aggregator);
    }

    /// @notice Writes down where a feed is.
    function write(Feed memory feed, address aggregator) internal {
        string memory object = pathOf(feed);
        vm.serializeString(object, "contract", feed.contractName);
        string memory json = vm.serializeAddress(object, "aggregator", aggregator);
        vm.createDir(_directory(feed), true);
        vm.writeJson(json, pathOf(feed));
    }

    /// @notice The file of a feed, relative to the repository.
    function pathOf(Feed memory feed) internal pure returns (string memory) {
        return string.concat(_directory(feed), "/", feed.name, ".json");
    }

    function _directory(Feed memory feed) private pure returns (string memory) {
        return string.concat("deployments/", vm.toString(feed.chainId));
    }
}
