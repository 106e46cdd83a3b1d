//! The chain crate against a real anvil and the real contracts.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod account;
mod anvil;
mod creation_code;
mod deploy;
mod feed;
mod ocr1;
mod proxy;
mod rpc;
mod tracker;
mod transmit;
mod world;
