//! Says nothing: always, or only while it leads.

use ocr_protocol::oracle::Output;

use super::{Act, Adversary, View};
use crate::rng::{SimRng, chance};

#[derive(Debug)]
pub(super) struct Silent {
    only_as_leader: bool,
}

impl Silent {
    pub(super) fn new(rng: &mut SimRng) -> Self {
        Self {
            only_as_leader: chance(rng, 0.5),
        }
    }
}

impl Adversary for Silent {
    fn perform(&mut self, view: &mut View<'_>, output: Output) -> Vec<Act> {
        let speaks = matches!(
            output,
            Output::Send { .. } | Output::Broadcast { .. } | Output::Transmit { .. }
        );
        if speaks && (view.leads() || !self.only_as_leader) {
            Vec::new()
        } else {
            vec![Act::Perform(output)]
        }
    }
}
