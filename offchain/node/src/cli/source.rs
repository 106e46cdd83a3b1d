//! `ocr source replay`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::print_line;
use crate::clock::Clock;
use crate::signals;
use crate::source::replay::{self, Pace, Replay};

#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Serve recorded bars over HTTP, one after the other.
    Replay(ReplayArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// CSV file with the columns `date` and `close`.
    #[arg(long)]
    csv: PathBuf,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How long each bar is shown, in milliseconds.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    bar_ms: u64,
    /// How much later than the start the first bar ends, in milliseconds.
    #[arg(long, default_value_t = 0)]
    lag_ms: u64,
}

impl SourceCommand {
    pub(crate) async fn run(self) -> eyre::Result<()> {
        let Self::Replay(args) = self;
        let bars = replay::read_bars(&args.csv)?;
        let count = bars.len();
        let pace = Pace {
            bar: Duration::from_millis(args.bar_ms),
            lag: Duration::from_millis(args.lag_ms),
        };
        let shutdown = signals::shutdown(false)?;
        let replay = Replay::serve(args.listen, bars.into(), pace, Clock::start()).await?;
        print_line(&format!(
            "{count} bars at {} (JSON pointer /close)",
            replay.url()
        ))?;
        shutdown.await;
        Ok(())
    }
}
