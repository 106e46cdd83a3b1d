//! OCR2's own: a report is final once anyone shows a quorum's signatures, and the plugin's median decides.
//!
//! Lines are those of `docs/protocol.md`.

use super::Failed;
use super::machine::{Machine, Version};
use crate::attestation::AttestedReport;
use crate::config::PublicConfig;
use crate::drop_reason::DropReason;
use crate::finalize::{self, Finalizer};
use crate::id::{EpochRound, OracleId, Protocol};
use crate::observation::Observation;
use crate::report::{ChainView, LatestTransmission, Median};
use crate::round::Follower;

/// One oracle of OCR2 under one configuration.
pub type Oracle = Machine<Ocr2>;

/// What only OCR2 does.
#[derive(Debug)]
pub struct Ocr2 {
    finalizer: Finalizer,
    median: Median,
}

impl Version for Ocr2 {
    const PROTOCOL: Protocol = Protocol::Ocr2;

    type Plugin = Median;

    fn new(config: &PublicConfig, median: Median) -> Self {
        Self {
            finalizer: Finalizer::new(config.r_max, config.delta_round),
            median,
        }
    }

    fn echoes_are_of_their_epoch() -> bool {
        false // P13
    }

    fn on_round_started(&mut self, _: &PublicConfig) {}

    fn on_final(
        &mut self,
        report: AttestedReport,
        out: &mut Vec<finalize::Output>,
    ) -> Result<(), DropReason> {
        // P73
        self.finalizer.on_final(&report)?;
        finalized(report, out);
        Ok(())
    }

    fn on_echo(
        &mut self,
        config: &PublicConfig,
        _: &Follower,
        _: OracleId,
        report: AttestedReport,
        out: &mut Vec<finalize::Output>,
    ) -> Result<(), DropReason> {
        // P71
        self.finalizer.on_echo(config, &report)?;
        finalized(report, out);
        Ok(())
    }

    fn encode_observation(&self, observation: &Observation) -> Vec<u8> {
        self.median.encode_observation(observation)
    }

    fn report(
        &self,
        view: Result<ChainView, Failed>,
        observations: &[(OracleId, &[u8])],
    ) -> Result<Option<Vec<u8>>, DropReason> {
        // P60
        let view = view.map_err(|Failed| DropReason::ReportReadFailed)?;
        self.median
            .report(&view, observations)
            .map_err(|_| DropReason::ReportFailed)
    }

    fn should_accept(
        &mut self,
        at: EpochRound,
        latest: &LatestTransmission,
        report: &[u8],
    ) -> Option<bool> {
        self.median.should_accept(at, latest, report).ok()
    }

    fn should_transmit(&self, at: EpochRound, latest: &LatestTransmission) -> bool {
        self.median.should_transmit(at, latest)
    }

    fn finalized(&self) -> usize {
        self.finalizer.remembered()
    }
}

fn finalized(report: AttestedReport, out: &mut Vec<finalize::Output>) {
    // P74
    out.push(finalize::Output::Finalized(report.at));
    out.push(finalize::Output::Echo(report.clone()));
    out.push(finalize::Output::Transmit(report));
}
