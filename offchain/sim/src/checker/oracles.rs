//! What each honest oracle keeps to, alone.

use std::collections::BTreeMap;

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{ConfigDigest, Epoch, OracleId};
use ocr_protocol::message::Message;
use ocr_protocol::oracle::{FUTURE_MESSAGES_MAX, Queues};
use ocr_protocol::pacemaker::PacemakerState;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::{PENDING_MAX, TO_ACCEPT_MAX};

use super::{Rule, Violations};

/// The most rounds that are remembered as finalized: `2·age + 1`, and age is 1000 at most.
const FINALIZED_MAX: usize = 2001;

/// What is known of honest oracles.
#[derive(Debug, Default)]
pub struct Oracles {
    /// The epoch each is in.
    epochs: BTreeMap<(ConfigDigest, OracleId), Epoch>,
    /// The epoch each asked for last, as far as it knows.
    asked: BTreeMap<(ConfigDigest, OracleId), Epoch>,
    /// The highest epoch each may ask for: what its disk says, or what the chain showed when it started.
    may_ask: BTreeMap<(ConfigDigest, OracleId), Epoch>,
}

impl Oracles {
    /// An honest oracle starts, with this state on its disk, when the chain shows a report of epoch `shown`.
    pub fn on_started(
        &mut self,
        now: Instant,
        digest: ConfigDigest,
        oracle: OracleId,
        durable: Option<&PacemakerState>,
        shown: Option<Epoch>,
        violations: &mut Violations,
    ) {
        let (epoch, highest_sent) =
            durable.map_or_else(Default::default, |state| (state.epoch, state.highest_sent));
        self.in_epoch(now, digest, oracle, epoch, violations);
        let past_shown = shown.and_then(Epoch::next).unwrap_or_default();
        self.may_ask
            .insert((digest, oracle), highest_sent.max(past_shown));
        // What it asked for because the chain showed a report need not be durable: this time it may be out of reach.
        if let Some(asked) = self.asked.get_mut(&(digest, oracle)) {
            *asked = durable.map_or(Epoch::ZERO, |state| state.highest_sent.min(*asked));
        }
    }

    /// An honest oracle made `state` durable.
    pub fn on_persisted(&mut self, digest: ConfigDigest, oracle: OracleId, state: &PacemakerState) {
        let may_ask = self.may_ask.entry((digest, oracle)).or_default();
        *may_ask = state.highest_sent.max(*may_ask);
    }

    /// An honest oracle has dealt with an input.
    pub fn on_handled(
        &mut self,
        now: Instant,
        digest: ConfigDigest,
        oracle: OracleId,
        (epoch, queues): (Epoch, Queues),
        violations: &mut Violations,
    ) {
        self.in_epoch(now, digest, oracle, epoch, violations);
        let is_bounded = queues.future_messages <= FUTURE_MESSAGES_MAX
            && queues.finalized <= FINALIZED_MAX
            && queues.to_accept <= TO_ACCEPT_MAX
            && queues.pending <= PENDING_MAX;
        violations.check(is_bounded, now, Rule::QueuesAreBounded, || {
            format!("oracle {oracle}: {queues:?}")
        });
    }

    fn in_epoch(
        &mut self,
        now: Instant,
        digest: ConfigDigest,
        oracle: OracleId,
        epoch: Epoch,
        violations: &mut Violations,
    ) {
        let before = self.epochs.insert((digest, oracle), epoch);
        violations.check(
            before.is_none_or(|before| before <= epoch),
            now,
            Rule::EpochsNeverGoBack,
            || format!("oracle {oracle} goes from epoch {before:?} to {epoch}"),
        );
    }

    /// An honest oracle sends `message`.
    pub fn on_sent(
        &mut self,
        now: Instant,
        digest: ConfigDigest,
        oracle: OracleId,
        message: &Message,
        violations: &mut Violations,
    ) {
        let Message::NewEpoch { epoch } = message else {
            return;
        };
        let may_ask = self.may_ask.get(&(digest, oracle));
        let is_durable = may_ask.is_some_and(|highest| epoch <= highest);
        violations.check(is_durable, now, Rule::DurableBeforeSent, || {
            format!("oracle {oracle} asks for epoch {epoch}, its disk has {may_ask:?}")
        });
        let before = self.asked.insert((digest, oracle), *epoch);
        let holds = before.is_none_or(|before| before <= *epoch);
        violations.check(holds, now, Rule::EpochsNeverGoBack, || {
            format!("oracle {oracle} asks for epoch {epoch} after {before:?}")
        });
    }

    /// An honest oracle refused what an honest oracle said.
    pub fn on_refused(
        &self,
        now: Instant,
        by: OracleId,
        from: OracleId,
        reason: DropReason,
        violations: &mut Violations,
    ) {
        let accuses = matches!(
            reason,
            DropReason::ObserveSignatureInvalid
                | DropReason::ReportSignatureInvalid
                | DropReason::ObservationSignatureInvalid
                | DropReason::SignatureInvalid
                | DropReason::SignatureCountWrong
                | DropReason::SignerRepeated
                | DropReason::ObserverRepeated
                | DropReason::TooFewObservations
                | DropReason::ObservationsUnsorted
                | DropReason::SkipNotEmpty
                | DropReason::QueryNotEmpty
                | DropReason::SenderUnknown
        );
        violations.check(!accuses, now, Rule::HonestSignaturesHold, || {
            format!("oracle {by} refuses a message of honest oracle {from}: {reason}")
        });
    }
}
