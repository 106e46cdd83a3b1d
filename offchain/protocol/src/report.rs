//! The median: what is reported, when, and which reports are worth a transaction.

mod deviation;
mod evm_codec;
pub mod go_sort;
pub mod ocr1;
mod onchain_config;

use core::time::Duration;

use alloy_primitives::I256;

pub use self::deviation::deviates;
pub use self::evm_codec::{ReportDecodeError, encode_report, max_report_bytes, median_from_report};
pub use self::onchain_config::{OnchainConfig, OnchainConfigError};
use crate::config::PublicConfig;
use crate::id::{Committee, ConfigDigest, EpochRound, OracleId};
use crate::int192::{INT192_BYTES, Int192};
use crate::limits::PluginLimits;
use crate::observation::{Observation, ObservationCodec};
use crate::time::UnixSeconds;

/// The longest observation: a timestamp, three numbers and what protobuf adds.
const MAX_OBSERVATION_BYTES: usize = 4 + 3 * INT192_BYTES + 16;

/// When the median reports and transmits; the plugin part of the off-chain configuration.
///
/// Ppb are parts of 10^9. Source: offchain-ocr2 6.3.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MedianConfig {
    /// No deviation makes a report.
    pub alpha_report_infinite: bool,
    /// A median that deviates this much from the contract's answer makes a report.
    pub alpha_report_ppb: u64,
    /// No deviation gets a report accepted while another is pending.
    pub alpha_accept_infinite: bool,
    /// A report that deviates this much from the last accepted one is accepted while that is pending.
    pub alpha_accept_ppb: u64,
    /// An answer older than this makes a report.
    pub delta_c: Duration,
}

/// What the chain and the clock said when a decision needed them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainView {
    /// The oracle's clock.
    pub now: UnixSeconds,
    /// The contract's latest transmission.
    pub latest: LatestTransmission,
    /// The latest request for a round within DeltaC; all zero when there is none.
    pub requested: RoundRequest,
}

/// The contract's latest transmission; all zero but the digest when there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatestTransmission {
    /// The contract's configuration.
    pub digest: ConfigDigest,
    /// Round of the report; `0.0` after each `setConfig`.
    pub at: EpochRound,
    /// The answer.
    pub answer: Int192,
    /// When the chain took it.
    pub timestamp: UnixSeconds,
}

/// Someone's request for a fresh answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundRequest {
    /// The contract's configuration at the time.
    pub digest: ConfigDigest,
    /// Round of the contract's latest report at the time.
    pub at: EpochRound,
}

/// Why there is no vote, or no decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Too few observations could be read.
    #[error("{given} readable observations: {needed} are needed")]
    TooFewObservations {
        /// How many could be read.
        given: usize,
        /// How many are needed, `f + 1`.
        needed: usize,
    },
    /// OCR1's reports are of 1 to 32 numbers.
    #[error("the observations are not 1 to 32 numbers of 24 bytes")]
    NotNumbers,
    /// An attested report could not be read.
    #[error(transparent)]
    Decode(#[from] ReportDecodeError),
}

/// The numerical median plugin for EVM chains: decides on reports, remembers the last one accepted.
///
/// Source: offchain-ocr2 6.3.
#[derive(Clone, Debug)]
pub struct Median {
    digest: ConfigDigest,
    committee: Committee,
    config: MedianConfig,
    bounds: OnchainConfig,
    codec: ObservationCodec,
    accepted: LastAccepted,
}

/// The last report that was accepted; in memory only, zero at first.
#[derive(Clone, Copy, Debug, Default)]
struct LastAccepted {
    at: EpochRound,
    median: I256,
}

/// An observation and who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedObservation {
    /// Who observed.
    pub observer: OracleId,
    /// What.
    pub observation: Observation,
}

impl Median {
    /// Makes the plugin of one configuration.
    ///
    /// # Errors
    /// The configuration's on-chain part is not that of a median.
    pub fn new(
        public: &PublicConfig,
        config: MedianConfig,
        codec: ObservationCodec,
    ) -> Result<Self, OnchainConfigError> {
        Ok(Self {
            digest: public.digest,
            committee: public.committee,
            bounds: OnchainConfig::decode(&public.onchain_config)?,
            config,
            codec,
            accepted: LastAccepted::default(),
        })
    }

    /// Returns the longest query, observation and report of this plugin.
    #[must_use]
    pub fn limits(&self) -> PluginLimits {
        PluginLimits {
            max_query_bytes: 0,
            max_observation_bytes: MAX_OBSERVATION_BYTES,
            max_report_bytes: max_report_bytes(self.committee.n()),
        }
    }

    /// Returns how far back a request for a round counts, and how old an answer may get (DeltaC).
    #[must_use]
    pub const fn delta_c(&self) -> Duration {
        self.config.delta_c
    }

    /// Returns the bytes that an observer signs.
    #[must_use]
    pub fn encode_observation(&self, observation: &Observation) -> Vec<u8> {
        (self.codec.encode)(observation)
    }

    /// Decides whether to report, and returns the report.
    ///
    /// `observations` are in the leader's order, from distinct oracles; those that cannot be read
    /// do not count. Nothing when the contract needs no report, or the median is out of its bounds.
    ///
    /// # Errors
    /// At most f observations can be read.
    ///
    /// Source: offchain-ocr2 6.3.4.
    pub fn report(
        &self,
        view: &ChainView,
        observations: &[(OracleId, &[u8])],
    ) -> Result<Option<Vec<u8>>, ReportError> {
        let mut parsed = self.parse(observations);
        let needed = self.committee.f() + 1;
        if parsed.len() < needed {
            return Err(ReportError::TooFewObservations {
                given: parsed.len(),
                needed,
            });
        }
        let median = sort_by_value(&mut parsed);
        let wanted =
            self.bounds.contains(median) && needs_report(self.digest, &self.config, view, median);
        Ok(wanted.then(|| encode_report(parsed)))
    }

    /// Decides whether an attested report is worth transmitting, and remembers it if so.
    ///
    /// # Errors
    /// The report cannot be read.
    ///
    /// Source: offchain-ocr2 6.3.7.
    pub fn should_accept(
        &mut self,
        at: EpochRound,
        latest: &LatestTransmission,
        report: &[u8],
    ) -> Result<bool, ReportError> {
        let is_news = self.accepted.at < at && is_news(self.digest, at, latest);
        if !is_news || report.len() > max_report_bytes(self.committee.n()) {
            return Ok(false);
        }
        let median = median_from_report(report)?;
        let deviates = !self.config.alpha_accept_infinite
            && deviates(self.config.alpha_accept_ppb, self.accepted.median, median);
        let nothing_pending = latest.at >= self.accepted.at;
        let accept = deviates || nothing_pending;
        if accept {
            self.accepted = LastAccepted { at, median };
        }
        Ok(accept)
    }

    /// Decides whether the contract still has use for an accepted report.
    ///
    /// Source: offchain-ocr2 6.3.7.
    #[must_use]
    pub fn should_transmit(&self, at: EpochRound, latest: &LatestTransmission) -> bool {
        is_news(self.digest, at, latest)
    }

    fn parse(&self, observations: &[(OracleId, &[u8])]) -> Vec<ParsedObservation> {
        observations
            .iter()
            .filter_map(|&(observer, bytes)| {
                Some(ParsedObservation {
                    observer,
                    observation: (self.codec.decode)(bytes)?,
                })
            })
            .collect()
    }
}

/// Whether the contract's answer is missing, wrong or old, or someone asked for another.
fn needs_report(
    digest: ConfigDigest,
    config: &MedianConfig,
    view: &ChainView,
    median: Int192,
) -> bool {
    let ChainView {
        now,
        latest,
        requested,
    } = view;
    let is_initial = latest.digest == digest && latest.at == EpochRound::default();
    let has_deviated = !config.alpha_report_infinite
        && deviates(config.alpha_report_ppb, latest.answer.into(), median.into());
    let is_stale = since_1970(latest.timestamp) + config.delta_c.as_nanos() < since_1970(*now);
    let is_requested = requested.digest == digest && requested.at >= latest.at;
    is_initial || has_deviated || is_stale || is_requested
}

/// Whether the contract would take the report of round `at`: same configuration, higher round.
fn is_news(digest: ConfigDigest, at: EpochRound, latest: &LatestTransmission) -> bool {
    latest.digest == digest && latest.at < at
}

/// Sorts by value in place and returns the upper median.
///
/// The first of the four sorts that decide the order of equal values: [`encode_report`] does the others.
fn sort_by_value(observations: &mut [ParsedObservation]) -> Int192 {
    go_sort::sort_by_key(observations, |parsed| parsed.observation.value);
    observations[observations.len() / 2].observation.value
}

/// In nanoseconds.
fn since_1970(time: UnixSeconds) -> u128 {
    Duration::from_secs(time.0).as_nanos()
}
