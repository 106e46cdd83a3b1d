//! What the median reports, accepts and transmits.

mod common;

use alloy_primitives::{I256, U256};
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{
    ChainView, LatestTransmission, Median, MedianConfig, OnchainConfig, OnchainConfigError,
    ReportDecodeError, ReportError, RoundRequest, deviates, max_report_bytes, median_from_report,
};
use ocr_protocol::time::UnixSeconds;

use self::common::{FIXED_CODEC, digest, draft, millis, observation};

const OTHER_DIGEST: ConfigDigest = ConfigDigest([0xee; 32]);

/// Reports on a deviation of 10 %, accepts on one of 20 %, DeltaC is 60 s.
const MEDIAN_CONFIG: MedianConfig = MedianConfig {
    alpha_report_infinite: false,
    alpha_report_ppb: 100_000_000,
    alpha_accept_infinite: false,
    alpha_accept_ppb: 200_000_000,
    delta_c: millis(60_000),
};

fn median_with(config: MedianConfig) -> Median {
    Median::new(&draft(4, 1).public().expect("valid"), config, FIXED_CODEC).expect("valid bounds")
}

/// A view that gives no reason to report on a median of 100.
fn quiet_view() -> ChainView {
    ChainView {
        now: UnixSeconds(1060),
        latest: LatestTransmission {
            digest: digest(),
            at: EpochRound::new(2, 3),
            answer: Int192::from(100),
            timestamp: UnixSeconds(1000),
        },
        requested: RoundRequest::default(),
    }
}

fn report_bytes(
    median: &Median,
    view: &ChainView,
    observations: &[Vec<u8>],
) -> Result<Option<Vec<u8>>, ReportError> {
    let attributed: Vec<_> = observations
        .iter()
        .enumerate()
        .map(|(index, bytes)| (OracleId::new(index, 4).expect("below n"), bytes.as_slice()))
        .collect();
    median.report(view, &attributed)
}

fn report(median: &Median, view: &ChainView, values: &[i64]) -> Option<Vec<u8>> {
    let encoded: Vec<_> = values
        .iter()
        .map(|&value| median.encode_observation(&observation(value)))
        .collect();
    report_bytes(median, view, &encoded).expect("enough observations")
}

fn reports(median: &Median, view: &ChainView, values: &[i64]) -> bool {
    report(median, view, values).is_some()
}

#[test]
fn nothing_is_reported_without_a_reason() {
    assert!(!reports(
        &median_with(MEDIAN_CONFIG),
        &quiet_view(),
        &[100, 100, 100]
    ));
}

#[test]
fn reports_when_the_contract_has_no_report_of_this_config() {
    let median = median_with(MEDIAN_CONFIG);
    let view = |digest, at| {
        let mut view = quiet_view();
        view.latest.digest = digest;
        view.latest.at = at;
        view
    };
    assert!(reports(
        &median,
        &view(digest(), EpochRound::new(0, 0)),
        &[100, 100, 100]
    ));
    assert!(!reports(
        &median,
        &view(digest(), EpochRound::new(0, 1)),
        &[100, 100, 100]
    ));
    assert!(!reports(
        &median,
        &view(digest(), EpochRound::new(1, 0)),
        &[100, 100, 100]
    ));
    assert!(!reports(
        &median,
        &view(OTHER_DIGEST, EpochRound::new(0, 0)),
        &[100, 100, 100]
    ));
}

#[test]
fn reports_when_the_median_deviates() {
    let median = median_with(MEDIAN_CONFIG);
    for (value, expected) in [(90, true), (91, false), (109, false), (110, true)] {
        assert_eq!(
            reports(&median, &quiet_view(), &[0, value, 1000]),
            expected,
            "{value}"
        );
    }
    let infinite = median_with(MedianConfig {
        alpha_report_infinite: true,
        ..MEDIAN_CONFIG
    });
    assert!(!reports(&infinite, &quiet_view(), &[0, 1000, 1000]));
}

#[test]
fn reports_when_the_answer_is_older_than_delta_c() {
    let median = median_with(MEDIAN_CONFIG);
    let at = |now| ChainView {
        now: UnixSeconds(now),
        ..quiet_view()
    };
    assert!(!reports(&median, &at(1060), &[100, 100, 100]));
    assert!(reports(&median, &at(1061), &[100, 100, 100]));
    let sub_second = median_with(MedianConfig {
        delta_c: millis(59_999),
        ..MEDIAN_CONFIG
    });
    assert!(reports(&sub_second, &at(1060), &[100, 100, 100]));
}

#[test]
fn reports_when_a_round_was_requested_since_the_latest_report() {
    let median = median_with(MEDIAN_CONFIG);
    let requested = |digest, at| ChainView {
        requested: RoundRequest { digest, at },
        ..quiet_view()
    };
    for (digest, at, expected) in [
        (digest(), EpochRound::new(2, 2), false),
        (digest(), EpochRound::new(2, 3), true),
        (digest(), EpochRound::new(2, 4), true),
        (digest(), EpochRound::new(1, 9), false),
        (digest(), EpochRound::new(3, 0), true),
        (OTHER_DIGEST, EpochRound::new(2, 3), false),
    ] {
        assert_eq!(
            reports(&median, &requested(digest, at), &[100, 100, 100]),
            expected,
            "{at}"
        );
    }
}

#[test]
fn reports_for_a_contract_that_shows_another_digest() {
    let mut view = quiet_view();
    view.latest.digest = OTHER_DIGEST;
    assert!(reports(
        &median_with(MEDIAN_CONFIG),
        &view,
        &[200, 200, 200]
    ));
}

#[test]
fn median_must_be_within_its_bounds() {
    let median = median_with(MEDIAN_CONFIG);
    for (value, expected) in [(-1001, false), (-1000, true), (1000, true), (1001, false)] {
        assert_eq!(
            reports(&median, &quiet_view(), &[-2000, value, 2000]),
            expected,
            "{value}"
        );
    }
}

#[test]
fn even_number_of_observations_has_the_upper_median() {
    let median = median_with(MEDIAN_CONFIG);
    let report = report(&median, &quiet_view(), &[3, 1, 4, 2]).expect("deviates");
    assert_eq!(median_from_report(&report), Ok(I256::unchecked_from(3)));
}

#[test]
fn the_upper_median_alone_decides_whether_to_report() {
    let median = median_with(MEDIAN_CONFIG);
    assert!(!reports(&median, &quiet_view(), &[900, 100, 1, 50]));
    assert!(reports(&median, &quiet_view(), &[199, 100, 150, 100]));
}

#[test]
fn more_than_f_observations_must_be_readable() {
    let median = median_with(MEDIAN_CONFIG);
    let good = median.encode_observation(&observation(500));
    let garbage = vec![1, 2, 3];
    assert_eq!(
        report_bytes(
            &median,
            &quiet_view(),
            &[good.clone(), garbage.clone(), garbage.clone()]
        ),
        Err(ReportError::TooFewObservations {
            given: 1,
            needed: 2
        })
    );
    assert_eq!(
        report_bytes(&median, &quiet_view(), &[]),
        Err(ReportError::TooFewObservations {
            given: 0,
            needed: 2
        })
    );
    let report = report_bytes(&median, &quiet_view(), &[good.clone(), garbage, good])
        .expect("two are readable")
        .expect("deviates");
    assert_eq!(report[32..36], [0, 2, 0, 0], "observers 0 and 2");
}

#[test]
fn limits_are_those_of_the_evm_median() {
    let limits = median_with(MEDIAN_CONFIG).limits();
    assert_eq!(limits.max_query_bytes, 0);
    assert_eq!(limits.max_observation_bytes, 92);
    assert_eq!(limits.max_report_bytes, 160 + 32 * 4);
}

fn latest(at: EpochRound) -> LatestTransmission {
    LatestTransmission {
        at,
        ..quiet_view().latest
    }
}

/// A report whose median is `value`.
fn report_of(value: i64) -> Vec<u8> {
    let mut view = quiet_view();
    view.now = UnixSeconds(u64::MAX / 2);
    report(&median_with(MEDIAN_CONFIG), &view, &[value; 3]).expect("stale")
}

#[test]
fn accepts_a_first_report() {
    let mut median = median_with(MedianConfig {
        alpha_accept_infinite: true,
        ..MEDIAN_CONFIG
    });
    let accepted = median.should_accept(
        EpochRound::new(2, 4),
        &latest(EpochRound::new(2, 3)),
        &report_of(1),
    );
    assert_eq!(accepted, Ok(true));
}

#[test]
fn accepts_only_what_is_news() {
    let mut median = median_with(MEDIAN_CONFIG);
    let chain = latest(EpochRound::new(2, 3));
    let other = LatestTransmission {
        digest: OTHER_DIGEST,
        ..chain
    };
    let report = report_of(100);
    assert_eq!(
        median.should_accept(EpochRound::new(2, 3), &chain, &report),
        Ok(false)
    );
    assert_eq!(
        median.should_accept(EpochRound::new(2, 4), &other, &report),
        Ok(false)
    );
    assert_eq!(
        median.should_accept(EpochRound::new(2, 4), &chain, &report),
        Ok(true)
    );
    let deviating = report_of(900);
    assert_eq!(
        median.should_accept(EpochRound::new(2, 4), &chain, &deviating),
        Ok(false)
    );
    assert_eq!(
        median.should_accept(EpochRound::new(2, 2), &chain, &deviating),
        Ok(false)
    );
}

#[test]
fn accepts_beside_a_pending_report_only_what_deviates() {
    let mut median = median_with(MEDIAN_CONFIG);
    let chain = latest(EpochRound::new(2, 3));
    let mut accept =
        |round, value| median.should_accept(EpochRound::new(3, round), &chain, &report_of(value));
    assert_eq!(accept(1, 100), Ok(true));
    assert_eq!(accept(2, 119), Ok(false), "below 20 % of the last accepted");
    assert_eq!(
        accept(2, 120),
        Ok(true),
        "what was not accepted is not remembered"
    );
    assert_eq!(accept(3, 100), Ok(false), "16.7 % of 120");
}

#[test]
fn accepts_once_the_chain_caught_up() {
    let mut median = median_with(MEDIAN_CONFIG);
    let report = report_of(100);
    let mut accept = |round, chain_round| {
        let chain = latest(EpochRound::new(3, chain_round));
        median.should_accept(EpochRound::new(3, round), &chain, &report)
    };
    assert_eq!(accept(5, 1), Ok(true));
    assert_eq!(accept(6, 4), Ok(false), "round 5 is pending");
    assert_eq!(accept(6, 5), Ok(true), "the chain has round 5");
    assert_eq!(accept(9, 8), Ok(true), "the chain has passed round 6");
}

#[test]
fn accepts_no_deviation_when_alpha_accept_is_infinite() {
    let mut median = median_with(MedianConfig {
        alpha_accept_infinite: true,
        ..MEDIAN_CONFIG
    });
    let chain = latest(EpochRound::new(2, 3));
    assert_eq!(
        median.should_accept(EpochRound::new(3, 1), &chain, &report_of(100)),
        Ok(true)
    );
    assert_eq!(
        median.should_accept(EpochRound::new(3, 2), &chain, &report_of(900)),
        Ok(false)
    );
}

#[test]
fn accepts_no_report_that_is_too_long_or_unreadable() {
    let mut median = median_with(MEDIAN_CONFIG);
    let chain = latest(EpochRound::new(2, 3));
    let at = EpochRound::new(3, 1);
    let mut long = report_of(100);
    long.resize(max_report_bytes(4), 0);
    assert_eq!(median.clone().should_accept(at, &chain, &long), Ok(true));
    long.push(0);
    assert_eq!(median.should_accept(at, &chain, &long), Ok(false));
    assert_eq!(
        median.should_accept(at, &chain, &[]),
        Err(ReportError::Decode(ReportDecodeError::Truncated {
            given: 0,
            part: "head"
        }))
    );
}

#[test]
fn transmits_while_the_contract_is_behind() {
    let median = median_with(MEDIAN_CONFIG);
    let at = EpochRound::new(3, 2);
    assert!(median.should_transmit(at, &latest(EpochRound::new(3, 1))));
    assert!(median.should_transmit(at, &latest(EpochRound::new(2, 9))));
    assert!(!median.should_transmit(at, &latest(at)));
    assert!(!median.should_transmit(at, &latest(EpochRound::new(3, 3))));
    let other = LatestTransmission {
        digest: OTHER_DIGEST,
        ..latest(EpochRound::new(3, 1))
    };
    assert!(!median.should_transmit(at, &other));
}

#[test]
fn deviation_is_exact_at_the_ends() {
    assert!(deviates(1_000_000_000, I256::MIN, I256::ZERO), "100 % down");
    assert!(!deviates(1_000_000_001, I256::MIN, I256::ZERO));
    assert!(
        deviates(1_999_999_999, I256::MIN, I256::MAX),
        "nearly 200 %"
    );
    assert!(
        !deviates(2_000_000_000, I256::MIN, I256::MAX),
        "one short of 200 %"
    );
    assert!(
        deviates(2_000_000_000, I256::MAX, I256::MIN),
        "one more than 200 %"
    );
    assert!(
        deviates(0, I256::MIN, I256::MIN),
        "zero ppb, even without a difference"
    );
    assert!(deviates(u64::MAX, I256::ZERO, I256::MINUS_ONE), "from zero");
}

fn words(words: &[U256]) -> Vec<u8> {
    words
        .iter()
        .flat_map(|word| word.to_be_bytes::<32>())
        .collect()
}

fn number(value: u64) -> U256 {
    U256::from(value)
}

#[test]
fn report_is_read_as_leniently_as_go_ethereum_does() {
    let zero = U256::ZERO;
    let read = |head: &[U256]| median_from_report(&words(head));
    let read_value = |value: i64| Ok(I256::unchecked_from(value));
    let usual = [
        number(1),
        zero,
        number(0x80),
        zero,
        number(3),
        number(9),
        number(8),
        number(7),
    ];
    assert_eq!(read(&usual), read_value(8), "unsorted");
    assert_eq!(
        read(&[
            number(u64::from(u32::MAX)),
            U256::MAX,
            number(0x80),
            U256::MAX,
            number(1),
            U256::MAX
        ]),
        read_value(-1),
        "256-bit elements"
    );
    assert_eq!(
        median_from_report(&[words(&usual), vec![0xff; 7]].concat()),
        read_value(8),
        "trailing bytes"
    );
    assert_eq!(
        read(&[number(1), number(5), number(0x20), number(6)]),
        Err(ReportDecodeError::Truncated {
            given: 128,
            part: "last observation"
        })
    );
    assert_eq!(
        read(&[number(1), number(1), number(0x20), number(6)]),
        read_value(0x20),
        "the array overlaps the head"
    );
    let odd_offset = [words(&[number(1), zero, number(0x81), zero]), vec![0xaa]].concat();
    assert_eq!(
        median_from_report(&[odd_offset, words(&[number(1), number(4)])].concat()),
        read_value(4),
        "an offset that is no multiple of a word"
    );
}

#[test]
fn report_that_cannot_be_read_is_an_error() {
    let zero = U256::ZERO;
    let read = |head: &[U256]| median_from_report(&words(head));
    let truncated = |given, part| Err(ReportDecodeError::Truncated { given, part });
    assert_eq!(median_from_report(&[]), truncated(0, "head"));
    assert_eq!(read(&[number(1), zero, number(0)]), truncated(96, "head"));
    assert_eq!(
        read(&[number(1 << 32), zero, number(0x80), zero, number(1), zero]),
        Err(ReportDecodeError::TimestampTooLarge)
    );
    assert_eq!(
        read(&[number(1), zero, number(0x80), zero, zero]),
        Err(ReportDecodeError::NoObservations)
    );
    for offset in [number(0x81), number(0xa0), number(u64::MAX), U256::MAX] {
        assert_eq!(
            read(&[number(1), zero, offset, zero, number(1)]),
            truncated(160, "observations")
        );
    }
    for len in [
        number(2),
        number(u64::MAX),
        number(u64::MAX / 32 + 1),
        U256::MAX,
    ] {
        assert_eq!(
            read(&[number(1), zero, number(0x80), zero, len, zero]),
            truncated(192, "last observation")
        );
    }
}

#[test]
fn onchain_config_is_49_bytes_of_version_1_in_order() {
    let bounds = OnchainConfig::new(5.into(), 5.into()).expect("equal bounds are fine");
    let bytes = bounds.encode();
    assert_eq!(OnchainConfig::decode(&bytes), Ok(bounds));
    for given in [0, 48, 50] {
        let mut bytes = bytes.clone();
        bytes.resize(given, 0);
        let expected = Err(OnchainConfigError::WrongLength { given });
        assert_eq!(OnchainConfig::decode(&bytes), expected);
    }
    for given in [0, 2, 0xff] {
        let mut bytes = bytes.clone();
        bytes[0] = given;
        let expected = Err(OnchainConfigError::UnsupportedVersion { given });
        assert_eq!(OnchainConfig::decode(&bytes), expected);
    }
    let above = OnchainConfigError::MinAboveMax {
        min: 6.into(),
        max: 5.into(),
    };
    assert_eq!(OnchainConfig::new(6.into(), 5.into()), Err(above));
    let mut bytes = bytes;
    bytes[24] = 6;
    assert_eq!(OnchainConfig::decode(&bytes), Err(above));
}

#[test]
fn median_needs_bounds() {
    let draft = draft(4, 1).with(|draft| draft.contract.onchain_config.clear());
    let median = Median::new(&draft.public().expect("valid"), MEDIAN_CONFIG, FIXED_CODEC);
    assert_eq!(
        median.err(),
        Some(OnchainConfigError::WrongLength { given: 0 })
    );
}
