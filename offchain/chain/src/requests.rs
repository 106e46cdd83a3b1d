//! The search for the latest request for a round: it goes on where the last look was cut off.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::eips::BlockNumberOrTag;
use ocr_protocol::report::RoundRequest;
use ocr_protocol::time::UnixSeconds;

use crate::aggregator::Aggregator;
use crate::error::ChainError;

/// Blocks asked for in one `eth_getLogs`; endpoints refuse long ranges.
const LOG_CHUNK_BLOCKS: u64 = 1_000;

/// Blocks that are looked at again, since others may have taken their place.
const REORG_BLOCKS: u64 = 64;

/// What is known so far; shared by its clones.
///
/// A look that is given up keeps what it learned, so a slow endpoint delays the first answer and
/// never prevents it.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestSearch(Arc<Mutex<Option<Known>>>);

/// A range of blocks, and the latest request in it.
#[derive(Clone, Copy, Debug)]
struct Known {
    first: u64,
    first_time: UnixSeconds,
    last: u64,
    latest: Option<Request>,
}

#[derive(Clone, Copy, Debug)]
struct Request {
    block: u64,
    time: UnixSeconds,
    round: RoundRequest,
}

impl RequestSearch {
    /// Returns the latest request in a block not before that time, or zero.
    pub(crate) async fn latest(
        &self,
        aggregator: &Aggregator,
        not_before: UnixSeconds,
    ) -> Result<RoundRequest, ChainError> {
        let height = aggregator.rpc.height().await?;
        let nothing = Known {
            first: height + 1,
            first_time: UnixSeconds(u64::MAX),
            last: height,
            latest: None,
        };
        // An endpoint that fell far behind, or another chain in its place, starts over.
        let known = self
            .known()
            .filter(|known| known.last <= height.saturating_add(REORG_BLOCKS));
        let known = known.unwrap_or(nothing);
        let mut known = self.look_up(aggregator, known, height).await?;
        while known.latest.is_none() && known.first > 0 && known.first_time >= not_before {
            known = self.look_down(aggregator, known).await?;
        }
        let recent = known.latest.filter(|request| request.time >= not_before);
        Ok(recent.map_or_else(RoundRequest::default, |request| request.round))
    }

    /// Looks at what is above the blocks known, and again at the last of these.
    async fn look_up(
        &self,
        aggregator: &Aggregator,
        mut known: Known,
        height: u64,
    ) -> Result<Known, ChainError> {
        let again = (known.last + 1).saturating_sub(REORG_BLOCKS);
        let mut next = known.first.max(again);
        known.latest = known.latest.filter(|request| request.block < next);
        while next <= height {
            let last = height.min(next + LOG_CHUNK_BLOCKS - 1);
            known.latest = find(aggregator, next, last).await?.or(known.latest);
            known.last = last;
            self.learn(known);
            next = last + 1;
        }
        Ok(known)
    }

    /// Looks at the blocks below those known.
    async fn look_down(
        &self,
        aggregator: &Aggregator,
        mut known: Known,
    ) -> Result<Known, ChainError> {
        let last = known.first - 1;
        known.first = known.first.saturating_sub(LOG_CHUNK_BLOCKS);
        known.latest = find(aggregator, known.first, last).await?;
        known.first_time = block_time(aggregator, known.first).await?;
        self.learn(known);
        Ok(known)
    }

    fn known(&self) -> Option<Known> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn(&self, known: Known) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}

/// The last request in a range of blocks.
async fn find(
    aggregator: &Aggregator,
    first: u64,
    last: u64,
) -> Result<Option<Request>, ChainError> {
    let Some((round, block)) = aggregator.last_request(first..=last).await? else {
        return Ok(None);
    };
    let time = block_time(aggregator, block).await?;
    Ok(Some(Request { block, time, round }))
}

async fn block_time(aggregator: &Aggregator, block: u64) -> Result<UnixSeconds, ChainError> {
    let block = BlockNumberOrTag::Number(block);
    Ok(aggregator.rpc.head(block).await?.time)
}
