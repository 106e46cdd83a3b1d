//! What stands on the chain is what the sources said.

use std::collections::BTreeSet;

use ocr_node::feed::{FeedParameters, ProtocolName};
use ocr_protocol::id::Epoch;
use ocr_protocol::int192::Int192;

use crate::committee::{N, World, parameters, price};
use crate::source::Answer;

fn scaled(price: &str) -> Int192 {
    let (whole, fraction) = price.split_once('.').unwrap();
    format!("{whole}{fraction:0<8}").parse().unwrap()
}

for_both_protocols!(
    answer_is_the_median_of_what_the_sources_served,
    an_oracle_with_a_bad_source_abstains_and_the_feed_goes_on
);

async fn answer_is_the_median_of_what_the_sources_served(protocol: ProtocolName) {
    // Three rounds an epoch: the reports come from several leaders.
    let mut world = World::start_with(FeedParameters {
        r_max: 3,
        ..parameters(protocol)
    })
    .await;
    let rounds = world.wait_for_reports(10).await;
    let epochs: BTreeSet<Epoch> = rounds.iter().map(|round| round.at.epoch).collect();
    assert!(epochs.len() > 2, "{epochs:?}");
    for round in &rounds {
        let expected: Vec<Int192> = round
            .observers
            .iter()
            .map(|observer| scaled(&price(observer.index())))
            .collect();
        assert_eq!(
            round.observations, expected,
            "each observer's own price, in order of value"
        );
        assert!(round.observations.is_sorted());
        assert_eq!(round.answer, expected[expected.len() / 2]);
        assert!(round.observers.len() > 2, "2f + 1 observations at least");
    }
    assert!(
        rounds.is_sorted_by(|a, b| a.at < b.at),
        "epoch and round only go up"
    );
    world.committee.check().unwrap();
    world.committee.end().await;
}

async fn an_oracle_with_a_bad_source_abstains_and_the_feed_goes_on(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    world.wait_for(1, |round| round.observers.len() == N).await;
    let bad_answers = [
        ("silence", Answer::Silence, "no answer within"),
        (
            "garbage",
            Answer::Raw("<html>502</html>".to_owned()),
            "the answer is not JSON",
        ),
        (
            "no price",
            Answer::Raw("{}".to_owned()),
            "nothing at /data/price",
        ),
        (
            "absurd",
            Answer::Price("1e300".to_owned()),
            "is not a decimal number that fits",
        ),
        (
            "out of bounds",
            Answer::Price("-5".to_owned()),
            "is outside the feed's bounds",
        ),
    ];
    for (name, answer, reason) in bad_answers {
        world.sources[0].set(answer);
        world.wait_for_log(0, reason).await;
        // The observation before may be in a report that is still on its way.
        world.wait_for(1, |round| round.observers.len() < N).await;
        let rounds = world.wait_for_reports(3).await;
        for round in rounds {
            let abstained = round.observers.iter().all(|observer| observer.index() != 0);
            assert!(abstained, "{name}: observed by {:?}", round.observers);
        }
        world.committee.check().unwrap();
    }
    world.sources[0].set(Answer::Price(price(0)));
    world.wait_for(1, |round| round.observers.len() == N).await;
    world.committee.end().await;
}
