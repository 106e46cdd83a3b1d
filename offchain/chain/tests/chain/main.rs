//! The chain crate against a real anvil and the real contracts.

mod account;
mod anvil;
mod creation_code;
mod deploy;
mod feed;
mod proxy;
mod rpc;
mod tracker;
mod transmit;
mod world;
