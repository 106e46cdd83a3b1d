//! Random messages, answers, ticks and restarts, thrown at one oracle.
//!
//! A failure prints the shortest sequence that shows it; proptest keeps its seed beside this file.

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use ocr_protocol::oracle::ocr2::Oracle;
use ocr_protocol::oracle::{
    Event, FUTURE_MESSAGES_MAX, Failed, Input, Output, Persisted, ReadPurpose, Record,
};
use ocr_protocol::round::SignedMarks;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::{PENDING_MAX, TO_ACCEPT_MAX};
use proptest::prelude::*;

use crate::harness::{
    at, attested, chain_at, config, epoch, fresh_chain, keyring, median, millis, new_epoch,
    observation, observations, observe_req, oid, readable, signed_observation, skip, vote_on,
};
use crate::network::store;

#[derive(Clone, Debug)]
enum Step {
    /// A message of the running round, from its leader if only that may say it; or of one near it.
    Hear {
        from: usize,
        kind: Kind,
        near: EpochRound,
        fitting: bool,
    },
    /// Answers the request asked longest ago, for its round.
    Answer {
        ok: bool,
        chain: u32,
    },
    /// An answer that nobody asked for.
    Unasked {
        at: EpochRound,
        purpose: Option<ReadPurpose>,
    },
    Wait {
        millis: u64,
    },
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    NewEpoch,
    ObserveReq,
    Observe,
    ReportReq,
    Report,
    Skip,
    Final,
    Echo,
    UnreadableEcho,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let kind = prop_oneof![
        2 => Just(Kind::NewEpoch),
        4 => Just(Kind::ObserveReq),
        6 => Just(Kind::Observe),
        4 => Just(Kind::ReportReq),
        4 => Just(Kind::Report),
        2 => Just(Kind::Skip),
        2 => Just(Kind::Final),
        1 => Just(Kind::Echo),
        1 => Just(Kind::UnreadableEcho),
    ];
    let purpose = prop_oneof![
        Just(None),
        Just(Some(ReadPurpose::Report)),
        Just(Some(ReadPurpose::Accept)),
        Just(Some(ReadPurpose::Transmit)),
    ];
    let round = (0_u32..6, 0_u8..6).prop_map(|(epoch, round)| at(epoch, round));
    let step = prop_oneof![
        12 => (0_usize..4, kind, round.clone(), prop::bool::weighted(0.7))
            .prop_map(|(from, kind, near, fitting)| Step::Hear { from, kind, near, fitting }),
        8 => (prop::bool::weighted(0.9), prop_oneof![3 => Just(0), 1 => 1_u32..6])
            .prop_map(|(ok, chain)| Step::Answer { ok, chain }),
        1 => (round, purpose).prop_map(|(at, purpose)| Step::Unasked { at, purpose }),
        4 => (0_u64..700).prop_map(|millis| Step::Wait { millis }),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..250)
}

/// One oracle under fire, with what must hold after every step.
struct Target {
    me: usize,
    now: Instant,
    oracle: Oracle,
    disk: Persisted,
    /// The round the leader started last.
    running: EpochRound,
    open: Vec<Output>,
    highest: Epoch,
    signed: SignedMarks,
}

impl Target {
    fn new(me: usize) -> Self {
        let disk = Persisted::default();
        let mut target = Self {
            me,
            now: Instant::START,
            oracle: restore(me, disk.clone()),
            disk,
            running: EpochRound::default(),
            open: Vec::new(),
            highest: Epoch::ZERO,
            signed: SignedMarks::default(),
        };
        target.handle(Input::Start);
        target
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Hear {
                from,
                kind,
                near,
                fitting,
            } => {
                let leads = matches!(kind, Kind::ObserveReq | Kind::ReportReq | Kind::Final);
                let from = if fitting && leads {
                    self.oracle.leader()
                } else {
                    oid(from)
                };
                let message = self.message(from.index(), kind, near, fitting);
                self.handle(Input::Message { from, message });
            }
            Step::Answer { ok, chain } => self.answer(ok, chain),
            Step::Unasked { at, purpose: None } => {
                self.handle(Input::Observed {
                    at,
                    result: Ok(observation(100)),
                });
            }
            Step::Unasked {
                at,
                purpose: Some(purpose),
            } => {
                self.handle(Input::ChainRead {
                    at,
                    purpose,
                    result: Ok(fresh_chain()),
                });
            }
            Step::Wait { millis: wait } => {
                self.now = self.now + millis(wait);
                self.handle(Input::Tick);
            }
            Step::Restart => {
                self.oracle = restore(self.me, self.disk.clone());
                self.open.clear();
                self.handle(Input::Start);
            }
        }
    }

    fn message(&self, from: usize, kind: Kind, near: EpochRound, fitting: bool) -> Message {
        let current = self.oracle.epoch().get();
        // Up to two epochs below or three above.
        let number = if fitting {
            current
        } else {
            (current + near.epoch.get()).saturating_sub(2)
        };
        let started = matches!(kind, Kind::ObserveReq | Kind::Echo | Kind::UnreadableEcho);
        let round = if fitting && !started {
            self.running.round
        } else {
            near.round
        };
        let at = EpochRound {
            epoch: epoch(number),
            round,
        };
        let observers = if near.round.get() == 5 {
            &[0, 1][..]
        } else {
            &[0, 1, 2, 3]
        };
        let query = Vec::new();
        match kind {
            Kind::NewEpoch => new_epoch(number),
            Kind::ObserveReq => observe_req(at),
            Kind::Observe => {
                let observation = signed_observation(from, at, 100 + from as i64);
                Message::Observe { at, observation }
            }
            Kind::ReportReq => Message::ReportReq {
                at,
                query,
                observations: observations(at, observers),
            },
            Kind::Report => {
                let list = observations(at, observers);
                let report = if near.round.get() == 4 {
                    b"other".to_vec()
                } else {
                    vec![1]
                };
                Message::Report {
                    at,
                    vote: vote_on(from, at, &list, &report),
                }
            }
            Kind::Skip => Message::Report { at, vote: skip() },
            Kind::Final => Message::Final(attested(at, &[0, 1])),
            Kind::Echo => Message::FinalEcho(readable(at)),
            Kind::UnreadableEcho => Message::FinalEcho(attested(at, &[0, 1])),
        }
    }

    fn answer(&mut self, ok: bool, chain: u32) {
        if self.open.is_empty() {
            return;
        }
        match self.open.remove(0) {
            Output::Observe { at, .. } => {
                let result = if ok {
                    Ok(observation(100))
                } else {
                    Err(Failed)
                };
                self.handle(Input::Observed { at, result });
            }
            Output::ReadChain { at, purpose, .. } => {
                let view = if chain == 0 {
                    fresh_chain()
                } else {
                    chain_at(self::at(chain, 1))
                };
                let result = if ok { Ok(view) } else { Err(Failed) };
                self.handle(Input::ChainRead {
                    at,
                    purpose,
                    result,
                });
            }
            other => unreachable!("{other:?} is no request"),
        }
    }

    fn handle(&mut self, input: Input) {
        let mut out = Vec::new();
        self.oracle.handle(self.now, input, &mut out);
        for output in out {
            self.check(&output);
            match output {
                Output::Persist(record) => store(&mut self.disk, record),
                Output::Observe { .. } | Output::ReadChain { .. } => self.open.push(output),
                _ => {}
            }
        }
        assert!(self.oracle.epoch() >= self.highest, "an epoch went back");
        let queues = self.oracle.queues();
        assert!(queues.future_messages <= FUTURE_MESSAGES_MAX, "{queues:?}");
        assert!(queues.finalized <= 2001, "{queues:?}");
        assert!(queues.to_accept <= TO_ACCEPT_MAX, "{queues:?}");
        assert!(queues.pending <= PENDING_MAX, "{queues:?}");
    }

    fn check(&mut self, output: &Output) {
        match output {
            Output::Persist(Record::Pacemaker(state)) => {
                assert!(state.epoch >= self.highest, "an epoch went back");
                assert!(state.highest_sent >= state.epoch || state.epoch == Epoch::FIRST);
                self.highest = state.epoch;
            }
            Output::Event(Event::RoundStarted { at, .. }) => self.running = *at,
            Output::Persist(Record::SignedObservation(at)) => {
                assert!(*at > self.signed.observation, "two observations for {at}");
                self.signed.observation = *at;
            }
            Output::Persist(Record::SignedReport(at)) => {
                assert!(*at > self.signed.report, "two reports for {at}");
                self.signed.report = *at;
            }
            Output::Send {
                message: Message::Observe { at, .. },
                ..
            } => {
                assert_eq!(
                    self.disk.signed_observation,
                    Some(*at),
                    "sent before it was durable"
                );
            }
            Output::Send {
                message: Message::Report { at, vote },
                ..
            } if !vote.skip => {
                assert_eq!(
                    self.disk.signed_report,
                    Some(*at),
                    "sent before it was durable"
                );
            }
            Output::Broadcast {
                message: Message::NewEpoch { epoch },
            } => {
                let durable = self.disk.pacemaker.as_ref().map(|state| state.highest_sent);
                assert!(
                    *epoch <= durable.unwrap_or_default(),
                    "asked for before it was durable"
                );
            }
            Output::Dropped { reason, .. } => assert_ne!(*reason, DropReason::OwnQueueFull),
            _ => {}
        }
    }
}

fn restore(me: usize, disk: Persisted) -> Oracle {
    let config = config(me);
    let median = median(&config.public);
    Oracle::restore(config, keyring(me), median, disk, None)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_epochs_rise_nothing_is_signed_twice_and_queues_are_bounded(
        me in 0_usize..4,
        steps in steps(),
    ) {
        let mut target = Target::new(me);
        for step in steps {
            target.take(step);
        }
    }
}
