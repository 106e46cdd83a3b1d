//! What the chain takes: newer, attested, honest.

use alloy_primitives::keccak256;
use ocr_protocol::id::{OracleId, Protocol};
use ocr_protocol::keyring::recover_onchain_like_evm;
use ocr_protocol::time::Instant;

use super::{Rule, Signing, Violations};
use crate::chain::{Call, Included};
use crate::committee::Instance;

impl Signing {
    /// The chain took a report. `is_honest` tells the honest oracles.
    pub fn on_included(
        &mut self,
        now: Instant,
        instance: &Instance,
        included: &Included,
        is_honest: impl Fn(OracleId) -> bool,
        violations: &mut Violations,
    ) {
        let at = included.accepted.at;
        violations.check(
            at > included.previous,
            now,
            Rule::ChainNeverGoesBack,
            || format!("round {at} follows {}", included.previous),
        );

        let signers = signers(instance, &included.call);
        let quorum = instance.public.committee.report_quorum();
        violations.check(
            signers.len() >= quorum,
            now,
            Rule::ChainTakesAttested,
            || format!("round {at}: {} oracles signed", signers.len()),
        );
        let place = (instance.digest, at);
        for signer in signers.into_iter().filter(|signer| is_honest(*signer)) {
            violations.check(
                self.may_have_reported(place, signer),
                now,
                Rule::ChainTakesAttested,
                || format!("round {at}: oracle {signer} did not sign"),
            );
            self.reported(
                now,
                place,
                signer,
                untagged(instance, &included.call),
                violations,
            );
        }

        let extremes = self.extremes.get(&place).copied();
        let answer = included.accepted.answer;
        let is_between = extremes.is_some_and(|(least, most)| (least..=most).contains(&answer));
        violations.check(is_between, now, Rule::AnswersAreHonest, || {
            format!("round {at}: {answer} where honest oracles observed {extremes:?}")
        });
    }
}

/// Returns the distinct oracles whose signatures a call has.
fn signers(instance: &Instance, call: &Call) -> Vec<OracleId> {
    let hash = match instance.digest.protocol() {
        Protocol::Ocr1 => keccak256(&call.report),
        Protocol::Ocr2 => {
            let report = keccak256(&call.report);
            keccak256([report.as_slice(), call.context.as_flattened()].concat())
        }
    };
    let address = |place: usize| {
        let signature = [&call.rs[place][..], &call.ss[place], &[call.raw_vs[place]]].concat();
        recover_onchain_like_evm(&hash.0, &signature)
    };
    let recovered: Vec<_> = (0..call.rs.len().min(call.ss.len()))
        .filter_map(address)
        .collect();
    let oracles = instance.public.oracles.iter();
    oracles
        .filter(|(_, identity)| recovered.contains(&identity.signer))
        .map(|(oracle, _)| oracle)
        .collect()
}

/// The report as oracles vote on it: OCR1's has its context before it on the chain.
fn untagged<'a>(instance: &Instance, call: &'a Call) -> &'a [u8] {
    match instance.digest.protocol() {
        Protocol::Ocr1 => &call.report[32..],
        Protocol::Ocr2 => &call.report,
    }
}
