//! Wrong input: one clear error each, that says what, where and what to do.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use ocr_chain::anvil::{Anvil, AnvilOptions, CHAIN_ID};
use ocr_node::feed::ProtocolName;
use tempfile::TempDir;

use crate::committee::World;

/// A node's directory: keys, password, and a configuration to be spoilt.
struct Node {
    directory: TempDir,
}

/// An account without code on any chain.
const NOBODY: &str = "0x00000000000000000000000000000000000000aa";

impl Node {
    fn new(rpc_url: &str) -> Self {
        let node = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::write(node.path("password"), "correct horse\n").unwrap();
        let made = ocr(&[
            "keys",
            "new",
            "--dir",
            &node.path("keys"),
            "--password-file",
            &node.path("password"),
        ]);
        assert!(made.status.success(), "{}", stderr(&made));
        std::fs::write(node.path("node.toml"), config(rpc_url)).unwrap();
        node
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn run(&self, overrides: &[&str]) -> Output {
        let config = self.path("node.toml");
        let mut arguments = vec!["run", "--config", &config];
        for value in overrides {
            arguments.extend(["--set", value]);
        }
        ocr(&arguments)
    }

    /// Runs the node and expects it to end with one line of error that contains every one of `parts`.
    fn fails_with(&self, overrides: &[&str], parts: &[&str]) {
        let output = self.run(overrides);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let text = stderr(&output);
        let errors: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert_eq!(errors.len(), 1, "{text}");
        assert_eq!(text.lines().last(), Some(errors[0]), "{text}");
        for part in parts {
            assert!(errors[0].contains(part), "{part:?} is not in: {text}");
        }
        assert!(!text.contains("panicked"), "{text}");
    }
}

fn config(rpc_url: &str) -> String {
    format!(
        r#"version = 1
[keys]
directory = "keys"
password_file = "password"
[chain]
rpc_url = "{rpc_url}"
chain_id = {CHAIN_ID}
aggregator = "{NOBODY}"
max_fee_gwei = 100
[network]
listen = ["/ip4/127.0.0.1/tcp/0"]
[store]
path = "ocr.redb"
[source]
urls = ["http://127.0.0.1:9/"]
pointer = "/price"
decimals = 8
[juels_per_fee_coin]
fixed = "7000000000000000"
"#
    )
}

fn ocr(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ocr"))
        .args(arguments)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An address that refuses connections.
const RPC_DOWN: &str = "http://127.0.0.1:9";

#[test]
fn node_toml_that_is_missing_malformed_or_of_another_version() {
    let node = Node::new(RPC_DOWN);
    let write = |text: &str| std::fs::write(node.path("node.toml"), text).unwrap();
    let good = config(RPC_DOWN);

    std::fs::remove_file(node.path("node.toml")).unwrap();
    node.fails_with(&[], &["node.toml", "no such file", "--config"]);
    write("version = 1\n[keys\n");
    node.fails_with(&[], &["node.toml", "TOML, line 2, column "]);
    write(&good.replace("rpc_url", "rcp_url"));
    node.fails_with(&[], &["node.toml", "rcp_url"]);
    write(&good.replace("version = 1", "version = 7"));
    node.fails_with(&[], &["version 7, this node reads version 1"]);
    write(&good.replace(NOBODY, "0x12"));
    node.fails_with(&[], &["aggregator"]);
    write(&good);
    node.fails_with(
        &["chain.confirmations=0"],
        &["chain.confirmations is 0", "1 to 100"],
    );
    node.fails_with(
        &["chain.poll_interval=1h"],
        &["chain.poll_interval is 3600s", "1 s to 120 s"],
    );
    node.fails_with(&["source.urls=[]"], &["source.urls is empty"]);
    node.fails_with(&["chain"], &["--set chain: write it as section.key=value"]);
    node.fails_with(
        &["source.urls=[\"ftp://x/\"]"],
        &["source.urls", "only http and https"],
    );
    node.fails_with(
        &["juels_per_fee_coin.fixed=many"],
        &["juels_per_fee_coin.fixed", "many"],
    );
    node.fails_with(
        &["network.listen=[\"here\"]"],
        &["network.listen", "here", "/ip4/"],
    );
}

#[test]
fn sources_that_could_never_be_observed() {
    let node = Node::new(RPC_DOWN);
    let good = config(RPC_DOWN);
    let source = good.replace(
        "fixed = \"7000000000000000\"",
        "urls = [\"http://127.0.0.1:9/\"]\npointer = \"/juels\"\ndecimals = 18",
    );
    std::fs::write(node.path("node.toml"), source).unwrap();
    for section in ["source", "juels_per_fee_coin"] {
        for (value, part) in [
            ("pointer=price", "pointer is \"price\""),
            ("decimals=58", "decimals is 58"),
            ("timeout=0s", "timeout is 0ns"),
            ("timeout=61s", "timeout is 61s"),
            ("urls=[\"http://[\"]", "urls[0]"),
        ] {
            node.fails_with(&[&format!("{section}.{value}")], &[section, part]);
        }
    }
    node.fails_with(
        &["juels_per_fee_coin.urls=[]"],
        &["juels_per_fee_coin: give `fixed`, or `urls`"],
    );
}

#[test]
fn juels_are_fixed_or_a_source_and_overrides_switch_between_them() {
    let node = Node::new(RPC_DOWN);
    // What is good gets as far as the chain, which is down.
    let down = &["chain.rpc_url"];
    node.fails_with(&["juels_per_fee_coin.fixed=7000000000000000"], down);
    node.fails_with(
        &["juels_per_fee_coin.fixed=-1"],
        &["juels_per_fee_coin.fixed", "at least 0"],
    );
    node.fails_with(&["juels_per_fee_coin.fixd=1"], &["`fixd`"]);
    let source = "juels_per_fee_coin={urls=[\"http://127.0.0.1:9/\"],pointer=\"/p\",decimals=18}";
    node.fails_with(&[source], &["both `fixed` and `urls`"]);
    node.fails_with(&[source, "juels_per_fee_coin.fixed="], down);
    let output = stderr(&node.run(&["source.unknown=1"]));
    assert!(output.contains("source.unknown: unknown field"), "{output}");
    assert!(!output.contains(".rs"), "{output}");
}

#[test]
fn keys_new_leaves_the_mode_of_a_directory_that_exists() {
    let directory = tempfile::tempdir().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
    let password = directory.path().join("password").display().to_string();
    std::fs::write(&password, "correct horse\n").unwrap();
    for (name, expected) in [("", 0o755), ("made", 0o700)] {
        let path = directory.path().join(name);
        let keys = path.display().to_string();
        let made = ocr(&["keys", "new", "--dir", &keys, "--password-file", &password]);
        assert!(made.status.success(), "{}", stderr(&made));
        assert_eq!(mode(&path), expected, "{keys}");
        assert_eq!(mode(&path.join("peer.json")), 0o600);
    }
}

#[test]
fn environment_overrides_the_file_and_flags_override_both() {
    let node = Node::new(RPC_DOWN);
    let config = node.path("node.toml");
    let run = |flags: &[&str]| {
        let mut arguments = vec!["run", "--config", &config];
        arguments.extend(flags);
        let output = Command::new(env!("CARGO_BIN_EXE_ocr"))
            .args(arguments)
            .env("OCR_CHAIN__CONFIRMATIONS", "200")
            .output()
            .unwrap();
        stderr(&output)
    };
    assert!(run(&[]).contains("chain.confirmations is 200"));
    assert!(run(&["--set", "chain.confirmations=300"]).contains("chain.confirmations is 300"));
}

#[test]
fn keys_that_are_missing_damaged_or_locked_with_another_password() {
    let node = Node::new(RPC_DOWN);
    std::fs::write(node.path("password"), "wrong\n").unwrap();
    node.fails_with(
        &[],
        &[
            "onchain.json",
            "the password is wrong",
            "keys.password_file",
        ],
    );
    std::fs::write(node.path("password"), "").unwrap();
    node.fails_with(&[], &["password", "the password is empty"]);
    std::fs::write(node.path("password"), "correct horse\n").unwrap();

    let peer = node.path("keys/peer.json");
    let intact = std::fs::read_to_string(&peer).unwrap();
    for damaged in [
        "{}".to_owned(),
        intact[..intact.len() / 2].to_owned(),
        intact.replace("\"dklen\":32", "\"dklen\":3"),
        intact.replace("\"n\":8192", "\"n\":8191"),
        intact.replace("\"n\":8192", "\"n\":2147483648"),
        intact.replace("\"version\":3", "\"version\":2"),
    ] {
        assert_ne!(damaged, intact);
        std::fs::write(&peer, damaged).unwrap();
        node.fails_with(&[], &["peer.json", "not a Web3 Secret Storage v3 file"]);
    }
    std::fs::remove_file(&peer).unwrap();
    node.fails_with(&[], &["peer.json", "no such key file", "ocr keys new"]);

    let again = ocr(&[
        "keys",
        "new",
        "--dir",
        &node.path("keys"),
        "--password-file",
        &node.path("password"),
    ]);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        stderr(&again).contains("never overwritten"),
        "{}",
        stderr(&again)
    );
}

#[test]
fn keys_show_prints_the_card_that_keys_new_printed() {
    let directory = tempfile::tempdir().unwrap();
    let password = directory.path().join("password").display().to_string();
    let keys = directory.path().join("keys").display().to_string();
    std::fs::write(&password, "correct horse\n").unwrap();
    let made = ocr(&["keys", "new", "--dir", &keys, "--password-file", &password]);
    let shown = ocr(&["keys", "show", "--dir", &keys, "--password-file", &password]);
    assert_eq!(made.stdout, shown.stdout);
    let card = String::from_utf8(shown.stdout).unwrap();
    for key in [
        "signer",
        "transmitter",
        "offchain_public_key",
        "config_public_key",
        "12D3KooW",
    ] {
        assert!(card.contains(key), "{card}");
    }
}

#[test]
fn rpc_that_is_down() {
    let node = Node::new(RPC_DOWN);
    node.fails_with(&[], &["chain.rpc_url", "127.0.0.1:9"]);
}

#[test]
fn database_that_is_damaged() {
    let node = Node::new(RPC_DOWN);
    std::fs::write(node.path("ocr.redb"), b"this is not a database").unwrap();
    node.fails_with(&[], &["ocr.redb", "damaged", "restore a copy"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn chain_that_is_another_one_or_has_no_aggregator() {
    let anvil = Anvil::start(&AnvilOptions::default()).await.unwrap();
    let node = Node::new(&anvil.url());
    tokio::task::spawn_blocking(move || {
        node.fails_with(&["chain.chain_id=1"], &["chain.rpc_url", "1337"]);
        node.fails_with(&[], &["no contract", "1337"]);
    })
    .await
    .unwrap();
    anvil.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_or_oracle_holds() {
    let mut world = World::start(ProtocolName::Ocr2).await;
    world.wait_for_reports(1).await;
    let run = |directory: &Path, overrides: &[&str]| {
        let config = directory.join("node.toml").display().to_string();
        let mut arguments = vec!["run", "--config", &config];
        arguments.extend(overrides);
        stderr(&ocr(&arguments))
    };
    let directory = world.committee.directory(0).to_owned();
    let error = run(&directory, &[]);
    assert!(
        error.contains("ocr.redb: in use by another process"),
        "{error}"
    );

    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let listen = format!("network.listen=[\"/ip4/127.0.0.1/tcp/{port}\"]");
    let error = run(
        &directory,
        &["--set", &listen, "--set", "store.path=\"other.redb\""],
    );
    assert!(
        error.contains("network.listen") && error.contains(&port.to_string()),
        "{error}"
    );

    world.committee.stop(0).await;
    // The first contract of the local chain is its LINK token.
    let link = "chain.aggregator=0x5FbDB2315678afecb367f032d93F642f64180aa3";
    let error = run(&directory, &["--set", link]);
    assert!(
        error.contains("error: chain.aggregator: ") && error.contains("no aggregator of OCR1 or"),
        "{error}"
    );
    let config = std::fs::read_to_string(directory.join("node.toml")).unwrap();
    let (without, _) = config.split_once("[juels_per_fee_coin]").unwrap();
    let poor = tempfile::tempdir_in(&directory).unwrap();
    std::fs::write(poor.path().join("node.toml"), without).unwrap();
    let keys = format!("keys.directory={:?}", directory.join("keys"));
    let password = format!("keys.password_file={:?}", directory.join("password"));
    let error = run(poor.path(), &["--set", &keys, "--set", &password]);
    assert!(
        error.contains("error: juels_per_fee_coin: missing"),
        "{error}"
    );

    let foreign = directory.join("ocr.redb").display().to_string();
    let stranger = world.committee.directory(1).to_owned();
    let error = run(&stranger, &["--set", &format!("store.path={foreign:?}")]);
    assert!(
        error.contains("ocr.redb: belongs to") && error.contains("store.path"),
        "{error}"
    );
    world.committee.end().await;
}

#[test]
fn setconfig_encode_refuses_what_contract_or_oracles_would() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let password = path("password");
    std::fs::write(&password, "correct horse\n").unwrap();
    let mut cards = Vec::new();
    for index in 0..4 {
        let keys = path(&format!("keys-{index}"));
        let card = path(&format!("card-{index}.toml"));
        let made = ocr(&["keys", "new", "--dir", &keys, "--password-file", &password]);
        std::fs::write(&card, made.stdout).unwrap();
        cards.push(card);
    }
    let parameters = ocr_node::devnet::local_parameters(ProtocolName::Ocr2, 4);
    let good = toml::to_string(&parameters).unwrap();
    let encode = |text: &str, cards: &[String]| {
        let params = path("feed.toml");
        std::fs::write(&params, text).unwrap();
        let mut arguments = vec!["setconfig", "encode", "--params", &params, "--oracles"];
        arguments.extend(cards.iter().map(String::as_str));
        ocr(&arguments)
    };

    let encoded = encode(&good, &cards);
    assert!(encoded.status.success(), "{}", stderr(&encoded));
    let json: serde_json::Value = serde_json::from_slice(&encoded.stdout).unwrap();
    assert_eq!(json["signers"].as_array().unwrap().len(), 4);
    assert!(json["calldata"].as_str().unwrap().starts_with("0xe3d0e712"));

    for (text, given, part) in [
        (good.replace("f = 1", "f = 2"), &cards[..], "more than 3f"),
        (good.replace("f = 1", "f = 0"), &cards[..], "f = 0"),
        (
            good.replace("s = [1, 1, 1, 1]", "s = [1, 1]"),
            &cards[..],
            "stages cover 2 of 4",
        ),
        (
            good.replace("delta_round = \"1s\"", "delta_round = \"1h\""),
            &cards[..],
            "DeltaRound",
        ),
        (
            good.replace("min_answer = \"1\"", "min_answer = \"one\""),
            &cards[..],
            "onchain.min_answer",
        ),
        (good.replace("r_max", "rmax"), &cards[..], "rmax"),
        (
            good.clone(),
            &[
                cards[0].clone(),
                cards[0].clone(),
                cards[1].clone(),
                cards[2].clone(),
            ],
            "oracles 0 and 1 have the same signer",
        ),
        (
            good.clone(),
            &[cards[0].clone(), path("nobody.toml")],
            "nobody.toml",
        ),
    ] {
        let refused = encode(&text, given);
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            stderr(&refused).contains(part),
            "{part:?} is not in: {}",
            stderr(&refused)
        );
    }
}
