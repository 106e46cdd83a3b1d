//! The 192-bit signed integer of answers and prices.

use core::fmt;
use core::str::FromStr;

use alloy_primitives::I256;
use alloy_primitives::aliases::I192;

/// A signed integer of 192 bits, as the contract's `int192`.
///
/// On the wire: 24 bytes, big-endian two's complement. Source: offchain-ocr2 6.3.1.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Int192(I192);

/// Length of an `int192` in bytes.
pub const INT192_BYTES: usize = 24;

/// A number that is not between -2^191 and 2^191 - 1, or no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given}: a whole number between -2^191 and 2^191 - 1 is needed")]
pub struct Int192Error {
    given: String,
}

impl Int192 {
    /// Zero.
    pub const ZERO: Self = Self(I192::ZERO);
    /// The least value, -2^191.
    pub const MIN: Self = Self(I192::MIN);
    /// The greatest value, 2^191 - 1.
    pub const MAX: Self = Self(I192::MAX);

    /// Returns the value of 24 bytes.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; INT192_BYTES]) -> Self {
        Self(I192::from_be_bytes(bytes))
    }

    /// Returns the value as 24 bytes.
    #[must_use]
    pub const fn to_be_bytes(self) -> [u8; INT192_BYTES] {
        self.0.to_be_bytes()
    }

    /// Returns the value of `bytes`, or nothing unless there are exactly 24.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }

    /// Returns the value as alloy's 192-bit integer.
    #[must_use]
    pub const fn get(self) -> I192 {
        self.0
    }
}

impl From<i64> for Int192 {
    fn from(value: i64) -> Self {
        Self(I192::try_from(value).expect("64 bits fit 192"))
    }
}

impl From<I192> for Int192 {
    fn from(value: I192) -> Self {
        Self(value)
    }
}

impl From<Int192> for I256 {
    fn from(value: Int192) -> Self {
        let fill = if value.0.is_negative() { 0xff } else { 0 };
        let mut word = [fill; 32];
        word[32 - INT192_BYTES..].copy_from_slice(&value.to_be_bytes());
        Self::from_be_bytes(word)
    }
}

impl TryFrom<I256> for Int192 {
    type Error = Int192Error;

    fn try_from(value: I256) -> Result<Self, Self::Error> {
        let word: [u8; 32] = value.to_be_bytes();
        let low = Self::decode(&word[32 - INT192_BYTES..]).expect("24 bytes");
        if <I256 as From<Self>>::from(low) == value {
            Ok(low)
        } else {
            Err(Int192Error {
                given: value.to_string(),
            })
        }
    }
}

impl FromStr for Int192 {
    type Err = Int192Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| Int192Error {
            given: format!("{text:?}"),
        })
    }
}

impl fmt::Display for Int192 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Int192 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
