//! Every committed input holds, without libFuzzer.

use std::fs;
use std::path::Path;

use ocr_fuzz::TARGETS;

/// Runs each file of a target's corpus; its name is the last line before a panic.
fn replay(name: &str) {
    let target = TARGETS.iter().find(|(target, _)| *target == name);
    let (_, run) = target.expect("a target's name");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(name);
    let mut files = 0;
    for file in fs::read_dir(&corpus).unwrap_or_else(|error| panic!("corpus/{name}: {error}")) {
        let path = file.expect("a readable directory").path();
        println!(
            "corpus/{name}/{}",
            path.file_name().expect("a file").display()
        );
        run(&fs::read(&path).expect("a readable file"));
        files += 1;
    }
    assert!(files > 0, "corpus/{name} is empty: see docs/fuzzing.md");
    println!("{name}: {files} inputs");
}

macro_rules! replay {
    ($($name:ident)*) => {
        $(#[test] fn $name() { replay(stringify!($name)); })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$(stringify!($name)),*];
            assert_eq!(TARGETS.map(|(name, _)| name), replayed);
        }
    };
}

replay! {
    ocr2_message
    ocr1_message
    ocr2_config
    ocr1_config
    median
    values
    ocr2_oracle
    ocr1_oracle
}
