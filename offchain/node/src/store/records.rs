//! The records as they stand in the database: JSON, bytes in hex, times as wall-clock milliseconds.

use alloy_primitives::{Address, B256, Bytes};
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::config::ContractConfig;
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, MAX_ORACLES, OracleId};

use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::transmit::Pending;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

#[derive(Serialize, Deserialize)]
pub(super) struct StoredVote {
    epoch: u32,
    round: u8,
}

impl From<EpochRound> for StoredVote {
    fn from(at: EpochRound) -> Self {
        Self {
            epoch: at.epoch.get(),
            round: at.round.get(),
        }
    }
}

impl From<StoredVote> for EpochRound {
    fn from(vote: StoredVote) -> Self {
        Self::new(vote.epoch, vote.round)
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredPacemaker {
    epoch: u32,
    highest_sent_epoch: u32,
    highest_received_epochs: Vec<u32>,
}

impl From<&PacemakerState> for StoredPacemaker {
    fn from(state: &PacemakerState) -> Self {
        Self {
            epoch: state.epoch.get(),
            highest_sent_epoch: state.highest_sent.get(),
            highest_received_epochs: state.highest_received.iter().map(|e| e.get()).collect(),
        }
    }
}

impl From<StoredPacemaker> for PacemakerState {
    fn from(stored: StoredPacemaker) -> Self {
        Self {
            epoch: Epoch::new(stored.epoch),
            highest_sent: Epoch::new(stored.highest_sent_epoch),
            highest_received: stored
                .highest_received_epochs
                .into_iter()
                .map(Epoch::new)
                .collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredPending {
    due_unix_millis: u64,
    epoch: u32,
    round: u8,
    extra_hash: B256,
    report: Bytes,
    signatures: Vec<(Option<u8>, Bytes)>,
}

impl StoredPending {
    pub(super) fn new(item: &Pending, clock: &Clock) -> Self {
        let report = &item.report;
        Self {
            due_unix_millis: clock.unix_millis_at(item.due),
            epoch: report.at.epoch.get(),
            round: report.at.round.get(),
            extra_hash: report.extra_hash.into(),
            report: report.report.clone().into(),
            signatures: report
                .signatures
                .iter()
                .map(|(signer, signature)| (signer.map(OracleId::get), signature.clone().into()))
                .collect(),
        }
    }

    pub(super) const fn due_unix_millis(&self) -> u64 {
        self.due_unix_millis
    }

    pub(super) fn restore(self, clock: &Clock) -> Result<Pending, String> {
        let signature = |(signer, signature): (Option<u8>, Bytes)| {
            let known = |signer: u8| {
                OracleId::new(usize::from(signer), MAX_ORACLES)
                    .ok_or_else(|| format!("pending transmission signed by oracle {signer}"))
            };
            Ok::<_, String>((signer.map(known).transpose()?, signature.to_vec()))
        };
        Ok(Pending {
            due: clock.instant_at_unix_millis(self.due_unix_millis),
            report: AttestedReport {
                at: EpochRound::new(self.epoch, self.round),
                extra_hash: self.extra_hash.0,
                report: self.report.to_vec(),
                signatures: self
                    .signatures
                    .into_iter()
                    .map(signature)
                    .collect::<Result<_, _>>()?,
            },
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct StoredConfig {
    digest: String,
    count: u64,
    signers: Vec<Address>,
    transmitters: Vec<Address>,
    f: u8,
    onchain_config: Bytes,
    offchain_config_version: u64,
    offchain_config: Bytes,
}

impl From<&ContractConfig> for StoredConfig {
    fn from(config: &ContractConfig) -> Self {
        Self {
            digest: config.digest.to_string(),
            count: config.count,
            signers: config.signers.clone(),
            transmitters: config.transmitters.clone(),
            f: config.f,
            onchain_config: config.onchain_config.clone().into(),
            offchain_config_version: config.offchain_config_version,
            offchain_config: config.offchain_config.clone().into(),
        }
    }
}

impl StoredConfig {
    pub(super) fn restore(self) -> Result<ContractConfig, String> {
        let digest: ConfigDigest = self
            .digest
            .parse()
            .map_err(|error: ocr_protocol::id::ParseDigestError| error.to_string())?;
        Ok(ContractConfig {
            digest,
            count: self.count,
            signers: self.signers,
            transmitters: self.transmitters,
            f: self.f,
            onchain_config: self.onchain_config.to_vec(),
            offchain_config_version: self.offchain_config_version,
            offchain_config: self.offchain_config.to_vec(),
        })
    }
}
