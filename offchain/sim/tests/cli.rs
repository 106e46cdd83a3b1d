//! `ocr-sim` as it is typed.

use std::process::{Command, Output};

fn ocr_sim(line: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ocr-sim"))
        .args(line.split_whitespace())
        .output()
        .expect("ocr-sim starts")
}

/// What it says when it refuses `line`.
fn refusal(line: &str) -> String {
    let output = ocr_sim(line);
    assert!(!output.status.success(), "{line}");
    assert!(output.stdout.is_empty(), "{line}: nothing is played");
    String::from_utf8(output.stderr).expect("text")
}

fn last_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn runs_end_in_their_totals_and_a_picture() {
    let picture = std::env::temp_dir().join(format!("ocr-sim-{}.html", std::process::id()));
    for (line, totals) in [
        ("--seeds 2 --n 4 --f 1 --hours 0.05", "2 seeds, "),
        ("twins --protocol ocr1 --script 0", "1 twins, "),
    ] {
        let output = ocr_sim(&format!("{line} --timeline {}", picture.display()));
        assert!(output.status.success(), "{output:?}");
        let last = last_line(&output);
        assert!(last.starts_with(totals), "{last}");
        assert!(last.ends_with(" transmissions, 0 violations"), "{last}");
        let drawn = std::fs::read_to_string(&picture).expect("a picture is drawn");
        std::fs::remove_file(&picture).expect("it can be removed");
        assert!(drawn.contains("<svg") && drawn.contains("ObserveReq"));
    }
}

#[test]
fn wrong_flags_are_refused_with_what_is_possible() {
    for (line, says) in [
        ("--n 4 --f 2", "0 < f and 3f < n"),
        ("--n 32", "at most 31 oracles"),
        ("--f 1", "--n"),
        ("--hours 0", "a minute to 720 hours"),
        ("--hours NaN", "a minute to 720 hours"),
        (
            "--faults loss,rain",
            "\"rain\" is no class of faults; there are all, none, loss",
        ),
        ("--protocol ocr3", "ocr1, ocr2"),
        ("--seeds 1 --regressions nowhere.txt", "nowhere.txt"),
        (
            "twins --script 9216",
            "there are 9216 scripts, numbered from 0",
        ),
        ("twins --every 0", "--every"),
    ] {
        let refusal = refusal(line);
        assert!(refusal.contains(says), "{line}: {refusal}");
    }
}
