//! Oracles observe, agree on a round, report, attest, transmit.
//!
//! The modules stand in the order of that sentence; each uses only those above it.
//! Nothing here touches a socket, a clock, a disk or entropy: see `oracle` for the one loop.

pub mod abi;
pub mod id;
pub mod time;
pub mod per_oracle;
pub mod drop_reason;
pub mod keyring;
pub mod secret;
pub mod schedule;
pub mod config;
pub mod int192;
pub mod limits;
pub mod observation;
pub mod report;
pub mod attestation;
pub mod message;
pub mod pacemaker;
pub mod round;
pub mod finalize;
pub mod transmit;
pub mod oracle;
