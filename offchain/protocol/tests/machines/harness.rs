//! Shorthand for the committee's messages, all with real keys.

use ocr_protocol::attestation::{AttestedReport, extra_hash, sign_report};
use ocr_protocol::config::{Config, PublicConfig};
use ocr_protocol::id::{Epoch, EpochRound, OracleId, Round};
use ocr_protocol::int192::Int192;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::{Observation, ObservationCodec, SignedObservation};
use ocr_protocol::oracle::ocr2::Oracle;
use ocr_protocol::oracle::{Input, Output, Persisted, ReadPurpose};
use ocr_protocol::report::{ChainView, LatestTransmission, Median, MedianConfig};
use ocr_protocol::time::{Instant, UnixSeconds};

pub(crate) use crate::common::{digest, draft, keyring, millis};

/// Hash of query and observations in reports that a test makes up.
pub(crate) const EXTRA_HASH: [u8; 32] = [0xee; 32];

pub(crate) fn oid(index: usize) -> OracleId {
    OracleId::new(index, 4).expect("one of four")
}

pub(crate) const fn at(epoch: u32, round: u8) -> EpochRound {
    EpochRound::new(epoch, round)
}

pub(crate) const fn epoch(number: u32) -> Epoch {
    Epoch::new(number)
}

pub(crate) const fn round(number: u8) -> Round {
    Round::new(number)
}

/// The instant `millis` milliseconds after the start.
pub(crate) fn ms(millis: u64) -> Instant {
    Instant::from_nanos(millis * 1_000_000)
}

/// The committee's configuration as oracle `me` sees it; two oracles share the last stage.
pub(crate) fn config(me: usize) -> Config {
    draft(4, 1)
        .with(|draft| draft.offchain.s = vec![1, 1, 2])
        .config_of(me)
}

pub(crate) fn public() -> PublicConfig {
    config(0).public
}

/// Reports on 5 % deviation or after an hour; accepts on 5 % deviation.
pub(crate) fn median(config: &PublicConfig) -> Median {
    let plugin = MedianConfig {
        alpha_report_ppb: 50_000_000,
        alpha_accept_ppb: 50_000_000,
        delta_c: millis(3_600_000),
        ..MedianConfig::default()
    };
    Median::new(config, plugin, CODEC).expect("bounds of the draft")
}

/// Fixed-width observations, in place of the protobuf that `ocr-wire` knows.
pub(crate) const CODEC: ObservationCodec = ObservationCodec { encode, decode };

fn encode(observation: &Observation) -> Vec<u8> {
    let mut bytes = observation.timestamp_seconds.to_be_bytes().to_vec();
    bytes.extend(observation.value.to_be_bytes());
    bytes.extend(observation.juels_per_fee_coin.to_be_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<Observation> {
    let (timestamp, numbers) = bytes.split_first_chunk()?;
    let (value, juels) = numbers.split_first_chunk()?;
    Some(Observation {
        timestamp_seconds: u32::from_be_bytes(*timestamp),
        value: Int192::from_be_bytes(*value),
        juels_per_fee_coin: Int192::decode(juels)?,
        gas_price_subunits: None,
    })
}

pub(crate) fn observation(value: i64) -> Observation {
    Observation {
        timestamp_seconds: 1_700_000_000,
        value: Int192::from(value),
        juels_per_fee_coin: Int192::from(7),
        gas_price_subunits: None,
    }
}

/// What oracle `observer` sends the leader: it observed `value`.
pub(crate) fn signed_observation(observer: usize, at: EpochRound, value: i64) -> SignedObservation {
    let bytes = encode(&observation(value));
    SignedObservation::sign(&keyring(observer), digest(), at, &[], bytes)
}

/// Signed observations of `observers`; oracle j observes 100 + j.
pub(crate) fn observations(
    at: EpochRound,
    observers: &[usize],
) -> Vec<(OracleId, SignedObservation)> {
    let signed = |&observer: &usize| {
        (
            oid(observer),
            signed_observation(observer, at, 100 + observer as i64),
        )
    };
    observers.iter().map(signed).collect()
}

/// Oracle `signer`'s vote for `report` on `observations`.
pub(crate) fn vote_on(
    signer: usize,
    at: EpochRound,
    observations: &[(OracleId, SignedObservation)],
    report: &[u8],
) -> ReportVote {
    vote(signer, at, &extra_hash(&[], observations), report)
}

pub(crate) fn vote(
    signer: usize,
    at: EpochRound,
    extra_hash: &[u8; 32],
    report: &[u8],
) -> ReportVote {
    let signature = sign_report(&keyring(signer), digest(), at, extra_hash, report);
    ReportVote {
        skip: false,
        report: report.to_vec(),
        signature,
    }
}

pub(crate) fn skip() -> ReportVote {
    ReportVote {
        skip: true,
        ..ReportVote::default()
    }
}

/// A report that `signers` attested; no plugin can read it.
pub(crate) fn attested(at: EpochRound, signers: &[usize]) -> AttestedReport {
    attested_as(at, signers, b"report".to_vec())
}

/// A report of the median 101 that oracles 0 and 3 attested.
pub(crate) fn readable(at: EpochRound) -> AttestedReport {
    attested_as(at, &[0, 3], median_report())
}

/// What every oracle reports on the observations of 0, 1 and 3, for the first time.
pub(crate) fn median_report() -> Vec<u8> {
    let list = observations(EpochRound::new(1, 1), &[0, 1, 3]);
    let list: Vec<_> = list
        .iter()
        .map(|(oracle, signed)| (*oracle, &signed.observation[..]))
        .collect();
    let report = median(&public()).report(&fresh_chain(), &list);
    report
        .expect("three observations")
        .expect("nothing was reported before")
}

fn attested_as(at: EpochRound, signers: &[usize], report: Vec<u8>) -> AttestedReport {
    let signatures = signers
        .iter()
        .map(|&signer| {
            (
                Some(oid(signer)),
                vote(signer, at, &EXTRA_HASH, &report).signature,
            )
        })
        .collect();
    AttestedReport {
        at,
        extra_hash: EXTRA_HASH,
        report,
        signatures,
    }
}

pub(crate) fn new_epoch(number: u32) -> Message {
    Message::NewEpoch {
        epoch: epoch(number),
    }
}

pub(crate) fn observe_req(at: EpochRound) -> Message {
    Message::ObserveReq {
        at,
        query: Vec::new(),
    }
}

pub(crate) fn observe(observer: usize, at: EpochRound) -> Message {
    let value = 100 + observer as i64;
    Message::Observe {
        at,
        observation: signed_observation(observer, at, value),
    }
}

pub(crate) fn report_req(at: EpochRound, observers: &[usize]) -> Message {
    Message::ReportReq {
        at,
        query: Vec::new(),
        observations: observations(at, observers),
    }
}

/// What a chain shows that has taken the report of round `at`, answer 100, a moment ago.
pub(crate) fn chain_at(at: EpochRound) -> ChainView {
    let now = UnixSeconds(1_700_000_000);
    let answer = Int192::from(100);
    ChainView {
        now,
        latest: LatestTransmission {
            digest: digest(),
            at,
            answer,
            timestamp: now,
        },
        requested: Default::default(),
    }
}

/// What a chain shows before the first report.
pub(crate) fn fresh_chain() -> ChainView {
    let mut view = chain_at(EpochRound::default());
    view.latest.answer = Int192::ZERO;
    view
}

/// One oracle, driven by hand.
pub(crate) struct Bench {
    pub(crate) me: usize,
    pub(crate) oracle: Oracle,
    pub(crate) now: Instant,
}

impl Bench {
    /// Oracle `me`, started with nothing stored and a contract that shows nothing.
    pub(crate) fn started(me: usize) -> Self {
        Self::restarted(me, Persisted::default()).0
    }

    /// Oracle `me`, started with what is stored; and its outputs.
    pub(crate) fn restarted(me: usize, persisted: Persisted) -> (Self, Vec<Output>) {
        let config = config(me);
        let median = median(&config.public);
        let oracle = Oracle::restore(config, keyring(me), median, persisted, None);
        let mut bench = Self {
            me,
            oracle,
            now: Instant::START,
        };
        let out = bench.handle(Input::Start);
        (bench, out)
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
        self.handle(Input::Observed {
            at,
            result: Ok(observation(value)),
        })
    }

    pub(crate) fn read(
        &mut self,
        at: EpochRound,
        purpose: ReadPurpose,
        view: ChainView,
    ) -> Vec<Output> {
        self.handle(Input::ChainRead {
            at,
            purpose,
            result: Ok(view),
        })
    }

    /// Brings the oracle into `number` by the word of the three others.
    pub(crate) fn enter(&mut self, number: u32) -> Vec<Output> {
        let others: Vec<_> = (0..4).filter(|&other| other != self.me).collect();
        others
            .into_iter()
            .flat_map(|other| self.hear(other, new_epoch(number)))
            .collect()
    }
}
