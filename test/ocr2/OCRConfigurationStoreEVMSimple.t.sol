// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCRConfigurationStore} from "../../src/interfaces/IOCRConfigurationStore.sol";
import {Config, OCR2Messages} from "../utils/OCR2Messages.sol";
import {OCR2Test} from "../utils/OCR2Test.sol";

/// @notice The configuration store, and with it the digest utility it uses.
/// @dev Source: contracts-ocr2 4.1, 5.6.
contract OCRConfigurationStoreEVMSimpleTest is OCR2Test {
    IOCRConfigurationStore internal store;

    function setUp() public override {
        super.setUp();
        store = IOCRConfigurationStore(deployCode("OCRConfigurationStoreEVMSimple.sol:OCRConfigurationStoreEVMSimple"));
    }

    function test_addConfig_returnsAndEmitsTheDigest() public {
        Config memory config = configOf(0, 4, 1);
        bytes32 expected = OCR2Messages.configDigest(block.chainid, address(aggregator), 1, config);
        assertEq(expected, digest, "what the aggregator has");

        vm.expectEmit(address(store));
        emit IOCRConfigurationStore.NewConfiguration(expected);
        vm.prank(STRANGER);
        assertEq(store.addConfig(configurationOf(config, 1)), expected);
    }

    /// @dev Any content, however wrong as a configuration, is kept whole under the digest of the specification.
    function testFuzz_addConfig_keepsWhatItIsGiven(
        IOCRConfigurationStore.ConfigurationEVMSimple memory configuration,
        uint64 chainId
    ) public {
        vm.chainId(bound(chainId, 1, type(uint64).max - 1));
        Config memory config = Config(
            configuration.signers,
            configuration.transmitters,
            configuration.f,
            configuration.onchainConfig,
            configuration.offchainConfigVersion,
            configuration.offchainConfig
        );
        bytes32 added = store.addConfig(configuration);
        assertEq(
            added,
            OCR2Messages.configDigest(block.chainid, configuration.contractAddress, configuration.configCount, config)
        );
        assertEq(abi.encode(store.readConfig(added)), abi.encode(configuration));
    }

    function test_addConfig_emitsAgainForTheSame() public {
        IOCRConfigurationStore.ConfigurationEVMSimple memory configuration = configurationOf(configOf(0, 31, 10), 1);
        bytes32 added = store.addConfig(configuration);
        vm.expectEmit(address(store));
        emit IOCRConfigurationStore.NewConfiguration(added);
        assertEq(store.addConfig(configuration), added);
        assertEq(abi.encode(store.readConfig(added)), abi.encode(configuration));
    }

    function test_addConfig_keepsConfigurationsApart() public {
        bytes32 first = store.addConfig(configurationOf(configOf(0, 4, 1), 1));
        bytes32 second = store.addConfig(configurationOf(configOf(0, 4, 1), 2));
        assertNotEq(first, second);
        assertEq(store.readConfig(first).configCount, 1);
        assertEq(store.readConfig(second).configCount, 2);
    }

    function test_readConfig_isEmptyIfUnknown() public view {
        IOCRConfigurationStore.ConfigurationEVMSimple memory empty;
        assertEq(abi.encode(store.readConfig(digest)), abi.encode(empty));
    }

    function test_typeAndVersion() public view {
        assertEq(store.typeAndVersion(), "OCRConfigurationStoreEVMSimple 1.0.0");
    }

    function configurationOf(Config memory config, uint32 configCount)
        private
        view
        returns (IOCRConfigurationStore.ConfigurationEVMSimple memory)
    {
        return IOCRConfigurationStore.ConfigurationEVMSimple({
            signers: config.signers,
            transmitters: config.transmitters,
            onchainConfig: config.onchainConfig,
            offchainConfig: config.offchainConfig,
            contractAddress: address(aggregator),
            offchainConfigVersion: config.offchainConfigVersion,
            configCount: configCount,
            f: config.f
        });
    }
}
