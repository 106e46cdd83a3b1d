//! Where oracles live: how they start, stop, hear, and follow the contract.

use core::time::Duration;

use ocr_protocol::id::OracleId;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::oracle::Input;
use ocr_protocol::time::Instant;

use super::World;
use super::queue::{Arrival, Event};
use crate::adversary::Adversary;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::process::{Process, decode};
use crate::rng::{between, chance};
use crate::trace::{What, label};

/// A place where an oracle runs. Twins are two seats of one oracle.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) oracle: OracleId,
    pub(super) keyring: Keyring,
    /// What acts in an honest oracle's place.
    pub(super) adversary: Option<Box<dyn Adversary>>,
    /// Whether this oracle counts as honest.
    pub(super) is_honest: bool,
    pub(super) process: Option<Process>,
    /// Counts starts: answers to an earlier process are lost.
    pub(super) life: u64,
    pub(super) disk: Disk,
    /// Outputs until it crashes, and for how long.
    pub(super) crash: Option<(u32, Duration)>,
    pub(super) paused_until: Instant,
    pub(super) clock: Clock,
    pub(super) rpc: Rpc,
}

/// A seat's endpoint of the chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rpc {
    pub(super) lag_blocks: usize,
    pub(super) failure: f64,
}

impl Rpc {
    /// An endpoint of a good day.
    pub(super) const GOOD: Self = Self {
        lag_blocks: 0,
        failure: 0.0,
    };
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

impl Seat {
    /// Takes a seat whose oracle does not run yet.
    pub(super) fn new(plan: SeatPlan, oracle: OracleId, keyring: Keyring, clock: Clock) -> Self {
        Self {
            oracle,
            keyring,
            adversary: plan.adversary,
            is_honest: plan.is_honest,
            process: None,
            life: 0,
            disk: Disk::default(),
            crash: None,
            paused_until: Instant::START,
            clock,
            rpc: Rpc::GOOD,
        }
    }
}

impl World {
    pub(super) fn wake(&mut self, seat: usize, life: u64) {
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
    pub(super) fn waits(&mut self, seat: usize, event: impl FnOnce() -> Event) -> bool {
        let until = self.seats[seat].paused_until;
        let waits = until > self.now;
        if waits {
            self.schedule(until, event());
        }
        waits
    }

    pub(super) fn arrive(&mut self, arrival: &Arrival) {
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

    pub(super) fn handle(&mut self, seat: usize, input: Input) {
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

    pub(super) fn start(&mut self, seat: usize) {
        let config = self.ledger.config_behind(self.seats[seat].rpc.lag_blocks);
        self.start_under(seat, config);
    }

    fn start_under(&mut self, seat: usize, config: usize) {
        let instance = &self.instances[config];
        let rpc = self.seats[seat].rpc;
        let is_out_of_reach = chance(&mut self.chain_rng, rpc.failure);
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
            let shown = latest.filter(|(digest, _)| *digest == instance.digest);
            self.oracles.on_started(
                self.now,
                instance.digest,
                here.oracle,
                persisted.pacemaker.as_ref(),
                shown.map(|(_, epoch)| epoch),
                &mut self.violations,
            );
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
    pub(super) fn stop(&mut self, seat: usize, down: Duration) {
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
    pub(super) fn track(&mut self, seat: usize) {
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
}
