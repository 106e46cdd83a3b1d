//! The arguments of `setConfig`: made of parameters and cards, and written for whoever sends them.

use std::time::Duration;

use alloy_primitives::{Address, Bytes};
use alloy_sol_types::SolCall;
use ocr_chain::contracts::{IOCR2Aggregator as ocr2, IOffchainAggregator as ocr1};
use ocr_net::PeerId;
use ocr_protocol::config::ocr1::OffchainConfig as Ocr1OffchainConfig;
use ocr_protocol::config::{self, ConfigError, ContractConfig, OffchainConfig};
use ocr_protocol::id::{ConfigDigest, OCR1_DIGEST_BYTES};
use ocr_protocol::report::MedianConfig;
use ocr_protocol::secret::{SHARED_SECRET_BYTES, SharedSecret, SharedSecretEncryptions};
use serde::Serialize;

use super::{FeedError, FeedParameters, ProtocolName};
use crate::card::OracleCard;
use crate::keystore::{self, Secret};
use crate::version::{TermsError, public_config};

/// Arguments of a contract's `setConfig`.
#[derive(Clone)]
pub(crate) enum SetConfigArgs {
    /// Of an OCR1 aggregator.
    Ocr1(ocr1::setConfigCall),
    /// Of an OCR2 aggregator.
    Ocr2(ocr2::setConfigCall),
}

/// What is written: the arguments in the contract's order and by its names, and the call they make.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Written<'a> {
    Ocr1 {
        signers: &'a [Address],
        transmitters: &'a [Address],
        threshold: u8,
        encoded_config_version: u64,
        encoded: &'a Bytes,
        calldata: Bytes,
    },
    Ocr2 {
        signers: &'a [Address],
        transmitters: &'a [Address],
        f: u8,
        onchain_config: &'a Bytes,
        offchain_config_version: u64,
        offchain_config: &'a Bytes,
        calldata: Bytes,
    },
}

impl FeedParameters {
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
        self.refuse_keys_of_other_protocol()?;
        check_cards(cards)?;
        let config_keys: Vec<[u8; 32]> = cards.iter().map(|c| c.config_public_key.0).collect();
        let encryptions = shared_secret.encrypt(&config_keys, **ephemeral)?;
        let args = match self.protocol {
            ProtocolName::Ocr1 => SetConfigArgs::Ocr1(self.ocr1(cards, encryptions)?),
            ProtocolName::Ocr2 => SetConfigArgs::Ocr2(self.ocr2(cards, encryptions)?),
        };
        self.check(&args, cards.len())?;
        Ok(args)
    }

    fn ocr1(
        &self,
        cards: &[OracleCard],
        shared_secret: SharedSecretEncryptions,
    ) -> Result<ocr1::setConfigCall, FeedError> {
        let invalid = |error: ocr_wire::ocr1::PublicConfigError| TermsError::Ocr1(error);
        let stage = |(stage, &given): (usize, &u32)| {
            u8::try_from(given)
                .map_err(|_| invalid(ConfigError::StageTooLarge { stage, given }.into()))
        };
        let offchain = Ocr1OffchainConfig {
            delta_progress_nanos: nanos("delta_progress", self.delta_progress)?,
            delta_resend_nanos: nanos("delta_resend", self.delta_resend)?,
            delta_round_nanos: nanos("delta_round", self.delta_round)?,
            delta_grace_nanos: nanos("delta_grace", self.delta_grace)?,
            delta_c_nanos: nanos("median.delta_c", self.median.delta_c)?,
            alpha_ppb: self.needed("median.alpha_ppb", self.median.alpha_ppb)?,
            delta_stage_nanos: nanos("delta_stage", self.delta_stage)?,
            r_max: self.r_max,
            s: self
                .s
                .iter()
                .enumerate()
                .map(stage)
                .collect::<Result<_, _>>()?,
            offchain_public_keys: offchain_public_keys(cards),
            peer_ids: peer_ids(cards),
            shared_secret,
        };
        let encoded = ocr_wire::ocr1::offchain_config::encode(&offchain)
            .map_err(|error| invalid(error.into()))?;
        Ok(ocr1::setConfigCall {
            _signers: signers(cards),
            _transmitters: transmitters(cards),
            _threshold: self.f,
            _encodedConfigVersion: config::ocr1::OFFCHAIN_CONFIG_VERSION,
            _encoded: encoded.into(),
        })
    }

    fn ocr2(
        &self,
        cards: &[OracleCard],
        shared_secret: SharedSecretEncryptions,
    ) -> Result<ocr2::setConfigCall, FeedError> {
        let onchain = self.needed("onchain", self.onchain.as_ref())?;
        let offchain = self.ocr2_offchain_config(cards, shared_secret)?;
        Ok(ocr2::setConfigCall {
            signers: signers(cards),
            transmitters: transmitters(cards),
            f: self.f,
            onchainConfig: onchain.bounds()?.encode().into(),
            offchainConfigVersion: config::OFFCHAIN_CONFIG_VERSION,
            offchainConfig: ocr_wire::offchain_config::encode(&offchain).into(),
        })
    }

    fn ocr2_offchain_config(
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
        let deadline = |key, given| nanos(key, self.needed(key, given)?);
        Ok(OffchainConfig {
            delta_progress_nanos: nanos("delta_progress", self.delta_progress)?,
            delta_resend_nanos: nanos("delta_resend", self.delta_resend)?,
            delta_round_nanos: nanos("delta_round", self.delta_round)?,
            delta_grace_nanos: nanos("delta_grace", self.delta_grace)?,
            delta_stage_nanos: nanos("delta_stage", self.delta_stage)?,
            r_max: self.r_max,
            s: self.s.clone(),
            offchain_public_keys: offchain_public_keys(cards),
            peer_ids: peer_ids(cards),
            plugin_config,
            // The median's query is empty and made at once.
            max_duration_query_nanos: 0,
            max_duration_observation_nanos: deadline(
                "max_duration_observation",
                self.max_duration_observation,
            )?,
            max_duration_report_nanos: deadline("max_duration_report", self.max_duration_report)?,
            max_duration_should_accept_nanos: deadline(
                "max_duration_should_accept_finalized_report",
                self.max_duration_should_accept_finalized_report,
            )?,
            max_duration_should_transmit_nanos: deadline(
                "max_duration_should_transmit_accepted_report",
                self.max_duration_should_transmit_accepted_report,
            )?,
            shared_secret,
            max_duration_initialization_nanos: None,
        })
    }

    /// Holds the arguments against what the oracles and the contract will check.
    fn check(&self, args: &SetConfigArgs, n: usize) -> Result<(), FeedError> {
        // Of OCR2 no rule depends on the chain.
        let chain_id = match self.protocol {
            ProtocolName::Ocr1 => self.needed("chain_id", self.chain_id)?,
            ProtocolName::Ocr2 => 0,
        };
        public_config(&args.contract_config(args.blank_digest(), 0), chain_id)?;
        let covered = self.s.iter().copied().map(u64::from).sum();
        if covered < n as u64 {
            return Err(FeedError::StagesTooShort { covered, n });
        }
        if self.f == 0 {
            return Err(FeedError::NoFaultTolerated);
        }
        Ok(())
    }
}

impl SetConfigArgs {
    /// The call, encoded.
    pub(crate) fn calldata(&self) -> Bytes {
        match self {
            Self::Ocr1(call) => call.abi_encode(),
            Self::Ocr2(call) => call.abi_encode(),
        }
        .into()
    }

    /// The arguments and the call, for people and scripts.
    pub(crate) fn to_json(&self) -> String {
        let calldata = self.calldata();
        let written = match self {
            Self::Ocr1(call) => Written::Ocr1 {
                signers: &call._signers,
                transmitters: &call._transmitters,
                threshold: call._threshold,
                encoded_config_version: call._encodedConfigVersion,
                encoded: &call._encoded,
                calldata,
            },
            Self::Ocr2(call) => Written::Ocr2 {
                signers: &call.signers,
                transmitters: &call.transmitters,
                f: call.f,
                onchain_config: &call.onchainConfig,
                offchain_config_version: call.offchainConfigVersion,
                offchain_config: &call.offchainConfig,
                calldata,
            },
        };
        serde_json::to_string_pretty(&written).expect("numbers, hex and lists of them")
    }

    /// What `ConfigSet` will say of these arguments.
    pub(crate) fn contract_config(&self, digest: ConfigDigest, count: u64) -> ContractConfig {
        match self.clone() {
            Self::Ocr1(call) => ContractConfig {
                digest,
                count,
                signers: call._signers,
                transmitters: call._transmitters,
                f: call._threshold,
                onchain_config: Vec::new(),
                offchain_config_version: call._encodedConfigVersion,
                offchain_config: call._encoded.into(),
            },
            Self::Ocr2(call) => ContractConfig {
                digest,
                count,
                signers: call.signers,
                transmitters: call.transmitters,
                f: call.f,
                onchain_config: call.onchainConfig.into(),
                offchain_config_version: call.offchainConfigVersion,
                offchain_config: call.offchainConfig.into(),
            },
        }
    }

    /// A digest of the right version; the true one depends on the contract.
    fn blank_digest(&self) -> ConfigDigest {
        match self {
            Self::Ocr1(_) => ConfigDigest::from_ocr1([0; OCR1_DIGEST_BYTES]),
            Self::Ocr2(_) => ConfigDigest::ZERO,
        }
    }
}

fn signers(cards: &[OracleCard]) -> Vec<Address> {
    cards.iter().map(|card| card.signer).collect()
}

fn transmitters(cards: &[OracleCard]) -> Vec<Address> {
    cards.iter().map(|card| card.transmitter).collect()
}

fn offchain_public_keys(cards: &[OracleCard]) -> Vec<[u8; 32]> {
    cards
        .iter()
        .map(|card| card.offchain_public_key.0)
        .collect()
}

fn peer_ids(cards: &[OracleCard]) -> Vec<String> {
    cards.iter().map(|card| card.peer_id.clone()).collect()
}

/// Refuses what the contract, or every oracle, would.
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
        for (first, other) in cards[..oracle].iter().enumerate() {
            if let Some(what) = shared_identity(card, other) {
                let second = oracle;
                return Err(FeedError::Duplicate {
                    first,
                    second,
                    what,
                });
            }
        }
    }
    Ok(())
}

fn shared_identity(a: &OracleCard, b: &OracleCard) -> Option<&'static str> {
    let same = [
        ("signer", a.signer == b.signer),
        ("transmitter", a.transmitter == b.transmitter),
        (
            "offchain_public_key",
            a.offchain_public_key == b.offchain_public_key,
        ),
        ("peer_id", a.peer_id == b.peer_id),
    ];
    let found = same.into_iter().find(|&(_, same)| same);
    found.map(|(what, _)| what)
}

fn nanos(key: &'static str, duration: Duration) -> Result<i64, FeedError> {
    i64::try_from(duration.as_nanos()).map_err(|_| FeedError::TooLong { key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devnet::local_parameters;
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
        let cards = cards();
        for protocol in [ProtocolName::Ocr1, ProtocolName::Ocr2] {
            let parameters = local_parameters(protocol, 4);
            assert!(parameters.set_config_args_at_random(&cards).is_ok());
            let spoilt = |spoil: fn(&mut OracleCard)| {
                let mut cards = cards.clone();
                spoil(&mut cards[2]);
                parameters
                    .set_config_args_at_random(&cards)
                    .err()
                    .unwrap()
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
            let again = [&cards[..], &cards[1..2]].concat();
            let error = parameters.set_config_args_at_random(&again).err().unwrap();
            assert!(
                error
                    .to_string()
                    .starts_with("oracles 1 and 4 have the same signer"),
                "{error}"
            );
        }
    }

    fn refused(parameters: &FeedParameters) -> String {
        parameters
            .set_config_args_at_random(&cards())
            .err()
            .unwrap()
            .to_string()
    }

    #[test]
    fn keys_of_the_other_protocol_are_refused_and_those_of_its_own_needed() {
        let ocr1 = local_parameters(ProtocolName::Ocr1, 4);
        let ocr2 = local_parameters(ProtocolName::Ocr2, 4);
        let swapped = |parameters: &FeedParameters, protocol| FeedParameters {
            protocol,
            ..parameters.clone()
        };
        let error = refused(&swapped(&ocr1, ProtocolName::Ocr2));
        assert!(error.starts_with("chain_id: there is no such thing in OCR2"));
        let error = refused(&swapped(&ocr2, ProtocolName::Ocr1));
        assert!(error.starts_with("max_duration_observation: there is no such thing in OCR1"));

        let no_chain = FeedParameters {
            chain_id: None,
            ..ocr1.clone()
        };
        assert_eq!(refused(&no_chain), "chain_id: missing; OCR1 needs it");
        let no_deadline = FeedParameters {
            max_duration_report: None,
            ..ocr2
        };
        assert_eq!(
            refused(&no_deadline),
            "max_duration_report: missing; OCR2 needs it"
        );
    }

    #[test]
    fn ocr1_is_held_to_the_minima_of_its_chain() {
        let quick = FeedParameters {
            chain_id: Some(1),
            ..local_parameters(ProtocolName::Ocr1, 4)
        };
        assert!(
            refused(&quick).ends_with("DeltaStage is 1.5s: at least 10s are needed on chain 1")
        );
        let stages = FeedParameters {
            s: vec![300],
            ..local_parameters(ProtocolName::Ocr1, 4)
        };
        assert!(refused(&stages).contains("stage 0 has 300 oracles"));
    }

    #[test]
    fn json_has_the_names_of_the_contract_in_its_order() {
        let cards = cards();
        for (protocol, keys, selector) in [
            (
                ProtocolName::Ocr1,
                "signers transmitters threshold encodedConfigVersion encoded calldata",
                "0x585aa7de",
            ),
            (
                ProtocolName::Ocr2,
                "signers transmitters f onchainConfig offchainConfigVersion offchainConfig calldata",
                "0xe3d0e712",
            ),
        ] {
            let parameters = local_parameters(protocol, 4);
            let json = parameters
                .set_config_args_at_random(&cards)
                .unwrap()
                .to_json();
            let found: Vec<&str> = json
                .lines()
                .filter_map(|line| line.strip_prefix("  \""))
                .filter_map(|line| line.split_once('"').map(|(key, _)| key))
                .collect();
            assert_eq!(found.join(" "), keys);
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert!(value["calldata"].as_str().unwrap().starts_with(selector));
        }
    }
}
