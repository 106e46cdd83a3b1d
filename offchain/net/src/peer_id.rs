//! The name of a peer: its ed25519 public key.

use std::fmt;
use std::str::FromStr;

/// libp2p's identity multihash of an ed25519 key, without the key.
const PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// A peer's ed25519 public key, the identity that its connections prove.
///
/// Text form as in the on-chain configuration: 52 characters of Base58 that start with `12D3KooW`.
///
/// Source: networking 2.1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId([u8; 32]);

impl PeerId {
    /// Returns the id of the peer with this ed25519 public key.
    #[must_use]
    pub const fn from_public_key(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Returns the ed25519 public key.
    #[must_use]
    pub const fn public_key(self) -> [u8; 32] {
        self.0
    }

    /// Returns the 38 bytes of the multihash form.
    #[must_use]
    pub fn to_multihash(self) -> [u8; 38] {
        let mut bytes = [0; 38];
        bytes[..6].copy_from_slice(&PREFIX);
        bytes[6..].copy_from_slice(&self.0);
        bytes
    }

    pub(crate) fn to_libp2p(self) -> libp2p::PeerId {
        libp2p::PeerId::from_bytes(&self.to_multihash())
            .expect("an identity multihash of 36 bytes is a peer id")
    }

    /// Returns nothing when `peer` is not the id of an ed25519 key.
    pub(crate) fn from_libp2p(peer: libp2p::PeerId) -> Option<Self> {
        let key = peer.to_bytes().strip_prefix(&PREFIX)?.try_into().ok()?;
        Some(Self(key))
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_libp2p().fmt(f)
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is not the id of an ed25519 peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("peer id {given:?}: 52 characters of Base58 that start with 12D3KooW are needed")]
pub struct ParsePeerIdError {
    given: String,
}

impl FromStr for PeerId {
    type Err = ParsePeerIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .ok()
            .and_then(Self::from_libp2p)
            .ok_or_else(|| ParsePeerIdError {
                given: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: networking 19.1.
    const GOLDEN: [(&str, &str); 2] = [
        (
            "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
            "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5",
        ),
        (
            "8139770ea87d175f56a35466c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394",
            "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq",
        ),
    ];

    #[test]
    fn text_and_key_are_two_forms_of_one_id() {
        for (key, text) in GOLDEN {
            let key: [u8; 32] = hex::decode(key).unwrap().try_into().unwrap();
            assert_eq!(PeerId::from_public_key(key).to_string(), text);
            assert_eq!(text.parse(), Ok(PeerId::from_public_key(key)));
        }
    }

    #[test]
    fn ids_of_other_keys_and_other_texts_are_refused() {
        let text = GOLDEN[0].1;
        for given in [
            "",
            "12D3KooW",
            "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
            "bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",
            &text[1..],
            &format!("{text}1"),
            &format!(" {text}"),
            &text.replace('K', "0"),
        ] {
            let error = given.parse::<PeerId>().unwrap_err().to_string();
            assert!(error.contains("12D3KooW are needed"), "{given}: {error}");
        }
    }
}
