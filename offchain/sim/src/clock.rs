//! World time, and what the oracles' clocks make of it.

use core::time::Duration;

use ocr_protocol::time::{Instant, UnixSeconds};

/// Wall-clock time at the start of every simulation.
const EPOCH_SECONDS: u64 = 1_700_000_000;

/// Returns the wall-clock time of a perfect clock.
#[must_use]
pub fn unix_seconds(now: Instant) -> UnixSeconds {
    UnixSeconds(EPOCH_SECONDS + now.as_nanos() / 1_000_000_000)
}

/// One oracle's clocks: one counts since its start, the other shows a date.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    /// Speed of the counting clock in parts of 10^6.
    speed_ppm: u64,
    /// How far the date is off, in seconds.
    skew_seconds: i64,
}

impl Clock {
    /// Starts to count at world time `started`.
    #[must_use]
    pub const fn new(started: Instant, speed_ppm: u64, skew_seconds: i64) -> Self {
        Self {
            started,
            speed_ppm,
            skew_seconds,
        }
    }

    /// Starts to count anew at world time `now`.
    #[must_use]
    pub const fn restarted(self, now: Instant) -> Self {
        Self {
            started: now,
            ..self
        }
    }

    /// Returns what it counts at world time `now`.
    #[must_use]
    pub fn local(&self, now: Instant) -> Instant {
        let elapsed = now.saturating_since(self.started).as_nanos();
        let nanos = elapsed * u128::from(self.speed_ppm) / 1_000_000;
        Instant::from_nanos(nanos as u64)
    }

    /// Returns the first world time at which it counts `local`.
    #[must_use]
    pub fn world(&self, local: Instant) -> Instant {
        let nanos = (u128::from(local.as_nanos()) * 1_000_000).div_ceil(u128::from(self.speed_ppm));
        self.started + Duration::from_nanos(nanos as u64)
    }

    /// Returns the date it shows at world time `now`.
    #[must_use]
    pub fn unix(&self, now: Instant) -> UnixSeconds {
        UnixSeconds(unix_seconds(now).0.saturating_add_signed(self.skew_seconds))
    }

    /// Sets the date, which is `seconds` off from now on.
    pub fn set_date(&mut self, seconds: i64) {
        self.skew_seconds = seconds;
    }
}
