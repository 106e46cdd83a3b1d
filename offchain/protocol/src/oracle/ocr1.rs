//! OCR1's own: a report is final once more than f oracles have it, and sorted numbers decide.
//!
//! Lines are those of `docs/protocol.md`.

use super::Failed;
use super::machine::{Machine, Version};
use crate::attestation::AttestedReport;
use crate::config::PublicConfig;
use crate::drop_reason::DropReason;
use crate::finalize::{self, Echoes};
use crate::id::{EpochRound, OracleId, Protocol};
use crate::observation::Observation;
use crate::report::ocr1::Median;
use crate::report::{ChainView, LatestTransmission};
use crate::round::Follower;

/// One oracle of OCR1 under one configuration.
pub type Oracle = Machine<Ocr1>;

/// What only OCR1 does.
#[derive(Debug)]
pub struct Ocr1 {
    echoes: Echoes,
    median: Median,
}

impl Version for Ocr1 {
    const PROTOCOL: Protocol = Protocol::Ocr1;

    type Plugin = Median;

    fn new(config: &PublicConfig, median: Median) -> Self {
        Self {
            echoes: Echoes::new(config),
            median,
        }
    }

    fn echoes_are_of_their_epoch() -> bool {
        true // P106
    }

    fn on_round_started(&mut self, config: &PublicConfig) {
        // P108
        self.echoes = Echoes::new(config);
    }

    fn on_final(
        &mut self,
        report: AttestedReport,
        out: &mut Vec<finalize::Output>,
    ) -> Result<(), DropReason> {
        // P105
        self.echoes.on_final(report, out)
    }

    fn on_echo(
        &mut self,
        config: &PublicConfig,
        follower: &Follower,
        from: OracleId,
        report: AttestedReport,
        out: &mut Vec<finalize::Output>,
    ) -> Result<(), DropReason> {
        // P106
        self.echoes.on_echo(config, follower, from, report, out)
    }

    fn encode_observation(&self, observation: &Observation) -> Vec<u8> {
        self.median.encode_observation(observation)
    }

    fn report(
        &self,
        view: Result<ChainView, Failed>,
        observations: &[(OracleId, &[u8])],
    ) -> Result<Option<Vec<u8>>, DropReason> {
        // P109
        self.median
            .report(view.ok().as_ref(), observations)
            .map_err(|_| DropReason::ReportFailed)
    }

    fn should_accept(
        &mut self,
        at: EpochRound,
        latest: &LatestTransmission,
        report: &[u8],
    ) -> Option<bool> {
        Some(self.median.should_accept(at, latest, report))
    }

    fn should_transmit(&self, at: EpochRound, latest: &LatestTransmission) -> bool {
        self.median.should_transmit(at, latest)
    }

    fn finalized(&self) -> usize {
        0
    }
}
