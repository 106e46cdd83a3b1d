// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {ErrorsLib} from "../../src/libraries/ErrorsLib.sol";
import {Config, OCR2Messages, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {PaymentModel} from "../utils/PaymentModel.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice `setConfig`, and the reads of what it sets.
/// @dev Source: contracts-ocr2 4.1, 4.2, 5.1.
contract OCR2AggregatorSetConfigTest is OCR2Test {
    using OCR2Messages for Config;
    using OCR2Messages for Transmission;

    uint256 internal constant GJUEL = PaymentModel.JUELS_PER_GJUEL;

    /// @dev Guards of `setConfig`, in their order.
    enum Guard {
        CallerIsOwner,
        AtMost31Signers,
        LengthsMatch,
        FLowEnough,
        FPositive,
        OnchainConfigValid,
        OldOraclesPaid,
        SignersNonZero,
        SignersDistinct,
        TransmittersNonZero,
        TransmittersDistinct
    }

    // -- Guards --

    /// @dev Case i breaks guard i and every later one it can, and expects what guard i says.
    function test_setConfig_guardOrder() public {
        string[11] memory reasons = [
            "Only callable by owner",
            "too many oracles",
            "oracle length mismatch",
            "faulty-oracle f too high",
            "f must be positive",
            "invalid onchainConfig",
            "insufficient funds",
            ErrorsLib.ZERO_SIGNER,
            "repeated signer address",
            ErrorsLib.ZERO_TRANSMITTER,
            "repeated transmitter address"
        ];
        oweMoney();
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
        caller = first == Guard.CallerIsOwner ? STRANGER : OWNER;
        uint256 count = 4;
        if (first <= Guard.AtMost31Signers) config.signers = new address[](32);
        else config.signers = configOf(0, count, 0).signers;
        config.transmitters = configOf(0, first <= Guard.LengthsMatch ? count - 1 : count, 0).transmitters;
        if (first > Guard.FPositive) config.f = 1;
        if (first <= Guard.FLowEnough) config.f = 2;
        config.onchainConfig =
            first <= Guard.OnchainConfigValid ? bytes("") : OCR2Messages.onchainConfig(MIN_ANSWER, MAX_ANSWER);

        config.transmitters[1] = first <= Guard.TransmittersNonZero ? address(0) : config.transmitters[0];
        if (first <= Guard.SignersDistinct) config.signers[1] = config.signers[0];
        if (first <= Guard.SignersNonZero) config.signers[1] = address(0);
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
        assertEq(aggregator.getTransmitters().length, 31);

        Config memory config = configOf(0, 31, 10);
        config.signers = new address[](32);
        config.transmitters = new address[](32);
        assertReverts(OWNER, config.encodeCall(), "too many oracles");
    }

    /// @dev The guard on the count looks at the signers alone.
    function test_setConfig_revertsIf_lengthsDiffer() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters = configOf(0, 5, 1).transmitters;
        assertReverts(OWNER, config.encodeCall(), "oracle length mismatch");
        config.transmitters = new address[](32);
        assertReverts(OWNER, config.encodeCall(), "oracle length mismatch");
        config.transmitters = new address[](0);
        assertReverts(OWNER, config.encodeCall(), "oracle length mismatch");
    }

    /// @dev Every n and f: accepted if and only if 0 < f and 3f < n.
    function test_setConfig_faultBounds() public {
        for (uint256 n_ = 0; n_ <= MAX_ORACLES; n_++) {
            for (uint8 f_ = 0; f_ <= 12; f_++) {
                Config memory config = configOf(0, n_, f_);
                if (3 * uint256(f_) >= n_) assertReverts(OWNER, config.encodeCall(), "faulty-oracle f too high");
                else if (f_ == 0) assertReverts(OWNER, config.encodeCall(), "f must be positive");
                // Only the largest f of each n: setConfig is slow.
                else if (3 * uint256(f_) + 3 >= n_) setConfig(config);
            }
        }
    }

    /// @dev 3 * 86 does not fit in a byte.
    function test_setConfig_panicsIf_threeTimesFOverflows() public {
        assertReverts(OWNER, configOf(0, 31, 85).encodeCall(), "faulty-oracle f too high");
        assertPanics(OWNER, configOf(0, 31, 86).encodeCall());
        assertPanics(OWNER, configOf(0, 31, 255).encodeCall());
    }

    function test_setConfig_revertsIf_onchainConfigIsInvalid() public {
        bytes memory valid = OCR2Messages.onchainConfig(MIN_ANSWER, MAX_ANSWER);
        bytes[8] memory invalid = [
            bytes(""),
            bytes.concat(valid, hex"00"),
            bytes.concat(hex"00", valid),
            abi.encodePacked(uint8(2), MIN_ANSWER, MAX_ANSWER),
            abi.encodePacked(uint8(0), MIN_ANSWER, MAX_ANSWER),
            OCR2Messages.onchainConfig(MIN_ANSWER + 1, MAX_ANSWER),
            OCR2Messages.onchainConfig(MIN_ANSWER, MAX_ANSWER - 1),
            OCR2Messages.onchainConfig(MAX_ANSWER, MIN_ANSWER)
        ];
        Config memory config = configOf(0, 4, 1);
        for (uint256 i = 0; i < invalid.length; i++) {
            config.onchainConfig = invalid[i];
            assertReverts(OWNER, config.encodeCall(), "invalid onchainConfig");
        }
        // Each byte counts.
        for (uint256 i = 0; i < valid.length; i++) {
            config.onchainConfig = OCR2Messages.onchainConfig(MIN_ANSWER, MAX_ANSWER);
            config.onchainConfig[i] ^= 0x01;
            assertReverts(OWNER, config.encodeCall(), "invalid onchainConfig");
        }
    }

    function test_setConfig_revertsIf_oracleIsZero() public {
        for (uint256 i = 0; i < 4; i++) {
            Config memory config = configOf(0, 4, 1);
            config.signers[i] = address(0);
            assertReverts(OWNER, config.encodeCall(), ErrorsLib.ZERO_SIGNER);

            config = configOf(0, 4, 1);
            config.transmitters[i] = address(0);
            assertReverts(OWNER, config.encodeCall(), ErrorsLib.ZERO_TRANSMITTER);
        }
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

    /// @dev Both guards of an oracle come before those of the next.
    function test_setConfig_checksOracleByOracle() public {
        Config memory config = configOf(0, 7, 2);
        config.transmitters[1] = config.transmitters[0];
        config.signers[2] = config.signers[0];
        assertReverts(OWNER, config.encodeCall(), "repeated transmitter address");
        config.signers[1] = config.signers[0];
        assertReverts(OWNER, config.encodeCall(), "repeated signer address");

        config = configOf(0, 7, 2);
        config.transmitters[5] = address(0);
        config.signers[6] = address(0);
        assertReverts(OWNER, config.encodeCall(), ErrorsLib.ZERO_TRANSMITTER);
    }

    /// @dev Addresses that have all but one byte in common are not the same.
    function test_setConfig_acceptsSimilarOracles() public {
        for (uint256 shift = 0; shift < 160; shift += 8) {
            Config memory config = configOf(0, 31, 10);
            for (uint256 i = 0; i < 31; i++) {
                config.signers[i] = address(uint160((uint256(type(uint160).max) ^ (0xff << shift)) | (i << shift)));
                config.transmitters[i] = config.signers[i];
            }
            setConfig(config);
            config.signers[30] = config.signers[0];
            assertReverts(OWNER, config.encodeCall(), "repeated signer address");
            config.signers[30] = address(1);
            config.transmitters[30] = config.transmitters[0];
            assertReverts(OWNER, config.encodeCall(), "repeated transmitter address");
        }
    }

    function test_setConfig_acceptsSignersThatTransmit() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters[0] = config.signers[0];
        config.transmitters[1] = config.signers[2];
        setConfig(config);
        assertEq(aggregator.getTransmitters(), config.transmitters);
    }

    // -- Effects --

    function test_setConfig_emitsConfigSet() public {
        Config memory config = configOf(3, 7, 2);
        config.offchainConfigVersion = type(uint64).max;
        config.offchainConfig = "any bytes, of any length, that the oracles understand";
        bytes32 digest_ = expectedDigest(config);
        vm.roll(2000);

        expectEmit();
        emitConfigSet(1000, digest_, 2, config);
        callAs(OWNER, config.encodeCall());

        vm.roll(3000);
        digest_ = expectedDigest(config);
        expectEmit();
        emitConfigSet(2000, digest_, 3, config);
        vm.recordLogs();
        callAs(OWNER, config.encodeCall());
        assertEq(countLogs(), 1);
    }

    function test_setConfig_emitsPreviousBlockZeroAtFirst() public {
        aggregator = deploy();
        Config memory config = configOf(0, 4, 1);
        bytes32 digest_ = expectedDigest(config);
        expectEmit();
        emitConfigSet(0, digest_, 1, config);
        callAs(OWNER, config.encodeCall());
    }

    function test_setConfig_storesDetails() public {
        vm.roll(uint256(type(uint32).max) + 8);
        Config memory config = configOf(0, 10, 3);
        bytes32 digest_ = expectedDigest(config);
        callAs(OWNER, config.encodeCall());

        (uint32 configCount, uint32 blockNumber, bytes32 configDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, 2);
        assertEq(blockNumber, 7, "modulo 2^32");
        assertEq(configDigest, digest_);
        assertEq(aggregator.getTransmitters(), config.transmitters);
    }

    function test_setConfig_leavesZerosBeforeTheFirst() public {
        aggregator = deploy();

        (uint32 configCount, uint32 blockNumber, bytes32 configDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, 0);
        assertEq(blockNumber, 0);
        assertEq(configDigest, 0);
        assertEq(aggregator.getTransmitters().length, 0);
        bool scanLogs;
        uint32 latestEpoch;
        (scanLogs, configDigest, latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertFalse(scanLogs);
        assertEq(configDigest, 0);
        assertEq(latestEpoch, 0);
    }

    function test_setConfig_resetsEpochAndRound() public {
        transmit(transmissionOf(OCR2Messages.encode(reportOf(n)), 9, 9));
        configure(4, 1);

        vm.prank(STRANGER, STRANGER);
        (bytes32 configDigest, uint32 latestEpoch, uint8 round,,) = aggregator.latestTransmissionDetails();
        assertEq(configDigest, digest);
        assertEq(latestEpoch, 0);
        assertEq(round, 0);
        assertEq(aggregator.latestRound(), 1, "round ids go on");
        transmit(transmissionOf(OCR2Messages.encode(reportOf(n)), 0, 1));
    }

    function test_setConfig_keepsBillingAndAnswers() public {
        setRewards(3, 4);
        transmitNext();
        link.mint(address(aggregator), 1e18);
        setPayees(4);
        configure(7, 2);

        (,, uint32 observation, uint32 transmission,) = aggregator.getBilling();
        assertEq(observation, 3);
        assertEq(transmission, 4);
        assertEq(aggregator.latestAnswer(), 102e8);
    }

    /// @dev The same oracles and parameters twice: only the count differs.
    function test_setConfig_digestsDifferByCount() public {
        (,, bytes32 first) = aggregator.latestConfigDetails();
        configure(4, 1);
        assertNotEq(digest, first);
    }

    /// @dev Every configuration the contract takes gets the digest of the specification.
    function testFuzz_setConfig_digest(
        uint256 n_,
        uint8 f_,
        uint64 version,
        bytes memory offchainConfig,
        uint64 chainId
    ) public {
        n_ = bound(n_, 4, MAX_ORACLES);
        f_ = uint8(bound(f_, 1, (n_ - 1) / 3));
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        Config memory config = configOf(0, n_, f_);
        config.offchainConfigVersion = version;
        config.offchainConfig = offchainConfig;

        bytes32 digest_ = expectedDigest(config);
        setConfig(config);
        assertEq(digest, digest_);
        assertEq(uint256(digest) >> 240, 1);
        assertEq(aggregator.getTransmitters(), config.transmitters);
        transmitNext();
    }

    function testFuzz_setConfig_replacesTheWholeSet(uint256 firstSize, uint256 secondSize, uint256 offset) public {
        firstSize = bound(firstSize, 4, MAX_ORACLES);
        secondSize = bound(secondSize, 4, MAX_ORACLES);
        offset = bound(offset, 0, MAX_ORACLES - secondSize);
        configure(firstSize, 1);
        Config memory config = configOf(offset, secondSize, 1);
        setConfig(config);

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
        else assertReverts(transmitter(first), t.encodeCall(), "signature error");

        t = nextTransmission();
        (signers[0], signers[1]) = (first, first + 1);
        attest(t, signers);
        if (configured) callAs(transmitter(oracle), t.encodeCall());
        else assertReverts(transmitter(oracle), t.encodeCall(), "unauthorized transmitter");
    }

    function test_setConfig_panicsIf_configCountIsExhausted() public {
        // Slot of `configCount (4) | configBlockNumber (4)`.
        bytes32 slot = findSlot(1 | (block.number << 32), type(uint64).max);
        uint256 word = uint256(vm.load(address(aggregator), slot)) & ~uint256(type(uint32).max);
        vm.store(address(aggregator), slot, bytes32(word | (type(uint32).max - 1)));

        configure(4, 1);
        (uint32 configCount,,) = aggregator.latestConfigDetails();
        assertEq(configCount, type(uint32).max);
        assertPanics(OWNER, configOf(0, 4, 1).encodeCall());
    }

    // -- Payment of the old set --

    /// @dev Ascending, before the event of the new configuration.
    function test_setConfig_paysTheOldSet() public {
        oweMoney();
        link.setTransferMode(MockLink.TransferMode.Honest);
        Config memory config = configOf(2, 4, 1);
        bytes32 digest_ = expectedDigest(config);

        for (uint256 i = 0; i < 4; i++) {
            expectEmit();
            emit IOCR2Aggregator.OraclePaid(
                transmitter(i), payee(i), (i == 0 ? 3 * 2 + 3 * 5 : 3 * 2) * GJUEL, address(link)
            );
        }
        expectEmit();
        emitConfigSet(1000, digest_, 2, config);
        setConfig(config);

        assertEq(link.balanceOf(payee(0)), 21 * GJUEL);
        assertEq(link.balanceOf(payee(3)), 6 * GJUEL);
    }

    function test_setConfig_startsRewardsAtTheCurrentRound() public {
        oweMoney();
        link.setTransferMode(MockLink.TransferMode.Honest);
        setConfig(configOf(2, 7, 2));

        for (uint256 i = 0; i < 10; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), 0);
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 0);
        }
        callAs(transmitter(2), transmissionByOffset(2).encodeCall());
        assertEq(aggregator.owedPayment(transmitter(1)), 0, "removed");
        assertEq(aggregator.owedPayment(transmitter(2)), (2 + 5) * GJUEL);
        assertEq(aggregator.owedPayment(transmitter(8)), 2 * GJUEL);
        assertEq(aggregator.oracleObservationCount(transmitter(8)), 1);
    }

    /// @dev The ids from which rewards count share words: the last of the most oracles starts as the first does.
    function test_setConfig_startsRewardsOfEveryOracle() public {
        transmitNext();
        transmitNext();
        configure(MAX_ORACLES, 10);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 0);
        }
        transmitNext();
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.oracleObservationCount(transmitter(i)), 1);
        }
    }

    /// @dev Rounds at rate 0 are not paid for after a raise once `setConfig` came between: it resets the count.
    function test_setConfig_resetsRoundsAtRateZero() public {
        transmitNext();
        transmitNext();
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 2);
        configure(4, 1);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 0);
    }

    function test_setConfig_needsNoPayeeIfNothingIsOwed() public {
        configure(7, 2);
        transmitNext();
        configure(4, 1);
    }

    /// @dev LINK refuses the zero address: until there is a payee, the configuration stays.
    function test_setConfig_revertsIf_payeeIsMissing() public {
        setRewards(2, 0);
        link.mint(address(aggregator), 1e18);
        transmitNext();
        assertRevertData(
            address(aggregator),
            OWNER,
            configOf(0, 4, 1).encodeCall(),
            abi.encodeWithSelector(MockLink.TransferRefused.selector, address(0), 2 * GJUEL)
        );

        setPayees(4);
        configure(4, 1);
        assertEq(link.balanceOf(payee(0)), 2 * GJUEL);
    }

    /// @dev Epoch and round are reset after the payout: a token that transmits cannot replay what was reported.
    function test_setConfig_keepsTheOldConfigWholeDuringThePayout() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(link);
        setConfig(config);
        setPayees(4);
        setRewards(2, 5);
        link.mint(address(aggregator), 1e18);
        Transmission memory replayed = nextTransmission();
        transmit(replayed);
        link.setReentry(address(aggregator), replayed.encodeCall());
        address[] memory transmitters = new address[](1);
        address[] memory payees = new address[](1);
        (transmitters[0], payees[0]) = (address(link), payee(3));
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setPayees, (transmitters, payees)));

        configure(4, 1);
        assertFalse(link.reentrySucceeded());
        assertEq(aggregator.latestRound(), 1);
    }

    /// @dev Owes 6 gjuels to each oracle and 15 more to oracle 0; the token refuses to pay.
    function oweMoney() private {
        setPayees(4);
        setRewards(2, 5);
        link.mint(address(aggregator), 1e18);
        link.setTransferMode(MockLink.TransferMode.ReturnsFalse);
        for (uint256 i = 0; i < 3; i++) {
            transmitNext();
        }
    }

    function transmissionByOffset(uint256 offset) private returns (Transmission memory t) {
        uint256[] memory signers = new uint256[](f + 1);
        for (uint256 i = 0; i <= f; i++) {
            signers[i] = offset + i;
        }
        t = nextTransmission();
        attest(t, signers);
    }

    function emitConfigSet(uint32 previousBlock, bytes32 digest_, uint64 count, Config memory config) private {
        emit IOCR2Aggregator.ConfigSet(
            previousBlock,
            digest_,
            count,
            config.signers,
            config.transmitters,
            config.f,
            config.onchainConfig,
            config.offchainConfigVersion,
            config.offchainConfig
        );
    }
}
