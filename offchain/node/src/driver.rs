//! The loop around one oracle: inputs in, outputs performed in order.
//!
//! One task owns the oracle. Everything that waits runs elsewhere and answers over a bounded channel.
//! Records are durable before any later output is performed.

use std::sync::Arc;

use bytes::Bytes;
use ocr_net::Group;
use ocr_protocol::id::{Committee, ConfigDigest, OracleId};
use ocr_protocol::oracle::{Event, Input, Machine, Output, Record};
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::effects::Effects;
use crate::store::{Store, StoreError};
use crate::version::NodeVersion;

/// Why an instance ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DriverError {
    #[error("a vote could not be made durable, so none may leave this node: {0}")]
    Store(#[from] StoreError),
    #[error("the network stopped")]
    Network,
}

/// One oracle of one configuration, and its hands.
pub(crate) struct Driver<V: NodeVersion> {
    pub(crate) oracle: Machine<V>,
    pub(crate) digest: ConfigDigest,
    pub(crate) committee: Committee,
    pub(crate) limits: V::Limits,
    pub(crate) group: Group,
    pub(crate) store: Arc<Store>,
    pub(crate) effects: Effects,
    pub(crate) answers: mpsc::Receiver<Input>,
    pub(crate) clock: Clock,
}

impl<V: NodeVersion> Driver<V> {
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
        match V::decode(payload, self.committee, &self.limits) {
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

    /// Performs outputs in their order, and waits for the disk where they say so.
    async fn perform(&mut self, outputs: Vec<Output>) -> Result<(), DriverError> {
        for step in steps(outputs) {
            match step {
                Step::Persist(records) => self.persist(records).await?,
                Step::Act(output) => self.act(output),
            }
        }
        Ok(())
    }

    async fn persist(&self, records: Vec<Record>) -> Result<(), DriverError> {
        let (store, digest, clock) = (Arc::clone(&self.store), self.digest, self.clock);
        tokio::task::spawn_blocking(move || store.write(digest, &records, &clock))
            .await
            .expect("writing to the store does not panic")?;
        Ok(())
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Persist(_) => unreachable!("`steps` puts records into steps of their own"),
            Output::Send { to, message } => {
                self.group.send(to, V::encode(&message).into());
            }
            Output::Broadcast { message } => {
                self.group.broadcast(&V::encode(&message).into());
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

/// A part of what an oracle wants done.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Make these durable, all or none, before the next step.
    Persist(Vec<Record>),
    /// Do this; it is no record.
    Act(Output),
}

/// Keeps the order of outputs; records in a row become one step, and so one durable write.
fn steps(outputs: Vec<Output>) -> Vec<Step> {
    let mut steps = Vec::with_capacity(outputs.len());
    for output in outputs {
        match (output, steps.last_mut()) {
            (Output::Persist(record), Some(Step::Persist(records))) => records.push(record),
            (Output::Persist(record), _) => steps.push(Step::Persist(vec![record])),
            (other, _) => steps.push(Step::Act(other)),
        }
    }
    steps
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

#[cfg(test)]
mod tests {
    use ocr_protocol::id::{Epoch, EpochRound};
    use ocr_protocol::message::Message;

    use super::*;

    #[test]
    fn records_are_durable_before_every_output_that_follows_them() {
        let observation = || Record::SignedObservation(EpochRound::new(1, 1));
        let report = || Record::SignedReport(EpochRound::new(1, 1));
        let send = || Output::Broadcast {
            message: Message::NewEpoch {
                epoch: Epoch::FIRST,
            },
        };
        let outputs = vec![
            send(),
            Output::Persist(observation()),
            Output::Persist(report()),
            send(),
            send(),
            Output::Persist(report()),
        ];
        assert_eq!(
            steps(outputs),
            [
                Step::Act(send()),
                Step::Persist(vec![observation(), report()]),
                Step::Act(send()),
                Step::Act(send()),
                Step::Persist(vec![report()]),
            ]
        );
    }
}
