// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SimpleReadAccessController} from "../access/SimpleReadAccessController.sol";
import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {OCR2Aggregator} from "./OCR2Aggregator.sol";
import {OCR2Reads} from "./OCR2Reads.sol";

/// @title OCR2 aggregator with gated reads
/// @notice Contracts must be on the access list to read the answer; accounts and what oracles read are not gated.
contract AccessControlledOCR2Aggregator is OCR2Aggregator, SimpleReadAccessController {
    /// @dev Parameters as in `OCR2Aggregator`; names are the original's.
    constructor(
        address _link,
        int192 _minAnswer,
        int192 _maxAnswer,
        address _billingAccessController,
        address _requesterAccessController,
        uint8 _decimals,
        string memory description
    )
        OCR2Aggregator(
            _link, _minAnswer, _maxAnswer, _billingAccessController, _requesterAccessController, _decimals, description
        )
    {}

    /// @inheritdoc IOCR2Aggregator
    function typeAndVersion() external pure override returns (string memory) {
        return "AccessControlledOCR2Aggregator 1.0.0";
    }

    /// @inheritdoc OCR2Reads
    function description() public view override checkAccess returns (string memory) {
        return super.description();
    }

    /// @inheritdoc OCR2Reads
    function latestAnswer() public view override checkAccess returns (int256) {
        return super.latestAnswer();
    }

    /// @inheritdoc OCR2Reads
    function latestTimestamp() public view override checkAccess returns (uint256) {
        return super.latestTimestamp();
    }

    /// @inheritdoc OCR2Reads
    function latestRound() public view override checkAccess returns (uint256) {
        return super.latestRound();
    }

    /// @inheritdoc OCR2Reads
    function getAnswer(uint256 _roundId) public view override checkAccess returns (int256) {
        return super.getAnswer(_roundId);
    }

    /// @inheritdoc OCR2Reads
    function getTimestamp(uint256 _roundId) public view override checkAccess returns (uint256) {
        return super.getTimestamp(_roundId);
    }

    /// @inheritdoc OCR2Reads
    function getRoundData(uint80 _roundId)
        public
        view
        override
        checkAccess
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return super.getRoundData(_roundId);
    }

    /// @inheritdoc OCR2Reads
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
