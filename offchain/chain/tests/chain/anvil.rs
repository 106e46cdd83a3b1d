use std::time::Duration;

use alloy::providers::Provider;
use ocr_chain::Rpc;
use ocr_chain::anvil::{Anvil, AnvilError, AnvilOptions, CHAIN_ID};
use tokio::net::TcpStream;

use crate::world::RPC_TIMEOUT;

#[tokio::test]
async fn two_anvils_run_side_by_side_and_end_with_their_handles() {
    let options = AnvilOptions::default();
    let first = Anvil::start(&options).await.unwrap();
    let second = Anvil::start(&options).await.unwrap();
    assert_ne!(first.url(), second.url());
    assert!(first.accounts().len() >= 10);

    let rpc = Rpc::connect(&first.url(), CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    let funded = rpc
        .provider()
        .get_balance(first.accounts()[0].address())
        .await
        .unwrap();
    assert!(!funded.is_zero());

    let address = first.url().trim_start_matches("http://").to_owned();
    drop(first);
    // The kernel closes the port when the process is gone; nothing else can have it.
    while TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Rpc::connect(&second.url(), CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    second.stop().await.unwrap();
}

#[tokio::test]
async fn an_anvil_that_cannot_start_says_why() {
    let options = AnvilOptions {
        arguments: vec!["--no-such-option".into()],
        ..Default::default()
    };
    let error = Anvil::start(&options).await.unwrap_err();
    let AnvilError::Ended { complaint, .. } = &error else {
        panic!("{error}")
    };
    assert!(complaint.contains("--no-such-option"), "{complaint}");
}
