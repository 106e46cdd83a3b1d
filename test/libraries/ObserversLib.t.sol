// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ObserversLib} from "../../src/libraries/ObserversLib.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @dev Source: contracts-ocr1 5.4 rows 10 and 11, 6.2.
contract ObserversLibTest is RevertAssertions {
    uint256 private constant MAX_ORACLES = 31;
    uint256 private constant OUT_OF_BOUNDS_PANIC = 0x32;

    // -- Sets --

    /// @dev Domain: any subset of 31 oracles, in any order, with anything after the bytes that count.
    function testFuzz_toSet_holdsExactlyTheObservers(uint256 k, uint256 seed, bytes32 rest) public pure {
        k = bound(k, 0, MAX_ORACLES);
        uint256[] memory order = _shuffled(seed);
        bytes32 observers = rest & bytes32(type(uint256).max >> (8 * k));
        uint256 expectedLow;
        uint256 expectedHigh;
        for (uint256 i = 0; i < k; i++) {
            observers |= bytes32(order[i] << (8 * (31 - i)));
            if (order[i] < 16) expectedLow |= 1 << (16 * order[i]);
            else expectedHigh |= 1 << (16 * (order[i] - 16));
        }
        (uint256 low, uint256 high) = ObserversLib.toSet(observers, k);
        assertEq(low, expectedLow, "0 to 15");
        assertEq(high, expectedHigh, "16 to 30");
    }

    /// @dev Domain: same, with one observer in the place of another.
    function testFuzz_toSet_refusesARepeatedObserver(uint256 k, uint256 seed) public {
        k = bound(k, 2, MAX_ORACLES);
        uint256[] memory order = _shuffled(seed);
        uint256 victim = seed % k;
        order[victim] = order[(victim + 1 + (seed >> 8) % (k - 1)) % k];
        _assertRefuses(_pack(order, k), k, "observer index repeated");
    }

    function test_toSet_panicsIf_indexIsAbove30() public {
        for (uint256 index = 31; index < 256; index++) {
            bytes32 observers = bytes32(index << 248);
            assertPanics(address(this), address(this), abi.encodeCall(this.toSet, (observers, 1)), OUT_OF_BOUNDS_PANIC);
        }
        ObserversLib.toSet(bytes32(uint256(30) << 248), 1);
    }

    /// @dev Observer by observer, the first fault decides.
    function test_toSet_namesTheFirstFault() public {
        bytes memory callData = abi.encodeCall(this.toSet, (bytes32(hex"01011f"), 3));
        assertReverts(address(this), address(this), callData, "observer index repeated");
        callData = abi.encodeCall(this.toSet, (bytes32(hex"011f01"), 3));
        assertPanics(address(this), address(this), callData, OUT_OF_BOUNDS_PANIC);
    }

    // -- Credits --

    /// @dev Domain: any counters, and every lane full or one short of it in a third of the runs each; any set.
    function testFuzz_credited_agreesWithOneByOne(uint256 counters, uint16 members, uint256 kind) public pure {
        uint256 set;
        uint256 expected;
        for (uint256 lane = 0; lane < 16; lane++) {
            uint256 counter = uint16(counters >> (16 * lane));
            if (kind % 3 == 1) counter = lane % 2 == 0 ? 65_535 : 65_534;
            if (kind % 3 == 2) counter = counter % 4 == 0 ? 65_535 : counter;
            counters = counters & ~(uint256(0xffff) << (16 * lane)) | counter << (16 * lane);
            uint256 credit = members >> lane & 1;
            set |= credit << (16 * lane);
            expected |= (counter == 65_535 ? counter : counter + credit) << (16 * lane);
        }
        assertEq(ObserversLib.credited(counters, set), expected);
    }

    function test_credited_atTheEnds() public pure {
        uint256 everyone = type(uint256).max / 0xffff;
        assertEq(ObserversLib.credited(0, everyone), everyone, "from 0");
        assertEq(ObserversLib.credited(type(uint256).max, everyone), type(uint256).max, "full");
        assertEq(ObserversLib.credited(everyone * 65_534, everyone), type(uint256).max, "one short");
        assertEq(ObserversLib.credited(everyone * 0x7fff, everyone), everyone * 0x8000, "into the upper bit");
        assertEq(ObserversLib.credited(everyone * 0x8000, 0), everyone * 0x8000, "nobody");
    }

    function toSet(bytes32 observers, uint256 k) external pure returns (uint256, uint256) {
        return ObserversLib.toSet(observers, k);
    }

    function _assertRefuses(bytes32 observers, uint256 k, string memory reason) private {
        assertReverts(address(this), address(this), abi.encodeCall(this.toSet, (observers, k)), reason);
    }

    function _pack(uint256[] memory order, uint256 k) private pure returns (bytes32 observers) {
        for (uint256 i = 0; i < k; i++) {
            observers |= bytes32(order[i] << (8 * (31 - i)));
        }
    }

    function _shuffled(uint256 seed) private pure returns (uint256[] memory order) {
        order = new uint256[](MAX_ORACLES);
        for (uint256 i = 0; i < MAX_ORACLES; i++) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            order[i] = order[j];
            order[j] = i;
        }
    }
}
