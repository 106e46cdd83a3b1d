//! Rules of a configuration, at their boundaries and in their order. Source: offchain-ocr1 1.5.

use core::time::Duration;

use ocr_protocol::config::ocr1::{ChainChecks, Minima};
use ocr_protocol::config::{Config, ConfigError};
use ocr_protocol::id::{ConfigDigest, Epoch, Protocol};
use ocr_protocol::limits::NetworkLimits;
use ocr_protocol::secret::SecretError;

use crate::harness::{Draft, TIMEOUTS, digest, draft, keyring, oid, peer_id, transmitter};

type Change = fn(&mut Draft);
type Rule = (Change, fn(&ConfigError) -> bool);

fn refused(draft: Draft) -> ConfigError {
    draft.public().expect_err("the draft breaks a rule")
}

#[test]
fn the_vectors_configuration_is_valid_for_each_oracle() {
    for index in 0..4 {
        let config = draft().config_of(index).expect("listed");
        assert_eq!(config.me, oid(index));
        assert_eq!(config.public.digest, digest());
        assert_eq!(config.public.max_duration_observation, TIMEOUTS.source);
        assert_eq!(config.public.max_duration_report, TIMEOUTS.blockchain);
        let leaders = (1..=8).map(|epoch| config.leader(Epoch::new(epoch)).get());
        assert_eq!(leaders.collect::<Vec<_>>(), [0, 2, 1, 0, 1, 0, 1, 0]);
    }
}

/// Breaks rule i and every later one, and expects rule i's error.
#[test]
fn first_broken_rule_is_the_error() {
    let rules: [Rule; 17] = [
        (
            |draft| draft.contract.offchain_config_version = 2,
            |error| *error == ConfigError::UnsupportedOcr1Version { given: 2 },
        ),
        (
            |draft| draft.contract.digest = ConfigDigest([7; 32]),
            |error| {
                matches!(
                    error,
                    ConfigError::DigestOfOtherProtocol {
                        needed: Protocol::Ocr1,
                        ..
                    }
                )
            },
        ),
        (
            |draft| draft.offchain.peer_ids.truncate(3),
            |error| is_length_of(error, "peer ids"),
        ),
        (
            |draft| draft.offchain.offchain_public_keys.truncate(3),
            |error| is_length_of(error, "off-chain public keys"),
        ),
        (
            |draft| draft.contract.transmitters.truncate(3),
            |error| is_length_of(error, "transmitters"),
        ),
        (
            |draft| draft.offchain.shared_secret.encryptions.truncate(3),
            |error| is_length_of(error, "shared secret encryptions"),
        ),
        (
            |draft| draft.offchain.delta_c_nanos = -1,
            |error| is_negative(error, "DeltaC"),
        ),
        (
            |draft| draft.offchain.delta_stage_nanos = -1,
            |error| is_negative(error, "DeltaStage"),
        ),
        (
            |draft| draft.offchain.delta_round_nanos = -1,
            |error| is_negative(error, "DeltaRound"),
        ),
        (
            |draft| draft.offchain.delta_progress_nanos = -1,
            |error| is_negative(error, "DeltaProgress"),
        ),
        (
            |draft| draft.offchain.delta_resend_nanos = -1,
            |error| is_negative(error, "DeltaResend"),
        ),
        (
            |draft| draft.contract.f = 2,
            |error| *error == ConfigError::TooFewOracles { n: 4, f: 2 },
        ),
        (
            |draft| draft.offchain.delta_grace_nanos = -1,
            |error| is_negative(error, "DeltaGrace"),
        ),
        (
            |draft| draft.offchain.delta_grace_nanos = draft.offchain.delta_round_nanos,
            |error| matches!(error, ConfigError::GraceNotBelowRound { .. }),
        ),
        (
            |draft| draft.offchain.delta_round_nanos = draft.offchain.delta_progress_nanos,
            |error| matches!(error, ConfigError::RoundNotBelowProgress { .. }),
        ),
        (
            |draft| draft.offchain.r_max = 0,
            |error| *error == ConfigError::RMaxOutOfRange { given: 0 },
        ),
        (
            |draft| draft.offchain.s = vec![32; 1000],
            |error| *error == ConfigError::TooManyStages { given: 1000 },
        ),
    ];
    for first in 0..rules.len() {
        // The last change first: an earlier rule wins where two break the same field.
        let broken = rules[first..].iter().rev();
        let draft = broken.fold(draft(), |draft, (change, _)| draft.with(change));
        let error = refused(draft);
        assert!(rules[first].1(&error), "rule {first}: {error}");
    }
}

fn is_length_of(error: &ConfigError, name: &str) -> bool {
    matches!(error, ConfigError::LengthMismatch { list, given: 3, signers: 4 } if *list == name)
}

fn is_negative(error: &ConfigError, name: &str) -> bool {
    matches!(error, ConfigError::NegativeDuration { parameter, nanos: -1 } if *parameter == name)
}

#[test]
fn boundaries_are_where_the_specification_has_them() {
    let valid: [Change; 8] = [
        |draft| draft.offchain.delta_grace_nanos = draft.offchain.delta_round_nanos - 1,
        |draft| draft.offchain.delta_round_nanos = draft.offchain.delta_progress_nanos - 1,
        |draft| draft.offchain.delta_resend_nanos = 0,
        |draft| draft.offchain.r_max = 254,
        |draft| draft.offchain.s = vec![31; 999],
        |draft| draft.offchain.s.clear(),
        |draft| draft.offchain.alpha_ppb = u64::MAX,
        |draft| draft.contract.f = 0,
    ];
    for (index, change) in valid.into_iter().enumerate() {
        assert!(draft().with(change).public().is_ok(), "case {index}");
    }
    let error = refused(draft().with(|draft| draft.offchain.r_max = 255));
    assert_eq!(error, ConfigError::RMaxOutOfRange { given: 255 });
    let error = refused(draft().with(|draft| draft.offchain.s = vec![1, 32]));
    assert_eq!(
        error,
        ConfigError::StageTooLarge {
            stage: 1,
            given: 32
        }
    );
}

/// Identities may repeat off the chain; of several of ours the last counts, and each must be ours.
#[test]
fn repeated_identities_are_accepted_and_the_last_of_ours_counts() {
    let twice = draft().with(|draft| {
        draft.contract.signers[3] = draft.contract.signers[0];
        draft.contract.transmitters[3] = draft.contract.transmitters[0];
        draft.offchain.peer_ids[3] = draft.offchain.peer_ids[0].clone();
        draft.offchain.offchain_public_keys[3] = draft.offchain.offchain_public_keys[0];
        draft.offchain.shared_secret.encryptions[3] = draft.offchain.shared_secret.encryptions[0];
    });
    assert_eq!(twice.clone().config_of(0).expect("listed twice").me, oid(3));
    let error = twice
        .with(|draft| draft.offchain.peer_ids[0] = "other".into())
        .config_of(0);
    assert!(matches!(error, Err(ConfigError::PeerIdMismatch { oracle, .. }) if oracle == oid(0)));
}

#[test]
fn a_configuration_that_is_not_ours_is_refused() {
    let public = || draft().public().expect("valid");
    let of = |keys: usize, peer: usize, account: usize| {
        Config::new(
            public(),
            &keyring(keys),
            &peer_id(peer),
            transmitter(account),
        )
    };
    assert!(matches!(
        of(0, 1, 0),
        Err(ConfigError::PeerIdMismatch { .. })
    ));
    assert!(matches!(
        of(0, 0, 1),
        Err(ConfigError::TransmitterMismatch { .. })
    ));
    let other_key = draft().with(|draft| draft.offchain.offchain_public_keys[0] = [1; 32]);
    assert!(matches!(
        other_key.config_of(0),
        Err(ConfigError::OffchainKeyMismatch { .. })
    ));
    let stranger = draft().with(|draft| draft.contract.signers[0] = draft.contract.signers[1]);
    assert!(matches!(
        stranger.config_of(0),
        Err(ConfigError::NotInCommittee { .. })
    ));
    let hash = draft().with(|draft| draft.offchain.shared_secret.hash[0] ^= 1);
    assert_eq!(
        hash.config_of(0).err(),
        Some(ConfigError::Secret(SecretError::HashMismatch))
    );
    let low_order =
        draft().with(|draft| draft.offchain.shared_secret.diffie_hellman_point = [0; 32]);
    assert_eq!(
        low_order.config_of(0).err(),
        Some(ConfigError::Secret(SecretError::LowOrderPoint))
    );
}

#[test]
fn chains_have_their_minima() {
    let seconds = |chain_id| {
        let least = Minima::of_chain(chain_id);
        [
            least.delta_c,
            least.delta_stage,
            least.delta_round,
            least.delta_progress,
            least.delta_resend,
        ]
        .map(|least| least.as_secs())
    };
    let classes: [([u64; 5], &[u64]); 5] = [
        ([600, 10, 20, 23, 10], &[1, 1101, 0, 2, 31_337, u64::MAX]),
        (
            [60, 5, 20, 23, 10],
            &[30, 100, 128, 5000, 42_220, 1_666_600_000, 1_666_600_003],
        ),
        (
            [10, 5, 5, 8, 5],
            &[10, 56, 137, 8453, 42_161, 43_114, 534_352],
        ),
        (
            [1, 5, 1, 2, 2],
            &[
                4,
                5,
                97,
                11_155_111,
                1_666_700_000,
                1_666_700_003,
                144_545_313_136_048,
            ],
        ),
        ([0; 5], &[1337, 7418]),
    ];
    for (expected, chains) in classes {
        for &chain_id in chains {
            assert_eq!(seconds(chain_id), expected, "chain {chain_id}");
        }
    }
    assert_eq!(seconds(1_666_600_004), [600, 10, 20, 23, 10]);
    assert_eq!(seconds(1_666_700_004), [600, 10, 20, 23, 10]);
}

#[test]
fn durations_below_the_chains_minima_are_refused_in_their_order() {
    let seconds = |count: i64| count * 1_000_000_000;
    let ethereum = draft().with(|draft| {
        draft.checks = ChainChecks::Enforced { chain_id: 1 };
        draft.offchain.delta_c_nanos = seconds(600);
        draft.offchain.delta_stage_nanos = seconds(10);
        draft.offchain.delta_round_nanos = seconds(20);
        draft.offchain.delta_progress_nanos = seconds(23);
        draft.offchain.delta_resend_nanos = seconds(10);
    });
    assert!(ethereum.clone().public().is_ok());
    let shorten: [(&str, Change); 5] = [
        ("DeltaC", |draft| draft.offchain.delta_c_nanos -= 1),
        ("DeltaStage", |draft| draft.offchain.delta_stage_nanos -= 1),
        ("DeltaRound", |draft| draft.offchain.delta_round_nanos -= 1),
        ("DeltaProgress", |draft| {
            draft.offchain.delta_progress_nanos -= 1
        }),
        ("DeltaResend", |draft| {
            draft.offchain.delta_resend_nanos -= 1
        }),
    ];
    for first in 0..shorten.len() {
        let draft = shorten[first..]
            .iter()
            .fold(ethereum.clone(), |draft, (_, change)| draft.with(change));
        let error = refused(draft);
        let expected = shorten[first].0;
        assert!(
            matches!(&error, ConfigError::BelowChainMinimum { parameter, chain_id: 1, .. } if *parameter == expected),
            "{expected}: {error}"
        );
    }
    let private = ethereum.with(|draft| {
        draft.checks = ChainChecks::Enforced { chain_id: 1337 };
        draft.offchain.delta_c_nanos = 0;
    });
    assert!(private.public().is_ok());
}

/// Source: offchain-ocr1 3.5, the minima of slow and of fast chains.
#[test]
fn network_limits_are_those_of_the_specification() {
    let limits = |round: u64, progress: u64, resend: u64| {
        let mut public = draft().public().expect("valid");
        public.delta_round = Duration::from_secs(round);
        public.delta_progress = Duration::from_secs(progress);
        public.delta_resend = Duration::from_secs(resend);
        NetworkLimits::of_ocr1(&public)
    };
    let slow = limits(20, 23, 10);
    assert!(
        (slow.messages_per_second - 0.886_96).abs() < 0.000_01,
        "{slow:?}"
    );
    assert!((slow.bytes_per_second - 8_869.6).abs() < 0.1, "{slow:?}");
    let fast = limits(5, 8, 5);
    assert!(
        (fast.messages_per_second - 3.05).abs() < 0.000_01,
        "{fast:?}"
    );
    assert_eq!(
        (
            fast.messages_capacity,
            fast.bytes_capacity,
            fast.max_message_bytes
        ),
        (16, 160_000, 10_000)
    );
}
