//! The order of outputs of a whole oracle, round by round, and its timers.

use core::time::Duration;

use ocr_protocol::attestation::extra_hash;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::ocr2::Oracle;
use ocr_protocol::oracle::{Event, Failed, Input, Output, Persisted, ReadPurpose, Record, Timer};
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::per_oracle::PerOracle;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::Pending;

use crate::harness::{
    Bench, at, attested, chain_at, config, digest, epoch, fresh_chain, keyring, median,
    median_report, millis, ms, new_epoch, observations, observe, observe_req, oid, readable,
    report_req, skip, vote_on,
};

const TIMEOUT: Duration = millis(50);

fn dropped(from: usize, reason: DropReason) -> Output {
    Output::Dropped {
        from: Some(oid(from)),
        reason,
    }
}

fn lost(reason: DropReason) -> Output {
    Output::Dropped { from: None, reason }
}

fn broadcast(message: Message) -> Output {
    Output::Broadcast { message }
}

fn state(now: u32, sent: u32, received: [u32; 4]) -> Output {
    Output::Persist(Record::Pacemaker(PacemakerState {
        epoch: epoch(now),
        highest_sent: epoch(sent),
        highest_received: received.map(epoch).to_vec(),
    }))
}

/// Oracle 2 in round 1.1, with a report asked for.
fn asked_for_median_report() -> Bench {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    bench.hear(1, report_req(at(1, 1), &[0, 1, 3]));
    bench
}

#[test]
fn a_follower_starts_by_asking_for_an_epoch() {
    let (bench, out) = Bench::restarted(2, Persisted::default());
    let own_copy = dropped(2, DropReason::EpochNotHigher);
    assert_eq!(
        out,
        [broadcast(new_epoch(0)), own_copy],
        "epoch 0 tells nobody anything"
    );
    assert_eq!(bench.oracle.epoch(), epoch(1));
    assert_eq!(bench.oracle.leader(), oid(1));
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((ms(1_000), Timer::Resend))
    );
}

#[test]
fn a_leader_starts_its_first_round_at_once() {
    let (bench, out) = Bench::restarted(1, Persisted::default());
    let expected = [
        broadcast(observe_req(at(1, 1))),
        broadcast(new_epoch(0)),
        Output::Event(Event::RoundStarted {
            at: at(1, 1),
            leader: oid(1),
        }),
        Output::Observe {
            at: at(1, 1),
            timeout: TIMEOUT,
        },
        dropped(1, DropReason::EpochNotHigher),
    ];
    assert_eq!(out, expected);
    assert_eq!(bench.oracle.poll_timeout(), Some((ms(100), Timer::Round)));
}

#[test]
fn a_contract_of_this_configuration_moves_the_wish() {
    let other = ocr_protocol::id::ConfigDigest::ZERO;
    for (shown, asked) in [
        (Some((digest(), epoch(7))), 8),
        (Some((other, epoch(7))), 0),
        (Some((digest(), epoch(u32::MAX))), 0),
        (None, 0),
    ] {
        let config = config(2);
        let median = median(&config.public);
        let mut oracle = Oracle::restore(config, keyring(2), median, Persisted::default(), shown);
        let mut out = Vec::new();
        oracle.handle(Instant::START, Input::Start, &mut out);
        assert_eq!(out[0], broadcast(new_epoch(asked)), "{shown:?}");
    }
}

#[test]
#[should_panic(expected = "Start comes first, once")]
fn a_driver_that_does_not_start_its_oracle_is_wrong() {
    let config = config(2);
    let median = median(&config.public);
    let mut oracle = Oracle::restore(config, keyring(2), median, Persisted::default(), None);
    oracle.handle(Instant::START, Input::Tick, &mut Vec::new());
}

#[test]
fn a_follower_persists_its_mark_before_it_sends_its_observation() {
    let mut bench = Bench::started(2);
    let out = bench.hear(1, observe_req(at(1, 1)));
    let expected = [
        Output::Event(Event::RoundStarted {
            at: at(1, 1),
            leader: oid(1),
        }),
        Output::Observe {
            at: at(1, 1),
            timeout: TIMEOUT,
        },
    ];
    assert_eq!(out, expected);
    let expected = [
        Output::Persist(Record::SignedObservation(at(1, 1))),
        Output::Event(Event::ObservationSigned { at: at(1, 1) }),
        Output::Send {
            to: oid(1),
            message: observe(2, at(1, 1)),
        },
    ];
    assert_eq!(bench.observed(at(1, 1), 102), expected);
}

#[test]
fn a_source_that_fails_is_a_named_abstention() {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    let out = bench.handle(Input::Observed {
        at: at(1, 1),
        result: Err(Failed),
    });
    assert_eq!(out, [lost(DropReason::ObservationFailed)]);
}

#[test]
fn a_follower_persists_its_mark_before_it_sends_its_median_report() {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    let out = bench.hear(1, report_req(at(1, 1), &[0, 1, 3]));
    let purpose = ReadPurpose::Report;
    assert_eq!(
        out,
        [Output::ReadChain {
            at: at(1, 1),
            purpose,
            timeout: TIMEOUT
        }]
    );

    let vote = vote_on(
        2,
        at(1, 1),
        &observations(at(1, 1), &[0, 1, 3]),
        &median_report(),
    );
    let expected = [
        Output::Persist(Record::SignedReport(at(1, 1))),
        Output::Event(Event::ReportSigned { at: at(1, 1) }),
        Output::Send {
            to: oid(1),
            message: Message::Report { at: at(1, 1), vote },
        },
    ];
    assert_eq!(bench.read(at(1, 1), purpose, fresh_chain()), expected);
}

#[test]
fn a_follower_that_wants_no_report_skips_and_grants_progress() {
    let mut bench = asked_for_median_report();
    bench.now = ms(500);
    let out = bench.read(at(1, 1), ReadPurpose::Report, chain_at(at(0, 9)));
    let expected = [
        Output::Event(Event::ReportSkipped { at: at(1, 1) }),
        Output::Send {
            to: oid(1),
            message: Message::Report {
                at: at(1, 1),
                vote: skip(),
            },
        },
        Output::Event(Event::RoundCompleted {
            at: at(1, 1),
            leader: oid(1),
        }),
    ];
    assert_eq!(out, expected);
    bench.tick_at(ms(2_000));
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((ms(2_500), Timer::Progress))
    );
}

#[test]
fn a_chain_that_cannot_be_read_costs_the_vote_not_the_round() {
    let mut bench = asked_for_median_report();
    let (at, purpose) = (at(1, 1), ReadPurpose::Report);
    let out = bench.handle(Input::ChainRead {
        at,
        purpose,
        result: Err(Failed),
    });
    assert_eq!(out, [lost(DropReason::ReportReadFailed)]);
    let out = bench.hear(1, report_req(at, &[0, 1, 3]));
    assert_eq!(
        out,
        [Output::ReadChain {
            at,
            purpose,
            timeout: TIMEOUT
        }]
    );
}

#[test]
fn a_report_is_not_made_of_garbage() {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    let garbage = |observer: usize| {
        let signed = ocr_protocol::observation::SignedObservation::sign(
            &keyring(observer),
            digest(),
            at(1, 1),
            &[],
            vec![observer as u8],
        );
        (oid(observer), signed)
    };
    let mut list = observations(at(1, 1), &[0]);
    list.extend([garbage(1), garbage(3)]);
    bench.hear(
        1,
        Message::ReportReq {
            at: at(1, 1),
            query: vec![],
            observations: list,
        },
    );
    let out = bench.read(at(1, 1), ReadPurpose::Report, fresh_chain());
    assert_eq!(out, [lost(DropReason::ReportFailed)]);
}

#[test]
fn a_final_is_echoed_then_asked_about_then_progress() {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    let report = attested(at(1, 1), &[0, 3]);
    let out = bench.hear(1, Message::Final(report.clone()));
    let expected = [
        Output::Event(Event::ReportFinalized { at: at(1, 1) }),
        broadcast(Message::FinalEcho(report)),
        Output::ReadChain {
            at: at(1, 1),
            purpose: ReadPurpose::Accept,
            timeout: TIMEOUT,
        },
        Output::Event(Event::RoundCompleted {
            at: at(1, 1),
            leader: oid(1),
        }),
        dropped(2, DropReason::FinalRepeated),
    ];
    assert_eq!(out, expected);
}

#[test]
fn rounds_that_are_remembered_as_final_are_counted() {
    let mut bench = Bench::started(2);
    for (count, round) in (1..).zip([at(1, 1), at(9, 3), at(7, 2)]) {
        bench.hear(1, Message::FinalEcho(attested(round, &[0, 3])));
        assert_eq!(bench.oracle.queues().finalized, count);
    }
}

#[test]
fn an_accepted_report_is_stored_before_its_turn_and_handed_over_at_it() {
    let mut bench = Bench::started(1);
    let attested = readable(at(9, 1));
    bench.hear(3, Message::FinalEcho(attested.clone()));

    let delays = config(1).transmit_delays(at(9, 1));
    let due = ms(10) + delays[oid(1)].expect("all four have a turn");
    bench.now = ms(10);
    let out = bench.read(at(9, 1), ReadPurpose::Accept, chain_at(at(8, 3)));
    let expected = [
        Output::Event(Event::AcceptDecided {
            at: at(9, 1),
            decision: Some(true),
        }),
        Output::Event(Event::ScheduleComputed {
            at: at(9, 1),
            delays,
        }),
        Output::Persist(Record::PendingInsert(Pending {
            due,
            report: attested.clone(),
        })),
    ];
    assert_eq!(out, expected);

    bench.now = due;
    let out = bench.handle(Input::Tick);
    let purpose = ReadPurpose::Transmit;
    let read = Output::ReadChain {
        at: at(9, 1),
        purpose,
        timeout: TIMEOUT,
    };
    assert!(out.contains(&read), "{out:?}");
    let out = bench.read(at(9, 1), purpose, chain_at(at(8, 3)));
    let expected = [
        Output::Event(Event::TransmitDecided {
            at: at(9, 1),
            decision: Some(true),
        }),
        Output::Transmit { report: attested },
        Output::Persist(Record::PendingDelete(at(9, 1))),
    ];
    assert_eq!(out, expected);
    assert_eq!(
        bench.read(at(9, 1), purpose, chain_at(at(8, 3))),
        [lost(DropReason::TransmitReadLate)]
    );
}

#[test]
fn a_report_that_is_on_the_chain_or_cannot_be_read_is_declined() {
    let on_chain = Ok(chain_at(at(1, 1)));
    // The chain is behind, and "report" is no report.
    let unreadable = Ok(fresh_chain());
    for (result, decision) in [
        (on_chain, Some(false)),
        (unreadable, None),
        (Err(Failed), None),
    ] {
        let mut bench = Bench::started(2);
        bench.hear(3, Message::FinalEcho(attested(at(1, 1), &[0, 3])));
        let (at, purpose) = (at(1, 1), ReadPurpose::Accept);
        let out = bench.handle(Input::ChainRead {
            at,
            purpose,
            result,
        });
        assert_eq!(out, [Output::Event(Event::AcceptDecided { at, decision })]);
        let out = bench.handle(Input::ChainRead {
            at,
            purpose,
            result,
        });
        assert_eq!(out, [lost(DropReason::AcceptReadLate)]);
    }
}

#[test]
fn an_oracle_without_a_turn_stores_nothing() {
    use crate::harness::draft;
    let narrow = draft(4, 1).with(|draft| draft.offchain.s = vec![1]);
    let me = (0..4)
        .find(|&me| narrow.clone().config_of(me).transmit_delays(at(1, 1))[oid(me)].is_none())
        .expect("three of four have no turn");
    let config = narrow.config_of(me);
    let median = median(&config.public);
    let oracle = Oracle::restore(
        config.clone(),
        keyring(me),
        median,
        Persisted::default(),
        None,
    );
    let mut bench = Bench {
        me,
        oracle,
        now: Instant::START,
    };
    bench.handle(Input::Start);
    bench.hear(3, Message::FinalEcho(readable(at(1, 1))));
    let out = bench.read(at(1, 1), ReadPurpose::Accept, fresh_chain());
    let expected = [
        Output::Event(Event::AcceptDecided {
            at: at(1, 1),
            decision: Some(true),
        }),
        Output::Event(Event::ScheduleComputed {
            at: at(1, 1),
            delays: config.transmit_delays(at(1, 1)),
        }),
    ];
    assert_eq!(out, expected);
    assert_eq!(bench.oracle.queues().pending, 0);
}

#[test]
fn a_slow_chain_holds_nothing_up() {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(1, 1)));
    bench.hear(1, Message::Final(attested(at(1, 1), &[0, 3])));
    // The chain never answers about 1.1, and the next round runs all the same.
    bench.hear(1, observe_req(at(1, 2)));
    let out = bench.observed(at(1, 2), 102);
    assert!(
        matches!(out[..], [Output::Persist(_), _, Output::Send { .. }]),
        "{out:?}"
    );
}

#[test]
fn a_leader_runs_a_round_with_its_own_part_in_it() {
    let mut bench = Bench::started(1);
    let out = bench.observed(at(1, 1), 101);
    let expected = [
        Output::Persist(Record::SignedObservation(at(1, 1))),
        Output::Event(Event::ObservationSigned { at: at(1, 1) }),
    ];
    assert_eq!(out, expected, "its own copy is not sent");
    assert_eq!(bench.hear(0, observe(0, at(1, 1))), []);
    assert_eq!(bench.hear(3, observe(3, at(1, 1))), []);
    assert_eq!(bench.oracle.poll_timeout(), Some((ms(20), Timer::Grace)));

    let out = bench.tick_at(ms(20));
    let expected = [
        broadcast(report_req(at(1, 1), &[0, 1, 3])),
        Output::Event(Event::ObservationIncluded { at: at(1, 1) }),
        Output::ReadChain {
            at: at(1, 1),
            purpose: ReadPurpose::Report,
            timeout: TIMEOUT,
        },
    ];
    assert_eq!(out, expected);
    let out = bench.read(at(1, 1), ReadPurpose::Report, fresh_chain());
    let expected = [
        Output::Persist(Record::SignedReport(at(1, 1))),
        Output::Event(Event::ReportSigned { at: at(1, 1) }),
    ];
    assert_eq!(out, expected);

    let list = observations(at(1, 1), &[0, 1, 3]);
    let votes = [1, 3].map(|signer| {
        (
            oid(signer),
            vote_on(signer, at(1, 1), &list, &median_report()),
        )
    });
    let attested = ocr_protocol::attestation::AttestedReport {
        at: at(1, 1),
        extra_hash: extra_hash(&[], &list),
        report: median_report(),
        signatures: votes
            .clone()
            .map(|(signer, vote)| (Some(signer), vote.signature))
            .to_vec(),
    };
    let vote = votes[1].1.clone();
    let out = bench.hear(3, Message::Report { at: at(1, 1), vote });
    let expected = [
        broadcast(Message::Final(attested.clone())),
        Output::Event(Event::ReportFinalized { at: at(1, 1) }),
        broadcast(Message::FinalEcho(attested)),
        Output::ReadChain {
            at: at(1, 1),
            purpose: ReadPurpose::Accept,
            timeout: TIMEOUT,
        },
        Output::Event(Event::RoundCompleted {
            at: at(1, 1),
            leader: oid(1),
        }),
        dropped(1, DropReason::FinalRepeated),
    ];
    assert_eq!(out, expected);
    assert_eq!(bench.oracle.poll_timeout(), Some((ms(100), Timer::Round)));
}

#[test]
fn an_epoch_is_stored_before_it_is_announced_and_entered() {
    let mut bench = Bench::started(2);
    assert_eq!(bench.hear(0, new_epoch(2)), [state(1, 0, [2, 0, 0, 0])]);
    // My own wish is the third: it makes more than 2f.
    let out = bench.hear(1, new_epoch(2));
    let expected = [
        state(1, 2, [2, 2, 0, 0]),
        broadcast(new_epoch(2)),
        state(2, 2, [2, 2, 2, 0]),
        Output::Event(Event::EpochStarted {
            epoch: epoch(2),
            leader: oid(0),
        }),
    ];
    assert_eq!(out, expected);
}

#[test]
fn one_round_too_many_makes_everyone_ask_for_the_next_epoch() {
    let mut bench = Bench::started(2);
    let out = bench.hear(1, observe_req(at(1, 4)));
    let expected = [
        state(1, 2, [0; 4]),
        broadcast(new_epoch(2)),
        state(1, 2, [0, 0, 2, 0]),
    ];
    assert_eq!(out, expected);
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((ms(1_000), Timer::Resend)),
        "progress is off"
    );
}

#[test]
fn a_new_epoch_leaves_nothing_of_the_old_round() {
    let mut bench = Bench::started(1);
    bench.enter(2);
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((ms(1_000), Timer::Resend)),
        "it leads no more"
    );
    let out = bench.observed(at(1, 1), 101);
    assert_eq!(out, [lost(DropReason::ObservationLate)]);
}

#[test]
fn a_tick_fires_what_is_due_earliest_first() {
    let mut bench = Bench::started(1);
    // Round at 100 ms, resend at 1 s, progress at 2 s. Giving up asks anew, which puts nothing off.
    let out = bench.tick_at(ms(2_000));
    let expected = [
        broadcast(new_epoch(0)),
        state(1, 2, [0; 4]),
        broadcast(new_epoch(2)),
        dropped(1, DropReason::EpochNotHigher),
        state(1, 2, [0, 2, 0, 0]),
    ];
    assert_eq!(out, expected);
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((ms(3_000), Timer::Resend))
    );
}

#[test]
fn a_tick_before_its_time_does_nothing() {
    let mut bench = Bench::started(1);
    assert_eq!(
        bench.tick_at(Instant::from_nanos(ms(100).as_nanos() - 1)),
        []
    );
    assert_eq!(bench.oracle.poll_timeout(), Some((ms(100), Timer::Round)));
}

#[test]
fn a_timer_that_an_earlier_one_put_off_does_not_fire() {
    let mut bench = Bench::started(2);
    bench.tick_at(ms(1_500));
    // Resend is due at 2.5 s, progress at 2 s: giving up announces, so the wish is sent once.
    let out = bench.tick_at(ms(2_600));
    let announced = out
        .iter()
        .filter(|&output| *output == broadcast(new_epoch(2)))
        .count();
    assert_eq!(announced, 1);
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((ms(3_600), Timer::Resend))
    );
}

#[test]
fn timers_without_length_cannot_hold_a_tick() {
    use ocr_protocol::config::{Config, PublicConfig, ResourceChecks};
    let draft = crate::harness::draft(4, 1);
    let mut offchain = draft.offchain;
    offchain.delta_resend_nanos = 0;
    offchain.delta_round_nanos = 0;
    let public = PublicConfig::new(&draft.contract, offchain, ResourceChecks::Skipped).unwrap();
    let median = median(&public);
    let (peer, from) = (crate::common::peer_id(1), crate::common::transmitter(1));
    let config = Config::new(public, &keyring(1), &peer, from).unwrap();
    let oracle = Oracle::restore(config, keyring(1), median, Persisted::default(), None);
    let mut bench = Bench {
        me: 1,
        oracle,
        now: Instant::START,
    };
    bench.handle(Input::Start);
    let out = bench.handle(Input::Tick);
    assert_eq!(
        out,
        [
            broadcast(new_epoch(0)),
            dropped(1, DropReason::EpochNotHigher)
        ]
    );
    assert_eq!(
        bench.oracle.poll_timeout(),
        Some((Instant::START, Timer::Resend))
    );
}

#[test]
fn delays_are_shown_for_every_oracle() {
    let delays = config(0).transmit_delays(at(1, 1));
    let expected = [0, 50, 100, 100].map(|delay| Some(millis(delay)));
    assert_eq!(
        Some(delays),
        PerOracle::from_vec(config(0).public.committee, expected.to_vec())
    );
}
