// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {Config, OCR2Messages, Report, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @notice `transmit`: its guards in their order, and what an accepted report does.
/// @dev Forgeries are in `OCR2Aggregator.transmit.attacks.t.sol`, payment in `….payment.t.sol`, the validator in
/// `….validator.t.sol`. Source: contracts-ocr2 5.3.
contract OCR2AggregatorTransmitTest is OCR2Test {
    using OCR2Messages for Report;
    using OCR2Messages for Transmission;

    /// @dev Guards of `transmit`, in their order.
    enum Guard {
        ReportIsFresh,
        CallerIsTransmitter,
        DigestMatches,
        CalldataLengthMatches,
        SignatureCount,
        SignatureArraysMatch,
        SignersAreOracles,
        SignersAreDistinct,
        ReportDecodes,
        ReportLengthMatches,
        AtMost31Observations,
        MoreThanFObservations,
        MedianInRange
    }

    // -- Guards --

    /// @dev Case i breaks guard i and every later one it can, and expects what guard i says.
    function test_transmit_guardOrder() public {
        configure(7, 2);
        string[13] memory reasons = [
            "stale report",
            "unauthorized transmitter",
            "configDigest mismatch",
            "calldata length mismatch",
            "wrong number of signatures",
            "signatures out of registration",
            "signature error",
            "duplicate signer",
            "", // no data
            "report length mismatch",
            "num observations out of bounds",
            "too few values to trust median",
            "median is out of min-max range"
        ];
        for (uint256 i = 0; i < reasons.length; i++) {
            (address caller, bytes memory callData) = brokenFrom(Guard(i));
            if (Guard(i) == Guard.ReportDecodes) assertRevertsEmpty(caller, callData);
            else assertReverts(caller, callData, reasons[i]);
        }
    }

    /// @dev A transmission that breaks `first` and every later guard that can be broken at the same time.
    function brokenFrom(Guard first) private view returns (address caller, bytes memory callData) {
        bytes32 digest_ = first <= Guard.DigestMatches ? bytes32(uint256(digest) ^ 1) : digest;
        uint32 epoch_ = first == Guard.ReportIsFresh ? 0 : epoch + 1;

        Transmission memory t;
        t.reportContext = OCR2Messages.reportContext(digest_, epoch_, 0, EXTRA_HASH);
        t.report = brokenReportFrom(first);

        // Oracle 0 signs twice; oracle n is not configured.
        uint256[] memory signers = firstOracles(f + 1 + (first <= Guard.SignatureCount ? 1 : 0));
        if (first <= Guard.SignersAreDistinct) signers[1] = 0;
        if (first <= Guard.SignersAreOracles) signers[signers.length - 1] = n;
        attest(t, signers);
        if (first <= Guard.SignatureArraysMatch) t.ss = new bytes32[](signers.length - 1);

        callData = t.encodeCall();
        if (first <= Guard.CalldataLengthMatches) callData = bytes.concat(callData, hex"00");
        caller = first <= Guard.CallerIsTransmitter ? STRANGER : transmitter(0);
    }

    function brokenReportFrom(Guard first) private view returns (bytes memory) {
        uint256 count = first <= Guard.AtMost31Observations ? 32 : first == Guard.MoreThanFObservations ? f : f + 1;
        Report memory report = reportOf(count);
        report.observations[count / 2] = MAX_ANSWER + 1;

        bytes memory encoded = report.encode();
        if (first <= Guard.ReportLengthMatches) encoded = bytes.concat(encoded, bytes32(0));
        // A timestamp of 2^32 is not canonical.
        if (first <= Guard.ReportDecodes) encoded[27] = 0x01;
        return encoded;
    }

    function test_transmit_revertsIf_reportIsStale() public {
        transmit(transmissionOf(reportOf(n).encode(), 7, 3));

        uint32[4] memory epochs = [uint32(0), 6, 7, 7];
        uint8[4] memory rounds = [0, 255, 2, 3];
        for (uint256 i = 0; i < epochs.length; i++) {
            assertTransmitReverts(transmissionOf(reportOf(n).encode(), epochs[i], rounds[i]), "stale report");
        }
        transmit(transmissionOf(reportOf(n).encode(), 7, 4));
        transmit(transmissionOf(reportOf(n).encode(), 8, 0));
    }

    function test_transmit_revertsIf_epochAndRoundAreZero() public {
        assertTransmitReverts(transmissionOf(reportOf(n).encode(), 0, 0), "stale report");
        transmit(transmissionOf(reportOf(n).encode(), 0, 1));
    }

    function test_transmit_acceptsTheLastEpochAndRound() public {
        transmit(transmissionOf(reportOf(n).encode(), type(uint32).max, 255));

        (,, uint32 latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertEq(latestEpoch, type(uint32).max);
        assertTransmitReverts(transmissionOf(reportOf(n).encode(), type(uint32).max, 255), "stale report");
    }

    function testFuzz_transmit_epochAndRoundOnlyRise(uint32 epochA, uint8 roundA, uint32 epochB, uint8 roundB) public {
        vm.assume(epochA > 0 || roundA > 0);
        transmit(transmissionOf(reportOf(n).encode(), epochA, roundA));

        Transmission memory next = transmissionOf(reportOf(n).encode(), epochB, roundB);
        if (epochB > epochA || (epochB == epochA && roundB > roundA)) transmit(next);
        else assertTransmitReverts(next, "stale report");
    }

    function test_transmit_revertsIf_callerIsNoTransmitter() public {
        bytes memory callData = nextTransmission().encodeCall();

        address[5] memory callers = [OWNER, STRANGER, signer(0), payee(0), transmitter(4)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callData, "unauthorized transmitter");
        }
    }

    function test_transmit_revertsIf_notConfigured() public {
        aggregator = deploy();

        Transmission memory t = nextTransmission();
        t.reportContext[0] = 0;
        assertTransmitReverts(t, "unauthorized transmitter");
    }

    function test_transmit_revertsIf_digestDiffers() public {
        Transmission memory t = nextTransmission();
        t.reportContext[0] = bytes32(uint256(digest) ^ (1 << 255));
        attest(t, firstOracles(f + 1));
        assertTransmitReverts(t, "configDigest mismatch");
    }

    function test_transmit_revertsIf_calldataLengthDiffers() public {
        bytes memory callData = nextTransmission().encodeCall();

        assertReverts(transmitter(0), bytes.concat(callData, hex"00"), "calldata length mismatch");
        assertReverts(transmitter(0), bytes.concat(callData, bytes32(0)), "calldata length mismatch");
    }

    function test_transmit_revertsIf_signatureCountIsNotFPlusOne() public {
        Transmission memory t = nextTransmission();
        for (uint256 count = 0; count <= n; count++) {
            if (count == f + 1) continue;
            attest(t, firstOracles(count));
            assertTransmitReverts(t, "wrong number of signatures");
        }
    }

    function test_transmit_revertsIf_signatureArraysDiffer() public {
        Transmission memory t = nextTransmission();
        for (uint256 count = 0; count <= n; count++) {
            if (count == f + 1) continue;
            t.ss = new bytes32[](count);
            assertTransmitReverts(t, "signatures out of registration");
        }
    }

    function test_transmit_revertsIf_signerIsNoOracle() public {
        Transmission memory t = nextTransmission();
        for (uint256 i = 0; i <= f; i++) {
            uint256[] memory signers = firstOracles(f + 1);
            signers[i] = n;
            attest(t, signers);
            assertTransmitReverts(t, "signature error");
        }
    }

    function test_transmit_revertsIf_signerIsOnlyTransmitter() public {
        // Key of no oracle, whose address transmits.
        uint256 key = FIRST_SIGNER_KEY + MAX_ORACLES;
        setConfig(configWithTransmitter(vm.addr(key)));

        Transmission memory t = nextTransmission();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, OCR2Messages.signedHash(t.report, t.reportContext));
        (t.rs[1], t.ss[1]) = (r, s);
        setRecoveryId(t, 1, v - 27);
        assertReverts(transmitter(1), t.encodeCall(), "signature error");
    }

    function test_transmit_acceptsASignerThatTransmits() public {
        setConfig(configWithTransmitter(signer(0)));

        callAs(signer(0), nextTransmission().encodeCall());
        assertEq(aggregator.latestRound(), 1);
    }

    function test_transmit_revertsIf_signerIsDuplicate() public {
        configure(7, 2);
        Transmission memory t = nextTransmission();
        uint256[3][4] memory duplicates =
            [[uint256(0), 0, 1], [uint256(0), 1, 0], [uint256(1), 0, 0], [uint256(6), 6, 6]];
        for (uint256 i = 0; i < duplicates.length; i++) {
            uint256[] memory signers = new uint256[](3);
            for (uint256 j = 0; j < 3; j++) {
                signers[j] = duplicates[i][j];
            }
            attest(t, signers);
            assertTransmitReverts(t, "duplicate signer");
        }
    }

    function test_transmit_revertsIf_reportLengthMismatches() public {
        bytes memory report = reportOf(n).encode();

        bytes memory callData = transmissionOf(bytes.concat(report, hex"00")).encodeCallUnpadded();
        assertReverts(transmitter(0), callData, "report length mismatch");
        assertTransmitReverts(transmissionOf(bytes.concat(report, bytes32(0))), "report length mismatch");
    }

    function test_transmit_observationCountBounds() public {
        configure(31, 10);

        assertTransmitReverts(transmissionOf(reportOf(0)), "too few values to trust median");
        assertTransmitReverts(transmissionOf(reportOf(f)), "too few values to trust median");
        transmit(transmissionOf(reportOf(f + 1)));
        transmit(transmissionOf(reportOf(31)));
        assertTransmitReverts(transmissionOf(reportOf(32)), "num observations out of bounds");
    }

    function test_transmit_acceptsMoreObservationsThanOracles() public {
        Report memory report = reportOf(31);
        transmit(transmissionOf(report));

        assertEq(aggregator.latestAnswer(), report.observations[15]);
    }

    function test_transmit_revertsIf_medianIsOutOfRange() public {
        Report memory report = reportOf(3);

        report.observations = array(MIN_ANSWER - 2, MIN_ANSWER - 1, MAX_ANSWER);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
        report.observations = array(MIN_ANSWER, MAX_ANSWER + 1, MAX_ANSWER + 2);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
        report.observations = array(0, type(int192).max, 0);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
        report.observations = array(0, type(int192).min, 0);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
    }

    function test_transmit_acceptsMedianAtTheBounds() public {
        Report memory report = reportOf(3);

        report.observations = array(type(int192).min, MIN_ANSWER, MIN_ANSWER);
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), MIN_ANSWER);
        report.observations = array(MAX_ANSWER, MAX_ANSWER, type(int192).max);
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), MAX_ANSWER);
    }

    function test_transmit_panicsIf_roundIdsAreExhausted() public {
        transmitNext();
        setRoundId(type(uint32).max - 1);

        transmitNext();
        assertEq(aggregator.latestRound(), type(uint32).max);
        (uint80 roundId, int256 answer,,,) = aggregator.getRoundData(type(uint32).max);
        assertEq(roundId, type(uint32).max);
        assertEq(answer, 102e8);
        assertPanics(transmitter(0), nextTransmission().encodeCall());
    }

    // -- Effects --

    function test_transmit_storesTheRound() public {
        vm.warp(OBSERVATIONS_TIMESTAMP + 77);
        transmit(transmissionOf(reportOf(4)));

        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            aggregator.latestRoundData();
        assertEq(roundId, 1);
        assertEq(answer, 102e8, "the upper of the two middle observations");
        assertEq(startedAt, OBSERVATIONS_TIMESTAMP);
        assertEq(updatedAt, OBSERVATIONS_TIMESTAMP + 77);
        assertEq(answeredInRound, 1);
    }

    function test_transmit_emitsThreeEventsInOrder() public {
        Report memory report = reportOf(array(-5, 6, 7));
        report.observers = hex"030102aabbcc";
        report.juelsPerFeeCoin = -9;
        Transmission memory t = transmissionOf(report.encode(), 0x01020304, 5);

        expectEmit();
        emit IOCR2Aggregator.NewTransmission(
            1, 6, transmitter(2), OBSERVATIONS_TIMESTAMP, array(-5, 6, 7), hex"030102", -9, digest, 0x0102030405
        );
        expectEmit();
        emit IOCR2Aggregator.NewRound(1, address(0), OBSERVATIONS_TIMESTAMP);
        expectEmit();
        emit IOCR2Aggregator.AnswerUpdated(6, 1, block.timestamp);
        callAs(transmitter(2), t.encodeCall());
    }

    function test_transmit_emitsNothingElse() public {
        vm.recordLogs();
        transmitNext();
        assertEq(countLogs(), 3);
    }

    function test_transmit_emitsNegativeMedian() public {
        Transmission memory t = transmissionOf(reportOf(array(-7, -6, -5)));

        vm.expectEmit(address(aggregator));
        emit IOCR2Aggregator.AnswerUpdated(-6, 1, block.timestamp);
        transmit(t);
        assertEq(aggregator.latestAnswer(), -6);
    }

    function test_transmit_countsRoundsAcrossConfigs() public {
        transmitNext();
        transmitNext();
        configure(7, 2);
        transmitNext();

        assertEq(aggregator.latestRound(), 3);
        (,, uint32 latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertEq(latestEpoch, 1);
    }

    function test_transmit_truncatesBlockTimestamp() public {
        vm.warp(uint256(type(uint32).max) + 6);
        Transmission memory t = nextTransmission();
        vm.expectEmit(address(aggregator));
        emit IOCR2Aggregator.AnswerUpdated(102e8, 1, uint256(type(uint32).max) + 6);
        transmit(t);

        assertEq(aggregator.latestTimestamp(), 5);
    }

    /// @dev Honest clocks may run ahead of the block, and old reports may arrive late.
    function testFuzz_transmit_acceptsAnyObservationsTimestamp(uint32 timestamp) public {
        Report memory report = reportOf(n);
        report.observationsTimestamp = timestamp;
        transmit(transmissionOf(report));

        (,, uint256 startedAt,,) = aggregator.latestRoundData();
        assertEq(startedAt, timestamp);
    }

    function test_transmit_keepsHistory() public {
        for (uint256 i = 1; i <= 5; i++) {
            Report memory report = reportOf(array(int192(int256(i)), int192(int256(i)), int192(int256(i))));
            vm.warp(OBSERVATIONS_TIMESTAMP + 100 * i);
            transmit(transmissionOf(report));
        }
        for (uint256 i = 1; i <= 5; i++) {
            assertEq(aggregator.getAnswer(i), int256(i));
            assertEq(aggregator.getTimestamp(i), OBSERVATIONS_TIMESTAMP + 100 * i);
        }
    }

    // -- Any configuration, any quorum, any observations --

    /// @dev Domain: 4 ≤ n ≤ 31, every f the contract takes for it, any f + 1 oracles in any order as signers, any oracle
    /// as transmitter, f + 1 to 31 observations with the median in range.
    function testFuzz_transmit_storesMedian(uint256 seed) public {
        uint256 n_ = bound(uint256(keccak256(abi.encode(seed, "n"))), 4, MAX_ORACLES);
        uint8 f_ = uint8(bound(uint256(keccak256(abi.encode(seed, "f"))), 1, (n_ - 1) / 3));
        configure(n_, f_);

        uint256 count = bound(uint256(keccak256(abi.encode(seed, "count"))), f_ + 1, MAX_ORACLES);
        Report memory report = reportOf(sortedObservations(count, seed));
        report.observers = keccak256(abi.encode(seed, "observers"));
        Transmission memory t = transmissionOf(report);
        attest(t, anyOracles(f_ + 1, seed));

        int192 median = report.observations[count / 2];
        address caller = transmitter(uint256(keccak256(abi.encode(seed, "transmitter"))) % n_);
        bytes memory observers = bytes.concat(report.observers);
        assembly ("memory-safe") {
            mstore(observers, count)
        }
        expectEmit();
        emit IOCR2Aggregator.NewTransmission(
            1,
            median,
            caller,
            report.observationsTimestamp,
            report.observations,
            observers,
            report.juelsPerFeeCoin,
            digest,
            uint40(epoch) << 8 | 1
        );
        callAs(caller, t.encodeCall());
        assertEq(aggregator.latestAnswer(), median);
        assertGe(median, report.observations[0]);
        assertLe(median, report.observations[count - 1]);
    }

    /// @dev Same domain; one signature is replaced by another oracle's over the same report, or by a stranger's.
    function testFuzz_transmit_refusesBrokenQuorum(uint256 seed, bool stranger) public {
        uint256 n_ = bound(uint256(keccak256(abi.encode(seed, "n"))), 4, MAX_ORACLES - 1);
        uint8 f_ = uint8(bound(uint256(keccak256(abi.encode(seed, "f"))), 1, (n_ - 1) / 3));
        configure(n_, f_);

        uint256[] memory signers = anyOracles(f_ + 1, seed);
        uint256 victim = uint256(keccak256(abi.encode(seed, "victim"))) % signers.length;
        signers[victim] = stranger ? n_ : signers[(victim + 1) % signers.length];
        Transmission memory t = nextTransmission();
        attest(t, signers);

        assertTransmitReverts(t, stranger ? "signature error" : "duplicate signer");
    }

    // -- Building blocks --

    /// @dev Oracles 0 to 3, the first of which transmits from `transmitter_`.
    function configWithTransmitter(address transmitter_) private view returns (Config memory config) {
        config = configOf(0, 4, 1);
        config.transmitters[0] = transmitter_;
    }

    function array(int192 a, int192 b, int192 c) private pure returns (int192[] memory values) {
        values = new int192[](3);
        (values[0], values[1], values[2]) = (a, b, c);
    }

    /// @dev `count` distinct oracles of the configuration in force, in any order.
    function anyOracles(uint256 count, uint256 seed) private view returns (uint256[] memory chosen) {
        uint256[] memory oracles = firstOracles(n);
        chosen = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            uint256 j = i + uint256(keccak256(abi.encode(seed, "signer", i))) % (n - i);
            (oracles[i], oracles[j]) = (oracles[j], oracles[i]);
            chosen[i] = oracles[i];
        }
    }

    function sortedObservations(uint256 count, uint256 seed) private pure returns (int192[] memory values) {
        values = new int192[](count);
        for (uint256 i = 0; i < count; i++) {
            int192 value = int192(bound(int256(uint256(keccak256(abi.encode(seed, i)))), MIN_ANSWER, MAX_ANSWER));
            uint256 j = i;
            for (; j > 0 && values[j - 1] > value; j--) {
                values[j] = values[j - 1];
            }
            values[j] = value;
        }
    }
}
