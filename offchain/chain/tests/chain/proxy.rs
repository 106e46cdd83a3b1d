//! A man in the middle, for what a good endpoint never does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What to do with the answer to a method.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Pass the request on and lose the answer.
    LoseAnswer,
    /// Answer with this result in place of the true one.
    Answer(String),
    /// Answer with this error, and pass nothing on.
    Refuse(&'static str),
}

/// Forwards to an endpoint, and spoils the first `times` answers to one method.
pub(crate) struct Proxy {
    pub(crate) url: String,
    left: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(crate) async fn start(
        upstream: &str,
        method: &'static str,
        fault: Fault,
        times: usize,
    ) -> Self {
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let left = Arc::new(AtomicUsize::new(times));
        let counter = Arc::clone(&left);
        let asked = Arc::new(AtomicUsize::new(0));
        let asked_counter = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(
                    client,
                    upstream.clone(),
                    method,
                    fault.clone(),
                    Arc::clone(&counter),
                    Arc::clone(&asked_counter),
                ));
            }
        });
        Self {
            url,
            left,
            asked,
            task,
        }
    }

    /// How often the method was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// How many answers are still to be spoilt.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one request of a connection, then closes it.
async fn serve(
    mut client: TcpStream,
    upstream: String,
    method: &'static str,
    fault: Fault,
    left: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
) -> Option<()> {
    let body = read_body(&mut client).await?;
    let text = String::from_utf8(body).ok()?;
    if text.contains(method) {
        asked.fetch_add(1, Ordering::SeqCst);
    }
    let spoil = text.contains(method)
        && left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
            .is_ok();
    let instead = match &fault {
        Fault::Answer(result) if spoil => Some(format!(r#""result":{result}"#)),
        Fault::Refuse(message) if spoil => Some(format!(
            r#""error":{{"code":-32000,"message":"{message}"}}"#
        )),
        _ => None,
    };
    if let Some(instead) = instead {
        let request: serde_json::Value = serde_json::from_str(&text).ok()?;
        let id = &request["id"];
        let answer = format!(r#"{{"jsonrpc":"2.0","id":{id},{instead}}}"#);
        return write_body(&mut client, &answer).await;
    }
    let mut server = TcpStream::connect(&upstream).await.ok()?;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {upstream}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    server.write_all(head.as_bytes()).await.ok()?;
    server.write_all(text.as_bytes()).await.ok()?;
    let answer = read_body(&mut server).await?;
    if spoil {
        return None;
    }
    write_body(&mut client, &String::from_utf8(answer).ok()?).await
}

async fn write_body(client: &mut TcpStream, body: &str) -> Option<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    client.write_all(head.as_bytes()).await.ok()?;
    client.write_all(body.as_bytes()).await.ok()?;
    client.shutdown().await.ok()
}

/// Reads one HTTP message with a content-length and returns its body.
async fn read_body(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())?;
            if bytes.len() >= end + 4 + length {
                return Some(bytes[end + 4..end + 4 + length].to_vec());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
