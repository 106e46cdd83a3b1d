//! Burns rounds and epochs: leads through all rounds at once, past the last, and asks for epochs far ahead.

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use rand::Rng as _;

use super::{Act, Adversary, View};

#[derive(Debug)]
pub(super) struct Burner;

impl Adversary for Burner {
    fn scheme(&mut self, view: &mut View<'_>) -> Vec<Act> {
        let epoch = view.epoch.get();
        let message = if view.leads() {
            let last = view.instance.public.r_max;
            let rounds = [1, last, last + 1, last.saturating_add(2), u8::MAX];
            let round = rounds[view.rng.random_range(0..rounds.len())];
            Message::ObserveReq {
                at: EpochRound::new(epoch, round),
                query: Vec::new(),
            }
        } else {
            let ahead = [1, 2, 1000, u32::MAX][view.rng.random_range(0..4)];
            Message::NewEpoch {
                epoch: Epoch::new(epoch.saturating_add(ahead)),
            }
        };
        view.others()
            .map(|to| Act::Say(to, message.clone()))
            .collect()
    }
}
