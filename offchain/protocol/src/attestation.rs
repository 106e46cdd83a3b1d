//! Signatures under a report.

use alloy_primitives::keccak256;
use sha2::{Digest as _, Sha256};

use crate::config::PublicConfig;
use crate::id::{ConfigDigest, EpochRound, OracleId, Protocol};
use crate::keyring::{Keyring, recover_onchain_like_evm, verify_onchain_like_evm};
use crate::observation::{SignedObservation, round_tag};
use crate::per_oracle::PerOracle;

/// A report with the signatures of a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedReport {
    /// The round reported in.
    pub at: EpochRound,
    /// Hash of the query and the observations reported on ([`extra_hash`]); zero in OCR1.
    pub extra_hash: [u8; 32],
    /// The report; OCR1's without its first word, the [`round_tag`].
    pub report: Vec<u8>,
    /// Who signed, where the message says so (OCR1's do not), and the 65-byte signature.
    pub signatures: Vec<(Option<OracleId>, Vec<u8>)>,
}

/// Why a report is not attested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// Not `f + 1` signatures: fewer, or in OCR2 more.
    #[error("{given} signatures: {needed} are needed")]
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
    /// A signature without a name is nobody's.
    #[error("signature {place} is of no oracle of the committee")]
    UnknownSigner {
        /// Its place in the list.
        place: usize,
    },
}

impl AttestedReport {
    /// Checks that a quorum of distinct oracles of `config` signed: exactly `f + 1` in OCR2, at
    /// least as many in OCR1.
    ///
    /// # Errors
    /// The first rule broken: count, distinct signers, signatures in their order.
    ///
    /// Source: offchain-ocr2 5.5 (`sigs verify`), offchain-ocr1 5.4.2 (`ATTESTED`).
    pub fn verify(&self, config: &PublicConfig) -> Result<(), AttestationError> {
        let (given, needed) = (self.signatures.len(), config.committee.report_quorum());
        let is_too_many = given > needed && config.digest.protocol() == Protocol::Ocr2;
        if given < needed || is_too_many {
            return Err(AttestationError::WrongSignatureCount { given, needed });
        }
        let hash = report_hash(config.digest, self.at, &self.extra_hash, &self.report);
        let mut seen = PerOracle::from_fn(config.committee, |_| false);
        for (place, (named, signature)) in self.signatures.iter().enumerate() {
            let signer = named
                .or_else(|| recovered_signer(config, &hash, signature))
                .ok_or(AttestationError::UnknownSigner { place })?;
            if core::mem::replace(&mut seen[signer], true) {
                return Err(AttestationError::DuplicateSigner(signer));
            }
        }
        for (named, signature) in &self.signatures {
            if let Some(signer) = *named
                && !verify_onchain_like_evm(config.oracles[signer].signer, &hash, signature)
            {
                return Err(AttestationError::InvalidSignature(signer));
            }
        }
        Ok(())
    }

    /// Whether `other` has the same signatures under the same report, named or not.
    #[must_use]
    pub fn has_the_signatures_of(&self, other: &Self) -> bool {
        let ours = self.signatures.iter().map(|(_, signature)| signature);
        let theirs = other.signatures.iter().map(|(_, signature)| signature);
        (self.at, self.extra_hash, &self.report) == (other.at, other.extra_hash, &other.report)
            && ours.eq(theirs)
    }
}

/// Finds whose signature it is, where the message does not say.
fn recovered_signer(config: &PublicConfig, hash: &[u8; 32], signature: &[u8]) -> Option<OracleId> {
    let address = recover_onchain_like_evm(hash, signature)?;
    let mut oracles = config.oracles.iter();
    oracles.find_map(|(oracle, identity)| (identity.signer == address).then_some(oracle))
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

/// Returns the hash that binds a report of OCR2 to the query and the observations in the leader's order.
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

/// Returns the three words that OCR2's contract checks and the signatures cover.
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

/// Returns the hash that oracles sign on chain. Source: offchain-ocr2 1.13, offchain-ocr1 2.4.
#[must_use]
pub fn report_hash(
    digest: ConfigDigest,
    at: EpochRound,
    extra_hash: &[u8; 32],
    report: &[u8],
) -> [u8; 32] {
    match digest.protocol() {
        Protocol::Ocr1 => keccak256(tagged_report(digest, at, report)).0,
        Protocol::Ocr2 => {
            let context = report_context(digest, at, extra_hash);
            keccak256([keccak256(report).as_slice(), context.as_flattened()].concat()).0
        }
    }
}

/// Returns a report of OCR1 as its contract takes it: behind the [`round_tag`].
///
/// Source: offchain-ocr1 2.5.
#[must_use]
pub fn tagged_report(digest: ConfigDigest, at: EpochRound, report: &[u8]) -> Vec<u8> {
    [&round_tag(digest, at), report].concat()
}
