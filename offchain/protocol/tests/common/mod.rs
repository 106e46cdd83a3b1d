//! A committee with real keys and a configuration that all its oracles can use.
#![allow(dead_code, reason = "each test file uses its own part")]

use core::cell::RefCell;
use core::time::Duration;
use std::collections::BTreeMap;

use alloy_primitives::Address;
use ocr_protocol::config::{
    Config, ConfigError, ContractConfig, OffchainConfig, PublicConfig, ResourceChecks,
};
use ocr_protocol::id::ConfigDigest;
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::observation::{Observation, ObservationCodec};
use ocr_protocol::report::OnchainConfig;
use ocr_protocol::secret::SharedSecret;

/// The shared secret of the vectors.
pub(crate) const SHARED_SECRET: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8];

/// What goes into a configuration, before any check.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) contract: ContractConfig,
    pub(crate) offchain: OffchainConfig,
}

/// Returns oracle `index`'s secrets: on-chain, off-chain, config.
pub(crate) fn secrets(index: usize) -> ([u8; 32], [u8; 32], [u8; 32]) {
    let secret = |kind: u8| {
        let mut secret = [kind; 32];
        secret[31] = index as u8 + 1;
        secret
    };
    (secret(0x11), secret(0x22), secret(0x33))
}

/// Returns oracle `index`'s keys.
pub(crate) fn keyring(index: usize) -> Keyring {
    let (onchain, offchain, config) = secrets(index);
    Keyring::new(&onchain, &offchain, &config).expect("small scalars are keys")
}

/// Returns oracle `index`'s network identity.
pub(crate) fn peer_id(index: usize) -> String {
    format!("peer-{index}")
}

/// Returns the address that oracle `index` transmits from.
pub(crate) fn transmitter(index: usize) -> Address {
    Address::repeat_byte(0xa0 + index as u8)
}

/// Returns the digest of the vectors: 00 01 02 … 1f.
pub(crate) fn digest() -> ConfigDigest {
    ConfigDigest(core::array::from_fn(|index| index as u8))
}

thread_local! {
    /// Keys take milliseconds to make; property tests need them hundreds of times.
    static DRAFTS: RefCell<BTreeMap<usize, Draft>> = const { RefCell::new(BTreeMap::new()) };
}

/// Drafts a valid configuration of `n` oracles with `f` faults.
pub(crate) fn draft(n: usize, f: u8) -> Draft {
    let draft = DRAFTS.with_borrow_mut(|drafts| drafts.entry(n).or_insert_with(|| make(n)).clone());
    draft.with(|draft| draft.contract.f = f)
}

fn make(n: usize) -> Draft {
    let nanos = |millis: i64| millis * 1_000_000;
    let keyrings: Vec<_> = (0..n).map(keyring).collect();
    let config_keys: Vec<_> = keyrings.iter().map(Keyring::config_key).collect();
    let shared_secret = SharedSecret::new(SHARED_SECRET)
        .encrypt(&config_keys, [0x40; 32])
        .expect("these keys have no low order");
    let bounds = OnchainConfig::new(Int192::from(-1000), Int192::from(1000));
    Draft {
        contract: ContractConfig {
            digest: digest(),
            count: 1,
            signers: keyrings.iter().map(Keyring::signer).collect(),
            transmitters: (0..n).map(transmitter).collect(),
            f: 0,
            onchain_config: bounds.expect("in order").encode(),
            offchain_config_version: 2,
            offchain_config: Vec::new(),
        },
        offchain: OffchainConfig {
            delta_progress_nanos: nanos(2_000),
            delta_resend_nanos: nanos(1_000),
            delta_round_nanos: nanos(100),
            delta_grace_nanos: nanos(20),
            delta_stage_nanos: nanos(50),
            r_max: 3,
            s: vec![1; n],
            offchain_public_keys: keyrings.iter().map(Keyring::offchain_key).collect(),
            peer_ids: (0..n).map(peer_id).collect(),
            plugin_config: Vec::new(),
            max_duration_query_nanos: nanos(50),
            max_duration_observation_nanos: nanos(50),
            max_duration_report_nanos: nanos(50),
            max_duration_should_accept_nanos: nanos(50),
            max_duration_should_transmit_nanos: nanos(50),
            shared_secret,
            max_duration_initialization_nanos: Some(nanos(50)),
        },
    }
}

impl Draft {
    /// Changes the draft.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Checks the draft.
    pub(crate) fn public(self) -> Result<PublicConfig, ConfigError> {
        PublicConfig::new(&self.contract, self.offchain, ResourceChecks::Enforced)
    }

    /// Checks the draft as oracle `index`.
    pub(crate) fn config_of(self, index: usize) -> Config {
        let public = self.public().expect("a valid draft");
        Config::new(public, &keyring(index), &peer_id(index), transmitter(index))
            .expect("listed in the draft")
    }
}

/// Milliseconds.
pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A codec of fixed width, so that these tests need no protobuf: time, value, juels.
pub(crate) const FIXED_CODEC: ObservationCodec = ObservationCodec {
    encode: encode_fixed,
    decode: decode_fixed,
};

fn encode_fixed(observation: &Observation) -> Vec<u8> {
    [
        observation.timestamp_seconds.to_be_bytes().as_slice(),
        &observation.value.to_be_bytes(),
        &observation.juels_per_fee_coin.to_be_bytes(),
    ]
    .concat()
}

fn decode_fixed(bytes: &[u8]) -> Option<Observation> {
    let (timestamp, numbers) = bytes.split_first_chunk()?;
    let (value, juels_per_fee_coin) = numbers.split_at_checked(24)?;
    Some(Observation {
        timestamp_seconds: u32::from_be_bytes(*timestamp),
        value: Int192::decode(value)?,
        juels_per_fee_coin: Int192::decode(juels_per_fee_coin)?,
        gas_price_subunits: None,
    })
}

/// An observation of `value` at second 1000, with one juel per fee coin.
pub(crate) fn observation(value: i64) -> Observation {
    Observation {
        timestamp_seconds: 1000,
        value: value.into(),
        juels_per_fee_coin: 1.into(),
        gas_price_subunits: None,
    }
}
