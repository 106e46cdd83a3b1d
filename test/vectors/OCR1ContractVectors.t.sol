// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {Config, OCR1Messages, Report} from "../utils/OCR1Messages.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice vectors/ocr1-contract.json, on the test's own formats and on both aggregators.
/// @dev The gas prices of the same file are in the tests of payment. Source: contracts-ocr1 12.
contract OCR1ContractVectorsTest is RevertAssertions {
    using OCR1Messages for Config;
    using OCR1Messages for Report;

    string private _json;

    function setUp() public {
        _json = vm.readFile("vectors/ocr1-contract.json");
    }

    function test_vector_configDigest() public view {
        uint64 configCount = uint64(vm.parseJsonUint(_json, ".config.configCount"));
        assertEq(OCR1Messages.configDigest(contractAddress(), configCount, readConfig()), digest());
    }

    /// @dev The aggregators themselves, at the vector's address, configured as often as the vector.
    function test_vector_configDigestOfTheAggregator() public {
        string[2] memory artifacts = [
            "OffchainAggregator.sol:OffchainAggregator",
            "AccessControlledOffchainAggregator.sol:AccessControlledOffchainAggregator"
        ];
        Config memory config = readConfig();
        uint32[5] memory prices;
        bytes memory arguments = abi.encode(prices, address(0), 0, 0, address(0), address(0), 8, "");
        for (uint256 i = 0; i < artifacts.length; i++) {
            uint256 snapshot = vm.snapshotState();
            deployCodeTo(artifacts[i], arguments, contractAddress());
            assertSucceeds(
                contractAddress(),
                address(this),
                abi.encodeCall(IOffchainAggregator.setPayees, (config.transmitters, config.transmitters))
            );
            uint256 configCount = vm.parseJsonUint(_json, ".config.configCount");
            for (uint256 j = 0; j < configCount; j++) {
                assertSucceeds(contractAddress(), address(this), config.encodeCall());
            }
            (uint32 count,, bytes16 latest) = IOffchainAggregator(contractAddress()).latestConfigDetails();
            assertEq(count, configCount);
            assertEq(latest, digest());
            vm.revertToState(snapshot);
        }
    }

    function test_vector_reportContext() public view {
        bytes32 context = OCR1Messages.reportContext(
            digest(), uint32(vm.parseJsonUint(_json, ".report.epoch")), uint8(vm.parseJsonUint(_json, ".report.round"))
        );
        assertEq(context, vm.parseJsonBytes32(_json, ".report.context"));
    }

    function test_vector_report() public view {
        bytes memory report = readReport().encode();
        assertEq(report.length, vm.parseJsonUint(_json, ".report.lengthBytes"));
        assertEq(keccak256(report), vm.parseJsonBytes32(_json, ".report.keccak256"));
    }

    function test_vector_signature() public view {
        uint256 key = vm.parseJsonUint(_json, ".signature.privateKey");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(readReport().encode()));
        assertEq(vm.addr(key), vm.parseJsonAddress(_json, ".signature.signer"));
        assertEq(r, vm.parseJsonBytes32(_json, ".signature.r"));
        assertEq(s, vm.parseJsonBytes32(_json, ".signature.s"));
        assertEq(v, 27 + vm.parseJsonUint(_json, ".signature.recoveryId"));
    }

    // -- Reading the file --

    function contractAddress() private view returns (address) {
        return vm.parseJsonAddress(_json, ".config.contractAddress");
    }

    function digest() private view returns (bytes16) {
        return bytes16(vm.parseJsonBytes(_json, ".config.digest"));
    }

    function readConfig() private view returns (Config memory config) {
        config.signers = vm.parseJsonAddressArray(_json, ".config.signers");
        config.transmitters = vm.parseJsonAddressArray(_json, ".config.transmitters");
        config.threshold = uint8(vm.parseJsonUint(_json, ".config.threshold"));
        config.encodedConfigVersion = uint64(vm.parseJsonUint(_json, ".config.encodedConfigVersion"));
        config.encoded = vm.parseJsonBytes(_json, ".config.encoded");
    }

    function readReport() private view returns (Report memory report) {
        report.context = vm.parseJsonBytes32(_json, ".report.context");
        report.observers = vm.parseJsonBytes32(_json, ".report.observers");
        int256[] memory observations = vm.parseJsonIntArray(_json, ".report.observations");
        report.observations = new int192[](observations.length);
        for (uint256 i = 0; i < observations.length; i++) {
            report.observations[i] = int192(observations[i]);
        }
    }
}
