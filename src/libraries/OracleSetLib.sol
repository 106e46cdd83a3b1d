// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";

/// @notice The oracles of one configuration and its digest, kept as the code of an account: a report needs the digest and
/// every signer, and code costs 2,600 gas for all of them where storage costs 2,100 for each. docs/adr/0002.
/// @dev Layout of the code, in bytes, for `n` oracles:
///   0:1 zero | 1:32 config digest | 33:20n signers | 33+20n:20n transmitters
/// The zero byte is STOP: a digest may start with any byte, and neither 0xEF (refused at creation) nor an instruction may
/// stand first. The zero address is the empty set: its digest reads as zero, it has no oracles.
type OracleSet is address;

using OracleSetLib for OracleSet global;

/// @title Oracle set
/// @notice Writes and reads the code of an `OracleSet`.
library OracleSetLib {
    uint256 private constant DIGEST_OFFSET = 1;
    uint256 private constant SIGNERS_OFFSET = 33;
    uint256 private constant ADDRESS_BYTES = 20;
    uint256 private constant ORACLE_BYTES = 2 * ADDRESS_BYTES;

    /// @dev Creation code, to be followed by the code it leaves; the zeros are the place of its length.
    /// PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: copies what follows these 10 bytes and returns it.
    uint256 private constant CREATION_PREFIX = 0x6100008060_0a5f395ff3;
    uint256 private constant CREATION_PREFIX_BYTES = 10;
    uint256 private constant CREATION_LENGTH_SHIFT = 7 * 8;

    /// @notice Writes an oracle set to the chain.
    /// @param signers As many as `transmitters`; below 1,600 by the limit on code size.
    function store(bytes32 configDigest, address[] memory signers, address[] memory transmitters_)
        internal
        returns (OracleSet set)
    {
        bytes memory oracles = abi.encodePacked(_pack(signers), _pack(transmitters_));
        uint256 codeLength = SIGNERS_OFFSET + oracles.length;
        bytes memory creationCode = abi.encodePacked(
            uint80(CREATION_PREFIX | (codeLength << CREATION_LENGTH_SHIFT)), bytes1(0), configDigest, oracles
        );
        assembly ("memory-safe") {
            set := create(0, add(creationCode, 32), mload(creationCode))
        }
        require(exists(set), ErrorsLib.ORACLE_SET_NOT_STORED);
    }

    /// @notice Whether there is a set at all.
    function exists(OracleSet set) internal pure returns (bool) {
        return OracleSet.unwrap(set) != address(0);
    }

    /// @notice Digest of the configuration, zero for the empty set.
    function digest(OracleSet set) internal view returns (bytes32 configDigest) {
        assembly ("memory-safe") {
            extcodecopy(set, 0, DIGEST_OFFSET, 32)
            configDigest := mload(0)
        }
    }

    /// @notice Digest and signers of an existing set, for checking a report.
    /// @return configDigest Digest of the configuration.
    /// @return signers `n` times 20 bytes, in oracle order.
    function digestAndSigners(OracleSet set) internal view returns (bytes32 configDigest, bytes memory signers) {
        uint256 signersBytes = oracleCount(set) * ADDRESS_BYTES;
        // Copied in one go: the digest lands where the length of `signers` belongs, and is read before it is replaced.
        assembly ("memory-safe") {
            signers := mload(0x40)
            mstore(0x40, and(add(add(signers, signersBytes), 63), not(31)))
            extcodecopy(set, signers, DIGEST_OFFSET, add(32, signersBytes))
            configDigest := mload(signers)
            mstore(signers, signersBytes)
        }
    }

    /// @notice Transmitters in oracle order.
    function transmitters(OracleSet set) internal view returns (address[] memory list) {
        uint256 n = oracleCount(set);
        list = new address[](n);
        bytes memory packed = new bytes(n * ADDRESS_BYTES);
        assembly ("memory-safe") {
            extcodecopy(set, add(packed, 32), add(SIGNERS_OFFSET, mul(n, ADDRESS_BYTES)), mload(packed))
        }
        for (uint256 i = 0; i < n; ++i) {
            list[i] = at(packed, i);
        }
    }

    /// @notice Number of oracles, 0 for the empty set.
    function oracleCount(OracleSet set) internal view returns (uint256) {
        if (!exists(set)) return 0;
        return (OracleSet.unwrap(set).code.length - SIGNERS_OFFSET) / ORACLE_BYTES;
    }

    /// @notice Address number `index` of a packed list. `index` must be inside of it.
    function at(bytes memory packed, uint256 index) internal pure returns (address account) {
        assembly ("memory-safe") {
            account := shr(96, mload(add(add(packed, 32), mul(index, ADDRESS_BYTES))))
        }
    }

    /// @dev Puts addresses one after the other, 20 bytes each.
    function _pack(address[] memory list) private pure returns (bytes memory packed) {
        // One word more than needed: writing the last address touches 12 bytes after it.
        packed = new bytes(list.length * ADDRESS_BYTES + 32);
        for (uint256 i = 0; i < list.length; ++i) {
            address account = list[i];
            assembly ("memory-safe") {
                mstore(add(add(packed, 32), mul(i, ADDRESS_BYTES)), shl(96, account))
            }
        }
        assembly ("memory-safe") {
            mstore(packed, sub(mload(packed), 32))
        }
    }
}
