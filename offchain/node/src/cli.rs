//! The command line.

mod devnet;
mod keys;
mod run;
mod setconfig;
mod source;

use std::io::{self, Write};

use clap::{Args, Parser, Subcommand};
use eyre::WrapErr;

use crate::logging::{self, LogFormat};

/// Offchain Reporting: a committee of oracles puts the median of what it observes on chain.
#[derive(Debug, Parser)]
#[command(name = "ocr", version)]
pub struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct LogArgs {
    /// How log lines look.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "OCR_LOG_FORMAT"
    )]
    log_format: LogFormat,
    /// What is logged: error, warn, info, debug, trace, or target=level, separated by commas.
    #[arg(long, global = true, default_value = "info", env = "OCR_LOG_LEVEL")]
    log_level: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make and show an oracle's keys.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Write a configuration for the contract.
    #[command(subcommand)]
    Setconfig(setconfig::SetconfigCommand),
    /// Run an oracle.
    Run(run::RunArgs),
    /// Try a whole committee on this machine.
    #[command(subcommand)]
    Devnet(devnet::DevnetCommand),
    /// Serve a data source.
    #[command(subcommand)]
    Source(source::SourceCommand),
}

/// Prints a line; a reader that is gone is an error like any other.
fn print_line(line: &str) -> eyre::Result<()> {
    writeln!(io::stdout(), "{line}").wrap_err("cannot write to standard output")
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> eyre::Result<()> {
        logging::start(self.log.log_format, &self.log.log_level)?;
        match self.command {
            Command::Keys(command) => command.run(),
            Command::Setconfig(command) => command.run(),
            Command::Run(args) => args.run().await,
            Command::Devnet(command) => command.run().await,
            Command::Source(command) => command.run().await,
        }
    }
}
