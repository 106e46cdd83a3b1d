//! The bounds of the answer, as contract and oracles share them.

use crate::int192::{INT192_BYTES, Int192};

const VERSION: u8 = 1;
const ENCODED_BYTES: usize = 1 + 2 * INT192_BYTES;

/// The least and the greatest answer. Source: offchain-ocr2 1.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnchainConfig {
    min: Int192,
    max: Int192,
}

/// Bytes that are not the on-chain configuration of a median.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnchainConfigError {
    /// Wrong length.
    #[error("onchainConfig has {given} bytes: {ENCODED_BYTES} are needed")]
    WrongLength {
        /// Length in bytes.
        given: usize,
    },
    /// Wrong version.
    #[error("onchainConfig has version {given}: {VERSION} is needed")]
    UnsupportedVersion {
        /// The first byte.
        given: u8,
    },
    /// No answer could be within the bounds.
    #[error("onchainConfig: the least answer {min} is above the greatest, {max}")]
    MinAboveMax {
        /// The least answer.
        min: Int192,
        /// The greatest answer.
        max: Int192,
    },
}

impl OnchainConfig {
    /// Takes the least and the greatest answer, which may be equal.
    ///
    /// # Errors
    /// `min` is above `max`.
    pub fn new(min: Int192, max: Int192) -> Result<Self, OnchainConfigError> {
        if min > max {
            return Err(OnchainConfigError::MinAboveMax { min, max });
        }
        Ok(Self { min, max })
    }

    /// Reads the 49 bytes that the contract made.
    ///
    /// # Errors
    /// Wrong length, wrong version, or bounds without an answer between them.
    pub fn decode(bytes: &[u8]) -> Result<Self, OnchainConfigError> {
        let bytes: &[u8; ENCODED_BYTES] = bytes
            .try_into()
            .map_err(|_| OnchainConfigError::WrongLength { given: bytes.len() })?;
        let [version, bounds @ ..] = bytes;
        if *version != VERSION {
            return Err(OnchainConfigError::UnsupportedVersion { given: *version });
        }
        let bound = |bytes| Int192::decode(bytes).expect("half of 48 bytes");
        Self::new(
            bound(&bounds[..INT192_BYTES]),
            bound(&bounds[INT192_BYTES..]),
        )
    }

    /// Returns the 49 bytes that the contract insists on.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        [
            &[VERSION],
            self.min.to_be_bytes().as_slice(),
            &self.max.to_be_bytes(),
        ]
        .concat()
    }

    /// Whether `answer` is within the bounds, both included.
    #[must_use]
    pub fn contains(&self, answer: Int192) -> bool {
        (self.min..=self.max).contains(&answer)
    }

    /// Returns the least answer.
    #[must_use]
    pub const fn min(&self) -> Int192 {
        self.min
    }

    /// Returns the greatest answer.
    #[must_use]
    pub const fn max(&self) -> Int192 {
        self.max
    }
}
