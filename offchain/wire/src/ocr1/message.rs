//! Messages between oracles of OCR1. Source: offchain-ocr1 3.2, 3.3.
//!
//! A report is a list here and signatures have no names; [`Message`] has the report as the contract
//! reads it. The oracles of OCR1 ask no query and never vote to skip, so neither is written.

mod raw;

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::Committee;
use ocr_protocol::int192::Int192;
use ocr_protocol::message::{Message, ReportVote, TooLong};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::report::ocr1::{MAX_OBSERVATIONS, decode_report, encode_report};

use self::raw::{RawMessage, RawObservation, RawReport, RawSigned};
use crate::message::raw::{
    FINAL, FINAL_ECHO, NEW_EPOCH, OBSERVE, OBSERVE_REQ, REPORT, REPORT_REQ, Wrapper,
};
use crate::message::{DecodeError, oracle, write_at};
use crate::reader::read;
use crate::writer::Writer;

/// Returns the bytes of `message`.
///
/// A report that is none of OCR1's is written without observations; oracles make no such report.
///
/// Source: offchain-ocr1 3.2.
#[must_use]
pub fn encode(message: &Message) -> Vec<u8> {
    Writer::write(|w| match message {
        Message::NewEpoch { epoch } => w.message(NEW_EPOCH, |w| w.uint(1, epoch.get())),
        Message::ObserveReq { at, .. } => w.message(OBSERVE_REQ, |w| {
            // Odd but kept: round before epoch, in this message alone.
            w.uint(1, at.round.get());
            w.uint(2, at.epoch.get());
        }),
        Message::Observe { at, observation } => w.message(OBSERVE, |w| {
            write_at(w, *at);
            w.message(3, |w| write_signed(w, observation));
        }),
        Message::ReportReq {
            at, observations, ..
        } => w.message(REPORT_REQ, |w| {
            write_at(w, *at);
            for (observer, observation) in observations {
                w.message(3, |w| {
                    w.message(1, |w| write_signed(w, observation));
                    w.uint(2, observer.get());
                });
            }
        }),
        Message::Report { at, vote } => w.message(REPORT, |w| {
            write_at(w, *at);
            w.message(3, |w| {
                write_report(w, &vote.report);
                w.bytes(2, &vote.signature);
            });
        }),
        Message::Final(report) => w.message(FINAL, |w| write_final(w, report)),
        Message::FinalEcho(report) => w.message(FINAL_ECHO, |w| {
            w.message(1, |w| write_final(w, report));
        }),
    })
}

fn write_signed(w: &mut Writer, signed: &SignedObservation) {
    w.message(1, |w| w.bytes(1, &signed.observation));
    w.bytes(2, &signed.signature);
}

fn write_report(w: &mut Writer, report: &[u8]) {
    for (observer, value) in decode_report(report).unwrap_or_default() {
        w.message(1, |w| {
            w.message(1, |w| w.bytes(1, &value.to_be_bytes()));
            w.uint(2, observer);
        });
    }
}

fn write_final(w: &mut Writer, attested: &AttestedReport) {
    write_at(w, attested.at);
    w.message(3, |w| {
        write_report(w, &attested.report);
        for (_, signature) in &attested.signatures {
            w.element(2, signature);
        }
    });
}

/// Returns the message of any bytes from a peer.
///
/// # Errors
/// What is wrong with them; the message is to be dropped then.
///
/// Source: offchain-ocr1 3.3.
pub fn decode(bytes: &[u8], committee: Committee) -> Result<Message, DecodeError> {
    let wrapper: Wrapper<RawMessage<'_>> = read(bytes)?;
    let raw = wrapper.message;
    let at = raw.at();
    Ok(match raw.member {
        NEW_EPOCH => Message::NewEpoch { epoch: at.epoch },
        OBSERVE_REQ => Message::ObserveReq {
            at,
            query: Vec::new(),
        },
        OBSERVE => Message::Observe {
            at,
            observation: signed(raw.signed_observation)?,
        },
        REPORT_REQ => Message::ReportReq {
            at,
            query: Vec::new(),
            observations: raw
                .observations
                .into_iter()
                .map(|raw| {
                    let observation = signed(raw.what)?;
                    Ok((
                        oracle(raw.observer, "an observation", committee)?,
                        observation,
                    ))
                })
                .collect::<Result<_, DecodeError>>()?,
        },
        REPORT => {
            let (report, signatures) = report(raw.report)?;
            let signature = signatures
                .last()
                .map_or_else(Vec::new, |last| last.to_vec());
            let vote = ReportVote {
                skip: false,
                report,
                signature,
            };
            Message::Report { at, vote }
        }
        FINAL => Message::Final(attested(raw)?),
        FINAL_ECHO => {
            let echoed = raw.echoed.ok_or(DecodeError::Missing { part: "final" })?;
            Message::FinalEcho(attested(*echoed)?)
        }
        _ => return Err(DecodeError::NoMessage),
    })
}

fn signed(raw: Option<RawSigned<'_>>) -> Result<SignedObservation, DecodeError> {
    let raw = raw.ok_or(DecodeError::Missing {
        part: "signed observation",
    })?;
    Ok(SignedObservation {
        observation: number(raw.observation)?.to_be_bytes().to_vec(),
        signature: raw.signature.to_vec(),
    })
}

fn number(raw: Option<RawObservation<'_>>) -> Result<Int192, DecodeError> {
    let RawObservation { value } = raw.ok_or(DecodeError::Missing {
        part: "observation",
    })?;
    let given_bytes = value.len();
    Int192::decode(value).ok_or(DecodeError::ObservationLength { given_bytes })
}

/// Returns the report as the contract reads it, and the signatures.
fn report(raw: Option<RawReport<'_>>) -> Result<(Vec<u8>, Vec<&[u8]>), DecodeError> {
    let raw = raw.ok_or(DecodeError::Missing {
        part: "attested report",
    })?;
    let observations = raw
        .observations
        .into_iter()
        .map(|raw| Ok((raw.observer, number(raw.what)?)))
        .collect::<Result<Vec<_>, DecodeError>>()?;
    let report = encode_report(&observations).ok_or(TooLong {
        part: "observations",
        given: observations.len(),
        most: MAX_OBSERVATIONS,
    })?;
    Ok((report, raw.signatures))
}

fn attested(raw: RawMessage<'_>) -> Result<AttestedReport, DecodeError> {
    let at = raw.at();
    let (report, signatures) = report(raw.report)?;
    Ok(AttestedReport {
        at,
        extra_hash: [0; 32],
        report,
        signatures: signatures
            .into_iter()
            .map(|signature| (None, signature.to_vec()))
            .collect(),
    })
}
