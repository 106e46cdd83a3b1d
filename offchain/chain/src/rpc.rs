use std::sync::Arc;
use std::time::Duration;

use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::network::Ethereum;
use alloy::primitives::{Address, Bytes, TxHash};
use alloy::providers::{Provider, RootProvider};
use alloy::rpc::client::RpcClient;
use alloy::rpc::types::{Filter, Header, Log, TransactionReceipt, TransactionRequest};
use alloy::sol_types::SolCall;
use alloy::transports::http::reqwest::Url;
use alloy::transports::{RpcError, TransportError, TransportResult};
use ocr_protocol::time::UnixSeconds;

use crate::error::{ChainError, Revert, innermost};
use crate::http::http_client;

/// One JSON-RPC endpoint over HTTP, checked to serve the configured chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rpc {
    provider: RootProvider<Ethereum>,
    endpoint: Arc<str>,
    chain_id: u64,
}

/// A transaction that is in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinedTx {
    /// Its hash.
    pub tx: TxHash,
    /// The block it is in.
    pub block: u64,
    /// Gas it used.
    pub gas_used: u64,
    /// What a unit of gas cost.
    pub gas_price_wei: u128,
    /// The contract it created.
    pub created: Option<Address>,
    /// Whether it did what it should; if not it reverted.
    pub succeeded: bool,
}

impl MinedTx {
    /// Reads a receipt; nothing if it is not in a block yet.
    fn from_receipt(receipt: &TransactionReceipt) -> Option<Self> {
        Some(Self {
            tx: receipt.transaction_hash,
            block: receipt.block_number?,
            gas_used: receipt.gas_used,
            gas_price_wei: receipt.effective_gas_price,
            created: receipt.contract_address,
            succeeded: receipt.status(),
        })
    }
}

/// What is of interest in a block's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) time: UnixSeconds,
    pub(crate) base_fee_wei: Option<u64>,
}

impl Rpc {
    /// Opens the endpoint at `url`; every request ends within `timeout`.
    ///
    /// # Errors
    /// The URL is not one of `http` or `https`, the endpoint cannot be reached, or it serves
    /// another chain than `chain_id`.
    pub async fn connect(url: &str, chain_id: u64, timeout: Duration) -> Result<Self, ChainError> {
        let bad_url = |reason: String| ChainError::BadUrl { reason };
        let url = Url::parse(url).map_err(|error| bad_url(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad_url(format!(
                "scheme {:?} is not supported",
                url.scheme()
            )));
        }
        let endpoint: Arc<str> = url.origin().ascii_serialization().into();
        let http = http_client(&url, timeout).map_err(|error| ChainError::NoTls {
            endpoint: endpoint.to_string(),
            reason: innermost(&error).to_string(),
        })?;
        let client = RpcClient::builder().http_with_client(http, url);
        let rpc = Self {
            provider: RootProvider::new(client),
            endpoint,
            chain_id,
        };

        let actual = rpc.answer("eth_chainId", rpc.provider.get_chain_id().await)?;
        if actual == chain_id {
            Ok(rpc)
        } else {
            let endpoint = rpc.endpoint.to_string();
            Err(ChainError::WrongChain {
                endpoint,
                expected: chain_id,
                actual,
            })
        }
    }

    /// The chain.
    #[must_use]
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The endpoint, by scheme, host and port.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Alloy's provider, for requests this type does not offer.
    #[must_use]
    pub const fn provider(&self) -> &RootProvider<Ethereum> {
        &self.provider
    }

    /// Number of the latest block.
    ///
    /// # Errors
    /// The endpoint does not answer.
    pub async fn height(&self) -> Result<u64, ChainError> {
        self.answer("eth_blockNumber", self.provider.get_block_number().await)
    }

    /// Reads what became of `tx`; nothing while it is in no block.
    ///
    /// # Errors
    /// The endpoint does not answer.
    pub async fn mined(&self, tx: TxHash) -> Result<Option<MinedTx>, ChainError> {
        let receipt = self.provider.get_transaction_receipt(tx).await;
        let receipt = self.answer("eth_getTransactionReceipt", receipt)?;
        Ok(receipt.as_ref().and_then(MinedTx::from_receipt))
    }

    /// Calls a view function of `contract` at the latest block, as an account of no one.
    ///
    /// # Errors
    /// The endpoint does not answer, the contract reverts, or there is no contract.
    pub async fn call<C: SolCall>(
        &self,
        contract: Address,
        call: C,
    ) -> Result<C::Return, ChainError> {
        let request = TransactionRequest::default()
            .from(Address::ZERO)
            .to(contract)
            .input(call.abi_encode().into());
        let data = self
            .simulate(C::SIGNATURE, request, BlockId::latest())
            .await?;
        if data.is_empty() {
            self.require_code(contract).await?;
        }
        C::abi_decode_returns(&data).map_err(|error| self.nonsense(C::SIGNATURE, error))
    }

    /// Requires that there is a contract at `address`.
    ///
    /// # Errors
    /// There is none, or the endpoint does not answer.
    pub async fn require_code(&self, address: Address) -> Result<(), ChainError> {
        let code = self.answer("eth_getCode", self.provider.get_code_at(address).await)?;
        if code.is_empty() {
            return Err(ChainError::NoCode {
                address,
                chain_id: self.chain_id,
            });
        }
        Ok(())
    }

    /// Runs a transaction without sending it; `function` names it in errors.
    pub(crate) async fn simulate(
        &self,
        function: &'static str,
        request: TransactionRequest,
        block: BlockId,
    ) -> Result<Bytes, ChainError> {
        let result = self.provider.call(request).block(block).await;
        result.map_err(|error| self.execution_failed(function, "eth_call", error))
    }

    /// Logs of `filter`.
    pub(crate) async fn logs(&self, filter: &Filter) -> Result<Vec<Log>, ChainError> {
        self.answer("eth_getLogs", self.provider.get_logs(filter).await)
    }

    /// Header of a block.
    pub(crate) async fn head(&self, block: BlockNumberOrTag) -> Result<Head, ChainError> {
        let found = self.provider.get_block_by_number(block).await;
        let found = self.answer("eth_getBlockByNumber", found)?;
        let Header { inner, .. } = found
            .ok_or_else(|| self.nonsense("eth_getBlockByNumber", "no such block"))?
            .header;
        Ok(Head {
            time: UnixSeconds(inner.timestamp),
            base_fee_wei: inner.base_fee_per_gas,
        })
    }

    /// Turns a failed request into an error that names the endpoint and the method.
    pub(crate) fn answer<T>(
        &self,
        method: &'static str,
        result: TransportResult<T>,
    ) -> Result<T, ChainError> {
        result.map_err(|error| ChainError::of_request(&self.endpoint, method, error))
    }

    /// Tells a revert from a failed request.
    pub(crate) fn execution_failed(
        &self,
        function: &'static str,
        method: &'static str,
        error: TransportError,
    ) -> ChainError {
        if let RpcError::ErrorResp(payload) = &error
            && payload.message.contains("revert")
        {
            let data = payload.as_revert_data().unwrap_or_default();
            return ChainError::Reverted {
                function,
                revert: Revert::decode(&data),
            };
        }
        ChainError::of_request(&self.endpoint, method, error)
    }

    /// An answer that makes no sense.
    pub(crate) fn nonsense(&self, method: &'static str, reason: impl ToString) -> ChainError {
        let endpoint = self.endpoint.to_string();
        ChainError::BadAnswer {
            endpoint,
            method,
            reason: reason.to_string(),
        }
    }
}
