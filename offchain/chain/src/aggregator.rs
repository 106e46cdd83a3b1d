//! One aggregator, read by its own ABI: the only file that tells OCR1's reads from OCR2's.

use std::ops::RangeInclusive;

use alloy::primitives::{Address, FixedBytes, TxHash};
use alloy::rpc::types::{Filter, Log};
use alloy::sol_types::SolEvent;
use ocr_protocol::config::ContractConfig;
use ocr_protocol::id::{ConfigDigest, EpochRound, OCR1_DIGEST_BYTES, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{LatestTransmission, OnchainConfig, RoundRequest};
use ocr_protocol::time::UnixSeconds;

use crate::contracts::{IOCR2Aggregator as ocr2, IOffchainAggregator as ocr1, ITypeAndVersion};
use crate::error::ChainError;
use crate::rpc::Rpc;

/// An aggregator on the chain.
#[derive(Clone, Debug)]
pub(crate) struct Aggregator {
    pub(crate) rpc: Rpc,
    pub(crate) address: Address,
    pub(crate) protocol: Protocol,
}

/// A report that reached the aggregator, as the event `NewTransmission` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransmission {
    /// The aggregator's round id.
    pub aggregator_round_id: u32,
    /// Configuration it was made under.
    pub digest: ConfigDigest,
    /// The round that made it.
    pub at: EpochRound,
    /// Median of the observations.
    pub answer: Int192,
    /// The account that brought it.
    pub transmitter: Address,
    /// Median of the observations' times; OCR1's have none.
    pub observations_timestamp: Option<UnixSeconds>,
    /// The observations, in order of value.
    pub observations: Vec<Int192>,
    /// Index of the oracle that made each observation.
    pub observers: Vec<u8>,
    /// Transaction that brought it.
    pub tx: TxHash,
    /// Block it is in.
    pub block: u64,
}

/// An event and where it stands.
struct Told<E> {
    event: E,
    tx: TxHash,
    block: u64,
}

/// The block of the latest `ConfigSet` (modulo 2^32) and the digest in force.
pub(crate) struct LatestConfig {
    pub(crate) block: u64,
    pub(crate) digest: ConfigDigest,
}

/// Asks the contract at `address` what it is; a contract says so in `typeAndVersion`.
///
/// # Errors
/// There is no contract, it is no aggregator, or the endpoint does not answer.
///
/// Source: contracts-ocr1 1, contracts-ocr2 1.
pub async fn protocol_of(rpc: &Rpc, address: Address) -> Result<Protocol, ChainError> {
    let claim = match rpc
        .call(address, ITypeAndVersion::typeAndVersionCall {})
        .await
    {
        Ok(claim) => claim,
        Err(ChainError::Reverted { .. } | ChainError::BadAnswer { .. }) => String::new(),
        Err(error) => return Err(error),
    };
    let name = claim.split(' ').next().unwrap_or_default();
    match name.strip_prefix("AccessControlled").unwrap_or(name) {
        "OffchainAggregator" => Ok(Protocol::Ocr1),
        "OCR2Aggregator" => Ok(Protocol::Ocr2),
        _ => Err(ChainError::NotAnAggregator { address, claim }),
    }
}

impl Aggregator {
    pub(crate) const fn new(rpc: Rpc, address: Address, protocol: Protocol) -> Self {
        Self {
            rpc,
            address,
            protocol,
        }
    }

    pub(crate) async fn latest_config(&self) -> Result<LatestConfig, ChainError> {
        let (block, digest) = match self.protocol {
            Protocol::Ocr1 => {
                let call = ocr1::latestConfigDetailsCall {};
                let details = self.rpc.call(self.address, call).await?;
                (details.blockNumber, widened(details.configDigest))
            }
            Protocol::Ocr2 => {
                let call = ocr2::latestConfigDetailsCall {};
                let details = self.rpc.call(self.address, call).await?;
                (details.blockNumber, ConfigDigest(details.configDigest.0))
            }
        };
        let block = block.into();
        Ok(LatestConfig { block, digest })
    }

    /// The configuration announced in `block`; the last one if there are two.
    pub(crate) async fn config_set(&self, block: u64) -> Result<ContractConfig, ChainError> {
        let blocks = block..=block;
        let config = match self.protocol {
            Protocol::Ocr1 => {
                let last = self.events(blocks).await?.pop();
                last.map(|told| self.ocr1_config(told.event))
            }
            Protocol::Ocr2 => self.events(blocks).await?.pop().map(ocr2_config),
        };
        let contract = self.address;
        config.ok_or(ChainError::NoConfigSet { contract, block })
    }

    /// The digest that the contract must have given `config`.
    pub(crate) fn computed_digest(&self, config: &ContractConfig) -> ConfigDigest {
        match self.protocol {
            Protocol::Ocr1 => config.ocr1_digest(self.address),
            Protocol::Ocr2 => config.evm_digest(self.rpc.chain_id(), self.address),
        }
    }

    /// The least and the greatest answer; both versions have the same getters.
    pub(crate) async fn bounds(&self) -> Result<OnchainConfig, ChainError> {
        let min = self.rpc.call(self.address, ocr2::minAnswerCall {}).await?;
        let max = self.rpc.call(self.address, ocr2::maxAnswerCall {}).await?;
        OnchainConfig::new(min.into(), max.into())
            .map_err(|error| self.rpc.nonsense("minAnswer(), maxAnswer()", error))
    }

    /// The latest transmission; zeros before the first.
    pub(crate) async fn latest_transmission(&self) -> Result<LatestTransmission, ChainError> {
        Ok(match self.protocol {
            Protocol::Ocr1 => {
                let call = ocr1::latestTransmissionDetailsCall {};
                let details = self.rpc.call(self.address, call).await?;
                LatestTransmission {
                    digest: widened(details.configDigest),
                    at: EpochRound::new(details.epoch, details.round),
                    answer: details.latestAnswer.into(),
                    timestamp: UnixSeconds(details.latestTimestamp),
                }
            }
            Protocol::Ocr2 => {
                let call = ocr2::latestTransmissionDetailsCall {};
                let details = self.rpc.call(self.address, call).await?;
                LatestTransmission {
                    digest: ConfigDigest(details.configDigest.0),
                    at: EpochRound::new(details.epoch, details.round),
                    answer: details.latestAnswer_.into(),
                    timestamp: UnixSeconds(details.latestTimestamp_),
                }
            }
        })
    }

    /// The transmissions in a range of blocks, oldest first.
    pub(crate) async fn transmissions(
        &self,
        blocks: RangeInclusive<u64>,
    ) -> Result<Vec<NewTransmission>, ChainError> {
        Ok(match self.protocol {
            Protocol::Ocr1 => {
                let events = self.events(blocks).await?.into_iter();
                events.map(ocr1_transmission).collect()
            }
            Protocol::Ocr2 => {
                let events = self.events(blocks).await?.into_iter();
                events.map(ocr2_transmission).collect()
            }
        })
    }

    /// The last request for a round in a range of blocks, and its block.
    pub(crate) async fn last_request(
        &self,
        blocks: RangeInclusive<u64>,
    ) -> Result<Option<(RoundRequest, u64)>, ChainError> {
        Ok(match self.protocol {
            Protocol::Ocr1 => {
                let told: Option<Told<ocr1::RoundRequested>> = self.events(blocks).await?.pop();
                told.map(|Told { event, block, .. }| {
                    let at = EpochRound::new(event.epoch, event.round);
                    let digest = widened(event.configDigest);
                    (RoundRequest { digest, at }, block)
                })
            }
            Protocol::Ocr2 => {
                let told: Option<Told<ocr2::RoundRequested>> = self.events(blocks).await?.pop();
                told.map(|Told { event, block, .. }| {
                    let at = EpochRound::new(event.epoch, event.round);
                    let digest = ConfigDigest(event.configDigest.0);
                    (RoundRequest { digest, at }, block)
                })
            }
        })
    }

    async fn events<E: SolEvent>(
        &self,
        blocks: RangeInclusive<u64>,
    ) -> Result<Vec<Told<E>>, ChainError> {
        let nonsense = |reason: String| self.rpc.nonsense("eth_getLogs", reason);
        let filter = Filter::new()
            .address(self.address)
            .event_signature(E::SIGNATURE_HASH)
            .select(blocks);
        let told = |log: Log| {
            let event = E::decode_log(&log.inner).map_err(|error| nonsense(error.to_string()))?;
            Ok(Told {
                event: event.data,
                tx: log
                    .transaction_hash
                    .ok_or_else(|| nonsense("a log of no one".into()))?,
                block: log
                    .block_number
                    .ok_or_else(|| nonsense("a log of no block".into()))?,
            })
        };
        let logs = self.rpc.logs(&filter).await?;
        logs.into_iter().map(told).collect()
    }

    /// OCR1's event does not tell the digest: it follows from all the rest.
    fn ocr1_config(&self, event: ocr1::ConfigSet) -> ContractConfig {
        let mut config = ContractConfig {
            digest: ConfigDigest::ZERO,
            count: event.configCount,
            signers: event.signers,
            transmitters: event.transmitters,
            f: event.threshold,
            onchain_config: Vec::new(),
            offchain_config_version: event.encodedConfigVersion,
            offchain_config: event.encoded.into(),
        };
        config.digest = config.ocr1_digest(self.address);
        config
    }
}

/// The digest of an OCR1 contract as the protocol has it; zero, and not a digest, before the first
/// configuration.
fn widened(digest: FixedBytes<OCR1_DIGEST_BYTES>) -> ConfigDigest {
    if digest.is_zero() {
        ConfigDigest::ZERO
    } else {
        ConfigDigest::from_ocr1(digest.0)
    }
}

fn ocr2_config(Told { event, .. }: Told<ocr2::ConfigSet>) -> ContractConfig {
    ContractConfig {
        digest: ConfigDigest(event.configDigest.0),
        count: event.configCount,
        signers: event.signers,
        transmitters: event.transmitters,
        f: event.f,
        onchain_config: event.onchainConfig.into(),
        offchain_config_version: event.offchainConfigVersion,
        offchain_config: event.offchainConfig.into(),
    }
}

/// Digest and round are in the report's first word. Source: contracts-ocr1 4.2.
fn ocr1_transmission(told: Told<ocr1::NewTransmission>) -> NewTransmission {
    let Told { event, tx, block } = told;
    let (digest, round) = event.rawReportContext[11..].split_at(OCR1_DIGEST_BYTES);
    NewTransmission {
        aggregator_round_id: event.aggregatorRoundId,
        digest: widened(FixedBytes::from_slice(digest)),
        at: EpochRound::new(
            u32::from_be_bytes([round[0], round[1], round[2], round[3]]),
            round[4],
        ),
        answer: event.answer.into(),
        transmitter: event.transmitter,
        observations_timestamp: None,
        observations: event.observations.into_iter().map(Int192::from).collect(),
        observers: event.observers.into(),
        tx,
        block,
    }
}

fn ocr2_transmission(told: Told<ocr2::NewTransmission>) -> NewTransmission {
    let Told { event, tx, block } = told;
    let epoch_and_round: u64 = event.epochAndRound.to();
    NewTransmission {
        aggregator_round_id: event.aggregatorRoundId,
        digest: ConfigDigest(event.configDigest.0),
        at: EpochRound::new((epoch_and_round >> 8) as u32, epoch_and_round as u8),
        answer: event.answer.into(),
        transmitter: event.transmitter,
        observations_timestamp: Some(UnixSeconds(event.observationsTimestamp.into())),
        observations: event.observations.into_iter().map(Int192::from).collect(),
        observers: event.observers.into(),
        tx,
        block,
    }
}
