//! `ocr setconfig encode`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use eyre::WrapErr;

use super::print_line;
use crate::card::OracleCard;
use crate::feed::FeedParameters;

#[derive(Debug, Subcommand)]
pub(crate) enum SetconfigCommand {
    /// Turn parameters and oracle cards into setConfig arguments and calldata, as JSON.
    Encode(EncodeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct EncodeArgs {
    /// TOML file with the feed's parameters.
    #[arg(long)]
    params: PathBuf,
    /// TOML files with the oracles' cards, in oracle order.
    #[arg(long, required = true, num_args = 1..)]
    oracles: Vec<PathBuf>,
    /// File to write; standard output when absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl SetconfigCommand {
    pub(crate) fn run(self) -> eyre::Result<()> {
        let Self::Encode(args) = self;
        let parameters = FeedParameters::read(&args.params)?;
        let cards = args
            .oracles
            .iter()
            .map(|path| OracleCard::read(path))
            .collect::<Result<Vec<_>, _>>()?;
        let json = parameters.set_config_args_at_random(&cards)?.to_json();
        match args.out {
            None => print_line(&json),
            Some(path) => std::fs::write(&path, json + "\n")
                .wrap_err_with(|| format!("cannot write {}", path.display())),
        }
    }
}
