//! Says it to some and not to others: to one follower alone, or to a fresh half each time.

use ocr_protocol::oracle::Output;

use super::{Act, Adversary, View};
use crate::rng::{SimRng, chance};

#[derive(Debug)]
pub(super) struct Selective {
    one_alone: bool,
}

impl Selective {
    pub(super) fn new(rng: &mut SimRng) -> Self {
        Self {
            one_alone: chance(rng, 0.5),
        }
    }
}

impl Adversary for Selective {
    fn perform(&mut self, view: &mut View<'_>, output: Output) -> Vec<Act> {
        let Output::Broadcast { message } = output else {
            return vec![Act::Perform(output)];
        };
        let mut chosen: Vec<_> = view.others().filter(|_| chance(view.rng, 0.5)).collect();
        if self.one_alone {
            chosen.truncate(1);
        }
        chosen
            .into_iter()
            .map(|to| Act::Say(to, message.clone()))
            .collect()
    }
}
