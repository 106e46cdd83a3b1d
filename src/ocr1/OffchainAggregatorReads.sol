// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OffchainAggregatorState} from "./OffchainAggregatorState.sol";

/// @title What consumers and oracles read
abstract contract OffchainAggregatorReads is OffchainAggregatorState {
    /// @inheritdoc IOffchainAggregator
    int192 public immutable override minAnswer;

    /// @inheritdoc IOffchainAggregator
    int192 public immutable override maxAnswer;

    /// @inheritdoc IOffchainAggregator
    uint8 public immutable override decimals;

    /// @inheritdoc IOffchainAggregator
    uint256 public constant override version = 4;

    constructor(int192 minAnswer_, int192 maxAnswer_, uint8 decimals_, string memory description_) {
        minAnswer = minAnswer_;
        maxAnswer = maxAnswer_;
        decimals = decimals_;
        _feedDescription = description_;
    }

    /// @inheritdoc IOffchainAggregator
    function description() public view virtual override returns (string memory) {
        return _feedDescription;
    }

    /// @inheritdoc IOffchainAggregator
    function latestAnswer() public view virtual override returns (int256) {
        return _transmissions[_hotVars.latestAggregatorRoundId].answer;
    }

    /// @inheritdoc IOffchainAggregator
    function latestTimestamp() public view virtual override returns (uint256) {
        return _transmissions[_hotVars.latestAggregatorRoundId].timestamp;
    }

    /// @inheritdoc IOffchainAggregator
    function latestRound() public view virtual override returns (uint256) {
        return _hotVars.latestAggregatorRoundId;
    }

    /// @inheritdoc IOffchainAggregator
    function getAnswer(uint256 _roundId) public view virtual override returns (int256) {
        if (_roundId > type(uint32).max) return 0;
        return _transmissions[uint32(_roundId)].answer;
    }

    /// @inheritdoc IOffchainAggregator
    function getTimestamp(uint256 _roundId) public view virtual override returns (uint256) {
        if (_roundId > type(uint32).max) return 0;
        return _transmissions[uint32(_roundId)].timestamp;
    }

    /// @inheritdoc IOffchainAggregator
    function getRoundData(uint80 _roundId)
        public
        view
        virtual
        override
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        if (_roundId > type(uint32).max) revert(ErrorsLib.NO_DATA);
        return _roundData(uint32(_roundId));
    }

    /// @inheritdoc IOffchainAggregator
    function latestRoundData()
        public
        view
        virtual
        override
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return _roundData(_hotVars.latestAggregatorRoundId);
    }

    /// @inheritdoc IOffchainAggregator
    function latestTransmissionDetails()
        external
        view
        override
        returns (bytes16 configDigest, uint32 epoch, uint8 round, int192 latestAnswer, uint64 latestTimestamp)
    {
        // solhint-disable-next-line avoid-tx-origin
        if (msg.sender != tx.origin) revert(ErrorsLib.ONLY_EOA);
        HotVars memory hotVars = _hotVars;
        Transmission memory latest = _transmissions[hotVars.latestAggregatorRoundId];
        return (
            hotVars.oracleSet.digest(),
            hotVars.latestEpochAndRound.epoch(),
            hotVars.latestEpochAndRound.round(),
            latest.answer,
            latest.timestamp
        );
    }

    /// @dev Zero answer and times if there is no such round.
    function _roundData(uint32 roundId) private view returns (uint80, int256, uint256, uint256, uint80) {
        Transmission memory transmission = _transmissions[roundId];
        return (roundId, transmission.answer, transmission.timestamp, transmission.timestamp, roundId);
    }
}
