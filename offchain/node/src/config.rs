//! The node's own configuration: one TOML file, overridden by the environment, overridden by flags.
//!
//! `OCR_CHAIN__RPC_URL` and `--set chain.rpc_url=…` both stand for `rpc_url` in `[chain]`.
//! Relative paths are relative to the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::Address;
use figment::Figment;
use figment::providers::{Env, Serialized};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use juels::JuelsConfig;

mod juels;

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
    /// How much juels one unit of the fee coin costs; OCR1 does not ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) juels_per_fee_coin: Option<JuelsConfig>,
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
    /// The aggregator, of OCR1 or OCR2.
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceConfig {
    /// Asked together; the observation is the median of the answers.
    pub(crate) urls: Vec<String>,
    /// JSON pointer to the number in the answer, such as `/data/price`; empty for the whole answer.
    pub(crate) pointer: String,
    /// Digits after the point in the answer on chain: 8 turns 1455.22 into 145522000000. 0 to 57.
    pub(crate) decimals: u8,
    /// Longest wait for an answer; a round that has less time waits less. 1 ms to 1 min.
    #[serde(with = "humantime_serde", default = "default_source_timeout")]
    pub(crate) timeout: Duration,
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
    #[error("{}: {reason}", path.display())]
    Invalid { path: PathBuf, reason: String },
    #[error("{}: version {given}, this node reads version {CONFIG_VERSION}; see CHANGELOG.md", path.display())]
    Version { path: PathBuf, given: u32 },
    #[error("--set {0}: write it as section.key=value, such as chain.chain_id=1")]
    Override(String),
    #[error("{}: {key} is {given}, it must be {wanted}", path.display())]
    OutOfRange {
        path: PathBuf,
        key: String,
        given: String,
        wanted: &'static str,
    },
}

/// A bound, and whether it holds.
struct Rule {
    key: String,
    given: String,
    wanted: &'static str,
    holds: bool,
}

impl Rule {
    fn new(
        key: impl Into<String>,
        given: impl ToString,
        wanted: &'static str,
        holds: bool,
    ) -> Self {
        Self {
            key: key.into(),
            given: given.to_string(),
            wanted,
            holds,
        }
    }
}

impl NodeConfig {
    /// Reads `path`, the environment (`OCR_SECTION__KEY`) and `overrides` (`section.key=value`).
    pub(crate) fn load(path: &Path, overrides: &[String]) -> Result<Self, ConfigError> {
        if !path.is_file() {
            return Err(ConfigError::Missing(path.to_owned()));
        }
        let environment = Env::prefixed("OCR_").filter(|key| key.as_str().contains("__"));
        let invalid = |reason| ConfigError::Invalid {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
        let file = parse_toml::<toml::Table>(&text).map_err(invalid)?;
        let mut figment = Figment::new()
            .merge(Serialized::defaults(file))
            .merge(environment.split("__"));
        for text in overrides {
            let (key, value) = parse_override(text)?;
            figment = figment.merge(Serialized::default(&key, value));
        }
        let invalid = |error| invalid(one_line(error));
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
        match config.rules().into_iter().find(|rule| !rule.holds) {
            None => Ok(config),
            Some(rule) => Err(ConfigError::OutOfRange {
                path: path.to_owned(),
                key: rule.key,
                given: rule.given,
                wanted: rule.wanted,
            }),
        }
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
    fn rules(&self) -> Vec<Rule> {
        let seconds = |least, most, given: Duration| {
            (Duration::from_secs(least)..=Duration::from_secs(most)).contains(&given)
        };
        let chain = &self.chain;
        let mut rules = vec![
            Rule::new(
                "chain.confirmations",
                chain.confirmations,
                "1 to 100",
                (1..=100).contains(&chain.confirmations),
            ),
            Rule::new(
                "chain.poll_interval",
                format!("{:?}", chain.poll_interval),
                "1 s to 120 s",
                seconds(1, 120, chain.poll_interval),
            ),
            Rule::new(
                "chain.rpc_timeout",
                format!("{:?}", chain.rpc_timeout),
                "1 s to 20 s",
                seconds(1, 20, chain.rpc_timeout),
            ),
            Rule::new(
                "chain.transmit_timeout",
                format!("{:?}", chain.transmit_timeout),
                "1 s to 1 min",
                seconds(1, 60, chain.transmit_timeout),
            ),
            Rule::new(
                "chain.max_fee_gwei",
                chain.max_fee_gwei,
                "at least 1",
                chain.max_fee_gwei >= 1,
            ),
            Rule::new(
                "network.listen",
                "empty",
                "at least one multiaddress",
                !self.network.listen.is_empty(),
            ),
        ];
        rules.extend(self.source.rules("source"));
        if let Some(JuelsConfig::Source(source)) = &self.juels_per_fee_coin {
            rules.extend(source.rules("juels_per_fee_coin"));
        }
        rules
    }
}

impl SourceConfig {
    /// Bounds of a source of the section `section`.
    fn rules(&self, section: &str) -> [Rule; 4] {
        let key = |name: &str| format!("{section}.{name}");
        let timeouts = Duration::from_millis(1)..=Duration::from_secs(60);
        [
            Rule::new(
                key("urls"),
                "empty",
                "at least one URL",
                !self.urls.is_empty(),
            ),
            Rule::new(
                key("pointer"),
                format!("{:?}", self.pointer),
                "a JSON pointer, which is empty or starts with /",
                self.pointer.is_empty() || self.pointer.starts_with('/'),
            ),
            Rule::new(
                key("decimals"),
                self.decimals,
                "at most 57, the digits of an int192",
                self.decimals <= 57,
            ),
            Rule::new(
                key("timeout"),
                format!("{:?}", self.timeout),
                "1 ms to 1 min",
                timeouts.contains(&self.timeout),
            ),
        ]
    }
}

/// Reads TOML; what is wrong is said on one line, with its place.
pub(crate) fn parse_toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        match error.span().and_then(|span| text.get(..span.start)) {
            None => format!("TOML: {message}"),
            Some(before) => {
                let line = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
                format!("TOML, line {line}, column {column}: {message}")
            }
        }
    })
}

/// Says what is wrong with which keys; where it was given is figment's business.
fn one_line(error: figment::Error) -> String {
    let each = |error: figment::Error| {
        let reason = error.kind.to_string().replace('\n', " ");
        if error.path.is_empty() {
            reason
        } else {
            format!("{}: {reason}", error.path.join("."))
        }
    };
    error.into_iter().map(each).collect::<Vec<_>>().join("; ")
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
