//! OCR1: its messages and its configuration.

pub mod message;
pub mod offchain_config;

use ocr_protocol::config::ocr1::{ChainChecks, Timeouts};
use ocr_protocol::config::{ConfigError, ContractConfig, PublicConfig};
use ocr_protocol::report::MedianConfig;

use self::offchain_config::OffchainConfigError;

/// Why what the contract says cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicConfigError {
    /// The off-chain configuration cannot be read.
    #[error("encoded configuration: {0}")]
    Offchain(#[from] OffchainConfigError),
    /// It can be read, and breaks a rule.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Reads and checks a configuration, and what the feed decides by.
///
/// # Errors
/// The first that is wrong of: the version, the off-chain configuration's bytes, the rules.
///
/// Source: offchain-ocr1 1.5.
pub fn public_config(
    contract: &ContractConfig,
    checks: ChainChecks,
    timeouts: Timeouts,
) -> Result<(PublicConfig, MedianConfig), PublicConfigError> {
    contract.check_ocr1_version()?;
    let offchain = offchain_config::decode(&contract.offchain_config)?;
    let median = MedianConfig::of_ocr1(&offchain);
    let public = PublicConfig::new_ocr1(contract, offchain, checks, timeouts)?;
    Ok((public, median))
}
