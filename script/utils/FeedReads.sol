// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {Feed, Protocol} from "./Feed.sol";
import {SetConfigArguments, SetConfigFile} from "./SetConfigFile.sol";

/// @title What both aggregators say of themselves
/// @dev Where the two differ by name only, the name is chosen here; answers that differ in width only are read as words.
library FeedReads {
    /// @notice Prices, in the order of `setBilling`.
    function billing(address aggregator) internal view returns (uint256[5] memory) {
        return abi.decode(_read(aggregator, IOCR2Aggregator.getBilling.selector), (uint256[5]));
    }

    /// @notice The validator and the gas it gets.
    function validator(Feed memory feed, address aggregator) internal view returns (address, uint32) {
        bytes4 selector = feed.protocol == Protocol.OCR1
            ? IOffchainAggregator.validatorConfig.selector
            : IOCR2Aggregator.getValidatorConfig.selector;
        return abi.decode(_read(aggregator, selector), (address, uint32));
    }

    /// @notice Says who administers billing besides the owner.
    function billingAccessController(Feed memory feed, address aggregator) internal view returns (address) {
        bytes4 selector = feed.protocol == Protocol.OCR1
            ? IOffchainAggregator.billingAccessController.selector
            : IOCR2Aggregator.getBillingAccessController.selector;
        return abi.decode(_read(aggregator, selector), (address));
    }

    /// @notice Says who requests rounds besides the owner.
    function requesterAccessController(Feed memory feed, address aggregator) internal view returns (address) {
        bytes4 selector = feed.protocol == Protocol.OCR1
            ? IOffchainAggregator.requesterAccessController.selector
            : IOCR2Aggregator.getRequesterAccessController.selector;
        return abi.decode(_read(aggregator, selector), (address));
    }

    /// @notice Number and digest of the configuration in force; of OCR1 the digest is the first 16 bytes.
    function latestConfig(address aggregator) internal view returns (uint64 configCount, bytes32 configDigest) {
        (configCount,, configDigest) =
            abi.decode(_read(aggregator, IOCR2Aggregator.latestConfigDetails.selector), (uint64, uint32, bytes32));
    }

    /// @notice Whether the configuration in force is the one `arguments` make.
    function hasConfig(Feed memory feed, address aggregator, SetConfigArguments memory arguments)
        internal
        view
        returns (bool)
    {
        (uint64 configCount, bytes32 digest) = latestConfig(aggregator);
        return digest == SetConfigFile.digest(feed.protocol, arguments, aggregator, configCount);
    }

    function _read(address aggregator, bytes4 selector) private view returns (bytes memory) {
        (bool ok, bytes memory answer) = aggregator.staticcall(abi.encodePacked(selector));
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        return answer;
    }
}
