//! What happened, in order: for failures, timelines, and to compare two runs.

use core::fmt;
use core::hash::{Hash as _, Hasher as _};
use std::collections::VecDeque;
use std::hash::DefaultHasher;

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use ocr_protocol::time::Instant;

use crate::chain::Refusal;
use crate::scenario::Fault;

/// Entries that a failure shows.
const LAST: usize = 60;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum What {
    /// An oracle started.
    Started,
    /// An oracle crashed, or was stopped.
    Stopped,
    /// An oracle entered an epoch.
    Entered(Epoch),
    /// A message left for a seat.
    Sent {
        /// To whom.
        to: usize,
        /// Which kind.
        kind: &'static str,
        /// Its round; round 0 for NewEpoch.
        at: EpochRound,
    },
    /// A message arrived.
    Heard {
        /// From whom.
        from: usize,
        /// When it left.
        sent: Instant,
        /// Which kind.
        kind: &'static str,
        /// Its round; round 0 for NewEpoch.
        at: EpochRound,
    },
    /// The answer to a question came.
    Answered,
    /// A timer fired.
    Ticked,
    /// An input was refused.
    Refused(DropReason),
    /// A report was handed to the chain.
    Transmitted(EpochRound),
    /// The chain took it.
    Included(EpochRound),
    /// The chain refused it.
    Reverted(Refusal),
    /// Something went wrong on purpose.
    Fault(Fault),
    /// Everything stopped to go wrong.
    Calm,
}

/// One thing that happened, when and where.
#[derive(Clone, Debug)]
pub struct Entry {
    /// World time.
    pub now: Instant,
    /// Where; nothing for the chain and the world.
    pub seat: Option<usize>,
    /// What.
    pub what: What,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.3} s  ", self.now.as_nanos() as f64 / 1e9)?;
        match self.seat {
            Some(seat) => write!(f, "oracle {seat:<2} {:?}", self.what),
            None => write!(f, "world     {:?}", self.what),
        }
    }
}

/// Everything that happened, or the end of it.
#[derive(Debug)]
pub struct Trace {
    /// Keeps everything.
    keeps_all: bool,
    entries: VecDeque<Entry>,
    hasher: DefaultHasher,
}

impl Trace {
    /// Starts to keep everything, or only the end.
    #[must_use]
    pub fn new(keeps_all: bool) -> Self {
        Self {
            keeps_all,
            entries: VecDeque::new(),
            hasher: DefaultHasher::new(),
        }
    }

    /// Adds what happened.
    pub fn push(&mut self, now: Instant, seat: Option<usize>, what: What) {
        now.hash(&mut self.hasher);
        seat.hash(&mut self.hasher);
        core::mem::discriminant(&what).hash(&mut self.hasher);
        if !self.keeps_all && self.entries.len() == LAST {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { now, seat, what });
    }

    /// Returns what is kept, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Returns a number that differs between runs that differ.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.hasher.finish()
    }
}

/// Returns a message's name and round.
#[must_use]
pub fn label(message: &Message) -> (&'static str, EpochRound) {
    match message {
        Message::NewEpoch { epoch } => ("NewEpoch", EpochRound::new(epoch.get(), 0)),
        Message::ObserveReq { at, .. } => ("ObserveReq", *at),
        Message::Observe { at, .. } => ("Observe", *at),
        Message::ReportReq { at, .. } => ("ReportReq", *at),
        Message::Report { at, .. } => ("Report", *at),
        Message::Final(report) => ("Final", report.at),
        Message::FinalEcho(report) => ("FinalEcho", report.at),
    }
}
