//! Twins: one oracle's identity runs in two places, under scripted partitions.
//!
//! Each twin is an honest oracle; together they say two things in one round, vote twice, and remember different
//! pasts. Every script of [`PERIODS`] partitions of the five seats into two groups is played. Scripts that only differ
//! in which group or which twin is called the first are one.

use core::time::Duration;

use ocr_protocol::id::Protocol;
use ocr_protocol::time::Instant;

use crate::committee::Parameters;
use crate::network::Quality;
use crate::scenario::{Fault, Scenario};
use crate::world::{Outcome, SeatPlan, World};

/// Oracles of the committee; one may be faulty, and is in two places.
const N: usize = 4;

/// The second seat of the twin.
const TWIN_SEAT: usize = N;

/// Partitions of a script.
pub const PERIODS: usize = 3;

/// How long a partition lasts: a leader without a quorum is given up, another has time for rounds.
const PERIOD: Duration = Duration::from_secs(30);

/// Seats of the second group, a bit each. Seat 0 is in the first, so no partition comes twice.
type Group = u64;

/// Partitions of five seats into two groups, one of which may be empty.
const PARTITIONS: u64 = 1 << N;

/// What happens to the seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Script {
    /// The oracle with two seats.
    pub twin: usize,
    /// Who is cut off in each period.
    pub groups: [Group; PERIODS],
}

impl Script {
    /// Returns every script, each once.
    pub fn all() -> impl Iterator<Item = Self> {
        let count = PARTITIONS.pow(PERIODS as u32);
        (0..N).flat_map(move |twin| {
            let script = move |number: u64| Self {
                twin,
                groups: core::array::from_fn(|period| {
                    // Bit 0 is seat 0's.
                    (number / PARTITIONS.pow(period as u32) % PARTITIONS) << 1
                }),
            };
            (0..count)
                .map(script)
                .filter(|script| *script <= script.with_twins_exchanged())
        })
    }

    fn with_twins_exchanged(self) -> Self {
        Self {
            groups: self.groups.map(|group| exchanged(group, self.twin)),
            ..self
        }
    }

    /// Plays the script.
    #[must_use]
    pub fn world(self, protocol: Protocol, keeps_trace: bool) -> World {
        let mut seats: Vec<_> = (0..N)
            .map(|oracle| seat(oracle, oracle != self.twin))
            .collect();
        seats.push(seat(self.twin, false));
        World::with_seats(self.scenario(protocol), seats, keeps_trace)
    }

    /// Plays the script to its end.
    #[must_use]
    pub fn play(self, protocol: Protocol) -> Outcome {
        self.world(protocol, false).run()
    }

    fn scenario(self, protocol: Protocol) -> Scenario {
        let mut faults = Vec::new();
        for (period, group) in self.groups.into_iter().enumerate() {
            let at = Instant::START + PERIOD * period as u32;
            faults.push((at, Fault::Heal));
            faults.push((
                at,
                Fault::Partition {
                    group,
                    one_way: false,
                },
            ));
        }
        let calm_at = Instant::START + PERIOD * PERIODS as u32;
        Scenario {
            seed: self.twin as u64,
            parameters: parameters(protocol),
            quality: Quality::GOOD,
            inclusion: 1.0,
            adversaries: Vec::new(),
            clocks: vec![(1_000_000, 0); N],
            faults,
            calm_at,
            ends_at: calm_at,
            configs: 1,
        }
    }
}

/// Exchanges the seats of the twins, and the groups if seat 0 is then in the second.
fn exchanged(group: Group, twin: usize) -> Group {
    let differ = (group >> twin ^ group >> TWIN_SEAT) & 1;
    let group = group ^ (differ << twin | differ << TWIN_SEAT);
    if group & 1 == 1 {
        !group & ((1 << (N + 1)) - 1)
    } else {
        group
    }
}

fn seat(oracle: usize, is_honest: bool) -> SeatPlan {
    SeatPlan {
        oracle,
        is_honest,
        adversary: None,
    }
}

/// Quick rounds, a report in each, short epochs.
fn parameters(protocol: Protocol) -> Parameters {
    Parameters {
        protocol,
        n: N,
        f: 1,
        delta_progress: Duration::from_secs(9),
        delta_resend: Duration::from_secs(3),
        delta_round: Duration::from_secs(3),
        delta_grace: Duration::from_millis(500),
        delta_stage: Duration::from_secs(3),
        delta_c: Duration::from_secs(10),
        r_max: 3,
        s: vec![1, 1, 2],
        max_duration_observation: Duration::from_secs(1),
        max_duration_chain: Duration::from_secs(1),
        alpha_ppb: 0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_scripts_are_the_same_story() {
        let scripts: Vec<_> = Script::all().collect();
        let stories: BTreeSet<_> = scripts
            .iter()
            .map(|script| (*script).min(script.with_twins_exchanged()))
            .collect();
        assert_eq!(stories.len(), scripts.len());
        // 16 partitions, of which exchanging the twins leaves the 8 with both in one group as they are.
        assert_eq!(scripts.len(), N * (16_usize.pow(3) + 8_usize.pow(3)) / 2);
    }

    #[test]
    fn exchanging_twice_changes_nothing() {
        for script in Script::all() {
            assert_eq!(script.with_twins_exchanged().with_twins_exchanged(), script);
        }
    }

    #[test]
    fn a_sample_of_scripts_breaks_no_promise() {
        for (number, script) in Script::all().enumerate().step_by(997) {
            let protocol = if number % 2 == 0 {
                Protocol::Ocr1
            } else {
                Protocol::Ocr2
            };
            let outcome = script.play(protocol);
            assert_eq!(
                outcome.violations,
                [],
                "script {number}, {protocol:?}: {script:?}"
            );
        }
    }
}
