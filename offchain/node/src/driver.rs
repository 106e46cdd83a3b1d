//! The loop around one oracle: inputs in, outputs performed in order.
//!
//! One task owns the oracle. Everything that waits runs elsewhere and answers over a bounded channel.
//! Records are durable before any later output is performed.

use std::sync::Arc;

use bytes::Bytes;
use ocr_net::Group;
use ocr_protocol::id::{Committee, ConfigDigest, OracleId};
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::oracle::ocr2::Oracle;
use ocr_protocol::oracle::{Event, Input, Output, Record};
use ocr_wire::message;
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::effects::Effects;
use crate::store::{Store, StoreError};

/// Why an instance ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    #[error("a vote could not be made durable, so none may leave this node: {0}")]
    Store(#[from] StoreError),
    #[error("the network stopped")]
    Network,
}

/// One oracle of one configuration, and its hands.
pub(crate) struct Driver {
    pub(crate) oracle: Oracle,
    pub(crate) digest: ConfigDigest,
    pub(crate) committee: Committee,
    pub(crate) limits: PluginLimits,
    pub(crate) group: Group,
    pub(crate) store: Arc<Store>,
    pub(crate) effects: Effects,
    pub(crate) answers: mpsc::Receiver<Input>,
    pub(crate) clock: Clock,
}

impl Driver {
    /// Runs until `stop` says so or is gone.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), DriverError> {
        let ended = self.drive(&mut stop).await;
        self.effects.finish().await;
        ended
    }

    async fn drive(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), DriverError> {
        self.handle(Input::Start).await?;
        loop {
            let wake = self
                .oracle
                .poll_timeout()
                .map(|(at, _)| self.clock.until(at));
            let input = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                Some(answer) = self.answers.recv() => Some(answer),
                received = self.group.recv() => {
                    let (from, payload) = received.ok_or(DriverError::Network)?;
                    self.decode(from, &payload)
                }
                () = tokio::time::sleep(wake.unwrap_or_default()), if wake.is_some() => {
                    Some(Input::Tick)
                }
            };
            if let Some(input) = input {
                self.handle(input).await?;
            }
        }
    }

    fn decode(&self, from: OracleId, payload: &Bytes) -> Option<Input> {
        match message::decode(payload, self.committee, &self.limits) {
            Ok(message) => Some(Input::Message { from, message }),
            Err(error) => {
                tracing::debug!(oracle = %from, reason = %error, "message dropped");
                None
            }
        }
    }

    async fn handle(&mut self, input: Input) -> Result<(), DriverError> {
        tracing::trace!(?input, "input");
        let mut out = Vec::new();
        self.oracle.handle(self.clock.now(), input, &mut out);
        self.perform(out).await
    }

    /// Performs outputs in their order; a run of records becomes one durable write.
    async fn perform(&mut self, outputs: Vec<Output>) -> Result<(), DriverError> {
        let mut records = Vec::new();
        for output in outputs {
            match output {
                Output::Persist(record) => records.push(record),
                other => {
                    self.persist(&mut records).await?;
                    self.perform_one(other);
                }
            }
        }
        self.persist(&mut records).await
    }

    async fn persist(&self, records: &mut Vec<Record>) -> Result<(), DriverError> {
        if records.is_empty() {
            return Ok(());
        }
        let (store, digest, clock) = (Arc::clone(&self.store), self.digest, self.clock);
        let records = std::mem::take(records);
        tokio::task::spawn_blocking(move || store.write(digest, &records, &clock))
            .await
            .expect("writing to the store does not panic")?;
        Ok(())
    }

    fn perform_one(&mut self, output: Output) {
        match output {
            Output::Persist(_) => unreachable!("records are collected by the caller"),
            Output::Send { to, message } => {
                self.group.send(to, message::encode(&message).into());
            }
            Output::Broadcast { message } => {
                self.group.broadcast(&message::encode(&message).into());
            }
            Output::Observe { at, timeout } => self.effects.observe(at, timeout),
            Output::ReadChain {
                at,
                purpose,
                timeout,
            } => {
                self.effects.read_chain(at, purpose, timeout);
            }
            Output::Transmit { report } => self.effects.transmit(report),
            Output::Dropped { from, reason } => {
                tracing::debug!(oracle = ?from.map(OracleId::get), reason = reason.as_str(), "input dropped");
            }
            Output::Event(event) => log(&event),
        }
    }
}

/// One line for what an operator follows; the rest is for whoever looks closer.
fn log(event: &Event) {
    match event {
        Event::EpochStarted { epoch, leader } => tracing::info!(%epoch, %leader, "epoch started"),
        Event::RoundStarted { at, leader } => {
            tracing::debug!(round = %at, %leader, "round started")
        }
        Event::ObservationSigned { at } => tracing::debug!(round = %at, "observation signed"),
        Event::ObservationIncluded { at } => tracing::debug!(round = %at, "observation included"),
        Event::ReportSigned { at } => tracing::debug!(round = %at, "report signed"),
        Event::ReportSkipped { at } => tracing::debug!(round = %at, "report skipped"),
        Event::RoundCompleted { at, .. } => tracing::debug!(round = %at, "round completed"),
        Event::ReportFinalized { at } => tracing::debug!(round = %at, "report finalized"),
        Event::AcceptDecided { at, decision } => {
            tracing::debug!(round = %at, accepted = ?decision, "report decided on");
        }
        Event::ScheduleComputed { at, .. } => {
            tracing::debug!(round = %at, "transmission scheduled");
        }
        Event::TransmitDecided { at, decision } => {
            tracing::debug!(round = %at, transmit = ?decision, "transmission decided on");
        }
    }
}
