//! Messages between oracles. Source: offchain-ocr2 3.2 to 3.4.

pub(crate) mod raw;

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{Committee, EpochRound, OracleId};
use ocr_protocol::limits::PluginLimits;
use ocr_protocol::message::{Message, ReportVote, TooLong};
use ocr_protocol::observation::SignedObservation;

use self::raw::{
    FINAL, FINAL_ECHO, NEW_EPOCH, OBSERVE, OBSERVE_REQ, REPORT, REPORT_REQ, RawAttested,
    RawAttributed, RawAttributedSignature, RawMessage, RawSigned, RawVote, Wrapper,
};
use crate::reader::{ProtobufError, read};
use crate::writer::Writer;

/// Why bytes are not a message of the committee.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not protobuf.
    #[error("not protobuf: {0}")]
    Protobuf(#[from] ProtobufError),
    /// The bytes hold none of the seven messages.
    #[error("none of the seven messages is there")]
    NoMessage,
    /// A message lacks a part that it cannot do without.
    #[error("no {part}")]
    Missing {
        /// The part, as the schema calls it.
        part: &'static str,
    },
    /// The extra hash has another length.
    #[error("the extra hash has {given_bytes} bytes: 32 are needed")]
    ExtraHashLength {
        /// Its length.
        given_bytes: usize,
    },
    /// An observation of OCR1 is no number.
    #[error("an observation has {given_bytes} bytes: 24 are needed")]
    ObservationLength {
        /// Its length.
        given_bytes: usize,
    },
    /// An observation or a signature is attributed to an oracle that does not exist.
    #[error("{part} of oracle {given}, in a committee of {n}")]
    UnknownOracle {
        /// What is attributed.
        part: &'static str,
        /// The oracle's index.
        given: u8,
        /// How many oracles there are.
        n: usize,
    },
    /// A part is longer than the plugin allows.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

/// Returns the bytes of `message`.
///
/// Source: offchain-ocr2 3.3.
#[must_use]
pub fn encode(message: &Message) -> Vec<u8> {
    Writer::write(|w| write(w, message))
}

/// Returns the message of any bytes from a peer.
///
/// # Errors
/// What is wrong with them; the message is to be dropped then.
///
/// Source: offchain-ocr2 3.3, 3.4, 3.6.
pub fn decode(
    bytes: &[u8],
    committee: Committee,
    limits: &PluginLimits,
) -> Result<Message, DecodeError> {
    let wrapper: Wrapper<RawMessage<'_>> = read(bytes)?;
    let message = complete(wrapper.message, committee)?;
    message.check_lengths(limits)?;
    Ok(message)
}

/// Writes `message` with its wrapper, which has no other field.
pub(crate) fn write(w: &mut Writer, message: &Message) {
    match message {
        Message::NewEpoch { epoch } => w.message(NEW_EPOCH, |w| w.uint(1, epoch.get())),
        Message::ObserveReq { at, query } => w.message(OBSERVE_REQ, |w| {
            write_at(w, *at);
            w.bytes(3, query);
        }),
        Message::Observe { at, observation } => w.message(OBSERVE, |w| {
            write_at(w, *at);
            w.message(3, |w| write_signed(w, observation));
        }),
        Message::ReportReq {
            at,
            query,
            observations,
        } => w.message(REPORT_REQ, |w| {
            write_at(w, *at);
            w.bytes(3, query);
            for (observer, observation) in observations {
                w.message(4, |w| {
                    w.message(1, |w| write_signed(w, observation));
                    w.uint(2, observer.get());
                });
            }
        }),
        Message::Report { at, vote } => w.message(REPORT, |w| {
            write_at(w, *at);
            w.message(3, |w| {
                w.uint(3, vote.skip);
                w.bytes(4, &vote.report);
                w.bytes(5, &vote.signature);
            });
        }),
        Message::Final(report) => w.message(FINAL, |w| write_final(w, report)),
        Message::FinalEcho(report) => w.message(FINAL_ECHO, |w| {
            w.message(1, |w| write_final(w, report));
        }),
    }
}

pub(crate) fn write_at(w: &mut Writer, at: EpochRound) {
    w.uint(1, at.epoch.get());
    w.uint(2, at.round.get());
}

fn write_signed(w: &mut Writer, signed: &SignedObservation) {
    w.bytes(1, &signed.observation);
    w.bytes(2, &signed.signature);
}

fn write_final(w: &mut Writer, attested: &AttestedReport) {
    write_at(w, attested.at);
    w.bytes(4, &attested.extra_hash);
    w.message(5, |w| {
        w.bytes(3, &attested.report);
        for (signer, signature) in &attested.signatures {
            w.message(4, |w| {
                w.bytes(1, signature);
                // None is of OCR1, whose messages these are not.
                w.uint(2, signer.map_or(0, OracleId::get));
            });
        }
    });
}

/// Checks that everything is there, and that oracles named are oracles of the committee.
fn complete(raw: RawMessage<'_>, committee: Committee) -> Result<Message, DecodeError> {
    let at = raw.at();
    Ok(match raw.member {
        NEW_EPOCH => Message::NewEpoch { epoch: at.epoch },
        OBSERVE_REQ => Message::ObserveReq {
            at,
            query: raw.query.to_vec(),
        },
        OBSERVE => Message::Observe {
            at,
            observation: signed(raw.signed_observation)?,
        },
        REPORT_REQ => Message::ReportReq {
            at,
            query: raw.query.to_vec(),
            observations: raw
                .observations
                .into_iter()
                .map(|observation| attributed_observation(observation, committee))
                .collect::<Result<_, _>>()?,
        },
        REPORT => Message::Report {
            at,
            vote: vote(raw.vote)?,
        },
        FINAL => Message::Final(attested(raw, committee)?),
        FINAL_ECHO => {
            let echoed = raw.echoed.ok_or(DecodeError::Missing { part: "final" })?;
            Message::FinalEcho(attested(*echoed, committee)?)
        }
        _ => return Err(DecodeError::NoMessage),
    })
}

fn signed(raw: Option<RawSigned<'_>>) -> Result<SignedObservation, DecodeError> {
    let raw = raw.ok_or(DecodeError::Missing {
        part: "signed observation",
    })?;
    Ok(SignedObservation {
        observation: raw.observation.to_vec(),
        signature: raw.signature.to_vec(),
    })
}

fn attributed_observation(
    raw: RawAttributed<RawSigned<'_>>,
    committee: Committee,
) -> Result<(OracleId, SignedObservation), DecodeError> {
    let observation = signed(raw.what)?;
    Ok((
        oracle(raw.observer, "an observation", committee)?,
        observation,
    ))
}

fn vote(raw: Option<RawVote<'_>>) -> Result<ReportVote, DecodeError> {
    let raw = raw.ok_or(DecodeError::Missing {
        part: "attested report",
    })?;
    Ok(ReportVote {
        skip: raw.skip,
        report: raw.report.to_vec(),
        signature: raw.signature.to_vec(),
    })
}

fn attested(raw: RawMessage<'_>, committee: Committee) -> Result<AttestedReport, DecodeError> {
    let at = raw.at();
    let given_bytes = raw.extra_hash.len();
    let extra_hash = raw
        .extra_hash
        .try_into()
        .map_err(|_| DecodeError::ExtraHashLength { given_bytes })?;
    let RawAttested { report, signatures } = raw.attested.ok_or(DecodeError::Missing {
        part: "attested report",
    })?;
    let signatures = signatures
        .into_iter()
        .map(|RawAttributedSignature { signature, signer }| {
            Ok((
                Some(oracle(signer, "a signature", committee)?),
                signature.to_vec(),
            ))
        })
        .collect::<Result<_, DecodeError>>()?;
    Ok(AttestedReport {
        at,
        extra_hash,
        report: report.to_vec(),
        signatures,
    })
}

pub(crate) fn oracle(
    given: u8,
    part: &'static str,
    committee: Committee,
) -> Result<OracleId, DecodeError> {
    let n = committee.n();
    committee
        .oracle(given.into())
        .ok_or(DecodeError::UnknownOracle { part, given, n })
}
