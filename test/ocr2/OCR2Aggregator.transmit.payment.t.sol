// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {OCR2Messages, Report, Transmission} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";
import {PaymentModel} from "../utils/PaymentModel.sol";

/// @notice What `transmit` credits to its caller.
/// @dev The gas that `transmit` measures of itself is taken from a calibrating run over the same state; everything else
/// is compared with `PaymentModel` to the juel. Source: contracts-ocr2 6.
contract OCR2AggregatorTransmitPaymentTest is OCR2Test {
    using OCR2Messages for Report;
    using OCR2Messages for Transmission;

    struct Billing {
        uint32 maximumGasPriceGwei;
        uint32 reasonableGasPriceGwei;
        uint32 transmissionPaymentGjuels;
        uint24 accountingGas;
    }

    /// @dev One juel per wei: credits are the cost itself.
    int192 internal constant ONE_JUEL_PER_WEI = 1e18;

    uint256 internal constant GJUEL = PaymentModel.JUELS_PER_GJUEL;

    // -- Fixed part --

    function test_transmit_creditsTheTransmitterOnly() public {
        setRewards(0, 7);
        callAs(transmitter(2), nextTransmission().encodeCall());

        for (uint256 i = 0; i < n; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), i == 2 ? 7 * GJUEL : 0);
        }
    }

    function test_transmit_creditsAddUp() public {
        setRewards(0, 7);
        transmitNext();
        transmitNext();
        callAs(transmitter(1), nextTransmission().encodeCall());
        transmitNext();

        assertEq(aggregator.owedPayment(transmitter(0)), 21 * GJUEL);
        assertEq(aggregator.owedPayment(transmitter(1)), 7 * GJUEL);
    }

    function test_transmit_creditsFixedPartIf_juelsPerFeeCoinIsZero() public {
        vm.txGasPrice(50 gwei);
        setBilling(Billing(100, 10, 7, 10_000));
        assertEq(creditOf(0), 7 * GJUEL);
    }

    function test_transmit_creditsNothingIf_juelsPerFeeCoinIsNegative() public {
        vm.txGasPrice(50 gwei);
        setBilling(Billing(100, 10, 7, 10_000));
        assertEq(creditOf(-1), 0);
        assertEq(creditOf(type(int192).min), 0);
    }

    function test_transmit_creditsNothingIf_billingIsUnset() public {
        vm.txGasPrice(50 gwei);
        assertEq(creditOf(ONE_JUEL_PER_WEI), 0);
    }

    // -- Gas --

    function test_transmit_measuresItsGas() public {
        vm.txGasPrice(1 gwei);
        setBilling(Billing(1, 0, 0, 0));
        Transmission memory t = transmissionWith(ONE_JUEL_PER_WEI);
        bytes memory callData = t.encodeCall();

        vm.prank(transmitter(0));
        uint256 gasBefore = gasleft();
        (bool success,) = address(aggregator).call{gas: CALL_GAS}(callData);
        uint256 callGas = gasBefore - gasleft();
        assertTrue(success);

        uint256 calldataGas = PaymentModel.GAS_PER_CALLDATA_BYTE * callData.length;
        uint256 credit = aggregator.owedPayment(transmitter(0));
        assertEq(credit % 1 gwei, 0);
        assertLt(credit / 1 gwei, callGas + calldataGas, "what comes after the measurement is not in it");
        assertGt(credit / 1 gwei, callGas / 2 + calldataGas, "what comes before it is");
    }

    /// @dev The gas at the start counts modulo 2^32, and no block has that much.
    function test_transmit_revertsIf_gasTakesMoreThan32Bits() public {
        bytes memory callData = nextTransmission().encodeCall();
        vm.startPrank(transmitter(0));
        // A few hundred are used before it looks.
        (bool success, bytes memory returned) = address(aggregator).call{gas: (1 << 32) + 10_000}(callData);
        assertFalse(success);
        assertEq(returned, abi.encodeWithSignature("Error(string)", "leftGas cannot exceed initialGas"));
        assertEq(aggregator.latestRound(), 0);

        (success,) = address(aggregator).call{gas: type(uint32).max}(callData);
        assertTrue(success);
        assertEq(aggregator.latestRound(), 1);
    }

    function test_transmit_creditsAccountingGas() public {
        vm.txGasPrice(3 gwei);
        uint256 snapshot = vm.snapshotState();
        setBilling(Billing(100, 0, 0, 0));
        uint256 without = creditOf(ONE_JUEL_PER_WEI);

        vm.revertToState(snapshot);
        setBilling(Billing(100, 0, 0, type(uint24).max));
        assertEq(creditOf(ONE_JUEL_PER_WEI) - without, uint256(type(uint24).max) * 3 gwei);
    }

    function test_transmit_creditsSixteenGasPerCalldataByte() public {
        vm.txGasPrice(1 gwei);
        setBilling(Billing(1, 0, 0, 0));
        uint256 snapshot = vm.snapshotState();
        uint256 credit = creditOf(ONE_JUEL_PER_WEI);

        // A zero byte and another cost the same.
        vm.revertToState(snapshot);
        Report memory report = reportOf(n);
        report.juelsPerFeeCoin = ONE_JUEL_PER_WEI;
        report.observers = bytes32(0);
        transmit(transmissionOf(report));
        assertEq(aggregator.owedPayment(transmitter(0)), credit);
    }

    // -- Gas price --

    /// @dev Source: contracts-ocr2 6.2.
    function test_transmit_reimbursesAtTheEffectiveGasPrice() public {
        string memory json = vm.readFile("vectors/ocr2-contract.json");
        uint256[] memory paid = vm.parseJsonUintArray(json, ".gasPrice.paidGwei");
        uint256[] memory reasonable = vm.parseJsonUintArray(json, ".gasPrice.reasonableGwei");
        uint256[] memory maximum = vm.parseJsonUintArray(json, ".gasPrice.maximumGwei");
        uint256[] memory effective = vm.parseJsonUintArray(json, ".gasPrice.effectiveGwei");
        assertEq(paid.length, 5, "vectors");

        uint256 usedGas;
        for (uint256 i = 0; i < paid.length; i++) {
            uint256 snapshot = vm.snapshotState();
            // A fraction of a gwei does not count.
            vm.txGasPrice(paid[i] * 1 gwei + 999_999_999);
            setBilling(Billing(uint32(maximum[i]), uint32(reasonable[i]), 0, 0));
            uint256 credit = creditOf(ONE_JUEL_PER_WEI);
            assertEq(credit % (effective[i] * 1 gwei), 0);

            // Branches differ by little gas, prices by half or more.
            if (i == 0) usedGas = credit / (effective[i] * 1 gwei);
            else assertApproxEqAbs(credit / (effective[i] * 1 gwei), usedGas, 500);
            vm.revertToState(snapshot);
        }
    }

    function test_transmit_creditsNoGasIf_gasPriceIsZero() public {
        vm.txGasPrice(0.99 gwei);
        setBilling(Billing(100, 0, 0, 1000));
        assertEq(creditOf(ONE_JUEL_PER_WEI), 0);
        setBilling(Billing(100, 1, 0, 1000));
        assertEq(creditOf(ONE_JUEL_PER_WEI), 0);
        setBilling(Billing(100, 2, 0, 1000));
        assertGt(creditOf(ONE_JUEL_PER_WEI), 0);
    }

    // -- The whole formula --

    /// @dev Domain: every billing, gas prices up to 2^34 gwei, the most forge takes, every juelsPerFeeCoin that pays.
    function testFuzz_transmit_creditsByTheFormula(Billing memory billing, uint256 paidGwei, int192 juelsPerFeeCoin)
        public
    {
        paidGwei = bound(paidGwei, 0, 1 << 34);
        juelsPerFeeCoin = int192(bound(juelsPerFeeCoin, 0, type(int192).max));
        vm.txGasPrice(paidGwei * 1 gwei);
        uint256 priceGwei =
            PaymentModel.effectiveGasPriceGwei(paidGwei, billing.reasonableGasPriceGwei, billing.maximumGasPriceGwei);

        uint256 usedGas = calibrate(billing, priceGwei);
        setBilling(billing);
        uint256 credit = creditOf(juelsPerFeeCoin);

        uint256 juels =
            PaymentModel.reimbursementJuels(usedGas + billing.accountingGas, priceGwei, uint192(juelsPerFeeCoin));
        assertEq(credit, PaymentModel.creditedBalance(0, juels, billing.transmissionPaymentGjuels));
    }

    /// @dev Same as above where the product passes 2^256 or the sum 2^96 most of the time.
    function testFuzz_transmit_creditsByTheFormulaNearItsEnds(
        Billing memory billing,
        int192 juelsPerFeeCoin,
        uint8 bits
    ) public {
        billing.maximumGasPriceGwei = type(uint32).max;
        juelsPerFeeCoin = int192(bound(juelsPerFeeCoin, 0, type(int192).max)) >> (bits % 192);
        testFuzz_transmit_creditsByTheFormula(billing, type(uint32).max, juelsPerFeeCoin);
    }

    /// @dev The credit never stands in the way of a report.
    function testFuzz_transmit_neverRevertsForPayment(
        Billing memory billing,
        uint64 gasPriceWei,
        int192 juelsPerFeeCoin
    ) public {
        vm.txGasPrice(gasPriceWei);
        setBilling(billing);
        creditOf(juelsPerFeeCoin);
        assertEq(aggregator.latestRound(), 1);
    }

    // -- The end of uint96 --

    function test_transmit_discardsCreditThatWouldOverflow() public {
        vm.txGasPrice(1 gwei);
        Billing memory billing = Billing(1, 0, 1, 0);
        uint256 usedGas = calibrate(billing, 1);
        setBilling(billing);

        // Reimbursement that brings the balance to just over one transmission below 2^96.
        uint256 juels = type(uint96).max - 5 * GJUEL / 2;
        uint256 balance = creditOf(int192(int256(juels * 1e18 / (usedGas * 1 gwei))));
        assertApproxEqAbs(balance, type(uint96).max - 3 * GJUEL / 2, 1);

        assertEq(creditOf(0), GJUEL);
        assertEq(creditOf(0), 0, "one gjuel more would reach 2^96");
        assertEq(creditOf(ONE_JUEL_PER_WEI), 0);
        assertEq(aggregator.owedPayment(transmitter(0)), balance + GJUEL);
    }

    // -- Building blocks --

    function setBilling(Billing memory billing) private {
        callAs(
            OWNER,
            abi.encodeCall(
                IOCR2Aggregator.setBilling,
                (
                    billing.maximumGasPriceGwei,
                    billing.reasonableGasPriceGwei,
                    0,
                    billing.transmissionPaymentGjuels,
                    billing.accountingGas
                )
            )
        );
    }

    function transmissionWith(int192 juelsPerFeeCoin) private returns (Transmission memory) {
        Report memory report = reportOf(n);
        report.juelsPerFeeCoin = juelsPerFeeCoin;
        return transmissionOf(report);
    }

    /// @dev What oracle 0 is credited for one more transmission.
    function creditOf(int192 juelsPerFeeCoin) private returns (uint256) {
        uint256 before = aggregator.owedPayment(transmitter(0));
        transmit(transmissionWith(juelsPerFeeCoin));
        return aggregator.owedPayment(transmitter(0)) - before;
    }

    /// @dev Gas that the next transmission will be credited for before accounting gas; leaves no trace.
    function calibrate(Billing memory billing, uint256 priceGwei) private returns (uint256 usedGas) {
        if (priceGwei == 0) return 0;
        uint256 snapshot = vm.snapshotState();
        uint32 epochBefore = epoch;
        setBilling(Billing(billing.maximumGasPriceGwei, billing.reasonableGasPriceGwei, 0, 0));
        usedGas = creditOf(ONE_JUEL_PER_WEI) / (priceGwei * 1 gwei);
        vm.revertToState(snapshot);
        epoch = epochBefore;
    }
}
