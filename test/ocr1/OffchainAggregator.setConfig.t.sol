// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {ErrorsLib} from "../../src/libraries/ErrorsLib.sol";
import {OCR1BillingTest} from "../utils/OCR1BillingTest.sol";
import {Config, OCR1Messages, Transmission} from "../utils/OCR1Messages.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice `setConfig`, and the reads of what it sets.
/// @dev Source: contracts-ocr1 4.1, 5.1.
contract OffchainAggregatorSetConfigTest is OCR1BillingTest {
    using OCR1Messages for Config;
    using OCR1Messages for Transmission;

    /// @dev Guards of `setConfig`, in their order.
    enum Guard {
        AtMost31Signers,
        ThresholdPositive,
        LengthsMatch,
        ThresholdLowEnough,
        CallerIsOwner,
        OldOraclesPaid,
        SignersNonZero,
        SignersDistinct,
        PayeesSet,
        TransmittersDistinct
    }

    // -- Guards --

    /// @dev Case i breaks guard i and every later one it can, and expects what guard i says.
    function test_setConfig_guardOrder() public {
        string[10] memory reasons = [
            "too many signers",
            "threshold must be positive",
            "oracle addresses out of registration",
            "faulty-oracle threshold too high",
            "Only callable by owner",
            "insufficient funds",
            ErrorsLib.ZERO_SIGNER,
            "repeated signer address",
            "payee must be set",
            "repeated transmitter address"
        ];
        transmitRounds(3);
        for (uint256 i = 0; i < reasons.length; i++) {
            (address caller, Config memory config) = brokenFrom(Guard(i));
            bool payable_ = Guard(i) > Guard.OldOraclesPaid;
            link.setTransferMode(payable_ ? MockLink.TransferMode.Honest : MockLink.TransferMode.ReturnsFalse);
            assertReverts(caller, config.encodeCall(), reasons[i]);
        }
    }

    /// @dev A configuration that breaks `first` and every later guard that can be broken at the same time. Oracle 1 is
    /// at fault, so that the guards of oracle 0 pass.
    function brokenFrom(Guard first) private view returns (address caller, Config memory config) {
        caller = first <= Guard.CallerIsOwner ? STRANGER : OWNER;
        uint256 count = 4;
        if (first <= Guard.AtMost31Signers) config.signers = new address[](32);
        else config.signers = configOf(0, count, 0).signers;
        config.transmitters = configOf(0, first <= Guard.LengthsMatch ? count - 1 : count, 0).transmitters;
        if (first > Guard.ThresholdPositive) config.threshold = first <= Guard.ThresholdLowEnough ? 2 : 1;

        config.transmitters[1] = first <= Guard.PayeesSet ? STRANGER : config.transmitters[0];
        if (first <= Guard.SignersDistinct) config.signers[1] = config.signers[0];
        if (first <= Guard.SignersNonZero) config.signers[1] = address(0);
    }

    /// @dev Zero has no payee, unless the owner gave it one: only then its own guard speaks.
    function test_setConfig_revertsIf_oracleIsZero() public {
        for (uint256 i = 0; i < 4; i++) {
            Config memory config = configOf(0, 4, 1);
            config.signers[i] = address(0);
            assertReverts(OWNER, config.encodeCall(), ErrorsLib.ZERO_SIGNER);
        }
        Config memory zeroTransmitter = configOf(0, 4, 1);
        zeroTransmitter.transmitters[2] = address(0);
        assertReverts(OWNER, zeroTransmitter.encodeCall(), "payee must be set");
        setPayee(address(0), STRANGER);
        assertReverts(OWNER, zeroTransmitter.encodeCall(), ErrorsLib.ZERO_TRANSMITTER);
        // Before the guard that it is not repeated.
        zeroTransmitter.transmitters[1] = address(0);
        assertReverts(OWNER, zeroTransmitter.encodeCall(), ErrorsLib.ZERO_TRANSMITTER);
    }

    function test_setConfig_revertsIf_callerIsNotOwner() public {
        bytes memory callData = configOf(0, 4, 1).encodeCall();
        address[5] memory callers = [STRANGER, BILLING_ADMIN, REQUESTER, transmitter(0), signer(0)];
        for (uint256 i = 0; i < callers.length; i++) {
            assertReverts(callers[i], callData, "Only callable by owner");
        }
    }

    function test_setConfig_oracleCountBounds() public {
        configure(31, 10);
        assertEq(aggregator.transmitters().length, 31);

        Config memory config = configOf(0, 31, 10);
        config.signers = new address[](32);
        config.transmitters = new address[](32);
        assertReverts(OWNER, config.encodeCall(), "too many signers");
    }

    /// @dev The guard on the count looks at the signers alone.
    function test_setConfig_revertsIf_lengthsDiffer() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters = configOf(0, 5, 1).transmitters;
        assertReverts(OWNER, config.encodeCall(), "oracle addresses out of registration");
        config.transmitters = new address[](32);
        assertReverts(OWNER, config.encodeCall(), "oracle addresses out of registration");
        config.transmitters = new address[](0);
        assertReverts(OWNER, config.encodeCall(), "oracle addresses out of registration");
    }

    /// @dev Every n and threshold t: accepted if and only if 0 < t and 3t < n.
    function test_setConfig_faultBounds() public {
        for (uint256 n_ = 0; n_ <= MAX_ORACLES; n_++) {
            for (uint8 t = 0; t <= 12; t++) {
                Config memory config = configOf(0, n_, t);
                if (t == 0) {
                    assertReverts(OWNER, config.encodeCall(), "threshold must be positive");
                } else if (3 * uint256(t) >= n_) {
                    assertReverts(OWNER, config.encodeCall(), "faulty-oracle threshold too high");
                }
                // Only the largest t of each n: setConfig is slow.
                else if (3 * uint256(t) + 3 >= n_) {
                    setConfig(config);
                }
            }
        }
    }

    /// @dev 3 * 86 does not fit in a byte.
    function test_setConfig_revertsIf_threeTimesTheThresholdIsMoreThanAByte() public {
        uint8[4] memory thresholds = [85, 86, 171, 255];
        for (uint256 i = 0; i < thresholds.length; i++) {
            assertReverts(OWNER, configOf(0, 31, thresholds[i]).encodeCall(), "faulty-oracle threshold too high");
        }
    }

    function test_setConfig_revertsIf_payeeIsMissing() public {
        for (uint256 i = 0; i < 4; i++) {
            Config memory config = configOf(0, 4, 1);
            config.transmitters[i] = STRANGER;
            assertReverts(OWNER, config.encodeCall(), "payee must be set");
        }
        setPayee(STRANGER, payee(0));
        Config memory complete = configOf(0, 4, 1);
        complete.transmitters[2] = STRANGER;
        setConfig(complete);
    }

    function test_setConfig_revertsIf_oracleIsRepeated() public {
        for (uint256 i = 0; i < 4; i++) {
            for (uint256 j = 0; j < i; j++) {
                Config memory config = configOf(0, 4, 1);
                config.signers[i] = config.signers[j];
                assertReverts(OWNER, config.encodeCall(), "repeated signer address");

                config = configOf(0, 4, 1);
                config.transmitters[i] = config.transmitters[j];
                assertReverts(OWNER, config.encodeCall(), "repeated transmitter address");
            }
        }
    }

    /// @dev Signers and transmitters share one namespace: whichever comes second is repeated, its own oracle's included.
    function test_setConfig_revertsIf_signerTransmits() public {
        for (uint256 i = 0; i < 4; i++) {
            setPayee(signer(i), STRANGER);
            for (uint256 j = 0; j < 4; j++) {
                Config memory config = configOf(0, 4, 1);
                config.transmitters[j] = config.signers[i];
                string memory reason = i <= j ? "repeated transmitter address" : "repeated signer address";
                assertReverts(OWNER, config.encodeCall(), reason);
            }
        }
    }

    /// @dev The old set is forgotten before the new one is entered: anyone may change roles.
    function test_setConfig_acceptsSwappedRoles() public {
        for (uint256 i = 0; i < 4; i++) {
            setPayee(signer(i), STRANGER);
        }
        Config memory config = configOf(0, 4, 1);
        (config.signers, config.transmitters) = (config.transmitters, config.signers);
        setConfig(config);
        assertEq(aggregator.transmitters(), config.transmitters);
    }

    /// @dev All guards of an oracle come before those of the next.
    function test_setConfig_checksOracleByOracle() public {
        Config memory config = configOf(0, 7, 2);
        config.transmitters[1] = config.transmitters[0];
        config.transmitters[2] = STRANGER;
        config.signers[2] = config.signers[0];
        assertReverts(OWNER, config.encodeCall(), "repeated transmitter address");
        config.transmitters[1] = transmitter(1);
        assertReverts(OWNER, config.encodeCall(), "repeated signer address");
        config.signers[2] = signer(2);
        config.signers[3] = address(0);
        assertReverts(OWNER, config.encodeCall(), "payee must be set");
    }

    /// @dev Addresses that have all but one byte in common are not the same.
    function test_setConfig_acceptsSimilarOracles() public {
        for (uint256 shift = 0; shift < 160; shift += 24) {
            Config memory config = configOf(0, 31, 10);
            for (uint256 i = 0; i < 31; i++) {
                config.signers[i] = address(uint160((uint256(type(uint160).max) ^ (0xff << shift)) | (i << shift)));
                config.transmitters[i] =
                    address(uint160((uint256(type(uint160).max) ^ (0xff << shift)) | ((i + 31) << shift)));
                setPayee(config.transmitters[i], STRANGER);
            }
            setConfig(config);
            config.signers[30] = config.transmitters[0];
            assertReverts(OWNER, config.encodeCall(), "repeated signer address");
            config.signers[30] = address(1);
            config.transmitters[30] = config.transmitters[0];
            assertReverts(OWNER, config.encodeCall(), "repeated transmitter address");
        }
    }

    // -- Effects --

    function test_setConfig_emitsConfigSet() public {
        Config memory config = configOf(3, 7, 2);
        config.encodedConfigVersion = type(uint64).max;
        config.encoded = "any bytes, of any length, that the oracles understand";
        vm.roll(2000);

        expectEmit();
        emitConfigSet(1000, 2, config);
        callAs(OWNER, config.encodeCall());

        vm.roll(3000);
        expectEmit();
        emitConfigSet(2000, 3, config);
        vm.recordLogs();
        callAs(OWNER, config.encodeCall());
        assertEq(countLogs(), 1);
    }

    function test_setConfig_storesDetails() public {
        vm.roll(uint256(type(uint32).max) + 8);
        Config memory config = configOf(0, 10, 3);
        bytes16 digest_ = expectedDigest(config);
        callAs(OWNER, config.encodeCall());

        (uint32 configCount, uint32 blockNumber, bytes16 configDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, 2);
        assertEq(blockNumber, 7, "modulo 2^32");
        assertEq(configDigest, digest_);
        assertEq(aggregator.transmitters(), config.transmitters);
    }

    function test_setConfig_leavesZerosBeforeTheFirst() public {
        aggregator = deploy();

        (uint32 configCount, uint32 blockNumber, bytes16 configDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, 0);
        assertEq(blockNumber, 0);
        assertEq(configDigest, 0);
        assertEq(aggregator.transmitters().length, 0);

        setPayees(4);
        expectEmit();
        emitConfigSet(0, 1, configOf(0, 4, 1));
        configure(4, 1);
    }

    function test_setConfig_resetsEpochAndRound() public {
        transmit(transmissionOf(reportOf(n), 9, 9));
        configure(4, 1);

        (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
        assertEq(latestEpoch, 0);
        assertEq(round, 0);
        assertEq(aggregator.latestRound(), 1, "round ids go on");
        transmit(transmissionOf(reportOf(n), 0, 1));
    }

    function test_setConfig_keepsBillingAnswersAndValidator() public {
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setValidatorConfig, (STRANGER, 7)));
        transmitNext();
        configure(7, 2);

        (,,, uint32 observation, uint32 transmission) = aggregator.getBilling();
        assertEq(observation, OBSERVATION_LINK_GWEI);
        assertEq(transmission, TRANSMISSION_LINK_GWEI);
        assertEq(aggregator.latestAnswer(), 102e8);
        vm.expectCall(STRANGER, "", 1);
        transmitNext();
    }

    /// @dev The same oracles and parameters twice: only the count differs.
    function test_setConfig_digestsDifferByCount() public {
        (,, bytes16 first) = aggregator.latestConfigDetails();
        configure(4, 1);
        assertNotEq(bytes32(digest), bytes32(first));
    }

    /// @dev Every configuration the contract takes gets the digest of the specification, whatever the chain.
    function testFuzz_setConfig_digest(uint256 n_, uint8 t, uint64 version, bytes memory encoded, uint64 chainId)
        public
    {
        n_ = bound(n_, 4, MAX_ORACLES);
        t = uint8(bound(t, 1, (n_ - 1) / 3));
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        Config memory config = configOf(0, n_, t);
        config.encodedConfigVersion = version;
        config.encoded = encoded;

        bytes16 digest_ = expectedDigest(config);
        setConfig(config);
        assertEq(bytes32(digest), bytes32(digest_));
        assertEq(aggregator.transmitters(), config.transmitters);
        transmitNext();
    }

    function testFuzz_setConfig_replacesTheWholeSet(uint256 firstSize, uint256 secondSize, uint256 offset) public {
        firstSize = bound(firstSize, 4, MAX_ORACLES);
        secondSize = bound(secondSize, 4, MAX_ORACLES);
        offset = bound(offset, 0, MAX_ORACLES - secondSize);
        configure(firstSize, 1);
        setConfig(configOf(offset, secondSize, 1));

        // On both sides of both ends of the new set.
        assertOracle(offset, secondSize, offset);
        assertOracle(offset, secondSize, offset + secondSize - 1);
        if (offset > 0) assertOracle(offset, secondSize, offset - 1);
        if (offset + secondSize < MAX_ORACLES) assertOracle(offset, secondSize, offset + secondSize);
    }

    /// @dev `oracle` may transmit and sign if and only if it is one of the `size` oracles from `first` on.
    function assertOracle(uint256 first, uint256 size, uint256 oracle) private {
        bool configured = first <= oracle && oracle < first + size;
        Transmission memory t = nextTransmission();
        uint256[] memory signers = new uint256[](2);
        (signers[0], signers[1]) = (first + 1, oracle);
        attest(t, signers);
        if (configured) callAs(transmitter(first), t.encodeCall());
        else assertReverts(transmitter(first), t.encodeCall(), "address not authorized to sign");

        t = nextTransmission();
        (signers[0], signers[1]) = (first, first + 1);
        attest(t, signers);
        if (configured) callAs(transmitter(oracle), t.encodeCall());
        else assertReverts(transmitter(oracle), t.encodeCall(), "unauthorized transmitter");
    }

    function test_setConfig_wrapsTheConfigCount() public {
        // Slot of `configCount (4) | configBlockNumber (4)`.
        bytes32 slot = findSlot(1 | (block.number << 32), type(uint256).max);
        vm.store(address(aggregator), slot, bytes32(uint256(type(uint32).max) | (block.number << 32)));

        Config memory config = configOf(0, 4, 1);
        setConfig(config);
        (uint32 configCount,, bytes16 configDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, 0);
        assertEq(configDigest, OCR1Messages.configDigest(address(aggregator), 0, config));
    }

    // -- Payment of the old set --

    /// @dev From the last oracle to the first, before the event of the new configuration.
    function test_setConfig_paysTheOldSetBackwards() public {
        transmitRounds(3);
        Config memory config = configOf(2, 4, 1);
        for (uint256 i = 4; i > 0; i--) {
            expectEmit();
            emit IOffchainAggregator.OraclePaid(transmitter(i - 1), payee(i - 1), earned(i - 1, 3), address(link));
        }
        expectEmit();
        emitConfigSet(1000, 2, config);
        setConfig(config);

        for (uint256 i = 0; i < 4; i++) {
            assertEq(link.balanceOf(payee(i)), earned(i, 3));
        }
        for (uint256 i = 0; i < 6; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), 0);
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 0);
        }
    }

    function test_setConfig_revertsIf_tokenRefusesToPay() public {
        transmitRounds(1);
        assertPayoutRefusals(configOf(0, 4, 1).encodeCall(), 3);
    }

    function test_setConfig_ignoresTokenIfNothingIsOwed() public {
        vm.etch(address(link), "");
        configure(7, 2);
    }

    /// @dev Nothing owed, nothing reset: observations at rate 0 stay with the index, and a raise pays them to whoever
    /// has it then.
    function test_setConfig_keepsObservationsAtRateZero() public {
        setRewards(0, 0);
        transmitRounds(3);
        setConfig(configOf(10, 4, 1));
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 0, "not an oracle");
        assertEq(aggregator.oracleObservationCount(transmitter(10)), 3);
        setRewards(2, 0);
        assertEq(aggregator.owedPayment(transmitter(10)), 3 * 2 * JUELS_PER_LINK_GWEI);
    }

    /// @dev It stays in place until all are paid: a token that re-enters finds the old oracles, and pays nobody twice,
    /// neither the oracle that is being paid nor one that is still to be paid.
    function test_setConfig_paysOnceIfTokenReenters() public {
        uint256[2] memory oracles = [uint256(3), 1];
        for (uint256 i = 0; i < oracles.length; i++) {
            uint256 oracle = oracles[i];
            uint256 snapshot = vm.snapshotState();
            givePayeeship(oracle, address(link));
            transmitRounds(2);
            link.setReentry(
                address(aggregator), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(oracle)))
            );
            callAs(OWNER, configOf(5, 4, 1).encodeCall());

            assertTrue(link.reentrySucceeded());
            assertEq(link.balanceOf(address(link)), earned(oracle, 2));
            assertEq(link.balanceOf(payee(0)), earned(0, 2));
            assertEq(link.balanceOf(address(aggregator)), FUNDS_JUELS - earned(0, 2) - 3 * earned(1, 2));
            vm.revertToState(snapshot);
            epoch = 0;
        }
    }

    /// @dev A token that transmits cannot replay what was reported.
    function test_setConfig_keepsTheOldConfigWholeDuringThePayout() public {
        setPayee(address(link), STRANGER);
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(link);
        setConfig(config);
        Transmission memory replayed = nextTransmission();
        transmit(replayed);
        link.setReentry(address(aggregator), replayed.encodeCall());

        configure(4, 1);
        assertFalse(link.reentrySucceeded());
        assertEq(aggregator.latestRound(), 1);
    }

    function emitConfigSet(uint32 previousBlock, uint64 count, Config memory config) private {
        emit IOffchainAggregator.ConfigSet(
            previousBlock,
            count,
            config.signers,
            config.transmitters,
            config.threshold,
            config.encodedConfigVersion,
            config.encoded
        );
    }
}
