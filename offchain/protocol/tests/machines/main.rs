//! The machines, rule by rule: inputs, then exactly the outputs.
//!
//! Lines such as P31 are those of `docs/protocol.md`. Four oracles, f = 1, RMax = 3; with the vectors'
//! secret and digest oracle 1 leads epoch 1, oracle 0 epoch 2, oracle 1 epochs 3 and 4, oracle 3 epoch 5.

#[path = "../common/mod.rs"]
mod common;
mod drop_reasons;
mod finalize;
mod follower;
mod harness;
mod leader;
mod lines;
mod network;
mod oracle;
mod pacemaker;
mod prop;
mod restart;
mod router;
mod scenario;
mod transmit;
