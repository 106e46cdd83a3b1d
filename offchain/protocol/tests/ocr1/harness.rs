//! The committee of the vectors, with its real keys.

use core::time::Duration;

use alloy_primitives::Address;
use ocr_protocol::config::ocr1::{ChainChecks, OffchainConfig, Timeouts};
use ocr_protocol::config::{Config, ConfigError, ContractConfig, PublicConfig};
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::secret::SharedSecretEncryptions;
use serde_json::Value;

/// Timeouts of this operator.
pub(crate) const TIMEOUTS: Timeouts = Timeouts {
    source: Duration::from_secs(6),
    blockchain: Duration::from_secs(20),
};

pub(crate) fn vectors() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../vectors/ocr1-offchain.json"
    );
    let text = std::fs::read_to_string(path).expect("vectors/ocr1-offchain.json");
    serde_json::from_str(&text).expect("vectors/ocr1-offchain.json is JSON")
}

/// Bytes of a string of hex digits.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("hex expected, not {value}"));
    hex::decode(text).unwrap_or_else(|error| panic!("{value}: {error}"))
}

pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    let bytes = bytes(value);
    bytes
        .try_into()
        .unwrap_or_else(|_| panic!("{N} bytes expected: {value}"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    let list = value
        .as_array()
        .unwrap_or_else(|| panic!("a list expected, not {value}"));
    assert!(!list.is_empty(), "an empty list tests nothing");
    list
}

pub(crate) fn number<T: TryFrom<i64>>(value: &Value) -> T {
    let number = value.as_i64().and_then(|number| T::try_from(number).ok());
    number.unwrap_or_else(|| panic!("a number expected, not {value}"))
}

pub(crate) fn oid(index: usize) -> OracleId {
    OracleId::new(index, 4).expect("one of four")
}

pub(crate) const fn at(epoch: u32, round: u8) -> EpochRound {
    EpochRound::new(epoch, round)
}

pub(crate) fn digest() -> ConfigDigest {
    ConfigDigest::from_ocr1(array(&vectors()["configDigest"]))
}

pub(crate) fn keyring(index: usize) -> Keyring {
    let oracle = &vectors()["oracles"][index];
    let keyring = Keyring::new(
        &array(&oracle["ecdsaSecret"]),
        &array(&oracle["ed25519Seed"]),
        &array(&oracle["x25519Secret"]),
    );
    keyring.expect("the vectors' secrets are keys")
}

pub(crate) fn peer_id(index: usize) -> String {
    let text = vectors()["oracles"][index]["peerID"]
        .as_str()
        .map(str::to_owned);
    text.expect("a peer id")
}

pub(crate) fn transmitter(index: usize) -> Address {
    Address::from(array(&vectors()["oracles"][index]["transmitAddress"]))
}

/// What goes into a configuration, before any check.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) contract: ContractConfig,
    pub(crate) offchain: OffchainConfig,
    pub(crate) checks: ChainChecks,
}

/// The configuration of the vectors.
pub(crate) fn draft() -> Draft {
    let vectors = vectors();
    let config = &vectors["config"];
    let oracles = list(&vectors["oracles"]);
    let address = |oracle: &Value, name: &str| Address::from(array::<20>(&oracle[name]));
    Draft {
        contract: ContractConfig {
            digest: digest(),
            count: number(&vectors["configCount"]),
            signers: oracles
                .iter()
                .map(|it| address(it, "signingAddress"))
                .collect(),
            transmitters: (0..4).map(transmitter).collect(),
            f: number(&config["f"]),
            onchain_config: Vec::new(),
            offchain_config_version: 1,
            offchain_config: bytes(&vectors["encoded"]),
        },
        offchain: OffchainConfig {
            delta_progress_nanos: number(&config["deltaProgress"]),
            delta_resend_nanos: number(&config["deltaResend"]),
            delta_round_nanos: number(&config["deltaRound"]),
            delta_grace_nanos: number(&config["deltaGrace"]),
            delta_c_nanos: number(&config["deltaC"]),
            alpha_ppb: number(&config["alphaPPB"]),
            delta_stage_nanos: number(&config["deltaStage"]),
            r_max: number(&config["rMax"]),
            s: list(&config["s"]).iter().map(number).collect(),
            offchain_public_keys: (0..4).map(|index| keyring(index).offchain_key()).collect(),
            peer_ids: (0..4).map(peer_id).collect(),
            shared_secret: SharedSecretEncryptions {
                diffie_hellman_point: array(&vectors["diffieHellmanPoint"]),
                hash: array(&vectors["sharedSecretHash"]),
                encryptions: list(&vectors["encryptions"]).iter().map(array).collect(),
            },
        },
        checks: ChainChecks::Skipped,
    }
}

impl Draft {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn public(self) -> Result<PublicConfig, ConfigError> {
        PublicConfig::new_ocr1(&self.contract, self.offchain, self.checks, TIMEOUTS)
    }

    pub(crate) fn config_of(self, index: usize) -> Result<Config, ConfigError> {
        let public = self.public()?;
        Config::new(public, &keyring(index), &peer_id(index), transmitter(index))
    }
}

pub(crate) fn config(index: usize) -> Config {
    draft()
        .config_of(index)
        .expect("the vectors' configuration is valid")
}

/// What `observer` sends the leader: it observed `value`.
pub(crate) fn signed(observer: usize, at: EpochRound, value: i64) -> SignedObservation {
    let bytes = Int192::from(value).to_be_bytes().to_vec();
    SignedObservation::sign(&keyring(observer), digest(), at, &[], bytes)
}
