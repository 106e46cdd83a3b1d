//! The committee: directories, contracts, processes, and what they put on the chain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use alloy_primitives::{Address, TxHash};
use ocr_chain::anvil::{Anvil, AnvilOptions};
use ocr_chain::contracts::IOCR2Aggregator;
use ocr_chain::deploy::Owner;
use ocr_chain::{Feed, NewTransmission, Rpc};
use ocr_protocol::config::Config;
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use tokio::process::Command;

use super::RPC_TIMEOUT;
use super::contracts;
use super::error::DevnetError;
use super::options::CommitteeOptions;
use super::process::Process;
use super::seat::{self, Seat};
use crate::card::OracleCard;
use crate::feed::{FeedParameters, SetConfigArgs};
use crate::version::public_config;

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

/// A running committee; everything it started ends when it is dropped.
pub struct Committee {
    anvil: Anvil,
    owner: Owner,
    rpc: Rpc,
    protocol: Protocol,
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
        let protocol = parameters.protocol.into();
        progress("starting a local chain");
        let anvil = Anvil::start(&AnvilOptions::default()).await?;
        let rpc = Rpc::connect(&anvil.url(), ocr_chain::anvil::CHAIN_ID, RPC_TIMEOUT).await?;
        progress("making keys");
        let mut seats = Vec::with_capacity(n);
        for index in 0..n {
            seats.push(Seat::create(directory, index)?);
        }
        progress("deploying LINK, access controllers and the aggregator");
        let owner = contracts::local_owner(&anvil, &rpc);
        let transmitters = seats.iter().map(|seat| seat.card.transmitter).collect();
        let contract = contracts::deploy(&owner, protocol, transmitters).await?;
        seat::write_node_configs(&options, &seats, &anvil, contract)?;
        let mut committee = Self {
            anvil,
            owner,
            rpc,
            protocol,
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

    /// Owns the contracts: for whoever wants of them what [`set_config`](Self::set_config) would not do.
    #[must_use]
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The local chain's endpoint.
    #[must_use]
    pub fn rpc_url(&self) -> String {
        self.anvil.url()
    }

    /// Reads the aggregator.
    #[must_use]
    pub fn feed(&self) -> Feed {
        Feed::new(self.rpc.clone(), self.contract).with_protocol(self.protocol)
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
        match args.clone() {
            SetConfigArgs::Ocr1(call) => self.owner.set_config(self.contract, call).await?,
            SetConfigArgs::Ocr2(call) => self.owner.set_config(self.contract, call).await?,
        };
        let (digest, _) = self.feed().latest_config_digest_and_epoch().await?;
        self.configs.insert(digest, self.config_of(&args, digest)?);
        Ok(digest)
    }

    /// Asks for a round, as the owner of the contract may.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn request_new_round(&self) -> Result<(), DevnetError> {
        // The same function in OCR1's aggregator.
        let call = IOCR2Aggregator::requestNewRoundCall {};
        self.owner.call(self.contract, call).await?;
        Ok(())
    }

    /// The configuration as oracle 0 sees it: it knows who leads.
    fn config_of(&self, args: &SetConfigArgs, digest: ConfigDigest) -> Result<Config, DevnetError> {
        let contract_config = args.contract_config(digest, self.configs.len() as u64 + 1);
        let public = public_config(&contract_config, self.rpc.chain_id())
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
        command.args(["--log-level", &self.log_level, "run", "--leash", "--config"]);
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
