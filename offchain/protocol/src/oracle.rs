//! The whole oracle: inputs in, outputs out, and nothing else.
//!
//! One [`Machine`] has the stages in their order; a file for each version wires what that does its own
//! way.
//!
//! A driver owns one oracle for each configuration and repeats:
//!
//! 1. wait for the first of: [`poll_timeout`](Machine::poll_timeout), a message, an answer;
//! 2. call [`handle`](Machine::handle) with it;
//! 3. perform the outputs **in their order**: an [`Output::Persist`] is durable before the next
//!    output is touched. Requests are answered later, by inputs of their own.
//!
//! [`Input::Start`] comes first, once.

mod machine;
mod mailbox;
pub mod ocr1;
pub mod ocr2;

use core::time::Duration;

pub use machine::{Machine, Queues, Version};
pub use mailbox::{FUTURE_MESSAGES_MAX, OWN_MESSAGES_MAX};

use crate::attestation::AttestedReport;
use crate::drop_reason::DropReason;
use crate::id::{Epoch, EpochRound, OracleId};
use crate::message::Message;
use crate::observation::Observation;
use crate::pacemaker::PacemakerState;
use crate::per_oracle::PerOracle;
use crate::report::ChainView;
use crate::transmit::Pending;

/// What happens to an oracle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// It starts.
    Start,
    /// The time of [`poll_timeout`](Machine::poll_timeout) has come.
    Tick,
    /// Another oracle said something.
    Message {
        /// Who, as the transport knows it.
        from: OracleId,
        /// What.
        message: Message,
    },
    /// Answers [`Output::Observe`].
    Observed {
        /// The request's round.
        at: EpochRound,
        /// What the source said.
        result: Result<Observation, Failed>,
    },
    /// Answers [`Output::ReadChain`].
    ChainRead {
        /// The request's round.
        at: EpochRound,
        /// The request's purpose.
        purpose: ReadPurpose,
        /// What the chain shows.
        result: Result<ChainView, Failed>,
    },
}

/// The driver could not do what was asked, in time or at all; why is in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// What is decided with the chain's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadPurpose {
    /// Whether to report. Needs requests for rounds within DeltaC too.
    Report,
    /// Whether to accept an attested report.
    Accept,
    /// Whether to transmit an accepted report.
    Transmit,
}

/// What an oracle wants done; the order is a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Make this durable before any output that follows.
    Persist(Record),
    /// Send to one other oracle.
    Send {
        /// To whom.
        to: OracleId,
        /// What.
        message: Message,
    },
    /// Send to all other oracles; this one's own copy is delivered already.
    Broadcast {
        /// What.
        message: Message,
    },
    /// Ask the source for an observation.
    Observe {
        /// For which round.
        at: EpochRound,
        /// Answer within this time, with a failure if need be.
        timeout: Duration,
    },
    /// Ask the chain what it shows.
    ReadChain {
        /// For which round.
        at: EpochRound,
        /// For which decision.
        purpose: ReadPurpose,
        /// Answer within this time, with a failure if need be.
        timeout: Duration,
    },
    /// Transmit to the contract.
    Transmit {
        /// A report whose turn has come.
        report: AttestedReport,
    },
    /// An input was refused: one metric, one line in the log.
    Dropped {
        /// Who sent it, where it is a message.
        from: Option<OracleId>,
        /// Which guard refused it.
        reason: DropReason,
    },
    /// Something to count, log or tell.
    Event(Event),
}

/// What must survive a restart. The driver stores it under the configuration's digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Replaces the pacemaker's state.
    Pacemaker(PacemakerState),
    /// Replaces the highest round with a signed observation.
    SignedObservation(EpochRound),
    /// Replaces the highest round with a signed report.
    SignedReport(EpochRound),
    /// Adds a pending report, or replaces that of its round.
    PendingInsert(Pending),
    /// Removes the pending report of a round.
    PendingDelete(EpochRound),
}

/// What survived a restart; all empty for a configuration that is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Persisted {
    /// The pacemaker's state.
    pub pacemaker: Option<PacemakerState>,
    /// The highest round with a signed observation.
    pub signed_observation: Option<EpochRound>,
    /// The highest round with a signed report.
    pub signed_report: Option<EpochRound>,
    /// Pending reports. A time before the driver's start is [`Instant::START`](crate::time::Instant::START).
    pub pending: Vec<Pending>,
}

/// What metrics, logs and telemetry tell.
///
/// Source: offchain-ocr2 7.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The oracle entered an epoch; not told of the first one after a start.
    EpochStarted {
        /// The epoch.
        epoch: Epoch,
        /// Its leader.
        leader: OracleId,
    },
    /// The leader started a round.
    RoundStarted {
        /// The round.
        at: EpochRound,
        /// The leader.
        leader: OracleId,
    },
    /// This oracle signed its observation for the leader.
    ObservationSigned {
        /// The round.
        at: EpochRound,
    },
    /// The leader's list has this oracle's observation in it.
    ObservationIncluded {
        /// The round.
        at: EpochRound,
    },
    /// This oracle signed a report for the leader.
    ReportSigned {
        /// The round.
        at: EpochRound,
    },
    /// This oracle voted for no report.
    ReportSkipped {
        /// The round.
        at: EpochRound,
    },
    /// A round completed, with a report or a vote for none.
    RoundCompleted {
        /// The round.
        at: EpochRound,
        /// The leader.
        leader: OracleId,
    },
    /// An attested report of a round arrived, for the first time.
    ReportFinalized {
        /// The round.
        at: EpochRound,
    },
    /// Whether an attested report is accepted was decided.
    AcceptDecided {
        /// The round.
        at: EpochRound,
        /// The decision; nothing when none could be made.
        decision: Option<bool>,
    },
    /// An accepted report has its schedule.
    ScheduleComputed {
        /// The round.
        at: EpochRound,
        /// How long each oracle waits; nothing for those that do not transmit it.
        delays: PerOracle<Option<Duration>>,
    },
    /// Whether a report whose turn has come is transmitted was decided.
    TransmitDecided {
        /// The round.
        at: EpochRound,
        /// The decision; nothing when none could be made.
        decision: Option<bool>,
    },
}

/// What an oracle waits for. Source: offchain-ocr2 4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The leader's time is over.
    Progress,
    /// The wish for an epoch is to be repeated.
    Resend,
    /// The leader may start its next round.
    Round,
    /// The leader waits no longer for observations.
    Grace,
    /// A pending report is due.
    Transmit,
}
