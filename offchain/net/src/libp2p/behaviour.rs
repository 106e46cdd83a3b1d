//! Which connections there are: who is admitted, dialled, replaced and cut off.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::swarm::behaviour::{ConnectionEstablished, DialFailure, ListenFailure};
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{
    CloseConnection, ConnectionClosed, ConnectionDenied, ConnectionId, DialError, FromSwarm,
    ListenError, NetworkBehaviour, NotifyHandler, ToSwarm,
};
use libp2p::{Multiaddr, PeerId as SwarmPeer};
use tokio::time::Instant;

use super::handler::Handler;
use crate::address::Address;
use crate::dialing::{Dialing, Redial};
use crate::link::{Link, lock};
use crate::peer_id::PeerId;
use crate::refusal::Refusal;
use crate::registry::{Registry, Wanted};
use crate::token_bucket::TokenBucket;

/// Inbound handshakes at once, in total and from one address. Source: networking 15.2.
const MAX_HANDSHAKES: usize = 64;
const MAX_HANDSHAKES_PER_IP: usize = 16;
/// Inbound connections of one peer at once. Source: networking 7.4.
const CONNECTIONS_CAPACITY: u32 = 4;

type Action = ToSwarm<std::convert::Infallible, Vec<Arc<Link>>>;

/// Keeps one connection to each peer that an open group wants, and none to anyone else.
pub(crate) struct Behaviour {
    own: PeerId,
    redial: Redial,
    registry: Arc<Registry>,
    created: Instant,
    peers: BTreeMap<SwarmPeer, Peer>,
    /// Inbound connections that have not proved a key yet.
    handshakes: BTreeMap<ConnectionId, Option<IpAddr>>,
    /// Connections so far.
    connections: u64,
    actions: VecDeque<Action>,
}

struct Peer {
    id: PeerId,
    wanted: Wanted,
    connection: Option<Connection>,
    /// Connections the peer may still make.
    inbound: TokenBucket,
    dialing: Dialing,
}

#[derive(Clone, Copy)]
struct Connection {
    id: ConnectionId,
    since: Instant,
}

impl Behaviour {
    pub(crate) fn new(own: PeerId, redial: Redial, registry: Arc<Registry>) -> Self {
        Self {
            own,
            redial,
            registry,
            created: Instant::now(),
            peers: BTreeMap::new(),
            handshakes: BTreeMap::new(),
            connections: 0,
            actions: VecDeque::new(),
        }
    }

    /// Follows the open groups.
    pub(crate) fn follow_registry(&mut self) {
        let mut all = self.registry.wanted();
        let (stay, go): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.peers)
            .into_iter()
            .partition(|(_, peer)| all.contains_key(&peer.id));
        self.peers = stay;
        for (peer_id, peer) in go {
            if peer.connection.is_some() {
                let connection = CloseConnection::All;
                self.actions.push_back(ToSwarm::CloseConnection {
                    peer_id,
                    connection,
                });
            }
        }
        for (peer_id, peer) in &mut self.peers {
            let Some(wanted) = all.remove(&peer.id) else {
                continue;
            };
            if let Some(connection) = peer.connection {
                self.actions.push_back(ToSwarm::NotifyHandler {
                    peer_id: *peer_id,
                    handler: NotifyHandler::One(connection.id),
                    event: wanted.links.clone(),
                });
            }
            peer.wanted = wanted;
        }
        for (id, wanted) in all {
            let peer = self.new_peer(id, wanted);
            self.peers.insert(id.to_libp2p(), peer);
        }
        self.publish_connected();
    }

    fn new_peer(&self, id: PeerId, wanted: Wanted) -> Peer {
        let rate = self.redial.connections_per_second();
        Peer {
            id,
            wanted,
            connection: None,
            inbound: TokenBucket::full(rate, CONNECTIONS_CAPACITY, self.created.elapsed()),
            dialing: Dialing::new(self.redial, self.own, id, Instant::now()),
        }
    }

    // -- Dialling --

    /// Returns when to call [`Self::take_due`].
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.dialable()
            .filter_map(|(_, peer)| peer.dialing.due())
            .min()
    }

    /// Returns the peers to dial, where their addresses are to be looked up first.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<(SwarmPeer, Vec<Address>)> {
        let due: Vec<_> = self
            .dialable()
            .filter(|(_, peer)| peer.dialing.due().is_some_and(|due| due <= now))
            .map(|(id, peer)| (*id, peer.wanted.addresses.clone()))
            .collect();
        for (id, _) in &due {
            if let Some(peer) = self.peers.get_mut(id) {
                peer.dialing.begun();
            }
        }
        due
    }

    fn dialable(&self) -> impl Iterator<Item = (&SwarmPeer, &Peer)> {
        self.peers
            .iter()
            .filter(|(_, peer)| !peer.wanted.addresses.is_empty())
    }

    /// Dials a peer, unless it connected while its addresses were looked up.
    pub(crate) fn dial(&mut self, id: SwarmPeer, addresses: Vec<Multiaddr>) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        if peer.connection.is_some() {
            return;
        }
        if addresses.is_empty() {
            return peer.dialing.failed(Instant::now());
        }
        // From a port of its own: one 4-tuple per attempt, so that a quick redial finds it free.
        let opts = DialOpts::peer_id(id)
            .condition(PeerCondition::NotDialing)
            .addresses(addresses)
            .allocate_new_port()
            .build();
        self.actions.push_back(ToSwarm::Dial { opts });
    }

    fn dial_failed(&mut self, failure: DialFailure<'_>) {
        let Some((id, peer)) = failure
            .peer_id
            .and_then(|id| Some((id, self.peers.get_mut(&id)?)))
        else {
            return;
        };
        if let DialError::WrongPeerId { obtained, address } = failure.error {
            self.registry.refused.count(Refusal::WrongPeer);
            tracing::warn!(peer = %id, %address, found = %obtained, "another peer at this address");
        } else {
            tracing::debug!(peer = %id, reason = %failure.error, "dial failed");
        }
        if peer.connection.is_none() {
            peer.dialing.failed(Instant::now());
        }
    }

    // -- Admission --

    fn admit_handshake(&mut self, id: ConnectionId, ip: Option<IpAddr>) -> Result<(), Refusal> {
        let from_ip = self
            .handshakes
            .values()
            .filter(|other| **other == ip)
            .count();
        if self.handshakes.len() >= MAX_HANDSHAKES || from_ip >= MAX_HANDSHAKES_PER_IP {
            return Err(Refusal::TooManyHandshakes);
        }
        self.handshakes.insert(id, ip);
        Ok(())
    }

    fn admit_inbound(&mut self, id: SwarmPeer) -> Result<Handler, Refusal> {
        let now = self.created.elapsed();
        let peer = self.peers.get_mut(&id).ok_or(Refusal::Stranger)?;
        if !peer.inbound.remove(now, 1) {
            return Err(Refusal::ConnectionRate);
        }
        Ok(self.handler(id))
    }

    fn handler(&mut self, id: SwarmPeer) -> Handler {
        self.connections += 1;
        let links = self.peers.get(&id).map(|peer| peer.wanted.links.clone());
        Handler::new(self.connections, links.unwrap_or_default())
    }

    fn deny(&self, refusal: Refusal, from: &Multiaddr) -> ConnectionDenied {
        self.registry.refused.count(refusal);
        tracing::debug!(address = %from, reason = %refusal, "refused");
        ConnectionDenied::new(refusal.as_str())
    }

    // -- Connections --

    fn connected(&mut self, event: ConnectionEstablished<'_>) {
        let ConnectionEstablished {
            peer_id,
            connection_id: id,
            ..
        } = event;
        let Some(peer) = self.peers.get_mut(&peer_id) else {
            // Its last group closed during the handshake.
            return self.close(peer_id, id);
        };
        let newest = Connection {
            id,
            since: Instant::now(),
        };
        let replaced = peer.connection.replace(newest);
        tracing::info!(peer = %peer_id, "peer connected");
        if let Some(older) = replaced {
            self.registry.refused.count(Refusal::Superseded);
            self.close(peer_id, older.id);
        }
        self.publish_connected();
    }

    fn disconnected(&mut self, id: SwarmPeer, connection: ConnectionId) {
        let Some(peer) = self.peers.get_mut(&id) else {
            return;
        };
        if let Some(lost) = peer.connection.take_if(|current| current.id == connection) {
            peer.dialing.lost(lost.since, Instant::now());
            tracing::info!(peer = %id, "peer disconnected");
            self.publish_connected();
        }
    }

    fn close(&mut self, peer_id: SwarmPeer, id: ConnectionId) {
        let connection = CloseConnection::One(id);
        self.actions.push_back(ToSwarm::CloseConnection {
            peer_id,
            connection,
        });
    }

    fn publish_connected(&self) {
        let connected = self.peers.values().filter(|peer| peer.connection.is_some());
        *lock(&self.registry.connected) = connected.map(|peer| peer.id).collect();
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = std::convert::Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.admit_handshake(id, from.ip_addr())
            .map_err(|refusal| self.deny(refusal, from))
    }

    fn handle_established_inbound_connection(
        &mut self,
        id: ConnectionId,
        peer: SwarmPeer,
        _: &Multiaddr,
        from: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        self.handshakes.remove(&id);
        self.admit_inbound(peer)
            .map_err(|refusal| self.deny(refusal, from))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: SwarmPeer,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer))
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionEstablished(established) => self.connected(established),
            FromSwarm::ConnectionClosed(ConnectionClosed {
                peer_id,
                connection_id,
                ..
            }) => {
                self.disconnected(peer_id, connection_id);
            }
            FromSwarm::DialFailure(failure) => self.dial_failed(failure),
            FromSwarm::ListenFailure(ListenFailure {
                connection_id,
                error,
                ..
            }) => {
                self.handshakes.remove(&connection_id);
                if !matches!(error, ListenError::Denied { .. }) {
                    self.registry.refused.count(Refusal::Handshake);
                }
            }
            _ => {}
        }
    }

    /// A rule was broken on a connection.
    fn on_connection_handler_event(
        &mut self,
        peer: SwarmPeer,
        connection: ConnectionId,
        refusal: Refusal,
    ) {
        tracing::warn!(%peer, reason = %refusal, "peer cut off");
        self.close(peer, connection);
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Action> {
        // What is pushed here is pushed from within the swarm's own polling, or just before it.
        self.actions.pop_front().map_or(Poll::Pending, Poll::Ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_are_bounded_in_total_and_from_one_address() {
        let registry = Arc::new(Registry::default());
        let own = PeerId::from_public_key([1; 32]);
        let mut behaviour = Behaviour::new(own, Redial::default(), registry);
        let ids = || (0..).map(ConnectionId::new_unchecked);
        let ip = |number: usize| Some(IpAddr::from([10, 0, 0, number as u8]));

        let admitted = ids()
            .take_while(|id| behaviour.admit_handshake(*id, ip(0)).is_ok())
            .count();
        assert_eq!(admitted, MAX_HANDSHAKES_PER_IP);

        let others = ids().skip(admitted).enumerate();
        let admitted_too = others
            .take_while(|(number, id)| behaviour.admit_handshake(*id, ip(1 + number / 10)).is_ok())
            .count();
        assert_eq!(admitted + admitted_too, MAX_HANDSHAKES);

        behaviour.handshakes.clear();
        let first = ConnectionId::new_unchecked(0);
        assert_eq!(behaviour.admit_handshake(first, ip(0)), Ok(()));
    }
}
