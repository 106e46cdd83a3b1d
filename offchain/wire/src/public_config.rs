//! From what the contract says to a configuration that passed every check.

use ocr_protocol::config::{ConfigError, ContractConfig, PublicConfig, ResourceChecks};

use crate::offchain_config::{self, OffchainConfigError};

/// Why what the contract says cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicConfigError {
    /// The off-chain configuration cannot be read.
    #[error("offchainConfig: {0}")]
    Offchain(#[from] OffchainConfigError),
    /// It can be read, and breaks a rule.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Reads and checks a configuration.
///
/// # Errors
/// The first that is wrong of: the version, the off-chain configuration's bytes, the rules.
///
/// Source: offchain-ocr2 1.4.
pub fn public_config(
    contract: &ContractConfig,
    checks: ResourceChecks,
) -> Result<PublicConfig, PublicConfigError> {
    contract.check_version()?;
    let offchain = offchain_config::decode(&contract.offchain_config)?;
    Ok(PublicConfig::new(contract, offchain, checks)?)
}
