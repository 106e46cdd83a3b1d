// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OffchainAggregatorReads} from "./OffchainAggregatorReads.sol";

/// @title Requests for rounds
abstract contract OffchainAggregatorRequests is OffchainAggregatorReads {
    /// @inheritdoc IOffchainAggregator
    function requestNewRound() external override returns (uint80) {
        if (!_mayCall(_requesterController)) revert(ErrorsLib.ONLY_OWNER_OR_REQUESTER);
        HotVars memory hotVars = _hotVars;
        emit RoundRequested(
            msg.sender,
            hotVars.oracleSet.digest(),
            hotVars.latestEpochAndRound.epoch(),
            hotVars.latestEpochAndRound.round()
        );
        // Round ids start again after 2^32 - 1.
        unchecked {
            return hotVars.latestAggregatorRoundId + 1;
        }
    }

    /// @inheritdoc IOffchainAggregator
    function setRequesterAccessController(address _requesterAccessController) external override onlyOwner {
        _setRequesterAccessController(_requesterAccessController);
    }

    /// @inheritdoc IOffchainAggregator
    function requesterAccessController() external view override returns (address) {
        return _requesterController;
    }

    function _setRequesterAccessController(address current) internal {
        address old = _requesterController;
        if (old == current) return;
        _requesterController = current;
        emit RequesterAccessControllerSet(old, current);
    }
}
