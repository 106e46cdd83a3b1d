//! Which groups are open: written by their owners, followed by the swarm.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use ocr_protocol::id::ConfigDigest;
use tokio::sync::Notify;

use crate::address::Address;
use crate::error::OpenError;
use crate::limits::MAX_GROUPS;
use crate::link::{Link, lock};
use crate::peer_id::PeerId;
use crate::refusal::Counters;

/// The open groups of a host.
///
/// The swarm follows the *state*, not a sequence of commands: nothing can be queued, lost or
/// reordered between a group's owner and the swarm.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    groups: Mutex<BTreeMap<ConfigDigest, Arc<Roster>>>,
    shutdown: AtomicBool,
    /// Told when the groups change.
    pub(crate) changed: Notify,
    pub(crate) refused: Arc<Counters>,
    /// Written by the swarm.
    pub(crate) connected: Mutex<Vec<PeerId>>,
}

/// The other oracles of a group.
#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) digest: ConfigDigest,
    /// In oracle order; nothing stands for this process itself.
    pub(crate) others: Vec<Option<Remote>>,
    /// Told when a message was received, and when the host shuts down.
    pub(crate) arrived: Arc<Notify>,
}

/// Another oracle of a group, and where it listens.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) link: Arc<Link>,
    pub(crate) addresses: Vec<Address>,
}

/// What all open groups together want of a peer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) links: Vec<Arc<Link>>,
    pub(crate) addresses: Vec<Address>,
}

impl Registry {
    /// Opens a group.
    pub(crate) fn insert(&self, roster: Arc<Roster>) -> Result<(), OpenError> {
        let mut groups = lock(&self.groups);
        if self.is_shutdown() {
            return Err(OpenError::Shutdown);
        }
        if groups.contains_key(&roster.digest) {
            return Err(OpenError::AlreadyOpen {
                digest: roster.digest,
            });
        }
        if groups.len() >= MAX_GROUPS {
            return Err(OpenError::TooManyGroups);
        }
        groups.insert(roster.digest, roster);
        self.changed.notify_one();
        Ok(())
    }

    /// Closes a group.
    pub(crate) fn remove(&self, digest: ConfigDigest) {
        lock(&self.groups).remove(&digest);
        self.changed.notify_one();
    }

    /// Ends waiting in every group, now and later.
    pub(crate) fn shut_down(&self) {
        let groups = lock(&self.groups);
        self.shutdown.store(true, Ordering::Release);
        groups
            .values()
            .for_each(|roster| roster.arrived.notify_one());
    }

    pub(crate) fn is_shutdown(&self) -> bool {
        self.shutdown.load(Ordering::Acquire)
    }

    /// Returns what the open groups want of each peer.
    pub(crate) fn wanted(&self) -> BTreeMap<PeerId, Wanted> {
        let mut wanted = BTreeMap::<PeerId, Wanted>::new();
        for remote in lock(&self.groups)
            .values()
            .flat_map(|group| group.others.iter().flatten())
        {
            let peer = wanted.entry(remote.link.peer).or_default();
            peer.links.push(Arc::clone(&remote.link));
            for address in &remote.addresses {
                if !peer.addresses.contains(address) {
                    peer.addresses.push(address.clone());
                }
            }
        }
        wanted
    }
}
