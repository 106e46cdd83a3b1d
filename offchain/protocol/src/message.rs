//! What oracles say to each other. Source: offchain-ocr2 3.2.
//!
//! `ocr-wire` turns these into bytes and back, and checks there what is known without state:
//! lengths, and that every oracle named is one of the committee.

use crate::attestation::AttestedReport;
use crate::id::{Epoch, EpochRound, MAX_ORACLES, OracleId};
use crate::limits::PluginLimits;
use crate::observation::SignedObservation;

/// A message between two oracles; the transport says who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The sender asks for `epoch`.
    NewEpoch {
        /// The epoch asked for.
        epoch: Epoch,
    },
    /// The leader asks for observations.
    ObserveReq {
        /// The round that starts.
        at: EpochRound,
        /// What to observe; empty for the median.
        query: Vec<u8>,
    },
    /// A follower answers the leader.
    Observe {
        /// The round observed in.
        at: EpochRound,
        /// The answer.
        observation: SignedObservation,
    },
    /// The leader asks for a report over these observations.
    ReportReq {
        /// The round reported in.
        at: EpochRound,
        /// The query the observations answer.
        query: Vec<u8>,
        /// Signed observations in the order the leader chose.
        observations: Vec<(OracleId, SignedObservation)>,
    },
    /// A follower votes on the report.
    Report {
        /// The round reported in.
        at: EpochRound,
        /// The vote.
        vote: ReportVote,
    },
    /// The leader shows a report that a quorum attested.
    Final(AttestedReport),
    /// Any oracle passes on a report that a quorum attested.
    FinalEcho(AttestedReport),
}

/// A follower's vote on a round's report.
///
/// Not an enum: a peer may send a skip with a report in it, and such votes must be told apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportVote {
    /// Whether the follower wants no report this round; report and signature are empty then.
    pub skip: bool,
    /// The report's bytes.
    pub report: Vec<u8>,
    /// The follower's on-chain signature over report and context, 65 bytes.
    pub signature: Vec<u8>,
}

/// A part of a message is longer than the plugin allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part}: {given} are too many, {most} are the most")]
pub struct TooLong {
    /// Which part.
    pub part: &'static str,
    /// Its bytes, or its entries.
    pub given: usize,
    /// The most there may be.
    pub most: usize,
}

impl Message {
    /// Checks the lengths of what is in the message, before sending and after receiving.
    ///
    /// # Errors
    /// The first part that is too long.
    ///
    /// Source: offchain-ocr2 3.4.
    pub fn check_lengths(&self, limits: &PluginLimits) -> Result<(), TooLong> {
        match self {
            Self::NewEpoch { .. } => Ok(()),
            Self::ObserveReq { query, .. } => check_query(query, limits),
            Self::Observe { observation, .. } => check_observation(observation, limits),
            Self::ReportReq {
                query,
                observations,
                ..
            } => {
                check_query(query, limits)?;
                check("observations", observations.len(), MAX_ORACLES)?;
                observations
                    .iter()
                    .try_for_each(|(_, signed)| check_observation(signed, limits))
            }
            Self::Report { vote, .. } => check_report(&vote.report, limits),
            Self::Final(attested) | Self::FinalEcho(attested) => {
                check("signatures", attested.signatures.len(), MAX_ORACLES)?;
                check_report(&attested.report, limits)
            }
        }
    }
}

fn check_query(query: &[u8], limits: &PluginLimits) -> Result<(), TooLong> {
    check("bytes of the query", query.len(), limits.max_query_bytes)
}

fn check_observation(signed: &SignedObservation, limits: &PluginLimits) -> Result<(), TooLong> {
    check(
        "bytes of an observation",
        signed.observation.len(),
        limits.max_observation_bytes,
    )
}

fn check_report(report: &[u8], limits: &PluginLimits) -> Result<(), TooLong> {
    check("bytes of the report", report.len(), limits.max_report_bytes)
}

fn check(part: &'static str, given: usize, most: usize) -> Result<(), TooLong> {
    if given > most {
        Err(TooLong { part, given, most })
    } else {
        Ok(())
    }
}
