//! OCR1's bytes: every message and configuration of `vectors/ocr1-offchain.json`, and what decoders bear.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::config::ocr1::{ChainChecks, OffchainConfig, Timeouts};
use ocr_protocol::config::{ConfigError, ContractConfig};
use ocr_protocol::id::{Committee, ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::report::ocr1::encode_report;
use ocr_wire::message::DecodeError;
use ocr_wire::ocr1::message::{decode, encode};
use ocr_wire::ocr1::offchain_config::{self, OffchainConfigError};
use ocr_wire::ocr1::{PublicConfigError, public_config};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

const AT: EpochRound = EpochRound::new(7, 3);

fn vectors() -> Value {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../vectors/ocr1-offchain.json"
    ));
    serde_json::from_str(text).unwrap()
}

fn hex_bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex_bytes(value).try_into().unwrap()
}

fn four() -> Committee {
    Committee::new(4, 1).unwrap()
}

fn oid(index: usize) -> OracleId {
    OracleId::new(index, 4).unwrap()
}

fn signed(vector: &Value) -> SignedObservation {
    SignedObservation {
        observation: hex_bytes(&vector["encoded"]),
        signature: hex_bytes(&vector["signature"]),
    }
}

/// The vectors' report, attested by `signers`.
fn attested(signers: &[usize]) -> AttestedReport {
    let vectors = vectors();
    AttestedReport {
        at: AT,
        extra_hash: [0; 32],
        report: hex_bytes(&vectors["report"])[32..].to_vec(),
        signatures: signers
            .iter()
            .map(|&signer| (None, hex_bytes(&vectors["reportSignatures"][signer])))
            .collect(),
    }
}

#[test]
fn messages_encode_and_decode_as_in_the_vectors() {
    let vectors = vectors();
    let observations = vectors["observations"].as_array().unwrap();
    let wire = vectors["wire"].as_object().unwrap();
    let messages = [
        (
            "newepoch",
            Message::NewEpoch {
                epoch: Epoch::new(7),
            },
        ),
        (
            "observereq",
            Message::ObserveReq {
                at: AT,
                query: vec![],
            },
        ),
        (
            "observe(oracle0)",
            Message::Observe {
                at: AT,
                observation: signed(&observations[0]),
            },
        ),
        (
            "reportreq",
            Message::ReportReq {
                at: AT,
                query: vec![],
                observations: observations
                    .iter()
                    .enumerate()
                    .map(|(i, it)| (oid(i), signed(it)))
                    .collect(),
            },
        ),
        (
            "report(oracle2)",
            Message::Report {
                at: AT,
                vote: ReportVote {
                    skip: false,
                    report: attested(&[]).report,
                    signature: hex_bytes(&vectors["reportSignatures"][2]),
                },
            },
        ),
        ("final", Message::Final(attested(&[0, 2]))),
    ];
    assert_eq!(messages.len(), wire.len());
    for (name, message) in messages {
        let bytes = hex_bytes(&wire[name]);
        assert_eq!(hex::encode(encode(&message)), hex::encode(&bytes), "{name}");
        assert_eq!(decode(&bytes, four()), Ok(message), "{name}");
    }
    // Source: offchain-ocr1 A.5: the echo holds the final without its wrapper's three bytes.
    let echo = [
        &[0x42, 0x8e, 2, 0x0a, 0x8b, 2],
        &hex_bytes(&wire["final"])[3..],
    ]
    .concat();
    let message = Message::FinalEcho(attested(&[0, 2]));
    assert_eq!(hex::encode(encode(&message)), hex::encode(&echo));
    assert_eq!(decode(&echo, four()), Ok(message));
}

#[test]
fn odd_messages_decode_as_in_the_vectors() {
    let vectors = vectors();
    let one = Int192::from(1).to_be_bytes().to_vec();
    let observation = SignedObservation {
        observation: one,
        signature: vec![],
    };
    let accepted = [
        (
            "1206088780808010",
            Message::NewEpoch {
                epoch: Epoch::new(7),
            },
        ),
        ("1200", Message::NewEpoch { epoch: Epoch::ZERO }),
        (
            "2a2808071083021a210a1c0a1a0a18000000000000000000000000000000000000000000000001108202",
            Message::ReportReq {
                at: AT,
                query: vec![],
                observations: vec![(oid(2), observation)],
            },
        ),
    ];
    assert_eq!(
        vectors["decode"]["accept"].as_object().unwrap().len(),
        accepted.len()
    );
    for (bytes, message) in accepted {
        assert!(vectors["decode"]["accept"].get(bytes).is_some());
        assert_eq!(
            decode(&hex::decode(bytes).unwrap(), four()),
            Ok(message),
            "{bytes}"
        );
    }
    let rejected = vectors["decode"]["reject"].as_array().unwrap();
    assert_eq!(rejected.len(), 5);
    for bytes in rejected {
        assert!(decode(&hex_bytes(bytes), four()).is_err(), "{bytes}");
    }
}

#[test]
fn observations_have_24_bytes() {
    for length in [0, 1, 23, 25] {
        let observation = SignedObservation {
            observation: vec![1; length],
            signature: vec![],
        };
        let messages = [
            Message::Observe {
                at: AT,
                observation: observation.clone(),
            },
            Message::ReportReq {
                at: AT,
                query: vec![],
                observations: vec![(oid(0), observation)],
            },
        ];
        for message in messages {
            let error = DecodeError::ObservationLength {
                given_bytes: length,
            };
            assert_eq!(decode(&encode(&message), four()), Err(error));
        }
    }
    // A report of one observation: present but empty, and absent.
    let empty = [0x32, 0x08, 0x08, 0x07, 0x1a, 0x04, 0x0a, 0x02, 0x0a, 0x00];
    assert_eq!(
        decode(&empty, four()),
        Err(DecodeError::ObservationLength { given_bytes: 0 })
    );
    let absent = [0x32, 0x06, 0x08, 0x07, 0x1a, 0x02, 0x0a, 0x00];
    assert_eq!(
        decode(&absent, four()),
        Err(DecodeError::Missing {
            part: "observation"
        })
    );
}

#[test]
fn parts_that_are_missing_are_named() {
    for (bytes, part) in [
        (&[0x22, 0][..], "signed observation"),
        (&[0x2a, 2, 0x1a, 0], "signed observation"),
        (&[0x22, 2, 0x1a, 0], "observation"),
        (&[0x32, 0], "attested report"),
        (&[0x3a, 0], "attested report"),
        (&[0x42, 0], "final"),
        (&[0x42, 2, 0x0a, 0], "attested report"),
    ] {
        assert_eq!(
            decode(bytes, four()),
            Err(DecodeError::Missing { part }),
            "{bytes:?}"
        );
    }
    assert_eq!(decode(&[], four()), Err(DecodeError::NoMessage));
}

#[test]
fn rounds_and_observers_narrow_and_observers_of_requests_are_of_the_committee() {
    // Observe request: round 259, epoch 2^32 + 7.
    let bytes = hex::decode("1a09088302108780808010").unwrap();
    assert_eq!(
        decode(&bytes, four()),
        Ok(Message::ObserveReq {
            at: AT,
            query: vec![]
        })
    );
    let request = |observer: u8| {
        let observation = format!("0a1c0a1a0a18{}10{observer:02x}", "00".repeat(24));
        hex::decode(format!("2a221a20{observation}")).unwrap()
    };
    assert!(decode(&request(3), four()).is_ok());
    let error = DecodeError::UnknownOracle {
        part: "an observation",
        given: 4,
        n: 4,
    };
    assert_eq!(decode(&request(4), four()), Err(error));
}

/// Whoever signs a report has looked at its observers; the message may name any.
#[test]
fn observers_of_reports_are_any_byte_and_32_are_the_most() {
    let report = |count: usize| {
        let list = vec![(255, Int192::MIN); count];
        encode_report(&list).unwrap()
    };
    let message = |report| {
        Message::Final(AttestedReport {
            report,
            ..attested(&[0, 1])
        })
    };
    assert_eq!(
        decode(&encode(&message(report(32))), four()),
        Ok(message(report(32)))
    );

    let one = [0x0a, 0x1f, 0x0a, 0x1a, 0x0a, 0x18]
        .iter()
        .copied()
        .chain([7; 24])
        .chain([0x10, 0xff, 0x01]);
    let many: Vec<u8> = (0..33).flat_map(|_| one.clone()).collect();
    let inner = [&[0x1a, 0xa9, 0x08][..], &many].concat();
    assert_eq!(many.len(), 33 * 33);
    let inner = {
        let mut inner = inner;
        inner[1] = (many.len() & 0x7f) as u8 | 0x80;
        inner[2] = (many.len() >> 7) as u8;
        inner
    };
    let bytes = [
        &[
            0x3a,
            (inner.len() & 0x7f) as u8 | 0x80,
            (inner.len() >> 7) as u8,
        ][..],
        &inner,
    ]
    .concat();
    assert!(matches!(
        decode(&bytes, four()),
        Err(DecodeError::TooLong(_))
    ));
}

#[test]
fn sizes_are_those_of_the_specification() {
    let committee = Committee::new(31, 10).unwrap();
    let at = EpochRound::new(u32::MAX, 255);
    let signed = SignedObservation {
        observation: vec![0xff; 24],
        signature: vec![1; 64],
    };
    let oracles = committee.oracles();
    let report = encode_report(&(0..31).map(|i| (i, Int192::MIN)).collect::<Vec<_>>()).unwrap();
    let attested = |signatures| AttestedReport {
        at,
        extra_hash: [0; 32],
        report: report.clone(),
        signatures: vec![(None, vec![1; 65]); signatures],
    };
    let vote = ReportVote {
        skip: false,
        report: report.clone(),
        signature: vec![1; 65],
    };
    let sizes = [
        (Message::NewEpoch { epoch: at.epoch }, 8),
        (Message::ObserveReq { at, query: vec![] }, 11),
        (
            Message::Observe {
                at,
                observation: signed.clone(),
            },
            107,
        ),
        (
            Message::ReportReq {
                at,
                query: vec![],
                observations: oracles.map(|it| (it, signed.clone())).collect(),
            },
            3110,
        ),
        (Message::Report { at, vote }, 1072),
        (Message::Final(attested(11)), 1742),
        (Message::FinalEcho(attested(11)), 1745),
        (Message::FinalEcho(attested(31)), 3085),
    ];
    for (message, bytes) in sizes {
        let encoded = encode(&message);
        assert_eq!(encoded.len(), bytes, "{message:?}");
        assert_eq!(decode(&encoded, committee), Ok(message));
    }
}

/// The configuration of the vectors.
fn config() -> OffchainConfig {
    let vectors = vectors();
    let config = &vectors["config"];
    let nanos = |name: &str| config[name].as_i64().unwrap();
    let oracles = vectors["oracles"].as_array().unwrap();
    let encryptions = vectors["encryptions"].as_array().unwrap();
    OffchainConfig {
        delta_progress_nanos: nanos("deltaProgress"),
        delta_resend_nanos: nanos("deltaResend"),
        delta_round_nanos: nanos("deltaRound"),
        delta_grace_nanos: nanos("deltaGrace"),
        delta_c_nanos: nanos("deltaC"),
        alpha_ppb: config["alphaPPB"].as_u64().unwrap(),
        delta_stage_nanos: nanos("deltaStage"),
        r_max: nanos("rMax") as u8,
        s: config["s"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_u64().unwrap() as u8)
            .collect(),
        offchain_public_keys: oracles
            .iter()
            .map(|it| array(&it["offchainPublicKey"]))
            .collect(),
        peer_ids: oracles
            .iter()
            .map(|it| it["peerID"].as_str().unwrap().to_owned())
            .collect(),
        shared_secret: ocr_protocol::secret::SharedSecretEncryptions {
            diffie_hellman_point: array(&vectors["diffieHellmanPoint"]),
            hash: array(&vectors["sharedSecretHash"]),
            encryptions: encryptions.iter().map(array).collect(),
        },
    }
}

fn encoded() -> Vec<u8> {
    hex_bytes(&vectors()["encoded"])
}

/// The vectors' bytes with the word at `offset` replaced by a number.
fn with_word(offset: usize, value: u64) -> Vec<u8> {
    let mut bytes = encoded();
    bytes[offset..offset + 24].fill(0);
    bytes[offset + 24..offset + 32].copy_from_slice(&value.to_be_bytes());
    bytes
}

#[test]
fn configuration_encodes_and_decodes_as_in_the_vectors() {
    assert_eq!(
        hex::encode(offchain_config::encode(&config()).unwrap()),
        hex::encode(encoded())
    );
    assert_eq!(offchain_config::decode(&encoded()), Ok(config()));
}

#[test]
fn configuration_that_ends_early_anywhere_is_refused() {
    let encoded = encoded();
    for end in 0..encoded.len() {
        let result = offchain_config::decode(&encoded[..end]);
        // The padding of the last encryption is part of its word.
        assert!(
            matches!(result, Err(OffchainConfigError::Truncated { .. })),
            "{end} bytes: {result:?}"
        );
    }
}

#[test]
fn configuration_may_have_dirty_padding_gaps_trailing_bytes_and_overlapping_tails() {
    let trailing = [encoded(), vec![0xff; 33]].concat();
    assert_eq!(offchain_config::decode(&trailing), Ok(config()));
    let mut dirty = encoded();
    dirty[0x440 + 16..0x440 + 32].fill(0xee); // behind the first encryption
    *dirty.get_mut(0x3bf).unwrap() = 0xee; // behind the peer ids
    assert_eq!(offchain_config::decode(&dirty), Ok(config()));
    // A gap of 5 bytes before the configuration's tuple, which need not be aligned.
    let mut moved = [&encoded()[..32], &[0xaa; 5], &encoded()[32..]].concat();
    moved[31] += 5;
    assert_eq!(offchain_config::decode(&moved), Ok(config()));
    // The list of stages points at the first word of zeros that it finds: an empty list.
    let overlapping = offchain_config::decode(&with_word(0x120, 0x80)).unwrap();
    assert_eq!(overlapping.s, Vec::<u8>::new());
}

#[test]
fn configuration_refuses_numbers_that_do_not_fit() {
    let out_of_range = |field| Err(OffchainConfigError::OutOfRange { field });
    assert_eq!(
        offchain_config::decode(&with_word(0x100, 256)),
        out_of_range("rMax")
    );
    assert_eq!(
        offchain_config::decode(&with_word(0x1c0, 256)),
        out_of_range("s")
    );
    assert_eq!(
        offchain_config::decode(&with_word(0x20, 1 << 63)),
        out_of_range("deltaProgress")
    );
    let mut negative = encoded();
    negative[0x20..0x40].fill(0xff);
    assert_eq!(
        offchain_config::decode(&negative)
            .unwrap()
            .delta_progress_nanos,
        -1
    );
    negative[0x20] = 0x7f;
    assert_eq!(
        offchain_config::decode(&negative),
        out_of_range("deltaProgress")
    );
    let mut alpha = with_word(0xc0, u64::MAX);
    assert_eq!(offchain_config::decode(&alpha).unwrap().alpha_ppb, u64::MAX);
    alpha[0xc0 + 23] = 1;
    assert_eq!(offchain_config::decode(&alpha), out_of_range("alphaPPB"));
}

#[test]
fn configuration_refuses_offsets_and_lengths_beyond_its_end() {
    for value in [1216, 1 << 62, 1 << 63, u64::MAX] {
        for offset in [
            0, 0x120, 0x140, 0x160, 0x180, 0x1a0, 0x220, 0x2c0, 0x400, 0x420,
        ] {
            let result = offchain_config::decode(&with_word(offset, value));
            assert!(
                matches!(result, Err(OffchainConfigError::Truncated { .. })),
                "{offset:x}, {value}"
            );
        }
    }
    // 2^64: beyond 63 bits, in the bytes that one might overlook.
    for offset in [0, 0x120, 0x1a0] {
        let mut bytes = with_word(offset, 0);
        bytes[offset + 23] = 1;
        assert!(offchain_config::decode(&bytes).is_err());
    }
}

#[test]
fn configuration_of_more_than_20_000_bytes_is_refused() {
    let padded = |length: usize| {
        let mut bytes = encoded();
        bytes.resize(length, 0);
        bytes
    };
    assert_eq!(offchain_config::decode(&padded(20_000)), Ok(config()));
    let error = OffchainConfigError::TooLong {
        given_bytes: 20_001,
    };
    assert_eq!(offchain_config::decode(&padded(20_001)), Err(error));
    let mut long = config();
    long.peer_ids[0] = "p".repeat(20_000);
    assert!(matches!(
        offchain_config::encode(&long),
        Err(OffchainConfigError::TooLong { .. })
    ));
}

#[test]
fn peer_ids_are_split_at_commas_and_need_not_be_text() {
    let with = |peer_ids: &[&str]| OffchainConfig {
        peer_ids: peer_ids.iter().map(|&it| it.to_owned()).collect(),
        ..config()
    };
    for (written, read) in [
        (&["a", "b"][..], &["a", "b"][..]),
        (&[], &[]),
        (&[""], &[]),
        (&["a", ""], &["a", ""]),
        (&["", ""], &["", ""]),
        (&["a,b"], &["a", "b"]),
    ] {
        let bytes = offchain_config::encode(&with(written)).unwrap();
        assert_eq!(offchain_config::decode(&bytes), Ok(with(read)));
    }
    let mut bytes = encoded();
    bytes[0x2e0] = 0xff;
    let peer_id = &offchain_config::decode(&bytes).unwrap().peer_ids[0];
    assert!(peer_id.starts_with('\u{fffd}'), "{peer_id}");
}

/// Source: offchain-ocr1 1.3.
#[test]
fn configuration_of_31_oracles_and_stages_has_5280_bytes() {
    let config = OffchainConfig {
        s: vec![1; 31],
        offchain_public_keys: vec![[1; 32]; 31],
        peer_ids: vec!["p".repeat(52); 31],
        shared_secret: ocr_protocol::secret::SharedSecretEncryptions {
            encryptions: vec![[1; 16]; 31],
            ..config().shared_secret
        },
        ..config()
    };
    let bytes = offchain_config::encode(&config).unwrap();
    assert_eq!(bytes.len(), 5280);
    assert_eq!(offchain_config::decode(&bytes), Ok(config));
}

#[test]
fn contract_config_becomes_a_configuration_and_what_the_feed_decides_by() {
    let vectors = vectors();
    let oracles = vectors["oracles"].as_array().unwrap();
    let addresses = |name: &str| {
        oracles
            .iter()
            .map(|it| array::<20>(&it[name]).into())
            .collect()
    };
    let mut contract = ContractConfig {
        digest: ConfigDigest::from_ocr1(array(&vectors["configDigest"])),
        count: 1,
        signers: addresses("signingAddress"),
        transmitters: addresses("transmitAddress"),
        f: 1,
        onchain_config: vec![],
        offchain_config_version: 1,
        offchain_config: encoded(),
    };
    let second = std::time::Duration::from_secs(1);
    let timeouts = Timeouts {
        source: second,
        blockchain: second,
    };
    let read = |contract: &ContractConfig, checks| public_config(contract, checks, timeouts);
    let (public, median) = read(&contract, ChainChecks::Skipped).unwrap();
    assert_eq!((public.r_max, public.committee.n()), (3, 4));
    assert_eq!(
        (median.alpha_report_ppb, median.alpha_accept_ppb),
        (5_000_000, 5_000_000)
    );
    let error = read(&contract, ChainChecks::Enforced { chain_id: 1 });
    assert!(matches!(
        error,
        Err(PublicConfigError::Config(
            ConfigError::BelowChainMinimum { .. }
        ))
    ));
    contract.offchain_config.truncate(100);
    let error = read(&contract, ChainChecks::Skipped);
    assert!(matches!(error, Err(PublicConfigError::Offchain(_))));
    contract.offchain_config_version = 2;
    let error = PublicConfigError::Config(ConfigError::UnsupportedOcr1Version { given: 2 });
    assert_eq!(read(&contract, ChainChecks::Skipped), Err(error));
}

fn arbitrary_at() -> impl Strategy<Value = EpochRound> {
    (any::<u32>(), any::<u8>()).prop_map(|(epoch, round)| EpochRound::new(epoch, round))
}

fn arbitrary_signed() -> impl Strategy<Value = SignedObservation> {
    (any::<[u8; 24]>(), vec(any::<u8>(), 0..70)).prop_map(|(observation, signature)| {
        SignedObservation {
            observation: observation.to_vec(),
            signature,
        }
    })
}

fn arbitrary_report() -> impl Strategy<Value = Vec<u8>> {
    let observation = (
        any::<u8>(),
        any::<[u8; 24]>().prop_map(Int192::from_be_bytes),
    );
    vec(observation, 0..=32).prop_map(|list| encode_report(&list).unwrap())
}

fn arbitrary_attested() -> impl Strategy<Value = AttestedReport> {
    let signatures = vec(vec(any::<u8>(), 0..70), 0..32);
    (arbitrary_at(), arbitrary_report(), signatures).prop_map(|(at, report, signatures)| {
        AttestedReport {
            at,
            extra_hash: [0; 32],
            report,
            signatures: signatures
                .into_iter()
                .map(|signature| (None, signature))
                .collect(),
        }
    })
}

fn arbitrary_message() -> impl Strategy<Value = Message> {
    let at = arbitrary_at;
    let observations = vec(((0..4_usize).prop_map(oid), arbitrary_signed()), 0..32);
    let vote =
        (arbitrary_report(), vec(any::<u8>(), 0..70)).prop_map(|(report, signature)| ReportVote {
            skip: false,
            report,
            signature,
        });
    prop_oneof![
        at().prop_map(|at| Message::NewEpoch { epoch: at.epoch }),
        at().prop_map(|at| Message::ObserveReq { at, query: vec![] }),
        (at(), arbitrary_signed())
            .prop_map(|(at, observation)| Message::Observe { at, observation }),
        (at(), observations).prop_map(|(at, observations)| Message::ReportReq {
            at,
            query: vec![],
            observations
        }),
        (at(), vote).prop_map(|(at, vote)| Message::Report { at, vote }),
        arbitrary_attested().prop_map(Message::Final),
        arbitrary_attested().prop_map(Message::FinalEcho),
    ]
}

proptest! {
    #[test]
    fn decodes_what_it_encodes(message in arbitrary_message()) {
        prop_assert_eq!(decode(&encode(&message), four()), Ok(message));
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(message) = decode(&bytes, four()) {
            prop_assert_eq!(decode(&encode(&message), four()), Ok(message));
        }
    }

    #[test]
    fn spoiled_messages_are_a_message_or_an_error(
        message in arbitrary_message(),
        spoiled in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = encode(&message);
        for (index, byte) in spoiled {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(message) = decode(&bytes, four()) {
            prop_assert_eq!(decode(&encode(&message), four()), Ok(message));
        }
    }

    #[test]
    fn spoiled_configurations_are_a_configuration_or_an_error(
        spoiled in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encoded();
        for (index, byte) in spoiled {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        bytes.truncate(end.index(2 * bytes.len()) + 1);
        let _ = offchain_config::decode(&bytes);
    }
}
