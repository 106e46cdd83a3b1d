//! The same chain, account and endpoint with an aggregator of OCR1.

use alloy::primitives::{Address, B256, Bytes, U256, hex, keccak256};
use alloy::sol_types::{SolCall, SolValue};
use ocr_chain::contracts::{AggregatorArgs, ILinkToken, IOffchainAggregator as ocr1};
use ocr_chain::{
    ChainError, Check, ConfigTracker, Feed, SendError, Transmission, TransmitError, Transmitter,
    protocol_of, transmit_calldata,
};
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound, OracleId, Protocol};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{LatestTransmission, RoundRequest};
use ocr_protocol::time::UnixSeconds;
use std::time::Duration;

use crate::world::{F, MAX_ANSWER, MIN_ANSWER, N, World, i192, signer, signing_key};

const AT: EpochRound = EpochRound::new(7, 200);

const PRICES: ocr1::setBillingCall = ocr1::setBillingCall {
    _maximumGasPrice: 1_000,
    _reasonableGasPrice: 10,
    _microLinkPerEth: 0,
    _linkGweiPerObservation: 5,
    _linkGweiPerTransmission: 7,
};

impl World {
    /// A world whose aggregator is OCR1's, not configured.
    async fn ocr1() -> Self {
        let mut world = Self::start().await;
        let link = world.owner.deploy_link_test_token().await.unwrap();
        let args = AggregatorArgs {
            link,
            min_answer: i192(MIN_ANSWER),
            max_answer: i192(MAX_ANSWER),
            billing_access_controller: Address::ZERO,
            requester_access_controller: Address::ZERO,
            decimals: 8,
            description: "A feed with a long description: SPX / USD".to_owned(),
        };
        let deployed = world
            .owner
            .deploy_access_controlled_offchain_aggregator(&args, &PRICES)
            .await;
        world.aggregator = deployed.unwrap();
        let transmitters: Vec<_> = (0..N).map(|i| world.wallet(i).address()).collect();
        world
            .owner
            .set_payees(world.aggregator, transmitters.clone(), transmitters)
            .await
            .unwrap();
        world
    }

    async fn ocr1_configured() -> (Self, ConfigDigest) {
        let world = Self::ocr1().await;
        world.set_ocr1_config(b"first").await;
        let Check::New(config) = world.ocr1_tracker(None).check().await.unwrap() else {
            panic!("configured")
        };
        (world, config.digest)
    }

    async fn set_ocr1_config(&self, encoded: &[u8]) {
        let config = ocr1::setConfigCall {
            _signers: (0..N).map(signer).collect(),
            _transmitters: (0..N).map(|i| self.wallet(i).address()).collect(),
            _threshold: F,
            _encodedConfigVersion: 1,
            _encoded: encoded.to_vec().into(),
        };
        let set = self.owner.set_config(self.aggregator, config).await;
        set.unwrap();
    }

    fn ocr1_tracker(&self, confirmations: Option<u16>) -> ConfigTracker {
        self.tracker(confirmations).with_protocol(Protocol::Ocr1)
    }

    fn ocr1_feed(&self) -> Feed {
        self.feed().with_protocol(Protocol::Ocr1)
    }
}

/// A report over `values`, one observation of each oracle in order, that `signers` attested.
///
/// Source: contracts-ocr1 4.2 to 4.4.
fn attested(
    digest: ConfigDigest,
    at: EpochRound,
    values: &[i64],
    signers: &[usize],
) -> AttestedReport {
    let mut observers = B256::ZERO;
    for i in 0..values.len() {
        observers[i] = i as u8;
    }
    let observations: Vec<_> = values.iter().copied().map(i192).collect();
    let digest: [u8; 16] = digest.on_chain().try_into().unwrap();
    let context = U256::from_be_slice(&digest) << 40
        | U256::from(at.epoch.get()) << 8
        | U256::from(at.round.get());
    let whole = (B256::from(context), observers, observations).abi_encode_params();
    let sign = |i: usize| {
        let hash = keccak256(&whole);
        let key = signing_key(i);
        let (signature, v) = key.sign_prehash_recoverable(hash.as_slice()).unwrap();
        let signature = [signature.to_bytes().as_slice(), &[v.to_byte()]].concat();
        // OCR1's messages do not name the signers.
        (None, signature)
    };
    AttestedReport {
        at,
        extra_hash: [0; 32],
        report: whole[32..].to_vec(),
        signatures: signers.iter().copied().map(sign).collect(),
    }
}

async fn included(transmitter: &Transmitter, digest: ConfigDigest, report: &AttestedReport) {
    let outcome = transmitter.transmit(digest, report).await.unwrap();
    assert!(matches!(outcome, Transmission::Included(_)), "{outcome:?}");
}

#[tokio::test]
async fn finds_a_configuration_with_its_confirmations_and_then_the_next() {
    let world = World::ocr1().await;
    let mut tracker = world.ocr1_tracker(Some(3));
    let check = tracker.check().await.unwrap();
    assert!(matches!(check, Check::NotConfigured), "{check:?}");

    world.set_ocr1_config(b"first").await;
    for missing in [2, 1] {
        let check = tracker.check().await.unwrap();
        let Check::Unconfirmed { missing_blocks, .. } = check else {
            panic!("{check:?}")
        };
        assert_eq!(missing_blocks, missing);
        world.mine(1).await;
    }
    let Check::New(first) = tracker.check().await.unwrap() else {
        panic!("configured")
    };
    assert_eq!((first.count, first.f), (1, F));
    assert_eq!(first.signers, (0..N).map(signer).collect::<Vec<_>>());
    assert_eq!(first.transmitters[3], world.wallet(3).address());
    assert_eq!(first.offchain_config_version, 1);
    assert_eq!(first.offchain_config, b"first");
    assert_eq!(first.onchain_config, b"");
    let call = ocr1::latestConfigDetailsCall {};
    let details = world.rpc.call(world.aggregator, call).await.unwrap();
    assert_eq!(first.digest.on_chain(), details.configDigest.as_slice());
    assert_eq!(first.digest.protocol(), Protocol::Ocr1);
    let check = tracker.check().await.unwrap();
    assert!(matches!(check, Check::Unchanged), "{check:?}");

    world.set_ocr1_config(b"second").await;
    world.mine(2).await;
    let Check::New(second) = tracker.check().await.unwrap() else {
        panic!("configured")
    };
    assert_eq!(second.count, 2);
    assert_ne!(first.digest, second.digest);
}

#[tokio::test]
async fn what_was_transmitted_is_read_back() {
    let world = World::ocr1().await;
    let before = world.ocr1_feed().latest_transmission().await.unwrap();
    assert_eq!(before, LatestTransmission::default());

    let (world, digest) = World::ocr1_configured().await;
    let feed = world.ocr1_feed();
    let latest = feed.latest_config_digest_and_epoch().await.unwrap();
    assert_eq!(latest, (digest, Epoch::ZERO));
    let report = attested(digest, AT, &[-5, -3, 8], &[2, 0]);
    included(&world.transmitter(3), digest, &report).await;

    let latest = feed.latest_transmission().await.unwrap();
    assert_eq!((latest.digest, latest.at), (digest, AT));
    assert_eq!(latest.answer, Int192::from(-3));
    let call = ocr1::latestRoundDataCall {};
    let round = world.rpc.call(world.aggregator, call).await.unwrap();
    assert_eq!(round.answer.to_string(), "-3");
    assert_eq!(round.updatedAt, U256::from(latest.timestamp.0));
    let latest = feed.latest_config_digest_and_epoch().await.unwrap();
    assert_eq!(latest, (digest, AT.epoch));

    let second = attested(digest, EpochRound::new(u32::MAX, 255), &[1; 4], &[0, 1, 3]);
    included(&world.transmitter(0), digest, &second).await;
    let height = world.rpc.height().await.unwrap();
    let sent = feed.transmissions(0, height).await.unwrap();
    let [first, second] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((first.aggregator_round_id, first.at), (1, AT));
    assert_eq!((first.digest, first.answer), (digest, Int192::from(-3)));
    assert_eq!(first.observations, [-5, -3, 8].map(Int192::from));
    assert_eq!(first.observers, [0, 1, 2]);
    assert_eq!(first.transmitter, world.wallet(3).address());
    assert_eq!(first.observations_timestamp, None);
    assert_eq!(
        (second.at, second.block),
        (EpochRound::new(u32::MAX, 255), height)
    );
}

#[tokio::test]
async fn a_late_report_is_superseded_and_a_strangers_refused() {
    let (world, digest) = World::ocr1_configured().await;
    let report = attested(digest, AT, &[1, 2, 3], &[0, 1]);
    let refused = async |transmitter: Transmitter, report: &AttestedReport| match transmitter
        .transmit(digest, report)
        .await
    {
        Err(TransmitError::Send(SendError::Chain(error))) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let says = |reason: &str| {
        format!("transmit(bytes,bytes32[],bytes32[],bytes32) reverted with {reason:?}")
    };
    // Account 5 of the chain is no transmitter of the committee of four.
    let error = refused(world.transmitter(N), &report).await;
    assert_eq!(error, says("unauthorized transmitter"));
    let few = attested(digest, AT, &[1, 2, 3], &[0]);
    let error = refused(world.transmitter(0), &few).await;
    assert_eq!(error, says("not enough signatures"));
    let twice = attested(digest, AT, &[1, 2, 3], &[1, 1]);
    let error = refused(world.transmitter(0), &twice).await;
    assert_eq!(error, says("non-unique signature"));

    included(&world.transmitter(0), digest, &report).await;
    let late = world.transmitter(1).transmit(digest, &report).await;
    assert_eq!(late.unwrap(), Transmission::Superseded { mined: None });
}

#[tokio::test]
async fn sees_a_request_for_a_round_until_a_transmission_answers_it() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let (world, digest) = World::ocr1_configured().await;
    let feed = world.ocr1_feed();
    let report = attested(digest, EpochRound::new(3, 2), &[1, 2, 3], &[0, 1]);
    included(&world.transmitter(0), digest, &report).await;
    let call = ocr1::requestNewRoundCall {};
    world.owner.call(world.aggregator, call).await.unwrap();

    let now = feed.latest_transmission().await.unwrap().timestamp;
    let open = RoundRequest {
        digest,
        at: EpochRound::new(3, 2),
    };
    assert_eq!(feed.view(now, HOUR).await.unwrap().requested, open);
    let next_day = UnixSeconds(now.0 + 86_400);
    let view = feed.view(next_day, HOUR).await.unwrap();
    assert_eq!(view.requested, RoundRequest::default());

    world.mine(2).await;
    let report = attested(digest, AT, &[1, 2, 3], &[0, 1]);
    included(&world.transmitter(0), digest, &report).await;
    let view = feed.view(now, HOUR).await.unwrap();
    assert_eq!(view.requested, RoundRequest::default());
}

#[tokio::test]
async fn prices_of_the_constructor_hold_until_others_are_set() {
    let (world, digest) = World::ocr1_configured().await;
    let (rpc, aggregator) = (&world.rpc, world.aggregator);
    let call = ocr1::getLinkTokenCall {};
    let link = rpc.call(aggregator, call).await.unwrap();
    let million = U256::from(10).pow(U256::from(24));
    let fund = ILinkToken::transferCall {
        to: aggregator,
        value: million,
    };
    world.owner.call(link, fund).await.unwrap();
    let report = attested(digest, AT, &[1, 2, 3], &[0, 1]);
    included(&world.transmitter(2), digest, &report).await;
    let owed = |i| ocr1::owedPaymentCall {
        _transmitter: world.wallet(i).address(),
    };
    let gjuels = |n: u64| U256::from(n) * U256::from(1_000_000_000);
    assert_eq!(rpc.call(aggregator, owed(0)).await.unwrap(), gjuels(5));
    assert_eq!(rpc.call(aggregator, owed(2)).await.unwrap(), gjuels(5 + 7));

    let prices = ocr1::setBillingCall {
        _linkGweiPerObservation: 6,
        ..PRICES
    };
    world.owner.set_billing(aggregator, prices).await.unwrap();
    // Everyone was paid at the old prices.
    assert_eq!(rpc.call(aggregator, owed(2)).await.unwrap(), U256::ZERO);
    let call = ocr1::getBillingCall {};
    let billing = rpc.call(aggregator, call).await.unwrap();
    assert_eq!(billing.linkGweiPerObservation, 6);
}

#[tokio::test]
async fn what_is_deployed_is_what_was_asked_for() {
    let world = World::ocr1().await;
    let call = ocr1::typeAndVersionCall {};
    let name = world.rpc.call(world.aggregator, call).await.unwrap();
    assert_eq!(name, "AccessControlledOffchainAggregator 4.0.0");
    let call = ocr1::getLinkTokenCall {};
    let link = world.rpc.call(world.aggregator, call).await.unwrap();
    let args = AggregatorArgs {
        link,
        min_answer: i192(-7),
        max_answer: i192(7),
        billing_access_controller: Address::repeat_byte(1),
        requester_access_controller: Address::repeat_byte(2),
        decimals: 18,
        description: "TEST / USD".to_owned(),
    };
    let plain = world.owner.deploy_offchain_aggregator(&args, &PRICES).await;
    let (rpc, plain) = (&world.rpc, plain.unwrap());
    let name = rpc.call(plain, ocr1::typeAndVersionCall {}).await;
    assert_eq!(name.unwrap(), "OffchainAggregator 4.0.0");
    let decimals = rpc.call(plain, ocr1::decimalsCall {}).await;
    assert_eq!(decimals.unwrap(), 18);
    let least = rpc.call(plain, ocr1::minAnswerCall {}).await;
    assert_eq!(least.unwrap(), args.min_answer);
    let most = rpc.call(plain, ocr1::maxAnswerCall {}).await;
    assert_eq!(most.unwrap(), args.max_answer);
    let description = rpc.call(plain, ocr1::descriptionCall {}).await;
    assert_eq!(description.unwrap(), args.description);
    let admin = rpc.call(plain, ocr1::billingAccessControllerCall {}).await;
    assert_eq!(admin.unwrap(), args.billing_access_controller);
    let requester = rpc
        .call(plain, ocr1::requesterAccessControllerCall {})
        .await;
    assert_eq!(requester.unwrap(), args.requester_access_controller);
}

#[tokio::test]
async fn an_aggregator_says_what_it_is_and_what_it_takes() {
    let ocr1 = World::ocr1().await;
    let ocr2 = World::start().await;
    for (world, protocol) in [(&ocr1, Protocol::Ocr1), (&ocr2, Protocol::Ocr2)] {
        let found = protocol_of(&world.rpc, world.aggregator).await.unwrap();
        assert_eq!(found, protocol);
        let bounds = world.feed().with_protocol(found).bounds().await.unwrap();
        assert_eq!(bounds.min(), i192(MIN_ANSWER).into());
        assert_eq!(bounds.max(), i192(MAX_ANSWER).into());
    }
    let link = ocr1.owner.deploy_link_test_token().await.unwrap();
    let error = protocol_of(&ocr1.rpc, link).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains(&link.to_string()) && text.contains("no aggregator of OCR1 or OCR2"),
        "{text}"
    );
    let nobody = protocol_of(&ocr1.rpc, Address::repeat_byte(0xab)).await;
    assert!(matches!(nobody, Err(ChainError::NoCode { .. })));
}

#[test]
fn calldata_is_byte_exact() {
    let signature = |byte: u8, v: u8| [vec![byte; 32], vec![byte + 1; 32], vec![v]].concat();
    let report = AttestedReport {
        at: EpochRound::new(0x0102_0304, 5),
        extra_hash: [0; 32],
        report: vec![0xab; 32],
        signatures: vec![
            (OracleId::new(3, N), signature(0x10, 1)),
            (None, signature(0x20, 0)),
        ],
    };
    let data: Bytes = transmit_calldata(ConfigDigest::from_ocr1([0xdd; 16]), &report).unwrap();
    assert_eq!(data[..4], ocr1::transmitCall::SELECTOR);
    let word = |byte: &str| byte.repeat(32);
    let number = |n: u64| format!("{n:064x}");
    let expected = [
        "c9807539".to_owned(),
        number(0x80),
        number(0xe0),
        number(0x140),
        format!("01{}", "00".repeat(31)),
        number(64),
        format!("{}{}0102030405", "00".repeat(11), "dd".repeat(16)),
        word("ab"),
        number(2),
        word("10"),
        word("20"),
        number(2),
        word("11"),
        word("21"),
    ];
    assert_eq!(hex::encode(data), expected.concat());
}
