//! The transport on loopback: real sockets, real libp2p, and peers that misbehave.
//!
//! Times only make a test fail that would otherwise wait for ever.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adversary;
mod admission;
mod containment;
mod delivery;
mod reconnection;
mod support;
