//! Leads with the observations it likes: the lowest `2f + 1` of all.

use ocr_protocol::message::Message;
use ocr_protocol::oracle::Output;

use super::{Act, Adversary, View};
use crate::process::observed_value;

#[derive(Debug)]
pub(super) struct Picker;

impl Adversary for Picker {
    fn perform(&mut self, view: &mut View<'_>, output: Output) -> Vec<Act> {
        let Output::Broadcast {
            message:
                Message::ReportReq {
                    at,
                    query,
                    mut observations,
                },
        } = output
        else {
            return vec![Act::Perform(output)];
        };
        observations.sort_by_key(|(_, signed)| observed_value(view.instance, &signed.observation));
        observations.truncate(2 * view.instance.public.committee.f() + 1);
        let message = Message::ReportReq {
            at,
            query,
            observations,
        };
        view.others()
            .map(|to| Act::Say(to, message.clone()))
            .collect()
    }
}
