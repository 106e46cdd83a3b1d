//! What oracles want done, done.

use core::time::Duration;
use std::sync::Arc;

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::message::Message;
use ocr_protocol::observation::Observation;
use ocr_protocol::oracle::{self, Failed, Input, Output, ReadPurpose, Record};

use super::World;
use super::queue::{Arrival, Event};
use crate::adversary::Act;
use crate::chain::Call;
use crate::process::encode;
use crate::rng::{between, chance};
use crate::trace::{What, label};

/// Juels per fee coin of every observation.
const JUELS_PER_FEE_COIN: i64 = 7_000_000;

impl World {
    /// Performs outputs in their order, until the oracle crashes if it does.
    pub(super) fn perform_all(&mut self, seat: usize, config: usize, outputs: Vec<Output>) {
        for output in outputs {
            if let Some((left, down)) = &mut self.seats[seat].crash {
                let down = *down;
                match left.checked_sub(1) {
                    Some(fewer) => *left = fewer,
                    None => return self.stop(seat, down),
                }
            }
            if self.seats[seat].adversary.is_some() {
                let acts =
                    self.with_adversary(seat, |adversary, view| adversary.perform(view, output));
                self.act_all(seat, acts);
            } else {
                self.perform(seat, config, output);
            }
        }
    }

    pub(super) fn act_all(&mut self, seat: usize, acts: Vec<Act>) {
        let Some(config) = self.seats[seat]
            .process
            .as_ref()
            .map(|process| process.config)
        else {
            return;
        };
        for act in acts {
            match act {
                Act::Perform(output) => self.perform(seat, config, output),
                Act::Say(to, message) => {
                    self.check_sent(seat, config, &message);
                    let bytes = encode(&self.instances[config], &message).into();
                    self.send(seat, to, config, &bytes, &message);
                }
                Act::Garble(to, bytes) => self.carry(seat, to, config, &bytes.into()),
                Act::Submit(call) => self.submit(call),
            }
        }
    }

    pub(super) fn scheme(&mut self, seat: usize) {
        let acts = self.with_adversary(seat, |adversary, view| adversary.scheme(view));
        self.act_all(seat, acts);
    }

    fn perform(&mut self, seat: usize, config: usize, output: Output) {
        match output {
            Output::Persist(record) => self.persist(seat, config, &record),
            Output::Send { to, message } => {
                self.check_sent(seat, config, &message);
                let bytes = encode(&self.instances[config], &message).into();
                self.send(seat, to, config, &bytes, &message);
            }
            Output::Broadcast { message } => {
                self.check_sent(seat, config, &message);
                let bytes: Arc<[u8]> = encode(&self.instances[config], &message).into();
                let me = self.seats[seat].oracle;
                for to in self.instances[config].public.committee.oracles() {
                    if to != me {
                        self.send(seat, to, config, &bytes, &message);
                    }
                }
            }
            Output::Observe { at, timeout } => self.observe(seat, at, timeout),
            Output::ReadChain {
                at,
                purpose,
                timeout,
            } => self.read_chain(seat, at, purpose, timeout),
            Output::Transmit { report } => self.transmit(seat, config, &report),
            Output::Dropped { from, reason } => {
                self.trace.push(self.now, Some(seat), What::Refused(reason));
                let by = self.seats[seat].oracle;
                if let Some(from) =
                    from.filter(|from| self.seats[seat].is_honest && self.is_honest(*from))
                {
                    self.oracles
                        .on_refused(self.now, by, from, reason, &mut self.violations);
                }
            }
            Output::Event(event) => self.note(seat, config, &event),
        }
    }

    fn persist(&mut self, seat: usize, config: usize, record: &Record) {
        let digest = self.instances[config].digest;
        let here = &mut self.seats[seat];
        here.disk.write(digest, record, &here.clock, self.now);
        if here.is_honest {
            self.signing
                .on_persisted(self.now, digest, here.oracle, record, &mut self.violations);
            if let Record::Pacemaker(state) = record {
                self.oracles.on_persisted(digest, here.oracle, state);
            }
        }
    }

    fn check_sent(&mut self, seat: usize, config: usize, message: &Message) {
        let here = &self.seats[seat];
        if here.is_honest {
            let instance = &self.instances[config];
            self.signing.on_sent(
                self.now,
                instance,
                here.oracle,
                message,
                &mut self.violations,
            );
            self.oracles.on_sent(
                self.now,
                instance.digest,
                here.oracle,
                message,
                &mut self.violations,
            );
        }
    }

    fn send(
        &mut self,
        seat: usize,
        to: OracleId,
        config: usize,
        bytes: &Arc<[u8]>,
        message: &Message,
    ) {
        let (kind, at) = label(message);
        self.trace.push(
            self.now,
            Some(seat),
            What::Sent {
                to: to.index(),
                kind,
                at,
            },
        );
        self.carry(seat, to, config, bytes);
    }

    /// Lets the network carry bytes to all seats of `to`.
    fn carry(&mut self, seat: usize, to: OracleId, config: usize, bytes: &Arc<[u8]>) {
        let from = self.seats[seat].oracle;
        for place in 0..self.seats.len() {
            if self.seats[place].oracle != to {
                continue;
            }
            for at in self.network.arrivals(self.now, seat, place) {
                let arrival = Arrival {
                    to: place,
                    from,
                    sent: self.now,
                    config,
                    bytes: Arc::clone(bytes),
                };
                self.schedule(at, Event::Arrive(arrival));
            }
        }
    }

    fn observe(&mut self, seat: usize, at: EpochRound, timeout: Duration) {
        let (price, delay) = self.market.observe(self.now, seat);
        let price = match &mut self.seats[seat].adversary {
            Some(adversary) => adversary.observe(&mut self.adversary_rng, price),
            None => price,
        };
        let timestamp = self.seats[seat].clock.unix(self.now).0;
        let observation = price.filter(|_| delay <= timeout).map(|price| Observation {
            timestamp_seconds: timestamp as u32,
            value: Int192::from(price),
            juels_per_fee_coin: Int192::from(JUELS_PER_FEE_COIN),
            gas_price_subunits: None,
        });
        let result = observation.ok_or(Failed);
        self.answer(seat, delay.min(timeout), Input::Observed { at, result });
    }

    fn read_chain(&mut self, seat: usize, at: EpochRound, purpose: ReadPurpose, timeout: Duration) {
        let rpc = self.seats[seat].rpc;
        let delay = between(
            &mut self.chain_rng,
            Duration::from_millis(10),
            Duration::from_millis(500),
        );
        let now = self.seats[seat].clock.unix(self.now);
        let view = self
            .ledger
            .view(rpc.lag_blocks, now, self.scenario.parameters.delta_c);
        let result = if chance(&mut self.chain_rng, rpc.failure) {
            Err(Failed)
        } else {
            Ok(view)
        };
        self.answer(
            seat,
            delay.min(timeout),
            Input::ChainRead {
                at,
                purpose,
                result,
            },
        );
    }

    fn answer(&mut self, seat: usize, delay: Duration, input: Input) {
        let life = self.seats[seat].life;
        self.schedule(self.now + delay, Event::Answer { seat, life, input });
    }

    fn transmit(&mut self, seat: usize, config: usize, report: &AttestedReport) {
        self.trace
            .push(self.now, Some(seat), What::Transmitted(report.at));
        let instance = &self.instances[config];
        let here = &self.seats[seat];
        if here.is_honest {
            let (place, oracle) = ((instance.digest, report.at), here.oracle);
            // Reads take half a second; the one that decided saw this at least.
            let shown = self.ledger.latest_at(self.now, Duration::from_secs(1));
            let visible = (shown.digest, shown.at);
            self.liveness
                .on_transmitted(self.now, place, oracle, visible, &mut self.violations);
        }
        let transmitter = instance.contract.transmitters[here.oracle.index()];
        if let Some(call) = Call::new(transmitter, instance.digest, report) {
            self.submit(call);
        }
    }

    fn submit(&mut self, call: Call) {
        let delay = between(
            &mut self.chain_rng,
            Duration::from_millis(20),
            Duration::from_secs(1),
        );
        self.schedule(self.now + delay, Event::Submit { call });
    }

    fn note(&mut self, seat: usize, config: usize, event: &oracle::Event) {
        match event {
            oracle::Event::EpochStarted { epoch, .. } => {
                self.trace.push(self.now, Some(seat), What::Entered(*epoch));
            }
            oracle::Event::ScheduleComputed { at, .. } if self.seats[seat].is_honest => {
                // Its own arithmetic is not trusted.
                let oracle = self.seats[seat].oracle;
                let instance = &self.instances[config];
                let delay = instance.configs[oracle.index()].transmit_delays(*at)[oracle];
                self.liveness
                    .on_scheduled(self.now, (instance.digest, *at), oracle, delay);
            }
            _ => {}
        }
    }
}
