//! Bytes between oracles and in configurations.
//!
//! The bytes are protobuf, written and read here by hand: what one oracle reads and another refuses
//! splits the committee, so every quirk of reading is part of the protocol. `docs/wire.md` has the
//! schemas and the quirks.

pub mod median;
pub mod message;
pub mod ocr1;
pub mod offchain_config;
mod public_config;
mod reader;
pub mod telemetry;
mod writer;

pub use public_config::{PublicConfigError, public_config};
pub use reader::ProtobufError;
