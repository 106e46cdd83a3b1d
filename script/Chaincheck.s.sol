// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "forge-std/console.sol";

import {IOCR2Aggregator} from "../src/interfaces/IOCR2Aggregator.sol";
import {IOwnable} from "../src/interfaces/IOwnable.sol";
import {Deployments} from "./utils/Deployments.sol";
import {Feed, Protocol} from "./utils/Feed.sol";
import {FeedFile} from "./utils/FeedFile.sol";
import {FeedReads} from "./utils/FeedReads.sol";
import {FeedScript} from "./utils/FeedScript.sol";
import {SetConfigFile} from "./utils/SetConfigFile.sol";

/// @title Compares a feed on chain with its TOML file
/// @notice Prints every difference and sends nothing. Ends with an error, and `forge` with exit code 1, if there is one.
contract Chaincheck is FeedScript {
    /// @notice Thrown when the chain differs from the file in so many keys.
    error ChainDiffers(uint256 differences);

    uint256 private _differences;

    /// @param path The feed's TOML file, relative to the repository.
    function run(string calldata path) external {
        Feed memory feed = load(path);
        uint256 differences = check(feed, Deployments.aggregatorOf(feed));
        if (differences != 0) revert ChainDiffers(differences);
    }

    /// @notice Number of keys in which `aggregator` differs from `feed`.
    function check(Feed memory feed, address aggregator) public returns (uint256) {
        _differences = 0;
        string memory name = IOCR2Aggregator(aggregator).typeAndVersion();
        _compare(
            "contract", name, string.concat(feed.contractName, feed.protocol == Protocol.OCR1 ? " 4.0.0" : " 1.0.0")
        );
        // Of another kind of contract, nothing below can be asked.
        if (_differences != 0) return _differences;
        _checkConstruction(feed, IOCR2Aggregator(aggregator));
        _compare("owner", IOwnable(aggregator).owner(), feed.owner);
        _compare(
            "billing_access_controller",
            FeedReads.billingAccessController(feed, aggregator),
            feed.billingAccessController
        );
        _compare(
            "requester_access_controller",
            FeedReads.requesterAccessController(feed, aggregator),
            feed.requesterAccessController
        );
        _checkConfig(feed, aggregator);
        _checkBilling(feed, aggregator);
        (address validator, uint32 gasLimit) = FeedReads.validator(feed, aggregator);
        _compare("validator.address", validator, feed.validator);
        _compare("validator.gas_limit", vm.toString(gasLimit), vm.toString(feed.validatorGasLimit));
        _checkPayees(feed, IOCR2Aggregator(aggregator));
        return _differences;
    }

    function _checkConstruction(Feed memory feed, IOCR2Aggregator aggregator) private {
        // Gated in the access-controlled variants; accounts may read, contracts must be on the list.
        vm.prank(feed.owner, feed.owner);
        _compare("description", aggregator.description(), feed.description);
        _compare("decimals", vm.toString(aggregator.decimals()), vm.toString(feed.decimals));
        _compare("min_answer", vm.toString(aggregator.minAnswer()), vm.toString(feed.minAnswer));
        _compare("max_answer", vm.toString(aggregator.maxAnswer()), vm.toString(feed.maxAnswer));
        _compare("link", aggregator.getLinkToken(), feed.link);
    }

    function _checkConfig(Feed memory feed, address aggregator) private {
        (uint64 configCount, bytes32 digest) = FeedReads.latestConfig(aggregator);
        _compare(
            "set_config",
            vm.toString(digest),
            vm.toString(SetConfigFile.digest(feed.protocol, SetConfigFile.read(feed), aggregator, configCount))
        );
    }

    function _checkBilling(Feed memory feed, address aggregator) private {
        string[] memory keys = FeedFile.billingKeys(feed.protocol);
        uint256[5] memory billing = FeedReads.billing(aggregator);
        for (uint256 i = 0; i < keys.length; i++) {
            _compare(string.concat("billing.", keys[i]), vm.toString(billing[i]), vm.toString(feed.billing[i]));
        }
        int256 availableJuels = IOCR2Aggregator(aggregator).linkAvailableForPayment();
        if (availableJuels < 0) _differ("LINK to pay the oracles", vm.toString(availableJuels), "0 juels or more");
    }

    /// @dev The aggregator does not say who a payee is, but only the payee may propose another: tried, and undone.
    function _checkPayees(Feed memory feed, IOCR2Aggregator aggregator) private {
        for (uint256 i = 0; i < feed.transmitters.length; i++) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(feed.payees[i]);
            bool isPayee = true;
            try aggregator.transferPayeeship(feed.transmitters[i], address(0)) {}
            catch {
                isPayee = false;
            }
            vm.revertToStateAndDelete(snapshot);
            string memory key = string.concat("payees.", vm.toString(feed.transmitters[i]));
            string memory payee = vm.toString(feed.payees[i]);
            _compare(key, isPayee ? payee : "another", payee);
        }
    }

    function _compare(string memory key, address onChain, address inFile) private {
        _compare(key, vm.toString(onChain), vm.toString(inFile));
    }

    function _compare(string memory key, string memory onChain, string memory inFile) private {
        if (keccak256(bytes(onChain)) != keccak256(bytes(inFile))) _differ(key, onChain, inFile);
        else console.log("ok       %s = %s", key, onChain);
    }

    function _differ(string memory key, string memory onChain, string memory inFile) private {
        _differences++;
        console.log("DIFFERS  %s: %s on chain, %s in the file", key, onChain, inFile);
    }
}
