//! The one peer of this process.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{Config, SwarmEvent};
use libp2p::{Multiaddr, PeerId as SwarmPeer, Swarm, identity};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use zeroize::Zeroizing;

use crate::address::Address;
use crate::dialing::Redial;
use crate::error::{HostError, OpenError};
use crate::group::{Group, GroupConfig};
use crate::libp2p::behaviour::Behaviour;
use crate::libp2p::transport;
use crate::link::lock;
use crate::peer_id::PeerId;
use crate::refusal::Refusal;
use crate::registry::Registry;

/// Time for looking up a host name.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Who this process is among the peers, and where it listens.
pub struct NetworkConfig {
    /// Secret of the ed25519 key whose public half is the on-chain peer id (the RFC 8032 seed).
    pub secret: Zeroizing<[u8; 32]>,
    /// One or more of `/ip4/…/tcp/…` and `/ip6/…/tcp/…`; port 0 lets the system choose.
    pub listen: Vec<Multiaddr>,
    /// How long to wait before dialling a peer again.
    pub redial: Redial,
}

/// The peer of this process: one key, its listening sockets, one connection to each other peer.
///
/// Dropping it stops it at once, as [`Host::shutdown`] does in order.
#[derive(Debug)]
pub struct Host {
    peer_id: PeerId,
    local_addrs: Vec<Multiaddr>,
    registry: Arc<Registry>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What a host has seen so far.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Peers with a connection, in order.
    pub connected: Vec<PeerId>,
    /// How often each refusal happened, in every group together, in the order of [`Refusal::ALL`].
    pub refused: Vec<(Refusal, u64)>,
}

impl Stats {
    /// Returns how often `refusal` happened.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> u64 {
        self.refused[refusal as usize].1
    }
}

impl Host {
    /// Binds the listen addresses and starts the one task that owns the network.
    ///
    /// It needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// When there is no listen address, or one is malformed or taken.
    pub async fn start(config: NetworkConfig) -> Result<Self, HostError> {
        let NetworkConfig {
            mut secret,
            listen,
            redial,
        } = config;
        // libp2p wipes what it is given.
        let key = identity::Keypair::ed25519_from_bytes(secret.as_mut_slice())
            .expect("32 bytes are an ed25519 seed");
        let peer_id = PeerId::from_libp2p(key.public().to_peer_id())
            .expect("the id of an ed25519 key is its identity multihash");
        let registry = Arc::new(Registry::default());
        let mut swarm = Swarm::new(
            transport::build(&key)?,
            Behaviour::new(peer_id, redial, Arc::clone(&registry)),
            peer_id.to_libp2p(),
            Config::with_tokio_executor(),
        );
        let local_addrs = bind(&mut swarm, listen).await?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(swarm, Arc::clone(&registry), stopped));
        tracing::info!(peer = %peer_id, addresses = ?local_addrs, "listening");
        Ok(Self {
            peer_id,
            local_addrs,
            registry,
            stop,
            task,
        })
    }

    /// Returns this process's peer id.
    #[must_use]
    pub const fn peer_id(&self) -> PeerId {
        self.peer_id
    }

    /// Returns the addresses that were bound, with the ports the system chose.
    #[must_use]
    pub fn local_addrs(&self) -> &[Multiaddr] {
        &self.local_addrs
    }

    /// Opens the streams of a configuration.
    ///
    /// Groups of several digests may be open at once, for instance while one replaces another.
    ///
    /// # Errors
    ///
    /// When the configuration is malformed, does not contain this peer, or is open.
    pub fn open(&self, config: GroupConfig) -> Result<Group, OpenError> {
        Group::open(&self.registry, self.peer_id, config)
    }

    /// Returns who is connected, and what was refused so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            connected: lock(&self.registry.connected).clone(),
            refused: Refusal::ALL
                .map(|refusal| (refusal, self.registry.refused.get(refusal)))
                .into(),
        }
    }

    /// Ends every connection and frees the listening sockets. Groups then receive nothing.
    pub async fn shutdown(self) {
        // Either fails only when the task is gone, which is what is wanted.
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

/// Binds every address and waits until each is listened on.
async fn bind(
    swarm: &mut Swarm<Behaviour>,
    listen: Vec<Multiaddr>,
) -> Result<Vec<Multiaddr>, HostError> {
    if listen.is_empty() {
        return Err(HostError::NoListenAddress);
    }
    let mut bound = Vec::new();
    for address in listen {
        let socket = socket_address(&address).ok_or_else(|| HostError::BadListenAddress {
            address: address.clone(),
        })?;
        let failed = |source| HostError::Listen {
            address: address.clone(),
            source,
        };
        // libp2p lets two processes listen on one port, and each would miss half its peers.
        drop(TcpListener::bind(socket).map_err(failed)?);
        let id = swarm
            .listen_on(address.clone())
            .map_err(|error| failed(std::io::Error::other(error)))?;
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr {
                    listener_id,
                    address,
                } if listener_id == id => {
                    bound.push(address);
                    break;
                }
                SwarmEvent::ListenerClosed {
                    listener_id,
                    reason,
                    ..
                } if listener_id == id => {
                    let source = reason
                        .err()
                        .unwrap_or(std::io::ErrorKind::NotConnected.into());
                    return Err(failed(source));
                }
                _ => {}
            }
        }
    }
    Ok(bound)
}

fn socket_address(address: &Multiaddr) -> Option<SocketAddr> {
    let mut parts = address.iter();
    let ip = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    match (parts.next()?, parts.next()) {
        (Protocol::Tcp(port), None) => Some(SocketAddr::new(ip, port)),
        _ => None,
    }
}

/// Owns the swarm until told to stop, or until the host is dropped.
async fn run(
    mut swarm: Swarm<Behaviour>,
    registry: Arc<Registry>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut look_ups = JoinSet::new();
    loop {
        let due = swarm.behaviour().next_due();
        tokio::select! {
            _ = &mut stopped => break,
            () = registry.changed.notified() => swarm.behaviour_mut().follow_registry(),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                for (peer, addresses) in swarm.behaviour_mut().take_due(Instant::now()) {
                    look_ups.spawn(look_up(peer, addresses));
                }
            }
            Some(Ok((peer, addresses))) = look_ups.join_next() => {
                swarm.behaviour_mut().dial(peer, addresses);
            }
            event = swarm.select_next_some() => watch(&event),
        }
    }
    registry.shut_down();
}

async fn look_up(peer: SwarmPeer, addresses: Vec<Address>) -> (SwarmPeer, Vec<Multiaddr>) {
    let mut found = Vec::new();
    for address in addresses {
        match timeout(LOOK_UP, address.resolve()).await {
            Ok(Ok(resolved)) => found.extend(resolved),
            Ok(Err(error)) => tracing::debug!(%peer, reason = %error, "address not found"),
            Err(_) => tracing::debug!(%peer, reason = "timeout", "address not found"),
        }
    }
    (peer, found)
}

fn watch(event: &SwarmEvent<std::convert::Infallible>) {
    match event {
        SwarmEvent::ListenerClosed {
            addresses,
            reason: Err(error),
            ..
        } => {
            tracing::error!(?addresses, reason = %error, "no longer listening");
        }
        SwarmEvent::ListenerError { error, .. } => {
            tracing::warn!(reason = %error, "cannot accept a connection");
        }
        _ => {}
    }
}
