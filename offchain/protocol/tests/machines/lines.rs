//! Code and `docs/protocol.md` can be read side by side: each line is cited, each citation is a line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_line_of_the_protocol_is_cited_and_every_citation_is_a_line() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document =
        fs::read_to_string(crate_folder.join("../../docs/protocol.md")).expect("docs/protocol.md");
    let lines: BTreeSet<_> = document.lines().filter_map(line_number).collect();
    assert!(lines.len() > 40, "{lines:?}");

    let mut cited = BTreeSet::new();
    cite(&crate_folder.join("src"), &mut cited);
    assert_eq!(cited, lines);
}

/// The number that a line of pseudo-code starts with.
fn line_number(line: &str) -> Option<u32> {
    let (number, _) = line.strip_prefix('P')?.split_once(' ')?;
    number.parse().ok()
}

/// Collects what comments such as `// P31` or `// P61, P62` cite.
fn cite(folder: &Path, cited: &mut BTreeSet<u32>) {
    for entry in fs::read_dir(folder).expect("src") {
        let path = entry.expect("src").path();
        if path.is_dir() {
            cite(&path, cited);
            continue;
        }
        let source = fs::read_to_string(&path).expect("a source file");
        let comments = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("// P"));
        for comment in comments {
            cited.extend(
                comment
                    .split(", P")
                    .filter_map(|number| number.parse::<u32>().ok()),
            );
        }
    }
}
