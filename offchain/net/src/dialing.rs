//! When to dial a peer again.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::Instant;

use crate::peer_id::PeerId;

/// A connection that ended sooner counts as a failed dial: the peer may have refused it.
const SHORT_LIVED: Duration = Duration::from_secs(10);

/// How long to wait before dialling a peer again.
///
/// After `k` failures in a row the wait is `min(first · 2^k, cap)`, times a random factor of 1 to 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redial {
    /// Shortest wait.
    pub first: Duration,
    /// Longest wait, before the random factor.
    pub cap: Duration,
}

impl Default for Redial {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(250),
            cap: Duration::from_secs(15),
        }
    }
}

impl Redial {
    /// Connections a second that a peer with the same settings never exceeds for long.
    ///
    /// Source: networking 7.4, with DeltaDial the longest wait.
    pub(crate) fn connections_per_second(&self) -> f64 {
        (2.0 / self.cap.as_secs_f64()).max(0.5)
    }
}

/// When to dial one peer.
///
/// Both sides dial, and the newest connection wins. When both dial at the same moment each may keep
/// the connection that the other closes; so that this is rare, the greater peer id waits longer.
#[derive(Debug)]
pub(crate) struct Dialing {
    redial: Redial,
    yields: bool,
    failures: u32,
    due: Option<Instant>,
    jitter: SmallRng,
}

impl Dialing {
    /// Dials at once, or soon when the peer is the one to dial first.
    pub(crate) fn new(redial: Redial, own: PeerId, peer: PeerId, now: Instant) -> Self {
        let yields = own > peer;
        // Two sides must differ and repeat nothing of each other; secret it need not be.
        let mut seed = own.public_key();
        seed.iter_mut()
            .zip(peer.public_key().map(|byte| byte.rotate_left(3)))
            .for_each(|(byte, other)| *byte ^= other);
        let mut dialing = Self {
            redial,
            yields,
            failures: 0,
            due: None,
            jitter: SmallRng::from_seed(seed),
        };
        if yields {
            dialing.schedule(now);
        } else {
            dialing.due = Some(now);
        }
        dialing
    }

    /// The time to dial next; nothing while a dial or the connection it made lasts.
    pub(crate) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// A dial has begun.
    pub(crate) fn begun(&mut self) {
        self.due = None;
    }

    /// A dial has failed.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.schedule(now);
    }

    /// A connection has ended that began at `since`.
    pub(crate) fn lost(&mut self, since: Instant, now: Instant) {
        if now.duration_since(since) < SHORT_LIVED {
            self.failed(now);
        } else {
            self.failures = 0;
            self.schedule(now);
        }
    }

    fn schedule(&mut self, now: Instant) {
        let doubled = self.redial.first.saturating_mul(1 << self.failures.min(20));
        let base = doubled.min(self.redial.cap);
        let factor = self.jitter.gen_range(1.0..2.0) + if self.yields { 1.0 } else { 0.0 };
        self.due = Some(now + base.mul_f64(factor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REDIAL: Redial = Redial {
        first: Duration::from_millis(100),
        cap: Duration::from_secs(1),
    };
    const LOW: PeerId = PeerId::from_public_key([1; 32]);
    const HIGH: PeerId = PeerId::from_public_key([2; 32]);

    fn wait_seconds(dialing: &Dialing, now: Instant) -> f64 {
        dialing.due().unwrap().duration_since(now).as_secs_f64()
    }

    #[test]
    fn the_smaller_id_dials_at_once_and_the_greater_waits() {
        let now = Instant::now();
        assert_eq!(Dialing::new(REDIAL, LOW, HIGH, now).due(), Some(now));
        let wait = wait_seconds(&Dialing::new(REDIAL, HIGH, LOW, now), now);
        assert!((0.2..0.3).contains(&wait), "{wait}");
    }

    #[test]
    fn the_wait_doubles_up_to_its_cap() {
        let now = Instant::now();
        let mut dialing = Dialing::new(REDIAL, LOW, HIGH, now);
        for base in [0.2, 0.4, 0.8, 1.0, 1.0] {
            dialing.failed(now);
            let wait = wait_seconds(&dialing, now);
            assert!((base..2.0 * base).contains(&wait), "{wait} of {base}");
        }
    }

    #[test]
    fn only_a_connection_that_lasted_clears_the_failures() {
        let now = Instant::now();
        let mut dialing = Dialing::new(REDIAL, LOW, HIGH, now);
        (0..4).for_each(|_| dialing.failed(now));
        let soon = now + SHORT_LIVED - Duration::from_millis(1);
        dialing.lost(now, soon);
        assert!(wait_seconds(&dialing, soon) >= 1.0);
        let later = now + SHORT_LIVED;
        dialing.lost(now, later);
        assert!(wait_seconds(&dialing, later) < 0.2);
    }

    #[test]
    fn two_sides_wait_for_different_times() {
        let now = Instant::now();
        let waits = [(LOW, HIGH), (HIGH, LOW)].map(|(own, peer)| {
            let mut dialing = Dialing::new(REDIAL, own, peer, now);
            (0..5)
                .map(|_| {
                    dialing.failed(now);
                    wait_seconds(&dialing, now).fract()
                })
                .collect::<Vec<_>>()
        });
        assert_ne!(waits[0], waits[1]);
    }
}
