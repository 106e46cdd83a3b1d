//! A one-way stream of messages, as bytes.
//!
//! A frame is `length (u32, big endian) ‖ payload`. The length `0xffffffff` is a heartbeat, with
//! nothing after it. The oracle that sends opens the stream; the other writes nothing on it.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, sink};
use libp2p::StreamProtocol;
use ocr_protocol::id::ConfigDigest;
use tokio::time::{sleep, timeout};

use crate::link::{Admission, Claim, Link};
use crate::refusal::Refusal;

const HEADER_BYTES: usize = 4;
const HEARTBEAT: u32 = u32::MAX;
/// A sender with nothing to send shows that it is there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);
/// Without a frame for so long, the connection is dead.
const SILENCE: Duration = Duration::from_secs(30);
/// Time to receive a begun frame, unless its length grants more.
const RECEIVE_FRAME: Duration = Duration::from_secs(30);
/// Time to send a frame, to which its length adds.
const SEND_FRAME: Duration = Duration::from_secs(5);
/// What a link must carry at least.
const SLOWEST_BYTES_PER_SECOND: u32 = 16 << 10;
/// Room made for a message before its bytes arrive.
const FIRST_ROOM_BYTES: u32 = 64 << 10;

/// Why a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The peer closed it, or the connection is going away.
    Closed,
    /// A newer stream serves the link.
    Superseded,
    /// The peer broke a rule, which costs it the connection.
    Broken(Refusal),
}

impl Ended {
    /// Returns the rule that was broken, if one was.
    pub(crate) const fn broken(self) -> Option<Refusal> {
        match self {
            Self::Broken(refusal) => Some(refusal),
            Self::Closed | Self::Superseded => None,
        }
    }
}

/// Returns the name of the streams of a configuration.
pub(crate) fn protocol(digest: ConfigDigest) -> StreamProtocol {
    StreamProtocol::try_from_owned(format!("/ocr/{digest}/1"))
        .expect("the name starts with a slash")
}

// -- Receiving --

/// Reads messages into `link` until the stream ends.
pub(crate) async fn receive<S>(mut stream: S, link: &Link, claim: Claim) -> Ended
where
    S: AsyncRead + Unpin,
{
    loop {
        if let Err(ended) = receive_frame(&mut stream, link, claim).await {
            return ended;
        }
    }
}

async fn receive_frame<S>(stream: &mut S, link: &Link, claim: Claim) -> Result<(), Ended>
where
    S: AsyncRead + Unpin,
{
    let len_bytes = match timeout(SILENCE, read_header(stream)).await {
        Err(_) => return Err(Ended::Broken(Refusal::Silent)),
        Ok(header) => header?,
    };
    let admission = if len_bytes == HEARTBEAT {
        link.admit_heartbeat(claim)
    } else {
        link.admit(claim, len_bytes)
    };
    match admission {
        Admission::Superseded => return Err(Ended::Superseded),
        Admission::Break(refusal) => return Err(Ended::Broken(refusal)),
        Admission::Accept | Admission::Discard if len_bytes == HEARTBEAT => return Ok(()),
        Admission::Accept | Admission::Discard => {}
    }
    let limit = RECEIVE_FRAME.max(transfer_time(len_bytes));
    let body = read_body(stream, len_bytes, admission == Admission::Accept);
    let body = timeout(limit, body)
        .await
        .map_err(|_| Ended::Broken(Refusal::Stalled))??;
    if let Some(payload) = body {
        link.deliver(claim, payload);
    }
    Ok(())
}

async fn read_header<S: AsyncRead + Unpin>(stream: &mut S) -> Result<u32, Ended> {
    let mut header = [0; HEADER_BYTES];
    let mut filled = 0;
    while filled < HEADER_BYTES {
        match stream.read(&mut header[filled..]).await {
            Ok(0) if filled == 0 => return Err(Ended::Closed),
            Ok(0) => return Err(Ended::Broken(Refusal::Truncated)),
            Ok(read) => filled += read,
            Err(_) => return Err(Ended::Closed),
        }
    }
    Ok(u32::from_be_bytes(header))
}

/// Reads `len_bytes`; returns them when `wanted`. Room grows with what arrives.
async fn read_body<S>(stream: &mut S, len_bytes: u32, wanted: bool) -> Result<Option<Bytes>, Ended>
where
    S: AsyncRead + Unpin,
{
    let mut body = stream.take(u64::from(len_bytes));
    let mut payload = Vec::new();
    let read = if wanted {
        payload.reserve_exact(len_bytes.min(FIRST_ROOM_BYTES) as usize);
        body.read_to_end(&mut payload).await.map(|read| read as u64)
    } else {
        copy(body, &mut sink()).await
    };
    match read {
        Err(_) => Err(Ended::Closed),
        Ok(read) if read < u64::from(len_bytes) => Err(Ended::Broken(Refusal::Truncated)),
        Ok(_) => Ok(wanted.then(|| payload.into())),
    }
}

// -- Sending --

/// Writes the messages of `link` until the stream ends.
pub(crate) async fn transmit<S>(stream: S, link: &Link, claim: Claim) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut from_peer, mut to_peer) = stream.split();
    let mut nothing = [0; 1];
    loop {
        let payload = tokio::select! {
            payload = link.next_to_send(claim) => match payload {
                Some(payload) => Some(payload),
                None => return Ended::Superseded,
            },
            end = from_peer.read(&mut nothing) => return match end {
                Ok(0) | Err(_) => Ended::Closed,
                Ok(_) => Ended::Broken(Refusal::UnexpectedBytes),
            },
            () = sleep(HEARTBEAT_EVERY) => None,
        };
        let len_bytes = payload.as_ref().map_or(0, Bytes::len) as u32;
        let limit = SEND_FRAME + transfer_time(len_bytes);
        match timeout(limit, write_frame(&mut to_peer, payload.as_deref())).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Ended::Closed,
            Err(_) => return Ended::Broken(Refusal::Stalled),
        }
    }
}

/// Writes a message, or a heartbeat, with one write where the stream takes it.
async fn write_frame<S>(stream: &mut S, payload: Option<&[u8]>) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
{
    let body = payload.unwrap_or_default();
    // A message of at most `MAX_MESSAGE_BYTES` is never taken for a heartbeat.
    let len_bytes = payload.map_or(HEARTBEAT, |payload| payload.len() as u32);
    let mut frame = Vec::with_capacity(HEADER_BYTES + body.len());
    frame.extend_from_slice(&len_bytes.to_be_bytes());
    frame.extend_from_slice(body);
    stream.write_all(&frame).await?;
    stream.flush().await
}

fn transfer_time(len_bytes: u32) -> Duration {
    Duration::from_secs(u64::from(len_bytes / SLOWEST_BYTES_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::tests::link;
    use futures::FutureExt;
    use futures::io::Cursor;
    use proptest::prelude::*;

    const CLAIM: Claim = Claim {
        connection: 1,
        stream: 1,
    };
    const MAX: u32 = 1_000;

    fn receiver() -> Link {
        let link = link(MAX);
        assert!(link.claim_receiving(CLAIM));
        link
    }

    fn receive_bytes(link: &Link, bytes: &[u8]) -> Ended {
        receive(Cursor::new(bytes), link, CLAIM)
            .now_or_never()
            .expect("memory is always ready")
    }

    fn frame(payload: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, payload)
            .now_or_never()
            .unwrap()
            .unwrap();
        bytes
    }

    #[tokio::test]
    async fn frames_are_read_back_as_they_were_written() {
        let messages: [&[u8]; 3] = [b"", b"a", &[7; MAX as usize]];
        let mut bytes = Vec::new();
        for message in messages {
            bytes.extend(frame(Some(message)));
            bytes.extend(frame(None));
        }
        let link = receiver();
        assert_eq!(receive_bytes(&link, &bytes), Ended::Closed);
        for message in messages {
            assert_eq!(link.take_received().as_deref(), Some(message));
        }
        assert_eq!(link.take_received(), None);
    }

    #[test]
    fn a_frame_is_a_big_endian_length_and_the_payload() {
        assert_eq!(frame(Some(b"abc")), b"\0\0\0\x03abc");
        assert_eq!(frame(None), [0xff; 4]);
    }

    #[tokio::test]
    async fn a_message_over_the_limit_breaks_before_it_is_read() {
        for len_bytes in [MAX + 1, 1 << 30, (1 << 30) + 1, u32::MAX - 1] {
            let ended = receive_bytes(&receiver(), &len_bytes.to_be_bytes());
            assert_eq!(ended, Ended::Broken(Refusal::MessageTooLong));
        }
    }

    #[tokio::test]
    async fn a_stream_that_ends_within_a_frame_is_truncated() {
        let whole = frame(Some(b"abc"));
        assert_eq!(receive_bytes(&receiver(), &[]), Ended::Closed);
        for end in 1..whole.len() {
            let ended = receive_bytes(&receiver(), &whole[..end]);
            assert_eq!(
                ended,
                Ended::Broken(Refusal::Truncated),
                "after {end} bytes"
            );
        }
        assert_eq!(receive_bytes(&receiver(), &whole), Ended::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_and_a_stalled_peer_break() {
        let link = receiver();
        let ended = receive(Endless(Cursor::new(vec![])), &link, CLAIM).await;
        assert_eq!(ended, Ended::Broken(Refusal::Silent));
        let begun = Endless(Cursor::new(b"\0\0\0\x03ab".to_vec()));
        assert_eq!(
            receive(begun, &link, CLAIM).await,
            Ended::Broken(Refusal::Stalled)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_sender_shows_that_it_is_there() {
        let link = link(MAX);
        assert!(link.claim_sending(CLAIM));
        let mut stream = Endless(Cursor::new(vec![]));
        let idle = timeout(SILENCE, transmit(&mut stream, &link, CLAIM)).await;
        assert!(idle.is_err(), "it waits for more");
        assert!(stream.0.into_inner().starts_with(&[0xff; 8]));
    }

    #[tokio::test]
    async fn bytes_on_a_stream_that_is_ours_break() {
        let link = link(MAX);
        assert!(link.claim_sending(CLAIM));
        let stream = Cursor::new(vec![1]);
        assert_eq!(
            transmit(stream, &link, CLAIM).await,
            Ended::Broken(Refusal::UnexpectedBytes)
        );
    }

    /// Has nothing to read at its end, and does not end.
    struct Endless(Cursor<Vec<u8>>);

    impl AsyncRead for Endless {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buf: &mut [u8],
        ) -> std::task::Poll<io::Result<usize>> {
            match std::pin::Pin::new(&mut self.0).poll_read(cx, buf) {
                std::task::Poll::Ready(Ok(0)) => std::task::Poll::Pending,
                other => other,
            }
        }
    }

    impl AsyncWrite for Endless {
        fn poll_write(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            buf: &[u8],
        ) -> std::task::Poll<io::Result<usize>> {
            self.0.get_mut().extend_from_slice(buf);
            let end = self.0.get_ref().len() as u64;
            self.0.set_position(end);
            std::task::Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn poll_close(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..5_000)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            runtime.unwrap().block_on(async { receive_bytes(&receiver(), &bytes) });
        }
    }
}
