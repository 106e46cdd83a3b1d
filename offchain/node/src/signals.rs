//! What asks a process to stop.

use std::future::Future;
use std::io;

use eyre::WrapErr;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Starts to listen for SIGTERM and SIGINT, and with `leash` for the end of standard input.
///
/// The future completes with what came first.
pub(crate) fn shutdown(leash: bool) -> eyre::Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate()).wrap_err("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).wrap_err("cannot wait for SIGINT")?;
    let input_ended = leash.then(input_ended);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
            Some(_) = wait(input_ended) => "end of input",
        }
    })
}

/// A thread of its own: one of the runtime's would keep the process from ending while it reads.
fn input_ended() -> oneshot::Receiver<()> {
    let (ended, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        // However it ends, it has ended.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(ended);
    });
    receiver
}

async fn wait(input_ended: Option<oneshot::Receiver<()>>) -> Option<()> {
    // The sender says nothing; it goes.
    let _ = input_ended?.await;
    Some(())
}
