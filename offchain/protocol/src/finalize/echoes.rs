//! OCR1: who has a round's report. Lines are those of `docs/protocol.md`.

use super::Output;
use crate::attestation::AttestedReport;
use crate::config::PublicConfig;
use crate::drop_reason::DropReason;
use crate::id::OracleId;
use crate::per_oracle::PerOracle;
use crate::round::Follower;

/// Counts the echoes of one round: its report is final once more than f oracles have it.
///
/// Source: offchain-ocr1 5.4.2.
#[derive(Debug)]
pub struct Echoes {
    heard_from: PerOracle<bool>,
    /// The first report there was, which is the one to transmit.
    shown: Option<AttestedReport>,
}

impl Echoes {
    /// Starts with a round of which nobody has the report.
    #[must_use]
    pub fn new(config: &PublicConfig) -> Self {
        Self {
            heard_from: PerOracle::from_fn(config.committee, |_| false),
            shown: None,
        }
    }

    /// Takes a report from the leader, whose signatures the follower checked.
    ///
    /// # Errors
    /// `FinalRepeated`.
    pub fn on_final(
        &mut self,
        report: AttestedReport,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P105
        if self.shown.is_some() {
            return Err(DropReason::FinalRepeated);
        }
        self.show(report, out);
        Ok(())
    }

    /// Takes a report that `from` passes on.
    ///
    /// # Errors
    /// The guards of P106.
    pub fn on_echo(
        &mut self,
        config: &PublicConfig,
        follower: &Follower,
        from: OracleId,
        report: AttestedReport,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P106
        if report.at.round != follower.round() {
            return Err(DropReason::EchoOtherRound);
        }
        if self.heard_from[from] {
            return Err(DropReason::EchoRepeated);
        }
        if follower.completed() {
            return Err(DropReason::EchoAfterCompletion);
        }
        // All honest oracles pass on what the leader showed: its signatures are checked once.
        let is_checked = |shown: &AttestedReport| shown.has_the_signatures_of(&report);
        if !self.shown.as_ref().is_some_and(is_checked) {
            report.verify(config)?;
        }
        // P107
        self.heard_from[from] = true;
        if self.shown.is_none() {
            self.show(report, out);
        }
        let count = self.heard_from.as_slice().iter().filter(|&&heard| heard);
        if config.committee.is_amplified_by(count.count()) {
            let shown = self
                .shown
                .clone()
                .expect("shown just before, if not earlier");
            out.push(Output::Finalized(shown.at));
            out.push(Output::Transmit(shown));
            out.push(Output::Complete);
        }
        Ok(())
    }

    fn show(&mut self, report: AttestedReport, out: &mut Vec<Output>) {
        self.shown = Some(report.clone());
        out.push(Output::Echo(report));
    }
}
