use std::error::Error;
use std::fmt;

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::{Panic, Revert as RevertString, SolError};
use alloy::transports::{RpcError, TransportError, TransportErrorKind};

/// Why something could not be learned from the chain.
///
/// Endpoints are named by scheme, host and port alone: what follows may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The text is no URL of a JSON-RPC endpoint.
    #[error("RPC endpoint: {reason}; give a URL like http://127.0.0.1:8545")]
    BadUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// The endpoint asks for TLS, which does not work here.
    #[error(
        "RPC endpoint {endpoint} needs TLS, which does not work here: {reason}; install the \
         system's CA certificates"
    )]
    NoTls {
        /// The endpoint.
        endpoint: String,
        /// Why.
        reason: String,
    },
    /// The endpoint serves another chain than the configured one.
    #[error(
        "RPC endpoint {endpoint} serves chain {actual}, but chain {expected} is configured; \
         correct one of them"
    )]
    WrongChain {
        /// The endpoint.
        endpoint: String,
        /// The chain configured.
        expected: u64,
        /// The chain it serves.
        actual: u64,
    },
    /// There is no contract at the address.
    #[error("no contract code at {address} on chain {chain_id}; check the address and the chain")]
    NoCode {
        /// The address.
        address: Address,
        /// The chain.
        chain_id: u64,
    },
    /// The contract is none that reports can be brought to.
    #[error(
        "the contract at {address} is no aggregator of OCR1 or OCR2 (its typeAndVersion is \
         {claim:?}); check the address"
    )]
    NotAnAggregator {
        /// The address.
        address: Address,
        /// What it says it is; empty when it does not say.
        claim: String,
    },
    /// The endpoint did not answer in time, or not at all.
    #[error("RPC endpoint {endpoint} cannot be reached ({method}): {reason}")]
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// What went wrong.
        reason: String,
    },
    /// The endpoint, or something before it, answered with an HTTP error.
    #[error("RPC endpoint {endpoint} answered {method} with HTTP status {status}")]
    HttpStatus {
        /// The endpoint.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// The status.
        status: u16,
    },
    /// The endpoint answered with an error.
    #[error("RPC endpoint {endpoint} refused {method}: {message} (code {code})")]
    Refused {
        /// The endpoint.
        endpoint: String,
        /// The JSON-RPC method.
        method: &'static str,
        /// The JSON-RPC error code.
        code: i64,
        /// The error message.
        message: String,
    },
    /// The endpoint answered with something else than was asked for.
    #[error("RPC endpoint {endpoint} answered {method} with nonsense: {reason}")]
    BadAnswer {
        /// The endpoint.
        endpoint: String,
        /// The JSON-RPC method or the contract's function.
        method: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The log that announces a configuration is not there.
    #[error(
        "no ConfigSet log of {contract} in block {block}; the endpoint lags, follows another \
         branch, or has pruned it"
    )]
    NoConfigSet {
        /// The aggregator.
        contract: Address,
        /// The block its `latestConfigDetails` points to.
        block: u64,
    },
    /// The contract refused.
    #[error("{function} reverted {revert}")]
    Reverted {
        /// The function's signature.
        function: &'static str,
        /// Why.
        revert: Revert,
    },
}

/// JSON-RPC codes that blame the request: asking again cannot help.
const INVALID_REQUEST_CODES: [i64; 3] = [-32600, -32601, -32602];

/// Most characters of an endpoint's answer that an error quotes.
const QUOTE_CHARS_MAX: usize = 200;

impl ChainError {
    /// Whether asking again later may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::NoConfigSet { .. } => true,
            // Too slow, too much, or the server's own trouble; the rest blames the request.
            Self::HttpStatus { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Refused { code, .. } => !INVALID_REQUEST_CODES.contains(code),
            Self::BadUrl { .. }
            | Self::NoTls { .. }
            | Self::WrongChain { .. }
            | Self::NoCode { .. }
            | Self::NotAnAggregator { .. }
            | Self::BadAnswer { .. }
            | Self::Reverted { .. } => false,
        }
    }

    /// What the contract said, if it refused.
    #[must_use]
    pub const fn revert(&self) -> Option<&Revert> {
        match self {
            Self::Reverted { revert, .. } => Some(revert),
            _ => None,
        }
    }

    /// Names the endpoint and the method of a failed request.
    pub(crate) fn of_request(endpoint: &str, method: &'static str, error: TransportError) -> Self {
        let endpoint = endpoint.to_owned();
        match error {
            RpcError::ErrorResp(payload) => Self::Refused {
                endpoint,
                method,
                code: payload.code,
                message: beginning(&payload.message),
            },
            RpcError::Transport(
                TransportErrorKind::HttpError(error)
                | TransportErrorKind::HttpErrorWithRetryAfter { error, .. },
            ) => Self::HttpStatus {
                endpoint,
                method,
                status: error.status,
            },
            RpcError::Transport(kind) => Self::Unreachable {
                endpoint,
                method,
                reason: transport_reason(&kind),
            },
            // Its text quotes the whole answer.
            other => Self::BadAnswer {
                endpoint,
                method,
                reason: beginning(&other.to_string()),
            },
        }
    }
}

/// The first characters of what may be long.
fn beginning(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

/// Describes a transport's failure without the URL, which may hold a secret.
fn transport_reason(kind: &TransportErrorKind) -> String {
    match kind {
        TransportErrorKind::Custom(error) => match error.downcast_ref::<reqwest::Error>() {
            Some(error) if error.is_timeout() => "no answer in time".to_owned(),
            Some(error) => innermost(error).to_string(),
            None => error.to_string(),
        },
        other => other.to_string(),
    }
}

/// The cause of the causes; reqwest's own layer names the URL.
pub(crate) fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

/// What a contract said when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revert {
    /// A string: `require(false, "…")`.
    Reason(String),
    /// Solidity's own checks, by code.
    Panic(Panic),
    /// Something else: a custom error.
    Data(Bytes),
    /// Nothing: malformed arguments, or no such function.
    Empty,
}

impl Revert {
    /// Decodes the data of a revert.
    #[must_use]
    pub fn decode(data: &[u8]) -> Self {
        if data.is_empty() {
            Self::Empty
        } else if let Ok(RevertString { reason }) = RevertString::abi_decode(data) {
            Self::Reason(reason)
        } else if let Ok(panic) = Panic::abi_decode(data) {
            Self::Panic(panic)
        } else {
            Self::Data(Bytes::copy_from_slice(data))
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Reason(reason) => Some(reason),
            _ => None,
        }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reason(reason) => write!(f, "with {reason:?}"),
            Self::Panic(panic) => write!(f, "with {panic}"),
            Self::Data(data) => write!(f, "with data {data}"),
            Self::Empty => f.write_str("without data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_again_may_help_unless_the_request_is_to_blame() {
        let endpoint = || "http://127.0.0.1:1".to_owned();
        let status = |status| ChainError::HttpStatus {
            endpoint: endpoint(),
            method: "eth_call",
            status,
        };
        let refused = |code| ChainError::Refused {
            endpoint: endpoint(),
            method: "eth_call",
            code,
            message: "no".to_owned(),
        };
        for transient in [408, 429, 500, 502, 503, 599].map(status) {
            assert!(transient.is_transient(), "{transient}");
        }
        for lasting in [400, 401, 403, 404].map(status) {
            assert!(!lasting.is_transient(), "{lasting}");
        }
        // The node's own trouble, limits of rate and of blocks among it.
        for transient in [-32000, -32005, -32603, 429].map(refused) {
            assert!(transient.is_transient(), "{transient}");
        }
        for lasting in [-32600, -32601, -32602].map(refused) {
            assert!(!lasting.is_transient(), "{lasting}");
        }
    }
}
