//! A peer with a valid key that does with its connection what it likes.

use std::future::poll_fn;
use std::task::Poll;

use futures::io::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::core::muxing::{StreamMuxerBox, StreamMuxerExt as _, SubstreamBox};
use libp2p::core::transport::{DialOpts, PortUse, Transport as _};
use libp2p::core::upgrade::{OutboundConnectionUpgrade as _, Version};
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::{noise, tcp, yamux};
use ocr_net::Host;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::support::{DIGEST, keypair, within};

const DIAL: DialOpts = DialOpts {
    role: Endpoint::Dialer,
    port_use: PortUse::New,
};
const MULTISTREAM: &str = "/multistream/1.0.0";

/// A Noise session with a host, before any multiplexing.
pub(crate) struct Session(pub(crate) SubstreamBox);

impl Session {
    pub(crate) async fn open(number: u8, host: &Host) -> Self {
        let mut transport = tcp::tokio::Transport::new(tcp::Config::default());
        let address: Multiaddr = host.local_addrs()[0].clone();
        within("a session", async {
            let mut socket = transport.dial(address, DIAL).unwrap().await.unwrap();
            agree(&mut socket, "/noise").await;
            let noise = noise::Config::new(&keypair(number)).unwrap();
            let (_, session) = noise.upgrade_outbound(socket, "/noise").await.unwrap();
            Self(SubstreamBox::new(session))
        })
        .await
    }

    /// Agrees on Yamux, without speaking it.
    pub(crate) async fn agree_on_yamux(&mut self) {
        within("yamux", agree(&mut self.0, "/yamux/1.0.0")).await;
    }
}

/// A connection with a host.
pub(crate) struct Adversary {
    open: mpsc::Sender<oneshot::Sender<SubstreamBox>>,
    accept: mpsc::Receiver<SubstreamBox>,
    connection: JoinHandle<()>,
}

impl Adversary {
    /// Connects to `host` with the key of peer `number`.
    pub(crate) async fn connect(number: u8, host: &Host) -> Self {
        let mut transport = tcp::tokio::Transport::new(tcp::Config::default())
            .upgrade(Version::V1)
            .authenticate(noise::Config::new(&keypair(number)).unwrap())
            .multiplex(yamux::Config::default())
            .map(|(_, muxer), _| StreamMuxerBox::new(muxer));
        let address: Multiaddr = host.local_addrs()[0].clone();
        let muxer = within("a connection", transport.dial(address, DIAL).unwrap())
            .await
            .unwrap();
        let (open, open_requests) = mpsc::channel(1);
        let (accepted, accept) = mpsc::channel(100);
        let connection = tokio::spawn(drive(muxer, open_requests, accepted));
        Self {
            open,
            accept,
            connection,
        }
    }

    /// Opens a stream and sends nothing on it. Nothing: the connection has ended.
    pub(crate) async fn raw_stream(&self) -> Option<SubstreamBox> {
        let (answer, stream) = oneshot::channel();
        self.open.send(answer).await.ok()?;
        stream.await.ok()
    }

    /// Opens a stream of the group of [`DIGEST`].
    pub(crate) async fn stream(&self) -> SubstreamBox {
        within("a stream", async {
            let mut stream = self
                .raw_stream()
                .await
                .expect("the host keeps the connection");
            agree(&mut stream, &format!("/ocr/{DIGEST}/1")).await;
            stream
        })
        .await
    }

    /// Accepts the stream on which the host sends.
    pub(crate) async fn accept(&mut self) -> SubstreamBox {
        within("a stream of the host", async {
            let mut stream = self
                .accept
                .recv()
                .await
                .expect("the host keeps the connection");
            for _ in 0..2 {
                let line = hear(&mut stream).await.unwrap();
                say(&mut stream, &line).await.unwrap();
            }
            stream
        })
        .await
    }

    /// Waits until the host ends the connection.
    pub(crate) async fn ended(&mut self) {
        within("the end of the connection", &mut self.connection)
            .await
            .unwrap();
    }

    pub(crate) fn is_connected(&self) -> bool {
        !self.connection.is_finished()
    }
}

impl Drop for Adversary {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

async fn drive(
    mut muxer: StreamMuxerBox,
    mut open: mpsc::Receiver<oneshot::Sender<SubstreamBox>>,
    accepted: mpsc::Sender<SubstreamBox>,
) {
    let mut request = None;
    poll_fn(|cx| {
        loop {
            if request.is_none()
                && let Poll::Ready(Some(next)) = open.poll_recv(cx)
            {
                request = Some(next);
            }
            if request.is_some()
                && let Poll::Ready(opened) = muxer.poll_outbound_unpin(cx)
            {
                let Ok(stream) = opened else {
                    return Poll::Ready(());
                };
                let _ = request.take().expect("there is one").send(stream);
                continue;
            }
            match muxer.poll_inbound_unpin(cx) {
                Poll::Ready(Ok(stream)) => accepted.try_send(stream).expect("few streams"),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {
                    return match muxer.poll_unpin(cx) {
                        Poll::Ready(Err(_)) => Poll::Ready(()),
                        _ => Poll::Pending,
                    };
                }
            }
        }
    })
    .await;
}

/// Agrees on a protocol as the dialling side of multistream-select.
async fn agree<S>(stream: &mut S, protocol: &str)
where
    S: futures::AsyncRead + futures::AsyncWrite + Unpin,
{
    say(stream, MULTISTREAM).await.unwrap();
    say(stream, protocol).await.unwrap();
    assert_eq!(hear(stream).await.unwrap(), MULTISTREAM);
    assert_eq!(hear(stream).await.unwrap(), protocol);
}

/// Writes a line as multistream-select does.
async fn say<S>(stream: &mut S, line: &str) -> std::io::Result<()>
where
    S: futures::AsyncWrite + Unpin,
{
    let mut bytes = vec![u8::try_from(line.len() + 1).unwrap()];
    assert!(bytes[0] < 0x80, "one byte of varint");
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    stream.write_all(&bytes).await?;
    stream.flush().await
}

/// Reads a line as multistream-select does.
async fn hear<S>(stream: &mut S) -> std::io::Result<String>
where
    S: futures::AsyncRead + Unpin,
{
    let mut len = [0];
    stream.read_exact(&mut len).await?;
    let mut line = vec![0; usize::from(len[0])];
    stream.read_exact(&mut line).await?;
    assert_eq!(line.pop(), Some(b'\n'));
    Ok(String::from_utf8(line).expect("names are text"))
}

/// Frames `payload` as the transport does.
pub(crate) fn frame(payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend_from_slice(payload);
    bytes
}

/// Sends as much of `bytes` as the host takes; it may cut off at any moment.
pub(crate) async fn send<S: futures::AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> bool {
    stream.write_all(bytes).await.is_ok() && stream.flush().await.is_ok()
}

/// Reads one message of the host; heartbeats are skipped.
pub(crate) async fn receive(stream: &mut SubstreamBox) -> std::io::Result<Vec<u8>> {
    loop {
        let mut header = [0; 4];
        stream.read_exact(&mut header).await?;
        if header != [0xff; 4] {
            let mut payload = vec![0; u32::from_be_bytes(header) as usize];
            stream.read_exact(&mut payload).await?;
            return Ok(payload);
        }
    }
}
