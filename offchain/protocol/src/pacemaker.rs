//! When to give up on a leader, and which epoch the committee is in.
//!
//! Lines are those of `docs/protocol.md`.

use core::time::Duration;

use crate::drop_reason::DropReason;
use crate::id::{Committee, Epoch, OracleId};
use crate::per_oracle::PerOracle;
use crate::time::Instant;

/// What the pacemaker keeps across restarts.
///
/// Source: offchain-ocr2 5.8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacemakerState {
    /// The epoch this oracle is in.
    pub epoch: Epoch,
    /// The highest epoch this oracle asked for.
    pub highest_sent: Epoch,
    /// The highest epoch each oracle asked for, in oracle order.
    pub highest_received: Vec<Epoch>,
}

/// What the pacemaker wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Make the state durable before what follows.
    Persist(PacemakerState),
    /// Ask all oracles, this one included, for the epoch.
    Announce(Epoch),
    /// Abandon the running round and enter the epoch.
    Enter(Epoch),
}

/// Decides when this oracle asks for a new epoch and when it enters one.
///
/// Source: offchain-ocr2 5.2.
#[derive(Debug)]
pub struct Pacemaker {
    committee: Committee,
    delta_progress: Duration,
    delta_resend: Duration,
    epoch: Epoch,
    highest_sent: Epoch,
    highest_received: PerOracle<Epoch>,
    progress_at: Option<Instant>,
    resend_at: Option<Instant>,
}

impl Pacemaker {
    /// Makes a pacemaker in the first epoch that nobody asked for anything.
    #[must_use]
    pub fn new(committee: Committee, delta_progress: Duration, delta_resend: Duration) -> Self {
        Self {
            committee,
            delta_progress,
            delta_resend,
            epoch: Epoch::FIRST,
            highest_sent: Epoch::ZERO,
            highest_received: PerOracle::from_fn(committee, |_| Epoch::ZERO),
            progress_at: None,
            resend_at: None,
        }
    }

    /// Continues from what was stored.
    ///
    /// # Errors
    /// A state that cannot be one changes nothing: `StateCorrupted`, `StateStale`.
    pub fn restore(&mut self, state: PacemakerState) -> Result<(), DropReason> {
        // P2
        if state.highest_sent < state.epoch {
            return Err(DropReason::StateCorrupted);
        }
        let received = PerOracle::from_vec(self.committee, state.highest_received)
            .ok_or(DropReason::StateCorrupted)?;
        if state.epoch < Epoch::FIRST {
            return Err(DropReason::StateStale);
        }
        self.epoch = state.epoch;
        self.highest_sent = state.highest_sent;
        self.highest_received = received;
        Ok(())
    }

    /// Learns that the contract's latest report is of `epoch`: this one is over.
    pub fn skip_past(&mut self, epoch: Epoch) {
        // P3
        if let Some(next) = epoch.next() {
            self.highest_sent = self.highest_sent.max(next);
        }
    }

    /// Starts the timers and asks for the epoch it last asked for.
    pub fn start(&mut self, now: Instant, out: &mut Vec<Output>) {
        // P5
        self.progress_at = Some(now + self.delta_progress);
        self.announce(now, out);
    }

    /// Returns the epoch this oracle is in.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns when the leader has had its time without completing a round.
    #[must_use]
    pub const fn progress_at(&self) -> Option<Instant> {
        self.progress_at
    }

    /// Returns when to repeat what it last asked for.
    #[must_use]
    pub const fn resend_at(&self) -> Option<Instant> {
        self.resend_at
    }

    /// Hears that oracle `from` asks for `asked`.
    ///
    /// # Errors
    /// `EpochNotHigher`.
    pub fn on_new_epoch(
        &mut self,
        now: Instant,
        from: OracleId,
        asked: Epoch,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P31
        if asked <= self.highest_received[from] {
            return Err(DropReason::EpochNotHigher);
        }
        // P32
        self.highest_received[from] = asked;

        // P33
        let amplified = self.highest_asked_by_more_than(self.committee.f());
        let amplifies = amplified > self.highest_sent;
        if amplifies {
            self.highest_sent = amplified;
        }
        // P34
        let agreed = self.highest_asked_by_more_than(2 * self.committee.f());
        let switches = agreed > self.epoch;
        if switches {
            assert!(
                self.highest_sent >= agreed,
                "more than f ask for what more than 2f ask for"
            );
            self.epoch = agreed;
            self.progress_at = Some(now + self.delta_progress);
        }
        // P35
        out.push(Output::Persist(self.state()));
        if amplifies {
            self.announce(now, out);
        }
        if switches {
            out.push(Output::Enter(agreed));
        }
        Ok(())
    }

    /// Hears that a round completed.
    pub fn on_progress(&mut self, now: Instant) {
        // P36
        self.progress_at = Some(now + self.delta_progress);
    }

    /// Gives up on the leader: its time is over, or it started more rounds than an epoch has.
    ///
    /// # Errors
    /// `EpochsExhausted`.
    pub fn on_change_leader(
        &mut self,
        now: Instant,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P37
        self.progress_at = None;
        let next = self.epoch.next().ok_or(DropReason::EpochsExhausted)?;
        // P38
        if next > self.highest_sent {
            self.highest_sent = next;
            out.push(Output::Persist(self.state()));
        }
        self.announce(now, out);
        Ok(())
    }

    /// Repeats what it last asked for.
    pub fn on_resend(&mut self, now: Instant, out: &mut Vec<Output>) {
        // P39
        self.announce(now, out);
    }

    fn announce(&mut self, now: Instant, out: &mut Vec<Output>) {
        out.push(Output::Announce(self.highest_sent));
        self.resend_at = Some(now + self.delta_resend);
    }

    /// The highest epoch that more than `count` oracles have asked for.
    fn highest_asked_by_more_than(&self, count: usize) -> Epoch {
        let mut asked = self.highest_received.as_slice().to_vec();
        asked.sort_unstable();
        asked[asked.len() - 1 - count]
    }

    fn state(&self) -> PacemakerState {
        PacemakerState {
            epoch: self.epoch,
            highest_sent: self.highest_sent,
            highest_received: self.highest_received.as_slice().to_vec(),
        }
    }
}
