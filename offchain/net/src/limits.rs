//! What each oracle may send in a group.

use std::time::Duration;

use crate::token_bucket::TokenBucket;

/// The longest message any configuration may allow. Source: networking 1.1.
pub const MAX_MESSAGE_BYTES: u32 = 1 << 30;

/// What each oracle may send to each other in a group; both sides enforce it.
///
/// The protocol computes it from its configuration. Source: offchain-ocr2 3.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Longest message. A sender drops longer ones; sending one costs a peer its connection.
    pub max_message_bytes: u32,
    /// Messages a second, not below zero. Infinite: within the capacity only.
    pub messages_per_second: f64,
    /// Messages at once.
    pub messages_capacity: u32,
    /// Payload bytes a second, not below zero. Infinite: within the capacity only.
    pub bytes_per_second: f64,
    /// Payload bytes at once.
    pub bytes_capacity: u32,
}

/// Limits that no group can have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LimitsError {
    /// The longest message is over [`MAX_MESSAGE_BYTES`].
    #[error("messages of {given_bytes} bytes: at most {MAX_MESSAGE_BYTES} are possible")]
    MessageTooLong {
        /// The longest message asked for.
        given_bytes: u32,
    },
    /// A rate is negative or not a number.
    #[error("{given} {unit} per second: zero or more are needed")]
    BadRate {
        /// The rate asked for.
        given: f64,
        /// What is counted.
        unit: &'static str,
    },
}

impl Limits {
    pub(crate) fn check(&self) -> Result<(), LimitsError> {
        if self.max_message_bytes > MAX_MESSAGE_BYTES {
            return Err(LimitsError::MessageTooLong {
                given_bytes: self.max_message_bytes,
            });
        }
        for (given, unit) in [
            (self.messages_per_second, "messages"),
            (self.bytes_per_second, "bytes"),
        ] {
            if given.is_nan() || given < 0.0 {
                return Err(LimitsError::BadRate { given, unit });
            }
        }
        Ok(())
    }
}

/// Meters what one oracle sends.
#[derive(Debug)]
pub(crate) struct Meter {
    max_message_bytes: u32,
    messages: TokenBucket,
    bytes: TokenBucket,
    /// What the peer may send in vain: refused messages and heartbeats, with their headers.
    excess: TokenBucket,
}

/// What to do with a message of which only the length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accept,
    /// Read it and throw it away.
    OverMessageRate,
    OverByteRate,
    /// Close the connection.
    TooLong,
    Flood,
}

/// Charged to the excess for each message, so that empty ones are not free.
const EXCESS_PER_MESSAGE_BYTES: u32 = 64;
/// Refused bytes a peer may send, in multiples of what it may send rightfully…
const EXCESS_FACTOR: u32 = 4;
/// … and at least so many at once, and a quarter of it a second.
const EXCESS_FLOOR_BYTES: u32 = 4 << 20;

impl Meter {
    pub(crate) fn new(limits: &Limits, now: Duration) -> Self {
        let excess_per_second =
            f64::from(EXCESS_FACTOR) * limits.bytes_per_second + f64::from(EXCESS_FLOOR_BYTES / 4);
        let excess_capacity = limits
            .bytes_capacity
            .saturating_mul(EXCESS_FACTOR)
            .saturating_add(EXCESS_FLOOR_BYTES);
        Self {
            max_message_bytes: limits.max_message_bytes,
            messages: TokenBucket::full(limits.messages_per_second, limits.messages_capacity, now),
            bytes: TokenBucket::full(limits.bytes_per_second, limits.bytes_capacity, now),
            excess: TokenBucket::full(excess_per_second, excess_capacity, now),
        }
    }

    /// Judges a message by its length, before a byte of it is read or room for it is made.
    ///
    /// Both buckets pay, also when the first refuses. Source: networking 6.4.
    pub(crate) fn judge(&mut self, now: Duration, len_bytes: u32) -> Verdict {
        if len_bytes > self.max_message_bytes {
            return Verdict::TooLong;
        }
        let messages = self.messages.remove(now, 1);
        let bytes = self.bytes.remove(now, len_bytes);
        if messages && bytes {
            return Verdict::Accept;
        }
        if !self
            .excess
            .remove(now, len_bytes.saturating_add(EXCESS_PER_MESSAGE_BYTES))
        {
            return Verdict::Flood;
        }
        if messages {
            Verdict::OverByteRate
        } else {
            Verdict::OverMessageRate
        }
    }

    /// Whether the peer may send a heartbeat.
    pub(crate) fn allows_heartbeat(&mut self, now: Duration) -> bool {
        self.excess.remove(now, EXCESS_PER_MESSAGE_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        max_message_bytes: 1_000,
        messages_per_second: 1.0,
        messages_capacity: 3,
        bytes_per_second: 100.0,
        bytes_capacity: 1_500,
    };
    const NOW: Duration = Duration::ZERO;

    #[test]
    fn a_burst_of_exactly_the_capacity_passes() {
        let mut meter = Meter::new(&LIMITS, NOW);
        for _ in 0..3 {
            assert_eq!(meter.judge(NOW, 500), Verdict::Accept);
        }
        assert_eq!(meter.judge(NOW, 0), Verdict::OverMessageRate);
    }

    #[test]
    fn both_buckets_pay_even_when_the_first_refuses() {
        let mut meter = Meter::new(&LIMITS, NOW);
        for _ in 0..3 {
            assert_eq!(meter.judge(NOW, 1), Verdict::Accept);
        }
        assert_eq!(meter.judge(NOW, 1_000), Verdict::OverMessageRate);
        // A second later there is a message, and 497 + 100 bytes.
        let later = Duration::from_secs(1);
        assert_eq!(meter.judge(later, 598), Verdict::OverByteRate);
    }

    #[test]
    fn a_message_over_the_limit_costs_no_token() {
        let mut meter = Meter::new(&LIMITS, NOW);
        assert_eq!(meter.judge(NOW, 1_001), Verdict::TooLong);
        assert_eq!(meter.judge(NOW, u32::MAX), Verdict::TooLong);
        assert_eq!(meter.judge(NOW, 1_000), Verdict::Accept);
    }

    #[test]
    fn refused_messages_end_in_a_flood() {
        let mut meter = Meter::new(&LIMITS, NOW);
        let mut refused = 0;
        while meter.judge(NOW, 0) != Verdict::Flood {
            refused += 1;
            assert!(
                refused < 1_000_000,
                "a flood of empty messages is never noticed"
            );
        }
        assert!(!meter.allows_heartbeat(NOW));
    }

    #[test]
    fn infinite_rates_are_allowed_and_bad_ones_are_not() {
        let endless = Limits {
            messages_per_second: f64::INFINITY,
            bytes_per_second: f64::INFINITY,
            ..LIMITS
        };
        assert_eq!(endless.check(), Ok(()));
        assert_eq!(Meter::new(&endless, NOW).judge(NOW, 1_000), Verdict::Accept);
        for bad in [-1.0, f64::NAN] {
            assert!(
                Limits {
                    messages_per_second: bad,
                    ..LIMITS
                }
                .check()
                .is_err()
            );
            assert!(
                Limits {
                    bytes_per_second: bad,
                    ..LIMITS
                }
                .check()
                .is_err()
            );
        }
        assert_eq!(
            Limits {
                max_message_bytes: MAX_MESSAGE_BYTES + 1,
                ..LIMITS
            }
            .check(),
            Err(LimitsError::MessageTooLong {
                given_bytes: MAX_MESSAGE_BYTES + 1
            }),
        );
    }
}
