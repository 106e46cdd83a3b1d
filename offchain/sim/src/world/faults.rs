//! What goes wrong, and how it stops.

use core::time::Duration;

use super::World;
use super::queue::Event;
use super::seat::Rpc;
use crate::checker::Calm;
use crate::rng::between;
use crate::scenario::Fault;
use crate::source::Mood;
use crate::trace::What;

impl World {
    pub(super) fn strike(&mut self, fault: Fault) {
        if self.liveness.calm.is_some() {
            return;
        }
        self.trace.push(self.now, None, What::Fault(fault));
        match fault {
            Fault::Crash {
                seat,
                outputs,
                down,
            } => self.seats[seat].crash = Some((outputs, down)),
            Fault::Pause { seat, lasts } => self.seats[seat].paused_until = self.now + lasts,
            Fault::Jump { seat, seconds } => self.seats[seat].clock.set_date(seconds),
            Fault::Partition { group, one_way } => self.network.partition(group, one_way),
            Fault::Heal => self.network.heal(),
            Fault::Clog { from, to, lasts } => self.network.clog(from, to, self.now + lasts),
            Fault::Source { seat, mood } => self.market.moods[seat] = mood,
            Fault::Rpc {
                seat,
                lag_blocks,
                failure,
            } => {
                self.seats[seat].rpc = Rpc {
                    lag_blocks,
                    failure,
                }
            }
            Fault::Reorg { depth } => self.ledger.reorganise(&mut self.chain_rng, depth),
            Fault::RequestNewRound => self.ledger.request_new_round(),
            Fault::SetConfig => {
                self.ledger.set_config(self.configs_set);
                self.configs_set += 1;
            }
        }
    }

    /// Nothing goes wrong any more but adversaries; what is down comes up.
    pub(super) fn calm(&mut self) {
        self.trace.push(self.now, None, What::Calm);
        self.network.calm();
        self.inclusion = 1.0;
        self.market.moods.fill(Mood::Good);
        for seat in 0..self.seats.len() {
            let here = &mut self.seats[seat];
            here.crash = None;
            here.paused_until = self.now;
            here.rpc = Rpc::GOOD;
            here.clock.set_date(0);
            let life = here.life;
            self.schedule(
                self.now + Duration::from_secs(1),
                Event::Start { seat, life },
            );
        }
        // Configurations that still wait for a block come within it, and oracles look every ten seconds.
        let settled = self.now + Duration::from_secs(30);
        let config = self.configs_set - 1;
        let epochs = self
            .seats
            .iter()
            .filter_map(|seat| Some(seat.process.as_ref()?.epoch()));
        let epoch = epochs.max().unwrap_or_default();
        let delta_c = self.scenario.parameters.delta_c;
        let calm = Calm::from(settled, &self.instances[config], epoch, delta_c, |oracle| {
            self.is_honest(oracle)
        });
        self.liveness.calm = Some(calm);
    }

    pub(super) fn mine(&mut self) {
        for outcome in self
            .ledger
            .mine(&mut self.chain_rng, self.now, self.inclusion)
        {
            self.transmissions += 1;
            match outcome {
                Ok(included) => {
                    self.rounds += 1;
                    self.trace
                        .push(self.now, None, What::Included(included.accepted.at));
                    let instance = self
                        .instances
                        .iter()
                        .find(|instance| instance.digest == included.digest);
                    let instance = instance.expect("the chain has no other configurations");
                    let seats = &self.seats;
                    let is_honest = |oracle| {
                        seats
                            .iter()
                            .filter(|seat| seat.oracle == oracle)
                            .all(|seat| seat.is_honest)
                    };
                    self.signing.on_included(
                        self.now,
                        instance,
                        &included,
                        is_honest,
                        &mut self.violations,
                    );
                    self.liveness.on_included(self.now);
                }
                Err(refused) => self
                    .trace
                    .push(self.now, None, What::Reverted(refused.refusal)),
            }
        }
        let pause = between(
            &mut self.chain_rng,
            Duration::from_millis(500),
            Duration::from_secs(4),
        );
        self.schedule(self.now + pause, Event::Mine);
    }
}
