//! Peers that go, come back, and come twice.

use bytes::Bytes;
use ocr_net::Refusal;

use crate::adversary::{Adversary, frame, send};
use crate::support::*;

#[tokio::test]
async fn a_dialled_peer_that_restarts_is_found_again() {
    let Pair {
        hosts: [host, other],
        groups: [one, two],
    } = pair(2, LIMITS).await;
    let port = port(&other);
    drop(two);
    other.shutdown().await;
    until_connected(&host, &[]).await;
    let other = start_on(1, port).await;
    let two = other.open(config(vec![unlisted(0), unlisted(1)])).unwrap();
    acquaint(&mut [one, two]).await;
}

#[tokio::test]
async fn a_dialling_peer_that_restarts_elsewhere_comes_back() {
    let Pair {
        hosts: [host, other],
        groups: [one, two],
    } = pair(2, LIMITS).await;
    drop(one);
    host.shutdown().await;
    until_connected(&other, &[]).await;
    let host = start(0).await;
    let one = host
        .open(config(vec![unlisted(0), listed(&other)]))
        .unwrap();
    acquaint(&mut [one, two]).await;
}

#[tokio::test]
async fn a_peer_that_starts_late_gets_the_newest_of_what_waited() {
    let early = start(0).await;
    let late = start(1).await;
    let one = early
        .open(config(vec![unlisted(0), listed(&late)]))
        .unwrap();
    for number in 0..15_u8 {
        one.send(oracle(1), vec![number].into());
    }
    // It dials in vain: the peer does not know it yet.
    until_refused(&late, Refusal::Stranger, 1).await;
    let mut two = late.open(config(vec![unlisted(0), unlisted(1)])).unwrap();
    for number in 5..15_u8 {
        assert_eq!(next(&mut two).await, (oracle(0), Bytes::from(vec![number])));
    }
}

#[tokio::test]
async fn the_newest_connection_wins() {
    let mut pair = pair(3, LIMITS).await;
    let host = &pair.hosts[0];
    let mut older = Adversary::connect(2, host).await;
    let _outbound = older.accept().await;
    let mut stream = older.stream().await;
    send(&mut stream, &frame(b"older")).await;
    assert_eq!(
        next(&mut pair.groups[0]).await,
        (oracle(2), Bytes::from_static(b"older"))
    );

    let mut newer = Adversary::connect(2, host).await;
    older.ended().await;
    until_refused(host, Refusal::Superseded, 1).await;
    let mut stream = newer.stream().await;
    send(&mut stream, &frame(b"newer")).await;
    assert_eq!(
        next(&mut pair.groups[0]).await,
        (oracle(2), Bytes::from_static(b"newer"))
    );
    // And what is for the peer goes there too.
    let mut inbound = newer.accept().await;
    pair.groups[0].send(oracle(2), "for you".into());
    let received = within("the message", crate::adversary::receive(&mut inbound)).await;
    assert_eq!(received.unwrap(), b"for you");
    assert!(newer.is_connected());
    // It ended because it was replaced, not because nothing came from it.
    assert_eq!(pair.groups[0].refused(oracle(2), Refusal::Silent), 0);
    still_well(&mut pair).await;
}

#[tokio::test]
async fn peers_that_both_dial_settle_on_one_connection() {
    for _ in 0..5 {
        let hosts = [start(0).await, start(1).await];
        let members: Vec<_> = hosts.iter().map(listed).collect();
        let open = |host: &ocr_net::Host| host.open(config(members.clone())).unwrap();
        let mut groups = [open(&hosts[0]), open(&hosts[1])];
        acquaint(&mut groups).await;
        until_connected(&hosts[0], &[1]).await;
        until_connected(&hosts[1], &[0]).await;
    }
}
