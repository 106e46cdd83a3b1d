use std::time::Duration;

use alloy::primitives::Address;
use ocr_protocol::config::ContractConfig;
use ocr_protocol::id::{ConfigDigest, Protocol};

use crate::aggregator::{Aggregator, LatestConfig};
use crate::error::ChainError;
use crate::rpc::Rpc;

/// While a configuration is awaited, it is looked for at least this often.
const AWAITING_POLL_INTERVAL: Duration = Duration::from_secs(15);

/// Looks for the configuration an aggregator has in force.
///
/// Each check asks for the state of the chain afresh; nothing is replayed, and a check that failed
/// is made good by the next one. Source: offchain-ocr1 6.2, offchain-ocr2 7.2.
#[derive(Debug)]
pub struct ConfigTracker {
    aggregator: Aggregator,
    confirmations: Option<u16>,
    current: ConfigDigest,
}

/// What a check found.
#[derive(Debug)]
pub enum Check {
    /// The aggregator was never configured.
    NotConfigured,
    /// The configuration is the one known.
    Unchanged,
    /// There is another configuration, under too few blocks.
    Unconfirmed {
        /// Its digest.
        digest: ConfigDigest,
        /// How many blocks are missing.
        missing_blocks: u64,
    },
    /// There is another configuration that could not be read.
    Unreadable {
        /// Its digest.
        digest: ConfigDigest,
        /// Why.
        error: ChainError,
    },
    /// There is another configuration that is not what its digest says; it is not to be used.
    Refused(ConfigRefusal),
    /// There is another configuration. It is the one known from now on, whatever becomes of it.
    New(ContractConfig),
}

/// Why a configuration is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigRefusal {
    /// The log belongs to another configuration than the contract's state.
    #[error("the ConfigSet log has digest {log}, but latestConfigDetails says {announced}")]
    OtherDigest {
        /// What the contract's state says.
        announced: ConfigDigest,
        /// What the log says.
        log: ConfigDigest,
    },
    /// The digest was not made by the scheme of EVM contracts.
    #[error("config digest {0} does not have the prefix 0001 of an EVM contract's configuration")]
    OtherScheme(ConfigDigest),
    /// The digest is not that of the configuration.
    #[error(
        "config digest {announced} does not match the configuration, whose digest is {computed}; \
         check the chain id and the contract address"
    )]
    WrongDigest {
        /// What the contract says.
        announced: ConfigDigest,
        /// What its configuration gives.
        computed: ConfigDigest,
    },
}

impl ConfigTracker {
    /// Tracks the configuration of the OCR2 aggregator at `contract`, starting from `current`: the
    /// digest of the configuration that runs already, zero if none does.
    ///
    /// `confirmations` counts the block of the configuration itself; without it a configuration is
    /// used at once.
    #[must_use]
    pub const fn new(
        rpc: Rpc,
        contract: Address,
        confirmations: Option<u16>,
        current: ConfigDigest,
    ) -> Self {
        Self {
            aggregator: Aggregator::new(rpc, contract, Protocol::Ocr2),
            confirmations,
            current,
        }
    }

    /// Takes the aggregator for one of `protocol`.
    #[must_use]
    pub const fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.aggregator.protocol = protocol;
        self
    }

    /// Looks once.
    ///
    /// # Errors
    /// The endpoint does not answer, or the contract is not an aggregator.
    pub async fn check(&mut self) -> Result<Check, ChainError> {
        let height = self.aggregator.rpc.height().await?;
        let LatestConfig { block, digest } = self.aggregator.latest_config().await?;
        match decide(self.current, height, block, digest, self.confirmations) {
            Step::NotConfigured => Ok(Check::NotConfigured),
            Step::Unchanged => Ok(Check::Unchanged),
            Step::Await { missing_blocks } => Ok(Check::Unconfirmed {
                digest,
                missing_blocks,
            }),
            Step::Load => Ok(self.load(block, digest).await),
        }
    }

    /// How long to wait after a check before the next, where `configured` is the usual interval.
    #[must_use]
    pub fn poll_interval(check: &Check, configured: Duration) -> Duration {
        match check {
            Check::Unconfirmed { .. } | Check::Unreadable { .. } => {
                configured.min(AWAITING_POLL_INTERVAL)
            }
            _ => configured,
        }
    }

    async fn load(&mut self, block: u64, digest: ConfigDigest) -> Check {
        let config = match self.aggregator.config_set(block).await {
            Ok(config) => config,
            Err(error) => return Check::Unreadable { digest, error },
        };
        let computed = self.aggregator.computed_digest(&config);
        match verify(digest, config.digest, computed) {
            Err(refusal) => Check::Refused(refusal),
            Ok(()) => {
                self.current = digest;
                Check::New(config)
            }
        }
    }
}

/// What to do about the configuration the contract shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    NotConfigured,
    Unchanged,
    Await { missing_blocks: u64 },
    Load,
}

fn decide(
    current: ConfigDigest,
    height: u64,
    block: u64,
    digest: ConfigDigest,
    confirmations: Option<u16>,
) -> Step {
    if digest == ConfigDigest::ZERO {
        return Step::NotConfigured;
    }
    if digest == current {
        return Step::Unchanged;
    }
    if let Some(confirmations) = confirmations {
        let confirmed_at = (block + u64::from(confirmations)).saturating_sub(1);
        if height < confirmed_at {
            return Step::Await {
                missing_blocks: confirmed_at - height,
            };
        }
    }
    Step::Load
}

/// Checks a configuration's digest three ways: announced, in the log, computed.
fn verify(
    announced: ConfigDigest,
    log: ConfigDigest,
    computed: ConfigDigest,
) -> Result<(), ConfigRefusal> {
    if log != announced {
        return Err(ConfigRefusal::OtherDigest { announced, log });
    }
    if announced.0[..2] != computed.0[..2] {
        return Err(ConfigRefusal::OtherScheme(announced));
    }
    if announced != computed {
        return Err(ConfigRefusal::WrongDigest {
            announced,
            computed,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: ConfigDigest = ConfigDigest::ZERO;

    fn digest(byte: u8) -> ConfigDigest {
        let mut digest = [byte; 32];
        digest[..2].copy_from_slice(&[0, 1]);
        ConfigDigest(digest)
    }

    #[test]
    fn decides_in_the_order_zero_known_confirmations() {
        let (a, b) = (digest(0xa), digest(0xb));
        let missing = |missing_blocks| Step::Await { missing_blocks };
        let table = [
            // current, height, block, shown, confirmations, step
            (NONE, 100, 0, NONE, Some(3), Step::NotConfigured),
            (a, 100, 0, NONE, Some(3), Step::NotConfigured),
            (a, 0, 90, a, Some(3), Step::Unchanged),
            (NONE, 99, 100, a, Some(1), missing(1)),
            (NONE, 100, 100, a, Some(1), Step::Load),
            (NONE, 100, 100, a, Some(3), missing(2)),
            (a, 101, 100, b, Some(3), missing(1)),
            (a, 102, 100, b, Some(3), Step::Load),
            (a, 0, 100, b, None, Step::Load),
            (NONE, 0, 0, a, Some(0), Step::Load),
            (
                NONE,
                u64::MAX,
                u64::from(u32::MAX),
                a,
                Some(u16::MAX),
                Step::Load,
            ),
        ];
        for (current, height, block, shown, confirmations, step) in table {
            assert_eq!(
                decide(current, height, block, shown, confirmations),
                step,
                "height {height}, block {block}, {confirmations:?} confirmations"
            );
        }
    }

    #[test]
    fn verifies_log_scheme_and_digest_in_that_order() {
        let (a, b) = (digest(0xa), digest(0xb));
        let solana = ConfigDigest([3; 32]);
        assert_eq!(verify(a, a, a), Ok(()));
        assert_eq!(
            verify(a, b, solana),
            Err(ConfigRefusal::OtherDigest {
                announced: a,
                log: b
            })
        );
        assert_eq!(
            verify(solana, solana, a),
            Err(ConfigRefusal::OtherScheme(solana))
        );
        assert_eq!(
            verify(a, a, b),
            Err(ConfigRefusal::WrongDigest {
                announced: a,
                computed: b
            })
        );
    }

    #[test]
    fn awaits_at_most_fifteen_seconds() {
        let minute = Duration::from_secs(60);
        let second = Duration::from_secs(1);
        let awaiting = Check::Unconfirmed {
            digest: digest(1),
            missing_blocks: 1,
        };
        assert_eq!(
            ConfigTracker::poll_interval(&awaiting, minute),
            AWAITING_POLL_INTERVAL
        );
        assert_eq!(ConfigTracker::poll_interval(&awaiting, second), second);
        assert_eq!(
            ConfigTracker::poll_interval(&Check::Unchanged, minute),
            minute
        );
        let unreadable = Check::Unreadable {
            digest: digest(1),
            error: ChainError::NoConfigSet {
                contract: Address::ZERO,
                block: 1,
            },
        };
        assert_eq!(
            ConfigTracker::poll_interval(&unreadable, minute),
            AWAITING_POLL_INTERVAL
        );
    }
}
