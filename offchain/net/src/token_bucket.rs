//! A rate limiter with a burst, in integers.

use std::time::Duration;

const NANO: u64 = 1_000_000_000;

/// Allows `rate` tokens a second and `capacity` at once.
///
/// A refused removal empties the bucket: who keeps exceeding the rate gets nothing until it pauses.
///
/// Source: networking 8.1.
#[derive(Clone, Debug)]
pub(crate) struct TokenBucket {
    /// Thousandths of a token a second, which is billionths a microsecond.
    rate_milli: u64,
    capacity: u32,
    level_nano: u64,
    updated: Duration,
}

impl TokenBucket {
    /// Returns a full bucket. An infinite rate refills at once, within the capacity.
    pub(crate) fn full(rate_per_second: f64, capacity: u32, now: Duration) -> Self {
        Self {
            // `as` saturates, which is what an infinite rate needs.
            rate_milli: (rate_per_second * 1000.0).ceil() as u64,
            capacity,
            level_nano: u64::from(capacity) * NANO,
            updated: now,
        }
    }

    /// Takes `tokens` at time `now`; takes all there are and returns false when there are fewer.
    pub(crate) fn remove(&mut self, now: Duration, tokens: u32) -> bool {
        self.refill(now);
        let wanted_nano = u64::from(tokens) * NANO;
        let enough = self.level_nano >= wanted_nano;
        self.level_nano = if enough {
            self.level_nano - wanted_nano
        } else {
            0
        };
        enough
    }

    fn refill(&mut self, now: Duration) {
        let elapsed_micros = now.saturating_sub(self.updated).as_micros() as u64;
        // What is below a microsecond is counted next time.
        self.updated += Duration::from_micros(elapsed_micros);
        self.level_nano = self
            .level_nano
            .saturating_add(elapsed_micros.saturating_mul(self.rate_milli))
            .min(u64::from(self.capacity) * NANO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    #[test]
    fn starts_full_and_refills_at_its_rate_up_to_its_capacity() {
        let mut bucket = TokenBucket::full(2.0, 3, at(0));
        assert!(bucket.remove(at(0), 3));
        assert!(!bucket.remove(at(499_999), 1));
        assert!(bucket.remove(at(999_999), 1));
        assert!(!bucket.remove(at(999_999), 1));
        assert!(bucket.remove(at(60_000_000), 3));
        assert!(!bucket.remove(at(60_000_000), 1));
    }

    #[test]
    fn a_refused_removal_empties_it() {
        let mut bucket = TokenBucket::full(1.0, 10, at(0));
        assert!(!bucket.remove(at(0), 11));
        assert!(!bucket.remove(at(0), 1));
        assert!(bucket.remove(at(1_000_000), 1));
    }

    #[test]
    fn less_than_a_microsecond_is_not_lost() {
        let mut bucket = TokenBucket::full(1_000_000.0, 1, Duration::ZERO);
        assert!(bucket.remove(Duration::ZERO, 1));
        assert!(!bucket.remove(Duration::from_nanos(600), 1));
        assert!(bucket.remove(Duration::from_nanos(1_200), 1));
    }

    #[test]
    fn a_rate_is_rounded_up_to_a_thousandth() {
        let mut bucket = TokenBucket::full(0.000_1, 1, at(0));
        assert!(bucket.remove(at(0), 1));
        assert!(bucket.remove(at(1_000_000_000), 1));
    }

    #[test]
    fn an_infinite_rate_refills_at_once_within_the_capacity() {
        let mut bucket = TokenBucket::full(f64::INFINITY, u32::MAX, at(0));
        assert!(bucket.remove(at(0), u32::MAX));
        assert!(!bucket.remove(at(0), 1));
        assert!(bucket.remove(at(1), u32::MAX));
    }

    #[test]
    fn a_clock_that_goes_back_adds_nothing() {
        let mut bucket = TokenBucket::full(1.0, 1, at(5_000_000));
        assert!(bucket.remove(at(5_000_000), 1));
        assert!(!bucket.remove(at(0), 1));
        assert!(bucket.remove(at(6_000_000), 1));
    }
}
