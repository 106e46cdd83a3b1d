use std::sync::Arc;

use alloy::primitives::{B256, Bytes, U256, hex};
use alloy::sol_types::SolCall;
use ocr_chain::contracts::IOCR2Aggregator::{latestRoundDataCall, transmitCall};
use ocr_chain::{
    Account, Execution, FeePolicy, Revert, SendError, Transmission, TransmitError, Transmitter, Tx,
    transmit_calldata,
};
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};

use crate::world::{MAX_ANSWER, N, POLICY, World, attested, report};

const AT: EpochRound = EpochRound::new(1, 1);

#[tokio::test]
async fn an_attested_report_becomes_the_answer() {
    let (world, digest) = World::configured().await;
    let report = attested(digest, AT, report(&[100, 200, 300, 400]), &[2, 0]);
    let outcome = world
        .transmitter(3)
        .transmit(digest, &report)
        .await
        .unwrap();
    let Transmission::Included(mined) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(mined.block, world.rpc.height().await.unwrap());
    assert!(mined.gas_used > 21_000 && mined.gas_price_wei > 0);

    let round = world
        .rpc
        .call(world.aggregator, latestRoundDataCall {})
        .await
        .unwrap();
    assert_eq!(round.answer.to_string(), "300");
    assert_eq!(round.roundId.to_string(), "1");
    let sent = world
        .feed()
        .transmissions(mined.block, mined.block)
        .await
        .unwrap();
    assert_eq!(
        (sent[0].tx, sent[0].transmitter),
        (mined.tx, world.wallet(3).address())
    );
}

#[tokio::test]
async fn the_second_oracle_with_a_report_is_superseded_without_paying() {
    let (world, digest) = World::configured().await;
    let report = attested(digest, AT, report(&[1, 2, 3]), &[0, 1]);
    let first = world
        .transmitter(0)
        .transmit(digest, &report)
        .await
        .unwrap();
    assert!(matches!(first, Transmission::Included(_)), "{first:?}");
    let second = world
        .transmitter(1)
        .transmit(digest, &report)
        .await
        .unwrap();
    assert_eq!(second, Transmission::Superseded { mined: None });
    assert_eq!(world.mined_nonce(world.wallet(1).address()).await, 0);
}

#[tokio::test]
async fn two_oracles_in_one_block_the_later_is_superseded_and_pays() {
    let (world, digest) = World::configured().await;
    let report = attested(digest, AT, report(&[1, 2, 3]), &[0, 1]);
    world.set_automine(false).await;
    let (first, second) = (world.transmitter(0), world.transmitter(1));
    let mine = async {
        // Both are tried out and sent before the block that takes them.
        world.pooled(2).await;
        world.mine(1).await;
    };
    let (first, second, ()) = tokio::join!(
        first.transmit(digest, &report),
        second.transmit(digest, &report),
        mine
    );
    let outcomes = [first.unwrap(), second.unwrap()];
    let included = outcomes
        .iter()
        .filter(|it| matches!(it, Transmission::Included(_)));
    let superseded = outcomes
        .iter()
        .filter(|it| matches!(it, Transmission::Superseded { mined: Some(_) }));
    assert_eq!(
        (included.count(), superseded.count()),
        (1, 1),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_report_that_the_next_configuration_overtakes_is_refused_on_the_chain() {
    let (world, digest) = World::configured().await;
    world.set_base_fee_wei(50_000_000_000).await;
    world.mine(1).await;
    world.set_automine(false).await;
    // It is sent first, and comes second in the block: it offers less than the owner.
    let modest = FeePolicy {
        max_fee_per_gas_wei: 60_000_000_000,
        ..POLICY
    };
    let transmitter = Transmitter::new(Arc::new(world.account(0, modest)), world.aggregator);
    let report = attested(digest, AT, report(&[1, 2, 3]), &[0, 1]);
    let (outcome, _, ()) = tokio::join!(
        transmitter.transmit(digest, &report),
        async {
            world.pooled(1).await;
            world.set_config(b"second").await
        },
        async {
            world.pooled(2).await;
            world.mine(1).await;
        }
    );
    let Ok(Transmission::Reverted { mined, revert }) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(!mined.succeeded && mined.gas_used > 21_000);
    assert_eq!(revert, Revert::Reason("configDigest mismatch".to_owned()));
}

/// What `account` is told when it tries `call` out.
async fn refusal(world: &World, account: &Account, data: Bytes) -> Revert {
    let tx = Tx {
        function: transmitCall::SIGNATURE,
        to: world.aggregator.into(),
        value_wei: U256::ZERO,
        data,
    };
    match account.execute(&tx).await {
        Err(error) => error.revert().unwrap_or_else(|| panic!("{error}")).clone(),
        Ok(outcome) => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn every_guard_of_transmit_comes_back_as_its_string() {
    let (world, digest) = World::configured().await;
    let transmitter = world.account(0, POLICY);
    let stranger = Account::new(world.rpc.clone(), world.anvil.accounts()[9].clone(), POLICY);
    let good = || attested(digest, AT, report(&[1, 2, 3]), &[0, 1]);
    let call = |report: &AttestedReport| {
        transmitCall::abi_decode(&transmit_calldata(digest, report).unwrap()).unwrap()
    };
    let encoded = |call: transmitCall| Bytes::from(call.abi_encode());
    let signed = |bytes: Vec<u8>| encoded(call(&attested(digest, AT, bytes, &[0, 1])));
    let with = |change: &dyn Fn(&mut transmitCall)| {
        let mut call = call(&good());
        change(&mut call);
        encoded(call)
    };
    let mut trailing = report(&[1, 2, 3]);
    trailing.extend([0; 32]);
    let table: [(&str, Bytes); 11] = [
        (
            "stale report",
            with(&|call| call.reportContext[1] = B256::ZERO),
        ),
        (
            "configDigest mismatch",
            with(&|call| call.reportContext[0] = B256::ZERO),
        ),
        (
            "calldata length mismatch",
            [encoded(call(&good())).as_ref(), &[0]].concat().into(),
        ),
        (
            "wrong number of signatures",
            encoded(call(&attested(digest, AT, report(&[1, 2]), &[0]))),
        ),
        (
            "signatures out of registration",
            with(&|call| call.ss.push(B256::ZERO)),
        ),
        (
            "signature error",
            with(&|call| call.report = report(&[1, 2, 4]).into()),
        ),
        (
            "duplicate signer",
            encoded(call(&attested(digest, AT, report(&[1, 2]), &[0, 0]))),
        ),
        ("report length mismatch", signed(trailing)),
        ("num observations out of bounds", signed(report(&[1; 32]))),
        ("too few values to trust median", signed(report(&[1]))),
        (
            "median is out of min-max range",
            signed(report(&[MAX_ANSWER + 1; 3])),
        ),
    ];
    for (reason, data) in table {
        let revert = refusal(&world, &transmitter, data).await;
        assert_eq!(revert, Revert::Reason(reason.to_owned()));
    }
    let revert = refusal(&world, &stranger, encoded(call(&good()))).await;
    assert_eq!(
        revert,
        Revert::Reason("unauthorized transmitter".to_owned())
    );

    let revert = refusal(&world, &transmitter, with(&|call| call.rawVs.0[0] = 229)).await;
    assert_eq!(
        revert.to_string(),
        "with panic: arithmetic underflow or overflow (0x11)"
    );
    assert_eq!(
        refusal(&world, &transmitter, signed(vec![1; 64])).await,
        Revert::Empty
    );

    // Nothing of all this was sent, and the account still works.
    assert_eq!(world.mined_nonce(transmitter.address()).await, 0);
    let data = encoded(call(&good()));
    let to = world.aggregator.into();
    let tx = Tx {
        function: transmitCall::SIGNATURE,
        to,
        value_wei: U256::ZERO,
        data,
    };
    assert!(matches!(
        transmitter.execute(&tx).await,
        Ok(Execution::Mined(_))
    ));
}

#[tokio::test]
async fn a_transmitter_of_no_one_is_told_so() {
    let (world, _) = World::configured().await;
    let other = ConfigDigest([7; 32]);
    let report = attested(other, AT, report(&[1, 2, 3]), &[0, 1]);
    let error = world
        .transmitter(0)
        .transmit(other, &report)
        .await
        .unwrap_err();
    let TransmitError::Send(SendError::Chain(error)) = error else {
        panic!("{error}")
    };
    assert_eq!(
        error.to_string(),
        "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32) reverted with \
         \"configDigest mismatch\""
    );
}

#[test]
fn calldata_is_byte_exact() {
    let signature = |byte: u8, v: u8| [vec![byte; 32], vec![byte + 1; 32], vec![v]].concat();
    let oracle = |i| OracleId::new(i, N).unwrap();
    let report = AttestedReport {
        at: EpochRound::new(0x0102_0304, 5),
        extra_hash: [0xee; 32],
        report: vec![0xab; 33],
        signatures: vec![
            (Some(oracle(3)), signature(0x10, 1)),
            (Some(oracle(0)), signature(0x20, 0)),
        ],
    };
    let data = transmit_calldata(ConfigDigest([0xdd; 32]), &report).unwrap();
    let word = |byte: &str| byte.repeat(32);
    let number = |n: u64| format!("{n:064x}");
    let expected = [
        "b1dc65a4".to_owned(),
        word("dd"),
        number(0x01_0203_0405),
        word("ee"),
        number(0xe0),
        number(0x140),
        number(0x1a0),
        format!("01{}", "00".repeat(31)),
        number(33),
        word("ab"),
        format!("ab{}", "00".repeat(31)),
        number(2),
        word("10"),
        word("20"),
        number(2),
        word("11"),
        word("21"),
    ];
    assert_eq!(hex::encode(data), expected.concat());
}

#[test]
fn malformed_signatures_are_refused_before_anything_is_sent() {
    let oracle = OracleId::new(2, N).unwrap();
    let with = |signature: Vec<u8>, count: usize| AttestedReport {
        at: AT,
        extra_hash: [0; 32],
        report: vec![],
        signatures: vec![(Some(oracle), signature); count],
    };
    let digest = ConfigDigest::ZERO;
    for signature in [
        vec![],
        vec![0; 64],
        vec![0; 66],
        [vec![1; 64], vec![27]].concat(),
    ] {
        let result = transmit_calldata(digest, &with(signature, 1));
        assert!(matches!(result, Err(TransmitError::MalformedSignature(0))));
    }
    assert!(transmit_calldata(digest, &with(vec![0; 65], 32)).is_ok());
    let result = transmit_calldata(digest, &with(vec![0; 65], 33));
    assert!(matches!(result, Err(TransmitError::TooManySignatures(33))));
}
