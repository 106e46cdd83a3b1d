//! `ocr devnet up` itself: what it prints, and that nothing it started outlives it.

use std::io::{BufRead, BufReader, Lines, Read};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use ocr_node::feed::ProtocolName;
use tempfile::TempDir;

/// How long what was started may take to be gone.
const GONE_SECONDS: u32 = 20;

/// A running `ocr devnet up`; killed when dropped.
struct Devnet {
    child: Child,
    /// What it prints; none once the test reads no more.
    output: Option<Lines<BufReader<ChildStdout>>>,
    directory: TempDir,
}

impl Devnet {
    /// Starts a local network with short bars and four oracles.
    fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let bars = directory.path().join("bars.csv");
        let days: String = (1..=28)
            .map(|day| format!("2000-01-{day:02},{}.5\n", 1400 + day))
            .collect();
        std::fs::write(&bars, format!("date,close\n{days}")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_ocr"))
            .args(["devnet", "up", "--bar-ms", "500", "--bars"])
            .arg(bars)
            .arg("--dir")
            .arg(directory.path().join("net"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().map(|out| BufReader::new(out).lines());
        Self {
            child,
            output,
            directory,
        }
    }

    fn next_line(&mut self) -> String {
        self.output.as_mut().unwrap().next().unwrap().unwrap()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end; the exit code, and the last line of standard error.
    fn end(&mut self) -> (Option<i32>, String) {
        let mut errors = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).unwrap();
        let status = self.child.wait().unwrap();
        let last = errors.lines().last().unwrap_or_default();
        assert!(!errors.contains("panicked"), "{errors}");
        (status.code(), last.to_owned())
    }

    /// Asserts that neither the chain nor an oracle is left.
    fn assert_nothing_is_left(&self) {
        let network = self.directory.path().join("net");
        for index in 0..4 {
            let seat = network.join(format!("oracle-{index}"));
            for address in addresses(&seat) {
                let gone = (0..GONE_SECONDS * 10).any(|_| {
                    let refused = TcpStream::connect(&address).is_err();
                    if !refused {
                        sleep(Duration::from_millis(100));
                    }
                    refused
                });
                assert!(gone, "somebody listens on {address} of oracle {index}");
            }
        }
    }
}

impl Drop for Devnet {
    fn drop(&mut self) {
        // It fails only when the process is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the chain and the oracle of a seat listen.
fn addresses(seat: &Path) -> [String; 2] {
    let text = std::fs::read_to_string(seat.join("node.toml")).unwrap();
    let config: toml::Table = text.parse().unwrap();
    let rpc = config["chain"]["rpc_url"].as_str().unwrap();
    let listen = config["network"]["listen"][0].as_str().unwrap();
    [
        rpc.trim_start_matches("http://").to_owned(),
        listen.replace("/ip4/", "").replace("/tcp/", ":"),
    ]
}

for_both_protocols!(prints_each_round_and_a_summary_and_leaves_nothing);

async fn prints_each_round_and_a_summary_and_leaves_nothing(protocol: ProtocolName) {
    let protocol = match protocol {
        ProtocolName::Ocr1 => "ocr1",
        ProtocolName::Ocr2 => "ocr2",
    };
    let mut devnet = Devnet::start(&["--rounds", "3", "--protocol", protocol]);
    assert!(devnet.next_line().starts_with("epoch round  leader"));
    let mut rounds = 0;
    let summary = loop {
        let line = devnet.next_line();
        if line.starts_with("devnet: ") {
            break line;
        }
        let columns: Vec<&str> = line.split_whitespace().collect();
        assert!(columns[0].parse::<u32>().is_ok(), "{line}");
        let answer: f64 = columns[3].parse().unwrap();
        assert!((1401.0..1430.0).contains(&answer), "{line}");
        assert!(line.contains("  0x"), "{line}");
        rounds += 1;
    };
    assert!(rounds >= 3, "{rounds}");
    assert!(
        summary.starts_with(&format!("devnet: {rounds} rounds on chain, last answer 14")),
        "{summary}"
    );
    assert!(summary.ends_with(" of 4"), "{summary}");
    assert_eq!(devnet.end().0, Some(0));
    devnet.assert_nothing_is_left();
}

#[test]
fn says_who_stopped_it_before_it_was_done_and_leaves_nothing() {
    for signal in ["TERM", "INT"] {
        let mut devnet = Devnet::start(&["--rounds", "1000"]);
        devnet.next_line();
        devnet.signal(signal);
        let (code, error) = devnet.end();
        assert_eq!(code, Some(1));
        let expected = format!("error: devnet: stopped by SIG{signal} before 1000 rounds");
        assert_eq!(error, expected);
        devnet.assert_nothing_is_left();
    }
}

#[test]
fn leaves_nothing_when_it_is_killed() {
    let mut devnet = Devnet::start(&[]);
    devnet.next_line();
    devnet.signal("KILL");
    assert_eq!(devnet.child.wait().unwrap().code(), None);
    devnet.assert_nothing_is_left();
}

#[test]
fn a_reader_that_is_gone_is_an_error_and_leaves_nothing() {
    let mut devnet = Devnet::start(&[]);
    devnet.next_line();
    devnet.output = None;
    let (code, error) = devnet.end();
    assert_eq!(code, Some(1));
    assert!(
        error.starts_with("error: cannot write to standard output"),
        "{error}"
    );
    devnet.assert_nothing_is_left();
}
