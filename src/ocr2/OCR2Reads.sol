// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OCR2State} from "./OCR2State.sol";

/// @title What consumers and oracles read
abstract contract OCR2Reads is OCR2State {
    /// @inheritdoc IOCR2Aggregator
    int192 public immutable override minAnswer;

    /// @inheritdoc IOCR2Aggregator
    int192 public immutable override maxAnswer;

    /// @inheritdoc IOCR2Aggregator
    uint8 public immutable override decimals;

    /// @inheritdoc IOCR2Aggregator
    uint256 public constant override version = 6;

    constructor(int192 minAnswer_, int192 maxAnswer_, uint8 decimals_, string memory description_) {
        minAnswer = minAnswer_;
        maxAnswer = maxAnswer_;
        decimals = decimals_;
        _description = description_;
    }

    /// @inheritdoc IOCR2Aggregator
    function description() public view virtual override returns (string memory) {
        return _description;
    }

    /// @inheritdoc IOCR2Aggregator
    function latestAnswer() public view virtual override returns (int256) {
        return _transmissions[_hotVars.latestAggregatorRoundId].answer;
    }

    /// @inheritdoc IOCR2Aggregator
    function latestTimestamp() public view virtual override returns (uint256) {
        return _transmissions[_hotVars.latestAggregatorRoundId].transmissionTimestamp;
    }

    /// @inheritdoc IOCR2Aggregator
    function latestRound() public view virtual override returns (uint256) {
        return _hotVars.latestAggregatorRoundId;
    }

    /// @inheritdoc IOCR2Aggregator
    function getAnswer(uint256 roundId) public view virtual override returns (int256) {
        if (roundId > type(uint32).max) return 0;
        return _transmissions[uint32(roundId)].answer;
    }

    /// @inheritdoc IOCR2Aggregator
    function getTimestamp(uint256 roundId) public view virtual override returns (uint256) {
        if (roundId > type(uint32).max) return 0;
        return _transmissions[uint32(roundId)].transmissionTimestamp;
    }

    /// @inheritdoc IOCR2Aggregator
    function getRoundData(uint80 roundId)
        public
        view
        virtual
        override
        returns (uint80 roundId_, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        if (roundId > type(uint32).max) {
            return (0, 0, 0, 0, 0);
        }
        return _roundData(uint32(roundId));
    }

    /// @inheritdoc IOCR2Aggregator
    function latestRoundData()
        public
        view
        virtual
        override
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return _roundData(_hotVars.latestAggregatorRoundId);
    }

    /// @inheritdoc IOCR2Aggregator
    function latestConfigDigestAndEpoch()
        external
        view
        override
        returns (bool scanLogs, bytes32 configDigest, uint32 epoch)
    {
        return (false, _configInfo.oracleSet.digest(), _hotVars.latestEpochAndRound.epoch());
    }

    /// @inheritdoc IOCR2Aggregator
    function latestTransmissionDetails()
        external
        view
        override
        returns (bytes32 configDigest, uint32 epoch, uint8 round, int192 latestAnswer_, uint64 latestTimestamp_)
    {
        // solhint-disable-next-line avoid-tx-origin
        if (msg.sender != tx.origin) revert(ErrorsLib.ONLY_EOA);
        HotVars memory hotVars = _hotVars;
        Transmission memory latest = _transmissions[hotVars.latestAggregatorRoundId];
        return (
            _configInfo.oracleSet.digest(),
            hotVars.latestEpochAndRound.epoch(),
            hotVars.latestEpochAndRound.round(),
            latest.answer,
            latest.transmissionTimestamp
        );
    }

    /// @dev Zero answer and times if there is no such round.
    function _roundData(uint32 roundId) private view returns (uint80, int256, uint256, uint256, uint80) {
        Transmission memory transmission = _transmissions[roundId];
        return
            (
                roundId,
                transmission.answer,
                transmission.observationsTimestamp,
                transmission.transmissionTimestamp,
                roundId
            );
    }
}
