//! OCR1: the values of `vectors/ocr1-offchain.json`, its rules, and what its machines do their own way.
//!
//! The committee is that of the vectors: four oracles, f = 1, RMax = 3. Lines such as P31 are those of
//! `docs/protocol.md`; what OCR1 and OCR2 share is tested in `tests/machines`.

mod config;
mod harness;
mod prop;
mod report;
mod round;
mod scenario;
mod transmit;
mod vectors;
