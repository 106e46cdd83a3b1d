// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OracleSetLib} from "./OracleSetLib.sol";

/// @notice The oracles of one OCR1 configuration and its digest, kept as the code of an account. docs/adr/0007.
/// @dev Layout of the code, in bytes, for `n` oracles:
///   0:1 zero | 1:16 config digest | 17:20n signers | 17+20n:20n transmitters
/// The zero byte is STOP, as in `OracleSet`. The zero address is the empty set: digest zero, no oracles.
type OCR1OracleSet is address;

using OCR1OracleSetLib for OCR1OracleSet global;

/// @title Oracle set of OCR1
/// @notice Writes and reads the code of an `OCR1OracleSet`.
library OCR1OracleSetLib {
    uint256 private constant DIGEST_OFFSET = 1;
    uint256 private constant DIGEST_BYTES = 16;
    uint256 private constant ORACLES_OFFSET = 17;
    uint256 private constant ADDRESS_BYTES = 20;

    /// @notice Writes an oracle set to the chain.
    /// @param signers As many as `transmitters_`; below 600 by the limit on code size.
    function store(bytes16 configDigest, address[] memory signers, address[] memory transmitters_)
        internal
        returns (OCR1OracleSet)
    {
        return OCR1OracleSet.wrap(
            OracleSetLib.create(
                abi.encodePacked(bytes1(0), configDigest, OracleSetLib.pack(signers), OracleSetLib.pack(transmitters_))
            )
        );
    }

    /// @notice Digest of the configuration, zero for the empty set.
    function digest(OCR1OracleSet set) internal view returns (bytes16 configDigest) {
        assembly ("memory-safe") {
            mstore(0, 0)
            extcodecopy(set, 0, DIGEST_OFFSET, DIGEST_BYTES)
            configDigest := mload(0)
        }
    }

    /// @notice Digest and oracles.
    /// @return configDigest Digest of the configuration, zero for the empty set.
    /// @return oracles `2n` times 20 bytes: `n` signers, then `n` transmitters, both in oracle order.
    function digestAndOracles(OCR1OracleSet set) internal view returns (bytes16 configDigest, bytes memory oracles) {
        // Copied in one go: the digest lands where the low half of the length of `oracles` belongs, and is read before it
        // is replaced.
        assembly ("memory-safe") {
            let codeBytes := extcodesize(set)
            let oraclesBytes := mul(gt(codeBytes, ORACLES_OFFSET), sub(codeBytes, ORACLES_OFFSET))
            oracles := mload(0x40)
            mstore(0x40, and(add(add(oracles, oraclesBytes), 63), not(31)))
            extcodecopy(set, add(oracles, 16), DIGEST_OFFSET, add(DIGEST_BYTES, oraclesBytes))
            configDigest := shl(128, mload(oracles))
            mstore(oracles, oraclesBytes)
        }
    }

    /// @notice Transmitters in oracle order.
    function transmitters(OCR1OracleSet set) internal view returns (address[] memory list) {
        (, bytes memory oracles) = digestAndOracles(set);
        uint256 n = count(oracles);
        list = new address[](n);
        for (uint256 i = 0; i < n; ++i) {
            list[i] = OracleSetLib.at(oracles, n + i);
        }
    }

    /// @notice The oracle that signs or transmits as `account`.
    /// @return configured Whether there is one.
    /// @return index Its index in oracle order.
    function oracleOf(OCR1OracleSet set, address account) internal view returns (bool configured, uint256 index) {
        (, bytes memory oracles) = digestAndOracles(set);
        uint256 n = count(oracles);
        uint256 position = indexOf(oracles, 0, 2 * n, account);
        if (position == 2 * n) return (false, 0);
        return (true, position < n ? position : position - n);
    }

    /// @notice The oracle that transmits as `account`.
    /// @param oracles As `digestAndOracles` gives them.
    function transmitterOf(bytes memory oracles, address account)
        internal
        pure
        returns (bool configured, uint256 index)
    {
        // Both stay below 2^10.
        unchecked {
            uint256 n = count(oracles);
            uint256 position = indexOf(oracles, n, 2 * n, account);
            return (position != 2 * n, position - n);
        }
    }

    /// @notice Number of oracles, `n`.
    /// @param oracles As `digestAndOracles` gives them.
    function count(bytes memory oracles) internal pure returns (uint256) {
        return oracles.length / (2 * ADDRESS_BYTES);
    }

    /// @notice Position of `account` in a packed list, from `start` on; `end` if it is not there before.
    function indexOf(bytes memory packed, uint256 start, uint256 end, address account)
        internal
        pure
        returns (uint256 index)
    {
        assembly ("memory-safe") {
            index := start
            let wanted := shl(96, account)
            let at := add(add(packed, 32), mul(start, ADDRESS_BYTES))
            for {} lt(index, end) { index := add(index, 1) } {
                // The low 96 bits are of the next address.
                if iszero(shr(96, xor(mload(at), wanted))) { break }
                at := add(at, ADDRESS_BYTES)
            }
        }
    }
}
