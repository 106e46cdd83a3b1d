//! The streams of one configuration.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use libp2p::Multiaddr;
use ocr_protocol::id::{ConfigDigest, MAX_ORACLES, OracleId};
use ocr_protocol::limits::NetworkLimits;
use tokio::sync::Notify;

use crate::address::Address;
use crate::error::OpenError;
use crate::limits;
use crate::link::Link;
use crate::peer_id::PeerId;
use crate::refusal::Refusal;
use crate::registry::{Registry, Remote, Roster};

/// The oracles of a configuration, and what they may send.
#[derive(Clone, Debug)]
pub struct GroupConfig {
    /// Names the streams; one group per digest can be open on a host.
    pub digest: ConfigDigest,
    /// Every oracle in oracle order, this process included.
    pub members: Vec<Member>,
    /// What each oracle may send to each other.
    pub limits: NetworkLimits,
}

/// An oracle of a group.
#[derive(Clone, Debug)]
pub struct Member {
    /// The oracle's peer.
    pub peer: PeerId,
    /// Where it listens, as `/ip4/…/tcp/…`, `/ip6/…/tcp/…` or `/dns/…/tcp/…`. With none, the peer
    /// must dial.
    pub addresses: Vec<Multiaddr>,
}

/// Sends to and receives from the other oracles of one configuration.
///
/// Dropping it closes the group: what waits is lost, and peers of no other group are disconnected.
#[derive(Debug)]
pub struct Group {
    registry: Arc<Registry>,
    roster: Arc<Roster>,
    own: OracleId,
    /// Where the next look for a message starts, so that no oracle is served before all others.
    next: usize,
}

impl Group {
    pub(crate) fn open(
        registry: &Arc<Registry>,
        own_peer: PeerId,
        config: GroupConfig,
    ) -> Result<Self, OpenError> {
        let GroupConfig {
            digest,
            members,
            limits,
        } = config;
        limits::check(&limits)?;
        let n = members.len();
        if n > MAX_ORACLES {
            return Err(OpenError::TooManyMembers { given: n });
        }
        let own = members
            .iter()
            .position(|member| member.peer == own_peer)
            .and_then(|index| OracleId::new(index, n))
            .ok_or(OpenError::NotAMember {
                own: own_peer,
                digest,
            })?;

        let arrived = Arc::new(Notify::new());
        let mut seen = BTreeSet::new();
        let mut others = Vec::with_capacity(n);
        for Member { peer, addresses } in members {
            if !seen.insert(peer) {
                return Err(OpenError::DuplicateMember { peer });
            }
            let addresses = addresses
                .iter()
                .map(|address| Address::parse(address, peer))
                .collect::<Result<_, _>>()?;
            others.push((peer != own_peer).then(|| Remote {
                link: Arc::new(Link::new(
                    digest,
                    peer,
                    &limits,
                    Arc::clone(&arrived),
                    Arc::clone(&registry.refused),
                )),
                addresses,
            }));
        }
        let roster = Arc::new(Roster {
            digest,
            others,
            arrived,
        });
        registry.insert(Arc::clone(&roster))?;
        Ok(Self {
            registry: Arc::clone(registry),
            roster,
            own,
            next: 0,
        })
    }

    /// Returns the configuration this group serves.
    #[must_use]
    pub fn digest(&self) -> ConfigDigest {
        self.roster.digest
    }

    /// Returns the oracle that this process is.
    #[must_use]
    pub const fn own(&self) -> OracleId {
        self.own
    }

    /// Queues `payload` for `to` and returns at once.
    ///
    /// Dropped, and counted, are: a message over the limit, the oldest waiting message when the
    /// queue is full, and a message to oneself or to no oracle of the group.
    pub fn send(&self, to: OracleId, payload: Bytes) {
        match self.link(to) {
            Some(link) => link.send(payload),
            None => self.registry.refused.count(Refusal::UnknownOracle),
        }
    }

    /// Queues `payload` for every other oracle and returns at once; the bytes are shared.
    ///
    /// The oracle's own copy does not pass through here.
    pub fn broadcast(&self, payload: &Bytes) {
        for link in self.links() {
            link.send(payload.clone());
        }
    }

    /// Waits for a message; returns nothing once the host is shut down.
    ///
    /// Oracles are served in turn. Nothing is lost when the call is cancelled.
    pub async fn recv(&mut self) -> Option<(OracleId, Bytes)> {
        let roster = Arc::clone(&self.roster);
        loop {
            if let Some(message) = self.take_received() {
                return Some(message);
            }
            if self.registry.is_shutdown() {
                return None;
            }
            roster.arrived.notified().await;
        }
    }

    /// Closes the group, as dropping it does.
    pub fn close(self) {}

    /// Returns how often messages or streams of `oracle` in this group were refused for `refusal`.
    #[must_use]
    pub fn refused(&self, oracle: OracleId, refusal: Refusal) -> u64 {
        self.link(oracle).map_or(0, |link| link.refused(refusal))
    }

    fn take_received(&mut self) -> Option<(OracleId, Bytes)> {
        let n = self.roster.others.len();
        let (index, payload) = (0..n)
            .map(|step| (self.next + step) % n)
            .find_map(|index| {
                let remote = self.roster.others[index].as_ref()?;
                Some((index, remote.link.take_received()?))
            })?;
        self.next = index + 1;
        Some((OracleId::new(index, n)?, payload))
    }

    fn link(&self, oracle: OracleId) -> Option<&Link> {
        Some(
            self.roster
                .others
                .get(oracle.index())?
                .as_ref()?
                .link
                .as_ref(),
        )
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        self.roster
            .others
            .iter()
            .flatten()
            .map(|remote| remote.link.as_ref())
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.registry.remove(self.roster.digest);
    }
}
