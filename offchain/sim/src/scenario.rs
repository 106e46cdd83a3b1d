//! What a run is: everything that chance decides before it begins.

use core::time::Duration;

use ocr_protocol::id::Protocol;
use ocr_protocol::time::Instant;
use rand::Rng as _;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

use crate::adversary::Kind;
use crate::committee::Parameters;
use crate::network::Quality;
use crate::rng::{SimRng, Stream, between, chance, stream};
use crate::source::Mood;

/// A class of faults. Adversaries are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum FaultClass {
    /// Messages are lost.
    Loss,
    /// Messages arrive twice.
    Duplication,
    /// Messages overtake each other.
    Reordering,
    /// Links are slow.
    Delay,
    /// Links are cut, in one direction or both.
    Partition,
    /// Links hold messages back.
    Clog,
    /// Oracles crash between any two outputs, and come back with what was durable.
    Crash,
    /// Oracles stand still.
    Pause,
    /// Clocks run fast or slow, and dates jump.
    Clock,
    /// Sources are slow, stuck or have no answer.
    Source,
    /// Endpoints of the chain fail or lag.
    Rpc,
    /// Blocks are forgotten, transactions included late and out of order.
    Reorg,
    /// The owner sets a new configuration, requesters ask for rounds.
    Config,
    /// Up to f oracles do what they like.
    Adversary,
}

impl FaultClass {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Loss,
        Self::Duplication,
        Self::Reordering,
        Self::Delay,
        Self::Partition,
        Self::Clog,
        Self::Crash,
        Self::Pause,
        Self::Clock,
        Self::Source,
        Self::Rpc,
        Self::Reorg,
        Self::Config,
        Self::Adversary,
    ];

    /// Returns the name that flags use.
    #[must_use]
    pub fn name(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self).expect("no class is hidden");
        value.get_name().to_owned()
    }
}

/// Something that goes wrong at a certain time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// A seat's oracle crashes after `outputs` more outputs, and is down for `down`.
    Crash {
        /// Where.
        seat: usize,
        /// Outputs it still performs.
        outputs: u32,
        /// How long it is down.
        down: Duration,
    },
    /// A seat's oracle stands still.
    Pause {
        /// Where.
        seat: usize,
        /// How long.
        lasts: Duration,
    },
    /// A seat's date jumps.
    Jump {
        /// Where.
        seat: usize,
        /// By how many seconds the date is off afterwards.
        seconds: i64,
    },
    /// A group of seats, a bit each, is cut off.
    Partition {
        /// Who.
        group: u64,
        /// Whether they still hear the others.
        one_way: bool,
    },
    /// All cuts end.
    Heal,
    /// A link holds messages back.
    Clog {
        /// Sender.
        from: usize,
        /// Receiver.
        to: usize,
        /// How long.
        lasts: Duration,
    },
    /// A seat's source changes its mood.
    Source {
        /// Where.
        seat: usize,
        /// What it is like.
        mood: Mood,
    },
    /// A seat's endpoint of the chain changes.
    Rpc {
        /// Where.
        seat: usize,
        /// Blocks it is behind.
        lag_blocks: usize,
        /// Probability that a read fails.
        failure: f64,
    },
    /// The youngest blocks are forgotten.
    Reorg {
        /// How many.
        depth: usize,
    },
    /// The owner sets the next configuration.
    SetConfig,
    /// Somebody asks for a round.
    RequestNewRound,
}

/// A run before it begins.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it follows from.
    pub seed: u64,
    /// How the committee is set up.
    pub parameters: Parameters,
    /// How good the network is until it calms down.
    pub quality: Quality,
    /// Probability that a block takes a waiting transaction, until then.
    pub inclusion: f64,
    /// Who is an adversary, by seat.
    pub adversaries: Vec<(usize, Kind)>,
    /// Speeds and skews of the seats' clocks: parts of 10^6, seconds.
    pub clocks: Vec<(u64, i64)>,
    /// What goes wrong, in order.
    pub faults: Vec<(Instant, Fault)>,
    /// When everything stops to go wrong but adversaries.
    pub calm_at: Instant,
    /// When the run ends at the earliest.
    pub ends_at: Instant,
    /// Configurations the contract has in the end.
    pub configs: usize,
}

/// What a run is asked to be.
#[derive(Clone, Debug)]
pub struct Request {
    /// The version of the protocol.
    pub protocol: Protocol,
    /// Number of oracles.
    pub n: usize,
    /// Number that may be faulty.
    pub f: u8,
    /// What may go wrong.
    pub faults: Vec<FaultClass>,
    /// How long.
    pub lasts: Duration,
}

impl Scenario {
    /// Draws a run.
    #[must_use]
    pub fn draw(seed: u64, request: &Request) -> Self {
        let mut rng = stream(seed, Stream::Scenario);
        let rng = &mut rng;
        let Request {
            protocol,
            n,
            f,
            faults,
            lasts,
        } = request;
        let has = |class: FaultClass| faults.contains(&class);
        let calm_at = Instant::START + lasts.mul_f64(0.65);
        let mut scenario = Self {
            seed,
            parameters: Parameters::draw(rng, *protocol, *n, *f),
            quality: quality(rng, &has),
            inclusion: if has(FaultClass::Reorg) {
                rng.random_range(0.3..=1.0)
            } else {
                1.0
            },
            adversaries: Vec::new(),
            clocks: vec![(1_000_000, 0); *n],
            faults: Vec::new(),
            calm_at,
            ends_at: Instant::START + *lasts,
            configs: 1,
        };
        if has(FaultClass::Adversary) {
            scenario.adversaries = adversaries(rng, *n, *f);
            for (seat, kind) in scenario.adversaries.clone() {
                if kind == Kind::Amnesiac {
                    // It has to crash in order to forget.
                    for _ in 0..3 {
                        scenario.crash(seat, between(rng, Duration::ZERO, *lasts / 2));
                    }
                }
            }
        }
        if has(FaultClass::Clock) {
            scenario.clocks.fill_with(|| {
                (
                    rng.random_range(990_000..=1_010_000),
                    rng.random_range(-3..=3),
                )
            });
        }
        for class in faults {
            // Not every run has every class; what does strike, strikes a few times.
            if chance(rng, 0.6) {
                scenario.strike(rng, *class);
            }
        }
        scenario.faults.sort_by_key(|&(at, _)| at);
        scenario.configs += scenario
            .faults
            .iter()
            .filter(|(_, fault)| *fault == Fault::SetConfig)
            .count();
        scenario
    }

    /// Adds a crash of the oracle at `seat`, `after` the start, between two of its outputs.
    pub fn crash(&mut self, seat: usize, after: Duration) {
        let outputs = after.as_secs() as u32 % 7;
        let down = Duration::from_secs(3);
        let crash = Fault::Crash {
            seat,
            outputs,
            down,
        };
        self.faults.push((Instant::START + after, crash));
    }

    fn strike(&mut self, rng: &mut SimRng, class: FaultClass) {
        let times = match class {
            FaultClass::Config => rng.random_range(1..=2),
            _ => rng.random_range(1..=2 + self.parameters.n / 2),
        };
        for _ in 0..times {
            let at = between(
                rng,
                Duration::ZERO,
                self.calm_at.saturating_since(Instant::START),
            );
            let lasts = between(rng, Duration::from_secs(1), Duration::from_secs(90));
            let seat = rng.random_range(0..self.parameters.n);
            let (start, end) = (Instant::START + at, Instant::START + at + lasts);
            self.faults.extend(
                fault(rng, class, seat, self.parameters.n, lasts)
                    .into_iter()
                    .map(|fault| (start, fault)),
            );
            self.faults
                .extend(end_of(class, seat).map(|fault| (end, fault)));
        }
    }
}

/// Returns what goes wrong; nothing for classes that are properties of the whole run.
fn fault(
    rng: &mut SimRng,
    class: FaultClass,
    seat: usize,
    n: usize,
    lasts: Duration,
) -> Vec<Fault> {
    let fault = match class {
        FaultClass::Partition => Fault::Partition {
            group: rng.random_range(1..1 << n) - 1,
            one_way: chance(rng, 0.4),
        },
        FaultClass::Clog => Fault::Clog {
            from: seat,
            to: rng.random_range(0..n),
            lasts,
        },
        FaultClass::Crash => {
            let outputs = rng.random_range(0..12);
            // Sometimes many at once, more than f of them.
            let seats: Vec<_> = if chance(rng, 0.2) {
                (0..n).collect()
            } else {
                vec![seat]
            };
            return seats
                .into_iter()
                .map(|seat| Fault::Crash {
                    seat,
                    outputs,
                    down: lasts / 2,
                })
                .collect();
        }
        FaultClass::Pause => Fault::Pause { seat, lasts },
        FaultClass::Clock => Fault::Jump {
            seat,
            seconds: rng.random_range(-30..=30),
        },
        FaultClass::Source => {
            let moods = [Mood::Slow, Mood::Stuck, Mood::Failing];
            Fault::Source {
                seat,
                mood: *moods.choose(rng).expect("three moods"),
            }
        }
        FaultClass::Rpc => Fault::Rpc {
            seat,
            lag_blocks: rng.random_range(0..=6),
            failure: rng.random_range(0.0..=1.0),
        },
        FaultClass::Reorg => Fault::Reorg {
            depth: rng.random_range(1..=5),
        },
        FaultClass::Config if chance(rng, 0.4) => Fault::SetConfig,
        FaultClass::Config => Fault::RequestNewRound,
        FaultClass::Loss
        | FaultClass::Duplication
        | FaultClass::Reordering
        | FaultClass::Delay
        | FaultClass::Adversary => return Vec::new(),
    };
    vec![fault]
}

fn end_of(class: FaultClass, seat: usize) -> Option<Fault> {
    match class {
        FaultClass::Partition => Some(Fault::Heal),
        FaultClass::Source => Some(Fault::Source {
            seat,
            mood: Mood::Good,
        }),
        FaultClass::Rpc => Some(Fault::Rpc {
            seat,
            lag_blocks: 0,
            failure: 0.0,
        }),
        _ => None,
    }
}

fn quality(rng: &mut SimRng, has: &impl Fn(FaultClass) -> bool) -> Quality {
    let mut quality = Quality::GOOD;
    if has(FaultClass::Loss) && chance(rng, 0.6) {
        quality.loss = rng.random_range(0.0..=0.3);
    }
    if has(FaultClass::Duplication) && chance(rng, 0.6) {
        quality.duplication = rng.random_range(0.0..=0.3);
    }
    quality.reordering = has(FaultClass::Reordering) && chance(rng, 0.5);
    if has(FaultClass::Delay) && chance(rng, 0.5) {
        quality.most_delay = between(rng, Duration::from_millis(100), Duration::from_secs(6));
    }
    quality
}

/// Up to f seats, at times none, each with a kind of its own.
fn adversaries(rng: &mut SimRng, n: usize, f: u8) -> Vec<(usize, Kind)> {
    let count = rng.random_range(0..=usize::from(f));
    let mut seats: Vec<_> = (0..n).collect();
    seats.shuffle(rng);
    seats.truncate(count);
    seats.sort_unstable();
    let kind = |rng: &mut SimRng| *Kind::ALL.choose(rng).expect("there are kinds");
    seats.into_iter().map(|seat| (seat, kind(rng))).collect()
}
