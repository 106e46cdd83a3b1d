// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {OwnerIsCreator} from "../access/OwnerIsCreator.sol";
import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {LenientCallLib} from "../libraries/LenientCallLib.sol";
import {OCR1OracleSet} from "../libraries/OCR1OracleSetLib.sol";
import {EpochAndRound} from "../types/EpochAndRound.sol";

/// @title Storage of the OCR1 aggregator
/// @dev All of it. The layout is kept in snapshots/storage; slots 0 and 1 are the owner's.
abstract contract OffchainAggregatorState is IOffchainAggregator, OwnerIsCreator {
    /// @dev A bit mask, a byte per observer and the two words of `_observationCountsPlusOne` rely on it.
    uint256 internal constant MAX_ORACLES = 31;

    /// @notice Protocol state, in one slot: `transmit` reads and writes it once.
    /// @dev Offset in bytes from the least significant:
    ///   0 oracleSet | 20 latestEpochAndRound | 25 latestAggregatorRoundId | 29 threshold | 30 hasValidator |
    ///   31 isValidating
    struct HotVars {
        OCR1OracleSet oracleSet;
        EpochAndRound latestEpochAndRound;
        uint32 latestAggregatorRoundId;
        uint8 threshold;
        // Whether `_validatorConfig` names one: spares `transmit` a cold read.
        bool hasValidator;
        // While the validator is called. Round and epoch of that report are not stored yet.
        bool isValidating;
    }

    /// @notice Prices.
    /// @dev 0 maximumGasPriceGwei | 4 reasonableGasPriceGwei | 8 microLinkPerEth | 12 linkGweiPerObservation |
    /// 16 linkGweiPerTransmission | 20 (12 bytes free)
    struct Billing {
        uint32 maximumGasPriceGwei;
        uint32 reasonableGasPriceGwei;
        uint32 microLinkPerEth;
        uint32 linkGweiPerObservation;
        uint32 linkGweiPerTransmission;
    }

    /// @notice An accepted report.
    /// @dev 0 answer | 24 timestamp, in seconds.
    struct Transmission {
        int192 answer;
        uint64 timestamp;
    }

    /// @dev 0 count | 4 blockNumber (modulo 2^32) | 8 (24 bytes free).
    struct ConfigInfo {
        uint32 count;
        uint32 blockNumber;
    }

    /// @dev 0 validator | 20 gasLimit.
    struct ValidatorConfig {
        address validator;
        uint32 gasLimit;
    }

    HotVars internal _hotVars;
    Billing internal _billing;
    mapping(uint32 aggregatorRoundId => Transmission) internal _transmissions;

    /// @dev Unpaid observations of oracle `i`, plus 1: a payout never clears a word, which the next report would pay for.
    uint16[MAX_ORACLES] internal _observationCountsPlusOne;

    /// @dev Juels oracle `i` earned by transmitting, plus 1.
    uint256[MAX_ORACLES] internal _reimbursementsPlusOneJuels;

    ConfigInfo internal _configInfo;
    ValidatorConfig internal _validatorConfig;
    address internal _requesterController;
    address internal _billingController;
    address internal _token;
    mapping(address transmitter => address payee) internal _payeeOf;
    mapping(address transmitter => address payee) internal _proposedPayeeOf;
    string internal _feedDescription;

    // -- Roles --

    /// @notice Proposes `_to` as the next owner, who may be the owner itself. Owner only.
    function transferOwnership(address _to) public virtual override onlyOwner {
        _proposeOwner(_to);
    }

    /// @dev Whether the caller is the owner or `controller` lets it. The owner is never asked about.
    function _mayCall(address controller) internal view returns (bool) {
        return msg.sender == owner() || LenientCallLib.hasAccess(controller, msg.sender, msg.data);
    }
}
