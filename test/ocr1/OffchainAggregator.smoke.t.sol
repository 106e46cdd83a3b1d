// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {MockLink} from "../utils/mocks/MockLink.sol";
import {Test} from "forge-std/Test.sol";

/// @notice One feed from its deployment to a payout, both contracts.
contract OffchainAggregatorSmokeTest is Test {
    uint256 private constant N = 4;
    uint8 private constant THRESHOLD = 1;

    MockLink private _link;
    IOffchainAggregator private _aggregator;

    function test_OffchainAggregator_fromDeploymentToPayout() public {
        _run("OffchainAggregator");
    }

    function test_AccessControlledOffchainAggregator_fromDeploymentToPayout() public {
        _run("AccessControlledOffchainAggregator");
    }

    function _run(string memory name) private {
        _deploy(name);
        assertEq(_aggregator.typeAndVersion(), string.concat(name, " 4.0.0"), "typeAndVersion");
        _configure();
        vm.warp(1_800_000_000);
        vm.txGasPrice(6 gwei);

        _transmit(1, _observations(-4, 5, 6));
        _transmit(2, _observations(7, 8, 9));

        vm.startPrank(address(this), address(this));
        (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) =
            _aggregator.latestRoundData();
        assertEq(roundId, 2, "round");
        assertEq(answer, 8, "median");
        assertEq(startedAt, 1_800_000_000, "started");
        assertEq(updatedAt, 1_800_000_000, "updated");
        assertEq(answeredInRound, 2, "answered in");
        assertEq(_aggregator.getAnswer(1), 5, "first answer");
        (, uint32 epoch, uint8 round,,) = _aggregator.latestTransmissionDetails();
        assertEq(epoch, 3, "epoch");
        assertEq(round, 2, "round of epoch");
        vm.stopPrank();

        // Oracles 2, 0 and 1 observed twice; oracle 3 transmitted twice.
        assertEq(_aggregator.oracleObservationCount(_transmitter(0)), 2, "observations by transmitter");
        assertEq(_aggregator.oracleObservationCount(vm.addr(1)), 2, "observations by signer");
        assertEq(_aggregator.oracleObservationCount(_transmitter(3)), 0, "no observations");
        assertEq(_aggregator.owedPayment(_transmitter(0)), 2 * 1000e9, "reward of an observer");
        uint256 owedJuels = _aggregator.owedPayment(_transmitter(3));
        assertGt(owedJuels, 2 * 2000e9, "reward and reimbursement of the transmitter");

        vm.prank(_payee(3));
        _aggregator.withdrawPayment(_transmitter(3));
        assertEq(_link.balanceOf(_payee(3)), owedJuels, "payout");
        assertEq(_aggregator.owedPayment(_transmitter(3)), 0, "nothing left");
        assertEq(_aggregator.linkAvailableForPayment(), int256(1e24 - owedJuels - 3 * 2 * 1000e9), "available");
    }

    function _deploy(string memory name) private {
        _link = new MockLink();
        _aggregator = IOffchainAggregator(
            deployCode(
                string.concat(name, ".sol:", name),
                abi.encode(
                    [uint32(100), 10, 143_000_000, 1000, 2000],
                    address(_link),
                    int192(-1000),
                    int192(1000),
                    address(0),
                    address(0),
                    uint8(8),
                    "TEST / USD"
                )
            )
        );
        _link.mint(address(_aggregator), 1e24);
    }

    function _configure() private {
        address[] memory signers = new address[](N);
        address[] memory transmitters = new address[](N);
        address[] memory payees = new address[](N);
        for (uint256 i = 0; i < N; i++) {
            signers[i] = vm.addr(i + 1);
            transmitters[i] = _transmitter(i);
            payees[i] = _payee(i);
        }
        _aggregator.setPayees(transmitters, payees);
        _aggregator.setConfig(signers, transmitters, THRESHOLD, 1, "parameters");
        assertEq(_aggregator.transmitters(), transmitters, "transmitters");
        (uint32 configCount,, bytes16 digest) = _aggregator.latestConfigDetails();
        assertEq(configCount, 1, "config count");
        bytes32 hash = keccak256(
            abi.encode(
                address(_aggregator), uint64(1), signers, transmitters, THRESHOLD, uint64(1), bytes("parameters")
            )
        );
        assertEq(digest, bytes16(hash), "config digest");
    }

    /// @dev A report of epoch 3 by observers 2, 0 and 1, signed by oracles 2 and 0, transmitted by oracle 3.
    function _transmit(uint8 round, int192[] memory observations) private {
        (,, bytes16 digest) = _aggregator.latestConfigDetails();
        bytes32 context = bytes32(uint256(uint128(digest)) << 40 | 3 << 8 | round);
        bytes memory report = abi.encode(context, bytes32(hex"020001"), observations);
        bytes32[] memory rs = new bytes32[](2);
        bytes32[] memory ss = new bytes32[](2);
        uint8 v;
        uint8 w;
        (v, rs[0], ss[0]) = vm.sign(3, keccak256(report));
        (w, rs[1], ss[1]) = vm.sign(1, keccak256(report));
        bytes32 rawVs = bytes32(bytes.concat(bytes1(v - 27), bytes1(w - 27)));

        vm.expectEmit(address(_aggregator));
        emit IOffchainAggregator.NewTransmission(
            round, observations[1], _transmitter(3), observations, hex"020001", context
        );
        vm.prank(_transmitter(3));
        _aggregator.transmit{gas: 1_000_000}(report, rs, ss, rawVs);
    }

    function _observations(int192 a, int192 b, int192 c) private pure returns (int192[] memory observations) {
        observations = new int192[](3);
        (observations[0], observations[1], observations[2]) = (a, b, c);
    }

    function _transmitter(uint256 i) private pure returns (address) {
        return address(uint160(0x1000 + i));
    }

    function _payee(uint256 i) private pure returns (address) {
        return address(uint160(0x2000 + i));
    }
}
