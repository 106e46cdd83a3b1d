//! Answers to what the oracle asked. Lines are those of `docs/protocol.md`.

use super::{Machine, Version};
use crate::drop_reason::DropReason;
use crate::id::EpochRound;
use crate::observation::Observation;
use crate::oracle::{Event, Failed, Output};
use crate::report::ChainView;
use crate::time::Instant;

impl<V: Version> Machine<V> {
    pub(super) fn on_observed(
        &mut self,
        now: Instant,
        at: EpochRound,
        result: Result<Observation, Failed>,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P55
        let observation = result
            .ok()
            .map(|said| self.version.encode_observation(&said));
        let (public, keyring) = (&self.config.public, &self.keyring);
        let mut outputs = Vec::new();
        let result = self
            .follower
            .on_observed(public, keyring, at, observation, &mut outputs);
        self.perform_follower(now, outputs, out);
        result
    }

    pub(super) fn on_read_to_report(
        &mut self,
        now: Instant,
        at: EpochRound,
        result: Result<ChainView, Failed>,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P60
        let observations = self.follower.observations(at)?;
        let decision = self.version.report(result, &observations);
        let report = decision.inspect_err(|_| self.follower.on_report_failed())?;
        // P61, P62
        if report.is_none() {
            out.push(Output::Event(Event::ReportSkipped { at }));
        }
        let (public, keyring) = (&self.config.public, &self.keyring);
        let mut outputs = Vec::new();
        self.follower
            .on_report_decided(public, keyring, report, &mut outputs);
        self.perform_follower(now, outputs, out);
        Ok(())
    }

    pub(super) fn on_read_to_accept(
        &mut self,
        now: Instant,
        at: EpochRound,
        result: Result<ChainView, Failed>,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P82
        let report = &self.transmission.report_to_accept(at)?.report;
        let decision = match result {
            Ok(view) => self.version.should_accept(at, &view.latest, report),
            Err(Failed) => None,
        };
        out.push(Output::Event(Event::AcceptDecided { at, decision }));
        // P83
        let mut delay = None;
        if decision == Some(true) {
            let delays = self.config.transmit_delays(at);
            delay = delays[self.config.me];
            out.push(Output::Event(Event::ScheduleComputed { at, delays }));
        }
        let mut outputs = Vec::new();
        self.transmission
            .on_accept_decided(now, delay, &mut outputs);
        self.perform_transmission(outputs, out);
        Ok(())
    }

    pub(super) fn on_read_to_transmit(
        &mut self,
        at: EpochRound,
        result: Result<ChainView, Failed>,
        out: &mut Vec<Output>,
    ) -> Result<(), DropReason> {
        // P85
        self.transmission.report_to_transmit(at)?;
        let decision = result
            .ok()
            .map(|view| self.version.should_transmit(at, &view.latest));
        out.push(Output::Event(Event::TransmitDecided { at, decision }));
        let mut outputs = Vec::new();
        self.transmission
            .on_transmit_decided(at, decision == Some(true), &mut outputs);
        self.perform_transmission(outputs, out);
        Ok(())
    }
}
