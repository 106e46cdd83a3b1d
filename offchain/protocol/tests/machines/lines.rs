//! Code and `docs/protocol.md` can be read side by side: each line is cited, each citation is a line.
//! So can the tests: each line is one of those that a file of tests says it is about.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_line_of_the_protocol_is_cited_and_tested_and_every_citation_is_a_line() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document =
        fs::read_to_string(crate_folder.join("../../docs/protocol.md")).expect("docs/protocol.md");
    let lines: BTreeSet<_> = document.lines().filter_map(line_number).collect();
    assert!(lines.len() > 40, "{lines:?}");

    let mut cited = BTreeSet::new();
    read_files(&crate_folder.join("src"), &mut |source| {
        cite(source, &mut cited);
    });
    assert_eq!(cited, lines);

    let mut tested = BTreeSet::new();
    for folder in ["tests/machines", "tests/ocr1"] {
        read_files(&crate_folder.join(folder), &mut |source| {
            tested.extend(source.lines().next().into_iter().flat_map(ranges_of));
        });
    }
    let untested: Vec<_> = lines.difference(&tested).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

/// The number that a line of pseudo-code starts with.
fn line_number(line: &str) -> Option<u32> {
    let (number, _) = line.strip_prefix('P')?.split_once(' ')?;
    number.parse().ok()
}

/// Collects what comments such as `// P31` or `// P61, P62` cite.
fn cite(source: &str, cited: &mut BTreeSet<u32>) {
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

/// The lines that a file such as this one's neighbours is about: `//! Lines P6 and P80 to P86.`
fn ranges_of(heading: &str) -> Vec<u32> {
    let Some(ranges) = heading.strip_prefix("//! Lines P") else {
        return Vec::new();
    };
    let number = |text: &str| -> u32 {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("a number after P")
    };
    ranges
        .split(" and P")
        .flat_map(|range| match range.split_once(" to P") {
            Some((first, last)) => number(first)..=number(last),
            None => number(range)..=number(range),
        })
        .collect()
}

fn read_files(folder: &Path, read: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_files(&path, read);
        } else {
            read(&fs::read_to_string(&path).expect("a source file"));
        }
    }
}
