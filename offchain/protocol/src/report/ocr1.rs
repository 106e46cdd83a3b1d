//! OCR1's report, and when it is made and transmitted.

use alloy_primitives::I256;

use super::{
    ChainView, LastAccepted, LatestTransmission, MedianConfig, ReportError, deviates, is_news,
    needs_report,
};
use crate::abi::{WORD_BYTES, word};
use crate::config::{PublicConfig, ocr1::OffchainConfig};
use crate::id::{ConfigDigest, EpochRound, OracleId};
use crate::int192::Int192;
use crate::observation::Observation;

/// Observers, offset of the observations, number of observations.
const FIXED_WORDS: usize = 3;

/// Where the array of observations begins, counted from the tag before the report.
const OBSERVATIONS_OFFSET: u64 = 0x60;

/// The most observations of a report: one byte of a word for each observer.
pub const MAX_OBSERVATIONS: usize = WORD_BYTES;

/// Builds the report over `observations`, each with its observer's byte, in their order; nothing for
/// more than 32.
///
/// The contract takes it behind the round's tag ([`tagged_report`](crate::attestation::tagged_report)).
///
/// Source: offchain-ocr1 2.5.
#[must_use]
pub fn encode_report(observations: &[(u8, Int192)]) -> Option<Vec<u8>> {
    let mut observers = [0; WORD_BYTES];
    if observations.len() > MAX_OBSERVATIONS {
        return None;
    }
    for (place, (observer, _)) in observers.iter_mut().zip(observations) {
        *place = *observer;
    }
    let mut report = Vec::with_capacity(WORD_BYTES * (FIXED_WORDS + observations.len()));
    report.extend(observers);
    report.extend(word(OBSERVATIONS_OFFSET));
    report.extend(word(observations.len() as u64));
    for (_, value) in observations {
        report.extend(wide(*value).to_be_bytes::<WORD_BYTES>());
    }
    Some(report)
}

/// Takes apart what [`encode_report`] built; nothing for any other bytes.
#[must_use]
pub fn decode_report(report: &[u8]) -> Option<Vec<(u8, Int192)>> {
    let (words, []) = report.as_chunks::<WORD_BYTES>() else {
        return None;
    };
    let (observers, values) = (words.first()?, words.get(FIXED_WORDS..)?);
    let value = |word: &[u8; WORD_BYTES]| Int192::try_from(I256::from_be_bytes(*word)).ok();
    let values: Vec<_> = values.iter().map(value).collect::<Option<_>>()?;
    let observations: Vec<_> = observers.iter().copied().zip(values).collect();
    (encode_report(&observations)? == report).then_some(observations)
}

fn wide(value: Int192) -> I256 {
    value.into()
}

impl MedianConfig {
    /// Takes an OCR1 configuration's parameters: one alpha serves both decisions, and none is infinite.
    ///
    /// A negative DeltaC, which [`PublicConfig::new_ocr1`] refuses, counts as zero.
    #[must_use]
    pub fn of_ocr1(offchain: &OffchainConfig) -> Self {
        let delta_c_nanos = u64::try_from(offchain.delta_c_nanos).unwrap_or_default();
        Self {
            alpha_report_ppb: offchain.alpha_ppb,
            alpha_accept_ppb: offchain.alpha_ppb,
            delta_c: core::time::Duration::from_nanos(delta_c_nanos),
            ..Self::default()
        }
    }
}

/// What OCR1 decides on: the median of sorted numbers.
///
/// Source: offchain-ocr1 5.4.3, 5.6.2.
#[derive(Clone, Debug)]
pub struct Median {
    digest: ConfigDigest,
    config: MedianConfig,
    accepted: LastAccepted,
}

impl Median {
    /// Makes what one configuration decides with ([`MedianConfig::of_ocr1`]).
    #[must_use]
    pub fn new(public: &PublicConfig, config: MedianConfig) -> Self {
        Self {
            digest: public.digest,
            config,
            accepted: LastAccepted::default(),
        }
    }

    /// Returns how far back a request for a round counts, and how old an answer may get (DeltaC).
    #[must_use]
    pub const fn delta_c(&self) -> core::time::Duration {
        self.config.delta_c
    }

    /// Returns the bytes that an observer signs: the value alone.
    #[must_use]
    pub fn encode_observation(&self, observation: &Observation) -> Vec<u8> {
        observation.value.to_be_bytes().to_vec()
    }

    /// Decides whether to report, and returns the report. What the chain shows decides; if it could
    /// not be read, a report is due.
    ///
    /// `observations` are sorted by value, from distinct oracles.
    ///
    /// # Errors
    /// There are none, or more than 32, or one is not a number of 24 bytes.
    ///
    /// Source: offchain-ocr1 5.4.3.
    pub fn report(
        &self,
        view: Option<&ChainView>,
        observations: &[(OracleId, &[u8])],
    ) -> Result<Option<Vec<u8>>, ReportError> {
        let number =
            |&(observer, bytes): &(OracleId, &[u8])| Some((observer.get(), Int192::decode(bytes)?));
        let numbers = observations.iter().map(number).collect::<Option<Vec<_>>>();
        let numbers = numbers.ok_or(ReportError::NotNumbers)?;
        let median = median(&numbers).ok_or(ReportError::NotNumbers)?;
        if view.is_some_and(|view| !needs_report(self.digest, &self.config, view, median)) {
            return Ok(None);
        }
        let report = encode_report(&numbers).ok_or(ReportError::NotNumbers)?;
        Ok(Some(report))
    }

    /// Decides whether an attested report is worth transmitting, and remembers it if so.
    ///
    /// Odd but kept: the deviation is relative to the *younger* report.
    ///
    /// Source: offchain-ocr1 5.6.2.
    pub fn should_accept(
        &mut self,
        at: EpochRound,
        latest: &LatestTransmission,
        report: &[u8],
    ) -> bool {
        if self.accepted.at >= at || !is_news(self.digest, at, latest) {
            return false;
        }
        let observations = decode_report(report).unwrap_or_default();
        let Some(younger) = median(&observations).map(wide) else {
            return false;
        };
        let deviates = deviates(self.config.alpha_accept_ppb, younger, self.accepted.median);
        let nothing_pending = latest.at >= self.accepted.at;
        let accept = deviates || nothing_pending;
        if accept {
            let median = younger;
            self.accepted = LastAccepted { at, median };
        }
        accept
    }

    /// Decides whether the contract still has use for an accepted report.
    ///
    /// Source: offchain-ocr1 5.6.3.
    #[must_use]
    pub fn should_transmit(&self, at: EpochRound, latest: &LatestTransmission) -> bool {
        is_news(self.digest, at, latest)
    }
}

/// The upper median of a sorted list.
fn median(observations: &[(u8, Int192)]) -> Option<Int192> {
    Some(observations.get(observations.len() / 2)?.1)
}
