//! Lines P6 and P80 to P86.

use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::drop_reason::DropReason;
use ocr_protocol::id::EpochRound;
use ocr_protocol::time::Instant;
use ocr_protocol::transmit::{Output, PENDING_MAX, Pending, TO_ACCEPT_MAX, Transmission};

use crate::harness::{at, attested, epoch, millis, ms, round};

fn report(at: EpochRound) -> AttestedReport {
    attested(at, &[])
}

fn pending(due: Instant, at: EpochRound) -> Pending {
    Pending {
        due,
        report: report(at),
    }
}

fn started(now: Instant, stored: &[Pending]) -> (Transmission, Vec<Output>) {
    let mut transmission = Transmission::default();
    let mut out = Vec::new();
    transmission.start(now, stored.to_vec(), &mut out);
    (transmission, out)
}

fn finalize(transmission: &mut Transmission, at: EpochRound) -> Vec<Output> {
    let mut out = Vec::new();
    transmission.on_finalized(report(at), &mut out);
    out
}

/// Accepts the first report at `now`, to be transmitted `delay_ms` later.
fn accept(transmission: &mut Transmission, now: Instant, delay_ms: Option<u64>) -> Vec<Output> {
    let mut out = Vec::new();
    transmission.on_accept_decided(now, delay_ms.map(millis), &mut out);
    out
}

fn fire(transmission: &mut Transmission, now: Instant) -> Vec<Output> {
    let mut out = Vec::new();
    transmission.on_timer(now, &mut out);
    out
}

/// One accepted report, due at 50 ms.
fn accepted(at: EpochRound) -> Transmission {
    let mut transmission = Transmission::default();
    finalize(&mut transmission, at);
    accept(&mut transmission, ms(0), Some(50));
    transmission
}

fn number(number: u32) -> EpochRound {
    EpochRound {
        epoch: epoch(number),
        round: round(1),
    }
}

#[test]
fn stored_reports_wait_for_their_time() {
    let (transmission, out) = started(
        ms(10),
        &[pending(ms(30), at(1, 2)), pending(ms(20), at(1, 1))],
    );
    assert_eq!(out, []);
    assert_eq!(transmission.transmit_at(), Some(ms(20)));
}

#[test]
fn of_overdue_stored_reports_the_newest_is_resumed_and_the_others_are_deleted() {
    let stored = [
        pending(ms(9), at(1, 3)),
        pending(ms(10), at(2, 1)),
        pending(ms(0), at(1, 2)),
        pending(ms(11), at(1, 1)),
    ];
    let (mut transmission, out) = started(ms(10), &stored);
    let expected = [
        Output::PersistDelete(at(1, 3)),
        Output::Dropped(DropReason::PendingSuperseded),
        Output::PersistDelete(at(1, 2)),
        Output::Dropped(DropReason::PendingSuperseded),
    ];
    assert_eq!(out, expected);
    assert_eq!(transmission.transmit_at(), Some(ms(10)));
    assert_eq!(
        fire(&mut transmission, ms(10)),
        [Output::ReadChainToTransmit(at(2, 1))]
    );
    assert_eq!(transmission.transmit_at(), Some(ms(11)));
}

#[test]
fn a_finalized_report_asks_the_chain() {
    let mut transmission = Transmission::default();
    assert_eq!(
        finalize(&mut transmission, at(1, 1)),
        [Output::ReadChainToAccept(at(1, 1))]
    );
    assert_eq!(
        transmission.report_to_accept(at(1, 1)),
        Ok(&report(at(1, 1)))
    );
}

#[test]
fn reports_are_accepted_in_the_order_they_were_finalized() {
    let mut transmission = Transmission::default();
    finalize(&mut transmission, at(1, 2));
    assert_eq!(finalize(&mut transmission, at(1, 1)), []);
    assert_eq!(finalize(&mut transmission, at(1, 3)), []);
    let early = transmission.report_to_accept(at(1, 1));
    assert_eq!(early, Err(DropReason::AcceptReadLate));
    assert_eq!(
        accept(&mut transmission, ms(0), None),
        [Output::ReadChainToAccept(at(1, 1))]
    );
    assert_eq!(
        accept(&mut transmission, ms(0), None),
        [Output::ReadChainToAccept(at(1, 3))]
    );
    assert_eq!(accept(&mut transmission, ms(0), None), []);
    let late = transmission.report_to_accept(at(1, 3));
    assert_eq!(late, Err(DropReason::AcceptReadLate));
}

#[test]
fn a_full_queue_loses_its_oldest_report_that_is_not_asked_about() {
    let mut transmission = Transmission::default();
    for epoch in 1..=TO_ACCEPT_MAX as u32 {
        finalize(&mut transmission, number(epoch));
    }
    let out = finalize(&mut transmission, number(100));
    assert_eq!(out, [Output::Dropped(DropReason::AcceptQueueFull)]);
    assert_eq!(transmission.waiting(), (TO_ACCEPT_MAX, 0));
    assert!(transmission.report_to_accept(number(1)).is_ok());
    assert_eq!(
        accept(&mut transmission, ms(0), None),
        [Output::ReadChainToAccept(number(3))]
    );
}

#[test]
fn a_declined_report_leaves_nothing() {
    let mut transmission = Transmission::default();
    finalize(&mut transmission, at(1, 1));
    assert_eq!(accept(&mut transmission, ms(0), None), []);
    assert_eq!(transmission.waiting(), (0, 0));
    assert_eq!(transmission.transmit_at(), None);
}

#[test]
fn an_accepted_report_is_stored_and_waits_from_the_decision_on() {
    let mut transmission = Transmission::default();
    finalize(&mut transmission, at(1, 1));
    let out = accept(&mut transmission, ms(30), Some(50));
    assert_eq!(out, [Output::PersistInsert(pending(ms(80), at(1, 1)))]);
    assert_eq!(transmission.transmit_at(), Some(ms(80)));
}

#[test]
fn the_timer_is_that_of_the_earliest_report() {
    let mut transmission = accepted(at(1, 1));
    finalize(&mut transmission, at(1, 2));
    accept(&mut transmission, ms(0), Some(20));
    assert_eq!(transmission.transmit_at(), Some(ms(20)));
    finalize(&mut transmission, at(1, 3));
    accept(&mut transmission, ms(0), Some(30));
    assert_eq!(transmission.transmit_at(), Some(ms(20)));
}

#[test]
fn a_report_accepted_again_after_a_restart_keeps_its_time() {
    let (mut transmission, _) = started(ms(0), &[pending(ms(20), at(1, 1))]);
    finalize(&mut transmission, at(1, 1));
    let out = accept(&mut transmission, ms(10), Some(50));
    assert_eq!(out, [Output::Dropped(DropReason::PendingRepeated)]);
    assert_eq!(transmission.transmit_at(), Some(ms(20)));
}

#[test]
fn beyond_the_bound_the_report_of_the_lowest_round_gives_way() {
    let mut transmission = Transmission::default();
    for epoch in 1..=PENDING_MAX as u32 {
        finalize(&mut transmission, number(epoch));
        accept(&mut transmission, ms(0), Some(50));
    }
    finalize(&mut transmission, number(1_000));
    let out = accept(&mut transmission, ms(0), Some(50));
    let expected = [
        Output::PersistInsert(pending(ms(50), number(1_000))),
        Output::PersistDelete(number(1)),
        Output::Dropped(DropReason::PendingFull),
    ];
    assert_eq!(out, expected);
    assert_eq!(transmission.waiting(), (0, PENDING_MAX));
}

#[test]
fn due_reports_ask_the_chain_earliest_first_and_the_others_wait_on() {
    let mut transmission = Transmission::default();
    for (round, delay) in [(at(1, 1), 30), (at(1, 2), 20), (at(1, 3), 40)] {
        finalize(&mut transmission, round);
        accept(&mut transmission, ms(0), Some(delay));
    }
    let out = fire(&mut transmission, ms(30));
    let expected = [
        Output::ReadChainToTransmit(at(1, 2)),
        Output::ReadChainToTransmit(at(1, 1)),
    ];
    assert_eq!(out, expected);
    assert_eq!(transmission.transmit_at(), Some(ms(40)));
    assert_eq!(
        fire(&mut transmission, ms(30)),
        [],
        "each is asked about once"
    );
}

#[test]
fn nothing_is_due_before_its_time() {
    let mut transmission = accepted(at(1, 1));
    assert_eq!(
        fire(
            &mut transmission,
            Instant::from_nanos(ms(50).as_nanos() - 1)
        ),
        []
    );
    assert_eq!(
        fire(&mut transmission, ms(50)),
        [Output::ReadChainToTransmit(at(1, 1))]
    );
}

#[test]
fn a_report_that_matters_is_handed_over_before_it_is_deleted() {
    let mut transmission = accepted(at(1, 1));
    fire(&mut transmission, ms(50));
    assert_eq!(
        transmission.report_to_transmit(at(1, 1)),
        Ok(&report(at(1, 1)))
    );
    let mut out = Vec::new();
    transmission.on_transmit_decided(at(1, 1), true, &mut out);
    assert_eq!(
        out,
        [
            Output::Transmit(report(at(1, 1))),
            Output::PersistDelete(at(1, 1))
        ]
    );
    assert_eq!(transmission.waiting(), (0, 0));
}

#[test]
fn a_report_that_does_not_matter_is_deleted() {
    let mut transmission = accepted(at(1, 1));
    fire(&mut transmission, ms(50));
    let mut out = Vec::new();
    transmission.on_transmit_decided(at(1, 1), false, &mut out);
    assert_eq!(out, [Output::PersistDelete(at(1, 1))]);
}

#[test]
fn the_chains_view_is_taken_once_and_only_for_a_report_that_is_due() {
    let mut transmission = accepted(at(1, 1));
    let early = transmission.report_to_transmit(at(1, 1));
    assert_eq!(early, Err(DropReason::TransmitReadLate));
    fire(&mut transmission, ms(50));
    transmission.on_transmit_decided(at(1, 1), true, &mut Vec::new());
    let late = transmission.report_to_transmit(at(1, 1));
    assert_eq!(late, Err(DropReason::TransmitReadLate));
}
