//! Chance, all of it from one seed.

use core::time::Duration;

use rand::{Rng as _, SeedableRng as _};

/// What every draw comes from; the same on every machine.
pub type SimRng = rand_chacha::ChaCha8Rng;

/// Names what a stream of draws is for, so that one part of the world does not change another's.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// What the run is: parameters, faults, adversaries.
    Scenario,
    /// Keys and secrets.
    Keys,
    /// Delays and losses between oracles.
    Network,
    /// Blocks and answers of the chain.
    Chain,
    /// Prices.
    Source,
    /// Adversaries' choices.
    Adversary,
    /// When faults strike.
    Faults,
}

/// Returns the stream `stream` of `seed`.
#[must_use]
pub fn stream(seed: u64, stream: Stream) -> SimRng {
    let mut rng = SimRng::seed_from_u64(seed);
    rng.set_stream(stream as u64);
    rng
}

/// Draws a duration from `least` to `most`.
pub fn between(rng: &mut SimRng, least: Duration, most: Duration) -> Duration {
    let nanos = |duration: Duration| duration.as_nanos() as u64;
    Duration::from_nanos(rng.random_range(nanos(least)..=nanos(most)))
}

/// Whether what happens once in `1 / probability` cases happens.
pub fn chance(rng: &mut SimRng, probability: f64) -> bool {
    rng.random_bool(probability)
}
