//! An oracle's three protocol keys. Source: offchain-ocr2 2.

use core::fmt;

use alloy_primitives::{Address, keccak256};
use ed25519_dalek::Signer as _;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

/// Length of an off-chain (ed25519) signature in bytes.
pub const OFFCHAIN_SIGNATURE_BYTES: usize = 64;

/// Length of an on-chain (secp256k1: r, s, v) signature in bytes.
pub const ONCHAIN_SIGNATURE_BYTES: usize = 65;

/// The keys with which an oracle observes, attests and reads the shared secret.
///
/// Each secret is wiped from memory on drop and never shown by `Debug`.
pub struct Keyring {
    onchain: k256::ecdsa::SigningKey,
    offchain: ed25519_dalek::SigningKey,
    config: x25519_dalek::StaticSecret,
}

/// A secret that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Zero, or not below the order of secp256k1.
    #[error("on-chain key: not between 1 and the order of secp256k1; make a new key")]
    OnchainKeyOutOfRange,
}

impl Keyring {
    /// Makes a keyring from the secp256k1 scalar, the ed25519 seed and the x25519 scalar.
    ///
    /// # Errors
    /// The secp256k1 scalar must be between 1 and the curve's order; any 32 bytes serve as the others.
    pub fn new(
        onchain: &[u8; 32],
        offchain: &[u8; 32],
        config: &[u8; 32],
    ) -> Result<Self, KeyError> {
        Ok(Self {
            onchain: k256::ecdsa::SigningKey::from_bytes(onchain.into())
                .map_err(|_| KeyError::OnchainKeyOutOfRange)?,
            offchain: ed25519_dalek::SigningKey::from_bytes(offchain),
            config: x25519_dalek::StaticSecret::from(*config),
        })
    }

    /// Returns the address that `sign_onchain`'s signatures recover to.
    #[must_use]
    pub fn signer(&self) -> Address {
        address_of(self.onchain.verifying_key())
    }

    /// Returns the ed25519 public key that `sign_offchain`'s signatures verify with.
    #[must_use]
    pub fn offchain_key(&self) -> [u8; 32] {
        self.offchain.verifying_key().to_bytes()
    }

    /// Returns the x25519 public key for which a dealer encrypts the shared secret.
    #[must_use]
    pub fn config_key(&self) -> [u8; 32] {
        x25519_dalek::PublicKey::from(&self.config).to_bytes()
    }

    /// Signs `message` with ed25519.
    #[must_use]
    pub fn sign_offchain(&self, message: &[u8]) -> [u8; OFFCHAIN_SIGNATURE_BYTES] {
        self.offchain.sign(message).to_bytes()
    }

    /// Signs `hash` with secp256k1: r, low s, and the recovery id 0 or 1.
    ///
    /// Source: offchain-ocr2 1.13.
    #[must_use]
    pub fn sign_onchain(&self, hash: &[u8; 32]) -> [u8; ONCHAIN_SIGNATURE_BYTES] {
        let (signature, recovery_id) = self
            .onchain
            .sign_prehash_recoverable(hash)
            .expect("signing fails for hashes shorter than 16 bytes only");
        let mut bytes = [0; ONCHAIN_SIGNATURE_BYTES];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = recovery_id.to_byte();
        bytes
    }

    /// Returns the Diffie-Hellman secret of the config key and `point`; nothing for a low-order point.
    ///
    /// Source: offchain-ocr2 1.6.
    #[must_use]
    pub fn config_diffie_hellman(&self, point: &[u8; 32]) -> Option<[u8; 32]> {
        let shared = self
            .config
            .diffie_hellman(&x25519_dalek::PublicKey::from(*point));
        shared.was_contributory().then(|| shared.to_bytes())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("signer", &self.signer())
            .finish_non_exhaustive()
    }
}

/// Whether `signature` is that of the ed25519 key over `message`.
///
/// Accepts what Go's `crypto/ed25519` accepts: a canonical s, a leniently decoded key (small order,
/// non-canonical y), the cofactorless equation. Source: offchain-ocr2 2 and A.14.
#[must_use]
pub fn verify_offchain_like_go(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    use ed25519_dalek::Verifier as _;

    let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else {
        return false;
    };
    ed25519_dalek::VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify(message, &signature).is_ok())
}

/// Whether `signature` over `hash` recovers to `signer`.
///
/// Accepts what the EVM's precompile and go-ethereum accept, high s included; the recovery id is
/// 0 to 3, never 27 or 28. Source: offchain-ocr2 1.13.
#[must_use]
pub fn verify_onchain_like_evm(signer: Address, hash: &[u8; 32], signature: &[u8]) -> bool {
    recover_onchain_like_evm(hash, signature) == Some(signer)
}

/// Returns the address whose signature over `hash` this is, as leniently as
/// [`verify_onchain_like_evm`]; nothing when it is nobody's.
#[must_use]
pub fn recover_onchain_like_evm(hash: &[u8; 32], signature: &[u8]) -> Option<Address> {
    let (rs, v) = signature.split_at_checked(ONCHAIN_SIGNATURE_BYTES - 1)?;
    let &[v] = v else { return None };
    let recovery_id = RecoveryId::from_byte(v)?;
    let signature = Signature::from_slice(rs).ok()?;
    // k256 refuses a high s. (r, N - s) with the other parity recovers to the same key.
    let (signature, recovery_id) = match signature.normalize_s() {
        Some(low) => {
            let flipped = RecoveryId::new(!recovery_id.is_y_odd(), recovery_id.is_x_reduced());
            (low, flipped)
        }
        None => (signature, recovery_id),
    };
    let key = VerifyingKey::recover_from_prehash(hash, &signature, recovery_id).ok()?;
    Some(address_of(&key))
}

fn address_of(key: &VerifyingKey) -> Address {
    let uncompressed = key.to_encoded_point(false);
    Address::from_slice(&keccak256(&uncompressed.as_bytes()[1..])[12..])
}
