//! Why an event was refused: one name for each guard.
//!
//! Peers are adversaries and their mistakes are data, so a refusal is an outcome. The driver turns
//! each into one metric and one log event. The lines are those of `docs/protocol.md`.

use core::fmt;

macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// The guard that refused a message, an answer or a stored item.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum DropReason {
            $($(#[$doc])* $name,)+
        }

        impl DropReason {
            /// Every reason, in the order of the guards.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Returns the reason as metrics and logs write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

drop_reasons! {
    /// P2: the stored pacemaker state contradicts itself.
    StateCorrupted = "state_corrupted",
    /// P2: the stored pacemaker state is of no epoch.
    StateStale = "state_stale",
    /// P6: a newer stored report makes this overdue one worthless.
    PendingSuperseded = "pending_superseded",
    /// The queue of this oracle's own messages is full.
    OwnQueueFull = "own_queue_full",
    /// P11: the sender is not of the committee, or is this oracle itself.
    SenderUnknown = "sender_unknown",
    /// P14, P23: the message is of an epoch that is over.
    EpochPast = "epoch_past",
    /// P16: the sender's oldest message for a later epoch made room for a younger one.
    FutureBufferFull = "future_buffer_full",
    /// P31: the sender asked for this epoch or a higher one before.
    EpochNotHigher = "epoch_not_higher",
    /// P37: there is no epoch after this one.
    EpochsExhausted = "epochs_exhausted",
    /// P43, P47: only the leader is told this, and this oracle is not the leader.
    NotLeader = "not_leader",
    /// P43: an observation for another round.
    ObserveOtherRound = "observe_other_round",
    /// P43: the round's observations are already sent out.
    ObserveOutOfPhase = "observe_out_of_phase",
    /// P43: the sender's observation is already there.
    ObserveRepeated = "observe_repeated",
    /// P43: the sender did not sign this observation for this round.
    ObserveSignatureInvalid = "observe_signature_invalid",
    /// P47: a vote for another round.
    ReportOtherRound = "report_other_round",
    /// P47: votes are not wanted yet, or no more.
    ReportOutOfPhase = "report_out_of_phase",
    /// P47: the sender's vote is already there.
    ReportRepeated = "report_repeated",
    /// P47: a vote for no report that carries a report or a signature.
    SkipNotEmpty = "skip_not_empty",
    /// P47: the sender did not sign this report for this round and these observations.
    ReportSignatureInvalid = "report_signature_invalid",
    /// P53: only the leader may ask for observations.
    ObserveReqFromNonLeader = "observe_req_from_non_leader",
    /// P53: the round is not higher than the one that runs.
    ObserveReqNotHigher = "observe_req_not_higher",
    /// P53: the round is higher than any the leader may start.
    ObserveReqTooHigh = "observe_req_too_high",
    /// P54, P59: the median has no queries.
    QueryNotEmpty = "query_not_empty",
    /// P54: this oracle signed an observation in this round or a later one, perhaps before a restart.
    ObservationAlreadySigned = "observation_already_signed",
    /// P55: the observation is not waited for any more.
    ObservationLate = "observation_late",
    /// P55: the source failed or was too slow; the oracle abstains.
    ObservationFailed = "observation_failed",
    /// P57: only the leader may ask for reports.
    ReportReqFromNonLeader = "report_req_from_non_leader",
    /// P57: a request for another round.
    ReportReqOtherRound = "report_req_other_round",
    /// P57: this oracle voted in this round.
    ReportReqAfterReport = "report_req_after_report",
    /// P57: the round is complete.
    ReportReqAfterCompletion = "report_req_after_completion",
    /// P57: the report is being made.
    ReportReqRepeated = "report_req_repeated",
    /// P103: OCR1's observations are not in ascending order of value.
    ObservationsUnsorted = "observations_unsorted",
    /// P58: two observations of one oracle.
    ObserverRepeated = "observer_repeated",
    /// P58: an observation that its observer did not sign for this round and query.
    ObservationSignatureInvalid = "observation_signature_invalid",
    /// P58: not more than 2f observations.
    TooFewObservations = "too_few_observations",
    /// P59: this oracle signed a report in this round or a later one, perhaps before a restart.
    ReportAlreadySigned = "report_already_signed",
    /// P60: the chain's view is not waited for any more.
    ReportReadLate = "report_read_late",
    /// P60: the chain could not be read in time; the oracle does not vote.
    ReportReadFailed = "report_read_failed",
    /// P60: the plugin cannot make a report of these observations.
    ReportFailed = "report_failed",
    /// P64: a report of another round.
    FinalOtherRound = "final_other_round",
    /// P64: only the leader may announce a report.
    FinalFromNonLeader = "final_from_non_leader",
    /// P71: the round is higher than any that makes reports.
    EchoRoundTooHigh = "echo_round_too_high",
    /// P71, P73: the report is far older than the latest.
    FinalExpired = "final_expired",
    /// P71, P73, P105: the round has its report.
    FinalRepeated = "final_repeated",
    /// P71: not exactly f + 1 signatures; in OCR1 fewer.
    SignatureCountWrong = "signature_count_wrong",
    /// P71: two signatures of one oracle.
    SignerRepeated = "signer_repeated",
    /// P71: a signature that its signer did not make.
    SignatureInvalid = "signature_invalid",
    /// P106: a report of another round.
    EchoOtherRound = "echo_other_round",
    /// P106: the sender echoed a report of this round.
    EchoRepeated = "echo_repeated",
    /// P106: the round is complete.
    EchoAfterCompletion = "echo_after_completion",
    /// P80: reports wait for the chain and the oldest made room.
    AcceptQueueFull = "accept_queue_full",
    /// P82: the chain's view is not waited for.
    AcceptReadLate = "accept_read_late",
    /// P83: this round's report waits for its time already.
    PendingRepeated = "pending_repeated",
    /// P83: too many reports wait for their time and the lowest made room.
    PendingFull = "pending_full",
    /// P85: the chain's view is not waited for.
    TransmitReadLate = "transmit_read_late",
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
