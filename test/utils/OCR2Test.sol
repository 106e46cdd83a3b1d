// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {Config, OCR2Messages, Report, Transmission} from "./OCR2Messages.sol";
import {RevertAssertions} from "./RevertAssertions.sol";
import {MockAccessController} from "./mocks/MockAccessController.sol";
import {MockLink} from "./mocks/MockLink.sol";

/// @notice An aggregator, its 31 oracles and the people around it.
/// @dev Oracle `i` signs with key `FIRST_SIGNER_KEY + i`. Most tests run with oracles 0 to 3 and f = 1.
abstract contract OCR2Test is RevertAssertions {
    using OCR2Messages for Config;
    using OCR2Messages for Report;
    using OCR2Messages for Transmission;

    uint256 internal constant MAX_ORACLES = 31;
    uint256 internal constant FIRST_SIGNER_KEY = 1000;

    /// @dev Order of the group of secp256k1.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    int192 internal constant MIN_ANSWER = -1000e8;
    int192 internal constant MAX_ANSWER = 1_000_000e8;
    uint8 internal constant DECIMALS = 8;
    string internal constant DESCRIPTION = "ETH / USD";

    bytes32 internal constant EXTRA_HASH = bytes32(uint256(0x5555));
    uint32 internal constant OBSERVATIONS_TIMESTAMP = 1_700_000_000;

    address internal immutable OWNER = makeAddr("owner");
    address internal immutable BILLING_ADMIN = makeAddr("billing admin");
    address internal immutable REQUESTER = makeAddr("requester");
    address internal immutable STRANGER = makeAddr("stranger");

    IOCR2Aggregator internal aggregator;
    MockLink internal link;
    MockAccessController internal billingAccess;
    MockAccessController internal requesterAccess;

    // The configuration in force.
    uint256 internal n;
    uint8 internal f;
    bytes32 internal digest;

    /// @dev Epoch of the latest report built; each report takes the next.
    uint32 internal epoch;

    address[] private _signers;

    function setUp() public virtual {
        vm.warp(OBSERVATIONS_TIMESTAMP + 10);
        vm.roll(1000);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            _signers.push(vm.addr(FIRST_SIGNER_KEY + i));
        }

        link = new MockLink();
        billingAccess = new MockAccessController();
        billingAccess.grant(BILLING_ADMIN);
        requesterAccess = new MockAccessController();
        requesterAccess.grant(REQUESTER);
        aggregator = deploy();
        configure(4, 1);
    }

    /// @dev Artifact of the implementation under test. Taken from there rather than by `new`, which would make the
    /// compiler optimise the whole aggregator once more for every test contract.
    function artifact() internal pure virtual returns (string memory) {
        return "OCR2Aggregator.sol:OCR2Aggregator";
    }

    /// @dev Least and greatest answer of the aggregator.
    function bounds() internal pure virtual returns (int192 minAnswer, int192 maxAnswer) {
        return (MIN_ANSWER, MAX_ANSWER);
    }

    /// @dev A fresh aggregator, owned by `OWNER`, without a configuration.
    function deploy() internal returns (IOCR2Aggregator) {
        (int192 minAnswer, int192 maxAnswer) = bounds();
        bytes memory arguments =
            abi.encode(link, minAnswer, maxAnswer, billingAccess, requesterAccess, DECIMALS, DESCRIPTION);
        vm.prank(OWNER);
        return IOCR2Aggregator(deployCode(artifact(), arguments));
    }

    // -- Oracles --

    function signer(uint256 oracle) internal view returns (address) {
        return _signers[oracle];
    }

    function transmitter(uint256 oracle) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("transmitter", oracle)))));
    }

    function payee(uint256 oracle) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("payee", oracle)))));
    }

    /// @dev The first `count` oracles.
    function firstOracles(uint256 count) internal pure returns (uint256[] memory oracles) {
        oracles = new uint256[](count);
        for (uint256 i = 0; i < count; i++) {
            oracles[i] = i;
        }
    }

    // -- Configuration --

    /// @dev Oracles `first` to `first + count - 1`.
    function configOf(uint256 first, uint256 count, uint8 f_) internal view returns (Config memory config) {
        config.signers = new address[](count);
        config.transmitters = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            config.signers[i] = signer(first + i);
            config.transmitters[i] = transmitter(first + i);
        }
        config.f = f_;
        (int192 minAnswer, int192 maxAnswer) = bounds();
        config.onchainConfig = OCR2Messages.onchainConfig(minAnswer, maxAnswer);
        config.offchainConfigVersion = 2;
        config.offchainConfig = hex"abcd";
    }

    /// @dev Puts oracles 0 to `n_ - 1` in charge.
    function configure(uint256 n_, uint8 f_) internal {
        setConfig(configOf(0, n_, f_));
    }

    function setConfig(Config memory config) internal {
        callAs(OWNER, config.encodeCall());
        n = config.signers.length;
        f = config.f;
        epoch = 0;
        (,, digest) = aggregator.latestConfigDetails();
    }

    /// @dev The digest that the next configuration of `aggregator` must get.
    function expectedDigest(Config memory config) internal view returns (bytes32) {
        (uint32 count,,) = aggregator.latestConfigDetails();
        return OCR2Messages.configDigest(block.chainid, address(aggregator), uint64(count) + 1, config);
    }

    // -- Reports --

    /// @dev `count` observations of 100e8, 101e8, …, by oracles 0, 1, …
    function reportOf(uint256 count) internal pure returns (Report memory report) {
        int192[] memory observations = new int192[](count);
        for (uint256 i = 0; i < count; i++) {
            observations[i] = int192(int256(100e8 + i * 1e8));
        }
        return reportOf(observations);
    }

    function reportOf(int192[] memory observations) internal pure returns (Report memory) {
        bytes32 observers = 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e00;
        return Report(OBSERVATIONS_TIMESTAMP, observers, observations, 0);
    }

    /// @dev A valid transmission for the configuration in force, signed by the first f + 1 oracles.
    function transmissionOf(Report memory report) internal returns (Transmission memory) {
        return transmissionOf(report.encode());
    }

    function transmissionOf(bytes memory report) internal returns (Transmission memory) {
        return transmissionOf(report, ++epoch, 1);
    }

    function transmissionOf(bytes memory report, uint32 epoch_, uint8 round)
        internal
        view
        returns (Transmission memory t)
    {
        t.reportContext = OCR2Messages.reportContext(digest, epoch_, round, EXTRA_HASH);
        t.report = report;
        attest(t, firstOracles(f + 1));
    }

    /// @dev A valid transmission with one observation of each oracle.
    function nextTransmission() internal returns (Transmission memory) {
        return transmissionOf(reportOf(n));
    }

    /// @dev Replaces the signatures of `t` by those of `oracles`, in this order.
    function attest(Transmission memory t, uint256[] memory oracles) internal pure {
        bytes32 hash = OCR2Messages.signedHash(t.report, t.reportContext);
        t.rs = new bytes32[](oracles.length);
        t.ss = new bytes32[](oracles.length);
        t.rawVs = 0;
        for (uint256 i = 0; i < oracles.length; i++) {
            uint8 v;
            (v, t.rs[i], t.ss[i]) = vm.sign(FIRST_SIGNER_KEY + oracles[i], hash);
            setRecoveryId(t, i, v - 27);
        }
    }

    /// @dev Only 32 recovery ids fit; signatures beyond have none.
    function setRecoveryId(Transmission memory t, uint256 index, uint8 recoveryId) internal pure {
        if (index >= 32) return;
        uint256 shift = 8 * (31 - index);
        t.rawVs = bytes32((uint256(t.rawVs) & ~(uint256(0xff) << shift)) | (uint256(recoveryId) << shift));
    }

    /// @dev Oracle 0 transmits.
    function transmit(Transmission memory t) internal {
        callAs(transmitter(0), t.encodeCall());
    }

    /// @dev Oracle 0 transmits a valid report.
    function transmitNext() internal {
        transmit(nextTransmission());
    }

    // -- Calls to the aggregator --

    function callAs(address caller, bytes memory callData) internal {
        assertSucceeds(address(aggregator), caller, callData);
    }

    function assertReverts(address caller, bytes memory callData, string memory reason) internal {
        assertReverts(address(aggregator), caller, callData, reason);
    }

    function assertPanics(address caller, bytes memory callData) internal {
        assertPanics(address(aggregator), caller, callData, ARITHMETIC_PANIC);
    }

    function assertRevertsEmpty(address caller, bytes memory callData) internal {
        assertRevertsEmpty(address(aggregator), caller, callData);
    }

    /// @dev Oracle 0 transmits and fails.
    function assertTransmitReverts(Transmission memory t, string memory reason) internal {
        assertReverts(transmitter(0), t.encodeCall(), reason);
    }

    // -- Logs --

    /// @dev The next call must emit the next event, all topics and data alike.
    function expectEmit() internal {
        vm.expectEmit(address(aggregator));
    }

    /// @dev Events that the aggregator itself emitted since `vm.recordLogs`.
    function countLogs() internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].emitter == address(aggregator)) count++;
        }
    }

    // -- Money --

    function setPayees(uint256 count) internal {
        address[] memory transmitters = new address[](count);
        address[] memory payees = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            transmitters[i] = transmitter(i);
            payees[i] = payee(i);
        }
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setPayees, (transmitters, payees)));
    }

    /// @dev Fixed rewards only: no gas is reimbursed.
    function setRewards(uint32 observationPaymentGjuels, uint32 transmissionPaymentGjuels) internal {
        callAs(
            OWNER,
            abi.encodeCall(IOCR2Aggregator.setBilling, (0, 0, observationPaymentGjuels, transmissionPaymentGjuels, 0))
        );
    }

    // -- Storage --

    /// @dev Slot of the word whose bytes are `f | epochAndRound (5) | roundId (4) | …`, found by its content.
    function hotVarsSlot() internal returns (bytes32) {
        vm.prank(STRANGER, STRANGER);
        (, uint32 latestEpoch, uint8 round,,) = aggregator.latestTransmissionDetails();
        uint256 expected = f | (uint256(round) << 8) | (uint256(latestEpoch) << 16) | (aggregator.latestRound() << 48);
        return findSlot(expected, (1 << 80) - 1);
    }

    /// @dev The one slot whose bits under `mask` are `expected`.
    function findSlot(uint256 expected, uint256 mask) internal view returns (bytes32 found) {
        uint256 matches;
        for (uint256 slot = 0; slot < 64; slot++) {
            if (uint256(vm.load(address(aggregator), bytes32(slot))) & mask == expected) {
                found = bytes32(slot);
                matches++;
            }
        }
        assertEq(matches, 1, "slots that hold this value");
    }

    /// @dev Rewrites the round id, which cannot be counted up to its end.
    function setRoundId(uint32 roundId) internal {
        bytes32 slot = hotVarsSlot();
        uint256 word = uint256(vm.load(address(aggregator), slot));
        word = (word & ~(uint256(type(uint32).max) << 48)) | (uint256(roundId) << 48);
        vm.store(address(aggregator), slot, bytes32(word));
        assertEq(aggregator.latestRound(), roundId, "round id");
    }
}
