// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {ConfigDigestLib} from "../libraries/ConfigDigestLib.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OracleSet, OracleSetLib} from "../libraries/OracleSetLib.sol";
import {EpochAndRound} from "../types/EpochAndRound.sol";
import {OCR2Billing} from "./OCR2Billing.sol";

/// @title Who the oracles are
abstract contract OCR2Configuration is OCR2Billing {
    uint8 private constant ONCHAIN_CONFIG_VERSION = 1;

    /// @dev 1 in each of the eight 32-bit fields of a word.
    uint256 private constant EIGHT_ONES = type(uint256).max / type(uint32).max;

    /// @inheritdoc IOCR2Aggregator
    /// @dev Arguments are taken to memory: a malformed one reverts before any guard, as in the original.
    function setConfig(
        address[] memory signers,
        address[] memory transmitters,
        uint8 f,
        bytes memory onchainConfig,
        uint64 offchainConfigVersion,
        bytes memory offchainConfig
    ) external override onlyOwner {
        if (signers.length > MAX_ORACLES) revert(ErrorsLib.TOO_MANY_ORACLES);
        if (signers.length != transmitters.length) revert(ErrorsLib.ORACLE_LENGTH_MISMATCH);
        // In 8 bits: 3f of 86 and more panics.
        if (3 * f >= signers.length) revert(ErrorsLib.F_TOO_HIGH);
        _requirePositiveF(f);
        if (keccak256(onchainConfig) != keccak256(abi.encodePacked(ONCHAIN_CONFIG_VERSION, minAnswer, maxAnswer))) {
            revert(ErrorsLib.INVALID_ONCHAIN_CONFIG);
        }

        // The old set, while it still is in force.
        _payOracles();

        ConfigInfo memory previous = _configInfo;
        uint32 configCount = previous.count + 1;
        bytes32 configDigest = ConfigDigestLib.ocr2(
            block.chainid,
            address(this),
            configCount,
            signers,
            transmitters,
            f,
            onchainConfig,
            offchainConfigVersion,
            offchainConfig
        );
        OracleSet oracleSet = OracleSetLib.store(configDigest, signers, transmitters, previous.oracleSet);
        _replaceOracles(previous.oracleSet, oracleSet, signers, transmitters);
        // After the payout: a token that calls back meets the old configuration, whole.
        _hotVars.f = f;
        _hotVars.latestEpochAndRound = EpochAndRound.wrap(0);
        // Cut to 32 bits: far away on every chain, and only a hint where to look for the event.
        _configInfo = ConfigInfo({count: configCount, blockNumber: uint32(block.number), oracleSet: oracleSet});
        emit ConfigSet(
            previous.blockNumber,
            configDigest,
            configCount,
            signers,
            transmitters,
            f,
            onchainConfig,
            offchainConfigVersion,
            offchainConfig
        );
    }

    /// @inheritdoc IOCR2Aggregator
    function latestConfigDetails()
        external
        view
        override
        returns (uint32 configCount, uint32 blockNumber, bytes32 configDigest)
    {
        ConfigInfo memory info = _configInfo;
        return (info.count, info.blockNumber, info.oracleSet.digest());
    }

    /// @inheritdoc IOCR2Aggregator
    function getTransmitters() external view override returns (address[] memory) {
        return _configInfo.oracleSet.transmitters();
    }

    /// @dev For a derived contract that can do without faulty oracles.
    function _requirePositiveF(uint256 f) internal pure virtual {
        if (f == 0) revert(ErrorsLib.F_NOT_POSITIVE);
    }

    /// @dev Clears the words of the old transmitters, writes those of the new ones and starts their rewards. Nothing is
    /// owed at this point.
    function _replaceOracles(
        OracleSet oldSet,
        OracleSet newSet,
        address[] memory signers,
        address[] memory transmitters
    ) private {
        address[] memory oldTransmitters = oldSet.transmitters();
        for (uint256 i = 0; i < oldTransmitters.length; ++i) {
            delete _transmitters[oldTransmitters[i]];
        }
        // Last bytes seen: most signers differ in theirs, which spares the search.
        uint256 seenLastBytes = 0;
        for (uint256 i = 0; i < transmitters.length; ++i) {
            address signer = signers[i];
            uint256 lastByte = 1 << (uint160(signer) & 0xff);
            if (signer == address(0)) revert(ErrorsLib.ZERO_SIGNER);
            if (seenLastBytes & lastByte != 0 && _isAmongFirst(signers, i, signer)) {
                revert(ErrorsLib.REPEATED_SIGNER);
            }
            seenLastBytes |= lastByte;

            address transmitter = transmitters[i];
            if (transmitter == address(0)) revert(ErrorsLib.ZERO_TRANSMITTER);
            Transmitter storage account = _transmitters[transmitter];
            if (account.oracleSet.exists()) revert(ErrorsLib.REPEATED_TRANSMITTER);
            account.paymentJuels = 0;
            account.oracleSet = newSet;
        }
        _restartRewards();
    }

    /// @dev Lets every reward start after the latest round: each of the eight ids in each of the four words.
    function _restartRewards() private {
        uint256 word = uint256(_hotVars.latestAggregatorRoundId) * EIGHT_ONES;
        assembly ("memory-safe") {
            for { let i := 0 } lt(i, 4) { i := add(i, 1) } { sstore(add(_rewardFromRoundId.slot, i), word) }
        }
    }

    /// @dev Whether `account` is one of the first `count` of `list`.
    function _isAmongFirst(address[] memory list, uint256 count, address account) private pure returns (bool found) {
        assembly ("memory-safe") {
            let at := add(list, 32)
            for { let end := add(at, shl(5, count)) } lt(at, end) { at := add(at, 32) } {
                // The upper 96 bits do not count.
                found := or(found, iszero(shl(96, xor(mload(at), account))))
            }
        }
    }
}
