//! Where a peer listens.

use std::io;
use std::net::{IpAddr, SocketAddr};

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;

use crate::peer_id::PeerId;

/// Addresses one host name may stand for; the rest is not tried.
const MAX_RESOLVED: usize = 8;

/// A TCP address, with a name to look up or an IP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Ip(IpAddr),
    Name { name: String, family: Family },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Any,
    V4,
    V6,
}

/// An address at which no peer can be dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is not an IP address or host name followed by a TCP port.
    #[error("address {given}: /ip4/…/tcp/…, /ip6/…/tcp/… or /dns/…/tcp/… is needed")]
    NotTcp {
        /// The address.
        given: Multiaddr,
    },
    /// It ends with the id of a peer other than the one it was given for.
    #[error("address {given} is listed for peer {peer}")]
    OtherPeer {
        /// The address.
        given: Multiaddr,
        /// The peer it was given for.
        peer: PeerId,
    },
}

impl Address {
    /// Reads the address of `peer`; its id may stand at the end.
    pub(crate) fn parse(given: &Multiaddr, peer: PeerId) -> Result<Self, AddressError> {
        let mut parts = given.iter();
        let host = match parts.next() {
            Some(Protocol::Ip4(ip)) => Some(Host::Ip(ip.into())),
            Some(Protocol::Ip6(ip)) => Some(Host::Ip(ip.into())),
            Some(Protocol::Dns(name)) => Some(Host::named(&name, Family::Any)),
            Some(Protocol::Dns4(name)) => Some(Host::named(&name, Family::V4)),
            Some(Protocol::Dns6(name)) => Some(Host::named(&name, Family::V6)),
            _ => None,
        };
        let (Some(host), Some(Protocol::Tcp(port))) = (host, parts.next()) else {
            return Err(AddressError::NotTcp {
                given: given.clone(),
            });
        };
        match (parts.next(), parts.next()) {
            (None, _) => {}
            (Some(Protocol::P2p(id)), None) if id == peer.to_libp2p() => {}
            (Some(Protocol::P2p(_)), None) => {
                return Err(AddressError::OtherPeer {
                    given: given.clone(),
                    peer,
                });
            }
            _ => {
                return Err(AddressError::NotTcp {
                    given: given.clone(),
                });
            }
        }
        Ok(Self { host, port })
    }

    /// Looks the name up with the system's resolver.
    pub(crate) async fn resolve(&self) -> io::Result<Vec<Multiaddr>> {
        let (name, family) = match &self.host {
            Host::Ip(ip) => return Ok(vec![multiaddr(SocketAddr::new(*ip, self.port))]),
            Host::Name { name, family } => (name.as_str(), family),
        };
        let found = tokio::net::lookup_host((name, self.port)).await?;
        let wanted = found.filter(|address| match family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        });
        Ok(wanted.take(MAX_RESOLVED).map(multiaddr).collect())
    }
}

impl Host {
    fn named(name: &str, family: Family) -> Self {
        Self::Name {
            name: name.to_owned(),
            family,
        }
    }
}

fn multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: PeerId = PeerId::from_public_key([7; 32]);

    fn parse(text: &str) -> Result<Address, AddressError> {
        Address::parse(&text.parse().unwrap(), PEER)
    }

    #[tokio::test]
    async fn ip_addresses_stand_for_themselves() {
        for text in ["/ip4/1.2.3.4/tcp/5001", "/ip6/2001:db8::1/tcp/5001"] {
            let wanted = vec![text.parse().unwrap()];
            assert_eq!(parse(text).unwrap().resolve().await.unwrap(), wanted);
            let with_id = parse(&format!("{text}/p2p/{PEER}")).unwrap();
            assert_eq!(with_id.resolve().await.unwrap(), wanted);
        }
    }

    #[tokio::test]
    async fn names_are_looked_up() {
        let found = parse("/dns4/localhost/tcp/5001")
            .unwrap()
            .resolve()
            .await
            .unwrap();
        assert_eq!(found, ["/ip4/127.0.0.1/tcp/5001".parse().unwrap()]);
    }

    #[test]
    fn what_is_not_tcp_is_refused() {
        for text in [
            "/ip4/1.2.3.4",
            "/tcp/5001",
            "/ip4/1.2.3.4/udp/5001/quic-v1",
            "/ip4/1.2.3.4/tcp/5001/ws",
            &format!("/ip4/1.2.3.4/tcp/5001/p2p/{PEER}/p2p-circuit"),
        ] {
            assert!(
                matches!(parse(text), Err(AddressError::NotTcp { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn the_address_of_another_peer_is_refused() {
        let other = PeerId::from_public_key([8; 32]);
        let error = parse(&format!("/ip4/1.2.3.4/tcp/5001/p2p/{other}")).unwrap_err();
        assert!(matches!(error, AddressError::OtherPeer { .. }));
        assert!(error.to_string().contains(&PEER.to_string()));
    }
}
