use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::{Address, TxHash};
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{ChainView, LatestTransmission, RoundRequest};
use ocr_protocol::time::UnixSeconds;

use crate::contracts::IOCR2Aggregator::{
    self, RoundRequested, latestConfigDigestAndEpochCall, latestTransmissionDetailsCall,
};
use crate::error::ChainError;
use crate::rpc::Rpc;

/// Blocks asked for in one `eth_getLogs`; endpoints refuse long ranges.
const LOG_CHUNK_BLOCKS: u64 = 1_000;

/// Requests for a round are looked for in at most this many chunks, however far the time goes back.
const LOG_CHUNKS_MAX: u64 = 100;

/// An aggregator, read only.
#[derive(Clone, Debug)]
pub struct Feed {
    rpc: Rpc,
    contract: Address,
}

/// A report that reached the aggregator, as the event `NewTransmission` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransmission {
    /// The aggregator's round id.
    pub aggregator_round_id: u32,
    /// Configuration it was made under.
    pub digest: ConfigDigest,
    /// The round that made it.
    pub at: EpochRound,
    /// Median of the observations.
    pub answer: Int192,
    /// The account that brought it.
    pub transmitter: Address,
    /// Median of the observations' times.
    pub observations_timestamp: UnixSeconds,
    /// The observations, in order of value.
    pub observations: Vec<Int192>,
    /// Index of the oracle that made each observation.
    pub observers: Vec<u8>,
    /// Transaction that brought it.
    pub tx: TxHash,
    /// Block it is in.
    pub block: u64,
}

impl Feed {
    /// Reads the aggregator at `contract`.
    #[must_use]
    pub const fn new(rpc: Rpc, contract: Address) -> Self {
        Self { rpc, contract }
    }

    /// What a decision about a report rests on: the latest transmission, and the request for a
    /// round that came after it and within `lookback` before `now`.
    ///
    /// Of all requests only one that follows the latest transmission matters, so no older one is
    /// looked for. Without such a request it is zero.
    ///
    /// # Errors
    /// The endpoint does not answer, or the contract is not an aggregator.
    ///
    /// Source: offchain-ocr2 6.3.4 and 6.3.7.
    pub async fn view(
        &self,
        now: UnixSeconds,
        lookback: Duration,
    ) -> Result<ChainView, ChainError> {
        let latest = self.latest_transmission().await?;
        let window_start = now.0.saturating_sub(lookback.as_secs());
        let not_before = UnixSeconds(window_start.max(latest.timestamp.0));
        let requested = self.requested(not_before).await?;
        Ok(ChainView {
            now,
            latest,
            requested,
        })
    }

    /// The latest transmission; zeros before the first.
    ///
    /// # Errors
    /// The endpoint does not answer, or the contract is not an aggregator.
    pub async fn latest_transmission(&self) -> Result<LatestTransmission, ChainError> {
        let details = self
            .rpc
            .call(self.contract, latestTransmissionDetailsCall {})
            .await?;
        Ok(LatestTransmission {
            digest: ConfigDigest(details.configDigest.0),
            at: EpochRound::new(details.epoch, details.round),
            answer: Int192::from(details.latestAnswer_),
            timestamp: UnixSeconds(details.latestTimestamp_),
        })
    }

    /// Digest in force, and epoch of the latest transmission under it.
    ///
    /// # Errors
    /// The endpoint does not answer, or the contract is not an aggregator.
    pub async fn latest_config_digest_and_epoch(
        &self,
    ) -> Result<(ConfigDigest, Epoch), ChainError> {
        let latest = self
            .rpc
            .call(self.contract, latestConfigDigestAndEpochCall {})
            .await?;
        if latest.scanLogs {
            // Contracts that keep no epoch in storage; no aggregator does that.
            let reason = "scanLogs is set: this contract is not an aggregator";
            return Err(self.rpc.nonsense("latestConfigDigestAndEpoch()", reason));
        }
        Ok((
            ConfigDigest(latest.configDigest.0),
            Epoch::new(latest.epoch),
        ))
    }

    /// The reports that arrived in a range of blocks, both ends included, oldest first.
    ///
    /// # Errors
    /// The endpoint does not answer.
    pub async fn transmissions(
        &self,
        from_block: u64,
        to_block: u64,
    ) -> Result<Vec<NewTransmission>, ChainError> {
        let filter = Filter::new()
            .address(self.contract)
            .event_signature(IOCR2Aggregator::NewTransmission::SIGNATURE_HASH)
            .select(from_block..=to_block);
        let nonsense = |reason: String| self.rpc.nonsense("eth_getLogs", reason);
        let decode = |log: alloy::rpc::types::Log| {
            let event = IOCR2Aggregator::NewTransmission::decode_log(&log.inner)
                .map_err(|error| nonsense(error.to_string()))?
                .data;
            let epoch_and_round: u64 = event.epochAndRound.to();
            Ok(NewTransmission {
                aggregator_round_id: event.aggregatorRoundId,
                digest: ConfigDigest(event.configDigest.0),
                at: EpochRound::new((epoch_and_round >> 8) as u32, epoch_and_round as u8),
                answer: event.answer.into(),
                transmitter: event.transmitter,
                observations_timestamp: UnixSeconds(event.observationsTimestamp.into()),
                observations: event.observations.into_iter().map(Int192::from).collect(),
                observers: event.observers.into(),
                tx: log
                    .transaction_hash
                    .ok_or_else(|| nonsense("a log of no one".into()))?,
                block: log
                    .block_number
                    .ok_or_else(|| nonsense("a log of no block".into()))?,
            })
        };
        self.rpc
            .logs(&filter)
            .await?
            .into_iter()
            .map(decode)
            .collect()
    }

    /// The latest request for a round in a block not before that time, or zero.
    async fn requested(&self, not_before: UnixSeconds) -> Result<RoundRequest, ChainError> {
        let mut last = self.rpc.height().await?;
        for _ in 0..LOG_CHUNKS_MAX {
            let first = last.saturating_sub(LOG_CHUNK_BLOCKS - 1);
            let filter = Filter::new()
                .address(self.contract)
                .event_signature(RoundRequested::SIGNATURE_HASH)
                .select(first..=last);
            if let Some(log) = self.rpc.logs(&filter).await?.pop() {
                let block = log.block_number.unwrap_or(last);
                if self.block_time(block).await? < not_before {
                    break;
                }
                let event = RoundRequested::decode_log(&log.inner)
                    .map_err(|error| self.rpc.nonsense("eth_getLogs", error))?
                    .data;
                return Ok(RoundRequest {
                    digest: ConfigDigest(event.configDigest.0),
                    at: EpochRound::new(event.epoch, event.round),
                });
            }
            if first == 0 || self.block_time(first).await? < not_before {
                break;
            }
            last = first - 1;
        }
        Ok(RoundRequest::default())
    }

    async fn block_time(&self, block: u64) -> Result<UnixSeconds, ChainError> {
        Ok(self.rpc.head(BlockNumberOrTag::Number(block)).await?.time)
    }
}
