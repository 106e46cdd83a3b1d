//! Why the transport refused a connection or dropped a message.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why the transport refused a connection, closed it, or dropped a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// An inbound connection was not a libp2p connection, or too slow to become one.
    Handshake,
    /// Too many inbound handshakes were in progress, in total or from one address.
    TooManyHandshakes,
    /// The inbound peer is in no open group.
    Stranger,
    /// The peer connected too often.
    ConnectionRate,
    /// The peer found at a configured address has another key.
    WrongPeer,
    /// A newer connection with the peer replaced this one.
    Superseded,

    /// The peer announced a message over the limit; its connection was closed.
    MessageTooLong,
    /// The peer kept sending far over its rates; its connection was closed.
    Flood,
    /// The peer neither finished a message nor took one in time; its connection was closed.
    Stalled,
    /// Not even a heartbeat came from the peer; its connection was closed.
    Silent,
    /// A stream ended within a message; the peer's connection was closed.
    Truncated,
    /// The peer sent bytes on the stream that is ours to send on; its connection was closed.
    UnexpectedBytes,
    /// The peer opened streams too often; the stream was closed.
    StreamRate,

    /// A received message was over the peer's messages per second.
    MessageRate,
    /// A received message was over the peer's bytes per second.
    ByteRate,
    /// The queue of received messages was full; its oldest was dropped.
    ReceiveQueueFull,
    /// The queue of messages to send was full; its oldest was dropped.
    SendQueueFull,
    /// A message to send was over the limit.
    SendTooLong,
    /// A message was addressed to no other oracle of the group.
    UnknownOracle,
}

impl Refusal {
    /// Every reason, in order.
    pub const ALL: [Self; 19] = [
        Self::Handshake,
        Self::TooManyHandshakes,
        Self::Stranger,
        Self::ConnectionRate,
        Self::WrongPeer,
        Self::Superseded,
        Self::MessageTooLong,
        Self::Flood,
        Self::Stalled,
        Self::Silent,
        Self::Truncated,
        Self::UnexpectedBytes,
        Self::StreamRate,
        Self::MessageRate,
        Self::ByteRate,
        Self::ReceiveQueueFull,
        Self::SendQueueFull,
        Self::SendTooLong,
        Self::UnknownOracle,
    ];

    /// Returns the stable name for metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::TooManyHandshakes => "too_many_handshakes",
            Self::Stranger => "stranger",
            Self::ConnectionRate => "connection_rate",
            Self::WrongPeer => "wrong_peer",
            Self::Superseded => "superseded",
            Self::MessageTooLong => "message_too_long",
            Self::Flood => "flood",
            Self::Stalled => "stalled",
            Self::Silent => "silent",
            Self::Truncated => "truncated",
            Self::UnexpectedBytes => "unexpected_bytes",
            Self::StreamRate => "stream_rate",
            Self::MessageRate => "message_rate",
            Self::ByteRate => "byte_rate",
            Self::ReceiveQueueFull => "receive_queue_full",
            Self::SendQueueFull => "send_queue_full",
            Self::SendTooLong => "send_too_long",
            Self::UnknownOracle => "unknown_oracle",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often each refusal happened.
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; Refusal::ALL.len()]);

impl Counters {
    pub(crate) fn count(&self, refusal: Refusal) {
        self.0[refusal as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, refusal: Refusal) -> u64 {
        self.0[refusal as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_refusal_is_counted_under_its_own_name() {
        let counters = Counters::default();
        for (index, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(refusal as usize, index);
            assert_eq!(counters.get(refusal), 0);
            counters.count(refusal);
            assert_eq!(counters.get(refusal), 1);
        }
        let names: BTreeSet<_> = Refusal::ALL.map(Refusal::as_str).into();
        assert_eq!(names.len(), Refusal::ALL.len());
    }
}
