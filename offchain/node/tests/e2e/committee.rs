//! A committee of four with sources in the test's hands.

use std::path::PathBuf;
use std::time::Duration;

use ocr_node::devnet::{self, Committee, CommitteeOptions, ReportedRound};
use ocr_node::feed::{FeedParameters, ProtocolName};
use tempfile::TempDir;

use crate::source::{Answer, Source};

/// Oracles of every committee here; one may be faulty.
pub(crate) const N: usize = 4;

/// Longest wait for anything. Reached only when the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A committee, its sources, and how far the test has read the chain.
pub(crate) struct World {
    pub(crate) committee: Committee,
    pub(crate) sources: Vec<Source>,
    block: u64,
    seen: Vec<ReportedRound>,
    _directory: TempDir,
}

/// Quick rounds: the test's time is the machine's.
pub(crate) fn parameters(protocol: ProtocolName) -> FeedParameters {
    FeedParameters {
        delta_progress: Duration::from_millis(2_500),
        delta_resend: Duration::from_millis(1_000),
        delta_round: Duration::from_millis(300),
        delta_grace: Duration::from_millis(100),
        delta_stage: Duration::from_millis(1_000),
        // A leader stays until it fails.
        r_max: 200,
        ..devnet::local_parameters(protocol, N)
    }
}

/// The price oracle `index` sees when nothing else is said.
pub(crate) fn price(index: usize) -> String {
    format!("{}.25", 1400 + index)
}

impl World {
    /// Starts a committee whose oracles see slightly different prices.
    pub(crate) async fn start(protocol: ProtocolName) -> Self {
        Self::start_with(parameters(protocol)).await
    }

    /// Starts a committee with other parameters.
    pub(crate) async fn start_with(parameters: FeedParameters) -> Self {
        let mut sources = Vec::new();
        for index in 0..N {
            sources.push(Source::start(Answer::Price(price(index))).await);
        }
        let directory = tempfile::tempdir().unwrap();
        let options = CommitteeOptions {
            program: PathBuf::from(env!("CARGO_BIN_EXE_ocr")),
            directory: directory.path().to_owned(),
            sources: sources.iter().map(Source::url).collect(),
            pointer: "/data/price".to_owned(),
            source_timeout: Duration::from_millis(500),
            parameters,
            log_level: "info,ocr_node=debug".to_owned(),
        };
        let committee = Committee::start(options, |doing| eprintln!("{doing}"))
            .await
            .unwrap();
        Self {
            committee,
            sources,
            block: 0,
            seen: Vec::new(),
            _directory: directory,
        }
    }

    /// Every report seen so far, oldest first.
    pub(crate) fn seen(&self) -> &[ReportedRound] {
        &self.seen
    }

    /// Reads what is new on the chain.
    pub(crate) async fn read(&mut self) -> Vec<ReportedRound> {
        let (rounds, next) = self.committee.rounds(self.block).await.unwrap();
        self.block = next;
        self.seen.extend(rounds.iter().cloned());
        rounds
    }

    /// Waits until `count` further reports that satisfy `wanted` are on the chain; returns them.
    pub(crate) async fn wait_for(
        &mut self,
        count: usize,
        mut wanted: impl FnMut(&ReportedRound) -> bool,
    ) -> Vec<ReportedRound> {
        let mut found = Vec::new();
        let waiting = async {
            while found.len() < count {
                found.extend(self.read().await.into_iter().filter(&mut wanted));
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            in_time.is_ok(),
            "{} of {count} reports within {PATIENCE:?}; logs:\n{}",
            found.len(),
            self.logs()
        );
        found
    }

    /// Waits for `count` further reports of any kind.
    pub(crate) async fn wait_for_reports(&mut self, count: usize) -> Vec<ReportedRound> {
        self.wait_for(count, |_| true).await
    }

    /// Waits until the log of oracle `index` contains `text`.
    pub(crate) async fn wait_for_log(&self, index: usize, text: &str) {
        let waiting = async {
            while !self.committee.log(index).contains(text) {
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            in_time.is_ok(),
            "no {text:?} in the log of oracle {index}:\n{}",
            self.logs()
        );
    }

    /// The end of every oracle's log.
    pub(crate) fn logs(&self) -> String {
        let end = |log: String| {
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(15)..].join("\n")
        };
        (0..N)
            .map(|index| format!("-- oracle {index}\n{}\n", end(self.committee.log(index))))
            .collect()
    }
}
