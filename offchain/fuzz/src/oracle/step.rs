//! What happens to an oracle, in few bytes: small changes of the bytes make small changes of the story.

use arbitrary::{Arbitrary, Result, Unstructured};

/// What happens next.
pub(super) enum Step {
    /// A peer says something.
    Hear(Hear),
    /// A request is answered.
    Answer(Answer),
    /// An answer comes that nobody waits for.
    Unasked(Place, Answer),
    /// Time passes.
    Wait(u8),
    /// With the next input the oracle crashes, `after` so many outputs; then the chain shows something.
    Crash { after: u8, chain: u8 },
}

impl<'a> Arbitrary<'a> for Step {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.arbitrary::<u8>()? % 16 {
            0..8 => Self::Hear(u.arbitrary()?),
            8..12 => Self::Answer(u.arbitrary()?),
            12 => Self::Unasked(u.arbitrary()?, u.arbitrary()?),
            13 | 14 => Self::Wait(u.arbitrary()?),
            _ => Self::Crash {
                after: u.arbitrary()?,
                chain: u.arbitrary()?,
            },
        })
    }
}

/// A message. All zero is a NewEpoch of the running epoch, without flaw.
#[derive(Arbitrary)]
pub(super) struct Hear {
    kind: u8,
    /// Who; what only leaders say comes from the leader unless bit 7 is set.
    from: u8,
    pub(super) place: Place,
    /// The low four bits are what is wrong with it, the high ones which value is observed.
    flaw: u8,
}

/// An epoch and a round, relative to the running one.
#[derive(Clone, Copy, Arbitrary)]
pub(super) struct Place {
    pub(super) epoch: u8,
    pub(super) round: u8,
}

/// An answer.
#[derive(Arbitrary)]
pub(super) struct Answer {
    /// Of which open request; with bit 7 it will be answered again.
    pub(super) index: u8,
    /// Bit 3 is a failure; the low bits are what the chain shows, the high ones what is observed.
    pub(super) what: u8,
}

/// The messages of the protocol; of a vote there are two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NewEpoch,
    ObserveReq,
    Observe,
    ReportReq,
    Report,
    Skip,
    Final,
    FinalEcho,
}

/// What is wrong with a message, where that can be wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Nothing.
    None,
    /// The signature is another oracle's.
    OthersSignature,
    /// The signature lacks its last byte.
    ShortSignature,
    /// There is no signature.
    NoSignature,
    /// The first entry stands there again.
    Repeated,
    /// There is one entry less than needed.
    TooFew,
    /// The entries are in the opposite order.
    Backwards,
    /// What was observed, or the report, is no such thing.
    Garbage,
    /// There is a query, or a report where the vote is to skip.
    Surplus,
    /// The report is over other observations than the leader's.
    OtherReport,
}

impl Kind {
    /// Whether only leaders say it.
    pub(super) const fn is_leaders(self) -> bool {
        matches!(self, Self::ObserveReq | Self::ReportReq | Self::Final)
    }
}

impl Hear {
    /// A message of a round of the running epoch, below 8, without flaw.
    pub(super) const fn without_flaw(kind: Kind, from: u8, round: u8) -> Self {
        Self {
            kind: kind as u8,
            from,
            place: Place { epoch: 0, round },
            flaw: 0,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self.kind % 8 {
            0 => Kind::NewEpoch,
            1 => Kind::ObserveReq,
            2 => Kind::Observe,
            3 => Kind::ReportReq,
            4 => Kind::Report,
            5 => Kind::Skip,
            6 => Kind::Final,
            _ => Kind::FinalEcho,
        }
    }

    pub(super) fn sender(&self, leader: usize) -> usize {
        if self.kind().is_leaders() && self.from & 0x80 == 0 {
            leader
        } else {
            usize::from(self.from & 0x7f)
        }
    }

    pub(super) fn flaw(&self) -> Flaw {
        match self.flaw & 15 {
            1 => Flaw::OthersSignature,
            2 => Flaw::ShortSignature,
            3 => Flaw::NoSignature,
            4 => Flaw::Repeated,
            5 => Flaw::TooFew,
            6 => Flaw::Backwards,
            7 => Flaw::Garbage,
            8 => Flaw::Surplus,
            9 => Flaw::OtherReport,
            _ => Flaw::None,
        }
    }

    pub(super) const fn value(&self) -> u8 {
        self.flaw >> 4
    }
}
