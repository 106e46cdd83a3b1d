//! A model of the aggregators: the same guards in the same order, without the gas.
//!
//! `vectors/transmits.json` holds these and the Solidity contracts to the same verdicts.

mod ledger;
mod ocr1;
mod ocr2;

use core::fmt;

use alloy_primitives::{Address, U256};
use ocr_protocol::attestation::{AttestedReport, report_context, tagged_report};
use ocr_protocol::config::ContractConfig;
use ocr_protocol::id::{ConfigDigest, EpochRound, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::keyring::recover_onchain_like_evm;

pub use self::ledger::{Included, Ledger, Refused};

/// The most oracles, observations and signatures the contracts take.
const MAX_ORACLES: usize = 31;

/// What an aggregator is set up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The configuration in force.
    pub config: ContractConfig,
    /// The smallest answer it takes.
    pub min_answer: Int192,
    /// The greatest answer it takes.
    pub max_answer: Int192,
}

/// A call of `transmit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who calls.
    pub sender: Address,
    /// OCR2's three words of context; OCR1 has its one in the report.
    pub context: [[u8; 32]; 3],
    /// The report's bytes.
    pub report: Vec<u8>,
    /// First halves of the signatures.
    pub rs: Vec<[u8; 32]>,
    /// Second halves of the signatures.
    pub ss: Vec<[u8; 32]>,
    /// Recovery ids.
    pub raw_vs: [u8; 32],
    /// Bytes behind the arguments.
    pub appended_bytes: usize,
}

/// What an accepted call brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The round reported in.
    pub at: EpochRound,
    /// The answer.
    pub answer: Int192,
}

/// Why a contract reverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// With a string.
    Reason(&'static str),
    /// Without data: the report is no report.
    Empty,
    /// With a panic of this code.
    Panic(u8),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reason(reason) => f.write_str(reason),
            Self::Empty => f.write_str("no reason"),
            Self::Panic(code) => write!(f, "panic 0x{code:02x}"),
        }
    }
}

impl Contract {
    /// Judges a call while the report of round `latest` is the last one taken.
    ///
    /// # Errors
    /// The first guard that refuses it.
    ///
    /// Source: contracts-ocr1 5.4, contracts-ocr2 5.3.
    pub fn transmit(&self, latest: EpochRound, call: &Call) -> Result<Accepted, Refusal> {
        match self.config.digest.protocol() {
            Protocol::Ocr1 => ocr1::transmit(self, latest, call),
            Protocol::Ocr2 => ocr2::transmit(self, latest, call),
        }
    }

    fn is_in_range(&self, answer: Int192) -> bool {
        (self.min_answer..=self.max_answer).contains(&answer)
    }
}

impl Call {
    /// Returns the call that transmits `report`, made under `digest`; nothing if a signature is malformed.
    #[must_use]
    pub fn new(sender: Address, digest: ConfigDigest, report: &AttestedReport) -> Option<Self> {
        let mut call = Self {
            sender,
            context: [[0; 32]; 3],
            report: report.report.clone(),
            rs: Vec::new(),
            ss: Vec::new(),
            raw_vs: [0; 32],
            appended_bytes: 0,
        };
        match digest.protocol() {
            Protocol::Ocr1 => call.report = tagged_report(digest, report.at, &report.report),
            Protocol::Ocr2 => call.context = report_context(digest, report.at, &report.extra_hash),
        }
        for (place, (_, signature)) in report.signatures.iter().enumerate() {
            let (r, rest) = signature.split_first_chunk()?;
            let (s, [v]) = rest.split_first_chunk()? else {
                return None;
            };
            call.rs.push(*r);
            call.ss.push(*s);
            *call.raw_vs.get_mut(place)? = *v;
        }
        Some(call)
    }

    /// Whether the calldata is as long as its arguments say: a report that is no whole number of words is padded,
    /// and refused.
    fn has_right_length(&self) -> bool {
        self.appended_bytes == 0 && self.report.len().is_multiple_of(32)
    }

    /// Returns whose signature number `place` is, as the precompile says; nobody's for recovery ids above 1.
    fn signer(&self, hash: &[u8; 32], place: usize) -> Option<Address> {
        let v = self.raw_vs[place];
        if v > 1 {
            return None;
        }
        let signature = [&self.rs[place][..], &self.ss[place], &[v]].concat();
        recover_onchain_like_evm(hash, &signature)
    }
}

fn require(holds: bool, reason: &'static str) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(Refusal::Reason(reason))
    }
}

/// Epoch and round in the last five bytes of a word of context.
fn round_of(word: &[u8; 32]) -> EpochRound {
    let epoch = u32::from_be_bytes([word[27], word[28], word[29], word[30]]);
    EpochRound::new(epoch, word[31])
}

/// A list of words at an offset that word `head` of `report` gives.
fn list_at(report: &[u8], head: usize) -> Option<&[[u8; 32]]> {
    let offset = index(word(report, 32 * head)?)?;
    let count = index(word(report, offset)?)?;
    let elements = report.get(offset.checked_add(32)?..)?;
    elements.as_chunks().0.get(..count)
}

fn word(bytes: &[u8], offset: usize) -> Option<[u8; 32]> {
    bytes.get(offset..)?.first_chunk().copied()
}

fn index(word: [u8; 32]) -> Option<usize> {
    usize::try_from(U256::from_be_bytes(word)).ok()
}
