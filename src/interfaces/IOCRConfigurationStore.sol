// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Store of OCR2 configurations
/// @notice Keeps configurations under their digest, for whoever has a digest and wants to know what it stands for.
/// @dev Source: contracts-ocr2 5.6.
interface IOCRConfigurationStore {
    /// @notice What a config digest on this chain is made of. `n` oracles, `f` of them may be faulty.
    /// @dev Nothing of it is checked. Field order is the ABI's.
    struct ConfigurationEVMSimple {
        address[] signers;
        address[] transmitters;
        bytes onchainConfig;
        bytes offchainConfig;
        address contractAddress;
        uint64 offchainConfigVersion;
        uint32 configCount;
        uint8 f;
    }

    /// @notice A configuration was stored, or stored once more.
    event NewConfiguration(bytes32 indexed configDigest);

    /// @notice Stores `configuration` under its digest. Anyone may: the digest speaks for the content.
    function addConfig(ConfigurationEVMSimple calldata configuration) external returns (bytes32);

    /// @notice The configuration of that digest, all empty if it was never stored.
    function readConfig(bytes32 configDigest) external view returns (ConfigurationEVMSimple memory);

    /// @notice Name and version of the contract.
    function typeAndVersion() external pure returns (string memory);
}
