//! What an oracle tells its operator's monitoring. Source: offchain-ocr2 7.5.

use core::time::Duration;

use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::message::Message;
use ocr_protocol::per_oracle::PerOracle;

use crate::message;
use crate::writer::Writer;

/// Something that happened at an oracle.
#[derive(Clone, Copy, Debug)]
pub enum Telemetry<'a> {
    /// A message arrived.
    MessageReceived {
        /// The message.
        message: &'a Message,
        /// Who sent it.
        sender: OracleId,
    },
    /// A message went to every oracle.
    MessageBroadcast {
        /// The message.
        message: &'a Message,
        /// Its bytes.
        serialized: &'a [u8],
    },
    /// A message went to one oracle.
    MessageSent {
        /// The message.
        message: &'a Message,
        /// Its bytes.
        serialized: &'a [u8],
        /// Who gets it.
        receiver: OracleId,
    },
    /// A peer sent bytes that are no message.
    InvalidSerialization {
        /// The bytes.
        serialized: &'a [u8],
        /// Who sent them.
        sender: OracleId,
    },
    /// This oracle began to follow a round.
    RoundStarted {
        /// The round.
        at: EpochRound,
        /// Its leader.
        leader: OracleId,
    },
    /// It is known who transmits a report when.
    ScheduleComputed {
        /// The report's round.
        at: EpochRound,
        /// How long each oracle waits; nothing for one that never transmits this report.
        delays: &'a PerOracle<Option<Duration>>,
    },
    /// The plugin decided whether to accept a report.
    ShouldAcceptComputed {
        /// The report's round.
        at: EpochRound,
        /// The decision; nothing when there was none because of an error.
        decision: Option<bool>,
    },
    /// The plugin decided whether to transmit a report.
    ShouldTransmitComputed {
        /// The report's round.
        at: EpochRound,
        /// The decision; nothing when there was none because of an error.
        decision: Option<bool>,
    },
    /// This oracle entered an epoch.
    EpochStarted {
        /// The epoch.
        epoch: Epoch,
        /// Its leader.
        leader: OracleId,
    },
}

/// Returns the bytes that monitoring expects, for an event of the oracle with configuration `digest`
/// at a time given as how long after 1970-01-01 UTC it is.
#[must_use]
pub fn encode(digest: ConfigDigest, since_1970: Duration, event: &Telemetry<'_>) -> Vec<u8> {
    encode_for(&digest.0, since_1970.as_nanos() as u64, event) // enough until 2554
}

fn encode_for(digest: &[u8], unix_nanos: u64, event: &Telemetry<'_>) -> Vec<u8> {
    Writer::write(|w| {
        // The time stands first although its number is 6: what happened is a oneof, and those go last.
        w.uint(6, unix_nanos);
        match *event {
            Telemetry::MessageReceived { message, sender } => w.message(1, |w| {
                w.bytes(1, digest);
                w.message(2, |w| message::write(w, message));
                w.uint(3, sender.get());
            }),
            Telemetry::MessageBroadcast {
                message,
                serialized,
            } => w.message(2, |w| {
                w.bytes(1, digest);
                w.message(2, |w| message::write(w, message));
                w.bytes(3, serialized);
            }),
            Telemetry::MessageSent {
                message,
                serialized,
                receiver,
            } => w.message(3, |w| {
                w.bytes(1, digest);
                w.message(2, |w| message::write(w, message));
                w.bytes(3, serialized);
                w.uint(4, receiver.get());
            }),
            Telemetry::InvalidSerialization { serialized, sender } => w.message(4, |w| {
                w.message(2, |w| {
                    w.bytes(1, digest);
                    w.bytes(2, serialized);
                    w.uint(3, sender.get());
                });
            }),
            Telemetry::RoundStarted { at, leader } => w.message(5, |w| {
                write_round(w, digest, at);
                w.uint(4, leader.get());
                w.uint(5, unix_nanos);
            }),
            Telemetry::ScheduleComputed { at, delays } => w.message(7, |w| {
                write_round(w, digest, at);
                w.uint(4, unix_nanos);
                for (oracle, delay) in delays.present() {
                    // An entry of a map has both its fields, zero too.
                    w.message(5, |w| {
                        w.present_uint(1, oracle.get().into());
                        w.present_uint(2, delay.as_nanos() as u64);
                    });
                }
            }),
            Telemetry::ShouldAcceptComputed { at, decision } => {
                w.message(8, |w| write_decision(w, digest, at, decision));
            }
            Telemetry::ShouldTransmitComputed { at, decision } => {
                w.message(9, |w| write_decision(w, digest, at, decision));
            }
            Telemetry::EpochStarted { epoch, leader } => w.message(10, |w| {
                w.bytes(1, digest);
                w.uint(2, epoch.get());
                w.uint(3, leader.get());
            }),
        }
    })
}

fn write_round(w: &mut Writer, digest: &[u8], at: EpochRound) {
    w.bytes(1, digest);
    w.uint(2, at.epoch.get());
    w.uint(3, at.round.get());
}

fn write_decision(w: &mut Writer, digest: &[u8], at: EpochRound, decision: Option<bool>) {
    write_round(w, digest, at);
    w.uint(4, decision == Some(true));
    w.uint(5, decision.is_some());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: offchain-ocr2 A.6, whose digest is one byte.
    #[test]
    fn writes_the_time_before_what_happened() {
        let leader = OracleId::new(3, 4).unwrap();
        let event = Telemetry::EpochStarted {
            epoch: Epoch::new(2),
            leader,
        };
        assert_eq!(
            hex::encode(encode_for(&[1], 5, &event)),
            "300552070a010110021803"
        );
    }
}
