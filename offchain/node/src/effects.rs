//! What the oracle asks for and does not wait for: observations, chain reads, transmissions.

use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::I256;
use ocr_chain::{Feed, Transmission, Transmitter};
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{ConfigDigest, EpochRound};
use ocr_protocol::int192::Int192;
use ocr_protocol::observation::Observation;
use ocr_protocol::oracle::{Failed, Input, ReadPurpose};
use ocr_protocol::report::{ChainView, OnchainConfig};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::clock::Clock;
use crate::source::{Juels, Source, SourceError};

/// Answers that may wait for the oracle's task.
pub(crate) const ANSWERS_MAX: usize = 64;

/// How long transmissions may go on after the oracle has ended.
const FINISH_TIMEOUT: Duration = Duration::from_secs(5);

/// The oracle's hands.
pub(crate) struct Effects {
    world: Arc<World>,
    tasks: JoinSet<()>,
    /// The report that waits for the account: only the newest is worth a transaction.
    waiting: watch::Sender<Option<AttestedReport>>,
    transmitting: JoinHandle<()>,
}

/// What there is besides the committee.
pub(crate) struct World {
    /// What is observed.
    pub(crate) source: Source,
    /// Price of the fee coin, which OCR1 does not observe.
    pub(crate) juels_per_fee_coin: Option<Juels>,
    /// Answers outside are not observed: the contract would refuse their median.
    pub(crate) bounds: OnchainConfig,
    /// The aggregator.
    pub(crate) feed: Feed,
    /// How far back a request for a round counts.
    pub(crate) delta_c: Duration,
    /// Tells the time.
    pub(crate) clock: Clock,
    /// Takes answers to the oracle.
    pub(crate) answers: mpsc::Sender<Input>,
}

impl Effects {
    /// Takes what it needs to serve an oracle of configuration `digest`.
    pub(crate) fn new(world: World, digest: ConfigDigest, transmitter: Arc<Transmitter>) -> Self {
        let (waiting, reports) = watch::channel(None);
        let transmitting = tokio::spawn(transmit_all(transmitter, digest, reports));
        Self {
            world: Arc::new(world),
            tasks: JoinSet::new(),
            waiting,
            transmitting,
        }
    }

    /// Drops every question and lets the account finish what it was handed, for a while.
    pub(crate) async fn finish(self) {
        let Self {
            waiting,
            transmitting,
            tasks,
            world: _,
        } = self;
        drop(tasks);
        drop(waiting);
        let abort = transmitting.abort_handle();
        if tokio::time::timeout(FINISH_TIMEOUT, transmitting)
            .await
            .is_err()
        {
            tracing::warn!("the outcome of a transmission is not awaited any longer");
            abort.abort();
        }
    }

    /// Observes for round `at` and answers within `timeout`.
    pub(crate) fn observe(&mut self, at: EpochRound, timeout: Duration) {
        let world = Arc::clone(&self.world);
        self.spawn(async move {
            let result = match tokio::time::timeout(timeout, world.observe(timeout)).await {
                Ok(Ok(observation)) => Ok(observation),
                Ok(Err(error)) => {
                    tracing::warn!(round = %at, reason = %error, "no observation");
                    Err(Failed)
                }
                Err(_) => {
                    tracing::warn!(round = %at, reason = ?timeout, "no observation in time");
                    Err(Failed)
                }
            };
            world.answer(Input::Observed { at, result }).await;
        });
    }

    /// Reads the chain for round `at` and answers within `timeout`.
    pub(crate) fn read_chain(&mut self, at: EpochRound, purpose: ReadPurpose, timeout: Duration) {
        let world = Arc::clone(&self.world);
        self.spawn(async move {
            let result = match tokio::time::timeout(timeout, world.read_chain(purpose)).await {
                Ok(Ok(view)) => Ok(view),
                Ok(Err(error)) => {
                    tracing::warn!(round = %at, ?purpose, reason = %error, "chain not read");
                    Err(Failed)
                }
                Err(_) => {
                    tracing::warn!(round = %at, ?purpose, reason = ?timeout, "chain not read in time");
                    Err(Failed)
                }
            };
            world.answer(Input::ChainRead { at, purpose, result }).await;
        });
    }

    /// Hands a report to the account; one that waits already gives way to a newer one.
    pub(crate) fn transmit(&self, report: AttestedReport) {
        self.waiting
            .send_if_modified(|waiting| keep_newest(waiting, report));
    }

    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        // Forgets those that have ended.
        while let Some(ended) = self.tasks.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(%error, "a question was not answered");
            }
        }
        self.tasks.spawn(task);
    }
}

/// Why an oracle abstains.
#[derive(Debug, thiserror::Error)]
enum ObserveError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("juels per fee coin: {0}")]
    Juels(SourceError),
    #[error("{given} is outside the feed's bounds, {min} to {max}")]
    OutOfBounds {
        given: I256,
        min: Int192,
        max: Int192,
    },
    #[error("juels per fee coin: {0} does not fit 192 bits")]
    JuelsTooGreat(I256),
}

impl World {
    async fn observe(&self, deadline: Duration) -> Result<Observation, ObserveError> {
        let juels = async {
            match &self.juels_per_fee_coin {
                Some(juels) => juels.observe(deadline).await,
                None => Ok(I256::ZERO),
            }
        };
        let (value, juels) = tokio::join!(self.source.observe(deadline), juels);
        let (given, juels) = (value?, juels.map_err(ObserveError::Juels)?);
        let (min, max) = (self.bounds.min(), self.bounds.max());
        let value = Int192::try_from(given)
            .ok()
            .filter(|value| self.bounds.contains(*value))
            .ok_or(ObserveError::OutOfBounds { given, min, max })?;
        let juels_per_fee_coin =
            Int192::try_from(juels).map_err(|_| ObserveError::JuelsTooGreat(juels))?;
        // Wraps in 2106, as the field does.
        let timestamp_seconds = self.clock.unix_now().0 as u32;
        Ok(Observation {
            timestamp_seconds,
            value,
            juels_per_fee_coin,
            gas_price_subunits: None,
        })
    }

    async fn read_chain(&self, purpose: ReadPurpose) -> Result<ChainView, ocr_chain::ChainError> {
        let now = self.clock.unix_now();
        match purpose {
            ReadPurpose::Report => self.feed.view(now, self.delta_c).await,
            ReadPurpose::Accept | ReadPurpose::Transmit => {
                let latest = self.feed.latest_transmission().await?;
                Ok(ChainView {
                    now,
                    latest,
                    ..ChainView::default()
                })
            }
        }
    }

    async fn answer(&self, input: Input) {
        // It fails only when the oracle is gone.
        let _ = self.answers.send(input).await;
    }
}

/// Puts `report` where an older one waits; says whether it did.
fn keep_newest(waiting: &mut Option<AttestedReport>, report: AttestedReport) -> bool {
    let newer = waiting
        .as_ref()
        .is_none_or(|waiting| waiting.at < report.at);
    if newer {
        *waiting = Some(report);
    }
    newer
}

async fn transmit_all(
    transmitter: Arc<Transmitter>,
    digest: ConfigDigest,
    mut reports: watch::Receiver<Option<AttestedReport>>,
) {
    while reports.changed().await.is_ok() {
        let Some(report) = reports.borrow_and_update().clone() else {
            continue;
        };
        let round = report.at;
        match transmitter.transmit(digest, &report).await {
            Ok(Transmission::Included(mined)) => {
                tracing::info!(%round, tx = %mined.tx, block = mined.block, gas = mined.gas_used, "report transmitted");
            }
            Ok(Transmission::Superseded { .. }) => {
                tracing::info!(%round, "report not transmitted: another oracle was first");
            }
            Ok(Transmission::Reverted { mined, revert }) => {
                tracing::warn!(%round, tx = %mined.tx, reason = %revert, "report refused by the contract");
            }
            Ok(Transmission::Dropped { nonce, .. }) => {
                tracing::warn!(%round, nonce, "report sent, but not mined in time");
            }
            Err(error) => tracing::warn!(%round, reason = %error, "report not transmitted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_report_waits_for_a_busy_account() {
        let report = |epoch, round| AttestedReport {
            at: EpochRound::new(epoch, round),
            extra_hash: [0; 32],
            report: Vec::new(),
            signatures: Vec::new(),
        };
        let mut waiting = None;
        assert!(keep_newest(&mut waiting, report(1, 9)));
        assert!(keep_newest(&mut waiting, report(2, 1)));
        assert!(
            !keep_newest(&mut waiting, report(1, 10)),
            "older than what waits"
        );
        assert!(!keep_newest(&mut waiting, report(2, 1)), "the same again");
        assert_eq!(waiting, Some(report(2, 1)));
    }
}
