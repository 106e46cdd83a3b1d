//! One oracle's place in the committee: its directory, keys, `node.toml` and process.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::Address;
use ocr_chain::anvil::Anvil;

use super::error::DevnetError;
use super::options::CommitteeOptions;
use super::process::Process;
use super::{DECIMALS, MAX_FEE_GWEI, RPC_TIMEOUT};
use crate::card::OracleCard;
use crate::config::{
    CONFIG_VERSION, ChainConfig, JuelsConfig, KeysConfig, NetworkConfig, NodeConfig, SourceConfig,
    StoreConfig,
};
use crate::feed::ProtocolName;
use crate::keystore::{self, Keys, KeystoreError};

/// Juels per fee coin of the local feed: 7 million gjuels.
const JUELS_PER_FEE_COIN: i64 = 7_000_000_000_000_000;

/// One oracle of the committee, running or not.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) name: String,
    pub(super) directory: PathBuf,
    pub(super) card: OracleCard,
    pub(super) process: Option<Process>,
}

impl Seat {
    pub(super) fn create(directory: &Path, index: usize) -> Result<Self, DevnetError> {
        let name = format!("oracle-{index}");
        let directory = directory.join(&name);
        std::fs::create_dir_all(&directory).map_err(|error| DevnetError::Io {
            what: directory.display().to_string(),
            error,
        })?;
        keystore::create_password(&directory.join("password"))?;
        let password = keystore::read_password(&directory.join("password"))?;
        let keys = Keys::create(&directory.join("keys"), &password)?;
        Ok(Self {
            card: OracleCard::of(&keys),
            name,
            directory,
            process: None,
        })
    }

    pub(super) fn keys(&self) -> Result<Keys, KeystoreError> {
        let password = keystore::read_password(&self.directory.join("password"))?;
        Keys::open(&self.directory.join("keys"), &password)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("log")
    }
}

/// Writes each seat's `node.toml`.
pub(super) fn write_node_configs(
    options: &CommitteeOptions,
    seats: &[Seat],
    anvil: &Anvil,
    contract: Address,
) -> Result<(), DevnetError> {
    let ports = free_ports(seats.len())?;
    let juels_per_fee_coin = match options.parameters.protocol {
        ProtocolName::Ocr1 => None,
        ProtocolName::Ocr2 => Some(JuelsConfig::Fixed(JUELS_PER_FEE_COIN.into())),
    };
    let address = |index: usize| format!("/ip4/127.0.0.1/tcp/{}", ports[index]);
    for (index, seat) in seats.iter().enumerate() {
        let others = seats
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        let config = NodeConfig {
            version: CONFIG_VERSION,
            keys: KeysConfig {
                directory: "keys".into(),
                password_file: "password".into(),
            },
            chain: ChainConfig {
                rpc_url: anvil.url(),
                chain_id: ocr_chain::anvil::CHAIN_ID,
                aggregator: contract,
                confirmations: 1,
                poll_interval: Duration::from_secs(1),
                rpc_timeout: RPC_TIMEOUT,
                transmit_timeout: Duration::from_secs(10),
                max_fee_gwei: MAX_FEE_GWEI,
            },
            network: NetworkConfig {
                listen: vec![address(index)],
                peers: others
                    .map(|(other, seat)| (seat.card.peer_id.clone(), vec![address(other)]))
                    .collect(),
            },
            store: StoreConfig {
                path: "ocr.redb".into(),
            },
            source: SourceConfig {
                urls: vec![options.sources[index].clone()],
                pointer: options.pointer.clone(),
                decimals: DECIMALS,
                timeout: options.source_timeout,
            },
            juels_per_fee_coin: juels_per_fee_coin.clone(),
        };
        let path = seat.directory.join("node.toml");
        let text = toml::to_string(&config).expect("the configuration is plain tables");
        std::fs::write(&path, text).map_err(|error| DevnetError::Io {
            what: path.display().to_string(),
            error,
        })?;
    }
    Ok(())
}

/// Ports nobody listens on. Another process could take one before its oracle does; the oracle says so.
fn free_ports(count: usize) -> Result<Vec<u16>, DevnetError> {
    let failed = |error| DevnetError::Io {
        what: "no free port".to_owned(),
        error,
    };
    let listeners = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    listeners
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect::<Result<_, _>>()
        .map_err(failed)
}
