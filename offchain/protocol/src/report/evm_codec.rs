//! The report as the contract reads it: `(uint32, bytes32, int192[], int192)` in Solidity's ABI.

use alloy_primitives::{I256, U256};

use crate::report::{ParsedObservation, go_sort};

const WORD_BYTES: usize = 32;

/// Timestamp, observers, offset of the observations, juels per fee coin, number of observations.
const FIXED_WORDS: usize = 5;

/// Where the array of observations begins.
const OBSERVATIONS_OFFSET: u64 = 0x80;

/// An attested report that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportDecodeError {
    /// A word or an element is beyond the report's end.
    #[error("report of {given} bytes: it ends before its {part}")]
    Truncated {
        /// The report's length in bytes.
        given: usize,
        /// What is missing.
        part: &'static str,
    },
    /// The timestamp is more than 32 bits.
    #[error("report: its timestamp has more than 32 bits")]
    TimestampTooLarge,
    /// There is no observation.
    #[error("report: it has no observations")]
    NoObservations,
}

/// Returns the length in bytes of a report over `n` observations, the longest of a committee of `n`.
#[must_use]
pub const fn max_report_bytes(n: usize) -> usize {
    WORD_BYTES * (FIXED_WORDS + n)
}

/// Builds the report over `observations`.
///
/// Timestamp and juels per fee coin are upper medians of their own. Three sorts of one list, each
/// from where the last left it, decide the order of observers with equal values.
///
/// # Panics
/// On no observations, or more than 32: the report has one byte for each observer.
///
/// Source: offchain-ocr2 6.3.6.
#[must_use]
pub fn encode_report(mut observations: Vec<ParsedObservation>) -> Vec<u8> {
    assert!(
        (1..=WORD_BYTES).contains(&observations.len()),
        "1 to 32 observations make a report"
    );
    let middle = observations.len() / 2;
    go_sort::sort_by_key(&mut observations, |parsed| {
        parsed.observation.timestamp_seconds
    });
    let timestamp_seconds = observations[middle].observation.timestamp_seconds;
    go_sort::sort_by_key(&mut observations, |parsed| {
        parsed.observation.juels_per_fee_coin
    });
    let juels_per_fee_coin = observations[middle].observation.juels_per_fee_coin;
    go_sort::sort_by_key(&mut observations, |parsed| parsed.observation.value);

    let mut observers = [0; WORD_BYTES];
    for (place, parsed) in observers.iter_mut().zip(&observations) {
        *place = parsed.observer.get();
    }
    let mut report = Vec::with_capacity(max_report_bytes(observations.len()));
    report.extend(unsigned_word(u64::from(timestamp_seconds)));
    report.extend(observers);
    report.extend(unsigned_word(OBSERVATIONS_OFFSET));
    report.extend(signed_word(juels_per_fee_coin.into()));
    report.extend(unsigned_word(observations.len() as u64));
    for parsed in &observations {
        report.extend(signed_word(parsed.observation.value.into()));
    }
    report
}

/// Returns the middle observation of a report, as leniently as go-ethereum reads it.
///
/// Numbers may have 256 bits, the array may stand anywhere, what follows it is ignored, and it need
/// not be sorted.
///
/// # Errors
/// The timestamp has more than 32 bits, or the report ends too early, or has no observations.
///
/// Source: offchain-ocr2 6.3.6.
pub fn median_from_report(report: &[u8]) -> Result<I256, ReportDecodeError> {
    let truncated = |part| ReportDecodeError::Truncated {
        given: report.len(),
        part,
    };
    let head = |index: usize| word_at(report, index * WORD_BYTES).ok_or(truncated("head"));
    if head(0)?.bit_len() > 32 {
        return Err(ReportDecodeError::TimestampTooLarge);
    }
    let offset = usize::try_from(head(2)?).map_err(|_| truncated("observations"))?;
    head(3)?;
    let len = word_at(report, offset).ok_or(truncated("observations"))?;
    let len = usize::try_from(len).map_err(|_| truncated("last observation"))?;
    let observations = &report[offset + WORD_BYTES..];
    if len > observations.len() / WORD_BYTES {
        return Err(truncated("last observation"));
    }
    if len == 0 {
        return Err(ReportDecodeError::NoObservations);
    }
    let median = word_at(observations, len / 2 * WORD_BYTES).expect("it is before the last");
    Ok(I256::from_raw(median))
}

/// Returns the word at byte `offset`, or nothing when it is not wholly there.
fn word_at(bytes: &[u8], offset: usize) -> Option<U256> {
    let word = bytes.get(offset..)?.first_chunk::<WORD_BYTES>()?;
    Some(U256::from_be_bytes(*word))
}

fn unsigned_word(value: u64) -> [u8; WORD_BYTES] {
    U256::from(value).to_be_bytes()
}

fn signed_word(value: I256) -> [u8; WORD_BYTES] {
    value.to_be_bytes()
}
