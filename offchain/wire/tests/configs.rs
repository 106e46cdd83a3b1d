//! Off-chain configurations, the median's part of them, and observations.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use ocr_protocol::config::{ConfigError, ContractConfig, OffchainConfig, ResourceChecks};
use ocr_protocol::int192::Int192;
use ocr_protocol::observation::Observation;
use ocr_protocol::report::MedianConfig;
use ocr_protocol::secret::SharedSecretEncryptions;
use ocr_wire::median::{self, MedianConfigError};
use ocr_wire::offchain_config::{self, OffchainConfigError, decode, encode};
use ocr_wire::{ProtobufError, PublicConfigError, public_config};
use proptest::collection::vec;
use proptest::prelude::*;

const MAX_BYTES: usize = offchain_config::MAX_OFFCHAIN_CONFIG_BYTES;

/// A field with bytes; `number` and the length have one digit each.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(number < 16 && bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// Field 16 with what is within.
fn secret(parts: &[Vec<u8>]) -> Vec<u8> {
    let parts = parts.concat();
    [&[0x82, 0x01, parts.len() as u8], &parts[..]].concat()
}

fn good_secret() -> Vec<u8> {
    secret(&[field(1, &[1; 32]), field(2, &[2; 32])])
}

fn decode_with_good_secret(bytes: &[u8]) -> OffchainConfig {
    decode(&[bytes, &good_secret()].concat()).unwrap()
}

fn wrong_length(
    entry: &'static str,
    given_bytes: usize,
    needed_bytes: usize,
) -> Result<OffchainConfig, OffchainConfigError> {
    Err(OffchainConfigError::EntryLength {
        entry,
        given_bytes,
        needed_bytes,
    })
}

#[test]
fn the_first_thing_wrong_is_the_error() {
    let key = |len| field(8, &vec![0; len]);
    let point = |len| field(1, &vec![1; len]);
    let hash = |len| field(2, &vec![2; len]);
    let block = |len| field(3, &vec![3; len]);
    let bad_secret = secret(&[point(31), hash(31), block(15)]);

    // Each case repairs what the one before it complains of, and nothing after it.
    let too_long = vec![0; MAX_BYTES + 1];
    let error = OffchainConfigError::TooLong {
        given_bytes: MAX_BYTES + 1,
    };
    assert_eq!(decode(&too_long), Err(error));

    let not_protobuf = [&key(31)[..], &bad_secret, &[0]].concat();
    let error = ProtobufError::FieldNumber { given: 0 };
    assert!(matches!(
        decode(&not_protobuf),
        Err(OffchainConfigError::Protobuf(_))
    ));
    assert_eq!(decode(&[0, 0]), Err(OffchainConfigError::Protobuf(error)));

    let short_key = [&key(32)[..], &key(31), &bad_secret].concat();
    assert_eq!(
        decode(&short_key),
        wrong_length("an off-chain public key", 31, 32)
    );

    let short_point = [&key(32)[..], &bad_secret].concat();
    assert_eq!(
        decode(&short_point),
        wrong_length("the Diffie-Hellman point", 31, 32)
    );

    let short_hash = secret(&[point(32), hash(31), block(15)]);
    assert_eq!(
        decode(&short_hash),
        wrong_length("the shared secret's hash", 31, 32)
    );

    let short_block = secret(&[point(32), hash(32), block(16), block(15)]);
    assert_eq!(
        decode(&short_block),
        wrong_length("a shared secret's encryption", 15, 16)
    );

    assert!(decode(&secret(&[point(32), hash(32), block(16)])).is_ok());
}

#[test]
fn entries_may_be_neither_shorter_nor_longer() {
    let long_key = [&field(8, &[0; 33])[..], &good_secret()].concat();
    assert_eq!(
        decode(&long_key),
        wrong_length("an off-chain public key", 33, 32)
    );
    let long_point = secret(&[field(1, &[0; 33])]);
    assert_eq!(
        decode(&long_point),
        wrong_length("the Diffie-Hellman point", 33, 32)
    );
}

#[test]
fn a_configuration_without_shared_secret_is_refused() {
    assert_eq!(decode(&[]), wrong_length("the Diffie-Hellman point", 0, 32));
}

#[test]
fn two_million_bytes_are_not_too_long() {
    // Field 10 fills up what the secret and its own tag and length leave.
    let len = MAX_BYTES - good_secret().len() - 4;
    let digits = [len as u8 | 0x80, (len >> 7) as u8 | 0x80, (len >> 14) as u8];
    let bytes = [&[0x52], &digits[..], &vec![9; len], &good_secret()].concat();
    assert_eq!(bytes.len(), MAX_BYTES);
    assert_eq!(decode(&bytes).unwrap().plugin_config.len(), len);
}

#[test]
fn numbers_are_cut_and_reinterpreted() {
    // DeltaProgress 2^63, DeltaResend 2^64 - 1.
    let bytes = "0880808080808080808001 10ffffffffffffffffff01".replace(' ', "");
    let config = decode_with_good_secret(&hex::decode(bytes).unwrap());
    assert_eq!(
        (config.delta_progress_nanos, config.delta_resend_nanos),
        (i64::MIN, -1)
    );

    for (r_max, read) in [("308302", 3), ("308002", 0), ("30ff01", 255), ("3003", 3)] {
        let config = decode_with_good_secret(&hex::decode(r_max).unwrap());
        assert_eq!(config.r_max, read, "{r_max}");
    }
}

#[test]
fn stages_are_read_packed_and_not_packed() {
    // Packed 1, 200; then 7; as four bytes, which is skipped; packed 2^32 + 5.
    let bytes = "3a0301c801 3807 3d01000000 3a058580808010".replace(' ', "");
    assert_eq!(
        decode_with_good_secret(&hex::decode(bytes).unwrap()).s,
        [1, 200, 7, 5]
    );

    let truncated = [hex::decode("3a0180").unwrap(), good_secret()].concat();
    assert_eq!(decode(&truncated), Err(ProtobufError::Truncated.into()));
}

#[test]
fn peer_ids_are_text() {
    let bytes = [field(9, b"p\xff"), good_secret()].concat();
    assert_eq!(
        decode(&bytes),
        Err(ProtobufError::NotUtf8 { number: 9 }.into())
    );
    assert_eq!(
        decode_with_good_secret(&field(9, "é".as_bytes())).peer_ids,
        ["é"]
    );
}

#[test]
fn a_shared_secret_in_two_pieces_is_merged() {
    let pieces = [
        secret(&[field(1, &[1; 32]), field(2, &[9; 32]), field(3, &[3; 16])]),
        secret(&[field(2, &[2; 32]), field(3, &[4; 16])]),
    ];
    let config = decode(&pieces.concat()).unwrap();
    let merged = SharedSecretEncryptions {
        diffie_hellman_point: [1; 32],
        hash: [2; 32],
        encryptions: vec![[3; 16], [4; 16]],
    };
    assert_eq!(config.shared_secret, merged);
}

#[test]
fn an_initialization_deadline_of_zero_is_not_none() {
    let none = OffchainConfig::default();
    let zero = OffchainConfig {
        max_duration_initialization_nanos: Some(0),
        ..none.clone()
    };
    assert_eq!(decode(&encode(&none)), Ok(none.clone()));
    assert_eq!(decode(&encode(&zero)), Ok(zero.clone()));
    assert_ne!(encode(&none), encode(&zero));
}

/// Four oracles, everything right.
fn good_contract_config() -> (ContractConfig, OffchainConfig) {
    let second = 1_000_000_000;
    let offchain = OffchainConfig {
        delta_progress_nanos: 2 * second,
        delta_resend_nanos: second,
        delta_round_nanos: second,
        r_max: 3,
        s: vec![1; 4],
        offchain_public_keys: (0..4).map(|i| [i; 32]).collect(),
        peer_ids: (0..4).map(|i| format!("peer {i}")).collect(),
        shared_secret: SharedSecretEncryptions {
            encryptions: vec![[0; 16]; 4],
            ..Default::default()
        },
        ..Default::default()
    };
    let contract = ContractConfig {
        signers: (0..4).map(|i| [i; 20].into()).collect(),
        transmitters: (4..8).map(|i| [i; 20].into()).collect(),
        f: 1,
        offchain_config_version: 2,
        offchain_config: encode(&offchain),
        ..Default::default()
    };
    (contract, offchain)
}

#[test]
fn public_config_checks_the_version_then_the_bytes_then_the_rules() {
    let checks = ResourceChecks::Enforced;
    let (good, offchain) = good_contract_config();
    let config = public_config(&good, checks).unwrap();
    assert_eq!(config.oracles.as_slice()[2].peer_id, "peer 2");
    assert_eq!(config.delta_progress, Duration::from_secs(2));

    let breaks_a_rule = OffchainConfig {
        r_max: 0,
        ..offchain
    };
    let mut contract = ContractConfig {
        offchain_config: encode(&breaks_a_rule),
        ..good
    };
    let error = ConfigError::RMaxOutOfRange { given: 0 };
    assert_eq!(
        public_config(&contract, checks),
        Err(PublicConfigError::Config(error))
    );

    contract.offchain_config.push(0x80);
    let error = OffchainConfigError::Protobuf(ProtobufError::Truncated);
    assert_eq!(
        public_config(&contract, checks),
        Err(PublicConfigError::Offchain(error))
    );

    contract.offchain_config_version = 30;
    let error = ConfigError::UnsupportedVersion { given: 30 };
    assert_eq!(
        public_config(&contract, checks),
        Err(PublicConfigError::Config(error))
    );
}

#[test]
fn public_config_skips_the_resource_checks_when_told() {
    let (mut contract, offchain) = good_contract_config();
    let quick = OffchainConfig {
        delta_resend_nanos: 1_000_000,
        ..offchain
    };
    contract.offchain_config = encode(&quick);
    assert!(public_config(&contract, ResourceChecks::Enforced).is_err());
    assert!(public_config(&contract, ResourceChecks::Skipped).is_ok());
}

#[test]
fn a_negative_delta_c_is_refused() {
    let bytes = hex::decode("28ffffffffffffffffff01").unwrap();
    assert_eq!(
        median::decode_config(&bytes),
        Err(MedianConfigError::NegativeDeltaC { nanos: -1 })
    );
}

#[test]
fn delta_c_is_cut_off_at_what_the_bytes_can_say() {
    let config = MedianConfig {
        delta_c: Duration::MAX,
        ..MedianConfig::default()
    };
    let decoded = median::decode_config(&median::encode_config(&config)).unwrap();
    assert_eq!(decoded.delta_c, Duration::from_nanos(i64::MAX as u64));
}

#[test]
fn the_codec_of_observations_is_this_one() {
    let observation = Observation {
        timestamp_seconds: 5,
        ..Observation::default()
    };
    let codec = median::OBSERVATION_CODEC;
    let bytes = (codec.encode)(&observation);
    assert_eq!(bytes, median::encode_observation(&observation));
    assert_eq!((codec.decode)(&bytes), Some(observation));
    assert_eq!((codec.decode)(&bytes[1..]), None);
}

fn int192() -> impl Strategy<Value = Int192> {
    any::<[u8; 24]>().prop_map(Int192::from_be_bytes)
}

fn bytes_32() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>()
}

prop_compose! {
    fn arbitrary_observation()(
        timestamp_seconds in any::<u32>(),
        value in int192(),
        juels_per_fee_coin in int192(),
        gas_price_subunits in proptest::option::of(int192()),
    ) -> Observation {
        Observation { timestamp_seconds, value, juels_per_fee_coin, gas_price_subunits }
    }
}

prop_compose! {
    fn arbitrary_median_config()(
        alpha_report_infinite in any::<bool>(),
        alpha_report_ppb in any::<u64>(),
        alpha_accept_infinite in any::<bool>(),
        alpha_accept_ppb in any::<u64>(),
        delta_c_nanos in 0..=i64::MAX as u64,
    ) -> MedianConfig {
        MedianConfig {
            alpha_report_infinite,
            alpha_report_ppb,
            alpha_accept_infinite,
            alpha_accept_ppb,
            delta_c: Duration::from_nanos(delta_c_nanos),
        }
    }
}

prop_compose! {
    fn arbitrary_offchain_config()(
        nanos in any::<[i64; 10]>(),
        r_max in any::<u8>(),
        s in vec(any::<u32>(), 0..50),
        offchain_public_keys in vec(bytes_32(), 0..32),
        peer_ids in vec(".{0,20}", 0..32),
        plugin_config in vec(any::<u8>(), 0..100),
        diffie_hellman_point in bytes_32(),
        hash in bytes_32(),
        encryptions in vec(any::<[u8; 16]>(), 0..32),
        max_duration_initialization_nanos in any::<Option<i64>>(),
    ) -> OffchainConfig {
        OffchainConfig {
            delta_progress_nanos: nanos[0],
            delta_resend_nanos: nanos[1],
            delta_round_nanos: nanos[2],
            delta_grace_nanos: nanos[3],
            delta_stage_nanos: nanos[4],
            r_max,
            s,
            offchain_public_keys,
            peer_ids,
            plugin_config,
            max_duration_query_nanos: nanos[5],
            max_duration_observation_nanos: nanos[6],
            max_duration_report_nanos: nanos[7],
            max_duration_should_accept_nanos: nanos[8],
            max_duration_should_transmit_nanos: nanos[9],
            shared_secret: SharedSecretEncryptions { diffie_hellman_point, hash, encryptions },
            max_duration_initialization_nanos,
        }
    }
}

proptest! {
    #[test]
    fn decodes_the_offchain_config_it_encodes(config in arbitrary_offchain_config()) {
        prop_assert_eq!(decode(&encode(&config)), Ok(config));
    }

    #[test]
    fn decodes_the_median_config_it_encodes(config in arbitrary_median_config()) {
        prop_assert_eq!(median::decode_config(&median::encode_config(&config)), Ok(config));
    }

    #[test]
    fn decodes_the_observation_it_encodes(observation in arbitrary_observation()) {
        let bytes = median::encode_observation(&observation);
        prop_assert!(bytes.len() <= 92, "{} bytes", bytes.len());
        prop_assert_eq!(median::decode_observation(&bytes), Ok(observation));
    }

    #[test]
    fn any_bytes_give_a_value_or_an_error(bytes in vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = median::decode_config(&bytes);
        let _ = median::decode_observation(&bytes);
        let contract = ContractConfig {
            offchain_config_version: 2,
            offchain_config: bytes,
            ..Default::default()
        };
        let config = public_config(&contract, ResourceChecks::Skipped);
        prop_assert!(config.is_err(), "a configuration without oracles: {config:?}");
    }

    #[test]
    fn spoiled_bytes_give_a_value_or_an_error(
        config in arbitrary_offchain_config(),
        observation in arbitrary_observation(),
        index in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        end in any::<prop::sample::Index>(),
    ) {
        let spoil = |mut bytes: Vec<u8>| {
            let index = index.index(bytes.len());
            bytes[index] = byte;
            bytes.truncate(end.index(bytes.len()) + 1);
            bytes
        };
        let _ = decode(&spoil(encode(&config)));
        let bytes = spoil(median::encode_observation(&observation));
        if let Ok(decoded) = median::decode_observation(&bytes) {
            let again = median::encode_observation(&decoded);
            prop_assert_eq!(median::decode_observation(&again), Ok(decoded));
        }
    }
}
