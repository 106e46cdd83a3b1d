//! A local chain: foundry's anvil, in a process that ends with its handle, or with the process that has it.

use std::env;
use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader, copy, sink};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

/// Environment variable that names the anvil to run.
///
/// Without it the repository's `tools/anvil` is run, or if that is gone the one on `PATH`.
pub const ANVIL_VARIABLE: &str = "OCR_ANVIL";

/// Chain id of a local chain: one of those OCR1 knows as private, and asks no minimum durations on.
///
/// Source: offchain-ocr1 1.5.1.
pub const CHAIN_ID: u64 = 1_337;

/// How long anvil may take until it listens.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// What runs anvil, and kills it when its own input ends: that is when the other end is dropped, or the
/// process that has it is gone, however it went. A Ctrl-C at the terminal is that process's business.
const LEASH: &str = r#"trap '' INT; "$@" & exec >&- 2>&-; read -r _; kill -KILL $!; wait"#;

/// The line that says where anvil listens starts with this.
const LISTENING: &str = "Listening on ";

/// Most bytes of anvil's complaint that an error quotes.
const COMPLAINT_BYTES_MAX: u64 = 2_000;

/// A running anvil on a free port of the loopback interface. Ends when dropped.
#[derive(Debug)]
pub struct Anvil {
    leash: ChildStdin,
    child: Child,
    address: SocketAddr,
    accounts: Vec<PrivateKeySigner>,
}

/// How to start an anvil.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnvilOptions {
    /// Time between two blocks; without it every transaction makes one.
    pub block_time: Option<Duration>,
    /// Further arguments.
    pub arguments: Vec<OsString>,
}

/// Why there is no local chain.
#[derive(Debug, thiserror::Error)]
pub enum AnvilError {
    /// No process can be started.
    #[error("sh cannot be started: {0}")]
    Spawn(io::Error),
    /// The program is not there, ended, or closed its output, before it listened.
    #[error(
        "{} does not start (it says {complaint:?}); run `make setup`, or set OCR_ANVIL",
        program.display()
    )]
    Ended {
        /// The program.
        program: PathBuf,
        /// What was written to its standard error.
        complaint: String,
    },
    /// The program does not listen in time.
    #[error("{} does not listen after {} s", program.display(), START_TIMEOUT.as_secs())]
    TooSlow {
        /// The program.
        program: PathBuf,
    },
}

impl Anvil {
    /// Starts an anvil and waits until it listens.
    ///
    /// It picks a free port itself and tells it over a pipe that only this process holds, so what
    /// answers at [`Anvil::url`] is what was started.
    ///
    /// # Errors
    /// The program cannot be started, ends at once, or does not listen in time.
    pub async fn start(options: &AnvilOptions) -> Result<Self, AnvilError> {
        let program = program();
        let mut command = Command::new("sh");
        command
            .args(["-c", LEASH, "sh"])
            .arg(&program)
            .args(["--host", &Ipv4Addr::LOCALHOST.to_string(), "--port", "0"])
            .args(["--chain-id", &CHAIN_ID.to_string()])
            .args(&options.arguments)
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(block_time) = options.block_time {
            command.args(["--block-time", &block_time.as_secs_f64().to_string()]);
        }
        let mut child = command.spawn().map_err(AnvilError::Spawn)?;
        let leash = child.stdin.take().expect("its input was asked for");
        let stdout = child.stdout.take().expect("its output was asked for");
        let stderr = child.stderr.take().expect("its output was asked for");
        match timeout(START_TIMEOUT, greeting(stdout, stderr)).await {
            Ok(Ok((address, accounts))) => Ok(Self {
                leash,
                child,
                address,
                accounts,
            }),
            Ok(Err(complaint)) => Err(AnvilError::Ended { program, complaint }),
            Err(_elapsed) => Err(AnvilError::TooSlow { program }),
        }
    }

    /// URL of its JSON-RPC endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The accounts that have ether from the first block on.
    #[must_use]
    pub fn accounts(&self) -> &[PrivateKeySigner] {
        &self.accounts
    }

    /// Ends it and waits until it is gone.
    ///
    /// # Errors
    /// The operating system refuses.
    pub async fn stop(mut self) -> io::Result<()> {
        drop(self.leash);
        self.child.wait().await.map(drop)
    }
}

fn program() -> PathBuf {
    if let Some(program) = env::var_os(ANVIL_VARIABLE) {
        return program.into();
    }
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/anvil");
    if ours.exists() {
        ours
    } else {
        PathBuf::from("anvil")
    }
}

/// Reads what anvil says when it starts; gives its complaint if it does not start.
async fn greeting(
    stdout: ChildStdout,
    mut stderr: ChildStderr,
) -> Result<(SocketAddr, Vec<PrivateKeySigner>), String> {
    let mut lines = BufReader::new(stdout).lines();
    let mut accounts = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(address) = line.strip_prefix(LISTENING) {
            let address = address.trim();
            let address = address
                .parse()
                .map_err(|_| format!("it listens on {address:?}"))?;
            discard(lines.into_inner());
            discard(stderr);
            return Ok((address, accounts));
        }
        accounts.extend(private_key(&line));
    }
    let mut complaint = String::new();
    // What was read until an error is the complaint.
    let _ = (&mut stderr)
        .take(COMPLAINT_BYTES_MAX)
        .read_to_string(&mut complaint)
        .await;
    Err(complaint.trim().to_owned())
}

/// The key in a line like `(0) 0x…`, 32 bytes of hex. Addresses are printed likewise, but shorter.
fn private_key(line: &str) -> Option<PrivateKeySigner> {
    let (number, key) = line.strip_prefix('(')?.split_once(") 0x")?;
    number.parse::<u32>().ok()?;
    key.trim().parse().ok()
}

/// Reads to the end, so that the writer never has to wait.
fn discard(mut output: impl AsyncRead + Unpin + Send + 'static) {
    tokio::spawn(async move { copy(&mut output, &mut sink()).await });
}
