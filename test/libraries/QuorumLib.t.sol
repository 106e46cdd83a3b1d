// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {QuorumLib} from "../../src/libraries/QuorumLib.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @dev Source: contracts-ocr2 4.5 and 5.3 rows 7 and 8.
contract QuorumLibTest is RevertAssertions {
    uint256 internal constant MAX_ORACLES = 31;
    uint256 internal constant FIRST_KEY = 1000;
    bytes32 internal constant HASH = keccak256("a report");

    /// @dev Domain: 1 to 31 oracles, any non-empty subset of them, in any order.
    function testFuzz_requireDistinctSigners_acceptsAnySubsetInAnyOrder(uint256 n, uint256 count, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        count = bound(count, 1, n);
        uint256[] memory oracles = shuffled(n, seed);
        assembly ("memory-safe") {
            mstore(oracles, count)
        }
        assertSucceeds(address(this), address(this), callDataOf(n, oracles));
    }

    /// @dev Domain: same, and one oracle signs again in the place of another.
    function testFuzz_requireDistinctSigners_refusesDuplicates(uint256 n, uint256 count, uint256 seed) public {
        n = bound(n, 2, MAX_ORACLES);
        count = bound(count, 2, n);
        uint256[] memory oracles = shuffled(n, seed);
        assembly ("memory-safe") {
            mstore(oracles, count)
        }
        uint256 victim = uint256(keccak256(abi.encode(seed, "victim"))) % count;
        uint256 twin = (victim + 1 + uint256(keccak256(abi.encode(seed, "twin"))) % (count - 1)) % count;
        oracles[victim] = oracles[twin];
        assertReverts(address(this), address(this), callDataOf(n, oracles), "duplicate signer");
    }

    /// @dev Domain: same, and one signature is of none of the oracles.
    function testFuzz_requireDistinctSigners_refusesStrangers(uint256 n, uint256 count, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        count = bound(count, 1, n);
        uint256[] memory oracles = shuffled(n, seed);
        assembly ("memory-safe") {
            mstore(oracles, count)
        }
        oracles[uint256(keccak256(abi.encode(seed, "victim"))) % count] = n;
        assertReverts(address(this), address(this), callDataOf(n, oracles), "signature error");
    }

    function test_requireDistinctSigners_refusesASignatureOfAnotherHash() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(FIRST_KEY, keccak256("another report"));
        bytes memory callData = abi.encodeCall(
            this.requireDistinctSigners, (packedSigners(4), HASH, single(r), single(s), bytes32(bytes1(v - 27)))
        );
        assertReverts(address(this), address(this), callData, "signature error");
    }

    /// @dev Whatever follows the list in memory, the zero address is nobody.
    function test_requireDistinctSigners_refusesTheZeroSigner() public {
        bytes memory signers = abi.encodePacked(address(0), vm.addr(FIRST_KEY));
        bytes memory callData =
            abi.encodeCall(this.requireDistinctSigners, (signers, HASH, single(0), single(0), bytes32(0)));
        assertReverts(address(this), address(this), callData, "signature error");
    }

    /// @dev A signature error anywhere comes before a duplicate anywhere.
    function test_requireDistinctSigners_namesTheErrorFirst() public {
        uint256[] memory oracles = new uint256[](3);
        (oracles[0], oracles[1], oracles[2]) = (1, 1, 9);
        assertReverts(address(this), address(this), callDataOf(4, oracles), "signature error");
        oracles[2] = 0;
        assertReverts(address(this), address(this), callDataOf(4, oracles), "duplicate signer");
    }

    function test_requireDistinctSigners_acceptsNone() public {
        assertSucceeds(address(this), address(this), callDataOf(4, new uint256[](0)));
    }

    // -- Calls, as the library reads calldata --

    function requireDistinctSigners(
        bytes memory signers,
        bytes32 hash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        QuorumLib.requireDistinctSigners(signers, hash, rs, ss, rawVs);
    }

    function callDataOf(uint256 n, uint256[] memory oracles) private view returns (bytes memory) {
        bytes32[] memory rs = new bytes32[](oracles.length);
        bytes32[] memory ss = new bytes32[](oracles.length);
        uint256 rawVs;
        for (uint256 i = 0; i < oracles.length; i++) {
            uint8 v;
            (v, rs[i], ss[i]) = vm.sign(FIRST_KEY + oracles[i], HASH);
            rawVs |= uint256(v - 27) << (8 * (31 - i));
        }
        return abi.encodeCall(this.requireDistinctSigners, (packedSigners(n), HASH, rs, ss, bytes32(rawVs)));
    }

    function packedSigners(uint256 n) private pure returns (bytes memory packed) {
        for (uint256 i = 0; i < n; i++) {
            packed = abi.encodePacked(packed, vm.addr(FIRST_KEY + i));
        }
    }

    function shuffled(uint256 n, uint256 seed) private pure returns (uint256[] memory values) {
        values = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            values[i] = values[j];
            values[j] = i;
        }
    }

    function single(bytes32 value) private pure returns (bytes32[] memory values) {
        values = new bytes32[](1);
        values[0] = value;
    }
}
