// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ReportLib} from "../../src/libraries/ReportLib.sol";
import {Proofs} from "./Proofs.sol";

/// @dev Source: contracts-ocr2 4.5, 5.3 rows 9 to 14.
contract ReportLibProofs is Proofs {
    /// @custom:halmos --array-lengths observations={1,2,3,4,5,6,7,10,13,16,22,31}
    function check_median_isBetweenLeastAndGreatest(int192[] calldata observations) external pure {
        vm.assume(isSorted(observations) == 1);
        int192 median = ReportLib.median(observations);
        assert(isAtMost(observations[0], median) & isAtMost(median, observations[observations.length - 1]) == 1);
    }

    /// @dev Whatever the faulty oracles observe: no more than `f` of `2f + 1` or more, in any place.
    /// @param faulty Bit `i` is set if observation `i` is of a faulty oracle.
    /// @custom:halmos --array-lengths observations={1,3,4,5,7}
    function check_median_isBetweenHonestObservations(int192[] calldata observations, uint256 faulty) external pure {
        uint256 k = observations.length;
        vm.assume(isSorted(observations) == 1);
        uint256 faultyCount = 0;
        for (uint256 i = 0; i < k; i++) {
            faultyCount += faulty >> i & 1;
        }
        vm.assume(faultyCount <= (k - 1) / 2);

        int192 median = ReportLib.median(observations);
        uint256 below = 0;
        uint256 above = 0;
        for (uint256 i = 0; i < k; i++) {
            uint256 honest = 1 - (faulty >> i & 1);
            below |= honest & isAtMost(observations[i], median);
            above |= honest & isAtMost(median, observations[i]);
        }
        assert(below & above == 1);
    }

    /// @custom:halmos --array-lengths observations={0,1,2,7,31}
    function check_decode_invertsTheEncoding(
        uint32 observationsTimestamp,
        bytes32 observers,
        int192[] calldata observations,
        int192 juelsPerFeeCoin
    ) external view {
        bytes memory report = abi.encode(observationsTimestamp, observers, observations, juelsPerFeeCoin);
        assert(report.length == ReportLib.lengthBytes(observations.length));
        (uint32 timestamp_, bytes32 observers_, int192[] memory observations_, int192 juelsPerFeeCoin_) =
            this.decode(report);
        assert(timestamp_ == observationsTimestamp);
        assert(observers_ == observers);
        assert(juelsPerFeeCoin_ == juelsPerFeeCoin);
        assert(observations_.length == observations.length);
        for (uint256 i = 0; i < observations.length; i++) {
            assert(observations_[i] == observations[i]);
        }
    }

    /// @dev Any four words where the numbers belong: taken if and only if they are a uint32 and two int192.
    function check_decode_refusesNumbersOutOfRange(uint256 timestamp, int256 observation, int256 juelsPerFeeCoin)
        external
        view
    {
        bytes memory report = abi.encode(timestamp, bytes32(0), 0x80, juelsPerFeeCoin, 1, observation);
        (bool taken,) = address(this).staticcall(abi.encodeCall(this.requireDecodable, (report)));
        uint256 right = isAtMost(timestamp, type(uint32).max) & isInt192(observation) & isInt192(juelsPerFeeCoin);
        assert(taken == (right == 1));
    }

    /// @dev Any length of the observations, in a report that has room for two: taken if and only if they are inside.
    function check_decode_refusesObservationsBeyondTheReport(uint256 length) external view {
        bytes memory report = abi.encode(0, bytes32(0), 0x80, 0, length, 1, 2);
        (bool taken,) = address(this).staticcall(abi.encodeCall(this.requireDecodable, (report)));
        assert(taken == (length <= 2));
    }

    function decode(bytes calldata report)
        external
        pure
        returns (uint32, bytes32, int192[] memory observations, int192)
    {
        return ReportLib.decode(report);
    }

    function requireDecodable(bytes calldata report) external pure {
        ReportLib.decode(report);
    }

    function isInt192(int256 value) private pure returns (uint256) {
        return isAtMost(type(int192).min, value) & isAtMost(value, type(int192).max);
    }
}
