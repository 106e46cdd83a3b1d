use ocr_chain::anvil::CHAIN_ID;
use ocr_chain::{ChainError, Check, ConfigRefusal, ConfigTracker, Rpc};
use ocr_protocol::id::ConfigDigest;

use crate::proxy::{Fault, Proxy};
use crate::world::{F, N, RPC_TIMEOUT, World};

#[tokio::test]
async fn finds_a_configuration_once_and_then_the_next() {
    let world = World::start().await;
    let mut tracker = world.tracker(Some(1));
    assert!(matches!(
        tracker.check().await.unwrap(),
        Check::NotConfigured
    ));

    world.set_config(b"first").await;
    let Check::New(first) = tracker.check().await.unwrap() else {
        panic!("configured")
    };
    assert_eq!(first.count, 1);
    assert_eq!(first.offchain_config, b"first");
    assert_eq!(
        (first.signers.len(), first.transmitters.len(), first.f),
        (N, N, F)
    );
    assert_eq!(first.onchain_config.len(), 49);
    assert_eq!(first.offchain_config_version, 2);
    assert_eq!(first.digest, first.evm_digest(CHAIN_ID, world.aggregator));
    assert!(matches!(tracker.check().await.unwrap(), Check::Unchanged));

    world.set_config(b"second").await;
    let Check::New(second) = tracker.check().await.unwrap() else {
        panic!("configured")
    };
    assert_eq!(
        (second.count, second.offchain_config.as_slice()),
        (2, &b"second"[..])
    );
    assert_ne!(first.digest, second.digest);

    let mut resumed =
        ConfigTracker::new(world.rpc.clone(), world.aggregator, Some(1), second.digest);
    assert!(matches!(resumed.check().await.unwrap(), Check::Unchanged));
}

#[tokio::test]
async fn waits_for_confirmations() {
    let world = World::start().await;
    world.set_config(b"first").await;
    let mut tracker = world.tracker(Some(3));
    for missing in [2, 1] {
        let check = tracker.check().await.unwrap();
        let Check::Unconfirmed { missing_blocks, .. } = check else {
            panic!("{check:?}")
        };
        assert_eq!(missing_blocks, missing);
        world.mine(1).await;
    }
    assert!(matches!(tracker.check().await.unwrap(), Check::New(_)));
}

#[tokio::test]
async fn a_configuration_that_is_reorganised_away_is_never_used() {
    let world = World::start().await;
    let mut tracker = world.tracker(Some(3));
    world.set_config(b"lost").await;
    world.mine(1).await;
    assert!(matches!(
        tracker.check().await.unwrap(),
        Check::Unconfirmed { .. }
    ));

    world
        .rpc_call("anvil_reorg", serde_json::json!([2, []]))
        .await;
    world.mine(3).await;
    assert!(matches!(
        tracker.check().await.unwrap(),
        Check::NotConfigured
    ));

    world.set_config(b"kept").await;
    world.mine(2).await;
    let Check::New(config) = tracker.check().await.unwrap() else {
        panic!("configured")
    };
    assert_eq!(
        (config.count, config.offchain_config.as_slice()),
        (1, &b"kept"[..])
    );
}

#[tokio::test]
async fn an_endpoint_without_the_log_is_asked_again() {
    let world = World::start().await;
    world.set_config(b"first").await;
    let proxy = Proxy::start(
        &world.anvil.url(),
        "eth_getLogs",
        Fault::Answer("[]".to_owned()),
        1,
    )
    .await;
    let rpc = Rpc::connect(&proxy.url, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    let mut tracker = ConfigTracker::new(rpc, world.aggregator, None, ConfigDigest::ZERO);

    let check = tracker.check().await.unwrap();
    let Check::Unreadable { error, .. } = &check else {
        panic!("{check:?}")
    };
    assert!(
        matches!(error, ChainError::NoConfigSet { .. }) && error.is_transient(),
        "{error}"
    );
    assert!(matches!(tracker.check().await.unwrap(), Check::New(_)));
    assert_eq!(proxy.left(), 0);
}

#[tokio::test]
async fn a_configuration_that_is_not_what_its_digest_says_is_refused() {
    let world = World::start().await;
    let block = world.set_config(b"a first configuration").await.block;
    let filter = serde_json::json!({
        "address": world.aggregator, "fromBlock": format!("{block:#x}"), "toBlock": format!("{block:#x}"),
    });
    let logs = world.rpc_call("eth_getLogs", [filter]).await.to_string();
    let hex = alloy::primitives::hex::encode;
    assert!(logs.contains(&hex("a first configuration")), "{logs}");
    let tampered = logs.replace(&hex("a first"), &hex("another"));
    let fault = Fault::Answer(tampered);
    let proxy = Proxy::start(&world.anvil.url(), "eth_getLogs", fault, 1).await;
    let rpc = Rpc::connect(&proxy.url, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    let mut tracker = ConfigTracker::new(rpc, world.aggregator, None, ConfigDigest::ZERO);

    let check = tracker.check().await.unwrap();
    let refused = matches!(check, Check::Refused(ConfigRefusal::WrongDigest { .. }));
    assert!(refused, "{check:?}");
    // It is not the one known from then on: the honest answer is still news.
    assert!(matches!(tracker.check().await.unwrap(), Check::New(_)));
}

#[tokio::test]
async fn a_contract_without_code_is_an_error_and_so_is_a_dead_endpoint() {
    let world = World::start().await;
    let nobody = alloy::primitives::Address::repeat_byte(9);
    let mut tracker = ConfigTracker::new(world.rpc.clone(), nobody, None, ConfigDigest::ZERO);
    assert!(matches!(
        tracker.check().await,
        Err(ChainError::NoCode { .. })
    ));

    let mut tracker = world.tracker(None);
    world.anvil.stop().await.unwrap();
    assert!(tracker.check().await.unwrap_err().is_transient());
}
