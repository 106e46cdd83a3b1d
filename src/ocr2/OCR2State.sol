// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OwnerIsCreator} from "../access/OwnerIsCreator.sol";
import {IAccessController} from "../interfaces/IAccessController.sol";
import {ILinkToken} from "../interfaces/ILinkToken.sol";
import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {OracleSet} from "../libraries/OracleSetLib.sol";
import {EpochAndRound} from "../types/EpochAndRound.sol";

/// @title Storage of the OCR2 aggregator
/// @dev All of it. The layout is kept in snapshots/storage; slots 0 and 1 are the owner's.
abstract contract OCR2State is IOCR2Aggregator, OwnerIsCreator {
    /// @dev A bit mask, a byte per observer and an index of 8 bits rely on it.
    uint256 internal constant MAX_ORACLES = 31;

    /// @notice What `transmit` reads and writes, in one slot: protocol state and every price.
    /// @dev Offset in bytes from the least significant:
    ///   0 f | 1 latestEpochAndRound | 6 latestAggregatorRoundId | 10 maximumGasPriceGwei |
    ///   14 reasonableGasPriceGwei | 18 observationPaymentGjuels | 22 transmissionPaymentGjuels | 26 accountingGas |
    ///   29 hasValidator | 30 (2 bytes free)
    struct HotVars {
        uint8 f;
        EpochAndRound latestEpochAndRound;
        uint32 latestAggregatorRoundId;
        uint32 maximumGasPriceGwei;
        uint32 reasonableGasPriceGwei;
        uint32 observationPaymentGjuels;
        uint32 transmissionPaymentGjuels;
        uint24 accountingGas;
        // Whether `_validatorConfig` names one: spares `transmit` a cold read.
        bool hasValidator;
    }

    /// @notice A transmitter's right to transmit and its balance, in one slot.
    /// @dev 0 paymentJuels | 12 oracleSet. Configured means that `oracleSet` exists; it then is the set in force.
    struct Transmitter {
        // Earned by transmitting, and not paid yet. Rewards for observing are counted by `_rewardFromRoundId`.
        uint96 paymentJuels;
        OracleSet oracleSet;
    }

    /// @notice An accepted report.
    /// @dev 0 answer | 24 observationsTimestamp | 28 transmissionTimestamp. Times in seconds.
    struct Transmission {
        int192 answer;
        uint32 observationsTimestamp;
        uint32 transmissionTimestamp;
    }

    /// @notice The configuration in force.
    /// @dev 0 count | 4 blockNumber (modulo 2^32) | 8 oracleSet | 28 (4 bytes free).
    struct ConfigInfo {
        uint32 count;
        uint32 blockNumber;
        OracleSet oracleSet;
    }

    /// @dev 0 validator | 20 gasLimit.
    struct ValidatorConfig {
        address validator;
        uint32 gasLimit;
    }

    HotVars internal _hotVars;
    mapping(address transmitter => Transmitter) internal _transmitters;
    mapping(uint32 aggregatorRoundId => Transmission) internal _transmissions;
    ConfigInfo internal _configInfo;

    /// @dev Oracle `i` earns for every round after `_rewardFromRoundId[i]`.
    uint32[MAX_ORACLES] internal _rewardFromRoundId;

    ValidatorConfig internal _validatorConfig;
    IAccessController internal _requesterController;
    IAccessController internal _billingController;
    ILinkToken internal _linkToken;
    mapping(address transmitter => address payee) internal _payees;
    mapping(address transmitter => address payee) internal _proposedPayees;
    string internal _description;
}
