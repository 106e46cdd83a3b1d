// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {Config, OCR2Messages, Report, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {PaymentModel} from "../utils/PaymentModel.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";

/// @notice Everything people do to an aggregator, in any order, beside a model of what must come of it.
/// @dev 31 oracles exist, each with two accounts that take turns as its payee; some of them are configured. Gas is not
/// reimbursed here, which makes what is owed exact: gas is for the payment tests.
contract OCR2AggregatorHandler is OCR2Test {
    using OCR2Messages for Config;
    using OCR2Messages for Report;
    using OCR2Messages for Transmission;

    struct Round {
        int192 answer;
        uint32 startedAt;
        uint32 updatedAt;
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

    // -- Model: money, in juels --

    uint256 internal observationGjuels;
    uint256 internal transmissionGjuels;
    uint256 public minted;
    uint256 public withdrawn;
    /// @dev By oracle.
    mapping(uint256 oracle => uint256) internal rewardFrom;
    mapping(uint256 oracle => uint256) internal credited;
    mapping(uint256 oracle => uint256) internal paid;
    mapping(uint256 oracle => bool) internal heirIsPayee;

    function setUp() public override {
        super.setUp();
        setPayees(MAX_ORACLES);
        configCount = 1;
    }

    // -- Oracles --

    function transmitNewer(uint32 epochStep, uint8 round, int192 answer, uint256 seed, uint256 delay) external {
        vm.warp(block.timestamp + bound(delay, 0, 1 days));
        if (latestEpoch == type(uint32).max) return;
        uint32 epoch_ = latestEpoch + uint32(bound(epochStep, 1, (type(uint32).max - latestEpoch) / 2 + 1));
        answer = int192(bound(answer, MIN_ANSWER, MAX_ANSWER));
        Transmission memory t = transmissionAt(epoch_, round, answer, seed);
        uint256 caller = firstOracle + seed % n;
        callAs(transmitter(caller), t.encodeCall());

        (latestEpoch, latestRound) = (epoch_, round);
        _rounds.push(Round(answer, uint32(seed), uint32(block.timestamp)));
        credited[caller] += transmissionGjuels * PaymentModel.JUELS_PER_GJUEL;
    }

    /// @dev Reports that are not newer, from oracles.
    function transmitStale(uint32 epoch_, uint8 round, uint256 seed) external {
        epoch_ = uint32(bound(epoch_, 0, latestEpoch));
        if (epoch_ == latestEpoch) round = uint8(bound(round, 0, latestRound));
        Transmission memory t = transmissionAt(epoch_, round, 1, seed);
        assertReverts(transmitter(firstOracle), t.encodeCall(), "stale report");
    }

    /// @dev Reports signed by f oracles and a stranger, or f oracles and one of them again.
    function transmitForged(uint256 seed, bool stranger) external {
        if (latestEpoch == type(uint32).max) return;
        Transmission memory t = transmissionAt(latestEpoch + 1, 0, 1, seed);
        uint256[] memory signers = quorum(seed);
        // Key `MAX_ORACLES` is nobody's.
        signers[seed % signers.length] = stranger ? MAX_ORACLES : signers[(seed % signers.length + 1) % signers.length];
        attest(t, signers);
        assertReverts(transmitter(firstOracle), t.encodeCall(), stranger ? "signature error" : "duplicate signer");
    }

    /// @dev Attested reports with a median that the contract was told not to believe.
    function transmitOutOfRange(uint192 excess, uint256 seed, bool low) external {
        if (latestEpoch == type(uint32).max) return;
        excess = uint192(bound(excess, 1, 1 << 190));
        int192 answer = low ? MIN_ANSWER - int192(excess) : MAX_ANSWER + int192(excess);
        Transmission memory t = transmissionAt(latestEpoch + 1, 0, answer, seed);
        assertReverts(transmitter(firstOracle), t.encodeCall(), "median is out of min-max range");
    }

    // -- Administration --

    function reconfigure(uint256 first, uint256 count, uint8 f_) external {
        count = bound(count, 4, MAX_ORACLES);
        first = bound(first, 0, MAX_ORACLES - count);
        f_ = uint8(bound(f_, 1, (count - 1) / 3));
        vm.roll(block.number + 1);
        fundWhatIsOwed();
        settleAll();
        setConfig(configOf(first, count, f_));

        configCount++;
        firstOracle = first;
        (latestEpoch, latestRound) = (0, 0);
        for (uint256 i = first; i < first + count; i++) {
            (rewardFrom[i], credited[i]) = (_rounds.length, 0);
        }
    }

    function reprice(uint32 observation, uint32 transmission) external {
        fundWhatIsOwed();
        settleAll();
        setRewards(observation, transmission);
        (observationGjuels, transmissionGjuels) = (observation, transmission);
    }

    function administerAsStranger(uint256 seed) external {
        bytes[4] memory ownerCalls = [
            abi.encodeCall(IOCR2Aggregator.setLinkToken, (STRANGER, STRANGER)),
            abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (STRANGER, 1)),
            abi.encodeCall(IOCR2Aggregator.setBillingAccessController, (STRANGER)),
            configOf(0, 4, 1).encodeCall()
        ];
        assertReverts(STRANGER, ownerCalls[seed % 4], "Only callable by owner");
        assertReverts(
            payee(seed % MAX_ORACLES),
            abi.encodeCall(IOCR2Aggregator.setBilling, (0, 0, 0, 0, 0)),
            "Only owner&billingAdmin can call"
        );
    }

    function fund(uint96 juels) external {
        link.mint(address(aggregator), juels);
        minted += juels;
    }

    function withdrawFunds(uint256 amount, bool byAdmin) external {
        address caller = byAdmin ? BILLING_ADMIN : OWNER;
        bytes memory callData = abi.encodeCall(IOCR2Aggregator.withdrawFunds, (RECIPIENT, amount));
        uint256 balance = link.balanceOf(address(aggregator));
        uint256 due = totalOwed();
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
        callAs(payeeOf(oracle), abi.encodeCall(IOCR2Aggregator.withdrawPayment, (transmitter(oracle))));
        settle(oracle);
    }

    function withdrawPaymentOfAnother(uint256 oracle) external {
        oracle = bound(oracle, 0, MAX_ORACLES - 2);
        bytes memory callData = abi.encodeCall(IOCR2Aggregator.withdrawPayment, (transmitter(oracle)));
        assertReverts(payeeOf(oracle + 1), callData, "Only payee can withdraw");
        heirIsPayee[oracle] = !heirIsPayee[oracle];
        assertReverts(payeeOf(oracle), callData, "Only payee can withdraw");
        heirIsPayee[oracle] = !heirIsPayee[oracle];
    }

    function passPayeeship(uint256 oracle) external {
        oracle = bound(oracle, 0, MAX_ORACLES - 1);
        address current = payeeOf(oracle);
        heirIsPayee[oracle] = !heirIsPayee[oracle];
        bytes memory acceptance = abi.encodeCall(IOCR2Aggregator.acceptPayeeship, (transmitter(oracle)));
        assertReverts(payeeOf(oracle), acceptance, "only proposed payees can accept");
        callAs(current, abi.encodeCall(IOCR2Aggregator.transferPayeeship, (transmitter(oracle), payeeOf(oracle))));
        callAs(payeeOf(oracle), acceptance);
    }

    // -- Reading the model --

    function owed(uint256 oracle) private view returns (uint256) {
        if (!isConfigured(oracle)) return 0;
        return
            (_rounds.length - rewardFrom[oracle]) * observationGjuels * PaymentModel.JUELS_PER_GJUEL + credited[oracle];
    }

    function totalOwed() private view returns (uint256 total) {
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            total += owed(i);
        }
    }

    function isConfigured(uint256 oracle) private view returns (bool) {
        return firstOracle <= oracle && oracle < firstOracle + n;
    }

    function rounds() external view returns (Round[] memory) {
        return _rounds;
    }

    /// @dev What each of the 31 oracles is owed, and for how many rounds it was not paid.
    function owedByOracle() external view returns (uint256[] memory juels, uint256[] memory unpaidRounds) {
        juels = new uint256[](MAX_ORACLES);
        unpaidRounds = new uint256[](MAX_ORACLES);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            juels[i] = owed(i);
            unpaidRounds[i] = isConfigured(i) ? _rounds.length - rewardFrom[i] : 0;
        }
    }

    function paidByOracle() external view returns (uint256[] memory juels) {
        juels = new uint256[](MAX_ORACLES);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            juels[i] = paid[i];
        }
    }

    function world() external view returns (IOCR2Aggregator, MockLink) {
        return (aggregator, link);
    }

    function config() external view returns (uint256, uint8, bytes32) {
        return (n, f, digest);
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

    function transmissionAt(uint32 epoch_, uint8 round, int192 answer, uint256 seed)
        private
        view
        returns (Transmission memory t)
    {
        Report memory report = reportOf(f + 1 + seed % (MAX_ORACLES - f));
        report.observationsTimestamp = uint32(seed);
        report.observations[report.observations.length / 2] = answer;
        t = transmissionOf(report.encode(), epoch_, round);
        attest(t, quorum(seed));
    }

    /// @dev Any f + 1 consecutive oracles, in a circle.
    function quorum(uint256 seed) private view returns (uint256[] memory oracles) {
        oracles = new uint256[](f + 1);
        for (uint256 i = 0; i <= f; i++) {
            oracles[i] = firstOracle + (seed % n + i) % n;
        }
    }

    function settleAll() private {
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            settle(i);
        }
    }

    /// @dev Nothing owed, nothing settled: rounds at a price of 0 stay unpaid.
    function settle(uint256 oracle) private {
        uint256 juels = owed(oracle);
        if (juels == 0) return;
        paid[oracle] += juels;
        (rewardFrom[oracle], credited[oracle]) = (_rounds.length, 0);
    }

    function fundWhatIsOwed() private {
        uint256 balance = link.balanceOf(address(aggregator));
        uint256 due = totalOwed();
        if (balance >= due) return;
        link.mint(address(aggregator), due - balance);
        minted += due - balance;
    }
}
