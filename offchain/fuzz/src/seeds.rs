//! Inputs to start from that no vector has.

use ocr_wire::{ocr1, offchain_config};

use crate::committee::{Shape, keyring, ocr1_offchain, ocr2_offchain};

/// f = 0, nothing checked but the rules: see the configurations' targets.
const CHOICE: u8 = 0;

/// Returns inputs and the names of their targets.
#[must_use]
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut seeds = Vec::new();
    for n in [1, 4, 31] {
        let keyrings: Vec<_> = (0..n).map(keyring).collect();
        let ocr2 = offchain_config::encode(&ocr2_offchain(Shape::Four, &keyrings));
        let ocr1 = ocr1::offchain_config::encode(&ocr1_offchain(Shape::Four, &keyrings));
        seeds.push(("ocr2_config", behind(CHOICE, &ocr2)));
        seeds.push(("ocr1_config", behind(CHOICE, &ocr1.expect("short"))));
    }
    for choice in 0..12 {
        for target in ["ocr2_oracle", "ocr1_oracle"] {
            seeds.push((
                target,
                behind(choice, &[epoch(), epoch(), epoch()].concat()),
            ));
            seeds.push((target, behind(choice, &with_crashes(&epoch()))));
            seeds.push((target, behind(choice | 16, &epoch())));
            seeds.push((target, behind(choice, &flood())));
        }
    }
    seeds
}

/// Three rounds of an epoch, as leader and as follower, and the way to the next epoch.
fn epoch() -> Vec<u8> {
    let answer = vec![8, 0, 0];
    let wait = |how_long: u8| vec![13, how_long];
    let from_all = |kind: u8| (0..4).flat_map(move |from| hear(kind, from, 0, 0));
    let mut steps = Vec::new();
    for round in 1..=3 {
        steps.extend(hear(1, 0, 0, round));
        steps.extend(&answer);
        steps.extend(from_all(2));
        steps.extend(wait(3));
        steps.extend(hear(3, 0, 0, 0));
        steps.extend(&answer);
        steps.extend(from_all(4));
        steps.extend(hear(6, 0, 0, 0));
        steps.extend(from_all(7));
        steps.extend(answer.repeat(2));
        steps.extend(wait(20));
        steps.extend(&answer);
    }
    steps.extend((0..4).flat_map(|from| hear(0, from, 5, 0)));
    steps
}

/// More reports than wait to be accepted, and no answers.
fn flood() -> Vec<u8> {
    let mut steps = Vec::new();
    for _ in 0..7 {
        for round in 1..=3 {
            steps.extend(hear(1, 0, 0, round));
            steps.extend(hear(7, 1, 0, round));
            steps.extend(hear(7, 2, 0, round));
        }
        steps.extend((0..4).flat_map(|from| hear(0, from, 5, 0)));
    }
    steps
}

/// The bytes of a message without flaw: see `oracle::step::Hear`.
fn hear(kind: u8, from: u8, epoch: u8, round: u8) -> [u8; 6] {
    [0, kind, from, epoch, round, 0x30]
}

/// The steps with a crash after every 42 bytes, each after another number of outputs.
fn with_crashes(steps: &[u8]) -> Vec<u8> {
    let pieces = steps.chunks(6 * 7).zip(0_u8..);
    pieces
        .flat_map(|(piece, number)| [piece, &[15, number % 16, number]].concat())
        .collect()
}

fn behind(choice: u8, bytes: &[u8]) -> Vec<u8> {
    [&[choice], bytes].concat()
}
