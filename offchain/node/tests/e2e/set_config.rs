//! Another configuration while rounds run, and rounds on request.

use crate::committee::{N, World, parameters};
use ocr_node::feed::{FeedParameters, MedianParameters, ProtocolName};

for_both_protocols!(
    another_configuration_replaces_the_running_one,
    a_requested_round_is_reported_although_nothing_moved
);

async fn another_configuration_replaces_the_running_one(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    let before = world.wait_for_reports(3).await.pop().unwrap().digest;
    let after = world
        .committee
        .set_config(&parameters(protocol))
        .await
        .unwrap();
    assert_ne!(before, after);
    let rounds = world.wait_for(3, |round| round.digest == after).await;
    assert!(rounds.is_sorted_by(|a, b| a.at < b.at));
    let first_after = world
        .seen()
        .iter()
        .position(|round| round.digest == after)
        .unwrap();
    assert!(
        world.seen()[first_after..]
            .iter()
            .all(|round| round.digest == after)
    );
    for index in 0..N {
        world
            .wait_for_log(index, "oracle ended for another configuration")
            .await;
    }
    world.committee.check().unwrap();
    world.committee.end().await;
}

async fn a_requested_round_is_reported_although_nothing_moved(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    world.wait_for_reports(1).await;
    // From here on neither deviation nor age is a reason to report.
    let usual = parameters(protocol).median;
    let median = MedianParameters {
        // OCR1 has no "never", only a very long way.
        alpha_ppb: usual.alpha_ppb.map(|_| u64::MAX),
        alpha_report_ppb: None,
        alpha_accept_ppb: None,
        ..usual
    };
    let quiet = FeedParameters {
        median,
        ..parameters(protocol)
    };
    let digest = world.committee.set_config(&quiet).await.unwrap();
    world.wait_for(1, |round| round.digest == digest).await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert_eq!(world.read().await, [], "reported without a reason");
    world.committee.request_new_round().await.unwrap();
    world.wait_for_reports(1).await;
    world.committee.end().await;
}
