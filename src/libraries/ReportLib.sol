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
            let dirty := or(shr(32, observationsTimestamp), xor(juelsPerFeeCoin, signextend(23, juelsPerFeeCoin)))

            // The length word must lie inside the report, then the elements must. No sum overflows: `offset` and `length`
            // are compared before they are added to, and a report is far below 2^64 bytes.
            if iszero(lt(offset, sub(report.length, 31))) { revert(0, 0) }
            let length := calldataload(add(report.offset, offset))
            let room := sub(sub(report.length, 32), offset)
            if gt(length, shr(5, room)) { revert(0, 0) }
            observations.offset := add(add(report.offset, offset), 32)
            observations.length := length

            let end := add(observations.offset, shl(5, length))
            for { let at := observations.offset } lt(at, end) { at := add(at, 32) } {
                let observation := calldataload(at)
                dirty := or(dirty, xor(observation, signextend(23, observation)))
            }
            if dirty { revert(0, 0) }
        }
    }

    /// @notice The element in the middle, the upper one of two. It is the median if the observations are sorted, which the
    /// oracles that signed them vouch for.
    /// @param observations Not empty.
    function median(int192[] calldata observations) internal pure returns (int192) {
        return observations[observations.length / 2];
    }

    /// @notice The first `count` bytes of a word, `count <= 32`: the observers of a report.
    function firstBytes(bytes32 word, uint256 count) internal pure returns (bytes memory result) {
        result = abi.encodePacked(word);
        assembly ("memory-safe") {
            mstore(result, count)
        }
    }
}
