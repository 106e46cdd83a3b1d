//! The stages in their order, for every version of the protocol. Lines are those of `docs/protocol.md`.

mod answers;
mod perform;

use super::mailbox::{First, Mailbox};
use super::{Failed, Input, Output, Persisted, ReadPurpose, Timer};
use crate::attestation::AttestedReport;
use crate::config::{Config, PublicConfig};
use crate::drop_reason::DropReason;
use crate::finalize;
use crate::id::{ConfigDigest, Epoch, EpochRound, OracleId, Protocol};
use crate::keyring::Keyring;
use crate::message::Message;
use crate::observation::Observation;
use crate::pacemaker::Pacemaker;
use crate::report::{ChainView, LatestTransmission};
use crate::round::{self, Follower, Leader, SignedMarks};
use crate::time::Instant;
use crate::transmit::Transmission;

/// What a version of the protocol does its own way.
pub trait Version: Sized {
    /// Which version it is; configurations of others are not for it.
    const PROTOCOL: Protocol;

    /// What decides on reports.
    type Plugin;

    /// Starts with nothing finalized.
    fn new(config: &PublicConfig, plugin: Self::Plugin) -> Self;

    /// Whether a FinalEcho is of its epoch alone, as all else about rounds is.
    fn echoes_are_of_their_epoch() -> bool;

    /// A round of a fresh epoch, or of the running one, starts.
    fn on_round_started(&mut self, config: &PublicConfig);

    /// Takes a report that the follower checked.
    ///
    /// # Errors
    /// It is not wanted.
    fn on_final(
        &mut self,
        report: AttestedReport,
        out: &mut Vec<finalize::Output>,
    ) -> Result<(), DropReason>;

    /// Takes a report that another oracle passes on.
    ///
    /// # Errors
    /// It is not wanted, or not attested.
    fn on_echo(
        &mut self,
        config: &PublicConfig,
        follower: &Follower,
        from: OracleId,
        report: AttestedReport,
        out: &mut Vec<finalize::Output>,
    ) -> Result<(), DropReason>;

    /// Returns the bytes that an observer signs.
    fn encode_observation(&self, observation: &Observation) -> Vec<u8>;

    /// Decides whether to report, and returns the report.
    ///
    /// # Errors
    /// No decision can be made.
    fn report(
        &self,
        view: Result<ChainView, Failed>,
        observations: &[(OracleId, &[u8])],
    ) -> Result<Option<Vec<u8>>, DropReason>;

    /// Decides whether to accept an attested report; nothing when the report cannot be read.
    fn should_accept(
        &mut self,
        at: EpochRound,
        latest: &LatestTransmission,
        report: &[u8],
    ) -> Option<bool>;

    /// Decides whether to transmit an accepted report.
    fn should_transmit(&self, at: EpochRound, latest: &LatestTransmission) -> bool;

    /// Returns how many rounds are remembered as finalized.
    fn finalized(&self) -> usize;
}

/// One oracle under one configuration, in one version of the protocol.
///
/// Source: offchain-ocr2 5, offchain-ocr1 5.
#[derive(Debug)]
pub struct Machine<V> {
    config: Config,
    keyring: Keyring,
    version: V,
    mailbox: Mailbox,
    pacemaker: Pacemaker,
    /// While this oracle leads the epoch.
    leader: Option<Leader>,
    follower: Follower,
    transmission: Transmission,
    /// What [`Input::Start`] takes up.
    stored: Option<Stored>,
}

#[derive(Debug)]
struct Stored {
    persisted: Persisted,
    latest_transmitted: Option<(ConfigDigest, Epoch)>,
}

impl<V: Version> Machine<V> {
    /// Makes an oracle that continues from what was stored under this configuration.
    ///
    /// `latest_transmitted` is what the contract shows; nothing if it could not be read.
    ///
    /// # Panics
    /// If `config` is of another version of the protocol.
    #[must_use]
    pub fn restore(
        config: Config,
        keyring: Keyring,
        plugin: V::Plugin,
        persisted: Persisted,
        latest_transmitted: Option<(ConfigDigest, Epoch)>,
    ) -> Self {
        let public = &config.public;
        assert_eq!(
            public.digest.protocol(),
            V::PROTOCOL,
            "one version, one configuration"
        );
        let signed = SignedMarks {
            observation: persisted.signed_observation.unwrap_or_default(),
            report: persisted.signed_report.unwrap_or_default(),
        };
        Self {
            mailbox: Mailbox::new(public.committee),
            pacemaker: Pacemaker::new(public.committee, public.delta_progress, public.delta_resend),
            leader: None,
            follower: Follower::new(Epoch::FIRST, config.leader(Epoch::FIRST), signed),
            transmission: Transmission::default(),
            stored: Some(Stored {
                persisted,
                latest_transmitted,
            }),
            version: V::new(public, plugin),
            config,
            keyring,
        }
    }

    /// Takes an input in and pushes what it wants done to `out`.
    ///
    /// # Panics
    /// If [`Input::Start`] does not come first, or comes twice.
    pub fn handle(&mut self, now: Instant, input: Input, out: &mut Vec<Output>) {
        assert_eq!(
            input == Input::Start,
            self.stored.is_some(),
            "Start comes first, once"
        );
        match input {
            // P1
            Input::Start => self.start(now, out),
            Input::Tick => self.on_tick(now, out),
            // P11: nobody else speaks in this oracle's name; its own word needs no second check.
            Input::Message { from, .. } if from == self.config.me => {
                note(Some(from), Err(DropReason::SenderUnknown), out);
            }
            // P10
            Input::Message { from, message } => self.on_message(now, from, message, out),
            Input::Observed { at, result } => {
                let result = self.on_observed(now, at, result, out);
                note(None, result, out);
            }
            Input::ChainRead {
                at,
                purpose,
                result,
            } => {
                let result = match purpose {
                    ReadPurpose::Report => self.on_read_to_report(now, at, result, out),
                    ReadPurpose::Accept => self.on_read_to_accept(now, at, result, out),
                    ReadPurpose::Transmit => self.on_read_to_transmit(at, result, out),
                };
                note(None, result, out);
            }
        }
        while let Some(message) = self.mailbox.pop_own() {
            self.on_message(now, self.config.me, message, out);
        }
    }

    /// Returns when to call [`handle`](Self::handle) with [`Input::Tick`], and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.timers().min()
    }

    /// Returns the epoch this oracle is in.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.pacemaker.epoch()
    }

    /// Returns the leader of that epoch.
    #[must_use]
    pub const fn leader(&self) -> OracleId {
        self.follower.leader()
    }

    /// Returns the highest rounds this oracle signed in.
    #[must_use]
    pub const fn signed(&self) -> SignedMarks {
        self.follower.signed()
    }

    /// Returns how much waits, for metrics and for tests of the bounds.
    #[must_use]
    pub fn queues(&self) -> Queues {
        let committee = self.config.public.committee;
        let future = committee
            .oracles()
            .map(|from| self.mailbox.future_messages(from));
        let (to_accept, pending) = self.transmission.waiting();
        Queues {
            future_messages: future.max().unwrap_or_default(),
            finalized: self.version.finalized(),
            to_accept,
            pending,
        }
    }

    fn start(&mut self, now: Instant, out: &mut Vec<Output>) {
        let Stored {
            persisted,
            latest_transmitted,
        } = self.stored.take().expect("handle asserts it");
        // P2
        if let Some(state) = persisted.pacemaker {
            let result = self.pacemaker.restore(state);
            note(None, result, out);
        }
        // P3
        if let Some((digest, epoch)) = latest_transmitted
            && digest == self.config.public.digest
        {
            self.pacemaker.skip_past(epoch);
        }
        // P4
        self.enter(now, self.pacemaker.epoch(), out);
        // P5
        let mut outputs = Vec::new();
        self.pacemaker.start(now, &mut outputs);
        self.perform_pacemaker(now, outputs, out);
        // P6
        let mut outputs = Vec::new();
        self.transmission
            .start(now, persisted.pending, &mut outputs);
        self.perform_transmission(outputs, out);
    }

    fn timers(&self) -> impl Iterator<Item = (Instant, Timer)> {
        let leader = self.leader.as_ref();
        [
            (self.pacemaker.progress_at(), Timer::Progress),
            (self.pacemaker.resend_at(), Timer::Resend),
            (leader.and_then(Leader::round_at), Timer::Round),
            (leader.and_then(Leader::grace_at), Timer::Grace),
            (self.transmission.transmit_at(), Timer::Transmit),
        ]
        .into_iter()
        .filter_map(|(at, timer)| Some((at?, timer)))
    }

    /// Fires what was due when the tick came, earliest first; what that arms waits for the next tick.
    fn on_tick(&mut self, now: Instant, out: &mut Vec<Output>) {
        let mut due: Vec<_> = self.timers().filter(|&(at, _)| at <= now).collect();
        due.sort_unstable();
        for fired in due {
            // An earlier one may have put this one off.
            if self.timers().any(|timer| timer == fired) {
                self.fire(now, fired.1, out);
            }
        }
    }

    fn fire(&mut self, now: Instant, timer: Timer, out: &mut Vec<Output>) {
        match timer {
            // P37
            Timer::Progress => self.change_leader(now, out),
            // P39
            Timer::Resend => {
                let mut outputs = Vec::new();
                self.pacemaker.on_resend(now, &mut outputs);
                self.perform_pacemaker(now, outputs, out);
            }
            // P49
            Timer::Round => {
                let leader = self.leader.as_mut().expect("only a leader has this timer");
                let mut messages = Vec::new();
                leader.on_round_timer(&self.config.public, now, &mut messages);
                self.broadcast_all(messages, out);
            }
            // P45
            Timer::Grace => {
                let leader = self.leader.as_mut().expect("only a leader has this timer");
                let mut messages = Vec::new();
                leader.on_grace_timer(&mut messages);
                self.broadcast_all(messages, out);
            }
            // P84
            Timer::Transmit => {
                let mut outputs = Vec::new();
                self.transmission.on_timer(now, &mut outputs);
                self.perform_transmission(outputs, out);
            }
        }
    }

    fn on_message(
        &mut self,
        now: Instant,
        from: OracleId,
        message: Message,
        out: &mut Vec<Output>,
    ) {
        let current = self.pacemaker.epoch();
        let result = match epoch_of::<V>(&message) {
            // P11
            _ if from.index() >= self.config.public.committee.n() => Err(DropReason::SenderUnknown),
            // P14
            Some(epoch) if epoch < current => Err(DropReason::EpochPast),
            // P16
            Some(epoch) if epoch > current => self.mailbox.push_future(from, epoch, message),
            // P12, P13, P15
            _ => self.deliver(now, from, message, out),
        };
        note(Some(from), result, out);
    }

    fn deliver(
        &mut self,
        now: Instant,
        from: OracleId,
        message: Message,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        match message {
            Message::NewEpoch { epoch } => self.on_new_epoch(now, from, epoch, out),
            Message::FinalEcho(report) => {
                // P70
                let (public, follower) = (&self.config.public, &self.follower);
                let mut outputs = Vec::new();
                let result = self
                    .version
                    .on_echo(public, follower, from, report, &mut outputs);
                self.perform_finalize(now, outputs, out);
                result
            }
            Message::Observe { at, observation } => {
                // P42
                let leader = self.leader.as_mut().ok_or(DropReason::NotLeader)?;
                leader.on_observe(&self.config.public, now, from, at.round, observation)
            }
            Message::Report { at, vote } => {
                // P46
                let leader = self.leader.as_mut().ok_or(DropReason::NotLeader)?;
                let mut messages = Vec::new();
                let public = &self.config.public;
                let result = leader.on_report(public, now, from, at.round, vote, &mut messages);
                self.broadcast_all(messages, out);
                result
            }
            // P52
            Message::ObserveReq { at, query } => self.follow(now, out, |config, follower, out| {
                follower.on_observe_req(&config.public, from, at.round, &query, out)
            }),
            // P56
            Message::ReportReq {
                at,
                query,
                observations,
            } => self.follow(now, out, |config, follower, out| {
                follower.on_report_req(config, from, at.round, &query, observations, out)
            }),
            // P63
            Message::Final(report) => self.follow(now, out, |config, follower, out| {
                follower.on_final(config, from, report, out)
            }),
        }
    }

    /// Lets the follower act, then performs what it wants, also when it refuses.
    fn follow(
        &mut self,
        now: Instant,
        out: &mut Vec<Output>,
        act: impl FnOnce(&Config, &mut Follower, &mut Vec<round::Output>) -> Result<(), DropReason>,
    ) -> Result<(), DropReason> {
        let mut outputs = Vec::new();
        let result = act(&self.config, &mut self.follower, &mut outputs);
        self.perform_follower(now, outputs, out);
        result
    }

    /// Enters `epoch`: a fresh round, and what the committee said for it ahead of time.
    fn enter(&mut self, now: Instant, epoch: Epoch, out: &mut Vec<Output>) {
        // P20, P21
        let leader = self.config.leader(epoch);
        let signed = self.follower.signed();
        self.follower = Follower::new(epoch, leader, signed);
        self.leader = None;
        self.version.on_round_started(&self.config.public);
        // P22
        if leader == self.config.me {
            let mut messages = Vec::new();
            let public = &self.config.public;
            self.leader = Some(Leader::start(public, epoch, signed, now, &mut messages));
            self.broadcast_all(messages, out);
        }
        // P23
        for from in self.config.public.committee.oracles() {
            while let Some(first) = self.mailbox.pop_first(from, epoch) {
                let result = match first {
                    First::Past => Err(DropReason::EpochPast),
                    First::Due(message) => self.deliver(now, from, message, out),
                };
                note(Some(from), result, out);
            }
        }
    }

    fn on_new_epoch(
        &mut self,
        now: Instant,
        from: OracleId,
        epoch: Epoch,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P30
        let mut outputs = Vec::new();
        let result = self.pacemaker.on_new_epoch(now, from, epoch, &mut outputs);
        self.perform_pacemaker(now, outputs, out);
        result
    }

    fn change_leader(&mut self, now: Instant, out: &mut Vec<Output>) {
        // P37
        let mut outputs = Vec::new();
        let result = self.pacemaker.on_change_leader(now, &mut outputs);
        self.perform_pacemaker(now, outputs, out);
        note(None, result, out);
    }
}

/// How much waits in an oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queues {
    /// Messages for later epochs, of the sender with the most.
    pub future_messages: usize,
    /// Rounds remembered as finalized.
    pub finalized: usize,
    /// Reports that wait to be accepted.
    pub to_accept: usize,
    /// Reports that wait to be transmitted.
    pub pending: usize,
}

/// Returns the epoch a message belongs to; nothing for those that are taken in any epoch.
fn epoch_of<V: Version>(message: &Message) -> Option<Epoch> {
    match message {
        Message::NewEpoch { .. } => None,
        Message::FinalEcho(report) => V::echoes_are_of_their_epoch().then_some(report.at.epoch),
        Message::ObserveReq { at, .. }
        | Message::Observe { at, .. }
        | Message::ReportReq { at, .. }
        | Message::Report { at, .. }
        | Message::Final(AttestedReport { at, .. }) => Some(at.epoch),
    }
}

/// A refusal is an output like any other.
fn note(from: Option<OracleId>, result: Result<(), DropReason>, out: &mut Vec<Output>) {
    if let Err(reason) = result {
        out.push(Output::Dropped { from, reason });
    }
}
