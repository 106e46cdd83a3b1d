//! Names of things and quorums.

use core::time::Duration;

use alloy_primitives::aliases::I192;
use ocr_protocol::id::{Committee, ConfigDigest, Epoch, EpochRound, MAX_ORACLES, OracleId, Round};
use ocr_protocol::int192::Int192;
use ocr_protocol::per_oracle::PerOracle;
use ocr_protocol::time::Instant;

#[test]
fn committee_has_more_than_3f_and_at_most_31_oracles() {
    for n in 0..=40usize {
        for f in 0..=20u8 {
            let fits = n <= MAX_ORACLES && n > 3 * usize::from(f);
            assert_eq!(Committee::new(n, f).is_some(), fits, "n = {n}, f = {f}");
        }
    }
}

#[test]
fn quorums_are_those_of_the_inequalities() {
    for n in 1..=31usize {
        for f in 0..=((n - 1) / 3) {
            let committee = Committee::new(n, f as u8).expect("3f < n");
            assert_eq!(committee.report_quorum(), f + 1);
            for count in 0..=n {
                assert_eq!(committee.is_amplified_by(count), count > f);
                assert_eq!(committee.is_agreed_by(count), count > 2 * f);
            }
            assert!(committee.is_agreed_by(n - f), "honest oracles are enough");
            assert!(!committee.is_amplified_by(f), "faulty oracles are not");
        }
    }
}

#[test]
fn oracle_ids_are_below_n() {
    assert_eq!(OracleId::new(3, 4).map(OracleId::get), Some(3));
    assert_eq!(OracleId::new(4, 4), None);
    assert_eq!(OracleId::new(usize::MAX, 4), None);
    assert_eq!(OracleId::new(256, 400), None, "no committee is that large");
    let committee = Committee::new(4, 1).expect("3f < n");
    assert_eq!(
        committee.oracles().map(OracleId::index).collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
}

#[test]
fn epochs_and_rounds_end() {
    assert_eq!(Epoch::ZERO.next(), Some(Epoch::FIRST));
    assert_eq!(Epoch::MAX.next(), None);
    assert_eq!(Round::new(254).next(), Some(Round::new(255)));
    assert_eq!(Round::new(255).next(), None);
}

#[test]
fn rounds_are_ordered_by_epoch_first() {
    assert!(EpochRound::new(1, 255) < EpochRound::new(2, 0));
    assert!(EpochRound::new(2, 0) < EpochRound::new(2, 1));
    assert_eq!(EpochRound::new(2, 1).to_string(), "2.1");
}

#[test]
fn config_digest_is_64_hex_digits() {
    let text = "0001a01f47eec2a7d621fd0fa3dff8c1c43b725af3e5ad442e669b49525ed82e";
    let digest: ConfigDigest = text.parse().expect("64 digits");
    assert_eq!(digest.to_string(), text);
    assert_eq!(text.to_uppercase().parse(), Ok(digest));
    for bad in [
        "",
        &text[1..],
        &format!("0x{text}"),
        &format!("0x{}", &text[2..]),
        &"g".repeat(64),
    ] {
        let error = bad.parse::<ConfigDigest>().expect_err("not 64 digits");
        assert_eq!(
            error.to_string(),
            format!("config digest {bad:?}: 64 hex digits without 0x are needed")
        );
    }
}

#[test]
fn instants_saturate() {
    let start = Instant::START;
    let end = start + Duration::MAX;
    assert_eq!(end.as_nanos(), u64::MAX);
    assert_eq!(end + Duration::from_nanos(1), end);
    assert_eq!(start.saturating_since(end), Duration::ZERO);
    assert_eq!(end.saturating_since(start), Duration::from_nanos(u64::MAX));
}

#[test]
fn lists_are_in_oracle_order() {
    let committee = Committee::new(4, 1).expect("3f < n");
    let mut list = PerOracle::empty(committee);
    let [first, third] = [0, 2].map(|index| committee.oracle(index).expect("below n"));
    list[third] = Some("c");
    list[first] = Some("a");
    assert_eq!(
        list.present().collect::<Vec<_>>(),
        [(first, &"a"), (third, &"c")]
    );
    assert_eq!(list.as_slice(), [Some("a"), None, Some("c"), None]);
    assert_eq!(PerOracle::from_vec(committee, vec![1, 2, 3]), None);
    assert!(PerOracle::from_vec(committee, vec![1, 2, 3, 4]).is_some());
}

#[test]
fn numbers_of_the_library_keep_their_value() {
    for value in [I192::MIN, I192::MINUS_ONE, I192::ZERO, I192::MAX] {
        assert_eq!(Int192::from(value).to_string(), value.to_string());
    }
}
