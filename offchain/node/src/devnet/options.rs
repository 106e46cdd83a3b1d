//! What a committee is made of.

use std::path::PathBuf;
use std::time::Duration;

use crate::feed::FeedParameters;

/// What to start.
#[derive(Clone, Debug)]
pub struct CommitteeOptions {
    /// The `ocr` program.
    pub program: PathBuf,
    /// Empty directory for keys, databases and logs.
    pub directory: PathBuf,
    /// URL of each oracle's source; as many as there are oracles.
    pub sources: Vec<String>,
    /// JSON pointer to the number in the sources' answers.
    pub pointer: String,
    /// Longest wait for a source.
    pub source_timeout: Duration,
    /// The feed's parameters.
    pub parameters: FeedParameters,
    /// What the nodes log.
    pub log_level: String,
}
