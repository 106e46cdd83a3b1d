//! `ocr-sim`: committees by the thousand, in simulated time.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use eyre::{WrapErr as _, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use ocr_protocol::id::{Committee, Protocol};
use ocr_sim::runner::{Campaign, Run, Totals, play, retell};
use ocr_sim::scenario::FaultClass;
use ocr_sim::timeline;

/// How long a run may be: a minute to thirty days.
const SECONDS: core::ops::RangeInclusive<u64> = 60..=30 * 86_400;

/// Plays simulated committees with faults and adversaries, and checks after every event that the
/// protocol's promises hold. Exits with 1 if one is broken.
#[derive(Debug, Parser)]
#[command(name = "ocr-sim", version)]
struct Arguments {
    /// Number of runs.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// Seed of the first run; the others follow it.
    #[arg(long, default_value_t = 0)]
    first_seed: u64,
    /// Number of oracles; a mix of 4, 7, 16 and 31 if not given.
    #[arg(long)]
    n: Option<usize>,
    /// Number of oracles that may be faulty; as many as n allows if not given.
    #[arg(long, requires = "n")]
    f: Option<u8>,
    /// Version of the protocol; both if not given.
    #[arg(long)]
    protocol: Option<Version>,
    /// What may go wrong: `all`, `none`, or a list such as `loss,crash,adversary`.
    #[arg(long, default_value = "all")]
    faults: Faults,
    /// Simulated hours of each run; ten minutes if not given.
    #[arg(long, default_value_t = 1.0 / 6.0)]
    hours: f64,
    /// Draws the first run, or the first that fails, into this HTML file.
    #[arg(long)]
    timeline: Option<PathBuf>,
    /// Runs that failed once, a line of flags like these for each. They run first.
    #[arg(long)]
    regressions: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Version {
    Ocr1,
    Ocr2,
}

/// What `--faults` names.
#[derive(Clone, Debug)]
struct Faults(Vec<FaultClass>);

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(FaultClass::ALL.to_vec())),
            "none" => Ok(Self(Vec::new())),
            list => {
                let class = |name| FaultClass::from_str(name, false).map_err(|_| unknown(name));
                list.split(',')
                    .map(class)
                    .collect::<Result<_, _>>()
                    .map(Self)
            }
        }
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<_> = FaultClass::ALL.map(FaultClass::name).into();
    format!(
        "{name:?} is no class of faults; there are all, none, {}",
        known.join(", ")
    )
}

impl Arguments {
    fn runs(&self) -> eyre::Result<Vec<Run>> {
        let lasts = Duration::try_from_secs_f64(self.hours * 3600.0)
            .ok()
            .filter(|lasts| SECONDS.contains(&lasts.as_secs()));
        let campaign = Campaign {
            protocol: self.protocol.map(|version| match version {
                Version::Ocr1 => Protocol::Ocr1,
                Version::Ocr2 => Protocol::Ocr2,
            }),
            n: self.n,
            f: self.f,
            faults: self.faults.0.clone(),
            lasts: lasts.ok_or_else(|| {
                eyre::eyre!(
                    "--hours {}: a run is a minute to 720 hours long",
                    self.hours
                )
            })?,
        };
        let request = campaign.run_of(self.first_seed).request;
        ensure!(
            request.f > 0 && Committee::new(request.n, request.f).is_some(),
            "--n {} --f {}: of at most 31 oracles f are faulty, with 0 < f and 3f < n",
            request.n,
            request.f
        );
        let seeds = self.first_seed..self.first_seed.saturating_add(self.seeds);
        Ok(seeds.map(|seed| campaign.run_of(seed)).collect())
    }
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> eyre::Result<ExitCode> {
    let runs = arguments.runs()?;
    let mut totals = Totals::default();
    if let Some(path) = &arguments.regressions {
        totals.add(play_with_bar("regressions", &regressions(path)?)?);
    }
    if totals.failed.is_empty() {
        totals.add(play_with_bar("seeds", &runs)?);
    }
    for failed in &totals.failed {
        show(failed);
    }
    if let Some(path) = &arguments.timeline
        && let Some(drawn) = totals.failed.first().or(runs.first())
    {
        let mut world = drawn.world(true);
        world.run();
        std::fs::write(path, timeline::html(drawn, &world))
            .wrap_err_with(|| format!("--timeline {}", path.display()))?;
    }
    println!("{totals}");
    Ok(if totals.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn play_with_bar(what: &'static str, runs: &[Run]) -> eyre::Result<Totals> {
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}, {eta} left")?;
    let bar = ProgressBar::new(runs.len() as u64)
        .with_style(style)
        .with_message(what);
    let totals = play(runs, || bar.inc(1));
    bar.finish_and_clear();
    Ok(totals)
}

fn regressions(path: &Path) -> eyre::Result<Vec<Run>> {
    let text = std::fs::read_to_string(path)
        .wrap_err_with(|| format!("--regressions {}", path.display()))?;
    let mut runs = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let words = ["ocr-sim"].into_iter().chain(line.split_whitespace());
        let arguments = Arguments::try_parse_from(words)
            .wrap_err_with(|| format!("{} line {}", path.display(), number + 1))?;
        runs.extend(arguments.runs()?);
    }
    Ok(runs)
}

/// What a reader needs to start: which run, of which code, which promise, what happened last.
fn show(failed: &Run) {
    let (outcome, last) = retell(failed);
    println!("seed {} of commit {} fails", failed.seed, commit());
    for line in last {
        println!("  {line}");
    }
    for violation in &outcome.violations {
        println!("violation: {violation}");
    }
    println!("again: cargo run -p ocr-sim -- {failed} --timeline failure.html\n");
}

/// The commit of the working directory; a seed means the same only with the same code.
fn commit() -> String {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}
