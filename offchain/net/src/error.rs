//! Why a host cannot start and a group cannot open.

use std::io;

use libp2p::Multiaddr;
use ocr_protocol::id::{ConfigDigest, MAX_ORACLES};

use crate::address::AddressError;
use crate::limits::{LimitsError, MAX_GROUPS};
use crate::peer_id::PeerId;

/// The host cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is no address to listen on.
    #[error("no listen address: at least one like /ip4/0.0.0.0/tcp/4001 is needed")]
    NoListenAddress,
    /// A listen address is not an IP address with a TCP port.
    #[error("listen address {address}: /ip4/…/tcp/… or /ip6/…/tcp/… is needed")]
    BadListenAddress {
        /// The address.
        address: Multiaddr,
    },
    /// A listen address cannot be had, for instance because another process has it.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: Multiaddr,
        /// What the system said.
        source: io::Error,
    },
    /// The Noise handshake cannot be set up with the key.
    #[error("cannot use the peer key: {0}")]
    Key(#[from] libp2p::noise::Error),
}

/// A group cannot open.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OpenError {
    /// The host has been shut down.
    #[error("the network host is shut down")]
    Shutdown,
    /// A group with this digest is open.
    #[error("config digest {digest} is already open on this host")]
    AlreadyOpen {
        /// The digest.
        digest: ConfigDigest,
    },
    /// No more groups fit on the connections.
    #[error("{MAX_GROUPS} groups are open on this host, which is the most there can be")]
    TooManyGroups,
    /// More oracles than a configuration may have.
    #[error("{given} members: at most {MAX_ORACLES} are possible")]
    TooManyMembers {
        /// Number of members.
        given: usize,
    },
    /// This host's own peer is not a member.
    #[error("own peer id {own} is not a member of config digest {digest}")]
    NotAMember {
        /// This host's peer id.
        own: PeerId,
        /// The digest.
        digest: ConfigDigest,
    },
    /// A peer is listed twice.
    #[error("peer {peer} is listed twice")]
    DuplicateMember {
        /// The peer.
        peer: PeerId,
    },
    /// A member's address is of no use.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The limits are out of bounds.
    #[error(transparent)]
    Limits(#[from] LimitsError),
}
