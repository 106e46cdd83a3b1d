//! What makes a configuration valid. The first broken rule is the error: the order is part of it.

use core::time::Duration;
use std::collections::BTreeMap;

use alloy_primitives::Address;

use crate::config::{
    ConfigError, ContractConfig, OFFCHAIN_CONFIG_VERSION, OffchainConfig, OracleIdentity,
    PublicConfig,
};
use crate::id::{Committee, ConfigDigest, MAX_ORACLES, OracleId, Protocol};
use crate::keyring::Keyring;
use crate::per_oracle::PerOracle;
use crate::secret::SharedSecretEncryptions;

/// Stages must be fewer than this.
pub(super) const STAGES_LIMIT: usize = 1000;

/// `RMax` must be below this, so that the number of round `RMax + 1` fits a byte.
const R_MAX_LIMIT: u8 = 255;

/// Below this, NewEpoch messages and epoch changes would exhaust an oracle.
pub(super) const LEAST_DELTA: Duration = Duration::from_millis(200);

/// Whether to refuse configurations that would exhaust an oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceChecks {
    /// DeltaProgress and DeltaResend are at least 200 ms.
    Enforced,
    /// No check: for development, and for nodes that only help others to find each other.
    Skipped,
}

impl ContractConfig {
    /// Checks that the off-chain configuration is of the version this protocol reads.
    ///
    /// # Errors
    /// Another version.
    pub const fn check_version(&self) -> Result<(), ConfigError> {
        match self.offchain_config_version {
            OFFCHAIN_CONFIG_VERSION => Ok(()),
            given => Err(ConfigError::UnsupportedVersion { given }),
        }
    }
}

/// The digest's first bytes say of which protocol it is, and with them what its oracles sign.
pub(super) fn check_digest(digest: ConfigDigest, needed: Protocol) -> Result<(), ConfigError> {
    if digest.protocol() == needed {
        Ok(())
    } else {
        Err(ConfigError::DigestOfOtherProtocol { digest, needed })
    }
}

impl PublicConfig {
    /// Checks a configuration.
    ///
    /// # Errors
    /// The first rule broken, in the specification's order.
    ///
    /// Source: offchain-ocr2 1.4.
    pub fn new(
        contract: &ContractConfig,
        offchain: OffchainConfig,
        checks: ResourceChecks,
    ) -> Result<Self, ConfigError> {
        contract.check_version()?;
        check_digest(contract.digest, Protocol::Ocr2)?;
        check_duplicates(contract, &offchain)?;
        check_lengths(
            contract,
            &offchain.peer_ids,
            &offchain.offchain_public_keys,
            &offchain.shared_secret,
        )?;
        check_timing(&offchain)?;
        let committee = check_committee(contract.signers.len(), contract.f)?;
        check_deadlines(&offchain)?;
        let s = check_rounds_and_stages(offchain.r_max, &offchain.s)?;
        let config = Self::assemble(contract, offchain, committee, s);
        if checks == ResourceChecks::Enforced {
            config.check_resources()?;
        }
        Ok(config)
    }

    fn assemble(
        contract: &ContractConfig,
        offchain: OffchainConfig,
        committee: Committee,
        s: Vec<u8>,
    ) -> Self {
        Self {
            digest: contract.digest,
            committee,
            delta_progress: non_negative(offchain.delta_progress_nanos),
            delta_resend: non_negative(offchain.delta_resend_nanos),
            delta_round: non_negative(offchain.delta_round_nanos),
            delta_grace: non_negative(offchain.delta_grace_nanos),
            delta_stage: non_negative(offchain.delta_stage_nanos),
            r_max: offchain.r_max,
            s,
            oracles: identities(
                committee,
                contract,
                &offchain.peer_ids,
                &offchain.offchain_public_keys,
            ),
            plugin_config: offchain.plugin_config,
            onchain_config: contract.onchain_config.clone(),
            max_duration_initialization: offchain
                .max_duration_initialization_nanos
                .map(|nanos| non_negative(nanos.max(0))),
            max_duration_query: non_negative(offchain.max_duration_query_nanos),
            max_duration_observation: non_negative(offchain.max_duration_observation_nanos),
            max_duration_report: non_negative(offchain.max_duration_report_nanos),
            max_duration_should_accept: non_negative(offchain.max_duration_should_accept_nanos),
            max_duration_should_transmit: non_negative(offchain.max_duration_should_transmit_nanos),
            shared_secret: offchain.shared_secret,
        }
    }

    fn check_resources(&self) -> Result<(), ConfigError> {
        let deltas = [
            ("DeltaProgress", self.delta_progress),
            ("DeltaResend", self.delta_resend),
        ];
        match deltas.into_iter().find(|&(_, given)| given < LEAST_DELTA) {
            Some((parameter, given)) => Err(ConfigError::DeltaTooShort { parameter, given }),
            None => Ok(()),
        }
    }
}

/// Puts the lists together, whose lengths were checked.
pub(super) fn identities(
    committee: Committee,
    contract: &ContractConfig,
    peer_ids: &[String],
    offchain_keys: &[[u8; 32]],
) -> PerOracle<OracleIdentity> {
    PerOracle::from_fn(committee, |oracle| OracleIdentity {
        signer: contract.signers[oracle.index()],
        offchain_key: offchain_keys[oracle.index()],
        peer_id: peer_ids[oracle.index()].clone(),
        transmitter: contract.transmitters[oracle.index()],
    })
}

/// Finds the oracle with our signer; everything else about it must be ours too. Of several, as OCR1
/// may have them, it is the last.
///
/// Source: offchain-ocr2 1.5, offchain-ocr1 1.5.2.
pub(super) fn find_oneself(
    oracles: &PerOracle<OracleIdentity>,
    keyring: &Keyring,
    peer_id: &str,
    transmitter: Address,
) -> Result<OracleId, ConfigError> {
    let signer = keyring.signer();
    let mut me = None;
    for (oracle, identity) in oracles.iter().filter(|(_, it)| it.signer == signer) {
        check_ours(oracle, identity, keyring, peer_id, transmitter)?;
        me = Some(oracle);
    }
    me.ok_or(ConfigError::NotInCommittee { signer })
}

fn check_ours(
    oracle: OracleId,
    identity: &OracleIdentity,
    keyring: &Keyring,
    peer_id: &str,
    transmitter: Address,
) -> Result<(), ConfigError> {
    let ours = keyring.offchain_key();
    if identity.offchain_key != ours {
        let configured = identity.offchain_key;
        return Err(ConfigError::OffchainKeyMismatch {
            oracle,
            configured,
            ours,
        });
    }
    if identity.peer_id != peer_id {
        let (configured, ours) = (identity.peer_id.clone(), peer_id.to_owned());
        return Err(ConfigError::PeerIdMismatch {
            oracle,
            configured,
            ours,
        });
    }
    if identity.transmitter != transmitter {
        let (configured, ours) = (identity.transmitter, transmitter);
        return Err(ConfigError::TransmitterMismatch {
            oracle,
            configured,
            ours,
        });
    }
    Ok(())
}

fn check_duplicates(
    contract: &ContractConfig,
    offchain: &OffchainConfig,
) -> Result<(), ConfigError> {
    check_distinct("signers", &contract.signers)?;
    check_distinct("peer ids", &offchain.peer_ids)?;
    check_distinct("off-chain public keys", &offchain.offchain_public_keys)?;
    check_distinct("transmitters", &contract.transmitters)
}

fn check_distinct<T: Ord>(list: &'static str, entries: &[T]) -> Result<(), ConfigError> {
    let mut seen = BTreeMap::new();
    for (second, entry) in entries.iter().enumerate() {
        if let Some(first) = seen.insert(entry, second) {
            return Err(ConfigError::Duplicate {
                list,
                first,
                second,
            });
        }
    }
    Ok(())
}

pub(super) fn check_lengths(
    contract: &ContractConfig,
    peer_ids: &[String],
    offchain_public_keys: &[[u8; 32]],
    shared_secret: &SharedSecretEncryptions,
) -> Result<(), ConfigError> {
    let signers = contract.signers.len();
    let lists = [
        ("peer ids", peer_ids.len()),
        ("off-chain public keys", offchain_public_keys.len()),
        ("transmitters", contract.transmitters.len()),
        ("shared secret encryptions", shared_secret.encryptions.len()),
    ];
    match lists.into_iter().find(|&(_, given)| given != signers) {
        Some((list, given)) => Err(ConfigError::LengthMismatch {
            list,
            given,
            signers,
        }),
        None => Ok(()),
    }
}

fn check_timing(offchain: &OffchainConfig) -> Result<(), ConfigError> {
    check_non_negative([
        ("DeltaStage", offchain.delta_stage_nanos),
        ("DeltaRound", offchain.delta_round_nanos),
        ("DeltaProgress", offchain.delta_progress_nanos),
        ("DeltaResend", offchain.delta_resend_nanos),
    ])
}

pub(super) fn check_committee(n: usize, f: u8) -> Result<Committee, ConfigError> {
    if n <= 3 * usize::from(f) {
        return Err(ConfigError::TooFewOracles { n, f });
    }
    Committee::new(n, f).ok_or(ConfigError::TooManyOracles { n })
}

fn check_deadlines(offchain: &OffchainConfig) -> Result<(), ConfigError> {
    check_non_negative([
        ("DeltaGrace", offchain.delta_grace_nanos),
        ("MaxDurationQuery", offchain.max_duration_query_nanos),
        (
            "MaxDurationObservation",
            offchain.max_duration_observation_nanos,
        ),
        ("MaxDurationReport", offchain.max_duration_report_nanos),
        (
            "MaxDurationShouldAcceptFinalizedReport",
            offchain.max_duration_should_accept_nanos,
        ),
        (
            "MaxDurationShouldTransmitAcceptedReport",
            offchain.max_duration_should_transmit_nanos,
        ),
    ])?;
    let progress_nanos = offchain.delta_progress_nanos;
    check_round_below_progress(offchain.delta_round_nanos, progress_nanos)?;
    let sum_nanos = sum_wrapping_like_go(
        offchain.max_duration_query_nanos,
        offchain.max_duration_observation_nanos,
        offchain.max_duration_report_nanos,
    );
    if sum_nanos >= progress_nanos {
        return Err(ConfigError::DeadlinesNotBelowProgress {
            sum_nanos,
            progress_nanos,
        });
    }
    Ok(())
}

pub(super) const fn check_round_below_progress(
    round_nanos: i64,
    progress_nanos: i64,
) -> Result<(), ConfigError> {
    if round_nanos < progress_nanos {
        return Ok(());
    }
    Err(ConfigError::RoundNotBelowProgress {
        round_nanos,
        progress_nanos,
    })
}

/// Adds as Go does, so that a sum beyond 292 years is negative and passes.
///
/// Source: offchain-ocr2 1.4.
const fn sum_wrapping_like_go(query: i64, observation: i64, report: i64) -> i64 {
    query.wrapping_add(observation).wrapping_add(report)
}

pub(super) fn check_rounds_and_stages(r_max: u8, s: &[u32]) -> Result<Vec<u8>, ConfigError> {
    if !(1..R_MAX_LIMIT).contains(&r_max) {
        return Err(ConfigError::RMaxOutOfRange { given: r_max });
    }
    if s.len() >= STAGES_LIMIT {
        return Err(ConfigError::TooManyStages { given: s.len() });
    }
    let stages = s.iter().enumerate();
    stages
        .map(|(stage, &given)| match u8::try_from(given) {
            Ok(size) if usize::from(size) <= MAX_ORACLES => Ok(size),
            _ => Err(ConfigError::StageTooLarge { stage, given }),
        })
        .collect()
}

pub(super) fn check_non_negative<const N: usize>(
    durations: [(&'static str, i64); N],
) -> Result<(), ConfigError> {
    match durations.into_iter().find(|&(_, nanos)| nanos < 0) {
        Some((parameter, nanos)) => Err(ConfigError::NegativeDuration { parameter, nanos }),
        None => Ok(()),
    }
}

pub(super) fn non_negative(nanos: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).expect("negative durations were refused"))
}
