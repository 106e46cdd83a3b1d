// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ObserversLib} from "../../src/libraries/ObserversLib.sol";
import {Proofs} from "./Proofs.sol";

/// @dev Source: contracts-ocr1 5.4 rows 10, 11 and 6.2.
contract ObserversLibProofs is Proofs {
    uint256 private constant LANES = 16;

    /// @dev All counters, all sets: each counter of the set counts one more and stays at its end, no other moves.
    function check_credited_countsEachLaneAlone(uint256 counters, uint16 members) external pure {
        uint256 set = 0;
        for (uint256 i = 0; i < LANES; i++) {
            set |= uint256(members >> i & 1) << (16 * i);
        }
        uint256 credited = ObserversLib.credited(counters, set);
        uint256 right = 1;
        for (uint256 i = 0; i < LANES; i++) {
            uint256 counter = counters >> (16 * i) & 0xffff;
            uint256 more = (members >> i & 1) & (1 - isEqual(counter, 0xffff));
            right &= isEqual(credited >> (16 * i) & 0xffff, counter + more);
        }
        assert(right == 1);
    }

    function check_toSet_isTheSetOfDistinctOracles_k1(bytes32 observers) external view {
        _proveToSet(observers, 1);
    }

    function check_toSet_isTheSetOfDistinctOracles_k4(bytes32 observers) external view {
        _proveToSet(observers, 4);
    }

    function check_toSet_isTheSetOfDistinctOracles_k11(bytes32 observers) external view {
        _proveToSet(observers, 11);
    }

    function toSet(bytes32 observers, uint256 k) external pure returns (uint256 low, uint256 high) {
        return ObserversLib.toSet(observers, k);
    }

    function _proveToSet(bytes32 observers, uint256 k) private view {
        uint256 right = 1;
        uint256 members = 0;
        for (uint256 i = 0; i < k; i++) {
            uint256 oracle = uint8(observers[i]);
            right &= isAtMost(oracle, 30) & (1 - (members >> oracle & 1));
            members |= 1 << oracle;
        }
        (bool taken, bytes memory data) = address(this).staticcall(abi.encodeCall(this.toSet, (observers, k)));
        assert(taken == (right == 1));
        if (!taken) return;
        (uint256 low, uint256 high) = abi.decode(data, (uint256, uint256));
        uint256 same = 1;
        for (uint256 i = 0; i < LANES; i++) {
            same &= isEqual(low >> (16 * i) & 0xffff, members >> i & 1);
            same &= isEqual(high >> (16 * i) & 0xffff, members >> (LANES + i) & 1);
        }
        assert(same == 1);
    }
}
