//! A number in a JSON document behind a URL; the median when there are several.

use std::time::Duration;

use alloy_primitives::utils::{ParseUnits, UnitsError};
use alloy_primitives::{I256, utils};
use futures::future::join_all;
use reqwest::{Client, Url};
use serde_json::Value;

use crate::config::SourceConfig;

/// Largest answer that is read.
const RESPONSE_BYTES_MAX: usize = 1 << 20;

/// Characters of a value that an error quotes.
const QUOTED_CHARS_MAX: usize = 200;

/// Why there is no observation this time. URLs are named by origin and path: a query may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("{url}: {reason}")]
    Unreachable { url: String, reason: String },
    #[error("{url}: HTTP status {status}")]
    Status { url: String, status: u16 },
    #[error("{url}: no answer within {timeout:?}")]
    TimedOut { url: String, timeout: Duration },
    #[error("{url}: the answer is not JSON: {reason}")]
    NotJson { url: String, reason: String },
    #[error("{url}: the answer is longer than {RESPONSE_BYTES_MAX} bytes")]
    TooLong { url: String },
    #[error("{url}: nothing at {pointer} in the answer; check source.pointer")]
    NoValue { url: String, pointer: String },
    #[error("{url}: {value} is not a decimal number that fits with {decimals} decimals")]
    NotANumber {
        url: String,
        value: String,
        decimals: u8,
    },
    #[error(
        "{answers} of {asked} sources answered, at least {needed} must; first failure: {first}"
    )]
    TooFewAnswers {
        answers: usize,
        asked: usize,
        needed: usize,
        first: Box<Self>,
    },
}

/// A source that cannot be what the configuration says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceConfigError {
    #[error("{section}.urls is empty, it must be at least one URL")]
    NoUrls { section: &'static str },
    #[error("{section}.urls[{index}]: {reason}")]
    Url {
        section: &'static str,
        index: usize,
        reason: String,
    },
}

/// An HTTP JSON source of one or more URLs.
#[derive(Clone, Debug)]
pub(crate) struct HttpSource {
    endpoints: Vec<(Url, Client)>,
    config: SourceConfig,
}

impl HttpSource {
    /// Prepares the source of a section of the configuration; asks nothing yet.
    pub(crate) fn new(
        section: &'static str,
        config: SourceConfig,
    ) -> Result<Self, SourceConfigError> {
        if config.urls.is_empty() {
            return Err(SourceConfigError::NoUrls { section });
        }
        let endpoint = |(index, text): (usize, &String)| {
            let error = |reason| SourceConfigError::Url {
                section,
                index,
                reason,
            };
            let url = Url::parse(text).map_err(|e| error(e.to_string()))?;
            if !matches!(url.scheme(), "http" | "https") {
                return Err(error("only http and https are supported".to_owned()));
            }
            let client =
                ocr_chain::http_client(&url, config.timeout).map_err(|e| error(innermost(&e)))?;
            Ok((url, client))
        };
        let urls = config.urls.iter().enumerate();
        let endpoints = urls.map(endpoint).collect::<Result<_, _>>()?;
        Ok(Self { endpoints, config })
    }

    /// Asks every URL and returns the median of the answers, scaled to the source's decimals.
    ///
    /// At least half of the URLs must answer; of an even number of answers it is the upper median.
    /// A URL is given `source.timeout`, or most of `deadline` where that is shorter: one that is
    /// slow must not make the caller drop the answers of the others.
    ///
    /// # Errors
    /// Names the URL and what was wrong with its answer.
    pub(crate) async fn observe(&self, deadline: Duration) -> Result<I256, SourceError> {
        let timeout = self.config.timeout.min(deadline / 10 * 9);
        let asked = join_all(
            self.endpoints
                .iter()
                .map(|(url, client)| self.ask(url, client, timeout)),
        )
        .await;
        let (mut values, mut failures) = (Vec::new(), Vec::new());
        for answer in asked {
            match answer {
                Ok(value) => values.push(value),
                Err(error) => failures.push(error),
            }
        }
        let asked = self.endpoints.len();
        let needed = asked.div_ceil(2);
        if values.len() >= needed {
            values.sort();
            return Ok(values[values.len() / 2]);
        }
        let first = failures
            .into_iter()
            .next()
            .expect("fewer values than URLs: one failed");
        if asked == 1 {
            return Err(first);
        }
        let answers = values.len();
        Err(SourceError::TooFewAnswers {
            answers,
            asked,
            needed,
            first: Box::new(first),
        })
    }

    async fn ask(
        &self,
        url: &Url,
        client: &Client,
        timeout: Duration,
    ) -> Result<I256, SourceError> {
        match tokio::time::timeout(timeout, fetch(url, client)).await {
            Ok(answer) => self.read(&origin_and_path(url), &answer?),
            Err(_) => Err(SourceError::TimedOut {
                url: origin_and_path(url),
                timeout,
            }),
        }
    }

    fn read(&self, url: &str, body: &[u8]) -> Result<I256, SourceError> {
        let SourceConfig {
            pointer, decimals, ..
        } = &self.config;
        let document: Value =
            serde_json::from_slice(body).map_err(|error| SourceError::NotJson {
                url: url.to_owned(),
                reason: error.to_string(),
            })?;
        let value = document
            .pointer(pointer)
            .ok_or_else(|| SourceError::NoValue {
                url: url.to_owned(),
                pointer: pointer.clone(),
            })?;
        scale(value, *decimals).ok_or_else(|| SourceError::NotANumber {
            url: url.to_owned(),
            value: quote(value),
            decimals: *decimals,
        })
    }
}

async fn fetch(url: &Url, client: &Client) -> Result<Vec<u8>, SourceError> {
    let unreachable = |error: reqwest::Error| {
        let url = origin_and_path(url);
        if error.is_timeout() {
            SourceError::Unreachable {
                url,
                reason: "timed out".to_owned(),
            }
        } else {
            SourceError::Unreachable {
                url,
                reason: innermost(&error.without_url()),
            }
        }
    };
    let mut response = client.get(url.clone()).send().await.map_err(unreachable)?;
    if !response.status().is_success() {
        let status = response.status().as_u16();
        return Err(SourceError::Status {
            url: origin_and_path(url),
            status,
        });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > RESPONSE_BYTES_MAX {
            return Err(SourceError::TooLong {
                url: origin_and_path(url),
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Names a URL without its user, password, query and fragment.
fn origin_and_path(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn quote(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Turns a JSON number or decimal string into an integer with `decimals` digits after the point.
///
/// Digits beyond are cut off. A JSON number keeps the shortest form that reads back as the same
/// double; a source with more than 15 significant digits should give strings.
fn scale(value: &Value, decimals: u8) -> Option<I256> {
    let text = match value {
        Value::Number(number) => match number.as_f64() {
            // `Display` of a double never has an exponent.
            Some(double) if number.is_f64() => format!("{double}"),
            _ => number.to_string(),
        },
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    parse_decimal(&text, decimals)
}

/// Reads `-12.345` exactly: optional minus, digits, optional point and digits; nothing else.
fn parse_decimal(text: &str, decimals: u8) -> Option<I256> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let parsed: Result<ParseUnits, UnitsError> = utils::parse_units(digits, decimals);
    let magnitude = match parsed.ok()? {
        ParseUnits::U256(value) => I256::try_from(value).ok()?,
        ParseUnits::I256(value) => value,
    };
    Some(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// The cause that an operator can act on ("connection refused"), not the library's wrapping.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use serde_json::json;
    use tokio::net::TcpListener;

    use super::*;

    fn source(urls: Vec<String>, pointer: &str) -> HttpSource {
        let config = SourceConfig {
            urls,
            pointer: pointer.to_owned(),
            decimals: 0,
            timeout: Duration::from_secs(60),
        };
        HttpSource::new("source", config).unwrap()
    }

    /// A server that answers `body`; for ever, as the test's runtime ends it.
    async fn serve(body: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route("/", get(move || std::future::ready(body.clone())));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    /// A listener that accepts connections and says nothing.
    async fn silent() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        (listener, url)
    }

    #[tokio::test]
    async fn a_url_is_given_less_than_the_deadline() {
        let (_listener, url) = silent().await;
        let deadline = Duration::from_secs(1);
        let timeout = Duration::from_millis(900);
        assert_eq!(
            source(vec![url.clone()], "").observe(deadline).await,
            Err(SourceError::TimedOut { url, timeout })
        );
    }

    #[tokio::test]
    async fn a_slow_url_does_not_silence_the_others() {
        let (_listener, slow) = silent().await;
        let urls = vec![
            slow,
            serve("7".to_owned()).await,
            serve("9".to_owned()).await,
        ];
        assert_eq!(
            source(urls, "").observe(Duration::from_secs(5)).await,
            Ok(I256::unchecked_from(9))
        );
    }

    #[tokio::test]
    async fn errors_keep_the_secrets_of_a_url() {
        let (_listener, silent) = silent().await;
        let answering = serve("{}".to_owned()).await;
        for base in [silent, answering.clone(), "http://127.0.0.1:9/".to_owned()] {
            let url = format!(
                "{}path?apikey=SECRET#SECRET",
                base.replace("//", "//me:SECRET@")
            );
            let source = source(vec![url], "/price");
            let asked = source.observe(Duration::from_secs(1)).await;
            let error = asked.unwrap_err().to_string();
            assert!(error.contains(&format!("{base}path: ")), "{error}");
            assert!(!error.contains("SECRET"), "{error}");
        }
        let config = SourceConfig {
            urls: vec!["ftp://me:SECRET@x/?apikey=SECRET".to_owned()],
            ..source(vec![answering], "").config
        };
        let error = HttpSource::new("source", config).unwrap_err().to_string();
        assert_eq!(error, "source.urls[0]: only http and https are supported");
    }

    #[tokio::test]
    async fn a_value_is_quoted_up_to_a_length() {
        let url = serve(json!({"é": "é".repeat(10_000)}).to_string()).await;
        let source = source(vec![url], "");
        let asked = source.observe(Duration::from_secs(20)).await;
        let error = asked.unwrap_err().to_string();
        assert!(error.chars().count() < 400, "{error}");
    }

    #[test]
    fn no_source_without_urls() {
        let config = SourceConfig {
            urls: Vec::new(),
            pointer: String::new(),
            decimals: 0,
            timeout: Duration::from_secs(1),
        };
        assert!(matches!(
            HttpSource::new("source", config),
            Err(SourceConfigError::NoUrls { section: "source" })
        ));
    }

    fn scaled(value: &Value, decimals: u8) -> Option<String> {
        scale(value, decimals).map(|integer| integer.to_string())
    }

    #[test]
    fn numbers_and_decimal_strings_are_scaled_exactly() {
        for (value, decimals, expected) in [
            (json!(1455.219971), 8, "145521997100"),
            (json!(0.1), 18, "100000000000000000"),
            (json!(7), 0, "7"),
            (json!(-12.5), 2, "-1250"),
            (json!("1455.219971"), 8, "145521997100"),
            (
                json!("123456789012345678901.5"),
                1,
                "1234567890123456789015",
            ),
            (json!(" 42 "), 0, "42"),
            (json!("-0.004"), 3, "-4"),
        ] {
            assert_eq!(
                scaled(&value, decimals).as_deref(),
                Some(expected),
                "{value}"
            );
        }
    }

    #[test]
    fn digits_beyond_the_decimals_are_cut_off() {
        assert_eq!(scaled(&json!("1.999"), 2).as_deref(), Some("199"));
        assert_eq!(scaled(&json!("-1.999"), 2).as_deref(), Some("-199"));
        assert_eq!(scaled(&json!("0.9"), 0).as_deref(), Some("0"));
    }

    #[test]
    fn what_is_not_a_decimal_number_is_refused() {
        for value in [
            json!(null),
            json!(true),
            json!([1]),
            json!({}),
            json!(""),
            json!("-"),
            json!("."),
            json!(".5"),
            json!("1e3"),
            json!("+1"),
            json!("--1"),
            json!("0x10"),
            json!("1,5"),
            json!("1_000"),
            json!("NaN"),
            json!("1.2.3"),
            json!("１"),
            json!(1e300),
            json!("9".repeat(100)),
        ] {
            assert_eq!(scaled(&value, 8), None, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_string_makes_it_panic(text: String, decimals in 0_u8..58) {
            let _ = scale(&Value::String(text), decimals);
        }

        #[test]
        fn no_number_makes_it_panic(number: f64, decimals in 0_u8..58) {
            let _ = scale(&json!(number), decimals);
        }
    }
}
