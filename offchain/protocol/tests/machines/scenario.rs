//! Whole runs of four oracles.

use std::collections::BTreeMap;

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{Event, Failed, Output, ReadPurpose};
use ocr_protocol::report::ChainView;

use crate::harness::{at, chain_at, epoch, fresh_chain, ms};
use crate::network::Network;

/// 100, but a tenth more in every third round.
fn moving(at: EpochRound) -> i64 {
    if at.round.get() == 3 { 110 } else { 100 }
}

/// Has taken 1.1 once a round is over; never shows what is pending, so everyone transmits.
fn slow_chain(_: usize, purpose: ReadPurpose, at: EpochRound) -> Result<ChainView, Failed> {
    let first = at == EpochRound::new(1, 1);
    Ok(match purpose {
        ReadPurpose::Report if !first => chain_at(EpochRound::new(1, 1)),
        _ => fresh_chain(),
    })
}

/// Takes every round's report just before it would be asked for, so every round reports.
fn hungry_chain(_: usize, purpose: ReadPurpose, _: EpochRound) -> Result<ChainView, Failed> {
    match purpose {
        ReadPurpose::Report => Ok(fresh_chain()),
        _ => Err(Failed),
    }
}

fn started(source: fn(EpochRound) -> i64, chain: crate::network::Chain) -> Network {
    let mut network = Network::new(source, chain);
    for index in 0..4 {
        network.start(index, Some(Epoch::ZERO));
    }
    network
}

const fn kind(message: &Message) -> &'static str {
    match message {
        Message::NewEpoch { .. } => "NewEpoch",
        Message::ObserveReq { .. } => "ObserveReq",
        Message::Observe { .. } => "Observe",
        Message::ReportReq { .. } => "ReportReq",
        Message::Report { .. } => "Report",
        Message::Final(_) => "Final",
        Message::FinalEcho(_) => "FinalEcho",
    }
}

const fn round_of(message: &Message) -> EpochRound {
    match message {
        Message::NewEpoch { epoch } => EpochRound::new(epoch.get(), 0),
        Message::ObserveReq { at, .. }
        | Message::Observe { at, .. }
        | Message::ReportReq { at, .. }
        | Message::Report { at, .. } => *at,
        Message::Final(report) | Message::FinalEcho(report) => report.at,
    }
}

/// How many messages of each kind left for others, by round.
fn tally(network: &Network) -> BTreeMap<(EpochRound, &'static str), usize> {
    let mut tally = BTreeMap::new();
    for (_, _, message) in network.messages() {
        *tally.entry((round_of(message), kind(message))).or_default() += 1;
    }
    tally
}

/// The run of Appendix A.13: round 2 is skipped, round 3 reports, round 4 gives the leader up.
#[test]
fn the_observed_run_of_the_specification_is_replayed() {
    let mut network = started(moving, slow_chain);
    network.run(299);
    let tally = tally(&network);
    let count = |round, kind| tally.get(&(round, kind)).copied().unwrap_or_default();
    assert_eq!(count(at(1, 0), "NewEpoch"), 4, "all announce epoch 1");
    for number in 1..=3 {
        let round = at(1, number);
        assert_eq!(count(round, "ObserveReq"), 1);
        assert_eq!(count(round, "Observe"), 3, "the leader's own is not sent");
        assert_eq!(count(round, "ReportReq"), 1);
        assert_eq!(count(round, "Report"), 3);
        let reports = usize::from(number != 2);
        assert_eq!(count(round, "Final"), reports);
        assert_eq!(count(round, "FinalEcho"), 4 * reports);
    }

    let starts = network
        .messages()
        .filter(|(_, _, message)| kind(message) == "ObserveReq");
    let starts: Vec<_> = starts.map(|(when, from, _)| (when, from)).collect();
    assert_eq!(starts, [(ms(0), 1), (ms(100), 1), (ms(200), 1)]);
    for (when, _, message) in network.messages() {
        match message {
            // Request and three observations take 1 ms each way and 1 ms in the source; then grace.
            Message::ReportReq {
                at, observations, ..
            } => {
                assert_eq!(observations.len(), 4);
                assert_eq!(when, ms(100 * (u64::from(at.round.get()) - 1) + 23));
            }
            Message::Final(report) => assert_eq!(report.signatures.len(), 2),
            Message::Report { at, vote } => assert_eq!(vote.skip, at.round.get() == 2),
            _ => {}
        }
    }

    // 1 ms after the decision to accept: at once, after one stage, after two.
    let transmissions = network.transmissions();
    let of_first: BTreeMap<_, _> = transmissions
        .iter()
        .filter(|(_, _, round)| *round == at(1, 1))
        .map(|&(when, from, _)| (from, when))
        .collect();
    let accepted = |index: usize| {
        let decided = Event::AcceptDecided {
            at: at(1, 1),
            decision: Some(true),
        };
        let mut log = network.log.iter();
        let found = log
            .find(|(_, from, output)| *from == index && *output == Output::Event(decided.clone()));
        found.expect("everyone accepts").0
    };
    let delays = [0, 50, 100, 100];
    for (index, delay) in delays.into_iter().enumerate() {
        let due = accepted(index) + crate::harness::millis(delay + 1);
        assert_eq!(of_first[&index], due, "oracle {index}");
    }

    network.run(10);
    let messages: Vec<_> = network
        .messages()
        .filter(|(when, _, _)| *when >= ms(300))
        .collect();
    let (when, from, first) = messages[0];
    assert_eq!(
        (when, from, first),
        (ms(300), 1, &crate::harness::observe_req(at(1, 4)))
    );
    assert!(
        messages
            .iter()
            .all(|(_, _, message)| kind(message) != "Observe" || round_of(message) == at(2, 1))
    );
    for index in 0..4 {
        let asks = messages.iter().filter(|(_, from, message)| {
            *from == index && **message == crate::harness::new_epoch(2)
        });
        assert!(
            (1..=2).contains(&asks.count()),
            "once, or by amplification and on its own"
        );
        let oracle = network.oracles[index].as_ref().unwrap();
        assert_eq!((oracle.epoch(), oracle.leader().index()), (epoch(2), 0));
    }
    let next = messages
        .iter()
        .find(|(_, _, message)| **message == crate::harness::observe_req(at(2, 1)));
    assert_eq!(next.map(|(_, from, _)| *from), Some(0));
    network.assert_nothing_signed_twice();
}

#[test]
fn a_silent_leader_is_replaced_after_delta_progress_by_all_together() {
    let mut network = started(moving, hungry_chain);
    network.kill(1);
    network.run(1_999);
    for index in [0, 2, 3] {
        assert_eq!(network.oracles[index].as_ref().unwrap().epoch(), epoch(1));
    }
    network.run(3);
    for index in [0, 2, 3] {
        assert_eq!(network.oracles[index].as_ref().unwrap().epoch(), epoch(2));
    }
    network.run(500);
    assert!(
        tally(&network).contains_key(&(at(2, 3), "Final")),
        "epoch 2 works without oracle 1"
    );
}

#[test]
fn leaders_follow_the_order_that_the_secret_gives() {
    let mut network = started(moving, hungry_chain);
    network.run(3_000);
    let mut leaders: Vec<_> = network
        .messages()
        .filter(|(_, _, message)| kind(message) == "ObserveReq")
        .map(|(_, from, message)| (round_of(message).epoch.get(), from))
        .collect();
    leaders.dedup();
    let by_epoch = [1, 1, 0, 1, 1, 3, 3, 0, 3, 1, 3, 3, 3, 1, 1, 2];
    assert!(leaders.len() > 6, "{leaders:?}");
    for (epoch, leader) in leaders {
        assert_eq!(Some(&leader), by_epoch.get(epoch as usize), "epoch {epoch}");
    }
    network.assert_nothing_signed_twice();
}

#[test]
fn a_final_that_reaches_one_follower_only_reaches_all_by_echoes() {
    let mut network = started(moving, slow_chain);
    network.link = Box::new(|from, to, message| match message {
        Message::Final(_) => to == 3,
        Message::FinalEcho(_) => from != 1,
        _ => true,
    });
    network.run(290);
    let first = network
        .transmissions()
        .into_iter()
        .filter(|(_, _, round)| *round == at(1, 1));
    let mut transmitters: Vec<_> = first.map(|(_, from, _)| from).collect();
    transmitters.sort_unstable();
    assert_eq!(transmitters, [0, 1, 2, 3]);
    assert_eq!(
        tally(&network)[&(at(1, 1), "FinalEcho")],
        4,
        "each echoes once"
    );
}

/// Two followers hear one query, two another: no list has more than 2f observations for either.
#[test]
fn a_leader_that_asks_two_questions_gets_no_report() {
    use crate::harness::{Bench, observe_req, oid};
    use ocr_protocol::drop_reason::DropReason;
    use ocr_protocol::observation::SignedObservation;

    let answers = |observer: usize, query: &[u8]| {
        let keyring = crate::harness::keyring(observer);
        let digest = crate::harness::digest();
        (
            oid(observer),
            SignedObservation::sign(&keyring, digest, at(1, 1), query, vec![1]),
        )
    };
    for query in [&b""[..], b"q"] {
        let mut bench = Bench::started(2);
        bench.hear(1, observe_req(at(1, 1)));
        let mixed = vec![
            answers(0, b""),
            answers(1, b"q"),
            answers(2, b""),
            answers(3, b"q"),
        ];
        let message = Message::ReportReq {
            at: at(1, 1),
            query: query.to_vec(),
            observations: mixed,
        };
        let reason = DropReason::ObservationSignatureInvalid;
        assert_eq!(
            bench.hear(1, message),
            [Output::Dropped {
                from: Some(oid(1)),
                reason
            }]
        );
    }
}

#[test]
fn f_oracles_that_shout_the_last_epoch_move_nobody() {
    let mut network = started(moving, hungry_chain);
    network.link = Box::new(|from, _, _| from != 3);
    for _ in 0..3 {
        for index in 0..3 {
            network.hear(3, index, crate::harness::new_epoch(u32::MAX));
        }
        network.run(500);
    }
    for index in 0..3 {
        assert!(network.oracles[index].as_ref().unwrap().epoch() < epoch(100));
    }
    let reports = tally(&network)
        .keys()
        .filter(|(_, kind)| *kind == "Final")
        .count();
    assert!(reports >= 3, "and the feed goes on");
}

#[test]
fn with_two_of_four_gone_there_is_no_report_until_one_returns() {
    let mut network = started(moving, hungry_chain);
    network.run(150);
    network.kill(2);
    network.kill(3);
    network.run(50);
    let before = network.log.len();
    network.run(10_000);
    let late = |output: &Output| {
        matches!(
            output,
            Output::Broadcast {
                message: Message::Final(_)
            }
        )
    };
    assert!(
        !network.log[before..]
            .iter()
            .any(|(_, _, output)| late(output))
    );
    network.start(3, None);
    network.run(10_000);
    assert!(
        network.log[before..]
            .iter()
            .any(|(_, _, output)| late(output))
    );
    network.assert_nothing_signed_twice();
}
