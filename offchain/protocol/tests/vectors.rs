//! Appendix A of the specification, as far as it concerns values and decisions.

mod common;
#[path = "common/vectors.rs"]
mod file;

use core::time::Duration;

use alloy_primitives::{Address, I256, keccak256};
use ocr_protocol::attestation::{AttestedReport, extra_hash, report_hash};
use ocr_protocol::config::{ContractConfig, PublicConfig};
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::finalize::Finalizer;
use ocr_protocol::id::{Committee, ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::{Keyring, verify_offchain_like_go, verify_onchain_like_evm};
use ocr_protocol::limits::{NetworkLimits, PluginLimits};
use ocr_protocol::observation::{Observation, SignedObservation, observation_digest};
use ocr_protocol::report::{
    OnchainConfig, ParsedObservation, deviates, encode_report, go_sort, median_from_report,
};
use ocr_protocol::secret::{SharedSecret, SharedSecretEncryptions};
use ocr_protocol::{config, schedule};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::file::{Fields as _, hex_bytes, vectors, vectors_of};

fn oracle(index: u64) -> OracleId {
    OracleId::new(index as usize, 31).expect("below 31")
}

fn secret(vectors: &Value) -> SharedSecret {
    SharedSecret::new(vectors.array("sharedSecret"))
}

fn digest(vectors: &Value) -> ConfigDigest {
    ConfigDigest(vectors.array("configDigest"))
}

fn committee(n: u64) -> Committee {
    Committee::new(n as usize, 0).expect("at most 31")
}

fn addresses(values: &[Value]) -> Vec<Address> {
    values
        .iter()
        .map(|value| Address::from_slice(&hex_bytes(value)))
        .collect()
}

#[test]
fn keys_follow_from_the_shared_secret() {
    let vectors = vectors();
    let keys = &vectors["derivedKeys"];
    assert_eq!(secret(&vectors).leader_key(), keys.array("leaderKey"));
    assert_eq!(
        secret(&vectors).transmission_key(),
        keys.array("transmissionKey")
    );
    let preimage = [keys.bytes("leaderKey"), 1u64.to_le_bytes().to_vec()].concat();
    assert_eq!(keccak256(preimage).0, keys.array("leaderHashOfEpoch1"));
}

#[test]
fn leaders_follow_from_the_leader_key() {
    let vectors = vectors();
    let key = secret(&vectors).leader_key();
    for vector in vectors.list("leaders") {
        let committee = committee(vector.number("n"));
        let leaders = vector.list("leaders");
        assert_eq!(leaders.len(), vector.list("epochs").len());
        for (epoch, leader) in vector.list("epochs").iter().zip(leaders) {
            let epoch = Epoch::new(u32::try_from(epoch.as_u64().unwrap()).unwrap());
            let actual = schedule::leader(&key, committee, epoch);
            assert_eq!(
                u64::from(actual.get()),
                leader.as_u64().unwrap(),
                "epoch {epoch}"
            );
        }
    }
}

#[test]
fn int192_has_24_bytes() {
    let vectors = vectors();
    for vector in vectors["int192"].list("encodings") {
        let value = vector.int192("value");
        assert_eq!(value.to_be_bytes().to_vec(), vector.bytes("bytes"));
        assert_eq!(Int192::decode(&vector.bytes("bytes")), Some(value));
        assert_eq!(
            Int192::try_from(I256::from_be_bytes(sign_extended(vector))),
            Ok(value)
        );
    }
    for value in vectors["int192"].list("outOfRange") {
        let text = value.as_str().unwrap();
        assert!(text.parse::<Int192>().is_err(), "{text}");
        assert!(
            Int192::try_from(text.parse::<I256>().unwrap()).is_err(),
            "{text}"
        );
    }
}

fn sign_extended(vector: &Value) -> [u8; 32] {
    let bytes = vector.bytes("bytes");
    let fill = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
    [[fill; 8].as_slice(), &bytes]
        .concat()
        .try_into()
        .expect("8 and 24 bytes")
}

#[test]
fn onchain_config_has_49_bytes() {
    let vector = &vectors()["onchainConfig"];
    let config = OnchainConfig::new(vector.int192("min"), vector.int192("max")).unwrap();
    assert_eq!(config.encode(), vector.bytes("bytes"));
    assert_eq!(OnchainConfig::decode(&vector.bytes("bytes")), Ok(config));
}

#[test]
fn observation_digest_binds_query_and_observation() {
    let vectors = vectors();
    for vector in vectors.list("observationDigests") {
        let (query, observation) = (vector.bytes("query"), vector.bytes("observation"));
        let actual = observation_digest(digest(&vectors), vector.at(), &query, &observation);
        assert_eq!(actual, vector.array("digest"));
    }
}

#[test]
fn observation_signature_is_ed25519() {
    let vectors = vectors();
    let vector = &vectors["observationSignature"];
    let keyring = Keyring::new(&[1; 32], &vector.array("seed"), &[1; 32]).unwrap();
    assert_eq!(keyring.offchain_key(), vector.array("publicKey"));
    assert_eq!(
        keyring.sign_offchain(&vector.bytes("message")),
        vector.array("signature")
    );
    let signed = &vectors.list("observationDigests")[0];
    let (query, observation) = (signed.bytes("query"), signed.bytes("observation"));
    let digest = digest(&vectors);
    let actual = SignedObservation::sign(&keyring, digest, signed.at(), &query, observation);
    assert_eq!(actual.signature, vector.bytes("signature"));
    assert!(actual.verify(&keyring.offchain_key(), digest, signed.at(), &query));
}

#[test]
fn ed25519_acceptance_is_that_of_go() {
    let vectors = vectors();
    for vector in vectors.list("ed25519Acceptance") {
        let (message, signature) = (vector.bytes("message"), vector.bytes("signature"));
        let accepted = verify_offchain_like_go(&vector.array("key"), &message, &signature);
        assert_eq!(accepted, vector.flag("accepted"), "{}", vector["why"]);
    }
}

#[test]
fn extra_hash_binds_query_and_observations() {
    for vector in vectors().list("extraHashes") {
        let observations: Vec<_> = vector
            .list("observations")
            .iter()
            .map(|entry| {
                let observation = entry.bytes("observation");
                let signed = SignedObservation {
                    observation,
                    signature: vec![0xff],
                };
                (oracle(entry.number("observer")), signed)
            })
            .collect();
        assert_eq!(
            extra_hash(&vector.bytes("query"), &observations),
            vector.array("extraHash")
        );
    }
}

#[test]
fn shared_secret_is_encrypted_for_each_oracle() {
    let vectors = vectors();
    let vector = &vectors["sharedSecretEncryption"];
    let keyrings: Vec<_> = vector
        .list("configSecrets")
        .iter()
        .map(|secret| Keyring::new(&[1; 32], &[1; 32], &hex_bytes(secret).try_into().unwrap()))
        .collect::<Result<_, _>>()
        .unwrap();
    let keys: Vec<_> = keyrings.iter().map(Keyring::config_key).collect();
    let expected_keys: Vec<_> = vector.list("configKeys").iter().map(hex_bytes).collect();
    assert_eq!(
        keys.iter().map(|key| key.to_vec()).collect::<Vec<_>>(),
        expected_keys
    );

    let encrypted = secret(&vectors)
        .encrypt(&keys, vector.array("ephemeralScalar"))
        .expect("honest keys");
    let expected = SharedSecretEncryptions {
        diffie_hellman_point: vector.array("diffieHellmanPoint"),
        hash: vector.array("hash"),
        encryptions: vector
            .list("encryptions")
            .iter()
            .map(|block| hex_bytes(block).try_into().unwrap())
            .collect(),
    };
    assert_eq!(encrypted, expected);

    let shared = keyrings[0].config_diffie_hellman(&encrypted.diffie_hellman_point);
    assert_eq!(shared, Some(vector.array("diffieHellmanSecretOfOracle0")));
    assert_eq!(
        keccak256(shared.unwrap())[..16],
        vector.bytes("wrappingKeyOfOracle0")
    );
    for (index, keyring) in keyrings.iter().enumerate() {
        let decrypted = SharedSecret::decrypt(&encrypted, oracle(index as u64), keyring);
        assert_eq!(decrypted, Ok(secret(&vectors)));
    }
}

#[test]
fn config_digest_is_that_of_the_contract() {
    let vectors = vectors();
    let vector = &vectors["configDigestEvm"];
    let contract = ContractConfig {
        digest: ConfigDigest::ZERO,
        count: vector.number("configCount"),
        signers: addresses(vector.list("signers")),
        transmitters: addresses(vector.list("transmitters")),
        f: vector.number("f") as u8,
        onchain_config: vector.bytes("onchainConfig"),
        offchain_config_version: vector.number("offchainConfigVersion"),
        offchain_config: vector.bytes("offchainConfig"),
    };
    let address = Address::from(vector.array("contractAddress"));
    assert_eq!(
        contract.evm_digest(vector.number("chainId"), address),
        ConfigDigest(vector.array("digest"))
    );
    assert_eq!(
        contract.offchain_config_version,
        config::OFFCHAIN_CONFIG_VERSION
    );
}

fn parsed(entry: &Value) -> ParsedObservation {
    ParsedObservation {
        observer: oracle(entry.number("observer")),
        observation: Observation {
            timestamp_seconds: entry.number("timestampSeconds") as u32,
            value: entry.int192("value"),
            juels_per_fee_coin: entry.int192("juelsPerFeeCoin"),
            gas_price_subunits: None,
        },
    }
}

#[test]
fn report_is_that_of_the_evm_codec() {
    let vectors = vectors();
    let vector = &vectors["report"];
    let report = encode_report(vector.list("observations").iter().map(parsed).collect());
    assert_eq!(report, vector.bytes("report"));
    assert_eq!(keccak256(&report).0, vector.array("keccak256"));
    assert_eq!(median_from_report(&report), Ok(vector.parsed("median")));
}

#[test]
fn report_signature_covers_report_and_context() {
    let vectors = vectors();
    let vector = &vectors["reportSignature"];
    let report = vectors["report"].bytes("report");
    assert_eq!(keccak256(&report).0, vector.array("reportKeccak256"));
    let hash = report_hash(
        digest(&vectors),
        vector.at(),
        &vector.array("extraHash"),
        &report,
    );
    assert_eq!(hash, vector.array("hash"));
    let keyring = Keyring::new(&vector.array("secret"), &[1; 32], &[1; 32]).unwrap();
    assert_eq!(keyring.signer(), Address::from(vector.array("signer")));
    assert_eq!(keyring.sign_onchain(&hash), vector.array("signature"));
    for case in vector.list("acceptance") {
        let accepted = verify_onchain_like_evm(keyring.signer(), &hash, &case.bytes("signature"));
        assert_eq!(accepted, case.flag("accepted"), "{}", case["why"]);
    }
}

#[test]
fn deviation_is_exact() {
    for vector in vectors().list("deviations") {
        let actual = deviates(
            vector.parsed("ppb"),
            vector.parsed("old"),
            vector.parsed("new"),
        );
        assert_eq!(actual, vector.flag("deviates"), "{vector}");
    }
}

#[test]
fn ties_are_ordered_as_go_orders_them() {
    for vector in vectors().list("ties") {
        let mut observations: Vec<_> = vector.list("observations").iter().map(parsed).collect();
        go_sort::sort_by_key(&mut observations, |entry| entry.observation.value);
        let n = observations.len();
        let report = encode_report(observations);
        let name = &vector["kind"];
        assert_eq!(report[32..][..n], vector.bytes("observers"), "{n} {name}");
        assert_eq!(
            Sha256::digest(&report)[..8],
            vector.bytes("reportSha256First8"),
            "{n} {name}"
        );
    }
}

/// Random lists, patterns, and lists that make every split a bad one, so that heap sort takes over.
#[test]
fn equal_elements_stand_where_gos_own_sort_leaves_them() {
    for vector in vectors_of("go-sort.json").list("cases") {
        let mut items: Vec<_> = (0u8..).zip(vector.bytes("values")).collect();
        go_sort::sort_by_key(&mut items, |&(_, value)| value);
        let order: Vec<_> = items.iter().map(|&(place, _)| place).collect();
        assert_eq!(order, vector.bytes("order"), "{vector}");
    }
}

#[test]
#[should_panic(expected = "32 elements are too many")]
fn more_elements_than_oracles_are_not_sorted() {
    go_sort::sort_by_key(&mut [0; 32], |&item| item);
}

#[test]
fn network_limits_follow_from_plugin_and_config() {
    for vector in vectors().list("networkLimits") {
        let config = limits_config(vector);
        let plugin = PluginLimits {
            max_query_bytes: vector.number("maxQueryBytes") as usize,
            max_observation_bytes: vector.number("maxObservationBytes") as usize,
            max_report_bytes: vector.number("maxReportBytes") as usize,
        };
        let signature_bytes = vector.number("onchainSignatureBytes") as usize;
        let limits = NetworkLimits::new(&config, &plugin, signature_bytes);
        let expected = &vector["limits"];
        if expected.is_null() {
            assert!(limits.is_err(), "{vector}");
            continue;
        }
        let expected = NetworkLimits {
            max_message_bytes: expected.parsed("maxMessageBytes"),
            messages_per_second: expected.parsed("messagesPerSecond"),
            messages_capacity: expected.parsed("messagesCapacity"),
            bytes_per_second: expected.parsed("bytesPerSecond"),
            bytes_capacity: expected.parsed("bytesCapacity"),
        };
        assert_eq!(limits, Ok(expected), "{vector}");
    }
}

#[test]
fn memory_of_reports_follows_from_the_time_between_rounds() {
    for vector in vectors().list("finalizedAges") {
        let delta_round = Duration::from_millis(vector.number("deltaRoundMillis"));
        let age = vector.number("age") as u32;
        let mut finalizer = Finalizer::new(1, delta_round);
        finalizer.on_final(&report_of_epoch(5_000)).unwrap();
        let oldest = finalizer.on_final(&report_of_epoch(5_000 - age + 1));
        assert_eq!(oldest, Ok(()), "{vector}");
        let expired = finalizer.on_final(&report_of_epoch(5_000 - age));
        assert_eq!(expired, Err(DropReason::FinalExpired), "{vector}");
    }
}

fn report_of_epoch(epoch: u32) -> AttestedReport {
    AttestedReport {
        at: EpochRound::new(epoch, 1),
        extra_hash: [0; 32],
        report: vec![],
        signatures: vec![],
    }
}

fn limits_config(vector: &Value) -> PublicConfig {
    let nanos = |name| vector.number(name) as i64 * 1_000_000;
    let draft = common::draft(vector.number("n") as usize, 1).with(|draft| {
        draft.offchain.delta_progress_nanos = nanos("deltaProgressMillis");
        draft.offchain.delta_resend_nanos = nanos("deltaResendMillis");
        draft.offchain.delta_round_nanos = nanos("deltaRoundMillis");
    });
    draft.public().expect("a valid draft")
}

#[test]
fn transmit_delays_follow_from_seed_and_stages() {
    let vectors = vectors();
    let key = secret(&vectors).transmission_key();
    let digest = digest(&vectors);
    let vector = &vectors["transmissionSeed"];
    assert_eq!(
        schedule::transmission_seed(&key, &digest.0, vector.at()),
        vector.array("seed")
    );

    let delta_stage = Duration::from_millis(50);
    for vector in vectors.list("transmitStages") {
        let seed = schedule::transmission_seed(&key, &digest.0, vector.at());
        let s: Vec<u8> = vector
            .list("s")
            .iter()
            .map(|s| s.as_u64().unwrap() as u8)
            .collect();
        let delays =
            schedule::transmit_delays(&seed, committee(vector.number("n")), &s, delta_stage);
        let expected: Vec<_> = vector
            .list("stages")
            .iter()
            .map(|stage| stage.as_u64().map(|stage| delta_stage * stage as u32))
            .collect();
        assert_eq!(delays.as_slice(), expected, "{vector}");
    }
}

/// What is in the file and in no test is a vector that nobody checks.
#[test]
fn every_section_of_the_file_is_checked() {
    let checked = [
        "configDigest",
        "configDigestEvm",
        "derivedKeys",
        "deviations",
        "ed25519Acceptance",
        "extraHashes",
        "finalizedAges",
        "int192",
        "leaders",
        "networkLimits",
        "observationDigests",
        "observationSignature",
        "onchainConfig",
        "report",
        "reportSignature",
        "sharedSecret",
        "sharedSecretEncryption",
        "shuffleDraws", // schedule.rs
        "shuffles",     // schedule.rs
        "source",
        "ties",
        "transmissionSeed",
        "transmitStages",
    ];
    let vectors = vectors();
    let mut sections: Vec<_> = vectors.as_object().unwrap().keys().collect();
    sections.sort();
    assert_eq!(sections, checked);
}
