//! The follower's part of a round, the leader's own included. Lines are those of `docs/protocol.md`.

use super::{QUERY, value_of};
use crate::attestation::{AttestedReport, extra_hash, sign_report};
use crate::config::{Config, PublicConfig};
use crate::drop_reason::DropReason;
use crate::id::{Epoch, EpochRound, OracleId, Protocol, Round};
use crate::keyring::Keyring;
use crate::message::{Message, ReportVote};
use crate::observation::SignedObservation;
use crate::per_oracle::PerOracle;

/// The highest rounds this oracle signed in; durable, so that a restart cannot make it sign twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignedMarks {
    /// The highest round with a signed observation.
    pub observation: EpochRound,
    /// The highest round with a signed report.
    pub report: EpochRound,
}

/// What the follower wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A round started.
    RoundStarted(EpochRound),
    /// Ask the source.
    Observe(EpochRound),
    /// Make the mark durable before what follows.
    PersistObservation(EpochRound),
    /// Tell the leader.
    ToLeader(Message),
    /// A valid request for a report has this oracle's observation in it.
    ObservationIncluded(EpochRound),
    /// Ask the chain, to decide on the report.
    ReadChain(EpochRound),
    /// Make the mark durable before what follows.
    PersistReport(EpochRound),
    /// A quorum attested this report.
    Final(AttestedReport),
    /// The round is complete: the leader made progress.
    Completed(EpochRound),
    /// The leader started more rounds than an epoch has.
    ChangeLeader,
}

/// A request for a report whose signatures were checked.
#[derive(Debug)]
struct ReportRequest {
    observations: Vec<(OracleId, Vec<u8>)>,
    extra_hash: [u8; 32],
}

/// Follows the leader of one epoch.
///
/// Source: offchain-ocr2 5.5, offchain-ocr1 5.4.2.
#[derive(Debug)]
pub struct Follower {
    epoch: Epoch,
    leader: OracleId,
    round: Round,
    /// The source is asked for this round's observation.
    observing: bool,
    /// The chain is asked, to decide on this report.
    reporting: Option<ReportRequest>,
    reported: bool,
    completed: bool,
    signed: SignedMarks,
}

impl Follower {
    /// Follows `leader` through `epoch`, before its first round.
    #[must_use]
    pub const fn new(epoch: Epoch, leader: OracleId, signed: SignedMarks) -> Self {
        Self {
            epoch,
            leader,
            round: Round::ZERO,
            observing: false,
            reporting: None,
            reported: false,
            completed: false,
            signed,
        }
    }

    /// Returns the oracle it follows.
    #[must_use]
    pub const fn leader(&self) -> OracleId {
        self.leader
    }

    /// Returns the round the leader started last.
    #[must_use]
    pub const fn round(&self) -> Round {
        self.round
    }

    /// Returns the highest rounds signed in.
    #[must_use]
    pub const fn signed(&self) -> SignedMarks {
        self.signed
    }

    /// Whether that round is complete.
    #[must_use]
    pub const fn completed(&self) -> bool {
        self.completed
    }

    /// Is asked for an observation.
    ///
    /// # Errors
    /// The guards of P53 and P54.
    pub fn on_observe_req(
        &mut self,
        config: &PublicConfig,
        from: OracleId,
        round: Round,
        query: &[u8],
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P53
        if from != self.leader {
            return Err(DropReason::ObserveReqFromNonLeader);
        }
        if round <= self.round {
            return Err(DropReason::ObserveReqNotHigher);
        }
        if round.get() > config.r_max + 1 {
            return Err(DropReason::ObserveReqTooHigh);
        }
        self.round = round;
        self.ask_nothing();
        // P54
        if round.get() > config.r_max {
            out.push(Output::ChangeLeader);
            return Ok(());
        }
        self.reported = false;
        self.completed = false;
        out.push(Output::RoundStarted(self.at()));
        if query != QUERY {
            return Err(DropReason::QueryNotEmpty);
        }
        if self.at() <= self.signed.observation {
            return Err(DropReason::ObservationAlreadySigned);
        }
        self.observing = true;
        out.push(Output::Observe(self.at()));
        Ok(())
    }

    /// Learns what the source says, in the observation's bytes; nothing if it failed.
    ///
    /// # Errors
    /// `ObservationLate`, `ObservationFailed`.
    pub fn on_observed(
        &mut self,
        config: &PublicConfig,
        keyring: &Keyring,
        at: EpochRound,
        observation: Option<Vec<u8>>,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P55
        if at != self.at() || !self.observing {
            return Err(DropReason::ObservationLate);
        }
        self.observing = false;
        let observation = observation.ok_or(DropReason::ObservationFailed)?;
        assert!(at > self.signed.observation, "not asked for otherwise");
        self.signed.observation = at;
        out.push(Output::PersistObservation(at));
        let observation = SignedObservation::sign(keyring, config.digest, at, QUERY, observation);
        out.push(Output::ToLeader(Message::Observe { at, observation }));
        Ok(())
    }

    /// Is asked for a report.
    ///
    /// # Errors
    /// The guards of P57 to P59.
    pub fn on_report_req(
        &mut self,
        config: &Config,
        from: OracleId,
        round: Round,
        query: &[u8],
        observations: Vec<(OracleId, SignedObservation)>,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P57
        if from != self.leader {
            return Err(DropReason::ReportReqFromNonLeader);
        }
        if round != self.round {
            return Err(DropReason::ReportReqOtherRound);
        }
        if self.reported {
            return Err(DropReason::ReportReqAfterReport);
        }
        if self.completed {
            return Err(DropReason::ReportReqAfterCompletion);
        }
        if self.reporting.is_some() {
            return Err(DropReason::ReportReqRepeated);
        }
        // P58
        self.check_observations(config, query, &observations)?;
        if observations
            .iter()
            .any(|(observer, _)| *observer == config.me)
        {
            out.push(Output::ObservationIncluded(self.at()));
        }
        // P59
        if query != QUERY {
            return Err(DropReason::QueryNotEmpty);
        }
        if self.at() <= self.signed.report {
            return Err(DropReason::ReportAlreadySigned);
        }
        self.observing = false;
        self.reporting = Some(ReportRequest {
            extra_hash: match config.public.digest.protocol() {
                Protocol::Ocr1 => [0; 32],
                Protocol::Ocr2 => extra_hash(query, &observations),
            },
            observations: observations
                .into_iter()
                .map(|(observer, signed)| (observer, signed.observation))
                .collect(),
        });
        out.push(Output::ReadChain(self.at()));
        Ok(())
    }

    /// Returns the observations of the report that waits for the chain.
    ///
    /// # Errors
    /// `ReportReadLate`.
    pub fn observations(&self, at: EpochRound) -> Result<Vec<(OracleId, &[u8])>, DropReason> {
        // P60
        let request = self.reporting.as_ref().filter(|_| at == self.at());
        let observations = &request.ok_or(DropReason::ReportReadLate)?.observations;
        Ok(observations
            .iter()
            .map(|(observer, bytes)| (*observer, bytes.as_slice()))
            .collect())
    }

    /// Learns that no report can be made; a repeated request is served.
    pub fn on_report_failed(&mut self) {
        // P60
        self.reporting = None;
    }

    /// Learns what the plugin decided on the [`observations`](Self::observations): a report, or none.
    ///
    /// # Panics
    /// If no report was asked for.
    pub fn on_report_decided(
        &mut self,
        config: &PublicConfig,
        keyring: &Keyring,
        report: Option<Vec<u8>>,
        out: &mut Vec<Output>,
    ) {
        let request = self.reporting.take().expect("a decision follows a request");
        let at = self.at();
        self.reported = true;
        let Some(report) = report else {
            // P104
            if config.digest.protocol() == Protocol::Ocr1 {
                self.complete(out);
                return;
            }
            // P62
            let vote = ReportVote {
                skip: true,
                report: Vec::new(),
                signature: Vec::new(),
            };
            out.push(Output::ToLeader(Message::Report { at, vote }));
            self.complete(out);
            return;
        };
        // P61
        assert!(at > self.signed.report, "not asked for otherwise");
        self.signed.report = at;
        out.push(Output::PersistReport(at));
        let signature = sign_report(keyring, config.digest, at, &request.extra_hash, &report);
        let vote = ReportVote {
            skip: false,
            report,
            signature,
        };
        out.push(Output::ToLeader(Message::Report { at, vote }));
    }

    /// Is shown an attested report.
    ///
    /// # Errors
    /// The guards of P64.
    pub fn on_final(
        &mut self,
        config: &Config,
        from: OracleId,
        report: AttestedReport,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P64
        if report.at.round != self.round {
            return Err(DropReason::FinalOtherRound);
        }
        if from != self.leader {
            return Err(DropReason::FinalFromNonLeader);
        }
        // The own leader part checked each vote as it came.
        if from != config.me {
            report.verify(&config.public)?;
        }
        // P65, P105
        out.push(Output::Final(report));
        if config.public.digest.protocol() == Protocol::Ocr2 {
            self.complete(out);
        }
        Ok(())
    }

    /// More than 2f distinct oracles signed their observations for this round and query.
    fn check_observations(
        &self,
        config: &Config,
        query: &[u8],
        observations: &[(OracleId, SignedObservation)],
    ) -> Result<(), DropReason> {
        // The own leader part checked each observation as it came.
        let is_own = self.leader == config.me;
        let config = &config.public;
        // P103
        let is_ocr1 = config.digest.protocol() == Protocol::Ocr1;
        if is_ocr1 && !observations.is_sorted_by_key(|(_, signed)| value_of(signed)) {
            return Err(DropReason::ObservationsUnsorted);
        }
        // P58
        let mut seen = PerOracle::from_fn(config.committee, |_| false);
        for (observer, observation) in observations {
            if core::mem::replace(&mut seen[*observer], true) {
                return Err(DropReason::ObserverRepeated);
            }
            let key = &config.oracles[*observer].offchain_key;
            if !is_own && !observation.verify(key, config.digest, self.at(), query) {
                return Err(DropReason::ObservationSignatureInvalid);
            }
        }
        if config.committee.is_agreed_by(observations.len()) {
            Ok(())
        } else {
            Err(DropReason::TooFewObservations)
        }
    }

    /// Learns that the round is complete.
    pub fn complete(&mut self, out: &mut Vec<Output>) {
        // P66
        self.ask_nothing();
        if !core::mem::replace(&mut self.completed, true) {
            out.push(Output::Completed(self.at()));
        }
    }

    fn ask_nothing(&mut self) {
        self.observing = false;
        self.reporting = None;
    }

    const fn at(&self) -> EpochRound {
        EpochRound {
            epoch: self.epoch,
            round: self.round,
        }
    }
}
