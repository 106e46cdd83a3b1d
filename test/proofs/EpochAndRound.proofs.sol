// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EpochAndRound, epochAndRoundOf} from "../../src/types/EpochAndRound.sol";
import {Proofs} from "./Proofs.sol";

/// @dev Source: contracts-ocr2 4.4.
contract EpochAndRoundProofs is Proofs {
    function check_epochAndRound_orderIsThatOfEpochThenRound(bytes32 contextWord, bytes32 otherWord) public pure {
        EpochAndRound a = epochAndRoundOf(contextWord);
        EpochAndRound b = epochAndRoundOf(otherWord);
        bool later = a.epoch() > b.epoch() || (a.epoch() == b.epoch() && a.round() > b.round());
        assert(a.isNewerThan(b) == later);
    }

    function check_epochAndRound_readsTheLastFiveBytes(bytes27 ignored, uint32 epoch, uint8 round) public pure {
        EpochAndRound both = epochAndRoundOf(bytes32(abi.encodePacked(ignored, epoch, round)));
        assert(both.epoch() == epoch);
        assert(both.round() == round);
        assert(EpochAndRound.unwrap(both) == uint40(epoch) * 256 + round);
    }
}
