//! Observes what it likes: the extremes, or numbers that no contract takes.

use ocr_protocol::attestation::sign_report;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::oracle::Output;

use super::{Act, Adversary, View};
use crate::committee::ANSWER_BOUNDS;
use crate::rng::{SimRng, chance};

#[derive(Debug)]
pub(super) struct Liar {
    lie: i64,
}

impl Liar {
    pub(super) fn new(rng: &mut SimRng) -> Self {
        let (least, most) = ANSWER_BOUNDS;
        let lie = if chance(rng, 0.5) { least } else { most };
        Self {
            lie: if chance(rng, 0.3) { -lie } else { lie },
        }
    }
}

impl Adversary for Liar {
    fn observe(&mut self, _: &mut SimRng, _: Option<i64>) -> Option<i64> {
        Some(self.lie)
    }

    /// At times it votes for a report nobody else can come to, well signed.
    fn perform(&mut self, view: &mut View<'_>, output: Output) -> Vec<Act> {
        match output {
            Output::Send {
                to,
                message: Message::Report { at, vote },
            } if chance(view.rng, 0.3) => {
                let mut report = vote.report;
                if let Some(last) = report.last_mut() {
                    *last ^= 1;
                }
                let signature =
                    sign_report(view.keyring, view.instance.digest, at, &[7; 32], &report);
                let vote = ReportVote {
                    skip: false,
                    report,
                    signature,
                };
                vec![Act::Say(to, Message::Report { at, vote })]
            }
            output => vec![Act::Perform(output)],
        }
    }
}
