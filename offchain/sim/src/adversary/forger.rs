//! Makes signatures up: others' observations, votes, attested reports.

use ocr_protocol::attestation::{AttestedReport, sign_report};
use ocr_protocol::id::{EpochRound, OracleId};
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use rand::Rng as _;

use super::{Act, Adversary, View, submission};
use crate::rng::chance;

#[derive(Debug)]
pub(super) struct Forger;

impl Adversary for Forger {
    fn scheme(&mut self, view: &mut View<'_>) -> Vec<Act> {
        let at = EpochRound::new(
            view.epoch.get(),
            view.rng.random_range(1..=view.instance.public.r_max),
        );
        let report = forged(view, at);
        let observations = view
            .instance
            .public
            .committee
            .oracles()
            .map(|observer| (observer, observation(view, at)));
        let observations: Vec<_> = observations.collect();
        let vote = ReportVote {
            skip: false,
            report: report.report.clone(),
            signature: vec![1; 65],
        };
        let messages = [
            Message::Final(report.clone()),
            Message::FinalEcho(report.clone()),
            Message::ReportReq {
                at,
                query: Vec::new(),
                observations,
            },
            Message::Report { at, vote },
        ];
        let mut acts: Vec<_> = submission(view, &report).into_iter().collect();
        for to in view.others() {
            let message = messages[view.rng.random_range(0..messages.len())].clone();
            acts.push(Act::Say(to, message));
        }
        acts
    }
}

/// Signed by itself, over the right round, and given out as another's.
fn observation(view: &View<'_>, at: EpochRound) -> SignedObservation {
    SignedObservation::sign(view.keyring, view.instance.digest, at, &[], vec![0; 24])
}

/// A report with as many signatures as it needs, of which at most one is real.
fn forged(view: &mut View<'_>, at: EpochRound) -> AttestedReport {
    let report = vec![0x11; 32 * (5 + view.instance.public.committee.n())];
    let mine = sign_report(view.keyring, view.instance.digest, at, &[0; 32], &report);
    let quorum = view.instance.public.committee.report_quorum();
    let signature = |place: usize, rng: &mut crate::rng::SimRng| {
        let name: Option<OracleId> = view.instance.public.committee.oracle(place);
        // Its own again, in the other form that recovers to the same key, or nobody's.
        let mut signature = mine.clone();
        if place > 0 && chance(rng, 0.5) {
            signature[rng.random_range(0..64)] ^= 1;
        }
        (name, signature)
    };
    AttestedReport {
        at,
        extra_hash: [0; 32],
        report,
        signatures: (0..quorum)
            .map(|place| signature(place, view.rng))
            .collect(),
    }
}
