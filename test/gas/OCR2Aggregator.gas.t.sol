// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {Config, OCR2Messages, Report, Transmission} from "../utils/OCR2Messages.sol";
import {MockAccessController} from "../utils/mocks/MockAccessController.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";
import {Test} from "forge-std/Test.sol";

/// @notice Takes every answer, at the least cost a validator can have.
contract AcceptingValidator {
    function validate(uint256, int256, uint256, int256) external pure returns (bool) {
        return true;
    }
}

/// @notice Gas of whole transactions in the scenario of docs/gas.md, written to snapshots/gas by `make gas`.
/// @dev Addresses, keys, reports and therefore signatures are the same in every run: payload bytes cost gas, and a
/// figure should only move when the code does. Each call is its own transaction (`isolate` in the profile "gas");
/// a static call has no transaction around it, so the figures of reads are execution alone, with cold storage.
contract OCR2AggregatorGasTest is Test {
    string private constant GROUP = "OCR2Aggregator";

    uint256 private constant STEADY_TRANSMITS = 40;
    uint256 private constant SECONDS_PER_ROUND = 60;
    uint256 private constant BLOCKS_PER_ROUND = 5;
    int192 private constant PRICE = 1850e8;
    int192 private constant JUELS_PER_FEE_COIN = 7e15;
    /// @dev Deploys nothing but the aggregator, so that its address does not depend on what a test deploys before.
    address private constant OWNER = address(0xca11ab1e);

    IOCR2Aggregator private _aggregator;
    bytes32 private _digest;
    uint256 private _transmits;
    /// @dev Distinguishes sets of oracles: no key or address of one set is in another.
    uint256 private _generation;

    function setUp() public {
        vm.fee(5 gwei);
        vm.txGasPrice(6 gwei);
        vm.roll(18_000_000);

        MockLink link = new MockLink();
        MockAccessController billingController = new MockAccessController();
        MockAccessController requesterController = new MockAccessController();
        vm.deal(OWNER, 1000 ether);
        vm.prank(OWNER);
        _aggregator = IOCR2Aggregator(
            deployCode(
                "OCR2Aggregator.sol:OCR2Aggregator",
                abi.encode(link, 1, type(int192).max, billingController, requesterController, 8, "TEST / USD")
            )
        );
        link.mint(address(_aggregator), 1_000_000e18);
        vm.prank(OWNER);
        _aggregator.setBilling({
            maximumGasPriceGwei: 100,
            reasonableGasPriceGwei: 10,
            observationPaymentGjuels: 1000,
            transmissionPaymentGjuels: 1000,
            accountingGas: 10_000
        });
    }

    // -- transmit --

    function test_transmit_gas_n4() public {
        _snapshotSteadyTransmit(4);
    }

    function test_transmit_gas_n7() public {
        _snapshotSteadyTransmit(7);
    }

    function test_transmit_gas_n16() public {
        _snapshotSteadyTransmit(16);
    }

    function test_transmit_gas_n31() public {
        _snapshotSteadyTransmit(31);
    }

    function test_transmit_gas_first() public {
        _configure(4);
        _transmitNext(4);
        vm.snapshotGasLastCall(GROUP, "transmit n=04 first");
    }

    function test_transmit_gas_stale() public {
        _configure(4);
        Transmission memory transmission;
        for (uint256 i = 0; i < STEADY_TRANSMITS; i++) {
            transmission = _transmitNext(4);
        }
        vm.prank(_transmitter(_transmits % 4));
        (bool accepted,) = address(_aggregator).call(OCR2Messages.encodeCall(transmission));
        vm.snapshotGasLastCall(GROUP, "transmit n=04 losing (stale)");
        assertFalse(accepted, "the second of two equal reports is stale");
    }

    function test_transmit_gas_validator() public {
        _configure(4);
        address validator = address(new AcceptingValidator());
        vm.prank(OWNER);
        _aggregator.setValidatorConfig(validator, 100_000);
        for (uint256 i = 0; i < STEADY_TRANSMITS; i++) {
            _transmitNext(4);
        }
        vm.snapshotGasLastCall(GROUP, "transmit n=04 with a validator");
    }

    // -- setConfig --

    function test_setConfig_gas() public {
        _setConfig(31);
        vm.snapshotGasLastCall(GROUP, "setConfig n=31 fresh contract");
        _setConfig(31);
        vm.snapshotGasLastCall(GROUP, "setConfig n=31 same set again");
        _generation++;
        _setConfig(31);
        vm.snapshotGasLastCall(GROUP, "setConfig n=31 all replaced");
    }

    // -- Reads --

    function test_reads_gas() public {
        _configure(31);
        for (uint256 i = 0; i < STEADY_TRANSMITS; i++) {
            _transmitNext(31);
        }

        _aggregator.latestAnswer();
        vm.snapshotGasLastCall(GROUP, "read latestAnswer");
        _aggregator.latestRoundData();
        vm.snapshotGasLastCall(GROUP, "read latestRoundData");
        _aggregator.getRoundData(uint80(STEADY_TRANSMITS));
        vm.snapshotGasLastCall(GROUP, "read getRoundData");
        _aggregator.latestConfigDetails();
        vm.snapshotGasLastCall(GROUP, "read latestConfigDetails");
        _aggregator.latestConfigDigestAndEpoch();
        vm.snapshotGasLastCall(GROUP, "read latestConfigDigestAndEpoch");
        vm.prank(_transmitter(0), _transmitter(0));
        _aggregator.latestTransmissionDetails();
        vm.snapshotGasLastCall(GROUP, "read latestTransmissionDetails");
        _aggregator.getTransmitters();
        vm.snapshotGasLastCall(GROUP, "read getTransmitters n=31");
        _aggregator.owedPayment(_transmitter(30));
        vm.snapshotGasLastCall(GROUP, "read owedPayment n=31");
        _aggregator.linkAvailableForPayment();
        vm.snapshotGasLastCall(GROUP, "read linkAvailableForPayment n=31");
    }

    // -- The scenario --

    function _snapshotSteadyTransmit(uint256 n) private {
        _configure(n);
        for (uint256 i = 0; i < STEADY_TRANSMITS; i++) {
            _transmitNext(n);
        }
        vm.snapshotGasLastCall(GROUP, string.concat("transmit n=", n < 10 ? "0" : "", vm.toString(n)));
        assertEq(_aggregator.latestRound(), STEADY_TRANSMITS, "every report was accepted");
    }

    function _configure(uint256 n) private {
        _setConfig(n);
        address[] memory transmitters = _oracles(n, _transmitter);
        vm.prank(OWNER);
        _aggregator.setPayees(transmitters, _oracles(n, _payee));
        (,, _digest) = _aggregator.latestConfigDetails();
    }

    /// @dev The last call of this function is `setConfig`.
    function _setConfig(uint256 n) private {
        address[] memory signers = _oracles(n, _signer);
        address[] memory transmitters = _oracles(n, _transmitter);
        bytes memory onchainConfig = OCR2Messages.onchainConfig(1, type(int192).max);
        vm.prank(OWNER);
        _aggregator.setConfig(signers, transmitters, uint8((n - 1) / 3), onchainConfig, 2, "");
    }

    /// @dev The last call of this function is `transmit`, by the next transmitter, one round after the one before.
    function _transmitNext(uint256 n) private returns (Transmission memory transmission) {
        vm.warp(vm.getBlockTimestamp() + SECONDS_PER_ROUND);
        vm.roll(vm.getBlockNumber() + BLOCKS_PER_ROUND);
        transmission = _transmission(n);
        vm.prank(_transmitter(_transmits % n));
        _aggregator.transmit(
            transmission.reportContext, transmission.report, transmission.rs, transmission.ss, transmission.rawVs
        );
        _transmits++;
    }

    /// @dev `n` observations that differ, sorted; observers in reverse order; signed by the first f + 1 oracles.
    function _transmission(uint256 n) private view returns (Transmission memory transmission) {
        Report memory report;
        report.observationsTimestamp = uint32(vm.getBlockTimestamp() - 15);
        report.juelsPerFeeCoin = JUELS_PER_FEE_COIN;
        report.observations = new int192[](n);
        bytes memory observers = new bytes(32);
        for (uint256 i = 0; i < n; i++) {
            report.observations[i] = PRICE + int192(int256(_transmits * 1_000_003 + i * 10_007));
            observers[i] = bytes1(uint8(n - 1 - i));
        }
        report.observers = bytes32(observers);

        transmission.reportContext = OCR2Messages.reportContext(_digest, 1, uint8(_transmits + 1), 0);
        transmission.report = OCR2Messages.encode(report);
        uint256 signatures = (n - 1) / 3 + 1;
        transmission.rs = new bytes32[](signatures);
        transmission.ss = new bytes32[](signatures);
        bytes memory vs = new bytes(32);
        bytes32 signedHash = OCR2Messages.signedHash(transmission.report, transmission.reportContext);
        for (uint256 i = 0; i < signatures; i++) {
            uint8 v;
            (v, transmission.rs[i], transmission.ss[i]) = vm.sign(_signerKey(i), signedHash);
            vs[i] = bytes1(v - 27);
        }
        transmission.rawVs = bytes32(vs);
    }

    // -- Oracles --

    function _oracles(uint256 n, function(uint256) view returns (address) make)
        private
        view
        returns (address[] memory oracles)
    {
        oracles = new address[](n);
        for (uint256 i = 0; i < n; i++) {
            oracles[i] = make(i);
        }
    }

    function _signerKey(uint256 index) private view returns (uint256) {
        return uint256(keccak256(abi.encode("signer", _generation, index)));
    }

    function _signer(uint256 index) private view returns (address) {
        return vm.addr(_signerKey(index));
    }

    function _transmitter(uint256 index) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("transmitter", _generation, index)))));
    }

    function _payee(uint256 index) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("payee", _generation, index)))));
    }
}
