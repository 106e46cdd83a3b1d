// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {Config, OCR1Messages, Report, Transmission} from "./OCR1Messages.sol";
import {RevertAssertions} from "./RevertAssertions.sol";
import {MockAccessController} from "./mocks/MockAccessController.sol";
import {MockLink} from "./mocks/MockLink.sol";

/// @notice An OCR1 aggregator, its 31 oracles, each with a payee, and the people around it.
/// @dev Oracle `i` signs with key `FIRST_SIGNER_KEY + i`. Most tests run with oracles 0 to 3 and a threshold of 1.
abstract contract OCR1Test is RevertAssertions {
    using OCR1Messages for Config;
    using OCR1Messages for Report;
    using OCR1Messages for Transmission;

    uint256 internal constant MAX_ORACLES = 31;
    uint256 internal constant FIRST_SIGNER_KEY = 1000;
    uint256 internal constant JUELS_PER_LINK_GWEI = 1e9;

    /// @dev Order of the group of secp256k1.
    uint256 internal constant CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    uint256 internal constant ASSERTION_PANIC = 0x01;
    uint256 internal constant INDEX_PANIC = 0x32;

    int192 internal constant MIN_ANSWER = -1000e8;
    int192 internal constant MAX_ANSWER = 1_000_000e8;
    uint8 internal constant DECIMALS = 8;
    string internal constant DESCRIPTION = "ETH / USD";

    /// @dev Observers 0, 1, 2, … 30.
    bytes32 internal constant FIRST_OBSERVERS = 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e00;

    address internal immutable OWNER = makeAddr("owner");
    address internal immutable BILLING_ADMIN = makeAddr("billing admin");
    address internal immutable REQUESTER = makeAddr("requester");
    address internal immutable STRANGER = makeAddr("stranger");

    IOffchainAggregator internal aggregator;
    MockLink internal link;
    MockAccessController internal billingAccess;
    MockAccessController internal requesterAccess;

    // The configuration in force.
    uint256 internal n;
    uint8 internal threshold;
    bytes16 internal digest;

    /// @dev Epoch of the latest report built; each report takes the next.
    uint32 internal epoch;

    address[] private _signers;

    function setUp() public virtual {
        vm.warp(1_700_000_010);
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
        setPayees(MAX_ORACLES);
        configure(4, 1);
    }

    /// @dev Artifact of the implementation under test: see `OCR2Test.artifact`.
    function artifact() internal pure virtual returns (string memory) {
        return "OffchainAggregator.sol:OffchainAggregator";
    }

    /// @dev Least and greatest answer of the aggregator.
    function bounds() internal pure virtual returns (int192 minAnswer, int192 maxAnswer) {
        return (MIN_ANSWER, MAX_ANSWER);
    }

    /// @dev A fresh aggregator, owned by `OWNER`, without prices, payees and configuration.
    function deploy() internal returns (IOffchainAggregator) {
        (int192 minAnswer, int192 maxAnswer) = bounds();
        uint32[5] memory prices;
        bytes memory arguments =
            abi.encode(prices, link, minAnswer, maxAnswer, billingAccess, requesterAccess, DECIMALS, DESCRIPTION);
        vm.prank(OWNER);
        return IOffchainAggregator(deployCode(artifact(), arguments));
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

    function setPayees(uint256 count) internal {
        address[] memory transmitters = new address[](count);
        address[] memory payees = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            transmitters[i] = transmitter(i);
            payees[i] = payee(i);
        }
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setPayees, (transmitters, payees)));
    }

    function setPayee(address transmitter_, address payee_) internal {
        address[] memory transmitters = new address[](1);
        address[] memory payees = new address[](1);
        (transmitters[0], payees[0]) = (transmitter_, payee_);
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setPayees, (transmitters, payees)));
    }

    /// @dev Makes `to` the payee of an oracle instead of `payee(oracle)`.
    function givePayeeship(uint256 oracle, address to) internal {
        callAs(payee(oracle), abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(oracle), to)));
        callAs(to, abi.encodeCall(IOffchainAggregator.acceptPayeeship, (transmitter(oracle))));
    }

    // -- Configuration --

    /// @dev Oracles `first` to `first + count - 1`.
    function configOf(uint256 first, uint256 count, uint8 threshold_) internal view returns (Config memory config) {
        config.signers = new address[](count);
        config.transmitters = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            config.signers[i] = signer(first + i);
            config.transmitters[i] = transmitter(first + i);
        }
        config.threshold = threshold_;
        config.encodedConfigVersion = 2;
        config.encoded = hex"abcd";
    }

    /// @dev Puts oracles 0 to `n_ - 1` in charge.
    function configure(uint256 n_, uint8 threshold_) internal {
        setConfig(configOf(0, n_, threshold_));
    }

    function setConfig(Config memory config) internal {
        callAs(OWNER, config.encodeCall());
        n = config.signers.length;
        threshold = config.threshold;
        epoch = 0;
        (,, digest) = aggregator.latestConfigDetails();
    }

    /// @dev The digest that the next configuration of `aggregator` must get.
    function expectedDigest(Config memory config) internal view returns (bytes16) {
        (uint32 count,,) = aggregator.latestConfigDetails();
        return OCR1Messages.configDigest(address(aggregator), uint64(count) + 1, config);
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
        return Report(0, FIRST_OBSERVERS, observations);
    }

    function array(int192 a, int192 b, int192 c) internal pure returns (int192[] memory values) {
        values = new int192[](3);
        (values[0], values[1], values[2]) = (a, b, c);
    }

    /// @dev A valid transmission for the configuration in force, signed by the first threshold + 1 oracles.
    function transmissionOf(Report memory report) internal returns (Transmission memory) {
        return transmissionOf(report, ++epoch, 1);
    }

    function transmissionOf(Report memory report, uint32 epoch_, uint8 round)
        internal
        view
        returns (Transmission memory)
    {
        report.context = OCR1Messages.reportContext(digest, epoch_, round);
        return transmissionOf(report.encode());
    }

    /// @dev Of a report that has its context.
    function transmissionOf(bytes memory report) internal view returns (Transmission memory t) {
        t.report = report;
        attest(t, firstOracles(threshold + 1));
    }

    /// @dev A valid transmission with one observation of each oracle.
    function nextTransmission() internal returns (Transmission memory) {
        return transmissionOf(reportOf(n));
    }

    /// @dev The encoding of a valid report with one observation of each oracle.
    function nextReport() internal returns (bytes memory) {
        return nextTransmission().report;
    }

    /// @dev Replaces the signatures of `t` by those of `oracles`, in this order.
    function attest(Transmission memory t, uint256[] memory oracles) internal pure {
        bytes32 hash = keccak256(t.report);
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

    function setWord(bytes memory data, uint256 position, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(data, 32), position), value)
        }
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

    function assertPanics(address caller, bytes memory callData, uint256 code) internal {
        assertPanics(address(aggregator), caller, callData, code);
    }

    function assertRevertsEmpty(address caller, bytes memory callData) internal {
        assertRevertsEmpty(address(aggregator), caller, callData);
    }

    /// @dev Oracle 0 transmits and fails.
    function assertTransmitReverts(Transmission memory t, string memory reason) internal {
        assertReverts(transmitter(0), t.encodeCall(), reason);
    }

    /// @dev Epoch and round of the latest report.
    function latestEpochAndRound() internal returns (uint32 latestEpoch, uint8 latestRound) {
        vm.prank(STRANGER, STRANGER);
        (, latestEpoch, latestRound,,) = aggregator.latestTransmissionDetails();
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

    /// @dev Fixed rewards only: no gas is reimbursed.
    function setRewards(uint32 linkGweiPerObservation, uint32 linkGweiPerTransmission) internal {
        callAs(
            OWNER,
            abi.encodeCall(IOffchainAggregator.setBilling, (0, 0, 0, linkGweiPerObservation, linkGweiPerTransmission))
        );
    }

    // -- Storage --

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

    /// @dev Rewrites the round id, which cannot be counted up to its end. Bytes of its word: oracle set (20) |
    /// epochAndRound (5) | roundId (4) | threshold (1) | …
    function setRoundId(uint32 roundId) internal {
        (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
        uint256 expected = (uint256(round) << 160) | (uint256(latestEpoch) << 168) | (aggregator.latestRound() << 200)
            | (uint256(threshold) << 232);
        bytes32 slot = findSlot(expected, ((1 << 80) - 1) << 160);
        uint256 word = uint256(vm.load(address(aggregator), slot));
        word = (word & ~(uint256(type(uint32).max) << 200)) | (uint256(roundId) << 200);
        vm.store(address(aggregator), slot, bytes32(word));
        assertEq(aggregator.latestRound(), roundId, "round id");
    }

    /// @dev Rewrites the unpaid observations of oracles 0 to 15, which are all to be `from`.
    function setObservationCounts(uint16 from, uint16 to) internal {
        // Each is kept plus one, in 16 bits.
        uint256 ones = type(uint256).max / type(uint16).max;
        vm.store(address(aggregator), findSlot(ones * (from + 1), type(uint256).max), bytes32(ones * (to + 1)));
        assertEq(aggregator.oracleObservationCount(transmitter(0)), to, "observation count");
    }
}
