//! What an oracle observes, and its signature under it.

use sha2::{Digest as _, Sha256};

use crate::id::{ConfigDigest, EpochRound, Protocol};
use crate::int192::Int192;
use crate::keyring::{Keyring, verify_offchain_like_go};

/// What one oracle sees of the world, for the median. Source: offchain-ocr2 6.3.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Observation {
    /// When the sources had answered, by the oracle's clock, in seconds since 1970.
    pub timestamp_seconds: u32,
    /// The value observed, in the feed's decimals.
    pub value: Int192,
    /// Price of the chain's fee coin, in juels.
    pub juels_per_fee_coin: Int192,
    /// Price of gas, where the feed's codec carries one; an EVM feed's does not.
    pub gas_price_subunits: Option<Int192>,
}

/// How observations become bytes and back.
///
/// The bytes are protobuf, which `ocr-wire` knows; this crate decides without it.
#[derive(Clone, Copy, Debug)]
pub struct ObservationCodec {
    /// Returns the observation's bytes.
    pub encode: fn(&Observation) -> Vec<u8>,
    /// Returns the observation of any bytes from a peer, or nothing when they are none.
    pub decode: fn(&[u8]) -> Option<Observation>,
}

/// Observation bytes and the observer's signature for one round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedObservation {
    /// The observation as its codec wrote it.
    pub observation: Vec<u8>,
    /// Ed25519 signature, 64 bytes if the observer is honest: OCR2's over [`observation_digest`],
    /// OCR1's over [`tagged_observation`].
    pub signature: Vec<u8>,
}

impl SignedObservation {
    /// Signs `observation`, made in round `at` for `query`.
    #[must_use]
    pub fn sign(
        keyring: &Keyring,
        digest: ConfigDigest,
        at: EpochRound,
        query: &[u8],
        observation: Vec<u8>,
    ) -> Self {
        let message = signed_message(digest, at, query, &observation);
        Self {
            observation,
            signature: keyring.sign_offchain(&message).to_vec(),
        }
    }

    /// Whether the holder of ed25519 key `key` made this observation in round `at` for `query`.
    #[must_use]
    pub fn verify(
        &self,
        key: &[u8; 32],
        digest: ConfigDigest,
        at: EpochRound,
        query: &[u8],
    ) -> bool {
        let message = signed_message(digest, at, query, &self.observation);
        verify_offchain_like_go(key, &message, &self.signature)
    }
}

fn signed_message(
    digest: ConfigDigest,
    at: EpochRound,
    query: &[u8],
    observation: &[u8],
) -> Vec<u8> {
    match digest.protocol() {
        Protocol::Ocr1 => tagged_observation(digest, at, observation),
        Protocol::Ocr2 => observation_digest(digest, at, query, observation).to_vec(),
    }
}

/// Returns what an observer of OCR1 signs: the observation behind the [`round_tag`].
///
/// Source: offchain-ocr1 2.4.
#[must_use]
pub fn tagged_observation(digest: ConfigDigest, at: EpochRound, observation: &[u8]) -> Vec<u8> {
    [&round_tag(digest, at), observation].concat()
}

/// Returns the word that tells the rounds of all configurations of OCR1 apart: 11 zero bytes, the
/// digest (16), the epoch (4), the round (1). The contract calls it the raw report context.
///
/// Source: offchain-ocr1 2.2.
#[must_use]
pub fn round_tag(digest: ConfigDigest, at: EpochRound) -> [u8; 32] {
    let mut tag = [0; 32];
    tag[11..27].copy_from_slice(&digest.0[2..18]);
    tag[27..31].copy_from_slice(&at.epoch.get().to_be_bytes());
    tag[31] = at.round.get();
    tag
}

/// Returns what an observer of OCR2 signs: it binds the observation to configuration, round and query.
///
/// Source: offchain-ocr2 2 (`obsMsg`).
#[must_use]
pub fn observation_digest(
    digest: ConfigDigest,
    at: EpochRound,
    query: &[u8],
    observation: &[u8],
) -> [u8; 32] {
    Sha256::new()
        .chain_update(digest.0)
        .chain_update(at.epoch.get().to_be_bytes())
        .chain_update([at.round.get()])
        .chain_update((query.len() as u64).to_be_bytes())
        .chain_update(query)
        .chain_update((observation.len() as u64).to_be_bytes())
        .chain_update(observation)
        .finalize()
        .into()
}
