//! `ocr`: the Offchain Reporting oracle node and its tools.

use std::process::ExitCode;

use clap::Parser;
use ocr_node::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(report) => {
            eprintln!("error: {report:#}");
            ExitCode::FAILURE
        }
    }
}
