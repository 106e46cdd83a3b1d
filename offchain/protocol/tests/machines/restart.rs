//! What a restart keeps, and what it must not do again.

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::EpochRound;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{Event, Failed, Output, Persisted, ReadPurpose, Record, Timer};
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::report::ChainView;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::Pending;

use crate::harness::{
    Bench, at, attested, chain_at, epoch, fresh_chain, millis, ms, new_epoch, observe_req, oid,
    report_req,
};
use crate::network::Network;

fn state(now: u32, sent: u32, received: &[u32]) -> PacemakerState {
    PacemakerState {
        epoch: epoch(now),
        highest_sent: epoch(sent),
        highest_received: received.iter().copied().map(epoch).collect(),
    }
}

fn lost(reason: DropReason) -> Output {
    Output::Dropped { from: None, reason }
}

#[test]
fn the_pacemakers_state_is_taken_up() {
    let pacemaker = Some(state(5, 6, &[6, 5, 6, 5]));
    let (bench, out) = Bench::restarted(
        2,
        Persisted {
            pacemaker,
            ..Persisted::default()
        },
    );
    assert_eq!(bench.oracle.epoch(), epoch(5));
    assert_eq!(bench.oracle.leader(), oid(3));
    assert_eq!(
        out[0],
        Output::Broadcast {
            message: new_epoch(6)
        }
    );
}

#[test]
fn a_corrupted_or_stale_state_is_named_and_ignored() {
    for (stored, reason) in [
        (state(5, 4, &[0; 4]), DropReason::StateCorrupted),
        (state(5, 5, &[0; 3]), DropReason::StateCorrupted),
        (state(1, 0, &[0; 4]), DropReason::StateCorrupted),
        (state(0, 0, &[0; 4]), DropReason::StateStale),
    ] {
        let persisted = Persisted {
            pacemaker: Some(stored),
            ..Persisted::default()
        };
        let (bench, out) = Bench::restarted(2, persisted);
        assert_eq!(out[0], lost(reason));
        assert_eq!(
            out[1],
            Output::Broadcast {
                message: new_epoch(0)
            }
        );
        assert_eq!(bench.oracle.epoch(), epoch(1));
    }
}

#[test]
fn marks_survive_a_restart_and_a_corrupted_state() {
    let persisted = Persisted {
        pacemaker: Some(state(1, 0, &[0; 4])),
        signed_observation: Some(at(1, 2)),
        signed_report: Some(at(1, 1)),
        pending: vec![],
    };
    let (mut bench, _) = Bench::restarted(2, persisted);
    let reason = DropReason::ObservationAlreadySigned;
    for number in [1, 2] {
        let out = bench.hear(1, observe_req(at(1, number)));
        assert_eq!(
            out[1..],
            [Output::Dropped {
                from: Some(oid(1)),
                reason
            }]
        );
    }
    let out = bench.hear(1, report_req(at(1, 2), &[0, 1, 3]));
    assert!(
        matches!(out[..], [Output::ReadChain { .. }]),
        "2 is above the report's mark: {out:?}"
    );
    bench.read(at(1, 2), ReadPurpose::Report, fresh_chain());
    assert_eq!(bench.oracle.signed().report, at(1, 2));

    let signed_report = Some(at(1, 3));
    let (mut bench, _) = Bench::restarted(
        2,
        Persisted {
            signed_report,
            ..Persisted::default()
        },
    );
    bench.hear(1, observe_req(at(1, 3)));
    let out = bench.hear(1, report_req(at(1, 3), &[0, 1, 3]));
    let reason = DropReason::ReportAlreadySigned;
    assert_eq!(
        out,
        [Output::Dropped {
            from: Some(oid(1)),
            reason
        }]
    );
}

#[test]
fn marks_survive_the_change_of_epochs() {
    let signed_observation = Some(at(5, 2));
    let (mut bench, _) = Bench::restarted(
        2,
        Persisted {
            signed_observation,
            ..Persisted::default()
        },
    );
    bench.enter(5);
    let out = bench.hear(3, observe_req(at(5, 2)));
    let reason = DropReason::ObservationAlreadySigned;
    assert_eq!(
        out[1],
        Output::Dropped {
            from: Some(oid(3)),
            reason
        }
    );
}

#[test]
fn a_leader_restarted_in_its_epoch_goes_on_with_the_next_round() {
    let signed_observation = Some(at(1, 2));
    let (_, out) = Bench::restarted(
        1,
        Persisted {
            signed_observation,
            ..Persisted::default()
        },
    );
    assert_eq!(
        out[0],
        Output::Broadcast {
            message: observe_req(at(1, 3))
        }
    );
    let started = Event::RoundStarted {
        at: at(1, 3),
        leader: oid(1),
    };
    assert!(out.contains(&Output::Event(started)));
}

#[test]
fn pending_reports_are_resumed_and_only_the_newest_of_the_overdue() {
    let pending = |due, at| Pending {
        due,
        report: attested(at, &[0, 3]),
    };
    let persisted = Persisted {
        pending: vec![
            pending(Instant::START, at(1, 1)),
            pending(Instant::START, at(1, 2)),
            pending(ms(70), at(1, 3)),
        ],
        ..Persisted::default()
    };
    let (mut bench, out) = Bench::restarted(2, persisted);
    let expected = [
        Output::Broadcast {
            message: new_epoch(0),
        },
        Output::Persist(Record::PendingDelete(at(1, 1))),
        lost(DropReason::PendingSuperseded),
        Output::Dropped {
            from: Some(oid(2)),
            reason: DropReason::EpochNotHigher,
        },
    ];
    assert_eq!(out, expected);
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((Instant::START, Timer::Transmit))
    );

    let purpose = ReadPurpose::Transmit;
    let timeout = millis(50);
    let out = bench.tick_at(Instant::START);
    assert_eq!(
        out,
        [Output::ReadChain {
            at: at(1, 2),
            purpose,
            timeout
        }]
    );
    let out = bench.read(at(1, 2), purpose, chain_at(at(1, 1)));
    assert_eq!(
        out[1],
        Output::Transmit {
            report: attested(at(1, 2), &[0, 3])
        }
    );
    let out = bench.tick_at(ms(70));
    assert_eq!(
        out,
        [Output::ReadChain {
            at: at(1, 3),
            purpose,
            timeout
        }]
    );
    let out = bench.read(at(1, 3), purpose, chain_at(at(1, 3)));
    let declined = Event::TransmitDecided {
        at: at(1, 3),
        decision: Some(false),
    };
    let deleted = Output::Persist(Record::PendingDelete(at(1, 3)));
    assert_eq!(
        out,
        [Output::Event(declined), deleted],
        "it is on the chain"
    );
}

fn hundred(_: EpochRound) -> i64 {
    100
}

/// Reports every round, accepts every report, and never takes one.
fn chain(_: usize, _: ReadPurpose, _: EpochRound) -> Result<ChainView, Failed> {
    Ok(fresh_chain())
}

fn rounds(network: &Network) -> Vec<EpochRound> {
    let mut rounds: Vec<_> = network
        .messages()
        .filter_map(|(_, _, message)| match message {
            Message::Final(report) => Some(report.at),
            _ => None,
        })
        .collect();
    rounds.dedup();
    rounds
}

#[test]
fn all_killed_and_restarted_continue_and_nothing_goes_back() {
    let mut network = Network::new(hundred, chain);
    for index in 0..4 {
        network.start(index, Some(epoch(0)));
    }
    // Killed at every point of several rounds, with what they stored.
    for step in 0..40 {
        network.run(17 + step);
        for index in 0..4 {
            network.kill(index);
        }
        network.run(1);
        for index in 0..4 {
            network.start(index, None);
        }
    }
    network.run(5_000);
    network.assert_nothing_signed_twice();
    let rounds = rounds(&network);
    assert!(rounds.is_sorted() && rounds.len() > 10, "{rounds:?}");
}

#[test]
fn restarted_together_they_go_on_without_waiting_for_delta_progress() {
    let mut network = Network::new(hundred, chain);
    for index in 0..4 {
        network.start(index, Some(epoch(0)));
    }
    network.run(150);
    assert_eq!(rounds(&network), [at(1, 1), at(1, 2)]);
    for index in 0..4 {
        network.kill(index);
    }
    for index in 0..4 {
        network.start(index, None);
    }
    network.run(50);
    assert_eq!(rounds(&network).last(), Some(&at(1, 3)));
    network.assert_nothing_signed_twice();
}

#[test]
fn a_follower_restarted_in_an_epoch_joins_its_next_round() {
    let mut network = Network::new(hundred, chain);
    for index in 0..4 {
        network.start(index, Some(epoch(0)));
    }
    network.run(110);
    network.kill(2);
    network.start(2, None);
    network.run(180);
    let signed = Output::Persist(Record::SignedReport(at(1, 3)));
    assert!(
        network
            .log
            .iter()
            .any(|(_, index, output)| *index == 2 && *output == signed)
    );
    network.assert_nothing_signed_twice();
}
