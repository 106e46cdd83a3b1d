//! The streams of one connection.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use libp2p::core::upgrade::ReadyUpgrade;
use libp2p::core::{InboundUpgrade, UpgradeInfo};
use libp2p::swarm::handler::{ConnectionEvent, DialUpgradeError};
use libp2p::swarm::{
    ConnectionHandler, ConnectionHandlerEvent, StreamUpgradeError, SubstreamProtocol,
};
use libp2p::{Stream, StreamProtocol};
use ocr_protocol::id::ConfigDigest;
use tokio::time::{Instant, Sleep, sleep};

use super::stream::{Ended, protocol, receive, transmit};
use crate::link::{Claim, Link};
use crate::refusal::Refusal;
use crate::token_bucket::TokenBucket;

/// Wait before opening a stream again. The peer may open the group at any time, and does not say so.
const REOPEN: Duration = Duration::from_secs(1);
/// Streams a peer may open at once for one group, and a second.
const STREAMS_CAPACITY: u32 = 4;
const STREAMS_PER_SECOND: f64 = 2.0;

type Event = ConnectionHandlerEvent<ReadyUpgrade<StreamProtocol>, ConfigDigest, Refusal>;

/// Serves every link of one peer on one connection: a stream out and a stream in for each.
pub(crate) struct Handler {
    /// Greater than that of every older connection.
    connection: u64,
    /// Streams so far.
    streams: u64,
    created: Instant,
    slots: Vec<Slot>,
    verdict: Option<Verdict>,
}

/// The peer broke a rule: nothing is served any more.
#[derive(Clone, Copy)]
enum Verdict {
    Found(Refusal),
    /// The behaviour knows and closes the connection.
    Told,
}

/// One link on this connection.
struct Slot {
    link: Arc<Link>,
    protocol: StreamProtocol,
    inbound: Option<BoxFuture<'static, Ended>>,
    outbound: Outbound,
    /// Streams the peer may still open.
    openings: TokenBucket,
}

enum Outbound {
    /// To be opened.
    Due,
    Opening,
    Open(BoxFuture<'static, Ended>),
    /// The peer did not take a stream, or ended it.
    Waiting(Pin<Box<Sleep>>),
}

impl Handler {
    pub(crate) fn new(connection: u64, links: Vec<Arc<Link>>) -> Self {
        let mut handler = Self {
            connection,
            streams: 0,
            created: Instant::now(),
            slots: Vec::new(),
            verdict: None,
        };
        handler.set_links(links);
        handler
    }

    /// Keeps the streams of links that stay, ends those of links that go.
    fn set_links(&mut self, links: Vec<Arc<Link>>) {
        if self.verdict.is_some() {
            return;
        }
        self.slots
            .retain(|slot| links.iter().any(|link| Arc::ptr_eq(link, &slot.link)));
        for link in links {
            if !self.slots.iter().any(|slot| Arc::ptr_eq(&slot.link, &link)) {
                self.slots.push(Slot::new(link, self.created.elapsed()));
            }
        }
    }

    fn next_claim(&mut self) -> Claim {
        self.streams += 1;
        Claim {
            connection: self.connection,
            stream: self.streams,
        }
    }

    fn inbound_opened(&mut self, stream: Stream, protocol: &StreamProtocol) {
        let claim = self.next_claim();
        let now = self.created.elapsed();
        // Without a slot the group was closed while the stream was being opened.
        let Some(slot) = self
            .slots
            .iter_mut()
            .find(|slot| slot.protocol == *protocol)
        else {
            return;
        };
        if !slot.openings.remove(now, 1) {
            return slot.link.count(Refusal::StreamRate);
        }
        if slot.link.claim_receiving(claim) {
            let link = Arc::clone(&slot.link);
            slot.inbound = Some(async move { receive(stream, &link, claim).await }.boxed());
        }
    }

    fn outbound_opened(&mut self, stream: Stream, digest: ConfigDigest) {
        let claim = self.next_claim();
        let Some(slot) = self.opening(digest) else {
            return;
        };
        slot.outbound = if slot.link.claim_sending(claim) {
            let link = Arc::clone(&slot.link);
            Outbound::Open(async move { transmit(stream, &link, claim).await }.boxed())
        } else {
            Outbound::waiting()
        };
    }

    fn outbound_failed(&mut self, digest: ConfigDigest, error: &StreamUpgradeError<Infallible>) {
        let Some(slot) = self.opening(digest) else {
            return;
        };
        slot.outbound = Outbound::waiting();
        if matches!(error, StreamUpgradeError::Timeout) {
            slot.link.count(Refusal::Silent);
            self.condemn(Refusal::Silent);
        }
    }

    fn condemn(&mut self, refusal: Refusal) {
        self.slots.clear();
        self.verdict = Some(Verdict::Found(refusal));
    }

    fn opening(&mut self, digest: ConfigDigest) -> Option<&mut Slot> {
        self.slots
            .iter_mut()
            .find(|slot| slot.link.digest == digest && matches!(slot.outbound, Outbound::Opening))
    }

    /// Moves every stream on; returns the first rule found broken.
    fn poll_streams(&mut self, cx: &mut Context<'_>) -> Option<Refusal> {
        self.slots.iter_mut().find_map(|slot| {
            let ended = [slot.poll_inbound(cx), slot.poll_outbound(cx)];
            let broken = ended.into_iter().flatten().find_map(Ended::broken)?;
            slot.link.count(broken);
            Some(broken)
        })
    }

    /// Returns the next stream to open.
    fn next_opening(&mut self) -> Option<Event> {
        let slot = self
            .slots
            .iter_mut()
            .find(|slot| matches!(slot.outbound, Outbound::Due))?;
        slot.outbound = Outbound::Opening;
        let upgrade = ReadyUpgrade::new(slot.protocol.clone());
        Some(ConnectionHandlerEvent::OutboundSubstreamRequest {
            protocol: SubstreamProtocol::new(upgrade, slot.link.digest),
        })
    }
}

impl Slot {
    fn new(link: Arc<Link>, now: Duration) -> Self {
        Self {
            protocol: protocol(link.digest),
            link,
            inbound: None,
            outbound: Outbound::Due,
            openings: TokenBucket::full(STREAMS_PER_SECOND, STREAMS_CAPACITY, now),
        }
    }

    fn poll_inbound(&mut self, cx: &mut Context<'_>) -> Option<Ended> {
        match self.inbound.as_mut()?.poll_unpin(cx) {
            Poll::Ready(ended) => {
                self.inbound = None;
                Some(ended)
            }
            Poll::Pending => None,
        }
    }

    fn poll_outbound(&mut self, cx: &mut Context<'_>) -> Option<Ended> {
        let mut result = None;
        if let Outbound::Open(sending) = &mut self.outbound
            && let Poll::Ready(ended) = sending.poll_unpin(cx)
        {
            self.outbound = Outbound::waiting();
            result = Some(ended);
        }
        if let Outbound::Waiting(wait) = &mut self.outbound
            && wait.poll_unpin(cx).is_ready()
        {
            self.outbound = Outbound::Due;
        }
        result
    }
}

impl Outbound {
    fn waiting() -> Self {
        Self::Waiting(Box::pin(sleep(REOPEN)))
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Vec<Arc<Link>>;
    type ToBehaviour = Refusal;
    type InboundProtocol = Offered;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = ConfigDigest;

    fn listen_protocol(&self) -> SubstreamProtocol<Offered> {
        let protocols = self
            .slots
            .iter()
            .map(|slot| slot.protocol.clone())
            .collect();
        SubstreamProtocol::new(Offered(protocols), ())
    }

    /// The behaviour decides when a connection ends, not its idleness.
    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn on_behaviour_event(&mut self, links: Vec<Arc<Link>>) {
        self.set_links(links);
    }

    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<Offered, ReadyUpgrade<StreamProtocol>, (), ConfigDigest>,
    ) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(opened) => {
                let (stream, protocol) = opened.protocol;
                self.inbound_opened(stream, &protocol);
            }
            ConnectionEvent::FullyNegotiatedOutbound(opened) => {
                self.outbound_opened(opened.protocol, opened.info);
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info, error }) => {
                self.outbound_failed(info, &error);
            }
            _ => {}
        }
    }

    /// The connection polls again after each event it hands over, so nothing here needs waking.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        if self.verdict.is_none()
            && let Some(refusal) = self.poll_streams(cx)
        {
            self.condemn(refusal);
        }
        if let Some(Verdict::Found(refusal)) = self.verdict {
            self.verdict = Some(Verdict::Told);
            return Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(refusal));
        }
        self.next_opening().map_or(Poll::Pending, Poll::Ready)
    }
}

/// Takes a stream of any of these protocols.
#[derive(Clone, Debug)]
pub(crate) struct Offered(Vec<StreamProtocol>);

impl UpgradeInfo for Offered {
    type Info = StreamProtocol;
    type InfoIter = std::vec::IntoIter<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.clone().into_iter()
    }
}

impl InboundUpgrade<Stream> for Offered {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}
