// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {ConfigDigestLib} from "../../src/libraries/ConfigDigestLib.sol";
import {ReportLib} from "../../src/libraries/ReportLib.sol";
import {Config, OCR2Messages, Report} from "../utils/OCR2Messages.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice vectors/ocr2-contract.json, on the test's own formats, on the libraries and on the aggregator.
/// @dev The gas prices of the same file are in the tests of `ReimbursementLib` and of payment. Source: contracts-ocr2 12.
contract OCR2ContractVectorsTest is RevertAssertions {
    using OCR2Messages for Config;
    using OCR2Messages for Report;

    string private _json;

    function setUp() public {
        _json = vm.readFile("vectors/ocr2-contract.json");
    }

    // -- Configuration --

    function test_vector_onchainConfig() public view {
        int192 minAnswer = int192(vm.parseJsonInt(_json, ".config.minAnswer"));
        int192 maxAnswer = int192(vm.parseJsonInt(_json, ".config.maxAnswer"));
        assertEq(OCR2Messages.onchainConfig(minAnswer, maxAnswer), vm.parseJsonBytes(_json, ".config.onchainConfig"));
    }

    function test_vector_configDigest() public view {
        Config memory config = readConfig();
        uint256 chainId = vm.parseJsonUint(_json, ".config.chainId");
        uint64 configCount = uint64(vm.parseJsonUint(_json, ".config.configCount"));

        assertEq(OCR2Messages.configDigest(chainId, contractAddress(), configCount, config), digest());
        assertEq(
            ConfigDigestLib.ocr2(
                chainId,
                contractAddress(),
                configCount,
                config.signers,
                config.transmitters,
                config.f,
                config.onchainConfig,
                config.offchainConfigVersion,
                config.offchainConfig
            ),
            digest()
        );
    }

    /// @dev The aggregator itself, at the vector's address, on the vector's chain, configured as often as the vector.
    function test_vector_configDigestOfTheAggregator() public {
        string[2] memory artifacts =
            ["OCR2Aggregator.sol:OCR2Aggregator", "AccessControlledOCR2Aggregator.sol:AccessControlledOCR2Aggregator"];
        vm.chainId(vm.parseJsonUint(_json, ".config.chainId"));
        bytes memory arguments = abi.encode(
            address(0),
            vm.parseJsonInt(_json, ".config.minAnswer"),
            vm.parseJsonInt(_json, ".config.maxAnswer"),
            address(0),
            address(0),
            8,
            ""
        );
        for (uint256 i = 0; i < artifacts.length; i++) {
            uint256 snapshot = vm.snapshotState();
            deployCodeTo(artifacts[i], arguments, contractAddress());
            uint256 configCount = vm.parseJsonUint(_json, ".config.configCount");
            for (uint256 j = 0; j < configCount; j++) {
                assertSucceeds(contractAddress(), address(this), readConfig().encodeCall());
            }
            (uint32 count,, bytes32 latest) = IOCR2Aggregator(contractAddress()).latestConfigDetails();
            assertEq(count, configCount);
            assertEq(latest, digest());
            vm.revertToState(snapshot);
        }
    }

    // -- Report --

    function test_vector_report() public view {
        bytes memory report = readReport().encode();
        assertEq(report.length, vm.parseJsonUint(_json, ".report.lengthBytes"));
        assertEq(keccak256(report), vm.parseJsonBytes32(_json, ".report.keccak256"));
        assertEq(report.length, ReportLib.lengthBytes(readReport().observations.length));
    }

    function test_vector_reportDecodes() public view {
        Report memory report = readReport();
        (uint32 timestamp, bytes32 observers, int192[] memory observations, int192 juelsPerFeeCoin) =
            this.decode(report.encode());
        assertEq(abi.encode(timestamp, observers, observations, juelsPerFeeCoin), report.encode());
    }

    function test_vector_signedHash() public view {
        bytes memory report = readReport().encode();
        bytes32 expected = vm.parseJsonBytes32(_json, ".report.signedHash");
        assertEq(OCR2Messages.signedHash(report, readContext()), expected);
        assertEq(this.signedHash(report, readContext()), expected);
    }

    function test_vector_signature() public view {
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(vm.parseJsonUint(_json, ".signature.privateKey"), vm.parseJsonBytes32(_json, ".report.signedHash"));
        assertEq(r, vm.parseJsonBytes32(_json, ".signature.r"));
        assertEq(s, vm.parseJsonBytes32(_json, ".signature.s"));
        assertEq(v, 27 + vm.parseJsonUint(_json, ".signature.recoveryId"));
    }

    // -- Libraries that read calldata --

    function decode(bytes calldata report) external pure returns (uint32, bytes32, int192[] memory, int192) {
        return ReportLib.decode(report);
    }

    function signedHash(bytes calldata report, bytes32[3] calldata context) external pure returns (bytes32) {
        return ReportLib.signedHash(report, context);
    }

    // -- Reading the file --

    function contractAddress() private view returns (address) {
        return vm.parseJsonAddress(_json, ".config.contractAddress");
    }

    function digest() private view returns (bytes32) {
        return vm.parseJsonBytes32(_json, ".config.digest");
    }

    function readConfig() private view returns (Config memory config) {
        config.signers = vm.parseJsonAddressArray(_json, ".config.signers");
        config.transmitters = vm.parseJsonAddressArray(_json, ".config.transmitters");
        config.f = uint8(vm.parseJsonUint(_json, ".config.f"));
        config.onchainConfig = vm.parseJsonBytes(_json, ".config.onchainConfig");
        config.offchainConfigVersion = uint64(vm.parseJsonUint(_json, ".config.offchainConfigVersion"));
        config.offchainConfig = vm.parseJsonBytes(_json, ".config.offchainConfig");
    }

    function readReport() private view returns (Report memory report) {
        report.observationsTimestamp = uint32(vm.parseJsonUint(_json, ".report.observationsTimestamp"));
        report.observers = vm.parseJsonBytes32(_json, ".report.observers");
        int256[] memory observations = vm.parseJsonIntArray(_json, ".report.observations");
        report.observations = new int192[](observations.length);
        for (uint256 i = 0; i < observations.length; i++) {
            report.observations[i] = int192(observations[i]);
        }
        report.juelsPerFeeCoin = int192(vm.parseJsonInt(_json, ".report.juelsPerFeeCoin"));
    }

    function readContext() private view returns (bytes32[3] memory) {
        return OCR2Messages.reportContext(
            digest(),
            uint32(vm.parseJsonUint(_json, ".report.epoch")),
            uint8(vm.parseJsonUint(_json, ".report.round")),
            vm.parseJsonBytes32(_json, ".report.extraHash")
        );
    }
}
