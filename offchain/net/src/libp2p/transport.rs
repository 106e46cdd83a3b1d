//! TCP, guarded against peers that do not read, with Noise and Yamux on top.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, Transport as _};
use libp2p::core::upgrade::Version;
use libp2p::{PeerId, identity, noise, tcp, yamux};
use tokio::time::Sleep;

/// Time for connecting and all handshakes together. Source: networking 1.1.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Time in which a peer must take some bytes. Source: networking 1.1.
const WRITE_STALL: Duration = Duration::from_secs(5);
/// Streams on one connection, both directions together.
const MAX_STREAMS: usize = 256;

/// Returns the transport of a host with this key.
pub(crate) fn build(
    key: &identity::Keypair,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, noise::Error> {
    let mut muxer = yamux::Config::default();
    muxer.set_max_num_streams(MAX_STREAMS);
    Ok(
        tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
            .map(|socket, _| WriteGuarded {
                inner: socket,
                stalled: None,
            })
            .upgrade(Version::V1Lazy)
            .authenticate(noise::Config::new(key)?)
            .multiplex(muxer)
            .timeout(HANDSHAKE)
            .boxed(),
    )
}

/// A socket whose writes fail once the peer takes nothing for [`WRITE_STALL`].
///
/// It bounds the orderly close of a connection too, for which libp2p has no limit.
struct WriteGuarded<S> {
    inner: S,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> WriteGuarded<S> {
    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        progress: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.stalled = None;
            return progress;
        }
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_STALL)));
        stalled
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteGuarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteGuarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.watch(cx, progress)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.watch(cx, progress)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.inner).poll_flush(cx);
        self.watch(cx, progress)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.inner).poll_close(cx);
        self.watch(cx, progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::AsyncWriteExt as _;

    /// Takes `room` bytes, then nothing.
    struct Narrow {
        room: usize,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = buf.len().min(self.room);
            self.room -= taken;
            if taken == 0 {
                Poll::Pending
            } else {
                Poll::Ready(Ok(taken))
            }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            if self.room == 0 {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            }
        }

        fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(cx)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_is_not_taken_fails() {
        let mut socket = WriteGuarded {
            inner: Narrow { room: 10 },
            stalled: None,
        };
        socket.write_all(&[0; 10]).await.unwrap();
        let error = socket.write_all(&[0]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_close_that_is_not_taken_fails() {
        let mut socket = WriteGuarded {
            inner: Narrow { room: 0 },
            stalled: None,
        };
        assert_eq!(
            socket.close().await.unwrap_err().kind(),
            io::ErrorKind::TimedOut
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_that_ends_is_forgiven() {
        let mut socket = WriteGuarded {
            inner: Narrow { room: 0 },
            stalled: None,
        };
        for _ in 0..3 {
            let almost = WRITE_STALL - Duration::from_millis(100);
            assert!(
                tokio::time::timeout(almost, socket.write_all(&[0]))
                    .await
                    .is_err()
            );
            socket.inner.room = 1;
            socket.write_all(&[0]).await.unwrap();
        }
    }
}
