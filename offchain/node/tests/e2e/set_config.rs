//! Another configuration while rounds run, and rounds on request.

use std::time::Duration;

use ocr_chain::anvil::CHAIN_ID;
use ocr_chain::contracts::{IOCR2Aggregator, IOffchainAggregator};
use ocr_chain::{Check, ConfigTracker, Rpc};
use ocr_node::devnet::ReportedRound;
use ocr_node::feed::{FeedParameters, MedianParameters, ProtocolName};
use ocr_protocol::config::{self, ContractConfig};
use ocr_protocol::id::{ConfigDigest, Protocol};

use crate::committee::{N, World, parameters};

for_both_protocols!(
    a_configuration_that_cannot_run_is_told_and_the_next_one_runs,
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

/// Puts the configuration in force on the chain once more, after `spoil` changed it.
async fn set_spoilt(world: &World, protocol: Protocol, spoil: impl FnOnce(&mut ContractConfig)) {
    let url = world.committee.rpc_url();
    let rpc = Rpc::connect(&url, CHAIN_ID, Duration::from_secs(10))
        .await
        .unwrap();
    let contract = world.committee.contract();
    let tracker = ConfigTracker::new(rpc, contract, None, ConfigDigest::ZERO);
    let check = tracker.with_protocol(protocol).check().await.unwrap();
    let Check::New(mut config) = check else {
        panic!("{check:?}")
    };
    spoil(&mut config);
    let owner = world.committee.owner();
    let set = match protocol {
        Protocol::Ocr1 => {
            let call = IOffchainAggregator::setConfigCall {
                _signers: config.signers,
                _transmitters: config.transmitters,
                _threshold: config.f,
                _encodedConfigVersion: config.offchain_config_version,
                _encoded: config.offchain_config.into(),
            };
            owner.set_config(contract, call).await
        }
        Protocol::Ocr2 => {
            let call = IOCR2Aggregator::setConfigCall {
                signers: config.signers,
                transmitters: config.transmitters,
                f: config.f,
                onchainConfig: config.onchain_config.into(),
                offchainConfigVersion: config.offchain_config_version,
                offchainConfig: config.offchain_config.into(),
            };
            owner.set_config(contract, call).await
        }
    };
    set.unwrap();
}

async fn a_configuration_that_cannot_run_is_told_and_the_next_one_runs(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    world.wait_for_reports(1).await;
    set_spoilt(&world, protocol.into(), |config| {
        config.offchain_config_version = 77;
    })
    .await;
    for index in 0..N {
        let told = "onfigVersion is 77: version";
        world.wait_for_log(index, told).await;
    }
    let version = match protocol {
        ProtocolName::Ocr1 => config::ocr1::OFFCHAIN_CONFIG_VERSION,
        ProtocolName::Ocr2 => config::OFFCHAIN_CONFIG_VERSION,
    };
    // Oracles 0 and 1 find themselves with each other's keys.
    set_spoilt(&world, protocol.into(), |config| {
        config.offchain_config_version = version;
        config.signers.swap(0, 1);
    })
    .await;
    for index in 0..2 {
        world.wait_for_log(index, "off-chain key is 0x").await;
    }
    let parameters = parameters(protocol);
    let digest = world.committee.set_config(&parameters).await.unwrap();
    let by_all = |round: &ReportedRound| round.digest == digest && round.observers.len() == N;
    world.wait_for(1, by_all).await;
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
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(world.read().await, [], "reported without a reason");
    world.committee.request_new_round().await.unwrap();
    world.wait_for_reports(1).await;
    world.committee.end().await;
}
