//! Leads two reports in one round, each for a part of the committee, and brings both to the chain.
//! As a follower it observes twice.

use std::collections::BTreeMap;

use ocr_protocol::attestation::{AttestedReport, extra_hash, report_hash};
use ocr_protocol::id::{EpochRound, OracleId, Protocol};
use ocr_protocol::keyring::verify_onchain_like_evm;
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::oracle::Output;

use super::{Act, Adversary, View, submission};
use crate::process::observed_value;
use crate::rng::chance;

/// Rounds whose votes it still collects.
const ROUNDS_MAX: usize = 4;

/// Two lists of observations for one round, and the votes on what comes of each.
type Lists = [(
    Vec<(OracleId, SignedObservation)>,
    Vec<(OracleId, ReportVote)>,
); 2];

#[derive(Debug, Default)]
pub(super) struct Equivocator {
    rounds: BTreeMap<EpochRound, Lists>,
}

impl Adversary for Equivocator {
    fn perform(&mut self, view: &mut View<'_>, output: Output) -> Vec<Act> {
        match output {
            Output::Broadcast {
                message:
                    Message::ReportReq {
                        at,
                        query,
                        observations,
                    },
            } => {
                let lists = two_lists(view, observations);
                let mut acts = Vec::new();
                for to in view.others() {
                    let observations = lists[to.index() % 2].clone();
                    let query = query.clone();
                    acts.push(Act::Say(
                        to,
                        Message::ReportReq {
                            at,
                            query,
                            observations,
                        },
                    ));
                }
                self.rounds.insert(at, lists.map(|list| (list, Vec::new())));
                while self.rounds.len() > ROUNDS_MAX {
                    self.rounds.pop_first();
                }
                acts
            }
            Output::Send {
                to,
                message: Message::Observe { at, observation },
            } => {
                let twice = SignedObservation::sign(
                    view.keyring,
                    view.instance.digest,
                    at,
                    &[],
                    observation.observation.iter().rev().copied().collect(),
                );
                let second = Message::Observe {
                    at,
                    observation: twice,
                };
                vec![
                    Act::Say(to, Message::Observe { at, observation }),
                    Act::Say(to, second),
                ]
            }
            output => vec![Act::Perform(output)],
        }
    }

    fn hear(&mut self, view: &mut View<'_>, from: OracleId, message: &Message) -> Vec<Act> {
        let Message::Report { at, vote } = message else {
            return Vec::new();
        };
        let Some(lists) = self.rounds.get_mut(at) else {
            return Vec::new();
        };
        let quorum = view.instance.public.committee.report_quorum();
        let mut acts = Vec::new();
        for (observations, votes) in lists {
            let extra_hash = match view.instance.digest.protocol() {
                Protocol::Ocr1 => [0; 32],
                Protocol::Ocr2 => extra_hash(&[], observations),
            };
            let hash = report_hash(view.instance.digest, *at, &extra_hash, &vote.report);
            let signer = view.instance.public.oracles[from].signer;
            if vote.skip || !verify_onchain_like_evm(signer, &hash, &vote.signature) {
                continue;
            }
            votes.push((from, vote.clone()));
            let equal: Vec<_> = votes
                .iter()
                .filter(|(_, other)| other.report == vote.report)
                .collect();
            if equal.len() != quorum {
                continue;
            }
            let report = AttestedReport {
                at: *at,
                extra_hash,
                report: vote.report.clone(),
                signatures: equal
                    .iter()
                    .map(|(signer, vote)| (Some(*signer), vote.signature.clone()))
                    .collect(),
            };
            acts.extend(submission(view, &report));
            for to in view.others() {
                if chance(view.rng, 0.5) {
                    acts.push(Act::Say(to, Message::Final(report.clone())));
                }
            }
        }
        acts
    }
}

/// All observations but the first, and all but the last, where there are enough.
fn two_lists(
    view: &View<'_>,
    observations: Vec<(OracleId, SignedObservation)>,
) -> [Vec<(OracleId, SignedObservation)>; 2] {
    let mut other = observations.clone();
    if view.instance.public.committee.is_agreed_by(other.len() - 1) {
        other.remove(0);
    } else {
        // The same in another order, where the order matters, is another list.
        other.reverse();
        // OCR1's followers want ascending values.
        if view.instance.digest.protocol() == Protocol::Ocr1 {
            other.sort_by_key(|(_, signed)| observed_value(view.instance, &signed.observation));
        }
    }
    [observations, other]
}
