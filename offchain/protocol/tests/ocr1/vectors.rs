//! Every value of `vectors/ocr1-offchain.json` but the messages, which `ocr-wire` checks.

use core::time::Duration;

use alloy_primitives::{Address, I256, keccak256};
use ocr_protocol::attestation::{
    AttestationError, AttestedReport, report_hash, sign_report, tagged_report,
};
use ocr_protocol::config::ContractConfig;
use ocr_protocol::id::{Committee, ConfigDigest, Epoch, EpochRound, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::{Keyring, recover_onchain_like_evm};
use ocr_protocol::observation::{SignedObservation, round_tag};
use ocr_protocol::report::deviates;
use ocr_protocol::report::ocr1::{decode_report, encode_report};
use ocr_protocol::schedule::{leader, transmission_seed, transmit_delays};
use ocr_protocol::secret::SharedSecret;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::harness::{array, bytes, config, digest, draft, keyring, list, number, oid, vectors};

fn committee(n: usize) -> Committee {
    Committee::new(n, 0).expect("1 to 31 oracles")
}

/// The ranks of `n` oracles, seen through the schedule.
fn ranks(n: usize, key: &[u8; 16]) -> Vec<u64> {
    let delays = transmit_delays(key, committee(n), &vec![1; n], Duration::from_secs(1));
    let delays = delays.as_slice().iter();
    delays
        .map(|delay| delay.expect("a stage for each").as_secs())
        .collect()
}

fn vector_round(vectors: &Value) -> EpochRound {
    EpochRound::new(number(&vectors["epoch"]), number(&vectors["round"]))
}

#[test]
fn keys_are_derived_as_in_the_vectors() {
    let vectors = vectors();
    let secret = SharedSecret::new(array(&vectors["secret"]));
    assert_eq!(secret.leader_key(), array(&vectors["leaderKey"]));
    assert_eq!(
        secret.transmission_key(),
        array(&vectors["transmissionKey"])
    );
    for (index, oracle) in list(&vectors["oracles"]).iter().enumerate() {
        let keyring = keyring(index);
        assert_eq!(
            keyring.signer(),
            Address::from(array(&oracle["signingAddress"]))
        );
        assert_eq!(keyring.offchain_key(), array(&oracle["offchainPublicKey"]));
        assert_eq!(keyring.config_key(), array(&oracle["configPublicKey"]));
    }
}

#[test]
fn leaders_are_those_of_the_vectors() {
    let vectors = vectors();
    let key = array(&vectors["leaderKey"]);
    let committees = vectors["leaders"].as_object().expect("lists by n");
    assert_eq!(committees.len(), 4);
    for (n, leaders) in committees {
        let n = n.parse().expect("a number of oracles");
        for (epoch, expected) in (1..).zip(list(leaders)) {
            let leader = leader(&key, committee(n), Epoch::new(epoch));
            assert_eq!(
                leader.index(),
                number::<usize>(expected),
                "epoch {epoch} of {n}"
            );
        }
    }
    assert_eq!(leader(&key, committee(31), Epoch::MAX).get(), 7);
}

#[test]
fn permutations_are_those_of_the_vectors() {
    for vector in list(&vectors()["perm"]) {
        let expected: Vec<u64> = list(&vector["out"]).iter().map(number).collect();
        assert_eq!(
            ranks(number(&vector["n"]), &array(&vector["key"])),
            expected,
            "{vector}"
        );
    }
}

/// Source: offchain-ocr1 A.1.
#[test]
fn three_thousand_permutations_have_the_hash_of_the_specification() {
    let mut all = Sha256::new();
    for index in 0..3000_u32 {
        let key = Sha256::digest(index.to_be_bytes());
        let ranks = ranks(31, key.first_chunk().expect("32 bytes hold 16"));
        all.update(ranks.into_iter().map(|rank| rank as u8).collect::<Vec<_>>());
    }
    assert_eq!(
        hex::encode(all.finalize()),
        "44ae2ed37998d4c1c5a05ef96d38f47bf4c7ae4a301e180935db4971c924bead"
    );
}

#[test]
fn stages_are_those_of_the_vectors() {
    let vectors = vectors();
    let key = array(&vectors["transmissionKey"]);
    for vector in list(&vectors["schedule"]) {
        let digest = ConfigDigest::from_ocr1(array(&vector["cd"]));
        let seed = transmission_seed(&key, digest.on_chain(), vector_round(vector));
        let stages: Vec<u8> = list(&vector["S"]).iter().map(number).collect();
        let delays = transmit_delays(&seed, committee(4), &stages, Duration::from_secs(1));
        let stages: Vec<_> = delays
            .as_slice()
            .iter()
            .map(|it| it.expect("a stage").as_secs())
            .collect();
        let expected: Vec<u64> = list(&vector["stageOfOracle"]).iter().map(number).collect();
        assert_eq!(stages, expected, "{vector}");
    }
    let delays = config(0).transmit_delays(EpochRound::new(7, 3));
    assert_eq!(
        delays[oid(3)],
        Some(Duration::from_secs(4)),
        "stage 2, by the configuration"
    );
}

#[test]
fn secret_is_encrypted_and_decrypted_as_in_the_vectors() {
    let vectors = vectors();
    let secret = SharedSecret::new(array(&vectors["secret"]));
    let config_keys: Vec<_> = (0..4).map(|index| keyring(index).config_key()).collect();
    let encrypted = secret.encrypt(&config_keys, array(&vectors["ephemeralScalar"]));
    assert_eq!(encrypted.as_ref(), Ok(&draft().offchain.shared_secret));
    for index in 0..4 {
        let decrypted =
            SharedSecret::decrypt(&draft().offchain.shared_secret, oid(index), &keyring(index));
        assert_eq!(decrypted, Ok(secret.clone()));
    }
}

#[test]
fn digest_and_stream_name_are_those_of_the_vectors() {
    let vectors = vectors();
    let contract = Address::from(array(&vectors["contract"]));
    let digest = draft().contract.ocr1_digest(contract);
    assert_eq!(digest.on_chain(), bytes(&vectors["configDigest"]));
    assert_eq!(digest.protocol(), Protocol::Ocr1);
    assert_eq!(
        format!("ocr/{digest}"),
        vectors["streamName"].as_str().expect("text")
    );
}

#[test]
fn observations_are_signed_as_in_the_vectors() {
    let vectors = vectors();
    let at = vector_round(vectors);
    assert_eq!(round_tag(digest(), at), array(&vectors["tag"]));
    for vector in list(&vectors["observations"]) {
        let oracle: usize = number(&vector["oracle"]);
        let value: Int192 = vector["value"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a number");
        let encoded = value.to_be_bytes().to_vec();
        assert_eq!(encoded, bytes(&vector["encoded"]));
        let signed = SignedObservation::sign(&keyring(oracle), digest(), at, &[], encoded);
        assert_eq!(signed.signature, bytes(&vector["signature"]), "{vector}");
        let key = keyring(oracle).offchain_key();
        assert!(signed.verify(&key, digest(), at, &[]));
        for other in [EpochRound::new(8, 3), EpochRound::new(7, 4)] {
            assert!(!signed.verify(&key, digest(), other, &[]), "another round");
        }
        let other = ConfigDigest::from_ocr1([1; 16]);
        assert!(
            !signed.verify(&key, other, at, &[]),
            "another configuration"
        );
    }
}

/// The vectors' observations, as a report lists them.
fn observations() -> Vec<(u8, Int192)> {
    let vectors = vectors();
    let entry = |vector: &Value| {
        let value = vector["value"].as_str().expect("text").parse();
        (number(&vector["oracle"]), value.expect("a number"))
    };
    list(&vectors["observations"]).iter().map(entry).collect()
}

fn attested(signatures: Vec<Vec<u8>>) -> AttestedReport {
    AttestedReport {
        at: vector_round(vectors()),
        extra_hash: [0; 32],
        report: encode_report(&observations()).expect("four observations"),
        signatures: signatures
            .into_iter()
            .map(|signature| (None, signature))
            .collect(),
    }
}

#[test]
fn report_is_encoded_and_signed_as_in_the_vectors() {
    let vectors = vectors();
    let at = vector_round(vectors);
    let report = encode_report(&observations()).expect("four observations");
    assert_eq!(
        tagged_report(digest(), at, &report),
        bytes(&vectors["report"])
    );
    assert_eq!(decode_report(&report), Some(observations()));
    let hash = report_hash(digest(), at, &[0; 32], &report);
    assert_eq!(hash, array(&vectors["reportHash"]));
    for (index, signature) in list(&vectors["reportSignatures"]).iter().enumerate() {
        assert_eq!(
            sign_report(&keyring(index), digest(), at, &[0; 32], &report),
            bytes(signature)
        );
    }
}

#[test]
fn f_plus_1_nameless_signatures_or_more_attest_a_report() {
    let vectors = vectors();
    let public = config(0).public;
    let all: Vec<_> = list(&vectors["reportSignatures"])
        .iter()
        .map(bytes)
        .collect();
    for signers in [vec![0, 2], vec![3, 1], vec![0, 1, 2], vec![0, 1, 2, 3]] {
        let signatures = signers.iter().map(|&signer| all[signer].clone()).collect();
        assert_eq!(attested(signatures).verify(&public), Ok(()), "{signers:?}");
    }
    let stranger = strangers_signature(&public.digest);
    let refused = [
        (
            vec![],
            AttestationError::WrongSignatureCount {
                given: 0,
                needed: 2,
            },
        ),
        (
            vec![all[0].clone()],
            AttestationError::WrongSignatureCount {
                given: 1,
                needed: 2,
            },
        ),
        (
            vec![all[2].clone(), all[2].clone()],
            AttestationError::DuplicateSigner(oid(2)),
        ),
        (
            vec![all[0].clone(), stranger],
            AttestationError::UnknownSigner { place: 1 },
        ),
        (
            vec![all[0].clone(), all[1][..64].to_vec()],
            AttestationError::UnknownSigner { place: 1 },
        ),
        (
            vec![[&all[1][..], &[0]].concat(), all[0].clone()],
            AttestationError::UnknownSigner { place: 0 },
        ),
        (
            vec![all[0].clone(), [&all[1][..64], &[4]].concat()],
            AttestationError::UnknownSigner { place: 1 },
        ),
    ];
    for (signatures, error) in refused {
        assert_eq!(attested(signatures).verify(&public), Err(error));
    }
    let other_round = AttestedReport {
        at: EpochRound::new(7, 2),
        ..attested(all)
    };
    assert!(other_round.verify(&public).is_err());
}

/// A signature by a key of nobody in the committee.
fn strangers_signature(digest: &ConfigDigest) -> Vec<u8> {
    let stranger = Keyring::new(&[7; 32], &[7; 32], &[7; 32]).expect("a key");
    let report = attested(vec![]);
    sign_report(&stranger, *digest, report.at, &[0; 32], &report.report)
}

#[test]
fn high_s_is_accepted_as_in_the_vectors() {
    let vectors = vectors();
    let high_s = &vectors["highS"];
    let report = encode_report(&observations()).expect("four observations");
    let at = EpochRound::new(7, number(&high_s["round"]));
    let hash = report_hash(digest(), at, &[0; 32], &report);
    assert_eq!(hash, array(&high_s["hash"]));
    let low = bytes(&high_s["low"]);
    assert_eq!(
        sign_report(&keyring(0), digest(), at, &[0; 32], &report),
        low
    );
    for signature in [low, bytes(&high_s["high"])] {
        assert_eq!(
            recover_onchain_like_evm(&hash, &signature),
            Some(keyring(0).signer())
        );
    }
}

#[test]
fn deviations_are_those_of_the_vectors_and_of_the_specification() {
    let number = |value: i64| I256::try_from(value).expect("64 bits fit");
    for vector in list(&vectors()["deviates"]) {
        let [old, new] =
            ["old", "new"].map(|name| number(vector[name].as_i64().expect("a number")));
        let ppb = vector["ppb"].as_u64().expect("a number");
        assert_eq!(
            Value::from(deviates(ppb, old, new)),
            vector["out"],
            "{vector}"
        );
    }
    // Source: offchain-ocr1 A.6.
    let cases = [
        (101, 100, 9_900_990, true),
        (-100, -101, 10_000_000, true),
        (0, 0, 0, false),
        (1, 0, 1_000_000_000, true),
        (5, 5, 0, true),
    ];
    for (old, new, ppb, expected) in cases {
        assert_eq!(
            deviates(ppb, number(old), number(new)),
            expected,
            "{old} to {new}"
        );
    }
}

#[test]
fn the_encoded_configuration_is_that_of_the_specification() {
    let encoded = draft().contract.offchain_config;
    assert_eq!(encoded.len(), 1216);
    let hash = keccak256(encoded);
    assert_eq!(
        hex::encode(hash),
        "7e63f177f5c644174b975509e4c0e063bb8d827e998277ff2be75cf1cf90d3d1"
    );
}

/// What the contract computes and accepts, from the vectors that its own tests read.
#[test]
fn contract_and_oracles_agree_on_digest_report_and_signature() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../vectors/ocr1-contract.json"
    );
    let text = std::fs::read_to_string(path).expect("vectors/ocr1-contract.json");
    let vectors: Value = serde_json::from_str(&text).expect("vectors/ocr1-contract.json is JSON");
    let (config, report) = (&vectors["config"], &vectors["report"]);
    let address = |value: &Value| -> Address {
        let text = value.as_str().expect("an address");
        text.parse().expect("an address")
    };
    let contract = ContractConfig {
        count: number(&config["configCount"]),
        signers: list(&config["signers"]).iter().map(address).collect(),
        transmitters: list(&config["transmitters"]).iter().map(address).collect(),
        f: number(&config["threshold"]),
        offchain_config_version: number(&config["encodedConfigVersion"]),
        offchain_config: prefixed(&config["encoded"]),
        ..ContractConfig::default()
    };
    let digest = contract.ocr1_digest(address(&config["contractAddress"]));
    assert_eq!(digest.on_chain(), prefixed(&config["digest"]));

    let at = vector_round(report);
    assert_eq!(round_tag(digest, at).to_vec(), prefixed(&report["context"]));
    let observers = prefixed(&report["observers"]);
    let values = list(&report["observations"]).iter();
    let values = values.map(|it| Int192::from(it.as_i64().expect("a number")));
    let observations: Vec<_> = observers.into_iter().zip(values).collect();
    let body = encode_report(&observations).expect("three observations");
    let length: usize = number(&report["lengthBytes"]);
    assert_eq!(tagged_report(digest, at, &body).len(), length);
    let hash = report_hash(digest, at, &[0; 32], &body);
    assert_eq!(hash.to_vec(), prefixed(&report["keccak256"]));

    let signature = &vectors["signature"];
    let mut secret = [0; 32];
    secret[24..].copy_from_slice(&number::<u64>(&signature["privateKey"]).to_be_bytes());
    let keyring = Keyring::new(&secret, &[1; 32], &[1; 32]).expect("a small scalar");
    assert_eq!(keyring.signer(), address(&signature["signer"]));
    let recovery_id = number(&signature["recoveryId"]);
    let expected = [
        prefixed(&signature["r"]),
        prefixed(&signature["s"]),
        vec![recovery_id],
    ];
    assert_eq!(keyring.sign_onchain(&hash).to_vec(), expected.concat());
}

/// Bytes of a string of hex digits after `0x`.
fn prefixed(value: &Value) -> Vec<u8> {
    let text = value.as_str().and_then(|text| text.strip_prefix("0x"));
    hex::decode(text.unwrap_or_else(|| panic!("0x… expected, not {value}"))).expect("hex")
}
