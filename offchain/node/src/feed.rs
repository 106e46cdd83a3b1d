//! A feed's parameters, as its owner writes them, and the setConfig arguments they become.

mod set_config;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use ocr_protocol::id::Protocol;
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{OnchainConfig, OnchainConfigError};
use ocr_protocol::secret::SecretError;
use serde::{Deserialize, Serialize};

pub(crate) use set_config::SetConfigArgs;

use crate::config::parse_toml;
use crate::keystore::KeystoreError;
use crate::version::TermsError;

/// A version of the protocol, as people write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolName {
    /// Offchain Reporting 1.
    Ocr1,
    /// Offchain Reporting 2.
    #[default]
    Ocr2,
}

impl From<ProtocolName> for Protocol {
    fn from(name: ProtocolName) -> Self {
        match name {
            ProtocolName::Ocr1 => Self::Ocr1,
            ProtocolName::Ocr2 => Self::Ocr2,
        }
    }
}

/// The off-chain part of a configuration. Some keys are of one version of the protocol alone.
///
/// Source: offchain-ocr1 1.2; offchain-ocr2 1.3, 1.9, 6.3.2.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedParameters {
    /// Version of the protocol; OCR2 when absent.
    #[serde(default)]
    pub protocol: ProtocolName,
    /// OCR1: the contract's chain, whose minima the durations are held to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_id: Option<u64>,
    /// Oracles that may be faulty; `3f < n`.
    pub f: u8,
    /// Oracles per transmission stage; their sum should be n.
    pub s: Vec<u32>,
    /// Rounds per epoch.
    pub r_max: u8,
    /// A leader without a finished round for this long is replaced.
    #[serde(with = "humantime_serde")]
    pub delta_progress: Duration,
    /// NewEpoch is repeated this often.
    #[serde(with = "humantime_serde")]
    pub delta_resend: Duration,
    /// Rounds of one leader start at least this far apart.
    #[serde(with = "humantime_serde")]
    pub delta_round: Duration,
    /// Wait for more observations after 2f + 1 have come.
    #[serde(with = "humantime_serde")]
    pub delta_grace: Duration,
    /// Distance between transmission stages.
    #[serde(with = "humantime_serde")]
    pub delta_stage: Duration,
    /// OCR2: longest an observation may take.
    #[serde(
        with = "humantime_serde",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub max_duration_observation: Option<Duration>,
    /// OCR2: longest the decision to report may take.
    #[serde(
        with = "humantime_serde",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub max_duration_report: Option<Duration>,
    /// OCR2: longest the decision to accept a report may take.
    #[serde(
        with = "humantime_serde",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub max_duration_should_accept_finalized_report: Option<Duration>,
    /// OCR2: longest the decision to transmit may take.
    #[serde(
        with = "humantime_serde",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub max_duration_should_transmit_accepted_report: Option<Duration>,
    /// When the median is reported and transmitted.
    pub median: MedianParameters,
    /// OCR2: the contract's immutables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onchain: Option<OnchainParameters>,
}

/// `[median]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedianParameters {
    /// OCR1: deviation that asks for a report, and that lets a report pass another, in parts per billion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_ppb: Option<u64>,
    /// OCR2: deviation from the answer on chain that asks for a report, in parts per billion; absent means
    /// "never for deviation alone".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_report_ppb: Option<u64>,
    /// OCR2: deviation from the last accepted report that lets another pass before it, in parts per
    /// billion; absent means "never".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_accept_ppb: Option<u64>,
    /// Age of the answer on chain that asks for a report.
    #[serde(with = "humantime_serde")]
    pub delta_c: Duration,
}

/// `[onchain]`: the aggregator's bounds, as whole numbers with its decimals in them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnchainParameters {
    /// Least answer the contract takes.
    pub min_answer: String,
    /// Greatest answer the contract takes.
    pub max_answer: String,
}

/// Why parameters do not make a configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("{}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{key}: missing; {} needs it", name(*protocol))]
    Missing {
        key: &'static str,
        protocol: ProtocolName,
    },
    #[error("{key}: there is no such thing in {}; remove it, or correct `protocol`", name(*protocol))]
    OtherProtocol {
        key: &'static str,
        protocol: ProtocolName,
    },
    #[error(
        "{key} = {given:?}: a whole number that fits 192 bits is needed, with the feed's decimals in it"
    )]
    NotAnAnswer { key: &'static str, given: String },
    #[error("{key} is longer than 292 years")]
    TooLong { key: &'static str },
    #[error(transparent)]
    Bounds(#[from] OnchainConfigError),
    #[error("the oracles' cards and parameters make no valid configuration: {0}")]
    Rejected(#[from] TermsError),
    #[error("oracle {oracle}: {peer_id:?} is not a peer id such as 12D3KooW…; its card is damaged")]
    NotAPeerId { oracle: usize, peer_id: String },
    #[error("oracle {oracle}: its {role} is the zero address; its card is damaged")]
    ZeroAddress { oracle: usize, role: &'static str },
    #[error("oracles {first} and {second} have the same {what}; name each card once")]
    Duplicate {
        first: usize,
        second: usize,
        what: &'static str,
    },
    #[error(
        "stages cover {covered} of {n} oracles; s must add up to at least {n}, or some never transmit"
    )]
    StagesTooShort { covered: u64, n: usize },
    #[error("f = 0: the contract requires a committee that tolerates a fault; 3f < n needs n >= 4")]
    NoFaultTolerated,
    #[error(transparent)]
    Entropy(#[from] KeystoreError),
    #[error("the shared secret cannot be encrypted: {0}")]
    Secret(#[from] SecretError),
}

/// The name as people read it.
const fn name(protocol: ProtocolName) -> &'static str {
    match protocol {
        ProtocolName::Ocr1 => "OCR1",
        ProtocolName::Ocr2 => "OCR2",
    }
}

impl FeedParameters {
    /// Reads parameters from a TOML file.
    pub(crate) fn read(path: &Path) -> Result<Self, FeedError> {
        let unreadable = |reason| FeedError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        parse_toml(&text).map_err(unreadable)
    }

    /// Returns a value that this version of the protocol cannot do without.
    fn needed<T>(&self, key: &'static str, value: Option<T>) -> Result<T, FeedError> {
        let protocol = self.protocol;
        value.ok_or(FeedError::Missing { key, protocol })
    }

    /// Refuses keys of the other version: whoever wrote them expects something of them.
    fn refuse_keys_of_other_protocol(&self) -> Result<(), FeedError> {
        let median = &self.median;
        let given = match self.protocol {
            ProtocolName::Ocr1 => vec![
                (
                    "max_duration_observation",
                    self.max_duration_observation.is_some(),
                ),
                ("max_duration_report", self.max_duration_report.is_some()),
                (
                    "max_duration_should_accept_finalized_report",
                    self.max_duration_should_accept_finalized_report.is_some(),
                ),
                (
                    "max_duration_should_transmit_accepted_report",
                    self.max_duration_should_transmit_accepted_report.is_some(),
                ),
                ("median.alpha_report_ppb", median.alpha_report_ppb.is_some()),
                ("median.alpha_accept_ppb", median.alpha_accept_ppb.is_some()),
                ("onchain", self.onchain.is_some()),
            ],
            ProtocolName::Ocr2 => vec![
                ("chain_id", self.chain_id.is_some()),
                ("median.alpha_ppb", median.alpha_ppb.is_some()),
            ],
        };
        match given.into_iter().find(|&(_, given)| given) {
            None => Ok(()),
            Some((key, _)) => Err(FeedError::OtherProtocol {
                key,
                protocol: self.protocol,
            }),
        }
    }
}

impl OnchainParameters {
    /// Reads the two bounds.
    pub(crate) fn bounds(&self) -> Result<OnchainConfig, FeedError> {
        let answer = |key, text: &str| {
            text.parse::<Int192>().map_err(|_| FeedError::NotAnAnswer {
                key,
                given: text.to_owned(),
            })
        };
        let min_answer = answer("onchain.min_answer", &self.min_answer)?;
        let max_answer = answer("onchain.max_answer", &self.max_answer)?;
        Ok(OnchainConfig::new(min_answer, max_answer)?)
    }
}
