//! Embeds the contracts' creation code, compiled as `forge build` compiles it.
//!
//! The settings are read from `foundry.toml` and the compiler is `tools/solc`, so the two cannot
//! drift; `tests/creation_code.rs` compares the outcome with forge's, byte for byte.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use foundry_compilers::artifacts::{EvmVersion, Remapping, Settings, SettingsMetadata};
use foundry_compilers::compilers::solc::{Solc, SolcCompiler, SolcSettings};
use foundry_compilers::{ProjectBuilder, ProjectPathsConfig};

/// File and name of each contract whose creation code is embedded.
const CONTRACTS: [(&str, &str); 7] = [
    ("src/ocr1/OffchainAggregator.sol", "OffchainAggregator"),
    (
        "src/ocr1/AccessControlledOffchainAggregator.sol",
        "AccessControlledOffchainAggregator",
    ),
    ("src/ocr2/OCR2Aggregator.sol", "OCR2Aggregator"),
    (
        "src/ocr2/AccessControlledOCR2Aggregator.sol",
        "AccessControlledOCR2Aggregator",
    ),
    (
        "src/access/SimpleReadAccessController.sol",
        "SimpleReadAccessController",
    ),
    (
        "src/access/SimpleWriteAccessController.sol",
        "SimpleWriteAccessController",
    ),
    ("script/local/LinkTestToken.sol", "LinkTestToken"),
];

/// What decides the bytes.
const INPUTS: [&str; 5] = [
    "src",
    "script/local",
    "foundry.toml",
    "tools/solc",
    "package.json",
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for input in INPUTS {
        println!("cargo:rerun-if-changed={}", root.join(input).display());
    }
    if let Err(error) = embed(&root) {
        eprintln!("error: cannot compile the contracts: {error}");
        process::exit(1);
    }
}

fn embed(root: &Path) -> Result<(), Box<dyn Error>> {
    let root = root.canonicalize()?;
    let foundry = fs::read_to_string(root.join("foundry.toml"))
        .map_err(|error| format!("foundry.toml: {error}"))?;
    let foundry: toml::Table = toml::from_str(&foundry)?;
    let profile = foundry["profile"]["default"]
        .as_table()
        .ok_or("foundry.toml has no profile")?;

    let solc = root.join(text(profile, "solc")?);
    let solc = Solc::new(&solc).map_err(|error| format!("{}: {error}", solc.display()))?;
    let paths = ProjectPathsConfig::builder()
        .sources(root.join(text(profile, "src")?))
        .remappings(remappings(profile)?)
        .no_libs()
        .build_with_root(&root);
    let project = ProjectBuilder::<SolcCompiler>::new(Default::default())
        .paths(paths)
        .settings(SolcSettings {
            settings: settings(profile)?,
            ..Default::default()
        })
        .ephemeral()
        .no_artifacts()
        .offline()
        .build(SolcCompiler::Specific(solc))?;

    let output = project.compile_files(CONTRACTS.map(|(file, _)| root.join(file)))?;
    if output.has_compiler_errors() {
        return Err(output.to_string().into());
    }
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for (file, name) in CONTRACTS {
        let code = output
            .find(&root.join(file), name)
            .and_then(|contract| contract.bytecode.as_ref()?.object.as_bytes())
            .ok_or_else(|| format!("{file} gives no code for {name}"))?;
        fs::write(out_dir.join(name).with_extension("bin"), code)?;
    }
    Ok(())
}

/// The settings of foundry.toml that decide the bytes.
fn settings(profile: &toml::Table) -> Result<Settings, Box<dyn Error>> {
    let mut settings = Settings::default();
    settings.optimizer.enabled = Some(flag(profile, "optimizer")?);
    settings.optimizer.runs = Some(
        profile["optimizer_runs"]
            .as_integer()
            .ok_or("optimizer_runs is not a number")?
            .try_into()?,
    );
    settings.via_ir = Some(flag(profile, "via_ir")?);
    settings.evm_version = Some(text(profile, "evm_version")?.parse::<EvmVersion>()?);
    settings.metadata = Some(SettingsMetadata::new(
        text(profile, "bytecode_hash")?.parse()?,
        flag(profile, "cbor_metadata")?,
    ));
    Ok(settings)
}

fn remappings(profile: &toml::Table) -> Result<Vec<Remapping>, Box<dyn Error>> {
    let list = profile["remappings"]
        .as_array()
        .ok_or("remappings is not a list")?;
    list.iter()
        .map(|entry| Ok(entry.as_str().ok_or("a remapping is not a text")?.parse()?))
        .collect()
}

fn text<'a>(profile: &'a toml::Table, key: &str) -> Result<&'a str, String> {
    let value = profile.get(key).and_then(toml::Value::as_str);
    value.ok_or_else(|| format!("foundry.toml: {key} is missing or not a text"))
}

fn flag(profile: &toml::Table, key: &str) -> Result<bool, String> {
    let value = profile.get(key).and_then(toml::Value::as_bool);
    value.ok_or_else(|| format!("foundry.toml: {key} is missing or not true or false"))
}
