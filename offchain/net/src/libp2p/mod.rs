//! The transport over libp2p: TCP, Noise, Yamux, and a behaviour of our own.
//!
//! ```text
//! Registry ──wanted──► Behaviour (admits, dials, closes) ──links──► Handler, one per connection
//!                                                                  ├─ receive: stream ─► Link
//!                                                                  └─ transmit: Link ─► stream
//! ```
//!
//! A handler polls its streams itself, so a connection and all its work end together.
//!
//! Source: networking 16.

pub(crate) mod behaviour;
mod handler;
mod stream;
pub(crate) mod transport;
