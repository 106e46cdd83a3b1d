// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

/// @title Offchain Reporting 1 aggregator
/// @notice A feed whose answers are medians that `n` oracles agree on off chain and more than `threshold` of them sign;
/// up to `threshold` of them may be faulty, and `n > 3 * threshold`.
/// @dev The whole ABI except ownership (`IOwnable`) and, in the gated variant, the access list (`IAccessList`). Names of
/// parameters are the original's. Reverts carry the strings of `ErrorsLib`; the first guard that fails, in the order
/// given, decides the string. Malformed calldata and attached value revert without data.
/// Units: 1 LINK-gwei = 1e9 juels = 1e-9 LINK. Source: contracts-ocr1.
interface IOffchainAggregator {
    // -- Configuration --

    /// @notice A new set of oracles is in charge; every report signed under an earlier digest is void.
    /// @param previousConfigBlockNumber Block of the event before this one, 0 for the first: a backward linked list.
    /// @param configCount Number of configurations so far, this one included.
    event ConfigSet(
        uint32 previousConfigBlockNumber,
        uint64 configCount,
        address[] signers,
        address[] transmitters,
        uint8 threshold,
        uint64 encodedConfigVersion,
        bytes encoded
    );

    /// @notice Pays every oracle of the old set, then replaces the set and resets epoch and round to 0. Owner only.
    /// @param _signers Addresses whose signatures count, at most 31.
    /// @param _transmitters Addresses that may call `transmit`, one for each signer, each with a payee. No address may
    /// be zero or appear twice, signers and transmitters together.
    /// @param _threshold Number of faulty oracles tolerated, `0 < _threshold` and `3 * _threshold < n`.
    /// @param _encodedConfigVersion Encoding version of `_encoded`, opaque to this contract.
    /// @param _encoded Parameters of the off-chain protocol, opaque to this contract.
    /// @dev Refuses, in this order: `too many signers`, `threshold must be positive`,
    /// `oracle addresses out of registration`, `faulty-oracle threshold too high`, `Only callable by owner`,
    /// `insufficient funds` (payout), then for each oracle `zero signer address`, `repeated signer address`,
    /// `payee must be set`, `zero transmitter address`, `repeated transmitter address`.
    /// Source: contracts-ocr1 5.1.
    function setConfig(
        address[] calldata _signers,
        address[] calldata _transmitters,
        uint8 _threshold,
        uint64 _encodedConfigVersion,
        bytes calldata _encoded
    ) external;

    /// @notice Count, block number (modulo 2^32) and digest of the configuration in force; zeros before the first.
    function latestConfigDetails() external view returns (uint32 configCount, uint32 blockNumber, bytes16 configDigest);

    /// @notice Transmitters of the configuration in force, in oracle order.
    function transmitters() external view returns (address[] memory);

    // -- Transmission --

    /// @notice A report was accepted.
    /// @param answer Median of `observations`.
    /// @param transmitter Caller of `transmit`.
    /// @param observations As in the report, bit for bit: a reader must cut each to its low 192 bits.
    /// @param observers Byte `i` is the index of the oracle that made `observations[i]`; as long as `observations`.
    /// @param rawReportContext First word of the report.
    event NewTransmission(
        uint32 indexed aggregatorRoundId,
        int192 answer,
        address transmitter,
        int192[] observations,
        bytes observers,
        bytes32 rawReportContext
    );

    /// @notice A round began, and ended with this transaction.
    /// @param startedBy Always 0.
    /// @param startedAt The block's timestamp in seconds.
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);

    /// @notice The answer changed. `updatedAt` is the block's timestamp in seconds.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /// @notice Posts a report that more than `threshold` oracles signed, stores its median and credits the caller and the
    /// observers.
    /// @param _report `abi.encode(bytes32 context, bytes32 observers, int192[] observations)`, where the context is
    /// 11 ignored bytes | config digest (16) | epoch (4) | round (1) and byte `i` of `observers` is the index of the
    /// oracle that made `observations[i]`; `2 * threshold < k <= 31` observations.
    /// @param _rs First halves of the signatures over `keccak256(_report)`, in any order, at most 31.
    /// @param _ss Second halves.
    /// @param _rawVs Byte `i` is the recovery id of signature `i` (27 is added, modulo 256).
    /// @dev Refuses, in this order: `transmit message too long` (or too short), undecodable report (no data),
    /// `configDigest mismatch`, `stale report`, `not enough signatures`, `too many signatures`,
    /// `signatures out of registration`, `num observations out of bounds`, `too few values to trust median`, for each
    /// observer an index above 30 (Panic 0x32) and `observer index repeated`, `unauthorized transmitter`, for each
    /// signature `address not authorized to sign` and `non-unique signature`, `observations not sorted`,
    /// `median is out of min-max range`, `reentrant transmit`, `insufficient gas` (for the validator), a gas limit of
    /// about 2^32 (Panic 0x01), `sent by undesignated transmitter`.
    /// Source: contracts-ocr1 5.4.
    function transmit(bytes calldata _report, bytes32[] calldata _rs, bytes32[] calldata _ss, bytes32 _rawVs) external;

    /// @notice What an oracle needs before it transmits, in one call.
    /// @dev Only an externally owned account gets an answer (else `Only callable by EOA`), as it bypasses gated reads.
    /// @return configDigest Digest in force.
    /// @return epoch Epoch of the latest report, 0 right after `setConfig`.
    /// @return round Round of the latest report, 0 right after `setConfig`.
    /// @return latestAnswer Latest median.
    /// @return latestTimestamp Block timestamp of the latest transmission, in seconds.
    function latestTransmissionDetails()
        external
        view
        returns (bytes16 configDigest, uint32 epoch, uint8 round, int192 latestAnswer, uint64 latestTimestamp);

    // -- Reads --

    /// @notice Smallest median accepted; a report below it reverts, the feed goes stale rather than being clamped.
    function minAnswer() external view returns (int192);

    /// @notice Greatest median accepted; a report above it reverts, the feed goes stale rather than being clamped.
    function maxAnswer() external view returns (int192);

    /// @notice Decimals of the answer: it means `answer / 10^decimals`.
    function decimals() external view returns (uint8);

    /// @notice What the feed prices, for people.
    function description() external view returns (string memory);

    /// @notice Version of the reading interface: 4.
    function version() external view returns (uint256);

    /// @notice Name and version of the contract.
    function typeAndVersion() external pure returns (string memory);

    /// @notice Latest median, 0 before the first round.
    function latestAnswer() external view returns (int256);

    /// @notice Block timestamp of the latest transmission in seconds, 0 before the first round.
    function latestTimestamp() external view returns (uint256);

    /// @notice Latest round id, 0 before the first round.
    function latestRound() external view returns (uint256);

    /// @notice Median of round `_roundId`, 0 if there is no such round.
    function getAnswer(uint256 _roundId) external view returns (int256);

    /// @notice Block timestamp of the transmission of round `_roundId` in seconds, 0 if there is no such round.
    function getTimestamp(uint256 _roundId) external view returns (uint256);

    /// @notice One round. An unknown round gives `(_roundId, 0, 0, 0, _roundId)`; an id above 2^32 - 1 reverts with
    /// `No data present`.
    /// @return roundId `_roundId`.
    /// @return answer Median.
    /// @return startedAt Block timestamp of the transmission in seconds.
    /// @return updatedAt The same.
    /// @return answeredInRound `_roundId`.
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

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
    event RoundRequested(address indexed requester, bytes16 configDigest, uint32 epoch, uint8 round);

    /// @notice Asks the oracles for a new round. Owner, or whoever the controller grants it; else
    /// `Only owner&requester can call`.
    /// @return Id of the next round. Another report may take it before the requested one arrives.
    function requestNewRound() external returns (uint80);

    /// @notice Replaces the contract that says who may request rounds. Owner only. Zero: only the owner may.
    function setRequesterAccessController(address _requesterAccessController) external;

    /// @notice The contract that says who may request rounds.
    function requesterAccessController() external view returns (address);

    // -- Validation --

    /// @notice The validator or its gas limit changed.
    event ValidatorConfigSet(
        address indexed previousValidator,
        uint32 previousGasLimit,
        address indexed currentValidator,
        uint32 currentGasLimit
    );

    /// @notice Replaces the validator (`IAggregatorValidator`) told about each answer. Owner only. Zero: none.
    /// @param _newGasLimit Gas the validator gets; it is called with all of it or the report reverts.
    function setValidatorConfig(address _newValidator, uint32 _newGasLimit) external;

    /// @notice The validator and the gas it gets.
    function validatorConfig() external view returns (address validator, uint32 gasLimit);

    // -- Billing --

    /// @notice Prices were set, whether or not they changed.
    event BillingSet(
        uint32 maximumGasPrice,
        uint32 reasonableGasPrice,
        uint32 microLinkPerEth,
        uint32 linkGweiPerObservation,
        uint32 linkGweiPerTransmission
    );

    /// @notice The contract that says who administers billing changed.
    event BillingAccessControllerSet(address old, address current);

    /// @notice The token oracles are paid in changed. At construction `_oldLinkToken` is zero.
    event LinkTokenSet(address indexed _oldLinkToken, address indexed _newLinkToken);

    /// @notice An oracle was paid all it was owed.
    /// @param transmitter Its transmitter, or its signer if that is what `withdrawPayment` was given.
    /// @param amount Juels.
    event OraclePaid(address indexed transmitter, address indexed payee, uint256 amount, address indexed linkToken);

    /// @notice Pays every oracle at the old prices, then sets the prices. Owner or billing admin, else
    /// `Only owner&billingAdmin can call`.
    /// @param _maximumGasPrice Highest gas price reimbursed, in gwei.
    /// @param _reasonableGasPrice Below it, in gwei, half the distance to it is a bonus.
    /// @param _microLinkPerEth Price of ether, in 1e-6 LINK.
    /// @param _linkGweiPerObservation Reward of an observation in a report, in LINK-gwei.
    /// @param _linkGweiPerTransmission Reward of the transmitter of a report, in LINK-gwei.
    function setBilling(
        uint32 _maximumGasPrice,
        uint32 _reasonableGasPrice,
        uint32 _microLinkPerEth,
        uint32 _linkGweiPerObservation,
        uint32 _linkGweiPerTransmission
    ) external;

    /// @notice The prices in force, as `setBilling` takes them.
    function getBilling()
        external
        view
        returns (
            uint32 maximumGasPrice,
            uint32 reasonableGasPrice,
            uint32 microLinkPerEth,
            uint32 linkGweiPerObservation,
            uint32 linkGweiPerTransmission
        );

    /// @notice Replaces the contract that says who administers billing. Owner only. Zero: only the owner does.
    function setBillingAccessController(address _billingAccessController) external;

    /// @notice The contract that says who administers billing.
    function billingAccessController() external view returns (address);

    /// @notice Pays every oracle in the old token, sends the rest of it to `_recipient`, then switches. Owner only.
    /// @dev Setting the same token does nothing. Refuses: a token without `balanceOf` (no data), `insufficient funds`,
    /// `transfer remaining funds failed`.
    function setLinkToken(address _linkToken, address _recipient) external;

    /// @notice The token oracles are paid in.
    function getLinkToken() external view returns (address linkToken);

    /// @notice Pays an oracle all it is owed. `_transmitter`'s payee only, else `Only payee can withdraw`.
    /// @param _transmitter Transmitter; or a signer, if it was given a payee.
    /// @dev Does nothing if `_transmitter` is not configured or owed nothing. Refuses: `insufficient funds`.
    function withdrawPayment(address _transmitter) external;

    /// @notice Juels owed to an oracle, 0 if it is not configured.
    /// @param _transmitter Transmitter or signer.
    function owedPayment(address _transmitter) external view returns (uint256);

    /// @notice Observations an oracle was not paid for yet, 0 if it is not configured. Counts no further than 65,534.
    function oracleObservationCount(address _signerOrTransmitter) external view returns (uint16);

    /// @notice Juels not owed to oracles; negative if the contract cannot pay them all.
    function linkAvailableForPayment() external view returns (int256 availableBalance);

    /// @notice Sends juels not owed to oracles, at most `_amount`. Owner or billing admin, else
    /// `Only owner&billingAdmin can call`. Refuses: `insufficient balance`, `insufficient funds`.
    function withdrawFunds(address _recipient, uint256 _amount) external;

    // -- Payees --

    /// @notice The payee of a transmitter proposed another one; zero withdraws the proposal.
    event PayeeshipTransferRequested(address indexed transmitter, address indexed current, address indexed proposed);

    /// @notice A transmitter has another payee.
    event PayeeshipTransferred(address indexed transmitter, address indexed previous, address indexed current);

    /// @notice Sets payees that were never set. Owner only. Transmitters need not be configured.
    /// @dev Refuses: `transmitters.size != payees.size`, `payee already set` (to another address).
    function setPayees(address[] calldata _transmitters, address[] calldata _payees) external;

    /// @notice Proposes another payee for `_transmitter`. Its payee only.
    /// @dev Refuses: `only current payee can update`, `cannot transfer to self`.
    function transferPayeeship(address _transmitter, address _proposed) external;

    /// @notice Completes a transfer of payeeship. The proposed payee only, else `only proposed payees can accept`.
    function acceptPayeeship(address _transmitter) external;
}
