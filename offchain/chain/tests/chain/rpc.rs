use alloy::primitives::Address;
use ocr_chain::anvil::CHAIN_ID;
use ocr_chain::contracts::IOCR2Aggregator::{getTransmittersCall, requestNewRoundCall};
use ocr_chain::{ChainError, Revert, Rpc};

use crate::proxy::{Fault, Proxy};
use crate::world::{RPC_TIMEOUT, World};

#[tokio::test]
async fn connect_refuses_another_chain() {
    let world = World::start().await;
    let error = Rpc::connect(&world.anvil.url(), 1, RPC_TIMEOUT)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        ChainError::WrongChain {
            expected: 1,
            actual: CHAIN_ID,
            ..
        }
    ));
    assert!(!error.is_transient());
    let text = error.to_string();
    assert!(
        text.contains("serves chain 1337, but chain 1 is configured"),
        "{text}"
    );
}

#[tokio::test]
async fn connect_refuses_what_is_no_http_url() {
    for url in [
        "",
        "localhost:8545",
        "ws://127.0.0.1:1",
        "127.0.0.1:8545",
        "http://",
    ] {
        let error = Rpc::connect(url, CHAIN_ID, RPC_TIMEOUT).await.unwrap_err();
        assert!(
            matches!(error, ChainError::BadUrl { .. }),
            "{url:?}: {error}"
        );
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_a_transient_error_that_keeps_the_urls_secret() {
    let world = World::start().await;
    let with_user = world.anvil.url().replace("//", "//user:password@");
    let url = format!("{with_user}/?key=secret-key");
    let wrong_path = format!("{with_user}/v2/secret-key");
    let error = Rpc::connect(&wrong_path, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap_err();
    assert!(
        matches!(error, ChainError::HttpStatus { status: 404, .. }),
        "{error}"
    );
    assert!(!error.is_transient() && !error.to_string().contains("secret-key"));
    let rpc = Rpc::connect(&url, CHAIN_ID, RPC_TIMEOUT).await.unwrap();
    world.anvil.stop().await.unwrap();

    for error in [
        rpc.height().await.unwrap_err(),
        rpc.call(world.aggregator, getTransmittersCall {})
            .await
            .unwrap_err(),
        Rpc::connect(&url, CHAIN_ID, RPC_TIMEOUT).await.unwrap_err(),
    ] {
        assert!(error.is_transient(), "{error}");
        let text = format!("{error} {error:?}");
        assert!(
            text.contains("127.0.0.1") && text.contains("cannot be reached"),
            "{text}"
        );
        assert!(
            !text.contains("secret-key") && !text.contains("password"),
            "{text}"
        );
    }
    assert!(!format!("{:?}", rpc.endpoint()).contains("secret-key"));
}

#[tokio::test]
async fn an_address_without_code_is_named() {
    let world = World::start().await;
    let nobody = Address::repeat_byte(0xab);
    let error = world
        .rpc
        .call(nobody, getTransmittersCall {})
        .await
        .unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(
        error.to_string(),
        format!("no contract code at {nobody} on chain 1337; check the address and the chain")
    );
    assert!(world.rpc.require_code(nobody).await.is_err());
    world.rpc.require_code(world.aggregator).await.unwrap();
}

#[tokio::test]
async fn a_revert_comes_back_as_its_string() {
    let world = World::start().await;
    let error = world
        .rpc
        .call(world.aggregator, requestNewRoundCall {})
        .await
        .unwrap_err();
    let expected = Revert::Reason("Only owner&requester can call".to_owned());
    assert_eq!(error.revert(), Some(&expected));
    assert_eq!(
        error.to_string(),
        r#"requestNewRound() reverted with "Only owner&requester can call""#
    );
    assert!(!error.is_transient());
}

#[tokio::test]
async fn https_is_spoken_but_not_by_anvil() {
    let world = World::start().await;
    let url = world.anvil.url().replace("http:", "https:");
    let error = Rpc::connect(&url, CHAIN_ID, RPC_TIMEOUT).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("RPC endpoint https://127.0.0.1:"),
        "{text}"
    );
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_not_quoted_whole() {
    let world = World::start().await;
    let long = format!("{:?}", "sign in ".repeat(1_000));
    let fault = Fault::Answer(long);
    let proxy = Proxy::start(&world.anvil.url(), "eth_blockNumber", fault, 1).await;
    let rpc = Rpc::connect(&proxy.url, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    let error = rpc.height().await.unwrap_err();
    assert!(matches!(error, ChainError::BadAnswer { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("sign in") && text.len() < 400, "{text}");
    rpc.height().await.unwrap();
}
