//! `vectors/transmits.json`: whole transmits, accepted and refused, on the model of each aggregator.
//!
//! `test/vectors/Transmits.t.sol` sends the same calls to the contracts. `UPDATE_VECTORS=1` writes the file anew: then
//! the verdicts are the model's, and the contracts must agree.

use std::path::PathBuf;

use alloy_primitives::{Address, I256, U256, hex, keccak256, uint};
use ocr_protocol::attestation::report_context;
use ocr_protocol::id::{ConfigDigest, EpochRound, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::observation::round_tag;
use ocr_sim::chain::{Call, Contract};
use ocr_sim::committee::{ANSWER_BOUNDS, Committee, Instance, Parameters};
use ocr_sim::rng::{Stream, stream};
use serde::{Deserialize, Serialize};

/// Seed of the committees.
const SEED: u64 = 4;

/// Oracles, of which one may be faulty.
const N: usize = 4;

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Vectors {
    source: String,
    ocr1: Contracts,
    ocr2: Contracts,
}

/// A configured aggregator, and what it is sent, in order.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contracts {
    chain_id: u64,
    contract: String,
    signers: Vec<String>,
    transmitters: Vec<String>,
    f: u8,
    onchain_config: String,
    offchain_config_version: u64,
    offchain_config: String,
    min_answer: i64,
    max_answer: i64,
    digest: String,
    calls: Vec<Sent>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    name: String,
    sender: String,
    context: Vec<String>,
    report: String,
    rs: Vec<String>,
    ss: Vec<String>,
    raw_vs: String,
    appended_bytes: usize,
    /// `accepted`, the revert string, `no reason` or `panic 0x…`.
    verdict: String,
}

#[test]
fn the_models_judge_as_the_vectors_say() {
    let made = Vectors {
        source: "contracts-ocr1 5.4, contracts-ocr2 5.3: each guard broken, alone and with the next; written by \
                 offchain/sim/tests/transmits.rs, judged by test/vectors/Transmits.t.sol"
            .to_owned(),
        ocr1: contracts(Protocol::Ocr1),
        ocr2: contracts(Protocol::Ocr2),
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/transmits.json");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let json = serde_json::to_string_pretty(&made).unwrap() + "\n";
        std::fs::write(&path, json).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let committed: Vectors = serde_json::from_str(&text).unwrap();
    assert_eq!(
        made, committed,
        "UPDATE_VECTORS=1 writes what the model says; then run forge test"
    );
    for contracts in [&made.ocr1, &made.ocr2] {
        let accepted = contracts
            .calls
            .iter()
            .filter(|call| call.verdict == "accepted");
        assert!(accepted.count() >= 5);
        let mut verdicts: Vec<_> = contracts.calls.iter().map(|call| &call.verdict).collect();
        verdicts.sort_unstable();
        verdicts.dedup();
        assert!(
            verdicts.len() >= 14,
            "every guard refuses something: {verdicts:?}"
        );
    }
}

fn contracts(protocol: Protocol) -> Contracts {
    let bench = Bench::new(protocol);
    let config = &bench.instance.contract;
    let (min_answer, max_answer) = ANSWER_BOUNDS;
    let mut latest = EpochRound::default();
    let mut calls = Vec::new();
    for (name, call) in bench.calls() {
        let verdict = bench.contract.transmit(latest, &call);
        if let Ok(accepted) = verdict {
            latest = accepted.at;
        }
        let verdict = match verdict {
            Ok(_) => "accepted".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        calls.push(sent(name, &call, verdict));
    }
    Contracts {
        chain_id: 1337,
        contract: Address::repeat_byte(0xc0).to_string(),
        signers: config.signers.iter().map(Address::to_string).collect(),
        transmitters: config.transmitters.iter().map(Address::to_string).collect(),
        f: config.f,
        onchain_config: hex::encode_prefixed(&config.onchain_config),
        offchain_config_version: config.offchain_config_version,
        offchain_config: hex::encode_prefixed(&config.offchain_config),
        min_answer,
        max_answer,
        digest: hex::encode_prefixed(config.digest.on_chain()),
        calls,
    }
}

fn sent(name: String, call: &Call, verdict: String) -> Sent {
    let words = |words: &[[u8; 32]]| words.iter().map(hex::encode_prefixed).collect();
    Sent {
        name,
        sender: call.sender.to_string(),
        context: words(&call.context),
        report: hex::encode_prefixed(&call.report),
        rs: words(&call.rs),
        ss: words(&call.ss),
        raw_vs: hex::encode_prefixed(call.raw_vs),
        appended_bytes: call.appended_bytes,
        verdict,
    }
}

/// A guard, and how to break it.
type Break = (&'static str, fn(&mut Draft));

/// A call in the making.
struct Draft {
    digest: ConfigDigest,
    at: EpochRound,
    observers: Vec<u8>,
    observations: Vec<i64>,
    /// What is done to the report before it is signed.
    edits: Vec<fn(&mut Vec<u8>)>,
    /// Who signs; nobody, from `N` on.
    signers: Vec<usize>,
    /// What is done to the call after that.
    changes: Vec<fn(&mut Call)>,
    /// Who sends; a stranger, from `N` on.
    sender: usize,
}

struct Bench {
    committee: Committee,
    instance: Instance,
    contract: Contract,
}

impl Bench {
    fn new(protocol: Protocol) -> Self {
        let mut rng = stream(SEED, Stream::Keys);
        let parameters = Parameters::draw(&mut rng, protocol, N, 1);
        let committee = Committee::new(&mut rng, parameters);
        let instance = committee.instance(&mut rng, 1);
        let (min, max) = ANSWER_BOUNDS;
        let contract = Contract {
            config: instance.contract.clone(),
            min_answer: Int192::from(min),
            max_answer: Int192::from(max),
        };
        Self {
            committee,
            instance,
            contract,
        }
    }

    /// Each guard broken, alone and together with the next; valid calls between them.
    fn calls(&self) -> Vec<(String, Call)> {
        let (breaks, variants) = match self.instance.digest.protocol() {
            Protocol::Ocr1 => (OCR1_BREAKS, OCR1_VARIANTS),
            Protocol::Ocr2 => (OCR2_BREAKS, OCR2_VARIANTS),
        };
        let mut calls = Vec::new();
        let mut round = 1;
        for (place, (name, broken)) in breaks.iter().enumerate() {
            let mut draft = self.draft(round);
            broken(&mut draft);
            calls.push(((*name).to_owned(), self.call(&draft)));
            if let Some((next, also)) = breaks.get(place + 1) {
                let mut draft = self.draft(round);
                also(&mut draft);
                broken(&mut draft);
                calls.push((format!("{name}; {next}"), self.call(&draft)));
            }
            if place.is_multiple_of(4) {
                calls.push(("valid".to_owned(), self.call(&self.draft(round))));
                round += 1;
            }
        }
        for (name, vary) in variants {
            let mut draft = self.draft(round);
            vary(&mut draft);
            calls.push(((*name).to_owned(), self.call(&draft)));
            round += 1;
        }
        calls
    }

    fn draft(&self, round: u8) -> Draft {
        Draft {
            digest: self.instance.digest,
            at: EpochRound::new(3, round),
            observers: vec![3, 0, 1],
            observations: vec![100, 200, 300],
            edits: Vec::new(),
            signers: vec![2, 0],
            changes: Vec::new(),
            sender: 1,
        }
    }

    fn call(&self, draft: &Draft) -> Call {
        let mut report = report(draft);
        for edit in &draft.edits {
            edit(&mut report);
        }
        let context = report_context(draft.digest, draft.at, &EXTRA_HASH);
        let (context, hash) = match draft.digest.protocol() {
            Protocol::Ocr1 => ([[0; 32]; 3], keccak256(&report)),
            Protocol::Ocr2 => {
                let bytes = [keccak256(&report).as_slice(), context.as_flattened()].concat();
                (context, keccak256(bytes))
            }
        };
        let sender = match draft.sender {
            N.. => Address::repeat_byte(0x77),
            oracle => self.committee.transmitter(oracle),
        };
        let mut call = Call {
            sender,
            context,
            report,
            rs: Vec::new(),
            ss: Vec::new(),
            raw_vs: [0; 32],
            appended_bytes: 0,
        };
        for (place, signer) in draft.signers.iter().enumerate() {
            let mut signature = self.committee.keyring(signer % N).sign_onchain(&hash.0);
            if *signer >= N {
                signature[5] ^= 1;
            }
            let (halves, rest) = signature.as_chunks();
            call.rs.push(halves[0]);
            call.ss.push(halves[1]);
            call.raw_vs[place] = rest[0];
        }
        for change in &draft.changes {
            change(&mut call);
        }
        call
    }
}

fn report(draft: &Draft) -> Vec<u8> {
    let word = |number: i64| I256::unchecked_from(number).to_be_bytes::<32>();
    let mut observers = [0; 32];
    observers[..draft.observers.len()].copy_from_slice(&draft.observers);
    let mut words = match draft.digest.protocol() {
        Protocol::Ocr1 => vec![round_tag(draft.digest, draft.at), observers, word(0x60)],
        Protocol::Ocr2 => vec![word(1_700_000_000), observers, word(0x80), word(12_345)],
    };
    words.push(word(draft.observations.len() as i64));
    words.extend(draft.observations.iter().copied().map(word));
    words.concat()
}

/// `k` observations in ascending order.
fn observe(draft: &mut Draft, k: u8) {
    draft.observers = (0..k).collect();
    draft.observations = (1..=i64::from(k)).collect();
}

/// Puts another word in place of the one at `place`.
fn set_word(report: &mut [u8], place: usize, word: [u8; 32]) {
    report[32 * place..][..32].copy_from_slice(&word);
}

/// (r, N - s) with the other recovery id is a signature of the same signer.
fn flip_first(call: &mut Call) {
    call.ss[0] = (ORDER - U256::from_be_bytes(call.ss[0])).to_be_bytes();
    call.raw_vs[0] ^= 1;
}

/// Order of secp256k1.
const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);

const EXTRA_HASH: [u8; 32] = [9; 32];

const OCR1_BREAKS: &[Break] = &[
    ("bytes behind the arguments", |draft| {
        draft.changes.push(|call| call.appended_bytes = 1)
    }),
    ("report of no whole words", |draft| {
        draft.edits.push(|report| report.push(0))
    }),
    ("report without a head", |draft| {
        draft.edits.push(|report| report.truncate(64))
    }),
    ("observations beyond the report", |draft| {
        draft.edits.push(|report| set_word(report, 2, [0xff; 32]));
    }),
    ("more observations than bytes", |draft| {
        draft.edits.push(|report| report[127] += 1)
    }),
    ("another configuration", |draft| {
        draft.edits.push(|report| report[12] ^= 1)
    }),
    ("no newer than the last", |draft| {
        draft.at = EpochRound::default()
    }),
    ("too few signatures", |draft| draft.signers = vec![2]),
    ("too many signatures", |draft| {
        draft.signers = (0..32).collect()
    }),
    ("half a signature", |draft| {
        draft.changes.push(|call| call.ss.truncate(1))
    }),
    ("too many observations", |draft| observe(draft, 32)),
    ("too few observations", |draft| observe(draft, 2)),
    ("observer out of range", |draft| draft.observers[1] = 31),
    ("observer twice", |draft| {
        draft.observers[1] = draft.observers[0]
    }),
    ("a stranger sends", |draft| draft.sender = N),
    ("nobody's signature", |draft| draft.signers = vec![2, N]),
    ("recovery id 2", |draft| {
        draft.changes.push(|call| call.raw_vs[0] = 2)
    }),
    ("signer twice", |draft| draft.signers = vec![2, 2]),
    ("signer twice, in two forms", |draft| {
        draft.signers = vec![2, 2];
        draft.changes.push(flip_first);
    }),
    ("observations not sorted", |draft| {
        draft.observations = vec![100, 300, 200]
    }),
    ("median too low", |draft| {
        draft.observations = vec![-1, 0, 300]
    }),
    ("median too high", |draft| {
        draft.observations = vec![1, i64::MAX, i64::MAX]
    }),
];

const OCR1_VARIANTS: &[Break] = &[
    ("more signatures than needed", |draft| {
        draft.signers = vec![3, 2, 1, 0]
    }),
    ("high s", |draft| draft.changes.push(flip_first)),
    ("as many observations as there are", |draft| {
        observe(draft, 31)
    }),
    ("upper bits of an observation", |draft| {
        draft.edits.push(|report| report[32 * 5] = 0xab)
    }),
    ("bytes behind the observations", |draft| {
        draft.edits.push(|report| report.extend([7; 32]))
    }),
    ("the same value often", |draft| {
        draft.observations = vec![200, 200, 200]
    }),
    ("median at the lowest", |draft| {
        draft.observations = vec![-5, 1, 1]
    }),
    ("later epoch, lower round", |draft| {
        draft.at = EpochRound::new(4, 0)
    }),
];

const OCR2_BREAKS: &[Break] = &[
    ("no newer than the last", |draft| {
        draft.at = EpochRound::default()
    }),
    ("a stranger sends", |draft| draft.sender = N),
    ("another configuration", |draft| draft.digest.0[20] ^= 1),
    ("bytes behind the arguments", |draft| {
        draft.changes.push(|call| call.appended_bytes = 1)
    }),
    ("report of no whole words", |draft| {
        draft.edits.push(|report| report.push(0))
    }),
    ("too few signatures", |draft| draft.signers = vec![2]),
    ("too many signatures", |draft| draft.signers = vec![2, 1, 0]),
    ("half a signature", |draft| {
        draft.changes.push(|call| call.ss.truncate(1))
    }),
    ("recovery id above a byte", |draft| {
        draft.changes.push(|call| call.raw_vs[0] = 229)
    }),
    ("nobody's signature", |draft| draft.signers = vec![N, 2]),
    ("recovery id 2", |draft| {
        draft.changes.push(|call| call.raw_vs[0] = 2)
    }),
    ("signer twice", |draft| draft.signers = vec![2, 2]),
    ("signer twice, in two forms", |draft| {
        draft.signers = vec![2, 2];
        draft.changes.push(flip_first);
    }),
    ("report without a head", |draft| {
        draft.edits.push(|report| report.truncate(96))
    }),
    ("timestamp of 33 bits", |draft| {
        draft.edits.push(|report| report[27] = 1)
    }),
    ("observations beyond the report", |draft| {
        draft.edits.push(|report| set_word(report, 2, [0xff; 32]));
    }),
    ("more observations than bytes", |draft| {
        draft.edits.push(|report| report[159] += 1)
    }),
    ("observation of 193 bits", |draft| {
        draft.edits.push(|report| report[32 * 6 + 7] = 1)
    }),
    ("juels of 193 bits", |draft| {
        draft.edits.push(|report| report[32 * 3 + 7] = 1)
    }),
    ("bytes behind the observations", |draft| {
        draft.edits.push(|report| report.extend([0; 32]))
    }),
    ("too many observations", |draft| observe(draft, 32)),
    ("too few observations", |draft| observe(draft, 1)),
    ("median too low", |draft| {
        draft.observations = vec![-1, 0, 300]
    }),
    ("median too high", |draft| {
        draft.observations = vec![1, i64::MAX, i64::MAX]
    }),
];

const OCR2_VARIANTS: &[Break] = &[
    ("high s", |draft| draft.changes.push(flip_first)),
    ("as many observations as there are", |draft| {
        observe(draft, 31)
    }),
    ("fewer observations than a quorum", |draft| {
        observe(draft, 2)
    }),
    ("not sorted", |draft| {
        draft.observations = vec![300, 100, 200]
    }),
    ("observer twice", |draft| {
        draft.observers[1] = draft.observers[0]
    }),
    ("median at the lowest", |draft| {
        draft.observations = vec![-5, 1, 1]
    }),
    ("later epoch, lower round", |draft| {
        draft.at = EpochRound::new(4, 0)
    }),
];
