//! The one clock of the workspace: everything else takes time as an argument.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ocr_protocol::time::{Instant, UnixSeconds};

/// Counts from when the node started, and translates to wall-clock time for what outlives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: std::time::Instant,
}

impl Clock {
    /// Starts counting.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub(crate) fn start() -> Self {
        Self {
            started: std::time::Instant::now(),
        }
    }

    /// Returns the time since the start.
    pub(crate) fn now(&self) -> Instant {
        Instant::START + self.started.elapsed()
    }

    /// Returns the wall-clock time.
    pub(crate) fn unix_now(&self) -> UnixSeconds {
        UnixSeconds(unix_time().as_secs())
    }

    /// Returns how long to wait until `instant`; zero when it has passed.
    pub(crate) fn until(&self, instant: Instant) -> Duration {
        instant.saturating_since(self.now())
    }

    /// Returns the wall-clock time of `instant` in milliseconds, to be stored.
    pub(crate) fn unix_millis_at(self, instant: Instant) -> u64 {
        let wall = unix_time() + self.until(instant);
        u64::try_from(wall.as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns the instant of a stored wall-clock time; now when it has passed.
    pub(crate) fn instant_at_unix_millis(self, millis: u64) -> Instant {
        self.now() + Duration::from_millis(millis).saturating_sub(unix_time())
    }
}

/// Time since 1970; zero on a machine whose clock stands before that.
#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn unix_time() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
