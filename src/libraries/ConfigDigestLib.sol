// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Config digest
/// @notice The name of a configuration: every message and report of its oracles carries it, so nothing signed under one
/// configuration, contract or chain counts under another.
library ConfigDigestLib {
    /// @dev Domain of OCR2 configurations kept by an EVM contract. Takes the top 16 bits; 240 of the hash remain.
    uint256 private constant PREFIX = 0x0001 << 240;
    uint256 private constant PREFIX_MASK = 0xffff << 240;

    /// @notice The digest of an OCR2 configuration.
    /// @param configCount Number of configurations of the contract so far, this one included.
    /// @dev Source: contracts-ocr2 4.1. The encoding is standard ABI, hence injective in its arguments.
    function ocr2(
        uint256 chainId,
        address contractAddress,
        uint64 configCount,
        address[] memory signers,
        address[] memory transmitters,
        uint8 f,
        bytes memory onchainConfig,
        uint64 offchainConfigVersion,
        bytes memory offchainConfig
    ) internal pure returns (bytes32) {
        bytes32 hash = keccak256(
            abi.encode(
                chainId,
                contractAddress,
                configCount,
                signers,
                transmitters,
                f,
                onchainConfig,
                offchainConfigVersion,
                offchainConfig
            )
        );
        return bytes32(PREFIX | (uint256(hash) & ~PREFIX_MASK));
    }

    /// @notice The digest of an OCR1 configuration.
    /// @param configCount Number of configurations of the contract so far, this one included.
    /// @dev Neither the chain nor a domain is part of it; it is half of a hash. Source: contracts-ocr1 4.1.
    function ocr1(
        address contractAddress,
        uint64 configCount,
        address[] memory signers,
        address[] memory transmitters,
        uint8 threshold,
        uint64 encodedConfigVersion,
        bytes memory encoded
    ) internal pure returns (bytes16) {
        return bytes16(
            keccak256(
                abi.encode(
                    contractAddress, configCount, signers, transmitters, threshold, encodedConfigVersion, encoded
                )
            )
        );
    }
}
