// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {OCR1Messages, Report, Transmission} from "../utils/OCR1Messages.sol";
import {OCR1Test} from "../utils/OCR1Test.sol";
import {PaymentModel} from "../utils/PaymentModel.sol";

/// @notice What `transmit` credits to observers and to its caller.
/// @dev The gas that `transmit` measures of itself is taken from a calibrating run over the same state; everything else
/// is compared with a model to the juel. Source: contracts-ocr1 6.2 to 6.4.
contract OffchainAggregatorTransmitPaymentTest is OCR1Test {
    using OCR1Messages for Report;
    using OCR1Messages for Transmission;

    /// @dev As the arguments of `setBilling`.
    struct Billing {
        uint32 maximumGasPriceGwei;
        uint32 reasonableGasPriceGwei;
        uint32 microLinkPerEth;
        uint32 linkGweiPerObservation;
        uint32 linkGweiPerTransmission;
    }

    /// @dev One juel per wei: credits are the cost itself.
    uint32 internal constant ONE_JUEL_PER_WEI = 1e6;

    uint256 internal constant ACCOUNTING_GAS = 6035;

    // -- Observations --

    function test_transmit_creditsListedObserversOnly() public {
        configure(7, 2);
        setRewards(3, 0);
        Report memory report = reportOf(5);
        report.observers = hex"0603010204";
        transmit(transmissionOf(report));

        for (uint256 i = 0; i < n; i++) {
            bool observed = i != 0 && i != 5;
            assertEq(aggregator.oracleObservationCount(transmitter(i)), observed ? 1 : 0);
            assertEq(aggregator.owedPayment(transmitter(i)), observed ? 3 * JUELS_PER_LINK_GWEI : 0);
        }
    }

    /// @dev Each of the 31 counters is its own.
    function testFuzz_transmit_creditsAnySet(uint256 seed) public {
        configure(MAX_ORACLES, 10);
        uint256[] memory expected = new uint256[](MAX_ORACLES);
        for (uint256 round = 0; round < 3; round++) {
            uint256[] memory order = vm.shuffle(firstOracles(MAX_ORACLES));
            Report memory report = reportOf(21 + (seed >> round) % 11);
            bytes memory observers = new bytes(32);
            for (uint256 i = 0; i < report.observations.length; i++) {
                observers[i] = bytes1(uint8(order[i]));
                expected[order[i]]++;
            }
            report.observers = bytes32(observers);
            transmit(transmissionOf(report));
        }
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.oracleObservationCount(transmitter(i)), expected[i]);
        }
    }

    /// @dev Whoever takes the place of an observer that is not configured is owed what it was credited.
    function test_transmit_creditsObserversThatAreNotConfigured() public {
        setRewards(3, 0);
        Report memory report = reportOf(3);
        report.observers = hex"001e0f";
        transmit(transmissionOf(report));
        assertEq(aggregator.linkAvailableForPayment(), -9 * int256(JUELS_PER_LINK_GWEI));

        link.mint(address(aggregator), 1e18);
        configure(MAX_ORACLES, 10);
        assertEq(aggregator.owedPayment(transmitter(0)), 0, "paid by setConfig");
        assertEq(aggregator.owedPayment(transmitter(15)), 3 * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(30)), 3 * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(29)), 0);
    }

    /// @dev The count ends at 65534, the next oracle's is not touched.
    function test_transmit_saturatesTheObservationCount() public {
        configure(MAX_ORACLES, 10);
        setObservationCounts(0, 65_533);
        transmitNext();
        for (uint256 round = 0; round < 2; round++) {
            for (uint256 i = 0; i < 16; i++) {
                assertEq(aggregator.oracleObservationCount(transmitter(i)), 65_534);
            }
            assertEq(aggregator.oracleObservationCount(transmitter(16)), round + 1);
            transmitNext();
        }

        // One of them starts anew, the others stay where they are.
        setRewards(1, 0);
        link.mint(address(aggregator), 1e18);
        callAs(payee(3), abi.encodeCall(IOffchainAggregator.withdrawPayment, (transmitter(3))));
        assertEq(link.balanceOf(payee(3)), 65_534 * JUELS_PER_LINK_GWEI);
        transmitNext();
        assertEq(aggregator.oracleObservationCount(transmitter(2)), 65_534);
        assertEq(aggregator.oracleObservationCount(transmitter(3)), 1);
        assertEq(aggregator.oracleObservationCount(transmitter(4)), 65_534);
    }

    // -- The transmission --

    function test_transmit_creditsTheTransmitterOnly() public {
        setRewards(0, 7);
        callAs(transmitter(2), nextTransmission().encodeCall());

        for (uint256 i = 0; i < n; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), i == 2 ? 7 * JUELS_PER_LINK_GWEI : 0);
        }
    }

    function test_transmit_creditsEachOf31Transmitters() public {
        configure(MAX_ORACLES, 10);
        setRewards(0, 7);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            for (uint256 j = 0; j < i % 3; j++) {
                callAs(transmitter(i), nextTransmission().encodeCall());
            }
        }
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            assertEq(aggregator.owedPayment(transmitter(i)), i % 3 * 7 * JUELS_PER_LINK_GWEI);
        }
    }

    function test_transmit_creditsNothingIf_billingIsUnset() public {
        vm.txGasPrice(50 gwei);
        assertEq(creditOf(), 0);
    }

    // -- Gas --

    function test_transmit_measuresItsGas() public {
        vm.txGasPrice(1 gwei);
        setBilling(Billing(1, 0, ONE_JUEL_PER_WEI, 0, 0));
        bytes memory callData = nextTransmission().encodeCall();

        vm.prank(transmitter(0));
        uint256 gasBefore = gasleft();
        (bool success,) = address(aggregator).call{gas: CALL_GAS}(callData);
        uint256 callGas = gasBefore - gasleft();
        assertTrue(success);

        uint256 fixedGas = PaymentModel.GAS_PER_CALLDATA_BYTE * callData.length + ACCOUNTING_GAS;
        uint256 credit = aggregator.owedPayment(transmitter(0));
        assertEq(credit % 1 gwei, 0);
        assertLt(credit / 1 gwei, callGas + fixedGas, "what comes after the measurement is not in it");
        assertGt(credit / 1 gwei, callGas * 2 / 3 + fixedGas, "what comes before it is");
    }

    /// @dev No block has that much. The report has been stored by then: nothing of it may stay.
    function test_transmit_panicsIf_gasTakes32Bits() public {
        bytes memory callData = nextTransmission().encodeCall();
        vm.startPrank(transmitter(0));
        // A few hundred are used before it looks.
        (bool success, bytes memory returned) = address(aggregator).call{gas: (1 << 32) + 10_000}(callData);
        assertFalse(success);
        assertEq(returned, abi.encodeWithSignature("Panic(uint256)", 0x01));
        assertEq(aggregator.latestRound(), 0);

        (success,) = address(aggregator).call{gas: type(uint32).max}(callData);
        assertTrue(success);
        assertEq(aggregator.latestRound(), 1);
    }

    /// @dev Where the report begins and how it ends in zeros makes no difference: each byte costs the same.
    function test_transmit_creditsSixteenGasPerCalldataByte() public {
        vm.txGasPrice(1 gwei);
        setBilling(Billing(1, 0, ONE_JUEL_PER_WEI, 0, 0));
        // Five observations in both, and trailing bytes in the second.
        Report memory report = reportOf(5);
        uint256 snapshot = vm.snapshotState();
        transmit(transmissionOf(report));
        uint256 credit = aggregator.owedPayment(transmitter(0));

        vm.revertToState(snapshot);
        transmit(transmissionOf(bytes.concat(report.encode(), new bytes(32 * 100))));
        uint256 longer = aggregator.owedPayment(transmitter(0));
        // Hashing and copying a word costs gas too: a bit less than 16 a word and more than nothing.
        assertGe(longer - credit, 3200 * 16 gwei);
        assertLt(longer - credit, 3200 * 17 gwei);
    }

    /// @dev Source: contracts-ocr1 6.3.
    function test_transmit_reimbursesAtTheEffectiveGasPrice() public {
        string memory json = vm.readFile("vectors/ocr1-contract.json");
        uint256[] memory paid = vm.parseJsonUintArray(json, ".gasPrice.paidGwei");
        uint256[] memory reasonable = vm.parseJsonUintArray(json, ".gasPrice.reasonableGwei");
        uint256[] memory maximum = vm.parseJsonUintArray(json, ".gasPrice.maximumGwei");
        uint256[] memory effective = vm.parseJsonUintArray(json, ".gasPrice.effectiveGwei");
        assertEq(paid.length, 6, "vectors");

        uint256 usedGas;
        for (uint256 i = 0; i < paid.length; i++) {
            uint256 snapshot = vm.snapshotState();
            // A fraction of a gwei does not count.
            vm.txGasPrice(paid[i] * 1 gwei + 999_999_999);
            setBilling(Billing(uint32(maximum[i]), uint32(reasonable[i]), ONE_JUEL_PER_WEI, 0, 0));
            uint256 credit = creditOf();
            assertEq(credit % (effective[i] * 1 gwei), 0);

            // Branches differ by little gas, prices by half or more.
            if (i == 0) usedGas = credit / (effective[i] * 1 gwei);
            else assertApproxEqAbs(credit / (effective[i] * 1 gwei), usedGas, 500);
            vm.revertToState(snapshot);
        }
    }

    // -- The whole formula --

    /// @dev Domain: every billing, gas prices up to 2^34 gwei, the most forge takes.
    function testFuzz_transmit_creditsByTheFormula(Billing memory billing, uint256 paidGwei) public {
        paidGwei = bound(paidGwei, 0, 1 << 34);
        vm.txGasPrice(paidGwei * 1 gwei);
        uint256 priceGwei =
            PaymentModel.effectiveGasPriceGwei(paidGwei, billing.reasonableGasPriceGwei, billing.maximumGasPriceGwei);

        uint256 usedGas = calibrate(billing, priceGwei);
        setBilling(billing);
        transmitNext();

        uint256 juels = usedGas * priceGwei * 1e9 * billing.microLinkPerEth / 1e6;
        uint256 observed = uint256(billing.linkGweiPerObservation) * JUELS_PER_LINK_GWEI;
        uint256 transmitted = juels + uint256(billing.linkGweiPerTransmission) * JUELS_PER_LINK_GWEI;
        assertEq(aggregator.owedPayment(transmitter(0)), observed + transmitted);
        assertEq(aggregator.owedPayment(transmitter(3)), observed);
        assertEq(aggregator.linkAvailableForPayment(), -int256(4 * observed + transmitted));
    }

    /// @dev Credits add up; the second is of warm and changed storage, so its gas differs, its fixed part does not.
    function test_transmit_creditsAddUp() public {
        setRewards(2, 7);
        transmitNext();
        transmitNext();
        callAs(transmitter(1), nextTransmission().encodeCall());
        transmitNext();

        assertEq(aggregator.owedPayment(transmitter(0)), (4 * 2 + 3 * 7) * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(1)), (4 * 2 + 7) * JUELS_PER_LINK_GWEI);
        assertEq(aggregator.owedPayment(transmitter(2)), 4 * 2 * JUELS_PER_LINK_GWEI);
    }

    // -- Building blocks --

    function setBilling(Billing memory billing) private {
        callAs(
            OWNER,
            abi.encodeCall(
                IOffchainAggregator.setBilling,
                (
                    billing.maximumGasPriceGwei,
                    billing.reasonableGasPriceGwei,
                    billing.microLinkPerEth,
                    billing.linkGweiPerObservation,
                    billing.linkGweiPerTransmission
                )
            )
        );
    }

    /// @dev What oracle 0 is credited for one more transmission.
    function creditOf() private returns (uint256) {
        uint256 before = aggregator.owedPayment(transmitter(0));
        transmitNext();
        return aggregator.owedPayment(transmitter(0)) - before;
    }

    /// @dev Gas that the next transmission will be credited for; leaves no trace.
    function calibrate(Billing memory billing, uint256 priceGwei) private returns (uint256 usedGas) {
        if (priceGwei == 0) return 0;
        uint256 snapshot = vm.snapshotState();
        uint32 epochBefore = epoch;
        setBilling(Billing(billing.maximumGasPriceGwei, billing.reasonableGasPriceGwei, ONE_JUEL_PER_WEI, 0, 0));
        usedGas = creditOf() / (priceGwei * 1 gwei);
        vm.revertToState(snapshot);
        epoch = epochBefore;
    }
}
