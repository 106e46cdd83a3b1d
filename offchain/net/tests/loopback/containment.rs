//! What a misbehaving member costs: itself, not the others.

use std::time::Duration;

use bytes::Bytes;
use ocr_net::{QUEUE_MESSAGES, Refusal};
use ocr_protocol::limits::NetworkLimits;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::adversary::{Adversary, Session, frame, receive, send};
use crate::support::*;

/// The adversary's place in the group.
const ADVERSARY: u8 = 2;

/// Little may be sent, so that a flood is soon over it.
const TIGHT: NetworkLimits = NetworkLimits {
    max_message_bytes: 1_000,
    messages_per_second: 10.0,
    messages_capacity: 100,
    bytes_per_second: 10_000.0,
    bytes_capacity: 50_000,
};

#[tokio::test]
async fn an_oversize_message_costs_the_connection_and_no_memory() {
    let mut pair = pair(3, LIMITS).await;
    let host = &pair.hosts[0];
    for (round, len_bytes) in [(1, LIMITS.max_message_bytes + 1), (2, u32::MAX - 1)] {
        let mut adversary = Adversary::connect(ADVERSARY, host).await;
        let mut stream = adversary.stream().await;
        send(&mut stream, &frame(b"a good one")).await;
        let (from, payload) = next(&mut pair.groups[0]).await;
        assert_eq!(
            (from, payload),
            (oracle(2), Bytes::from_static(b"a good one"))
        );
        send(&mut stream, &len_bytes.to_be_bytes()).await;
        adversary.ended().await;
        assert_eq!(
            pair.groups[0].refused(oracle(2), Refusal::MessageTooLong),
            round
        );
        assert_eq!(
            pair.groups[0].refused(oracle(1), Refusal::MessageTooLong),
            0
        );
    }
    still_well(&mut pair).await;
}

#[tokio::test]
async fn a_flood_of_messages_is_dropped_and_then_cut_off() {
    flood(&frame(b""), Refusal::MessageRate).await;
}

#[tokio::test]
async fn a_flood_of_bytes_is_dropped_and_then_cut_off() {
    flood(&frame(&[7; 1_000]), Refusal::ByteRate).await;
}

async fn flood(message: &[u8], refusal: Refusal) {
    let mut pair = pair(3, TIGHT).await;
    let mut adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let mut stream = adversary.stream().await;
    let burst = message.repeat(100);
    let flooding = async { while send(&mut stream, &burst).await {} };
    let (one, two) = pair.groups.split_at_mut(1);
    let served = async {
        // Within the limits, one at a time: the honest oracle loses nothing.
        for number in 0..50 {
            let payload = Bytes::from(format!("honest {number}"));
            two[0].send(oracle(0), payload.clone());
            loop {
                let (from, received) = next(&mut one[0]).await;
                if from == oracle(1) {
                    assert_eq!(received, payload);
                    break;
                }
            }
        }
    };
    within("the end of the flood", async {
        tokio::join!(flooding, served)
    })
    .await;
    adversary.ended().await;
    let [one, _] = &pair.groups;
    assert!(one.refused(oracle(2), refusal) > 0);
    assert_eq!(one.refused(oracle(2), Refusal::Flood), 1);
    for harmless in Refusal::ALL {
        assert_eq!(one.refused(oracle(1), harmless), 0, "{harmless}");
    }
}

#[tokio::test]
async fn an_application_that_is_slow_to_receive_loses_the_oldest() {
    let mut pair = pair(3, LIMITS).await;
    let adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let mut stream = adversary.stream().await;
    let sent = 50;
    for number in 0..sent {
        assert!(send(&mut stream, &frame(&[number])).await);
    }
    let group = &mut pair.groups[0];
    let lost = u64::from(sent) - QUEUE_MESSAGES as u64;
    until("the queue", || {
        group.refused(oracle(2), Refusal::ReceiveQueueFull) == lost
    })
    .await;
    for number in sent - QUEUE_MESSAGES as u8..sent {
        assert_eq!(next(group).await, (oracle(2), vec![number].into()));
    }
}

#[tokio::test]
async fn oracles_with_much_to_say_are_served_in_turn() {
    let mut pair = pair(4, LIMITS).await;
    let group = &mut pair.groups[0];
    let mut talkers = Vec::new();
    for number in [2, 3] {
        let adversary = Adversary::connect(number, &pair.hosts[0]).await;
        let mut stream = adversary.stream().await;
        for _ in 0..=QUEUE_MESSAGES {
            assert!(send(&mut stream, &frame(&[number])).await);
        }
        let from = oracle(number.into());
        until("a full queue", || {
            group.refused(from, Refusal::ReceiveQueueFull) == 1
        })
        .await;
        talkers.push((adversary, stream));
    }
    let mut served = Vec::new();
    for _ in 0..2 * QUEUE_MESSAGES {
        served.push(next(group).await.0);
    }
    assert_eq!(served, [oracle(2), oracle(3)].repeat(QUEUE_MESSAGES));
}

#[tokio::test]
async fn a_peer_that_is_slow_to_read_loses_the_oldest_and_blocks_nobody() {
    let mut pair = pair(3, LIMITS).await;
    let mut adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let mut stream = adversary.accept().await;
    let sent = 100;
    for number in 0..sent {
        // None of it is read, and a stream takes only some of it unread.
        pair.groups[0].send(oracle(2), vec![number; 90_000].into());
        tokio::task::yield_now().await;
    }
    still_well(&mut pair).await;
    let lost = pair.groups[0].refused(oracle(2), Refusal::SendQueueFull);
    assert!(lost > 0);
    let mut received = Vec::new();
    within("the rest", async {
        while received.last() != Some(&(sent - 1)) {
            received.push(receive(&mut stream).await.unwrap()[0]);
        }
    })
    .await;
    assert_eq!(received.len() as u64, u64::from(sent) - lost);
    assert!(
        received.is_sorted_by(|older, newer| older < newer),
        "{received:?}"
    );
    let newest = received[received.len() - QUEUE_MESSAGES..].to_vec();
    assert_eq!(
        newest,
        (sent - QUEUE_MESSAGES as u8..sent).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_peer_that_never_reads_is_cut_off() {
    let mut pair = pair(3, LIMITS).await;
    let mut adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let _stream = adversary.accept().await;
    within("the end of patience", async {
        while pair.groups[0].refused(oracle(2), Refusal::Stalled) == 0 {
            pair.groups[0].send(oracle(2), vec![0; 16_000].into());
            tokio::task::yield_now().await;
            still_well(&mut pair).await;
        }
    })
    .await;
    adversary.ended().await;
}

#[tokio::test]
async fn bytes_on_the_hosts_own_stream_cost_the_connection() {
    let mut pair = pair(3, LIMITS).await;
    let mut adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let mut stream = adversary.accept().await;
    send(&mut stream, b"x").await;
    adversary.ended().await;
    assert_eq!(
        pair.groups[0].refused(oracle(2), Refusal::UnexpectedBytes),
        1
    );
    still_well(&mut pair).await;
}

#[tokio::test]
async fn the_newest_stream_of_a_connection_is_the_one_that_is_read() {
    let mut pair = pair(3, LIMITS).await;
    let adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let mut older = adversary.stream().await;
    send(&mut older, &frame(b"older")).await;
    let group = &mut pair.groups[0];
    assert_eq!(next(group).await, (oracle(2), Bytes::from_static(b"older")));
    let mut newer = adversary.stream().await;
    send(&mut newer, &frame(b"newer")).await;
    assert_eq!(next(group).await, (oracle(2), Bytes::from_static(b"newer")));
    within("the end of the older stream", async {
        while send(&mut older, &frame(b"stale")).await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    send(&mut newer, &frame(b"newest")).await;
    assert_eq!(
        next(group).await,
        (oracle(2), Bytes::from_static(b"newest"))
    );
}

#[tokio::test]
async fn streams_opened_in_a_loop_are_refused() {
    let mut pair = pair(3, LIMITS).await;
    let adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
    let mut streams = Vec::new();
    within("the limit", async {
        while pair.groups[0].refused(oracle(2), Refusal::StreamRate) == 0 {
            streams.push(adversary.stream().await);
        }
    })
    .await;
    // That costs the stream, and not the connection: an older one is still read.
    for stream in &mut streams {
        send(stream, &frame(b"hello")).await;
    }
    let hello = Bytes::from_static(b"hello");
    assert_eq!(next(&mut pair.groups[0]).await, (oracle(2), hello));
    assert!(adversary.is_connected());
    still_well(&mut pair).await;
}

#[tokio::test]
async fn garbage_on_the_port_is_a_failed_handshake() {
    let mut pair = pair(2, LIMITS).await;
    let address = ("127.0.0.1", port(&pair.hosts[0]));
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = SmallRng::seed_from_u64(seed);
    let mut probes = vec![
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(),
        b"\x13/multistream/1.0.0\n".to_vec(),
        b"\x13/multistream/1.0.0\n\x07/noise\n\xff\xff".to_vec(),
        vec![],
    ];
    for _ in 0..20 {
        probes.push(
            (0..random.gen_range(0..2_000))
                .map(|_| random.r#gen())
                .collect(),
        );
    }
    for probe in &probes {
        let mut socket = TcpStream::connect(address).await.unwrap();
        // The host may have hung up at the first wrong byte.
        let _ = socket.write_all(probe).await;
        let _ = socket.shutdown().await;
    }
    until_refused(&pair.hosts[0], Refusal::Handshake, probes.len() as u64 / 2).await;
    still_well(&mut pair).await;
}

#[tokio::test]
async fn garbage_within_a_session_ends_only_that_session() {
    let mut pair = pair(3, LIMITS).await;
    let seed = rand::random();
    println!("seed {seed}");
    let mut random = SmallRng::seed_from_u64(seed);
    for round in 0..12 {
        let garbage: Vec<u8> = (0..random.gen_range(1..5_000))
            .map(|_| random.r#gen())
            .collect();
        match round % 4 {
            0 => {
                let mut session = Session::open(ADVERSARY, &pair.hosts[0]).await;
                send(&mut session.0, &garbage).await;
            }
            1 => {
                let mut session = Session::open(ADVERSARY, &pair.hosts[0]).await;
                session.agree_on_yamux().await;
                send(&mut session.0, &garbage).await;
            }
            2 => {
                let adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
                if let Some(mut stream) = adversary.raw_stream().await {
                    send(&mut stream, &garbage).await;
                }
            }
            _ => {
                let adversary = Adversary::connect(ADVERSARY, &pair.hosts[0]).await;
                let mut stream = adversary.stream().await;
                send(&mut stream, &garbage).await;
            }
        }
        still_well(&mut pair).await;
        // Within its connection rate, so that the next garbage is heard too.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
