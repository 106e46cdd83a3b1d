//! What happens next, and when.

use core::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use ocr_protocol::id::OracleId;
use ocr_protocol::oracle::Input;
use ocr_protocol::time::Instant;

use crate::chain::Call;
use crate::scenario::Fault;

/// Bytes on their way.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) to: usize,
    pub(super) from: OracleId,
    pub(super) sent: Instant,
    /// Which configuration's stream they are on.
    pub(super) config: usize,
    pub(super) bytes: Arc<[u8]>,
}

/// What happens next.
#[derive(Debug)]
pub(super) enum Event {
    /// Bytes arrive.
    Arrive(Arrival),
    /// A process gets an answer it asked for.
    Answer {
        seat: usize,
        life: u64,
        input: Input,
    },
    /// A process wants a tick.
    Wake { seat: usize, life: u64 },
    /// A seat's oracle starts, or starts again.
    Start { seat: usize, life: u64 },
    /// A seat looks for another configuration of the contract.
    Track { seat: usize },
    /// An adversary has a moment.
    Scheme { seat: usize },
    /// A transaction reaches the chain.
    Submit { call: Call },
    /// A block is mined.
    Mine,
    /// Something goes wrong.
    Fault { fault: Fault },
    /// Nothing goes wrong any more.
    Calm,
    /// The checkers look at the whole world.
    Look,
}

/// An event and when, ordered by time, then by when it was thought of.
#[derive(Debug)]
struct Scheduled {
    at: Instant,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// Events to come, the next first; at one instant, in the order they were thought of.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Scheduled>>,
    count: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at: Instant, event: Event) {
        self.count += 1;
        let number = self.count;
        self.heap.push(Reverse(Scheduled { at, number, event }));
    }

    pub(super) fn pop(&mut self) -> Option<(Instant, Event)> {
        let Reverse(next) = self.heap.pop()?;
        Some((next.at, next.event))
    }
}
