//! The whole world: oracles, links, chain, market, disks, and one queue of events.

mod faults;
mod perform;

use core::cmp::Reverse;
use core::time::Duration;
use std::collections::BinaryHeap;
use std::sync::Arc;

use ocr_protocol::id::{Epoch, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::oracle::Input;
use ocr_protocol::time::Instant;

use crate::adversary::{Adversary, View};
use crate::chain::{Call, Contract, Ledger};
use crate::checker::{Liveness, Oracles, Rule, Signing, Violation, Violations};
use crate::clock::Clock;
use crate::committee::{ANSWER_BOUNDS, Committee, Instance};
use crate::disk::Disk;
use crate::network::Network;
use crate::process::{Process, decode};
use crate::rng::{SimRng, Stream, between, stream};
use crate::scenario::{Fault, Scenario};
use crate::source::Market;
use crate::trace::{Entry, Trace, What, label};

/// Events of one run; a run that needs more does not end.
const EVENTS_MAX: u64 = 20_000_000;

/// Time between two looks of the checkers at the whole world.
const LOOK: Duration = Duration::from_secs(1);

/// Bytes on their way.
#[derive(Clone, Debug)]
struct Arrival {
    to: usize,
    from: OracleId,
    sent: Instant,
    /// Which configuration's stream they are on.
    config: usize,
    bytes: Arc<[u8]>,
}

/// What happens next.
#[derive(Debug)]
enum Event {
    /// Bytes arrive.
    Arrive(Arrival),
    /// A process gets an answer it asked for.
    Answer {
        seat: usize,
        life: u64,
        input: Input,
    },
    /// A process wants a tick.
    Wake { seat: usize, life: u64 },
    /// A seat's oracle starts, or starts again.
    Start { seat: usize, life: u64 },
    /// A seat looks for another configuration of the contract.
    Track { seat: usize },
    /// An adversary has a moment.
    Scheme { seat: usize },
    /// A transaction reaches the chain.
    Submit { call: Call },
    /// A block is mined.
    Mine,
    /// Something goes wrong.
    Fault { fault: Fault },
    /// Nothing goes wrong any more.
    Calm,
    /// The checkers look at the whole world.
    Look,
}

/// An event and when, ordered by time, then by when it was thought of.
#[derive(Debug)]
struct Scheduled {
    at: Instant,
    number: u64,
    event: Event,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// A place where an oracle runs. Twins are two seats of one oracle.
#[derive(Debug)]
struct Seat {
    oracle: OracleId,
    keyring: Keyring,
    /// What acts in an honest oracle's place.
    adversary: Option<Box<dyn Adversary>>,
    /// Whether this oracle counts as honest.
    is_honest: bool,
    process: Option<Process>,
    /// Counts starts: answers to an earlier process are lost.
    life: u64,
    disk: Disk,
    /// Outputs until it crashes, and for how long.
    crash: Option<(u32, Duration)>,
    paused_until: Instant,
    clock: Clock,
    rpc: Rpc,
}

/// A seat's endpoint of the chain.
#[derive(Clone, Copy, Debug)]
struct Rpc {
    lag_blocks: usize,
    failure: f64,
}

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
    queue: BinaryHeap<Reverse<Scheduled>>,
    /// Events thought of so far.
    scheduled: u64,
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

/// One oracle in one seat.
#[derive(Debug)]
pub struct SeatPlan {
    /// Which oracle.
    pub oracle: usize,
    /// Whether it is honest.
    pub is_honest: bool,
    /// What acts in its place.
    pub adversary: Option<Box<dyn Adversary>>,
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
                let (speed_ppm, skew) = scenario.clocks[plan.oracle];
                Seat {
                    oracle: instances[0].oracle(plan.oracle),
                    keyring: committee.keyring(plan.oracle),
                    adversary: plan.adversary,
                    is_honest: plan.is_honest,
                    process: None,
                    life: 0,
                    disk: Disk::default(),
                    crash: None,
                    paused_until: Instant::START,
                    clock: Clock::new(Instant::START, speed_ppm, skew),
                    rpc: Rpc {
                        lag_blocks: 0,
                        failure: 0.0,
                    },
                }
            })
            .collect();
        let mut world = Self {
            now: Instant::START,
            queue: BinaryHeap::new(),
            scheduled: 0,
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
            let Some(Reverse(next)) = self.queue.pop() else {
                break;
            };
            self.now = next.at;
            self.events += 1;
            self.violations
                .check(self.events < EVENTS_MAX, self.now, Rule::EventsEnd, || {
                    format!("{EVENTS_MAX} events")
                });
            self.happen(next.event);
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
        self.scheduled += 1;
        let number = self.scheduled;
        self.queue.push(Reverse(Scheduled {
            at: at.max(self.now),
            number,
            event,
        }));
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

    fn wake(&mut self, seat: usize, life: u64) {
        let here = &mut self.seats[seat];
        let Some(process) = here.process.as_mut().filter(|_| here.life == life) else {
            return;
        };
        // Another tick may have been wanted since this one was.
        if process.wake.take_if(|at| *at <= self.now).is_some() {
            self.trace.push(self.now, Some(seat), What::Ticked);
            self.handle(seat, Input::Tick);
        }
    }

    /// Puts what happens at a paused seat off.
    fn waits(&mut self, seat: usize, event: impl FnOnce() -> Event) -> bool {
        let until = self.seats[seat].paused_until;
        let waits = until > self.now;
        if waits {
            self.schedule(until, event());
        }
        waits
    }

    fn arrive(&mut self, arrival: &Arrival) {
        let Arrival {
            to,
            from,
            sent,
            config,
            ref bytes,
        } = *arrival;
        // Streams are named by the configuration: those of another lead nowhere.
        let runs = self.seats[to]
            .process
            .as_ref()
            .is_some_and(|process| process.config == config);
        if !runs {
            return;
        }
        let Some(message) = decode(&self.instances[config], bytes) else {
            return;
        };
        let (kind, at) = label(&message);
        self.trace.push(
            self.now,
            Some(to),
            What::Heard {
                from: from.index(),
                sent,
                kind,
                at,
            },
        );
        let acts = self.with_adversary(to, |adversary, view| adversary.hear(view, from, &message));
        self.act_all(to, acts);
        self.handle(to, Input::Message { from, message });
    }

    fn handle(&mut self, seat: usize, input: Input) {
        let Some(process) = &mut self.seats[seat].process else {
            return;
        };
        let config = process.config;
        let outputs = process.handle(self.now, input);
        self.perform_all(seat, config, outputs);
        let Some(process) = &self.seats[seat].process else {
            return;
        };
        if self.seats[seat].is_honest {
            let (digest, oracle) = (self.instances[config].digest, self.seats[seat].oracle);
            let state = (process.epoch(), process.queues());
            self.oracles
                .on_handled(self.now, digest, oracle, state, &mut self.violations);
        }
        self.set_alarm(seat);
    }

    fn set_alarm(&mut self, seat: usize) {
        let (now, life) = (self.now, self.seats[seat].life);
        let Some(process) = &mut self.seats[seat].process else {
            return;
        };
        let wakes_at = process.wakes_at(now);
        if wakes_at == process.wake {
            return;
        }
        process.wake = wakes_at;
        if let Some(at) = wakes_at {
            self.schedule(at, Event::Wake { seat, life });
        }
    }

    fn start(&mut self, seat: usize) {
        let config = self.ledger.config_behind(self.seats[seat].rpc.lag_blocks);
        self.start_under(seat, config);
    }

    fn start_under(&mut self, seat: usize, config: usize) {
        let instance = &self.instances[config];
        let rpc = self.seats[seat].rpc;
        let is_out_of_reach = crate::rng::chance(&mut self.chain_rng, rpc.failure);
        let view = self.ledger.view(
            rpc.lag_blocks,
            self.seats[seat].clock.unix(self.now),
            Duration::ZERO,
        );
        let latest = (!is_out_of_reach).then_some((view.latest.digest, view.latest.at.epoch));

        let here = &mut self.seats[seat];
        here.clock = here.clock.restarted(self.now);
        let persisted = here.disk.read(instance.digest, &here.clock, self.now);
        if here.is_honest {
            let durable = persisted.pacemaker.as_ref().map(|state| state.epoch);
            self.oracles
                .on_started(instance.digest, here.oracle, durable);
        }
        let keyring = self.committee.keyring(here.oracle.index());
        let process = Process::restore(
            instance,
            here.oracle.index(),
            config,
            keyring,
            persisted,
            latest,
            here.clock,
        );
        here.process = Some(process);
        self.trace.push(self.now, Some(seat), What::Started);
        self.handle(seat, Input::Start);
    }

    /// Ends a process; it starts again after `down`.
    fn stop(&mut self, seat: usize, down: Duration) {
        let here = &mut self.seats[seat];
        here.process = None;
        here.life += 1;
        here.crash = None;
        if here
            .adversary
            .as_ref()
            .is_some_and(|adversary| adversary.forgets())
        {
            here.disk = Disk::default();
        }
        let life = here.life;
        self.trace.push(self.now, Some(seat), What::Stopped);
        self.schedule(self.now + down, Event::Start { seat, life });
    }

    /// Follows the contract into another configuration.
    fn track(&mut self, seat: usize) {
        let config = self
            .ledger
            .config_behind(self.seats[seat].rpc.lag_blocks + 2);
        let runs = self.seats[seat]
            .process
            .as_ref()
            .map(|process| process.config);
        if runs.is_some_and(|runs| runs != config) {
            self.stop(seat, Duration::ZERO);
        }
        let pause = between(
            &mut self.chain_rng,
            Duration::from_secs(3),
            Duration::from_secs(10),
        );
        self.schedule(self.now + pause, Event::Track { seat });
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
