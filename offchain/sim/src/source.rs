//! A price that walks, and what each oracle sees of it.

use core::time::Duration;

use ocr_protocol::time::Instant;
use rand::Rng as _;

use crate::committee::ANSWER_BOUNDS;
use crate::rng::{SimRng, between};

/// The price moves this often.
const STEP: Duration = Duration::from_secs(2);

/// The first price.
const FIRST_PRICE: i64 = 100_000_000;

/// How an oracle's source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It answers within a moment.
    Good,
    /// It needs longer than an oracle waits.
    Slow,
    /// It says what it said first.
    Stuck,
    /// It has no answer.
    Failing,
}

/// The market, and how late each oracle sees it.
#[derive(Debug)]
pub struct Market {
    rng: SimRng,
    prices: Vec<i64>,
    lags: Vec<Duration>,
    /// Each oracle's source.
    pub moods: Vec<Mood>,
}

impl Market {
    /// Opens the market for `oracles` oracles.
    #[must_use]
    pub fn new(mut rng: SimRng, oracles: usize) -> Self {
        let lags = (0..oracles)
            .map(|_| between(&mut rng, Duration::ZERO, Duration::from_secs(10)))
            .collect();
        Self {
            rng,
            prices: vec![FIRST_PRICE],
            lags,
            moods: vec![Mood::Good; oracles],
        }
    }

    /// Returns what `oracle` observes at `now`, and how long that takes.
    pub fn observe(&mut self, now: Instant, oracle: usize) -> (Option<i64>, Duration) {
        let delay = between(
            &mut self.rng,
            Duration::from_millis(20),
            Duration::from_millis(900),
        );
        match self.moods[oracle] {
            Mood::Good => (Some(self.price_at(now, oracle)), delay),
            Mood::Slow => (None, delay * 100),
            Mood::Stuck => (Some(FIRST_PRICE), delay),
            Mood::Failing => (None, delay),
        }
    }

    fn price_at(&mut self, now: Instant, oracle: usize) -> i64 {
        let seen = now
            .as_nanos()
            .saturating_sub(self.lags[oracle].as_nanos() as u64);
        let step = (seen / STEP.as_nanos() as u64) as usize;
        while self.prices.len() <= step {
            let last = self.prices[self.prices.len() - 1];
            let change = self.rng.random_range(-last / 200..=last / 200);
            let (least, most) = ANSWER_BOUNDS;
            self.prices.push((last + change).clamp(least, most));
        }
        self.prices[step]
    }
}
