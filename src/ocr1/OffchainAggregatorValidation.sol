// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregatorValidator} from "../interfaces/IAggregatorValidator.sol";
import {IOffchainAggregator} from "../interfaces/IOffchainAggregator.sol";
import {ExactCallLib} from "../libraries/ExactCallLib.sol";
import {OffchainAggregatorRequests} from "./OffchainAggregatorRequests.sol";

/// @title The validator told about each answer
abstract contract OffchainAggregatorValidation is OffchainAggregatorRequests {
    /// @inheritdoc IOffchainAggregator
    function setValidatorConfig(address _newValidator, uint32 _newGasLimit) external override onlyOwner {
        ValidatorConfig memory previous = _validatorConfig;
        if (previous.validator == _newValidator && previous.gasLimit == _newGasLimit) return;
        _validatorConfig = ValidatorConfig({validator: _newValidator, gasLimit: _newGasLimit});
        _hotVars.hasValidator = _newValidator != address(0);
        emit ValidatorConfigSet(previous.validator, previous.gasLimit, _newValidator, _newGasLimit);
    }

    /// @inheritdoc IOffchainAggregator
    function validatorConfig() external view override returns (address validator, uint32 gasLimit) {
        return (_validatorConfig.validator, _validatorConfig.gasLimit);
    }

    /// @dev Tells the validator. It must be set; what it does with the call is its own affair.
    function _validate(uint32 aggregatorRoundId, int192 answer) internal {
        ValidatorConfig memory config = _validatorConfig;
        uint32 previousRoundId;
        // Round ids start again after 2^32 - 1.
        unchecked {
            previousRoundId = aggregatorRoundId - 1;
        }
        ExactCallLib.callWithExactGas(
            config.gasLimit,
            config.validator,
            abi.encodeCall(
                IAggregatorValidator.validate,
                (previousRoundId, _transmissions[previousRoundId].answer, aggregatorRoundId, answer)
            )
        );
    }
}
