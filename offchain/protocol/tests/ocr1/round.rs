//! Lines P100 to P109: what leader and follower of OCR1 do their own way.

use core::time::Duration;

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::EpochRound;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{Event, Input, Output, Persisted, ReadPurpose, Record};

use crate::harness::{
    Bench, at, attested, deeds, fresh, ms, oid, refusal, report, settled, signed, signed_list, vote,
};

const ROUND: EpochRound = at(1, 1);

/// Observations of a round, sorted.
const LIST: [(usize, i64); 3] = [(2, -7), (0, 100), (1, 100)];

fn observe_req(at: EpochRound) -> Message {
    Message::ObserveReq { at, query: vec![] }
}

fn report_req(list: &[(usize, i64)]) -> Message {
    Message::ReportReq {
        at: ROUND,
        query: vec![],
        observations: signed_list(ROUND, list),
    }
}

fn broadcast(message: Message) -> Output {
    Output::Broadcast { message }
}

/// Oracle 0, which leads epoch 1, waiting for reports over [`LIST`].
fn leading() -> Bench {
    let (mut bench, out) = Bench::started(0, Persisted::default());
    assert!(out.contains(&broadcast(observe_req(ROUND))), "{out:?}");
    for (observer, value) in [(1, 100), (2, -7)] {
        let observation = signed(observer, ROUND, value);
        let out = bench.hear(
            observer,
            Message::Observe {
                at: ROUND,
                observation,
            },
        );
        assert_eq!(out, []);
    }
    bench.observed(ROUND, 100);
    let out = bench.tick_at(ms(500));
    assert!(out.contains(&broadcast(report_req(&LIST))), "{out:?}");
    bench
}

#[test]
fn leader_sorts_observations_by_value_and_equal_ones_by_oracle() {
    leading();
}

#[test]
fn leader_starts_rounds_by_the_timer_alone() {
    let mut bench = leading();
    for round in 2..=4 {
        let out = bench.tick_at(ms(1000 * (u64::from(round) - 1)));
        assert!(
            out.contains(&broadcast(observe_req(at(1, round)))),
            "round {round}: {out:?}"
        );
    }
    // Round 4 is RMax + 1: the leader is spent.
    let out = bench.tick_at(ms(4000));
    assert!(!out.iter().any(|it| matches!(
        it,
        Output::Broadcast {
            message: Message::ObserveReq { .. }
        }
    )));
}

#[test]
fn a_final_report_starts_no_round() {
    let mut bench = leading();
    assert_eq!(
        deeds(bench.hear(
            1,
            Message::Report {
                at: ROUND,
                vote: vote(1, ROUND, &LIST)
            }
        )),
        []
    );
    let out = bench.hear(
        3,
        Message::Report {
            at: ROUND,
            vote: vote(3, ROUND, &LIST),
        },
    );
    let expected = AttestedReport {
        signatures: [1, 3]
            .map(|signer| (Some(oid(signer)), vote(signer, ROUND, &LIST).signature))
            .to_vec(),
        ..attested(ROUND, &LIST, &[])
    };
    let expected = [
        broadcast(Message::Final(expected.clone())),
        broadcast(Message::FinalEcho(expected)),
    ];
    assert_eq!(deeds(out), expected);
}

#[test]
fn a_grace_timer_that_is_left_over_does_nothing() {
    let (mut bench, _) = Bench::started(0, Persisted::default());
    bench.now = ms(700);
    for observer in [1, 2, 3] {
        let observation = signed(observer, ROUND, 100);
        bench.hear(
            observer,
            Message::Observe {
                at: ROUND,
                observation,
            },
        );
    }
    let out = bench.tick_at(ms(1000));
    assert!(out.contains(&broadcast(observe_req(at(1, 2)))));
    let out = bench.tick_at(ms(1200));
    assert_eq!(deeds(out), [], "the grace of round 1.1 would end here");
}

#[test]
fn leader_counts_reports_that_are_equal_and_signed_by_their_senders() {
    let mut bench = leading();
    let mut reports =
        |from: usize, vote| refusal(&bench.hear(from, Message::Report { at: ROUND, vote }));
    assert_eq!(
        reports(1, vote(2, ROUND, &LIST)),
        Some(DropReason::ReportSignatureInvalid)
    );
    assert_eq!(
        reports(1, vote(1, at(1, 2), &LIST)),
        Some(DropReason::ReportSignatureInvalid)
    );
    assert_eq!(reports(1, vote(1, ROUND, &LIST)), None);
    assert_eq!(
        reports(1, vote(1, ROUND, &LIST)),
        Some(DropReason::ReportRepeated)
    );
    let swapped = [LIST[0], LIST[2], LIST[1]];
    let out = bench.hear(
        2,
        Message::Report {
            at: ROUND,
            vote: vote(2, ROUND, &swapped),
        },
    );
    assert_eq!(out, [], "another order is another report");
    let out = bench.hear(
        3,
        Message::Report {
            at: ROUND,
            vote: vote(3, ROUND, &swapped),
        },
    );
    assert!(
        out.iter().any(|it| matches!(it, Output::Broadcast { message: Message::Final(it) } if it.report == report(&swapped))),
        "any report of f + 1 is final, the leader's own order or not: {out:?}"
    );
}

#[test]
fn follower_signs_the_value_alone_and_persists_before_it_sends() {
    let mut bench = Bench::following(1);
    let out = bench.observed(ROUND, 42);
    let message = Message::Observe {
        at: ROUND,
        observation: signed(1, ROUND, 42),
    };
    let expected = [
        Output::Persist(Record::SignedObservation(ROUND)),
        Output::Send {
            to: oid(0),
            message,
        },
    ];
    assert_eq!(deeds(out), expected);
}

#[test]
fn source_and_chain_have_the_operators_timeouts() {
    let (mut bench, _) = Bench::started(1, Persisted::default());
    let out = deeds(bench.hear(0, observe_req(ROUND)));
    assert_eq!(
        out,
        [Output::Observe {
            at: ROUND,
            timeout: Duration::from_secs(6)
        }]
    );
    let out = deeds(bench.hear(0, report_req(&LIST)));
    let timeout = Duration::from_secs(20);
    assert_eq!(
        out,
        [Output::ReadChain {
            at: ROUND,
            purpose: ReadPurpose::Report,
            timeout
        }]
    );
}

#[test]
fn follower_signs_a_report_that_is_due_and_persists_before_it_sends() {
    for view in [Some(fresh()), None] {
        let mut bench = Bench::following(1);
        bench.hear(0, report_req(&LIST));
        let out = bench.read(ROUND, ReadPurpose::Report, view);
        let message = Message::Report {
            at: ROUND,
            vote: vote(1, ROUND, &LIST),
        };
        let expected = [
            Output::Persist(Record::SignedReport(ROUND)),
            Output::Send {
                to: oid(0),
                message,
            },
        ];
        assert_eq!(deeds(out), expected);
        let out = bench.hear(0, report_req(&LIST));
        assert_eq!(refusal(&out), Some(DropReason::ReportReqAfterReport));
    }
}

#[test]
fn follower_completes_in_silence_when_no_report_is_due() {
    let mut bench = Bench::following(1);
    bench.hear(0, report_req(&LIST));
    bench.now = ms(1500);
    let out = bench.read(ROUND, ReadPurpose::Report, Some(settled()));
    let leader = oid(0);
    assert!(out.contains(&Output::Event(Event::RoundCompleted { at: ROUND, leader })));
    assert_eq!(deeds(out), []);
    let out = bench.hear(0, report_req(&LIST));
    assert_eq!(refusal(&out), Some(DropReason::ReportReqAfterReport));
    // The round counts as progress: DeltaProgress starts anew.
    let out = bench.tick_at(ms(2000));
    assert!(
        !out.iter().any(|it| matches!(it, Output::Persist(_))),
        "{out:?}"
    );
}

#[test]
fn follower_never_signs_twice_in_a_round_whatever_happened_before_a_restart() {
    let persisted = Persisted {
        signed_observation: Some(ROUND),
        signed_report: Some(ROUND),
        ..Persisted::default()
    };
    let (mut bench, _) = Bench::started(1, persisted);
    let out = bench.hear(0, observe_req(ROUND));
    assert_eq!(refusal(&out), Some(DropReason::ObservationAlreadySigned));
    let out = bench.hear(0, report_req(&LIST));
    assert_eq!(refusal(&out), Some(DropReason::ReportAlreadySigned));
}

#[test]
fn follower_checks_the_leaders_list() {
    let request = |observations| Message::ReportReq {
        at: ROUND,
        query: vec![],
        observations,
    };
    let list = |list: &[(usize, i64)]| signed_list(ROUND, list);
    let mut forged = list(&LIST);
    forged[0].1.signature[0] ^= 1;
    let cases = [
        (
            list(&[(0, 100), (2, -7), (1, 100)]),
            Some(DropReason::ObservationsUnsorted),
        ),
        (
            list(&[(0, 1), (0, 1), (1, 0)]),
            Some(DropReason::ObservationsUnsorted),
        ),
        (
            list(&[(0, 1), (0, 1), (1, 2)]),
            Some(DropReason::ObserverRepeated),
        ),
        (forged, Some(DropReason::ObservationSignatureInvalid)),
        (
            signed_list(at(1, 2), &LIST),
            Some(DropReason::ObservationSignatureInvalid),
        ),
        (list(&LIST[..2]), Some(DropReason::TooFewObservations)),
        (list(&[]), Some(DropReason::TooFewObservations)),
        (list(&[(2, -7), (1, 100), (0, 100)]), None),
        (list(&[(3, -8), (2, -7), (0, 100), (1, 101)]), None),
    ];
    for (observations, reason) in cases {
        let mut bench = Bench::following(1);
        let out = bench.hear(0, request(observations));
        assert_eq!(refusal(&out), reason);
        let asks = out.iter().any(|it| matches!(it, Output::ReadChain { .. }));
        assert_eq!(asks, reason.is_none());
    }
}

#[test]
fn round_r_max_plus_1_makes_followers_ask_for_the_next_epoch_once() {
    let mut bench = Bench::following(1);
    let out = bench.hear(0, observe_req(at(1, 5)));
    assert_eq!(refusal(&out), Some(DropReason::ObserveReqTooHigh));
    let out = bench.hear(0, observe_req(at(1, 4)));
    let asks = |out: &[Output]| {
        let is_ask = |it: &&Output| {
            matches!(
                it,
                Output::Broadcast {
                    message: Message::NewEpoch { .. }
                }
            )
        };
        out.iter().filter(is_ask).count()
    };
    assert_eq!(asks(&out), 1);
    assert!(!out.iter().any(|it| matches!(it, Output::Observe { .. })));
    let out = bench.hear(0, observe_req(at(1, 4)));
    assert_eq!(refusal(&out), Some(DropReason::ObserveReqNotHigher));
}

#[test]
fn a_final_is_echoed_and_neither_transmitted_nor_progress() {
    let mut bench = Bench::following(1);
    let shown = attested(ROUND, &LIST, &[0, 2]);
    let out = bench.hear(0, Message::Final(shown.clone()));
    assert_eq!(out, [broadcast(Message::FinalEcho(shown.clone()))]);
    let out = bench.hear(0, Message::Final(shown));
    assert_eq!(refusal(&out), Some(DropReason::FinalRepeated));
}

#[test]
fn a_final_must_be_the_leaders_of_this_round_and_attested() {
    let good = attested(ROUND, &LIST, &[0, 2]);
    let cases = [
        (2, good.clone(), DropReason::FinalFromNonLeader),
        (
            0,
            attested(at(1, 2), &LIST, &[0, 2]),
            DropReason::FinalOtherRound,
        ),
        (0, attested(at(0, 1), &LIST, &[0, 2]), DropReason::EpochPast),
        (
            0,
            attested(ROUND, &LIST, &[2]),
            DropReason::SignatureCountWrong,
        ),
        (
            0,
            attested(ROUND, &LIST, &[2, 2]),
            DropReason::SignerRepeated,
        ),
        (
            0,
            AttestedReport {
                report: report(&LIST[..2]),
                ..good
            },
            DropReason::SignatureInvalid,
        ),
    ];
    for (from, report, reason) in cases {
        let out = Bench::following(1).hear(from, Message::Final(report));
        assert_eq!(refusal(&out), Some(reason));
    }
}

#[test]
fn a_follower_that_wanted_no_report_still_echoes_a_final() {
    let mut bench = Bench::following(1);
    bench.hear(0, report_req(&LIST));
    bench.read(ROUND, ReadPurpose::Report, Some(settled()));
    let shown = attested(ROUND, &LIST, &[0, 2]);
    let out = bench.hear(0, Message::Final(shown.clone()));
    assert!(out.contains(&broadcast(Message::FinalEcho(shown.clone()))));
    for from in [0, 2] {
        let out = bench.hear(from, Message::FinalEcho(shown.clone()));
        assert_eq!(refusal(&out), Some(DropReason::EchoAfterCompletion));
    }
}

#[test]
fn echoes_of_f_plus_1_oracles_bring_the_report_to_transmission() {
    let mut bench = Bench::following(1);
    let shown = attested(ROUND, &LIST, &[0, 2]);
    let out = bench.hear(2, Message::FinalEcho(shown.clone()));
    // The first echo is passed on, and the own copy is the second: f + 1 = 2 have it.
    let timeout = Duration::from_secs(20);
    let expected = [
        broadcast(Message::FinalEcho(shown.clone())),
        Output::ReadChain {
            at: ROUND,
            purpose: ReadPurpose::Accept,
            timeout,
        },
    ];
    assert!(out.contains(&Output::Event(Event::RoundCompleted {
        at: ROUND,
        leader: oid(0)
    })));
    assert_eq!(deeds(out), expected);
    let out = bench.hear(3, Message::FinalEcho(shown));
    assert_eq!(refusal(&out), Some(DropReason::EchoAfterCompletion));
    assert_eq!(
        bench.oracle.queues().finalized,
        0,
        "no past round is remembered"
    );
}

#[test]
fn an_echo_counts_once_for_each_oracle_and_only_if_attested() {
    let mut bench = Bench::following(1);
    let shown = attested(ROUND, &LIST, &[0, 2]);
    // The own echo is the first; f echoes bring nothing to transmission.
    bench.hear(0, Message::Final(shown.clone()));
    let bad = attested(ROUND, &LIST, &[2]);
    let out = bench.hear(2, Message::FinalEcho(bad));
    assert_eq!(refusal(&out), Some(DropReason::SignatureCountWrong));
    let mut forged = shown.clone();
    forged.signatures[1].1[0] ^= 1;
    let out = bench.hear(2, Message::FinalEcho(forged));
    assert_eq!(
        refusal(&out),
        Some(DropReason::SignatureInvalid),
        "like what was shown, but for a bit"
    );
    let other = attested(at(1, 2), &LIST, &[0, 2]);
    let out = bench.hear(2, Message::FinalEcho(other));
    assert_eq!(refusal(&out), Some(DropReason::EchoOtherRound));
    let out = bench.hear(2, Message::FinalEcho(shown.clone()));
    assert_eq!(refusal(&out), None, "what was refused did not count");
    assert!(out.iter().any(|it| matches!(
        it,
        Output::ReadChain {
            purpose: ReadPurpose::Accept,
            ..
        }
    )));
    let out = bench.hear(2, Message::FinalEcho(shown));
    assert_eq!(refusal(&out), Some(DropReason::EchoRepeated));
}

#[test]
fn an_echo_is_checked_where_no_report_was_shown() {
    let mut bench = Bench::following(1);
    let mut forged = attested(ROUND, &LIST, &[0, 2]);
    forged.signatures[1].1[0] ^= 1;
    let out = bench.hear(2, Message::FinalEcho(forged));
    assert_eq!(refusal(&out), Some(DropReason::SignatureInvalid));
}

#[test]
fn signatures_shown_under_one_report_attest_no_other() {
    let mut bench = Bench::following(1);
    let shown = attested(ROUND, &LIST, &[0, 2]);
    bench.hear(0, Message::Final(shown.clone()));
    let mut other = attested(ROUND, &[(2, 1), (0, 2), (3, 3)], &[0, 2]);
    other.signatures = shown.signatures;
    let out = bench.hear(2, Message::FinalEcho(other));
    assert_eq!(refusal(&out), Some(DropReason::SignatureInvalid));
}

#[test]
fn echoes_of_other_reports_count_and_the_first_report_is_transmitted() {
    let mut bench = Bench::following(1);
    let first = attested(ROUND, &LIST, &[0, 2]);
    let other = attested(ROUND, &[(2, 1), (0, 2), (3, 3)], &[0, 2, 3]);
    bench.hear(0, Message::Final(first.clone()));
    let out = bench.hear(3, Message::FinalEcho(other));
    assert_eq!(refusal(&out), None);
    let out = bench.read(ROUND, ReadPurpose::Accept, Some(settled()));
    let stored = out.iter().find_map(|output| match output {
        Output::Persist(Record::PendingInsert(pending)) => Some(&pending.report.report),
        _ => None,
    });
    assert_eq!(stored, Some(&first.report), "{out:?}");
}

#[test]
fn a_round_starts_without_the_echoes_of_the_last() {
    let mut bench = Bench::following(1);
    bench.hear(0, Message::Final(attested(ROUND, &LIST, &[0, 2])));
    bench.hear(0, observe_req(at(1, 2)));
    let shown = attested(at(1, 2), &LIST, &[0, 2]);
    let out = bench.hear(0, Message::Final(shown.clone()));
    assert_eq!(
        out,
        [broadcast(Message::FinalEcho(shown))],
        "nobody else has this one"
    );
}

#[test]
fn round_r_max_plus_1_leaves_the_echoes_of_the_last_round() {
    let mut bench = Bench::following(1);
    let shown = attested(ROUND, &LIST, &[0, 2]);
    bench.hear(0, Message::Final(shown.clone()));
    bench.hear(0, observe_req(at(1, 4)));
    let out = bench.hear(2, Message::FinalEcho(shown));
    assert_eq!(refusal(&out), Some(DropReason::EchoOtherRound));
    let out = bench.hear(0, Message::Final(attested(at(1, 4), &LIST, &[0, 2])));
    assert_eq!(
        refusal(&out),
        Some(DropReason::FinalRepeated),
        "the report of round 1.1 is still shown"
    );
}

#[test]
fn echoes_of_later_epochs_wait_and_of_past_ones_are_dropped() {
    let mut bench = Bench::following(1);
    let out = bench.hear(2, Message::FinalEcho(attested(at(2, 0), &LIST, &[0, 2])));
    assert_eq!(out, []);
    assert_eq!(bench.oracle.queues().future_messages, 1);
    let out = bench.hear(2, Message::FinalEcho(attested(at(0, 1), &LIST, &[0, 2])));
    assert_eq!(refusal(&out), Some(DropReason::EpochPast));
}

#[test]
fn an_answer_to_what_is_not_asked_is_late() {
    let mut bench = Bench::following(1);
    bench.hear(0, observe_req(at(1, 2)));
    assert_eq!(
        refusal(&bench.observed(ROUND, 1)),
        Some(DropReason::ObservationLate)
    );
    let out = bench.handle(Input::ChainRead {
        at: ROUND,
        purpose: ReadPurpose::Report,
        result: Ok(fresh()),
    });
    assert_eq!(refusal(&out), Some(DropReason::ReportReadLate));
}
