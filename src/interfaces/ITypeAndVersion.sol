// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Contract identity
interface ITypeAndVersion {
    /// @notice Name and version of the contract, e.g. `OCR2Aggregator 1.0.0`.
    function typeAndVersion() external pure returns (string memory);
}
