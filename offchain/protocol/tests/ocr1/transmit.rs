//! Transmission of OCR1: accepted by sorted numbers, stored, handed over when its time has come.

use core::time::Duration;

use ocr_protocol::id::EpochRound;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{Event, Output, Persisted, ReadPurpose, Record};
use ocr_protocol::transmit::Pending;

use crate::harness::{Bench, at, attested, config, deeds, fresh, ms, oid, settled};

const ROUND: EpochRound = at(1, 1);
const LIST: [(usize, i64); 3] = [(2, 99), (0, 100), (1, 100)];

/// Oracle 1 asks the chain whether to accept the report of round 1.1.
fn accepting() -> Bench {
    let mut bench = Bench::following(1);
    let out = bench.hear(2, Message::FinalEcho(attested(ROUND, &LIST, &[0, 2])));
    assert!(out.iter().any(|it| matches!(
        it,
        Output::ReadChain {
            purpose: ReadPurpose::Accept,
            ..
        }
    )));
    bench
}

/// The vectors' schedule has oracle 1 in the last stage of round 1.1.
#[test]
fn an_accepted_report_is_stored_and_transmitted_in_its_stage() {
    let delay = config(1).transmit_delays(ROUND)[oid(1)].expect("a stage");
    assert_eq!(delay, Duration::from_secs(4));
    let mut bench = accepting();
    let report = attested(ROUND, &LIST, &[0, 2]);
    let out = bench.read(ROUND, ReadPurpose::Accept, Some(fresh()));
    assert!(out.contains(&Output::Event(Event::AcceptDecided {
        at: ROUND,
        decision: Some(true)
    })));
    let pending = Pending {
        due: ms(4000),
        report: report.clone(),
    };
    assert_eq!(
        deeds(out),
        [Output::Persist(Record::PendingInsert(pending))]
    );

    let out = bench.tick_at(ms(4000));
    let asks = |it: &Output| {
        matches!(
            it,
            Output::ReadChain {
                at: ROUND,
                purpose: ReadPurpose::Transmit,
                ..
            }
        )
    };
    assert!(out.iter().any(asks), "{out:?}");
    let out = bench.read(ROUND, ReadPurpose::Transmit, Some(fresh()));
    let expected = [
        Output::Transmit { report },
        Output::Persist(Record::PendingDelete(ROUND)),
    ];
    assert_eq!(deeds(out), expected);
}

#[test]
fn a_report_that_is_stale_or_whose_chain_cannot_be_read_is_not_accepted() {
    let mut taken = settled();
    taken.latest.at = ROUND;
    for view in [Some(taken), None] {
        let mut bench = accepting();
        assert_eq!(deeds(bench.read(ROUND, ReadPurpose::Accept, view)), []);
        assert_eq!(bench.oracle.queues().to_accept, 0);
    }
}

#[test]
fn a_report_that_the_chain_has_at_its_time_is_forgotten() {
    let mut taken = settled();
    taken.latest.at = ROUND;
    for view in [Some(taken), None] {
        let mut bench = accepting();
        bench.read(ROUND, ReadPurpose::Accept, Some(fresh()));
        bench.tick_at(ms(4000));
        let out = bench.read(ROUND, ReadPurpose::Transmit, view);
        assert_eq!(deeds(out), [Output::Persist(Record::PendingDelete(ROUND))]);
    }
}

#[test]
fn after_a_restart_the_newest_overdue_report_is_due_at_once_and_those_to_come_wait() {
    let pending = |round: u8, due: u64| Pending {
        due: ms(due),
        report: attested(at(1, round), &LIST, &[0, 2]),
    };
    let persisted = Persisted {
        pending: vec![pending(1, 0), pending(2, 0), pending(3, 500)],
        ..Persisted::default()
    };
    let (mut bench, out) = Bench::started(1, persisted);
    assert!(out.contains(&Output::Persist(Record::PendingDelete(at(1, 1)))));
    let asked = |out: &[Output]| -> Vec<EpochRound> {
        let round = |it: &Output| match it {
            Output::ReadChain {
                at,
                purpose: ReadPurpose::Transmit,
                ..
            } => Some(*at),
            _ => None,
        };
        out.iter().filter_map(round).collect()
    };
    assert_eq!(asked(&bench.tick_at(ms(0))), [at(1, 2)]);
    assert_eq!(asked(&bench.tick_at(ms(500))), [at(1, 3)]);
}
