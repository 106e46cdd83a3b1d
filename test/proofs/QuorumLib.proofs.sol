// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR1QuorumLib} from "../../src/libraries/OCR1QuorumLib.sol";
import {OracleSetLib} from "../../src/libraries/OracleSetLib.sol";
import {QuorumLib} from "../../src/libraries/QuorumLib.sol";
import {Proofs} from "./Proofs.sol";

/// @notice Signatures are accepted if and only if each is one of a configured signer and no two are of the same (with
/// seven oracles: only if).
/// @dev `ecrecover` is any function here: nothing rests on how signatures work. The signers may be any that `setConfig`
/// takes, and the zero address besides. The aggregator asks for `f + 1` signatures (a test says so).
/// Source: contracts-ocr2 5.3 rows 7, 8; contracts-ocr1 5.4 rows 13, 14.
contract QuorumLibProofs is Proofs {
    /// @dev The greatest recovery id whose `v`, 27 more, has 8 bits.
    uint256 private constant MAX_RECOVERY_ID = 228;

    /// @custom:halmos --array-lengths signers=4,rs=2,ss=2
    function check_quorum_n4f1(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        _proveOCR2(signers, signedHash, rs, ss, rawVs);
    }

    /// @custom:halmos --array-lengths signers=7,rs=3,ss=3
    function check_quorum_n7f2(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        _assumeDistinct(signers);
        bytes memory packed = OracleSetLib.pack(signers);
        QuorumLib.requireDistinctSigners(packed, signedHash, rs, ss, rawVs);
        assert(_areOfDistinctSigners(signers, signedHash, rs, ss, rawVs) == 1);
    }

    /// @custom:halmos --array-lengths signers=4,rs=2,ss=2
    function check_quorumOfOCR1_n4f1(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        _proveOCR1(signers, signedHash, rs, ss, rawVs);
    }

    /// @custom:halmos --array-lengths signers=7,rs=3,ss=3
    function check_quorumOfOCR1_n7f2(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        _assumeDistinct(signers);
        bytes memory packed = OracleSetLib.pack(signers);
        OCR1QuorumLib.requireDistinctSigners(packed, signers.length, signedHash, rs, ss, rawVs);
        assert(_areOfDistinctSigners(signers, signedHash, rs, ss, rawVs) == 1);
    }

    // -- The libraries, as a call that may fail --

    function requireDistinctSigners(
        bytes memory signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        QuorumLib.requireDistinctSigners(signers, signedHash, rs, ss, rawVs);
    }

    function requireDistinctSignersOfOCR1(
        bytes memory signers,
        uint256 n,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        OCR1QuorumLib.requireDistinctSigners(signers, n, signedHash, rs, ss, rawVs);
    }

    // -- Statements --

    function _proveOCR2(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) private view {
        _assumeDistinct(signers);
        bytes memory packed = OracleSetLib.pack(signers);
        (bool accepted,) =
            address(this).staticcall(abi.encodeCall(this.requireDistinctSigners, (packed, signedHash, rs, ss, rawVs)));
        uint256 right = _areOfDistinctSigners(signers, signedHash, rs, ss, rawVs);
        for (uint256 i = 0; i < rs.length; i++) {
            right &= isAtMost(uint8(rawVs[i]), MAX_RECOVERY_ID);
        }
        assert(accepted == (right == 1));
    }

    function _proveOCR1(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) private view {
        _assumeDistinct(signers);
        bytes memory packed = OracleSetLib.pack(signers);
        (bool accepted,) = address(this)
            .staticcall(
                abi.encodeCall(this.requireDistinctSignersOfOCR1, (packed, signers.length, signedHash, rs, ss, rawVs))
            );
        assert(accepted == (_areOfDistinctSigners(signers, signedHash, rs, ss, rawVs) == 1));
    }

    function _assumeDistinct(address[] calldata signers) private pure {
        uint256 alike = 0;
        for (uint256 i = 0; i < signers.length; i++) {
            for (uint256 j = 0; j < i; j++) {
                alike |= isEqual(uint160(signers[i]), uint160(signers[j]));
            }
        }
        vm.assume(alike == 0);
    }

    /// @dev 1 if each signature is of a signer, and each of another one.
    function _areOfDistinctSigners(
        address[] calldata signers,
        bytes32 signedHash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) private pure returns (uint256 yes) {
        yes = 1;
        uint256[] memory recovered = new uint256[](rs.length);
        for (uint256 i = 0; i < rs.length; i++) {
            uint8 v;
            unchecked {
                v = uint8(rawVs[i]) + 27;
            }
            recovered[i] = uint160(ecrecover(signedHash, v, rs[i], ss[i]));
            uint256 isSigner = 0;
            for (uint256 j = 0; j < signers.length; j++) {
                isSigner |= isEqual(recovered[i], uint160(signers[j]));
            }
            yes &= isSigner & (1 - isEqual(recovered[i], 0));
            for (uint256 j = 0; j < i; j++) {
                yes &= 1 - isEqual(recovered[i], recovered[j]);
            }
        }
    }
}
