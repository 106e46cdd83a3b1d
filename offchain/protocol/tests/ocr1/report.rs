//! What a report is, when it is due, and which are worth a transaction. Source: offchain-ocr1 5.4.3, 5.6.2.

use core::time::Duration;

use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::ocr1::{Median, decode_report, encode_report};
use ocr_protocol::report::{ChainView, LatestTransmission, MedianConfig, RoundRequest};
use ocr_protocol::time::UnixSeconds;
use proptest::prelude::*;

use crate::harness::{at, config, digest, draft, oid};

const NOW: u64 = 1_700_000_000;

/// 10 % deviation, a heartbeat of 100 s.
fn median() -> Median {
    let plugin = MedianConfig {
        alpha_report_ppb: 100_000_000,
        alpha_accept_ppb: 100_000_000,
        delta_c: Duration::from_secs(100),
        ..MedianConfig::default()
    };
    Median::new(&config(0).public, plugin)
}

/// A chain on which nothing is due: answer 100 of round 5.2, a moment ago.
fn settled() -> ChainView {
    ChainView {
        now: UnixSeconds(NOW),
        latest: LatestTransmission {
            digest: digest(),
            at: at(5, 2),
            answer: Int192::from(100),
            timestamp: UnixSeconds(NOW),
        },
        requested: RoundRequest::default(),
    }
}

fn numbers(values: &[i64]) -> Vec<(OracleId, [u8; 24])> {
    let entry = |(index, &value): (usize, &i64)| (oid(index), Int192::from(value).to_be_bytes());
    values.iter().enumerate().map(entry).collect()
}

fn decide(view: Option<&ChainView>, values: &[i64]) -> Option<Vec<u8>> {
    let numbers = numbers(values);
    let observations: Vec<_> = numbers
        .iter()
        .map(|(observer, it)| (*observer, &it[..]))
        .collect();
    median().report(view, &observations).expect("numbers")
}

fn report_of(values: &[i64]) -> Vec<u8> {
    let numbers: Vec<_> = (0..)
        .zip(values.iter().map(|&value| Int192::from(value)))
        .collect();
    encode_report(&numbers).expect("at most 32")
}

#[test]
fn nothing_due_makes_no_report() {
    assert_eq!(decide(Some(&settled()), &[100, 100, 100]), None);
    assert_eq!(decide(Some(&settled()), &[91, 109, 109]), None);
}

#[test]
fn a_chain_that_cannot_be_read_makes_a_report() {
    assert_eq!(
        decide(None, &[100, 100, 100]),
        Some(report_of(&[100, 100, 100]))
    );
}

#[test]
fn the_upper_median_decides_on_deviation() {
    let view = settled();
    for (values, due) in [
        (&[100, 100, 110, 110][..], true),
        (&[100, 100, 109, 200], false),
        (&[1, 90, 100], true),
        (&[1, 91, 100], false),
    ] {
        assert_eq!(decide(Some(&view), values).is_some(), due, "{values:?}");
    }
}

#[test]
fn deviation_and_heartbeat_count_for_any_configuration_on_the_chain() {
    let mut view = settled();
    view.latest.digest = ConfigDigest::from_ocr1([9; 16]);
    assert!(decide(Some(&view), &[100, 110, 110]).is_some());
    assert!(decide(Some(&view), &[100, 100, 100]).is_none());
    view.latest.at = EpochRound::default();
    assert!(
        decide(Some(&view), &[100, 100, 100]).is_none(),
        "initial under another configuration"
    );
    view.latest.digest = digest();
    assert!(decide(Some(&view), &[100, 100, 100]).is_some(), "initial");
}

#[test]
fn an_answer_older_than_delta_c_makes_a_report() {
    for (age, due) in [(99, false), (100, false), (101, true)] {
        let mut view = settled();
        view.latest.timestamp = UnixSeconds(NOW - age);
        assert_eq!(
            decide(Some(&view), &[100, 100, 100]).is_some(),
            due,
            "{age} s"
        );
    }
}

#[test]
fn a_request_stays_open_until_a_later_round_is_on_the_chain() {
    for (requested, due) in [(at(5, 1), false), (at(5, 2), true), (at(6, 0), true)] {
        let mut view = settled();
        view.requested = RoundRequest {
            digest: digest(),
            at: requested,
        };
        assert_eq!(
            decide(Some(&view), &[100, 100, 100]).is_some(),
            due,
            "{requested}"
        );
        view.requested.digest = ConfigDigest::from_ocr1([9; 16]);
        assert!(
            decide(Some(&view), &[100, 100, 100]).is_none(),
            "of another configuration"
        );
    }
}

#[test]
fn what_is_no_number_makes_no_report() {
    let bytes = [0; 23];
    assert!(median().report(None, &[(oid(0), &bytes)]).is_err());
    assert!(median().report(None, &[]).is_err());
}

fn latest(at: EpochRound) -> LatestTransmission {
    LatestTransmission {
        at,
        ..settled().latest
    }
}

#[test]
fn a_report_is_accepted_while_nothing_is_pending() {
    let mut median = median();
    assert!(
        median.should_accept(at(5, 3), &latest(at(5, 2)), &report_of(&[1, 2, 3])),
        "the first"
    );
    assert!(
        !median.should_accept(at(5, 3), &latest(at(5, 2)), &report_of(&[1, 2, 3])),
        "again"
    );
    assert!(
        median.should_accept(at(5, 4), &latest(at(5, 3)), &report_of(&[1, 2, 3])),
        "the chain caught up"
    );
    assert!(
        !median.should_accept(at(5, 5), &latest(at(5, 3)), &report_of(&[1, 2, 3])),
        "5.4 is pending"
    );
}

#[test]
fn a_report_the_chain_would_refuse_is_not_accepted() {
    let report = report_of(&[1, 2, 3]);
    assert!(
        !median().should_accept(at(5, 2), &latest(at(5, 2)), &report),
        "stale"
    );
    assert!(
        !median().should_accept(at(5, 1), &latest(at(5, 2)), &report),
        "older"
    );
    let other = LatestTransmission {
        digest: ConfigDigest::ZERO,
        ..latest(at(0, 0))
    };
    assert!(
        !median().should_accept(at(5, 2), &other, &report),
        "another configuration"
    );
    assert!(
        !median().should_accept(at(5, 3), &latest(at(5, 2)), &report_of(&[])),
        "no median"
    );
    assert!(
        !median().should_accept(at(5, 3), &latest(at(5, 2)), b"?"),
        "no report"
    );
}

#[test]
fn a_report_not_younger_than_the_last_accepted_is_not_accepted_however_it_deviates() {
    let mut median = median();
    let chain = latest(at(5, 2));
    assert!(median.should_accept(at(5, 4), &chain, &report_of(&[100; 3])));
    for round in [3, 4] {
        assert!(!median.should_accept(at(5, round), &chain, &report_of(&[500; 3])));
    }
    assert!(median.should_accept(at(5, 5), &chain, &report_of(&[500; 3])));
}

/// Odd but kept: relative to the younger report's median, 90 is 11 % below 100, and 110 is 9 % above.
#[test]
fn deviation_between_reports_is_relative_to_the_younger() {
    for (younger, accepted) in [(90, true), (91, false), (110, false), (112, true)] {
        let mut median = median();
        assert!(median.should_accept(at(5, 3), &latest(at(5, 2)), &report_of(&[100, 100, 100])));
        let report = report_of(&[younger; 3]);
        assert_eq!(
            median.should_accept(at(5, 4), &latest(at(5, 2)), &report),
            accepted,
            "{younger}"
        );
    }
}

#[test]
fn a_report_is_transmitted_if_the_chain_would_take_it() {
    assert!(median().should_transmit(at(5, 3), &latest(at(5, 2))));
    assert!(!median().should_transmit(at(5, 2), &latest(at(5, 2))));
    let other = LatestTransmission {
        digest: ConfigDigest::ZERO,
        ..latest(at(0, 0))
    };
    assert!(!median().should_transmit(at(5, 3), &other));
}

#[test]
fn one_alpha_serves_both_decisions() {
    let offchain = draft()
        .with(|draft| draft.offchain.delta_c_nanos = 7)
        .offchain;
    let expected = MedianConfig {
        alpha_report_infinite: false,
        alpha_report_ppb: 5_000_000,
        alpha_accept_infinite: false,
        alpha_accept_ppb: 5_000_000,
        delta_c: Duration::from_nanos(7),
    };
    assert_eq!(MedianConfig::of_ocr1(&offchain), expected);
}

#[test]
fn a_report_holds_32_observations_and_no_more() {
    let longest = [(255, Int192::MIN); 32];
    let mut long = encode_report(&longest).expect("32");
    assert_eq!(decode_report(&long).as_deref(), Some(&longest[..]));
    assert_eq!(encode_report(&[(0, Int192::ZERO); 33]), None);
    long[95] = 33;
    long.extend([0; 32]);
    assert_eq!(decode_report(&long), None);
}

proptest! {
    #[test]
    fn reports_are_read_as_they_are_written(list in proptest::collection::vec((any::<u8>(), any::<i64>()), 0..=32)) {
        let list: Vec<_> = list.into_iter().map(|(observer, value)| (observer, Int192::from(value))).collect();
        let report = encode_report(&list).expect("at most 32");
        prop_assert_eq!(report.len(), 32 * (3 + list.len()));
        prop_assert_eq!(decode_report(&report), Some(list));
    }

    #[test]
    fn any_bytes_are_a_report_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300), index in any::<prop::sample::Index>()) {
        let _ = decode_report(&bytes);
        let mut report = encode_report(&[(1, Int192::from(2)), (3, Int192::from(4))]).expect("two");
        let index = index.index(report.len());
        report[index] ^= 0x80;
        if let Some(list) = decode_report(&report) {
            prop_assert_eq!(encode_report(&list), Some(report));
        }
    }
}
