// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessController} from "../interfaces/IAccessController.sol";
import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {EpochAndRound} from "../types/EpochAndRound.sol";
import {OCR2Reads} from "./OCR2Reads.sol";

/// @title Requests for rounds
abstract contract OCR2Requests is OCR2Reads {
    /// @inheritdoc IOCR2Aggregator
    function requestNewRound() external override returns (uint80) {
        if (!_mayCall(_requesterController)) revert(ErrorsLib.ONLY_OWNER_OR_REQUESTER);
        uint32 nextRoundId = _hotVars.latestAggregatorRoundId + 1;
        EpochAndRound latest = _hotVars.latestEpochAndRound;
        emit RoundRequested(msg.sender, _configInfo.oracleSet.digest(), latest.epoch(), latest.round());
        return nextRoundId;
    }

    /// @inheritdoc IOCR2Aggregator
    function setRequesterAccessController(address requesterAccessController) external override onlyOwner {
        _setRequesterAccessController(IAccessController(requesterAccessController));
    }

    /// @inheritdoc IOCR2Aggregator
    function getRequesterAccessController() external view override returns (address) {
        return address(_requesterController);
    }

    /// @dev Whether the caller is the owner or `controller` lets it. The owner is never asked about.
    function _mayCall(IAccessController controller) internal view returns (bool) {
        return msg.sender == owner() || controller.hasAccess(msg.sender, msg.data);
    }

    function _setRequesterAccessController(IAccessController current) internal {
        IAccessController old = _requesterController;
        if (old == current) return;
        _requesterController = current;
        emit RequesterAccessControllerSet(address(old), address(current));
    }
}
