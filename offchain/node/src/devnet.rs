//! A whole committee on this machine: a chain, the contracts, and one process for each oracle.

mod committee;
mod contracts;
mod error;
mod process;
mod seat;

pub use committee::{Committee, CommitteeOptions, ReportedRound};
pub use error::DevnetError;
pub use process::ProcessError;

use std::time::Duration;

use crate::feed::{FeedParameters, MedianParameters, OnchainParameters};

/// Decimals of the answer of a local feed.
pub const DECIMALS: u8 = 8;

/// Longest wait for one answer of the local chain.
const RPC_TIMEOUT: Duration = Duration::from_secs(10);

/// Most that is offered for a unit of gas on the local chain.
const MAX_FEE_GWEI: u64 = 500;

/// Parameters for a committee of `n` oracles whose messages take no time, with a round a second.
///
/// `f` is the most that `n` allows; each oracle has a transmission stage of its own.
#[must_use]
pub fn local_parameters(n: usize) -> FeedParameters {
    let f = u8::try_from(n.saturating_sub(1) / 3).unwrap_or(u8::MAX);
    let millis = Duration::from_millis;
    FeedParameters {
        f,
        s: vec![1; n],
        r_max: 20,
        delta_progress: millis(4_000),
        delta_resend: millis(2_000),
        delta_round: millis(1_000),
        delta_grace: millis(200),
        delta_stage: millis(1_500),
        max_duration_observation: millis(1_000),
        max_duration_report: millis(1_000),
        max_duration_should_accept_finalized_report: millis(1_000),
        max_duration_should_transmit_accepted_report: millis(1_000),
        median: MedianParameters {
            alpha_report_ppb: Some(0),
            alpha_accept_ppb: Some(0),
            delta_c: Duration::from_secs(3_600),
        },
        onchain: OnchainParameters {
            min_answer: "1".to_owned(),
            max_answer: 10_u128.pow(24).to_string(),
        },
    }
}
