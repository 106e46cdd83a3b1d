//! How long the parts of a message may be. Source: offchain-ocr2 3.4.

use ocr_protocol::id::MAX_ORACLES;
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::message::Message;

/// A part of a message is longer than the plugin, or the committee, allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// A query, an observation or a report is too long.
    #[error("{part} of {given_bytes} bytes: the plugin allows {most_bytes}")]
    TooLong {
        /// Which part.
        part: &'static str,
        /// Its length.
        given_bytes: usize,
        /// The greatest length allowed.
        most_bytes: usize,
    },
    /// A list has more entries than there can be oracles.
    #[error("{given} {part}: there are at most {MAX_ORACLES}")]
    TooMany {
        /// What is listed.
        part: &'static str,
        /// How many entries there are.
        given: usize,
    },
}

/// Checks the parts of `message`, received or about to be sent, against the plugin's `limits`.
///
/// # Errors
/// The first part that is too long.
///
/// Source: offchain-ocr2 3.4.
pub fn check_size(message: &Message, limits: &PluginLimits) -> Result<(), SizeError> {
    match message {
        Message::NewEpoch { .. } => Ok(()),
        Message::ObserveReq { query, .. } => check_query(query, limits),
        Message::Observe { observation, .. } => check_observation(&observation.observation, limits),
        Message::ReportReq {
            query,
            observations,
            ..
        } => {
            check_query(query, limits)?;
            check_count("observations", observations.len())?;
            observations
                .iter()
                .try_for_each(|(_, signed)| check_observation(&signed.observation, limits))
        }
        Message::Report { vote, .. } => check_report(&vote.report, limits),
        Message::Final(attested) | Message::FinalEcho(attested) => {
            check_count("signatures", attested.signatures.len())?;
            check_report(&attested.report, limits)
        }
    }
}

fn check_query(query: &[u8], limits: &PluginLimits) -> Result<(), SizeError> {
    check_length("a query", query, limits.max_query_bytes)
}

fn check_observation(observation: &[u8], limits: &PluginLimits) -> Result<(), SizeError> {
    check_length("an observation", observation, limits.max_observation_bytes)
}

fn check_report(report: &[u8], limits: &PluginLimits) -> Result<(), SizeError> {
    check_length("a report", report, limits.max_report_bytes)
}

fn check_length(part: &'static str, bytes: &[u8], most_bytes: usize) -> Result<(), SizeError> {
    match bytes.len() {
        given_bytes if given_bytes > most_bytes => Err(SizeError::TooLong {
            part,
            given_bytes,
            most_bytes,
        }),
        _ => Ok(()),
    }
}

fn check_count(part: &'static str, given: usize) -> Result<(), SizeError> {
    if given > MAX_ORACLES {
        Err(SizeError::TooMany { part, given })
    } else {
        Ok(())
    }
}
