// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";

/// @notice What consumers read, for every aggregator.
/// @dev Source: contracts-ocr2 5.4, contracts-ocr1 5.5.
abstract contract AggregatorReadsSpec is Test {
    IAggregatorV2V3 private _feed;

    /// @dev A fresh aggregator that lets this contract read, and gets its rounds from `report`.
    function createFeed() internal virtual returns (IAggregatorV2V3);

    /// @dev Makes a round of the feed with this answer and observations timestamp.
    function report(int192 answer, uint32 observationsTimestamp) internal virtual;

    /// @dev When a round made in this block started. OCR1 does not tell when it was observed: contracts-ocr1 5.5.
    function startOf(uint32 observationsTimestamp) internal view virtual returns (uint256) {
        return observationsTimestamp;
    }

    /// @dev Whether `getRoundData` refuses an id that no round can have, as in OCR1.
    function refusesImpossibleRounds() internal pure virtual returns (bool) {
        return false;
    }

    function setUp() public virtual {
        _feed = createFeed();
        vm.warp(1_700_000_000);
    }

    function test_reads_areZeroBeforeTheFirstRound() public view {
        assertEq(_feed.latestAnswer(), 0);
        assertEq(_feed.latestTimestamp(), 0);
        assertEq(_feed.latestRound(), 0);
        assertRound(0, 0, 0, 0);
        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            _feed.latestRoundData();
        assertEq(abi.encode(roundId, answer, startedAt, updatedAt, answeredInRound), abi.encode(0, 0, 0, 0, 0));
    }

    function test_reads_tellTheLatestRound() public {
        report(-7, 1_699_999_990);
        vm.warp(1_700_000_100);
        report(9, 1_700_000_095);
        uint256 start = startOf(1_700_000_095);

        assertEq(_feed.latestAnswer(), 9);
        assertEq(_feed.latestTimestamp(), 1_700_000_100);
        assertEq(_feed.latestRound(), 2);
        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            _feed.latestRoundData();
        assertEq(
            abi.encode(roundId, answer, startedAt, updatedAt, answeredInRound),
            abi.encode(2, 9, start, 1_700_000_100, 2)
        );
    }

    function test_reads_tellEveryRound() public {
        report(-7, 1_699_999_990);
        uint256 start = startOf(1_699_999_990);
        vm.warp(1_700_000_100);
        report(9, 1_700_000_095);

        assertEq(_feed.getAnswer(1), -7);
        assertEq(_feed.getTimestamp(1), 1_700_000_000);
        assertRound(1, -7, start, 1_700_000_000);
        assertRound(2, 9, startOf(1_700_000_095), 1_700_000_100);
    }

    function test_reads_answerZeroForAnUnknownRound() public {
        report(5, 1_700_000_000);
        assertEq(_feed.getAnswer(0), 0);
        assertEq(_feed.getAnswer(2), 0);
        assertEq(_feed.getTimestamp(2), 0);
        assertRound(0, 0, 0, 0);
        assertRound(2, 0, 0, 0);
    }

    /// @dev Ids have 32 bits: no id above may be answered with the round of its low bits.
    function test_reads_tellOfNoImpossibleRound() public {
        report(5, 1_700_000_000);
        assertEq(_feed.getAnswer((1 << 32) + 1), 0);
        assertEq(_feed.getAnswer(type(uint256).max), 0);
        assertEq(_feed.getTimestamp((1 << 32) + 1), 0);
        assertEq(_feed.getTimestamp((1 << 255) + 1), 0);

        assertRound(type(uint32).max, 0, 0, 0);
        uint80[3] memory ids = [uint80(1 << 32), (1 << 32) + 1, type(uint80).max];
        for (uint256 i = 0; i < ids.length; i++) {
            if (refusesImpossibleRounds()) {
                vm.expectRevert("No data present");
                _feed.getRoundData(ids[i]);
                continue;
            }
            (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
                _feed.getRoundData(ids[i]);
            assertEq(abi.encode(roundId, answer, startedAt, updatedAt, answeredInRound), abi.encode(0, 0, 0, 0, 0));
        }
    }

    function testFuzz_reads_keepExtremeValues(int192 answer, uint32 observationsTimestamp, uint32 blockTimestamp)
        public
    {
        vm.warp(blockTimestamp);
        report(answer, observationsTimestamp);
        assertEq(_feed.latestAnswer(), answer);
        assertRound(1, answer, startOf(observationsTimestamp), blockTimestamp);
    }

    /// @dev Known or not: the round answers in itself.
    function assertRound(uint80 id, int256 expectedAnswer, uint256 expectedStart, uint256 expectedUpdate) private view {
        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            _feed.getRoundData(id);
        assertEq(
            abi.encode(roundId, answer, startedAt, updatedAt, answeredInRound),
            abi.encode(id, expectedAnswer, expectedStart, expectedUpdate, id)
        );
    }
}
