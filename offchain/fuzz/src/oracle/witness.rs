//! What must hold, whatever happens.

use std::collections::BTreeSet;

use ocr_protocol::attestation::{AttestedReport, report_hash};
use ocr_protocol::config::Config;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::recover_onchain_like_evm;
use ocr_protocol::limits::{NetworkLimits, OCR1_MAX_MESSAGE_BYTES, PluginLimits};
use ocr_protocol::message::Message;
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::oracle::{
    Event, FUTURE_MESSAGES_MAX, Machine, Output, Persisted, ReadPurpose, Record, Version,
};
use ocr_protocol::report::max_report_bytes;
use ocr_protocol::transmit::{PENDING_MAX, Pending, TO_ACCEPT_MAX};

/// Rounds that OCR2 remembers as finalized, at most: twice the greatest age, and one.
const FINALIZED_MAX: usize = 2001;

/// Sees everything that an oracle does, and keeps its disk.
pub(super) struct Witness {
    config: &'static Config,
    disk: Persisted,
    /// Rounds for which an observation, and a report, left the oracle. Never forgotten.
    observed: BTreeSet<EpochRound>,
    reported: BTreeSet<EpochRound>,
    /// The report that was verified last.
    attested: Option<AttestedReport>,
    run: Run,
}

/// What an oracle did since it started.
#[derive(Default)]
struct Run {
    /// The highest epoch that the contract made it ask for.
    skipped_to: Epoch,
    epoch: Epoch,
    asked: Epoch,
    /// The round its leader started last.
    running: EpochRound,
    led: EpochRound,
    requested: EpochRound,
    observing: EpochRound,
    echoed: BTreeSet<EpochRound>,
    finalized: BTreeSet<EpochRound>,
    completed: EpochRound,
}

impl Witness {
    pub(super) fn new(config: &'static Config, disk: Persisted) -> Self {
        Self {
            config,
            disk,
            observed: BTreeSet::new(),
            reported: BTreeSet::new(),
            attested: None,
            run: Run::default(),
        }
    }

    /// What is stored.
    pub(super) const fn disk(&self) -> &Persisted {
        &self.disk
    }

    /// The round the leader started last.
    pub(super) const fn running(&self) -> EpochRound {
        self.run.running
    }

    /// The oracle starts again; `latest` is what the contract shows.
    pub(super) fn restart(&mut self, latest: Option<(ConfigDigest, Epoch)>) {
        let ours = latest.filter(|(digest, _)| *digest == self.config.public.digest);
        self.run = Run {
            skipped_to: ours.and_then(|(_, epoch)| epoch.next()).unwrap_or_default(),
            ..Run::default()
        };
    }

    /// An epoch that nothing was said of yet; nothing when they are used up.
    pub(super) fn epoch_beyond(&self) -> Option<Epoch> {
        let pacemaker = self.disk.pacemaker.as_ref();
        let asked = pacemaker.map(|state| state.highest_received.iter().copied());
        let finalized = self.run.finalized.last().map(|at| at.epoch);
        let highest = asked
            .into_iter()
            .flatten()
            .chain(finalized)
            .chain([self.run.asked])
            .max();
        // Steps speak of eleven epochs from the running one at most, or of the last two.
        let epoch = highest?.get().checked_add(16)?;
        (epoch < u32::MAX - 1).then_some(Epoch::new(epoch))
    }

    /// The highest epoch it asked for since it started.
    pub(super) const fn asked(&self) -> Epoch {
        self.run.asked
    }

    /// The oracle did its part in a round, which has its report; it may be in the next one.
    pub(super) fn check_played(&self, at: EpochRound) {
        assert!(self.disk.signed_observation >= Some(at), "did not observe");
        assert!(self.disk.signed_report >= Some(at), "did not report");
        assert!(self.run.finalized.contains(&at), "{at} has no report");
        assert_eq!(self.run.completed, at, "is not complete");
    }

    /// Checks what the oracle is like after an input.
    pub(super) fn check<V: Version>(&mut self, oracle: &Machine<V>) {
        let queues = oracle.queues();
        assert!(queues.future_messages <= FUTURE_MESSAGES_MAX, "{queues:?}");
        assert!(queues.finalized <= FINALIZED_MAX, "{queues:?}");
        assert!(queues.to_accept <= TO_ACCEPT_MAX, "{queues:?}");
        assert!(queues.pending <= PENDING_MAX, "{queues:?}");

        assert!(oracle.epoch() >= self.run.epoch, "the epoch went back");
        self.run.epoch = oracle.epoch();
        assert_eq!(oracle.leader(), self.config.leader(oracle.epoch()));
        assert!(oracle.poll_timeout().is_some(), "it waits for nothing");

        // Whatever matters is stored.
        let stored = self.disk.pacemaker.as_ref().map(|state| state.epoch);
        assert_eq!(oracle.epoch(), stored.unwrap_or(Epoch::FIRST));
        let signed = oracle.signed();
        assert_eq!(
            signed.observation,
            self.disk.signed_observation.unwrap_or_default()
        );
        assert_eq!(signed.report, self.disk.signed_report.unwrap_or_default());
        assert_eq!(queues.pending, self.disk.pending.len());
    }

    /// Checks an output that is performed, in its order.
    pub(super) fn see(&mut self, output: &Output) {
        match output {
            Output::Persist(record) => self.store(record),
            Output::Send { to, message } => {
                assert!(self.is_other(*to), "sends to itself");
                self.see_message(message);
            }
            Output::Broadcast { message } => self.see_message(message),
            Output::Observe { at, .. } => {
                assert!(Some(*at) > self.disk.signed_observation, "asks in vain");
                assert_rises(&mut self.run.observing, *at, "observes twice");
            }
            Output::ReadChain { at, purpose, .. } => match purpose {
                ReadPurpose::Report => assert!(Some(*at) > self.disk.signed_report, "asks in vain"),
                ReadPurpose::Accept => {}
                ReadPurpose::Transmit => assert!(self.pending(*at).is_some(), "is not stored"),
            },
            Output::Transmit { report } => {
                self.assert_attested(report);
                assert_eq!(self.pending(report.at), Some(report), "is not stored");
            }
            Output::Dropped { from, reason } => {
                assert!(from.is_none_or(|from| from.index() < self.config.public.committee.n()));
                self.see_refusal(*reason);
            }
            Output::Event(event) => self.see_event(event),
        }
    }

    fn store(&mut self, record: &Record) {
        let disk = &mut self.disk;
        match record.clone() {
            Record::Pacemaker(state) => {
                let received = state.highest_received.iter();
                let asked = received.filter(|&&asked| asked >= state.epoch).count();
                let is_first = state.epoch == Epoch::FIRST;
                assert!(is_first || state.highest_sent >= state.epoch);
                assert!(
                    is_first || asked > 2 * self.config.public.committee.f(),
                    "too soon"
                );
                if let Some(before) = &disk.pacemaker {
                    assert!(state.epoch >= before.epoch, "the epoch went back");
                    assert!(state.highest_sent >= before.highest_sent, "asks for less");
                }
                disk.pacemaker = Some(state);
            }
            Record::SignedObservation(at) => {
                assert!(
                    Some(at) > disk.signed_observation,
                    "two observations for {at}"
                );
                disk.signed_observation = Some(at);
            }
            Record::SignedReport(at) => {
                assert!(Some(at) > disk.signed_report, "two reports for {at}");
                disk.signed_report = Some(at);
            }
            Record::PendingInsert(pending) => {
                assert!(
                    self.pending(pending.report.at).is_none(),
                    "is stored already"
                );
                self.assert_attested(&pending.report);
                self.disk.pending.push(pending);
            }
            Record::PendingDelete(at) => {
                assert!(self.pending(at).is_some(), "is not stored");
                self.disk.pending.retain(|pending| pending.report.at != at);
            }
        }
    }

    fn see_message(&mut self, message: &Message) {
        self.assert_peers_can_read(message);
        match message {
            Message::NewEpoch { epoch } => {
                let stored = self.disk.pacemaker.as_ref().map(|state| state.highest_sent);
                let most = stored.unwrap_or_default().max(self.run.skipped_to);
                assert!(*epoch <= most, "asks for {epoch} before that is stored");
                assert!(*epoch >= self.run.asked, "asks for less");
                self.run.asked = *epoch;
            }
            Message::ObserveReq { at, .. } => {
                assert_eq!(
                    self.config.leader(at.epoch),
                    self.config.me,
                    "it does not lead"
                );
                assert!(
                    Some(*at) > self.disk.signed_observation,
                    "leads a round again"
                );
                assert_rises(&mut self.run.led, *at, "starts a round again");
            }
            Message::Observe { at, observation } => {
                assert_eq!(self.disk.signed_observation, Some(*at), "is not stored");
                assert!(self.observed.insert(*at), "two observations for {at}");
                self.assert_signed(*at, self.config.me, observation);
            }
            Message::ReportReq {
                at, observations, ..
            } => {
                assert_rises(&mut self.run.requested, *at, "asks for a report again");
                self.assert_is_a_list(*at, observations);
            }
            Message::Report { at, vote } if vote.skip => {
                assert_eq!(self.config.public.digest.protocol(), Protocol::Ocr2);
                assert!(vote.report.is_empty() && vote.signature.is_empty(), "{at}");
            }
            Message::Report { at, .. } => {
                assert_eq!(self.disk.signed_report, Some(*at), "is not stored");
                assert!(self.reported.insert(*at), "two reports for {at}");
            }
            Message::Final(report) => {
                let leader = self.config.leader(report.at.epoch);
                assert_eq!(leader, self.config.me, "it does not lead");
                self.assert_attested(report);
            }
            Message::FinalEcho(report) => {
                self.assert_attested(report);
                assert!(
                    self.run.echoed.insert(report.at),
                    "echoes {} again",
                    report.at
                );
            }
        }
    }

    fn see_refusal(&self, reason: DropReason) {
        assert_ne!(
            reason,
            DropReason::OwnQueueFull,
            "no room for its own words"
        );
        let is_ocr1 = self.config.public.digest.protocol() == Protocol::Ocr1;
        if is_ocr1 && reason == DropReason::FinalRepeated {
            let echoed = self.run.echoed.range(self.run.running..).next();
            assert!(echoed.is_some(), "refuses the round's first report");
        }
    }

    fn see_event(&mut self, event: &Event) {
        match event {
            Event::EpochStarted { epoch, leader } => {
                assert!(*epoch > self.run.epoch, "enters {epoch} again");
                assert_eq!(*leader, self.config.leader(*epoch));
                self.run.epoch = *epoch;
            }
            Event::RoundStarted { at, .. } => {
                assert_rises(&mut self.run.running, *at, "follows a round again");
            }
            Event::RoundCompleted { at, .. } => self.run.completed = *at,
            Event::ReportFinalized { at } => {
                assert!(self.run.finalized.insert(*at), "finalizes {at} again");
            }
            _ => {}
        }
    }

    /// Peers read what was meant, and their limits allow it.
    fn assert_peers_can_read(&self, message: &Message) {
        let public = &self.config.public;
        let n = public.committee.n();
        match public.digest.protocol() {
            Protocol::Ocr1 => {
                let bytes = ocr_wire::ocr1::message::encode(message);
                assert!(bytes.len() <= OCR1_MAX_MESSAGE_BYTES as usize);
                let read = ocr_wire::ocr1::message::decode(&bytes, public.committee);
                // Signatures lose their names, which bytes do not have.
                let again = read.map(|read| ocr_wire::ocr1::message::encode(&read));
                assert_eq!(again, Ok(bytes), "{message:?}");
            }
            Protocol::Ocr2 => {
                let plugin = PluginLimits {
                    max_query_bytes: 0,
                    max_observation_bytes: 92,
                    max_report_bytes: max_report_bytes(n),
                };
                let limits = NetworkLimits::new(public, &plugin, 65).expect("short messages");
                let bytes = ocr_wire::message::encode(message);
                assert!(bytes.len() <= limits.max_message_bytes as usize);
                let read = ocr_wire::message::decode(&bytes, public.committee, &plugin);
                assert_eq!(read.as_ref(), Ok(message));
            }
        }
    }

    /// A leader's list: more than 2f distinct oracles, each with its signature, in the version's order.
    fn assert_is_a_list(&self, at: EpochRound, list: &[(OracleId, SignedObservation)]) {
        let committee = self.config.public.committee;
        assert!(list.len() > 2 * committee.f(), "too few");
        let distinct: BTreeSet<_> = list.iter().map(|(oracle, _)| oracle).collect();
        assert_eq!(distinct.len(), list.len(), "an oracle twice");
        for (oracle, signed) in list {
            self.assert_signed(at, *oracle, signed);
        }
        let is_sorted = match self.config.public.digest.protocol() {
            Protocol::Ocr1 => list.is_sorted_by_key(|(_, it)| Int192::decode(&it.observation)),
            Protocol::Ocr2 => list.is_sorted_by_key(|(oracle, _)| *oracle),
        };
        assert!(is_sorted, "out of order");
    }

    fn assert_signed(&self, at: EpochRound, oracle: OracleId, signed: &SignedObservation) {
        let public = &self.config.public;
        let key = &public.oracles[oracle].offchain_key;
        assert!(
            signed.verify(key, public.digest, at, &[]),
            "{oracle} did not sign"
        );
    }

    /// A quorum of distinct oracles signed.
    fn assert_attested(&mut self, report: &AttestedReport) {
        if self.attested.as_ref() == Some(report) {
            return;
        }
        let public = &self.config.public;
        let hash = report_hash(public.digest, report.at, &report.extra_hash, &report.report);
        let signatures = report.signatures.iter();
        let signers = signatures.map(|(_, bytes)| recover_onchain_like_evm(&hash, bytes));
        let oracles = public.oracles.iter().map(|(_, it)| Some(it.signer));
        let (signers, oracles): (BTreeSet<_>, BTreeSet<_>) = (signers.collect(), oracles.collect());
        assert!(signers.is_subset(&oracles), "a signature is of no oracle");
        assert!(
            signers.len() > public.committee.f(),
            "too few oracles signed"
        );
        self.attested = Some(report.clone());
    }

    fn pending(&self, at: EpochRound) -> Option<&AttestedReport> {
        let mut reports = self
            .disk
            .pending
            .iter()
            .map(|Pending { report, .. }| report);
        reports.find(|report| report.at == at)
    }

    fn is_other(&self, oracle: OracleId) -> bool {
        oracle != self.config.me && oracle.index() < self.config.public.committee.n()
    }
}

fn assert_rises(last: &mut EpochRound, next: EpochRound, complaint: &str) {
    assert!(next > *last, "{complaint}: {next} after {last}");
    *last = next;
}
