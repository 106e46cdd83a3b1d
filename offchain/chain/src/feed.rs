use std::time::Duration;

use alloy::eips::BlockNumberOrTag;
use alloy::primitives::{Address, TxHash};
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{ChainView, LatestTransmission, RoundRequest};
use ocr_protocol::time::UnixSeconds;

use crate::aggregator::Aggregator;
use crate::error::ChainError;
use crate::rpc::Rpc;

/// Blocks asked for in one `eth_getLogs`; endpoints refuse long ranges.
const LOG_CHUNK_BLOCKS: u64 = 1_000;

/// Requests for a round are looked for in at most this many chunks, however far the time goes back.
const LOG_CHUNKS_MAX: u64 = 100;

/// An aggregator, read only.
#[derive(Clone, Debug)]
pub struct Feed {
    aggregator: Aggregator,
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
    /// Median of the observations' times; OCR1's have none.
    pub observations_timestamp: Option<UnixSeconds>,
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
    /// Reads the OCR2 aggregator at `contract`.
    #[must_use]
    pub const fn new(rpc: Rpc, contract: Address) -> Self {
        let aggregator = Aggregator::new(rpc, contract, Protocol::Ocr2);
        Self { aggregator }
    }

    /// Takes the aggregator for one of `protocol`.
    #[must_use]
    pub const fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.aggregator.protocol = protocol;
        self
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
        self.aggregator.latest_transmission().await
    }

    /// Digest in force, and epoch of the latest transmission under it.
    ///
    /// # Errors
    /// The endpoint does not answer, or the contract is not an aggregator.
    pub async fn latest_config_digest_and_epoch(
        &self,
    ) -> Result<(ConfigDigest, Epoch), ChainError> {
        let latest = self.latest_transmission().await?;
        Ok((latest.digest, latest.at.epoch))
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
        self.aggregator.transmissions(from_block..=to_block).await
    }

    /// The latest request for a round in a block not before that time, or zero.
    async fn requested(&self, not_before: UnixSeconds) -> Result<RoundRequest, ChainError> {
        let mut last = self.aggregator.rpc.height().await?;
        for _ in 0..LOG_CHUNKS_MAX {
            let first = last.saturating_sub(LOG_CHUNK_BLOCKS - 1);
            if let Some((request, block)) = self.aggregator.last_request(first..=last).await? {
                if self.block_time(block).await? < not_before {
                    break;
                }
                return Ok(request);
            }
            if first == 0 || self.block_time(first).await? < not_before {
                break;
            }
            last = first - 1;
        }
        Ok(RoundRequest::default())
    }

    async fn block_time(&self, block: u64) -> Result<UnixSeconds, ChainError> {
        let block = BlockNumberOrTag::Number(block);
        Ok(self.aggregator.rpc.head(block).await?.time)
    }
}
