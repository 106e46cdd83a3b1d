// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IOffchainAggregator} from "../../src/interfaces/IOffchainAggregator.sol";

/// @notice The arguments of `setConfig`.
struct Config {
    address[] signers;
    address[] transmitters;
    uint8 threshold;
    uint64 encodedConfigVersion;
    bytes encoded;
}

/// @notice What the oracles sign, decoded.
struct Report {
    bytes32 context;
    bytes32 observers;
    int192[] observations;
}

/// @notice The arguments of `transmit`.
struct Transmission {
    bytes report;
    bytes32[] rs;
    bytes32[] ss;
    bytes32 rawVs;
}

/// @notice Every byte format of an OCR1 aggregator, written from the specification and not from `src/`.
/// @dev Source: contracts-ocr1 4.
library OCR1Messages {
    function configDigest(address contractAddress, uint64 configCount, Config memory config)
        internal
        pure
        returns (bytes16)
    {
        return bytes16(
            keccak256(
                abi.encode(
                    contractAddress,
                    configCount,
                    config.signers,
                    config.transmitters,
                    config.threshold,
                    config.encodedConfigVersion,
                    config.encoded
                )
            )
        );
    }

    function reportContext(bytes16 digest, uint32 epoch, uint8 round) internal pure returns (bytes32) {
        return bytes32(abi.encodePacked(bytes11(0), digest, epoch, round));
    }

    function encode(Report memory report) internal pure returns (bytes memory) {
        return abi.encode(report.context, report.observers, report.observations);
    }

    function encodeCall(Config memory config) internal pure returns (bytes memory) {
        return abi.encodeCall(
            IOffchainAggregator.setConfig,
            (config.signers, config.transmitters, config.threshold, config.encodedConfigVersion, config.encoded)
        );
    }

    function encodeCall(Transmission memory t) internal pure returns (bytes memory) {
        return abi.encodeCall(IOffchainAggregator.transmit, (t.report, t.rs, t.ss, t.rawVs));
    }

    /// @dev Same arguments, the report last and not padded: of a report whose length is not a multiple of 32, this is the
    /// encoding that has the length the contract expects.
    function encodeCallUnpadded(Transmission memory t) internal pure returns (bytes memory) {
        uint256 rsOffset = 4 * 32;
        uint256 ssOffset = rsOffset + 32 + 32 * t.rs.length;
        uint256 reportOffset = ssOffset + 32 + 32 * t.ss.length;
        return bytes.concat(
            IOffchainAggregator.transmit.selector,
            abi.encode(reportOffset, rsOffset, ssOffset, t.rawVs),
            abi.encodePacked(t.rs.length, t.rs, t.ss.length, t.ss, t.report.length, t.report)
        );
    }
}
