// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {Config, OCR1Messages, Report, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice Everything people do to an OCR1 aggregator, in any order, beside a model of what must come of it.
/// @dev 31 oracles exist, each with two accounts that take turns as its payee; some of them are configured. Gas is not
/// reimbursed here, which makes what is owed exact: gas is for the payment tests.
contract OffchainAggregatorHandler is OCR1Test {
    using OCR1Messages for Config;
    using OCR1Messages for Report;
    using OCR1Messages for Transmission;

    struct Round {
        int192 answer;
        uint64 timestamp;
    }

    address internal immutable RECIPIENT = makeAddr("recipient");

    // -- Model: protocol --

    /// @dev Oracles `firstOracle` to `firstOracle + n - 1` are configured.
    uint256 public firstOracle;
    uint32 public configCount;
    uint32 public latestEpoch;
    uint8 public latestRound;
    /// @dev Round i + 1.
    Round[] internal _rounds;
    mapping(bytes16 digest => bool) internal seen;

    // -- Model: money, in juels --

    uint256 internal observationLinkGwei;
    uint256 internal transmissionLinkGwei;
    uint256 public minted;
    uint256 public withdrawn;
    /// @dev By index in the configuration: whoever has the index has these.
    uint256[MAX_ORACLES] internal observations;
    uint256[MAX_ORACLES] internal credited;
    /// @dev By oracle.
    mapping(uint256 oracle => uint256) internal paid;
    mapping(uint256 oracle => bool) internal heirIsPayee;

    function setUp() public override {
        super.setUp();
        configCount = 1;
        seen[digest] = true;
    }

    // -- Oracles --

    function transmitNewer(uint32 epochStep, uint8 round, int192 answer, uint256 seed, uint256 delay) external {
        vm.warp(block.timestamp + bound(delay, 0, 1 days));
        if (latestEpoch == type(uint32).max) return;
        uint32 epoch_ = latestEpoch + uint32(bound(epochStep, 1, (type(uint32).max - latestEpoch) / 2 + 1));
        answer = int192(bound(answer, MIN_ANSWER, MAX_ANSWER));
        Report memory report = reportAround(answer, seed);
        Transmission memory t = transmissionAt(report, epoch_, round, seed);
        uint256 index = seed % n;
        callAs(transmitter(firstOracle + index), t.encodeCall());

        (latestEpoch, latestRound) = (epoch_, round);
        _rounds.push(Round(answer, uint64(block.timestamp)));
        for (uint256 i = 0; i < report.observations.length; i++) {
            observations[uint8(report.observers[i])]++;
        }
        credited[index] += transmissionLinkGwei * JUELS_PER_LINK_GWEI;
    }

    /// @dev Reports that are not newer, from oracles.
    function transmitStale(uint32 epoch_, uint8 round, uint256 seed) external {
        epoch_ = uint32(bound(epoch_, 0, latestEpoch));
        if (epoch_ == latestEpoch) round = uint8(bound(round, 0, latestRound));
        Transmission memory t = transmissionAt(reportAround(1, seed), epoch_, round, seed);
        assertReverts(transmitter(firstOracle), t.encodeCall(), "stale report");
    }

    /// @dev Reports signed by too few: by a stranger, or by one of them twice.
    function transmitForged(uint256 seed, bool stranger) external {
        if (latestEpoch == type(uint32).max) return;
        Transmission memory t = transmissionAt(reportAround(1, seed), latestEpoch + 1, 0, seed);
        uint256[] memory signers = quorum(seed);
        // Key `MAX_ORACLES` is nobody's.
        signers[seed % signers.length] = stranger ? MAX_ORACLES : signers[(seed % signers.length + 1) % signers.length];
        attest(t, signers);
        string memory reason = stranger ? "address not authorized to sign" : "non-unique signature";
        assertReverts(transmitter(firstOracle), t.encodeCall(), reason);
    }

    /// @dev Attested, but not what a correct leader would propose: two observations changed places.
    function transmitUnsorted(uint256 seed) external {
        if (latestEpoch == type(uint32).max) return;
        Report memory report = reportAround(1, seed);
        uint256 i = seed % (report.observations.length - 1);
        (report.observations[i], report.observations[i + 1]) = (report.observations[i + 1], report.observations[i]);
        Transmission memory t = transmissionAt(report, latestEpoch + 1, 0, seed);
        assertReverts(transmitter(firstOracle), t.encodeCall(), "observations not sorted");
    }

    /// @dev Attested reports with a median that the contract was told not to believe.
    function transmitOutOfRange(uint192 excess, uint256 seed, bool low) external {
        if (latestEpoch == type(uint32).max) return;
        excess = uint192(bound(excess, 1, 1 << 190));
        int192 answer = low ? MIN_ANSWER - int192(excess) : MAX_ANSWER + int192(excess);
        Transmission memory t = transmissionAt(reportAround(answer, seed), latestEpoch + 1, 0, seed);
        assertReverts(transmitter(firstOracle), t.encodeCall(), "median is out of min-max range");
    }

    // -- Administration --

    function reconfigure(uint256 first, uint256 count, uint8 threshold_) external {
        count = bound(count, 4, MAX_ORACLES);
        first = bound(first, 0, MAX_ORACLES - count);
        threshold_ = uint8(bound(threshold_, 1, (count - 1) / 3));
        vm.roll(block.number + 1);
        fundWhatIsOwed();
        settleAll();
        setConfig(configOf(first, count, threshold_));
        assertFalse(seen[digest], "every configuration has its digest");
        seen[digest] = true;

        configCount++;
        firstOracle = first;
        (latestEpoch, latestRound) = (0, 0);
    }

    function reprice(uint32 observation, uint32 transmission) external {
        fundWhatIsOwed();
        settleAll();
        setRewards(observation, transmission);
        (observationLinkGwei, transmissionLinkGwei) = (observation, transmission);
    }

    function administerAsStranger(uint256 seed) external {
        bytes[4] memory ownerCalls = [
            abi.encodeCall(IOffchainAggregator.setLinkToken, (STRANGER, STRANGER)),
            abi.encodeCall(IOffchainAggregator.setValidatorConfig, (STRANGER, 1)),
            abi.encodeCall(IOffchainAggregator.setBillingAccessController, (STRANGER)),
            configOf(0, 4, 1).encodeCall()
        ];
        assertReverts(STRANGER, ownerCalls[seed % 4], "Only callable by owner");
        assertReverts(
            payee(seed % MAX_ORACLES),
            abi.encodeCall(IOffchainAggregator.setBilling, (0, 0, 0, 0, 0)),
            "Only owner&billingAdmin can call"
        );
    }

    function fund(uint96 juels) external {
        link.mint(address(aggregator), juels);
        minted += juels;
    }

    function withdrawFunds(uint256 amount, bool byAdmin) external {
        address caller = byAdmin ? BILLING_ADMIN : OWNER;
        bytes memory callData = abi.encodeCall(IOffchainAggregator.withdrawFunds, (RECIPIENT, amount));
        uint256 balance = link.balanceOf(address(aggregator));
        uint256 due = dueJuels();
        if (balance < due) {
            assertReverts(caller, callData, "insufficient balance");
        } else {
            callAs(caller, callData);
            withdrawn += amount < balance - due ? amount : balance - due;
        }
    }

    // -- Payees --

    /// @dev Of any oracle, configured or not.
    function withdrawPayment(uint256 oracle) external {
        oracle = bound(oracle, 0, MAX_ORACLES - 1);
        fundWhatIsOwed();
        callAs(payeeOf(oracle), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(oracle))));
        settle(oracle);
    }

    function withdrawPaymentOfAnother(uint256 oracle) external {
        oracle = bound(oracle, 0, MAX_ORACLES - 2);
        bytes memory callData = abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(oracle)));
        assertReverts(payeeOf(oracle + 1), callData, "Only payee can withdraw");
        heirIsPayee[oracle] = !heirIsPayee[oracle];
        assertReverts(payeeOf(oracle), callData, "Only payee can withdraw");
        heirIsPayee[oracle] = !heirIsPayee[oracle];
    }

    function passPayeeship(uint256 oracle) external {
        oracle = bound(oracle, 0, MAX_ORACLES - 1);
        address current = payeeOf(oracle);
        heirIsPayee[oracle] = !heirIsPayee[oracle];
        bytes memory acceptance = abi.encodeCall(IOffchainAggregator.acceptPayeeship, (transmitter(oracle)));
        assertReverts(payeeOf(oracle), acceptance, "only proposed payees can accept");
        callAs(current, abi.encodeCall(IOffchainAggregator.transferPayeeship, (transmitter(oracle), payeeOf(oracle))));
        callAs(payeeOf(oracle), acceptance);
    }

    // -- Reading the model --

    function owed(uint256 oracle) private view returns (uint256) {
        return isConfigured(oracle) ? owedAt(oracle - firstOracle) : 0;
    }

    function owedAt(uint256 index) private view returns (uint256) {
        return observations[index] * observationLinkGwei * JUELS_PER_LINK_GWEI + credited[index];
    }

    /// @dev Also to indices that no oracle has.
    function dueJuels() public view returns (uint256 total) {
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            total += owedAt(i);
        }
    }

    function isConfigured(uint256 oracle) private view returns (bool) {
        return firstOracle <= oracle && oracle < firstOracle + n;
    }

    function rounds() external view returns (Round[] memory) {
        return _rounds;
    }

    /// @dev What each of the 31 oracles is owed, and for how many observations it was not paid.
    function owedByOracle() external view returns (uint256[] memory juels, uint256[] memory counts) {
        juels = new uint256[](MAX_ORACLES);
        counts = new uint256[](MAX_ORACLES);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            juels[i] = owed(i);
            counts[i] = isConfigured(i) ? observations[i - firstOracle] : 0;
        }
    }

    function paidByOracle() external view returns (uint256[] memory juels) {
        juels = new uint256[](MAX_ORACLES);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            juels[i] = paid[i];
        }
    }

    function world() external view returns (IOffchainAggregator, MockLink) {
        return (aggregator, link);
    }

    function config() external view returns (uint256, uint8, bytes16) {
        return (n, threshold, digest);
    }

    function recipient() external view returns (address) {
        return RECIPIENT;
    }

    /// @dev The second account of an oracle.
    function heir(uint256 oracle) public pure returns (address) {
        return payee(MAX_ORACLES + oracle);
    }

    function payeeOf(uint256 oracle) private view returns (address) {
        return heirIsPayee[oracle] ? heir(oracle) : payee(oracle);
    }

    // -- Building blocks --

    /// @dev Any number of observations, all different, by observers that may be anyone below 31.
    function reportAround(int192 answer, uint256 seed) private view returns (Report memory report) {
        uint256 least = 2 * uint256(threshold) + 1;
        uint256 count = least + seed % (MAX_ORACLES + 1 - least);
        report = reportOf(count);
        bytes memory observers = new bytes(32);
        for (uint256 i = 0; i < count; i++) {
            report.observations[i] = answer + int192(int256(i)) - int192(int256(count / 2));
            observers[i] = bytes1(uint8((seed / 31 + i) % MAX_ORACLES));
        }
        report.observers = bytes32(observers);
    }

    function transmissionAt(Report memory report, uint32 epoch_, uint8 round, uint256 seed)
        private
        view
        returns (Transmission memory t)
    {
        t = transmissionOf(report, epoch_, round);
        attest(t, quorum(seed));
    }

    /// @dev Any threshold + 1 consecutive oracles, in a circle.
    function quorum(uint256 seed) private view returns (uint256[] memory oracles) {
        oracles = new uint256[](threshold + 1);
        for (uint256 i = 0; i <= threshold; i++) {
            oracles[i] = firstOracle + (seed % n + i) % n;
        }
    }

    function settleAll() private {
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            settle(i);
        }
    }

    /// @dev Nothing owed, nothing settled: observations at a price of 0 stay unpaid.
    function settle(uint256 oracle) private {
        uint256 juels = owed(oracle);
        if (juels == 0) return;
        paid[oracle] += juels;
        (observations[oracle - firstOracle], credited[oracle - firstOracle]) = (0, 0);
    }

    function fundWhatIsOwed() private {
        uint256 balance = link.balanceOf(address(aggregator));
        uint256 due = dueJuels();
        if (balance >= due) return;
        link.mint(address(aggregator), due - balance);
        minted += due - balance;
    }
}
