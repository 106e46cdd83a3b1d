//! Fuzz targets: what must hold for any bytes.
//!
//! Each target is a function that panics when something does not hold. libFuzzer calls it with bytes of
//! its making (`fuzz_targets`), the tests with those of `corpus`. See `docs/fuzzing.md`.

mod committee;
mod configs;
mod messages;
mod oracle;
mod seeds;
mod values;

pub use configs::{ocr1_config, ocr2_config};
pub use messages::{ocr1_message, ocr2_message};
pub use oracle::{ocr1_oracle, ocr2_oracle};
pub use seeds::seeds;
pub use values::{median, values};

/// A target: its name, which is that of its corpus too, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 8] = [
    ("ocr2_message", ocr2_message),
    ("ocr1_message", ocr1_message),
    ("ocr2_config", ocr2_config),
    ("ocr1_config", ocr1_config),
    ("median", median),
    ("values", values),
    ("ocr2_oracle", ocr2_oracle),
    ("ocr1_oracle", ocr1_oracle),
];
