// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {ConfigDigestLib} from "../libraries/ConfigDigestLib.sol";
import {ErrorsLib} from "../libraries/ErrorsLib.sol";
import {OCR1OracleSetLib} from "../libraries/OCR1OracleSetLib.sol";
import {EpochAndRound} from "../types/EpochAndRound.sol";
import {OffchainAggregatorBilling} from "./OffchainAggregatorBilling.sol";

/// @title Who the oracles are
abstract contract OffchainAggregatorConfiguration is OffchainAggregatorBilling {
    /// @inheritdoc IOffchainAggregator
    /// @dev Arguments are taken to memory: a malformed one reverts before any guard.
    function setConfig(
        address[] memory _signers,
        address[] memory _transmitters,
        uint8 _threshold,
        uint64 _encodedConfigVersion,
        bytes memory _encoded
    ) external override {
        if (_signers.length > MAX_ORACLES) revert(ErrorsLib.TOO_MANY_SIGNERS);
        if (_threshold == 0) revert(ErrorsLib.THRESHOLD_NOT_POSITIVE);
        if (_signers.length != _transmitters.length) revert(ErrorsLib.ORACLES_OUT_OF_REGISTRATION);
        if (_signers.length <= 3 * uint256(_threshold)) revert(ErrorsLib.THRESHOLD_TOO_HIGH);
        // Last: bad arguments are told to anyone.
        _requireOwner();

        _payOraclesBackwards();
        _requireDistinctOracles(_signers, _transmitters);

        ConfigInfo memory previous = _configInfo;
        uint32 configCount;
        // Counts modulo 2^32.
        unchecked {
            configCount = previous.count + 1;
        }
        bytes16 configDigest = ConfigDigestLib.ocr1(
            address(this), configCount, _signers, _transmitters, _threshold, _encodedConfigVersion, _encoded
        );
        // Field by field: it may be the validator that calls this, while `transmit` waits for it.
        HotVars storage hotVars = _hotVars;
        hotVars.oracleSet = OCR1OracleSetLib.store(configDigest, _signers, _transmitters);
        hotVars.threshold = _threshold;
        hotVars.latestEpochAndRound = EpochAndRound.wrap(0);
        // Cut to 32 bits: far away on every chain, and only a hint where to look for the event.
        _configInfo = ConfigInfo({count: configCount, blockNumber: uint32(block.number)});
        emit ConfigSet(
            previous.blockNumber, configCount, _signers, _transmitters, _threshold, _encodedConfigVersion, _encoded
        );
    }

    /// @inheritdoc IOffchainAggregator
    function latestConfigDetails()
        external
        view
        override
        returns (uint32 configCount, uint32 blockNumber, bytes16 configDigest)
    {
        ConfigInfo memory info = _configInfo;
        return (info.count, info.blockNumber, _hotVars.oracleSet.digest());
    }

    /// @inheritdoc IOffchainAggregator
    function transmitters() external view override returns (address[] memory) {
        return _hotVars.oracleSet.transmitters();
    }

    /// @dev Pays every oracle of the old set what it is owed, in the order of the original: the last one first.
    function _payOraclesBackwards() private {
        address[] memory oracles = _hotVars.oracleSet.transmitters();
        for (uint256 i = oracles.length; i > 0; --i) {
            _payOracle(oracles[i - 1], i - 1);
        }
    }

    /// @dev Reverts at the first oracle whose signer or transmitter is zero or known, or whose transmitter has no payee.
    function _requireDistinctOracles(address[] memory signers, address[] memory oracleTransmitters) private view {
        // Last bytes seen: most addresses differ in theirs, which spares the search.
        uint256 seen = 0;
        for (uint256 i = 0; i < signers.length; ++i) {
            address signer = signers[i];
            if (signer == address(0)) revert(ErrorsLib.ZERO_SIGNER);
            uint256 lastByte = 1 << (uint160(signer) & 0xff);
            if (seen & lastByte != 0) {
                if (_isAmongFirst(signers, i, signer) || _isAmongFirst(oracleTransmitters, i, signer)) {
                    revert(ErrorsLib.REPEATED_SIGNER);
                }
            }
            seen |= lastByte;

            address transmitter = oracleTransmitters[i];
            if (_payeeOf[transmitter] == address(0)) revert(ErrorsLib.PAYEE_NOT_SET);
            if (transmitter == address(0)) revert(ErrorsLib.ZERO_TRANSMITTER);
            lastByte = 1 << (uint160(transmitter) & 0xff);
            if (seen & lastByte != 0) {
                // One of the signers up to its own, or one of the transmitters before.
                if (_isAmongFirst(signers, i + 1, transmitter) || _isAmongFirst(oracleTransmitters, i, transmitter)) {
                    revert(ErrorsLib.REPEATED_TRANSMITTER);
                }
            }
            seen |= lastByte;
        }
    }

    /// @dev Whether `account` is one of the first `count` of `list`.
    function _isAmongFirst(address[] memory list, uint256 count, address account) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (list[i] == account) return true;
        }
        return false;
    }
}
