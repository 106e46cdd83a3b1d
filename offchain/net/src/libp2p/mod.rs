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
//! It does not speak libocr's own wire: all oracles of a configuration run this transport. A peer
//! in no open group is refused only after its Noise handshake, so it learns that a libp2p host is
//! there, and which key it has.
//!
//! Source: networking 16.

pub(crate) mod behaviour;
mod handler;
mod stream;
pub(crate) mod transport;
