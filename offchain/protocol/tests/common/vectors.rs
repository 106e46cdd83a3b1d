//! Reads `vectors/*.json`.

use core::fmt::Debug;
use core::str::FromStr;

use ocr_protocol::id::EpochRound;
use ocr_protocol::int192::Int192;
use serde_json::Value;

/// Returns the content of `vectors/ocr2-offchain.json`.
pub(crate) fn vectors() -> Value {
    vectors_of("ocr2-offchain.json")
}

/// Returns the content of a file in `vectors`.
pub(crate) fn vectors_of(name: &str) -> Value {
    let path = format!("{}/../../vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect(name);
    serde_json::from_str(&text).expect(name)
}

/// What a vector's fields hold.
pub(crate) trait Fields {
    /// Entries of the list `name`; there is at least one.
    fn list(&self, name: &str) -> &[Value];
    /// Bytes of field `name`.
    fn bytes(&self, name: &str) -> Vec<u8>;
    /// Bytes of field `name`, as many as are asked for.
    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().expect("the vector's length")
    }
    /// Number in field `name`.
    fn number(&self, name: &str) -> u64;
    /// Number in field `name`, written as a string or as a JSON number.
    fn parsed<T: FromStr<Err: Debug>>(&self, name: &str) -> T;
    /// Field `name`.
    fn int192(&self, name: &str) -> Int192 {
        self.parsed(name)
    }
    /// Whether field `name` is true.
    fn flag(&self, name: &str) -> bool;
    /// Fields `epoch` and `round`.
    fn at(&self) -> EpochRound {
        EpochRound::new(self.number("epoch") as u32, self.number("round") as u8)
    }
}

impl Fields for Value {
    fn list(&self, name: &str) -> &[Value] {
        self[name]
            .as_array()
            .unwrap_or_else(|| panic!("{name} is a list in {self}"))
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        hex_bytes(&self[name])
    }

    fn number(&self, name: &str) -> u64 {
        self[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name} is a number in {self}"))
    }

    fn parsed<T: FromStr<Err: Debug>>(&self, name: &str) -> T {
        let text = match &self[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.parse()
            .unwrap_or_else(|error| panic!("{name} in {self}: {error:?}"))
    }

    fn flag(&self, name: &str) -> bool {
        self[name]
            .as_bool()
            .unwrap_or_else(|| panic!("{name} is a flag in {self}"))
    }
}

/// Bytes of a `0x…` string.
pub(crate) fn hex_bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().and_then(|text| text.strip_prefix("0x"));
    hex::decode(text.unwrap_or_else(|| panic!("0x… expected, not {value}"))).expect("hexadecimal")
}
