//! Names of things: oracles, epochs, rounds, configurations.

use core::fmt;
use core::str::FromStr;

/// The most oracles a committee may have. Source: offchain-ocr2 1.1.
pub const MAX_ORACLES: usize = 31;

/// Index of an oracle in the configuration's lists, below `n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OracleId(u8);

impl OracleId {
    /// Returns the oracle at `index` of a committee of `n`, or nothing when there is none.
    #[must_use]
    pub fn new(index: usize, n: usize) -> Option<Self> {
        (index < n && n <= MAX_ORACLES).then_some(Self(index as u8))
    }

    /// Returns the index as the protocol writes it, one byte.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns the index for use with a list in oracle order.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for OracleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Number of oracles `n` and of tolerated faults `f`, with `3f < n`.
///
/// Every quorum of the protocol is named here, once, with its inequality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committee {
    n: u8,
    f: u8,
}

impl Committee {
    /// Returns the committee, or nothing unless `n ≤ 31` and `3f < n`.
    #[must_use]
    pub fn new(n: usize, f: u8) -> Option<Self> {
        (n <= MAX_ORACLES && 3 * usize::from(f) < n).then_some(Self { n: n as u8, f })
    }

    /// Number of oracles.
    #[must_use]
    pub const fn n(self) -> usize {
        self.n as usize
    }

    /// Number of oracles that may be faulty.
    #[must_use]
    pub const fn f(self) -> usize {
        self.f as usize
    }

    /// Whether at least one honest oracle is among `count` distinct ones (`count > f`).
    #[must_use]
    pub const fn is_amplified_by(self, count: usize) -> bool {
        count > self.f()
    }

    /// Whether honest oracles are the majority among `count` distinct ones (`count > 2f`).
    #[must_use]
    pub const fn is_agreed_by(self, count: usize) -> bool {
        count > 2 * self.f()
    }

    /// Signatures a report carries: exactly `f + 1`. Source: offchain-ocr2 7.4.
    #[must_use]
    pub const fn report_quorum(self) -> usize {
        self.f() + 1
    }

    /// Iterates over the oracles in oracle order.
    pub fn oracles(self) -> impl DoubleEndedIterator<Item = OracleId> + ExactSizeIterator {
        (0..self.n).map(OracleId)
    }

    /// Returns the oracle at `index`, or nothing when `index ≥ n`.
    #[must_use]
    pub fn oracle(self, index: usize) -> Option<OracleId> {
        OracleId::new(index, self.n())
    }
}

/// A period with one leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u32);

impl Epoch {
    /// Before any epoch.
    pub const ZERO: Self = Self(0);
    /// The first epoch of a configuration.
    pub const FIRST: Self = Self(1);
    /// The last epoch there can be.
    pub const MAX: Self = Self(u32::MAX);

    /// Returns epoch `number`.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns the next epoch, or nothing after the last.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A round of an epoch; rounds that make reports are `1..=RMax`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Round(u8);

impl Round {
    /// Before any round.
    pub const ZERO: Self = Self(0);

    /// Returns round `number`.
    #[must_use]
    pub const fn new(number: u8) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns the next round, or nothing after the last.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A round of a certain epoch, ordered by epoch first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochRound {
    /// The epoch.
    pub epoch: Epoch,
    /// The round within it.
    pub round: Round,
}

impl EpochRound {
    /// Returns round `round` of epoch `epoch`.
    #[must_use]
    pub const fn new(epoch: u32, round: u8) -> Self {
        Self {
            epoch: Epoch(epoch),
            round: Round(round),
        }
    }
}

impl fmt::Display for EpochRound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.round)
    }
}

/// Fingerprint of a configuration; its first two bytes name the scheme that made it.
///
/// The text form is 64 hex digits without prefix. Source: offchain-ocr2 1.11.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConfigDigest(pub [u8; 32]);

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Offchain Reporting 1: one kind of report, made of signed numbers.
    Ocr1,
    /// Offchain Reporting 2: reports are the plugin's.
    Ocr2,
}

/// First two bytes of a digest of OCR1. Source: offchain-ocr1 3.1.
const OCR1_PREFIX: [u8; 2] = [0xee, 0xee];

/// Length of a digest of OCR1 on the chain, in bytes.
pub const OCR1_DIGEST_BYTES: usize = 16;

impl ConfigDigest {
    /// What a contract shows before its first configuration.
    pub const ZERO: Self = Self([0; 32]);

    /// Widens the digest of an OCR1 contract to what its oracles name their streams by.
    ///
    /// Source: offchain-ocr1 3.1.
    #[must_use]
    pub fn from_ocr1(digest: [u8; OCR1_DIGEST_BYTES]) -> Self {
        let mut wide = [0; 32];
        wide[..2].copy_from_slice(&OCR1_PREFIX);
        wide[2..18].copy_from_slice(&digest);
        Self(wide)
    }

    /// Returns the version of the protocol whose configuration this is the digest of.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        if self.0.starts_with(&OCR1_PREFIX) {
            Protocol::Ocr1
        } else {
            Protocol::Ocr2
        }
    }

    /// Returns the digest as its contract and its hashes have it: 16 bytes for OCR1, 32 for OCR2.
    #[must_use]
    pub fn on_chain(&self) -> &[u8] {
        match self.protocol() {
            Protocol::Ocr1 => &self.0[2..2 + OCR1_DIGEST_BYTES],
            Protocol::Ocr2 => &self.0,
        }
    }
}

impl fmt::Display for ConfigDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ConfigDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A config digest is 64 hex digits without prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("config digest {given:?}: 64 hex digits without 0x are needed")]
pub struct ParseDigestError {
    given: String,
}

impl FromStr for ConfigDigest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digest = [0; 32];
        hex::decode_to_slice(text, &mut digest).map_err(|_| ParseDigestError {
            given: text.to_owned(),
        })?;
        Ok(Self(digest))
    }
}
