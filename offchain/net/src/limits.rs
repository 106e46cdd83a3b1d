//! Holding each oracle to what it may send in a group.

use std::time::Duration;

use ocr_protocol::limits::NetworkLimits;

use crate::token_bucket::TokenBucket;

/// The longest message any configuration may allow. Source: networking 1.1.
pub const MAX_MESSAGE_BYTES: u32 = 1 << 30;

/// The most groups on one host: each needs two of the 256 streams of a connection, with room for
/// streams that are being replaced.
pub(crate) const MAX_GROUPS: usize = 100;

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

/// Checks that a group can have these limits.
pub(crate) fn check(limits: &NetworkLimits) -> Result<(), LimitsError> {
    if limits.max_message_bytes > MAX_MESSAGE_BYTES {
        return Err(LimitsError::MessageTooLong {
            given_bytes: limits.max_message_bytes,
        });
    }
    for (given, unit) in [
        (limits.messages_per_second, "messages"),
        (limits.bytes_per_second, "bytes"),
    ] {
        if given.is_nan() || given < 0.0 {
            return Err(LimitsError::BadRate { given, unit });
        }
    }
    Ok(())
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
    pub(crate) fn new(limits: &NetworkLimits, now: Duration) -> Self {
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

    const LIMITS: NetworkLimits = NetworkLimits {
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
        let endless = NetworkLimits {
            messages_per_second: f64::INFINITY,
            bytes_per_second: f64::INFINITY,
            ..LIMITS
        };
        assert_eq!(check(&endless), Ok(()));
        assert_eq!(Meter::new(&endless, NOW).judge(NOW, 1_000), Verdict::Accept);
        for bad in [-1.0, f64::NAN] {
            let mut messages = LIMITS;
            messages.messages_per_second = bad;
            let mut bytes = LIMITS;
            bytes.bytes_per_second = bad;
            for limits in [messages, bytes] {
                assert!(matches!(check(&limits), Err(LimitsError::BadRate { .. })));
            }
        }
        let given_bytes = MAX_MESSAGE_BYTES + 1;
        let long = NetworkLimits {
            max_message_bytes: given_bytes,
            ..LIMITS
        };
        assert_eq!(
            check(&long),
            Err(LimitsError::MessageTooLong { given_bytes })
        );
    }
}
