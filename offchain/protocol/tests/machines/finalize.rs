//! Lines P70 to P74.

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::finalize::Finalizer;
use ocr_protocol::id::EpochRound;

use crate::harness::{at, attested, millis, oid, public};

/// For RMax = 3 and rounds of a minute: ten rounds are remembered.
fn finalizer() -> Finalizer {
    Finalizer::new(3, millis(60_000))
}

fn echo(finalizer: &mut Finalizer, report: &AttestedReport) -> Result<(), DropReason> {
    finalizer.on_echo(&public(), report)
}

/// A report whose signatures nobody looks at.
fn checked(at: EpochRound) -> AttestedReport {
    attested(at, &[])
}

#[test]
fn an_echo_of_any_epoch_is_finalized_once() {
    let mut finalizer = finalizer();
    for round in [at(1, 1), at(9, 3), at(7, 2)] {
        let report = attested(round, &[1, 2]);
        assert_eq!(echo(&mut finalizer, &report), Ok(()));
        assert_eq!(
            echo(&mut finalizer, &report),
            Err(DropReason::FinalRepeated)
        );
        let by_others = attested(round, &[0, 3]);
        assert_eq!(
            echo(&mut finalizer, &by_others),
            Err(DropReason::FinalRepeated)
        );
        assert_eq!(finalizer.on_final(&report), Err(DropReason::FinalRepeated));
    }
}

#[test]
fn an_echo_of_a_round_beyond_r_max_is_dropped() {
    let mut finalizer = finalizer();
    assert_eq!(echo(&mut finalizer, &attested(at(2, 3), &[1, 2])), Ok(()));
    let result = echo(&mut finalizer, &attested(at(2, 4), &[1, 2]));
    assert_eq!(result, Err(DropReason::EchoRoundTooHigh));
}

#[test]
fn an_echo_needs_exactly_a_quorum_of_distinct_valid_signatures() {
    let good = attested(at(2, 1), &[1, 2]);
    let change = |change: fn(&mut AttestedReport)| {
        let mut report = good.clone();
        change(&mut report);
        report
    };
    let refused = [
        (attested(at(2, 1), &[]), DropReason::SignatureCountWrong),
        (attested(at(2, 1), &[1]), DropReason::SignatureCountWrong),
        (
            attested(at(2, 1), &[1, 2, 3]),
            DropReason::SignatureCountWrong,
        ),
        (attested(at(2, 1), &[1, 1]), DropReason::SignerRepeated),
        (
            change(|report| report.signatures[0].0 = Some(oid(3))),
            DropReason::SignatureInvalid,
        ),
        (
            change(|report| report.extra_hash[0] ^= 1),
            DropReason::SignatureInvalid,
        ),
        (
            change(|report| report.at = at(2, 2)),
            DropReason::SignatureInvalid,
        ),
        (
            change(|report| report.at = at(3, 1)),
            DropReason::SignatureInvalid,
        ),
        (
            change(|report| report.report.push(0)),
            DropReason::SignatureInvalid,
        ),
        (
            change(|report| report.signatures[1].1[64] += 27),
            DropReason::SignatureInvalid,
        ),
        (
            change(|report| report.signatures[1].1.push(0)),
            DropReason::SignatureInvalid,
        ),
    ];
    let mut finalizer = finalizer();
    for (report, reason) in refused {
        assert_eq!(echo(&mut finalizer, &report), Err(reason), "{report:?}");
    }
    let mut other = public();
    other.digest.0[31] ^= 1;
    assert_eq!(
        finalizer.on_echo(&other, &good),
        Err(DropReason::SignatureInvalid)
    );
    assert_eq!(
        echo(&mut finalizer, &good),
        Ok(()),
        "what was refused is not remembered"
    );
}

#[test]
fn a_final_is_finalized_without_another_look_at_its_signatures() {
    assert_eq!(finalizer().on_final(&checked(at(1, 1))), Ok(()));
}

#[test]
fn a_report_as_old_as_the_memory_is_expired() {
    // Index 31 is the latest, so 21 is expired and 22 is not.
    for (round, expected) in [
        (at(6, 3), Err(DropReason::FinalExpired)),
        (at(7, 0), Err(DropReason::FinalExpired)),
        (at(7, 1), Ok(())),
    ] {
        let mut finalizer = finalizer();
        finalizer.on_final(&checked(at(10, 1))).unwrap();
        assert_eq!(
            finalizer.on_final(&checked(round)),
            expected,
            "final {round}"
        );
        let mut finalizer = self::finalizer();
        finalizer.on_final(&checked(at(10, 1))).unwrap();
        let report = attested(round, &[1, 2]);
        assert_eq!(echo(&mut finalizer, &report), expected, "echo {round}");
    }
}

#[test]
fn the_latest_is_the_highest_not_the_last() {
    let mut finalizer = finalizer();
    finalizer.on_final(&checked(at(10, 1))).unwrap();
    finalizer.on_final(&checked(at(8, 1))).unwrap();
    let result = finalizer.on_final(&checked(at(6, 3)));
    assert_eq!(result, Err(DropReason::FinalExpired));
}

#[test]
fn the_expired_are_forgotten_beyond_twice_the_memory() {
    let mut finalizer = finalizer();
    for number in 1..=20 {
        finalizer.on_final(&checked(at(number, 1))).unwrap();
    }
    assert_eq!(finalizer.remembered(), 20);
    finalizer.on_final(&checked(at(21, 1))).unwrap();
    // Index 64 is the latest: rounds of index 55 and above stay, 18.1 to 21.1.
    assert_eq!(finalizer.remembered(), 4);
    let known = finalizer.on_final(&checked(at(18, 1)));
    assert_eq!(known, Err(DropReason::FinalRepeated));
}

#[test]
fn the_memory_is_bounded_and_the_last_epoch_fits() {
    let mut finalizer = Finalizer::new(254, millis(60_000));
    for number in (0..100).rev() {
        for round in 1..=254 {
            finalizer
                .on_final(&checked(at(u32::MAX - number, round)))
                .unwrap();
            assert!(finalizer.remembered() <= 21);
        }
    }
}
