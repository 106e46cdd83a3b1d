// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {ReportLib} from "../../src/libraries/ReportLib.sol";

/// @dev Source: contracts-ocr2 4.4, 4.5 and 5.3 row 9.
contract ReportLibTest is Test {
    function test_lengthBytes() public pure {
        assertEq(ReportLib.lengthBytes(0), 160);
        assertEq(ReportLib.lengthBytes(1), 192);
        assertEq(ReportLib.lengthBytes(31), 1152);
    }

    function testFuzz_signedHash(bytes memory report, bytes32[3] memory context) public view {
        bytes32 expected = keccak256(bytes.concat(keccak256(report), context[0], context[1], context[2]));
        assertEq(this.signedHash(report, context), expected);
    }

    function testFuzz_decode_roundTrips(uint32 timestamp, bytes32 observers, int192[] memory values, int192 juels)
        public
        view
    {
        bytes memory report = abi.encode(timestamp, observers, values, juels);
        assertEq(report.length, ReportLib.lengthBytes(values.length));
        assertEq(this.decodeAndEncode(report), report);
    }

    /// @dev Words that are mostly small, so that many of them are offsets and lengths: ours takes what the compiler's
    /// decoder takes, and finds the same in it.
    function testFuzz_decode_agreesWithTheAbi(uint8[12] memory words, uint8 length, bool[12] memory negative)
        public
        view
    {
        bytes memory report = new bytes(bound(length, 0, 12 * 32));
        for (uint256 i = 0; i < report.length / 32; i++) {
            uint256 word = negative[i] && i > 2 ? type(uint256).max - words[i] : words[i];
            assembly ("memory-safe") {
                mstore(add(add(report, 32), mul(i, 32)), word)
            }
        }
        assertAgrees(report);
    }

    function testFuzz_decode_agreesWithTheAbiOnAnything(bytes memory report) public view {
        assertAgrees(report);
    }

    function testFuzz_decode_agreesWithTheAbiOnOffsets(uint256 offset, uint256 count, int192[] memory values)
        public
        view
    {
        bytes memory report = abi.encode(uint32(1), bytes32(0), values, int192(0));
        assembly ("memory-safe") {
            mstore(add(report, 96), offset)
            mstore(add(report, 160), count)
        }
        assertAgrees(report);
    }

    /// @dev Sums of offset, count and length must not wrap.
    function test_decode_refusesValuesThatWrap() public view {
        uint256[7] memory values = [
            type(uint256).max,
            type(uint256).max - 31,
            type(uint256).max - 127,
            1 << 255,
            1 << 251,
            (1 << 251) + 1,
            type(uint64).max
        ];
        for (uint256 i = 0; i < values.length; i++) {
            assertUndecodable(abi.encode(0, 0, values[i], 0, 0, 0, 0));
            assertUndecodable(abi.encode(0, 0, 128, 0, values[i], 0, 0));
        }
    }

    function test_median_isTheMiddle() public view {
        for (uint256 count = 1; count <= 31; count++) {
            int192[] memory values = new int192[](count);
            for (uint256 i = 0; i < count; i++) {
                values[i] = int192(int256(i)) - 15;
            }
            assertEq(this.median(values), int192(int256(count / 2)) - 15);
        }
    }

    /// @dev Sorted or not, the result is one of the values.
    function testFuzz_median_isAnElement(int192[] memory values, int192 value) public view {
        vm.assume(values.length > 0);
        values[values.length / 2] = value;
        assertEq(this.median(values), value);
    }

    // -- Calls, as the library reads calldata --

    function signedHash(bytes calldata report, bytes32[3] calldata context) external pure returns (bytes32) {
        return ReportLib.signedHash(report, context);
    }

    function decodeAndEncode(bytes calldata report) external pure returns (bytes memory) {
        (uint32 timestamp, bytes32 observers, int192[] calldata values, int192 juels) = ReportLib.decode(report);
        int192[] memory copied = values;
        return abi.encode(timestamp, observers, copied, juels);
    }

    /// @dev The reference.
    function decodeByCompiler(bytes calldata report) external pure returns (bytes memory) {
        (uint32 timestamp, bytes32 observers, int192[] memory values, int192 juels) =
            abi.decode(report, (uint32, bytes32, int192[], int192));
        return abi.encode(timestamp, observers, values, juels);
    }

    function median(int192[] calldata values) external pure returns (int192) {
        return ReportLib.median(values);
    }

    function assertAgrees(bytes memory report) private view {
        (bool accepted, bytes memory expected) =
            address(this).staticcall(abi.encodeCall(this.decodeByCompiler, (report)));
        if (accepted) assertEq(this.decodeAndEncode(report), abi.decode(expected, (bytes)));
        else assertUndecodable(report);
    }

    function assertUndecodable(bytes memory report) private view {
        (bool success, bytes memory returned) = address(this).staticcall(abi.encodeCall(this.decodeAndEncode, (report)));
        assertFalse(success);
        assertEq(returned, "");
    }
}
