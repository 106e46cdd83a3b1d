//! A feed's parameters, as its owner writes them, and the setConfig arguments they become.

use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use ocr_chain::contracts::IOCR2Aggregator::setConfigCall;
use ocr_net::PeerId;
use ocr_protocol::config::{
    ContractConfig, OFFCHAIN_CONFIG_VERSION, OffchainConfig, ResourceChecks,
};
use ocr_protocol::id::ConfigDigest;
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{MedianConfig, OnchainConfig, OnchainConfigError};
use ocr_protocol::secret::{
    SHARED_SECRET_BYTES, SecretError, SharedSecret, SharedSecretEncryptions,
};
use serde::{Deserialize, Serialize};

use crate::card::OracleCard;
use crate::config::parse_toml;
use crate::keystore::{self, KeystoreError, Secret};

/// The off-chain part of a configuration. Source: offchain-ocr2 1.3, 1.9, 6.3.2.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedParameters {
    /// Oracles that may be faulty; `3f < n`.
    pub f: u8,
    /// Oracles per transmission stage; their sum should be n.
    pub s: Vec<u32>,
    /// Rounds per epoch.
    pub r_max: u8,
    /// A leader without a finished round for this long is replaced.
    #[serde(with = "humantime_serde")]
    pub delta_progress: Duration,
    /// NewEpoch is repeated this often.
    #[serde(with = "humantime_serde")]
    pub delta_resend: Duration,
    /// Rounds of one leader start at least this far apart.
    #[serde(with = "humantime_serde")]
    pub delta_round: Duration,
    /// Wait for more observations after 2f + 1 have come.
    #[serde(with = "humantime_serde")]
    pub delta_grace: Duration,
    /// Distance between transmission stages.
    #[serde(with = "humantime_serde")]
    pub delta_stage: Duration,
    /// Longest an observation may take.
    #[serde(with = "humantime_serde")]
    pub max_duration_observation: Duration,
    /// Longest the decision to report may take.
    #[serde(with = "humantime_serde")]
    pub max_duration_report: Duration,
    /// Longest the decision to accept a report may take.
    #[serde(with = "humantime_serde")]
    pub max_duration_should_accept_finalized_report: Duration,
    /// Longest the decision to transmit may take.
    #[serde(with = "humantime_serde")]
    pub max_duration_should_transmit_accepted_report: Duration,
    /// When the median is reported and transmitted.
    pub median: MedianParameters,
    /// The contract's immutables.
    pub onchain: OnchainParameters,
}

/// `[median]`; an absent alpha means "never for deviation alone".
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedianParameters {
    /// Deviation from the answer on chain that asks for a report, in parts per billion.
    pub alpha_report_ppb: Option<u64>,
    /// Deviation from the last accepted report that lets another pass before it, in parts per billion.
    pub alpha_accept_ppb: Option<u64>,
    /// Age of the answer on chain that asks for a report.
    #[serde(with = "humantime_serde")]
    pub delta_c: Duration,
}

/// `[onchain]`: the aggregator's bounds, as whole numbers with its decimals in them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnchainParameters {
    /// Least answer the contract takes.
    pub min_answer: String,
    /// Greatest answer the contract takes.
    pub max_answer: String,
}

/// Why parameters do not make a configuration.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("{}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error(
        "{key} = {given:?}: a whole number that fits 192 bits is needed, with the feed's decimals in it"
    )]
    NotAnAnswer { key: &'static str, given: String },
    #[error("{key} is longer than 292 years")]
    TooLong { key: &'static str },
    #[error(transparent)]
    Bounds(#[from] OnchainConfigError),
    #[error("the oracles' cards and parameters make no valid configuration: {0}")]
    Rejected(#[from] ocr_wire::PublicConfigError),
    #[error("oracle {oracle}: {peer_id:?} is not a peer id such as 12D3KooW…; its card is damaged")]
    NotAPeerId { oracle: usize, peer_id: String },
    #[error("oracle {oracle}: its {role} is the zero address; its card is damaged")]
    ZeroAddress { oracle: usize, role: &'static str },
    #[error(
        "stages cover {covered} of {n} oracles; s must add up to at least {n}, or some never transmit"
    )]
    StagesTooShort { covered: u32, n: usize },
    #[error("f = 0: the contract requires a committee that tolerates a fault; 3f < n needs n >= 4")]
    NoFaultTolerated,
    #[error(transparent)]
    Entropy(#[from] KeystoreError),
    #[error("the shared secret cannot be encrypted: {0}")]
    Secret(#[from] SecretError),
}

/// Arguments of the contract's `setConfig`, in its order and by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetConfigArgs {
    pub(crate) signers: Vec<Address>,
    pub(crate) transmitters: Vec<Address>,
    pub(crate) f: u8,
    pub(crate) onchain_config: Bytes,
    pub(crate) offchain_config_version: u64,
    pub(crate) offchain_config: Bytes,
}

impl FeedParameters {
    /// Reads parameters from a TOML file.
    pub(crate) fn read(path: &Path) -> Result<Self, FeedError> {
        let unreadable = |reason| FeedError::Unreadable {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
        parse_toml(&text).map_err(unreadable)
    }

    /// Makes setConfig arguments with a new shared secret from the operating system's entropy.
    pub(crate) fn set_config_args_at_random(
        &self,
        cards: &[OracleCard],
    ) -> Result<SetConfigArgs, FeedError> {
        let entropy = keystore::random_secret()?;
        let mut shared_secret = [0; SHARED_SECRET_BYTES];
        shared_secret.copy_from_slice(&entropy[..SHARED_SECRET_BYTES]);
        let shared_secret = SharedSecret::new(shared_secret);
        self.set_config_args(cards, &shared_secret, &keystore::random_secret()?)
    }

    /// Makes setConfig arguments for the oracles of `cards`, in that order.
    ///
    /// The two secrets are entropy: the committee's shared secret and the key that wraps it.
    ///
    /// # Errors
    /// The rule that the contract or an oracle would refuse the configuration by.
    pub(crate) fn set_config_args(
        &self,
        cards: &[OracleCard],
        shared_secret: &SharedSecret,
        ephemeral: &Secret,
    ) -> Result<SetConfigArgs, FeedError> {
        check_cards(cards)?;
        let config_keys: Vec<[u8; 32]> = cards.iter().map(|c| c.config_public_key.0).collect();
        let encryptions = shared_secret.encrypt(&config_keys, **ephemeral)?;
        let offchain = self.offchain_config(cards, encryptions)?;
        let args = SetConfigArgs {
            signers: cards.iter().map(|card| card.signer).collect(),
            transmitters: cards.iter().map(|card| card.transmitter).collect(),
            f: self.f,
            onchain_config: self.onchain.encode()?.into(),
            offchain_config_version: OFFCHAIN_CONFIG_VERSION,
            offchain_config: ocr_wire::offchain_config::encode(&offchain).into(),
        };
        self.check(&args, cards.len())?;
        Ok(args)
    }

    fn offchain_config(
        &self,
        cards: &[OracleCard],
        shared_secret: SharedSecretEncryptions,
    ) -> Result<OffchainConfig, FeedError> {
        let median = &self.median;
        let plugin_config = ocr_wire::median::encode_config(&MedianConfig {
            alpha_report_infinite: median.alpha_report_ppb.is_none(),
            alpha_report_ppb: median.alpha_report_ppb.unwrap_or_default(),
            alpha_accept_infinite: median.alpha_accept_ppb.is_none(),
            alpha_accept_ppb: median.alpha_accept_ppb.unwrap_or_default(),
            delta_c: median.delta_c,
        });
        Ok(OffchainConfig {
            delta_progress_nanos: nanos("delta_progress", self.delta_progress)?,
            delta_resend_nanos: nanos("delta_resend", self.delta_resend)?,
            delta_round_nanos: nanos("delta_round", self.delta_round)?,
            delta_grace_nanos: nanos("delta_grace", self.delta_grace)?,
            delta_stage_nanos: nanos("delta_stage", self.delta_stage)?,
            r_max: self.r_max,
            s: self.s.clone(),
            offchain_public_keys: cards
                .iter()
                .map(|card| card.offchain_public_key.0)
                .collect(),
            peer_ids: cards.iter().map(|card| card.peer_id.clone()).collect(),
            plugin_config,
            // The median's query is empty and made at once.
            max_duration_query_nanos: 0,
            max_duration_observation_nanos: nanos(
                "max_duration_observation",
                self.max_duration_observation,
            )?,
            max_duration_report_nanos: nanos("max_duration_report", self.max_duration_report)?,
            max_duration_should_accept_nanos: nanos(
                "max_duration_should_accept_finalized_report",
                self.max_duration_should_accept_finalized_report,
            )?,
            max_duration_should_transmit_nanos: nanos(
                "max_duration_should_transmit_accepted_report",
                self.max_duration_should_transmit_accepted_report,
            )?,
            shared_secret,
            max_duration_initialization_nanos: None,
        })
    }

    /// Holds the arguments against what the oracles and the contract will check.
    fn check(&self, args: &SetConfigArgs, n: usize) -> Result<(), FeedError> {
        ocr_wire::public_config(
            &args.contract_config(ConfigDigest::ZERO, 0),
            ResourceChecks::Enforced,
        )?;
        let covered = self.s.iter().sum();
        if (covered as usize) < n {
            return Err(FeedError::StagesTooShort { covered, n });
        }
        if self.f == 0 {
            return Err(FeedError::NoFaultTolerated);
        }
        Ok(())
    }
}

impl OnchainParameters {
    /// Reads the two bounds.
    pub(crate) fn bounds(&self) -> Result<OnchainConfig, FeedError> {
        let answer = |key, text: &str| {
            text.parse::<Int192>().map_err(|_| FeedError::NotAnAnswer {
                key,
                given: text.to_owned(),
            })
        };
        let min_answer = answer("onchain.min_answer", &self.min_answer)?;
        let max_answer = answer("onchain.max_answer", &self.max_answer)?;
        Ok(OnchainConfig::new(min_answer, max_answer)?)
    }

    fn encode(&self) -> Result<Vec<u8>, FeedError> {
        Ok(self.bounds()?.encode())
    }
}

impl SetConfigArgs {
    /// The call of the contract.
    pub(crate) fn call(&self) -> setConfigCall {
        setConfigCall {
            signers: self.signers.clone(),
            transmitters: self.transmitters.clone(),
            f: self.f,
            onchainConfig: self.onchain_config.clone(),
            offchainConfigVersion: self.offchain_config_version,
            offchainConfig: self.offchain_config.clone(),
        }
    }

    /// The call, encoded.
    pub(crate) fn calldata(&self) -> Bytes {
        self.call().abi_encode().into()
    }

    /// What `ConfigSet` will say of these arguments.
    pub(crate) fn contract_config(&self, digest: ConfigDigest, count: u64) -> ContractConfig {
        ContractConfig {
            digest,
            count,
            signers: self.signers.clone(),
            transmitters: self.transmitters.clone(),
            f: self.f,
            onchain_config: self.onchain_config.to_vec(),
            offchain_config_version: self.offchain_config_version,
            offchain_config: self.offchain_config.to_vec(),
        }
    }
}

/// What the contract, or every oracle, would refuse.
fn check_cards(cards: &[OracleCard]) -> Result<(), FeedError> {
    for (oracle, card) in cards.iter().enumerate() {
        if card.peer_id.parse::<PeerId>().is_err() {
            return Err(FeedError::NotAPeerId {
                oracle,
                peer_id: card.peer_id.clone(),
            });
        }
        for (role, address) in [("signer", card.signer), ("transmitter", card.transmitter)] {
            if address.is_zero() {
                return Err(FeedError::ZeroAddress { oracle, role });
            }
        }
    }
    Ok(())
}

fn nanos(key: &'static str, duration: Duration) -> Result<i64, FeedError> {
    i64::try_from(duration.as_nanos()).map_err(|_| FeedError::TooLong { key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keystore::Keys;

    fn cards() -> Vec<OracleCard> {
        let card = |index: usize| {
            let directory = tempfile::tempdir().unwrap();
            let keys = Keys::create(&directory.path().join(index.to_string()), "password");
            OracleCard::of(&keys.unwrap())
        };
        (0..4).map(card).collect()
    }

    #[test]
    fn cards_that_contract_or_oracles_would_refuse_make_no_configuration() {
        let parameters = crate::devnet::local_parameters(4);
        let cards = cards();
        assert!(parameters.set_config_args_at_random(&cards).is_ok());
        let spoilt = |spoil: fn(&mut OracleCard)| {
            let mut cards = cards.clone();
            spoil(&mut cards[2]);
            parameters
                .set_config_args_at_random(&cards)
                .unwrap_err()
                .to_string()
        };
        for (error, part) in [
            (
                spoilt(|card| card.peer_id = "junk".to_owned()),
                "oracle 2: \"junk\" is not a peer id",
            ),
            (
                spoilt(|card| card.signer = Address::ZERO),
                "oracle 2: its signer is the zero address",
            ),
            (
                spoilt(|card| card.transmitter = Address::ZERO),
                "its transmitter is the zero address",
            ),
        ] {
            assert!(error.contains(part), "{error}");
        }
    }
}
