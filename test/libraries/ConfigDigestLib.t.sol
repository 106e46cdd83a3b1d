// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";

import {ConfigDigestLib} from "../../src/libraries/ConfigDigestLib.sol";
import {Config, OCR2Messages} from "../utils/OCR2Messages.sol";

/// @dev The vector is in `test/vectors`. Source: contracts-ocr2 4.1, contracts-ocr1 4.1 and 12.
contract ConfigDigestLibTest is Test {
    function testFuzz_ocr2(uint256 chainId, address contractAddress, uint64 count, Config memory config) public pure {
        bytes32 digest = digestOf(chainId, contractAddress, count, config);
        assertEq(digest, OCR2Messages.configDigest(chainId, contractAddress, count, config));
        assertEq(uint256(digest) >> 240, 0x0001);
    }

    /// @dev Each argument counts.
    function testFuzz_ocr2_dependsOnEveryArgument(Config memory config, uint64 count, address contractAddress)
        public
        pure
    {
        vm.assume(count < type(uint64).max && config.f < 255 && config.offchainConfigVersion < type(uint64).max);
        bytes32 digest = digestOf(1, contractAddress, count, config);

        assertNotEq(digestOf(2, contractAddress, count, config), digest);
        assertNotEq(digestOf(1, address(uint160(contractAddress) ^ 1), count, config), digest);
        assertNotEq(digestOf(1, contractAddress, count + 1, config), digest);
        config.f++;
        assertNotEq(digestOf(1, contractAddress, count, config), digest);
        config.f--;
        config.offchainConfigVersion++;
        assertNotEq(digestOf(1, contractAddress, count, config), digest);
        config.offchainConfigVersion--;
        config.onchainConfig = bytes.concat(config.onchainConfig, hex"00");
        assertNotEq(digestOf(1, contractAddress, count, config), digest);
        config.offchainConfig = bytes.concat(config.offchainConfig, hex"00");
        bytes32 both = digestOf(1, contractAddress, count, config);
        assertNotEq(both, digest);
        if (config.signers.length == 0) return;
        config.signers[0] = address(uint160(config.signers[0]) ^ 1);
        assertNotEq(digestOf(1, contractAddress, count, config), both);
    }

    /// @dev Signers are not transmitters, and no address moves from the end of one list to the start of the other.
    function test_ocr2_keepsListsApart() public pure {
        Config memory config;
        config.signers = new address[](2);
        (config.signers[0], config.signers[1]) = (address(1), address(2));
        config.transmitters = new address[](1);
        config.transmitters[0] = address(3);
        bytes32 digest = digestOf(1, address(9), 1, config);

        config.signers = new address[](1);
        config.signers[0] = address(1);
        config.transmitters = new address[](2);
        (config.transmitters[0], config.transmitters[1]) = (address(2), address(3));
        assertNotEq(digestOf(1, address(9), 1, config), digest);
    }

    function digestOf(uint256 chainId, address contractAddress, uint64 count, Config memory config)
        private
        pure
        returns (bytes32)
    {
        return ConfigDigestLib.ocr2(
            chainId,
            contractAddress,
            count,
            config.signers,
            config.transmitters,
            config.f,
            config.onchainConfig,
            config.offchainConfigVersion,
            config.offchainConfig
        );
    }

    // -- OCR1 --

    function test_ocr1_vector() public pure {
        assertEq(ocr1Digest(7, sequence(0x11), sequence(0x21), 1, hex"abcd"), hex"a732e031eeb11c391edf46d11d3df835");
    }

    function test_ocr1_dependsOnEveryArgument() public pure {
        bytes16 digest = ocr1Digest(7, sequence(0x11), sequence(0x21), 1, hex"abcd");
        assertNotEq(ocr1Digest(8, sequence(0x11), sequence(0x21), 1, hex"abcd"), digest, "count");
        assertNotEq(ocr1Digest(7, sequence(0x12), sequence(0x21), 1, hex"abcd"), digest, "signers");
        assertNotEq(ocr1Digest(7, sequence(0x11), sequence(0x22), 1, hex"abcd"), digest, "transmitters");
        assertNotEq(ocr1Digest(7, sequence(0x21), sequence(0x11), 1, hex"abcd"), digest, "which list is which");
        assertNotEq(ocr1Digest(7, sequence(0x11), sequence(0x21), 2, hex"abcd"), digest, "threshold");
        assertNotEq(ocr1Digest(7, sequence(0x11), sequence(0x21), 1, hex"ab"), digest, "encoded");
    }

    function ocr1Digest(
        uint64 count,
        address[] memory signers,
        address[] memory transmitters,
        uint8 threshold,
        bytes memory encoded
    ) private pure returns (bytes16) {
        return ConfigDigestLib.ocr1(repeated(0xc0), count, signers, transmitters, threshold, 2, encoded);
    }

    /// @dev Four addresses of one byte each, counting from `first`.
    function sequence(uint256 first) private pure returns (address[] memory list) {
        list = new address[](4);
        for (uint256 i = 0; i < 4; i++) {
            list[i] = repeated(first + i);
        }
    }

    function repeated(uint256 octet) private pure returns (address) {
        return address(uint160(octet * (type(uint160).max / 0xff)));
    }
}
