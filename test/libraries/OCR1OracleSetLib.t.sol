// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR1OracleSet, OCR1OracleSetLib} from "../../src/libraries/OCR1OracleSetLib.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Layout: docs/adr/0007-ocr1-oracles.md.
contract OCR1OracleSetLibTest is Test {
    uint256 private constant MAX_ORACLES = 31;

    /// @dev Domain: 1 to 31 oracles, any digest.
    function testFuzz_store_keepsWhatItIsGiven(bytes16 digest, uint256 n, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        address[] memory signers = _addresses(n, seed, "signer");
        address[] memory transmitters = _addresses(n, seed, "transmitter");
        OCR1OracleSet set = OCR1OracleSetLib.store(digest, signers, transmitters);

        assertEq(set.digest(), digest, "digest");
        assertEq(set.transmitters(), transmitters, "transmitters");
        (bytes16 loadedDigest, bytes memory oracles) = set.digestAndOracles();
        // What is allocated next must not lie on the oracles.
        bytes memory next = abi.encodePacked(type(uint256).max, type(uint256).max);
        assertEq(next.length, 64);
        assertEq(loadedDigest, digest, "digest beside the oracles");
        assertEq(oracles, bytes.concat(_packed(signers), _packed(transmitters)), "oracles");
        assertEq(OCR1OracleSetLib.count(oracles), n, "count");
        for (uint256 i = 0; i < n; i++) {
            (bool configured, uint256 index) = set.oracleOf(signers[i]);
            assertTrue(configured && index == i, "oracle of a signer");
            (configured, index) = set.oracleOf(transmitters[i]);
            assertTrue(configured && index == i, "oracle of a transmitter");
            (configured, index) = OCR1OracleSetLib.transmitterOf(oracles, transmitters[i]);
            assertTrue(configured && index == i, "transmitter");
            (configured,) = OCR1OracleSetLib.transmitterOf(oracles, signers[i]);
            assertFalse(configured, "a signer is no transmitter");
        }
    }

    /// @dev Domain: any account but the oracles. Zero as well: what follows the list in memory is zero.
    function testFuzz_oracleOf_knowsNobodyElse(address stranger, uint256 n, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        if (seed % 4 == 0) stranger = address(0);
        OCR1OracleSet set =
            OCR1OracleSetLib.store(bytes16(0), _addresses(n, seed, "signer"), _addresses(n, seed, "transmitter"));
        (bool configured,) = set.oracleOf(stranger);
        assertFalse(configured);
        (, bytes memory oracles) = set.digestAndOracles();
        (configured,) = OCR1OracleSetLib.transmitterOf(oracles, stranger);
        assertFalse(configured);
    }

    function test_store_layout() public {
        address[] memory signers = _addresses(4, 1, "signer");
        address[] memory transmitters = _addresses(4, 1, "transmitter");
        bytes16 digest = bytes16(keccak256("digest"));
        OCR1OracleSet set = OCR1OracleSetLib.store(digest, signers, transmitters);
        assertEq(
            OCR1OracleSet.unwrap(set).code, abi.encodePacked(bytes1(0), digest, _packed(signers), _packed(transmitters))
        );
    }

    /// @dev A digest may start with the byte that creation refuses, or with an instruction: SELFDESTRUCT, INVALID.
    function test_store_takesAnyFirstByteOfTheDigest() public {
        for (uint256 first = 0; first < 256; first++) {
            bytes16 digest = bytes16(bytes1(uint8(first)));
            OCR1OracleSet set =
                OCR1OracleSetLib.store(digest, _addresses(1, 1, "signer"), _addresses(1, 1, "transmitter"));
            assertEq(set.digest(), digest);
            (bool success,) = OCR1OracleSet.unwrap(set).call("");
            assertTrue(success, "the code stops at once");
        }
    }

    function test_emptySet_hasNothing() public view {
        OCR1OracleSet empty = OCR1OracleSet.wrap(address(0));
        assertEq(empty.digest(), bytes16(0));
        assertEq(empty.transmitters().length, 0);
        (bytes16 digest, bytes memory oracles) = empty.digestAndOracles();
        assertEq(digest, bytes16(0));
        assertEq(oracles.length, 0);
        (bool configured,) = empty.oracleOf(address(0));
        assertFalse(configured);
        (configured,) = OCR1OracleSetLib.transmitterOf(oracles, address(0));
        assertFalse(configured);
    }

    function _addresses(uint256 n, uint256 seed, string memory kind) private pure returns (address[] memory list) {
        list = new address[](n);
        for (uint256 i = 0; i < n; i++) {
            list[i] = address(uint160(uint256(keccak256(abi.encode(seed, kind, i)))));
        }
    }

    function _packed(address[] memory list) private pure returns (bytes memory packed) {
        for (uint256 i = 0; i < list.length; i++) {
            packed = abi.encodePacked(packed, list[i]);
        }
    }
}
