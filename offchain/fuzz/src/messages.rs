//! Decoders of messages.

use arbitrary::{Arbitrary, Unstructured};
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{Committee, ConfigDigest, EpochRound, OracleId};
use ocr_protocol::int192::Int192;
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::report::max_report_bytes;
use ocr_protocol::report::ocr1::encode_report;
use ocr_wire::telemetry::{self, Telemetry};
use ocr_wire::{message, ocr1};

/// Lengths of the list that a message made of fuzz bytes may have.
const MOST_ENTRIES: u8 = 33;

/// Bytes as a peer sends them, or a message made of them, in OCR2.
///
/// The first byte chooses: bit 0 which of the two, bit 1 the committee, bit 2 the limits.
pub fn ocr2_message(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    let committee = committee(choice);
    let limits = limits(choice, committee);
    if choice & 1 == 0 {
        decodes_ocr2(bytes, committee, &limits);
    } else if let Ok(made) = Made::new(bytes, committee) {
        encodes_ocr2(&made.ocr2_message(), committee, &limits);
    }
}

fn decodes_ocr2(bytes: &[u8], committee: Committee, limits: &PluginLimits) {
    let Ok(decoded) = message::decode(bytes, committee, limits) else {
        return;
    };
    assert_eq!(decoded.check_lengths(limits), Ok(()));
    assert_names_oracles_of(committee, &decoded);
    let canonical = message::encode(&decoded);
    assert!(canonical.len() <= bytes.len(), "bytes come from nowhere");
    let again = message::decode(&canonical, committee, limits);
    assert_eq!(again.as_ref(), Ok(&decoded), "another message");
    assert_monitoring_can_be_told(&decoded, &canonical);
}

/// What a message within the limits says arrives; what is beyond them does not.
fn encodes_ocr2(made: &Message, committee: Committee, limits: &PluginLimits) {
    let decoded = message::decode(&message::encode(made), committee, limits);
    match made.check_lengths(limits) {
        Ok(()) => assert_eq!(decoded.as_ref(), Ok(made)),
        Err(too_long) => assert_eq!(decoded, Err(too_long.into())),
    }
}

/// Bytes as a peer sends them, or a message made of them, in OCR1. The first byte is as in OCR2.
pub fn ocr1_message(bytes: &[u8]) {
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    let committee = committee(choice);
    if choice & 1 == 0 {
        decodes_ocr1(bytes, committee);
    } else if let Ok(made) = Made::new(bytes, committee) {
        encodes_ocr1(&made.ocr1_message(), committee);
    }
}

fn decodes_ocr1(bytes: &[u8], committee: Committee) {
    let Ok(decoded) = ocr1::message::decode(bytes, committee) else {
        return;
    };
    assert_names_oracles_of(committee, &decoded);
    let canonical = ocr1::message::encode(&decoded);
    assert!(canonical.len() <= bytes.len(), "bytes come from nowhere");
    let again = ocr1::message::decode(&canonical, committee);
    assert_eq!(again.as_ref(), Ok(&decoded), "another message");
    assert_monitoring_can_be_told(&decoded, &canonical);
}

fn encodes_ocr1(made: &Message, committee: Committee) {
    let decoded = ocr1::message::decode(&ocr1::message::encode(made), committee);
    assert_eq!(decoded.as_ref(), Ok(made));
}

/// Telemetry wraps whatever arrives: it has the message's bytes in it as they are.
fn assert_monitoring_can_be_told(message: &Message, serialized: &[u8]) {
    let event = Telemetry::MessageBroadcast {
        message,
        serialized,
    };
    let bytes = telemetry::encode(ConfigDigest::ZERO, core::time::Duration::ZERO, &event);
    let has_it = bytes.ends_with(serialized);
    assert!(has_it, "the message's bytes stand last");
}

fn assert_names_oracles_of(committee: Committee, message: &Message) {
    let is_known = |oracle: OracleId| oracle.index() < committee.n();
    let all_known = match message {
        Message::ReportReq { observations, .. } => observations.iter().all(|(it, _)| is_known(*it)),
        Message::Final(report) | Message::FinalEcho(report) => {
            let mut signers = report.signatures.iter().filter_map(|(signer, _)| *signer);
            signers.all(is_known)
        }
        _ => true,
    };
    assert!(all_known, "an oracle that does not exist: {message:?}");
}

fn committee(choice: u8) -> Committee {
    let (n, f) = if choice & 2 == 0 { (31, 10) } else { (4, 1) };
    Committee::new(n, f).expect("3f < n")
}

/// No limits, or the median's.
fn limits(choice: u8, committee: Committee) -> PluginLimits {
    if choice & 4 == 0 {
        PluginLimits {
            max_query_bytes: usize::MAX,
            max_observation_bytes: usize::MAX,
            max_report_bytes: usize::MAX,
        }
    } else {
        PluginLimits {
            max_query_bytes: 0,
            max_observation_bytes: 92,
            max_report_bytes: max_report_bytes(committee.n()),
        }
    }
}

/// What messages are made of.
struct Made {
    kind: u8,
    at: EpochRound,
    bytes: Vec<u8>,
    signature: Vec<u8>,
    list: Vec<(OracleId, Vec<u8>, [u8; 24])>,
    extra_hash: [u8; 32],
    skip: bool,
}

impl Made {
    fn new(bytes: &[u8], committee: Committee) -> arbitrary::Result<Self> {
        let mut u = Unstructured::new(bytes);
        let entries = u.int_in_range(0..=MOST_ENTRIES)?;
        Ok(Self {
            kind: u.arbitrary()?,
            at: EpochRound::new(u.arbitrary()?, u.arbitrary()?),
            skip: u.arbitrary()?,
            extra_hash: u.arbitrary()?,
            bytes: short(&mut u)?,
            signature: short(&mut u)?,
            list: (0..entries)
                .map(|_| {
                    let index = u.choose_index(committee.n())?;
                    let oracle = committee.oracle(index).expect("below n");
                    Ok((oracle, short(&mut u)?, Arbitrary::arbitrary(&mut u)?))
                })
                .collect::<arbitrary::Result<_>>()?,
        })
    }

    fn ocr2_message(self) -> Message {
        let at = self.at;
        match self.kind % 7 {
            0 => Message::NewEpoch { epoch: at.epoch },
            1 => Message::ObserveReq {
                at,
                query: self.bytes,
            },
            2 => Message::Observe {
                at,
                observation: SignedObservation {
                    observation: self.bytes,
                    signature: self.signature,
                },
            },
            3 => Message::ReportReq {
                at,
                observations: self.list.into_iter().map(ocr2_observation).collect(),
                query: self.bytes,
            },
            4 => Message::Report {
                at,
                vote: ReportVote {
                    skip: self.skip,
                    report: self.bytes,
                    signature: self.signature,
                },
            },
            last => {
                let signatures = self.list.into_iter();
                let report = AttestedReport {
                    at,
                    extra_hash: self.extra_hash,
                    report: self.bytes,
                    signatures: signatures.map(|(it, bytes, _)| (Some(it), bytes)).collect(),
                };
                final_or_echo(last == 5, report)
            }
        }
    }

    fn ocr1_message(mut self) -> Message {
        let at = self.at;
        self.list.truncate(32);
        let numbers: Vec<_> = self
            .list
            .iter()
            .map(|(oracle, _, value)| (oracle.get(), Int192::from_be_bytes(*value)))
            .collect();
        let report = encode_report(&numbers).expect("at most 32");
        match self.kind % 7 {
            0 => Message::NewEpoch { epoch: at.epoch },
            1 => Message::ObserveReq { at, query: vec![] },
            2 => Message::Observe {
                at,
                observation: SignedObservation {
                    observation: self.extra_hash[..24].to_vec(),
                    signature: self.signature,
                },
            },
            3 => Message::ReportReq {
                at,
                query: vec![],
                observations: self.list.into_iter().map(ocr1_observation).collect(),
            },
            4 => Message::Report {
                at,
                vote: ReportVote {
                    skip: false,
                    report,
                    signature: self.signature,
                },
            },
            last => {
                let signatures = self.list.into_iter();
                let report = AttestedReport {
                    at,
                    extra_hash: [0; 32],
                    report,
                    signatures: signatures.map(|(_, bytes, _)| (None, bytes)).collect(),
                };
                final_or_echo(last == 5, report)
            }
        }
    }
}

fn short(u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    let len = usize::from(u.arbitrary::<u8>()?);
    Ok(u.bytes(len.min(u.len()))?.to_vec())
}

fn ocr2_observation(
    (observer, bytes, number): (OracleId, Vec<u8>, [u8; 24]),
) -> (OracleId, SignedObservation) {
    let signed = SignedObservation {
        observation: bytes,
        signature: number.to_vec(),
    };
    (observer, signed)
}

fn ocr1_observation(
    (observer, bytes, number): (OracleId, Vec<u8>, [u8; 24]),
) -> (OracleId, SignedObservation) {
    let signed = SignedObservation {
        observation: number.to_vec(),
        signature: bytes,
    };
    (observer, signed)
}

fn final_or_echo(is_final: bool, report: AttestedReport) -> Message {
    if is_final {
        Message::Final(report)
    } else {
        Message::FinalEcho(report)
    }
}
