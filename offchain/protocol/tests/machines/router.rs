//! Lines P10 to P23, on a whole oracle.

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::OracleId;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{Event, FUTURE_MESSAGES_MAX, Input, Output, Persisted};

use crate::harness::{
    Bench, at, attested, epoch, new_epoch, observe, observe_req, oid, report_req, skip,
};

fn dropped(from: usize, reason: DropReason) -> Output {
    Output::Dropped {
        from: Some(oid(from)),
        reason,
    }
}

/// The rounds of an epoch that the oracle took up, in order.
fn rounds_started(out: &[Output]) -> Vec<u8> {
    out.iter()
        .filter_map(|output| match output {
            Output::Event(Event::RoundStarted { at, .. }) => Some(at.round.get()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_sender_that_is_not_of_the_committee_is_refused() {
    let mut bench = Bench::started(2);
    let stranger = OracleId::new(4, 5).unwrap();
    let out = bench.handle(Input::Message {
        from: stranger,
        message: new_epoch(2),
    });
    let reason = DropReason::SenderUnknown;
    assert_eq!(
        out,
        [Output::Dropped {
            from: Some(stranger),
            reason
        }]
    );
}

#[test]
fn a_wish_for_an_epoch_reaches_the_pacemaker_whatever_the_epoch() {
    let mut bench = Bench::started(2);
    for number in [1, 9] {
        let out = bench.hear(3, new_epoch(number));
        assert!(matches!(out[..], [Output::Persist(_)]), "{out:?}");
    }
}

#[test]
fn an_echo_reaches_finalization_whatever_the_epoch() {
    let mut bench = Bench::started(2);
    bench.enter(5);
    for number in [4, 5, 9] {
        let round = at(number, 1);
        let out = bench.hear(3, Message::FinalEcho(attested(round, &[0, 1])));
        assert_eq!(out[0], Output::Event(Event::ReportFinalized { at: round }));
    }
}

#[test]
fn a_message_of_a_past_epoch_is_dropped() {
    let mut bench = Bench::started(2);
    bench.enter(5);
    let past = [
        observe_req(at(4, 1)),
        observe(0, at(4, 1)),
        report_req(at(4, 1), &[0, 1, 2]),
        Message::Report {
            at: at(4, 1),
            vote: skip(),
        },
        Message::Final(attested(at(4, 1), &[0, 1])),
    ];
    for message in past {
        assert_eq!(bench.hear(3, message), [dropped(3, DropReason::EpochPast)]);
    }
}

#[test]
fn a_message_of_this_epoch_reaches_the_round() {
    let mut bench = Bench::started(2);
    assert_eq!(rounds_started(&bench.hear(1, observe_req(at(1, 1)))), [1]);
}

#[test]
fn what_only_a_leader_is_told_is_refused_by_a_follower() {
    let mut bench = Bench::started(2);
    let to_leader = [
        observe(0, at(1, 1)),
        Message::Report {
            at: at(1, 1),
            vote: skip(),
        },
    ];
    for message in to_leader {
        assert_eq!(bench.hear(0, message), [dropped(0, DropReason::NotLeader)]);
    }
}

#[test]
fn a_message_of_a_later_epoch_waits_for_it() {
    let mut bench = Bench::started(2);
    assert_eq!(bench.hear(3, observe_req(at(5, 1))), []);
    let out = bench.enter(5);
    assert_eq!(rounds_started(&out), [1]);
    let entered = Output::Event(Event::EpochStarted {
        epoch: epoch(5),
        leader: oid(3),
    });
    assert!(out.contains(&entered));
}

#[test]
fn each_oracle_has_room_for_ten_and_loses_its_oldest() {
    let mut bench = Bench::started(2);
    bench.hear(0, observe(0, at(5, 1)));
    assert_eq!(bench.hear(3, observe_req(at(5, 1))), []);
    for _ in 1..FUTURE_MESSAGES_MAX {
        assert_eq!(bench.hear(3, observe_req(at(5, 2))), []);
    }
    let out = bench.hear(3, observe_req(at(5, 3)));
    assert_eq!(out, [dropped(3, DropReason::FutureBufferFull)]);
    assert_eq!(bench.oracle.queues().future_messages, FUTURE_MESSAGES_MAX);
    let out = bench.enter(5);
    let count = |reason, from| {
        out.iter()
            .filter(|&output| *output == dropped(from, reason))
            .count()
    };
    assert_eq!(
        rounds_started(&out),
        [2, 3],
        "the request for round 1 is lost"
    );
    assert_eq!(
        count(DropReason::ObserveReqNotHigher, 3),
        8,
        "of nine for round 2 the first counts"
    );
    assert_eq!(
        count(DropReason::NotLeader, 0),
        1,
        "the others' messages are still there"
    );
}

#[test]
fn waiting_messages_are_delivered_by_sender_then_in_the_order_they_came() {
    let mut bench = Bench::started(2);
    bench.hear(3, observe_req(at(5, 2)));
    bench.hear(3, observe_req(at(5, 1)));
    bench.hear(0, observe(0, at(5, 1)));
    let out = bench.enter(5);
    let refused: Vec<_> = out
        .iter()
        .filter(|output| matches!(output, Output::Dropped { .. }))
        .collect();
    let expected = [
        dropped(0, DropReason::NotLeader),
        dropped(3, DropReason::ObserveReqNotHigher),
    ];
    assert_eq!(refused, expected.iter().collect::<Vec<_>>());
    assert_eq!(rounds_started(&out), [2]);
}

#[test]
fn waiting_messages_of_an_epoch_that_was_jumped_over_are_dropped() {
    let mut bench = Bench::started(2);
    bench.hear(1, observe_req(at(4, 1)));
    bench.hear(3, observe_req(at(5, 1)));
    let out = bench.enter(5);
    assert!(out.contains(&dropped(1, DropReason::EpochPast)));
    assert_eq!(rounds_started(&out), [1]);
}

#[test]
fn a_waiting_message_of_a_later_epoch_hides_those_behind_it() {
    let mut bench = Bench::started(2);
    bench.hear(3, observe_req(at(6, 1)));
    bench.hear(3, observe_req(at(5, 1)));
    assert_eq!(rounds_started(&bench.enter(5)), []);
    assert_eq!(bench.oracle.queues().future_messages, 2);
    let out = bench.enter(6);
    assert!(
        out.contains(&dropped(3, DropReason::EpochPast)),
        "the hidden one is over"
    );
}

#[test]
fn a_message_to_all_reaches_oneself_within_the_same_step() {
    let (_, out) = Bench::restarted(1, Persisted::default());
    // Oracle 1 leads epoch 1: its request for observations reaches its own follower part.
    assert_eq!(rounds_started(&out), [1]);
}

#[test]
fn nobody_else_speaks_in_an_oracles_name() {
    let mut bench = Bench::started(2);
    for message in [
        new_epoch(2),
        observe_req(at(1, 1)),
        report_req(at(1, 1), &[]),
    ] {
        assert_eq!(
            bench.hear(2, message),
            [dropped(2, DropReason::SenderUnknown)]
        );
    }
}
