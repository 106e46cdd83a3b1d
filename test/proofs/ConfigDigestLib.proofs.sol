// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ConfigDigestLib} from "../../src/libraries/ConfigDigestLib.sol";
import {Proofs} from "./Proofs.sol";

/// @notice A digest is the hash of a layout, and two configurations with the same layout are the same.
/// @dev That nobody finds two layouts with the same 240 bits of hash is what keccak256 is trusted for.
/// Source: contracts-ocr2 4.1, contracts-ocr1 4.1.
contract ConfigDigestLibProofs is Proofs {
    struct Config {
        uint256 chainId;
        address contractAddress;
        uint64 configCount;
        address[] signers;
        address[] transmitters;
        uint8 f;
        bytes onchainConfig;
        uint64 offchainConfigVersion;
        bytes offchainConfig;
    }

    /// @custom:halmos --default-array-lengths 0,1,4 --default-bytes-lengths 0,1,33
    function check_digest_isPrefixAndHashOfTheLayout(Config calldata c) external pure {
        uint256 digest = uint256(digestOf(c));
        assert(digest >> 240 == 1);
        assert(digest << 16 == uint256(keccak256(layoutOf(c))) << 16);
    }

    /// @custom:halmos --default-array-lengths 0,2 --default-bytes-lengths 0,33
    function check_layout_isInjective(Config calldata a, Config calldata b) external pure {
        bytes memory layoutA = layoutOf(a);
        bytes memory layoutB = layoutOf(b);
        if (layoutA.length != layoutB.length) return;
        uint256 same = 1;
        for (uint256 at = 32; at <= layoutA.length; at += 32) {
            same &= isEqual(wordAt(layoutA, at), wordAt(layoutB, at));
        }
        vm.assume(same == 1);

        assert(a.chainId == b.chainId);
        assert(a.contractAddress == b.contractAddress);
        assert(a.configCount == b.configCount);
        assert(areEqual(a.signers, b.signers) == 1);
        assert(areEqual(a.transmitters, b.transmitters) == 1);
        assert(a.f == b.f);
        assert(areEqual(a.onchainConfig, b.onchainConfig) == 1);
        assert(a.offchainConfigVersion == b.offchainConfigVersion);
        assert(areEqual(a.offchainConfig, b.offchainConfig) == 1);
    }

    /// @dev The upper half of the hash, with neither chain nor prefix.
    /// @custom:halmos --default-array-lengths 0,1,4 --default-bytes-lengths 0,1,33
    function check_digestOfOCR1_isHalfTheHashOfItsLayout(Config calldata c) external pure {
        bytes16 digest = ConfigDigestLib.ocr1(
            c.contractAddress, c.configCount, c.signers, c.transmitters, c.f, c.offchainConfigVersion, c.offchainConfig
        );
        bytes memory layout = abi.encode(
            c.contractAddress, c.configCount, c.signers, c.transmitters, c.f, c.offchainConfigVersion, c.offchainConfig
        );
        assert(uint128(digest) == uint256(keccak256(layout)) >> 128);
    }

    // -- Layouts --

    function digestOf(Config calldata c) private pure returns (bytes32) {
        return ConfigDigestLib.ocr2(
            c.chainId,
            c.contractAddress,
            c.configCount,
            c.signers,
            c.transmitters,
            c.f,
            c.onchainConfig,
            c.offchainConfigVersion,
            c.offchainConfig
        );
    }

    function layoutOf(Config calldata c) private pure returns (bytes memory) {
        return abi.encode(
            c.chainId,
            c.contractAddress,
            c.configCount,
            c.signers,
            c.transmitters,
            c.f,
            c.onchainConfig,
            c.offchainConfigVersion,
            c.offchainConfig
        );
    }

    function areEqual(address[] calldata a, address[] calldata b) private pure returns (uint256 yes) {
        if (a.length != b.length) return 0;
        yes = 1;
        for (uint256 i = 0; i < a.length; i++) {
            yes &= isEqual(uint160(a[i]), uint160(b[i]));
        }
    }

    function areEqual(bytes calldata a, bytes calldata b) private pure returns (uint256 yes) {
        if (a.length != b.length) return 0;
        yes = 1;
        for (uint256 i = 0; i < a.length; i++) {
            yes &= isEqual(uint8(a[i]), uint8(b[i]));
        }
    }

    function wordAt(bytes memory data, uint256 at) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(data, at))
        }
    }
}
