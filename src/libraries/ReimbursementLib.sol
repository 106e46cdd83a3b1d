// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";

/// @title Reimbursement of transmitters
/// @notice Gas price and payment formulas.
/// @dev Source: contracts-ocr2 6.2, 6.3; contracts-ocr1 6.3, 6.4.
library ReimbursementLib {
    uint256 internal constant JUELS_PER_GJUEL = 1e9;
    uint256 private constant WEI_PER_GWEI = 1e9;
    uint256 private constant FEE_UNITS_PER_FEE_COIN = 1e18;
    uint256 private constant MICRO_LINK_PER_LINK = 1e6;
    uint256 private constant GAS_PER_CALLDATA_BYTE = 16;

    // -- Both versions --

    /// @notice The gas price that is reimbursed: at most `maximumGasPriceGwei`, and a price below the reasonable one
    /// earns half the difference as a bonus.
    function gasPriceGwei(uint256 txGasPriceGwei, uint256 reasonableGasPriceGwei, uint256 maximumGasPriceGwei)
        internal
        pure
        returns (uint256 priceGwei)
    {
        priceGwei = txGasPriceGwei;
        if (txGasPriceGwei < reasonableGasPriceGwei) {
            // Stays below `reasonableGasPriceGwei`.
            unchecked {
                priceGwei += (reasonableGasPriceGwei - txGasPriceGwei) / 2;
            }
        }
        if (priceGwei > maximumGasPriceGwei) priceGwei = maximumGasPriceGwei;
    }

    // -- OCR2: arithmetic wraps, no figure may block a report --

    /// @notice Gas a transmission is reimbursed for.
    /// @param initialGas Gas at the start of the call, of which the low 32 bits count.
    /// @param leftGas Gas at this point.
    /// @param accountingGas Gas that cannot be measured from within.
    function usedGas(uint256 initialGas, uint256 leftGas, uint256 calldataBytes, uint256 accountingGas)
        internal
        pure
        returns (uint256)
    {
        uint256 initialGas32 = uint32(initialGas);
        if (leftGas > initialGas32) revert(ErrorsLib.LEFT_GAS_EXCEEDS_INITIAL);
        // Calldata is far below 2^64 bytes and `accountingGas` has 24 bits.
        unchecked {
            return initialGas32 - leftGas + GAS_PER_CALLDATA_BYTE * calldataBytes + accountingGas;
        }
    }

    /// @notice Juels for `gas` at `priceGwei`.
    /// @param juelsPerFeeCoin Juels per 1e18 of the chain's smallest fee unit.
    function gasCostJuels(uint256 gas, uint256 priceGwei, uint256 juelsPerFeeCoin) internal pure returns (uint256) {
        // Below 2^128 wei, while `juelsPerFeeCoin` has up to 191 bits: the product wraps modulo 2^256 on purpose.
        unchecked {
            return (gas * priceGwei * WEI_PER_GWEI * juelsPerFeeCoin) / FEE_UNITS_PER_FEE_COIN;
        }
    }

    /// @notice The balance of a transmitter after a transmission. A credit with which it would reach 2^96 is discarded.
    /// @param costJuels As `gasCostJuels` gives them, hence below 2^197.
    function credit(uint96 balanceJuels, uint256 costJuels, uint256 transmissionPaymentGjuels)
        internal
        pure
        returns (uint96)
    {
        // Below 2^198.
        unchecked {
            uint256 sumJuels = balanceJuels + costJuels + transmissionPaymentGjuels * JUELS_PER_GJUEL;
            return sumJuels > type(uint96).max ? balanceJuels : uint96(sumJuels);
        }
    }

    // -- OCR1: asserts that figures stay in bounds --

    /// @dev Gas that `transmit` of OCR1 cannot measure of itself.
    uint256 private constant OCR1_ACCOUNTING_GAS = 6035;

    /// @notice Gas a transmission is reimbursed for.
    /// @param initialGas Gas at the start of the call.
    /// @param leftGas Gas at this point.
    function ocr1UsedGas(uint256 initialGas, uint256 leftGas, uint256 calldataBytes) internal pure returns (uint256) {
        if (leftGas > initialGas) revert(ErrorsLib.GAS_LEFT_EXCEEDS_INITIAL);
        return initialGas - leftGas + GAS_PER_CALLDATA_BYTE * calldataBytes + OCR1_ACCOUNTING_GAS;
    }

    /// @notice Juels for `gas` at `priceGwei`.
    /// @param microLinkPerEth Price of ether, in 1e-6 LINK.
    /// @dev Panics if the cost takes 128 bits, which takes a price or an amount of gas beyond 32 bits.
    function ocr1GasCostJuels(uint256 gas, uint256 priceGwei, uint32 microLinkPerEth) internal pure returns (uint256) {
        uint256 costWei = gas * priceGwei * WEI_PER_GWEI;
        assert(costWei < type(uint128).max);
        // Wei are 1e-18 ETH and juels 1e-18 LINK.
        return costWei * microLinkPerEth / MICRO_LINK_PER_LINK;
    }
}
