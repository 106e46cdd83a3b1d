//! Every reason to drop something has an input that provokes it.

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{EpochRound, OracleId};
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::oracle::{Failed, Input, Output, Persisted, ReadPurpose};
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::{PENDING_MAX, Pending, TO_ACCEPT_MAX};

use crate::harness::{
    Bench, at, attested, epoch, fresh_chain, ms, new_epoch, observations, observe, observe_req,
    report_req, skip, vote_on,
};

/// Reasons that only OCR1 has, provoked in `tests/ocr1`.
const OF_OCR1: [DropReason; 4] = [
    DropReason::ObservationsUnsorted,
    DropReason::EchoOtherRound,
    DropReason::EchoRepeated,
    DropReason::EchoAfterCompletion,
];

/// A reason without an arm does not compile; an arm that does not provoke its reason fails.
#[test]
fn every_drop_reason_is_provoked() {
    for &reason in DropReason::ALL {
        let Some(out) = provoke(reason) else {
            let is_elsewhere = reason == DropReason::OwnQueueFull || OF_OCR1.contains(&reason);
            assert!(is_elsewhere, "{reason}: provoke it");
            continue;
        };
        let dropped = |output: &&Output| matches!(output, Output::Dropped { reason: given, .. } if *given == reason);
        assert!(out.iter().find(dropped).is_some(), "{reason}: {out:?}");
    }
}

#[test]
fn drop_reasons_have_distinct_names_for_metrics() {
    let mut names: Vec<_> = DropReason::ALL
        .iter()
        .map(|reason| reason.as_str())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| name.bytes().all(|c| c == b'_' || c.is_ascii_lowercase()))
    );
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), DropReason::ALL.len());
    assert_eq!(DropReason::EpochPast.to_string(), "epoch_past");
}

/// Makes an oracle drop something for `reason`; nothing if that takes more than inputs.
fn provoke(reason: DropReason) -> Option<Vec<Output>> {
    Some(match reason {
        DropReason::StateCorrupted => start(Persisted {
            pacemaker: state(2, 1),
            ..empty()
        }),
        DropReason::StateStale => start(Persisted {
            pacemaker: state(0, 0),
            ..empty()
        }),
        DropReason::PendingSuperseded => start(Persisted {
            pending: overdue(2),
            ..empty()
        }),
        // The bound of a queue that is emptied after every input: tested in oracle/mailbox.rs.
        DropReason::OwnQueueFull => return None,
        DropReason::ObservationsUnsorted
        | DropReason::EchoOtherRound
        | DropReason::EchoRepeated
        | DropReason::EchoAfterCompletion => return None,
        DropReason::SenderUnknown
        | DropReason::EpochPast
        | DropReason::FutureBufferFull
        | DropReason::EpochNotHigher
        | DropReason::EpochsExhausted => provoke_router_and_pacemaker(reason),
        DropReason::NotLeader
        | DropReason::ObserveOtherRound
        | DropReason::ObserveOutOfPhase
        | DropReason::ObserveRepeated
        | DropReason::ObserveSignatureInvalid
        | DropReason::ReportOtherRound
        | DropReason::ReportOutOfPhase
        | DropReason::ReportRepeated
        | DropReason::SkipNotEmpty
        | DropReason::ReportSignatureInvalid => provoke_leader(reason),
        DropReason::ObserveReqFromNonLeader
        | DropReason::ObserveReqNotHigher
        | DropReason::ObserveReqTooHigh
        | DropReason::QueryNotEmpty
        | DropReason::ObservationAlreadySigned
        | DropReason::ObservationLate
        | DropReason::ObservationFailed => provoke_observation(reason),
        DropReason::ReportReqFromNonLeader
        | DropReason::ReportReqOtherRound
        | DropReason::ReportReqAfterReport
        | DropReason::ReportReqAfterCompletion
        | DropReason::ReportReqRepeated
        | DropReason::ObserverRepeated
        | DropReason::ObservationSignatureInvalid
        | DropReason::TooFewObservations
        | DropReason::ReportAlreadySigned
        | DropReason::ReportReadLate
        | DropReason::ReportReadFailed
        | DropReason::ReportFailed => provoke_report(reason),
        DropReason::FinalOtherRound => {
            in_round().hear(1, Message::Final(attested(at(1, 2), &[0, 3])))
        }
        DropReason::FinalFromNonLeader => {
            in_round().hear(0, Message::Final(attested(at(1, 1), &[0, 3])))
        }
        DropReason::EchoRoundTooHigh => echo(at(1, 4), &[0, 3]),
        DropReason::FinalExpired => {
            let mut bench = Bench::started(2);
            bench.hear(3, Message::FinalEcho(attested(at(900, 1), &[0, 3])));
            bench.hear(3, Message::FinalEcho(attested(at(1, 1), &[0, 3])))
        }
        DropReason::FinalRepeated => {
            let mut bench = Bench::started(2);
            bench.hear(3, Message::FinalEcho(attested(at(1, 1), &[0, 3])));
            bench.hear(3, Message::FinalEcho(attested(at(1, 1), &[0, 1])))
        }
        DropReason::SignatureCountWrong => echo(at(1, 1), &[0]),
        DropReason::SignerRepeated => echo(at(1, 1), &[3, 3]),
        DropReason::SignatureInvalid => {
            let mut report = attested(at(1, 1), &[0, 3]);
            report.report.push(0);
            Bench::started(2).hear(3, Message::FinalEcho(report))
        }
        DropReason::AcceptQueueFull
        | DropReason::AcceptReadLate
        | DropReason::PendingRepeated
        | DropReason::PendingFull
        | DropReason::TransmitReadLate => provoke_transmission(reason),
    })
}

fn provoke_router_and_pacemaker(reason: DropReason) -> Vec<Output> {
    let mut bench = Bench::started(2);
    match reason {
        DropReason::SenderUnknown => {
            let from = OracleId::new(4, 5).expect("one of five");
            bench.handle(Input::Message {
                from,
                message: new_epoch(2),
            })
        }
        DropReason::EpochPast => bench.hear(1, observe_req(at(0, 1))),
        DropReason::FutureBufferFull => (0..11)
            .flat_map(|_| bench.hear(1, observe_req(at(5, 1))))
            .collect(),
        DropReason::EpochNotHigher => bench.hear(1, new_epoch(0)),
        _ => {
            let pacemaker = state(u32::MAX, u32::MAX);
            let (mut bench, _) = Bench::restarted(
                2,
                Persisted {
                    pacemaker,
                    ..empty()
                },
            );
            bench.tick_at(ms(2_000))
        }
    }
}

fn provoke_leader(reason: DropReason) -> Vec<Output> {
    let report = |at, vote| Message::Report { at, vote };
    let mut bench = Bench::started(1);
    if reason == DropReason::NotLeader {
        return Bench::started(2).hear(0, observe(0, at(1, 1)));
    }
    match reason {
        DropReason::ObserveOtherRound => return bench.hear(0, observe(0, at(1, 2))),
        DropReason::ObserveSignatureInvalid => return bench.hear(0, observe(3, at(1, 1))),
        DropReason::ObserveRepeated => {
            bench.hear(0, observe(0, at(1, 1)));
            return bench.hear(0, observe(0, at(1, 1)));
        }
        DropReason::ReportOutOfPhase => return bench.hear(0, report(at(1, 1), skip())),
        _ => {}
    }
    for observer in [0, 2, 3] {
        bench.hear(observer, observe(observer, at(1, 1)));
    }
    bench.tick_at(ms(20));
    let list = observations(at(1, 1), &[0, 2, 3]);
    match reason {
        DropReason::ObserveOutOfPhase => bench.hear(0, observe(0, at(1, 1))),
        DropReason::ReportOtherRound => bench.hear(0, report(at(1, 2), skip())),
        DropReason::ReportRepeated => {
            bench.hear(0, report(at(1, 1), skip()));
            bench.hear(0, report(at(1, 1), skip()))
        }
        DropReason::SkipNotEmpty => {
            let vote = ReportVote {
                skip: true,
                ..vote_on(0, at(1, 1), &list, b"")
            };
            bench.hear(0, report(at(1, 1), vote))
        }
        _ => bench.hear(0, report(at(1, 1), vote_on(3, at(1, 1), &list, b"one"))),
    }
}

fn provoke_observation(reason: DropReason) -> Vec<Output> {
    let mut bench = in_round();
    match reason {
        DropReason::ObserveReqFromNonLeader => bench.hear(0, observe_req(at(1, 2))),
        DropReason::ObserveReqNotHigher => bench.hear(1, observe_req(at(1, 1))),
        DropReason::ObserveReqTooHigh => bench.hear(1, observe_req(at(1, 5))),
        DropReason::QueryNotEmpty => bench.hear(
            1,
            Message::ObserveReq {
                at: at(1, 2),
                query: vec![1],
            },
        ),
        DropReason::ObservationAlreadySigned => {
            let signed_observation = Some(at(1, 1));
            let (mut bench, _) = Bench::restarted(
                2,
                Persisted {
                    signed_observation,
                    ..empty()
                },
            );
            bench.hear(1, observe_req(at(1, 1)))
        }
        DropReason::ObservationLate => bench.observed(at(1, 2), 100),
        _ => bench.handle(Input::Observed {
            at: at(1, 1),
            result: Err(Failed),
        }),
    }
}

fn provoke_report(reason: DropReason) -> Vec<Output> {
    let purpose = ReadPurpose::Report;
    let request = || report_req(at(1, 1), &[0, 1, 3]);
    let mut bench = in_round();
    match reason {
        DropReason::ReportReqFromNonLeader => bench.hear(0, request()),
        DropReason::ReportReqOtherRound => bench.hear(1, report_req(at(1, 2), &[0, 1, 3])),
        DropReason::ReportReqAfterReport => {
            bench.hear(1, request());
            bench.read(at(1, 1), purpose, fresh_chain());
            bench.hear(1, request())
        }
        DropReason::ReportReqAfterCompletion => {
            bench.hear(1, Message::Final(attested(at(1, 1), &[0, 3])));
            bench.hear(1, request())
        }
        DropReason::ReportReqRepeated => {
            bench.hear(1, request());
            bench.hear(1, request())
        }
        DropReason::ObserverRepeated => bench.hear(1, report_req(at(1, 1), &[0, 1, 3, 3])),
        DropReason::ObservationSignatureInvalid => {
            let observations = observations(at(1, 2), &[0, 1, 3]);
            bench.hear(
                1,
                Message::ReportReq {
                    at: at(1, 1),
                    query: vec![],
                    observations,
                },
            )
        }
        DropReason::TooFewObservations => bench.hear(1, report_req(at(1, 1), &[0, 1])),
        DropReason::ReportAlreadySigned => {
            let signed_report = Some(at(1, 1));
            let (mut bench, _) = Bench::restarted(
                2,
                Persisted {
                    signed_report,
                    ..empty()
                },
            );
            bench.hear(1, observe_req(at(1, 1)));
            bench.hear(1, request())
        }
        DropReason::ReportReadLate => bench.read(at(1, 1), purpose, fresh_chain()),
        DropReason::ReportReadFailed => {
            bench.hear(1, request());
            bench.handle(Input::ChainRead {
                at: at(1, 1),
                purpose,
                result: Err(Failed),
            })
        }
        _ => {
            let mut garbage = observations(at(1, 1), &[0]);
            for observer in [1, 3] {
                let keyring = crate::harness::keyring(observer);
                let signed = ocr_protocol::observation::SignedObservation::sign(
                    &keyring,
                    crate::harness::digest(),
                    at(1, 1),
                    &[],
                    vec![],
                );
                garbage.push((crate::harness::oid(observer), signed));
            }
            let message = Message::ReportReq {
                at: at(1, 1),
                query: vec![],
                observations: garbage,
            };
            bench.hear(1, message);
            bench.read(at(1, 1), purpose, fresh_chain())
        }
    }
}

fn provoke_transmission(reason: DropReason) -> Vec<Output> {
    let mut bench = Bench::started(2);
    match reason {
        DropReason::AcceptQueueFull => (0..=TO_ACCEPT_MAX as u32)
            .flat_map(|index| {
                let report = attested(at(index + 1, 1), &[0, 3]);
                bench.hear(3, Message::FinalEcho(report))
            })
            .collect(),
        DropReason::AcceptReadLate => bench.read(at(1, 1), ReadPurpose::Accept, fresh_chain()),
        DropReason::PendingRepeated => {
            let report = crate::harness::readable(at(1, 1));
            let pending = vec![Pending {
                due: ms(70),
                report: report.clone(),
            }];
            let (mut bench, _) = Bench::restarted(2, Persisted { pending, ..empty() });
            bench.hear(3, Message::FinalEcho(report));
            bench.read(at(1, 1), ReadPurpose::Accept, fresh_chain())
        }
        DropReason::PendingFull => {
            let later = |number| Pending {
                due: ms(70),
                report: attested(at(number, 1), &[0, 3]),
            };
            let pending = (0..=PENDING_MAX as u32).map(later).collect();
            start(Persisted { pending, ..empty() })
        }
        _ => bench.read(at(1, 1), ReadPurpose::Transmit, fresh_chain()),
    }
}

fn empty() -> Persisted {
    Persisted::default()
}

fn state(now: u32, sent: u32) -> Option<PacemakerState> {
    let highest_received = vec![epoch(0); 4];
    Some(PacemakerState {
        epoch: epoch(now),
        highest_sent: epoch(sent),
        highest_received,
    })
}

fn overdue(count: u32) -> Vec<Pending> {
    let overdue = |number| Pending {
        due: Instant::START,
        report: attested(at(number, 1), &[0]),
    };
    (1..=count).map(overdue).collect()
}

fn start(persisted: Persisted) -> Vec<Output> {
    Bench::restarted(2, persisted).1
}

/// Oracle 2 in round 1.1.
fn in_round() -> Bench {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    bench
}

fn echo(at: EpochRound, signers: &[usize]) -> Vec<Output> {
    Bench::started(2).hear(3, Message::FinalEcho(attested(at, signers)))
}
