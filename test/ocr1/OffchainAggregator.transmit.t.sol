// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {Config, OCR1Messages, Report, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";

/// @notice `transmit`: its guards in their order, and what an accepted report does.
/// @dev Forgeries are in `OffchainAggregator.transmit.attacks.t.sol`, credits in `….payment.t.sol`, the validator in
/// `….validator.t.sol`. Source: contracts-ocr1 5.4.
contract OffchainAggregatorTransmitTest is OCR1Test {
    using OCR1Messages for Report;
    using OCR1Messages for Transmission;

    /// @dev Guards of `transmit`, in their order.
    enum Guard {
        CalldataLengthMatches,
        ReportDecodes,
        DigestMatches,
        ReportIsFresh,
        EnoughSignatures,
        AtMost31Signatures,
        SignatureArraysMatch,
        AtMost31Observations,
        EnoughObservations,
        ObserversExist,
        ObserversAreDistinct,
        CallerIsTransmitter,
        SignersAreOracles,
        SignersAreDistinct,
        ObservationsAreSorted,
        MedianInRange
    }

    // -- Guards --

    /// @dev Case i breaks guard i and every later one it can, and expects what guard i says.
    function test_transmit_guardOrder() public {
        configure(7, 2);
        string[16] memory reasons = [
            "transmit message too long",
            "", // no data
            "configDigest mismatch",
            "stale report",
            "not enough signatures",
            "too many signatures",
            "signatures out of registration",
            "num observations out of bounds",
            "too few values to trust median",
            "", // Panic
            "observer index repeated",
            "unauthorized transmitter",
            "address not authorized to sign",
            "non-unique signature",
            "observations not sorted",
            "median is out of min-max range"
        ];
        for (uint256 i = 0; i < reasons.length; i++) {
            (address caller, bytes memory callData) = brokenFrom(Guard(i));
            if (Guard(i) == Guard.ReportDecodes) assertRevertsEmpty(caller, callData);
            else if (Guard(i) == Guard.ObserversExist) assertPanics(caller, callData, INDEX_PANIC);
            else assertReverts(caller, callData, reasons[i]);
        }
    }

    /// @dev A transmission that breaks `first` and every later guard that can be broken at the same time.
    function brokenFrom(Guard first) private view returns (address caller, bytes memory callData) {
        Transmission memory t;
        t.report = brokenReportFrom(first);

        uint256[] memory signers = new uint256[](threshold + 1);
        if (first <= Guard.EnoughSignatures) signers = new uint256[](threshold);
        else if (first == Guard.AtMost31Signatures) signers = new uint256[](32);
        // Oracle 0 signs twice; oracle n is not configured.
        if (first <= Guard.SignersAreOracles) signers[1] = n;
        if (first > Guard.SignersAreDistinct) signers = firstOracles(threshold + 1);
        attest(t, signers);
        if (first <= Guard.SignatureArraysMatch) t.ss = new bytes32[](signers.length - 1);

        callData = t.encodeCall();
        if (first == Guard.CalldataLengthMatches) callData = bytes.concat(callData, hex"00");
        caller = first <= Guard.CallerIsTransmitter ? STRANGER : transmitter(0);
    }

    function brokenReportFrom(Guard first) private view returns (bytes memory encoded) {
        Report memory report = reportOf(
            first <= Guard.AtMost31Observations
                ? 32
                : first == Guard.EnoughObservations ? 2 * uint256(threshold) : 2 * uint256(threshold) + 1
        );
        for (uint256 i = 0; i < report.observations.length; i++) {
            int192 offset = int192(int256(first <= Guard.ObservationsAreSorted ? 100 - i : i));
            report.observations[i] = MAX_ANSWER + 1 + offset;
        }
        if (first <= Guard.ObserversExist) report.observers = hex"001f00";
        else if (first == Guard.ObserversAreDistinct) report.observers = hex"0000";

        bytes16 digest_ = first <= Guard.DigestMatches ? bytes16(uint128(digest) ^ 1) : digest;
        report.context = OCR1Messages.reportContext(digest_, first <= Guard.ReportIsFresh ? 0 : epoch + 1, 0);
        encoded = report.encode();
        if (first <= Guard.ReportDecodes) setWord(encoded, 64, encoded.length - 31);
    }

    function test_transmit_revertsIf_digestDiffers() public {
        for (uint256 bit = 0; bit < 128; bit += 127) {
            Report memory report = reportOf(n);
            report.context = OCR1Messages.reportContext(bytes16(uint128(digest) ^ uint128(1 << bit)), 1, 1);
            assertTransmitReverts(transmissionOf(report.encode()), "configDigest mismatch");
        }
    }

    function test_transmit_revertsIf_reportIsStale() public {
        transmit(transmissionOf(reportOf(n), 7, 3));

        uint32[4] memory epochs = [uint32(0), 6, 7, 7];
        uint8[4] memory rounds = [0, 255, 2, 3];
        for (uint256 i = 0; i < epochs.length; i++) {
            assertTransmitReverts(transmissionOf(reportOf(n), epochs[i], rounds[i]), "stale report");
        }
        transmit(transmissionOf(reportOf(n), 7, 4));
        transmit(transmissionOf(reportOf(n), 7, 255));
        transmit(transmissionOf(reportOf(n), 8, 0));
    }

    function test_transmit_revertsIf_epochAndRoundAreZero() public {
        assertTransmitReverts(transmissionOf(reportOf(n), 0, 0), "stale report");
        transmit(transmissionOf(reportOf(n), 0, 1));
    }

    function test_transmit_acceptsTheLastEpochAndRound() public {
        transmit(transmissionOf(reportOf(n), type(uint32).max, 255));

        (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
        assertEq(latestEpoch, type(uint32).max);
        assertEq(round, 255);
        assertTransmitReverts(transmissionOf(reportOf(n), type(uint32).max, 255), "stale report");
    }

    function testFuzz_transmit_epochAndRoundOnlyRise(uint32 epochA, uint8 roundA, uint32 epochB, uint8 roundB) public {
        vm.assume(epochA > 0 || roundA > 0);
        transmit(transmissionOf(reportOf(n), epochA, roundA));

        Transmission memory next = transmissionOf(reportOf(n), epochB, roundB);
        if (epochB > epochA || (epochB == epochA && roundB > roundA)) transmit(next);
        else assertTransmitReverts(next, "stale report");
    }

    /// @dev Any number of signatures above the threshold, up to 31.
    function test_transmit_signatureCountBounds() public {
        configure(MAX_ORACLES, 10);
        Transmission memory t = nextTransmission();
        uint256[] memory signers = firstOracles(10);
        attest(t, signers);
        assertTransmitReverts(t, "not enough signatures");
        attest(t, firstOracles(0));
        assertTransmitReverts(t, "not enough signatures");
        attest(t, firstOracles(32));
        assertTransmitReverts(t, "too many signatures");

        attest(t, firstOracles(31));
        transmit(t);
        t = nextTransmission();
        attest(t, firstOracles(12));
        transmit(t);
    }

    function test_transmit_acceptsSignaturesInAnyOrder() public {
        configure(7, 2);
        uint256[3][4] memory orders = [[uint256(6), 3, 0], [uint256(1), 6, 2], [uint256(0), 2, 1], [uint256(5), 4, 6]];
        for (uint256 i = 0; i < orders.length; i++) {
            uint256[] memory signers = new uint256[](3);
            for (uint256 j = 0; j < 3; j++) {
                signers[j] = orders[i][j];
            }
            Transmission memory t = nextTransmission();
            attest(t, signers);
            transmit(t);
        }
    }

    function test_transmit_revertsIf_signatureArraysDiffer() public {
        Transmission memory t = nextTransmission();
        for (uint256 count = 0; count <= n; count++) {
            if (count == threshold + 1) continue;
            t.ss = new bytes32[](count);
            assertTransmitReverts(t, "signatures out of registration");
        }
    }

    function test_transmit_observationCountBounds() public {
        configure(MAX_ORACLES, 10);

        assertTransmitReverts(transmissionOf(reportOf(0)), "too few values to trust median");
        assertTransmitReverts(transmissionOf(reportOf(20)), "too few values to trust median");
        transmit(transmissionOf(reportOf(21)));
        transmit(transmissionOf(reportOf(31)));
        assertTransmitReverts(transmissionOf(reportOf(32)), "num observations out of bounds");
        assertTransmitReverts(transmissionOf(reportOf(40)), "num observations out of bounds");
    }

    /// @dev 30 is the last index there is room for, configured or not.
    function test_transmit_observerIndexBounds() public {
        Report memory report = reportOf(3);
        report.observers = hex"001e01";
        transmit(transmissionOf(report));

        bytes3[4] memory unknown = [bytes3(hex"1f0001"), hex"00011f", hex"002001", hex"00ff01"];
        for (uint256 i = 0; i < unknown.length; i++) {
            report.observers = unknown[i];
            assertPanics(transmitter(0), transmissionOf(report).encodeCall(), INDEX_PANIC);
        }
    }

    function test_transmit_revertsIf_observerIsRepeated() public {
        Report memory report = reportOf(3);
        bytes3[5] memory repeated = [bytes3(hex"000001"), hex"000100", hex"020101", hex"1e1e00", hex"101001"];
        for (uint256 i = 0; i < repeated.length; i++) {
            report.observers = repeated[i];
            assertTransmitReverts(transmissionOf(report), "observer index repeated");
        }
    }

    /// @dev Both guards of an observer come before those of the next.
    function test_transmit_checksObserverByObserver() public {
        Report memory report = reportOf(3);
        report.observers = hex"00001f";
        assertTransmitReverts(transmissionOf(report), "observer index repeated");
        report.observers = hex"001f00";
        assertPanics(transmitter(0), transmissionOf(report).encodeCall(), INDEX_PANIC);
    }

    function test_transmit_ignoresObserversBeyondTheObservations() public {
        Report memory report = reportOf(3);
        report.observers = hex"000102000102ffff";
        transmit(transmissionOf(report));
    }

    function test_transmit_revertsIf_callerIsNoTransmitter() public {
        bytes memory callData = nextTransmission().encodeCall();

        address[5] memory callers = [OWNER, STRANGER, signer(0), payee(0), transmitter(4)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callData, "unauthorized transmitter");
        }
    }

    function test_transmit_acceptsEveryTransmitter() public {
        configure(MAX_ORACLES, 10);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            callAs(transmitter(i), nextTransmission().encodeCall());
        }
    }

    /// @dev The digest is zero then, and so is the threshold.
    function test_transmit_revertsIf_notConfigured() public {
        aggregator = deploy();
        digest = 0;
        assertTransmitReverts(nextTransmission(), "unauthorized transmitter");
    }

    function test_transmit_revertsIf_signerIsNoOracle() public {
        Transmission memory t = nextTransmission();
        for (uint256 i = 0; i <= threshold; i++) {
            uint256[] memory signers = firstOracles(threshold + 1);
            signers[i] = n;
            attest(t, signers);
            assertTransmitReverts(t, "address not authorized to sign");
        }
    }

    function test_transmit_revertsIf_signerIsOnlyTransmitter() public {
        // Key of no oracle, whose address transmits.
        uint256 key = FIRST_SIGNER_KEY + MAX_ORACLES;
        setPayee(vm.addr(key), STRANGER);
        Config memory config = configOf(0, 4, 1);
        config.transmitters[1] = vm.addr(key);
        setConfig(config);

        Transmission memory t = nextTransmission();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(t.report));
        (t.rs[1], t.ss[1]) = (r, s);
        setRecoveryId(t, 1, v - 27);
        assertReverts(vm.addr(key), t.encodeCall(), "address not authorized to sign");
    }

    function test_transmit_revertsIf_signerSignsTwice() public {
        configure(7, 2);
        Transmission memory t = nextTransmission();
        uint256[3][4] memory repeated = [[uint256(0), 0, 1], [uint256(0), 1, 0], [uint256(1), 0, 0], [uint256(6), 6, 6]];
        for (uint256 i = 0; i < repeated.length; i++) {
            uint256[] memory signers = new uint256[](3);
            for (uint256 j = 0; j < 3; j++) {
                signers[j] = repeated[i][j];
            }
            attest(t, signers);
            assertTransmitReverts(t, "non-unique signature");
        }
    }

    /// @dev Both guards of a signature come before those of the next.
    function test_transmit_checksSignatureBySignature() public {
        configure(7, 2);
        Transmission memory t = nextTransmission();
        uint256[] memory signers = new uint256[](3);
        signers[2] = n;
        attest(t, signers);
        assertTransmitReverts(t, "non-unique signature");
        (signers[1], signers[2]) = (n, 0);
        attest(t, signers);
        assertTransmitReverts(t, "address not authorized to sign");
    }

    function test_transmit_revertsIf_observationsAreNotSorted() public {
        Report memory report = reportOf(3);
        int192[3][4] memory unsorted =
            [[int192(2), 1, 3], [int192(1), 3, 2], [int192(-1), -2, 0], [int192(0), type(int192).max, -1]];
        for (uint256 i = 0; i < unsorted.length; i++) {
            report.observations = array(unsorted[i][0], unsorted[i][1], unsorted[i][2]);
            assertTransmitReverts(transmissionOf(report), "observations not sorted");
        }
        report.observations = array(type(int192).min, -1, type(int192).max);
        transmit(transmissionOf(report));
        report.observations = array(5, 5, 5);
        transmit(transmissionOf(report));
    }

    function test_transmit_revertsIf_medianIsOutOfRange() public {
        Report memory report = reportOf(3);

        report.observations = array(MIN_ANSWER - 2, MIN_ANSWER - 1, MAX_ANSWER);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
        report.observations = array(MIN_ANSWER, MAX_ANSWER + 1, MAX_ANSWER + 2);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
        report.observations = array(0, type(int192).max, type(int192).max);
        assertTransmitReverts(transmissionOf(report), "median is out of min-max range");
        report.observations = array(type(int192).min, type(int192).min, 0);
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

    // -- Effects --

    function test_transmit_storesTheRound() public {
        vm.warp(1_700_000_087);
        transmit(transmissionOf(reportOf(4)));

        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            aggregator.latestRoundData();
        assertEq(roundId, 1);
        assertEq(answer, 102e8, "the upper of the two middle observations");
        assertEq(startedAt, 1_700_000_087);
        assertEq(updatedAt, 1_700_000_087);
        assertEq(answeredInRound, 1);
    }

    function testFuzz_transmit_takesTheMiddleOfSortedObservations(int64[31] memory steps, uint256 count) public {
        count = bound(count, 2 * uint256(threshold) + 1, MAX_ORACLES);
        Report memory report = reportOf(count);
        int192 value = MIN_ANSWER;
        for (uint256 i = 0; i < count; i++) {
            // At most 31 * 2^32: stays below the greatest answer.
            report.observations[i] = value;
            value += int192(uint192(uint32(uint64(steps[i]))));
        }
        transmit(transmissionOf(report));
        assertEq(aggregator.latestAnswer(), report.observations[count / 2]);
    }

    function test_transmit_emitsThreeEventsInOrder() public {
        Report memory report = reportOf(array(-5, 6, 7));
        report.observers = hex"030102aabbcc";
        Transmission memory t = transmissionOf(report, 0x01020304, 5);

        expectEmit();
        emit IOffchainAggregator.NewTransmission(
            1, 6, transmitter(2), array(-5, 6, 7), hex"030102", OCR1Messages.reportContext(digest, 0x01020304, 5)
        );
        expectEmit();
        emit IOffchainAggregator.NewRound(1, address(0), block.timestamp);
        expectEmit();
        emit IOffchainAggregator.AnswerUpdated(6, 1, block.timestamp);
        callAs(transmitter(2), t.encodeCall());

        (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
        assertEq(latestEpoch, 0x01020304);
        assertEq(round, 5);
    }

    /// @dev As many observers as observations: at 31 the padding is a single byte.
    function test_transmit_emitsEveryObserver() public {
        Report memory report = reportOf(31);
        bytes memory observers = new bytes(31);
        for (uint8 i = 0; i < 31; i++) {
            observers[i] = bytes1(30 - i);
        }
        report.observers = bytes32(bytes.concat(observers, hex"ff"));
        Transmission memory t = transmissionOf(report);
        expectEmit();
        emit IOffchainAggregator.NewTransmission(
            1, 115e8, transmitter(0), report.observations, observers, report.context
        );
        transmit(t);
    }

    function test_transmit_emitsNothingElse() public {
        vm.recordLogs();
        transmitNext();
        assertEq(countLogs(), 3);
    }

    function test_transmit_emitsNegativeMedian() public {
        Transmission memory t = transmissionOf(reportOf(array(-7, -6, -5)));

        vm.expectEmit(address(aggregator));
        emit IOffchainAggregator.AnswerUpdated(-6, 1, block.timestamp);
        transmit(t);
        assertEq(aggregator.latestAnswer(), -6);
    }

    function test_transmit_countsRoundsAcrossConfigs() public {
        transmitNext();
        transmitNext();
        configure(7, 2);
        transmitNext();

        assertEq(aggregator.latestRound(), 3);
        (uint32 latestEpoch,) = latestEpochAndRound();
        assertEq(latestEpoch, 1);
    }

    function test_transmit_keepsHistory() public {
        for (uint256 i = 1; i <= 5; i++) {
            vm.warp(1_700_000_000 + 60 * i);
            int192 value = int192(int256(i));
            transmit(transmissionOf(reportOf(array(value, value, value))));
        }
        for (uint256 i = 1; i <= 5; i++) {
            assertEq(aggregator.getAnswer(i), int256(i));
            assertEq(aggregator.getTimestamp(i), 1_700_000_000 + 60 * i);
        }
    }

    function test_transmit_wrapsRoundIds() public {
        transmitNext();
        setRoundId(type(uint32).max - 1);
        transmitNext();
        assertEq(aggregator.latestRound(), type(uint32).max);

        Transmission memory t = transmissionOf(reportOf(array(7, 8, 9)));
        expectEmit();
        emit IOffchainAggregator.NewTransmission(
            0, 8, transmitter(0), array(7, 8, 9), hex"000102", OCR1Messages.reportContext(digest, epoch, 1)
        );
        transmit(t);
        assertEq(aggregator.latestRound(), 0);
        assertEq(aggregator.getAnswer(0), 8);
        transmitNext();
        assertEq(aggregator.latestRound(), 1);
        assertEq(aggregator.getAnswer(1), 102e8);
    }

    /// @dev Whatever guard refuses.
    function test_transmit_changesNothingIf_itReverts() public {
        configure(7, 2);
        transmitNext();
        for (uint256 i = 0; i <= uint256(type(Guard).max); i++) {
            (address caller, bytes memory callData) = brokenFrom(Guard(i));
            (bool success,) = tryCall(address(aggregator), caller, callData);
            assertFalse(success);
            assertEq(aggregator.latestRound(), 1);
            (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
            assertEq(latestEpoch, 1);
            assertEq(round, 1);
            assertEq(aggregator.oracleObservationCount(transmitter(0)), 1);
            assertEq(aggregator.getAnswer(2), 0);
        }
    }
}
