//! Which rounds have their report.
//!
//! Lines are those of `docs/protocol.md`.

mod echoes;

use core::time::Duration;
use std::collections::BTreeSet;

pub use self::echoes::Echoes;
use crate::attestation::AttestedReport;
use crate::config::PublicConfig;
use crate::drop_reason::DropReason;
use crate::id::EpochRound;

/// How long a report may be behind the latest.
const EXPIRY_SECONDS: f64 = 600.0;

/// The fewest and the most rounds that are remembered, whatever `DeltaRound` is.
const AGE_ROUNDS: (f64, f64) = (10.0, 1000.0);

/// What finalization wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A round has its report.
    Finalized(EpochRound),
    /// Pass the report on.
    Echo(AttestedReport),
    /// Bring the report to the chain.
    Transmit(AttestedReport),
    /// The round is complete.
    Complete,
}

/// Takes one report per round, whoever brings it.
///
/// Source: offchain-ocr2 5.6.
#[derive(Debug)]
pub struct Finalizer {
    r_max: u8,
    age_rounds: u64,
    finalized: BTreeSet<EpochRound>,
    latest: EpochRound,
}

impl Finalizer {
    /// Makes a finalizer that has seen no report.
    #[must_use]
    pub fn new(r_max: u8, delta_round: Duration) -> Self {
        Self {
            r_max,
            age_rounds: age_rounds(delta_round),
            finalized: BTreeSet::new(),
            latest: EpochRound::default(),
        }
    }

    /// Takes a report from an echo, of whatever epoch. Echo it and transmit it if this succeeds.
    ///
    /// # Errors
    /// `EchoRoundTooHigh`, `FinalExpired`, `FinalRepeated`, `SignatureCountWrong`, `SignerRepeated`,
    /// `SignatureInvalid`.
    pub fn on_echo(
        &mut self,
        config: &PublicConfig,
        report: &AttestedReport,
    ) -> Result<(), DropReason> {
        // P71
        if report.at.round.get() > self.r_max {
            return Err(DropReason::EchoRoundTooHigh);
        }
        self.is_wanted(report.at)?;
        report.verify(config)?;
        // P72
        self.finalize(report.at);
        Ok(())
    }

    /// Takes a report whose signatures the follower checked. Echo it and transmit it if this succeeds.
    ///
    /// # Errors
    /// `FinalExpired`, `FinalRepeated`.
    pub fn on_final(&mut self, report: &AttestedReport) -> Result<(), DropReason> {
        // P73
        self.is_wanted(report.at)?;
        self.finalize(report.at);
        Ok(())
    }

    /// Returns how many rounds it remembers: at most `2·age + 1`.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.finalized.len()
    }

    fn is_wanted(&self, at: EpochRound) -> Result<(), DropReason> {
        if self.is_expired(at) {
            return Err(DropReason::FinalExpired);
        }
        if self.finalized.contains(&at) {
            return Err(DropReason::FinalRepeated);
        }
        Ok(())
    }

    fn finalize(&mut self, at: EpochRound) {
        // P74
        self.finalized.insert(at);
        self.latest = self.latest.max(at);
        if self.finalized.len() as u64 > 2 * self.age_rounds {
            let mut finalized = core::mem::take(&mut self.finalized);
            finalized.retain(|&at| !self.is_expired(at));
            self.finalized = finalized;
        }
    }

    fn is_expired(&self, at: EpochRound) -> bool {
        self.index(at) + self.age_rounds <= self.index(self.latest)
    }

    /// Counts rounds over epochs.
    fn index(&self, at: EpochRound) -> u64 {
        u64::from(self.r_max) * u64::from(at.epoch.get()) + u64::from(at.round.get())
    }
}

/// Rounds in [`EXPIRY_SECONDS`], within [`AGE_ROUNDS`]; endless for a `delta_round` of zero.
///
/// In floating seconds, so that every implementation rounds alike. Source: offchain-ocr2 5.6 and A.12.
fn age_rounds(delta_round: Duration) -> u64 {
    let (fewest, most) = AGE_ROUNDS;
    (EXPIRY_SECONDS / delta_round.as_secs_f64())
        .ceil()
        .clamp(fewest, most) as u64
}
