//! Who gets a connection, and who gets a host.

use std::time::Duration;

use ocr_net::{GroupConfig, Host, HostError, Member, NetworkConfig, OpenError, Redial, Refusal};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::adversary::Adversary;
use crate::support::*;

#[tokio::test]
async fn a_stranger_is_refused() {
    let mut pair = pair(2, LIMITS).await;
    let stranger = start(2).await;
    let members = vec![listed(&pair.hosts[0]), listed(&pair.hosts[1]), unlisted(2)];
    let group = stranger.open(config(members)).unwrap();
    group.broadcast(&"let me in".into());
    for host in &pair.hosts {
        until_refused(host, Refusal::Stranger, 2).await;
    }
    let mut adversary = Adversary::connect(2, &pair.hosts[0]).await;
    adversary.ended().await;
    still_well(&mut pair).await;
    until_connected(&pair.hosts[0], &[1]).await;
    until_connected(&pair.hosts[1], &[0]).await;
}

#[tokio::test]
async fn another_key_at_a_known_address_is_refused() {
    let host = start(0).await;
    let imposter = start(2).await;
    let mut elsewhere = listed(&imposter);
    elsewhere.peer = peer(1);
    let _group = host.open(config(vec![unlisted(0), elsewhere])).unwrap();
    until_refused(&host, Refusal::WrongPeer, 2).await;
    assert!(host.stats().connected.is_empty());
}

#[tokio::test]
async fn a_peer_is_cut_off_when_its_last_group_closes_and_admitted_again_with_the_next() {
    let Pair {
        hosts,
        groups: [one, two],
    } = pair(2, LIMITS).await;
    drop(one);
    until_connected(&hosts[1], &[]).await;
    until_refused(&hosts[0], Refusal::Stranger, 0).await;
    let one = hosts[0]
        .open(config(vec![unlisted(0), listed(&hosts[1])]))
        .unwrap();
    acquaint(&mut [one, two]).await;
}

#[tokio::test]
async fn a_peer_that_reconnects_in_a_loop_is_refused_for_a_while() {
    let mut pair = pair(3, LIMITS).await;
    // Its allowance refills; only who is faster than that is refused.
    within("the limit", async {
        while pair.hosts[0].stats().refused(Refusal::ConnectionRate) == 0 {
            drop(Adversary::connect(2, &pair.hosts[0]).await);
        }
    })
    .await;
    still_well(&mut pair).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let adversary = Adversary::connect(2, &pair.hosts[0]).await;
    adversary.stream().await;
}

#[tokio::test]
async fn silent_sockets_do_not_keep_others_out() {
    let host = start(0).await;
    let address = ("127.0.0.1", port(&host));
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    until_refused(&host, Refusal::TooManyHandshakes, 1).await;
    let other = start(1).await;
    let groups = [
        host.open(config(vec![unlisted(0), unlisted(1)])).unwrap(),
        other
            .open(config(vec![listed(&host), unlisted(1)]))
            .unwrap(),
    ];
    acquaint(&mut { groups }).await;
    for mut socket in silent {
        // The host lets go of every one of them.
        within("the end of a silent socket", async {
            while !matches!(socket.read(&mut [0; 64]).await, Ok(0) | Err(_)) {}
        })
        .await;
    }
}

#[tokio::test]
async fn a_host_needs_addresses_that_are_free() {
    async fn start_at(listen: &[&str]) -> HostError {
        let config = NetworkConfig {
            secret: secret(0).into(),
            listen: listen
                .iter()
                .map(|address| address.parse().unwrap())
                .collect(),
            redial: Redial::default(),
        };
        Host::start(config).await.unwrap_err()
    }
    let taken = start(1).await;
    let taken = taken.local_addrs()[0].to_string();
    let error = start_at(&[&taken]).await;
    assert!(matches!(error, HostError::Listen { .. }));
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {taken}: ")),
        "{error}"
    );
    assert!(matches!(start_at(&[]).await, HostError::NoListenAddress));
    for bad in [
        "/dns/localhost/tcp/0",
        "/ip4/127.0.0.1/udp/0/quic-v1",
        "/ip4/127.0.0.1",
    ] {
        assert!(
            matches!(start_at(&[bad]).await, HostError::BadListenAddress { .. }),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_group_needs_sound_members_and_limits() {
    let host = start(0).await;
    let open = |config: GroupConfig| host.open(config).map(drop).unwrap_err();
    assert!(matches!(
        open(config(vec![unlisted(1)])),
        OpenError::NotAMember { .. }
    ));
    let twice = vec![unlisted(0), unlisted(1), unlisted(1)];
    assert_eq!(
        open(config(twice)),
        OpenError::DuplicateMember { peer: peer(1) }
    );
    let crowd = (0..32).map(unlisted).collect();
    assert_eq!(open(config(crowd)), OpenError::TooManyMembers { given: 32 });
    let bad = Member {
        peer: peer(1),
        addresses: vec!["/ip4/1.2.3.4/udp/1".parse().unwrap()],
    };
    assert!(matches!(
        open(config(vec![unlisted(0), bad])),
        OpenError::Address(_)
    ));
    let mut endless = config(vec![unlisted(0)]);
    endless.limits.bytes_per_second = f64::NAN;
    assert!(matches!(open(endless), OpenError::Limits(_)));

    let group = host.open(config(vec![unlisted(0)])).unwrap();
    let again = open(config(vec![unlisted(0)]));
    assert_eq!(again, OpenError::AlreadyOpen { digest: DIGEST });
    group.close();
    drop(host.open(config(vec![unlisted(0)])).unwrap());
}
