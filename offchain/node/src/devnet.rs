//! A whole committee on this machine: a chain, the contracts, and one process for each oracle.

mod committee;
mod contracts;
mod error;
mod options;
mod process;
mod seat;

pub use committee::{Committee, ReportedRound};
pub use error::DevnetError;
pub use options::CommitteeOptions;
pub use process::ProcessError;

use std::time::Duration;

use crate::feed::{FeedParameters, MedianParameters, OnchainParameters, ProtocolName};

/// Decimals of the answer of a local feed.
pub const DECIMALS: u8 = 8;

/// Longest wait for one answer of the local chain.
const RPC_TIMEOUT: Duration = Duration::from_secs(10);

/// Most that is offered for a unit of gas on the local chain.
const MAX_FEE_GWEI: u64 = 500;

/// Bounds of the answer of a local feed, and what it is of.
const MIN_ANSWER: i128 = 1;
const MAX_ANSWER: i128 = 10_i128.pow(24);
const DESCRIPTION: &str = "S&P 500";

/// Parameters for a committee of `n` oracles whose messages take no time, with a round a second.
///
/// `f` is the most that `n` allows; each oracle has a transmission stage of its own.
#[must_use]
pub fn local_parameters(protocol: ProtocolName, n: usize) -> FeedParameters {
    let f = u8::try_from(n.saturating_sub(1) / 3).unwrap_or(u8::MAX);
    let millis = Duration::from_millis;
    let is_ocr1 = protocol == ProtocolName::Ocr1;
    // Every change of the answer is reported.
    let (ocr1_alpha_ppb, ocr2_alpha_ppb) = if is_ocr1 {
        (Some(0), None)
    } else {
        (None, Some(0))
    };
    let deadline = (!is_ocr1).then_some(millis(1_000));
    FeedParameters {
        protocol,
        chain_id: is_ocr1.then_some(ocr_chain::anvil::CHAIN_ID),
        f,
        s: vec![1; n],
        r_max: 20,
        delta_progress: millis(4_000),
        delta_resend: millis(2_000),
        delta_round: millis(1_000),
        delta_grace: millis(200),
        delta_stage: millis(1_500),
        max_duration_observation: deadline,
        max_duration_report: deadline,
        max_duration_should_accept_finalized_report: deadline,
        max_duration_should_transmit_accepted_report: deadline,
        median: MedianParameters {
            alpha_ppb: ocr1_alpha_ppb,
            alpha_report_ppb: ocr2_alpha_ppb,
            alpha_accept_ppb: ocr2_alpha_ppb,
            delta_c: Duration::from_secs(3_600),
        },
        onchain: (!is_ocr1).then(|| OnchainParameters {
            min_answer: MIN_ANSWER.to_string(),
            max_answer: MAX_ANSWER.to_string(),
        }),
    }
}
