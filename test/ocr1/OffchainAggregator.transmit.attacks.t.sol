// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Messages, Report, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @notice Forged, replayed and oddly encoded transmissions.
/// @dev Source: contracts-ocr1 4, 5.4, 8 and 11.
contract OffchainAggregatorTransmitAttacksTest is OCR1Test {
    using OCR1Messages for Report;
    using OCR1Messages for Transmission;

    // -- Signatures --

    function test_transmit_acceptsHighS() public {
        Transmission memory t = nextTransmission();
        flip(t, 0);
        flip(t, 1);
        transmit(t);
    }

    function test_transmit_revertsIf_sameSignerSignsWithFlippedS() public {
        Transmission memory t = nextTransmission();
        attest(t, new uint256[](2));
        flip(t, 1);
        assertTransmitReverts(t, "non-unique signature");
    }

    function test_transmit_revertsIf_signatureIsUnrecoverable() public {
        Transmission memory t = nextTransmission();
        (bytes32 r, bytes32 s) = (t.rs[1], t.ss[1]);

        (t.rs[1], t.ss[1]) = (0, s);
        assertTransmitReverts(t, "address not authorized to sign");
        (t.rs[1], t.ss[1]) = (r, 0);
        assertTransmitReverts(t, "address not authorized to sign");
        (t.rs[1], t.ss[1]) = (bytes32(CURVE_ORDER), s);
        assertTransmitReverts(t, "address not authorized to sign");
        (t.rs[1], t.ss[1]) = (r, bytes32(CURVE_ORDER));
        assertTransmitReverts(t, "address not authorized to sign");
    }

    /// @dev Recovery yields the zero address; no configuration can contain it.
    function testFuzz_transmit_refusesGarbageSignatures(bytes32 r, bytes32 s, uint8 recoveryId) public {
        Transmission memory t = nextTransmission();
        (t.rs[1], t.ss[1]) = (r, s);
        setRecoveryId(t, 1, recoveryId);
        assertTransmitReverts(t, "address not authorized to sign");
    }

    /// @dev 27 is added modulo 256: 229 to 255 give 0 to 26, which recover nobody either.
    function test_transmit_refusesEveryOtherRecoveryId() public {
        Transmission memory t = nextTransmission();
        uint8 right = uint8(t.rawVs[1]);
        for (uint256 recoveryId = 0; recoveryId <= 255; recoveryId++) {
            if (recoveryId == right) continue;
            setRecoveryId(t, 1, uint8(recoveryId));
            assertTransmitReverts(t, "address not authorized to sign");
        }
        setRecoveryId(t, 1, right);
        transmit(t);
    }

    function test_transmit_ignoresRecoveryIdsOfMissingSignatures() public {
        Transmission memory t = nextTransmission();
        for (uint256 i = threshold + 1; i < 32; i++) {
            setRecoveryId(t, i, 255);
        }
        transmit(t);
    }

    // -- What the signatures cover --

    function test_transmit_revertsIf_signedContentIsAltered() public {
        // The last byte of the context's padding, of the observers, of an observation; a byte beyond the observers that
        // count. The rest of the context has guards of its own.
        uint256[4] memory positions = [uint256(10), 63, 96 + 63, 32 + 20];
        for (uint256 i = 0; i < positions.length; i++) {
            Transmission memory t = nextTransmission();
            t.report[positions[i]] = bytes1(uint8(t.report[positions[i]]) ^ 1);
            assertTransmitReverts(t, "address not authorized to sign");
        }
    }

    /// @dev The first 11 bytes of the context do not count, and are told as they are.
    function testFuzz_transmit_acceptsAnyPaddingOfTheContext(bytes11 padding) public {
        Report memory report = reportOf(array(1, 2, 3));
        report.context = OCR1Messages.reportContext(digest, 0x01020304, 5) | bytes32(padding);

        expectEmit();
        emit IOffchainAggregator.NewTransmission(1, 2, transmitter(0), report.observations, hex"000102", report.context);
        transmit(transmissionOf(report.encode()));
        (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
        assertEq(latestEpoch, 0x01020304);
        assertEq(round, 5);
    }

    // -- Replay --

    function test_transmit_revertsIf_replayed() public {
        Transmission memory t = nextTransmission();
        transmit(t);
        assertReverts(transmitter(1), t.encodeCall(), "stale report");
    }

    function test_transmit_revertsIf_replayedAfterSetConfig() public {
        Report memory report = reportOf(n);
        Transmission memory t = transmissionOf(report);
        configure(4, 1);
        assertTransmitReverts(t, "configDigest mismatch");

        // With the new digest in its context, it is not what the oracles signed.
        report.context = OCR1Messages.reportContext(digest, 1, 1);
        t.report = report.encode();
        assertTransmitReverts(t, "address not authorized to sign");
    }

    function test_transmit_revertsIf_replayedOnAnotherContract() public {
        Transmission memory t = nextTransmission();
        aggregator = deploy();
        setPayees(4);
        configure(4, 1);
        assertTransmitReverts(t, "configDigest mismatch");
    }

    /// @dev The digest does not name the chain. Who gives an aggregator the same address, oracles and number of
    /// configurations on two chains gives both the same reports.
    function test_transmit_acceptsReplayOnAnotherChain() public {
        Transmission memory t = nextTransmission();
        vm.chainId(block.chainid + 1);
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
        assertTransmitReverts(t, "address not authorized to sign");
    }

    function test_transmit_acceptsOracleThatReturns() public {
        setConfig(configOf(10, 4, 1));
        configure(MAX_ORACLES, 10);
        uint256[] memory signers = new uint256[](11);
        for (uint256 i = 0; i < 11; i++) {
            signers[i] = 30 - i;
        }
        Transmission memory t = nextTransmission();
        attest(t, signers);
        callAs(transmitter(30), t.encodeCall());
    }

    // -- Encoding of the report --

    function test_transmit_revertsIf_reportIsShort() public {
        bytes memory report = nextReport();
        for (uint256 length = 0; length < report.length; length += 32) {
            assertUndecodable(head(report, length));
        }
        assertUndecodable(head(report, 95));
        assertUndecodable(head(report, 127));
        assertUndecodable(head(report, report.length - 1));
    }

    function test_transmit_revertsIf_observationsLieOutside() public {
        bytes memory report = nextReport();
        uint256[8] memory offsets = [
            uint256(0x61), // the count is huge
            0x80,
            report.length - 31,
            report.length,
            1 << 32,
            1 << 64,
            1 << 255,
            type(uint256).max
        ];
        for (uint256 i = 0; i < offsets.length; i++) {
            setWord(report, 64, offsets[i]);
            assertUndecodable(report);
        }

        setWord(report, 64, 0x60);
        uint256[6] memory counts = [n + 1, 32, 1 << 32, 1 << 64, 1 << 251, type(uint256).max];
        for (uint256 i = 0; i < counts.length; i++) {
            setWord(report, 96, counts[i]);
            assertUndecodable(report);
        }
    }

    /// @dev What follows the observations, and what lies between, is signed and does not count.
    function test_transmit_acceptsGapsAndTrailingBytes() public {
        bytes memory report = nextReport();
        transmit(transmissionOf(bytes.concat(report, bytes32(type(uint256).max))));

        report = nextReport();
        setWord(report, 96, n - 1);
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), 101e8);

        bytes32 context = OCR1Messages.reportContext(digest, ++epoch, 1);
        report = abi.encode(context, FIRST_OBSERVERS, 0xa0, 7, 8, 3, 4, 5, 6);
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), 5);
    }

    /// @dev Only an encoding that puts it last can carry it.
    function test_transmit_acceptsAReportOfOddLength() public {
        Transmission memory t = transmissionOf(bytes.concat(nextReport(), hex"ff"));
        assertTransmitReverts(t, "transmit message too long");
        callAs(transmitter(0), t.encodeCallUnpadded());
    }

    function test_transmit_acceptsAnUnalignedOffset() public {
        bytes32 context = OCR1Messages.reportContext(digest, 1, 1);
        bytes memory report = abi.encodePacked(
            context, FIRST_OBSERVERS, uint256(0x61), hex"ee", uint256(3), int256(-4), int256(-3), int256(9), bytes31(0)
        );
        expectEmit();
        emit IOffchainAggregator.NewTransmission(1, -3, transmitter(0), array(-4, -3, 9), hex"000102", context);
        transmit(transmissionOf(report));
    }

    /// @dev Offset 0x20: the observers are the number of observations, of which there are 0 then.
    function test_transmit_acceptsObservationsThatAliasTheHead() public {
        bytes32 context = OCR1Messages.reportContext(digest, 1, 1);
        bytes memory report = abi.encode(context, uint256(0), uint256(0x20));
        assertTransmitReverts(transmissionOf(report), "too few values to trust median");
        // Offset 0x40: the offset is the number, 64.
        report = bytes.concat(abi.encode(context, uint256(0), uint256(0x40)), new bytes(64 * 32));
        assertTransmitReverts(transmissionOf(report), "num observations out of bounds");
    }

    /// @dev The low 192 bits are compared; the event carries the whole words.
    function test_transmit_acceptsDirtyObservations() public {
        bytes32 context = OCR1Messages.reportContext(digest, 1, 1);
        uint256[3] memory words = [
            // -4 without its sign extension, 5 with one, 6 with anything.
            uint256(uint192(int192(-4))), (type(uint256).max << 192) | 5, (uint256(0xdeadbeef) << 200) | 6
        ];
        bytes memory observations = abi.encodePacked(uint256(3), words);
        bytes memory report = bytes.concat(abi.encode(context, FIRST_OBSERVERS, 0x60), observations);

        vm.recordLogs();
        transmit(transmissionOf(report));
        assertEq(
            vm.getRecordedLogs()[0].data,
            bytes.concat(
                abi.encode(5, transmitter(0), 0xa0, 0xa0 + 0x80, context),
                observations,
                abi.encode(3, bytes32(hex"000102"))
            )
        );
        assertEq(aggregator.latestAnswer(), 5);
    }

    /// @dev One word of a valid report is overwritten; a decoder and guards written from the specification say what must
    /// come of it.
    function testFuzz_transmit_decodesAsSpecified(uint256 position, uint256 value, uint256 shape) public {
        bytes memory report = nextReport();
        position = bound(position, 1, report.length / 32 - 1) * 32;
        // Values that are likely to be offsets, counts, near-canonical or anything.
        if (shape % 4 == 0) value = bound(value, 0, report.length);
        if (shape % 4 == 1) value = uint256(int256(int192(int256(value))));
        if (shape % 4 == 2) value = bound(value, 0, 40);
        setWord(report, position, value);
        assertOutcome(report);
    }

    /// @dev Every offset, over a report whose words are all possible counts.
    function test_transmit_decodesEveryOffsetAsSpecified() public {
        for (uint256 offset = 0; offset <= 0x120; offset++) {
            bytes32 context = OCR1Messages.reportContext(digest, ++epoch, 1);
            assertOutcome(abi.encode(context, FIRST_OBSERVERS, offset, 3, 3, 3, 3, 3, 3));
        }
    }

    /// @dev Source: contracts-ocr1 5.4, rows 2 and 8 to 16.
    function assertOutcome(bytes memory report) private {
        Transmission memory t = transmissionOf(report);
        uint256 length = report.length;
        uint256 offset = word(report, 64);
        if (offset > length - 32) return assertRevertsEmpty(transmitter(0), t.encodeCall());
        uint256 k = word(report, offset);
        if (k > (length - 32 - offset) / 32) return assertRevertsEmpty(transmitter(0), t.encodeCall());
        if (k > 31) return assertTransmitReverts(t, "num observations out of bounds");
        if (k <= 2 * uint256(threshold)) return assertTransmitReverts(t, "too few values to trust median");
        for (uint256 i = 0; i < k; i++) {
            if (uint8(report[32 + i]) > 30) return assertPanics(transmitter(0), t.encodeCall(), INDEX_PANIC);
            for (uint256 j = 0; j < i; j++) {
                if (report[32 + i] == report[32 + j]) return assertTransmitReverts(t, "observer index repeated");
            }
        }
        int192[] memory values = new int192[](k);
        for (uint256 i = 0; i < k; i++) {
            values[i] = int192(uint192(word(report, offset + 32 + 32 * i)));
        }
        for (uint256 i = 1; i < k; i++) {
            if (values[i] < values[i - 1]) return assertTransmitReverts(t, "observations not sorted");
        }
        int192 median = values[k / 2];
        if (median < MIN_ANSWER || median > MAX_ANSWER) {
            return assertTransmitReverts(t, "median is out of min-max range");
        }
        transmit(t);
        assertEq(aggregator.latestAnswer(), median);
        for (uint256 i = 0; i < n; i++) {
            bool observed;
            for (uint256 j = 0; j < k; j++) {
                observed = observed || uint8(report[32 + j]) == i;
            }
            // Counts add up where a test calls this more than once.
            if (aggregator.latestRound() == 1) {
                assertEq(aggregator.oracleObservationCount(transmitter(i)), observed ? 1 : 0);
            }
        }
    }

    // -- Encoding of the arguments --

    function test_transmit_revertsIf_bytesAreAppended() public {
        bytes memory callData = nextTransmission().encodeCall();
        assertReverts(transmitter(0), bytes.concat(callData, hex"00"), "transmit message too long");
        assertReverts(transmitter(0), bytes.concat(callData, bytes32(0)), "transmit message too long");
    }

    /// @dev Two arguments that share their bytes make the calldata shorter than it must be.
    function test_transmit_revertsIf_argumentsShareBytes() public {
        Transmission memory t = nextTransmission();
        bytes memory callData = bytes.concat(
            IOffchainAggregator.transmit.selector,
            abi.encode(0x80 + 0x60, 0x80, 0x80, t.rawVs),
            abi.encodePacked(t.rs.length, t.rs, t.report.length, t.report)
        );
        assertReverts(transmitter(0), callData, "transmit message too long");
    }

    /// @dev Arguments are decoded before any guard.
    function test_transmit_revertsEmptyIf_calldataIsTruncated() public {
        bytes memory callData = nextTransmission().encodeCall();
        assertRevertsEmpty(STRANGER, head(callData, callData.length - 1));
        assertRevertsEmpty(STRANGER, head(callData, 4));
        assertRevertsEmpty(STRANGER, head(callData, 4 + 96));
    }

    function test_transmit_revertsEmptyIf_aLengthIsBeyondTheCalldata() public {
        Transmission memory t = nextTransmission();
        // Heads of the report, rs and ss are words 0 to 2 after the selector.
        for (uint256 i = 0; i < 3; i++) {
            bytes memory callData = t.encodeCall();
            uint256 offset = word(callData, 4 + 32 * i);
            setWord(callData, 4 + offset, 1 << 128);
            assertRevertsEmpty(transmitter(0), callData);
            setWord(callData, 4 + 32 * i, 1 << 128);
            assertRevertsEmpty(transmitter(0), callData);
        }
    }

    /// @dev The length counts bytes, not where they lie: arguments may swap their places.
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

    function word(bytes memory data, uint256 position) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(data, 32), position))
        }
    }

    function head(bytes memory data, uint256 length) private pure returns (bytes memory result) {
        result = new bytes(length);
        for (uint256 i = 0; i < length; i++) {
            result[i] = data[i];
        }
    }
}
