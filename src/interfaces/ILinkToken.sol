// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title LINK token
/// @notice The ABI of LINK. An aggregator uses `balanceOf` and `transfer` only.
/// @dev Amounts in juels (1e-18 LINK). Parameter names are LINK's own. Source: contracts-ocr2 13.
interface ILinkToken {
    /// @notice Juels that `spender` may still take from `owner`.
    function allowance(address owner, address spender) external view returns (uint256 remaining);

    /// @notice Lets `spender` take up to `value` juels from the caller.
    function approve(address spender, uint256 value) external returns (bool success);

    /// @notice Juels of `owner`.
    function balanceOf(address owner) external view returns (uint256 balance);

    /// @notice Decimals of the token: 18.
    function decimals() external view returns (uint8 decimalPlaces);

    /// @notice Lowers an allowance, to no less than zero.
    function decreaseApproval(address spender, uint256 addedValue) external returns (bool success);

    /// @notice Raises an allowance.
    function increaseApproval(address spender, uint256 subtractedValue) external;

    /// @notice Name of the token.
    function name() external view returns (string memory tokenName);

    /// @notice Symbol of the token.
    function symbol() external view returns (string memory tokenSymbol);

    /// @notice Juels in existence.
    function totalSupply() external view returns (uint256 totalTokensIssued);

    /// @notice Sends `value` juels from the caller to `to`.
    function transfer(address to, uint256 value) external returns (bool success);

    /// @notice Sends as `transfer` does and, if `to` is a contract, calls its `onTokenTransfer(caller, value, data)`.
    function transferAndCall(address to, uint256 value, bytes calldata data) external returns (bool success);

    /// @notice Sends `value` juels of `from` to `to` out of the caller's allowance.
    function transferFrom(address from, address to, uint256 value) external returns (bool success);
}
