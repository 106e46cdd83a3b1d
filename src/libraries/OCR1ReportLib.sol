// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";

/// @title OCR1 report
/// @notice Decodes reports where they lie, in calldata, and reads their observations.
/// @dev Observations stay raw words: their upper 64 bits may be anything, do not count, and are logged as they came.
/// Source: contracts-ocr1 4.2, 4.3, 8.
library OCR1ReportLib {
    /// @dev Least a report can be: its three head words.
    uint256 private constant HEAD_BYTES = 96;

    /// @notice Decodes `abi.encode(bytes32 context, bytes32 observers, int192[] observations)`; reverts without data if
    /// it is not that.
    /// @dev The offset of the observations may be any that leaves them inside the report, and bytes may follow them.
    /// Source: contracts-ocr1 5.4 row 2.
    function decode(bytes calldata report)
        internal
        pure
        returns (bytes32 context, bytes32 observers, bytes32[] calldata observations)
    {
        assembly ("memory-safe") {
            if lt(report.length, HEAD_BYTES) { revert(0, 0) }
            context := calldataload(report.offset)
            observers := calldataload(add(report.offset, 32))
            let offset := calldataload(add(report.offset, 64))

            // The length word must lie inside the report, then the elements must. No sum overflows: what comes from the
            // report is compared before it is added to.
            if gt(offset, sub(report.length, 32)) { revert(0, 0) }
            let length := calldataload(add(report.offset, offset))
            if gt(length, shr(5, sub(sub(report.length, 32), offset))) { revert(0, 0) }
            observations.offset := add(add(report.offset, offset), 32)
            observations.length := length
        }
    }

    /// @notice Digest of the configuration a report was made under: 11 ignored bytes | digest (16) | 5 bytes.
    function configDigestOf(bytes32 context) internal pure returns (bytes16) {
        return bytes16(context << (8 * 11));
    }

    /// @notice Value of an observation.
    function valueOf(bytes32 observation) internal pure returns (int192) {
        // Cuts the upper bits on purpose.
        return int192(uint192(uint256(observation)));
    }

    /// @notice Reverts unless no observation is less than the one before.
    function requireSorted(bytes32[] calldata observations) internal pure {
        bool sorted = true;
        assembly ("memory-safe") {
            let at := observations.offset
            let end := add(at, shl(5, observations.length))
            // -2^255: nothing is less.
            let previous := shl(255, 1)
            for {} lt(at, end) { at := add(at, 32) } {
                // Byte 23 has the sign of an int192.
                let value := signextend(23, calldataload(at))
                if slt(value, previous) { sorted := 0 }
                previous := value
            }
        }
        if (!sorted) revert(ErrorsLib.OBSERVATIONS_NOT_SORTED);
    }

    /// @notice Observations as they lie in the report: length word, then elements.
    function encoded(bytes32[] calldata observations) internal pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := sub(observations.offset, 32)
            words.length := shl(5, add(observations.length, 1))
        }
    }
}
