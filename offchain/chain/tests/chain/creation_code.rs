use std::path::Path;
use std::process::Command;

use alloy::primitives::hex;
use ocr_chain::contracts;

#[test]
fn creation_code_is_forges_byte_for_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let build = Command::new(root.join("tools/forge"))
        .args(["build", "--root"])
        .arg(&root)
        .env("FOUNDRY_PROFILE", "default")
        .output()
        .expect("tools/forge runs");
    let says = String::from_utf8_lossy(&build.stderr);
    assert!(
        build.status.success(),
        "forge build failed; run `make setup` first?\n{says}"
    );

    for (name, embedded) in [
        ("OffchainAggregator", contracts::OFFCHAIN_AGGREGATOR),
        (
            "AccessControlledOffchainAggregator",
            contracts::ACCESS_CONTROLLED_OFFCHAIN_AGGREGATOR,
        ),
        ("OCR2Aggregator", contracts::OCR2_AGGREGATOR),
        (
            "AccessControlledOCR2Aggregator",
            contracts::ACCESS_CONTROLLED_OCR2_AGGREGATOR,
        ),
        (
            "SimpleReadAccessController",
            contracts::SIMPLE_READ_ACCESS_CONTROLLER,
        ),
        (
            "SimpleWriteAccessController",
            contracts::SIMPLE_WRITE_ACCESS_CONTROLLER,
        ),
        ("LinkTestToken", contracts::LINK_TEST_TOKEN),
    ] {
        let artifact = root.join(format!("out/{name}.sol/{name}.json"));
        let artifact = std::fs::read_to_string(&artifact)
            .unwrap_or_else(|error| panic!("{}: {error}", artifact.display()));
        let artifact: serde_json::Value = serde_json::from_str(&artifact).unwrap();
        let forges = artifact["bytecode"]["object"].as_str().unwrap();
        let forges = hex::decode(forges).unwrap();
        assert!(!embedded.is_empty());
        assert!(
            embedded == forges,
            "{name}: {} bytes, forge's are {}",
            embedded.len(),
            forges.len()
        );
    }
}
