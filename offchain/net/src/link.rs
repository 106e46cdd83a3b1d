//! What this process and one other oracle have to say to each other in one group.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use ocr_protocol::id::ConfigDigest;
use ocr_protocol::limits::NetworkLimits;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::{Meter, Verdict};
use crate::peer_id::PeerId;
use crate::refusal::{Counters, Refusal};

/// Messages that wait for an oracle, or from an oracle, in one group; then the oldest is dropped.
pub const QUEUE_MESSAGES: usize = 10;

/// The right to serve a link: that of the newest connection and, on it, of the newest stream.
///
/// It is what keeps messages in order when one connection replaces another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub(crate) connection: u64,
    pub(crate) stream: u64,
}

/// What a stream does with a message of which only the length is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    Accept,
    Discard,
    Superseded,
    Break(Refusal),
}

/// The two queues between this process and one other oracle of a group, and the oracle's meter.
///
/// It outlives connections: what waits to be sent is sent on the next one.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) digest: ConfigDigest,
    pub(crate) peer: PeerId,
    max_message_bytes: u32,
    sending: Mutex<Sending>,
    to_send: Notify,
    receiving: Mutex<Receiving>,
    arrived: Arc<Notify>,
    refused: Counters,
    refused_in_total: Arc<Counters>,
    created: Instant,
}

#[derive(Debug)]
struct Sending {
    queue: VecDeque<Bytes>,
    holder: Claim,
}

#[derive(Debug)]
struct Receiving {
    queue: VecDeque<Bytes>,
    holder: Claim,
    meter: Meter,
}

impl Link {
    /// `arrived` is told of each received message, `refused_in_total` of each refusal.
    pub(crate) fn new(
        digest: ConfigDigest,
        peer: PeerId,
        limits: &NetworkLimits,
        arrived: Arc<Notify>,
        refused_in_total: Arc<Counters>,
    ) -> Self {
        Self {
            digest,
            peer,
            max_message_bytes: limits.max_message_bytes,
            sending: Mutex::new(Sending {
                queue: VecDeque::with_capacity(QUEUE_MESSAGES),
                holder: Claim::default(),
            }),
            to_send: Notify::new(),
            receiving: Mutex::new(Receiving {
                queue: VecDeque::with_capacity(QUEUE_MESSAGES),
                holder: Claim::default(),
                meter: Meter::new(limits, Duration::ZERO),
            }),
            arrived,
            refused: Counters::default(),
            refused_in_total,
            created: Instant::now(),
        }
    }

    pub(crate) fn count(&self, refusal: Refusal) {
        self.refused.count(refusal);
        self.refused_in_total.count(refusal);
        tracing::debug!(peer = %self.peer, digest = %self.digest, reason = %refusal, "refused");
    }

    pub(crate) fn refused(&self, refusal: Refusal) -> u64 {
        self.refused.get(refusal)
    }

    // -- Sending --

    /// Queues `payload`; a message over the limit, or the oldest when the queue is full, is dropped.
    pub(crate) fn send(&self, payload: Bytes) {
        if payload.len() > self.max_message_bytes as usize {
            return self.count(Refusal::SendTooLong);
        }
        if push(&mut lock(&self.sending).queue, payload) {
            self.count(Refusal::SendQueueFull);
        }
        self.to_send.notify_one();
    }

    /// Makes `claim` the one that sends. Returns false when a newer one does.
    pub(crate) fn claim_sending(&self, claim: Claim) -> bool {
        let mut sending = lock(&self.sending);
        if claim < sending.holder {
            return false;
        }
        sending.holder = claim;
        drop(sending);
        self.to_send.notify_waiters();
        true
    }

    /// Waits for a message to send. Returns nothing when a newer claim sends.
    pub(crate) async fn next_to_send(&self, claim: Claim) -> Option<Bytes> {
        loop {
            // Before the look, so that no notice after the look is missed.
            let notified = self.to_send.notified();
            {
                let mut sending = lock(&self.sending);
                if sending.holder != claim {
                    return None;
                }
                if let Some(payload) = sending.queue.pop_front() {
                    return Some(payload);
                }
            }
            notified.await;
        }
    }

    // -- Receiving --

    /// Makes `claim` the one that receives. Returns false when a newer one does.
    pub(crate) fn claim_receiving(&self, claim: Claim) -> bool {
        let mut receiving = lock(&self.receiving);
        if claim < receiving.holder {
            return false;
        }
        receiving.holder = claim;
        true
    }

    /// Judges an incoming message by its length.
    pub(crate) fn admit(&self, claim: Claim, len_bytes: u32) -> Admission {
        let mut receiving = lock(&self.receiving);
        if receiving.holder != claim {
            return Admission::Superseded;
        }
        let verdict = receiving.meter.judge(self.created.elapsed(), len_bytes);
        drop(receiving);
        match verdict {
            Verdict::Accept => Admission::Accept,
            Verdict::OverMessageRate => {
                self.count(Refusal::MessageRate);
                Admission::Discard
            }
            Verdict::OverByteRate => {
                self.count(Refusal::ByteRate);
                Admission::Discard
            }
            Verdict::TooLong => Admission::Break(Refusal::MessageTooLong),
            Verdict::Flood => Admission::Break(Refusal::Flood),
        }
    }

    /// Judges a heartbeat: nothing to be read, and no right to come often.
    pub(crate) fn admit_heartbeat(&self, claim: Claim) -> Admission {
        let mut receiving = lock(&self.receiving);
        if receiving.holder != claim {
            Admission::Superseded
        } else if receiving.meter.allows_heartbeat(self.created.elapsed()) {
            Admission::Accept
        } else {
            Admission::Break(Refusal::Flood)
        }
    }

    /// Queues a received message, unless a newer claim receives.
    pub(crate) fn deliver(&self, claim: Claim, payload: Bytes) {
        let mut receiving = lock(&self.receiving);
        if receiving.holder != claim {
            return;
        }
        let dropped_oldest = push(&mut receiving.queue, payload);
        drop(receiving);
        if dropped_oldest {
            self.count(Refusal::ReceiveQueueFull);
        }
        self.arrived.notify_one();
    }

    pub(crate) fn take_received(&self) -> Option<Bytes> {
        lock(&self.receiving).queue.pop_front()
    }
}

/// Appends `payload`; returns whether the oldest had to go.
fn push(queue: &mut VecDeque<Bytes>, payload: Bytes) -> bool {
    let full = queue.len() == QUEUE_MESSAGES;
    if full {
        queue.pop_front();
    }
    queue.push_back(payload);
    full
}

/// Nothing here leaves the data half changed, so a panic elsewhere under the lock does not matter.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use futures::FutureExt;

    pub(crate) fn link(max_message_bytes: u32) -> Link {
        Link::new(
            ConfigDigest([1; 32]),
            PeerId::from_public_key([2; 32]),
            &NetworkLimits {
                max_message_bytes,
                messages_per_second: 0.0,
                messages_capacity: 100,
                bytes_per_second: 0.0,
                bytes_capacity: 1_000_000,
            },
            Arc::new(Notify::new()),
            Arc::new(Counters::default()),
        )
    }

    const fn claim(connection: u64, stream: u64) -> Claim {
        Claim { connection, stream }
    }

    fn numbered(range: std::ops::Range<u8>) -> Vec<Bytes> {
        range.map(|number| Bytes::from(vec![number])).collect()
    }

    #[tokio::test]
    async fn a_full_send_queue_keeps_the_newest_in_order() {
        let link = link(10);
        assert!(link.claim_sending(claim(1, 1)));
        numbered(0..14)
            .into_iter()
            .for_each(|payload| link.send(payload));
        let mut sent = Vec::new();
        while let Some(payload) = link.next_to_send(claim(1, 1)).now_or_never() {
            sent.push(payload.unwrap());
        }
        assert_eq!(sent, numbered(4..14));
        assert_eq!(link.refused(Refusal::SendQueueFull), 4);
    }

    #[test]
    fn a_full_receive_queue_keeps_the_newest_in_order() {
        let link = link(10);
        assert!(link.claim_receiving(claim(1, 1)));
        numbered(0..14)
            .into_iter()
            .for_each(|payload| link.deliver(claim(1, 1), payload));
        let received: Vec<_> = std::iter::from_fn(|| link.take_received()).collect();
        assert_eq!(received, numbered(4..14));
        assert_eq!(link.refused(Refusal::ReceiveQueueFull), 4);
    }

    #[test]
    fn a_message_over_the_limit_is_not_sent() {
        let link = link(3);
        link.send(Bytes::from_static(b"1234"));
        link.send(Bytes::from_static(b"123"));
        assert!(link.claim_sending(claim(1, 1)));
        let sent = link.next_to_send(claim(1, 1)).now_or_never();
        assert_eq!(sent, Some(Some(Bytes::from_static(b"123"))));
        assert_eq!(link.refused(Refusal::SendTooLong), 1);
    }

    #[tokio::test]
    async fn the_newest_claim_sends_and_the_older_ends() {
        let link = link(10);
        assert!(link.claim_sending(claim(1, 7)));
        let older = link.next_to_send(claim(1, 7));
        tokio::pin!(older);
        assert!(older.as_mut().now_or_never().is_none());
        assert!(link.claim_sending(claim(2, 1)));
        assert!(!link.claim_sending(claim(1, 8)));
        link.send(Bytes::from_static(b"message"));
        assert_eq!(older.await, None);
        assert!(link.next_to_send(claim(2, 1)).await.is_some());
    }

    #[test]
    fn the_newest_claim_receives_and_the_older_is_not_heard() {
        let link = link(10);
        assert!(link.claim_receiving(claim(1, 1)));
        assert_eq!(link.admit(claim(1, 1), 5), Admission::Accept);
        assert!(link.claim_receiving(claim(1, 2)));
        assert!(!link.claim_receiving(claim(1, 1)));
        // It was admitted in time, but finished too late.
        link.deliver(claim(1, 1), Bytes::from_static(b"older"));
        link.deliver(claim(1, 2), Bytes::from_static(b"newer"));
        assert_eq!(link.admit(claim(1, 1), 5), Admission::Superseded);
        assert_eq!(link.admit_heartbeat(claim(1, 1)), Admission::Superseded);
        assert_eq!(link.take_received(), Some(Bytes::from_static(b"newer")));
        assert_eq!(link.take_received(), None);
    }
}
