use std::sync::Arc;
use std::time::Duration;

use alloy::consensus::{SignableTransaction, TxEip1559};
use alloy::eips::Encodable2718;
use alloy::primitives::{Address, Bytes, U256};
use alloy::providers::Provider;
use alloy::signers::SignerSync;
use ocr_chain::anvil::CHAIN_ID;
use ocr_chain::{
    Account, ChainError, Execution, FeePolicy, MinedTx, PrivateKeySigner, Rpc, SendError, Tx,
};

use crate::proxy::{Fault, Proxy};
use crate::world::{POLICY, RPC_TIMEOUT, World};

const GWEI: u128 = 1_000_000_000;

/// Sends `wei` to no one.
fn payment(wei: u64) -> Tx {
    let to = Address::repeat_byte(0xbb).into();
    Tx {
        function: "payment",
        to,
        value_wei: U256::from(wei),
        data: Bytes::new(),
    }
}

fn mined(outcome: Result<Execution, SendError>) -> MinedTx {
    match outcome {
        Ok(Execution::Mined(mined)) => mined,
        other => panic!("{other:?}"),
    }
}

/// The transaction of `account` with nonce 0 that waits to be mined.
async fn pooled(world: &World, account: Address) -> serde_json::Value {
    let pool = world.rpc_call("txpool_content", ()).await;
    let of_account = pool["pending"].as_object().unwrap().iter();
    let mut of_account = of_account.filter(|(key, _)| key.parse() == Ok(account));
    of_account
        .next()
        .map(|(_, txs)| txs["0"].clone())
        .unwrap_or_default()
}

#[tokio::test]
async fn uses_the_chains_nonce_whoever_else_sends_from_the_account() {
    let world = World::start().await;
    let (ours, other_wallet) = (world.account(0, POLICY), world.account(0, POLICY));
    for (nonce, account) in [&ours, &other_wallet, &ours, &ours, &other_wallet]
        .iter()
        .enumerate()
    {
        let mined = mined(account.execute(&payment(1)).await);
        assert_eq!(world.nonce_of(mined.tx).await, nonce as u64);
    }
}

#[tokio::test]
async fn a_transaction_that_would_revert_burns_no_nonce() {
    let world = World::start().await;
    let account = world.account(0, POLICY);
    let bad = Tx {
        to: world.aggregator.into(),
        data: vec![0xff; 4].into(),
        ..payment(0)
    };
    for _ in 0..3 {
        assert!(account.execute(&bad).await.unwrap_err().revert().is_some());
    }
    let mined = mined(account.execute(&payment(1)).await);
    assert_eq!(world.nonce_of(mined.tx).await, 0);
}

#[tokio::test]
async fn calls_at_once_are_sent_one_after_the_other() {
    let world = World::start().await;
    let account = world.account(0, POLICY);
    let payments = [payment(1), payment(2), payment(3)];
    let [a, b, c] = &payments;
    let (a, b, c) = tokio::join!(account.execute(a), account.execute(b), account.execute(c));
    for outcome in [a, b, c] {
        mined(outcome);
    }
    assert_eq!(world.mined_nonce(account.address()).await, 3);
}

#[tokio::test]
async fn an_empty_account_says_what_it_needs() {
    let world = World::start().await;
    let poor = Account::new(world.rpc.clone(), PrivateKeySigner::random(), POLICY);
    let error = poor.execute(&payment(0)).await.unwrap_err();
    let SendError::InsufficientFunds {
        account,
        balance_wei,
        needed_wei,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((*account, *balance_wei), (poor.address(), U256::ZERO));
    assert!(*needed_wei > U256::ZERO && !error.is_transient());

    let value_wei = U256::from(10).pow(U256::from(18));
    world.owner.fund(poor.address(), value_wei).await.unwrap();
    mined(poor.execute(&payment(0)).await);
}

#[tokio::test]
async fn raises_the_offer_under_the_same_nonce_until_it_is_mined() {
    let world = World::start().await;
    let account = world.account(
        0,
        FeePolicy {
            bump_after_blocks: 2,
            ..POLICY
        },
    );
    world.set_automine(false).await;
    let payment = payment(1);
    let (first_offer_wei, outcome) = tokio::join!(
        async {
            world.pooled(1).await;
            let tx = pooled(&world, account.address()).await;
            let offer = tx["maxFeePerGas"]
                .as_str()
                .unwrap()
                .trim_start_matches("0x")
                .to_owned();
            // Blocks that cost more than was offered go by, until a raised offer is taken.
            while world.mined_nonce(account.address()).await == 0 {
                world.set_base_fee_wei(30 * GWEI).await;
                world.mine(1).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            u128::from_str_radix(&offer, 16).unwrap()
        },
        account.execute(&payment)
    );
    let mined = mined(outcome);
    assert!(first_offer_wei < 30 * GWEI && mined.gas_price_wei >= 30 * GWEI);
    assert_eq!(world.nonce_of(mined.tx).await, 0);
    assert_eq!(world.mined_nonce(account.address()).await, 1);
}

#[tokio::test]
async fn never_offers_more_than_the_cap() {
    let world = World::start().await;
    let policy = FeePolicy {
        max_fee_per_gas_wei: 3 * GWEI,
        bump_after_blocks: 1,
        give_up_after: Duration::from_secs(3),
    };
    let account = world.account(0, policy);
    world.set_base_fee_wei(2 * GWEI).await;
    world.mine(1).await;
    world.set_automine(false).await;
    let payment = payment(1);
    // Offers reach the cap, and the same offer is then sent again and again.
    let (outcome, ()) = tokio::join!(account.execute(&payment), async {
        world.pooled(1).await;
        for _ in 0..20 {
            world.set_base_fee_wei(50 * GWEI).await;
            world.mine(1).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let Ok(Execution::Dropped { nonce: 0, txs }) = outcome else {
        panic!("{outcome:?}")
    };
    for tx in &txs {
        let tx = world
            .rpc
            .provider()
            .get_transaction_by_hash(*tx)
            .await
            .unwrap();
        let offer = tx.map(|tx| alloy::consensus::Transaction::max_fee_per_gas(&tx));
        assert!(offer.is_none_or(|offer| offer <= 3 * GWEI), "{offer:?}");
    }

    let fresh = world.account(1, policy);
    let error = fresh.execute(&payment).await.unwrap_err();
    assert!(
        matches!(error, SendError::BaseFeeAboveCap { .. }),
        "{error}"
    );
    assert!(error.is_transient());

    // Gas is cheap again. This anvil forgot what it could not mine, so its nonce is free.
    world.set_automine(true).await;
    world.set_base_fee_wei(GWEI).await;
    world.mine(1).await;
    assert_eq!(world.mined_nonce(account.address()).await, 0);
    let next = mined(account.execute(&payment).await);
    assert_eq!(world.nonce_of(next.tx).await, 0);
}

#[tokio::test]
async fn what_cannot_be_outbid_is_said_and_keeps_its_place() {
    let world = World::start().await;
    let policy = FeePolicy {
        give_up_after: Duration::from_millis(600),
        ..POLICY
    };
    let rich = world.account(0, policy);
    world.set_automine(false).await;
    let outcome = rich.execute(&payment(1)).await;
    assert!(
        matches!(outcome, Ok(Execution::Dropped { nonce: 0, .. })),
        "{outcome:?}"
    );

    // The same offer again, for something else: the pool keeps what it has.
    let offer = pooled(&world, rich.address()).await["maxFeePerGas"].clone();
    let offer = u128::from_str_radix(offer.as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    let capped = world.account(
        1,
        FeePolicy {
            max_fee_per_gas_wei: offer,
            ..policy
        },
    );
    let outcome = capped.execute(&payment(1)).await;
    assert!(
        matches!(outcome, Ok(Execution::Dropped { nonce: 0, .. })),
        "{outcome:?}"
    );
    let error = capped.execute(&payment(2)).await.unwrap_err();
    assert!(
        matches!(error, SendError::CannotOutbid { nonce: 0, .. }),
        "{error}"
    );
    assert!(error.is_transient());
    world.mine(1).await;
    assert_eq!(world.mined_nonce(capped.address()).await, 1);
}

#[tokio::test]
async fn a_dropped_transaction_is_replaced_by_the_next_one() {
    let world = World::start().await;
    let give_up_after = Duration::from_millis(600);
    let account = world.account(
        0,
        FeePolicy {
            give_up_after,
            ..POLICY
        },
    );
    world.set_automine(false).await;
    let outcome = account.execute(&payment(1)).await;
    let Ok(Execution::Dropped { nonce: 0, txs }) = outcome else {
        panic!("{outcome:?}")
    };
    let [first] = txs.as_slice() else {
        panic!("{txs:?}")
    };
    assert_eq!(
        pooled(&world, account.address()).await["hash"],
        first.to_string()
    );
    replaces(&world, &account).await;
}

#[tokio::test]
async fn dropping_the_future_keeps_the_books() {
    let world = World::start().await;
    let account = world.account(0, POLICY);
    world.set_automine(false).await;
    let first = payment(1);
    tokio::select! {
        outcome = account.execute(&first) => panic!("{outcome:?}"),
        () = world.pooled(1) => {}
    }
    replaces(&world, &account).await;
}

/// Another payment takes the place of the one in the pool, and only it is mined.
async fn replaces(world: &World, account: &Account) {
    let first = pooled(world, account.address()).await;
    let second = payment(2);
    let (outcome, ()) = tokio::join!(account.execute(&second), async {
        while pooled(world, account.address()).await["hash"] == first["hash"] {
            tokio::task::yield_now().await;
        }
        world.mine(1).await;
    });
    let second = mined(outcome);
    assert_ne!(first["hash"], second.tx.to_string());
    assert_eq!(world.nonce_of(second.tx).await, 0);
    assert_eq!(world.mined_nonce(account.address()).await, 1);
}

#[tokio::test]
async fn an_earlier_transaction_that_is_mined_after_all_is_not_taken_for_the_next_one() {
    let world = World::start().await;
    let give_up_after = Duration::from_millis(600);
    let account = world.account(
        0,
        FeePolicy {
            give_up_after,
            ..POLICY
        },
    );
    world.set_automine(false).await;
    let outcome = account.execute(&payment(1)).await;
    let Ok(Execution::Dropped { nonce: 0, txs }) = outcome else {
        panic!("{outcome:?}")
    };
    world.mine(1).await;
    world.set_automine(true).await;
    let next = mined(account.execute(&payment(2)).await);
    assert!(!txs.contains(&next.tx));
    assert_eq!(world.nonce_of(next.tx).await, 1);
}

#[tokio::test]
async fn a_nonce_that_another_wallet_took_is_given_up_and_the_next_one_used() {
    let world = World::start().await;
    let account = Arc::new(world.account(0, POLICY));
    world.set_automine(false).await;
    let ours = payment(1);
    let (outcome, theirs) = tokio::join!(account.execute(&ours), async {
        world.pooled(1).await;
        let theirs = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: 0,
            gas_limit: 21_000,
            max_fee_per_gas: 400 * GWEI,
            max_priority_fee_per_gas: 100 * GWEI,
            to: Address::ZERO.into(),
            ..TxEip1559::default()
        };
        let signature = world
            .wallet(0)
            .sign_hash_sync(&theirs.signature_hash())
            .unwrap();
        let theirs = theirs.into_signed(signature);
        let provider = world.rpc.provider();
        let _ = provider
            .send_raw_transaction(&theirs.encoded_2718())
            .await
            .unwrap();
        world.set_automine(true).await;
        world.mine(1).await;
        *theirs.hash()
    });
    assert_eq!(world.nonce_of(theirs).await, 0);
    assert_eq!(world.nonce_of(mined(outcome).tx).await, 1);
}

#[tokio::test]
async fn a_lost_answer_to_the_send_is_no_failure_and_no_second_payment() {
    let world = World::start().await;
    let proxy = Proxy::start(
        &world.anvil.url(),
        "eth_sendRawTransaction",
        Fault::LoseAnswer,
        1,
    )
    .await;
    let rpc = Rpc::connect(&proxy.url, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    let account = Account::new(rpc, world.wallet(0), POLICY);
    mined(account.execute(&payment(5)).await);
    assert_eq!(proxy.left(), 0);
    let nobody = Address::repeat_byte(0xbb);
    let balance = world.rpc.provider().get_balance(nobody).await.unwrap();
    assert_eq!(balance, U256::from(5));
    assert_eq!(world.mined_nonce(account.address()).await, 1);
}

/// An account whose endpoint refuses the next transaction with `message`.
async fn refused_once(world: &World, message: &'static str) -> (Proxy, Account) {
    let method = "eth_sendRawTransaction";
    let proxy = Proxy::start(&world.anvil.url(), method, Fault::Refuse(message), 1).await;
    let rpc = Rpc::connect(&proxy.url, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    (proxy, Account::new(rpc, world.wallet(0), POLICY))
}

#[tokio::test]
async fn a_send_that_is_refused_burns_no_nonce() {
    let world = World::start().await;
    let (proxy, account) = refused_once(&world, "no room for it").await;
    let error = account.execute(&payment(1)).await.unwrap_err();
    let SendError::Chain(ChainError::Refused { message, .. }) = &error else {
        panic!("{error}")
    };
    assert_eq!(message, "no room for it");
    assert!(error.is_transient() && proxy.left() == 0);
    let mined = mined(account.execute(&payment(1)).await);
    assert_eq!(world.nonce_of(mined.tx).await, 0);
}

#[tokio::test]
async fn a_send_that_is_refused_for_its_nonce_or_its_offer_is_made_again() {
    let world = World::start().await;
    for (nonce, message) in [
        (0, "nonce too low"),
        (1, "replacement transaction underpriced"),
    ] {
        let (proxy, account) = refused_once(&world, message).await;
        let mined = mined(account.execute(&payment(1)).await);
        assert_eq!(proxy.asked(), 2, "{message}");
        assert_eq!(world.nonce_of(mined.tx).await, nonce);
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_a_transient_error() {
    let world = World::start().await;
    let account = world.account(0, POLICY);
    world.anvil.stop().await.unwrap();
    assert!(
        account
            .execute(&payment(1))
            .await
            .unwrap_err()
            .is_transient()
    );
}
