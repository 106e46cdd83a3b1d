//! The node's own configuration: one TOML file, overridden by the environment, overridden by flags.
//!
//! `OCR_CHAIN__RPC_URL` and `--set chain.rpc_url=…` both stand for `rpc_url` in `[chain]`.
//! Relative paths are relative to the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::Address;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

/// Version of the file's layout that this node reads.
pub(crate) const CONFIG_VERSION: u32 = 1;

/// Everything `ocr run` is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeConfig {
    /// Layout of this file: 1.
    pub(crate) version: u32,
    /// Where the keys are.
    pub(crate) keys: KeysConfig,
    /// The chain and the aggregator.
    pub(crate) chain: ChainConfig,
    /// How to reach the other oracles.
    pub(crate) network: NetworkConfig,
    /// Where the node remembers what it must not forget.
    pub(crate) store: StoreConfig,
    /// What to observe.
    pub(crate) source: SourceConfig,
    /// How much juels one unit of the fee coin costs.
    pub(crate) juels_per_fee_coin: JuelsConfig,
}

/// `[keys]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeysConfig {
    /// Directory made by `ocr keys new`.
    pub(crate) directory: PathBuf,
    /// File whose first line is the password.
    pub(crate) password_file: PathBuf,
}

/// `[chain]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainConfig {
    /// HTTP JSON-RPC endpoint.
    pub(crate) rpc_url: String,
    /// Id the endpoint must report.
    pub(crate) chain_id: u64,
    /// The OCR2 aggregator.
    pub(crate) aggregator: Address,
    /// Blocks, the event's own included, before a configuration is believed. 1 to 100.
    #[serde(default = "default_confirmations")]
    pub(crate) confirmations: u16,
    /// Pause between looks for a new configuration. 1 s to 120 s.
    #[serde(with = "humantime_serde", default = "default_poll_interval")]
    pub(crate) poll_interval: Duration,
    /// Longest wait for one answer of the endpoint. 1 s to 20 s.
    #[serde(with = "humantime_serde", default = "default_rpc_timeout")]
    pub(crate) rpc_timeout: Duration,
    /// Longest wait for a transmission to be mined. 1 s to 1 min.
    #[serde(with = "humantime_serde", default = "default_transmit_timeout")]
    pub(crate) transmit_timeout: Duration,
    /// Most that is paid per gas, tip included, in gwei.
    pub(crate) max_fee_gwei: u64,
}

/// `[network]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkConfig {
    /// Multiaddresses to listen on, such as `/ip4/0.0.0.0/tcp/6690`.
    pub(crate) listen: Vec<String>,
    /// Multiaddresses of the other oracles by peer id.
    #[serde(default)]
    pub(crate) peers: BTreeMap<String, Vec<String>>,
}

/// `[store]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreConfig {
    /// The database file; made when it does not exist.
    pub(crate) path: PathBuf,
}

/// `[source]`: an HTTP JSON source.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceConfig {
    /// Asked together; the observation is the median of the answers.
    pub(crate) urls: Vec<String>,
    /// JSON pointer to the number in the answer, such as `/data/price`.
    pub(crate) pointer: String,
    /// Digits after the point in the answer on chain: 8 turns 1455.22 into 145522000000.
    pub(crate) decimals: u8,
    /// Longest wait for an answer.
    #[serde(with = "humantime_serde", default = "default_source_timeout")]
    pub(crate) timeout: Duration,
}

/// `[juels_per_fee_coin]`: either `fixed`, or a source.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum JuelsConfig {
    /// A number of juels (1e-18 LINK) per whole fee coin, in decimal digits.
    Fixed {
        /// The number.
        fixed: String,
    },
    /// An HTTP JSON source.
    Source(SourceConfig),
}

fn default_confirmations() -> u16 {
    3
}

fn default_poll_interval() -> Duration {
    Duration::from_secs(15)
}

fn default_rpc_timeout() -> Duration {
    Duration::from_secs(10)
}

fn default_transmit_timeout() -> Duration {
    Duration::from_secs(30)
}

fn default_source_timeout() -> Duration {
    Duration::from_secs(2)
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{}: no such file; write one as docs/operating.md shows, or name it with --config", .0.display())]
    Missing(PathBuf),
    #[error("{}: {error}", path.display())]
    Invalid {
        path: PathBuf,
        error: Box<figment::Error>,
    },
    #[error("{}: version {given}, this node reads version {CONFIG_VERSION}; see CHANGELOG.md", path.display())]
    Version { path: PathBuf, given: u32 },
    #[error("--set {0}: write it as section.key=value, such as chain.chain_id=1")]
    Override(String),
    #[error("{}: {key} is {given}, it must be {wanted}", path.display())]
    OutOfRange {
        path: PathBuf,
        key: &'static str,
        given: String,
        wanted: &'static str,
    },
}

impl NodeConfig {
    /// Reads `path`, the environment (`OCR_SECTION__KEY`) and `overrides` (`section.key=value`).
    pub(crate) fn load(path: &Path, overrides: &[String]) -> Result<Self, ConfigError> {
        if !path.is_file() {
            return Err(ConfigError::Missing(path.to_owned()));
        }
        let environment = Env::prefixed("OCR_").filter(|key| key.as_str().contains("__"));
        let mut figment = Figment::new()
            .merge(Toml::file_exact(path))
            .merge(environment.split("__"));
        for text in overrides {
            let (key, value) = parse_override(text)?;
            figment = figment.merge(Serialized::default(&key, value));
        }
        let invalid = |error| ConfigError::Invalid {
            path: path.to_owned(),
            error: Box::new(error),
        };
        // The version first: a file of another layout would fail on some unknown key instead.
        let given: u32 = figment.extract_inner("version").map_err(invalid)?;
        if given != CONFIG_VERSION {
            return Err(ConfigError::Version {
                path: path.to_owned(),
                given,
            });
        }
        let mut config: Self = figment.extract().map_err(invalid)?;
        config.resolve_paths(path.parent().unwrap_or(Path::new(".")));
        config.check(path)?;
        Ok(config)
    }

    fn resolve_paths(&mut self, base: &Path) {
        for path in [
            &mut self.keys.directory,
            &mut self.keys.password_file,
            &mut self.store.path,
        ] {
            *path = base.join(&*path);
        }
    }

    /// Bounds. Source: offchain-ocr2 7.6.
    fn check(&self, path: &Path) -> Result<(), ConfigError> {
        let seconds = |least, most, given: Duration| {
            (Duration::from_secs(least)..=Duration::from_secs(most)).contains(&given)
        };
        let chain = &self.chain;
        let rules: [(&'static str, String, &'static str, bool); 8] = [
            (
                "chain.confirmations",
                chain.confirmations.to_string(),
                "1 to 100",
                (1..=100).contains(&chain.confirmations),
            ),
            (
                "chain.poll_interval",
                format!("{:?}", chain.poll_interval),
                "1 s to 120 s",
                seconds(1, 120, chain.poll_interval),
            ),
            (
                "chain.rpc_timeout",
                format!("{:?}", chain.rpc_timeout),
                "1 s to 20 s",
                seconds(1, 20, chain.rpc_timeout),
            ),
            (
                "chain.transmit_timeout",
                format!("{:?}", chain.transmit_timeout),
                "1 s to 1 min",
                seconds(1, 60, chain.transmit_timeout),
            ),
            (
                "chain.max_fee_gwei",
                chain.max_fee_gwei.to_string(),
                "at least 1",
                chain.max_fee_gwei >= 1,
            ),
            (
                "network.listen",
                "empty".to_owned(),
                "at least one multiaddress",
                { !self.network.listen.is_empty() },
            ),
            (
                "source.urls",
                "empty".to_owned(),
                "at least one URL",
                !self.source.urls.is_empty(),
            ),
            (
                "source.decimals",
                self.source.decimals.to_string(),
                "at most 57, the digits of an int192",
                self.source.decimals <= 57,
            ),
        ];
        match rules.into_iter().find(|(.., holds)| !holds) {
            None => Ok(()),
            Some((key, given, wanted, _)) => Err(ConfigError::OutOfRange {
                path: path.to_owned(),
                key,
                given,
                wanted,
            }),
        }
    }
}

/// Splits `section.key=value`; the value is read as TOML where it is TOML, else as text.
fn parse_override(text: &str) -> Result<(String, toml::Value), ConfigError> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| ConfigError::Override(text.to_owned()))?;
    if key.is_empty() {
        return Err(ConfigError::Override(text.to_owned()));
    }
    let parsed = toml::from_str::<toml::Table>(&format!("value = {value}"))
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    Ok((key.to_owned(), parsed))
}
