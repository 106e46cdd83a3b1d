//! An oracle card: the public half of one oracle's keys, handed to whoever writes the configuration.

use std::path::{Path, PathBuf};

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use crate::config::parse_toml;
use crate::keystore::{Keys, account};

/// What the committee and the contract must know of an oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OracleCard {
    /// Address of the on-chain key: signs reports.
    pub(crate) signer: Address,
    /// Account that sends transmissions.
    pub(crate) transmitter: Address,
    /// ed25519 key that signs observations.
    pub(crate) offchain_public_key: B256,
    /// x25519 key that the shared secret is encrypted for.
    pub(crate) config_public_key: B256,
    /// Identity in the network, `12D3KooW…`.
    pub(crate) peer_id: String,
}

/// A card file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}; `ocr keys show` prints a card", path.display())]
pub(crate) struct CardError {
    path: PathBuf,
    reason: String,
}

impl OracleCard {
    /// Derives the card of `keys`.
    pub(crate) fn of(keys: &Keys) -> Self {
        let keyring = keys.keyring();
        Self {
            signer: keyring.signer(),
            transmitter: account(&keys.transmitter).expect("secp256k1 keys are checked when read"),
            offchain_public_key: keyring.offchain_key().into(),
            config_public_key: keyring.config_key().into(),
            peer_id: keys.peer_id().to_string(),
        }
    }

    /// Reads a card from a TOML file.
    pub(crate) fn read(path: &Path) -> Result<Self, CardError> {
        let error = |reason| CardError {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|e| error(e.to_string()))?;
        parse_toml(&text).map_err(error)
    }

    /// Writes the card as TOML.
    pub(crate) fn to_toml(&self) -> String {
        toml::to_string(self).expect("a card is a flat table")
    }
}
