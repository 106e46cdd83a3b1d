//! Whole committees in simulated time: one seed, one run, the same on every machine.
//!
//! A [`Scenario`](scenario::Scenario) is drawn from a seed; a [`World`](world::World) plays it, event by event, with
//! the oracles' own code and real keys; checkers hold every event to what `docs/invariants.md` promises.

pub mod rng;
pub mod clock;
pub mod committee;
pub mod process;
pub mod disk;
pub mod network;
pub mod source;
pub mod chain;
pub mod adversary;
pub mod scenario;
pub mod trace;
pub mod checker;
pub mod world;
pub mod twins;
pub mod runner;
pub mod timeline;
