// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Offchain Reporting 2 aggregator
/// @notice A feed whose answers are medians that `n` oracles agree on off chain and `f + 1` of them sign; up to `f` of
/// them may be faulty, and `n > 3f`.
/// @dev The whole ABI except ownership (`IOwnable`) and, in the gated variant, the access list (`IAccessList`).
/// Reverts carry the strings of `ErrorsLib`; the first guard that fails, in the order given, decides the string.
/// Malformed calldata and attached value revert without data. Units: 1 juel = 1e-18 LINK, 1 gjuel = 1e9 juels.
/// Source: contracts-ocr2.
interface IOCR2Aggregator {
    // -- Configuration --

    /// @notice A new set of oracles is in charge; every report signed under an earlier digest is void.
    /// @param previousConfigBlockNumber Block of the event before this one, 0 for the first: a backward linked list.
    /// @param configDigest Digest over chain id, this contract, `configCount` and everything below.
    /// @param configCount Number of configurations so far, this one included.
    event ConfigSet(
        uint32 previousConfigBlockNumber,
        bytes32 configDigest,
        uint64 configCount,
        address[] signers,
        address[] transmitters,
        uint8 f,
        bytes onchainConfig,
        uint64 offchainConfigVersion,
        bytes offchainConfig
    );

    /// @notice Pays every oracle of the old set, then replaces the set and resets epoch and round to 0. Owner only.
    /// @param signers Addresses whose signatures count, at most 31, distinct, not zero.
    /// @param transmitters Addresses that may call `transmit`, one for each signer, distinct, not zero. Signers and
    /// transmitters are separate name spaces: one address may be both.
    /// @param f Number of faulty oracles tolerated, `0 < f` and `3f < n`.
    /// @param onchainConfig 49 bytes: `0x01 | minAnswer (24) | maxAnswer (24)`, equal to this contract's bounds.
    /// @param offchainConfigVersion Encoding version of `offchainConfig`, opaque to this contract.
    /// @param offchainConfig Parameters of the off-chain protocol, opaque to this contract.
    /// @dev Refuses, in this order: `Only callable by owner`, `too many oracles`, `oracle length mismatch`,
    /// `faulty-oracle f too high` (Panic 0x11 for `f > 85`), `f must be positive`, `invalid onchainConfig`,
    /// `insufficient funds` (payout), then for each oracle `zero signer address`, `repeated signer address`,
    /// `zero transmitter address`, `repeated transmitter address`. A payee is not required.
    /// Source: contracts-ocr2 5.1.
    function setConfig(
        address[] calldata signers,
        address[] calldata transmitters,
        uint8 f,
        bytes calldata onchainConfig,
        uint64 offchainConfigVersion,
        bytes calldata offchainConfig
    ) external;

    /// @notice Count, block number (modulo 2^32) and digest of the configuration in force; zeros before the first.
    function latestConfigDetails() external view returns (uint32 configCount, uint32 blockNumber, bytes32 configDigest);

    /// @notice Transmitters of the configuration in force, in oracle order.
    function getTransmitters() external view returns (address[] memory);

    // -- Transmission --

    /// @notice A report was accepted.
    /// @param answer Median of `observations`, as transmitted.
    /// @param transmitter Caller of `transmit`.
    /// @param observationsTimestamp Unix time in seconds the oracles put on their observations.
    /// @param observers Byte `i` is the index of the oracle that made `observations[i]`; as long as `observations`.
    /// @param juelsPerFeeCoin Juels per 1e18 of the chain's smallest fee unit; negative: the transmitter is not paid.
    /// @param epochAndRound `epoch << 8 | round`.
    event NewTransmission(
        uint32 indexed aggregatorRoundId,
        int192 answer,
        address transmitter,
        uint32 observationsTimestamp,
        int192[] observations,
        bytes observers,
        int192 juelsPerFeeCoin,
        bytes32 configDigest,
        uint40 epochAndRound
    );

    /// @notice Part of the ABI of every OCR2 contract; an aggregator emits `NewTransmission` in its place.
    event Transmitted(bytes32 configDigest, uint32 epoch);

    /// @notice A round began, and ended with this transaction.
    /// @param startedBy Always 0.
    /// @param startedAt Timestamp of the observations.
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);

    /// @notice The answer changed. `updatedAt` is the block's timestamp in seconds.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /// @notice Posts a report that exactly `f + 1` oracles signed, stores its median and credits the caller.
    /// @param reportContext [0] config digest, [1] 27 ignored bytes | epoch (4) | round (1), [2] extra hash.
    /// @param report `abi.encode(uint32 observationsTimestamp, bytes32 observers, int192[] observations,
    /// int192 juelsPerFeeCoin)`, `160 + 32k` bytes for `k` observations, `f < k <= 31`.
    /// @param rs First halves of the signatures over `keccak256(keccak256(report) | reportContext)`, in any order.
    /// @param ss Second halves.
    /// @param rawVs Byte `i` is the recovery id of signature `i` (27 is added).
    /// @dev Refuses, in this order: `stale report`, `unauthorized transmitter`, `configDigest mismatch`,
    /// `calldata length mismatch`, `wrong number of signatures`, `signatures out of registration`, `signature error`
    /// (Panic 0x11 for a recovery id above 228), `duplicate signer`, undecodable report (no data),
    /// `report length mismatch`, `num observations out of bounds`, `too few values to trust median`,
    /// `median is out of min-max range`, `insufficient gas` (for the validator), `leftGas cannot exceed initialGas`.
    /// The order of observations and the uniqueness of observers are not checked: `f + 1` signatures vouch for them.
    /// Source: contracts-ocr2 5.3.
    function transmit(
        bytes32[3] calldata reportContext,
        bytes calldata report,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external;

    /// @notice Digest in force and epoch of the latest report. `scanLogs` is false: no event needs to be searched.
    function latestConfigDigestAndEpoch() external view returns (bool scanLogs, bytes32 configDigest, uint32 epoch);

    /// @notice What an oracle needs before it transmits, in one call.
    /// @dev Only an externally owned account gets an answer (else `Only callable by EOA`), as it bypasses gated reads.
    /// @return configDigest Digest in force.
    /// @return epoch Epoch of the latest report, 0 right after `setConfig`.
    /// @return round Round of the latest report, 0 right after `setConfig`.
    /// @return latestAnswer_ Latest median.
    /// @return latestTimestamp_ Block timestamp of the latest transmission, in seconds.
    function latestTransmissionDetails()
        external
        view
        returns (bytes32 configDigest, uint32 epoch, uint8 round, int192 latestAnswer_, uint64 latestTimestamp_);

    // -- Reads --

    /// @notice Smallest median accepted; a report below it reverts, the feed goes stale rather than being clamped.
    function minAnswer() external view returns (int192);

    /// @notice Greatest median accepted; a report above it reverts, the feed goes stale rather than being clamped.
    function maxAnswer() external view returns (int192);

    /// @notice Decimals of the answer: it means `answer / 10^decimals`.
    function decimals() external view returns (uint8);

    /// @notice What the feed prices, for people.
    function description() external view returns (string memory);

    /// @notice Version of the reading interface: 6.
    function version() external view returns (uint256);

    /// @notice Name and version of the contract.
    function typeAndVersion() external pure returns (string memory);

    /// @notice Latest median, 0 before the first round.
    function latestAnswer() external view returns (int256);

    /// @notice Block timestamp of the latest transmission in seconds, 0 before the first round.
    function latestTimestamp() external view returns (uint256);

    /// @notice Latest round id, 0 before the first round.
    function latestRound() external view returns (uint256);

    /// @notice Median of round `roundId`, 0 if there is no such round.
    function getAnswer(uint256 roundId) external view returns (int256);

    /// @notice Block timestamp of the transmission of round `roundId` in seconds, 0 if there is no such round.
    function getTimestamp(uint256 roundId) external view returns (uint256);

    /// @notice One round. An unknown round gives `(roundId, 0, 0, 0, roundId)`, an id above 2^32 - 1 gives five zeros.
    /// @return roundId_ `roundId`.
    /// @return answer Median.
    /// @return startedAt Observations' timestamp in seconds.
    /// @return updatedAt Block timestamp of the transmission in seconds.
    /// @return answeredInRound `roundId`.
    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80 roundId_, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// @notice The latest round, as `getRoundData` gives it; five zeros before the first.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    // -- Requests --

    /// @notice The contract that says who may request rounds changed.
    event RequesterAccessControllerSet(address old, address current);

    /// @notice Asks the oracles for a report whether or not the value moved.
    /// @param configDigest Digest, `epoch` and `round` of the latest report when the request was made.
    event RoundRequested(address indexed requester, bytes32 configDigest, uint32 epoch, uint8 round);

    /// @notice Asks the oracles for a new round. Owner, or whoever the controller grants it; else
    /// `Only owner&requester can call`.
    /// @return Id of the next round. Another report may take it before the requested one arrives.
    function requestNewRound() external returns (uint80);

    /// @notice Replaces the contract that says who may request rounds. Owner only. Zero: only the owner may.
    function setRequesterAccessController(address requesterAccessController) external;

    /// @notice The contract that says who may request rounds.
    function getRequesterAccessController() external view returns (address);

    // -- Validation --

    /// @notice The validator or its gas limit changed.
    event ValidatorConfigSet(
        address indexed previousValidator,
        uint32 previousGasLimit,
        address indexed currentValidator,
        uint32 currentGasLimit
    );

    /// @notice Replaces the validator (`IAggregatorValidator`) told about each answer. Owner only. Zero: none.
    /// @param newGasLimit Gas the validator gets; it is called with all of it or the report reverts.
    function setValidatorConfig(address newValidator, uint32 newGasLimit) external;

    /// @notice The validator and the gas it gets.
    function getValidatorConfig() external view returns (address validator, uint32 gasLimit);

    // -- Billing --

    /// @notice Prices were set, whether or not they changed.
    event BillingSet(
        uint32 maximumGasPriceGwei,
        uint32 reasonableGasPriceGwei,
        uint32 observationPaymentGjuels,
        uint32 transmissionPaymentGjuels,
        uint24 accountingGas
    );

    /// @notice The contract that says who administers billing changed.
    event BillingAccessControllerSet(address old, address current);

    /// @notice The token oracles are paid in changed. At construction `oldLinkToken` is zero.
    event LinkTokenSet(address indexed oldLinkToken, address indexed newLinkToken);

    /// @notice An oracle was paid all it was owed.
    /// @param amount Juels.
    event OraclePaid(address indexed transmitter, address indexed payee, uint256 amount, address indexed linkToken);

    /// @notice Pays every oracle at the old prices, then sets the prices. Owner or billing admin, else
    /// `Only owner&billingAdmin can call`.
    /// @param maximumGasPriceGwei Highest gas price reimbursed.
    /// @param reasonableGasPriceGwei Below it, half the distance to it is a bonus.
    /// @param observationPaymentGjuels Reward of every oracle for every round.
    /// @param transmissionPaymentGjuels Reward of the transmitter of a round.
    /// @param accountingGas Gas added to what `transmit` can measure of itself.
    function setBilling(
        uint32 maximumGasPriceGwei,
        uint32 reasonableGasPriceGwei,
        uint32 observationPaymentGjuels,
        uint32 transmissionPaymentGjuels,
        uint24 accountingGas
    ) external;

    /// @notice The prices in force, as `setBilling` takes them.
    function getBilling()
        external
        view
        returns (
            uint32 maximumGasPriceGwei,
            uint32 reasonableGasPriceGwei,
            uint32 observationPaymentGjuels,
            uint32 transmissionPaymentGjuels,
            uint24 accountingGas
        );

    /// @notice Replaces the contract that says who administers billing. Owner only. Zero: only the owner does.
    function setBillingAccessController(address _billingAccessController) external;

    /// @notice The contract that says who administers billing.
    function getBillingAccessController() external view returns (address);

    /// @notice Pays every oracle in the old token, sends the rest of it to `recipient`, then switches. Owner only.
    /// @dev Setting the same token does nothing. Refuses: a token without `balanceOf` (no data), `insufficient funds`,
    /// `transfer remaining funds failed`.
    function setLinkToken(address linkToken, address recipient) external;

    /// @notice The token oracles are paid in.
    function getLinkToken() external view returns (address linkToken);

    /// @notice Pays `transmitter` all it is owed. Its payee only, else `Only payee can withdraw`.
    /// @dev Does nothing if `transmitter` is not configured or owed nothing. Refuses: `insufficient funds`.
    function withdrawPayment(address transmitter) external;

    /// @notice Juels owed to a transmitter, 0 if it is not configured.
    function owedPayment(address transmitterAddress) external view returns (uint256);

    /// @notice Rounds a transmitter was not paid for yet, 0 if it is not configured.
    function oracleObservationCount(address transmitterAddress) external view returns (uint32);

    /// @notice Juels not owed to oracles; negative if the contract cannot pay them all.
    function linkAvailableForPayment() external view returns (int256 availableBalance);

    /// @notice Sends juels not owed to oracles, at most `amount`. Owner or billing admin, else
    /// `Only owner&billingAdmin can call`. Refuses: `insufficient balance`, `insufficient funds`.
    function withdrawFunds(address recipient, uint256 amount) external;

    // -- Payees --

    /// @notice The payee of a transmitter proposed another one; zero withdraws the proposal.
    event PayeeshipTransferRequested(address indexed transmitter, address indexed current, address indexed proposed);

    /// @notice A transmitter has another payee.
    event PayeeshipTransferred(address indexed transmitter, address indexed previous, address indexed current);

    /// @notice Sets payees that were never set. Owner only. Transmitters need not be configured.
    /// @dev Refuses: `transmitters.size != payees.size`, `payee already set` (to another address).
    function setPayees(address[] calldata transmitters, address[] calldata payees) external;

    /// @notice Proposes another payee for `transmitter`. Its payee only.
    /// @dev Refuses: `only current payee can update`, `cannot transfer to self`.
    function transferPayeeship(address transmitter, address proposed) external;

    /// @notice Completes a transfer of payeeship. The proposed payee only, else `only proposed payees can accept`.
    function acceptPayeeship(address transmitter) external;
}
