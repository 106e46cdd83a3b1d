//! What is wrong with a configuration.

use core::time::Duration;

use alloy_primitives::Address;

use crate::config::rules::{LEAST_DELTA, STAGES_LIMIT};
use crate::config::{OFFCHAIN_CONFIG_VERSION, ocr1};
use crate::id::{ConfigDigest, MAX_ORACLES, OracleId, Protocol};
use crate::secret::SecretError;

/// Why a configuration cannot be used, or not by this oracle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Made for another protocol.
    #[error("offchainConfigVersion is {given}: version {OFFCHAIN_CONFIG_VERSION} is needed")]
    UnsupportedVersion {
        /// The version it has.
        given: u64,
    },
    /// Made for another version of the protocol than OCR1.
    #[error(
        "encodedConfigVersion is {given}: version {} is needed",
        ocr1::OFFCHAIN_CONFIG_VERSION
    )]
    UnsupportedOcr1Version {
        /// The version it has.
        given: u64,
    },
    /// The digest's first bytes are those of another protocol.
    #[error("config digest {digest} is not of {needed:?}: is this the contract you mean?")]
    DigestOfOtherProtocol {
        /// The digest.
        digest: ConfigDigest,
        /// The protocol it should be of.
        needed: Protocol,
    },
    /// Two oracles share an identity.
    #[error("{list}: oracles {first} and {second} have the same entry")]
    Duplicate {
        /// Which list.
        list: &'static str,
        /// Index of the first of the two.
        first: usize,
        /// Index of the second.
        second: usize,
    },
    /// A list does not have one entry for each signer.
    #[error("{list} has {given} entries: one for each of {signers} signers is needed")]
    LengthMismatch {
        /// Which list.
        list: &'static str,
        /// How many entries it has.
        given: usize,
        /// How many it must have.
        signers: usize,
    },
    /// A duration is negative.
    #[error("{parameter} is {nanos} ns: it must not be negative")]
    NegativeDuration {
        /// Which duration.
        parameter: &'static str,
        /// Its value in nanoseconds.
        nanos: i64,
    },
    /// Too many faults to tolerate.
    #[error("{n} oracles with f = {f}: more than 3f are needed")]
    TooFewOracles {
        /// Number of oracles.
        n: usize,
        /// Number of tolerated faults.
        f: u8,
    },
    /// More oracles than the protocol has room for.
    #[error("{n} oracles: {MAX_ORACLES} are the most")]
    TooManyOracles {
        /// Number of oracles.
        n: usize,
    },
    /// No round could be finished within DeltaProgress.
    #[error("DeltaRound is {round_nanos} ns: it must be below DeltaProgress, {progress_nanos} ns")]
    RoundNotBelowProgress {
        /// DeltaRound.
        round_nanos: i64,
        /// DeltaProgress.
        progress_nanos: i64,
    },
    /// OCR1: no round could end before the next begins.
    #[error("DeltaGrace is {grace_nanos} ns: it must be below DeltaRound, {round_nanos} ns")]
    GraceNotBelowRound {
        /// DeltaGrace.
        grace_nanos: i64,
        /// DeltaRound.
        round_nanos: i64,
    },
    /// OCR1: shorter than makes sense on the chain.
    #[error("{parameter} is {given:?}: at least {least:?} are needed on chain {chain_id}")]
    BelowChainMinimum {
        /// Which duration.
        parameter: &'static str,
        /// Its value.
        given: Duration,
        /// The chain's minimum.
        least: Duration,
        /// The chain.
        chain_id: u64,
    },
    /// The plugin's deadlines leave no time to finish a round.
    #[error(
        "MaxDurationQuery + MaxDurationObservation + MaxDurationReport are {sum_nanos} ns: \
         they must be below DeltaProgress, {progress_nanos} ns"
    )]
    DeadlinesNotBelowProgress {
        /// Their sum.
        sum_nanos: i64,
        /// DeltaProgress.
        progress_nanos: i64,
    },
    /// `RMax` out of range.
    #[error("RMax is {given}: it must be between 1 and 254")]
    RMaxOutOfRange {
        /// Its value.
        given: u8,
    },
    /// Too many stages.
    #[error("S has {given} stages: it must have fewer than {STAGES_LIMIT}")]
    TooManyStages {
        /// Number of stages.
        given: usize,
    },
    /// A stage has more oracles than there can be.
    #[error("S: stage {stage} has {given} oracles: {MAX_ORACLES} are the most")]
    StageTooLarge {
        /// Index of the stage.
        stage: usize,
        /// Its oracles.
        given: u32,
    },
    /// Would exhaust an oracle.
    #[error("{parameter} is {given:?}: at least {LEAST_DELTA:?} are needed outside of development")]
    DeltaTooShort {
        /// Which duration.
        parameter: &'static str,
        /// Its value.
        given: Duration,
    },
    /// Our signer is not in the list.
    #[error("our signer {signer} is not among the configuration's signers")]
    NotInCommittee {
        /// Our signer.
        signer: Address,
    },
    /// We are listed with another off-chain key.
    #[error(
        "oracle {oracle}: off-chain key is 0x{}, ours is 0x{}",
        hex::encode(configured),
        hex::encode(ours)
    )]
    OffchainKeyMismatch {
        /// Which oracle we would be.
        oracle: OracleId,
        /// The key in the configuration.
        configured: [u8; 32],
        /// Ours.
        ours: [u8; 32],
    },
    /// We are listed with another peer id.
    #[error("oracle {oracle}: peer id is {configured:?}, ours is {ours:?}")]
    PeerIdMismatch {
        /// Which oracle we would be.
        oracle: OracleId,
        /// The peer id in the configuration.
        configured: String,
        /// Ours.
        ours: String,
    },
    /// We are listed with another transmitter.
    #[error("oracle {oracle}: transmitter is {configured}, ours is {ours}")]
    TransmitterMismatch {
        /// Which oracle we would be.
        oracle: OracleId,
        /// The address in the configuration.
        configured: Address,
        /// Ours.
        ours: Address,
    },
    /// The shared secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}
