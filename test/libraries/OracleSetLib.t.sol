// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ErrorsLib} from "../../src/libraries/ErrorsLib.sol";
import {OracleSet, OracleSetLib} from "../../src/libraries/OracleSetLib.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Layout: docs/adr/0002-oracles-in-code.md.
contract OracleSetLibTest is Test {
    uint256 internal constant MAX_ORACLES = 31;
    uint256 internal constant LIST_OFFSET = 1;

    OracleSet internal constant EMPTY = OracleSet.wrap(address(0));

    /// @dev Domain: 1 to 31 oracles, any digest.
    function testFuzz_store_keepsWhatItIsGiven(bytes32 digest, uint256 n, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        address[] memory signers = addresses(n, seed, "signer");
        address[] memory transmitters = addresses(n, seed, "transmitter");
        OracleSet set = OracleSetLib.store(digest, signers, transmitters, EMPTY);

        assertTrue(set.exists(), "it exists");
        assertEq(set.digest(), digest, "digest");
        assertEq(set.transmitters(), transmitters, "transmitters");
        (bytes32 loadedDigest, bytes memory loadedSigners) = set.digestAndSigners();
        assertEq(loadedDigest, digest, "digest beside the signers");
        assertEq(loadedSigners, packed(signers), "signers");
        for (uint256 i = 0; i < n; ++i) {
            assertEq(OracleSetLib.at(loadedSigners, i), signers[i], "signer by index");
        }
    }

    /// @dev What is allocated next must not lie on the signers.
    function testFuzz_digestAndSigners_reservesItsMemory(uint256 n, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        address[] memory signers = addresses(n, seed, "signer");
        OracleSet set = OracleSetLib.store(bytes32(seed), signers, addresses(n, seed, "transmitter"), EMPTY);
        (, bytes memory loadedSigners) = set.digestAndSigners();
        bytes memory next = new bytes(64);
        for (uint256 i = 0; i < next.length; ++i) {
            next[i] = 0xff;
        }
        assertEq(loadedSigners, packed(signers));
    }

    function test_store_layout() public {
        address[] memory signers = addresses(4, 1, "signer");
        address[] memory transmitters = addresses(4, 1, "transmitter");
        bytes32 digest = keccak256("digest");
        OracleSet set = OracleSetLib.store(digest, signers, transmitters, EMPTY);
        address list = listOf(set);
        assertEq(OracleSet.unwrap(set).code, abi.encodePacked(bytes1(0), list, digest, packed(signers)), "set");
        assertEq(list.code, abi.encodePacked(bytes1(0), packed(transmitters)), "transmitter list");
    }

    /// @dev A digest may start with the byte that creation refuses, or with an instruction: SELFDESTRUCT, INVALID.
    function test_store_takesAnyFirstByteOfTheDigest() public {
        for (uint256 first = 0; first < 256; ++first) {
            bytes32 digest = bytes32(first << 248);
            OracleSet set = OracleSetLib.store(digest, addresses(1, 1, "signer"), addresses(1, 1, "t"), EMPTY);
            assertEq(set.digest(), digest);
            (bool success, bytes memory answer) = OracleSet.unwrap(set).call("");
            assertTrue(success && answer.length == 0, "calling it does nothing");
            assertEq(set.digest(), digest, "after the call");
        }
    }

    function test_store_keepsTheListOfTheSameTransmitters() public {
        address[] memory transmitters = addresses(7, 1, "transmitter");
        OracleSet first = OracleSetLib.store("first", addresses(7, 1, "signer"), transmitters, EMPTY);
        OracleSet second = OracleSetLib.store("second", addresses(7, 2, "signer"), transmitters, first);
        assertNotEq(OracleSet.unwrap(second), OracleSet.unwrap(first), "a set of its own");
        assertEq(listOf(second), listOf(first), "one list");
        assertEq(second.transmitters(), transmitters);
    }

    function test_store_writesAListForOtherTransmitters() public {
        address[] memory transmitters = addresses(7, 1, "transmitter");
        OracleSet first = OracleSetLib.store("first", addresses(7, 1, "signer"), transmitters, EMPTY);
        (transmitters[0], transmitters[6]) = (transmitters[6], transmitters[0]);
        OracleSet second = OracleSetLib.store("second", addresses(7, 1, "signer"), transmitters, first);
        assertNotEq(listOf(second), listOf(first), "order counts");
        assertEq(second.transmitters(), transmitters);
        OracleSet third = OracleSetLib.store("third", addresses(6, 1, "signer"), addresses(6, 1, "transmitter"), second);
        assertEq(third.transmitters(), addresses(6, 1, "transmitter"), "fewer");
    }

    /// @dev Whatever gas there is: the set is stored whole, or nothing is, and the caller hears why if there is gas to say.
    function test_store_revertsIf_gasRunsOut() public {
        uint256 told = 0;
        bool stored = false;
        for (uint256 gas = 100_000; !stored; gas += 5_000) {
            bytes memory returned;
            (stored, returned) = address(this).call{gas: gas}(abi.encodeCall(this.storeMany, ()));
            if (stored || returned.length == 0) continue;
            assertEq(returned, abi.encodeWithSignature("Error(string)", ErrorsLib.ORACLE_SET_NOT_STORED));
            told++;
        }
        assertGt(told, 0);
    }

    function test_emptySet_hasNothing() public view {
        assertFalse(EMPTY.exists());
        assertEq(EMPTY.digest(), bytes32(0));
        assertEq(EMPTY.transmitters().length, 0);
    }

    // -- Helpers --

    function storeMany() external {
        OracleSetLib.store(
            "digest", addresses(MAX_ORACLES, 1, "signer"), addresses(MAX_ORACLES, 1, "transmitter"), EMPTY
        );
    }

    function addresses(uint256 n, uint256 seed, string memory kind) internal pure returns (address[] memory list) {
        list = new address[](n);
        for (uint256 i = 0; i < n; ++i) {
            list[i] = address(uint160(uint256(keccak256(abi.encode(kind, seed, i)))));
        }
    }

    function packed(address[] memory list) internal pure returns (bytes memory bytes_) {
        for (uint256 i = 0; i < list.length; ++i) {
            bytes_ = abi.encodePacked(bytes_, list[i]);
        }
    }

    function listOf(OracleSet set) internal view returns (address list) {
        bytes memory code = OracleSet.unwrap(set).code;
        assembly ("memory-safe") {
            list := shr(96, mload(add(add(code, 32), LIST_OFFSET)))
        }
    }
}
