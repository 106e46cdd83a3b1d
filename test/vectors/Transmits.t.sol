// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";
import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @notice vectors/transmits.json: whole transmits, accepted and refused, sent to both aggregators.
/// @dev The simulator's models of the aggregators are held to the same file, by offchain/sim/tests/transmits.rs.
/// Source: contracts-ocr1 5.4, contracts-ocr2 5.3.
contract TransmitsVectorsTest is RevertAssertions {
    struct SentTransmit {
        string name;
        address sender;
        bytes32[] context;
        bytes report;
        bytes32[] rs;
        bytes32[] ss;
        bytes32 rawVs;
        uint256 appendedBytes;
        string verdict;
    }

    string private _json;
    address private _aggregator;

    function setUp() public {
        _json = vm.readFile("vectors/transmits.json");
        vm.warp(1_700_000_010);
    }

    function test_vector_ocr1() public {
        deploy(".ocr1", "OffchainAggregator.sol:OffchainAggregator", ocr1Arguments());
        address[] memory transmitters = vm.parseJsonAddressArray(_json, ".ocr1.transmitters");
        IOffchainAggregator(_aggregator).setPayees(transmitters, transmitters);
        IOffchainAggregator(_aggregator)
            .setConfig(
                vm.parseJsonAddressArray(_json, ".ocr1.signers"),
                transmitters,
                uint8(vm.parseJsonUint(_json, ".ocr1.f")),
                uint64(vm.parseJsonUint(_json, ".ocr1.offchainConfigVersion")),
                vm.parseJsonBytes(_json, ".ocr1.offchainConfig")
            );
        (,, bytes16 digest) = IOffchainAggregator(_aggregator).latestConfigDetails();
        assertEq(abi.encodePacked(digest), vm.parseJsonBytes(_json, ".ocr1.digest"));
        assertVerdicts(".ocr1");
    }

    function test_vector_ocr2() public {
        deploy(".ocr2", "OCR2Aggregator.sol:OCR2Aggregator", ocr2Arguments());
        IOCR2Aggregator(_aggregator)
            .setConfig(
                vm.parseJsonAddressArray(_json, ".ocr2.signers"),
                vm.parseJsonAddressArray(_json, ".ocr2.transmitters"),
                uint8(vm.parseJsonUint(_json, ".ocr2.f")),
                vm.parseJsonBytes(_json, ".ocr2.onchainConfig"),
                uint64(vm.parseJsonUint(_json, ".ocr2.offchainConfigVersion")),
                vm.parseJsonBytes(_json, ".ocr2.offchainConfig")
            );
        (,, bytes32 digest) = IOCR2Aggregator(_aggregator).latestConfigDetails();
        assertEq(abi.encodePacked(digest), vm.parseJsonBytes(_json, ".ocr2.digest"));
        assertVerdicts(".ocr2");
    }

    /// @dev At the vectors' address, on their chain: both are part of OCR2's digest, the first of OCR1's.
    function deploy(string memory version, string memory artifact, bytes memory arguments) private {
        vm.chainId(vm.parseJsonUint(_json, string.concat(version, ".chainId")));
        _aggregator = vm.parseJsonAddress(_json, string.concat(version, ".contract"));
        deployCodeTo(artifact, arguments, _aggregator);
    }

    function ocr1Arguments() private view returns (bytes memory) {
        int256 minAnswer = vm.parseJsonInt(_json, ".ocr1.minAnswer");
        int256 maxAnswer = vm.parseJsonInt(_json, ".ocr1.maxAnswer");
        return abi.encode(0, 0, 0, 0, 0, address(0), minAnswer, maxAnswer, address(0), address(0), 8, "");
    }

    function ocr2Arguments() private view returns (bytes memory) {
        int256 minAnswer = vm.parseJsonInt(_json, ".ocr2.minAnswer");
        int256 maxAnswer = vm.parseJsonInt(_json, ".ocr2.maxAnswer");
        return abi.encode(address(0), minAnswer, maxAnswer, address(0), address(0), 8, "");
    }

    // -- Verdicts --

    function assertVerdicts(string memory version) private {
        string memory key = string.concat(version, ".calls");
        string memory callType = string.concat(
            "SentTransmit(string name,address sender,bytes32[] context,bytes report,bytes32[] rs,bytes32[] ss,",
            "bytes32 rawVs,uint256 appendedBytes,string verdict)"
        );
        SentTransmit[] memory calls = abi.decode(vm.parseJsonTypeArray(_json, key, callType), (SentTransmit[]));
        uint256 accepted = 0;
        for (uint256 i = 0; i < calls.length; i++) {
            (bool success, bytes memory returned) = tryCall(_aggregator, calls[i].sender, callData(version, calls[i]));
            assertEq(success ? "accepted" : reason(returned), calls[i].verdict, calls[i].name);
            if (success) ++accepted;
        }
        assertGt(calls.length, 50, "calls");
        assertGt(accepted, 10, "accepted calls");
    }

    function callData(string memory version, SentTransmit memory sent) private pure returns (bytes memory) {
        bytes memory appended = new bytes(sent.appendedBytes);
        if (keccak256(bytes(version)) == keccak256(".ocr1")) {
            return bytes.concat(
                abi.encodeCall(IOffchainAggregator.transmit, (sent.report, sent.rs, sent.ss, sent.rawVs)), appended
            );
        }
        bytes32[3] memory context = [sent.context[0], sent.context[1], sent.context[2]];
        return bytes.concat(
            abi.encodeCall(IOCR2Aggregator.transmit, (context, sent.report, sent.rs, sent.ss, sent.rawVs)), appended
        );
    }

    /// @dev A revert as the vectors name it.
    function reason(bytes memory returned) private pure returns (string memory) {
        if (returned.length == 0) return "no reason";
        bytes4 selector = bytes4(returned);
        bytes memory arguments = new bytes(returned.length - 4);
        for (uint256 i = 0; i < arguments.length; i++) {
            arguments[i] = returned[i + 4];
        }
        if (selector == bytes4(keccak256("Error(string)"))) return abi.decode(arguments, (string));
        if (selector == bytes4(keccak256("Panic(uint256)"))) {
            return string.concat("panic ", vm.toString(abi.encodePacked(uint8(abi.decode(arguments, (uint256))))));
        }
        return vm.toString(returned);
    }
}
