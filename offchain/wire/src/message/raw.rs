//! The schema of the messages as tables: which field of which message is read into what.
//!
//! Numbers narrow here without a check: an epoch keeps its low 32 bits, a round, an observer and a
//! signer their low 8. Source: offchain-ocr2 3.2, 3.3.

use ocr_protocol::id::EpochRound;

use crate::reader::Value::{self, Bytes, Varint};
use crate::reader::{Merge, ProtobufError, read};

// The seven messages, by their field number in the wrapper; OCR1 and OCR2 have the same.
pub(crate) const NEW_EPOCH: u32 = 2;
pub(crate) const OBSERVE_REQ: u32 = 3;
pub(crate) const OBSERVE: u32 = 4;
pub(crate) const REPORT_REQ: u32 = 5;
pub(crate) const REPORT: u32 = 6;
pub(crate) const FINAL: u32 = 7;
pub(crate) const FINAL_ECHO: u32 = 8;

/// The wrapper: the last message in it, merged with those of its kind directly before it.
#[derive(Default)]
pub(crate) struct Wrapper<M> {
    pub(crate) message: M,
}

/// Any of the seven messages of one version.
pub(crate) trait Member {
    /// Returns the member with this field number, with nothing in it.
    fn empty(number: u32) -> Self;

    /// Returns the field number; zero while the wrapper is empty.
    fn number(&self) -> u32;
}

impl<'a, M: Member + Merge<'a>> Merge<'a> for Wrapper<M> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (NEW_EPOCH..=FINAL_ECHO, Bytes(message)) => {
                if self.message.number() != number {
                    self.message = M::empty(number);
                }
                self.message.merge(message)
            }
            _ => Ok(()),
        }
    }
}

/// Any of the seven messages, before it is known to be complete.
#[derive(Default)]
pub(super) struct RawMessage<'a> {
    /// Which one; zero while the wrapper is empty.
    pub(super) member: u32,
    epoch: u32,
    round: u8,
    pub(super) query: &'a [u8],
    pub(super) extra_hash: &'a [u8],
    pub(super) signed_observation: Option<RawSigned<'a>>,
    pub(super) observations: Vec<RawAttributed<RawSigned<'a>>>,
    pub(super) vote: Option<RawVote<'a>>,
    pub(super) attested: Option<RawAttested<'a>>,
    pub(super) echoed: Option<Box<Self>>,
}

impl Member for RawMessage<'_> {
    fn empty(number: u32) -> Self {
        Self {
            member: number,
            ..Self::default()
        }
    }

    fn number(&self) -> u32 {
        self.member
    }
}

impl RawMessage<'_> {
    pub(super) const fn at(&self) -> EpochRound {
        EpochRound::new(self.epoch, self.round)
    }
}

impl<'a> Merge<'a> for RawMessage<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (self.member, number, value) {
            (NEW_EPOCH..=FINAL, 1, Varint(epoch)) => self.epoch = epoch as u32,
            (OBSERVE_REQ..=FINAL, 2, Varint(round)) => self.round = round as u8,
            (OBSERVE_REQ | REPORT_REQ, 3, Bytes(query)) => self.query = query,
            (OBSERVE, 3, Bytes(signed)) => {
                self.signed_observation
                    .get_or_insert_default()
                    .merge(signed)?;
            }
            (REPORT_REQ, 4, Bytes(observation)) => self.observations.push(read(observation)?),
            (REPORT, 3, Bytes(vote)) => self.vote.get_or_insert_default().merge(vote)?,
            (FINAL, 4, Bytes(hash)) => self.extra_hash = hash,
            (FINAL, 5, Bytes(attested)) => {
                self.attested.get_or_insert_default().merge(attested)?;
            }
            (FINAL_ECHO, 1, Bytes(message)) => {
                self.echoed
                    .get_or_insert_with(|| Box::new(Self::empty(FINAL)))
                    .merge(message)?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// An observation and its signature.
#[derive(Default)]
pub(super) struct RawSigned<'a> {
    pub(super) observation: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Merge<'a> for RawSigned<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Bytes(observation)) => self.observation = observation,
            (2, Bytes(signature)) => self.signature = signature,
            _ => {}
        }
        Ok(())
    }
}

/// Something that is attributed to an oracle, as in both versions.
#[derive(Default)]
pub(crate) struct RawAttributed<T> {
    pub(crate) what: Option<T>,
    pub(crate) observer: u8,
}

impl<'a, T: Merge<'a> + Default> Merge<'a> for RawAttributed<T> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Bytes(what)) => self.what.get_or_insert_default().merge(what)?,
            (2, Varint(observer)) => self.observer = observer as u8,
            _ => {}
        }
        Ok(())
    }
}

/// A follower's vote.
#[derive(Default)]
pub(super) struct RawVote<'a> {
    pub(super) skip: bool,
    pub(super) report: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Merge<'a> for RawVote<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (3, Varint(skip)) => self.skip = skip != 0,
            (4, Bytes(report)) => self.report = report,
            (5, Bytes(signature)) => self.signature = signature,
            _ => {}
        }
        Ok(())
    }
}

/// A report and the signatures under it.
#[derive(Default)]
pub(super) struct RawAttested<'a> {
    pub(super) report: &'a [u8],
    pub(super) signatures: Vec<RawAttributedSignature<'a>>,
}

impl<'a> Merge<'a> for RawAttested<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (3, Bytes(report)) => self.report = report,
            (4, Bytes(signature)) => self.signatures.push(read(signature)?),
            _ => {}
        }
        Ok(())
    }
}

/// A signature and who signed.
#[derive(Default)]
pub(super) struct RawAttributedSignature<'a> {
    pub(super) signature: &'a [u8],
    pub(super) signer: u8,
}

impl<'a> Merge<'a> for RawAttributedSignature<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Bytes(signature)) => self.signature = signature,
            (2, Varint(signer)) => self.signer = signer as u8,
            _ => {}
        }
        Ok(())
    }
}
