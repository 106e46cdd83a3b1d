//! Child processes that end with their owner.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};

/// How long a node may take to stop when asked before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Lines of a log shown when its process ended too early.
const LOG_LINES: usize = 5;

/// A process of the committee could not be started or ended too early.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The program could not be started.
    #[error("{name}: cannot start {}: {error}", program.display())]
    Start {
        /// What it was started as.
        name: String,
        /// The program.
        program: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The process ended by itself.
    #[error("{name}: ended with {status}; the end of {}:\n{tail}", log.display())]
    Ended {
        /// What it was started as.
        name: String,
        /// How it ended.
        status: ExitStatus,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
}

/// A running child; killed when dropped. Its input ends with this process.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts `command` with its output in `log`, after what stands there.
    pub(super) fn start(
        name: &str,
        mut command: Command,
        log: &Path,
    ) -> Result<Self, ProcessError> {
        let failed = |error| ProcessError::Start {
            name: name.to_owned(),
            program: command.as_std().get_program().into(),
            error,
        };
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(failed)?;
        let errors = output.try_clone().map_err(failed)?;
        command
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            .kill_on_drop(true);
        let child = command.spawn().map_err(|error| ProcessError::Start {
            name: name.to_owned(),
            program: command.as_std().get_program().into(),
            error,
        })?;
        Ok(Self {
            name: name.to_owned(),
            log: log.to_owned(),
            child,
        })
    }

    /// Fails when the process has ended.
    pub(super) fn check(&mut self) -> Result<(), ProcessError> {
        match self.child.try_wait() {
            Ok(Some(status)) => Err(ProcessError::Ended {
                name: self.name.clone(),
                status,
                log: self.log.clone(),
                tail: tail(&self.log),
            }),
            _ => Ok(()),
        }
    }

    /// Ends the process at once, as a crash would, and waits until it is gone.
    pub(super) async fn kill(mut self) {
        // It fails only when the process is gone already.
        let _ = self.child.kill().await;
    }

    /// Asks the process to stop, and waits until it is gone; `None` when it had to be killed.
    pub(super) async fn stop(mut self) -> Option<ExitStatus> {
        if let Some(pid) = self.child.id() {
            let asked = Command::new("kill").arg(pid.to_string()).status().await;
            if asked.is_ok_and(|status| status.success())
                && let Ok(Ok(status)) = tokio::time::timeout(STOP_TIMEOUT, self.child.wait()).await
            {
                return Some(status);
            }
        }
        self.kill().await;
        None
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}
