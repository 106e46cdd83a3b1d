//! Decoders of the oracles' part of configurations, and the rules that follow.

use core::time::Duration;

use alloy_primitives::Address;
use arbitrary::Unstructured;
use ocr_protocol::config::ocr1::{ChainChecks, OffchainConfig as Ocr1Config, Timeouts};
use ocr_protocol::config::{
    ContractConfig, OffchainConfig as Ocr2Config, PublicConfig, ResourceChecks,
};
use ocr_protocol::finalize::Finalizer;
use ocr_protocol::id::{ConfigDigest, Epoch};
use ocr_protocol::keyring::ONCHAIN_SIGNATURE_BYTES;
use ocr_protocol::limits::{NetworkLimits, PluginLimits};
use ocr_protocol::schedule;
use ocr_protocol::secret::SharedSecretEncryptions;
use ocr_wire::{ocr1, offchain_config, public_config};

/// Bytes as a contract shows them, or a configuration made of them, in OCR2.
///
/// The first byte chooses: bit 0 which of the two, bit 1 whether resources are checked, bits 4 to 7 f.
pub fn ocr2_config(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    if choice & 1 != 0 {
        if let Ok(made) = made_ocr2(&mut Unstructured::new(bytes)) {
            let decoded = offchain_config::decode(&offchain_config::encode(&made));
            assert_eq!(decoded.as_ref(), Ok(&made));
        }
        return;
    }
    let Ok(decoded) = offchain_config::decode(bytes) else {
        return;
    };
    let canonical = offchain_config::encode(&decoded);
    let again = offchain_config::decode(&canonical);
    assert_eq!(again.as_ref(), Ok(&decoded), "another configuration");

    let contract = contract(
        choice,
        ConfigDigest::ZERO,
        2,
        decoded.peer_ids.len(),
        canonical,
    );
    let checks = if choice & 2 == 0 {
        ResourceChecks::Skipped
    } else {
        ResourceChecks::Enforced
    };
    if let Ok(config) = public_config(&contract, checks) {
        assert_is_sound(&config);
    }
}

/// Bytes as a contract shows them, or a configuration made of them, in OCR1.
///
/// The first byte is as in OCR2; with checks they are those of a public test network.
pub fn ocr1_config(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    if choice & 1 != 0 {
        if let Ok(made) = made_ocr1(&mut Unstructured::new(bytes)) {
            // More than 20 000 bytes are no configuration.
            if let Ok(encoded) = ocr1::offchain_config::encode(&made) {
                let decoded = ocr1::offchain_config::decode(&encoded);
                assert_eq!(decoded.as_ref(), Ok(&made));
            }
        }
        return;
    }
    let Ok(decoded) = ocr1::offchain_config::decode(bytes) else {
        return;
    };
    // Lists may overlap in what was read, so that what is written may be too long.
    let Ok(canonical) = ocr1::offchain_config::encode(&decoded) else {
        return;
    };
    let again = ocr1::offchain_config::decode(&canonical);
    assert_eq!(again.as_ref(), Ok(&decoded), "another configuration");

    let digest = ConfigDigest::from_ocr1([7; 16]);
    let contract = contract(choice, digest, 1, decoded.peer_ids.len(), canonical);
    let checks = if choice & 2 == 0 {
        ChainChecks::Skipped
    } else {
        ChainChecks::Enforced {
            chain_id: 11_155_111,
        }
    };
    let timeouts = Timeouts {
        source: Duration::from_secs(6),
        blockchain: Duration::from_secs(20),
    };
    if let Ok((config, median)) = ocr1::public_config(&contract, checks, timeouts) {
        assert!(config.delta_grace < config.delta_round);
        assert!(i64::try_from(median.delta_c.as_nanos()).is_ok());
        assert_is_sound(&config);
    }
}

/// What the contract says beside the bytes: `n` oracles, f from the choice.
fn contract(
    choice: u8,
    digest: ConfigDigest,
    offchain_config_version: u64,
    n: usize,
    offchain_config: Vec<u8>,
) -> ContractConfig {
    let address = |kind: u8| {
        move |index: usize| {
            let mut address = [kind; 20];
            address[..8].copy_from_slice(&(index as u64).to_be_bytes());
            Address::from(address)
        }
    };
    ContractConfig {
        digest,
        count: 1,
        signers: (0..n).map(address(1)).collect(),
        transmitters: (0..n).map(address(2)).collect(),
        f: choice >> 4,
        onchain_config: Vec::new(),
        offchain_config_version,
        offchain_config,
    }
}

/// What the oracles rely on in a configuration that passed every check.
fn assert_is_sound(config: &PublicConfig) {
    let committee = config.committee;
    assert!((1..=31).contains(&committee.n()) && 3 * committee.f() < committee.n());
    assert!((1..=254).contains(&config.r_max));
    assert!(config.delta_round < config.delta_progress);
    assert!(config.s.len() < 1000 && config.s.iter().all(|&stage| stage <= 31));
    assert_eq!(config.shared_secret.encryptions.len(), committee.n());

    let _ = Finalizer::new(config.r_max, config.delta_round);
    let plugin = PluginLimits {
        max_query_bytes: 0,
        max_observation_bytes: 92,
        max_report_bytes: 32 * (5 + committee.n()),
    };
    let limits = NetworkLimits::new(config, &plugin, ONCHAIN_SIGNATURE_BYTES);
    let limits = limits.expect("the median's messages are short");
    for given in [limits, NetworkLimits::of_ocr1(config)] {
        assert!(given.messages_per_second > 0.0 && given.bytes_per_second > 0.0);
    }
    assert_schedules(config);
}

fn assert_schedules(config: &PublicConfig) {
    let key = [config.r_max; 16];
    let committee = config.committee;
    let leader = schedule::leader(&key, committee, Epoch::MAX);
    assert!(leader.index() < committee.n());
    let delays = schedule::transmit_delays(&key, committee, &config.s, config.delta_stage);
    let transmitters = delays.present().count();
    let places: usize = config.s.iter().map(|&stage| usize::from(stage)).sum();
    assert_eq!(transmitters, places.min(committee.n()));
}

fn made_ocr2(u: &mut Unstructured<'_>) -> arbitrary::Result<Ocr2Config> {
    Ok(Ocr2Config {
        delta_progress_nanos: u.arbitrary()?,
        delta_resend_nanos: u.arbitrary()?,
        delta_round_nanos: u.arbitrary()?,
        delta_grace_nanos: u.arbitrary()?,
        delta_stage_nanos: u.arbitrary()?,
        r_max: u.arbitrary()?,
        max_duration_query_nanos: u.arbitrary()?,
        max_duration_observation_nanos: u.arbitrary()?,
        max_duration_report_nanos: u.arbitrary()?,
        max_duration_should_accept_nanos: u.arbitrary()?,
        max_duration_should_transmit_nanos: u.arbitrary()?,
        max_duration_initialization_nanos: u.arbitrary()?,
        shared_secret: shared_secret(u)?,
        s: u.arbitrary()?,
        offchain_public_keys: u.arbitrary()?,
        peer_ids: u.arbitrary()?,
        plugin_config: u.arbitrary()?,
    })
}

fn made_ocr1(u: &mut Unstructured<'_>) -> arbitrary::Result<Ocr1Config> {
    Ok(Ocr1Config {
        delta_progress_nanos: u.arbitrary()?,
        delta_resend_nanos: u.arbitrary()?,
        delta_round_nanos: u.arbitrary()?,
        delta_grace_nanos: u.arbitrary()?,
        delta_c_nanos: u.arbitrary()?,
        alpha_ppb: u.arbitrary()?,
        delta_stage_nanos: u.arbitrary()?,
        r_max: u.arbitrary()?,
        shared_secret: shared_secret(u)?,
        s: u.arbitrary()?,
        offchain_public_keys: u.arbitrary()?,
        // They are joined by commas: none has one, and none is empty.
        peer_ids: u
            .arbitrary::<Vec<u64>>()?
            .into_iter()
            .map(|id| id.to_string())
            .collect(),
    })
}

fn shared_secret(u: &mut Unstructured<'_>) -> arbitrary::Result<SharedSecretEncryptions> {
    Ok(SharedSecretEncryptions {
        diffie_hellman_point: u.arbitrary()?,
        hash: u.arbitrary()?,
        encryptions: u.arbitrary()?,
    })
}
