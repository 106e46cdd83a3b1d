//! `ocr devnet up`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::utils::{ParseUnits, format_units};
use clap::{Args, Subcommand};
use eyre::WrapErr;
use indicatif::ProgressBar;
use ocr_protocol::int192::Int192;

use super::print_line;
use crate::clock::Clock;
use crate::devnet::{self, Committee, CommitteeOptions, ReportedRound};
use crate::feed::ProtocolName;
use crate::signals;
use crate::source::replay::{self, Bar, Pace, Replay};

/// Pause between two looks at the chain.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Without a report for this long the committee is stuck.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How much later than the one before each oracle's source shows a bar.
const LAG_STEP: Duration = Duration::from_millis(60);

/// The recorded market of `make setup`, in the repository.
const BARS: &str = "../../node_modules/vega-datasets/data/sp500-2000.csv";

#[derive(Debug, Subcommand)]
pub(crate) enum DevnetCommand {
    /// Start a chain and a committee that prices a recorded market on it.
    Up(UpArgs),
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Version of the protocol that contract and oracles speak.
    #[arg(long, value_enum, default_value_t)]
    protocol: ProtocolName,
    /// Number of oracles.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(4..=31))]
    oracles: u8,
    /// Stop after this many rounds on chain; without it, on Ctrl-C.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// CSV file with the columns `date` and `close`; the S&P 500 since 2000 when absent.
    #[arg(long)]
    bars: Option<PathBuf>,
    /// How long each bar is shown, in milliseconds.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    bar_ms: u64,
    /// Directory for keys, databases and logs, kept afterwards; a temporary one when absent.
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl DevnetCommand {
    pub(crate) async fn run(self) -> eyre::Result<()> {
        let Self::Up(args) = self;
        let spinner = ProgressBar::new_spinner();
        spinner.enable_steady_tick(Duration::from_millis(100));
        up(&args, &spinner).await
    }
}

async fn up(args: &UpArgs, spinner: &ProgressBar) -> eyre::Result<()> {
    let shutdown = signals::shutdown(false)?;
    tokio::pin!(shutdown);
    let bars: Arc<[Bar]> = replay::read_bars(&bars_file(args)?)?.into();
    let temporary = tempfile::tempdir().wrap_err("no temporary directory")?;
    let directory = match &args.dir {
        Some(directory) => empty_directory(directory)?,
        None => temporary.path().to_owned(),
    };
    let n = usize::from(args.oracles);
    let sources = serve_bars(args, &bars, n).await?;
    let options = CommitteeOptions {
        program: std::env::current_exe().wrap_err("cannot find the ocr program")?,
        directory,
        sources: sources.iter().map(Replay::url).collect(),
        pointer: "/close".to_owned(),
        source_timeout: Duration::from_secs(1),
        parameters: devnet::local_parameters(args.protocol, n),
        log_level: "info".to_owned(),
    };
    let mut committee = tokio::select! {
        // What was started ends with the future that holds it.
        started = Committee::start(options, |doing| say(spinner, doing)) => started?,
        signal = &mut shutdown => eyre::bail!("devnet: stopped by {signal} while starting"),
    };
    say(spinner, "waiting for the first round");
    let mut summary = Summary::default();
    let outcome = tokio::select! {
        outcome = watch(&mut committee, args.rounds, spinner, &mut summary) => outcome,
        signal = &mut shutdown => match args.rounds {
            None => Ok(()),
            Some(wanted) => Err(eyre::eyre!("devnet: stopped by {signal} before {wanted} rounds")),
        },
    };
    spinner.finish_and_clear();
    committee.end().await;
    outcome?;
    print_line(&summary.line(n))
}

/// Makes the directory; refuses one that holds anything, such as the keys of another run.
fn empty_directory(directory: &Path) -> eyre::Result<PathBuf> {
    let failed = || format!("--dir {}", directory.display());
    std::fs::create_dir_all(directory).wrap_err_with(failed)?;
    let mut entries = std::fs::read_dir(directory).wrap_err_with(failed)?;
    eyre::ensure!(
        entries.next().is_none(),
        "{}: not empty; name an empty directory",
        failed()
    );
    Ok(directory.to_owned())
}

fn bars_file(args: &UpArgs) -> eyre::Result<PathBuf> {
    let file = match &args.bars {
        Some(file) => file.clone(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(BARS),
    };
    eyre::ensure!(
        file.is_file(),
        "{}: no such file; run `make setup`, or name a CSV file with --bars",
        file.display()
    );
    Ok(file)
}

/// One source for each oracle, each a little later than the one before.
async fn serve_bars(args: &UpArgs, bars: &Arc<[Bar]>, n: usize) -> eyre::Result<Vec<Replay>> {
    let clock = Clock::start();
    let mut sources = Vec::with_capacity(n);
    for lag in (0..).map(|step| LAG_STEP * step).take(n) {
        let pace = Pace {
            bar: Duration::from_millis(args.bar_ms),
            lag,
        };
        let address = ([127, 0, 0, 1], 0).into();
        sources.push(Replay::serve(address, Arc::clone(bars), pace, clock).await?);
    }
    Ok(sources)
}

/// What the last line tells.
#[derive(Debug, Default)]
struct Summary {
    rounds: u32,
    last_answer: Option<Int192>,
    observers: BTreeSet<u8>,
}

impl Summary {
    fn add(&mut self, round: &ReportedRound) {
        self.rounds += 1;
        self.last_answer = Some(round.answer);
        self.observers
            .extend(round.observers.iter().map(|observer| observer.get()));
    }

    fn line(&self, n: usize) -> String {
        let answer = self.last_answer.map_or_else(|| "none".to_owned(), price);
        let (rounds, observers) = (self.rounds, self.observers.len());
        format!(
            "devnet: {rounds} rounds on chain, last answer {answer}, observers {observers} of {n}"
        )
    }
}

/// Prints each round until there are `wanted`.
async fn watch(
    committee: &mut Committee,
    wanted: Option<u32>,
    spinner: &ProgressBar,
    summary: &mut Summary,
) -> eyre::Result<()> {
    let (mut block, mut quiet) = (0, Duration::ZERO);
    while wanted.is_none_or(|wanted| summary.rounds < wanted) {
        committee.check()?;
        let (rounds, next) = committee.rounds(block).await?;
        block = next;
        quiet = if rounds.is_empty() {
            quiet + POLL_INTERVAL
        } else {
            Duration::ZERO
        };
        for round in &rounds {
            if summary.rounds == 0 {
                print(spinner, HEADER)?;
            }
            summary.add(round);
            print(spinner, &line(round))?;
        }
        eyre::ensure!(
            quiet < STALL_TIMEOUT,
            "devnet: no report for {} s after {} rounds; see the logs of a run with --dir",
            STALL_TIMEOUT.as_secs(),
            summary.rounds
        );
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

const HEADER: &str =
    "epoch round  leader       median  observers        transmitter      gas  transaction";

fn line(round: &ReportedRound) -> String {
    let observers: Vec<String> = round.observers.iter().map(ToString::to_string).collect();
    format!(
        "{:>5} {:>5}  {:>6} {:>12}  {:<15}  {:>11} {:>8}  {}",
        round.at.epoch,
        round.at.round,
        round.leader,
        price(round.answer),
        observers.join(" "),
        round.transmitter,
        round.gas_used,
        round.tx
    )
}

/// The answer as people write it, two digits after the point.
fn price(answer: Int192) -> String {
    let units = ParseUnits::I256(answer.into());
    let text = format_units(units, devnet::DECIMALS).expect("8 decimals are within 77");
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{}", &fraction[..2]),
        None => text,
    }
}

/// Tells progress: on a terminal in place, otherwise as a line.
fn say(spinner: &ProgressBar, doing: &str) {
    if spinner.is_hidden() {
        eprintln!("{doing} …");
    } else {
        spinner.set_message(doing.to_owned());
    }
}

fn print(spinner: &ProgressBar, line: &str) -> eyre::Result<()> {
    spinner.suspend(|| print_line(line))
}
