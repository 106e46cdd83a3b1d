//! Says far too much: epochs to come, garbage, the same over and over.

use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::message::Message;
use rand::Rng as _;

use super::{Act, Adversary, View};

/// Messages to each other oracle at a time.
const BURST: usize = 8;

#[derive(Debug)]
pub(super) struct Flooder;

impl Adversary for Flooder {
    fn scheme(&mut self, view: &mut View<'_>) -> Vec<Act> {
        let mut acts = Vec::new();
        for to in view.others() {
            for _ in 0..BURST {
                acts.push(burst(view, to));
            }
        }
        acts
    }
}

fn burst(view: &mut View<'_>, to: ocr_protocol::id::OracleId) -> Act {
    let ahead = view
        .epoch
        .get()
        .saturating_add(view.rng.random_range(0..20));
    let at = EpochRound::new(ahead, view.rng.random_range(0..=255));
    match view.rng.random_range(0..4) {
        0 => Act::Say(to, Message::NewEpoch { epoch: Epoch::MAX }),
        1 => Act::Say(
            to,
            Message::NewEpoch {
                epoch: Epoch::new(ahead),
            },
        ),
        2 => Act::Say(
            to,
            Message::ObserveReq {
                at,
                query: Vec::new(),
            },
        ),
        _ => {
            let mut bytes = vec![0; view.rng.random_range(0..300)];
            view.rng.fill(&mut bytes[..]);
            Act::Garble(to, bytes)
        }
    }
}
