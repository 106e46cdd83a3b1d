//! What arrives, from whom, in which order.

use bytes::Bytes;
use ocr_net::{GroupConfig, Refusal};
use ocr_protocol::id::ConfigDigest;

use crate::support::*;

#[tokio::test]
async fn messages_arrive_in_the_order_sent_and_at_most_once() {
    let Pair {
        hosts: _hosts,
        groups: [one, mut two],
    } = pair(2, LIMITS).await;
    let count = 20_000_u32;
    let sending = async {
        for number in 0..count {
            let len_bytes = 4 + number as usize % 3_000;
            let mut payload = number.to_be_bytes().to_vec();
            payload.resize(len_bytes, number as u8);
            one.send(oracle(1), payload.into());
            if number % 5 == 0 {
                tokio::task::yield_now().await;
            }
        }
    };
    let receiving = async {
        let mut before = None;
        let mut received = 0_u64;
        while before != Some(count - 1) {
            let (from, payload) = next(&mut two).await;
            assert_eq!(from, oracle(0));
            let number = u32::from_be_bytes(payload[..4].try_into().unwrap());
            assert_eq!(payload.len(), 4 + number as usize % 3_000);
            assert!(payload[4..].iter().all(|byte| *byte == number as u8));
            assert!(before < Some(number), "{number} after {before:?}");
            before = Some(number);
            received += 1;
        }
        received
    };
    let ((), received) = within("the last message", async {
        tokio::join!(sending, receiving)
    })
    .await;
    let dropped = one.refused(oracle(1), Refusal::SendQueueFull)
        + two.refused(oracle(0), Refusal::ReceiveQueueFull);
    assert_eq!(
        received + dropped,
        u64::from(count),
        "each is delivered or counted"
    );
}

#[tokio::test]
async fn a_broadcast_reaches_every_other_oracle_once_and_not_the_sender() {
    let hosts = [
        start(0).await,
        start(1).await,
        start(2).await,
        start(3).await,
    ];
    let members: Vec<_> = hosts.iter().map(listed).collect();
    let mut groups: Vec<_> = hosts
        .iter()
        .map(|host| host.open(config(members.clone())).unwrap())
        .collect();
    // Everyone dials everyone, all at once.
    for from in 0..4 {
        for to in 0..4 {
            if from != to {
                let [one, two] = groups.get_disjoint_mut([from, to]).unwrap();
                meet(one, two).await;
            }
        }
    }
    for host in &hosts {
        until("the mesh", || host.stats().connected.len() == 3).await;
    }
    groups[2].broadcast(&"to all".into());
    for to in [0, 1, 3] {
        assert_eq!(
            next(&mut groups[to]).await,
            (oracle(2), Bytes::from_static(b"to all"))
        );
    }
    // Whatever the sender hears next is from somebody else.
    groups[0].send(oracle(2), "from 0".into());
    assert_eq!(
        next(&mut groups[2]).await,
        (oracle(0), Bytes::from_static(b"from 0"))
    );
}

#[tokio::test]
async fn nothing_is_sent_to_oneself_or_nobody_or_over_the_limit() {
    let Pair {
        hosts,
        groups: [one, mut two],
    } = pair(2, LIMITS).await;
    one.send(oracle(0), "to myself".into());
    one.send(oracle(2), "to nobody".into());
    assert_eq!(hosts[0].stats().refused(Refusal::UnknownOracle), 2);
    one.send(
        oracle(1),
        vec![0; LIMITS.max_message_bytes as usize + 1].into(),
    );
    assert_eq!(one.refused(oracle(1), Refusal::SendTooLong), 1);
    one.send(oracle(1), vec![0; LIMITS.max_message_bytes as usize].into());
    assert_eq!(
        next(&mut two).await.1.len(),
        LIMITS.max_message_bytes as usize
    );
}

#[tokio::test]
async fn two_configurations_at_once_do_not_mix() {
    let hosts = [start(0).await, start(1).await];
    let [a, b] = [listed(&hosts[0]), listed(&hosts[1])];
    let other = ConfigDigest([0xd2; 32]);
    // In the second configuration the oracles have changed places.
    let first = config(vec![a.clone(), b.clone()]);
    let second = GroupConfig {
        digest: other,
        ..config(vec![b, a])
    };
    let open = |config: &GroupConfig| {
        [
            hosts[0].open(config.clone()).unwrap(),
            hosts[1].open(config.clone()).unwrap(),
        ]
    };
    let mut firsts = open(&first);
    acquaint(&mut firsts).await;
    let mut seconds = open(&second);
    acquaint(&mut seconds).await;
    assert_eq!((firsts[0].own(), seconds[0].own()), (oracle(0), oracle(1)));
    for _ in 0..20 {
        firsts[0].send(oracle(1), "first".into());
        seconds[0].send(oracle(0), "second".into());
        assert_eq!(
            next(&mut seconds[1]).await,
            (oracle(1), Bytes::from_static(b"second"))
        );
        assert_eq!(
            next(&mut firsts[1]).await,
            (oracle(0), Bytes::from_static(b"first"))
        );
    }
    // The old one closes, first on one side, and the new one goes on over the same connection.
    let [first_0, first_1] = firsts;
    drop(first_0);
    seconds[1].send(oracle(1), "still here".into());
    assert_eq!(
        next(&mut seconds[0]).await,
        (oracle(0), Bytes::from_static(b"still here"))
    );
    drop(first_1);
    seconds[0].send(oracle(0), "here too".into());
    assert_eq!(
        next(&mut seconds[1]).await,
        (oracle(1), Bytes::from_static(b"here too"))
    );
    // And the old one may open again.
    let mut firsts = open(&first);
    acquaint(&mut firsts).await;
}

#[tokio::test]
async fn a_group_that_opens_later_hears_what_waits_for_it() {
    let Pair {
        hosts,
        groups: [mut one, two],
    } = pair(2, LIMITS).await;
    let digest = ConfigDigest([0xd3; 32]);
    let late = GroupConfig {
        digest,
        ..config(vec![unlisted(0), unlisted(1)])
    };
    let early = hosts[0].open(late.clone()).unwrap();
    early.send(oracle(1), "are you there?".into());
    // The connection is there, and the peer does not know the group.
    two.send(oracle(0), "a sign of life".into());
    assert_eq!(next(&mut one).await.1, "a sign of life");
    let mut late = hosts[1].open(late).unwrap();
    assert_eq!(
        next(&mut late).await,
        (oracle(0), Bytes::from_static(b"are you there?"))
    );
}

#[tokio::test]
async fn after_shutdown_groups_end_and_none_opens() {
    let Pair {
        hosts: [host, other],
        groups: [mut one, _two],
    } = pair(2, LIMITS).await;
    let bystander = config(vec![unlisted(0)]);
    let mut alone = host
        .open(GroupConfig {
            digest: ConfigDigest([9; 32]),
            ..bystander
        })
        .unwrap();
    within("the shutdown", host.shutdown()).await;
    within("the end", async { while one.recv().await.is_some() {} }).await;
    assert_eq!(within("the end", alone.recv()).await, None);
    one.send(oracle(1), "into the void".into());
    until_connected(&other, &[]).await;
}
