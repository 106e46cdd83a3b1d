// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";
import {OracleSetLib} from "./OracleSetLib.sol";

/// @title Quorum
/// @notice Checks that a report was signed by distinct oracles.
library QuorumLib {
    uint256 private constant ADDRESS_BYTES = 20;

    /// @notice Reverts unless every signature is one of a different signer.
    /// @param signers `n` times 20 bytes in oracle order, `n <= 256`.
    /// @param rs At most 32, as many as `ss`: the caller checks that, and that they are enough.
    /// @param rawVs Byte `i` is the recovery id of signature `i`, 27 less than `v`; above 228 it is a Panic (0x11).
    /// @dev `s` may be high: a malleable signature is one of the same signer, and the signer counts once.
    /// Signatures in signer order cost one walk over `signers`; any order is valid.
    /// Source: contracts-ocr2 5.3 rows 7, 8.
    function requireDistinctSigners(
        bytes memory signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) internal view {
        uint256 n = signers.length / ADDRESS_BYTES;
        uint256 seen = 0;
        uint256 repeated = 0;
        uint256 cursor = 0;
        for (uint256 i = 0; i < rs.length; ++i) {
            // Checked in 8 bits.
            uint8 v = uint8(bytes1(rawVs)) + 27;
            rawVs <<= 8;
            uint256 index = _indexOf(signers, n, recover(signedHash, v, at(rs, i), at(ss, i)), cursor);
            uint256 bit = 1 << index;
            repeated |= seen & bit;
            seen |= bit;
            // At most `n`.
            unchecked {
                cursor = index + 1;
            }
        }
        // After the loop, as a signature error anywhere takes precedence.
        if (repeated != 0) revert(ErrorsLib.DUPLICATE_SIGNER);
    }

    /// @dev Index of `signer`, searched from `start` to the end, then from the beginning. The zero address is what a
    /// failed recovery gives: it is no signer.
    function _indexOf(bytes memory signers, uint256 n, address signer, uint256 start) private pure returns (uint256) {
        if (signer == address(0)) revert(ErrorsLib.SIGNATURE_ERROR);
        for (uint256 i = start; i < n; ++i) {
            if (OracleSetLib.at(signers, i) == signer) return i;
        }
        for (uint256 i = 0; i < start; ++i) {
            if (OracleSetLib.at(signers, i) == signer) return i;
        }
        revert(ErrorsLib.SIGNATURE_ERROR);
    }

    /// @notice `ecrecover` without the copies the compiler makes. Zero if there is no such key.
    function recover(bytes32 hash, uint8 v, bytes32 r, bytes32 s) internal view returns (address signer) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, hash)
            mstore(add(input, 32), and(v, 0xff))
            mstore(add(input, 64), r)
            mstore(add(input, 96), s)
            // A failed recovery returns nothing and leaves this zero.
            mstore(0, 0)
            pop(staticcall(gas(), 1, input, 128, 0, 32))
            signer := mload(0)
        }
    }

    /// @notice `list[index]` without a test of `index`, which must be inside.
    function at(bytes32[] calldata list, uint256 index) internal pure returns (bytes32 element) {
        assembly ("memory-safe") {
            element := calldataload(add(list.offset, shl(5, index)))
        }
    }
}
