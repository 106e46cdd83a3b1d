//! Crashes of some oracles.

use std::time::Duration;

use ocr_node::feed::ProtocolName;

use crate::committee::{N, World, parameters};

for_both_protocols!(
    another_epoch_goes_on_when_the_leader_is_killed,
    f_killed_oracles_do_not_stop_the_feed_and_f_plus_one_do
);

async fn another_epoch_goes_on_when_the_leader_is_killed(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    let last = world.wait_for_reports(2).await.pop().unwrap();
    let killed = last.leader;
    world.committee.kill(killed.index()).await;
    for round in world
        .wait_for(2, |round| round.at.epoch > last.at.epoch)
        .await
    {
        assert_ne!(round.leader, killed);
        assert!(!round.observers.contains(&killed));
    }
    world.committee.end().await;
}

async fn f_killed_oracles_do_not_stop_the_feed_and_f_plus_one_do(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    world.wait_for_reports(2).await;

    world.committee.kill(0).await;
    world
        .wait_for(3, |round| round.observers.len() == N - 1)
        .await;

    world.committee.kill(1).await;
    // What f + 1 oracles had attested before may still arrive, as late as the last stage.
    tokio::time::sleep(parameters(protocol).delta_stage * u32::try_from(N).unwrap()).await;
    world.read().await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(world.read().await, [], "two of four oracles made a report");

    world.committee.launch(0).unwrap();
    let rounds = world.wait_for_reports(2).await;
    assert!(
        rounds
            .iter()
            .all(|round| round.observers.iter().all(|o| o.index() != 1))
    );
    world.committee.end().await;
}
