// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";
import {OCR1OracleSetLib} from "./OCR1OracleSetLib.sol";
import {OracleSetLib} from "./OracleSetLib.sol";
import {QuorumLib} from "./QuorumLib.sol";

/// @title Quorum of OCR1
/// @notice Checks that a report was signed by distinct oracles.
library OCR1QuorumLib {
    /// @notice Reverts unless every signature is one of a different signer.
    /// @param signers Packed addresses of which the first `n` count.
    /// @param rs At most 32, as many as `ss`: the caller checks that, and that they are enough.
    /// @param rawVs Byte `i` is the recovery id of signature `i`, 27 less than `v` modulo 256.
    /// @dev `s` may be high: a malleable signature is one of the same signer, and the signer counts once.
    /// Signatures in signer order cost one walk over `signers`; any order is valid.
    /// Source: contracts-ocr1 5.4 rows 13, 14.
    function requireDistinctSigners(
        bytes memory signers,
        uint256 n,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) internal view {
        uint256 seen = 0;
        uint256 cursor = 0;
        // Indices stay below 256, and `v` wraps on purpose.
        unchecked {
            for (uint256 i = 0; i < rs.length; ++i) {
                uint8 v = uint8(rawVs[i]) + 27;
                address signer = QuorumLib.recover(signedHash, v, QuorumLib.at(rs, i), QuorumLib.at(ss, i));
                uint256 index = _indexOf(signers, n, signer, cursor);
                if (seen >> index & 1 != 0) revert(ErrorsLib.REPEATED_SIGNATURE);
                seen |= 1 << index;
                cursor = index + 1;
            }
        }
    }

    /// @dev Index of `signer`, searched from `start` to the end, then from the beginning. The zero address is what a
    /// failed recovery gives: it is no signer.
    function _indexOf(bytes memory signers, uint256 n, address signer, uint256 start)
        private
        pure
        returns (uint256 index)
    {
        if (signer == address(0)) revert(ErrorsLib.NOT_A_SIGNER);
        index = OCR1OracleSetLib.indexOf(signers, start, n, signer);
        if (index != n) return index;
        index = OCR1OracleSetLib.indexOf(signers, 0, start, signer);
        if (index == start) revert(ErrorsLib.NOT_A_SIGNER);
    }
}
