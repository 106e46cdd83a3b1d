// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ConfirmedOwnerWithProposal} from "../access/ConfirmedOwnerWithProposal.sol";
import {SimpleReadAccessController} from "../access/SimpleReadAccessController.sol";
import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {OffchainAggregator} from "./OffchainAggregator.sol";
import {OffchainAggregatorReads} from "./OffchainAggregatorReads.sol";
import {OffchainAggregatorState} from "./OffchainAggregatorState.sol";

/// @title OCR1 aggregator with gated reads
/// @notice Contracts must be on the access list to read the answer; accounts and what oracles read are not gated.
contract AccessControlledOffchainAggregator is OffchainAggregator, SimpleReadAccessController {
    /// @dev Parameters as in `OffchainAggregator`; names are the original's.
    constructor(
        uint32 _maximumGasPrice,
        uint32 _reasonableGasPrice,
        uint32 _microLinkPerEth,
        uint32 _linkGweiPerObservation,
        uint32 _linkGweiPerTransmission,
        address _link,
        int192 _minAnswer,
        int192 _maxAnswer,
        address _billingAccessController,
        address _requesterAccessController,
        uint8 _decimals,
        string memory description
    )
        OffchainAggregator(
            _maximumGasPrice,
            _reasonableGasPrice,
            _microLinkPerEth,
            _linkGweiPerObservation,
            _linkGweiPerTransmission,
            _link,
            _minAnswer,
            _maxAnswer,
            _billingAccessController,
            _requesterAccessController,
            _decimals,
            description
        )
    {}

    /// @inheritdoc IOffchainAggregator
    function typeAndVersion() external pure override returns (string memory) {
        return "AccessControlledOffchainAggregator 4.0.0";
    }

    /// @inheritdoc OffchainAggregatorState
    function transferOwnership(address _to) public override(ConfirmedOwnerWithProposal, OffchainAggregatorState) {
        OffchainAggregatorState.transferOwnership(_to);
    }

    /// @inheritdoc OffchainAggregatorReads
    function description() public view override checkAccess returns (string memory) {
        return super.description();
    }

    /// @inheritdoc OffchainAggregatorReads
    function latestAnswer() public view override checkAccess returns (int256) {
        return super.latestAnswer();
    }

    /// @inheritdoc OffchainAggregatorReads
    function latestTimestamp() public view override checkAccess returns (uint256) {
        return super.latestTimestamp();
    }

    /// @inheritdoc OffchainAggregatorReads
    function latestRound() public view override checkAccess returns (uint256) {
        return super.latestRound();
    }

    /// @inheritdoc OffchainAggregatorReads
    function getAnswer(uint256 _roundId) public view override checkAccess returns (int256) {
        return super.getAnswer(_roundId);
    }

    /// @inheritdoc OffchainAggregatorReads
    function getTimestamp(uint256 _roundId) public view override checkAccess returns (uint256) {
        return super.getTimestamp(_roundId);
    }

    /// @inheritdoc OffchainAggregatorReads
    function getRoundData(uint80 _roundId)
        public
        view
        override
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return super.getRoundData(_roundId);
    }

    /// @inheritdoc OffchainAggregatorReads
    function latestRoundData()
        public
        view
        override
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return super.latestRoundData();
    }
}
