//! Committees with real keys, in both versions.

use std::sync::LazyLock;

use alloy_primitives::Address;
use core::time::Duration;
use ocr_protocol::config::ocr1::{ChainChecks, OffchainConfig as Ocr1Config, Timeouts};
use ocr_protocol::config::{
    Config, ContractConfig, OffchainConfig as Ocr2Config, PublicConfig, ResourceChecks,
};
use ocr_protocol::id::{ConfigDigest, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::report::OnchainConfig;
use ocr_protocol::secret::{SharedSecret, SharedSecretEncryptions};

/// The most oracles of a committee here.
const MOST: usize = 4;

/// How a committee is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Four oracles, one of them may be faulty.
    Four,
    /// The same, with every duration at the least that its version allows, and an oracle that never transmits.
    Hasty,
    /// One oracle alone.
    Alone,
}

/// A committee's oracles, each with its configuration.
pub(crate) struct Committee {
    pub(crate) keyrings: Vec<Keyring>,
    pub(crate) configs: Vec<Config>,
}

/// Returns oracle `index`'s keys.
pub(crate) fn keyring(index: usize) -> Keyring {
    let secret = |kind: u8| {
        let mut secret = [kind; 32];
        secret[31] = index as u8 + 1;
        secret
    };
    Keyring::new(&secret(0x11), &secret(0x22), &secret(0x33)).expect("small scalars are keys")
}

/// Returns a committee, which is made once.
pub(crate) fn committee(protocol: Protocol, shape: Shape) -> &'static Committee {
    static OCR1: LazyLock<[Committee; 3]> = LazyLock::new(|| all(Protocol::Ocr1));
    static OCR2: LazyLock<[Committee; 3]> = LazyLock::new(|| all(Protocol::Ocr2));
    match protocol {
        Protocol::Ocr1 => &OCR1[shape as usize],
        Protocol::Ocr2 => &OCR2[shape as usize],
    }
}

fn all(protocol: Protocol) -> [Committee; 3] {
    [Shape::Four, Shape::Hasty, Shape::Alone].map(|shape| make(protocol, shape))
}

fn make(protocol: Protocol, shape: Shape) -> Committee {
    let (n, f) = match shape {
        Shape::Four | Shape::Hasty => (MOST, 1),
        Shape::Alone => (1, 0),
    };
    let keyrings: Vec<_> = (0..n).map(keyring).collect();
    let public = match protocol {
        Protocol::Ocr1 => ocr1(shape, f, &keyrings),
        Protocol::Ocr2 => ocr2(shape, f, &keyrings),
    };
    let config = |index: usize| {
        let (keyring, peer_id) = (&keyrings[index], peer_id(index));
        Config::new(public.clone(), keyring, &peer_id, transmitter(index)).expect("it is listed")
    };
    Committee {
        configs: (0..n).map(config).collect(),
        keyrings,
    }
}

fn peer_id(index: usize) -> String {
    format!("peer-{index}")
}

fn transmitter(index: usize) -> Address {
    Address::repeat_byte(0xa0 + index as u8)
}

const fn millis(millis: i64) -> i64 {
    millis * 1_000_000
}

/// DeltaProgress, DeltaResend, DeltaRound, DeltaGrace, DeltaStage; oracles of each stage.
fn timing(shape: Shape) -> ([i64; 5], &'static [u8]) {
    match shape {
        Shape::Four => ([2_000, 1_000, 100, 20, 50], &[1, 1, 2]),
        Shape::Hasty => ([1, 1, 0, 0, 0], &[2, 1]),
        Shape::Alone => ([500, 700, 100, 20, 50], &[1]),
    }
}

/// Returns the oracles' part of a committee's configuration in OCR2.
pub(crate) fn ocr2_offchain(shape: Shape, keyrings: &[Keyring]) -> Ocr2Config {
    let ([progress, resend, round, grace, stage], s) = timing(shape);
    let wait = if progress > 1 { millis(50) } else { 0 };
    Ocr2Config {
        delta_progress_nanos: millis(progress),
        delta_resend_nanos: millis(resend),
        delta_round_nanos: millis(round),
        delta_grace_nanos: millis(grace),
        delta_stage_nanos: millis(stage),
        r_max: 3,
        s: s.iter().copied().map(u32::from).collect(),
        offchain_public_keys: keyrings.iter().map(Keyring::offchain_key).collect(),
        peer_ids: (0..keyrings.len()).map(peer_id).collect(),
        plugin_config: Vec::new(),
        max_duration_query_nanos: 0,
        max_duration_observation_nanos: wait,
        max_duration_report_nanos: wait,
        max_duration_should_accept_nanos: wait,
        max_duration_should_transmit_nanos: wait,
        shared_secret: shared_secret(keyrings),
        max_duration_initialization_nanos: None,
    }
}

/// Returns the oracles' part of a committee's configuration in OCR1.
pub(crate) fn ocr1_offchain(shape: Shape, keyrings: &[Keyring]) -> Ocr1Config {
    let ([progress, resend, round, grace, stage], s) = timing(shape);
    Ocr1Config {
        delta_progress_nanos: millis(progress),
        delta_resend_nanos: millis(resend),
        delta_round_nanos: millis(round).max(1), // above DeltaGrace
        delta_grace_nanos: millis(grace),
        delta_c_nanos: millis(60_000),
        alpha_ppb: 50_000_000,
        delta_stage_nanos: millis(stage),
        r_max: 3,
        s: s.to_vec(),
        offchain_public_keys: keyrings.iter().map(Keyring::offchain_key).collect(),
        peer_ids: (0..keyrings.len()).map(peer_id).collect(),
        shared_secret: shared_secret(keyrings),
    }
}

fn ocr2(shape: Shape, f: u8, keyrings: &[Keyring]) -> PublicConfig {
    let bounds = OnchainConfig::new(Int192::from(-1000), Int192::from(1000)).expect("in order");
    let contract = ContractConfig {
        onchain_config: bounds.encode(),
        ..contract(ConfigDigest([2; 32]), 2, f, keyrings)
    };
    let offchain = ocr2_offchain(shape, keyrings);
    PublicConfig::new(&contract, offchain, ResourceChecks::Skipped).expect("valid")
}

fn ocr1(shape: Shape, f: u8, keyrings: &[Keyring]) -> PublicConfig {
    let contract = contract(ConfigDigest::from_ocr1([1; 16]), 1, f, keyrings);
    let offchain = ocr1_offchain(shape, keyrings);
    let timeouts = Timeouts {
        source: Duration::from_secs(6),
        blockchain: Duration::from_secs(20),
    };
    PublicConfig::new_ocr1(&contract, offchain, ChainChecks::Skipped, timeouts).expect("valid")
}

fn contract(digest: ConfigDigest, version: u64, f: u8, keyrings: &[Keyring]) -> ContractConfig {
    ContractConfig {
        digest,
        count: 1,
        signers: keyrings.iter().map(Keyring::signer).collect(),
        transmitters: (0..keyrings.len()).map(transmitter).collect(),
        f,
        onchain_config: Vec::new(),
        offchain_config_version: version,
        offchain_config: Vec::new(),
    }
}

fn shared_secret(keyrings: &[Keyring]) -> SharedSecretEncryptions {
    let keys: Vec<_> = keyrings.iter().map(Keyring::config_key).collect();
    SharedSecret::new([7; 16])
        .encrypt(&keys, [0x40; 32])
        .expect("these keys have no low order")
}
