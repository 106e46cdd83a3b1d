use std::time::Duration;

use ocr_chain::anvil::CHAIN_ID;
use ocr_chain::contracts::IOCR2Aggregator::requestNewRoundCall;
use ocr_chain::{ChainError, Feed, Rpc, Transmission};
use ocr_protocol::id::{ConfigDigest, Epoch, EpochRound};
use ocr_protocol::int192::Int192;
use ocr_protocol::report::{LatestTransmission, RoundRequest};
use ocr_protocol::time::UnixSeconds;

use crate::proxy::{Fault, Proxy};
use crate::world::{RPC_TIMEOUT, World, attested, report};

const HOUR: Duration = Duration::from_secs(3_600);

/// What the oracle's clock says: the time of the latest block.
async fn now(world: &World) -> UnixSeconds {
    let block = world
        .rpc_call("eth_getBlockByNumber", ("latest", false))
        .await;
    let time = block["timestamp"]
        .as_str()
        .unwrap()
        .trim_start_matches("0x");
    UnixSeconds(u64::from_str_radix(time, 16).unwrap())
}

async fn request_round(world: &World) {
    world
        .owner
        .call(world.aggregator, requestNewRoundCall {})
        .await
        .unwrap();
}

async fn transmit(world: &World, digest: ConfigDigest, at: EpochRound, values: &[i64]) {
    let report = attested(digest, at, report(values), &[0, 1]);
    let outcome = world
        .transmitter(0)
        .transmit(digest, &report)
        .await
        .unwrap();
    assert!(matches!(outcome, Transmission::Included(_)), "{outcome:?}");
}

#[tokio::test]
async fn shows_zeros_before_the_first_transmission_and_then_what_was_transmitted() {
    let world = World::start().await;
    let feed = world.feed();
    let at_zero = UnixSeconds(0);
    assert_eq!(
        feed.latest_transmission().await.unwrap(),
        LatestTransmission::default()
    );
    assert_eq!(
        feed.view(at_zero, HOUR).await.unwrap().requested,
        RoundRequest::default()
    );

    let (world, digest) = World::configured().await;
    let feed = world.feed();
    let empty = LatestTransmission {
        digest,
        ..Default::default()
    };
    assert_eq!(feed.latest_transmission().await.unwrap(), empty);

    transmit(&world, digest, EpochRound::new(7, 200), &[-5, -3, 8]).await;
    let now = now(&world).await;
    let view = feed.view(now, HOUR).await.unwrap();
    assert_eq!(view.now, now);
    assert_eq!(
        view.latest,
        LatestTransmission {
            digest,
            at: EpochRound::new(7, 200),
            answer: Int192::from(-3),
            timestamp: now,
        }
    );
    assert_eq!(
        feed.latest_config_digest_and_epoch().await.unwrap(),
        (digest, Epoch::new(7))
    );
}

#[tokio::test]
async fn lists_the_transmissions_of_a_range_of_blocks() {
    let (world, digest) = World::configured().await;
    transmit(&world, digest, EpochRound::new(1, 1), &[10, 20, 30, 40]).await;
    transmit(&world, digest, EpochRound::new(u32::MAX, 255), &[-7, -6]).await;
    let height = world.rpc.height().await.unwrap();

    let all = world.feed().transmissions(0, height).await.unwrap();
    let [first, second] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(
        (first.aggregator_round_id, first.at),
        (1, EpochRound::new(1, 1))
    );
    assert_eq!((first.answer, first.digest), (Int192::from(30), digest));
    assert_eq!(first.observations, [10, 20, 30, 40].map(Int192::from));
    assert_eq!(
        (first.observers.as_slice(), first.block),
        (&[0, 1, 2, 3][..], height - 1)
    );
    assert_eq!(first.transmitter, world.wallet(0).address());
    let timestamp = UnixSeconds(1_700_000_000);
    assert_eq!(first.observations_timestamp, Some(timestamp));
    assert_eq!(
        (second.at, second.answer),
        (EpochRound::new(u32::MAX, 255), Int192::from(-6))
    );
    let last = world.feed().transmissions(height, height).await.unwrap();
    assert_eq!(last, std::slice::from_ref(second));
}

#[tokio::test]
async fn sees_a_request_until_it_is_older_than_the_lookback() {
    let (world, digest) = World::configured().await;
    let feed = world.feed();
    transmit(&world, digest, EpochRound::new(3, 2), &[1, 2, 3]).await;
    request_round(&world).await;
    let open = RoundRequest {
        digest,
        at: EpochRound::new(3, 2),
    };
    let at = now(&world).await;
    assert_eq!(feed.view(at, HOUR).await.unwrap().requested, open);

    let an_hour_later = UnixSeconds(at.0 + HOUR.as_secs());
    assert_eq!(
        feed.view(an_hour_later, HOUR).await.unwrap().requested,
        open
    );
    let later_still = UnixSeconds(an_hour_later.0 + 1);
    assert_eq!(
        feed.view(later_still, HOUR).await.unwrap().requested,
        RoundRequest::default()
    );
    // A lookback longer than time itself.
    assert_eq!(
        feed.view(later_still, Duration::MAX)
            .await
            .unwrap()
            .requested,
        open
    );
}

#[tokio::test]
async fn a_transmission_answers_the_requests_before_it() {
    let (world, digest) = World::configured().await;
    request_round(&world).await;
    world.mine(5).await;
    transmit(&world, digest, EpochRound::new(1, 1), &[1, 2, 3]).await;
    let at = now(&world).await;
    let view = world.feed().view(at, HOUR).await.unwrap();
    assert_eq!(view.requested, RoundRequest::default());
}

#[tokio::test]
async fn finds_a_request_more_than_a_thousand_blocks_back() {
    let (world, digest) = World::configured().await;
    request_round(&world).await;
    world.mine(1_500).await;
    let at = now(&world).await;
    let open = RoundRequest {
        digest,
        at: EpochRound::default(),
    };
    assert_eq!(world.feed().view(at, HOUR).await.unwrap().requested, open);
    let short = world
        .feed()
        .view(at, Duration::from_secs(1_400))
        .await
        .unwrap();
    assert_eq!(short.requested, RoundRequest::default());
}

#[tokio::test]
async fn blocks_searched_for_a_request_are_not_searched_again() {
    let (world, digest) = World::configured().await;
    world.mine(3_500).await;
    let proxy = Proxy::start(&world.anvil.url(), "eth_getLogs", Fault::LoseAnswer, 0).await;
    let rpc = Rpc::connect(&proxy.url, CHAIN_ID, RPC_TIMEOUT)
        .await
        .unwrap();
    let feed = Feed::new(rpc, world.aggregator);
    let look = async || {
        let at = now(&world).await;
        feed.view(at, 24 * HOUR).await.unwrap().requested
    };
    assert_eq!(look().await, RoundRequest::default());
    assert_eq!(proxy.asked(), 4, "chunks of a thousand blocks");
    assert_eq!(look().await, RoundRequest::default());
    assert_eq!(proxy.asked(), 5, "the last blocks once more");

    request_round(&world).await;
    world.mine(100).await;
    let open = RoundRequest {
        digest,
        at: EpochRound::default(),
    };
    assert_eq!(look().await, open);
    assert_eq!(proxy.asked(), 6, "only what is new");
}

#[tokio::test]
async fn a_failing_read_is_an_error_and_not_an_empty_view() {
    let world = World::start().await;
    let nobody = Feed::new(
        world.rpc.clone(),
        alloy::primitives::Address::repeat_byte(9),
    );
    let error = nobody.view(UnixSeconds(0), HOUR).await.unwrap_err();
    assert!(matches!(error, ChainError::NoCode { .. }));
    let feed = world.feed();
    world.anvil.stop().await.unwrap();
    assert!(
        feed.view(UnixSeconds(0), HOUR)
            .await
            .unwrap_err()
            .is_transient()
    );
}
