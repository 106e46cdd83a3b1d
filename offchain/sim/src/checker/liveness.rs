//! What calm weather brings: reports in time, one epoch for all, no needless transmissions.

use core::time::Duration;
use std::collections::BTreeMap;

use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::time::Instant;

use super::{Place, Rule, Violations};
use crate::committee::Instance;

/// Honest oracles follow the first of them into an epoch within this time: two hops on good links, and a margin.
const FOLLOW: Duration = Duration::from_secs(2);

/// Dates of honest clocks differ by less than this once it is calm.
const SKEW: Duration = Duration::from_secs(60);

/// What calm weather promises under one configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calm {
    /// Since when it is calm.
    pub since: Instant,
    /// By when honest oracles are together.
    pub together_by: Instant,
    /// By when the chain has a report that is younger than `since`.
    pub report_by: Instant,
}

impl Calm {
    /// Counts the Deltas from now on, when honest oracles are in epochs up to `epoch`.
    ///
    /// Together: everyone hears what everyone asks for (2 DeltaResend), and gives up a dead leader (DeltaProgress).
    /// Report: an answer is too old after DeltaC; then at most as many epochs pass without one as the schedule has
    /// faulty leaders in a row, and three more, each with RMax + 1 rounds of DeltaProgress at most; then every stage
    /// may be needed.
    #[must_use]
    pub fn from(
        now: Instant,
        instance: &Instance,
        epoch: Epoch,
        delta_c: Duration,
        is_honest: impl Fn(OracleId) -> bool,
    ) -> Self {
        let public = &instance.public;
        let together = 2 * public.delta_resend + public.delta_progress + FOLLOW;
        let epochs = longest_faulty_reign(instance, epoch, is_honest) + 3;
        let stages = public.delta_stage * public.s.len() as u32;
        let epoch_lasts = public.delta_progress * (u32::from(public.r_max) + 1);
        Self {
            since: now,
            together_by: now + together,
            report_by: now
                + together
                + delta_c
                + SKEW
                + epochs * epoch_lasts
                + stages
                + Duration::from_secs(30),
        }
    }
}

/// The most epochs in a row that faulty oracles lead, among the next hundred.
fn longest_faulty_reign(
    instance: &Instance,
    from: Epoch,
    is_honest: impl Fn(OracleId) -> bool,
) -> u32 {
    let (mut longest, mut running) = (0, 0);
    for number in from.get()..from.get().saturating_add(100) {
        let leader = instance.configs[0].leader(Epoch::new(number));
        running = if is_honest(leader) { 0 } else { running + 1 };
        longest = longest.max(running);
    }
    longest
}

/// Watches over what calm weather promises.
#[derive(Debug, Default)]
pub struct Liveness {
    /// It is calm.
    pub calm: Option<Calm>,
    /// The chain has a report that is younger.
    pub has_reported: bool,
    /// The highest honest epoch, by time.
    highest: Vec<(Instant, Epoch)>,
    /// When each honest oracle accepted a report, and how long it is to wait.
    schedules: BTreeMap<(Place, OracleId), (Instant, Option<Duration>)>,
}

impl Liveness {
    /// A second passed; `epochs` are those of honest oracles.
    pub fn on_second(&mut self, now: Instant, epochs: &[Epoch], violations: &mut Violations) {
        let Some(calm) = self.calm else { return };
        let (Some(lowest), Some(highest)) = (epochs.iter().min(), epochs.iter().max()) else {
            return;
        };
        self.highest.push((now, *highest));
        let earlier = self
            .highest
            .iter()
            .rev()
            .find(|(at, _)| *at + FOLLOW <= now);
        if let Some((at, earlier)) = earlier
            && *at >= calm.together_by
        {
            violations.check(lowest >= earlier, now, Rule::CalmBringsTogether, || {
                format!(
                    "an honest oracle is in epoch {lowest}, another was in {earlier} {FOLLOW:?} ago"
                )
            });
        }
        let in_time = self.has_reported || now <= calm.report_by;
        violations.check(in_time, now, Rule::CalmBringsReports, || {
            format!(
                "no report since it is calm, {:?} ago",
                now.saturating_since(calm.since)
            )
        });
    }

    /// Whether calm weather has brought everything it promised.
    #[must_use]
    pub fn is_content(&self, now: Instant) -> bool {
        self.has_reported
            && self
                .calm
                .is_some_and(|calm| now >= calm.together_by + 2 * FOLLOW)
    }

    /// The chain took a report.
    pub fn on_included(&mut self, now: Instant) {
        self.has_reported |= self.calm.is_some_and(|calm| now >= calm.since);
    }

    /// An honest oracle accepted a report and has its schedule.
    pub fn on_scheduled(
        &mut self,
        now: Instant,
        place: (ConfigDigest, EpochRound),
        oracle: OracleId,
        delay: Option<Duration>,
    ) {
        self.schedules.insert((place, oracle), (now, delay));
    }

    /// An honest oracle transmits the report of a round; the chain has shown `visible` for long enough.
    pub fn on_transmitted(
        &mut self,
        now: Instant,
        place: (ConfigDigest, EpochRound),
        oracle: OracleId,
        visible: (ConfigDigest, EpochRound),
        violations: &mut Violations,
    ) {
        if self.calm.is_none_or(|calm| now < calm.together_by) {
            return;
        }
        let is_new = visible.0 != place.0 || visible.1 < place.1;
        violations.check(is_new, now, Rule::CalmSavesTransmissions, || {
            format!(
                "oracle {oracle} transmits round {}, the chain has {}",
                place.1, visible.1
            )
        });
        let Some((accepted, delay)) = self.schedules.get(&(place, oracle)) else {
            return;
        };
        // Clocks run a hundredth faster at most.
        let is_due = delay.is_some_and(|delay| now >= *accepted + delay.mul_f64(0.98));
        violations.check(is_due, now, Rule::CalmSavesTransmissions, || {
            format!(
                "oracle {oracle} transmits round {} before its stage: {delay:?} after {accepted:?}",
                place.1
            )
        });
    }
}
