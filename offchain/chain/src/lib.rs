//! The chain, as an oracle sees it: configurations, the latest answer, and where reports go.
//!
//! * [`Rpc`]: one JSON-RPC endpoint, checked to serve the configured chain.
//! * [`ConfigTracker`]: polls for a configuration that is confirmed and has the digest it claims.
//! * [`Feed`]: what a follower needs to know of the aggregator to decide about a report.
//! * [`Account`]: sends transactions, one at a time, with fees and nonces that recover.
//! * [`Transmitter`]: brings an attested report to the aggregator.
//! * [`deploy`], [`anvil`]: what a local network needs.
//!
//! [`ConfigTracker`] and [`Feed`] read an aggregator of OCR2, or of the version that `with_protocol`
//! names ([`protocol_of`] asks the contract); the [`Transmitter`] knows it by the report's digest.
//!
//! [`contracts`] is read from `src/interfaces/*.sol`, the very files the contracts implement.

mod account;
mod aggregator;
pub mod anvil;
pub mod contracts;
pub mod deploy;
mod error;
mod feed;
mod fees;
mod http;
mod objection;
mod requests;
mod rpc;
mod tracker;
mod transmitter;

pub use account::{Account, Execution, SendError, Tx};
pub use aggregator::{NewTransmission, protocol_of};
pub use alloy::signers::local::PrivateKeySigner;
pub use error::{ChainError, Revert};
pub use feed::Feed;
pub use fees::FeePolicy;
pub use http::http_client;
pub use rpc::{MinedTx, Rpc};
pub use tracker::{Check, ConfigRefusal, ConfigTracker};
pub use transmitter::{Transmission, TransmitError, Transmitter, transmit_calldata};
