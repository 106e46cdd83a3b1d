//! The oracles' part of an OCR1 configuration: one tuple in Solidity's ABI.
//!
//! Read by hand, because generic decoders are lenient in other places. Source: offchain-ocr1 1.3, 1.4.

use ocr_protocol::abi::{AbiTuple, WORD_BYTES, word};
use ocr_protocol::config::ocr1::OffchainConfig;
use ocr_protocol::secret::SharedSecretEncryptions;

/// The longest off-chain configuration.
pub const MAX_OFFCHAIN_CONFIG_BYTES: usize = 20_000;

/// Fields of the configuration, and of the shared secret within.
const FIELDS: usize = 12;
const SECRET_FIELDS: usize = 3;

type Word = [u8; WORD_BYTES];

/// Why bytes are not an off-chain configuration, or a configuration has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OffchainConfigError {
    /// Longer than the protocol allows.
    #[error("{given_bytes} bytes: {MAX_OFFCHAIN_CONFIG_BYTES} are the most")]
    TooLong {
        /// The length.
        given_bytes: usize,
    },
    /// The bytes end before a field does, or an offset or a length points beyond them.
    #[error("the bytes end before {field} does")]
    Truncated {
        /// The field.
        field: &'static str,
    },
    /// A number does not fit its type.
    #[error("{field} does not fit its type")]
    OutOfRange {
        /// The field.
        field: &'static str,
    },
}

/// Returns the bytes of `config`: an argument of `setConfig`, so the author's alone to make.
///
/// # Errors
/// The bytes are more than the protocol allows.
///
/// Source: offchain-ocr1 1.3.
pub fn encode(config: &OffchainConfig) -> Result<Vec<u8>, OffchainConfigError> {
    let mut secret = AbiTuple::new(SECRET_FIELDS);
    secret.static_word(config.shared_secret.diffie_hellman_point);
    secret.static_word(config.shared_secret.hash);
    secret.words(config.shared_secret.encryptions.iter().map(left_aligned));

    let mut tuple = AbiTuple::new(FIELDS);
    for nanos in [
        config.delta_progress_nanos,
        config.delta_resend_nanos,
        config.delta_round_nanos,
        config.delta_grace_nanos,
        config.delta_c_nanos,
    ] {
        tuple.static_word(signed_word(nanos));
    }
    tuple.static_word(word(config.alpha_ppb));
    tuple.static_word(signed_word(config.delta_stage_nanos));
    tuple.static_word(word(config.r_max.into()));
    tuple.words(config.s.iter().map(|&oracles| word(oracles.into())));
    tuple.words(config.offchain_public_keys.iter().copied());
    tuple.bytes(config.peer_ids.join(",").as_bytes());
    tuple.tuple(secret);

    let mut arguments = AbiTuple::new(1);
    arguments.tuple(tuple);
    check_length(arguments.encode())
}

/// Returns the off-chain configuration of any bytes, unchecked but for types.
///
/// Tails may stand anywhere, overlap, and be followed by anything; padding is ignored. A peer id that
/// is not text is kept with U+FFFD where it is not, which no peer id contains.
///
/// # Errors
/// The bytes are too many or too few, or a number does not fit.
///
/// Source: offchain-ocr1 1.4.
pub fn decode(bytes: &[u8]) -> Result<OffchainConfig, OffchainConfigError> {
    if bytes.len() > MAX_OFFCHAIN_CONFIG_BYTES {
        let given_bytes = bytes.len();
        return Err(OffchainConfigError::TooLong { given_bytes });
    }
    let tuple = Tuple(bytes).tuple(0, "the configuration")?;
    let delta_progress_nanos = tuple.int64(0, "deltaProgress")?;
    let delta_resend_nanos = tuple.int64(1, "deltaResend")?;
    let delta_round_nanos = tuple.int64(2, "deltaRound")?;
    let delta_grace_nanos = tuple.int64(3, "deltaGrace")?;
    let delta_c_nanos = tuple.int64(4, "deltaC")?;
    let alpha_ppb = uint64(tuple.word(5, "alphaPPB")?, "alphaPPB")?;
    let delta_stage_nanos = tuple.int64(6, "deltaStage")?;
    let r_max = uint8(tuple.word(7, "rMax")?, "rMax")?;
    let s = tuple.list(8, "s")?;
    let s = s
        .iter()
        .map(|stage| uint8(stage, "s"))
        .collect::<Result<_, _>>()?;
    let offchain_public_keys = tuple.list(9, "offchainPublicKeys")?.to_vec();
    let peer_ids = peer_ids(tuple.bytes(10, "peerIDs")?);
    let secret = tuple.tuple(11, "sharedSecretEncryptions")?;
    Ok(OffchainConfig {
        delta_progress_nanos,
        delta_resend_nanos,
        delta_round_nanos,
        delta_grace_nanos,
        delta_c_nanos,
        alpha_ppb,
        delta_stage_nanos,
        r_max,
        s,
        offchain_public_keys,
        peer_ids,
        shared_secret: SharedSecretEncryptions {
            diffie_hellman_point: *secret.word(0, "diffieHellmanPoint")?,
            hash: *secret.word(1, "sharedSecretHash")?,
            encryptions: secret
                .list(2, "encryptions")?
                .iter()
                .map(|word| *word.first_chunk().expect("32 bytes hold 16"))
                .collect(),
        },
    })
}

fn check_length(bytes: Vec<u8>) -> Result<Vec<u8>, OffchainConfigError> {
    let given_bytes = bytes.len();
    if given_bytes > MAX_OFFCHAIN_CONFIG_BYTES {
        return Err(OffchainConfigError::TooLong { given_bytes });
    }
    Ok(bytes)
}

fn signed_word(value: i64) -> Word {
    let mut word = [if value < 0 { 0xff } else { 0 }; WORD_BYTES];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}

fn left_aligned(block: &[u8; 16]) -> Word {
    let mut word = [0; WORD_BYTES];
    word[..16].copy_from_slice(block);
    word
}

/// Joined by commas; nothing is no peer id, and nothing after a comma is an empty one.
fn peer_ids(text: &[u8]) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(text);
    text.split(',').map(str::to_owned).collect()
}

/// A tuple's bytes and all that follows them. Offsets count from its start.
struct Tuple<'a>(&'a [u8]);

impl<'a> Tuple<'a> {
    fn word(&self, index: usize, field: &'static str) -> Result<&'a Word, OffchainConfigError> {
        self.word_at(index * WORD_BYTES, field)
    }

    fn word_at(&self, offset: usize, field: &'static str) -> Result<&'a Word, OffchainConfigError> {
        self.0
            .get(offset..)
            .and_then(<[u8]>::first_chunk)
            .ok_or(OffchainConfigError::Truncated { field })
    }

    fn int64(&self, index: usize, field: &'static str) -> Result<i64, OffchainConfigError> {
        let word = self.word(index, field)?;
        let value = i64::from_be_bytes(*word.last_chunk().expect("32 bytes hold 8"));
        if *word == signed_word(value) {
            Ok(value)
        } else {
            Err(OffchainConfigError::OutOfRange { field })
        }
    }

    fn tuple(&self, index: usize, field: &'static str) -> Result<Self, OffchainConfigError> {
        let offset = length(self.word(index, field)?, field)?;
        let bytes = self.0.get(offset..);
        bytes
            .map(Self)
            .ok_or(OffchainConfigError::Truncated { field })
    }

    fn bytes(&self, index: usize, field: &'static str) -> Result<&'a [u8], OffchainConfigError> {
        let (len, rest) = self.tail(index, field)?;
        rest.get(..len)
            .ok_or(OffchainConfigError::Truncated { field })
    }

    fn list(&self, index: usize, field: &'static str) -> Result<&'a [Word], OffchainConfigError> {
        let (len, rest) = self.tail(index, field)?;
        let (words, _) = rest.as_chunks();
        words
            .get(..len)
            .ok_or(OffchainConfigError::Truncated { field })
    }

    /// Returns the length that stands where the field's offset points, and what follows.
    fn tail(
        &self,
        index: usize,
        field: &'static str,
    ) -> Result<(usize, &'a [u8]), OffchainConfigError> {
        let offset = length(self.word(index, field)?, field)?;
        let len = length(self.word_at(offset, field)?, field)?;
        Ok((len, &self.0[offset + WORD_BYTES..]))
    }
}

/// Reads an offset or a length; one beyond any buffer points beyond this one.
fn length(word: &Word, field: &'static str) -> Result<usize, OffchainConfigError> {
    uint64(word, field)
        .ok()
        .and_then(|value| usize::try_from(value).ok())
        .ok_or(OffchainConfigError::Truncated { field })
}

fn uint64(word: &Word, field: &'static str) -> Result<u64, OffchainConfigError> {
    let (high, low) = word.split_last_chunk().expect("32 bytes hold 8");
    if high == [0; 24] {
        Ok(u64::from_be_bytes(*low))
    } else {
        Err(OffchainConfigError::OutOfRange { field })
    }
}

fn uint8(word: &Word, field: &'static str) -> Result<u8, OffchainConfigError> {
    let value = uint64(word, field)?;
    u8::try_from(value).map_err(|_| OffchainConfigError::OutOfRange { field })
}
