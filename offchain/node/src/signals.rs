//! SIGTERM and SIGINT.

use std::future::Future;

use eyre::WrapErr;
use tokio::signal::unix::{SignalKind, signal};

/// Starts to listen; the future completes with the first signal's name.
pub(crate) fn shutdown() -> eyre::Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate()).wrap_err("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).wrap_err("cannot wait for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    })
}
