// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {EpochAndRound, epochAndRoundOf} from "../../src/types/EpochAndRound.sol";

/// @dev Source: contracts-ocr2 4.3.
contract EpochAndRoundTest is Test {
    function testFuzz_epochAndRoundOf_readsTheLowFiveBytes(uint32 epoch, uint8 round, uint216 ignored) public pure {
        bytes32 word = bytes32((uint256(ignored) << 40) | (uint256(epoch) << 8) | round);
        EpochAndRound parsed = epochAndRoundOf(word);
        assertEq(parsed.epoch(), epoch);
        assertEq(parsed.round(), round);
        assertEq(EpochAndRound.unwrap(parsed), uint40(epoch) * 256 + round);
    }

    function testFuzz_isNewerThan_ordersByEpochThenRound(uint32 epochA, uint8 roundA, uint32 epochB, uint8 roundB)
        public
        pure
    {
        EpochAndRound a = at(epochA, roundA);
        EpochAndRound b = at(epochB, roundB);
        assertEq(a.isNewerThan(b), epochA > epochB || (epochA == epochB && roundA > roundB));
        assertFalse(a.isNewerThan(a));
    }

    function test_isNewerThan_acrossAnEpoch() public pure {
        assertTrue(at(2, 0).isNewerThan(at(1, 255)));
        assertFalse(at(1, 255).isNewerThan(at(2, 0)));
        assertTrue(at(type(uint32).max, 255).isNewerThan(at(type(uint32).max, 254)));
    }

    function at(uint32 epoch, uint8 round) private pure returns (EpochAndRound) {
        return epochAndRoundOf(bytes32((uint256(epoch) << 8) | round));
    }
}
