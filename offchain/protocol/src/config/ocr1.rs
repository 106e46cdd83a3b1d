//! OCR1's configurations: what their bytes say, what makes them valid, and their fingerprint.

use core::time::Duration;

use alloy_primitives::{Address, keccak256};

use super::rules::{self, non_negative};
use crate::abi::{AbiTuple, word};
use crate::config::{ConfigError, ContractConfig, PublicConfig};
use crate::id::{ConfigDigest, OCR1_DIGEST_BYTES, Protocol};
use crate::secret::SharedSecretEncryptions;

/// The version of the off-chain configuration that OCR1 reads. Source: offchain-ocr1 0.
pub const OFFCHAIN_CONFIG_VERSION: u64 = 1;

/// Arguments of the digest's preimage.
const DIGEST_ARGUMENTS: usize = 7;

/// What the off-chain configuration's bytes say: decoded, not checked. Source: offchain-ocr1 1.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffchainConfig {
    /// A leader is replaced when no round completes for this long.
    pub delta_progress_nanos: i64,
    /// Period in which an oracle repeats which epoch it asks for.
    pub delta_resend_nanos: i64,
    /// Time between the starts of two rounds of one leader.
    pub delta_round_nanos: i64,
    /// Wait for more observations after the `2f + 1`st.
    pub delta_grace_nanos: i64,
    /// An answer older than this makes a report.
    pub delta_c_nanos: i64,
    /// A median that deviates this much from the contract's answer makes a report.
    pub alpha_ppb: u64,
    /// Time between two stages of transmission.
    pub delta_stage_nanos: i64,
    /// Rounds of an epoch.
    pub r_max: u8,
    /// Oracles of each stage of transmission.
    pub s: Vec<u8>,
    /// Ed25519 keys, in oracle order.
    pub offchain_public_keys: Vec<[u8; 32]>,
    /// Network identities, in oracle order.
    pub peer_ids: Vec<String>,
    /// The secret from which leaders and schedules follow.
    pub shared_secret: SharedSecretEncryptions,
}

/// How long this oracle waits for answers: OCR1 leaves it to each operator.
///
/// Source: offchain-ocr1 6.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Wait for the source: DataSourceTimeout and DataSourceGracePeriod together.
    pub source: Duration,
    /// Wait for the chain: BlockchainTimeout.
    pub blockchain: Duration,
}

/// Whether to hold the durations to what is sensible on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainChecks {
    /// At least the chain's minima ([`Minima::of_chain`]).
    Enforced {
        /// The chain.
        chain_id: u64,
    },
    /// No check: for development, and for nodes that only help others to find each other.
    Skipped,
}

/// The least durations that make sense on a class of chains. Source: offchain-ocr1 1.5.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minima {
    /// Least DeltaC.
    pub delta_c: Duration,
    /// Least DeltaStage.
    pub delta_stage: Duration,
    /// Least DeltaRound.
    pub delta_round: Duration,
    /// Least DeltaProgress.
    pub delta_progress: Duration,
    /// Least DeltaResend.
    pub delta_resend: Duration,
}

impl Minima {
    const SLOW: Self = Self::of_seconds([600, 10, 20, 23, 10]);
    const MODERATE: Self = Self::of_seconds([60, 5, 20, 23, 10]);
    const FAST: Self = Self::of_seconds([10, 5, 5, 8, 5]);
    const PUBLIC_TESTNET: Self = Self::of_seconds([1, 5, 1, 2, 2]);
    const PRIVATE_TESTNET: Self = Self::of_seconds([0; 5]);

    const fn of_seconds([c, stage, round, progress, resend]: [u64; 5]) -> Self {
        Self {
            delta_c: Duration::from_secs(c),
            delta_stage: Duration::from_secs(stage),
            delta_round: Duration::from_secs(round),
            delta_progress: Duration::from_secs(progress),
            delta_resend: Duration::from_secs(resend),
        }
    }

    /// Returns the minima of a chain; a chain that is not listed counts as slow.
    #[must_use]
    pub const fn of_chain(chain_id: u64) -> Self {
        match chain_id {
            30 | 100 | 128 | 5_000 | 42_220 | 1_666_600_000..=1_666_600_003 => Self::MODERATE,
            10 | 56 | 137 | 196 | 250 | 324 | 1_088 | 1_284 | 1_285 | 8_217 | 8_453 | 42_161
            | 42_170 | 43_114 | 59_144 | 534_352 => Self::FAST,
            1_337 | 7_418 => Self::PRIVATE_TESTNET,
            4
            | 5
            | 31
            | 42
            | 65
            | 69
            | 97
            | 195
            | 256
            | 280
            | 300
            | 420
            | 588
            | 1_001
            | 1_287
            | 1_442
            | 2_442
            | 4_002
            | 5_001
            | 10_200
            | 43_113
            | 44_787
            | 59_140
            | 59_141
            | 80_001
            | 80_002
            | 84_531
            | 84_532
            | 421_611
            | 421_613
            | 421_614
            | 534_351
            | 11_155_111
            | 11_155_420
            | 1_666_700_000..=1_666_700_003
            | 144_545_313_136_048 => Self::PUBLIC_TESTNET,
            _ => Self::SLOW,
        }
    }
}

impl ContractConfig {
    /// Checks that the off-chain configuration is of the version OCR1 reads.
    ///
    /// # Errors
    /// Another version.
    pub const fn check_ocr1_version(&self) -> Result<(), ConfigError> {
        match self.offchain_config_version {
            OFFCHAIN_CONFIG_VERSION => Ok(()),
            given => Err(ConfigError::UnsupportedOcr1Version { given }),
        }
    }

    /// Computes the digest that the OCR1 contract gives this configuration.
    ///
    /// `self.digest` plays no part: compare it with the result. OCR1 has no `onchain_config`.
    ///
    /// Source: offchain-ocr1 1.7.
    #[must_use]
    pub fn ocr1_digest(&self, contract: Address) -> ConfigDigest {
        let mut abi = AbiTuple::new(DIGEST_ARGUMENTS);
        abi.static_word(contract.into_word().0);
        abi.static_word(word(self.count));
        abi.addresses(&self.signers);
        abi.addresses(&self.transmitters);
        abi.static_word(word(u64::from(self.f)));
        abi.static_word(word(self.offchain_config_version));
        abi.bytes(&self.offchain_config);
        let digest = keccak256(abi.encode());
        let first: &[u8; OCR1_DIGEST_BYTES] = digest.first_chunk().expect("32 bytes hold 16");
        ConfigDigest::from_ocr1(*first)
    }
}

impl OffchainConfig {
    fn check_grace_round_progress(&self) -> Result<(), ConfigError> {
        rules::check_non_negative([("DeltaGrace", self.delta_grace_nanos)])?;
        if self.delta_grace_nanos >= self.delta_round_nanos {
            return Err(ConfigError::GraceNotBelowRound {
                grace_nanos: self.delta_grace_nanos,
                round_nanos: self.delta_round_nanos,
            });
        }
        rules::check_round_below_progress(self.delta_round_nanos, self.delta_progress_nanos)
    }

    fn check_chain(&self, chain_id: u64) -> Result<(), ConfigError> {
        let least = Minima::of_chain(chain_id);
        let durations = [
            ("DeltaC", self.delta_c_nanos, least.delta_c),
            ("DeltaStage", self.delta_stage_nanos, least.delta_stage),
            ("DeltaRound", self.delta_round_nanos, least.delta_round),
            (
                "DeltaProgress",
                self.delta_progress_nanos,
                least.delta_progress,
            ),
            ("DeltaResend", self.delta_resend_nanos, least.delta_resend),
        ];
        for (parameter, nanos, least) in durations {
            let given = non_negative(nanos);
            if given < least {
                return Err(ConfigError::BelowChainMinimum {
                    parameter,
                    given,
                    least,
                    chain_id,
                });
            }
        }
        Ok(())
    }
}

impl PublicConfig {
    /// Checks a configuration of OCR1. Identities may repeat: its contract refuses what matters.
    ///
    /// # Errors
    /// The first rule broken, in the specification's order.
    ///
    /// Source: offchain-ocr1 1.5.
    pub fn new_ocr1(
        contract: &ContractConfig,
        offchain: OffchainConfig,
        checks: ChainChecks,
        timeouts: Timeouts,
    ) -> Result<Self, ConfigError> {
        contract.check_ocr1_version()?;
        rules::check_digest(contract.digest, Protocol::Ocr1)?;
        rules::check_lengths(
            contract,
            &offchain.peer_ids,
            &offchain.offchain_public_keys,
            &offchain.shared_secret,
        )?;
        rules::check_non_negative([
            ("DeltaC", offchain.delta_c_nanos),
            ("DeltaStage", offchain.delta_stage_nanos),
            ("DeltaRound", offchain.delta_round_nanos),
            ("DeltaProgress", offchain.delta_progress_nanos),
            ("DeltaResend", offchain.delta_resend_nanos),
        ])?;
        let committee = rules::check_committee(contract.signers.len(), contract.f)?;
        offchain.check_grace_round_progress()?;
        let stages: Vec<_> = offchain.s.iter().copied().map(u32::from).collect();
        let s = rules::check_rounds_and_stages(offchain.r_max, &stages)?;
        if let ChainChecks::Enforced { chain_id } = checks {
            offchain.check_chain(chain_id)?;
        }
        Ok(Self {
            digest: contract.digest,
            committee,
            delta_progress: non_negative(offchain.delta_progress_nanos),
            delta_resend: non_negative(offchain.delta_resend_nanos),
            delta_round: non_negative(offchain.delta_round_nanos),
            delta_grace: non_negative(offchain.delta_grace_nanos),
            delta_stage: non_negative(offchain.delta_stage_nanos),
            r_max: offchain.r_max,
            s,
            oracles: rules::identities(
                committee,
                contract,
                &offchain.peer_ids,
                &offchain.offchain_public_keys,
            ),
            plugin_config: Vec::new(),
            onchain_config: Vec::new(),
            max_duration_initialization: None,
            max_duration_query: Duration::ZERO,
            max_duration_observation: timeouts.source,
            max_duration_report: timeouts.blockchain,
            max_duration_should_accept: timeouts.blockchain,
            max_duration_should_transmit: timeouts.blockchain,
            shared_secret: offchain.shared_secret,
        })
    }
}
