//! `ocr-sim`: committees by the thousand, in simulated time.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use eyre::{WrapErr as _, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use ocr_protocol::id::{Committee, Protocol};
use ocr_sim::runner::{Campaign, DEFAULT_DURATION, Run, Totals, flag_of, play};
use ocr_sim::scenario::FaultClass;
use ocr_sim::timeline;
use ocr_sim::twins::Script;
use ocr_sim::world::World;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

/// How long a run may be: a minute to thirty days.
const SECONDS: core::ops::RangeInclusive<u64> = 60..=30 * 86_400;

/// Plays simulated committees with faults and adversaries, and checks after every event that the
/// protocol's promises hold. Exits with 1 if one is broken.
#[derive(Debug, Parser)]
#[command(name = "ocr-sim", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    campaign: Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays one oracle in two places, under every script of partitions.
    Twins {
        /// Version of the protocol; both if not given.
        #[arg(long)]
        protocol: Option<Version>,
        /// Plays every nth script.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        every: u32,
        /// Plays this script alone.
        #[arg(long)]
        script: Option<usize>,
        /// Draws the first run, or the first that fails, into this HTML file.
        #[arg(long)]
        timeline: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct Flags {
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
    #[arg(long)]
    hours: Option<f64>,
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

impl From<Version> for Protocol {
    fn from(version: Version) -> Self {
        match version {
            Version::Ocr1 => Self::Ocr1,
            Version::Ocr2 => Self::Ocr2,
        }
    }
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

impl Flags {
    fn runs(&self) -> eyre::Result<Vec<Run>> {
        let lasts = self.hours.map_or(Ok(DEFAULT_DURATION), duration)?;
        let campaign = Campaign {
            protocol: self.protocol.map(Protocol::from),
            n: self.n,
            f: self.f,
            faults: self.faults.0.clone(),
            lasts,
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

fn duration(hours: f64) -> eyre::Result<Duration> {
    let lasts = Duration::try_from_secs_f64(hours * 3600.0).ok();
    lasts
        .filter(|lasts| SECONDS.contains(&lasts.as_secs()))
        .ok_or_else(|| eyre::eyre!("--hours {hours}: a run is a minute to 720 hours long"))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.command {
        None => run(&arguments.campaign),
        Some(Command::Twins {
            protocol,
            every,
            script,
            timeline,
        }) => twins(protocol, every as usize, script, timeline.as_deref()),
    };
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Flags) -> eyre::Result<ExitCode> {
    let runs = arguments.runs()?;
    let mut totals = Totals::default();
    if let Some(path) = &arguments.regressions {
        totals.add(play_with_bar("regressions", &regressions(path)?)?);
    }
    if totals.failed.is_empty() {
        totals.add(play_with_bar("seeds", &runs)?);
    }
    for failed in &totals.failed {
        let name = format!("seed {}", failed.seed);
        show(&name, failed, failed.world(false));
    }
    if let Some(path) = &arguments.timeline
        && let Some(drawn) = totals.failed.first().or(runs.first())
    {
        draw(path, drawn, drawn.world(true))?;
    }
    println!("{totals}");
    Ok(exit_code(totals.violations))
}

fn play_with_bar(what: &'static str, runs: &[Run]) -> eyre::Result<Totals> {
    let bar = bar(what, runs.len())?;
    let totals = play(runs, || bar.inc(1));
    bar.finish_and_clear();
    Ok(totals)
}

fn bar(what: &'static str, count: usize) -> eyre::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len}, {eta} left")?;
    let bar = ProgressBar::new(count as u64);
    Ok(bar.with_style(style).with_message(what))
}

fn twins(
    protocol: Option<Version>,
    every: usize,
    script: Option<usize>,
    timeline: Option<&Path>,
) -> eyre::Result<ExitCode> {
    let protocols = protocol.map_or(vec![Protocol::Ocr1, Protocol::Ocr2], |one| vec![one.into()]);
    let all = Script::all().enumerate();
    let wanted =
        |number: usize| script.map_or(number.is_multiple_of(every), |script| script == number);
    let scripts: Vec<_> = all.filter(|(number, _)| wanted(*number)).collect();
    ensure!(
        !scripts.is_empty(),
        "--script: there are {} scripts, numbered from 0",
        Script::all().count()
    );
    let runs: Vec<_> = protocols
        .iter()
        .flat_map(|protocol| scripts.iter().map(|script| (*protocol, *script)))
        .collect();
    let bar = bar("twins", runs.len())?;
    let outcomes: Vec<_> = runs
        .par_iter()
        .map(|(protocol, (_, script))| {
            let outcome = script.play(*protocol);
            bar.inc(1);
            outcome
        })
        .collect();
    bar.finish_and_clear();

    let flags =
        |protocol, number| format!("twins --protocol {} --script {number}", flag_of(protocol));
    let outcomes_of_runs = runs.iter().zip(&outcomes);
    let failed = outcomes_of_runs.filter(|(_, outcome)| !outcome.violations.is_empty());
    let failed: Vec<_> = failed.map(|(run, _)| *run).collect();
    for (protocol, (number, script)) in &failed {
        let name = format!("script {number}");
        show(
            &name,
            flags(*protocol, *number),
            script.world(*protocol, false),
        );
    }
    if let Some(path) = timeline
        && let Some((protocol, (number, script))) = failed.first().or(runs.first())
    {
        draw(
            path,
            flags(*protocol, *number),
            script.world(*protocol, true),
        )?;
    }
    let rounds: u64 = outcomes.iter().map(|outcome| outcome.rounds).sum();
    let transmissions: u64 = outcomes.iter().map(|outcome| outcome.transmissions).sum();
    let violations = outcomes
        .iter()
        .map(|outcome| outcome.violations.len())
        .sum();
    println!(
        "{} twins, {rounds} rounds, {transmissions} transmissions, {violations} violations",
        outcomes.len()
    );
    Ok(exit_code(violations))
}

fn exit_code(violations: usize) -> ExitCode {
    if violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
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
        runs.extend(arguments.campaign.runs()?);
    }
    Ok(runs)
}

/// Plays a run that failed again, and prints what a reader needs to start: which run, of which code, what happened
/// last, which promise.
fn show(name: &str, flags: impl Display, mut world: World) {
    world.run();
    println!("{name} of commit {} fails", commit());
    for entry in world.trace() {
        println!("  {entry}");
    }
    for violation in world.violations() {
        println!("violation: {violation}");
    }
    println!("again: cargo run -p ocr-sim -- {flags} --timeline failure.html\n");
}

/// Plays a run again, keeping everything, and draws it.
fn draw(path: &Path, flags: impl Display, mut world: World) -> eyre::Result<()> {
    world.run();
    std::fs::write(path, timeline::html(&flags.to_string(), &world))
        .wrap_err_with(|| format!("--timeline {}", path.display()))
}

/// The commit of the working directory; a seed means the same only with the same code.
fn commit() -> String {
    let output = std::process::Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".to_owned(),
    }
}
