use std::sync::Arc;

use alloy::primitives::{Address, B256, Bytes, TxHash, U256};
use alloy::sol_types::SolCall;
use ocr_protocol::attestation::{AttestedReport, report_context, tagged_report};
use ocr_protocol::id::{ConfigDigest, Protocol};

use crate::account::{Account, Execution, SendError, Tx};
use crate::contracts::{IOCR2Aggregator as ocr2, IOffchainAggregator as ocr1};
use crate::error::Revert;
use crate::rpc::MinedTx;

/// What the contract says if a report of a later round was there before.
const STALE_REPORT: &str = "stale report";

/// Most signatures that recovery ids fit one word for.
const SIGNATURES_MAX: usize = 32;

/// Brings attested reports to an aggregator.
#[derive(Clone, Debug)]
pub struct Transmitter {
    account: Arc<Account>,
    contract: Address,
}

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmission {
    /// It is on the chain.
    Included(MinedTx),
    /// Another oracle brought this report or a later one first. Ordinary, and no one's fault.
    Superseded {
        /// The transaction that came too late; none if that was known before it was sent.
        mined: Option<MinedTx>,
    },
    /// The aggregator refused it.
    Reverted {
        /// The transaction.
        mined: MinedTx,
        /// Why.
        revert: Revert,
    },
    /// It was sent, but not mined in time. It may yet be.
    Dropped {
        /// The nonce it used; the next transaction takes its place.
        nonce: u64,
        /// The transactions sent, each replacing the one before.
        txs: Vec<TxHash>,
    },
}

/// Why a report could not be transmitted.
#[derive(Debug, thiserror::Error)]
pub enum TransmitError {
    /// A signature is not 65 bytes with a recovery id of 0 to 3.
    #[error("signature {0} is not 65 bytes that end with a recovery id")]
    MalformedSignature(usize),
    /// More signatures than a transmission can carry.
    #[error("{0} signatures: at most 32 fit a transmission")]
    TooManySignatures(usize),
    /// The transaction could not be sent, or would have reverted.
    #[error(transparent)]
    Send(#[from] SendError),
}

impl Transmitter {
    /// Transmits to the aggregator at `contract` from `account`.
    #[must_use]
    pub const fn new(account: Arc<Account>, contract: Address) -> Self {
        Self { account, contract }
    }

    /// The account reports are sent from: `fromAccount` of the configuration.
    #[must_use]
    pub fn address(&self) -> Address {
        self.account.address()
    }

    /// Transmits a report made under `digest` and waits for the outcome.
    ///
    /// Dropping the future keeps what was sent in the account's books.
    ///
    /// # Errors
    /// Nothing was sent: the report is malformed, the aggregator would refuse it for another reason
    /// than being late, or the account cannot send ([`SendError`]).
    pub async fn transmit(
        &self,
        digest: ConfigDigest,
        report: &AttestedReport,
    ) -> Result<Transmission, TransmitError> {
        let tx = Tx {
            function: match digest.protocol() {
                Protocol::Ocr1 => ocr1::transmitCall::SIGNATURE,
                Protocol::Ocr2 => ocr2::transmitCall::SIGNATURE,
            },
            to: self.contract.into(),
            value_wei: U256::ZERO,
            data: transmit_calldata(digest, report)?,
        };
        match self.account.execute(&tx).await {
            Ok(Execution::Mined(mined)) => Ok(Transmission::Included(mined)),
            Ok(Execution::Reverted { mined, revert }) if is_stale(&revert) => {
                Ok(Transmission::Superseded { mined: Some(mined) })
            }
            Ok(Execution::Reverted { mined, revert }) => {
                Ok(Transmission::Reverted { mined, revert })
            }
            Ok(Execution::Dropped { nonce, txs }) => Ok(Transmission::Dropped { nonce, txs }),
            Err(error) if error.revert().is_some_and(is_stale) => {
                Ok(Transmission::Superseded { mined: None })
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn is_stale(revert: &Revert) -> bool {
    revert.reason() == Some(STALE_REPORT)
}

/// Encodes the call of `transmit` for a report made under `digest`, signatures in their order.
///
/// # Errors
/// A signature is malformed, or there are more than 32.
///
/// Source: offchain-ocr1 2.6, offchain-ocr2 1.13, contracts-ocr2 4.5.
pub fn transmit_calldata(
    digest: ConfigDigest,
    report: &AttestedReport,
) -> Result<Bytes, TransmitError> {
    let count = report.signatures.len();
    if count > SIGNATURES_MAX {
        return Err(TransmitError::TooManySignatures(count));
    }
    let (mut rs, mut ss, mut raw_vs) = (Vec::new(), Vec::new(), B256::ZERO);
    for (i, (_, signature)) in report.signatures.iter().enumerate() {
        match signature.as_slice() {
            [halves @ .., v @ 0..=3] if halves.len() == 64 => {
                rs.push(B256::from_slice(&halves[..32]));
                ss.push(B256::from_slice(&halves[32..]));
                raw_vs[i] = *v;
            }
            _ => return Err(TransmitError::MalformedSignature(i)),
        }
    }
    let encoded = match digest.protocol() {
        Protocol::Ocr1 => ocr1::transmitCall {
            _report: tagged_report(digest, report.at, &report.report).into(),
            _rs: rs,
            _ss: ss,
            _rawVs: raw_vs,
        }
        .abi_encode(),
        Protocol::Ocr2 => ocr2::transmitCall {
            reportContext: report_context(digest, report.at, &report.extra_hash).map(B256::from),
            report: report.report.clone().into(),
            rs,
            ss,
            rawVs: raw_vs,
        }
        .abi_encode(),
    };
    Ok(encoded.into())
}
