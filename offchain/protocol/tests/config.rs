//! Rules of a configuration, at their boundaries and in their order.

mod common;

use core::time::Duration;

use alloy_primitives::Address;
use ocr_protocol::config::{Config, ConfigError, PublicConfig, ResourceChecks};
use ocr_protocol::id::{Committee, ConfigDigest, Epoch, EpochRound, OracleId, Protocol};
use ocr_protocol::keyring::Keyring;
use ocr_protocol::secret::{SecretError, SharedSecret};

use self::common::{Draft, draft, keyring, millis, peer_id, transmitter};

/// Breaks a rule.
type Change = fn(&mut Draft);

/// Breaks a rule, and tells its error from others.
type Rule = (Change, fn(&ConfigError) -> bool);

/// Name and setter of one of the durations.
type DurationField = (&'static str, fn(&mut Draft, i64));

const DURATIONS: [DurationField; 10] = [
    ("DeltaStage", |draft, nanos| {
        draft.offchain.delta_stage_nanos = nanos
    }),
    ("DeltaRound", |draft, nanos| {
        draft.offchain.delta_round_nanos = nanos
    }),
    ("DeltaProgress", |draft, nanos| {
        draft.offchain.delta_progress_nanos = nanos
    }),
    ("DeltaResend", |draft, nanos| {
        draft.offchain.delta_resend_nanos = nanos
    }),
    ("DeltaGrace", |draft, nanos| {
        draft.offchain.delta_grace_nanos = nanos
    }),
    ("MaxDurationQuery", |draft, nanos| {
        draft.offchain.max_duration_query_nanos = nanos
    }),
    ("MaxDurationObservation", |draft, nanos| {
        draft.offchain.max_duration_observation_nanos = nanos;
    }),
    ("MaxDurationReport", |draft, nanos| {
        draft.offchain.max_duration_report_nanos = nanos
    }),
    ("MaxDurationShouldAcceptFinalizedReport", |draft, nanos| {
        draft.offchain.max_duration_should_accept_nanos = nanos;
    }),
    ("MaxDurationShouldTransmitAcceptedReport", |draft, nanos| {
        draft.offchain.max_duration_should_transmit_nanos = nanos;
    }),
];

fn refused(draft: Draft) -> ConfigError {
    draft.public().expect_err("the draft breaks a rule")
}

#[test]
fn valid_config_keeps_every_parameter() {
    let draft = draft(4, 1);
    let config = draft.clone().public().expect("valid");
    assert_eq!(config.digest, draft.contract.digest);
    assert_eq!(Some(config.committee), Committee::new(4, 1));
    assert_eq!(config.delta_progress, millis(2_000));
    assert_eq!(config.delta_resend, millis(1_000));
    assert_eq!(config.delta_round, millis(100));
    assert_eq!(config.delta_grace, millis(20));
    assert_eq!(config.delta_stage, millis(50));
    assert_eq!(
        (config.r_max, config.s.as_slice()),
        (3, [1, 1, 1, 1].as_slice())
    );
    assert_eq!(config.max_duration_initialization, Some(millis(50)));
    for (oracle, identity) in config.oracles.iter() {
        assert_eq!(identity.signer, keyring(oracle.index()).signer());
        assert_eq!(
            identity.offchain_key,
            keyring(oracle.index()).offchain_key()
        );
        assert_eq!(identity.peer_id, peer_id(oracle.index()));
        assert_eq!(identity.transmitter, transmitter(oracle.index()));
    }
    assert_eq!(config.onchain_config, draft.contract.onchain_config);
    assert_eq!(config.shared_secret, draft.offchain.shared_secret);
}

#[test]
fn version_must_be_2() {
    for given in [0, 1, 3, 30, u64::MAX] {
        let draft = draft(4, 1).with(|draft| draft.contract.offchain_config_version = given);
        assert_eq!(refused(draft), ConfigError::UnsupportedVersion { given });
    }
}

#[test]
fn lists_must_have_distinct_entries() {
    let cases: [(&str, Change); 4] = [
        ("signers", |draft| {
            draft.contract.signers[3] = draft.contract.signers[1]
        }),
        ("peer ids", |draft| {
            draft.offchain.peer_ids[3] = draft.offchain.peer_ids[1].clone()
        }),
        ("off-chain public keys", |draft| {
            draft.offchain.offchain_public_keys[3] = draft.offchain.offchain_public_keys[1];
        }),
        ("transmitters", |draft| {
            draft.contract.transmitters[3] = draft.contract.transmitters[1];
        }),
    ];
    for (list, change) in cases {
        let expected = ConfigError::Duplicate {
            list,
            first: 1,
            second: 3,
        };
        assert_eq!(refused(draft(4, 1).with(change)), expected);
    }
}

#[test]
fn equal_encryptions_are_no_duplicates() {
    let draft = draft(4, 1).with(|draft| {
        let encryptions = &mut draft.offchain.shared_secret.encryptions;
        encryptions[3] = encryptions[1];
    });
    assert!(draft.public().is_ok());
}

#[test]
fn lists_must_have_an_entry_for_each_signer() {
    let cases: [(&str, usize, Change); 6] = [
        ("peer ids", 3, |draft| draft.offchain.peer_ids.truncate(3)),
        ("peer ids", 5, |draft| {
            draft.offchain.peer_ids.push("one more".to_owned())
        }),
        ("off-chain public keys", 3, |draft| {
            draft.offchain.offchain_public_keys.truncate(3)
        }),
        ("transmitters", 3, |draft| {
            draft.contract.transmitters.truncate(3)
        }),
        ("shared secret encryptions", 3, |draft| {
            draft.offchain.shared_secret.encryptions.truncate(3);
        }),
        ("shared secret encryptions", 5, |draft| {
            draft.offchain.shared_secret.encryptions.push([0; 16]);
        }),
    ];
    for (list, given, change) in cases {
        let expected = ConfigError::LengthMismatch {
            list,
            given,
            signers: 4,
        };
        assert_eq!(refused(draft(4, 1).with(change)), expected);
    }
}

#[test]
fn durations_must_not_be_negative() {
    for (parameter, set) in DURATIONS {
        for nanos in [-1, i64::MIN] {
            let expected = ConfigError::NegativeDuration { parameter, nanos };
            assert_eq!(
                refused(draft(4, 1).with(|draft| set(draft, nanos))),
                expected
            );
        }
        if !["DeltaProgress", "DeltaResend"].contains(&parameter) {
            assert!(
                draft(4, 1).with(|draft| set(draft, 0)).public().is_ok(),
                "{parameter} 0"
            );
        }
    }
}

#[test]
fn initialization_may_be_absent_or_negative() {
    for (nanos, expected) in [
        (None, None),
        (Some(-1), Some(Duration::ZERO)),
        (Some(0), Some(Duration::ZERO)),
    ] {
        let draft =
            draft(4, 1).with(|draft| draft.offchain.max_duration_initialization_nanos = nanos);
        assert_eq!(
            draft.public().expect("valid").max_duration_initialization,
            expected
        );
    }
}

#[test]
fn oracles_must_be_more_than_3f() {
    for (n, f) in [(0, 0), (3, 1), (6, 2), (30, 10), (31, 11), (31, 255)] {
        assert_eq!(refused(draft(n, f)), ConfigError::TooFewOracles { n, f });
    }
    for (n, f) in [(1, 0), (4, 1), (7, 2), (31, 10)] {
        assert!(draft(n, f).public().is_ok(), "{n} oracles, f = {f}");
    }
}

#[test]
fn oracles_must_be_at_most_31() {
    assert_eq!(refused(draft(32, 1)), ConfigError::TooManyOracles { n: 32 });
    assert_eq!(
        refused(draft(32, 11)),
        ConfigError::TooFewOracles { n: 32, f: 11 }
    );
}

#[test]
fn round_must_be_below_progress() {
    let with = |round_nanos| draft(4, 1).with(|d| d.offchain.delta_round_nanos = round_nanos);
    let progress_nanos = 2_000_000_000;
    for round_nanos in [progress_nanos, progress_nanos + 1] {
        let expected = ConfigError::RoundNotBelowProgress {
            round_nanos,
            progress_nanos,
        };
        assert_eq!(refused(with(round_nanos)), expected);
    }
    assert!(with(progress_nanos - 1).public().is_ok());
}

#[test]
fn deadlines_must_be_below_progress() {
    let with =
        |report_nanos| draft(4, 1).with(|d| d.offchain.max_duration_report_nanos = report_nanos);
    let progress_nanos = 2_000_000_000;
    for sum_nanos in [progress_nanos, progress_nanos + 1] {
        let expected = ConfigError::DeadlinesNotBelowProgress {
            sum_nanos,
            progress_nanos,
        };
        assert_eq!(refused(with(sum_nanos - 100_000_000)), expected);
    }
    assert!(with(progress_nanos - 100_000_001).public().is_ok());
}

#[test]
fn deadlines_sum_wraps_like_go() {
    let draft = draft(4, 1).with(|draft| {
        draft.offchain.max_duration_query_nanos = i64::MAX;
        draft.offchain.max_duration_observation_nanos = 1;
        draft.offchain.max_duration_report_nanos = 0;
    });
    assert!(draft.public().is_ok(), "the sum is negative");
}

#[test]
fn r_max_must_be_between_1_and_254() {
    for given in [0, 255] {
        let draft = draft(4, 1).with(|draft| draft.offchain.r_max = given);
        assert_eq!(refused(draft), ConfigError::RMaxOutOfRange { given });
    }
    for r_max in [1, 254] {
        assert!(
            draft(4, 1)
                .with(|draft| draft.offchain.r_max = r_max)
                .public()
                .is_ok()
        );
    }
}

#[test]
fn stages_must_be_fewer_than_1000() {
    let with = |len| draft(4, 1).with(|draft| draft.offchain.s = vec![0; len]);
    assert_eq!(
        refused(with(1000)),
        ConfigError::TooManyStages { given: 1000 }
    );
    for len in [0, 1, 999] {
        assert!(with(len).public().is_ok(), "{len} stages");
    }
}

#[test]
fn stage_must_have_at_most_31_oracles() {
    for given in [32, 256, 287, u32::MAX] {
        let draft = draft(4, 1).with(|draft| draft.offchain.s = vec![31, 0, given]);
        assert_eq!(
            refused(draft),
            ConfigError::StageTooLarge { stage: 2, given }
        );
    }
    let sum_above_n = draft(4, 1).with(|draft| draft.offchain.s = vec![31, 0, 31]);
    assert!(sum_above_n.public().is_ok());
}

#[test]
fn progress_and_resend_must_be_200_ms_outside_of_development() {
    for (parameter, set) in DURATIONS {
        if !["DeltaProgress", "DeltaResend"].contains(&parameter) {
            continue;
        }
        let with = |nanos| draft(4, 1).with(|draft| set(draft, nanos));
        let given = Duration::from_nanos(199_999_999);
        assert_eq!(
            refused(with(199_999_999)),
            ConfigError::DeltaTooShort { parameter, given }
        );
        assert!(with(200_000_000).public().is_ok());
        let draft = with(199_999_999);
        let public = PublicConfig::new(&draft.contract, draft.offchain, ResourceChecks::Skipped);
        assert!(public.is_ok());
    }
}

/// A digest's prefix decides what its oracles sign.
#[test]
fn digest_of_ocr1_is_refused() {
    let digest = ConfigDigest::from_ocr1([1; 16]);
    let needed = Protocol::Ocr2;
    assert_eq!(
        refused(draft(4, 1).with(|draft| draft.contract.digest = digest)),
        ConfigError::DigestOfOtherProtocol { digest, needed }
    );
}

/// Breaks rule i and every later one, and expects rule i's error.
#[test]
fn first_broken_rule_is_the_error() {
    let rules: [Rule; 12] = [
        (
            |draft| draft.contract.offchain_config_version = 1,
            |error| matches!(error, ConfigError::UnsupportedVersion { .. }),
        ),
        (
            |draft| draft.contract.signers[1] = draft.contract.signers[0],
            |error| matches!(error, ConfigError::Duplicate { .. }),
        ),
        (
            |draft| draft.offchain.peer_ids.truncate(1),
            |error| matches!(error, ConfigError::LengthMismatch { .. }),
        ),
        (
            |draft| draft.offchain.delta_stage_nanos = -1,
            |error| {
                matches!(
                    error,
                    ConfigError::NegativeDuration {
                        parameter: "DeltaStage",
                        ..
                    }
                )
            },
        ),
        (
            |draft| draft.contract.f = 2,
            |error| matches!(error, ConfigError::TooFewOracles { .. }),
        ),
        (
            |draft| draft.offchain.delta_grace_nanos = -1,
            |error| {
                matches!(
                    error,
                    ConfigError::NegativeDuration {
                        parameter: "DeltaGrace",
                        ..
                    }
                )
            },
        ),
        (
            |draft| draft.offchain.delta_round_nanos = draft.offchain.delta_progress_nanos,
            |error| matches!(error, ConfigError::RoundNotBelowProgress { .. }),
        ),
        (
            |draft| draft.offchain.max_duration_query_nanos = 2_000_000_000,
            |error| matches!(error, ConfigError::DeadlinesNotBelowProgress { .. }),
        ),
        (
            |draft| draft.offchain.r_max = 0,
            |error| matches!(error, ConfigError::RMaxOutOfRange { .. }),
        ),
        (
            |draft| draft.offchain.s = vec![0; 1000],
            |error| matches!(error, ConfigError::TooManyStages { .. }),
        ),
        (
            |draft| draft.offchain.s.splice(0..1, [32]).for_each(drop),
            |error| matches!(error, ConfigError::StageTooLarge { .. }),
        ),
        (
            |draft| draft.offchain.delta_resend_nanos = 1,
            |error| matches!(error, ConfigError::DeltaTooShort { .. }),
        ),
    ];
    for first in 0..rules.len() {
        let mut broken = draft(4, 1);
        rules[first..]
            .iter()
            .for_each(|(change, _)| change(&mut broken));
        let error = refused(broken);
        assert!((rules[first].1)(&error), "rule {first}: {error}");
    }
}

#[test]
fn oracle_finds_itself() {
    for index in 0..4 {
        let config = draft(4, 1).config_of(index);
        assert_eq!(config.me.index(), index);
    }
}

#[test]
fn identity_must_be_ours_in_every_part() {
    let public = draft(4, 1).public().expect("valid");
    let oracle = OracleId::new(2, 4).expect("below n");
    let join = |keyring: &Keyring, peer_id: &str, transmitter: Address| {
        Config::new(public.clone(), keyring, peer_id, transmitter).expect_err("not ours")
    };
    let stranger = keyring(9);
    assert_eq!(
        join(&stranger, &peer_id(2), transmitter(2)),
        ConfigError::NotInCommittee {
            signer: stranger.signer()
        }
    );
    let onchain_secret = common::secrets(2).0;
    let half = Keyring::new(&onchain_secret, &[7; 32], &[7; 32]).expect("a key");
    assert_eq!(
        join(&half, "other", transmitter(3)),
        ConfigError::OffchainKeyMismatch {
            oracle,
            configured: keyring(2).offchain_key(),
            ours: half.offchain_key(),
        }
    );
    assert_eq!(
        join(&keyring(2), "PEER-2", transmitter(3)),
        ConfigError::PeerIdMismatch {
            oracle,
            configured: peer_id(2),
            ours: "PEER-2".to_owned(),
        }
    );
    assert_eq!(
        join(&keyring(2), &peer_id(2), transmitter(3)),
        ConfigError::TransmitterMismatch {
            oracle,
            configured: transmitter(2),
            ours: transmitter(3),
        }
    );
}

#[test]
fn shared_secret_must_be_readable() {
    let join = |draft: Draft| {
        Config::new(
            draft.public().expect("valid"),
            &keyring(2),
            &peer_id(2),
            transmitter(2),
        )
        .expect_err("unreadable")
    };
    let changes: [(SecretError, Change); 4] = [
        (SecretError::HashMismatch, |draft| {
            draft.offchain.shared_secret.hash[0] ^= 1
        }),
        (SecretError::HashMismatch, |draft| {
            draft.offchain.shared_secret.encryptions[2][0] ^= 1
        }),
        (SecretError::HashMismatch, |draft| {
            draft.offchain.shared_secret.diffie_hellman_point[0] ^= 1
        }),
        (SecretError::LowOrderPoint, |draft| {
            draft.offchain.shared_secret.diffie_hellman_point = [0; 32];
        }),
    ];
    for (expected, change) in changes {
        assert_eq!(
            join(draft(4, 1).with(change)),
            ConfigError::Secret(expected)
        );
    }
}

#[test]
fn shared_secret_is_not_dealt_to_a_key_of_low_order() {
    let keys = [keyring(0).config_key(), [0; 32]];
    assert_eq!(
        SharedSecret::new([1; 16]).encrypt(&keys, [2; 32]),
        Err(SecretError::LowOrderKey {
            index: 1,
            key: [0; 32]
        })
    );
}

#[test]
fn shared_secret_of_a_short_list_is_missing() {
    let encrypted = SharedSecret::new([1; 16])
        .encrypt(&[], [2; 32])
        .expect("no key is bad");
    let oracle = OracleId::new(0, 1).expect("below n");
    assert_eq!(
        SharedSecret::decrypt(&encrypted, oracle, &keyring(0)),
        Err(SecretError::Missing { oracle, given: 0 })
    );
}

#[test]
fn all_oracles_agree_on_leaders_and_schedules() {
    let configs: Vec<_> = (0..4).map(|index| draft(4, 1).config_of(index)).collect();
    for epoch in 0..100 {
        let at = EpochRound::new(epoch, 3);
        for config in &configs {
            assert_eq!(
                config.leader(Epoch::new(epoch)),
                configs[0].leader(Epoch::new(epoch))
            );
            assert_eq!(config.transmit_delays(at), configs[0].transmit_delays(at));
        }
    }
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?}", draft(4, 1).config_of(0));
    assert!(
        !shown.contains("leader_key") && !shown.contains("transmission_key"),
        "{shown}"
    );
    assert_eq!(
        format!("{:?}", SharedSecret::new([1; 16])),
        "SharedSecret(..)"
    );
    let shown = format!("{:?}", keyring(0));
    assert_eq!(
        shown,
        format!("Keyring {{ signer: {:?}, .. }}", keyring(0).signer())
    );
}
