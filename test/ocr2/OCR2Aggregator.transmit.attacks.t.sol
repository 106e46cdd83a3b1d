// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {Config, OCR2Messages, Report, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @notice Forged, replayed and oddly encoded transmissions.
/// @dev Source: contracts-ocr2 4, 5.3, 8 and 11.
contract OCR2AggregatorTransmitAttacksTest is OCR2Test {
    using OCR2Messages for Report;
    using OCR2Messages for Transmission;

    // -- Signatures --

    function test_transmit_acceptsHighS() public {
        Transmission memory t = nextTransmission();
        flip(t, 0);
        flip(t, 1);
        transmit(t);
    }

    function test_transmit_revertsIf_sameSignerSignsWithFlippedS() public {
        Transmission memory t = nextTransmission();
        uint256[] memory signers = new uint256[](2);
        attest(t, signers);
        flip(t, 1);
        assertTransmitReverts(t, "duplicate signer");
    }

    function test_transmit_revertsIf_signatureIsUnrecoverable() public {
        Transmission memory t = nextTransmission();
        (bytes32 r, bytes32 s) = (t.rs[1], t.ss[1]);

        (t.rs[1], t.ss[1]) = (0, s);
        assertTransmitReverts(t, "signature error");
        (t.rs[1], t.ss[1]) = (r, 0);
        assertTransmitReverts(t, "signature error");
        (t.rs[1], t.ss[1]) = (bytes32(CURVE_ORDER), s);
        assertTransmitReverts(t, "signature error");
        (t.rs[1], t.ss[1]) = (r, bytes32(CURVE_ORDER));
        assertTransmitReverts(t, "signature error");
    }

    /// @dev Recovery yields the zero address; no configuration can contain it.
    function testFuzz_transmit_refusesGarbageSignatures(bytes32 r, bytes32 s, uint8 recoveryId) public {
        Transmission memory t = nextTransmission();
        (t.rs[1], t.ss[1]) = (r, s);
        setRecoveryId(t, 1, uint8(bound(recoveryId, 0, 228)));
        assertTransmitReverts(t, "signature error");
    }

    /// @dev 27 + 228 is the last value that fits in a byte.
    function test_transmit_recoveryIdBounds() public {
        uint8[4] memory refused = [2, 27, 28, 228];
        for (uint256 i = 0; i < refused.length; i++) {
            Transmission memory t = nextTransmission();
            setRecoveryId(t, 0, refused[i]);
            assertTransmitReverts(t, "signature error");
        }
        uint8[2] memory panicking = [229, 255];
        for (uint256 i = 0; i < panicking.length; i++) {
            Transmission memory t = nextTransmission();
            setRecoveryId(t, 0, panicking[i]);
            assertPanics(transmitter(0), t.encodeCall());
        }
    }

    /// @dev The signature loop takes both guards of a signature before the next signature.
    function test_transmit_recoveryIdIsCheckedInsideTheLoop() public {
        Transmission memory t = nextTransmission();
        setRecoveryId(t, 1, 229);
        assertPanics(transmitter(0), t.encodeCall());

        t.rs[0] = 0;
        assertTransmitReverts(t, "signature error");
    }

    function test_transmit_ignoresRecoveryIdsOfMissingSignatures() public {
        Transmission memory t = nextTransmission();
        for (uint256 i = f + 1; i < 32; i++) {
            setRecoveryId(t, i, 255);
        }
        transmit(t);
    }

    function test_transmit_revertsIf_recoveryIdsAreSwapped() public {
        Transmission memory t = nextTransmission();
        for (uint256 i = 0; i <= f; i++) {
            setRecoveryId(t, i, 1 - uint8(t.rawVs[i]));
        }
        assertTransmitReverts(t, "signature error");
    }

    // -- What the signatures cover --

    function test_transmit_revertsIf_signedContentIsAltered() public {
        for (uint256 i = 0; i < 3; i++) {
            Transmission memory t = nextTransmission();
            // Word 0 has a guard of its own; of word 1, a bit outside epoch and round.
            if (i == 0) t.reportContext[1] = bytes32(uint256(t.reportContext[1]) | (1 << 255));
            if (i == 1) t.reportContext[2] = 0;
            if (i == 2) t.report[31] = bytes1(uint8(t.report[31]) ^ 1);
            assertTransmitReverts(t, "signature error");
        }
    }

    function test_transmit_acceptsDirtyPaddingOfEpochAndRound() public {
        Transmission memory t = nextTransmission();
        t.reportContext[1] = bytes32(uint256(t.reportContext[1]) | (type(uint256).max << 40));
        attest(t, firstOracles(f + 1));
        transmit(t);

        (,, uint32 latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertEq(latestEpoch, epoch);
    }

    function testFuzz_transmit_acceptsAnyExtraHash(bytes32 extraHash) public {
        Transmission memory t = nextTransmission();
        t.reportContext[2] = extraHash;
        attest(t, firstOracles(f + 1));
        transmit(t);
    }

    // -- Replay --

    function test_transmit_revertsIf_replayed() public {
        Transmission memory t = nextTransmission();
        transmit(t);
        assertReverts(transmitter(1), t.encodeCall(), "stale report");
    }

    function test_transmit_revertsIf_replayedAfterSetConfig() public {
        Transmission memory t = nextTransmission();
        configure(4, 1);
        assertTransmitReverts(t, "configDigest mismatch");

        // With the new digest in its context, it is not what the oracles signed.
        t.reportContext[0] = digest;
        assertTransmitReverts(t, "signature error");
    }

    function test_transmit_revertsIf_replayedOnAnotherContract() public {
        Transmission memory t = nextTransmission();
        aggregator = deploy();
        configure(4, 1);
        assertTransmitReverts(t, "configDigest mismatch");
    }

    function test_transmit_revertsIf_replayedOnAnotherChain() public {
        Transmission memory t = nextTransmission();
        uint256 snapshot = vm.snapshotState();

        vm.chainId(block.chainid + 1);
        aggregator = deploy();
        configure(4, 1);
        (,, bytes32 digestElsewhere) = aggregator.latestConfigDetails();
        assertNotEq(digestElsewhere, t.reportContext[0]);
        assertTransmitReverts(t, "configDigest mismatch");

        vm.revertToState(snapshot);
        transmit(t);
    }

    function test_transmit_revertsIf_oracleWasRemoved() public {
        configure(7, 2);
        configure(4, 1);
        Transmission memory t = nextTransmission();
        assertReverts(transmitter(4), t.encodeCall(), "unauthorized transmitter");

        uint256[] memory signers = firstOracles(2);
        signers[1] = 4;
        attest(t, signers);
        assertTransmitReverts(t, "signature error");
    }

    function test_transmit_acceptsOracleThatReturns() public {
        configure(4, 1);
        setConfig(configOf(10, 4, 1));
        configure(31, 10);
        uint256[] memory signers = new uint256[](11);
        for (uint256 i = 0; i < 11; i++) {
            signers[i] = 30 - i;
        }
        Transmission memory t = nextTransmission();
        attest(t, signers);
        callAs(transmitter(30), t.encodeCall());
    }

    // -- What is accepted as it is --

    function test_transmit_acceptsUnsortedObservations() public {
        Report memory report = reportOf(3);
        (report.observations[0], report.observations[1], report.observations[2]) = (3, 1, 2);
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), 1, "the middle element as transmitted");
    }

    function test_transmit_acceptsRepeatedAndUnknownObservers() public {
        Report memory report = reportOf(n);
        report.observers = hex"0000ffff";
        transmit(transmissionOf(report));
    }

    function testFuzz_transmit_takesTheMiddleElement(int192[31] memory values, uint256 count) public {
        count = bound(count, f + 1, 31);
        Report memory report = reportOf(count);
        for (uint256 i = 0; i < count; i++) {
            report.observations[i] = values[i];
        }
        int192 middle = values[count / 2];
        Transmission memory t = transmissionOf(report);
        if (middle < MIN_ANSWER || middle > MAX_ANSWER) {
            assertTransmitReverts(t, "median is out of min-max range");
        } else {
            transmit(t);
            assertEq(aggregator.latestAnswer(), middle);
        }
    }

    // -- Encoding of the report --

    function test_transmit_revertsIf_reportIsShort() public {
        bytes memory report = reportOf(n).encode();
        for (uint256 length = 0; length < report.length; length += 32) {
            assertUndecodable(head(report, length));
        }
        assertUndecodable(head(report, 127));
        assertUndecodable(head(report, report.length - 1));
    }

    function test_transmit_revertsIf_timestampIsDirty() public {
        bytes memory report = reportOf(n).encode();
        report[27] = 0x01;
        assertUndecodable(report);
    }

    function test_transmit_revertsIf_observationIsDirty() public {
        for (uint256 i = 0; i < n; i++) {
            bytes memory report = reportOf(n).encode();
            // A positive value with the sign extension of a negative one.
            report[160 + 32 * i] = 0xff;
            assertUndecodable(report);
        }
    }

    function test_transmit_revertsIf_juelsPerFeeCoinIsDirty() public {
        bytes memory report = reportOf(n).encode();
        report[96] = 0x80;
        assertUndecodable(report);

        // 2^191 is one more than an int192 holds.
        report[96] = 0x00;
        report[104] = 0x80;
        assertUndecodable(report);
    }

    function test_transmit_revertsIf_observationsLieOutside() public {
        bytes memory report = reportOf(n).encode();

        setWord(report, 64, 0x81);
        assertUndecodable(report);
        setWord(report, 64, 0xa0);
        assertUndecodable(report);
        setWord(report, 64, report.length - 31);
        assertUndecodable(report);
        setWord(report, 64, uint256(type(uint64).max) + 1);
        assertUndecodable(report);
        setWord(report, 64, type(uint256).max);
        assertUndecodable(report);

        setWord(report, 64, 0x80);
        setWord(report, 128, n + 1);
        assertUndecodable(report);
        setWord(report, 128, 1 << 32);
        assertUndecodable(report);
    }

    function test_transmit_revertsIf_countIsBelowTheObservationsSent() public {
        bytes memory report = reportOf(n).encode();
        setWord(report, 128, n - 1);
        assertTransmitReverts(transmissionOf(report), "report length mismatch");
    }

    /// @dev Offset 0x60: juelsPerFeeCoin doubles as the number of observations.
    function test_transmit_acceptsObservationsThatAliasJuelsPerFeeCoin() public {
        bytes memory report = abi.encode(
            OBSERVATIONS_TIMESTAMP, bytes32(0), uint256(0x60), uint256(3), int192(7), int192(8), int192(9), 0
        );
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), 8);
    }

    /// @dev Offset 0x20: the observers double as the number of observations, which are the words that follow.
    function test_transmit_acceptsObservationsThatAliasObservers() public {
        bytes memory report = abi.encode(OBSERVATIONS_TIMESTAMP, uint256(2), uint256(0x20), int192(55), 0, 0, 0);

        expectEmit();
        emit IOCR2Aggregator.NewTransmission(
            1, 55, transmitter(0), OBSERVATIONS_TIMESTAMP, pair(0x20, 55), hex"0000", 55, digest, 1 << 8 | 1
        );
        transmit(transmissionOf(report));
    }

    function test_transmit_acceptsEveryOffsetThatFits() public {
        for (uint256 offset = 0x60; offset <= 0x80; offset++) {
            bytes memory report = new bytes(160 + 32 * 2);
            setWord(report, 64, offset);
            setWord(report, offset, 2);
            transmit(transmissionOf(report));
        }
        assertEq(aggregator.latestRound(), 33);
    }

    /// @dev Offset 0x7f: the count starts in the last byte of juelsPerFeeCoin.
    function test_transmit_acceptsUnalignedOffset() public {
        bytes memory tail = abi.encodePacked(uint256(2), int256(-4), int256(-3));
        bytes memory report =
            abi.encodePacked(uint256(OBSERVATIONS_TIMESTAMP), bytes32(0), uint256(0x7f), new bytes(31), tail, hex"00");
        assertEq(report.length, 160 + 32 * 2);

        expectEmit();
        emit IOCR2Aggregator.NewTransmission(
            1, -3, transmitter(0), OBSERVATIONS_TIMESTAMP, pair(-4, -3), hex"0000", 0, digest, 1 << 8 | 1
        );
        transmit(transmissionOf(report));
    }

    /// @dev One byte or word of a valid report is overwritten; what the ABI decoder makes of it decides the outcome.
    function testFuzz_transmit_decodesLikeTheAbi(uint256 position, uint256 value, uint256 shape) public {
        bytes memory report = reportOf(n).encode();
        position = bound(position, 0, report.length / 32 - 1) * 32;
        // Values that are likely to be offsets, counts, near-canonical or anything.
        if (shape % 4 == 0) value = bound(value, 0, report.length);
        if (shape % 4 == 1) value = uint256(int256(int192(int256(value))));
        if (shape % 4 == 2) value = bound(value, 0, 40);
        if (position == 64 || position == 128) value = bound(value, 0, 1 << 40);
        setWord(report, position, value);
        assertOutcome(report);
    }

    /// @dev Every offset, over a report whose words are all possible counts.
    function test_transmit_decodesEveryOffsetLikeTheAbi() public {
        for (uint256 offset = 0; offset <= 0x100; offset++) {
            assertOutcome(abi.encode(3, 3, offset, 3, 3, 3, 3, 3));
        }
    }

    /// @dev The reference decoder.
    function decode(bytes calldata report) external pure returns (uint32, bytes32, int192[] memory, int192) {
        return abi.decode(report, (uint32, bytes32, int192[], int192));
    }

    function assertOutcome(bytes memory report) private {
        Transmission memory t = transmissionOf(report);
        try this.decode(report) returns (
            uint32 timestamp, bytes32, int192[] memory observations, int192 juelsPerFeeCoin
        ) {
            if (report.length != 160 + 32 * observations.length) {
                assertTransmitReverts(t, "report length mismatch");
            } else if (observations.length > 31) {
                assertTransmitReverts(t, "num observations out of bounds");
            } else if (observations.length <= f) {
                assertTransmitReverts(t, "too few values to trust median");
            } else {
                int192 median = OCR2Messages.middle(observations);
                if (median < MIN_ANSWER || median > MAX_ANSWER) {
                    assertTransmitReverts(t, "median is out of min-max range");
                    return;
                }
                bytes memory observers = new bytes(observations.length);
                for (uint256 i = 0; i < observers.length; i++) {
                    observers[i] = report[32 + i];
                }
                uint32 roundId = uint32(aggregator.latestRound() + 1);
                expectEmit();
                emit IOCR2Aggregator.NewTransmission(
                    roundId,
                    median,
                    transmitter(0),
                    timestamp,
                    observations,
                    observers,
                    juelsPerFeeCoin,
                    digest,
                    uint40(epoch) << 8 | 1
                );
                transmit(t);
            }
        } catch {
            assertRevertsEmpty(transmitter(0), t.encodeCall());
        }
    }

    // -- Encoding of the arguments --

    /// @dev Arguments are decoded before any guard.
    function test_transmit_revertsEmptyIf_calldataIsTruncated() public {
        bytes memory callData = nextTransmission().encodeCall();
        assertRevertsEmpty(STRANGER, head(callData, callData.length - 1));
        assertRevertsEmpty(STRANGER, head(callData, 4));
        assertRevertsEmpty(STRANGER, head(callData, 4 + 96));
    }

    /// @dev The length counts bytes, not where they lie: arguments may share or swap their places.
    function test_transmit_acceptsReorderedArguments() public {
        callAs(transmitter(0), nextTransmission().encodeCallUnpadded());
    }

    // -- Building blocks --

    /// @dev The other signature of the same signer over the same message.
    function flip(Transmission memory t, uint256 index) private pure {
        t.ss[index] = bytes32(CURVE_ORDER - uint256(t.ss[index]));
        setRecoveryId(t, index, 1 - uint8(t.rawVs[index]));
    }

    function assertUndecodable(bytes memory report) private {
        assertRevertsEmpty(transmitter(0), transmissionOf(report).encodeCallUnpadded());
    }

    function setWord(bytes memory data, uint256 position, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 32), position), value)
        }
    }

    function head(bytes memory data, uint256 length) private pure returns (bytes memory result) {
        result = new bytes(length);
        for (uint256 i = 0; i < length; i++) {
            result[i] = data[i];
        }
    }

    function pair(int192 a, int192 b) private pure returns (int192[] memory values) {
        values = new int192[](2);
        (values[0], values[1]) = (a, b);
    }
}
