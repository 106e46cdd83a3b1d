// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReimbursementLib} from "../../src/libraries/ReimbursementLib.sol";
import {Proofs} from "./Proofs.sol";

/// @dev Source: contracts-ocr2 6.2, 6.3; contracts-ocr1 6.3, 6.4.
contract ReimbursementLibProofs is Proofs {
    function check_gasPrice_isTheFormula(uint256 paid, uint32 reasonable, uint32 maximum) external pure {
        uint256 price = ReimbursementLib.gasPriceGwei(paid, reasonable, maximum);
        assert(price <= maximum);
        if (price == maximum) return;
        if (paid >= reasonable) assert(price == paid);
        else assert(price == paid + (reasonable - paid) / 2);
    }

    function check_gasPrice_atTheMaximumIsNotLessThanTheFormula(uint256 paid, uint32 reasonable, uint32 maximum)
        external
        pure
    {
        if (ReimbursementLib.gasPriceGwei(paid, reasonable, maximum) < maximum) return;
        assert(paid >= maximum || paid + (reasonable - paid) / 2 >= maximum);
    }

    /// @dev A start below 2^32 gas never blocks a report.
    function check_usedGas_isTheFormulaFromBelow2To32(
        uint32 initialGas,
        uint32 leftGas,
        uint64 calldataBytes,
        uint24 accountingGas
    ) external view {
        vm.assume(leftGas <= initialGas);
        (bool success, bytes memory data) =
            address(this).staticcall(abi.encodeCall(this.usedGas, (initialGas, leftGas, calldataBytes, accountingGas)));
        assert(success);
        assert(
            abi.decode(data, (uint256)) == uint256(initialGas) - leftGas + 16 * uint256(calldataBytes) + accountingGas
        );
    }

    /// @dev All figures that stay below 2^256: exactly the formula.
    function check_gasCost_isTheFormula(uint64 gas, uint32 priceGwei, uint96 juelsPerFeeCoin) external pure {
        uint256 cost = ReimbursementLib.gasCostJuels(gas, priceGwei, juelsPerFeeCoin);
        assert(cost == uint256(gas) * priceGwei * 1e9 * juelsPerFeeCoin / 1e18);
    }

    /// @dev All figures: the product may wrap, which makes it less, and never blocks a report.
    function check_gasCost_neverReverts(uint256 gas, uint256 priceGwei, uint256 juelsPerFeeCoin) external view {
        (bool success, bytes memory data) =
            address(this).staticcall(abi.encodeCall(this.gasCostJuels, (gas, priceGwei, juelsPerFeeCoin)));
        assert(success);
        unchecked {
            assert(abi.decode(data, (uint256)) == gas * priceGwei * 1e9 * juelsPerFeeCoin / 1e18);
        }
    }

    /// @dev Balances never fall, and nobody is credited more than cost and payment.
    function check_credit_isExactOrNothing(uint96 balance, uint200 cost, uint32 paymentGjuels) external pure {
        // No `gasCostJuels` has more bits: 2^256 / 1e18.
        uint256 credited = ReimbursementLib.credit(balance, cost, paymentGjuels);
        uint256 sum = uint256(balance) + cost + uint256(paymentGjuels) * 1e9;
        assert(credited == (sum <= type(uint96).max ? sum : balance));
    }

    function check_usedGasOfOCR1_isTheFormula(uint64 initialGas, uint64 leftGas, uint64 calldataBytes) external view {
        (bool success, bytes memory data) =
            address(this).staticcall(abi.encodeCall(this.ocr1UsedGas, (initialGas, leftGas, calldataBytes)));
        assert(success == (leftGas <= initialGas));
        if (!success) return;
        assert(abi.decode(data, (uint256)) == uint256(initialGas) - leftGas + 16 * uint256(calldataBytes) + 6035);
    }

    // -- The library, as a call that may fail --

    function usedGas(uint256 initialGas, uint256 leftGas, uint256 calldataBytes, uint256 accountingGas)
        external
        pure
        returns (uint256)
    {
        return ReimbursementLib.usedGas(initialGas, leftGas, calldataBytes, accountingGas);
    }

    function gasCostJuels(uint256 gas, uint256 priceGwei, uint256 juelsPerFeeCoin) external pure returns (uint256) {
        return ReimbursementLib.gasCostJuels(gas, priceGwei, juelsPerFeeCoin);
    }

    function ocr1UsedGas(uint256 initialGas, uint256 leftGas, uint256 calldataBytes) external pure returns (uint256) {
        return ReimbursementLib.ocr1UsedGas(initialGas, leftGas, calldataBytes);
    }
}
