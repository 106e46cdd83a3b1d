// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OCR1QuorumLib} from "../../src/libraries/OCR1QuorumLib.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @dev Source: contracts-ocr1 4.4 and 5.4 rows 13 and 14.
contract OCR1QuorumLibTest is RevertAssertions {
    uint256 private constant MAX_ORACLES = 31;
    uint256 private constant FIRST_KEY = 1000;
    bytes32 private constant HASH = keccak256("a report");

    /// @dev Domain: 1 to 31 oracles, any non-empty subset of them, in any order.
    function testFuzz_requireDistinctSigners_acceptsAnySubsetInAnyOrder(uint256 n, uint256 count, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        uint256[] memory oracles = _shuffled(n, bound(count, 1, n), seed);
        assertSucceeds(address(this), address(this), _callDataOf(n, oracles));
    }

    /// @dev Domain: same, and one oracle signs again in the place of another.
    function testFuzz_requireDistinctSigners_refusesDuplicates(uint256 n, uint256 count, uint256 seed) public {
        n = bound(n, 2, MAX_ORACLES);
        count = bound(count, 2, n);
        uint256[] memory oracles = _shuffled(n, count, seed);
        uint256 victim = seed % count;
        oracles[victim] = oracles[(victim + 1 + (seed >> 8) % (count - 1)) % count];
        assertReverts(address(this), address(this), _callDataOf(n, oracles), "non-unique signature");
    }

    /// @dev Domain: same, and one signature is of none of the signers: of nobody, or of who follows them in the list.
    function testFuzz_requireDistinctSigners_refusesStrangers(uint256 n, uint256 count, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        count = bound(count, 1, n);
        uint256[] memory oracles = _shuffled(n, count, seed);
        oracles[seed % count] = n + (seed >> 8) % (n + 1);
        assertReverts(address(this), address(this), _callDataOf(n, oracles), "address not authorized to sign");
    }

    /// @dev Signature by signature, the first fault decides.
    function test_requireDistinctSigners_namesTheFirstFault() public {
        uint256[] memory oracles = new uint256[](3);
        (oracles[0], oracles[1], oracles[2]) = (1, 1, 99);
        assertReverts(address(this), address(this), _callDataOf(4, oracles), "non-unique signature");
        (oracles[0], oracles[1], oracles[2]) = (1, 99, 1);
        assertReverts(address(this), address(this), _callDataOf(4, oracles), "address not authorized to sign");
    }

    /// @dev 27 is added in 8 bits: no id panics, and what recovers to nobody is refused even if nobody is in the list.
    function test_requireDistinctSigners_wrapsRecoveryIds() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(FIRST_KEY, HASH);
        bytes memory signers = abi.encodePacked(vm.addr(FIRST_KEY), address(0));
        for (uint256 id = 0; id < 256; id++) {
            bytes32 rawVs = bytes32(id << 248);
            bytes memory callData =
                abi.encodeCall(this.requireDistinctSigners, (signers, 2, HASH, _single(r), _single(s), rawVs));
            if (id + 27 == v) assertSucceeds(address(this), address(this), callData);
            else assertReverts(address(this), address(this), callData, "address not authorized to sign");
        }
    }

    // -- Calls, as the library reads calldata --

    function requireDistinctSigners(
        bytes memory signers,
        uint256 n,
        bytes32 hash,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external view {
        OCR1QuorumLib.requireDistinctSigners(signers, n, hash, rs, ss, rawVs);
    }

    /// @dev The list goes on after the `n` signers, as transmitters follow them.
    function _callDataOf(uint256 n, uint256[] memory oracles) private view returns (bytes memory) {
        bytes memory packed;
        for (uint256 i = 0; i < 2 * n; i++) {
            packed = abi.encodePacked(packed, vm.addr(FIRST_KEY + i));
        }
        bytes32[] memory rs = new bytes32[](oracles.length);
        bytes32[] memory ss = new bytes32[](oracles.length);
        uint256 rawVs;
        for (uint256 i = 0; i < oracles.length; i++) {
            uint8 v;
            (v, rs[i], ss[i]) = vm.sign(FIRST_KEY + oracles[i], HASH);
            rawVs |= uint256(v - 27) << (8 * (31 - i));
        }
        return abi.encodeCall(this.requireDistinctSigners, (packed, n, HASH, rs, ss, bytes32(rawVs)));
    }

    function _shuffled(uint256 n, uint256 count, uint256 seed) private pure returns (uint256[] memory values) {
        values = new uint256[](n);
        for (uint256 i = 0; i < n; i++) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            values[i] = values[j];
            values[j] = i;
        }
        assembly ("memory-safe") {
            mstore(values, count)
        }
    }

    function _single(bytes32 value) private pure returns (bytes32[] memory values) {
        values = new bytes32[](1);
        values[0] = value;
    }
}
