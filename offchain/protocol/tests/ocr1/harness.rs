//! The committee of the vectors, with its real keys.

use core::time::Duration;
use std::sync::LazyLock;

use alloy_primitives::Address;
use ocr_protocol::attestation::{AttestedReport, sign_report};
use ocr_protocol::config::ocr1::{ChainChecks, OffchainConfig, Timeouts};
use ocr_protocol::config::{Config, ConfigError, ContractConfig, PublicConfig};
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::Keyring;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::{Observation, SignedObservation};
use ocr_protocol::oracle::ocr1::Oracle;
use ocr_protocol::oracle::{Failed, Input, Output, Persisted, ReadPurpose};
use ocr_protocol::report::ocr1::{Median, encode_report};
use ocr_protocol::report::{ChainView, LatestTransmission, MedianConfig, RoundRequest};
use ocr_protocol::secret::SharedSecretEncryptions;
use ocr_protocol::time::{Instant, UnixSeconds};
use serde_json::Value;

/// Timeouts of this operator.
pub(crate) const TIMEOUTS: Timeouts = Timeouts {
    source: Duration::from_secs(6),
    blockchain: Duration::from_secs(20),
};

pub(crate) fn vectors() -> &'static Value {
    static VECTORS: LazyLock<Value> = LazyLock::new(read);
    &VECTORS
}

fn read() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../vectors/ocr1-offchain.json"
    );
    let text = std::fs::read_to_string(path).expect("vectors/ocr1-offchain.json");
    serde_json::from_str(&text).expect("vectors/ocr1-offchain.json is JSON")
}

/// Bytes of a string of hex digits.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("hex expected, not {value}"));
    hex::decode(text).unwrap_or_else(|error| panic!("{value}: {error}"))
}

pub(crate) fn array<const N: usize>(value: &Value) -> [u8; N] {
    let bytes = bytes(value);
    bytes
        .try_into()
        .unwrap_or_else(|_| panic!("{N} bytes expected: {value}"))
}

pub(crate) fn list(value: &Value) -> &[Value] {
    let list = value
        .as_array()
        .unwrap_or_else(|| panic!("a list expected, not {value}"));
    assert!(!list.is_empty(), "an empty list tests nothing");
    list
}

pub(crate) fn number<T: TryFrom<i64>>(value: &Value) -> T {
    let number = value.as_i64().and_then(|number| T::try_from(number).ok());
    number.unwrap_or_else(|| panic!("a number expected, not {value}"))
}

pub(crate) fn oid(index: usize) -> OracleId {
    OracleId::new(index, 4).expect("one of four")
}

pub(crate) const fn at(epoch: u32, round: u8) -> EpochRound {
    EpochRound::new(epoch, round)
}

pub(crate) fn digest() -> ConfigDigest {
    ConfigDigest::from_ocr1(array(&vectors()["configDigest"]))
}

pub(crate) fn keyring(index: usize) -> Keyring {
    let oracle = &vectors()["oracles"][index];
    let keyring = Keyring::new(
        &array(&oracle["ecdsaSecret"]),
        &array(&oracle["ed25519Seed"]),
        &array(&oracle["x25519Secret"]),
    );
    keyring.expect("the vectors' secrets are keys")
}

pub(crate) fn peer_id(index: usize) -> String {
    let text = vectors()["oracles"][index]["peerID"]
        .as_str()
        .map(str::to_owned);
    text.expect("a peer id")
}

pub(crate) fn transmitter(index: usize) -> Address {
    Address::from(array(&vectors()["oracles"][index]["transmitAddress"]))
}

/// What goes into a configuration, before any check.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) contract: ContractConfig,
    pub(crate) offchain: OffchainConfig,
    pub(crate) checks: ChainChecks,
}

/// The configuration of the vectors.
pub(crate) fn draft() -> Draft {
    let vectors = vectors();
    let config = &vectors["config"];
    let oracles = list(&vectors["oracles"]);
    let address = |oracle: &Value, name: &str| Address::from(array::<20>(&oracle[name]));
    Draft {
        contract: ContractConfig {
            digest: digest(),
            count: number(&vectors["configCount"]),
            signers: oracles
                .iter()
                .map(|it| address(it, "signingAddress"))
                .collect(),
            transmitters: (0..4).map(transmitter).collect(),
            f: number(&config["f"]),
            onchain_config: Vec::new(),
            offchain_config_version: 1,
            offchain_config: bytes(&vectors["encoded"]),
        },
        offchain: OffchainConfig {
            delta_progress_nanos: number(&config["deltaProgress"]),
            delta_resend_nanos: number(&config["deltaResend"]),
            delta_round_nanos: number(&config["deltaRound"]),
            delta_grace_nanos: number(&config["deltaGrace"]),
            delta_c_nanos: number(&config["deltaC"]),
            alpha_ppb: number(&config["alphaPPB"]),
            delta_stage_nanos: number(&config["deltaStage"]),
            r_max: number(&config["rMax"]),
            s: list(&config["s"]).iter().map(number).collect(),
            offchain_public_keys: (0..4).map(|index| keyring(index).offchain_key()).collect(),
            peer_ids: (0..4).map(peer_id).collect(),
            shared_secret: SharedSecretEncryptions {
                diffie_hellman_point: array(&vectors["diffieHellmanPoint"]),
                hash: array(&vectors["sharedSecretHash"]),
                encryptions: list(&vectors["encryptions"]).iter().map(array).collect(),
            },
        },
        checks: ChainChecks::Skipped,
    }
}

impl Draft {
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn public(self) -> Result<PublicConfig, ConfigError> {
        PublicConfig::new_ocr1(&self.contract, self.offchain, self.checks, TIMEOUTS)
    }

    pub(crate) fn config_of(self, index: usize) -> Result<Config, ConfigError> {
        let public = self.public()?;
        Config::new(public, &keyring(index), &peer_id(index), transmitter(index))
    }
}

pub(crate) fn config(index: usize) -> Config {
    draft()
        .config_of(index)
        .expect("the vectors' configuration is valid")
}

/// What `observer` sends the leader: it observed `value`.
pub(crate) fn signed(observer: usize, at: EpochRound, value: i64) -> SignedObservation {
    let bytes = Int192::from(value).to_be_bytes().to_vec();
    SignedObservation::sign(&keyring(observer), digest(), at, &[], bytes)
}

/// Signed observations in this order: who, and which value.
pub(crate) fn signed_list(
    at: EpochRound,
    list: &[(usize, i64)],
) -> Vec<(OracleId, SignedObservation)> {
    let entry = |&(observer, value): &(usize, i64)| (oid(observer), signed(observer, at, value));
    list.iter().map(entry).collect()
}

/// The report over this list.
pub(crate) fn report(list: &[(usize, i64)]) -> Vec<u8> {
    let entry = |&(observer, value): &(usize, i64)| (observer as u8, Int192::from(value));
    let list: Vec<_> = list.iter().map(entry).collect();
    encode_report(&list).expect("at most 32")
}

/// What `signer` sends the leader for the report over this list.
pub(crate) fn vote(signer: usize, at: EpochRound, list: &[(usize, i64)]) -> ReportVote {
    let report = report(list);
    let signature = sign_report(&keyring(signer), digest(), at, &[0; 32], &report);
    ReportVote {
        skip: false,
        report,
        signature,
    }
}

/// The report over this list with nameless signatures, as it comes over the wire.
pub(crate) fn attested(at: EpochRound, list: &[(usize, i64)], signers: &[usize]) -> AttestedReport {
    let signature = |&signer: &usize| (None, vote(signer, at, list).signature);
    AttestedReport {
        at,
        extra_hash: [0; 32],
        report: report(list),
        signatures: signers.iter().map(signature).collect(),
    }
}

/// A chain on which nothing is due: answer 100 of round 1.0, a moment ago.
pub(crate) fn settled() -> ChainView {
    let now = UnixSeconds(1_700_000_000);
    ChainView {
        now,
        latest: LatestTransmission {
            digest: digest(),
            at: at(1, 0),
            answer: Int192::from(100),
            timestamp: now,
        },
        requested: RoundRequest::default(),
    }
}

/// A chain before its first report: one is due.
pub(crate) fn fresh() -> ChainView {
    let mut view = settled();
    view.latest.at = EpochRound::default();
    view
}

/// The instant `millis` milliseconds after the start.
pub(crate) fn ms(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// Returns oracle `me`, not started, with what is stored.
pub(crate) fn oracle(me: usize, persisted: Persisted) -> Oracle {
    let config = config(me);
    let plugin = MedianConfig {
        alpha_report_ppb: 100_000_000,
        alpha_accept_ppb: 100_000_000,
        delta_c: Duration::from_secs(100),
        ..MedianConfig::default()
    };
    let median = Median::new(&config.public, plugin);
    Oracle::restore(
        config,
        keyring(me),
        median,
        persisted,
        Some((digest(), Epoch::ZERO)),
    )
}

/// One oracle, driven by hand.
pub(crate) struct Bench {
    pub(crate) oracle: Oracle,
    pub(crate) now: Instant,
}

impl Bench {
    /// Oracle `me` of a committee in epoch 1, which oracle 0 leads; and what it did to start.
    pub(crate) fn started(me: usize, persisted: Persisted) -> (Self, Vec<Output>) {
        let now = Instant::START;
        let mut bench = Self {
            oracle: oracle(me, persisted),
            now,
        };
        let out = bench.handle(Input::Start);
        (bench, out)
    }

    /// Oracle `me`, which follows oracle 0 in round 1.1.
    pub(crate) fn following(me: usize) -> Self {
        let (mut bench, _) = Self::started(me, Persisted::default());
        bench.hear(
            0,
            Message::ObserveReq {
                at: at(1, 1),
                query: vec![],
            },
        );
        bench
    }

    pub(crate) fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.oracle.handle(self.now, input, &mut out);
        out
    }

    pub(crate) fn tick_at(&mut self, now: Instant) -> Vec<Output> {
        self.now = now;
        self.handle(Input::Tick)
    }

    pub(crate) fn hear(&mut self, from: usize, message: Message) -> Vec<Output> {
        self.handle(Input::Message {
            from: oid(from),
            message,
        })
    }

    pub(crate) fn observed(&mut self, at: EpochRound, value: i64) -> Vec<Output> {
        let observation = Observation {
            value: Int192::from(value),
            ..Observation::default()
        };
        self.handle(Input::Observed {
            at,
            result: Ok(observation),
        })
    }

    pub(crate) fn read(
        &mut self,
        at: EpochRound,
        purpose: ReadPurpose,
        view: Option<ChainView>,
    ) -> Vec<Output> {
        self.handle(Input::ChainRead {
            at,
            purpose,
            result: view.ok_or(Failed),
        })
    }
}

/// The one refusal among `out`, if there is one.
pub(crate) fn refusal(out: &[Output]) -> Option<DropReason> {
    let mut reasons = out.iter().filter_map(|output| match output {
        Output::Dropped { reason, .. } => Some(*reason),
        _ => None,
    });
    let reason = reasons.next();
    assert_eq!(reasons.next(), None, "{out:?}");
    reason
}

/// Everything but events.
pub(crate) fn deeds(out: Vec<Output>) -> Vec<Output> {
    out.into_iter()
        .filter(|output| !matches!(output, Output::Event(_)))
        .collect()
}
