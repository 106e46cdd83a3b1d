use std::time::Duration;

use alloy::primitives::Address;
use ocr_protocol::id::{ConfigDigest, Epoch, Protocol};
use ocr_protocol::report::{ChainView, LatestTransmission, OnchainConfig};
use ocr_protocol::time::UnixSeconds;

use crate::aggregator::{Aggregator, NewTransmission};
use crate::error::ChainError;
use crate::requests::RequestSearch;
use crate::rpc::Rpc;

/// An aggregator, read only. Clones share what they have learned.
#[derive(Clone, Debug)]
pub struct Feed {
    aggregator: Aggregator,
    requests: RequestSearch,
}

impl Feed {
    /// Reads the OCR2 aggregator at `contract`.
    #[must_use]
    pub fn new(rpc: Rpc, contract: Address) -> Self {
        let aggregator = Aggregator::new(rpc, contract, Protocol::Ocr2);
        Self {
            aggregator,
            requests: RequestSearch::default(),
        }
    }

    /// Takes the aggregator for one of `protocol`.
    #[must_use]
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.aggregator.protocol = protocol;
        self
    }

    /// The least and the greatest answer the contract takes.
    ///
    /// # Errors
    /// The endpoint does not answer, or the contract is not an aggregator.
    pub async fn bounds(&self) -> Result<OnchainConfig, ChainError> {
        self.aggregator.bounds().await
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
        let requested = self.requests.latest(&self.aggregator, not_before).await?;
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
}
