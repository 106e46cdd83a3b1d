// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title OCR2 report
/// @notice Hashes and decodes reports where they lie, in calldata.
library ReportLib {
    /// @dev Least a report can be: its four head words.
    uint256 private constant HEAD_BYTES = 128;
    /// @dev Head and length word of the observations.
    uint256 private constant FIXED_BYTES = 160;

    /// @notice What the oracles sign: `keccak256(keccak256(report) | reportContext)`.
    /// @dev Source: contracts-ocr2 4.5.
    function signedHash(bytes calldata report, bytes32[3] calldata reportContext) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(report), reportContext));
    }

    /// @notice Length of a report of `k` observations, in bytes.
    function lengthBytes(uint256 k) internal pure returns (uint256) {
        return FIXED_BYTES + 32 * k;
    }

    /// @notice Decodes `abi.encode(uint32 observationsTimestamp, bytes32 observers, int192[] observations,
    /// int192 juelsPerFeeCoin)`; reverts without data if it is not that.
    /// @dev Takes what a strict ABI decoder takes: numbers must be canonical, but the offset of the observations may be
    /// any that leaves them inside the report. Source: contracts-ocr2 5.3 row 9.
    function decode(bytes calldata report)
        internal
        pure
        returns (
            uint32 observationsTimestamp,
            bytes32 observers,
            int192[] calldata observations,
            int192 juelsPerFeeCoin
        )
    {
        assembly ("memory-safe") {
            if lt(report.length, HEAD_BYTES) { revert(0, 0) }
            observationsTimestamp := calldataload(report.offset)
            observers := calldataload(add(report.offset, 32))
            let offset := calldataload(add(report.offset, 64))
            juelsPerFeeCoin := calldataload(add(report.offset, 96))

            // The length word must lie inside the report, then the elements must. No sum overflows: what comes from the
            // report is compared before it is added to.
            if iszero(lt(offset, sub(report.length, 31))) { revert(0, 0) }
            let length := calldataload(add(report.offset, offset))
            if gt(length, shr(5, sub(sub(report.length, 32), offset))) { revert(0, 0) }
            observations.offset := add(add(report.offset, offset), 32)
            observations.length := length

            // Adding 2^191 takes an int192 to [0, 2^192) and everything else beyond.
            let bias := shl(191, 1)
            let wide := add(juelsPerFeeCoin, bias)
            let end := add(observations.offset, shl(5, length))
            for { let at := observations.offset } lt(at, end) { at := add(at, 32) } {
                wide := or(wide, add(calldataload(at), bias))
            }
            if or(shr(192, wide), shr(32, observationsTimestamp)) { revert(0, 0) }
        }
    }

    /// @notice The element in the middle, the upper one of two. It is the median if the observations are sorted, which
    /// the oracles that signed them vouch for.
    /// @param observations Not empty.
    function median(int192[] calldata observations) internal pure returns (int192) {
        return observations[observations.length / 2];
    }

    /// @notice Decoded observations as they lie in the report: length word, then elements.
    function encoded(int192[] calldata observations) internal pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := sub(observations.offset, 32)
            words.length := shl(5, add(observations.length, 1))
        }
    }
}
