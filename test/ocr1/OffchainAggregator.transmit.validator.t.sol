// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Config, OCR1Messages, Report, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";
import {MockValidator} from "../utils/mocks/MockValidator.sol";

/// @notice The validator that `transmit` tells about each answer.
/// @dev Source: contracts-ocr1 5.2, 5.4 and 8.
contract OffchainAggregatorTransmitValidatorTest is OCR1Test {
    using OCR1Messages for Config;
    using OCR1Messages for Transmission;

    uint32 internal constant GAS_LIMIT = 3_000_000;

    MockValidator internal validator;

    function setUp() public override {
        super.setUp();
        validator = new MockValidator();
        setValidator(address(validator), GAS_LIMIT);
    }

    // -- The call --

    function test_transmit_tellsTheValidatorBothAnswers() public {
        transmitAnswer(-42);
        transmitAnswer(43);

        MockValidator.Call[] memory calls = validator.calls();
        assertEq(calls.length, 2);
        assertEq(calls[0].previousRoundId, 0);
        assertEq(calls[0].previousAnswer, 0);
        assertEq(calls[0].currentRoundId, 1);
        assertEq(calls[0].currentAnswer, -42);
        assertEq(calls[1].previousRoundId, 1);
        assertEq(calls[1].previousAnswer, -42);
        assertEq(calls[1].currentRoundId, 2);
        assertEq(calls[1].currentAnswer, 43);
    }

    function test_transmit_tellsTheValidatorAcrossTheLastRound() public {
        transmitAnswer(1);
        setRoundId(type(uint32).max - 1);
        transmitAnswer(2);
        transmitAnswer(3);

        MockValidator.Call[] memory calls = validator.calls();
        assertEq(calls[2].previousRoundId, type(uint32).max);
        assertEq(calls[2].previousAnswer, 2);
        assertEq(calls[2].currentRoundId, 0);
        assertEq(calls[2].currentAnswer, 3);
    }

    function test_transmit_givesTheValidatorExactlyItsGas() public {
        transmitNext();

        MockValidator.Call memory call = validator.calls()[0];
        assertEq(call.value, 0);
        assertLt(call.gasAtEntry, GAS_LIMIT);
        assertApproxEqAbs(call.gasAtEntry, GAS_LIMIT, 1000, "what its own dispatch uses");
    }

    /// @dev Whatever gas limit it would have.
    function test_transmit_callsNobodyIf_validatorIsZero() public {
        vm.expectCall(address(0), "", 0);
        vm.expectCall(address(validator), "", 0);
        uint32[3] memory gasLimits = [0, GAS_LIMIT, type(uint32).max];
        for (uint256 i = 0; i < gasLimits.length; i++) {
            setValidator(address(0), gasLimits[i]);
            transmitNext();
        }
    }

    function test_transmit_isNotBlockedByItsValidator() public {
        validator.setMode(MockValidator.Mode.Reverts);
        transmitNext();
        validator.setMode(MockValidator.Mode.BurnsAllGas);
        transmitNext();
        setValidator(makeAddr("externally owned"), GAS_LIMIT);
        transmitNext();
        // No such function.
        setValidator(address(link), GAS_LIMIT);
        transmitNext();

        assertEq(aggregator.latestRound(), 4);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 4);
    }

    /// @dev The gas that a validator burns is reimbursed: it is part of the transmission.
    function test_transmit_paysForTheValidatorsGas() public {
        vm.txGasPrice(1 gwei);
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setBilling, (1, 0, 1e6, 0, 0)));
        validator.setMode(MockValidator.Mode.BurnsAllGas);
        transmitNext();
        uint256 credit = aggregator.owedPayment(transmitter(0));
        assertGt(credit, uint256(GAS_LIMIT) * 1 gwei);
        assertLt(credit, (uint256(GAS_LIMIT) + 200_000) * 1 gwei);
    }

    // -- Gas --

    /// @dev g >= 5000 and (g - 5000) - floor((g - 5000) / 64) > limit, for the gas g left before the call.
    function test_transmit_revertsIf_validatorMightGetLessThanItsGas() public {
        // 63 * 5000: as much can be handed on with one gas less. Only there do `>` and `>=` lie two gas apart, else one.
        setValidator(makeAddr("externally owned"), 315_000);
        uint256 low = leastGas();
        setValidator(makeAddr("externally owned"), 2_000_000);
        uint256 high = leastGas();

        // All but the gas left before the call is the same in both.
        assertEq(high - low, gasToForward(2_000_000) - gasToForward(315_000));
    }

    function test_transmit_revertsIf_gasLimitIsBelowItsValidators() public {
        setValidator(address(validator), type(uint32).max);
        assertTransmitReverts(nextTransmission(), "insufficient gas");
    }

    /// @dev The least gas with which oracle 0 can transmit. One gas less: `insufficient gas`.
    function leastGas() private returns (uint256 most) {
        bytes memory callData = nextTransmission().encodeCall();
        uint256 least;
        most = CALL_GAS;
        while (most - least > 1) {
            uint256 middle = (least + most) / 2;
            (bool success,) = probe(callData, middle);
            (least, most) = success ? (least, middle) : (middle, most);
        }

        (, bytes memory returned) = probe(callData, least);
        assertEq(returned, abi.encodeWithSignature("Error(string)", "insufficient gas"));
    }

    /// @dev Leaves no trace.
    function probe(bytes memory callData, uint256 gas) private returns (bool success, bytes memory returned) {
        uint256 snapshot = vm.snapshotState();
        vm.prank(transmitter(0));
        (success, returned) = address(aggregator).call{gas: gas}(callData);
        vm.revertToState(snapshot);
    }

    /// @dev The least gas of which all but one 64th is more than `limit`.
    function gasToForward(uint256 limit) private pure returns (uint256 gas) {
        gas = limit;
        while (gas - gas / 64 <= limit) gas++;
    }

    // -- Re-entrance --

    /// @dev The round it is told about is readable by its id, and the latest once the validator has returned.
    function test_transmit_validatorSeesThePreviousRoundAsLatest() public {
        transmitAnswer(76);
        validator.setReentry(address(aggregator), abi.encodeCall(IOffchainAggregator.latestRoundData, ()));
        transmitAnswer(77);
        (uint80 roundId, int256 answer,,,) =
            abi.decode(validator.reentryReturned(), (uint80, int256, uint256, uint256, uint80));
        assertEq(roundId, 1);
        assertEq(answer, 76);

        validator.setReentry(address(aggregator), abi.encodeCall(IOffchainAggregator.getRoundData, (3)));
        transmitAnswer(78);
        (roundId, answer,,,) = abi.decode(validator.reentryReturned(), (uint80, int256, uint256, uint256, uint80));
        assertEq(roundId, 3);
        assertEq(answer, 78);
        assertEq(aggregator.latestRound(), 3);
    }

    /// @dev The original lets both reports take one round. Refused here, whatever the validator owns or has set.
    function test_transmit_revertsIf_validatorTransmits() public {
        setPayee(address(validator), STRANGER);
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(validator);
        setConfig(config);
        giveOwnershipToValidator();
        Transmission memory outer = transmissionOf(constantReport(11));
        Transmission memory inner = transmissionOf(constantReport(12));
        validator.setReentry(address(aggregator), inner.encodeCall());
        transmit(outer);
        assertEq(validator.reentryReturned(), abi.encodeWithSignature("Error(string)", "reentrant transmit"));
        assertEq(aggregator.latestRound(), 1);
        assertEq(aggregator.getAnswer(1), 11);

        // Not even once it took itself out.
        bytes[] memory callDatas = new bytes[](2);
        callDatas[0] = abi.encodeCall(IOffchainAggregator.setValidatorConfig, (address(0), 0));
        callDatas[1] = transmissionOf(constantReport(13)).encodeCall();
        validator.setReentry(
            address(validator), abi.encodeCall(MockValidator.executeAll, (address(aggregator), callDatas))
        );
        transmit(inner);
        assertFalse(validator.reentrySucceeded());
        assertEq(aggregator.latestRound(), 2);

        // From outside it may.
        callAs(address(validator), callDatas[1]);
        assertEq(aggregator.latestRound(), 3);
    }

    function test_transmit_goesOnAfterAValidatorTransmitted() public {
        test_transmit_revertsIf_validatorTransmits();
        transmitNext();
        transmitNext();
        assertEq(aggregator.latestRound(), 5);
    }

    function test_transmit_revertsIf_validatorReplaysTheReport() public {
        setPayee(address(validator), STRANGER);
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(validator);
        setConfig(config);
        Transmission memory t = nextTransmission();
        validator.setReentry(address(aggregator), t.encodeCall());
        transmit(t);

        assertFalse(validator.reentrySucceeded());
        assertEq(aggregator.latestRound(), 1);
        assertEq(aggregator.oracleObservationCount(transmitter(0)), 1);
    }

    /// @dev The balance is read after the callback: what was withdrawn in it is not credited again.
    function test_transmit_validatorMayWithdrawPayment() public {
        givePayeeship(0, address(validator));
        setRewards(2, 3);
        link.mint(address(aggregator), 1e18);
        transmitNext();

        validator.setReentry(address(aggregator), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(0))));
        transmitNext();
        assertTrue(validator.reentrySucceeded());
        assertEq(link.balanceOf(address(validator)), 5 * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(0)), 5 * JUELS_PER_LINK_GWEI);
    }

    /// @dev Credits come after the callback, at the prices set in it.
    function test_transmit_validatorMaySetBilling() public {
        setRewards(2, 3);
        billingAccess.grant(address(validator));
        validator.setReentry(address(aggregator), abi.encodeCall(IOffchainAggregator.setBilling, (0, 0, 0, 7, 11)));
        transmitNext();

        assertTrue(validator.reentrySucceeded());
        assertEq(aggregator.owedPayment(transmitter(0)), (7 + 11) * JUELS_PER_LINK_GWEI);
        (,,, uint32 observation, uint32 transmission) = aggregator.getBilling();
        assertEq(observation, 7);
        assertEq(transmission, 11);
    }

    /// @dev The configuration it sets is whole afterwards: digest, threshold, epoch and round. The original overwrites
    /// them with those of the report.
    function test_transmit_validatorMaySetConfig() public {
        giveOwnershipToValidator();
        setRewardsByValidator(2, 5);
        // Oracle 0 is the last of seven.
        Config memory config = configOf(0, 7, 2);
        (config.transmitters[0], config.transmitters[6]) = (transmitter(6), transmitter(0));
        bytes16 digest_ = expectedDigest(config);
        validator.setReentry(address(aggregator), config.encodeCall());
        transmit(transmissionOf(reportOf(n), 5, 5));

        assertTrue(validator.reentrySucceeded());
        assertEq(aggregator.latestRound(), 1);
        (uint32 configCount,, bytes16 latestDigest) = aggregator.latestConfigDetails();
        assertEq(configCount, 2);
        assertEq(latestDigest, digest_);
        (uint32 latestEpoch, uint8 round) = latestEpochAndRound();
        assertEq(latestEpoch, 0, "the report does not restore its epoch");
        assertEq(round, 0);
        // Observers by their index, the transmitter by its address.
        assertEq(aggregator.owedPayment(transmitter(0)), 5 * JUELS_PER_LINK_GWEI, "index 6");
        assertEq(aggregator.owedPayment(transmitter(6)), 2 * JUELS_PER_LINK_GWEI, "index 0");

        (n, threshold, digest, epoch) = (7, 2, digest_, 0);
        assertTransmitReverts(withSignatures(nextTransmission(), 2), "not enough signatures");
        transmitNext();
    }

    /// @dev Whoever transmitted the report is no oracle any more, and cannot be paid.
    function test_transmit_revertsIf_validatorRemovesTheTransmitter() public {
        giveOwnershipToValidator();
        Config memory config = configOf(1, 4, 1);
        validator.setReentry(address(aggregator), config.encodeCall());
        bytes memory callData = nextTransmission().encodeCall();
        assertReverts(transmitter(0), callData, "sent by undesignated transmitter");

        (uint32 configCount,,) = aggregator.latestConfigDetails();
        assertEq(configCount, 1, "nothing of it happened");
        assertEq(aggregator.latestRound(), 0);
        callAs(transmitter(1), callData);
        assertEq(aggregator.latestRound(), 1);
    }

    function test_transmit_revertsIf_validatorMakesTheTransmitterASigner() public {
        giveOwnershipToValidator();
        Config memory config = configOf(1, 4, 1);
        config.signers[0] = transmitter(0);
        validator.setReentry(address(aggregator), config.encodeCall());
        assertTransmitReverts(nextTransmission(), "sent by undesignated transmitter");
    }

    function test_transmit_validatorMayReplaceItself() public {
        giveOwnershipToValidator();
        // So much gas that the second report would fail if nobody were called with it.
        bytes memory callData = abi.encodeCall(IOffchainAggregator.setValidatorConfig, (address(0), type(uint32).max));
        validator.setReentry(address(aggregator), callData);
        transmitNext();
        transmitNext();

        assertEq(validator.calls().length, 1);
        (address current,) = aggregator.validatorConfig();
        assertEq(current, address(0));

        callData = abi.encodeCall(IOffchainAggregator.setValidatorConfig, (address(validator), GAS_LIMIT));
        validator.execute(address(aggregator), callData);
        transmitNext();
        assertEq(validator.calls().length, 2);
    }

    // -- Building blocks --

    function setValidator(address validator_, uint32 gasLimit) private {
        callAs(OWNER, abi.encodeCall(IOffchainAggregator.setValidatorConfig, (validator_, gasLimit)));
    }

    function giveOwnershipToValidator() private {
        callAs(OWNER, abi.encodeCall(IOwnable.transferOwnership, (address(validator))));
        validator.execute(address(aggregator), abi.encodeCall(IOwnable.acceptOwnership, ()));
    }

    function setRewardsByValidator(uint32 observation, uint32 transmission) private {
        bytes memory callData = abi.encodeCall(IOffchainAggregator.setBilling, (0, 0, 0, observation, transmission));
        validator.execute(address(aggregator), callData);
    }

    function withSignatures(Transmission memory t, uint256 count) private pure returns (Transmission memory) {
        attest(t, firstOracles(count));
        return t;
    }

    function constantReport(int192 value) private pure returns (Report memory) {
        return reportOf(array(value, value, value));
    }

    function transmitAnswer(int192 value) private {
        transmit(transmissionOf(constantReport(value)));
    }
}
