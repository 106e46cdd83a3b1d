//! The 16-byte secret that the oracles share, how a dealer encrypts it, and what follows from it.

use core::fmt;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use alloy_primitives::keccak256;
use zeroize::Zeroize as _;

use crate::id::OracleId;
use crate::keyring::Keyring;

/// Length of the shared secret in bytes.
pub const SHARED_SECRET_BYTES: usize = 16;

const LEADER_KEY_LABEL: &[u8] = b"chainlink offchain reporting v1 leader selection key";
const TRANSMISSION_KEY_LABEL: &[u8] = b"chainlink offchain reporting v1 transmission order key";

/// The secret from which all oracles derive the same leaders and schedules.
///
/// Wiped from memory on drop and never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSecret([u8; SHARED_SECRET_BYTES]);

/// A shared secret, encrypted for each oracle. Source: offchain-ocr2 1.6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharedSecretEncryptions {
    /// The dealer's ephemeral x25519 public key.
    pub diffie_hellman_point: [u8; 32],
    /// Keccak-256 of the secret.
    pub hash: [u8; 32],
    /// One AES-128 block for each oracle, in oracle order.
    pub encryptions: Vec<[u8; SHARED_SECRET_BYTES]>,
}

/// A shared secret that cannot be read, or not be dealt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no block for this oracle.
    #[error("shared secret: no encryption for oracle {oracle}, the list has {given} entries")]
    Missing {
        /// The oracle that reads.
        oracle: OracleId,
        /// Length of the list.
        given: usize,
    },
    /// The point has low order.
    #[error("shared secret: the Diffie-Hellman point has low order")]
    LowOrderPoint,
    /// What was decrypted has another hash than the published one.
    #[error(
        "shared secret: decrypted with our config key, it does not match its hash; was it encrypted for this key?"
    )]
    HashMismatch,
    /// A config-encryption key has low order.
    #[error(
        "config-encryption key {index} (0x{}) has low order; it protects nothing",
        hex::encode(key)
    )]
    LowOrderKey {
        /// Place in the list of keys.
        index: usize,
        /// The key.
        key: [u8; 32],
    },
}

impl SharedSecret {
    /// Takes a secret of 16 bytes of entropy.
    #[must_use]
    pub const fn new(secret: [u8; SHARED_SECRET_BYTES]) -> Self {
        Self(secret)
    }

    /// Encrypts the secret for each of `config_keys`, with 32 bytes of fresh entropy as ephemeral scalar.
    ///
    /// # Errors
    /// A key of low order.
    ///
    /// Source: offchain-ocr2 1.6.
    pub fn encrypt(
        &self,
        config_keys: &[[u8; 32]],
        ephemeral_scalar: [u8; 32],
    ) -> Result<SharedSecretEncryptions, SecretError> {
        let ephemeral = x25519_dalek::StaticSecret::from(ephemeral_scalar);
        let encrypt_for = |(index, key): (usize, &[u8; 32])| {
            let shared = ephemeral.diffie_hellman(&x25519_dalek::PublicKey::from(*key));
            if !shared.was_contributory() {
                return Err(SecretError::LowOrderKey { index, key: *key });
            }
            let mut block = self.0.into();
            wrapping_cipher(shared.as_bytes()).encrypt_block(&mut block);
            Ok(block.into())
        };
        Ok(SharedSecretEncryptions {
            diffie_hellman_point: x25519_dalek::PublicKey::from(&ephemeral).to_bytes(),
            hash: keccak256(self.0).0,
            encryptions: config_keys
                .iter()
                .enumerate()
                .map(encrypt_for)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Decrypts the secret that a dealer encrypted for `oracle`, whose keys are `keyring`.
    ///
    /// # Errors
    /// No block for the oracle, a point of low order, or a secret that does not match its hash.
    ///
    /// Source: offchain-ocr2 1.6.
    pub fn decrypt(
        encrypted: &SharedSecretEncryptions,
        oracle: OracleId,
        keyring: &Keyring,
    ) -> Result<Self, SecretError> {
        let given = encrypted.encryptions.len();
        let block = encrypted
            .encryptions
            .get(oracle.index())
            .ok_or(SecretError::Missing { oracle, given })?;
        let mut shared = keyring
            .config_diffie_hellman(&encrypted.diffie_hellman_point)
            .ok_or(SecretError::LowOrderPoint)?;
        let mut block = (*block).into();
        wrapping_cipher(&shared).decrypt_block(&mut block);
        shared.zeroize();
        let secret = Self(block.into());
        if keccak256(secret.0).0 != encrypted.hash {
            return Err(SecretError::HashMismatch);
        }
        Ok(secret)
    }

    /// Returns the key that selects leaders. Source: offchain-ocr2 1.7.
    #[must_use]
    pub fn leader_key(&self) -> [u8; 16] {
        self.derive(LEADER_KEY_LABEL)
    }

    /// Returns the key that orders transmissions. Source: offchain-ocr2 1.7.
    #[must_use]
    pub fn transmission_key(&self) -> [u8; 16] {
        self.derive(TRANSMISSION_KEY_LABEL)
    }

    fn derive(&self, label: &[u8]) -> [u8; 16] {
        let mut preimage = [&self.0, label].concat();
        let key = first_16(&keccak256(&preimage).0);
        preimage.zeroize();
        key
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

impl Drop for SharedSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

fn wrapping_cipher(diffie_hellman_secret: &[u8; 32]) -> Aes128 {
    Aes128::new(&first_16(&keccak256(diffie_hellman_secret).0).into())
}

fn first_16(bytes: &[u8; 32]) -> [u8; 16] {
    *bytes.first_chunk().expect("32 bytes hold 16")
}
