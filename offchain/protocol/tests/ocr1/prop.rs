//! Random messages, answers, ticks and restarts, thrown at one oracle of OCR1.

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use ocr_protocol::observation::Observation;
use ocr_protocol::oracle::{Failed, Input, Output, Persisted, Record};
use ocr_protocol::time::Instant;
use proptest::prelude::*;

use crate::harness::{at, attested, fresh, oid, oracle, settled, signed, signed_list, vote};

const LIST: [(usize, i64); 3] = [(2, 1), (0, 2), (1, 2)];

#[derive(Clone, Debug)]
enum Step {
    Hear {
        from: usize,
        kind: u8,
        at: EpochRound,
    },
    Answer {
        ok: bool,
        due: bool,
    },
    Wait {
        millis: u64,
    },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let round = (0_u32..4, 0_u8..6).prop_map(|(epoch, round)| at(epoch, round));
    let step = prop_oneof![
        8 => (0_usize..4, 0_u8..9, round).prop_map(|(from, kind, at)| Step::Hear { from, kind, at }),
        4 => (any::<bool>(), any::<bool>()).prop_map(|(ok, due)| Step::Answer { ok, due }),
        2 => (0_u64..3000).prop_map(|millis| Step::Wait { millis }),
        1 => Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..60)
}

fn message(from: usize, kind: u8, at: EpochRound) -> Message {
    let query = vec![];
    match kind {
        0 => Message::NewEpoch { epoch: at.epoch },
        1 => Message::ObserveReq { at, query },
        2 => Message::Observe {
            at,
            observation: signed(from, at, 5),
        },
        3 => Message::ReportReq {
            at,
            query,
            observations: signed_list(at, &LIST),
        },
        4 => Message::ReportReq {
            at,
            query,
            observations: signed_list(at, &[(3, 9), (1, 7)]),
        },
        5 => Message::Report {
            at,
            vote: vote(from, at, &LIST),
        },
        6 => Message::Final(attested(at, &LIST, &[0, 2])),
        7 => Message::FinalEcho(attested(at, &LIST, &[3, 1, 2])),
        _ => Message::FinalEcho(attested(at, &LIST, &[3])),
    }
}

/// Does what a driver does with a record.
fn store(disk: &mut Persisted, record: Record) {
    match record {
        Record::Pacemaker(state) => disk.pacemaker = Some(state),
        Record::SignedObservation(at) => disk.signed_observation = Some(at),
        Record::SignedReport(at) => disk.signed_report = Some(at),
        Record::PendingInsert(pending) => disk.pending.push(pending),
        Record::PendingDelete(at) => disk.pending.retain(|pending| pending.report.at != at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is said and whenever it restarts, an oracle signs at most once in a round, and only
    /// what is durable; its epoch never goes back; its queues have bounds.
    #[test]
    fn an_oracle_keeps_its_promises(me in 0_usize..4, steps in steps()) {
        let mut disk = Persisted::default();
        let mut machine = oracle(me, disk.clone());
        let mut now = Instant::START;
        let mut inputs = vec![Input::Start];
        let mut asked = Vec::new();
        let mut signed_observations = Vec::new();
        let mut signed_reports = Vec::new();
        let mut epoch = Epoch::FIRST;
        for step in steps {
            match step {
                Step::Hear { from, kind, at } => {
                    inputs.push(Input::Message { from: oid(from), message: message(from, kind, at) });
                }
                Step::Answer { ok, due } => inputs.extend(asked.pop().map(|(at, purpose)| match purpose {
                    None => Input::Observed { at, result: ok.then(Observation::default).ok_or(Failed) },
                    Some(purpose) => {
                        let view = if due { fresh() } else { settled() };
                        Input::ChainRead { at, purpose, result: ok.then_some(view).ok_or(Failed) }
                    }
                })),
                Step::Wait { millis } => {
                    now = now + core::time::Duration::from_millis(millis);
                    inputs.push(Input::Tick);
                }
                Step::Restart => {
                    machine = oracle(me, disk.clone());
                    asked.clear();
                    inputs = vec![Input::Start];
                }
            }
            for input in inputs.drain(..) {
                let mut out = Vec::new();
                machine.handle(now, input, &mut out);
                for output in out {
                    match output {
                        Output::Persist(record) => {
                            match &record {
                                Record::SignedObservation(at) => signed_observations.push(*at),
                                Record::SignedReport(at) => signed_reports.push(*at),
                                _ => {}
                            }
                            store(&mut disk, record);
                        }
                        Output::Send { message: Message::Observe { at, .. }, .. } => {
                            prop_assert_eq!(disk.signed_observation, Some(at));
                        }
                        Output::Send { message: Message::Report { at, .. }, .. } => {
                            prop_assert_eq!(disk.signed_report, Some(at));
                        }
                        Output::Observe { at, .. } => asked.push((at, None)),
                        Output::ReadChain { at, purpose, .. } => asked.push((at, Some(purpose))),
                        Output::Transmit { report } => prop_assert!(report.signatures.len() > 1),
                        _ => {}
                    }
                }
            }
            prop_assert!(machine.epoch() >= epoch);
            epoch = machine.epoch();
            let queues = machine.queues();
            prop_assert!(queues.future_messages <= 10 && queues.to_accept <= 16 && queues.pending <= 128);
        }
        prop_assert!(signed_observations.is_sorted_by(|a, b| a < b), "{:?}", signed_observations);
        prop_assert!(signed_reports.is_sorted_by(|a, b| a < b), "{:?}", signed_reports);
    }
}
