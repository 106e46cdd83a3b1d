// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregatorValidator} from "../interfaces/IAggregatorValidator.sol";
import {IOCR2Aggregator} from "../interfaces/IOCR2Aggregator.sol";
import {ExactCallLib} from "../libraries/ExactCallLib.sol";
import {OCR2Requests} from "./OCR2Requests.sol";

/// @title The validator told about each answer
abstract contract OCR2Validation is OCR2Requests {
    /// @inheritdoc IOCR2Aggregator
    function setValidatorConfig(address newValidator, uint32 newGasLimit) external override onlyOwner {
        ValidatorConfig memory previous = _validatorConfig;
        if (previous.validator == newValidator && previous.gasLimit == newGasLimit) return;
        _validatorConfig = ValidatorConfig({validator: newValidator, gasLimit: newGasLimit});
        _hotVars.hasValidator = newValidator != address(0);
        emit ValidatorConfigSet(previous.validator, previous.gasLimit, newValidator, newGasLimit);
    }

    /// @inheritdoc IOCR2Aggregator
    function getValidatorConfig() external view override returns (address validator, uint32 gasLimit) {
        return (_validatorConfig.validator, _validatorConfig.gasLimit);
    }

    /// @dev Tells the validator. It must be set; what it does with the call is its own affair.
    function _validate(uint32 aggregatorRoundId, int192 answer) internal {
        ValidatorConfig memory config = _validatorConfig;
        // Round ids start at 1.
        uint32 previousRoundId = aggregatorRoundId - 1;
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
