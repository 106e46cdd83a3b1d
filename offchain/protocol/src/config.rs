//! A configuration: what the chain delivers, its checks, and what follows from the shared secret.

mod digest;
mod error;
pub mod ocr1;
mod rules;

use core::fmt;
use core::time::Duration;

use alloy_primitives::Address;
use zeroize::Zeroizing;

pub use self::error::ConfigError;
pub use self::rules::ResourceChecks;
use crate::id::{Committee, ConfigDigest, Epoch, EpochRound, OracleId};
use crate::keyring::Keyring;
use crate::per_oracle::PerOracle;
use crate::schedule;
use crate::secret::{SharedSecret, SharedSecretEncryptions};

/// The version of the off-chain configuration that this protocol reads. Source: offchain-ocr2 1.1.
pub const OFFCHAIN_CONFIG_VERSION: u64 = 2;

/// What `ConfigSet` says. Source: offchain-ocr2 1.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContractConfig {
    /// Fingerprint of everything else here, of the contract and of the chain.
    pub digest: ConfigDigest,
    /// How many configurations the contract has had, this one included.
    pub count: u64,
    /// Addresses that the oracles' report signatures recover to, in oracle order.
    pub signers: Vec<Address>,
    /// Addresses that the oracles transmit from, in oracle order.
    pub transmitters: Vec<Address>,
    /// Number of oracles that may be faulty.
    pub f: u8,
    /// Bytes for the plugin and the contract.
    pub onchain_config: Vec<u8>,
    /// Version of the next field.
    pub offchain_config_version: u64,
    /// Bytes for the oracles; `ocr-wire` decodes them to an [`OffchainConfig`].
    pub offchain_config: Vec<u8>,
}

/// What the off-chain configuration's bytes say: decoded, not checked.
///
/// Durations are what the wire carries, read as signed nanoseconds. Source: offchain-ocr2 1.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffchainConfig {
    /// A leader is replaced when no round completes for this long.
    pub delta_progress_nanos: i64,
    /// Period in which an oracle repeats which epoch it asks for.
    pub delta_resend_nanos: i64,
    /// Least time between the starts of two rounds of one leader.
    pub delta_round_nanos: i64,
    /// Wait for more observations after the `2f + 1`st.
    pub delta_grace_nanos: i64,
    /// Time between two stages of transmission.
    pub delta_stage_nanos: i64,
    /// Rounds of an epoch.
    pub r_max: u8,
    /// Oracles of each stage of transmission.
    pub s: Vec<u32>,
    /// Ed25519 keys, in oracle order.
    pub offchain_public_keys: Vec<[u8; 32]>,
    /// Network identities, in oracle order.
    pub peer_ids: Vec<String>,
    /// Bytes for the plugin.
    pub plugin_config: Vec<u8>,
    /// Deadline of the plugin's query.
    pub max_duration_query_nanos: i64,
    /// Deadline of an observation.
    pub max_duration_observation_nanos: i64,
    /// Deadline of the decision on a report.
    pub max_duration_report_nanos: i64,
    /// Deadline of the decision whether to accept an attested report.
    pub max_duration_should_accept_nanos: i64,
    /// Deadline of the decision whether to transmit an accepted report.
    pub max_duration_should_transmit_nanos: i64,
    /// The secret from which leaders and schedules follow.
    pub shared_secret: SharedSecretEncryptions,
    /// Deadline of the plugin's start, where the author of the configuration gave one.
    pub max_duration_initialization_nanos: Option<i64>,
}

/// Who one oracle is. Source: offchain-ocr2 1.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleIdentity {
    /// Address that its report signatures recover to.
    pub signer: Address,
    /// Ed25519 key of its observations.
    pub offchain_key: [u8; 32],
    /// Its network identity, base58.
    pub peer_id: String,
    /// Address that it transmits from.
    pub transmitter: Address,
}

/// A configuration that passed every check; the same for all oracles.
///
/// Source: offchain-ocr2 1.4, which says what each parameter is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicConfig {
    /// Fingerprint of the configuration.
    pub digest: ConfigDigest,
    /// Number of oracles and of tolerated faults.
    pub committee: Committee,
    /// A leader is replaced when no round completes for this long.
    pub delta_progress: Duration,
    /// Period in which an oracle repeats which epoch it asks for.
    pub delta_resend: Duration,
    /// Least time between the starts of two rounds of one leader; may be zero.
    pub delta_round: Duration,
    /// Wait for more observations after the `2f + 1`st; may be zero.
    pub delta_grace: Duration,
    /// Time between two stages of transmission; may be zero.
    pub delta_stage: Duration,
    /// Rounds of an epoch, `1..=254`.
    pub r_max: u8,
    /// Oracles of each stage of transmission, each at most 31; their sum may be below or above n.
    pub s: Vec<u8>,
    /// Who the oracles are.
    pub oracles: PerOracle<OracleIdentity>,
    /// Bytes for the plugin.
    pub plugin_config: Vec<u8>,
    /// Bytes for the plugin and the contract.
    pub onchain_config: Vec<u8>,
    /// Deadline of the plugin's start; nothing when the configuration names none, zero when it names
    /// a negative one.
    pub max_duration_initialization: Option<Duration>,
    /// Deadline of the plugin's query.
    pub max_duration_query: Duration,
    /// Deadline of an observation.
    pub max_duration_observation: Duration,
    /// Deadline of the decision on a report.
    pub max_duration_report: Duration,
    /// Deadline of the decision whether to accept an attested report.
    pub max_duration_should_accept: Duration,
    /// Deadline of the decision whether to transmit an accepted report.
    pub max_duration_should_transmit: Duration,
    /// The secret from which leaders and schedules follow, encrypted for each oracle.
    pub shared_secret: SharedSecretEncryptions,
}

/// A configuration as one of its oracles sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// What all oracles know.
    pub public: PublicConfig,
    /// Which of them we are.
    pub me: OracleId,
    leader_key: Zeroizing<[u8; 16]>,
    transmission_key: Zeroizing<[u8; 16]>,
}

impl Config {
    /// Finds our place in `public` and reads the shared secret.
    ///
    /// # Errors
    /// Our signer is not listed, or is listed with another off-chain key, peer id or transmitter than
    /// ours, or the shared secret was not encrypted for our config key.
    ///
    /// Source: offchain-ocr2 1.5 to 1.7.
    pub fn new(
        public: PublicConfig,
        keyring: &Keyring,
        peer_id: &str,
        transmitter: Address,
    ) -> Result<Self, ConfigError> {
        let me = rules::find_oneself(&public.oracles, keyring, peer_id, transmitter)?;
        let secret = SharedSecret::decrypt(&public.shared_secret, me, keyring)?;
        Ok(Self {
            me,
            leader_key: secret.leader_key().into(),
            transmission_key: secret.transmission_key().into(),
            public,
        })
    }

    /// Returns the leader of `epoch`.
    #[must_use]
    pub fn leader(&self, epoch: Epoch) -> OracleId {
        schedule::leader(&self.leader_key, self.public.committee, epoch)
    }

    /// Returns how long after accepting the report of round `at` each oracle transmits it.
    ///
    /// Nothing for an oracle that no stage covers: it never transmits this report.
    #[must_use]
    pub fn transmit_delays(&self, at: EpochRound) -> PerOracle<Option<Duration>> {
        let seed =
            schedule::transmission_seed(&self.transmission_key, self.public.digest.on_chain(), at);
        schedule::transmit_delays(
            &seed,
            self.public.committee,
            &self.public.s,
            self.public.delta_stage,
        )
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("me", &self.me)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
