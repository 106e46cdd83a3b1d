//! What must hold after every event, whatever happens. `docs/invariants.md` has a heading for each rule.

mod chain;
mod liveness;
mod oracles;
mod signing;

use core::fmt;

use ocr_protocol::id::{ConfigDigest, EpochRound};
use ocr_protocol::time::Instant;

pub use self::liveness::{Calm, Liveness};
pub use self::oracles::Oracles;
pub use self::signing::Signing;

/// Violations that are kept; one is bad enough.
const VIOLATIONS_MAX: usize = 10;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// When.
    pub now: Instant,
    /// Which promise.
    pub rule: Rule,
    /// Who, where, what.
    pub detail: String,
}

/// A promise. Its name is its heading in `docs/invariants.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Epochs of an honest oracle never go back.
    EpochsNeverGoBack,
    /// An honest oracle signs one observation and one report in a round at most, restarts included.
    SignedOnce,
    /// What a message relies on is durable before it is sent.
    DurableBeforeSent,
    /// Honest oracles refuse no signature of honest oracles.
    HonestSignaturesHold,
    /// Everything that waits is bounded.
    QueuesAreBounded,
    /// Epoch and round on the chain grow with each report.
    ChainNeverGoesBack,
    /// What the chain takes, more than f oracles signed.
    ChainTakesAttested,
    /// What the chain answers lies between two honest observations.
    AnswersAreHonest,
    /// In calm weather the chain gets a report in time.
    CalmBringsReports,
    /// In calm weather honest oracles follow each other into epochs.
    CalmBringsTogether,
    /// In calm weather no oracle transmits before its stage, or what the chain has.
    CalmSavesTransmissions,
    /// A run comes to its end.
    EventsEnd,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.now.as_nanos() as f64 / 1e9;
        write!(f, "{:?} at {seconds:.3} s: {}", self.rule, self.detail)
    }
}

/// Broken promises, in order.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes that `rule` is broken, unless `holds`.
    pub fn check(
        &mut self,
        holds: bool,
        now: Instant,
        rule: Rule,
        detail: impl FnOnce() -> String,
    ) {
        if !holds && self.0.len() < VIOLATIONS_MAX {
            self.0.push(Violation {
                now,
                rule,
                detail: detail(),
            });
        }
    }

    /// Returns them.
    #[must_use]
    pub fn as_slice(&self) -> &[Violation] {
        &self.0
    }
}

/// A round of a certain configuration.
type Place = (ConfigDigest, EpochRound);
