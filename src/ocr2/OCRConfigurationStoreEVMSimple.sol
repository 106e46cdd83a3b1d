// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOCRConfigurationStore} from "../interfaces/IOCRConfigurationStore.sol";
import {ConfigDigestUtilEVMSimple} from "../libraries/ConfigDigestUtilEVMSimple.sol";

/// @title Store of OCR2 configurations
contract OCRConfigurationStoreEVMSimple is IOCRConfigurationStore {
    mapping(bytes32 configDigest => ConfigurationEVMSimple) private _configurations;

    /// @inheritdoc IOCRConfigurationStore
    function typeAndVersion() external pure override returns (string memory) {
        return "OCRConfigurationStoreEVMSimple 1.0.0";
    }

    /// @inheritdoc IOCRConfigurationStore
    function addConfig(ConfigurationEVMSimple calldata configuration) external override returns (bytes32) {
        bytes32 configDigest = ConfigDigestUtilEVMSimple.configDigestFromConfigurationData(configuration);
        _configurations[configDigest] = configuration;
        emit NewConfiguration(configDigest);
        return configDigest;
    }

    /// @inheritdoc IOCRConfigurationStore
    function readConfig(bytes32 configDigest) external view override returns (ConfigurationEVMSimple memory) {
        return _configurations[configDigest];
    }
}
