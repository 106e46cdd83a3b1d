//! The leader's part of a round. Lines are those of `docs/protocol.md`.

use super::{QUERY, SignedMarks, value_of};
use crate::attestation::{AttestedReport, extra_hash, report_hash};
use crate::config::PublicConfig;
use crate::drop_reason::DropReason;
use crate::id::{Epoch, EpochRound, OracleId, Protocol, Round};
use crate::keyring::verify_onchain_like_evm;
use crate::message::{Message, ReportVote};
use crate::observation::SignedObservation;
use crate::per_oracle::PerOracle;
use crate::time::Instant;

/// How far the leader's round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It waits for more than 2f observations.
    Observe,
    /// It has them and waits a little for the others'.
    Grace,
    /// It waits for f + 1 equal votes.
    Report,
    /// It has them.
    Final,
}

/// Leads the rounds of one epoch. What it pushes to `out` is for all oracles, itself included.
///
/// Source: offchain-ocr2 5.4, offchain-ocr1 5.4.1.
#[derive(Debug)]
pub struct Leader {
    protocol: Protocol,
    epoch: Epoch,
    round: Round,
    phase: Phase,
    /// One of the two conditions for the next round holds: the last is final, the timer fired.
    /// OCR1 has the timer alone.
    ready: bool,
    round_at: Option<Instant>,
    grace_at: Option<Instant>,
    observations: PerOracle<Option<SignedObservation>>,
    extra_hash: [u8; 32],
    votes: PerOracle<Option<ReportVote>>,
}

impl Leader {
    /// Starts to lead `epoch` with the round after the last one it signed an observation in.
    ///
    /// That is round 1, unless this oracle restarted within the epoch.
    #[must_use]
    pub fn start(
        config: &PublicConfig,
        epoch: Epoch,
        signed: SignedMarks,
        now: Instant,
        out: &mut Vec<Message>,
    ) -> Self {
        // P40
        let last = signed.observation;
        let mut leader = Self {
            protocol: config.digest.protocol(),
            epoch,
            round: if last.epoch == epoch {
                last.round
            } else {
                Round::ZERO
            },
            phase: Phase::Observe,
            ready: true,
            round_at: None,
            grace_at: None,
            observations: PerOracle::empty(config.committee),
            extra_hash: [0; 32],
            votes: PerOracle::empty(config.committee),
        };
        leader.next_round(config, now, out);
        leader
    }

    /// Returns the round it leads.
    #[must_use]
    pub const fn round(&self) -> Round {
        self.round
    }

    /// Returns how far that round is.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns when the next round may start.
    #[must_use]
    pub const fn round_at(&self) -> Option<Instant> {
        self.round_at
    }

    /// Returns when to stop waiting for more observations.
    #[must_use]
    pub const fn grace_at(&self) -> Option<Instant> {
        self.grace_at
    }

    /// The round timer fired.
    pub fn on_round_timer(&mut self, config: &PublicConfig, now: Instant, out: &mut Vec<Message>) {
        // P49
        self.round_at = None;
        self.next_round(config, now, out);
    }

    /// Takes an observation.
    ///
    /// # Errors
    /// The guards of P43.
    pub fn on_observe(
        &mut self,
        config: &PublicConfig,
        now: Instant,
        from: OracleId,
        round: Round,
        observation: SignedObservation,
    ) -> Result<(), DropReason> {
        // P43
        if round != self.round {
            return Err(DropReason::ObserveOtherRound);
        }
        if !matches!(self.phase, Phase::Observe | Phase::Grace) {
            return Err(DropReason::ObserveOutOfPhase);
        }
        if self.observations[from].is_some() {
            return Err(DropReason::ObserveRepeated);
        }
        let key = &config.oracles[from].offchain_key;
        if !observation.verify(key, config.digest, self.at(), QUERY) {
            return Err(DropReason::ObserveSignatureInvalid);
        }
        // P44
        self.observations[from] = Some(observation);
        let count = self.observations.present().count();
        if self.phase == Phase::Observe && config.committee.is_agreed_by(count) {
            self.phase = Phase::Grace;
            self.grace_at = Some(now + config.delta_grace);
        }
        Ok(())
    }

    /// The grace timer fired: asks for a report on the observations there are.
    pub fn on_grace_timer(&mut self, out: &mut Vec<Message>) {
        // P45
        assert_eq!(
            self.phase,
            Phase::Grace,
            "the grace timer runs in this phase only"
        );
        self.grace_at = None;
        let mut observations: Vec<_> = self
            .observations
            .present()
            .map(|(observer, observation)| (observer, observation.clone()))
            .collect();
        match self.protocol {
            // P101
            Protocol::Ocr1 => observations.sort_by_key(|(_, observation)| value_of(observation)),
            Protocol::Ocr2 => self.extra_hash = extra_hash(QUERY, &observations),
        }
        self.phase = Phase::Report;
        out.push(Message::ReportReq {
            at: self.at(),
            query: QUERY.to_vec(),
            observations,
        });
    }

    /// Takes a vote on the report.
    ///
    /// # Errors
    /// The guards of P47.
    pub fn on_report(
        &mut self,
        config: &PublicConfig,
        now: Instant,
        from: OracleId,
        round: Round,
        vote: ReportVote,
        out: &mut Vec<Message>,
    ) -> Result<(), DropReason> {
        // P47
        if round != self.round {
            return Err(DropReason::ReportOtherRound);
        }
        if self.phase != Phase::Report {
            return Err(DropReason::ReportOutOfPhase);
        }
        if self.votes[from].is_some() {
            return Err(DropReason::ReportRepeated);
        }
        self.check_vote(config, from, &vote)?;
        // P48
        let (skip, report) = (vote.skip, vote.report.clone());
        self.votes[from] = Some(vote);
        let signatures: Vec<_> = self
            .votes
            .present()
            .filter(|(_, other)| other.skip == skip && other.report == report)
            .map(|(signer, other)| (Some(signer), other.signature.clone()))
            .collect();
        if signatures.len() < config.committee.report_quorum() {
            return Ok(());
        }
        if !skip {
            let (at, extra_hash) = (self.at(), self.extra_hash);
            out.push(Message::Final(AttestedReport {
                at,
                extra_hash,
                report,
                signatures,
            }));
        }
        self.phase = Phase::Final;
        // P102
        if self.protocol == Protocol::Ocr2 {
            self.next_round(config, now, out);
        }
        Ok(())
    }

    /// A skip is empty; a report is signed by its sender.
    fn check_vote(
        &self,
        config: &PublicConfig,
        from: OracleId,
        vote: &ReportVote,
    ) -> Result<(), DropReason> {
        if vote.skip {
            let is_empty = vote.report.is_empty() && vote.signature.is_empty();
            return if is_empty {
                Ok(())
            } else {
                Err(DropReason::SkipNotEmpty)
            };
        }
        let hash = report_hash(config.digest, self.at(), &self.extra_hash, &vote.report);
        if verify_onchain_like_evm(config.oracles[from].signer, &hash, &vote.signature) {
            Ok(())
        } else {
            Err(DropReason::ReportSignatureInvalid)
        }
    }

    /// Starts the next round once both of its conditions hold.
    fn next_round(&mut self, config: &PublicConfig, now: Instant, out: &mut Vec<Message>) {
        // P41
        if !self.ready {
            self.ready = true;
            return;
        }
        if self.round.get() > config.r_max {
            return;
        }
        self.round = self.round.next().expect("RMax is below 255");
        // P100
        self.ready = self.protocol == Protocol::Ocr1;
        self.phase = Phase::Observe;
        self.grace_at = None;
        self.observations = PerOracle::empty(config.committee);
        self.votes = PerOracle::empty(config.committee);
        self.round_at = Some(now + config.delta_round);
        out.push(Message::ObserveReq {
            at: self.at(),
            query: QUERY.to_vec(),
        });
    }

    const fn at(&self) -> EpochRound {
        EpochRound {
            epoch: self.epoch,
            round: self.round,
        }
    }
}
