use alloy::primitives::{Address, U256};
use ocr_chain::contracts::{
    AggregatorArgs, IAccessList, ILinkToken, IOCR2Aggregator, IOwnable, ITypeAndVersion,
};
use ocr_chain::deploy::OwnerError;
use ocr_chain::{Account, FeePolicy, Revert, deploy::Owner};
use std::time::Duration;

use crate::world::{N, POLICY, World, attested, i192, report};
use ocr_protocol::id::EpochRound;

#[tokio::test]
async fn what_is_deployed_is_what_was_asked_for() {
    let world = World::start().await;
    let (rpc, aggregator, owner) = (&world.rpc, world.aggregator, world.owner.address());
    let call = ITypeAndVersion::typeAndVersionCall {};
    assert_eq!(
        rpc.call(aggregator, call).await.unwrap(),
        "AccessControlledOCR2Aggregator 1.0.0"
    );
    assert_eq!(
        rpc.call(aggregator, IOwnable::ownerCall {}).await.unwrap(),
        owner
    );
    let link = rpc
        .call(aggregator, IOCR2Aggregator::getLinkTokenCall {})
        .await
        .unwrap();
    assert_eq!(
        rpc.call(link, ILinkToken::symbolCall {}).await.unwrap(),
        "LINK"
    );

    let args = AggregatorArgs {
        link,
        min_answer: i192(-7),
        max_answer: i192(7),
        billing_access_controller: Address::ZERO,
        requester_access_controller: Address::ZERO,
        decimals: 18,
        description: "A feed with a long description: SPX / USD".to_owned(),
    };
    let plain = world.owner.deploy_aggregator(&args).await.unwrap();
    let call = ITypeAndVersion::typeAndVersionCall {};
    assert_eq!(rpc.call(plain, call).await.unwrap(), "OCR2Aggregator 1.0.0");
    assert_eq!(
        rpc.call(plain, IOCR2Aggregator::decimalsCall {})
            .await
            .unwrap(),
        18
    );
    let call = IOCR2Aggregator::descriptionCall {};
    assert_eq!(rpc.call(plain, call).await.unwrap(), args.description);
    let call = IOCR2Aggregator::minAnswerCall {};
    assert_eq!(rpc.call(plain, call).await.unwrap(), args.min_answer);
    let call = IOCR2Aggregator::maxAnswerCall {};
    assert_eq!(rpc.call(plain, call).await.unwrap(), args.max_answer);

    let list = world.owner.deploy_read_access_controller().await.unwrap();
    assert!(
        rpc.call(list, IAccessList::checkEnabledCall {})
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn oracles_are_paid_in_link() {
    let (world, digest) = World::configured().await;
    let (rpc, aggregator, owner) = (&world.rpc, world.aggregator, &world.owner);
    let link = rpc
        .call(aggregator, IOCR2Aggregator::getLinkTokenCall {})
        .await
        .unwrap();
    let million = U256::from(10).pow(U256::from(24));
    let fund = ILinkToken::transferCall {
        to: aggregator,
        value: million,
    };
    owner.call(link, fund).await.unwrap();
    let billing = IOCR2Aggregator::setBillingCall {
        maximumGasPriceGwei: 1_000,
        reasonableGasPriceGwei: 10,
        observationPaymentGjuels: 5,
        transmissionPaymentGjuels: 7,
        accountingGas: alloy::primitives::aliases::U24::from(25_000),
    };
    owner.set_billing(aggregator, billing).await.unwrap();
    let transmitters: Vec<Address> = (0..N).map(|i| world.wallet(i).address()).collect();
    owner
        .set_payees(aggregator, transmitters.clone(), transmitters)
        .await
        .unwrap();

    let report = attested(digest, EpochRound::new(1, 1), report(&[1, 2, 3]), &[0, 1]);
    world
        .transmitter(2)
        .transmit(digest, &report)
        .await
        .unwrap();
    let owed = |i| IOCR2Aggregator::owedPaymentCall {
        transmitterAddress: world.wallet(i).address(),
    };
    let gjuels = |n: u64| U256::from(n) * U256::from(1_000_000_000);
    assert_eq!(rpc.call(aggregator, owed(0)).await.unwrap(), gjuels(5));
    assert_eq!(rpc.call(aggregator, owed(2)).await.unwrap(), gjuels(5 + 7));
}

#[tokio::test]
async fn an_access_list_lets_a_stranger_request_rounds() {
    let (world, _) = World::configured().await;
    let (rpc, aggregator) = (&world.rpc, world.aggregator);
    let stranger = || world.account(3, POLICY);
    let request = || IOCR2Aggregator::requestNewRoundCall {};
    let error = Owner::new(stranger())
        .call(aggregator, request())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("requestNewRound() was not sent") && text.contains("Only owner"));

    let call = IOCR2Aggregator::getRequesterAccessControllerCall {};
    let list = rpc.call(aggregator, call).await.unwrap();
    world
        .owner
        .add_access(list, stranger().address())
        .await
        .unwrap();
    Owner::new(stranger())
        .call(aggregator, request())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_bad_configuration_comes_back_as_the_contracts_string() {
    let world = World::start().await;
    let config = IOCR2Aggregator::setConfigCall {
        signers: vec![Address::repeat_byte(1); 2],
        transmitters: vec![Address::repeat_byte(1); 3],
        f: 1,
        onchainConfig: vec![].into(),
        offchainConfigVersion: 2,
        offchainConfig: vec![].into(),
    };
    let error = world
        .owner
        .set_config(world.aggregator, config)
        .await
        .unwrap_err();
    let OwnerError::Send { source, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(
        source.revert(),
        Some(&Revert::Reason("oracle length mismatch".to_owned()))
    );
}

#[tokio::test]
async fn a_chain_that_makes_no_blocks_is_said_so() {
    let world = World::start().await;
    world.set_automine(false).await;
    let policy = FeePolicy {
        give_up_after: Duration::from_millis(600),
        ..POLICY
    };
    let account = Account::new(world.rpc.clone(), world.wallet(0), policy);
    let error = Owner::new(account)
        .fund(Address::repeat_byte(1), U256::from(1))
        .await
        .unwrap_err();
    assert!(
        matches!(error, OwnerError::NotMined { function: "fund" }),
        "{error}"
    );
}
