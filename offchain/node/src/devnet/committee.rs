//! The committee: directories, contracts, processes, and what they put on the chain.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use alloy_primitives::{Address, TxHash, U256};
use ocr_chain::anvil::{Anvil, AnvilError, AnvilOptions};
use ocr_chain::contracts::{AggregatorArgs, ILinkToken, IOCR2Aggregator};
use ocr_chain::deploy::{Owner, OwnerError};
use ocr_chain::{Account, ChainError, FeePolicy, Feed, NewTransmission, Rpc};
use ocr_protocol::config::{Config, ConfigError, ResourceChecks};
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use tokio::process::Command;

use super::DECIMALS;
use super::process::{Process, ProcessError};
use crate::card::OracleCard;
use crate::config::{
    CONFIG_VERSION, ChainConfig, JuelsConfig, KeysConfig, NetworkConfig, NodeConfig, SourceConfig,
    StoreConfig,
};
use crate::feed::{FeedError, FeedParameters, SetConfigArgs};
use crate::keystore::{self, Keys, KeystoreError};

/// Longest wait for one answer of the local chain.
const RPC_TIMEOUT: Duration = Duration::from_secs(10);

/// Most that is offered for a unit of gas on the local chain.
const MAX_FEE_GWEI: u64 = 500;

/// Juels per fee coin of the local feed: 7 million gjuels.
const JUELS_PER_FEE_COIN: &str = "7000000000000000";

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

/// A report on the chain, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRound {
    /// The contract's number of the round.
    pub aggregator_round_id: u32,
    /// The configuration it belongs to.
    pub digest: ConfigDigest,
    /// Epoch and round of the report.
    pub at: EpochRound,
    /// Leader of the epoch.
    pub leader: OracleId,
    /// The answer.
    pub answer: Int192,
    /// What was observed, in order of value.
    pub observations: Vec<Int192>,
    /// Who observed it, in the same order.
    pub observers: Vec<OracleId>,
    /// Who transmitted it.
    pub transmitter: OracleId,
    /// Gas of the transaction.
    pub gas_used: u64,
    /// The transaction.
    pub tx: TxHash,
}

/// One oracle of the committee, running or not.
#[derive(Debug)]
struct Seat {
    name: String,
    directory: PathBuf,
    card: OracleCard,
    process: Option<Process>,
}

/// A running committee; everything it started ends when it is dropped.
pub struct Committee {
    anvil: Anvil,
    owner: Owner,
    rpc: Rpc,
    contract: Address,
    program: PathBuf,
    log_level: String,
    seats: Vec<Seat>,
    configs: BTreeMap<ConfigDigest, Config>,
}

impl Committee {
    /// Starts a chain, deploys the contracts, makes keys, writes the configuration and runs every
    /// oracle. `progress` hears what is being done.
    ///
    /// # Errors
    /// Names what could not be started; what was started ends.
    pub async fn start(
        options: CommitteeOptions,
        progress: impl Fn(&str),
    ) -> Result<Self, DevnetError> {
        let CommitteeOptions {
            program,
            directory,
            sources,
            parameters,
            ..
        } = &options;
        let n = sources.len();
        progress("starting a local chain");
        let anvil = Anvil::start(&AnvilOptions::default()).await?;
        let rpc = Rpc::connect(&anvil.url(), ocr_chain::anvil::CHAIN_ID, RPC_TIMEOUT).await?;
        progress("making keys");
        let mut seats = Vec::with_capacity(n);
        for index in 0..n {
            seats.push(Seat::create(directory, index)?);
        }
        progress("deploying LINK, access controllers and the aggregator");
        let owner = Owner::new(local_account(&anvil, &rpc));
        let contract = deploy(&owner, parameters, &seats).await?;
        write_node_configs(&options, &seats, &anvil, contract)?;
        let mut committee = Self {
            anvil,
            owner,
            rpc,
            contract,
            program: program.clone(),
            log_level: options.log_level.clone(),
            seats,
            configs: BTreeMap::new(),
        };
        progress("writing the configuration on chain");
        committee.set_config(parameters).await?;
        for index in 0..n {
            progress(&format!("starting oracle {index}"));
            committee.launch(index)?;
        }
        Ok(committee)
    }

    /// Number of oracles.
    #[must_use]
    pub fn n(&self) -> usize {
        self.seats.len()
    }

    /// The aggregator.
    #[must_use]
    pub const fn contract(&self) -> Address {
        self.contract
    }

    /// The local chain's endpoint.
    #[must_use]
    pub fn rpc_url(&self) -> String {
        self.anvil.url()
    }

    /// Reads the aggregator.
    #[must_use]
    pub fn feed(&self) -> Feed {
        Feed::new(self.rpc.clone(), self.contract)
    }

    /// Writes a configuration of all seats on chain and returns its digest.
    ///
    /// # Errors
    /// The parameters are refused, here or by the contract.
    pub async fn set_config(
        &mut self,
        parameters: &FeedParameters,
    ) -> Result<ConfigDigest, DevnetError> {
        let cards: Vec<OracleCard> = self.seats.iter().map(|seat| seat.card.clone()).collect();
        let args = parameters.set_config_args_at_random(&cards)?;
        self.owner.set_config(self.contract, args.call()).await?;
        let (digest, _) = self.feed().latest_config_digest_and_epoch().await?;
        self.configs.insert(digest, self.config_of(&args, digest)?);
        Ok(digest)
    }

    /// Asks for a round, as the owner of the contract may.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn request_new_round(&self) -> Result<(), DevnetError> {
        self.owner
            .call(self.contract, IOCR2Aggregator::requestNewRoundCall {})
            .await?;
        Ok(())
    }

    /// The configuration as oracle 0 sees it: it knows who leads.
    fn config_of(&self, args: &SetConfigArgs, digest: ConfigDigest) -> Result<Config, DevnetError> {
        let contract_config = args.contract_config(digest, self.configs.len() as u64 + 1);
        let public = ocr_wire::public_config(&contract_config, ResourceChecks::Enforced)
            .map_err(|error| DevnetError::Parameters(error.to_string()))?;
        let keys = self.seats[0].keys()?;
        let card = &self.seats[0].card;
        Ok(Config::new(
            public,
            &keys.keyring(),
            &card.peer_id,
            card.transmitter,
        )?)
    }

    /// Runs the oracle of seat `index`.
    ///
    /// # Errors
    /// Its process cannot be started.
    pub fn launch(&mut self, index: usize) -> Result<(), DevnetError> {
        let seat = &mut self.seats[index];
        let mut command = Command::new(&self.program);
        command.args(["--log-level", &self.log_level, "run", "--config"]);
        command.arg(seat.directory.join("node.toml"));
        seat.process = Some(Process::start(&seat.name, command, &seat.log())?);
        Ok(())
    }

    /// Ends the oracle of seat `index` at once, as a crash would.
    pub async fn kill(&mut self, index: usize) {
        if let Some(process) = self.seats[index].process.take() {
            process.kill().await;
        }
    }

    /// Asks the oracle of seat `index` to stop; its exit status, `None` if it had to be killed.
    pub async fn stop(&mut self, index: usize) -> Option<ExitStatus> {
        match self.seats[index].process.take() {
            None => None,
            Some(process) => process.stop().await,
        }
    }

    /// Fails when an oracle that should run has ended.
    ///
    /// # Errors
    /// Names it, with the end of its log.
    pub fn check(&mut self) -> Result<(), DevnetError> {
        for seat in &mut self.seats {
            if let Some(process) = &mut seat.process {
                process.check()?;
            }
        }
        Ok(())
    }

    /// Directory of seat `index`: keys, database, configuration, log.
    #[must_use]
    pub fn directory(&self, index: usize) -> &Path {
        &self.seats[index].directory
    }

    /// What the oracle of seat `index` wrote so far.
    #[must_use]
    pub fn log(&self, index: usize) -> String {
        std::fs::read_to_string(self.seats[index].log()).unwrap_or_default()
    }

    /// The reports on chain from block `from_block` on, oldest first, and the next block to ask for.
    ///
    /// # Errors
    /// The local chain does not answer.
    pub async fn rounds(&self, from_block: u64) -> Result<(Vec<ReportedRound>, u64), DevnetError> {
        let height = self.rpc.height().await?;
        if height < from_block {
            return Ok((Vec::new(), from_block));
        }
        let mut rounds = Vec::new();
        for transmission in self.feed().transmissions(from_block, height).await? {
            rounds.push(self.reported(transmission).await?);
        }
        Ok((rounds, height + 1))
    }

    async fn reported(&self, transmission: NewTransmission) -> Result<ReportedRound, DevnetError> {
        let config = &self.configs[&transmission.digest];
        let committee = config.public.committee;
        let mined = self.rpc.mined(transmission.tx).await?;
        let gas_used = mined.map_or(0, |mined| mined.gas_used);
        let transmitter = self
            .seats
            .iter()
            .position(|seat| seat.card.transmitter == transmission.transmitter)
            .and_then(|index| committee.oracle(index))
            .expect("the contract lets only the committee transmit");
        Ok(ReportedRound {
            aggregator_round_id: transmission.aggregator_round_id,
            digest: transmission.digest,
            at: transmission.at,
            leader: config.leader(transmission.at.epoch),
            answer: transmission.answer,
            observations: transmission.observations,
            observers: transmission
                .observers
                .iter()
                .filter_map(|observer| committee.oracle(usize::from(*observer)))
                .collect(),
            transmitter,
            gas_used,
            tx: transmission.tx,
        })
    }

    /// Asks every oracle to stop, then ends the chain.
    pub async fn end(mut self) {
        for index in 0..self.n() {
            self.stop(index).await;
        }
        // It ends with its handle in any case.
        let _ = self.anvil.stop().await;
    }
}

impl Seat {
    fn create(directory: &Path, index: usize) -> Result<Self, DevnetError> {
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

    fn keys(&self) -> Result<Keys, KeystoreError> {
        let password = keystore::read_password(&self.directory.join("password"))?;
        Keys::open(&self.directory.join("keys"), &password)
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }
}

fn local_account(anvil: &Anvil, rpc: &Rpc) -> Account {
    let policy = FeePolicy {
        max_fee_per_gas_wei: u128::from(MAX_FEE_GWEI) * 1_000_000_000,
        bump_after_blocks: 3,
        give_up_after: Duration::from_secs(30),
    };
    Account::new(rpc.clone(), anvil.accounts()[0].clone(), policy)
}

/// Deploys and funds everything; returns the aggregator.
async fn deploy(
    owner: &Owner,
    parameters: &FeedParameters,
    seats: &[Seat],
) -> Result<Address, DevnetError> {
    let bounds = parameters.onchain.bounds()?;
    let link = owner.deploy_link_test_token().await?;
    let billing_access_controller = owner.deploy_write_access_controller().await?;
    let requester_access_controller = owner.deploy_write_access_controller().await?;
    let args = AggregatorArgs {
        link,
        min_answer: bounds.min().get(),
        max_answer: bounds.max().get(),
        billing_access_controller,
        requester_access_controller,
        decimals: DECIMALS,
        description: "S&P 500".to_owned(),
    };
    let contract = owner.deploy_access_controlled_aggregator(&args).await?;
    owner
        .add_access(billing_access_controller, owner.address())
        .await?;
    owner
        .add_access(requester_access_controller, owner.address())
        .await?;
    let thousand_link = U256::from(1_000) * U256::from(10).pow(U256::from(18));
    owner
        .call(
            link,
            ILinkToken::transferCall {
                to: contract,
                value: thousand_link,
            },
        )
        .await?;
    owner
        .set_billing(
            contract,
            IOCR2Aggregator::setBillingCall {
                maximumGasPriceGwei: 100,
                reasonableGasPriceGwei: 10,
                observationPaymentGjuels: 1_000,
                transmissionPaymentGjuels: 1_000,
                accountingGas: alloy_primitives::Uint::from(10_000),
            },
        )
        .await?;
    let transmitters: Vec<Address> = seats.iter().map(|seat| seat.card.transmitter).collect();
    owner
        .set_payees(contract, transmitters.clone(), transmitters.clone())
        .await?;
    for transmitter in transmitters {
        owner
            .fund(transmitter, U256::from(10).pow(U256::from(19)))
            .await?;
    }
    Ok(contract)
}

/// Writes each seat's `node.toml`.
fn write_node_configs(
    options: &CommitteeOptions,
    seats: &[Seat],
    anvil: &Anvil,
    contract: Address,
) -> Result<(), DevnetError> {
    let ports = free_ports(seats.len())?;
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
            juels_per_fee_coin: JuelsConfig::Fixed {
                fixed: JUELS_PER_FEE_COIN.to_owned(),
            },
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
