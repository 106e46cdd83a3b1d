// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Revert strings
/// @notice Part of the ABI: consumers and oracles match these strings. Order of guards: `IOCR2Aggregator`,
/// `IOffchainAggregator`.
/// @dev Used as `if (…) revert(ErrorsLib.X)`: `require` copies the string to memory before it looks at the condition.
library ErrorsLib {
    // -- Ownership and access --

    /// @notice Thrown when the caller is not the owner.
    string internal constant ONLY_OWNER = "Only callable by owner";

    /// @notice Thrown when a contract is created without an owner.
    string internal constant OWNER_IS_ZERO = "Cannot set owner to zero";

    /// @notice Thrown when ownership is proposed to the caller.
    string internal constant OWNERSHIP_TO_SELF = "Cannot transfer to self";

    /// @notice Thrown when ownership is accepted by someone it was not proposed to.
    string internal constant ONLY_PROPOSED_OWNER = "Must be proposed owner";

    /// @notice Thrown when a gated read is called by a contract that is not on the access list.
    string internal constant NO_ACCESS = "No access";

    /// @notice Thrown when the caller may not request a round.
    string internal constant ONLY_OWNER_OR_REQUESTER = "Only owner&requester can call";

    /// @notice Thrown when the caller may not administer billing.
    string internal constant ONLY_OWNER_OR_BILLING_ADMIN = "Only owner&billingAdmin can call";

    /// @notice Thrown when a contract reads what is meant for oracles.
    string internal constant ONLY_EOA = "Only callable by EOA";

    // -- Configuration --

    /// @notice Thrown when a configuration has more than 31 signers.
    string internal constant TOO_MANY_ORACLES = "too many oracles";

    /// @notice Thrown when a configuration has not one transmitter for each signer.
    string internal constant ORACLE_LENGTH_MISMATCH = "oracle length mismatch";

    /// @notice Thrown when `3f < n` does not hold.
    string internal constant F_TOO_HIGH = "faulty-oracle f too high";

    /// @notice Thrown when `f` is 0.
    string internal constant F_NOT_POSITIVE = "f must be positive";

    /// @notice Thrown when the on-chain configuration is not this contract's bounds.
    string internal constant INVALID_ONCHAIN_CONFIG = "invalid onchainConfig";

    /// @notice Thrown when a signer is the zero address: any malformed signature would recover to it.
    /// @dev Not in the original.
    string internal constant ZERO_SIGNER = "zero signer address";

    /// @notice Thrown when a signer is given twice.
    string internal constant REPEATED_SIGNER = "repeated signer address";

    /// @notice Thrown when a transmitter is the zero address.
    /// @dev Not in the original.
    string internal constant ZERO_TRANSMITTER = "zero transmitter address";

    /// @notice Thrown when a transmitter is given twice.
    string internal constant REPEATED_TRANSMITTER = "repeated transmitter address";

    /// @notice Thrown when the oracle set cannot be written to the chain, for lack of gas.
    /// @dev Not in the original, which has no such step.
    string internal constant ORACLE_SET_NOT_STORED = "oracle set not stored";

    // -- Transmission --

    /// @notice Thrown when a report is not newer than the latest.
    string internal constant STALE_REPORT = "stale report";

    /// @notice Thrown when the caller is not a transmitter of the configuration in force.
    string internal constant UNAUTHORIZED_TRANSMITTER = "unauthorized transmitter";

    /// @notice Thrown when a report was made under another configuration.
    string internal constant CONFIG_DIGEST_MISMATCH = "configDigest mismatch";

    /// @notice Thrown when calldata is longer or shorter than its arguments; its length is paid for.
    string internal constant CALLDATA_LENGTH_MISMATCH = "calldata length mismatch";

    /// @notice Thrown when there are not exactly `f + 1` signatures.
    string internal constant WRONG_NUMBER_OF_SIGNATURES = "wrong number of signatures";

    /// @notice Thrown when there are not as many `ss` as `rs`.
    string internal constant SIGNATURES_OUT_OF_REGISTRATION = "signatures out of registration";

    /// @notice Thrown when a signature is not one of a configured signer.
    string internal constant SIGNATURE_ERROR = "signature error";

    /// @notice Thrown when a signer signed twice.
    string internal constant DUPLICATE_SIGNER = "duplicate signer";

    /// @notice Thrown when a report is longer or shorter than its observations require.
    string internal constant REPORT_LENGTH_MISMATCH = "report length mismatch";

    /// @notice Thrown when a report has more than 31 observations.
    string internal constant TOO_MANY_OBSERVATIONS = "num observations out of bounds";

    /// @notice Thrown when a report has no more than `f` observations.
    string internal constant TOO_FEW_OBSERVATIONS = "too few values to trust median";

    /// @notice Thrown when the median is below `minAnswer` or above `maxAnswer`.
    string internal constant MEDIAN_OUT_OF_RANGE = "median is out of min-max range";

    /// @notice Thrown when the validator would get less gas than its limit.
    string internal constant INSUFFICIENT_GAS = "insufficient gas";

    /// @notice Thrown when a transaction has 2^32 gas or more at its start, more than is measured.
    string internal constant LEFT_GAS_EXCEEDS_INITIAL = "leftGas cannot exceed initialGas";

    // -- Billing --

    /// @notice Thrown when the token refuses to pay.
    string internal constant INSUFFICIENT_FUNDS = "insufficient funds";

    /// @notice Thrown when the contract owes its oracles more than it has.
    string internal constant INSUFFICIENT_BALANCE = "insufficient balance";

    /// @notice Thrown when the old token refuses to send the rest.
    string internal constant REMAINING_FUNDS_NOT_TRANSFERRED = "transfer remaining funds failed";

    /// @notice Thrown when the caller is not the payee of the transmitter to be paid.
    string internal constant ONLY_PAYEE_CAN_WITHDRAW = "Only payee can withdraw";

    /// @notice Thrown when payees are not as many as transmitters.
    string internal constant PAYEES_LENGTH_MISMATCH = "transmitters.size != payees.size";

    /// @notice Thrown when the owner would replace a payee.
    string internal constant PAYEE_ALREADY_SET = "payee already set";

    /// @notice Thrown when someone but the payee proposes another.
    string internal constant ONLY_PAYEE_CAN_UPDATE = "only current payee can update";

    /// @notice Thrown when a payee proposes itself.
    string internal constant PAYEESHIP_TO_SELF = "cannot transfer to self";

    /// @notice Thrown when payeeship is accepted by someone it was not proposed to.
    string internal constant ONLY_PROPOSED_PAYEE = "only proposed payees can accept";

    // -- OCR1 alone: where it does not say what OCR2 says --

    /// @notice Thrown when a configuration has more than 31 signers.
    string internal constant TOO_MANY_SIGNERS = "too many signers";

    /// @notice Thrown when the threshold is 0.
    string internal constant THRESHOLD_NOT_POSITIVE = "threshold must be positive";

    /// @notice Thrown when a configuration has not one transmitter for each signer.
    string internal constant ORACLES_OUT_OF_REGISTRATION = "oracle addresses out of registration";

    /// @notice Thrown when `3 * threshold < n` does not hold.
    string internal constant THRESHOLD_TOO_HIGH = "faulty-oracle threshold too high";

    /// @notice Thrown when a transmitter of a configuration has no payee.
    string internal constant PAYEE_NOT_SET = "payee must be set";

    /// @notice Thrown when calldata is longer or shorter than its arguments; its length is paid for.
    string internal constant TRANSMIT_LENGTH_MISMATCH = "transmit message too long";

    /// @notice Thrown when there are no more than `threshold` signatures.
    string internal constant NOT_ENOUGH_SIGNATURES = "not enough signatures";

    /// @notice Thrown when there are more than 31 signatures.
    string internal constant TOO_MANY_SIGNATURES = "too many signatures";

    /// @notice Thrown when a report has two observations of one oracle.
    string internal constant REPEATED_OBSERVER = "observer index repeated";

    /// @notice Thrown when a signature is not one of a configured signer.
    string internal constant NOT_A_SIGNER = "address not authorized to sign";

    /// @notice Thrown when a signer signed twice.
    string internal constant REPEATED_SIGNATURE = "non-unique signature";

    /// @notice Thrown when an observation is less than the one before.
    string internal constant OBSERVATIONS_NOT_SORTED = "observations not sorted";

    /// @notice Thrown when the validator calls `transmit`.
    /// @dev Not in the original, where both reports would take the same round.
    string internal constant REENTRANT_TRANSMIT = "reentrant transmit";

    /// @notice Thrown when the validator removed the caller of `transmit` from the configuration.
    string internal constant UNDESIGNATED_TRANSMITTER = "sent by undesignated transmitter";

    /// @notice Thrown when more gas is left than there was.
    string internal constant GAS_LEFT_EXCEEDS_INITIAL = "gasLeft cannot exceed initialGas";

    /// @notice Thrown when a round is asked for whose id no round can have.
    string internal constant NO_DATA = "No data present";
}
