//! Restarts from disk.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use ocr_node::feed::ProtocolName;

use crate::committee::{N, World};

/// The rounds in which oracle `index` signed an observation or a report, as its log tells.
fn signed(world: &World, index: usize, event: &str) -> Vec<String> {
    world
        .committee
        .log(index)
        .lines()
        .filter(|line| line.contains(event))
        .map(|line| {
            line.split("round=")
                .nth(1)
                .unwrap()
                .split_whitespace()
                .next()
                .unwrap()
        })
        .map(str::to_owned)
        .collect()
}

for_both_protocols!(all_killed_and_restarted_continue_and_sign_nothing_twice);

async fn all_killed_and_restarted_continue_and_sign_nothing_twice(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    world.wait_for_reports(3).await;
    for _ in 0..2 {
        for index in 0..N {
            world.committee.kill(index).await;
        }
        world.read().await;
        let last = world.seen().last().unwrap().at;
        for index in 0..N {
            world.committee.launch(index).unwrap();
        }
        let rounds = world.wait_for_reports(3).await;
        assert!(
            rounds.iter().all(|round| round.at > last),
            "epoch or round went back"
        );
    }
    let seen = world.seen();
    assert!(seen.is_sorted_by(|a, b| a.at < b.at));
    assert!(seen.is_sorted_by(|a, b| a.aggregator_round_id + 1 == b.aggregator_round_id));
    for index in 0..N {
        for event in ["observation signed", "report signed"] {
            let rounds = signed(&world, index, event);
            assert!(
                !rounds.is_empty(),
                "oracle {index}: no {event:?} in the log"
            );
            let distinct: BTreeSet<&String> = rounds.iter().collect();
            assert_eq!(
                distinct.len(),
                rounds.len(),
                "oracle {index} repeated {event:?}"
            );
        }
    }
    world.committee.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_is_asked_to_stop_exits_with_zero() {
    let mut world = World::start(ProtocolName::Ocr2).await;
    world.wait_for_reports(1).await;
    for index in 0..N {
        let status = world.committee.stop(index).await;
        assert!(
            status.is_some_and(|status| status.success()),
            "{status:?}\n{}",
            world.logs()
        );
        assert!(world.committee.log(index).trim_end().ends_with("stopped"));
    }
    world.committee.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_is_asked_to_stop_while_it_starts_exits_with_zero() {
    let mut world = World::start(ProtocolName::Ocr2).await;
    world.committee.stop(0).await;
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let rpc = format!("chain.rpc_url=http://{}", silent.local_addr().unwrap());
    for asked in ["TERM", "INT", "end of input"] {
        let mut starting = Command::new(env!("CARGO_BIN_EXE_ocr"))
            .args(["--log-format", "json", "run", "--leash", "--set", &rpc])
            .args(["--set", "chain.rpc_timeout=20s", "--config"])
            .arg(world.committee.directory(0).join("node.toml"))
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It waits for an answer now.
        let (_connection, _) = silent.accept().unwrap();
        if asked == "end of input" {
            starting.stdin = None;
        } else {
            let id = starting.id().to_string();
            let sent = Command::new("kill").args(["-s", asked, &id]).status();
            assert!(sent.unwrap().success());
        }
        let mut lines = BufReader::new(starting.stderr.take().unwrap()).lines();
        let line: serde_json::Value =
            serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(line["fields"]["message"], "stopped before it had started");
        assert!(line["fields"]["signal"].as_str().unwrap().ends_with(asked));
        let status = starting.wait().unwrap();
        assert!(status.success(), "{status}");
    }
    world.committee.end().await;
}
