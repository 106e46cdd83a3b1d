//! Data sources: what the oracle observes.

mod http;
pub(crate) mod replay;

use std::time::Duration;

use alloy_primitives::I256;

pub(crate) use http::{HttpSource as Source, SourceConfigError, SourceError};

/// Juels (1e-18 LINK) per whole fee coin.
#[derive(Clone, Debug)]
pub(crate) enum Juels {
    /// Always the same.
    Fixed(I256),
    /// Asked for each time.
    Source(Source),
}

impl Juels {
    /// Returns the number, before `deadline` has passed.
    pub(crate) async fn observe(&self, deadline: Duration) -> Result<I256, SourceError> {
        match self {
            Self::Fixed(juels) => Ok(*juels),
            Self::Source(source) => source.observe(deadline).await,
        }
    }
}
