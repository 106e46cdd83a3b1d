//! Lines P40 to P49.

use ocr_protocol::attestation::{AttestedReport, extra_hash};
use ocr_protocol::config::PublicConfig;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{ConfigDigest, EpochRound};
use ocr_protocol::message::{Message, ReportVote};
use ocr_protocol::observation::SignedObservation;
use ocr_protocol::round::{Leader, Phase, SignedMarks};
use ocr_protocol::time::Instant;

use crate::harness::{
    at, digest, epoch, keyring, millis, ms, observations, observe_req, oid, public, round,
    signed_observation, skip, vote, vote_on,
};

/// The leader of epoch 7 and its configuration.
struct Seat {
    config: PublicConfig,
    leader: Leader,
}

impl Seat {
    fn taken() -> Self {
        Self::taken_with(public())
    }

    fn taken_with(config: PublicConfig) -> Self {
        let mut out = Vec::new();
        let signed = SignedMarks::default();
        let leader = Leader::start(&config, epoch(7), signed, Instant::START, &mut out);
        assert_eq!(out, [observe_req(at(7, 1))]);
        Self { config, leader }
    }

    /// With the observations of 0, 1 and 2 asked for a report.
    fn reporting() -> Self {
        let mut seat = Self::taken();
        seat.collect(at(7, 1), &[0, 1, 2]);
        seat.leader.on_grace_timer(&mut Vec::new());
        seat
    }

    fn collect(&mut self, at: EpochRound, observers: &[usize]) {
        for &observer in observers {
            let observation = signed_observation(observer, at, 100 + observer as i64);
            self.observe_at(Instant::START, observer, at, observation)
                .expect("a valid one");
        }
    }

    fn observe(&mut self, from: usize, observation: SignedObservation) -> Result<(), DropReason> {
        self.observe_at(
            Instant::START,
            from,
            at(7, self.leader.round().get()),
            observation,
        )
    }

    fn observe_at(
        &mut self,
        now: Instant,
        from: usize,
        at: EpochRound,
        observation: SignedObservation,
    ) -> Result<(), DropReason> {
        self.leader
            .on_observe(&self.config, now, oid(from), at.round, observation)
    }

    fn vote(&mut self, from: usize, vote: ReportVote) -> Result<Vec<Message>, DropReason> {
        let mut out = Vec::new();
        let round = self.leader.round();
        self.leader
            .on_report(&self.config, ms(50), oid(from), round, vote, &mut out)?;
        Ok(out)
    }

    fn grace_timer(&mut self) -> Vec<Message> {
        let mut out = Vec::new();
        self.leader.on_grace_timer(&mut out);
        out
    }

    fn round_timer(&mut self, now: Instant) -> Vec<Message> {
        let mut out = Vec::new();
        self.leader.on_round_timer(&self.config, now, &mut out);
        out
    }
}

/// A good vote of `signer` on the observations of 0, 1 and 2 in round 7.1.
fn good_vote(signer: usize, report: &[u8]) -> ReportVote {
    vote_on(
        signer,
        at(7, 1),
        &observations(at(7, 1), &[0, 1, 2]),
        report,
    )
}

#[test]
fn leading_starts_with_round_one_and_the_round_timer() {
    let seat = Seat::taken();
    assert_eq!(seat.leader.round(), round(1));
    assert_eq!(seat.leader.phase(), Phase::Observe);
    assert_eq!(seat.leader.round_at(), Some(ms(100)));
    assert_eq!(seat.leader.grace_at(), None);
}

#[test]
fn a_restarted_leader_goes_on_after_the_round_it_signed_last() {
    for (mark, first) in [(at(7, 2), 3), (at(7, 3), 4), (at(6, 2), 1), (at(8, 2), 1)] {
        let signed = SignedMarks {
            observation: mark,
            report: at(0, 0),
        };
        let mut out = Vec::new();
        let _ = Leader::start(&public(), epoch(7), signed, ms(0), &mut out);
        assert_eq!(out, [observe_req(at(7, first))], "after {mark}");
    }
}

#[test]
fn an_observation_of_another_round_is_dropped() {
    let mut seat = Seat::taken();
    for number in [0, 2] {
        let observation = signed_observation(0, at(7, number), 100);
        let result = seat.observe_at(ms(0), 0, at(7, number), observation);
        assert_eq!(result, Err(DropReason::ObserveOtherRound));
    }
}

#[test]
fn observations_after_the_request_for_a_report_are_dropped() {
    let mut seat = Seat::reporting();
    let late = signed_observation(3, at(7, 1), 103);
    assert_eq!(
        seat.observe(3, late.clone()),
        Err(DropReason::ObserveOutOfPhase)
    );
    seat.vote(0, skip()).unwrap();
    seat.vote(1, skip()).unwrap();
    assert_eq!(seat.leader.phase(), Phase::Final);
    assert_eq!(seat.observe(3, late), Err(DropReason::ObserveOutOfPhase));
}

#[test]
fn an_oracle_observes_once_a_round() {
    let mut seat = Seat::taken();
    seat.observe(2, signed_observation(2, at(7, 1), 100))
        .unwrap();
    let second = seat.observe(2, signed_observation(2, at(7, 1), 200));
    assert_eq!(second, Err(DropReason::ObserveRepeated));
}

#[test]
fn an_observation_must_be_signed_by_its_sender_for_this_round_and_query() {
    let signed = |digest: ConfigDigest, at, query: &[u8]| {
        SignedObservation::sign(&keyring(2), digest, at, query, vec![1])
    };
    let mut other_digest = digest();
    other_digest.0[31] ^= 1;
    let mut seat = Seat::taken();
    let forged = [
        signed(other_digest, at(7, 1), &[]),
        signed(digest(), at(6, 1), &[]),
        signed(digest(), at(7, 2), &[]),
        signed(digest(), at(7, 1), b"q"),
        signed_observation(3, at(7, 1), 100),
        SignedObservation {
            observation: vec![1],
            signature: vec![],
        },
    ];
    for observation in forged {
        assert_eq!(
            seat.observe(2, observation),
            Err(DropReason::ObserveSignatureInvalid)
        );
    }
    seat.observe(2, signed(digest(), at(7, 1), &[]))
        .expect("a forged one is not kept");
}

#[test]
fn the_third_of_four_observations_starts_the_grace_period() {
    let mut seat = Seat::taken();
    seat.collect(at(7, 1), &[3, 0]);
    assert_eq!(seat.leader.phase(), Phase::Observe);
    assert_eq!(seat.leader.grace_at(), None);
    let third = signed_observation(1, at(7, 1), 101);
    seat.observe_at(ms(30), 1, at(7, 1), third).unwrap();
    assert_eq!(seat.leader.phase(), Phase::Grace);
    assert_eq!(seat.leader.grace_at(), Some(ms(50)));

    let fourth = signed_observation(2, at(7, 1), 102);
    seat.observe_at(ms(45), 2, at(7, 1), fourth).unwrap();
    assert_eq!(
        seat.leader.grace_at(),
        Some(ms(50)),
        "not put off by a fourth"
    );
}

#[test]
fn the_report_is_asked_for_with_all_observations_in_oracle_order() {
    let mut seat = Seat::taken();
    seat.collect(at(7, 1), &[3, 0, 1, 2]);
    let list = observations(at(7, 1), &[0, 1, 2, 3]);
    let request = Message::ReportReq {
        at: at(7, 1),
        query: vec![],
        observations: list,
    };
    assert_eq!(seat.grace_timer(), [request]);
    assert_eq!(seat.leader.phase(), Phase::Report);
    assert_eq!(seat.leader.grace_at(), None);
}

#[test]
fn no_grace_is_a_grace_period_that_is_over_at_once() {
    let mut seat = Seat::taken_with(PublicConfig {
        delta_grace: millis(0),
        ..public()
    });
    seat.collect(at(7, 1), &[0, 1, 2]);
    assert_eq!(seat.leader.grace_at(), Some(Instant::START));
}

#[test]
fn a_vote_of_another_round_is_dropped() {
    let mut seat = Seat::reporting();
    for number in [0, 2] {
        let (config, mut out) = (public(), Vec::new());
        let result = seat
            .leader
            .on_report(&config, ms(0), oid(0), round(number), skip(), &mut out);
        assert_eq!(result, Err(DropReason::ReportOtherRound));
    }
}

#[test]
fn votes_before_they_are_asked_for_and_after_the_quorum_are_dropped() {
    let mut seat = Seat::taken();
    assert_eq!(seat.vote(0, skip()), Err(DropReason::ReportOutOfPhase));
    seat.collect(at(7, 1), &[0, 1, 2]);
    assert_eq!(seat.vote(0, skip()), Err(DropReason::ReportOutOfPhase));
    seat.grace_timer();
    seat.vote(0, skip()).unwrap();
    seat.vote(1, skip()).unwrap();
    assert_eq!(seat.vote(2, skip()), Err(DropReason::ReportOutOfPhase));
}

#[test]
fn an_oracle_votes_once_a_round() {
    let mut seat = Seat::reporting();
    seat.vote(2, good_vote(2, b"one")).unwrap();
    assert_eq!(
        seat.vote(2, good_vote(2, b"another")),
        Err(DropReason::ReportRepeated)
    );
    assert_eq!(seat.vote(2, skip()), Err(DropReason::ReportRepeated));
}

#[test]
fn a_skip_carries_neither_report_nor_signature() {
    let mut seat = Seat::reporting();
    let full = ReportVote {
        skip: true,
        ..good_vote(2, b"one")
    };
    let with_report = ReportVote {
        signature: vec![],
        ..full.clone()
    };
    let with_signature = ReportVote {
        report: vec![],
        ..full.clone()
    };
    for vote in [full, with_report, with_signature] {
        assert_eq!(seat.vote(2, vote), Err(DropReason::SkipNotEmpty));
    }
    seat.vote(2, skip()).expect("an invalid vote is not kept");
}

#[test]
fn a_vote_must_be_signed_by_its_sender_for_this_round_and_these_observations() {
    let mut seat = Seat::reporting();
    let list = observations(at(7, 1), &[0, 1, 2]);
    let hash = extra_hash(&[], &list);
    let permuted = observations(at(7, 1), &[1, 0, 2]);
    let mut evm_v = good_vote(2, b"one");
    evm_v.signature[64] += 27;
    let forged = [
        vote(2, at(7, 2), &hash, b"one"),
        vote(2, at(6, 1), &hash, b"one"),
        vote_on(2, at(7, 1), &permuted, b"one"),
        vote_on(2, at(7, 1), &list[..2], b"one"),
        good_vote(3, b"one"),
        ReportVote {
            report: b"another".to_vec(),
            ..good_vote(2, b"one")
        },
        ReportVote {
            signature: vec![],
            ..good_vote(2, b"one")
        },
        evm_v,
    ];
    for vote in forged {
        assert_eq!(seat.vote(2, vote), Err(DropReason::ReportSignatureInvalid));
    }
    seat.vote(2, good_vote(2, b"one"))
        .expect("an invalid vote is not kept");
}

#[test]
fn f_plus_one_equal_reports_are_final_with_their_signatures_in_oracle_order() {
    let mut seat = Seat::reporting();
    assert_eq!(seat.vote(3, good_vote(3, b"one")).unwrap(), []);
    assert_eq!(seat.vote(1, good_vote(1, b"another")).unwrap(), []);
    assert_eq!(seat.vote(2, skip()).unwrap(), []);
    let out = seat.vote(0, good_vote(0, b"one")).unwrap();
    let list = observations(at(7, 1), &[0, 1, 2]);
    let signatures = [0, 3].map(|signer| (Some(oid(signer)), good_vote(signer, b"one").signature));
    let report = AttestedReport {
        at: at(7, 1),
        extra_hash: extra_hash(&[], &list),
        report: b"one".to_vec(),
        signatures: signatures.to_vec(),
    };
    assert_eq!(report.verify(&seat.config), Ok(()));
    assert_eq!(out, [Message::Final(report)]);
    assert_eq!(seat.leader.phase(), Phase::Final);
}

#[test]
fn f_plus_one_skips_end_the_round_without_a_report() {
    let mut seat = Seat::reporting();
    seat.vote(0, good_vote(0, b"")).unwrap();
    assert_eq!(
        seat.vote(3, skip()).unwrap(),
        [],
        "an empty report is no skip"
    );
    assert_eq!(seat.leader.phase(), Phase::Report);
    assert_eq!(seat.vote(1, skip()).unwrap(), []);
    assert_eq!(seat.leader.phase(), Phase::Final);
}

#[test]
fn the_next_round_waits_for_the_round_timer() {
    let mut seat = Seat::reporting();
    seat.vote(0, skip()).unwrap();
    assert_eq!(seat.vote(1, skip()).unwrap(), []);
    assert_eq!(seat.round_timer(ms(100)), [observe_req(at(7, 2))]);
    assert_eq!(seat.leader.round_at(), Some(ms(200)));
    assert_eq!(seat.leader.phase(), Phase::Observe);
}

#[test]
fn the_next_round_waits_for_the_last_one_to_be_final() {
    let mut seat = Seat::reporting();
    assert_eq!(seat.round_timer(ms(100)), []);
    assert_eq!(seat.leader.round_at(), None);
    seat.vote(0, skip()).unwrap();
    assert_eq!(seat.vote(1, skip()).unwrap(), [observe_req(at(7, 2))]);
    assert_eq!(seat.leader.round_at(), Some(ms(150)));
}

#[test]
fn the_final_report_comes_before_the_next_round() {
    let mut seat = Seat::reporting();
    seat.round_timer(ms(100));
    seat.vote(0, good_vote(0, b"one")).unwrap();
    let out = seat.vote(1, good_vote(1, b"one")).unwrap();
    assert!(
        matches!(out[..], [Message::Final(_), Message::ObserveReq { .. }]),
        "{out:?}"
    );
}

#[test]
fn a_round_starts_with_nothing_of_the_last_one() {
    let mut seat = Seat::reporting();
    seat.round_timer(ms(100));
    seat.vote(0, skip()).unwrap();
    seat.vote(1, skip()).unwrap();
    seat.collect(at(7, 2), &[0, 1]);
    assert_eq!(seat.leader.phase(), Phase::Observe);
    seat.collect(at(7, 2), &[3]);
    let list = observations(at(7, 2), &[0, 1, 3]);
    let request = Message::ReportReq {
        at: at(7, 2),
        query: vec![],
        observations: list,
    };
    assert_eq!(seat.grace_timer(), [request]);
    seat.vote(0, skip()).expect("nobody voted in this round");
}

#[test]
fn an_epoch_has_at_most_one_round_more_than_r_max() {
    let mut seat = Seat::taken();
    for number in 1..=4 {
        assert_eq!(seat.leader.round(), round(number));
        seat.collect(at(7, number), &[0, 1, 2]);
        seat.grace_timer();
        seat.vote(0, skip()).unwrap();
        seat.vote(1, skip()).unwrap();
        let next = seat.round_timer(ms(u64::from(number) * 100));
        let expected = if number == 4 {
            vec![]
        } else {
            vec![observe_req(at(7, number + 1))]
        };
        assert_eq!(next, expected);
    }
    assert_eq!(seat.leader.round_at(), None, "the leader is spent");
}
