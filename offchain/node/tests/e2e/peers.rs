//! A member of the committee that says anything.

use std::time::Duration;

use bytes::Bytes;
use ocr_net::{GroupConfig, Host, Member, Multiaddr, NetworkConfig, PeerId, Redial};
use ocr_node::feed::ProtocolName;
use ocr_protocol::id::{Epoch, EpochRound};
use ocr_protocol::limits::NetworkLimits;
use ocr_protocol::message::Message;
use ocr_protocol::observation::SignedObservation;
use zeroize::Zeroizing;

use crate::committee::{N, World};

/// The seat whose keys the test takes.
const LIAR: usize = 3;

/// More than the others let through, so that it is they who judge.
const NO_LIMITS: NetworkLimits = NetworkLimits {
    max_message_bytes: 9_000,
    messages_per_second: 1_000.0,
    messages_capacity: 1_000,
    bytes_per_second: 1e7,
    bytes_capacity: 10_000_000,
};

fn node_toml(world: &World, index: usize) -> toml::Table {
    let path = world.committee.directory(index).join("node.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn listens_on(world: &World, index: usize) -> String {
    let config = node_toml(world, index);
    config["network"]["listen"][0].as_str().unwrap().to_owned()
}

/// The liar's identity on the network.
fn peer_secret(world: &World) -> Zeroizing<[u8; 32]> {
    let directory = world.committee.directory(LIAR);
    let password = std::fs::read_to_string(directory.join("password")).unwrap();
    let key = eth_keystore::decrypt_key(directory.join("keys/peer.json"), password.trim());
    Zeroizing::new(key.unwrap().try_into().unwrap())
}

/// Every oracle with its peer and address, in oracle order.
fn members(world: &World, own: PeerId) -> Vec<Member> {
    let config = node_toml(world, LIAR);
    let others = config["network"]["peers"].as_table().unwrap();
    let member = |index: usize| {
        let address = listens_on(world, index);
        let peer = others
            .iter()
            .find(|(_, addresses)| addresses[0].as_str() == Some(&address))
            .map_or(own, |(peer, _)| peer.parse().unwrap());
        Member {
            peer,
            addresses: vec![address.parse().unwrap()],
        }
    };
    (0..N).map(member).collect()
}

fn lies(protocol: ProtocolName) -> Vec<Bytes> {
    let forged = Message::Observe {
        at: EpochRound::new(1, 1),
        observation: SignedObservation {
            observation: vec![0; 24],
            signature: vec![0; 64],
        },
    };
    let far = Message::NewEpoch {
        epoch: Epoch::new(u32::MAX),
    };
    let encode = match protocol {
        ProtocolName::Ocr1 => ocr_wire::ocr1::message::encode,
        ProtocolName::Ocr2 => ocr_wire::message::encode,
    };
    let mut cut = encode(&forged);
    cut.truncate(20);
    [
        Vec::new(),
        vec![0xff; 100],
        vec![0; 8_000],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        cut,
        encode(&forged),
        encode(&far),
    ]
    .into_iter()
    .map(Bytes::from)
    .collect()
}

for_both_protocols!(garbage_of_a_peer_is_dropped_by_name_and_the_feed_goes_on);

async fn garbage_of_a_peer_is_dropped_by_name_and_the_feed_goes_on(protocol: ProtocolName) {
    let mut world = World::start(protocol).await;
    let digest = world.wait_for_reports(1).await.pop().unwrap().digest;
    world.committee.kill(LIAR).await;
    let listen: Multiaddr = listens_on(&world, LIAR).parse().unwrap();
    let host = Host::start(NetworkConfig {
        secret: peer_secret(&world),
        listen: vec![listen],
        redial: Redial::default(),
    })
    .await
    .unwrap();
    let members = members(&world, host.peer_id());
    let group = host.open(GroupConfig {
        digest,
        members,
        limits: NO_LIMITS,
    });
    let group = group.unwrap();
    let lying = tokio::spawn(async move {
        loop {
            for lie in lies(protocol) {
                group.broadcast(&lie);
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
        }
    });
    for index in 0..LIAR {
        for dropped in ["message dropped", "input dropped"] {
            world.wait_for_log(index, dropped).await;
        }
    }
    world.read().await;
    for round in world.wait_for_reports(5).await {
        assert!(round.observers.iter().all(|o| o.index() != LIAR));
    }
    world.committee.check().unwrap();
    lying.abort();
    host.shutdown().await;
    world.committee.end().await;
}
