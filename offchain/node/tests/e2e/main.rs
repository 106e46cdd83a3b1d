//! Whole committees: real `ocr` processes, a real chain, sources that the test controls.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod bad_input;
mod committee;
mod faults;
mod feed;
mod restart;
mod set_config;
mod source;
