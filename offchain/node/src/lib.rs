//! The oracle node: the hands around `ocr-protocol`, and the tools of its operator.
//!
//! One task owns the oracle (`driver`); sockets, chain, sources and disk are its `effects`.
//! The library exists for the binary and the end to end tests.

pub mod cli;
pub mod devnet;
pub mod feed;

mod card;
mod clock;
mod config;
mod driver;
mod effects;
mod keystore;
mod logging;
mod manager;
mod signals;
mod source;
mod store;
mod version;
