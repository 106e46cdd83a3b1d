//! What the other oracles say: with their real keys, and true unless a flaw is asked for.

use core::cell::RefCell;
use std::collections::HashMap;

use ocr_protocol::attestation::{AttestedReport, extra_hash, sign_report};
use ocr_protocol::config::PublicConfig;
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::{Observation, SignedObservation};
use ocr_protocol::oracle::Output;
use ocr_protocol::report::{ParsedObservation, encode_report, go_sort, max_report_bytes, ocr1};
use ocr_wire::median::{decode_observation, encode_observation};

use super::step::{Flaw, Hear, Kind};
use crate::committee::Committee;

/// The median's, but for the query: that the median has none is the oracle's business.
fn limits(n: usize) -> PluginLimits {
    PluginLimits {
        max_query_bytes: 1,
        max_observation_bytes: 92,
        max_report_bytes: max_report_bytes(n),
    }
}

type List = Vec<(OracleId, SignedObservation)>;

/// All oracles' keys, and what was said last.
pub(super) struct Peers {
    committee: &'static Committee,
    public: &'static PublicConfig,
    protocol: Protocol,
    /// The observations of the last request for a report.
    listed: List,
}

impl Peers {
    pub(super) fn new(committee: &'static Committee) -> Self {
        let public = &committee.configs[0].public;
        Self {
            committee,
            public,
            protocol: public.digest.protocol(),
            listed: Vec::new(),
        }
    }

    /// Remembers what the oracle says as leader.
    pub(super) fn see(&mut self, output: &Output) {
        if let Output::Broadcast {
            message: Message::ReportReq { observations, .. },
        } = output
        {
            self.listed.clone_from(observations);
        }
    }

    /// Returns what comes out of a message's bytes; nothing when they are refused.
    pub(super) fn through_the_wire(&self, message: &Message) -> Option<Message> {
        let committee = self.public.committee;
        match self.protocol {
            Protocol::Ocr1 => {
                let bytes = ocr_wire::ocr1::message::encode(message);
                ocr_wire::ocr1::message::decode(&bytes, committee).ok()
            }
            Protocol::Ocr2 => {
                let bytes = ocr_wire::message::encode(message);
                ocr_wire::message::decode(&bytes, committee, &limits(committee.n())).ok()
            }
        }
    }

    /// Makes the message that `from` sends about round `at`.
    pub(super) fn message(&mut self, hear: &Hear, at: EpochRound, from: usize) -> Message {
        let flaw = hear.flaw();
        let query = match flaw {
            Flaw::Surplus => vec![1],
            _ => Vec::new(),
        };
        match hear.kind() {
            Kind::NewEpoch => Message::NewEpoch { epoch: at.epoch },
            Kind::ObserveReq => Message::ObserveReq { at, query },
            Kind::Observe => Message::Observe {
                at,
                observation: self.observed(from, at, hear.value(), flaw),
            },
            Kind::ReportReq => {
                self.listed = self.list(at, hear.value(), flaw);
                Message::ReportReq {
                    at,
                    query,
                    observations: self.listed.clone(),
                }
            }
            Kind::Report => Message::Report {
                at,
                vote: self.vote(from, at, flaw),
            },
            Kind::Skip => Message::Report {
                at,
                vote: ReportVote {
                    skip: true,
                    report: query,
                    signature: Vec::new(),
                },
            },
            Kind::Final => Message::Final(self.attested(at, from, flaw)),
            Kind::FinalEcho => Message::FinalEcho(self.attested(at, from, flaw)),
        }
    }

    fn observed(
        &self,
        observer: usize,
        at: EpochRound,
        choice: u8,
        flaw: Flaw,
    ) -> SignedObservation {
        let value = super::value(choice);
        let bytes = match (self.protocol, flaw) {
            (_, Flaw::Garbage) => vec![choice; 24],
            (Protocol::Ocr1, _) => value.to_be_bytes().to_vec(),
            (Protocol::Ocr2, _) => encode_observation(&Observation {
                timestamp_seconds: 1_700_000_000,
                value,
                juels_per_fee_coin: Int192::from(7),
                gas_price_subunits: None,
            }),
        };
        let signer = self.signer(observer, flaw);
        let digest = self.public.digest;
        let signing = Signing {
            digest,
            signer,
            at,
            extra_hash: None,
            bytes: bytes.clone(),
        };
        let mut signature = remembered(signing, || {
            let keyring = &self.committee.keyrings[signer];
            SignedObservation::sign(keyring, digest, at, &[], bytes.clone()).signature
        });
        spoil(&mut signature, flaw);
        SignedObservation {
            observation: bytes,
            signature,
        }
    }

    /// Everyone's observations in an honest leader's order, unless that is the flaw.
    fn list(&self, at: EpochRound, choice: u8, flaw: Flaw) -> List {
        let (committee, f) = (self.public.committee, self.public.committee.f());
        let mut list: List = committee
            .oracles()
            .map(|oracle| {
                let choice = (choice + oracle.get()) & 15;
                (oracle, self.observed(oracle.index(), at, choice, flaw))
            })
            .collect();
        if self.protocol == Protocol::Ocr1 {
            list.sort_by_key(|(_, signed)| Int192::decode(&signed.observation));
        }
        match flaw {
            Flaw::Repeated => list.push(list[0].clone()),
            Flaw::TooFew => list.truncate(2 * f),
            Flaw::Backwards => list.reverse(),
            _ => {}
        }
        list
    }

    fn vote(&self, signer: usize, at: EpochRound, flaw: Flaw) -> ReportVote {
        let report = self.report(at, flaw);
        let signature = self.sign(signer, at, &report, flaw);
        ReportVote {
            skip: false,
            report,
            signature,
        }
    }

    /// What a quorum signed, `first` and those who follow it.
    pub(super) fn attested(&self, at: EpochRound, first: usize, flaw: Flaw) -> AttestedReport {
        let n = self.public.committee.n();
        let quorum = self.public.committee.report_quorum();
        let count = match flaw {
            Flaw::TooFew => quorum - 1,
            Flaw::Surplus => quorum + 1,
            _ => quorum,
        };
        let report = self.report(at, flaw);
        let signatures = (0..count).map(|next| {
            let signer = match flaw {
                Flaw::Repeated => first,
                _ => (first + next) % n,
            };
            let name = match self.protocol {
                Protocol::Ocr1 => None,
                Protocol::Ocr2 => OracleId::new(signer, n),
            };
            (name, self.sign(signer, at, &report, flaw))
        });
        AttestedReport {
            at,
            extra_hash: self.extra_hash(),
            signatures: signatures.collect(),
            report,
        }
    }

    fn sign(&self, signer: usize, at: EpochRound, report: &[u8], flaw: Flaw) -> Vec<u8> {
        let signer = self.signer(signer, flaw);
        let (digest, extra_hash) = (self.public.digest, self.extra_hash());
        let signing = Signing {
            digest,
            signer,
            at,
            extra_hash: Some(extra_hash),
            bytes: report.to_vec(),
        };
        let mut signature = remembered(signing, || {
            let keyring = &self.committee.keyrings[signer];
            sign_report(keyring, digest, at, &extra_hash, report)
        });
        spoil(&mut signature, flaw);
        signature
    }

    /// Whose key is used.
    fn signer(&self, signer: usize, flaw: Flaw) -> usize {
        match flaw {
            Flaw::OthersSignature => (signer + 1) % self.committee.keyrings.len(),
            _ => signer,
        }
    }

    fn extra_hash(&self) -> [u8; 32] {
        match self.protocol {
            Protocol::Ocr1 => [0; 32],
            Protocol::Ocr2 => extra_hash(&[], &self.listed),
        }
    }

    /// The report that honest oracles make of what was listed last; else of their own.
    fn report(&self, at: EpochRound, flaw: Flaw) -> Vec<u8> {
        let others;
        let list = if flaw == Flaw::OtherReport || self.listed.is_empty() {
            others = self.list(at, 3, Flaw::None);
            &others
        } else {
            &self.listed
        };
        match (self.protocol, flaw) {
            (Protocol::Ocr1, _) => ocr1_report(list),
            (Protocol::Ocr2, Flaw::Garbage) => vec![0; 7],
            (Protocol::Ocr2, _) => ocr2_report(list),
        }
    }
}

/// What is signed, and by whom.
#[derive(PartialEq, Eq, Hash)]
struct Signing {
    digest: ConfigDigest,
    signer: usize,
    at: EpochRound,
    /// Nothing for an observation.
    extra_hash: Option<[u8; 32]>,
    bytes: Vec<u8>,
}

/// Signs unless it was signed before: signatures take most of the time, and the same ones come again.
fn remembered(signing: Signing, sign: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    const MOST: usize = 100_000;
    thread_local! {
        static SIGNED: RefCell<HashMap<Signing, Vec<u8>>> = RefCell::default();
    }
    SIGNED.with_borrow_mut(|signed| {
        if signed.len() == MOST {
            signed.clear();
        }
        signed.entry(signing).or_insert_with(sign).clone()
    })
}

fn spoil(signature: &mut Vec<u8>, flaw: Flaw) {
    match flaw {
        Flaw::ShortSignature => drop(signature.pop()),
        Flaw::NoSignature => signature.clear(),
        _ => {}
    }
}

fn ocr1_report(list: &List) -> Vec<u8> {
    let number = |(oracle, signed): &(OracleId, SignedObservation)| {
        Some((oracle.get(), Int192::decode(&signed.observation)?))
    };
    let numbers: Vec<_> = list.iter().filter_map(number).collect();
    ocr1::encode_report(&numbers).expect("at most 32")
}

fn ocr2_report(list: &List) -> Vec<u8> {
    let parse = |(observer, signed): &(OracleId, SignedObservation)| {
        Some(ParsedObservation {
            observer: *observer,
            observation: decode_observation(&signed.observation).ok()?,
        })
    };
    let mut parsed: Vec<_> = list.iter().filter_map(parse).collect();
    if parsed.is_empty() {
        return Vec::new();
    }
    go_sort::sort_by_key(&mut parsed, |parsed| parsed.observation.value);
    encode_report(parsed)
}
