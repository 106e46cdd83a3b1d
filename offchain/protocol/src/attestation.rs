//! Signatures under a report.

use alloy_primitives::keccak256;
use sha2::{Digest as _, Sha256};

use crate::config::PublicConfig;
use crate::id::{ConfigDigest, EpochRound, OracleId};
use crate::keyring::{Keyring, verify_onchain_like_evm};
use crate::observation::SignedObservation;
use crate::per_oracle::PerOracle;

/// A report with the signatures of a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedReport {
    /// The round reported in.
    pub at: EpochRound,
    /// Hash of the query and the observations reported on ([`extra_hash`]).
    pub extra_hash: [u8; 32],
    /// The report.
    pub report: Vec<u8>,
    /// Who signed, and the 65-byte signature.
    pub signatures: Vec<(OracleId, Vec<u8>)>,
}

/// Why a report is not attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// Not exactly `f + 1` signatures.
    #[error("{given} signatures: exactly {needed} are needed")]
    WrongSignatureCount {
        /// How many there are.
        given: usize,
        /// How many there must be.
        needed: usize,
    },
    /// One oracle signed twice.
    #[error("oracle {0} signed twice")]
    DuplicateSigner(OracleId),
    /// A signature is not that of the oracle it is attributed to.
    #[error("the signature of oracle {0} is not valid")]
    InvalidSignature(OracleId),
}

impl AttestedReport {
    /// Checks that exactly a quorum of distinct oracles of `config` signed.
    ///
    /// # Errors
    /// The first rule broken: count, distinct signers, signatures in their order.
    ///
    /// Source: offchain-ocr2 5.5 (`sigs verify`).
    pub fn verify(&self, config: &PublicConfig) -> Result<(), AttestationError> {
        let needed = config.committee.report_quorum();
        if self.signatures.len() != needed {
            return Err(AttestationError::WrongSignatureCount {
                given: self.signatures.len(),
                needed,
            });
        }
        let mut seen = PerOracle::from_fn(config.committee, |_| false);
        for &(signer, _) in &self.signatures {
            if core::mem::replace(&mut seen[signer], true) {
                return Err(AttestationError::DuplicateSigner(signer));
            }
        }
        let hash = report_hash(config.digest, self.at, &self.extra_hash, &self.report);
        for (signer, signature) in &self.signatures {
            if !verify_onchain_like_evm(config.oracles[*signer].signer, &hash, signature) {
                return Err(AttestationError::InvalidSignature(*signer));
            }
        }
        Ok(())
    }
}

/// Signs the report of round `at`: 65 bytes.
///
/// Source: offchain-ocr2 1.13.
#[must_use]
pub fn sign_report(
    keyring: &Keyring,
    digest: ConfigDigest,
    at: EpochRound,
    extra_hash: &[u8; 32],
    report: &[u8],
) -> Vec<u8> {
    keyring
        .sign_onchain(&report_hash(digest, at, extra_hash, report))
        .to_vec()
}

/// Returns the hash that binds a report to the query and the observations in the leader's order.
///
/// Source: offchain-ocr2 2 (`extraHash`).
#[must_use]
pub fn extra_hash(query: &[u8], observations: &[(OracleId, SignedObservation)]) -> [u8; 32] {
    let mut hash = Sha256::new()
        .chain_update((query.len() as u64).to_be_bytes())
        .chain_update(query)
        .chain_update((observations.len() as u64).to_be_bytes());
    for (observer, signed) in observations {
        hash.update((signed.observation.len() as u64).to_be_bytes());
        hash.update(&signed.observation);
        hash.update([observer.get()]);
    }
    hash.finalize().into()
}

/// Returns the three words that the contract checks and the signatures cover.
///
/// Source: offchain-ocr2 1.12.
#[must_use]
pub fn report_context(
    digest: ConfigDigest,
    at: EpochRound,
    extra_hash: &[u8; 32],
) -> [[u8; 32]; 3] {
    let mut epoch_and_round = [0; 32];
    epoch_and_round[27..31].copy_from_slice(&at.epoch.get().to_be_bytes());
    epoch_and_round[31] = at.round.get();
    [digest.0, epoch_and_round, *extra_hash]
}

/// Returns the hash that oracles sign on chain. Source: offchain-ocr2 1.13.
#[must_use]
pub fn report_hash(
    digest: ConfigDigest,
    at: EpochRound,
    extra_hash: &[u8; 32],
    report: &[u8],
) -> [u8; 32] {
    let context = report_context(digest, at, extra_hash);
    keccak256([keccak256(report).as_slice(), context.as_flattened()].concat()).0
}
