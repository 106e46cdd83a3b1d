//! Authenticated, bounded, ordered message streams between the oracles of a configuration.
//!
//! One [`Host`] serves the process: one key, one set of listening sockets, at most one connection
//! per peer. One [`Group`] serves one configuration: it sends to and receives from the other
//! oracles by [`OracleId`](ocr_protocol::id::OracleId), and several groups share the connections.
//!
//! What the protocol may rely on:
//!
//! * **Who.** A message carries the oracle whose ed25519 key authenticated the connection. Peers
//!   in no open group are refused.
//! * **Order.** Messages of one oracle arrive in the order sent, each at most once. Any may be lost.
//! * **Never blocking.** [`Group::send`] returns at once. Every queue is bounded and drops its
//!   oldest message when full.
//! * **Containment.** A peer that breaks a rule loses its messages or its connection, for a named
//!   [`Refusal`]; the other peers do not notice.
//!
//! A group never delivers to itself: the oracle's own copy of a broadcast is its driver's business.
//!
//! Source: networking 11 and 16.

mod address;
mod dialing;
mod error;
mod group;
mod host;
mod libp2p;
mod limits;
mod link;
mod peer_id;
mod refusal;
mod registry;
mod token_bucket;

pub use address::AddressError;
pub use dialing::Redial;
pub use error::{HostError, OpenError};
pub use group::{Group, GroupConfig, Member};
pub use host::{Host, NetworkConfig, Stats};
pub use limits::{LimitsError, MAX_MESSAGE_BYTES};
pub use link::QUEUE_MESSAGES;
pub use peer_id::{ParsePeerIdError, PeerId};
pub use refusal::Refusal;

pub use ::libp2p::Multiaddr;
