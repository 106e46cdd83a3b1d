// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OracleSet, OracleSetLib} from "../../src/libraries/OracleSetLib.sol";
import {RevertAssertions} from "../utils/RevertAssertions.sol";

/// @dev How the code of an oracle set is written and read: docs/adr/0002.
contract OracleSetLibTest is RevertAssertions {
    uint256 internal constant MAX_ORACLES = 31;
    OracleSet internal constant EMPTY = OracleSet.wrap(address(0));

    /// @dev Domain: 1 to 31 oracles of any address, any digest, also one that starts with 0xEF or an instruction.
    function testFuzz_store_isReadBack(bytes32 digest, uint256 n, uint256 seed) public {
        n = bound(n, 1, MAX_ORACLES);
        address[] memory signers = addresses(n, seed);
        address[] memory transmitters = addresses(n, ~seed);
        OracleSet set = OracleSetLib.store(digest, signers, transmitters, EMPTY);

        assertTrue(set.exists());
        assertHolds(set, digest, signers, transmitters);
    }

    function test_store_acceptsDigestsThatAreNoCode() public {
        address[] memory oracles = addresses(4, 1);
        bytes1[4] memory firstBytes = [bytes1(0xef), 0xff, 0xfe, 0x00];
        for (uint256 i = 0; i < firstBytes.length; i++) {
            bytes32 digest = bytes32(firstBytes[i]);
            assertHolds(OracleSetLib.store(digest, oracles, oracles, EMPTY), digest, oracles, oracles);
        }
    }

    /// @dev Domain: all sizes. A neighbour of the list in memory must not leak into the code.
    function test_store_everySize() public {
        for (uint256 n = 1; n <= MAX_ORACLES; n++) {
            address[] memory signers = addresses(n, n);
            address[] memory transmitters = addresses(n, 1000 + n);
            bytes32 digest = keccak256(abi.encode(n));
            assertHolds(OracleSetLib.store(digest, signers, transmitters, EMPTY), digest, signers, transmitters);
        }
    }

    function test_store_sharesTheListOfTheSameTransmitters() public {
        address[] memory transmitters = addresses(7, 1);
        OracleSet first = OracleSetLib.store(bytes32(uint256(1)), addresses(7, 2), transmitters, EMPTY);
        uint64 nonce = vm.getNonce(address(this));
        OracleSet second = OracleSetLib.store(bytes32(uint256(2)), addresses(7, 3), transmitters, first);
        assertEq(vm.getNonce(address(this)) - nonce, 1, "one account for the signers, none for the list");
        assertHolds(first, bytes32(uint256(1)), addresses(7, 2), transmitters);
        assertHolds(second, bytes32(uint256(2)), addresses(7, 3), transmitters);
    }

    function test_store_sharesNothingElse() public {
        address[] memory transmitters = addresses(7, 1);
        OracleSet previous = OracleSetLib.store(0, addresses(7, 2), transmitters, EMPTY);
        address[][3] memory others = [addresses(7, 9), addresses(6, 1), addresses(8, 1)];
        for (uint256 i = 0; i < others.length; i++) {
            address[] memory signers = addresses(others[i].length, 3);
            assertHolds(OracleSetLib.store(0, signers, others[i], previous), 0, signers, others[i]);
        }
    }

    /// @dev Nothing of it can be executed, destroyed or sent anything.
    function test_store_leavesCodeThatStops() public {
        OracleSet set = OracleSetLib.store(bytes32(type(uint256).max), addresses(31, 1), addresses(31, 2), EMPTY);
        assertEq(uint8(OracleSet.unwrap(set).code[0]), 0);
        (bool success, bytes memory returned) = OracleSet.unwrap(set).call(hex"b1dc65a4");
        assertTrue(success);
        assertEq(returned.length, 0);
    }

    /// @dev With too little gas for the accounts, there is a revert and never half a set.
    function test_store_revertsIf_gasIsShort() public {
        address[] memory oracles = addresses(31, 1);
        bytes memory callData = abi.encodeCall(this.store, (bytes32(uint256(7)), oracles, oracles));
        bool refused;
        bool succeeded;
        for (uint256 gas = 20_000; gas < 700_000; gas += 1_000) {
            (bool success, bytes memory returned) = address(this).call{gas: gas}(callData);
            if (success) {
                assertHolds(abi.decode(returned, (OracleSet)), bytes32(uint256(7)), oracles, oracles);
                succeeded = true;
            } else if (returned.length > 0) {
                assertEq(returned, abi.encodeWithSignature("Error(string)", "oracle set not stored"));
                refused = true;
            }
        }
        assertTrue(refused && succeeded);
    }

    function test_empty_hasNothing() public view {
        assertFalse(EMPTY.exists());
        assertEq(EMPTY.digest(), 0);
        assertEq(EMPTY.transmitters().length, 0);
    }

    function store(bytes32 digest, address[] memory signers, address[] memory transmitters)
        external
        returns (OracleSet)
    {
        return OracleSetLib.store(digest, signers, transmitters, EMPTY);
    }

    function assertHolds(OracleSet set, bytes32 digest, address[] memory signers, address[] memory transmitters)
        private
        view
    {
        assertEq(set.digest(), digest);
        assertEq(set.transmitters(), transmitters);
        (bytes32 digest_, bytes memory packed) = set.digestAndSigners();
        assertEq(digest_, digest);
        assertEq(packed.length, 20 * signers.length);
        for (uint256 i = 0; i < signers.length; i++) {
            assertEq(OracleSetLib.at(packed, i), signers[i]);
        }
    }

    function addresses(uint256 n, uint256 seed) private pure returns (address[] memory list) {
        list = new address[](n);
        for (uint256 i = 0; i < n; i++) {
            list[i] = address(uint160(uint256(keccak256(abi.encode(seed, i)))));
        }
    }
}
