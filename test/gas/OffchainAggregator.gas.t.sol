// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
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
/// @dev As `OCR2AggregatorGasTest`: same oracles, observations and times.
contract OffchainAggregatorGasTest is Test {
    /// @dev As the first five arguments of the constructor.
    struct Prices {
        uint32 maximumGasPriceGwei;
        uint32 reasonableGasPriceGwei;
        uint32 microLinkPerEth;
        uint32 linkGweiPerObservation;
        uint32 linkGweiPerTransmission;
    }

    struct Transmission {
        bytes report;
        bytes32[] rs;
        bytes32[] ss;
        bytes32 rawVs;
    }

    string private constant GROUP = "OffchainAggregator";

    uint256 private constant STEADY_TRANSMITS = 40;
    uint256 private constant SECONDS_PER_ROUND = 60;
    uint256 private constant BLOCKS_PER_ROUND = 5;
    int192 private constant PRICE = 1850e8;
    uint32 private constant MICRO_LINK_PER_ETH = 143_000_000;
    /// @dev Deploys nothing but the aggregator, so that its address does not depend on what a test deploys before.
    address private constant OWNER = address(0xca11ab1e);

    IOffchainAggregator private _aggregator;
    bytes16 private _digest;
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
        _aggregator = IOffchainAggregator(
            deployCode(
                "OffchainAggregator.sol:OffchainAggregator",
                abi.encode(
                    Prices(100, 10, MICRO_LINK_PER_ETH, 1000, 1000),
                    address(link),
                    int192(1),
                    type(int192).max,
                    address(billingController),
                    address(requesterController),
                    uint8(8),
                    "TEST / USD"
                )
            )
        );
        link.mint(address(_aggregator), 1_000_000e18);
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
        (bool accepted,) = address(_aggregator)
            .call(
                abi.encodeCall(
                    IOffchainAggregator.transmit,
                    (transmission.report, transmission.rs, transmission.ss, transmission.rawVs)
                )
            );
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
        _setPayees(31);
        _setConfig(31);
        vm.snapshotGasLastCall(GROUP, "setConfig n=31 fresh contract");
        _setConfig(31);
        vm.snapshotGasLastCall(GROUP, "setConfig n=31 same set again");
        _generation++;
        _setPayees(31);
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
        vm.prank(_transmitter(0), _transmitter(0));
        _aggregator.latestTransmissionDetails();
        vm.snapshotGasLastCall(GROUP, "read latestTransmissionDetails");
        _aggregator.transmitters();
        vm.snapshotGasLastCall(GROUP, "read transmitters n=31");
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
        _setPayees(n);
        _setConfig(n);
        (,, _digest) = _aggregator.latestConfigDetails();
    }

    function _setPayees(uint256 n) private {
        address[] memory transmitters = _oracles(n, _transmitter);
        address[] memory payees = _oracles(n, _payee);
        vm.prank(OWNER);
        _aggregator.setPayees(transmitters, payees);
    }

    /// @dev The last call of this function is `setConfig`.
    function _setConfig(uint256 n) private {
        address[] memory signers = _oracles(n, _signer);
        address[] memory transmitters = _oracles(n, _transmitter);
        vm.prank(OWNER);
        _aggregator.setConfig(signers, transmitters, uint8((n - 1) / 3), 1, "");
    }

    /// @dev The last call of this function is `transmit`, by the next transmitter, one round after the one before.
    function _transmitNext(uint256 n) private returns (Transmission memory transmission) {
        vm.warp(vm.getBlockTimestamp() + SECONDS_PER_ROUND);
        vm.roll(vm.getBlockNumber() + BLOCKS_PER_ROUND);
        transmission = _transmission(n);
        vm.prank(_transmitter(_transmits % n));
        _aggregator.transmit(transmission.report, transmission.rs, transmission.ss, transmission.rawVs);
        _transmits++;
    }

    /// @dev `n` observations that differ, sorted; observers in reverse order; signed by the first f + 1 oracles.
    function _transmission(uint256 n) private view returns (Transmission memory transmission) {
        int192[] memory observations = new int192[](n);
        bytes memory observers = new bytes(32);
        for (uint256 i = 0; i < n; i++) {
            observations[i] = PRICE + int192(int256(_transmits * 1_000_003 + i * 10_007));
            observers[i] = bytes1(uint8(n - 1 - i));
        }
        bytes32 context = bytes32(uint256(uint128(_digest)) << 40 | 1 << 8 | (_transmits + 1));
        transmission.report = abi.encode(context, bytes32(observers), observations);
        uint256 signatures = (n - 1) / 3 + 1;
        transmission.rs = new bytes32[](signatures);
        transmission.ss = new bytes32[](signatures);
        bytes memory vs = new bytes(32);
        for (uint256 i = 0; i < signatures; i++) {
            uint8 v;
            (v, transmission.rs[i], transmission.ss[i]) = vm.sign(_signerKey(i), keccak256(transmission.report));
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
