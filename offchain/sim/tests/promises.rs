//! Few runs of every kind: none breaks a promise, and what must break one does.

use std::time::Duration;

use ocr_protocol::id::Protocol;
use ocr_protocol::time::Instant;
use ocr_sim::adversary::Kind;
use ocr_sim::checker::Rule;
use ocr_sim::rng::{Stream, stream};
use ocr_sim::runner::{Campaign, Run, play};
use ocr_sim::scenario::{Fault, FaultClass, Request, Scenario};
use ocr_sim::world::{Outcome, SeatPlan, World};

const PROTOCOLS: [Protocol; 2] = [Protocol::Ocr1, Protocol::Ocr2];

fn request(protocol: Protocol, faults: &[FaultClass]) -> Request {
    Request {
        protocol,
        n: 4,
        f: 1,
        faults: faults.to_vec(),
        lasts: Duration::from_secs(300),
    }
}

/// Four oracles, of which `bad` act as `kind`; `counted` says whether the checkers know.
fn with_bad(protocol: Protocol, seed: u64, kind: Kind, bad: usize, counted: bool) -> World {
    let mut scenario = Scenario::draw(seed, &request(protocol, &[]));
    for seat in 0..bad {
        scenario.crash(seat, Duration::from_secs(40));
        scenario.crash(seat, Duration::from_secs(90));
    }
    let seats = (0..4).map(|oracle| SeatPlan {
        oracle,
        is_honest: oracle >= bad || counted,
        adversary: (oracle < bad).then(|| kind.make(&mut stream(seed, Stream::Adversary))),
    });
    World::with_seats(scenario, seats.collect(), false)
}

fn broken(outcomes: impl IntoIterator<Item = Outcome>) -> Vec<Rule> {
    let violations = outcomes.into_iter().flat_map(|outcome| outcome.violations);
    let mut rules: Vec<_> = violations.map(|violation| violation.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

#[test]
fn the_same_seed_is_the_same_run() {
    for protocol in PROTOCOLS {
        let run = Run {
            seed: 11,
            request: request(protocol, &FaultClass::ALL),
        };
        let outcome = run.world(false).run();
        assert_eq!(outcome, run.world(true).run(), "whether or not all is kept");
        let other = Run { seed: 12, ..run };
        assert_ne!(outcome.fingerprint, other.world(false).run().fingerprint);
    }
}

#[test]
fn no_fault_alone_breaks_a_promise() {
    for class in FaultClass::ALL {
        let runs: Vec<_> = (0..6)
            .map(|seed| Run {
                seed,
                request: request(PROTOCOLS[seed as usize % 2], &[class]),
            })
            .collect();
        let totals = play(&runs, || ());
        assert_eq!(totals.violations, 0, "{class:?}: {:?}", totals.failed);
        assert!(totals.rounds > 20, "{class:?}: only {totals}");
    }
}

#[test]
fn no_adversary_alone_breaks_a_promise() {
    for kind in Kind::ALL {
        for protocol in PROTOCOLS {
            let outcomes = (0..3).map(|seed| with_bad(protocol, seed, kind, 1, false).run());
            let outcomes: Vec<_> = outcomes.collect();
            assert!(
                outcomes.iter().all(|outcome| outcome.rounds > 0),
                "{kind:?}"
            );
            assert_eq!(broken(outcomes), [], "{kind:?}, {protocol:?}");
        }
    }
}

#[test]
fn a_mixed_campaign_breaks_no_promise() {
    let campaign = Campaign::default();
    let runs: Vec<_> = (1000..1012).map(|seed| campaign.run_of(seed)).collect();
    let totals = play(&runs, || ());
    assert_eq!(totals.violations, 0, "{:?}", totals.failed);
}

#[test]
fn regressions_are_comments_and_flags() {
    let runs = include_str!("../regressions.txt");
    assert!(
        runs.lines()
            .all(|line| line.is_empty() || line.starts_with(['#', '-'])),
        "a line is a comment, or flags of ocr-sim"
    );
}

// -- What breaks promises, is seen --

#[test]
fn more_than_f_liars_move_the_answer() {
    for protocol in PROTOCOLS {
        let outcomes = (0..4).map(|seed| with_bad(protocol, seed, Kind::Liar, 2, false).run());
        assert_eq!(broken(outcomes), [Rule::AnswersAreHonest], "{protocol:?}");
    }
}

#[test]
fn more_than_f_silent_oracles_stop_reports() {
    for protocol in PROTOCOLS {
        let outcomes = (0..8).map(|seed| with_bad(protocol, seed, Kind::Silent, 2, false).run());
        assert!(
            broken(outcomes).contains(&Rule::CalmBringsReports),
            "{protocol:?}"
        );
    }
}

#[test]
fn an_honest_oracle_that_forgets_goes_back() {
    for protocol in PROTOCOLS {
        let outcomes = (0..2).map(|seed| with_bad(protocol, seed, Kind::Amnesiac, 1, true).run());
        let broken = broken(outcomes);
        assert!(broken.contains(&Rule::EpochsNeverGoBack), "{protocol:?}");
    }
}

#[test]
fn an_honest_oracle_that_equivocates_is_seen() {
    for protocol in PROTOCOLS {
        let outcomes =
            (0..8).map(|seed| with_bad(protocol, seed, Kind::Equivocator, 1, true).run());
        assert!(!broken(outcomes).is_empty(), "{protocol:?}");
    }
}

#[test]
fn an_honest_oracle_that_sends_what_it_made_no_mark_of_is_seen() {
    for protocol in PROTOCOLS {
        let outcomes = (0..2).map(|seed| with_bad(protocol, seed, Kind::Forger, 1, true).run());
        assert!(
            broken(outcomes).contains(&Rule::DurableBeforeSent),
            "{protocol:?}"
        );
    }
}

#[test]
fn an_honest_oracle_that_signs_what_no_other_takes_is_seen() {
    let outcomes = (0..8).map(|seed| with_bad(Protocol::Ocr2, seed, Kind::Liar, 1, true).run());
    assert!(broken(outcomes).contains(&Rule::HonestSignaturesHold));
}

#[test]
fn a_committee_without_faults_reports_in_every_round_that_needs_it() {
    for protocol in PROTOCOLS {
        let mut world = World::new(Scenario::draw(3, &request(protocol, &[])), true);
        let outcome = world.run();
        assert_eq!(outcome.violations, []);
        // Rounds are 5 to 9 s apart, and a report is due every DeltaC, two minutes at most.
        assert!(
            outcome.rounds >= 3,
            "{protocol:?}: {} rounds",
            outcome.rounds
        );
        assert!(world.trace().all(|entry| entry.now >= Instant::START));
    }
}

#[test]
fn crashes_strike_between_outputs() {
    let mut scenario = Scenario::draw(5, &request(Protocol::Ocr2, &[]));
    for second in 10..100 {
        scenario.crash((second % 4) as usize, Duration::from_secs(second));
    }
    let crashes = |fault: &(Instant, Fault)| matches!(fault.1, Fault::Crash { .. });
    assert_eq!(
        scenario
            .faults
            .iter()
            .filter(|fault| crashes(fault))
            .count(),
        90
    );
    assert_eq!(World::new(scenario, false).run().violations, []);
}
