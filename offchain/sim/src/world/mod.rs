//! The whole world: oracles, links, chain, market, disks, and one queue of events.

mod faults;
mod perform;
mod queue;
mod seat;

use core::time::Duration;

use ocr_protocol::id::{Epoch, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::time::Instant;

pub use self::seat::SeatPlan;

use self::queue::{Event, Queue};
use self::seat::Seat;
use crate::adversary::{Adversary, View};
use crate::chain::{Contract, Ledger};
use crate::checker::{Liveness, Oracles, Rule, Signing, Violation, Violations};
use crate::clock::Clock;
use crate::committee::{ANSWER_BOUNDS, Committee, Instance};
use crate::network::Network;
use crate::process::Process;
use crate::rng::{SimRng, Stream, between, stream};
use crate::scenario::Scenario;
use crate::source::Market;
use crate::trace::{Entry, Trace, What};

/// Events of one run; a run that needs more does not end.
const EVENTS_MAX: u64 = 20_000_000;

/// Time between two looks of the checkers at the whole world.
const LOOK: Duration = Duration::from_secs(1);

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Reports the chain took.
    pub rounds: u64,
    /// Transactions that transmit, taken or not.
    pub transmissions: u64,
    /// Events.
    pub events: u64,
    /// Broken promises.
    pub violations: Vec<Violation>,
    /// Differs between runs that differ.
    pub fingerprint: u64,
}

/// A run.
#[derive(Debug)]
pub struct World {
    scenario: Scenario,
    committee: Committee,
    instances: Vec<Instance>,
    now: Instant,
    queue: Queue,
    /// Events that happened.
    events: u64,
    seats: Vec<Seat>,
    network: Network,
    ledger: Ledger,
    market: Market,
    chain_rng: SimRng,
    adversary_rng: SimRng,
    fault_rng: SimRng,
    /// Probability that a block takes a waiting transaction.
    inclusion: f64,
    /// How many configurations the owner has set.
    configs_set: usize,
    rounds: u64,
    transmissions: u64,
    signing: Signing,
    oracles: Oracles,
    liveness: Liveness,
    violations: Violations,
    trace: Trace,
}

impl World {
    /// Sets a run up; keeps everything that happens if `keeps_trace`.
    #[must_use]
    pub fn new(scenario: Scenario, keeps_trace: bool) -> Self {
        let mut rng = stream(scenario.seed, Stream::Adversary);
        let plans = (0..scenario.parameters.n).map(|oracle| {
            let kind = scenario
                .adversaries
                .iter()
                .find(|(seat, _)| *seat == oracle);
            let adversary = kind.map(|(_, kind)| kind.make(&mut rng));
            SeatPlan {
                oracle,
                is_honest: adversary.is_none(),
                adversary,
            }
        });
        let plans = plans.collect();
        Self::with_seats(scenario, plans, keeps_trace)
    }

    /// Sets a run up with these seats.
    #[must_use]
    pub fn with_seats(scenario: Scenario, plans: Vec<SeatPlan>, keeps_trace: bool) -> Self {
        let seed = scenario.seed;
        let mut keys = stream(seed, Stream::Keys);
        let committee = Committee::new(&mut keys, scenario.parameters.clone());
        let instances: Vec<_> = (1..=scenario.configs as u64)
            .map(|count| committee.instance(&mut keys, count))
            .collect();
        let contracts = instances.iter().map(contract).collect();
        let seats: Vec<_> = plans
            .into_iter()
            .map(|plan| {
                let (speed_ppm, skew_seconds) = scenario.clocks[plan.oracle];
                let clock = Clock::new(Instant::START, speed_ppm, skew_seconds);
                let (oracle, keyring) = (plan.oracle, committee.keyring(plan.oracle));
                Seat::new(plan, instances[0].oracle(oracle), keyring, clock)
            })
            .collect();
        let mut world = Self {
            now: Instant::START,
            queue: Queue::default(),
            events: 0,
            network: Network::new(stream(seed, Stream::Network), seats.len(), scenario.quality),
            ledger: Ledger::new(contracts),
            market: Market::new(stream(seed, Stream::Source), seats.len()),
            chain_rng: stream(seed, Stream::Chain),
            adversary_rng: stream(seed, Stream::Adversary),
            fault_rng: stream(seed, Stream::Faults),
            inclusion: scenario.inclusion,
            configs_set: 1,
            rounds: 0,
            transmissions: 0,
            signing: Signing::default(),
            oracles: Oracles::default(),
            liveness: Liveness::default(),
            violations: Violations::default(),
            trace: Trace::new(keeps_trace),
            committee,
            instances,
            seats,
            scenario,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        for seat in 0..self.seats.len() {
            let delay = between(&mut self.fault_rng, Duration::ZERO, Duration::from_secs(2));
            self.schedule(self.now + delay, Event::Start { seat, life: 0 });
            self.schedule(self.now + delay, Event::Track { seat });
            if self.seats[seat].adversary.is_some() {
                self.schedule(self.now + delay, Event::Scheme { seat });
            }
        }
        for (at, fault) in core::mem::take(&mut self.scenario.faults) {
            self.schedule(at, Event::Fault { fault });
        }
        self.schedule(self.now, Event::Mine);
        self.schedule(self.scenario.calm_at, Event::Calm);
        self.schedule(self.now, Event::Look);
    }

    /// Runs to the end: the time is over and calm weather brought what it must, or a promise is broken.
    pub fn run(&mut self) -> Outcome {
        while self.violations.as_slice().is_empty() && !self.is_over() {
            let Some((at, event)) = self.queue.pop() else {
                break;
            };
            self.now = at;
            self.events += 1;
            self.violations
                .check(self.events < EVENTS_MAX, self.now, Rule::EventsEnd, || {
                    format!("{EVENTS_MAX} events")
                });
            self.happen(event);
        }
        Outcome {
            rounds: self.rounds,
            transmissions: self.transmissions,
            events: self.events,
            violations: self.violations.as_slice().to_vec(),
            fingerprint: self.trace.fingerprint(),
        }
    }

    /// Returns what happened, or the end of it.
    pub fn trace(&self) -> impl Iterator<Item = &Entry> {
        self.trace.entries()
    }

    /// Returns the promises that were broken.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.violations.as_slice()
    }

    /// Returns the number of seats.
    #[must_use]
    pub fn seats(&self) -> usize {
        self.seats.len()
    }

    /// Returns who has a seat, and how it is bad if it is.
    #[must_use]
    pub fn name(&self, seat: usize) -> String {
        let oracle = self.seats[seat].oracle;
        let kind = self
            .scenario
            .adversaries
            .iter()
            .find(|(bad, _)| *bad == seat);
        match kind {
            Some((_, kind)) => format!("{oracle} {kind:?}"),
            None => oracle.to_string(),
        }
    }

    fn is_over(&self) -> bool {
        self.now >= self.scenario.ends_at && self.liveness.is_content(self.now)
    }

    fn schedule(&mut self, at: Instant, event: Event) {
        self.queue.push(at.max(self.now), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(arrival) => {
                if !self.waits(arrival.to, || Event::Arrive(arrival.clone())) {
                    self.arrive(&arrival);
                }
            }
            Event::Answer { seat, life, input } => {
                let is_late = self.seats[seat].life != life;
                if !is_late
                    && !self.waits(seat, || Event::Answer {
                        seat,
                        life,
                        input: input.clone(),
                    })
                {
                    self.trace.push(self.now, Some(seat), What::Answered);
                    self.handle(seat, input);
                }
            }
            Event::Wake { seat, life } => {
                if !self.waits(seat, || Event::Wake { seat, life }) {
                    self.wake(seat, life);
                }
            }
            Event::Start { seat, life } => {
                if self.seats[seat].life == life && self.seats[seat].process.is_none() {
                    self.start(seat);
                }
            }
            Event::Track { seat } => self.track(seat),
            Event::Scheme { seat } => {
                self.scheme(seat);
                let pause = between(
                    &mut self.adversary_rng,
                    Duration::from_millis(500),
                    Duration::from_secs(4),
                );
                self.schedule(self.now + pause, Event::Scheme { seat });
            }
            Event::Submit { call } => self.ledger.submit(call),
            Event::Mine => self.mine(),
            Event::Fault { fault } => self.strike(fault),
            Event::Calm => self.calm(),
            Event::Look => {
                self.look();
                self.schedule(self.now + LOOK, Event::Look);
            }
        }
    }

    fn look(&mut self) {
        let config = self.ledger.config_behind(0);
        let honest = self.seats.iter().filter(|seat| seat.is_honest);
        let processes = honest.filter_map(|seat| seat.process.as_ref());
        let epochs: Vec<Epoch> = processes
            .filter(|process| process.config == config)
            .map(Process::epoch)
            .collect();
        self.liveness
            .on_second(self.now, &epochs, &mut self.violations);
    }

    fn is_honest(&self, oracle: OracleId) -> bool {
        self.seats
            .iter()
            .filter(|seat| seat.oracle == oracle)
            .all(|seat| seat.is_honest)
    }

    /// Lets the adversary at `seat`, if there is one and its oracle runs, act on what it sees.
    fn with_adversary<T: Default>(
        &mut self,
        seat: usize,
        act: impl FnOnce(&mut dyn Adversary, &mut View<'_>) -> T,
    ) -> T {
        let here = &mut self.seats[seat];
        let (Some(adversary), Some(process)) = (&mut here.adversary, &here.process) else {
            return T::default();
        };
        let instance = &self.instances[process.config];
        let mut view = View {
            me: here.oracle,
            transmitter: instance.contract.transmitters[here.oracle.index()],
            instance,
            keyring: &here.keyring,
            epoch: process.epoch(),
            leader: process.leader(),
            latest: self.ledger.latest(),
            rng: &mut self.adversary_rng,
        };
        act(adversary.as_mut(), &mut view)
    }
}

fn contract(instance: &Instance) -> Contract {
    let (min, max) = ANSWER_BOUNDS;
    Contract {
        config: instance.contract.clone(),
        min_answer: Int192::from(min),
        max_answer: Int192::from(max),
    }
}
