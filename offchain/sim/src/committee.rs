//! Committees with real keys, and the configurations they run under.

use core::time::Duration;

use alloy_primitives::{Address, keccak256};
use ocr_protocol::config::ocr1::{self, ChainChecks, Timeouts};
use ocr_protocol::config::{
    Config, ContractConfig, OFFCHAIN_CONFIG_VERSION, OffchainConfig, PublicConfig, ResourceChecks,
};
use ocr_protocol::id::{ConfigDigest, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::report::{Median, MedianConfig, OnchainConfig};
use ocr_protocol::secret::{SharedSecret, SharedSecretEncryptions};
use ocr_wire::median::OBSERVATION_CODEC;
use rand::Rng as _;

use crate::rng::{SimRng, between};

/// The chain of every simulation; OCR1 has no minima for it.
const CHAIN_ID: u64 = 1337;

/// The aggregator of every simulation.
const CONTRACT: Address = Address::repeat_byte(0xc0);

/// Answers the contract takes, in the feed's decimals.
pub const ANSWER_BOUNDS: (i64, i64) = (1, 1_000_000_000);

/// How a committee is set up. Source: offchain-ocr2 1.4.
#[derive(Clone, Debug)]
pub struct Parameters {
    /// The version of the protocol.
    pub protocol: Protocol,
    /// Number of oracles.
    pub n: usize,
    /// Number that may be faulty.
    pub f: u8,
    /// A leader without progress for this long is replaced.
    pub delta_progress: Duration,
    /// NewEpoch is repeated this often.
    pub delta_resend: Duration,
    /// Rounds of a leader start this far apart.
    pub delta_round: Duration,
    /// Wait for more observations after 2f + 1.
    pub delta_grace: Duration,
    /// Distance between stages of transmission.
    pub delta_stage: Duration,
    /// An answer older than this is replaced.
    pub delta_c: Duration,
    /// Rounds per epoch.
    pub r_max: u8,
    /// Oracles per stage.
    pub s: Vec<u8>,
    /// Deadline of observations.
    pub max_duration_observation: Duration,
    /// Deadline of everything the chain is asked.
    pub max_duration_chain: Duration,
    /// Deviation that makes a report, in parts of 10^9.
    pub alpha_ppb: u64,
}

impl Parameters {
    /// Draws parameters that a careful operator could choose; larger committees are slower.
    pub fn draw(rng: &mut SimRng, protocol: Protocol, n: usize, f: u8) -> Self {
        let seconds = |rng: &mut SimRng, least: u64, most: u64| {
            between(rng, Duration::from_secs(least), Duration::from_secs(most))
        };
        let slowness = 1 + n as u64 / 4;
        let delta_round = seconds(rng, 4 * slowness, 8 * slowness);
        let delta_progress = delta_round + seconds(rng, 8, 20);
        Self {
            protocol,
            n,
            f,
            delta_progress,
            delta_resend: seconds(rng, 4, 12),
            delta_round,
            delta_grace: between(rng, Duration::ZERO, Duration::from_secs(2)),
            delta_stage: seconds(rng, 4, 15),
            delta_c: seconds(rng, 30, 120),
            r_max: rng.random_range(1..=6),
            s: stages(rng, n),
            max_duration_observation: seconds(rng, 1, 3),
            max_duration_chain: seconds(rng, 1, 2),
            alpha_ppb: rng.random_range(0..=20_000_000),
        }
    }
}

/// Splits `n` oracles into stages.
fn stages(rng: &mut SimRng, n: usize) -> Vec<u8> {
    let mut left = n;
    let mut stages = Vec::new();
    while left > 0 {
        let size = rng.random_range(1..=left);
        stages.push(size as u8);
        left -= size;
    }
    stages
}

/// A committee's secrets: who the oracles are.
#[derive(Debug)]
pub struct Committee {
    /// How it is set up.
    pub parameters: Parameters,
    secrets: Vec<[[u8; 32]; 3]>,
}

impl Committee {
    /// Makes keys for every oracle.
    pub fn new(rng: &mut SimRng, parameters: Parameters) -> Self {
        let secret = |rng: &mut SimRng| {
            let mut secret: [u8; 32] = rng.random();
            // Below the order of secp256k1, and not zero.
            secret[0] &= 0x7f;
            secret[31] |= 1;
            secret
        };
        let secrets = (0..parameters.n)
            .map(|_| [secret(rng), secret(rng), secret(rng)])
            .collect();
        Self {
            parameters,
            secrets,
        }
    }

    /// Returns the keys of `oracle`.
    #[must_use]
    pub fn keyring(&self, oracle: usize) -> Keyring {
        let [onchain, offchain, config] = &self.secrets[oracle];
        Keyring::new(onchain, offchain, config).expect("drawn below the order")
    }

    /// Returns the address that `oracle` transmits from.
    #[must_use]
    pub fn transmitter(&self, oracle: usize) -> Address {
        Address::from_word(keccak256(self.secrets[oracle][0]))
    }

    /// Sets the contract's configuration number `count` up: through the bytes that a contract holds.
    pub fn instance(&self, rng: &mut SimRng, count: u64) -> Instance {
        let keyrings: Vec<_> = (0..self.parameters.n)
            .map(|oracle| self.keyring(oracle))
            .collect();
        let mut contract = ContractConfig {
            count,
            signers: keyrings.iter().map(Keyring::signer).collect(),
            transmitters: (0..self.parameters.n)
                .map(|oracle| self.transmitter(oracle))
                .collect(),
            f: self.parameters.f,
            ..ContractConfig::default()
        };
        let config_keys: Vec<_> = keyrings.iter().map(Keyring::config_key).collect();
        let shared_secret = SharedSecret::new(rng.random())
            .encrypt(&config_keys, rng.random())
            .expect("these keys have no low order");
        let offchain = offchain_config(&self.parameters, &keyrings, shared_secret);
        let (public, median, limits) = match self.parameters.protocol {
            Protocol::Ocr1 => {
                let (public, median) = ocr1_config(&mut contract, offchain, &self.parameters);
                (public, median, None)
            }
            Protocol::Ocr2 => {
                let (public, median) = ocr2_config(&mut contract, offchain);
                let limits = ocr2_plugin(&public, median).limits();
                (public, median, Some(limits))
            }
        };
        let configs = keyrings
            .iter()
            .enumerate()
            .map(|(oracle, keyring)| {
                let (peer_id, transmitter) = (peer_id(oracle), self.transmitter(oracle));
                Config::new(public.clone(), keyring, &peer_id, transmitter).expect("listed above")
            })
            .collect();
        Instance {
            digest: contract.digest,
            contract,
            public,
            median,
            configs,
            limits,
        }
    }
}

/// One configuration of the contract, as all oracles see it.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its digest.
    pub digest: ConfigDigest,
    /// What the contract holds.
    pub contract: ContractConfig,
    /// What it means.
    pub public: PublicConfig,
    /// When it is reported.
    pub median: MedianConfig,
    /// What each oracle knows.
    pub configs: Vec<Config>,
    /// The longest parts of OCR2's messages; OCR1 has one limit for all.
    pub limits: Option<PluginLimits>,
}

impl Instance {
    /// Returns the oracle at `index`.
    #[must_use]
    pub fn oracle(&self, index: usize) -> OracleId {
        self.public
            .committee
            .oracle(index)
            .expect("one of the committee")
    }
}

/// Returns the median plugin of a configuration of OCR2.
#[must_use]
pub fn ocr2_plugin(public: &PublicConfig, median: MedianConfig) -> Median {
    Median::new(public, median, OBSERVATION_CODEC).expect("the bounds are encoded below")
}

fn peer_id(oracle: usize) -> String {
    format!("peer-{oracle}")
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).expect("parameters are minutes at most")
}

fn offchain_config(
    parameters: &Parameters,
    keyrings: &[Keyring],
    shared_secret: SharedSecretEncryptions,
) -> OffchainConfig {
    let chain = nanos(parameters.max_duration_chain);
    OffchainConfig {
        delta_progress_nanos: nanos(parameters.delta_progress),
        delta_resend_nanos: nanos(parameters.delta_resend),
        delta_round_nanos: nanos(parameters.delta_round),
        delta_grace_nanos: nanos(parameters.delta_grace),
        delta_stage_nanos: nanos(parameters.delta_stage),
        r_max: parameters.r_max,
        s: parameters.s.iter().copied().map(u32::from).collect(),
        offchain_public_keys: keyrings.iter().map(Keyring::offchain_key).collect(),
        peer_ids: (0..parameters.n).map(peer_id).collect(),
        plugin_config: ocr_wire::median::encode_config(&MedianConfig {
            alpha_report_ppb: parameters.alpha_ppb,
            alpha_accept_ppb: parameters.alpha_ppb,
            delta_c: parameters.delta_c,
            ..MedianConfig::default()
        }),
        max_duration_query_nanos: 0,
        max_duration_observation_nanos: nanos(parameters.max_duration_observation),
        max_duration_report_nanos: chain,
        max_duration_should_accept_nanos: chain,
        max_duration_should_transmit_nanos: chain,
        shared_secret,
        max_duration_initialization_nanos: None,
    }
}

fn ocr2_config(
    contract: &mut ContractConfig,
    offchain: OffchainConfig,
) -> (PublicConfig, MedianConfig) {
    let (min, max) = ANSWER_BOUNDS;
    let bounds = OnchainConfig::new(Int192::from(min), Int192::from(max)).expect("in order");
    contract.onchain_config = bounds.encode();
    contract.offchain_config_version = OFFCHAIN_CONFIG_VERSION;
    contract.offchain_config = ocr_wire::offchain_config::encode(&offchain);
    contract.digest = contract.evm_digest(CHAIN_ID, CONTRACT);
    let public =
        ocr_wire::public_config(contract, ResourceChecks::Enforced).expect("drawn to be valid");
    let median = ocr_wire::median::decode_config(&public.plugin_config).expect("encoded above");
    (public, median)
}

fn ocr1_config(
    contract: &mut ContractConfig,
    offchain: OffchainConfig,
    parameters: &Parameters,
) -> (PublicConfig, MedianConfig) {
    let encoded = ocr_wire::ocr1::offchain_config::encode(&ocr1::OffchainConfig {
        delta_progress_nanos: offchain.delta_progress_nanos,
        delta_resend_nanos: offchain.delta_resend_nanos,
        delta_round_nanos: offchain.delta_round_nanos,
        delta_grace_nanos: offchain.delta_grace_nanos,
        delta_c_nanos: nanos(parameters.delta_c),
        alpha_ppb: parameters.alpha_ppb,
        delta_stage_nanos: offchain.delta_stage_nanos,
        r_max: parameters.r_max,
        s: parameters.s.clone(),
        offchain_public_keys: offchain.offchain_public_keys,
        peer_ids: offchain.peer_ids,
        shared_secret: offchain.shared_secret,
    });
    contract.offchain_config_version = ocr1::OFFCHAIN_CONFIG_VERSION;
    contract.offchain_config = encoded.expect("few oracles");
    contract.digest = contract.ocr1_digest(CONTRACT);
    let checks = ChainChecks::Enforced { chain_id: CHAIN_ID };
    let timeouts = Timeouts {
        source: parameters.max_duration_observation,
        blockchain: parameters.max_duration_chain,
    };
    ocr_wire::ocr1::public_config(contract, checks, timeouts).expect("drawn to be valid")
}
