//! Lines P1 to P5 and P30 to P39.

use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::{Committee, Epoch};
use ocr_protocol::pacemaker::{Output, Pacemaker, PacemakerState};
use ocr_protocol::time::Instant;

use crate::harness::{epoch, millis, ms, oid};

fn pacemaker() -> Pacemaker {
    Pacemaker::new(
        Committee::new(4, 1).expect("3f < n"),
        millis(2_000),
        millis(1_000),
    )
}

fn started() -> Pacemaker {
    let mut pacemaker = pacemaker();
    pacemaker.start(Instant::START, &mut Vec::new());
    pacemaker
}

fn state(now: u32, sent: u32, received: &[u32]) -> PacemakerState {
    PacemakerState {
        epoch: epoch(now),
        highest_sent: epoch(sent),
        highest_received: received.iter().copied().map(epoch).collect(),
    }
}

fn restored(state: PacemakerState) -> Pacemaker {
    let mut pacemaker = pacemaker();
    pacemaker.restore(state).expect("a sound state");
    pacemaker.start(Instant::START, &mut Vec::new());
    pacemaker
}

/// What the pacemaker wants when `from` asks for `asked` at `now`.
fn hear(pacemaker: &mut Pacemaker, now: Instant, from: usize, asked: u32) -> Vec<Output> {
    let mut out = Vec::new();
    pacemaker
        .on_new_epoch(now, oid(from), epoch(asked), &mut out)
        .expect("a higher epoch");
    out
}

fn change_leader(pacemaker: &mut Pacemaker, now: Instant) -> Vec<Output> {
    let mut out = Vec::new();
    pacemaker
        .on_change_leader(now, &mut out)
        .expect("not the last epoch");
    out
}

fn announced(pacemaker: &mut Pacemaker) -> Epoch {
    let mut out = Vec::new();
    pacemaker.on_resend(Instant::START, &mut out);
    match out[..] {
        [Output::Announce(epoch)] => epoch,
        _ => panic!("{out:?}"),
    }
}

#[test]
fn a_fresh_start_without_chain_asks_for_epoch_zero_in_epoch_one() {
    let mut pacemaker = pacemaker();
    let mut out = Vec::new();
    pacemaker.start(ms(5), &mut out);
    assert_eq!(out, [Output::Announce(epoch(0))]);
    assert_eq!(pacemaker.epoch(), epoch(1));
    assert_eq!(pacemaker.progress_at(), Some(ms(2_005)));
    assert_eq!(pacemaker.resend_at(), Some(ms(1_005)));
}

#[test]
fn a_stored_state_is_taken_up() {
    let mut pacemaker = restored(state(3, 5, &[5, 4, 3, 0]));
    assert_eq!(pacemaker.epoch(), epoch(3));
    assert_eq!(announced(&mut pacemaker), epoch(5));
    let mut out = Vec::new();
    let repeated = pacemaker.on_new_epoch(ms(0), oid(1), epoch(4), &mut out);
    assert_eq!(repeated, Err(DropReason::EpochNotHigher));
}

#[test]
fn a_stored_state_that_cannot_be_changes_nothing() {
    let refused = [
        (state(3, 2, &[0; 4]), DropReason::StateCorrupted),
        (state(3, 3, &[0; 3]), DropReason::StateCorrupted),
        (state(3, 3, &[0; 5]), DropReason::StateCorrupted),
        (state(0, 0, &[0; 4]), DropReason::StateStale),
    ];
    for (state, reason) in refused {
        let mut pacemaker = pacemaker();
        assert_eq!(pacemaker.restore(state), Err(reason));
        pacemaker.start(ms(0), &mut Vec::new());
        assert_eq!(pacemaker.epoch(), epoch(1));
        assert_eq!(announced(&mut pacemaker), epoch(0));
    }
}

/// compat.md: a state stored before a fresh node asked for anything is discarded by the next start.
#[test]
fn the_state_of_a_fresh_start_counts_as_corrupted() {
    let mut pacemaker = started();
    let out = hear(&mut pacemaker, ms(0), 2, 1);
    assert_eq!(out, [Output::Persist(state(1, 0, &[0, 0, 1, 0]))]);
    let [Output::Persist(stored)] = &out[..] else {
        unreachable!()
    };
    assert_eq!(
        started().restore(stored.clone()),
        Err(DropReason::StateCorrupted)
    );
}

#[test]
fn the_contracts_epoch_is_over_at_the_start() {
    let mut fresh = pacemaker();
    fresh.skip_past(epoch(7));
    let mut out = Vec::new();
    fresh.start(ms(0), &mut out);
    assert_eq!(out, [Output::Announce(epoch(8))], "and it is not persisted");
    assert_eq!(fresh.epoch(), epoch(1));

    let mut ahead = pacemaker();
    ahead.restore(state(9, 9, &[0; 4])).unwrap();
    ahead.skip_past(epoch(7));
    assert_eq!(announced(&mut ahead), epoch(9));
}

#[test]
fn the_last_epoch_on_the_contract_changes_nothing() {
    let mut pacemaker = pacemaker();
    pacemaker.skip_past(Epoch::MAX);
    assert_eq!(announced(&mut pacemaker), epoch(0));
}

#[test]
fn an_epoch_not_higher_than_before_is_ignored() {
    let mut pacemaker = started();
    hear(&mut pacemaker, ms(0), 2, 5);
    for asked in [5, 4, 0] {
        let mut out = Vec::new();
        let result = pacemaker.on_new_epoch(ms(0), oid(2), epoch(asked), &mut out);
        assert_eq!(result, Err(DropReason::EpochNotHigher));
        assert_eq!(out, []);
    }
}

#[test]
fn a_higher_epoch_of_f_oracles_is_only_stored() {
    let mut pacemaker = started();
    let out = hear(&mut pacemaker, ms(0), 2, u32::MAX);
    assert_eq!(out, [Output::Persist(state(1, 0, &[0, 0, u32::MAX, 0]))]);
}

#[test]
fn more_than_f_are_joined_in_what_the_lowest_of_them_asks_for() {
    let mut pacemaker = started();
    hear(&mut pacemaker, ms(0), 2, 9);
    let out = hear(&mut pacemaker, ms(400), 3, 5);
    let stored = state(1, 5, &[0, 0, 9, 5]);
    assert_eq!(out, [Output::Persist(stored), Output::Announce(epoch(5))]);
    assert_eq!(pacemaker.resend_at(), Some(ms(1_400)));
    assert_eq!(
        pacemaker.progress_at(),
        Some(ms(2_000)),
        "an announcement is no progress"
    );
}

#[test]
fn what_was_asked_for_already_is_not_joined_again() {
    let mut pacemaker = restored(state(2, 6, &[0; 4]));
    hear(&mut pacemaker, ms(0), 2, 6);
    let out = hear(&mut pacemaker, ms(0), 3, 6);
    assert_eq!(out, [Output::Persist(state(2, 6, &[0, 0, 6, 6]))]);
}

#[test]
fn more_than_two_f_change_the_epoch_and_it_may_jump() {
    let mut pacemaker = started();
    hear(&mut pacemaker, ms(0), 1, 9);
    hear(&mut pacemaker, ms(0), 2, 7);
    let out = hear(&mut pacemaker, ms(300), 3, 8);
    let stored = state(7, 8, &[0, 9, 7, 8]);
    let expected = [
        Output::Persist(stored),
        Output::Announce(epoch(8)),
        Output::Enter(epoch(7)),
    ];
    assert_eq!(out, expected);
    assert_eq!(pacemaker.epoch(), epoch(7));
    assert_eq!(pacemaker.progress_at(), Some(ms(2_300)));
}

#[test]
fn an_epoch_asked_for_before_is_entered_without_a_word() {
    let mut pacemaker = restored(state(2, 3, &[3, 3, 0, 0]));
    let out = hear(&mut pacemaker, ms(0), 2, 3);
    assert_eq!(
        out,
        [
            Output::Persist(state(3, 3, &[3, 3, 3, 0])),
            Output::Enter(epoch(3))
        ]
    );
}

#[test]
fn what_oracles_asked_for_still_counts_after_the_epoch_changed() {
    let mut pacemaker = restored(state(3, 3, &[3, 3, 9, 9]));
    let out = hear(&mut pacemaker, ms(0), 1, 9);
    assert_eq!(out[2], Output::Enter(epoch(9)));
}

#[test]
fn f_oracles_at_the_last_epoch_change_nothing() {
    let mut pacemaker = started();
    hear(&mut pacemaker, ms(0), 3, u32::MAX);
    for from in [0, 1, 2] {
        hear(&mut pacemaker, ms(0), from, 2);
    }
    assert_eq!(pacemaker.epoch(), epoch(2));
    assert_eq!(announced(&mut pacemaker), epoch(2));
}

#[test]
fn without_tolerated_faults_every_word_counts() {
    let mut pacemaker = Pacemaker::new(Committee::new(1, 0).unwrap(), millis(2_000), millis(1_000));
    let out = hear(&mut pacemaker, ms(0), 0, 4);
    let expected = [
        Output::Persist(state(4, 4, &[4])),
        Output::Announce(epoch(4)),
        Output::Enter(epoch(4)),
    ];
    assert_eq!(out, expected);
}

#[test]
fn progress_gives_the_leader_its_time_anew() {
    let mut pacemaker = started();
    pacemaker.on_progress(ms(1_500));
    assert_eq!(pacemaker.progress_at(), Some(ms(3_500)));
    assert_eq!(pacemaker.resend_at(), Some(ms(1_000)));
}

#[test]
fn a_leader_is_given_up_by_asking_for_the_next_epoch() {
    let mut pacemaker = started();
    let out = change_leader(&mut pacemaker, ms(2_000));
    assert_eq!(
        out,
        [
            Output::Persist(state(1, 2, &[0; 4])),
            Output::Announce(epoch(2))
        ]
    );
    assert_eq!(
        pacemaker.progress_at(),
        None,
        "until the epoch changes or a round completes"
    );
    assert_eq!(pacemaker.resend_at(), Some(ms(3_000)));
    assert_eq!(pacemaker.epoch(), epoch(1));
}

#[test]
fn giving_up_again_repeats_the_highest_wish() {
    let mut pacemaker = restored(state(1, 4, &[0; 4]));
    assert_eq!(
        change_leader(&mut pacemaker, ms(0)),
        [Output::Announce(epoch(4))]
    );
}

#[test]
fn after_joining_others_giving_up_announces_once_more() {
    let mut pacemaker = started();
    hear(&mut pacemaker, ms(0), 2, 2);
    let joined = hear(&mut pacemaker, ms(0), 3, 2);
    assert_eq!(joined[1], Output::Announce(epoch(2)));
    assert_eq!(
        change_leader(&mut pacemaker, ms(0)),
        [Output::Announce(epoch(2))]
    );
}

#[test]
fn there_is_no_epoch_after_the_last() {
    let mut pacemaker = restored(state(u32::MAX, u32::MAX, &[0; 4]));
    let mut out = Vec::new();
    let result = pacemaker.on_change_leader(ms(2_000), &mut out);
    assert_eq!(result, Err(DropReason::EpochsExhausted));
    assert_eq!(out, []);
    assert_eq!(pacemaker.progress_at(), None);
}

#[test]
fn the_wish_is_repeated() {
    let mut pacemaker = restored(state(3, 5, &[0; 4]));
    let mut out = Vec::new();
    pacemaker.on_resend(ms(1_000), &mut out);
    assert_eq!(out, [Output::Announce(epoch(5))]);
    assert_eq!(pacemaker.resend_at(), Some(ms(2_000)));
}
