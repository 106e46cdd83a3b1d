//! The schema of OCR1's messages as tables: which field of which message is read into what.
//!
//! Numbers narrow here without a check: an epoch keeps its low 32 bits, a round and an observer their
//! low 8. Source: offchain-ocr1 3.2, 3.3.

use ocr_protocol::id::EpochRound;

use crate::message::raw::{
    FINAL, FINAL_ECHO, Member, NEW_EPOCH, OBSERVE, OBSERVE_REQ, REPORT, REPORT_REQ, RawAttributed,
};
use crate::reader::Value::{self, Bytes, Varint};
use crate::reader::{Merge, ProtobufError, read};

/// Any of the seven messages, before it is known to be complete.
#[derive(Default)]
pub(super) struct RawMessage<'a> {
    /// Which one; zero while the wrapper is empty.
    pub(super) member: u32,
    epoch: u32,
    round: u8,
    pub(super) signed_observation: Option<RawSigned<'a>>,
    pub(super) observations: Vec<RawAttributed<RawSigned<'a>>>,
    pub(super) report: Option<RawReport<'a>>,
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
            // Odd but kept: this message has the two the other way round.
            (OBSERVE_REQ, 1, Varint(round)) => self.round = round as u8,
            (OBSERVE_REQ, 2, Varint(epoch)) => self.epoch = epoch as u32,
            (NEW_EPOCH..=FINAL, 1, Varint(epoch)) => self.epoch = epoch as u32,
            (OBSERVE..=FINAL, 2, Varint(round)) => self.round = round as u8,
            (OBSERVE, 3, Bytes(signed)) => {
                self.signed_observation
                    .get_or_insert_default()
                    .merge(signed)?;
            }
            (REPORT_REQ, 3, Bytes(observation)) => self.observations.push(read(observation)?),
            (REPORT | FINAL, 3, Bytes(report)) => {
                self.report.get_or_insert_default().merge(report)?;
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

/// An observed number: a message of its own.
#[derive(Default)]
pub(super) struct RawObservation<'a> {
    pub(super) value: &'a [u8],
}

impl<'a> Merge<'a> for RawObservation<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        if let (1, Bytes(value)) = (number, value) {
            self.value = value;
        }
        Ok(())
    }
}

/// An observation and its signature.
#[derive(Default)]
pub(super) struct RawSigned<'a> {
    pub(super) observation: Option<RawObservation<'a>>,
    pub(super) signature: &'a [u8],
}

impl<'a> Merge<'a> for RawSigned<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Bytes(observation)) => {
                self.observation
                    .get_or_insert_default()
                    .merge(observation)?;
            }
            (2, Bytes(signature)) => self.signature = signature,
            _ => {}
        }
        Ok(())
    }
}

/// A report and the signatures under it: a follower's message has one, and of several the last.
#[derive(Default)]
pub(super) struct RawReport<'a> {
    pub(super) observations: Vec<RawAttributed<RawObservation<'a>>>,
    pub(super) signatures: Vec<&'a [u8]>,
}

impl<'a> Merge<'a> for RawReport<'a> {
    fn merge_field(&mut self, number: u32, value: Value<'a>) -> Result<(), ProtobufError> {
        match (number, value) {
            (1, Bytes(observation)) => self.observations.push(read(observation)?),
            (2, Bytes(signature)) => self.signatures.push(signature),
            _ => {}
        }
        Ok(())
    }
}
