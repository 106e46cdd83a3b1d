//! One running oracle of either version, and its clock.

use ocr_protocol::id::{ConfigDigest, Epoch, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{Input, Output, Persisted, Queues, ocr1, ocr2};
use ocr_protocol::report;
use ocr_protocol::time::Instant;

use crate::clock::Clock;
use crate::committee::{Instance, ocr2_plugin};

/// An oracle's code.
#[derive(Debug)]
enum Oracle {
    Ocr1(Box<ocr1::Oracle>),
    Ocr2(Box<ocr2::Oracle>),
}

/// An oracle that runs.
#[derive(Debug)]
pub struct Process {
    oracle: Oracle,
    /// Which of the contract's configurations it runs.
    pub config: usize,
    /// Its clocks.
    pub clock: Clock,
    /// World time of the tick that is scheduled.
    pub wake: Option<Instant>,
}

impl Process {
    /// Restores oracle `index` of configuration number `config`.
    #[must_use]
    pub fn restore(
        instance: &Instance,
        index: usize,
        config: usize,
        keyring: Keyring,
        persisted: Persisted,
        latest_transmitted: Option<(ConfigDigest, Epoch)>,
        clock: Clock,
    ) -> Self {
        let own = instance.configs[index].clone();
        let oracle = match instance.digest.protocol() {
            Protocol::Ocr1 => {
                let median = report::ocr1::Median::new(&instance.public, instance.median);
                let oracle =
                    ocr1::Oracle::restore(own, keyring, median, persisted, latest_transmitted);
                Oracle::Ocr1(Box::new(oracle))
            }
            Protocol::Ocr2 => {
                let median = ocr2_plugin(&instance.public, instance.median);
                let oracle =
                    ocr2::Oracle::restore(own, keyring, median, persisted, latest_transmitted);
                Oracle::Ocr2(Box::new(oracle))
            }
        };
        Self {
            oracle,
            config,
            clock,
            wake: None,
        }
    }

    /// Takes an input in at world time `now`.
    pub fn handle(&mut self, now: Instant, input: Input) -> Vec<Output> {
        let local = self.clock.local(now);
        let mut out = Vec::new();
        match &mut self.oracle {
            Oracle::Ocr1(oracle) => oracle.handle(local, input, &mut out),
            Oracle::Ocr2(oracle) => oracle.handle(local, input, &mut out),
        }
        out
    }

    /// Returns the world time at which it wants a tick, not before `now`.
    #[must_use]
    pub fn wakes_at(&self, now: Instant) -> Option<Instant> {
        let (local, _) = match &self.oracle {
            Oracle::Ocr1(oracle) => oracle.poll_timeout(),
            Oracle::Ocr2(oracle) => oracle.poll_timeout(),
        }?;
        Some(self.clock.world(local).max(now))
    }

    /// Returns the epoch it is in.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        match &self.oracle {
            Oracle::Ocr1(oracle) => oracle.epoch(),
            Oracle::Ocr2(oracle) => oracle.epoch(),
        }
    }

    /// Returns the leader it follows.
    #[must_use]
    pub fn leader(&self) -> OracleId {
        match &self.oracle {
            Oracle::Ocr1(oracle) => oracle.leader(),
            Oracle::Ocr2(oracle) => oracle.leader(),
        }
    }

    /// Returns how much waits in it.
    #[must_use]
    pub fn queues(&self) -> Queues {
        match &self.oracle {
            Oracle::Ocr1(oracle) => oracle.queues(),
            Oracle::Ocr2(oracle) => oracle.queues(),
        }
    }
}

/// Returns the bytes of a message between oracles of `instance`.
#[must_use]
pub fn encode(instance: &Instance, message: &Message) -> Vec<u8> {
    match instance.digest.protocol() {
        Protocol::Ocr1 => ocr_wire::ocr1::message::encode(message),
        Protocol::Ocr2 => ocr_wire::message::encode(message),
    }
}

/// Returns the message of bytes from a peer; nothing if they are none.
#[must_use]
pub fn decode(instance: &Instance, bytes: &[u8]) -> Option<Message> {
    let committee = instance.public.committee;
    match &instance.limits {
        None => ocr_wire::ocr1::message::decode(bytes, committee).ok(),
        Some(limits) => ocr_wire::message::decode(bytes, committee, limits).ok(),
    }
}

/// Returns the number that an observation is; nothing if it is none.
#[must_use]
pub fn observed_value(instance: &Instance, observation: &[u8]) -> Option<Int192> {
    match instance.digest.protocol() {
        Protocol::Ocr1 => Int192::decode(observation),
        Protocol::Ocr2 => Some(
            ocr_wire::median::decode_observation(observation)
                .ok()?
                .value,
        ),
    }
}
