//! A recorded market, served again over HTTP: daily bars of a CSV file, one after the other.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::clock::Clock;

/// One day of the market.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bar {
    /// The day, as the file writes it.
    pub(crate) date: String,
    /// Price at the end of the day.
    pub(crate) close: f64,
}

/// Why there is nothing to replay.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error("{}: {error}; a CSV file with the columns date and close is needed", path.display())]
    Unreadable { path: PathBuf, error: csv::Error },
    #[error("{}: no bars", .0.display())]
    Empty(PathBuf),
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
}

/// Reads the bars of a CSV file with the columns `date` and `close`.
pub(crate) fn read_bars(path: &Path) -> Result<Vec<Bar>, ReplayError> {
    let unreadable = |error| ReplayError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let mut reader = csv::Reader::from_path(path).map_err(unreadable)?;
    let bars: Vec<Bar> = reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if bars.is_empty() {
        Err(ReplayError::Empty(path.to_owned()))
    } else {
        Ok(bars)
    }
}

/// When which bar is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long each bar is shown.
    pub(crate) bar: Duration,
    /// How much later than others this source shows it.
    pub(crate) lag: Duration,
}

impl Pace {
    /// Index of the bar shown `elapsed` after the start; the last one stays.
    fn index(&self, elapsed: Duration, bars: usize) -> usize {
        let shown = elapsed.saturating_sub(self.lag);
        let index = shown.as_nanos() / self.bar.as_nanos().max(1);
        usize::try_from(index).unwrap_or(usize::MAX).min(bars - 1)
    }
}

/// A running replay; stops when dropped.
#[derive(Debug)]
pub(crate) struct Replay {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Replay {
    /// Serves `bars`, counted from the start of `clock`, on `address` (port 0: a free one).
    pub(crate) async fn serve(
        address: SocketAddr,
        bars: Arc<[Bar]>,
        pace: Pace,
        clock: Clock,
    ) -> Result<Self, ReplayError> {
        let listen = |error| ReplayError::Listen { address, error };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let router = Router::new()
            .route("/", get(show))
            .with_state(Shown { bars, pace, clock });
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).into_future().await {
                tracing::error!(%error, "replay stopped");
            }
        });
        Ok(Self { address, server })
    }

    /// Where the bars are; `/close` is the JSON pointer to the price.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone)]
struct Shown {
    bars: Arc<[Bar]>,
    pace: Pace,
    clock: Clock,
}

async fn show(State(shown): State<Shown>) -> Json<Bar> {
    let elapsed = shown
        .clock
        .now()
        .saturating_since(ocr_protocol::time::Instant::START);
    Json(shown.bars[shown.pace.index(elapsed, shown.bars.len())].clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bar_has_its_time_and_the_last_one_stays() {
        let pace = Pace {
            bar: Duration::from_millis(100),
            lag: Duration::from_millis(30),
        };
        let shown = |millis| pace.index(Duration::from_millis(millis), 3);
        assert_eq!(
            [0, 129, 130, 229, 230, 10_000].map(shown),
            [0, 0, 1, 1, 2, 2]
        );
    }

    #[test]
    fn a_file_without_the_columns_or_bars_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bars.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read_bars(&path)
        };
        let bar = Bar {
            date: "2000-01-03".to_owned(),
            close: 1455.25,
        };
        assert_eq!(
            read("date,open,close\n2000-01-03,1,1455.25\n").unwrap(),
            [bar]
        );
        assert!(matches!(
            read("date,open\n2000-01-03,1\n"),
            Err(ReplayError::Unreadable { .. })
        ));
        assert!(matches!(
            read("date,close\n2000-01-03,many\n"),
            Err(ReplayError::Unreadable { .. })
        ));
        assert!(matches!(read("date,close\n"), Err(ReplayError::Empty(_))));
    }
}
