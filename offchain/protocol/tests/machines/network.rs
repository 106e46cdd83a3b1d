//! Four oracles, a chain and a source in memory, with real keys and simulated time.

use std::collections::{BTreeMap, BTreeSet};

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use ocr_protocol::oracle::ocr2::Oracle;
use ocr_protocol::oracle::{Failed, Input, Output, Persisted, ReadPurpose, Record};
use ocr_protocol::report::ChainView;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::Pending;

use crate::harness::{config, digest, keyring, median, millis, observation, oid};

/// Answers a chain read of oracle `.0` for round `.2`.
pub(crate) type Chain = fn(usize, ReadPurpose, EpochRound) -> Result<ChainView, Failed>;

/// Which messages arrive: sender, receiver, message.
pub(crate) type Link = Box<dyn Fn(usize, usize, &Message) -> bool>;

/// A network that loses nothing.
pub(crate) fn perfect() -> Link {
    Box::new(|_, _, _| true)
}

pub(crate) struct Network {
    pub(crate) now: Instant,
    /// The oracles that run.
    pub(crate) oracles: [Option<Oracle>; 4],
    /// What each oracle made durable.
    pub(crate) disks: [Persisted; 4],
    /// Every output, when and whose.
    pub(crate) log: Vec<(Instant, usize, Output)>,
    /// What oracles observe in a round.
    pub(crate) source: fn(EpochRound) -> i64,
    pub(crate) chain: Chain,
    pub(crate) link: Link,
    /// What is under way, by time of arrival, then in order of departure.
    under_way: BTreeMap<(Instant, u64), (usize, Input)>,
    departures: u64,
}

impl Network {
    /// All oracles off, nothing stored.
    pub(crate) fn new(source: fn(EpochRound) -> i64, chain: Chain) -> Self {
        Self {
            now: Instant::START,
            oracles: [None, None, None, None],
            disks: Default::default(),
            log: Vec::new(),
            source,
            chain,
            link: perfect(),
            under_way: BTreeMap::new(),
            departures: 0,
        }
    }

    /// Starts oracle `index` from its disk; the contract shows `latest`.
    pub(crate) fn start(&mut self, index: usize, latest: Option<Epoch>) {
        let config = config(index);
        let median = median(&config.public);
        let (disk, latest) = (
            self.disks[index].clone(),
            latest.map(|epoch| (digest(), epoch)),
        );
        self.oracles[index] = Some(Oracle::restore(
            config,
            keyring(index),
            median,
            disk,
            latest,
        ));
        self.handle(index, Input::Start);
    }

    /// Ends oracle `index`; what was sent to it is lost, what it stored stays.
    pub(crate) fn kill(&mut self, index: usize) {
        self.oracles[index] = None;
        self.under_way.retain(|_, (to, _)| *to != index);
    }

    /// Lets `duration_ms` milliseconds pass.
    pub(crate) fn run(&mut self, duration_ms: u64) {
        let end = self.now + millis(duration_ms);
        loop {
            let arrival = self.under_way.first_key_value().map(|(&(at, _), _)| at);
            let timers = self
                .oracles
                .iter()
                .enumerate()
                .filter_map(|(index, oracle)| Some((oracle.as_ref()?.poll_timeout()?.0, index)));
            let timer = timers.min();
            let next = arrival.into_iter().chain(timer.map(|(at, _)| at)).min();
            let Some(next) = next.filter(|&next| next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            match timer {
                Some((at, index)) if arrival.is_none_or(|arrival| at < arrival) => {
                    self.handle(index, Input::Tick);
                }
                _ => {
                    let (_, (to, input)) = self.under_way.pop_first().expect("it arrives");
                    self.handle(to, input);
                }
            }
        }
        self.now = end;
    }

    fn handle(&mut self, index: usize, input: Input) {
        let Some(oracle) = &mut self.oracles[index] else {
            return;
        };
        let mut out = Vec::new();
        oracle.handle(self.now, input, &mut out);
        for output in out {
            self.log.push((self.now, index, output.clone()));
            self.perform(index, output);
        }
    }

    fn perform(&mut self, index: usize, output: Output) {
        match output {
            Output::Persist(record) => store(&mut self.disks[index], record),
            Output::Send { to, message } => self.send(index, to.index(), message),
            Output::Broadcast { message } => {
                for to in (0..4).filter(|&to| to != index) {
                    self.send(index, to, message.clone());
                }
            }
            Output::Observe { at, .. } => {
                let result = Ok(observation((self.source)(at)));
                self.arrive(index, 1, Input::Observed { at, result });
            }
            Output::ReadChain { at, purpose, .. } => {
                let result = (self.chain)(index, purpose, at);
                self.arrive(
                    index,
                    1,
                    Input::ChainRead {
                        at,
                        purpose,
                        result,
                    },
                );
            }
            Output::Transmit { .. } | Output::Dropped { .. } | Output::Event(_) => {}
        }
    }

    fn send(&mut self, from: usize, to: usize, message: Message) {
        if (self.link)(from, to, &message) {
            self.hear(from, to, message);
        }
    }

    /// Lets `to` hear `message` as if `from` had sent it.
    pub(crate) fn hear(&mut self, from: usize, to: usize, message: Message) {
        self.arrive(
            to,
            1,
            Input::Message {
                from: oid(from),
                message,
            },
        );
    }

    fn arrive(&mut self, to: usize, delay_ms: u64, input: Input) {
        self.departures += 1;
        self.under_way
            .insert((self.now + millis(delay_ms), self.departures), (to, input));
    }

    /// The messages for others, in the order they left: when, from whom, what.
    pub(crate) fn messages(&self) -> impl Iterator<Item = (Instant, usize, &Message)> {
        self.log
            .iter()
            .filter_map(|(when, from, output)| match output {
                Output::Send { message, .. } | Output::Broadcast { message } => {
                    Some((*when, *from, message))
                }
                _ => None,
            })
    }

    /// When who transmitted which round.
    pub(crate) fn transmissions(&self) -> Vec<(Instant, usize, EpochRound)> {
        let transmissions = self
            .log
            .iter()
            .filter_map(|(when, from, output)| match output {
                Output::Transmit { report } => Some((*when, *from, report.at)),
                _ => None,
            });
        transmissions.collect()
    }

    /// Panics if an oracle signed twice for one round, or sent before its mark was durable.
    pub(crate) fn assert_nothing_signed_twice(&self) {
        let mut signed = BTreeSet::new();
        for (_, index, output) in &self.log {
            if let Output::Persist(Record::SignedObservation(at)) = output {
                assert!(
                    signed.insert((*index, at, "observation")),
                    "oracle {index} at {at}"
                );
            }
            if let Output::Persist(Record::SignedReport(at)) = output {
                assert!(
                    signed.insert((*index, at, "report")),
                    "oracle {index} at {at}"
                );
            }
            match output {
                Output::Send {
                    message: Message::Observe { at, .. },
                    ..
                } => {
                    assert!(signed.contains(&(*index, at, "observation")));
                }
                Output::Send {
                    message: Message::Report { at, vote },
                    ..
                } if !vote.skip => {
                    assert!(signed.contains(&(*index, at, "report")));
                }
                _ => {}
            }
        }
    }
}

/// What a driver's store does with a record.
pub(crate) fn store(disk: &mut Persisted, record: Record) {
    match record {
        Record::Pacemaker(state) => disk.pacemaker = Some(state),
        Record::SignedObservation(at) => disk.signed_observation = Some(at),
        Record::SignedReport(at) => disk.signed_report = Some(at),
        Record::PendingInsert(pending) => {
            remove(&mut disk.pending, pending.report.at);
            disk.pending.push(pending);
        }
        Record::PendingDelete(at) => remove(&mut disk.pending, at),
    }
}

fn remove(pending: &mut Vec<Pending>, at: EpochRound) {
    pending.retain(|pending| pending.report.at != at);
}
