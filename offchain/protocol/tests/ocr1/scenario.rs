//! Whole runs of four oracles of OCR1, a chain and a source in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::int192::Int192;
use ocr_protocol::message::Message;
use ocr_protocol::observation::Observation;
use ocr_protocol::oracle::ocr1::Oracle;
use ocr_protocol::oracle::{Input, Output, Persisted};
use ocr_protocol::report::ocr1::decode_report;
use ocr_protocol::time::{Instant, UnixSeconds};

use crate::harness::{at, config, fresh, oid, oracle};

/// Messages take no time, answers come at once, and the chain takes every report it can.
struct World {
    now: Instant,
    oracles: Vec<Oracle>,
    /// Oracles that neither act nor hear.
    off: BTreeSet<usize>,
    inputs: VecDeque<(usize, Input)>,
    view: ocr_protocol::report::ChainView,
    /// What each round was asked to observe.
    source: fn(EpochRound) -> i64,
    transmitted: Vec<(usize, EpochRound, i64)>,
    signed_reports: BTreeMap<(usize, EpochRound), usize>,
}

impl World {
    fn started(source: fn(EpochRound) -> i64, off: &[usize]) -> Self {
        let mut world = Self {
            now: Instant::START,
            oracles: (0..4)
                .map(|index| oracle(index, Persisted::default()))
                .collect(),
            off: off.iter().copied().collect(),
            inputs: (0..4).map(|index| (index, Input::Start)).collect(),
            view: fresh(),
            source,
            transmitted: vec![],
            signed_reports: BTreeMap::new(),
        };
        world.settle();
        world
    }

    fn run_until(&mut self, end: Instant) {
        loop {
            let on = (0..4).filter(|index| !self.off.contains(index));
            let timers =
                on.filter_map(|index| Some((self.oracles[index].poll_timeout()?.0, index)));
            let Some((next, index)) = timers.min().filter(|(next, _)| *next <= end) else {
                return;
            };
            self.now = self.now.max(next);
            self.view.now = UnixSeconds(1_700_000_000 + self.now.as_nanos() / 1_000_000_000);
            self.inputs.push_back((index, Input::Tick));
            self.settle();
        }
    }

    fn settle(&mut self) {
        while let Some((index, input)) = self.inputs.pop_front() {
            if self.off.contains(&index) {
                continue;
            }
            let mut out = Vec::new();
            self.oracles[index].handle(self.now, input, &mut out);
            for output in out {
                self.perform(index, output);
            }
        }
    }

    fn perform(&mut self, from: usize, output: Output) {
        match output {
            Output::Send { to, message } => self.send(from, to.index(), message),
            Output::Broadcast { message } => {
                for to in (0..4).filter(|&to| to != from) {
                    self.send(from, to, message.clone());
                }
            }
            Output::Observe { at, .. } => {
                let value = Int192::from((self.source)(at));
                let result = Ok(Observation {
                    value,
                    ..Observation::default()
                });
                self.inputs
                    .push_back((from, Input::Observed { at, result }));
            }
            Output::ReadChain { at, purpose, .. } => {
                let result = Ok(self.view);
                self.inputs.push_back((
                    from,
                    Input::ChainRead {
                        at,
                        purpose,
                        result,
                    },
                ));
            }
            Output::Transmit { report } => {
                assert_eq!(report.verify(&config(0).public), Ok(()));
                let list = decode_report(&report.report).expect("a report");
                let median = list[list.len() / 2].1;
                if report.at > self.view.latest.at {
                    self.view.latest.at = report.at;
                    self.view.latest.answer = median;
                    self.view.latest.timestamp = self.view.now;
                }
                let median = median.to_string().parse().expect("small");
                self.transmitted.push((from, report.at, median));
            }
            _ => {}
        }
    }

    fn send(&mut self, from: usize, to: usize, message: Message) {
        if let Message::Report { at, .. } = &message {
            *self.signed_reports.entry((from, *at)).or_default() += 1;
        }
        self.inputs.push_back((
            to,
            Input::Message {
                from: oid(from),
                message,
            },
        ));
    }
}

/// 100, and a fifth more from epoch 2 on.
fn rising(at: EpochRound) -> i64 {
    if at.epoch >= Epoch::new(2) { 120 } else { 100 }
}

#[test]
fn a_committee_reports_first_then_on_deviation_and_once_each() {
    let mut world = World::started(rising, &[]);
    world.run_until(Instant::from_nanos(30_000_000_000));
    let rounds: Vec<_> = world
        .transmitted
        .iter()
        .map(|&(_, round, median)| (round, median))
        .collect();
    assert_eq!(
        rounds,
        [(at(1, 1), 100), (at(2, 1), 120)],
        "stage 0 alone, since the chain shows it at once"
    );
    // Three rounds of a second, then the fourth announces the end of the epoch: ten epochs in 30 s.
    assert!(
        world
            .oracles
            .iter()
            .all(|oracle| oracle.epoch() >= Epoch::new(9))
    );
    assert!(world.signed_reports.values().all(|&count| count == 1));
}

#[test]
fn a_silent_leader_is_replaced_and_f_missing_oracles_stop_nothing() {
    let mut world = World::started(rising, &[0]);
    world.run_until(Instant::from_nanos(60_000_000_000));
    // Oracle 0 leads epoch 1; after DeltaProgress the others enter epoch 2 without it.
    let (_, first, _) = world.transmitted[0];
    assert_eq!(first, at(2, 1));
    let epochs: BTreeSet<_> = (1..4).map(|index| world.oracles[index].epoch()).collect();
    assert_eq!(epochs.len(), 1);
    assert!(epochs.iter().all(|&epoch| epoch > Epoch::new(4)));
}

#[test]
fn more_than_f_missing_oracles_stop_everything_and_sign_nothing() {
    let mut world = World::started(rising, &[0, 3]);
    world.run_until(Instant::from_nanos(60_000_000_000));
    assert_eq!(world.transmitted, []);
    assert!(world.signed_reports.is_empty());
    assert_eq!(world.oracles[1].epoch(), Epoch::FIRST);
}
