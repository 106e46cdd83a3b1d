//! What holds for all values, bytes and schedules.

mod common;

use core::time::Duration;

use alloy_primitives::I256;
use ocr_protocol::config::{OffchainConfig, PublicConfig, ResourceChecks};
use ocr_protocol::id::{Committee, ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::{
    Keyring, ONCHAIN_SIGNATURE_BYTES, verify_offchain_like_go, verify_onchain_like_evm,
};
use ocr_protocol::limits::{MAX_PLUGIN_LIMIT_BYTES, NetworkLimits, PluginLimits};
use ocr_protocol::observation::Observation;
use ocr_protocol::report::{
    ChainView, LatestTransmission, Median, MedianConfig, OnchainConfig, ParsedObservation,
    deviates, encode_report, go_sort, max_report_bytes, median_from_report,
};
use ocr_protocol::schedule;
use ocr_protocol::secret::{SharedSecret, SharedSecretEncryptions};
use proptest::prelude::*;

use self::common::{FIXED_CODEC, digest, draft, keyring, peer_id, transmitter};

fn any_int192() -> impl Strategy<Value = Int192> {
    prop_oneof![
        any::<[u8; 24]>().prop_map(Int192::from_be_bytes),
        (-3..=3i64).prop_map(Int192::from),
    ]
}

fn any_observation() -> impl Strategy<Value = Observation> {
    (0..5u32, any_int192(), any_int192()).prop_map(|(timestamp_seconds, value, juels)| {
        Observation {
            timestamp_seconds,
            value,
            juels_per_fee_coin: juels,
            gas_price_subunits: None,
        }
    })
}

fn any_committee() -> impl Strategy<Value = Committee> {
    (1..=31usize).prop_map(|n| Committee::new(n, ((n - 1) / 3) as u8).expect("3f < n"))
}

/// A median for `committee` whose bounds refuse no answer.
fn unbounded_median(committee: Committee) -> Median {
    let bounds = OnchainConfig::new(Int192::MIN, Int192::MAX).expect("in order");
    let draft = draft(committee.n(), committee.f() as u8)
        .with(|draft| draft.contract.onchain_config = bounds.encode());
    let public = draft.public().expect("valid");
    Median::new(&public, MedianConfig::default(), FIXED_CODEC).expect("valid bounds")
}

fn fresh_chain() -> ChainView {
    let latest = LatestTransmission {
        digest: digest(),
        ..LatestTransmission::default()
    };
    ChainView {
        latest,
        ..ChainView::default()
    }
}

/// An oracle of a committee, honest observations, and which of them are replaced by lies.
fn some_liars() -> impl Strategy<Value = (Committee, Vec<(bool, Observation)>)> {
    (4..=31usize)
        .prop_flat_map(|n| {
            let committee = Committee::new(n, ((n - 1) / 3) as u8).expect("3f < n");
            (Just(committee), 2 * committee.f() + 1..=n)
        })
        .prop_flat_map(|(committee, len)| {
            let liars =
                proptest::sample::subsequence((0..len).collect::<Vec<_>>(), 0..=committee.f());
            let observations = proptest::collection::vec(any_observation(), len);
            (Just(committee), liars, observations)
        })
        .prop_map(|(committee, liars, observations)| {
            let lies = |(index, observation)| (liars.contains(&index), observation);
            (
                committee,
                observations.into_iter().enumerate().map(lies).collect(),
            )
        })
}

proptest! {
    #[test]
    fn median_is_between_honest_extremes((committee, observations) in some_liars()) {
        let median = unbounded_median(committee);
        let encoded: Vec<_> =
            observations.iter().map(|(_, observation)| median.encode_observation(observation)).collect();
        let attributed: Vec<_> =
            committee.oracles().zip(encoded.iter().map(Vec::as_slice)).collect();
        let report = median.report(&fresh_chain(), &attributed).expect("enough observations");
        let reported = median_from_report(&report.expect("the contract has none")).expect("ours");

        let honest = || observations.iter().filter(|(lies, _)| !lies).map(|(_, seen)| seen.value);
        let least = honest().min().expect("an honest oracle");
        let greatest = honest().max().expect("an honest oracle");
        prop_assert!(I256::from(least.get()) <= reported);
        prop_assert!(reported <= I256::from(greatest.get()));
    }

    #[test]
    fn report_says_who_observed_what(
        observations in proptest::collection::vec(any_observation(), 1..=31),
    ) {
        let n = observations.len();
        let parsed: Vec<_> = observations
            .iter()
            .enumerate()
            .map(|(index, &observation)| ParsedObservation {
                observer: OracleId::new(index, n).expect("below n"),
                observation,
            })
            .collect();
        let report = encode_report(parsed);
        prop_assert_eq!(report.len(), max_report_bytes(n));
        let mut values: Vec<_> = observations.iter().map(|seen| seen.value).collect();
        let mut observers = report[32..][..n].to_vec();
        for (place, &observer) in observers.iter().enumerate() {
            let word = &report[160 + 32 * place..][..32];
            prop_assert_eq!(Int192::decode(&word[8..]), Some(values[usize::from(observer)]));
        }
        values.sort();
        prop_assert_eq!(median_from_report(&report), Ok(I256::from(values[n / 2].get())));
        observers.sort_unstable();
        prop_assert_eq!(observers, (0..n as u8).collect::<Vec<_>>());
        prop_assert_eq!(&report[32 + n..64], &vec![0; 32 - n][..]);
    }

    #[test]
    fn go_sort_sorts(keys in proptest::collection::vec(0..40u8, 0..=31)) {
        let mut items: Vec<_> = keys.iter().copied().enumerate().collect();
        go_sort::sort_by_key(&mut items, |&(_, key)| key);
        prop_assert!(items.is_sorted_by_key(|&(_, key)| key));
        let mut places: Vec<_> = items.iter().map(|&(place, _)| place).collect();
        places.sort_unstable();
        prop_assert_eq!(places, (0..keys.len()).collect::<Vec<_>>());
    }

    #[test]
    fn go_sort_is_stable_up_to_12(keys in proptest::collection::vec(0..4u8, 0..=12)) {
        let mut items: Vec<_> = keys.iter().copied().enumerate().collect();
        let mut expected = items.clone();
        go_sort::sort_by_key(&mut items, |&(_, key)| key);
        expected.sort_by_key(|&(_, key)| key);
        prop_assert_eq!(items, expected);
    }

    #[test]
    fn schedule_is_a_permutation(
        committee in any_committee(), seed in any::<[u8; 16]>(), millis in 1..1000u64,
    ) {
        let stage = Duration::from_millis(millis);
        let delays = schedule::transmit_delays(&seed, committee, &[1; 31], stage);
        let mut sorted = delays.as_slice().to_vec();
        sorted.sort_unstable();
        let expected: Vec<_> = (0..committee.n() as u32).map(|rank| Some(stage * rank)).collect();
        prop_assert_eq!(sorted, expected);
    }

    #[test]
    fn stages_hold_as_many_oracles_as_they_say(
        committee in any_committee(),
        seed in any::<[u8; 16]>(),
        stages in proptest::collection::vec(0..=31u8, 0..6),
    ) {
        let stage = Duration::from_secs(1);
        let delays = schedule::transmit_delays(&seed, committee, &stages, stage);
        let mut left = committee.n();
        for (number, &size) in stages.iter().enumerate() {
            let expected = usize::from(size).min(left);
            left -= expected;
            let delay = Some(stage * number as u32);
            let actual = delays.as_slice().iter().filter(|&&given| given == delay).count();
            prop_assert_eq!(actual, expected, "stage {}", number);
        }
        let never = delays.as_slice().iter().filter(|delay| delay.is_none()).count();
        prop_assert_eq!(never, left);
    }

    #[test]
    fn int192_round_trips(bytes in any::<[u8; 24]>()) {
        let value = Int192::from_be_bytes(bytes);
        prop_assert_eq!(value.to_be_bytes(), bytes);
        prop_assert_eq!(Int192::try_from(<I256 as From<Int192>>::from(value)), Ok(value));
        prop_assert_eq!(value.to_string().parse(), Ok(value));
        prop_assert_eq!(I256::from(value.get()), <I256 as From<Int192>>::from(value));
    }

    #[test]
    fn int192_has_exactly_24_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        prop_assert_eq!(Int192::decode(&bytes).is_some(), bytes.len() == 24);
    }

    #[test]
    fn onchain_config_round_trips(bytes in any::<[u8; 48]>()) {
        let bytes = [[1].as_slice(), &bytes].concat();
        if let Ok(bounds) = OnchainConfig::decode(&bytes) {
            prop_assert_eq!(bounds.encode(), bytes);
        }
    }

    #[test]
    fn deviation_of_small_numbers_is_that_of_integers(
        ppb in 0..3_000_000_000u64, old in -1000..1000i64, new in -1000..1000i64,
    ) {
        let difference = i128::from(new - old).abs() * 1_000_000_000;
        let expected =
            if old == 0 { new != 0 } else { difference >= i128::from(ppb) * i128::from(old).abs() };
        let [old, new] = [old, new].map(|number| <I256 as From<Int192>>::from(number.into()));
        prop_assert_eq!(deviates(ppb, old, new), expected);
    }

    #[test]
    fn shared_secret_round_trips(
        secret in any::<[u8; 16]>(), scalar in any::<[u8; 32]>(), config in any::<[u8; 32]>(),
    ) {
        let keyring = Keyring::new(&[1; 32], &[1; 32], &config).expect("a key");
        let secret = SharedSecret::new(secret);
        let encrypted = secret.encrypt(&[keyring.config_key()], scalar).expect("no low order");
        let oracle = OracleId::new(0, 1).expect("below n");
        prop_assert_eq!(SharedSecret::decrypt(&encrypted, oracle, &keyring), Ok(secret));
    }

    #[test]
    fn signatures_verify(secret in 1..u64::MAX, hash in any::<[u8; 32]>()) {
        let mut onchain = [0; 32];
        onchain[24..].copy_from_slice(&secret.to_be_bytes());
        let keyring = Keyring::new(&onchain, &onchain, &[1; 32]).expect("a key");
        prop_assert!(verify_onchain_like_evm(keyring.signer(), &hash, &keyring.sign_onchain(&hash)));
        let signature = keyring.sign_offchain(&hash);
        prop_assert!(verify_offchain_like_go(&keyring.offchain_key(), &hash, &signature));
    }

    #[test]
    fn network_limits_never_overflow(
        n in 1..=31usize, lengths in any::<[usize; 3]>(), small in any::<bool>(),
    ) {
        let [query, observation, report] =
            lengths.map(|length| if small { length % (MAX_PLUGIN_LIMIT_BYTES + 1) } else { length });
        let plugin = PluginLimits {
            max_query_bytes: query,
            max_observation_bytes: observation,
            max_report_bytes: report,
        };
        let config = draft(n, 0).public().expect("valid");
        if let Ok(limits) = NetworkLimits::new(&config, &plugin, ONCHAIN_SIGNATURE_BYTES) {
            let longest = query.max((observation + 64) * n).max(report + 65 * n) + 256;
            prop_assert!(limits.max_message_bytes as usize >= longest);
            prop_assert!(limits.bytes_capacity >= 2 * limits.max_message_bytes);
        }
    }

    #[test]
    fn no_bytes_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        key in any::<[u8; 32]>(),
        signature in proptest::collection::vec(any::<u8>(), 63..67),
        text in ".{0,70}",
    ) {
        let _ = median_from_report(&bytes);
        let _ = OnchainConfig::decode(&bytes);
        let _ = Int192::decode(&bytes);
        let _ = verify_offchain_like_go(&key, &bytes, &signature);
        let _ = verify_offchain_like_go(&key, &bytes, &bytes);
        let signer = keyring(0).signer();
        prop_assert!(!verify_onchain_like_evm(signer, &key, &signature));
        prop_assert!(!verify_onchain_like_evm(signer, &key, &bytes));
        let _ = keyring(0).config_diffie_hellman(&key);
        let _ = text.parse::<ConfigDigest>();
        let _ = text.parse::<Int192>();
        let _ = Keyring::new(&key, &key, &key);
    }

    /// Words near each other's offsets reach deeper than random bytes do.
    #[test]
    fn no_report_panics(
        words in proptest::collection::vec((0..8usize, 0..300u64), 0..12), cut in 0..32usize,
    ) {
        let mut report = Vec::new();
        for (place, value) in words {
            let mut word = [0; 32];
            word[24..].copy_from_slice(&value.to_be_bytes());
            if place == 0 {
                word[23] = 1;
            }
            report.extend(word);
        }
        report.truncate(report.len().saturating_sub(cut));
        let _ = median_from_report(&report);
        let committee = Committee::new(4, 1).expect("3f < n");
        let mut median = unbounded_median(committee);
        let _ = median.should_accept(EpochRound::new(1, 1), &fresh_chain().latest, &report);
        let observations: Vec<_> =
            committee.oracles().zip(report.chunks(52)).collect();
        let _ = median.report(&fresh_chain(), &observations);
    }

    #[test]
    fn no_config_panics(
        nanos in any::<[i64; 11]>(),
        s in proptest::collection::vec(any::<u32>(), 0..5),
        lengths in any::<[bool; 5]>(),
        r_max in any::<u8>(),
        f in 0..4u8,
    ) {
        let valid = draft(4, 1);
        let len = |which: usize| if lengths[which] { 4 } else { 3 };
        let mut contract = valid.contract;
        contract.signers.truncate(len(0));
        contract.transmitters.truncate(len(1));
        contract.f = f;
        let mut offchain = OffchainConfig {
            delta_progress_nanos: nanos[0],
            delta_resend_nanos: nanos[1],
            delta_round_nanos: nanos[2],
            delta_grace_nanos: nanos[3],
            delta_stage_nanos: nanos[4],
            max_duration_query_nanos: nanos[5],
            max_duration_observation_nanos: nanos[6],
            max_duration_report_nanos: nanos[7],
            max_duration_should_accept_nanos: nanos[8],
            max_duration_should_transmit_nanos: nanos[9],
            max_duration_initialization_nanos: Some(nanos[10]),
            r_max,
            s,
            ..valid.offchain
        };
        offchain.offchain_public_keys.truncate(len(2));
        offchain.peer_ids.truncate(len(3));
        offchain.shared_secret.encryptions.truncate(len(4));
        let _ = PublicConfig::new(&contract, offchain, ResourceChecks::Skipped);
    }

    #[test]
    fn no_shared_secret_panics(
        point in any::<[u8; 32]>(), hash in any::<[u8; 32]>(), block in any::<[u8; 16]>(),
    ) {
        let draft = draft(4, 1).with(|draft| {
            draft.offchain.shared_secret = SharedSecretEncryptions {
                diffie_hellman_point: point,
                hash,
                encryptions: vec![block; 4],
            };
        });
        let public = draft.public().expect("valid without the secret");
        let config =
            ocr_protocol::config::Config::new(public, &keyring(0), &peer_id(0), transmitter(0));
        prop_assert!(config.is_err());
    }
}
