// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReimbursementLib} from "../../src/libraries/ReimbursementLib.sol";
import {PaymentModel} from "../utils/PaymentModel.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @dev Source: contracts-ocr2 6.2 and 6.3, contracts-ocr1 6.3 and 6.4.
contract ReimbursementLibTest is RevertAssertions {
    // -- Gas price --

    function test_gasPriceGwei_vectors() public view {
        string memory json = vm.readFile("vectors/ocr2-contract.json");
        uint256[] memory paid = vm.parseJsonUintArray(json, ".gasPrice.paidGwei");
        uint256[] memory reasonable = vm.parseJsonUintArray(json, ".gasPrice.reasonableGwei");
        uint256[] memory maximum = vm.parseJsonUintArray(json, ".gasPrice.maximumGwei");
        uint256[] memory effective = vm.parseJsonUintArray(json, ".gasPrice.effectiveGwei");
        assertEq(paid.length, 5, "vectors");
        for (uint256 i = 0; i < paid.length; i++) {
            assertEq(ReimbursementLib.gasPriceGwei(paid[i], reasonable[i], maximum[i]), effective[i]);
        }
    }

    function testFuzz_gasPriceGwei(uint256 paid, uint32 reasonable, uint32 maximum) public pure {
        paid = paid % 3 == 0 ? paid : paid % (2 * uint256(reasonable) + 1);
        uint256 price = ReimbursementLib.gasPriceGwei(paid, reasonable, maximum);
        assertEq(price, PaymentModel.effectiveGasPriceGwei(paid, reasonable, maximum));
        assertLe(price, maximum);
    }

    // -- Gas --

    function testFuzz_usedGas(uint32 initial, uint32 left, uint64 calldataBytes, uint24 accounting) public pure {
        vm.assume(initial >= left);
        uint256 expected = uint256(initial) - left + 16 * uint256(calldataBytes) + accounting;
        assertEq(ReimbursementLib.usedGas(initial, left, calldataBytes, accounting), expected);
    }

    /// @dev The starting gas is kept modulo 2^32, the gas left is not.
    function test_usedGas_revertsIf_startIsAbove2To32() public {
        assertEq(ReimbursementLib.usedGas((1 << 32) + 100, 40, 0, 0), 60);
        assertEq(ReimbursementLib.usedGas(type(uint32).max, type(uint32).max, 0, 0), 0);

        uint256[2][4] memory refused = [
            [uint256(1 << 32) + 100, 101],
            [uint256(1 << 32) + 100_000, uint256(1 << 32)],
            [uint256(100), 101],
            [uint256(1 << 32), 1]
        ];
        for (uint256 i = 0; i < refused.length; i++) {
            bytes memory callData = abi.encodeCall(this.usedGas, (refused[i][0], refused[i][1], 0, 0));
            assertReverts(address(this), address(this), callData, "leftGas cannot exceed initialGas");
        }
    }

    // -- Cost --

    function testFuzz_gasCostJuels(uint64 gas, uint32 price, int192 juelsPerFeeCoin) public pure {
        vm.assume(juelsPerFeeCoin >= 0);
        assertEq(
            ReimbursementLib.gasCostJuels(gas, price, uint192(juelsPerFeeCoin)),
            PaymentModel.reimbursementJuels(gas, price, uint192(juelsPerFeeCoin))
        );
    }

    function test_gasCostJuels_roundsDown() public pure {
        // 10^9 wei at 10^9 juels for 10^18 wei make one juel.
        assertEq(ReimbursementLib.gasCostJuels(1, 1, 1e9), 1);
        assertEq(ReimbursementLib.gasCostJuels(1, 1, 1e9 - 1), 0);
    }

    function test_gasCostJuels_wraps() public pure {
        // 2^65 * 10^9 * 2^191 = 10^9 * 2^256
        assertEq(ReimbursementLib.gasCostJuels(1 << 65, 1, 1 << 191), 0);
    }

    // -- Credit --

    function testFuzz_credit(uint96 balance, uint256 cost, uint32 transmissionGjuels) public pure {
        cost = cost % 3 == 0 ? cost % (1 << 200) : cost % (1 << 97);
        uint256 sum = ReimbursementLib.credit(balance, cost, transmissionGjuels);
        assertEq(sum, PaymentModel.creditedBalance(balance, cost, transmissionGjuels));
        assertGe(sum, balance, "a balance never falls");
    }

    function test_credit_atTheEnds() public pure {
        uint96 most = type(uint96).max;
        assertEq(ReimbursementLib.credit(most - 1e9, 0, 1), most);
        assertEq(ReimbursementLib.credit(most - 1e9 + 1, 0, 1), most - 1e9 + 1);
        assertEq(ReimbursementLib.credit(most, 1, 0), most);
        assertEq(ReimbursementLib.credit(0, most, 0), most);
        assertEq(ReimbursementLib.credit(0, uint256(most) + 1, 0), 0);
        assertEq(ReimbursementLib.credit(5, uint256(most) + 1, 0), 5);
        // Modulo 2^96 these land above the old balance, where the original does not see them.
        assertEq(ReimbursementLib.credit(5, uint256(most) + 8, 0), 5);
        assertEq(ReimbursementLib.credit(5, (1 << 197) - 1, type(uint32).max), 5);
    }

    // -- OCR1 --

    function testFuzz_ocr1UsedGas(uint256 initial, uint256 left, uint64 calldataBytes) public pure {
        initial = bound(initial, 0, type(uint32).max);
        left = bound(left, 0, initial);
        assertEq(
            ReimbursementLib.ocr1UsedGas(initial, left, calldataBytes),
            initial - left + 16 * uint256(calldataBytes) + 6035
        );
    }

    function test_ocr1UsedGas_revertsIf_moreIsLeftThanThereWas() public {
        bytes memory callData = abi.encodeCall(this.ocr1UsedGas, (99, 100, 0));
        assertReverts(address(this), address(this), callData, "gasLeft cannot exceed initialGas");
        assertEq(ReimbursementLib.ocr1UsedGas(100, 100, 0), 6035);
    }

    /// @dev Domain: everything `transmit` can come to: gas below 2^32 beside calldata, prices of 32 bits.
    function testFuzz_ocr1GasCostJuels_neverPanicsInTransmit(uint40 gas, uint32 priceGwei, uint32 microLinkPerEth)
        public
        pure
    {
        uint256 expected = uint256(gas) * priceGwei * 1e9 * microLinkPerEth / 1e6;
        assertEq(ReimbursementLib.ocr1GasCostJuels(gas, priceGwei, microLinkPerEth), expected);
    }

    function test_ocr1GasCostJuels_roundsDown() public pure {
        // 10^9 wei at 10^-6 LINK for an ether make 1000 juels.
        assertEq(ReimbursementLib.ocr1GasCostJuels(1, 1, 1), 1000);
        assertEq(ReimbursementLib.ocr1GasCostJuels(0, 1, 1), 0);
    }

    function test_ocr1GasCostJuels_panicsIf_costTakes128Bits() public {
        uint256 mostGas = uint256(type(uint128).max) / 1e9;
        assertEq(ReimbursementLib.ocr1GasCostJuels(mostGas, 1, 1_000_000), mostGas * 1e9);
        bytes memory callData = abi.encodeCall(this.ocr1GasCostJuels, (mostGas + 1, 1, 1));
        assertPanics(address(this), address(this), callData, 0x01);
    }

    function ocr1UsedGas(uint256 initial, uint256 left, uint256 calldataBytes) external pure returns (uint256) {
        return ReimbursementLib.ocr1UsedGas(initial, left, calldataBytes);
    }

    function ocr1GasCostJuels(uint256 gas, uint256 priceGwei, uint32 microLinkPerEth) external pure returns (uint256) {
        return ReimbursementLib.ocr1GasCostJuels(gas, priceGwei, microLinkPerEth);
    }

    function usedGas(uint256 initial, uint256 left, uint256 calldataBytes, uint256 accounting)
        external
        pure
        returns (uint256)
    {
        return ReimbursementLib.usedGas(initial, left, calldataBytes, accounting);
    }
}
