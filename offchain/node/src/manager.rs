//! The life of a node: it follows the contract's configuration and runs one oracle at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ocr_chain::{
    Account, ChainError, Check, ConfigTracker, FeePolicy, Feed, PrivateKeySigner, Rpc, Transmitter,
};
use ocr_net::{
    Group, GroupConfig, Host, HostError, Member, Multiaddr, NetworkConfig, OpenError,
    ParsePeerIdError, PeerId, Redial,
};
use ocr_protocol::config::ocr1::Timeouts;
use ocr_protocol::config::{Config, ConfigError, ContractConfig, OracleIdentity, PublicConfig};
use ocr_protocol::id::{ConfigDigest, Epoch, OracleId, Protocol};
use ocr_protocol::limits::NetworkLimits;
use ocr_protocol::oracle::Machine;
use ocr_protocol::oracle::ocr1::Ocr1;
use ocr_protocol::oracle::ocr2::Ocr2;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::clock::Clock;
use crate::config::{JuelsConfig, NodeConfig};
use crate::driver::{Driver, DriverError};
use crate::effects::{ANSWERS_MAX, Effects, World};
use crate::keystore::Keys;
use crate::source::{Juels, Source, SourceConfigError};
use crate::store::{Owner, Store, StoreError};
use crate::version::{Local, NodeVersion, Terms, TermsError};

/// Longest pause before the contract is looked at again after it could not be.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// How long an OCR1 oracle waits for a source after the source's own timeout.
///
/// Source: offchain-ocr1 6.8, DataSourceGracePeriod.
const SOURCE_GRACE: Duration = Duration::from_secs(1);

/// Wei per gwei.
const GWEI: u128 = 1_000_000_000;

/// Blocks after which a transaction that is not mined offers more.
const BUMP_AFTER_BLOCKS: u64 = 3;

/// A node: keys, database, network and chain, open for whatever configuration comes.
pub(crate) struct Node {
    config: NodeConfig,
    keys: Keys,
    store: Arc<Store>,
    rpc: Rpc,
    protocol: Protocol,
    local: Local,
    transmitter: Arc<Transmitter>,
    host: Host,
    addresses: BTreeMap<PeerId, Vec<Multiaddr>>,
    source: Source,
    juels_per_fee_coin: Option<Juels>,
    clock: Clock,
}

/// Why a node cannot start, or must stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("chain.rpc_url: {0}")]
    Chain(#[source] ChainError),
    #[error("chain.aggregator: {0}")]
    Aggregator(#[source] ChainError),
    #[error(
        "juels_per_fee_coin: missing, and the OCR2 aggregator pays transmitters by it; \
         give `fixed`, or `urls`, `pointer` and `decimals` of a source"
    )]
    NoJuels,
    #[error("network.listen: {0}")]
    Network(#[from] HostError),
    #[error("{key}: {given:?} is not a multiaddress such as /ip4/192.0.2.1/tcp/6690")]
    NotAMultiaddress { key: &'static str, given: String },
    #[error("network.peers: {given:?} is not a peer id such as 12D3KooW…")]
    NotAPeerId { given: String },
    #[error("{0}")]
    Source(#[from] SourceConfigError),
    #[error(transparent)]
    Driver(#[from] DriverError),
}

/// Why a configuration of the contract does not run here; another may.
#[derive(Debug, thiserror::Error)]
enum ConfigUnusable {
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error(transparent)]
    Own(#[from] ConfigError),
    #[error("peer id of oracle {oracle}: {error}")]
    PeerId {
        oracle: OracleId,
        error: ParsePeerIdError,
    },
    #[error(transparent)]
    Group(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An oracle that runs.
struct Running {
    digest: ConfigDigest,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), DriverError>>,
}

/// Ends the oracle, if one runs, and waits until nothing of it is left. May be called again.
async fn end(running: &mut Option<Running>) -> Result<(), DriverError> {
    let Some(Running { stop, task, .. }) = running else {
        return Ok(());
    };
    // It fails only when the oracle has ended already.
    let _ = stop.send(true);
    let ended = task.await.expect("the driver does not panic");
    *running = None;
    ended
}

impl Node {
    /// Opens everything; fails on whatever an operator must correct.
    pub(crate) async fn open(config: NodeConfig, keys: Keys) -> Result<Self, NodeError> {
        let clock = Clock::start();
        let chain = &config.chain;
        let owner = Owner {
            signer: keys.keyring().signer(),
            chain_id: chain.chain_id,
            aggregator: chain.aggregator,
        };
        let (source, juels_per_fee_coin) = open_sources(&config)?;
        let addresses = parse_peers(&config)?;
        let listen = parse_addresses("network.listen", &config.network.listen)?;
        let store = Arc::new(Store::open(&config.store.path)?);
        let rpc = Rpc::connect(&chain.rpc_url, chain.chain_id, chain.rpc_timeout)
            .await
            .map_err(NodeError::Chain)?;
        let (protocol, local) = ask_aggregator(&config, &rpc).await?;
        if protocol == Protocol::Ocr2 && juels_per_fee_coin.is_none() {
            return Err(NodeError::NoJuels);
        }
        // Last: a mistyped chain id must not bind a new database.
        store.claim(&owner)?;
        let transmitter = open_transmitter(&config, &keys, &rpc);
        let network = NetworkConfig {
            secret: keys.peer.clone(),
            listen,
            redial: Redial::default(),
        };
        let host = Host::start(network).await?;
        Ok(Self {
            config,
            keys,
            store,
            rpc,
            protocol,
            local,
            transmitter,
            host,
            addresses,
            source,
            juels_per_fee_coin,
            clock,
        })
    }

    /// Follows the contract until `shutdown` completes.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), NodeError> {
        let mut running = None;
        let result = tokio::select! {
            () = shutdown => Ok(()),
            result = self.follow(&mut running) => result,
        };
        end(&mut running).await?;
        self.host.shutdown().await;
        result
    }

    /// Follows the contract until something fails for good.
    async fn follow(&self, running: &mut Option<Running>) -> Result<(), NodeError> {
        let chain = &self.config.chain;
        if let Some(stored) = self.store.config()? {
            *running = self.start(&stored).await?;
        }
        let current = running
            .as_ref()
            .map_or(ConfigDigest::ZERO, |running| running.digest);
        let mut tracker = ConfigTracker::new(
            self.rpc.clone(),
            chain.aggregator,
            Some(chain.confirmations),
            current,
        )
        .with_protocol(self.protocol);
        loop {
            let check = tokio::select! {
                error = ended(running) => return Err(error.into()),
                check = tracker.check() => check,
            };
            let pause = match check {
                Ok(check) => {
                    let pause = ConfigTracker::poll_interval(&check, chain.poll_interval);
                    self.adopt(check, running).await?;
                    pause
                }
                Err(error) => {
                    tracing::warn!(reason = %error, "configuration not checked");
                    chain.poll_interval.min(RETRY_INTERVAL)
                }
            };
            tokio::select! {
                error = ended(running) => return Err(error.into()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Acts on what a look at the contract's configuration found.
    async fn adopt(&self, check: Check, running: &mut Option<Running>) -> Result<(), NodeError> {
        match check {
            Check::Unchanged => {}
            Check::NotConfigured => tracing::info!("the contract has no configuration yet"),
            Check::Unconfirmed {
                digest,
                missing_blocks,
            } => {
                tracing::info!(%digest, missing_blocks, "configuration awaits confirmations");
            }
            Check::Unreadable { digest, error } => {
                tracing::warn!(%digest, reason = %error, "configuration not read");
            }
            Check::Refused(reason) => tracing::error!(%reason, "configuration refused"),
            Check::New(config) => {
                if let Some(digest) = running.as_ref().map(|running| running.digest) {
                    end(running).await?;
                    tracing::info!(%digest, "oracle ended for another configuration");
                }
                *running = self.start(&config).await?;
            }
        }
        Ok(())
    }

    /// Starts an oracle; `None`, and a log line, when the configuration cannot run here.
    async fn start(&self, contract: &ContractConfig) -> Result<Option<Running>, NodeError> {
        match self.try_start(contract).await {
            Ok(running) => {
                self.store.save_config(contract)?;
                Ok(Some(running))
            }
            Err(ConfigUnusable::Store(error)) => Err(error.into()),
            Err(reason) => {
                tracing::error!(digest = %contract.digest, %reason, "configuration cannot run here");
                Ok(None)
            }
        }
    }

    async fn try_start(&self, contract: &ContractConfig) -> Result<Running, ConfigUnusable> {
        match contract.digest.protocol() {
            Protocol::Ocr1 => self.start_version::<Ocr1>(contract, None).await,
            Protocol::Ocr2 => {
                let juels = self.juels_per_fee_coin.clone();
                self.start_version::<Ocr2>(contract, juels).await
            }
        }
    }

    async fn start_version<V: NodeVersion>(
        &self,
        contract: &ContractConfig,
        juels_per_fee_coin: Option<Juels>,
    ) -> Result<Running, ConfigUnusable> {
        let digest = contract.digest;
        let terms: Terms<V> = V::terms(contract, &self.local)?;
        let committee = terms.public.committee;
        let own_peer_id = self.host.peer_id().to_string();
        let keyring = self.keys.keyring();
        let from = self.transmitter.address();
        let config = Config::new(terms.public, &keyring, &own_peer_id, from)?;
        let group = self.open_group(&config.public, terms.network_limits)?;
        let (answers_in, answers) = mpsc::channel(ANSWERS_MAX);
        let feed =
            Feed::new(self.rpc.clone(), self.config.chain.aggregator).with_protocol(self.protocol);
        let latest = self.latest_epoch(&feed).await;
        self.store.forget_overdue(&self.clock)?;
        let persisted = self.store.load(digest, &self.clock)?;
        let world = World {
            source: self.source.clone(),
            juels_per_fee_coin,
            bounds: terms.bounds,
            feed,
            delta_c: terms.delta_c,
            clock: self.clock,
            answers: answers_in,
        };
        let me = config.me;
        let driver = Driver {
            oracle: Machine::<V>::restore(config, keyring, terms.plugin, persisted, latest),
            digest,
            committee,
            limits: terms.limits,
            group,
            store: Arc::clone(&self.store),
            effects: Effects::new(world, digest, Arc::clone(&self.transmitter)),
            answers,
            clock: self.clock,
        };
        let (stop, stopped) = watch::channel(false);
        let span = tracing::info_span!("oracle", %digest, oracle = %me);
        let task = tokio::spawn(driver.run(stopped).instrument(span));
        tracing::info!(%digest, oracle = %me, n = committee.n(), f = committee.f(), "oracle started");
        Ok(Running { digest, stop, task })
    }

    /// The chain's word on the latest epoch, if it answers in time. Source: offchain-ocr2 5.2.
    async fn latest_epoch(&self, feed: &Feed) -> Option<(ConfigDigest, Epoch)> {
        match feed.latest_config_digest_and_epoch().await {
            Ok(latest) => Some(latest),
            Err(error) => {
                tracing::warn!(reason = %error, "latest epoch not read");
                None
            }
        }
    }

    fn open_group(
        &self,
        public: &PublicConfig,
        limits: NetworkLimits,
    ) -> Result<Group, ConfigUnusable> {
        let member = |(oracle, identity): (OracleId, &OracleIdentity)| {
            let peer: PeerId = identity
                .peer_id
                .parse()
                .map_err(|error| ConfigUnusable::PeerId { oracle, error })?;
            let addresses = self.addresses.get(&peer).cloned().unwrap_or_default();
            if addresses.is_empty() && peer != self.host.peer_id() {
                tracing::warn!(%oracle, %peer, "not in network.peers: it must connect to us");
            }
            Ok(Member { peer, addresses })
        };
        let members = public
            .oracles
            .iter()
            .map(member)
            .collect::<Result<_, ConfigUnusable>>()?;
        Ok(self.host.open(GroupConfig {
            digest: public.digest,
            members,
            limits,
        })?)
    }
}

/// Completes when the oracle ended by itself, which it does only for an error; never when none runs.
async fn ended(running: &mut Option<Running>) -> DriverError {
    let Some(Running { task, .. }) = running else {
        return std::future::pending().await;
    };
    let ended = task.await.expect("the driver does not panic");
    *running = None;
    ended.expect_err("only `end` tells the driver to stop")
}

fn open_transmitter(config: &NodeConfig, keys: &Keys, rpc: &Rpc) -> Arc<Transmitter> {
    let chain = &config.chain;
    let policy = FeePolicy {
        max_fee_per_gas_wei: u128::from(chain.max_fee_gwei) * GWEI,
        bump_after_blocks: BUMP_AFTER_BLOCKS,
        give_up_after: chain.transmit_timeout,
    };
    let signer = PrivateKeySigner::from_slice(keys.transmitter.as_slice())
        .expect("secp256k1 keys are checked when read");
    let account = Arc::new(Account::new(rpc.clone(), signer, policy));
    Arc::new(Transmitter::new(account, chain.aggregator))
}

fn open_sources(config: &NodeConfig) -> Result<(Source, Option<Juels>), SourceConfigError> {
    let source = Source::new("source", config.source.clone())?;
    let juels = match &config.juels_per_fee_coin {
        None => None,
        Some(JuelsConfig::Fixed(juels)) => Some(Juels::Fixed((*juels).into())),
        Some(JuelsConfig::Source(source)) => {
            let source = Source::new("juels_per_fee_coin", source.clone())?;
            Some(Juels::Source(source))
        }
    };
    Ok((source, juels))
}

/// Learns from the aggregator which version it is of, and what it takes.
async fn ask_aggregator(config: &NodeConfig, rpc: &Rpc) -> Result<(Protocol, Local), NodeError> {
    let chain = &config.chain;
    let failed = |error| match error {
        ChainError::NoCode { .. } | ChainError::NotAnAggregator { .. } => {
            NodeError::Aggregator(error)
        }
        other => NodeError::Chain(other),
    };
    let protocol = ocr_chain::protocol_of(rpc, chain.aggregator)
        .await
        .map_err(failed)?;
    let feed = Feed::new(rpc.clone(), chain.aggregator).with_protocol(protocol);
    let local = Local {
        chain_id: chain.chain_id,
        timeouts: Timeouts {
            source: config.source.timeout + SOURCE_GRACE,
            blockchain: chain.rpc_timeout,
        },
        bounds: feed.bounds().await.map_err(failed)?,
    };
    Ok((protocol, local))
}

fn parse_peers(config: &NodeConfig) -> Result<BTreeMap<PeerId, Vec<Multiaddr>>, NodeError> {
    let parse = |(peer, addresses): (&String, &Vec<String>)| {
        let peer = peer.parse().map_err(|_| NodeError::NotAPeerId {
            given: peer.clone(),
        })?;
        Ok((peer, parse_addresses("network.peers", addresses)?))
    };
    config.network.peers.iter().map(parse).collect()
}

fn parse_addresses(key: &'static str, texts: &[String]) -> Result<Vec<Multiaddr>, NodeError> {
    let parse = |text: &String| {
        text.parse().map_err(|_| NodeError::NotAMultiaddress {
            key,
            given: text.clone(),
        })
    };
    texts.iter().map(parse).collect()
}
