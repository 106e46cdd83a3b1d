//! Why there is no local committee.

use ocr_chain::ChainError;
use ocr_chain::anvil::AnvilError;
use ocr_chain::deploy::OwnerError;
use ocr_protocol::config::ConfigError;

use super::process::ProcessError;
use crate::feed::FeedError;
use crate::keystore::KeystoreError;

/// Why there is no committee.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// The local chain did not start.
    #[error(transparent)]
    Anvil(#[from] AnvilError),
    /// The local chain did not answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A contract could not be set up.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// A node could not be started, or ended too early.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Keys could not be made.
    #[error("{0}")]
    Keys(String),
    /// The parameters make no configuration.
    #[error("{0}")]
    Parameters(String),
    /// A file or a port could not be had.
    #[error("{what}: {error}")]
    Io {
        /// What was wanted.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
}

impl From<KeystoreError> for DevnetError {
    fn from(error: KeystoreError) -> Self {
        Self::Keys(error.to_string())
    }
}

impl From<FeedError> for DevnetError {
    fn from(error: FeedError) -> Self {
        Self::Parameters(error.to_string())
    }
}

impl From<ConfigError> for DevnetError {
    fn from(error: ConfigError) -> Self {
        Self::Parameters(error.to_string())
    }
}
