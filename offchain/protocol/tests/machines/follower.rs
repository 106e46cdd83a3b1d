//! Lines P52 to P66.

use ocr_protocol::attestation::{AttestedReport, extra_hash};
use ocr_protocol::config::Config;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{EpochRound, OracleId};
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::round::{Follower, Output, SignedMarks};

use crate::harness::{
    at, attested, config, digest, epoch, keyring, observations, oid, round, signed_observation,
    skip, vote_on,
};

/// Whom oracle 2 follows through epoch 7.
const LEADER: usize = 1;
const ME: usize = 2;

type Done = (Result<(), DropReason>, Vec<Output>);

struct Seat {
    config: Config,
    follower: Follower,
}

impl Seat {
    fn taken() -> Self {
        Self::taken_with(SignedMarks::default())
    }

    fn taken_with(signed: SignedMarks) -> Self {
        Self {
            config: config(ME),
            follower: Follower::new(epoch(7), oid(LEADER), signed),
        }
    }

    /// In round 7.1, with the source asked.
    fn observing() -> Self {
        let mut seat = Self::taken();
        assert_eq!(seat.observe_req(LEADER, 1).0, Ok(()));
        seat
    }

    /// In round 7.1, with the chain asked.
    fn reporting() -> Self {
        let mut seat = Self::observing();
        assert_eq!(seat.report_req(&[0, 1, 2]).0, Ok(()));
        seat
    }

    fn observe_req(&mut self, from: usize, number: u8) -> Done {
        self.observe_req_with(from, number, &[])
    }

    fn observe_req_with(&mut self, from: usize, number: u8, query: &[u8]) -> Done {
        let mut out = Vec::new();
        let public = &self.config.public;
        let result =
            self.follower
                .on_observe_req(public, oid(from), round(number), query, &mut out);
        (result, out)
    }

    fn observed(&mut self, at: EpochRound, bytes: Option<Vec<u8>>) -> Done {
        let mut out = Vec::new();
        let public = &self.config.public;
        let result = self
            .follower
            .on_observed(public, &keyring(ME), at, bytes, &mut out);
        (result, out)
    }

    fn report_req(&mut self, observers: &[usize]) -> Done {
        self.report_req_with(LEADER, at(7, 1), &[], observations(at(7, 1), observers))
    }

    fn report_req_with(
        &mut self,
        from: usize,
        at: EpochRound,
        query: &[u8],
        list: Vec<(OracleId, SignedObservation)>,
    ) -> Done {
        let mut out = Vec::new();
        let result =
            self.follower
                .on_report_req(&self.config, oid(from), at.round, query, list, &mut out);
        (result, out)
    }

    fn decide(&mut self, report: Option<&[u8]>) -> Vec<Output> {
        let mut out = Vec::new();
        let (public, report) = (&self.config.public, report.map(<[u8]>::to_vec));
        self.follower
            .on_report_decided(public, &keyring(ME), report, &mut out);
        out
    }

    fn hear_final(&mut self, from: usize, report: AttestedReport) -> Done {
        let mut out = Vec::new();
        let result = self
            .follower
            .on_final(&self.config, oid(from), report, &mut out);
        (result, out)
    }
}

fn dropped(reason: DropReason) -> Done {
    (Err(reason), vec![])
}

#[test]
fn a_round_starts_with_a_request_to_the_source() {
    let (result, out) = Seat::taken().observe_req(LEADER, 1);
    assert_eq!(result, Ok(()));
    assert_eq!(
        out,
        [Output::RoundStarted(at(7, 1)), Output::Observe(at(7, 1))]
    );
}

#[test]
fn only_the_leader_starts_rounds() {
    let mut seat = Seat::taken();
    for from in [0, 2, 3] {
        assert_eq!(
            seat.observe_req(from, 1),
            dropped(DropReason::ObserveReqFromNonLeader)
        );
    }
    assert_eq!(seat.follower.round(), round(0));
}

#[test]
fn rounds_only_go_up_and_may_skip() {
    let mut seat = Seat::taken();
    assert_eq!(
        seat.observe_req(LEADER, 0),
        dropped(DropReason::ObserveReqNotHigher)
    );
    assert_eq!(seat.observe_req(LEADER, 2).0, Ok(()));
    assert_eq!(
        seat.observe_req(LEADER, 2),
        dropped(DropReason::ObserveReqNotHigher)
    );
    assert_eq!(
        seat.observe_req(LEADER, 1),
        dropped(DropReason::ObserveReqNotHigher)
    );
    assert_eq!(seat.observe_req(LEADER, 3).0, Ok(()));
}

#[test]
fn one_round_beyond_r_max_gives_the_leader_up_once() {
    let mut seat = Seat::taken();
    assert_eq!(
        seat.observe_req(LEADER, 5),
        dropped(DropReason::ObserveReqTooHigh)
    );
    assert_eq!(
        seat.observe_req(LEADER, 255),
        dropped(DropReason::ObserveReqTooHigh)
    );
    assert_eq!(
        seat.observe_req(LEADER, 4),
        (Ok(()), vec![Output::ChangeLeader])
    );
    assert_eq!(
        seat.observe_req(LEADER, 4),
        dropped(DropReason::ObserveReqNotHigher)
    );
    assert_eq!(
        seat.observe_req(LEADER, 5),
        dropped(DropReason::ObserveReqTooHigh)
    );
}

#[test]
fn giving_the_leader_up_does_not_open_its_last_round_again() {
    let mut seat = Seat::reporting();
    seat.decide(None);
    seat.observe_req(LEADER, 4).0.unwrap();
    let result = seat.report_req_with(LEADER, at(7, 4), &[], observations(at(7, 4), &[0, 1, 2]));
    assert_eq!(result, dropped(DropReason::ReportReqAfterReport));
}

#[test]
fn the_median_answers_no_query_but_the_round_runs() {
    let mut seat = Seat::taken();
    let (result, out) = seat.observe_req_with(LEADER, 1, b"q");
    assert_eq!(result, Err(DropReason::QueryNotEmpty));
    assert_eq!(out, [Output::RoundStarted(at(7, 1))]);
    assert_eq!(
        seat.observed(at(7, 1), Some(vec![1])),
        dropped(DropReason::ObservationLate)
    );
    assert_eq!(seat.report_req(&[0, 1, 3]).0, Ok(()));
}

#[test]
fn an_observation_is_signed_once_the_mark_is_durable() {
    let mut seat = Seat::observing();
    let (result, out) = seat.observed(at(7, 1), Some(vec![1, 2]));
    assert_eq!(result, Ok(()));
    let observation = SignedObservation::sign(&keyring(ME), digest(), at(7, 1), &[], vec![1, 2]);
    let expected = [
        Output::PersistObservation(at(7, 1)),
        Output::ToLeader(Message::Observe {
            at: at(7, 1),
            observation,
        }),
    ];
    assert_eq!(out, expected);
    assert_eq!(seat.follower.signed().observation, at(7, 1));
    assert_eq!(
        seat.observed(at(7, 1), Some(vec![3])),
        dropped(DropReason::ObservationLate)
    );
}

#[test]
fn a_failing_source_is_an_abstention() {
    let mut seat = Seat::observing();
    assert_eq!(
        seat.observed(at(7, 1), None),
        dropped(DropReason::ObservationFailed)
    );
    assert_eq!(
        seat.observed(at(7, 1), Some(vec![1])),
        dropped(DropReason::ObservationLate)
    );
    assert_eq!(seat.follower.signed(), SignedMarks::default());
    assert_eq!(
        seat.report_req(&[0, 1, 3]).0,
        Ok(()),
        "the round goes on without it"
    );
}

#[test]
fn an_observation_for_another_round_is_late() {
    let mut seat = Seat::observing();
    seat.observe_req(LEADER, 2).0.unwrap();
    for other in [at(7, 1), at(6, 2), at(8, 2), at(7, 3)] {
        assert_eq!(
            seat.observed(other, Some(vec![1])),
            dropped(DropReason::ObservationLate)
        );
    }
    assert_eq!(seat.observed(at(7, 2), Some(vec![1])).0, Ok(()));
}

#[test]
fn an_observation_is_late_once_the_report_is_asked_for_or_the_round_is_complete() {
    let mut reporting = Seat::reporting();
    assert_eq!(
        reporting.observed(at(7, 1), Some(vec![1])),
        dropped(DropReason::ObservationLate)
    );
    let mut completed = Seat::observing();
    completed
        .hear_final(LEADER, attested(at(7, 1), &[0, 3]))
        .0
        .unwrap();
    assert_eq!(
        completed.observed(at(7, 1), Some(vec![1])),
        dropped(DropReason::ObservationLate)
    );
}

#[test]
fn no_observation_is_signed_at_or_below_the_mark() {
    let marks = SignedMarks {
        observation: at(7, 2),
        report: at(0, 0),
    };
    for (number, expected) in [
        (1, Err(DropReason::ObservationAlreadySigned)),
        (2, Err(DropReason::ObservationAlreadySigned)),
        (3, Ok(())),
    ] {
        let mut seat = Seat::taken_with(marks);
        let (result, out) = seat.observe_req(LEADER, number);
        assert_eq!(result, expected);
        assert_eq!(
            out[0],
            Output::RoundStarted(at(7, number)),
            "the round runs"
        );
        assert_eq!(
            out.contains(&Output::Observe(at(7, number))),
            expected.is_ok()
        );
    }
    let later_epoch = SignedMarks {
        observation: at(8, 1),
        report: at(0, 0),
    };
    let (result, _) = Seat::taken_with(later_epoch).observe_req(LEADER, 3);
    assert_eq!(result, Err(DropReason::ObservationAlreadySigned));
}

#[test]
fn a_valid_request_for_a_report_asks_the_chain() {
    let (result, out) = Seat::observing().report_req(&[0, 1, 2]);
    assert_eq!(result, Ok(()));
    assert_eq!(
        out,
        [
            Output::ObservationIncluded(at(7, 1)),
            Output::ReadChain(at(7, 1))
        ]
    );
    let (_, without_mine) = Seat::observing().report_req(&[0, 1, 3]);
    assert_eq!(without_mine, [Output::ReadChain(at(7, 1))]);
}

#[test]
fn only_the_leader_asks_for_reports() {
    let list = observations(at(7, 1), &[0, 1, 2]);
    for from in [0, 2, 3] {
        let result = Seat::observing().report_req_with(from, at(7, 1), &[], list.clone());
        assert_eq!(result, dropped(DropReason::ReportReqFromNonLeader));
    }
}

#[test]
fn a_report_is_asked_for_in_the_running_round() {
    let mut seat = Seat::observing();
    seat.observe_req(LEADER, 2).0.unwrap();
    for number in [0, 1, 3] {
        let list = observations(at(7, number), &[0, 1, 2]);
        let result = seat.report_req_with(LEADER, at(7, number), &[], list);
        assert_eq!(result, dropped(DropReason::ReportReqOtherRound));
    }
}

#[test]
fn a_follower_votes_once_a_round() {
    let mut seat = Seat::reporting();
    assert_eq!(
        seat.report_req(&[0, 1, 3]),
        dropped(DropReason::ReportReqRepeated)
    );
    seat.decide(Some(b"one"));
    assert_eq!(
        seat.report_req(&[0, 1, 3]),
        dropped(DropReason::ReportReqAfterReport)
    );
    seat.observe_req(LEADER, 2).0.unwrap();
    let next = observations(at(7, 2), &[0, 1, 3]);
    assert_eq!(seat.report_req_with(LEADER, at(7, 2), &[], next).0, Ok(()));
}

#[test]
fn a_complete_round_needs_no_vote() {
    let mut seat = Seat::observing();
    seat.hear_final(LEADER, attested(at(7, 1), &[0, 3]))
        .0
        .unwrap();
    assert_eq!(
        seat.report_req(&[0, 1, 2]),
        dropped(DropReason::ReportReqAfterCompletion)
    );
}

#[test]
fn a_list_needs_more_than_two_f_observations() {
    for observers in [&[][..], &[0], &[0, 1]] {
        assert_eq!(
            Seat::observing().report_req(observers),
            dropped(DropReason::TooFewObservations)
        );
    }
    assert_eq!(Seat::observing().report_req(&[0, 1, 2, 3]).0, Ok(()));
}

#[test]
fn a_list_has_one_observation_of_an_oracle() {
    let mut list = observations(at(7, 1), &[0, 1, 2]);
    list.push((oid(1), signed_observation(1, at(7, 1), 555)));
    let result = Seat::observing().report_req_with(LEADER, at(7, 1), &[], list);
    assert_eq!(result, dropped(DropReason::ObserverRepeated));
}

#[test]
fn a_list_has_observations_signed_for_this_round_and_query() {
    let mut other_digest = digest();
    other_digest.0[31] ^= 1;
    let signed =
        |digest, at, query: &[u8]| SignedObservation::sign(&keyring(3), digest, at, query, vec![1]);
    let forged = [
        signed(other_digest, at(7, 1), &[]),
        signed(digest(), at(6, 1), &[]),
        signed(digest(), at(7, 2), &[]),
        signed(digest(), at(7, 1), b"q"),
        signed_observation(2, at(7, 1), 100),
    ];
    for observation in forged {
        let mut list = observations(at(7, 1), &[0, 1, 2]);
        list.push((oid(3), observation));
        let result = Seat::observing().report_req_with(LEADER, at(7, 1), &[], list);
        assert_eq!(result, dropped(DropReason::ObservationSignatureInvalid));
    }
}

/// A leader that asks some oracles one thing and others another gets no report.
#[test]
fn a_list_under_another_query_than_it_was_signed_for_is_invalid() {
    let list = observations(at(7, 1), &[0, 1, 2]);
    let result = Seat::observing().report_req_with(LEADER, at(7, 1), b"q", list);
    assert_eq!(result, dropped(DropReason::ObservationSignatureInvalid));

    let signed = |&observer: &usize| {
        let keyring = keyring(observer);
        (
            oid(observer),
            SignedObservation::sign(&keyring, digest(), at(7, 1), b"q", vec![1]),
        )
    };
    let list: Vec<_> = [0, 1, 3].iter().map(signed).collect();
    let result = Seat::observing().report_req_with(LEADER, at(7, 1), b"q", list);
    assert_eq!(result, dropped(DropReason::QueryNotEmpty));
}

#[test]
fn a_list_in_another_order_is_another_report() {
    let mut seat = Seat::observing();
    assert_eq!(seat.report_req(&[2, 0, 1]).0, Ok(()));
    let permuted = observations(at(7, 1), &[2, 0, 1]);
    let in_order: Vec<_> = permuted
        .iter()
        .map(|(observer, signed)| (*observer, &signed.observation[..]))
        .collect();
    assert_eq!(seat.follower.observations(at(7, 1)), Ok(in_order));
    let vote = vote_on(ME, at(7, 1), &permuted, b"one");
    let out = seat.decide(Some(b"one"));
    assert_eq!(
        out[1],
        Output::ToLeader(Message::Report { at: at(7, 1), vote })
    );
    let sorted = observations(at(7, 1), &[0, 1, 2]);
    assert_ne!(extra_hash(&[], &permuted), extra_hash(&[], &sorted));
}

#[test]
fn no_report_is_signed_at_or_below_the_mark() {
    for mark in [at(7, 1), at(7, 2), at(8, 1)] {
        let signed = SignedMarks {
            observation: at(0, 0),
            report: mark,
        };
        let mut seat = Seat::taken_with(signed);
        assert_eq!(
            seat.observe_req(LEADER, 1).0,
            Ok(()),
            "observations have their own mark"
        );
        let (result, out) = seat.report_req(&[0, 1, 3]);
        assert_eq!(result, Err(DropReason::ReportAlreadySigned));
        assert_eq!(out, []);
    }
}

#[test]
fn a_report_is_signed_once_the_mark_is_durable() {
    let mut seat = Seat::reporting();
    let out = seat.decide(Some(b"one"));
    let vote = vote_on(ME, at(7, 1), &observations(at(7, 1), &[0, 1, 2]), b"one");
    let expected = [
        Output::PersistReport(at(7, 1)),
        Output::ToLeader(Message::Report { at: at(7, 1), vote }),
    ];
    assert_eq!(out, expected);
    assert_eq!(seat.follower.signed().report, at(7, 1));
}

#[test]
fn a_skip_is_unsigned_and_completes_the_round() {
    let mut seat = Seat::reporting();
    let vote = ReportVote {
        skip: true,
        report: vec![],
        signature: vec![],
    };
    let expected = [
        Output::ToLeader(Message::Report {
            at: at(7, 1),
            vote: vote.clone(),
        }),
        Output::Completed(at(7, 1)),
    ];
    assert_eq!(vote, skip());
    assert_eq!(seat.decide(None), expected);
    assert_eq!(seat.follower.signed().report, at(0, 0));
    assert_eq!(
        seat.report_req(&[0, 1, 3]),
        dropped(DropReason::ReportReqAfterReport)
    );
}

#[test]
fn after_a_report_failed_a_repeated_request_is_served() {
    let mut seat = Seat::reporting();
    seat.follower.on_report_failed();
    assert_eq!(
        seat.follower.observations(at(7, 1)),
        Err(DropReason::ReportReadLate)
    );
    assert_eq!(seat.report_req(&[0, 1, 3]).0, Ok(()));
}

#[test]
fn the_chains_view_is_late_for_another_round_and_for_a_complete_one() {
    let mut seat = Seat::reporting();
    for other in [at(7, 0), at(7, 2), at(6, 1)] {
        assert_eq!(
            seat.follower.observations(other),
            Err(DropReason::ReportReadLate)
        );
    }
    seat.hear_final(LEADER, attested(at(7, 1), &[0, 3]))
        .0
        .unwrap();
    assert_eq!(
        seat.follower.observations(at(7, 1)),
        Err(DropReason::ReportReadLate)
    );

    let mut superseded = Seat::reporting();
    superseded.observe_req(LEADER, 2).0.unwrap();
    for round in [at(7, 1), at(7, 2)] {
        assert_eq!(
            superseded.follower.observations(round),
            Err(DropReason::ReportReadLate)
        );
    }
}

#[test]
fn a_final_completes_the_round_and_only_once() {
    let mut seat = Seat::observing();
    let report = attested(at(7, 1), &[0, 3]);
    let (result, out) = seat.hear_final(LEADER, report.clone());
    assert_eq!(result, Ok(()));
    assert_eq!(
        out,
        [Output::Final(report.clone()), Output::Completed(at(7, 1))]
    );
    let again = seat.hear_final(LEADER, report.clone());
    assert_eq!(again, (Ok(()), vec![Output::Final(report)]));
}

#[test]
fn a_final_is_taken_after_a_skip() {
    let mut seat = Seat::reporting();
    seat.decide(None);
    let report = attested(at(7, 1), &[0, 3]);
    let result = seat.hear_final(LEADER, report.clone());
    assert_eq!(result, (Ok(()), vec![Output::Final(report)]));
}

#[test]
fn a_final_is_of_the_running_round_and_from_the_leader() {
    let mut seat = Seat::observing();
    for number in [0, 2] {
        let result = seat.hear_final(LEADER, attested(at(7, number), &[0, 3]));
        assert_eq!(result, dropped(DropReason::FinalOtherRound));
    }
    let result = seat.hear_final(0, attested(at(7, 1), &[0, 3]));
    assert_eq!(result, dropped(DropReason::FinalFromNonLeader));
}

#[test]
fn a_final_needs_exactly_a_quorum_of_distinct_valid_signatures() {
    let mut wrong_hash = attested(at(7, 1), &[0, 3]);
    wrong_hash.extra_hash[0] ^= 1;
    let mut swapped = attested(at(7, 1), &[0, 3]);
    swapped.report = b"another".to_vec();
    let refused = [
        (attested(at(7, 1), &[0]), DropReason::SignatureCountWrong),
        (
            attested(at(7, 1), &[0, 1, 3]),
            DropReason::SignatureCountWrong,
        ),
        (attested(at(7, 1), &[3, 3]), DropReason::SignerRepeated),
        (wrong_hash, DropReason::SignatureInvalid),
        (swapped, DropReason::SignatureInvalid),
    ];
    let mut seat = Seat::observing();
    for (report, reason) in refused {
        assert_eq!(seat.hear_final(LEADER, report), dropped(reason));
    }
    assert_eq!(
        seat.hear_final(LEADER, attested(at(7, 1), &[0, 3])).0,
        Ok(())
    );
}

#[test]
fn what_the_own_leader_part_checked_is_not_checked_again() {
    let mut seat = Seat::taken();
    seat.follower = Follower::new(epoch(7), oid(ME), SignedMarks::default());
    assert_eq!(seat.observe_req(ME, 1).0, Ok(()));
    let unsigned = |observer| (oid(observer), SignedObservation::default());
    let list = vec![unsigned(0), unsigned(1), unsigned(2)];
    assert_eq!(seat.report_req_with(ME, at(7, 1), &[], list).0, Ok(()));
    let report = AttestedReport {
        at: at(7, 1),
        extra_hash: [0; 32],
        report: Vec::new(),
        signatures: Vec::new(),
    };
    assert_eq!(seat.hear_final(ME, report).0, Ok(()));
}
