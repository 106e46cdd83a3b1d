//! Hosts, groups, and waiting for things.

use std::fmt::Write as _;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use libp2p::identity::Keypair;
use ocr_net::{
    Group, GroupConfig, Host, Member, Multiaddr, NetworkConfig, PeerId, Redial, Refusal,
};
use ocr_protocol::id::{ConfigDigest, OracleId};
use ocr_protocol::limits::NetworkLimits;

pub(crate) const DIGEST: ConfigDigest = ConfigDigest([0xd1; 32]);

/// Generous: nothing here is meant to meet a limit by accident.
pub(crate) const LIMITS: NetworkLimits = NetworkLimits {
    max_message_bytes: 100_000,
    messages_per_second: 1e6,
    messages_capacity: 1_000_000,
    bytes_per_second: 1e9,
    bytes_capacity: 1_000_000_000,
};

/// Waits for `future`; fails when it is not done long after it should be.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(60), future).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long: {what}"),
    }
}

/// Waits until `happened`.
pub(crate) async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    within(what, async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// The key of the test's peer `number`.
pub(crate) fn secret(number: u8) -> [u8; 32] {
    [number + 1; 32]
}

pub(crate) fn keypair(number: u8) -> Keypair {
    Keypair::ed25519_from_bytes(secret(number)).unwrap()
}

pub(crate) fn peer(number: u8) -> PeerId {
    keypair(number)
        .public()
        .to_peer_id()
        .to_string()
        .parse()
        .unwrap()
}

pub(crate) fn oracle(index: usize) -> OracleId {
    OracleId::new(index, 31).unwrap()
}

/// Starts peer `number`; port 0 lets the system choose.
pub(crate) async fn start_on(number: u8, port: u16) -> Host {
    let config = NetworkConfig {
        secret: secret(number).into(),
        listen: vec![format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()],
        redial: Redial {
            first: Duration::from_millis(50),
            cap: Duration::from_millis(400),
        },
    };
    let host = Host::start(config).await.unwrap();
    assert_eq!(host.peer_id(), peer(number));
    host
}

pub(crate) async fn start(number: u8) -> Host {
    start_on(number, 0).await
}

/// A member whose peer must dial.
pub(crate) fn unlisted(number: u8) -> Member {
    Member {
        peer: peer(number),
        addresses: vec![],
    }
}

/// A member that is dialled.
pub(crate) fn listed(host: &Host) -> Member {
    Member {
        peer: host.peer_id(),
        addresses: host.local_addrs().to_vec(),
    }
}

pub(crate) fn config(members: Vec<Member>) -> GroupConfig {
    GroupConfig {
        digest: DIGEST,
        members,
        limits: LIMITS,
    }
}

pub(crate) fn port(host: &Host) -> u16 {
    let address: &Multiaddr = &host.local_addrs()[0];
    address
        .to_string()
        .rsplit('/')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

/// Peers 0 and 1 in a group of `members`, where 0 dials 1; the others must dial.
pub(crate) struct Pair {
    pub(crate) hosts: [Host; 2],
    pub(crate) groups: [Group; 2],
}

pub(crate) async fn pair(members: u8, limits: NetworkLimits) -> Pair {
    let hosts = [start(0).await, start(1).await];
    let mut everyone: Vec<_> = (0..members).map(unlisted).collect();
    let passive = GroupConfig {
        limits,
        ..config(everyone.clone())
    };
    everyone[1] = listed(&hosts[1]);
    let active = GroupConfig {
        limits,
        ..config(everyone)
    };
    let mut groups = [
        hosts[0].open(active).unwrap(),
        hosts[1].open(passive).unwrap(),
    ];
    acquaint(&mut groups).await;
    Pair { hosts, groups }
}

/// Waits until messages pass in both directions.
pub(crate) async fn acquaint([one, two]: &mut [Group; 2]) {
    meet(one, two).await;
    meet(two, one).await;
}

/// Sends until a message arrives: what was under way when a connection ended is lost.
pub(crate) async fn meet(from: &Group, to: &mut Group) {
    let fresh = within("silence before meeting", async { next_greeting() }).await;
    within("a first message", async {
        loop {
            from.send(to.own(), fresh.clone());
            let pause = Duration::from_millis(100);
            while let Ok(message) = tokio::time::timeout(pause, to.recv()).await {
                if message.unwrap() == (from.own(), fresh.clone()) {
                    return;
                }
            }
        }
    })
    .await;
}

/// Differs from every other greeting, so that a late one is not taken for a new one.
fn next_greeting() -> Bytes {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut text = String::from("greeting ");
    write!(text, "{}", COUNT.fetch_add(1, Ordering::Relaxed)).unwrap();
    text.into()
}

/// The next message that is no greeting.
pub(crate) async fn next(group: &mut Group) -> (OracleId, Bytes) {
    within("a message", async {
        loop {
            let message = group.recv().await.unwrap();
            if !message.1.starts_with(b"greeting") {
                return message;
            }
        }
    })
    .await
}

/// Sends each way once more, which shows that both hosts and their connection are well.
pub(crate) async fn still_well(pair: &mut Pair) {
    let [one, two] = &mut pair.groups;
    for (from, to) in [(&*one, &mut *two)] {
        converse(from, to).await;
    }
    converse(two, one).await;
}

async fn converse(from: &Group, to: &mut Group) {
    let text = next_greeting().slice(1..);
    from.send(to.own(), text.clone());
    assert_eq!(next(to).await, (from.own(), text));
}

pub(crate) async fn until_refused(host: &Host, refusal: Refusal, times: u64) {
    until(refusal.as_str(), || host.stats().refused(refusal) >= times).await;
}

pub(crate) async fn until_connected(host: &Host, peers: &[u8]) {
    let mut wanted: Vec<_> = peers.iter().map(|number| peer(*number)).collect();
    wanted.sort();
    until("connections", || {
        let mut connected = host.stats().connected;
        connected.sort();
        connected == wanted
    })
    .await;
}
