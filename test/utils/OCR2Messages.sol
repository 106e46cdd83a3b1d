// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOCR2Aggregator} from "../../src/interfaces/IOCR2Aggregator.sol";

/// @notice The arguments of `setConfig`.
struct Config {
    address[] signers;
    address[] transmitters;
    uint8 f;
    bytes onchainConfig;
    uint64 offchainConfigVersion;
    bytes offchainConfig;
}

/// @notice What the oracles sign, decoded.
struct Report {
    uint32 observationsTimestamp;
    bytes32 observers;
    int192[] observations;
    int192 juelsPerFeeCoin;
}

/// @notice The arguments of `transmit`.
struct Transmission {
    bytes32[3] reportContext;
    bytes report;
    bytes32[] rs;
    bytes32[] ss;
    bytes32 rawVs;
}

/// @notice Every byte format of an OCR2 aggregator, written from the specification and not from `src/`.
/// @dev Source: contracts-ocr2 4.
library OCR2Messages {
    /// @dev Digests of EVM contracts start with 0x0001.
    uint256 private constant DIGEST_PREFIX = uint256(0x0001) << 240;

    function configDigest(uint256 chainId, address contractAddress, uint64 configCount, Config memory config)
        internal
        pure
        returns (bytes32)
    {
        bytes32 hash = keccak256(
            abi.encode(
                chainId,
                contractAddress,
                configCount,
                config.signers,
                config.transmitters,
                config.f,
                config.onchainConfig,
                config.offchainConfigVersion,
                config.offchainConfig
            )
        );
        return bytes32(DIGEST_PREFIX | (uint256(hash) & (type(uint256).max >> 16)));
    }

    function onchainConfig(int192 minAnswer, int192 maxAnswer) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), minAnswer, maxAnswer);
    }

    function reportContext(bytes32 digest, uint32 epoch, uint8 round, bytes32 extraHash)
        internal
        pure
        returns (bytes32[3] memory)
    {
        return [digest, bytes32((uint256(epoch) << 8) | round), extraHash];
    }

    function encode(Report memory report) internal pure returns (bytes memory) {
        return abi.encode(report.observationsTimestamp, report.observers, report.observations, report.juelsPerFeeCoin);
    }

    function signedHash(bytes memory report, bytes32[3] memory context) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(report), context[0], context[1], context[2]));
    }

    function encodeCall(Config memory config) internal pure returns (bytes memory) {
        return abi.encodeCall(
            IOCR2Aggregator.setConfig,
            (
                config.signers,
                config.transmitters,
                config.f,
                config.onchainConfig,
                config.offchainConfigVersion,
                config.offchainConfig
            )
        );
    }

    function encodeCall(Transmission memory t) internal pure returns (bytes memory) {
        return abi.encodeCall(IOCR2Aggregator.transmit, (t.reportContext, t.report, t.rs, t.ss, t.rawVs));
    }

    /// @dev Same arguments, the report last and not padded: of a report whose length is not a multiple of 32, this is the
    /// encoding that has the length the contract expects.
    function encodeCallUnpadded(Transmission memory t) internal pure returns (bytes memory) {
        uint256 rsOffset = (3 + 4) * 32;
        uint256 ssOffset = rsOffset + 32 + 32 * t.rs.length;
        uint256 reportOffset = ssOffset + 32 + 32 * t.ss.length;
        return bytes.concat(
            IOCR2Aggregator.transmit.selector,
            abi.encodePacked(t.reportContext),
            abi.encode(reportOffset, rsOffset, ssOffset, t.rawVs),
            abi.encodePacked(t.rs.length, t.rs, t.ss.length, t.ss, t.report.length, t.report)
        );
    }

    /// @dev The element that the contract takes as the median: sorting is the oracles' business.
    function middle(int192[] memory observations) internal pure returns (int192) {
        return observations[observations.length / 2];
    }
}
