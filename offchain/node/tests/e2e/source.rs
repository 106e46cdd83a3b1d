//! An HTTP source that does what the test says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a source answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A price.
    Price(String),
    /// These bytes.
    Raw(String),
    /// Nothing, for as long as the oracle waits.
    Silence,
}

/// A running source; stops when dropped.
pub(crate) struct Source {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    server: JoinHandle<()>,
}

impl Source {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(answer));
        let router = Router::new()
            .route("/", get(serve))
            .with_state(Arc::clone(&answer));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            address,
            answer,
            server,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(crate) fn set(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(State(answer): State<Arc<Mutex<Answer>>>) -> String {
    let answer = answer.lock().unwrap().clone();
    match answer {
        Answer::Price(price) => format!(r#"{{"data": {{"price": {price}}}}}"#),
        Answer::Raw(text) => text,
        Answer::Silence => std::future::pending().await,
    }
}
