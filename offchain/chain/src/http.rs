use std::time::Duration;

use reqwest::{Client, Error, Url};
use rustls::crypto::ring;

/// Makes a client for `url`, each of whose requests ends within `timeout`.
///
/// TLS is rustls with the system's certificates, read for `https` only: plain `http` works on a
/// machine that has none.
///
/// # Errors
/// The system's certificates cannot be read.
pub fn http_client(url: &Url, timeout: Duration) -> Result<Client, Error> {
    // Refused if something else was installed before, which is as good.
    let _ = ring::default_provider().install_default();
    let builder = Client::builder().timeout(timeout);
    let builder = if url.scheme() == "https" {
        builder
    } else {
        builder.tls_certs_only([])
    };
    builder.build()
}
