//! Adds the bytes of every vector, and what `ocr_fuzz::seeds` makes, to the corpora.
//!
//! `cargo run --example seeds`; `cargo fuzz cmin` then keeps what reaches something new.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use serde_json::Value;

/// Decoders, and how many values of the first byte choose something else.
const CHOICES: [(&str, u8); 6] = [
    ("ocr2_message", 8),
    ("ocr1_message", 4),
    ("ocr2_config", 4),
    ("ocr1_config", 4),
    ("median", 3),
    ("values", 8),
];

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = BTreeSet::new();
    for file in fs::read_dir(root.join("../../vectors"))? {
        collect(
            &serde_json::from_slice(&fs::read(file?.path())?)?,
            &mut seeds,
        );
    }
    for (target, choices) in CHOICES {
        let corpus = root.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        for (number, bytes) in seeds.iter().enumerate() {
            for choice in 0..choices {
                // The high bits are f of configurations.
                let seed = [&[choice | 0x10], bytes.as_slice()].concat();
                fs::write(corpus.join(format!("seed-{choice}-{number}")), seed)?;
            }
        }
    }
    for (number, (target, seed)) in ocr_fuzz::seeds().into_iter().enumerate() {
        fs::write(
            root.join(format!("corpus/{target}/seed-made-{number}")),
            seed,
        )?;
    }
    Ok(())
}

/// Takes every value and every name that is hexadecimal.
fn collect(value: &Value, seeds: &mut BTreeSet<Vec<u8>>) {
    match value {
        Value::String(text) => {
            seeds.insert(text.as_bytes().to_vec());
            let digits = text.strip_prefix("0x").unwrap_or(text);
            seeds.extend(hex::decode(digits));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, seeds)),
        Value::Object(fields) => {
            for (name, value) in fields {
                seeds.extend(hex::decode(name));
                collect(value, seeds);
            }
        }
        _ => {}
    }
}
