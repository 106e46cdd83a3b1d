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
    /// @param rs As many as `ss`, at most 32. How many there are is the caller's to check.
    /// @param rawVs Byte `i` is the recovery id of signature `i`, 27 less than `v`; above 228 it is a Panic (0x11).
    /// @dev `s` may be high: a malleable signature is one of the same signer, and the signer counts once.
    /// Signatures in signer order cost one walk over `signers`; any order is valid. Source: contracts-ocr2 5.3 rows 7, 8.
    function requireDistinctSigners(
        bytes memory signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) internal pure {
        uint256 seen = 0;
        uint256 repeated = 0;
        uint256 cursor = 0;
        for (uint256 i = 0; i < rs.length; ++i) {
            address signer = ecrecover(signedHash, uint8(rawVs[i]) + 27, rs[i], ss[i]);
            uint256 index = _indexOf(signers, signer, cursor);
            uint256 bit = 1 << index;
            repeated |= seen & bit;
            seen |= bit;
            cursor = index + 1;
        }
        // After the loop, as a signature error anywhere takes precedence.
        require(repeated == 0, ErrorsLib.DUPLICATE_SIGNER);
    }

    /// @dev Index of `signer`, searched from `start` to the end, then from the beginning. The zero address is what a failed
    /// recovery gives: it is no signer.
    function _indexOf(bytes memory signers, address signer, uint256 start) private pure returns (uint256) {
        uint256 n = signers.length / ADDRESS_BYTES;
        if (signer != address(0)) {
            for (uint256 i = start; i < n; ++i) {
                if (OracleSetLib.at(signers, i) == signer) return i;
            }
            for (uint256 i = 0; i < start; ++i) {
                if (OracleSetLib.at(signers, i) == signer) return i;
            }
        }
        revert(ErrorsLib.SIGNATURE_ERROR);
    }
}
