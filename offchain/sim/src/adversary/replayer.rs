//! Says again what it heard: in other rounds and epochs, under other configurations, on the chain.

use ocr_protocol::id::OracleId;
use ocr_protocol::message::Message;
use rand::Rng as _;

use super::{Act, Adversary, View, submission};

/// Messages it remembers.
const MEMORY: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Replayer {
    heard: Vec<Message>,
}

impl Adversary for Replayer {
    fn hear(&mut self, view: &mut View<'_>, _: OracleId, message: &Message) -> Vec<Act> {
        if self.heard.len() < MEMORY {
            self.heard.push(message.clone());
        } else {
            let place = view.rng.random_range(0..MEMORY);
            self.heard[place] = message.clone();
        }
        Vec::new()
    }

    fn scheme(&mut self, view: &mut View<'_>) -> Vec<Act> {
        let mut acts = Vec::new();
        for to in view.others() {
            if self.heard.is_empty() {
                break;
            }
            let message = self.heard[view.rng.random_range(0..self.heard.len())].clone();
            if let Message::Final(report) | Message::FinalEcho(report) = &message {
                acts.extend(submission(view, report));
            }
            acts.push(Act::Say(to, message));
        }
        acts
    }
}
