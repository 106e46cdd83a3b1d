// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAccessList} from "../../src/interfaces/IAccessList.sol";
import {IAggregatorV2V3} from "../../src/interfaces/IAggregatorV2V3.sol";
import {OracleReader} from "../../src/libraries/OracleReader.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {MockFeed, Round} from "../utils/mocks/MockFeed.sol";
import {Test} from "forge-std/Test.sol";

/// @dev External, for their reverts.
contract Reader {
    function readLatest(IAggregatorV2V3 feed, OracleReader.Limits memory limits) external view returns (int256) {
        return OracleReader.readLatest(feed, limits);
    }

    function readRound(IAggregatorV2V3 feed, uint80 roundId, OracleReader.Limits memory limits)
        external
        view
        returns (int256, uint256)
    {
        return OracleReader.readRound(feed, roundId, limits);
    }

    function requireSequencerUp(IAggregatorV2V3 uptimeFeed, uint256 gracePeriodSeconds) external view {
        OracleReader.requireSequencerUp(uptimeFeed, gracePeriodSeconds);
    }
}

/// @notice Each rule, at both sides of its border, on feeds that say whatever the test wants.
contract OracleReaderTest is Test {
    uint256 internal constant NOW = 1_700_000_000;
    uint32 internal constant MAX_AGE_SECONDS = 3600;
    int192 internal constant LEAST = 100e8;
    int192 internal constant GREATEST = 10_000e8;
    uint80 internal constant ROUND_ID = 7;
    uint256 internal constant GRACE_SECONDS = 600;

    MockFeed internal mock = new MockFeed();
    IAggregatorV2V3 internal feed = IAggregatorV2V3(address(mock));
    Reader internal reader = new Reader();

    function setUp() public {
        vm.warp(NOW);
    }

    // -- readLatest --

    function test_readLatest_givesAGoodAnswer() public {
        mock.set(good());
        assertEq(reader.readLatest(feed, limits()), 1850e8);
    }

    function test_readLatest_agesUpToTheLimit() public {
        Round memory round = good();
        round.startedAt = round.updatedAt = NOW - MAX_AGE_SECONDS;
        mock.set(round);
        reader.readLatest(feed, limits());

        round.updatedAt--;
        assertLatestRefused(
            round, abi.encodeWithSelector(OracleReader.AnswerStale.selector, feed, round.updatedAt, MAX_AGE_SECONDS)
        );
    }

    function test_readLatest_revertsIf_observationIsOld() public {
        // Stored a moment ago, observed long before.
        Round memory round = good();
        round.startedAt = NOW - MAX_AGE_SECONDS - 1;
        assertLatestRefused(
            round, abi.encodeWithSelector(OracleReader.AnswerStale.selector, feed, round.startedAt, MAX_AGE_SECONDS)
        );
    }

    function test_readLatest_letsOraclesClocksRunAhead() public {
        Round memory round = good();
        round.startedAt = NOW + 5;
        mock.set(round);
        reader.readLatest(feed, limits());
    }

    function test_readLatest_revertsIf_answerIsFromTheFuture() public {
        Round memory round = good();
        round.updatedAt = NOW;
        mock.set(round);
        reader.readLatest(feed, limits());

        round.updatedAt = NOW + 1;
        assertLatestRefused(round, abi.encodeWithSelector(OracleReader.AnswerFromTheFuture.selector, feed, NOW + 1));
        round.updatedAt = type(uint256).max;
        assertLatestRefused(
            round, abi.encodeWithSelector(OracleReader.AnswerFromTheFuture.selector, feed, type(uint256).max)
        );
    }

    function test_readLatest_revertsIf_thereIsNoAnswer() public {
        Round memory round = good();
        round.roundId = 0;
        assertLatestRefused(round, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, 0));
        round = good();
        round.startedAt = 0;
        assertLatestRefused(round, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, ROUND_ID));
        round = good();
        round.updatedAt = 0;
        assertLatestRefused(round, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, ROUND_ID));
    }

    function test_readLatest_revertsIf_answerIsOfAnEarlierRound() public {
        Round memory round = good();
        round.answeredInRound = ROUND_ID - 1;
        assertLatestRefused(
            round, abi.encodeWithSelector(OracleReader.RoundIncomplete.selector, feed, ROUND_ID, ROUND_ID - 1)
        );
    }

    function test_readLatest_answersWithinBounds() public {
        Round memory round = good();
        for (uint256 i = 0; i < 2; i++) {
            int192 bound = i == 0 ? LEAST : GREATEST;
            round.answer = bound;
            mock.set(round);
            assertEq(reader.readLatest(feed, limits()), bound);
            round.answer = i == 0 ? bound - 1 : bound + 1;
            assertLatestRefused(
                round,
                abi.encodeWithSelector(OracleReader.AnswerOutOfBounds.selector, feed, round.answer, LEAST, GREATEST)
            );
        }
    }

    /// @dev Values on both sides of every border; an answer is given exactly if all is well.
    function testFuzz_readLatest_givesExactlyTheGoodAnswers(Round memory round) public {
        round.roundId = uint80(bound(round.roundId, 0, 3));
        round.answer = bound(round.answer, LEAST - 100e8, GREATEST + 100e8);
        round.startedAt = bound(round.startedAt, NOW - MAX_AGE_SECONDS - 100, NOW + 100);
        round.updatedAt = bound(round.updatedAt, NOW - MAX_AGE_SECONDS - 100, NOW + 100);
        round.answeredInRound = uint80(bound(round.answeredInRound, 0, 3));
        bool isGood = round.roundId > 0 && round.answeredInRound >= round.roundId && round.updatedAt <= NOW
            && round.updatedAt >= NOW - MAX_AGE_SECONDS && round.startedAt >= NOW - MAX_AGE_SECONDS
            && round.answer >= LEAST && round.answer <= GREATEST;
        mock.set(round);
        try reader.readLatest(feed, limits()) returns (int256 answer) {
            assertTrue(isGood);
            assertEq(answer, round.answer);
        } catch {
            assertFalse(isGood);
        }
    }

    /// @dev Whatever a feed says, a refusal has a name.
    function testFuzz_readLatest_doesNotPanic(Round memory round) public {
        mock.set(round);
        try reader.readLatest(feed, limits()) {}
        catch (bytes memory reason) {
            assertGt(reason.length, 4, "a named error");
            assertTrue(bytes4(reason) != bytes4(keccak256("Panic(uint256)")), "panic");
        }
    }

    // -- readRound --

    function test_readRound_givesAnswersOfAnyAge() public {
        Round memory round = good();
        round.startedAt = round.updatedAt = 1;
        mock.set(round);
        (int256 answer, uint256 updatedAt) = reader.readRound(feed, ROUND_ID, limits());
        assertEq(answer, 1850e8);
        assertEq(updatedAt, 1);
    }

    function test_readRound_revertsIf_roundIsNotThere() public {
        Round memory round = good();
        assertRoundRefused(
            round, ROUND_ID + 1, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, ROUND_ID + 1)
        );
        round.roundId = 0;
        assertRoundRefused(round, 0, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, 0));
        round = good();
        round.updatedAt = 0;
        assertRoundRefused(round, ROUND_ID, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, ROUND_ID));
        round = good();
        round.startedAt = 0;
        assertRoundRefused(round, ROUND_ID, abi.encodeWithSelector(OracleReader.NoAnswer.selector, feed, ROUND_ID));
    }

    function test_readRound_revertsIf_roundCannotBeBelieved() public {
        Round memory round = good();
        round.answeredInRound--;
        assertRoundRefused(
            round, ROUND_ID, abi.encodeWithSelector(OracleReader.RoundIncomplete.selector, feed, ROUND_ID, ROUND_ID - 1)
        );
        round = good();
        round.updatedAt = NOW + 1;
        assertRoundRefused(
            round, ROUND_ID, abi.encodeWithSelector(OracleReader.AnswerFromTheFuture.selector, feed, NOW + 1)
        );
        round = good();
        round.answer = LEAST - 1;
        assertRoundRefused(
            round,
            ROUND_ID,
            abi.encodeWithSelector(OracleReader.AnswerOutOfBounds.selector, feed, LEAST - 1, LEAST, GREATEST)
        );
    }

    // -- requireSequencerUp --

    function test_requireSequencerUp_waitsForTheGracePeriod() public {
        uptime(0, NOW - GRACE_SECONDS);
        reader.requireSequencerUp(feed, GRACE_SECONDS);

        uptime(0, NOW - GRACE_SECONDS + 1);
        assertSequencerRefused(
            abi.encodeWithSelector(OracleReader.SequencerJustUp.selector, feed, NOW - GRACE_SECONDS + 1, GRACE_SECONDS)
        );
    }

    function test_requireSequencerUp_revertsIf_sequencerIsDown() public {
        uptime(1, 1);
        assertSequencerRefused(abi.encodeWithSelector(OracleReader.SequencerDown.selector, feed));
    }

    function test_requireSequencerUp_revertsIf_feedHasNoAnswer() public {
        uptime(0, 0);
        assertSequencerRefused(abi.encodeWithSelector(OracleReader.SequencerDown.selector, feed));
        uptime(0, NOW + 1);
        assertSequencerRefused(abi.encodeWithSelector(OracleReader.SequencerDown.selector, feed));
    }

    // -- Tools --

    function good() internal pure returns (Round memory) {
        return Round(ROUND_ID, 1850e8, NOW - 20, NOW - 10, ROUND_ID);
    }

    function limits() internal pure returns (OracleReader.Limits memory) {
        return OracleReader.Limits(MAX_AGE_SECONDS, LEAST, GREATEST);
    }

    function uptime(int256 answer, uint256 startedAt) internal {
        mock.set(Round(1, answer, startedAt, startedAt, 1));
    }

    function assertLatestRefused(Round memory round, bytes memory reason) internal {
        mock.set(round);
        vm.expectRevert(reason);
        reader.readLatest(feed, limits());
    }

    function assertRoundRefused(Round memory round, uint80 roundId, bytes memory reason) internal {
        mock.set(round);
        vm.expectRevert(reason);
        reader.readRound(feed, roundId, limits());
    }

    function assertSequencerRefused(bytes memory reason) internal {
        vm.expectRevert(reason);
        reader.requireSequencerUp(feed, GRACE_SECONDS);
    }
}

/// @notice The same library on feeds that oracles fill, and the example that uses it.
contract OracleReaderOnAggregatorsTest is OCR2Test {
    uint8 internal constant ROUND_ID_BITS = 32;

    Reader internal reader = new Reader();

    function limits() internal pure returns (OracleReader.Limits memory) {
        return OracleReader.Limits(3600, 1, 1000e8);
    }

    function feed() internal view returns (IAggregatorV2V3) {
        return IAggregatorV2V3(address(aggregator));
    }

    function test_ocr2_isReadAfterItsFirstRound() public {
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, aggregator, 0));
        reader.readLatest(feed(), limits());

        transmitNext();
        assertEq(reader.readLatest(feed(), limits()), 102e8);
        (int256 answer, uint256 updatedAt) = reader.readRound(feed(), 1, limits());
        assertEq(answer, 102e8);
        assertEq(updatedAt, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, aggregator, 2));
        reader.readRound(feed(), 2, limits());
        uint80 foreignRoundId = uint80(1) << ROUND_ID_BITS;
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, aggregator, foreignRoundId));
        reader.readRound(feed(), foreignRoundId, limits());
    }

    function test_ocr2_goesStaleByItsObservations() public {
        transmitNext();
        vm.warp(OBSERVATIONS_TIMESTAMP + 3600);
        reader.readLatest(feed(), limits());
        vm.warp(OBSERVATIONS_TIMESTAMP + 3601);
        vm.expectRevert(
            abi.encodeWithSelector(OracleReader.AnswerStale.selector, aggregator, OBSERVATIONS_TIMESTAMP, 3600)
        );
        reader.readLatest(feed(), limits());
    }

    function test_ocr1_withoutARoundHasNoAnswer() public {
        bytes memory arguments = abi.encode(
            [uint256(0), 0, 0, 0, 0], link, MIN_ANSWER, MAX_ANSWER, address(0), address(0), DECIMALS, DESCRIPTION
        );
        IAggregatorV2V3 ocr1 = IAggregatorV2V3(deployCode("OffchainAggregator.sol:OffchainAggregator", arguments));
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, ocr1, 0));
        reader.readLatest(ocr1, limits());
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, ocr1, 1));
        reader.readRound(ocr1, 1, limits());
        vm.expectRevert("No data present");
        reader.readRound(ocr1, uint80(1) << ROUND_ID_BITS, limits());
    }

    function test_gatedFeed_refusesReadersItDoesNotList() public {
        bytes memory arguments =
            abi.encode(link, MIN_ANSWER, MAX_ANSWER, billingAccess, requesterAccess, DECIMALS, DESCRIPTION);
        address gated = deployCode("AccessControlledOCR2Aggregator.sol:AccessControlledOCR2Aggregator", arguments);
        vm.expectRevert("No access");
        reader.readLatest(IAggregatorV2V3(gated), limits());
        IAccessList(gated).addAccess(address(reader));
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, gated, 0));
        reader.readLatest(IAggregatorV2V3(gated), limits());
    }

    // -- ExampleConsumer --

    function deployExample(uint8 decimals, OracleReader.Limits memory limits_) internal returns (IExampleConsumer) {
        bytes memory creation = vm.getCode("ExampleConsumer.sol:ExampleConsumer");
        creation = bytes.concat(creation, abi.encode(aggregator, decimals, limits_));
        address example;
        assembly ("memory-safe") {
            example := create(0, add(creation, 32), mload(creation))
            if iszero(example) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
        return IExampleConsumer(example);
    }

    /// @dev External, for its reverts.
    function tryExample(uint8 decimals, OracleReader.Limits memory limits_) external {
        deployExample(decimals, limits_);
    }

    function test_example_values() public {
        transmitNext();
        IExampleConsumer example = deployExample(DECIMALS, limits());
        assertEq(example.valueOf(3e18), 306e18);
        assertEq(example.valueOf(0), 0);
        vm.warp(block.timestamp + 3600);
        vm.expectRevert(
            abi.encodeWithSelector(OracleReader.AnswerStale.selector, aggregator, OBSERVATIONS_TIMESTAMP, 3600)
        );
        example.valueOf(1);
    }

    function test_example_refusesAFeedItWouldNotBelieve() public {
        vm.expectRevert(abi.encodeWithSelector(OracleReader.NoAnswer.selector, aggregator, 0));
        this.tryExample(DECIMALS, limits());
    }

    function test_example_refusesLimitsOfAnotherFeed() public {
        transmitNext();
        vm.expectRevert(abi.encodeWithSignature("OtherDecimals(uint8,uint8)", DECIMALS, 18));
        this.tryExample(18, limits());
        OracleReader.Limits memory limits_ = limits();
        limits_.leastAnswer = 0;
        vm.expectRevert(abi.encodeWithSignature("LeastAnswerNotPositive(int192)", int192(0)));
        this.tryExample(DECIMALS, limits_);
    }
}

interface IExampleConsumer {
    function valueOf(uint256 amount) external view returns (uint256);
}
