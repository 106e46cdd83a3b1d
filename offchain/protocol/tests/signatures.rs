//! Which signatures count.

mod common;

use ocr_protocol::attestation::{AttestationError, AttestedReport, report_context, sign_report};
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};
use ocr_protocol::keyring::{KeyError, Keyring, verify_onchain_like_evm};
use ocr_protocol::observation::SignedObservation;

use self::common::{digest, draft, keyring};

const AT: EpochRound = EpochRound::new(7, 3);
const EXTRA_HASH: [u8; 32] = [0x11; 32];

/// Order of secp256k1, big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

fn oracle(index: usize) -> OracleId {
    OracleId::new(index, 4).expect("below n")
}

fn signed_by(index: usize) -> (Option<OracleId>, Vec<u8>) {
    (
        Some(oracle(index)),
        sign_report(&keyring(index), digest(), AT, &EXTRA_HASH, b"report"),
    )
}

fn attested(signatures: Vec<(Option<OracleId>, Vec<u8>)>) -> AttestedReport {
    AttestedReport {
        at: AT,
        extra_hash: EXTRA_HASH,
        report: b"report".to_vec(),
        signatures,
    }
}

fn verify(report: &AttestedReport) -> Result<(), AttestationError> {
    report.verify(&draft(4, 1).public().expect("valid"))
}

#[test]
fn report_of_exactly_a_quorum_is_attested() {
    assert_eq!(verify(&attested(vec![signed_by(3), signed_by(0)])), Ok(()));
    for signers in [0..0, 0..1, 0..3, 0..4] {
        let given = signers.len();
        let report = attested(signers.map(signed_by).collect());
        assert_eq!(
            verify(&report),
            Err(AttestationError::WrongSignatureCount { given, needed: 2 })
        );
    }
}

#[test]
fn report_signed_twice_by_one_oracle_is_not_attested() {
    let report = attested(vec![signed_by(2), signed_by(2)]);
    assert_eq!(
        verify(&report),
        Err(AttestationError::DuplicateSigner(oracle(2)))
    );
}

#[test]
fn signature_counts_for_its_signer_only() {
    let report = attested(vec![signed_by(0), (Some(oracle(1)), signed_by(2).1)]);
    assert_eq!(
        verify(&report),
        Err(AttestationError::InvalidSignature(oracle(1)))
    );
}

#[test]
fn signature_covers_report_and_context() {
    let good = attested(vec![signed_by(0), signed_by(1)]);
    assert_eq!(verify(&good), Ok(()));
    let invalid = Err(AttestationError::InvalidSignature(oracle(0)));
    let changes: [fn(&mut AttestedReport); 5] = [
        |report| report.at = EpochRound::new(8, 3),
        |report| report.at = EpochRound::new(7, 4),
        |report| report.extra_hash[31] ^= 1,
        |report| report.report.push(0),
        |report| report.report.clear(),
    ];
    for change in changes {
        let mut report = good.clone();
        change(&mut report);
        assert_eq!(verify(&report), invalid);
    }
    let other = draft(4, 1).with(|draft| draft.contract.digest = ConfigDigest([1; 32]));
    assert_eq!(good.verify(&other.public().expect("valid")), invalid);
}

/// What spares an oracle to check the same signatures again.
#[test]
fn reports_have_the_same_signatures_whether_signers_are_named_or_not() {
    let shown = attested(vec![signed_by(3), signed_by(0)]);
    let mut unnamed = shown.clone();
    for (signer, _) in &mut unnamed.signatures {
        *signer = None;
    }
    assert!(shown.has_the_signatures_of(&unnamed));
    let others = [
        AttestedReport {
            at: EpochRound::new(7, 4),
            ..shown.clone()
        },
        AttestedReport {
            extra_hash: [0x12; 32],
            ..shown.clone()
        },
        AttestedReport {
            report: b"other".to_vec(),
            ..shown.clone()
        },
        attested(vec![signed_by(3)]),
        attested(vec![signed_by(0), signed_by(3)]),
    ];
    for other in others {
        assert!(!shown.has_the_signatures_of(&other), "{other:?}");
    }
}

#[test]
fn onchain_signature_has_r_s_and_a_recovery_id() {
    let keyring = keyring(0);
    let hash = [0x42; 32];
    let good = keyring.sign_onchain(&hash);
    let accepts = |signature: &[u8]| verify_onchain_like_evm(keyring.signer(), &hash, signature);
    assert!(accepts(&good));
    assert!(good[64] < 2);
    assert!(!accepts(&good[..64]), "64 bytes");
    assert!(!accepts(&[good.as_slice(), &[0]].concat()), "66 bytes");
    assert!(!accepts(&[]));
    let with = |change: &dyn Fn(&mut [u8; 65])| {
        let mut signature = good;
        change(&mut signature);
        accepts(&signature)
    };
    for v in (0..=255).filter(|&v| v != good[64]) {
        assert!(!with(&|signature| signature[64] = v), "v = {v}");
    }
    assert!(!with(&|signature| signature[..32].fill(0)), "r = 0");
    assert!(!with(&|signature| signature[32..64].fill(0)), "s = 0");
    assert!(
        !with(&|signature| signature[..32].copy_from_slice(&ORDER)),
        "r = N"
    );
    assert!(
        !with(&|signature| signature[32..64].copy_from_slice(&ORDER)),
        "s = N"
    );
    assert!(
        !with(&|signature| signature[..64].fill(0xff)),
        "r and s above N"
    );
    assert!(!with(&|signature| signature[0] ^= 1), "another r");
}

/// r = 1 is the x coordinate of no key's nonce here, but with v = 2 it stands for x = N + 1, which
/// lies on the curve or not; the recovered signer must verify, whatever it is.
#[test]
fn recovery_ids_2_and_3_are_read() {
    use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

    let hash = [0x42; 32];
    let mut found = 0;
    for r in 1..=20u8 {
        let mut bytes = [0; 65];
        (bytes[31], bytes[63]) = (r, 1);
        for v in [2, 3] {
            bytes[64] = v;
            let signature = Signature::from_slice(&bytes[..64]).expect("in range");
            let id = RecoveryId::from_byte(v).expect("below 4");
            let Ok(key) = VerifyingKey::recover_from_prehash(&hash, &signature, id) else {
                continue;
            };
            let point = key.to_encoded_point(false);
            let signer = alloy_primitives::Address::from_slice(
                &alloy_primitives::keccak256(&point.as_bytes()[1..])[12..],
            );
            assert!(
                verify_onchain_like_evm(signer, &hash, &bytes),
                "r = {r}, v = {v}"
            );
            found += 1;
        }
    }
    assert!(found > 0, "no such x on the curve");
}

#[test]
fn observation_signature_covers_its_context() {
    let keyring = keyring(1);
    let key = keyring.offchain_key();
    let signed = SignedObservation::sign(&keyring, digest(), AT, b"query", b"seen".to_vec());
    assert!(signed.verify(&key, digest(), AT, b"query"));
    assert!(!signed.verify(&common::keyring(2).offchain_key(), digest(), AT, b"query"));
    assert!(!signed.verify(&key, ConfigDigest::ZERO, AT, b"query"));
    assert!(!signed.verify(&key, digest(), EpochRound::new(8, 3), b"query"));
    assert!(!signed.verify(&key, digest(), EpochRound::new(7, 4), b"query"));
    assert!(!signed.verify(&key, digest(), AT, b""));
    let moved = SignedObservation {
        observation: b"yseen".to_vec(),
        ..signed
    };
    assert!(
        !moved.verify(&key, digest(), AT, b"quer"),
        "lengths are signed"
    );
}

#[test]
fn onchain_key_must_be_in_range() {
    let out_of_range = Some(KeyError::OnchainKeyOutOfRange);
    for secret in [[0; 32], ORDER, [0xff; 32]] {
        assert_eq!(
            Keyring::new(&secret, &[1; 32], &[1; 32]).err(),
            out_of_range
        );
    }
    let mut last = ORDER;
    last[31] -= 1;
    assert!(Keyring::new(&last, &[0; 32], &[0; 32]).is_ok());
}

#[test]
fn report_context_has_epoch_and_round_at_its_end() {
    let [first, second, third] =
        report_context(digest(), EpochRound::new(0x0102_0304, 5), &EXTRA_HASH);
    assert_eq!(first, digest().0);
    assert_eq!(second[..27], [0; 27]);
    assert_eq!(second[27..], [1, 2, 3, 4, 5]);
    assert_eq!(third, EXTRA_HASH);
}
