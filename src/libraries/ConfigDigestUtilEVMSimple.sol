// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOCRConfigurationStore} from "../interfaces/IOCRConfigurationStore.sol";
import {ConfigDigestLib} from "./ConfigDigestLib.sol";

/// @title Config digest of a whole configuration
/// @notice What an aggregator on this chain computes, from a configuration as the store keeps it.
library ConfigDigestUtilEVMSimple {
    /// @notice Digest of `configuration` on this chain.
    /// @dev Source: contracts-ocr2 4.1.
    function configDigestFromConfigurationData(IOCRConfigurationStore.ConfigurationEVMSimple memory configuration)
        internal
        view
        returns (bytes32)
    {
        return ConfigDigestLib.ocr2(
            block.chainid,
            configuration.contractAddress,
            configuration.configCount,
            configuration.signers,
            configuration.transmitters,
            configuration.f,
            configuration.onchainConfig,
            configuration.offchainConfigVersion,
            configuration.offchainConfig
        );
    }
}
