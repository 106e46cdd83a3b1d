// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOwnable} from "../../src/interfaces/IOwnable.sol";
import {Config, OCR2Messages, Report, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {PaymentModel} from "../utils/PaymentModel.sol";
import {MockValidator} from "../utils/mocks/MockValidator.sol";

/// @notice The validator that `transmit` tells about each answer.
/// @dev Source: contracts-ocr2 5.2.
contract OCR2AggregatorTransmitValidatorTest is OCR2Test {
    using OCR2Messages for Config;
    using OCR2Messages for Report;
    using OCR2Messages for Transmission;

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

    function test_transmit_keepsACushionFromItsValidator() public {
        setValidator(makeAddr("externally owned"), 0);
        uint256 least = leastGas();
        transmit(unpaidTransmission());
        uint256 used = vm.lastCallGas().gasTotalUsed;

        // Of the 5001 left before the call, the call itself and the end of the transaction use some.
        assertGt(least, used + 500);
        assertLe(least, used + 5001);
    }

    function test_transmit_revertsIf_gasLimitIsBelowItsValidators() public {
        setValidator(address(validator), type(uint32).max);
        assertTransmitReverts(nextTransmission(), "insufficient gas");
    }

    /// @dev The least gas with which oracle 0 can transmit. One gas less: `insufficient gas`.
    function leastGas() private returns (uint256 most) {
        bytes memory callData = unpaidTransmission().encodeCall();
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

    function test_transmit_validatorSeesTheNewRound() public {
        validator.setReentry(address(aggregator), abi.encodeCall(IOCR2Aggregator.latestRoundData, ()));
        transmitAnswer(77);

        (uint80 roundId, int256 answer,, uint256 updatedAt,) =
            abi.decode(validator.reentryReturned(), (uint80, int256, uint256, uint256, uint80));
        assertEq(roundId, 1);
        assertEq(answer, 77);
        assertEq(updatedAt, block.timestamp);
    }

    /// @dev It must first take itself out: it has less gas than it would need to be called again.
    function test_transmit_validatorMayTransmit() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(validator);
        setConfig(config);
        giveOwnershipToValidator();
        Transmission memory outer = transmissionOf(constantReport(11));
        bytes[] memory callDatas = new bytes[](2);
        callDatas[0] = abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (address(0), 0));
        callDatas[1] = transmissionOf(constantReport(12)).encodeCall();
        validator.setReentry(
            address(validator), abi.encodeCall(MockValidator.executeAll, (address(aggregator), callDatas))
        );
        transmit(outer);

        assertTrue(validator.reentrySucceeded());
        assertEq(aggregator.latestRound(), 2);
        assertEq(aggregator.getAnswer(1), 11);
        assertEq(aggregator.getAnswer(2), 12);
        (,, uint32 latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertEq(latestEpoch, 2);
        assertTransmitReverts(outer, "stale report");
        transmitNext();
        assertEq(validator.calls().length, 1, "it stays out");
    }

    function test_transmit_validatorLacksGasToBeCalledAgain() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(validator);
        setConfig(config);
        Transmission memory outer = transmissionOf(constantReport(11));
        validator.setReentry(address(aggregator), transmissionOf(constantReport(12)).encodeCall());
        transmit(outer);

        assertEq(validator.reentryReturned(), abi.encodeWithSignature("Error(string)", "insufficient gas"));
        assertEq(aggregator.latestRound(), 1);
    }

    function test_transmit_revertsIf_validatorReplaysTheReport() public {
        Config memory config = configOf(0, 4, 1);
        config.transmitters[3] = address(validator);
        setConfig(config);
        Transmission memory t = nextTransmission();
        validator.setReentry(address(aggregator), t.encodeCall());
        transmit(t);

        assertEq(validator.reentryReturned(), abi.encodeWithSignature("Error(string)", "stale report"));
        assertEq(aggregator.latestRound(), 1);
    }

    /// @dev The balance is read after the callback: what was withdrawn in it is not credited again.
    function test_transmit_validatorMayWithdrawPayment() public {
        address[] memory transmitters = configOf(0, 1, 0).transmitters;
        address[] memory payees = new address[](1);
        payees[0] = address(validator);
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setPayees, (transmitters, payees)));
        setRewards(0, 3);
        link.mint(address(aggregator), 1e18);
        transmitNext();

        validator.setReentry(address(aggregator), abi.encodeCall(IOCR2Aggregator.withdrawPayment, (transmitter(0))));
        transmitNext();
        assertTrue(validator.reentrySucceeded());
        assertEq(link.balanceOf(address(validator)), 3 * PaymentModel.JUELS_PER_GJUEL);
        assertEq(aggregator.owedPayment(transmitter(0)), 3 * PaymentModel.JUELS_PER_GJUEL);
    }

    /// @dev A transmission is paid at the prices it began with, and does not undo those set meanwhile.
    function test_transmit_validatorMaySetBilling() public {
        setRewards(0, 3);
        billingAccess.grant(address(validator));
        validator.setReentry(address(aggregator), abi.encodeCall(IOCR2Aggregator.setBilling, (1, 2, 4, 5, 6)));
        transmitNext();

        assertTrue(validator.reentrySucceeded());
        assertEq(aggregator.owedPayment(transmitter(0)), 3 * PaymentModel.JUELS_PER_GJUEL + 4 * 1e9);
        (uint32 maximum, uint32 reasonable, uint32 observation, uint32 transmission, uint24 accounting) =
            aggregator.getBilling();
        assertEq(abi.encode(maximum, reasonable, observation, transmission, accounting), abi.encode(1, 2, 4, 5, 6));
    }

    function test_transmit_validatorMaySetConfig() public {
        giveOwnershipToValidator();
        Config memory config = configOf(10, 7, 2);
        bytes32 digest_ = expectedDigest(config);
        setRewardsByValidator(5);
        validator.setReentry(address(aggregator), config.encodeCall());
        transmitNext();

        assertTrue(validator.reentrySucceeded());
        assertEq(aggregator.latestRound(), 1);
        (, bytes32 latestDigest, uint32 latestEpoch) = aggregator.latestConfigDigestAndEpoch();
        assertEq(latestDigest, digest_);
        assertEq(latestEpoch, 0, "the transmission does not restore its epoch");
        assertEq(aggregator.owedPayment(transmitter(0)), 0, "no longer an oracle");

        // It is none still, and if it returns, it starts from nothing.
        assertTransmitReverts(nextTransmission(), "unauthorized transmitter");
        config = configOf(0, 4, 1);
        validator.execute(address(aggregator), config.encodeCall());
        assertEq(aggregator.owedPayment(transmitter(0)), 0);
    }

    function test_transmit_validatorMayReplaceItself() public {
        giveOwnershipToValidator();
        // So much gas that the second report would fail if nobody were called with it.
        bytes memory callData = abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (address(0), type(uint32).max));
        validator.setReentry(address(aggregator), callData);
        transmitNext();
        transmitNext();

        assertEq(validator.calls().length, 1);
        (address current,) = aggregator.getValidatorConfig();
        assertEq(current, address(0));

        callData = abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (address(validator), GAS_LIMIT));
        validator.execute(address(aggregator), callData);
        transmitNext();
        assertEq(validator.calls().length, 2);
    }

    // -- Building blocks --

    function setValidator(address validator_, uint32 gasLimit) private {
        callAs(OWNER, abi.encodeCall(IOCR2Aggregator.setValidatorConfig, (validator_, gasLimit)));
    }

    function giveOwnershipToValidator() private {
        callAs(OWNER, abi.encodeCall(IOwnable.transferOwnership, (address(validator))));
        validator.execute(address(aggregator), abi.encodeCall(IOwnable.acceptOwnership, ()));
    }

    function setRewardsByValidator(uint32 transmissionPaymentGjuels) private {
        bytes memory callData = abi.encodeCall(IOCR2Aggregator.setBilling, (0, 0, 0, transmissionPaymentGjuels, 0));
        validator.execute(address(aggregator), callData);
    }

    function constantReport(int192 value) private pure returns (Report memory report) {
        report = reportOf(3);
        (report.observations[0], report.observations[1], report.observations[2]) = (value, value, value);
    }

    function transmitAnswer(int192 value) private {
        transmit(transmissionOf(constantReport(value)));
    }

    /// @dev Ends with the validator's call: nothing is credited after it.
    function unpaidTransmission() private returns (Transmission memory) {
        Report memory report = reportOf(n);
        report.juelsPerFeeCoin = -1;
        return transmissionOf(report);
    }
}
