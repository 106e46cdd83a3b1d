// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What oracles are owed, written from the specification and not from `src/`.
/// @dev Source: contracts-ocr2 6. Sums are taken in full width and reduced where the specification says so.
library PaymentModel {
    uint256 internal constant JUELS_PER_GJUEL = 1e9;
    uint256 internal constant WEI_PER_GWEI = 1e9;
    uint256 internal constant GAS_PER_CALLDATA_BYTE = 16;

    function effectiveGasPriceGwei(uint256 paidGwei, uint256 reasonableGwei, uint256 maximumGwei)
        internal
        pure
        returns (uint256)
    {
        uint256 price = paidGwei >= reasonableGwei ? paidGwei : paidGwei + (reasonableGwei - paidGwei) / 2;
        return price <= maximumGwei ? price : maximumGwei;
    }

    /// @dev Both products wrap modulo 2^256.
    function reimbursementJuels(uint256 usedGas, uint256 gasPriceGwei, uint256 juelsPerFeeCoin)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return usedGas * gasPriceGwei * WEI_PER_GWEI * juelsPerFeeCoin / 1e18;
        }
    }

    /// @dev The improvement of section 8: discarded whenever the sum reaches 2^96.
    function creditedBalance(uint256 oldJuels, uint256 reimbursedJuels, uint256 transmissionPaymentGjuels)
        internal
        pure
        returns (uint256)
    {
        uint256 sum = oldJuels + reimbursedJuels + transmissionPaymentGjuels * JUELS_PER_GJUEL;
        return sum < 1 << 96 ? sum : oldJuels;
    }
}
