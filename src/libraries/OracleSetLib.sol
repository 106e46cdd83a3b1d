// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ErrorsLib} from "./ErrorsLib.sol";

/// @notice The oracles of one configuration and its digest, kept as the code of an account: a report needs the digest
/// and every signer, and code costs 2,600 gas for all of them where storage costs 2,100 for each. docs/adr/0002.
/// @dev Layout of the code, in bytes, for `n` oracles:
///   0:1 zero | 1:20 transmitter list | 21:32 config digest | 53:20n signers
/// The transmitter list is code as well: 0:1 zero | 1:20n transmitters. A configuration with the same transmitters as
/// the one before it shares it.
/// The zero byte is STOP: neither 0xEF (refused at creation) nor an instruction may stand first.
/// The zero address is the empty set: its digest reads as zero, it has no oracles.
type OracleSet is address;

using OracleSetLib for OracleSet global;

/// @title Oracle set
/// @notice Writes and reads the code of an `OracleSet`.
library OracleSetLib {
    uint256 private constant LIST_OFFSET = 1;
    uint256 private constant DIGEST_OFFSET = 21;
    uint256 private constant SIGNERS_OFFSET = 53;
    uint256 private constant TRANSMITTERS_OFFSET = 1;
    uint256 private constant ADDRESS_BYTES = 20;

    /// @dev Creation code, to be followed by the code it leaves; the zeros are the place of that code's length.
    /// PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: copies what follows these 10 bytes and returns it.
    uint256 private constant CREATION_PREFIX = 0x6100008060_0a5f395ff3;
    uint256 private constant CREATION_LENGTH_SHIFT = 7 * 8;

    /// @notice Writes an oracle set to the chain.
    /// @param signers As many as `transmitters`; below 1,200 by the limit on code size.
    /// @param previous The set in force until this one: if it has the same transmitters, their list is kept.
    function store(bytes32 configDigest, address[] memory signers, address[] memory transmitters_, OracleSet previous)
        internal
        returns (OracleSet)
    {
        bytes memory listCode = abi.encodePacked(bytes1(0), pack(transmitters_));
        address list = _transmitterList(previous);
        if (list.codehash != keccak256(listCode)) list = create(listCode);
        return OracleSet.wrap(create(abi.encodePacked(bytes1(0), list, configDigest, pack(signers))));
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
        // Copied in one go: the digest lands where the length of `signers` belongs, and is read before it is replaced.
        assembly ("memory-safe") {
            let signersBytes := sub(extcodesize(set), SIGNERS_OFFSET)
            signers := mload(0x40)
            mstore(0x40, and(add(add(signers, signersBytes), 63), not(31)))
            extcodecopy(set, signers, DIGEST_OFFSET, add(32, signersBytes))
            configDigest := mload(signers)
            mstore(signers, signersBytes)
        }
    }

    /// @notice Transmitters in oracle order.
    function transmitters(OracleSet set) internal view returns (address[] memory) {
        address list = _transmitterList(set);
        if (list == address(0)) return new address[](0);
        bytes memory packed = new bytes(list.code.length - TRANSMITTERS_OFFSET);
        assembly ("memory-safe") {
            extcodecopy(list, add(packed, 32), TRANSMITTERS_OFFSET, mload(packed))
        }
        return unpack(packed);
    }

    /// @notice Address number `index` of a packed list. `index` must be inside of it.
    function at(bytes memory packed, uint256 index) internal pure returns (address account) {
        assembly ("memory-safe") {
            account := shr(96, mload(add(add(packed, 32), mul(index, ADDRESS_BYTES))))
        }
    }

    /// @dev Zero for the empty set.
    function _transmitterList(OracleSet set) private view returns (address list) {
        assembly ("memory-safe") {
            extcodecopy(set, 0, LIST_OFFSET, 32)
            list := shr(96, mload(0))
        }
    }

    /// @notice Creates an account with the given code.
    function create(bytes memory code) internal returns (address account) {
        bytes memory creationCode =
            abi.encodePacked(uint80(CREATION_PREFIX | (code.length << CREATION_LENGTH_SHIFT)), code);
        assembly ("memory-safe") {
            account := create(0, add(creationCode, 32), mload(creationCode))
        }
        if (account == address(0)) revert(ErrorsLib.ORACLE_SET_NOT_STORED);
    }

    /// @notice Addresses one after the other, 20 bytes each.
    function pack(address[] memory list) internal pure returns (bytes memory packed) {
        // A word to spare: writing the last address touches 12 bytes after it.
        packed = new bytes(list.length * ADDRESS_BYTES + 32);
        assembly ("memory-safe") {
            let from := add(list, 32)
            let to := add(packed, 32)
            for { let end := add(from, shl(5, mload(list))) } lt(from, end) { from := add(from, 32) } {
                mstore(to, shl(96, mload(from)))
                to := add(to, ADDRESS_BYTES)
            }
            mstore(packed, sub(mload(packed), 32))
        }
    }

    /// @notice The inverse of `pack`.
    function unpack(bytes memory packed) internal pure returns (address[] memory list) {
        list = new address[](packed.length / ADDRESS_BYTES);
        assembly ("memory-safe") {
            let from := add(packed, 32)
            let to := add(list, 32)
            for { let end := add(from, mload(packed)) } lt(from, end) { from := add(from, ADDRESS_BYTES) } {
                mstore(to, shr(96, mload(from)))
                to := add(to, 32)
            }
        }
    }
}
