// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR1ReportLib} from "../../src/libraries/OCR1ReportLib.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @dev Source: contracts-ocr1 4.2, 4.3, 5.4 rows 2 and 15, 8.
contract OCR1ReportLibTest is RevertAssertions {
    // -- Decoding, beside the compiler's --

    function testFuzz_decode_givesBackWhatWasEncoded(bytes32 context, bytes32 observers, bytes32[] memory words)
        public
    {
        bytes memory report = abi.encode(context, observers, words);
        (bytes32 decodedContext, bytes32 decodedObservers, bytes32[] memory decoded) = this.decode(report);
        assertEq(decodedContext, context);
        assertEq(decodedObservers, observers);
        assertEq(decoded, words);
        _assertAgrees(report);
    }

    /// @dev Domain: a report cut or prolonged anywhere.
    function testFuzz_decode_agreesWithTheAbiOnLengths(bytes32[] memory words, uint256 length) public {
        bytes memory report = bytes.concat(abi.encode(bytes32(0), bytes32(0), words), new bytes(64));
        length = bound(length, 0, report.length);
        assembly ("memory-safe") {
            mstore(report, length)
        }
        _assertAgrees(report);
    }

    /// @dev Domain: any offset up to the end and any count up to 40, and those that would wrap.
    function testFuzz_decode_agreesWithTheAbiOnOffsets(uint256 offset, uint256 count, bytes32[] memory words) public {
        bytes memory report = abi.encode(bytes32(0), bytes32(uint256(2)), words, words);
        if (offset % 4 != 0) offset = bound(offset, 0, report.length + 32);
        if (count % 4 != 0) count = bound(count, 0, 40);
        assembly ("memory-safe") {
            mstore(add(report, 96), offset)
            mstore(add(report, 160), count)
        }
        _assertAgrees(report);
    }

    function test_decode_refusesValuesThatWrap() public {
        uint256[6] memory values = [
            type(uint256).max,
            type(uint256).max - 31,
            type(uint256).max - 95,
            uint256(1) << 255,
            uint256(1) << 251,
            (uint256(1) << 251) + 1
        ];
        for (uint256 i = 0; i < values.length; i++) {
            bytes memory callData =
                abi.encodeCall(this.decode, (abi.encode(bytes32(0), bytes32(0), values[i], uint256(0))));
            assertRevertsEmpty(address(this), address(this), callData);
            callData = abi.encodeCall(this.decode, (abi.encode(bytes32(0), bytes32(0), uint256(96), values[i])));
            assertRevertsEmpty(address(this), address(this), callData);
        }
    }

    function testFuzz_configDigestOf(bytes11 padding, bytes16 digest, bytes5 epochAndRound) public pure {
        bytes32 context = bytes32(abi.encodePacked(padding, digest, epochAndRound));
        assertEq(OCR1ReportLib.configDigestOf(context), digest);
    }

    // -- Observations --

    function testFuzz_valueOf_ignoresTheUpperBits(int192 value, uint64 dirt) public pure {
        assertEq(OCR1ReportLib.valueOf(_dirty(value, dirt)), value);
    }

    /// @dev Domain: any values with any dirt, sorted in half of the runs.
    function testFuzz_requireSorted_comparesCleanValues(int192[] memory values, uint64 dirt, bool sort) public {
        bool sorted = true;
        bytes32[] memory words = new bytes32[](values.length);
        if (sort) _sort(values);
        for (uint256 i = 0; i < values.length; i++) {
            if (i > 0 && values[i - 1] > values[i]) sorted = false;
            words[i] = _dirty(values[i], uint64(uint256(keccak256(abi.encode(dirt, i)))));
        }
        bytes memory callData = abi.encodeCall(this.requireSorted, (words));
        if (sorted) assertSucceeds(address(this), address(this), callData);
        else assertReverts(address(this), address(this), callData, "observations not sorted");
    }

    function test_requireSorted_atTheEnds() public {
        bytes32[] memory words = new bytes32[](3);
        words[0] = _dirty(type(int192).min, 0);
        words[1] = _dirty(-1, 0);
        words[2] = _dirty(type(int192).max, type(uint64).max);
        this.requireSorted(words);
        this.requireSorted(new bytes32[](0));
        (words[1], words[2]) = (_dirty(1, 0), _dirty(0, 0));
        bytes memory callData = abi.encodeCall(this.requireSorted, (words));
        assertReverts(address(this), address(this), callData, "observations not sorted");
    }

    // -- Calls, as the library reads calldata --

    function decode(bytes calldata report) external pure returns (bytes32, bytes32, bytes32[] memory) {
        (bytes32 context, bytes32 observers, bytes32[] calldata observations) = OCR1ReportLib.decode(report);
        bytes memory expected = abi.encodePacked(observations.length, observations);
        assertEq(bytes(OCR1ReportLib.encoded(observations)), expected, "as they lie in the report");
        return (context, observers, observations);
    }

    function decodeByCompiler(bytes calldata report) external pure returns (bytes32, bytes32, bytes32[] memory) {
        return abi.decode(report, (bytes32, bytes32, bytes32[]));
    }

    function requireSorted(bytes32[] calldata observations) external pure {
        OCR1ReportLib.requireSorted(observations);
    }

    function _assertAgrees(bytes memory report) private {
        (bool ours, bytes memory answer) = address(this).call(abi.encodeCall(this.decode, (report)));
        (bool compilers, bytes memory expected) = address(this).call(abi.encodeCall(this.decodeByCompiler, (report)));
        assertEq(ours, compilers, "decodes");
        assertEq(answer, ours ? expected : bytes(""), "answer");
    }

    function _dirty(int192 value, uint64 dirt) private pure returns (bytes32) {
        return bytes32(uint256(dirt) << 192 | uint192(value));
    }

    function _sort(int192[] memory values) private pure {
        for (uint256 i = 1; i < values.length; i++) {
            for (uint256 j = i; j > 0 && values[j - 1] > values[j]; j--) {
                (values[j - 1], values[j]) = (values[j], values[j - 1]);
            }
        }
    }
}
