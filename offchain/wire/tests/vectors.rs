//! Every vector of `vectors/ocr2-wire.json`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod utils;

use std::time::Duration;

use ocr_protocol::id::{Committee, ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::message::Message;
use ocr_protocol::per_oracle::PerOracle;
use ocr_wire::telemetry::{self, Telemetry};
use ocr_wire::{median, message, offchain_config};
use serde_json::Value;
use utils::{UNLIMITED, committee, decode};

const VECTORS: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../vectors/ocr2-wire.json"
));

/// Runs `check` on each vector of a list and its bytes; prints how many there are.
fn for_each(list: &str, check: impl Fn(&Value, &[u8])) {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = vectors[list].as_array().unwrap();
    assert!(!vectors.is_empty(), "no vectors of {list}");
    for vector in vectors {
        check(
            vector,
            &hex::decode(vector["bytes"].as_str().unwrap()).unwrap(),
        );
    }
    println!("{list}: {} vectors", vectors.len());
}

/// Expects the value under `field`, or the error under `error`.
fn assert_decodes(kind: &str, field: &str, vector: &Value, bytes: &[u8]) {
    match vector.get("error") {
        None => assert_eq!(decode(kind, bytes).as_ref(), Ok(&vector[field]), "{vector}"),
        Some(error) => {
            let name = decode(kind, bytes).expect_err(&vector.to_string());
            assert_eq!(Some(name.as_str()), error.as_str(), "{vector}");
        }
    }
}

#[test]
fn messages_encode_and_decode_as_in_the_vectors() {
    for_each("messages", |vector, bytes| {
        assert_decodes("message", "message", vector, bytes);
        let decoded = message::decode(bytes, committee(), &UNLIMITED).unwrap();
        assert_eq!(
            hex::encode(message::encode(&decoded)),
            hex::encode(bytes),
            "{vector}"
        );
    });
}

#[test]
fn odd_messages_decode_as_in_the_vectors() {
    for_each("message_decoding", |vector, bytes| {
        assert_decodes("message", "message", vector, bytes);
    });
}

#[test]
fn observations_encode_and_decode_as_in_the_vectors() {
    for_each("observations", |vector, bytes| {
        assert_decodes("observation", "observation", vector, bytes);
        let decoded = median::decode_observation(bytes).unwrap();
        assert_eq!(
            hex::encode(median::encode_observation(&decoded)),
            hex::encode(bytes)
        );
    });
}

#[test]
fn odd_observations_decode_as_in_the_vectors() {
    for_each("observation_decoding", |vector, bytes| {
        assert_decodes("observation", "observation", vector, bytes);
    });
}

#[test]
fn median_configs_encode_and_decode_as_in_the_vectors() {
    for_each("median_configs", |vector, bytes| {
        assert_decodes("median_config", "config", vector, bytes);
        let decoded = median::decode_config(bytes).unwrap();
        assert_eq!(
            hex::encode(median::encode_config(&decoded)),
            hex::encode(bytes)
        );
    });
}

#[test]
fn offchain_configs_encode_and_decode_as_in_the_vectors() {
    for_each("offchain_configs", |vector, bytes| {
        assert_decodes("offchain_config", "config", vector, bytes);
        let decoded = offchain_config::decode(bytes).unwrap();
        assert_eq!(
            hex::encode(offchain_config::encode(&decoded)),
            hex::encode(bytes)
        );
    });
}

#[test]
fn telemetry_encodes_as_in_the_vectors() {
    let committee = Committee::new(4, 1).unwrap();
    let oracle = |index| OracleId::new(index, 4).unwrap();
    let at = EpochRound::new(7, 3);
    let message = &Message::NewEpoch {
        epoch: Epoch::new(7),
    };
    let serialized = &message::encode(message);
    let delays = &PerOracle::from_fn(committee, |oracle| match oracle.get() {
        0 => Some(Duration::from_secs(10)),
        3 => Some(Duration::ZERO),
        _ => None,
    });
    let digest = ConfigDigest(core::array::from_fn(|i| i as u8));
    let since_1970 = Duration::from_nanos(1_700_000_000_123_456_789);

    for_each("telemetry", |vector, bytes| {
        let event = match vector["event"].as_str().unwrap() {
            "message_received" => Telemetry::MessageReceived {
                message,
                sender: oracle(3),
            },
            "message_broadcast" => Telemetry::MessageBroadcast {
                message,
                serialized,
            },
            "message_sent" => Telemetry::MessageSent {
                message,
                serialized,
                receiver: oracle(2),
            },
            "invalid_serialization" => Telemetry::InvalidSerialization {
                serialized: &[0x12, 0x02, 0x08, 0xff],
                sender: oracle(1),
            },
            "round_started" => Telemetry::RoundStarted {
                at,
                leader: oracle(1),
            },
            "schedule_computed" => Telemetry::ScheduleComputed { at, delays },
            "should_accept_computed" => Telemetry::ShouldAcceptComputed {
                at,
                decision: Some(true),
            },
            "should_transmit_computed" => Telemetry::ShouldTransmitComputed {
                at,
                decision: Some(false),
            },
            "should_transmit_failed" => Telemetry::ShouldTransmitComputed { at, decision: None },
            "epoch_started" => Telemetry::EpochStarted {
                epoch: Epoch::new(7),
                leader: oracle(3),
            },
            event => panic!("{event} is no event"),
        };
        let encoded = telemetry::encode(digest, since_1970, &event);
        assert_eq!(hex::encode(encoded), hex::encode(bytes), "{vector}");
    });
}

/// The digest of A.6 has one byte; ours have 32, and the rest is the same.
#[test]
fn telemetry_is_that_of_the_specification() {
    let event = Telemetry::EpochStarted {
        epoch: Epoch::new(2),
        leader: OracleId::new(3, 4).unwrap(),
    };
    let digest = ConfigDigest([1; 32]);
    let encoded = telemetry::encode(digest, Duration::from_nanos(5), &event);
    let with_32 = format!("52260a20{}", "01".repeat(32));
    let expected = "300552070a010110021803".replace("52070a0101", &with_32);
    assert_eq!(hex::encode(encoded), expected);
}

/// What is in the file and in no test is a vector that nobody checks.
#[test]
fn every_list_of_the_file_is_checked() {
    let checked = [
        "about",
        "median_configs",
        "message_decoding",
        "messages",
        "observation_decoding",
        "observations",
        "offchain_configs",
        "telemetry",
    ];
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let mut lists: Vec<_> = vectors.as_object().unwrap().keys().collect();
    lists.sort();
    assert_eq!(lists, checked);
}
