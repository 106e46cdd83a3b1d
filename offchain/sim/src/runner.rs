//! Many runs: which, on all cores, and what they come to together.

use core::fmt;
use core::time::Duration;

use ocr_protocol::id::Protocol;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::scenario::{FaultClass, Request, Scenario};
use crate::world::World;

/// Committees of a mixed campaign: number of oracles, in how many of twenty seeds. Large ones cost the most.
const MIX: [(usize, u64); 4] = [(4, 9), (7, 7), (16, 3), (31, 1)];

/// Simulated time of a run, unless something else is asked for.
pub const DEFAULT_DURATION: Duration = Duration::from_secs(600);

/// What a campaign is asked to be. What is not said, each seed decides.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The version of the protocol.
    pub protocol: Option<Protocol>,
    /// Number of oracles.
    pub n: Option<usize>,
    /// Number that may be faulty; the most there can be if nothing is said.
    pub f: Option<u8>,
    /// What may go wrong.
    pub faults: Vec<FaultClass>,
    /// Simulated time of a run.
    pub lasts: Duration,
}

impl Default for Campaign {
    /// Ten minutes of everything.
    fn default() -> Self {
        Self {
            protocol: None,
            n: None,
            f: None,
            faults: FaultClass::ALL.to_vec(),
            lasts: DEFAULT_DURATION,
        }
    }
}

impl Campaign {
    /// Returns the run of `seed`.
    #[must_use]
    pub fn run_of(&self, seed: u64) -> Run {
        let by_parity = if seed.is_multiple_of(2) {
            Protocol::Ocr2
        } else {
            Protocol::Ocr1
        };
        let n = self.n.unwrap_or_else(|| mixed(seed / 2));
        Run {
            seed,
            request: Request {
                protocol: self.protocol.unwrap_or(by_parity),
                n,
                f: self.f.unwrap_or((n.saturating_sub(1) / 3) as u8),
                faults: self.faults.clone(),
                lasts: self.lasts,
            },
        }
    }
}

/// Returns what `--protocol` calls a version.
#[must_use]
pub const fn flag_of(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Ocr1 => "ocr1",
        Protocol::Ocr2 => "ocr2",
    }
}

fn mixed(draw: u64) -> usize {
    let total: u64 = MIX.iter().map(|(_, share)| share).sum();
    let mut left = draw % total;
    for (n, share) in MIX {
        if left < share {
            return n;
        }
        left -= share;
    }
    unreachable!("the shares add up to the total")
}

/// One run: everything else follows from this. Shown as the flags that repeat it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The seed.
    pub seed: u64,
    /// What it is asked to be.
    pub request: Request,
}

impl Run {
    /// Sets it up.
    #[must_use]
    pub fn world(&self, keeps_trace: bool) -> World {
        World::new(Scenario::draw(self.seed, &self.request), keeps_trace)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request {
            protocol,
            n,
            f: faulty,
            faults,
            lasts,
        } = &self.request;
        let protocol = flag_of(*protocol);
        let faults: Vec<_> = faults.iter().map(|class| class.name()).collect();
        let faults = match faults.len() {
            0 => "none".to_owned(),
            all if all == FaultClass::ALL.len() => "all".to_owned(),
            _ => faults.join(","),
        };
        write!(
            f,
            "--first-seed {} --seeds 1 --protocol {protocol} --n {n} --f {faulty} --faults {faults}",
            self.seed
        )?;
        if *lasts != DEFAULT_DURATION {
            write!(f, " --hours {}", lasts.as_secs_f64() / 3600.0)?;
        }
        Ok(())
    }
}

/// Plays all `runs`, and tells `progress` of each that is done.
pub fn play(runs: &[Run], progress: impl Fn() + Sync) -> Totals {
    let outcomes: Vec<_> = runs
        .par_iter()
        .map(|run| {
            let outcome = run.world(false).run();
            progress();
            outcome
        })
        .collect();
    let mut totals = Totals::default();
    for (run, outcome) in runs.iter().zip(outcomes) {
        totals.seeds += 1;
        totals.rounds += outcome.rounds;
        totals.transmissions += outcome.transmissions;
        totals.violations += outcome.violations.len();
        if !outcome.violations.is_empty() {
            totals.failed.push(run.clone());
        }
    }
    totals
}

/// What many runs came to. Shown as one line.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Runs.
    pub seeds: u64,
    /// Reports that chains took.
    pub rounds: u64,
    /// Transactions that transmit.
    pub transmissions: u64,
    /// Promises that were broken.
    pub violations: usize,
    /// Runs that broke one, in order.
    pub failed: Vec<Run>,
}

impl Totals {
    /// Adds what other runs came to.
    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.rounds += other.rounds;
        self.transmissions += other.transmissions;
        self.violations += other.violations;
        self.failed.extend(other.failed);
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seeds,
            rounds,
            transmissions,
            violations,
            ..
        } = self;
        write!(
            f,
            "{seeds} seeds, {rounds} rounds, {transmissions} transmissions, {violations} violations"
        )
    }
}
