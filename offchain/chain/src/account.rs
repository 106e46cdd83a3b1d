use std::time::Duration;

use alloy::consensus::{SignableTransaction, TxEip1559};
use alloy::eips::{BlockId, Encodable2718};
use alloy::primitives::{Address, Bytes, TxHash, TxKind, U256};
use alloy::providers::Provider;
use alloy::rpc::types::{TransactionInput, TransactionRequest};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use tracing::debug;

use crate::error::{ChainError, Revert};
use crate::fees::{FeePolicy, Fees, base_fee_wei};
use crate::objection::{Objection, objection};
use crate::rpc::{MinedTx, Rpc};

/// Pause between the first two looks for a receipt; each further one is twice as long.
const LOOK_PAUSE_FIRST: Duration = Duration::from_millis(100);

/// The longest pause between two looks.
const LOOK_PAUSE_MAX: Duration = Duration::from_secs(2);

/// How often a transaction is made afresh because its nonce went to another one.
const NONCE_RACES_MAX: usize = 3;

/// An account that sends transactions, one at a time.
///
/// The nonce is the chain's, never a counter of ours: a failed send cannot burn one. A transaction
/// that was sent and not mined stays in the books; the next one takes its nonce and outbids it.
#[derive(Debug)]
pub struct Account {
    rpc: Rpc,
    signer: PrivateKeySigner,
    policy: FeePolicy,
    unmined: Mutex<Option<Unmined>>,
}

/// A nonce that transactions were sent for, none of which was seen in a block.
#[derive(Clone, Debug)]
struct Unmined {
    nonce: u64,
    /// The last offer made for it.
    fees: Fees,
    /// What was sent for it that does the same: each replaces the one before.
    txs: Vec<TxHash>,
}

/// What to send.
#[derive(Clone, Debug)]
pub struct Tx {
    /// Names it in errors: the function's signature.
    pub function: &'static str,
    /// The contract called, or creation.
    pub to: TxKind,
    /// Wei sent along.
    pub value_wei: U256,
    /// Its data.
    pub data: Bytes,
}

/// What became of a transaction that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Execution {
    /// It did what it should.
    Mined(MinedTx),
    /// It is on the chain and failed.
    Reverted {
        /// The transaction.
        mined: MinedTx,
        /// Why, as far as it can be learned by running it on the block's outcome.
        revert: Revert,
    },
    /// It was not mined in time. It may yet be.
    Dropped {
        /// The nonce it used.
        nonce: u64,
        /// The transactions sent, each replacing the one before.
        txs: Vec<TxHash>,
    },
}

/// Why a transaction was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The chain could not be asked, or the transaction would revert.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The account cannot pay for it.
    #[error(
        "account {account} has {balance_wei} wei, but the transaction may cost {needed_wei}; \
         send it some"
    )]
    InsufficientFunds {
        /// The account.
        account: Address,
        /// What it has.
        balance_wei: U256,
        /// What it needs.
        needed_wei: U256,
    },
    /// Gas costs more than may be offered.
    #[error("the base fee is {base_fee_wei} wei, more than the cap of {cap_wei}; raise the cap")]
    BaseFeeAboveCap {
        /// Base fee of the latest block.
        base_fee_wei: u128,
        /// The policy's cap.
        cap_wei: u128,
    },
    /// An earlier transaction holds the nonce and cannot be outbid.
    #[error("an unmined transaction holds nonce {nonce} and cannot be outbid below {cap_wei} wei")]
    CannotOutbid {
        /// The nonce.
        nonce: u64,
        /// The policy's cap.
        cap_wei: u128,
    },
    /// Other transactions of the account took the nonce again and again.
    #[error("another wallet uses account {account}: it took nonce {nonce} too; give it up there")]
    NonceTaken {
        /// The account.
        account: Address,
        /// The last nonce lost.
        nonce: u64,
    },
}

impl SendError {
    /// Whether sending again later may help, with nothing changed by the operator.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_transient(),
            Self::BaseFeeAboveCap { .. } | Self::CannotOutbid { .. } => true,
            Self::InsufficientFunds { .. } | Self::NonceTaken { .. } => false,
        }
    }

    /// What the contract would have said.
    #[must_use]
    pub const fn revert(&self) -> Option<&Revert> {
        match self {
            Self::Chain(error) => error.revert(),
            _ => None,
        }
    }
}

/// How an endpoint took a transaction.
enum Broadcast {
    /// It has it, or may have it: the answer was lost.
    Sent,
    /// The nonce is used up.
    NonceTooLow,
    /// Another transaction has the nonce and offers too much.
    Underpriced,
    /// It does not have it.
    Refused(ChainError),
}

/// How the wait for a nonce ended.
enum Outcome {
    Mined(MinedTx),
    NonceTaken,
}

/// A transaction, but for the offer.
struct Draft<'a> {
    tx: &'a Tx,
    gas_limit: u64,
    nonce: u64,
}

impl Account {
    /// Sends from the account of `signer`.
    #[must_use]
    pub fn new(rpc: Rpc, signer: PrivateKeySigner, policy: FeePolicy) -> Self {
        Self {
            rpc,
            signer,
            policy,
            unmined: Mutex::new(None),
        }
    }

    /// The account's address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.signer.address()
    }

    /// The endpoint it sends to.
    #[must_use]
    pub const fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// What the account has, in wei.
    ///
    /// # Errors
    /// The endpoint does not answer.
    pub async fn balance_wei(&self) -> Result<U256, ChainError> {
        let balance = self.rpc.provider().get_balance(self.address()).await;
        self.rpc.answer("eth_getBalance", balance)
    }

    /// Tries `tx` out, sends it and waits until it is mined, raising the offer as blocks go by.
    ///
    /// Calls wait for each other. Dropping the future keeps what was sent in the books.
    ///
    /// # Errors
    /// Nothing was sent, or the nonce went to other transactions of the account.
    pub async fn execute(&self, tx: &Tx) -> Result<Execution, SendError> {
        let mut books = self.unmined.lock().await;
        if let Some(unmined) = books.as_mut() {
            // Those did something else: when one of them is mined, this nonce was taken.
            unmined.txs.clear();
        }
        let mut nonce = 0;
        for _ in 0..NONCE_RACES_MAX {
            let gas_limit = self.try_out(tx).await?;
            let fees;
            (nonce, fees) = self.offer(books.as_ref()).await?;
            self.require_funds(tx, gas_limit, fees).await?;
            let draft = Draft {
                tx,
                gas_limit,
                nonce,
            };
            if !self.send(&draft, fees, &mut books).await? {
                *books = None;
                continue;
            }
            match timeout(self.policy.give_up_after, self.wait(&draft, &mut books)).await {
                Ok(Outcome::Mined(mined)) => {
                    *books = None;
                    return Ok(self.executed(tx, mined).await);
                }
                Ok(Outcome::NonceTaken) => *books = None,
                Err(_elapsed) => {
                    let txs = books.as_ref().map(|unmined| unmined.txs.clone());
                    return Ok(Execution::Dropped {
                        nonce,
                        txs: txs.unwrap_or_default(),
                    });
                }
            }
        }
        Err(SendError::NonceTaken {
            account: self.address(),
            nonce,
        })
    }

    /// Runs `tx` without sending it and returns its gas limit: a quarter above the estimate.
    async fn try_out(&self, tx: &Tx) -> Result<u64, ChainError> {
        let request = self.request(tx);
        self.rpc
            .simulate(tx.function, request.clone(), BlockId::latest())
            .await?;
        let gas = self.rpc.provider().estimate_gas(request).await;
        let gas = gas.map_err(|error| {
            self.rpc
                .execution_failed(tx.function, "eth_estimateGas", error)
        })?;
        Ok(gas.saturating_add(gas / 4))
    }

    /// The next nonce and what to offer: over the unmined transaction if there is one, else behind
    /// whatever the chain knows to be pending.
    async fn offer(&self, unmined: Option<&Unmined>) -> Result<(u64, Fees), SendError> {
        let cap_wei = self.policy.max_fee_per_gas_wei;
        let market = Fees::estimate(&self.rpc).await?;
        if let Some(unmined) = unmined
            && unmined.nonce >= self.nonce_at(BlockId::latest()).await?
        {
            let fees = market.replacing(unmined.fees, cap_wei);
            // The endpoint may have forgotten it, so the same offer is worth a try.
            return Ok((unmined.nonce, fees.unwrap_or(unmined.fees)));
        }
        let base_fee_wei = base_fee_wei(&self.rpc).await?;
        if base_fee_wei > cap_wei {
            return Err(SendError::BaseFeeAboveCap {
                base_fee_wei,
                cap_wei,
            });
        }
        Ok((
            self.nonce_at(BlockId::pending()).await?,
            market.capped(cap_wei),
        ))
    }

    async fn require_funds(&self, tx: &Tx, gas_limit: u64, fees: Fees) -> Result<(), SendError> {
        let cost_wei = U256::from(gas_limit) * U256::from(fees.max_fee_wei);
        let needed_wei = cost_wei.saturating_add(tx.value_wei);
        let balance_wei = self.balance_wei().await?;
        if balance_wei < needed_wei {
            let account = self.address();
            return Err(SendError::InsufficientFunds {
                account,
                balance_wei,
                needed_wei,
            });
        }
        Ok(())
    }

    /// Sends a transaction, raising the offer if it is called too low; says no if the nonce is gone.
    async fn send(
        &self,
        draft: &Draft<'_>,
        mut fees: Fees,
        books: &mut Option<Unmined>,
    ) -> Result<bool, SendError> {
        let (nonce, cap_wei) = (draft.nonce, self.policy.max_fee_per_gas_wei);
        loop {
            let (hash, raw) = self.sign(draft, fees);
            let before = books.clone();
            // In the books before it leaves: the answer may be lost, and so may this future.
            let mut txs = before
                .as_ref()
                .map(|unmined| unmined.txs.clone())
                .unwrap_or_default();
            txs.retain(|tx| *tx != hash);
            txs.push(hash);
            *books = Some(Unmined { nonce, fees, txs });
            match self.broadcast(&raw).await {
                Broadcast::Sent => {
                    debug!(tx = %hash, nonce, fee_wei = fees.max_fee_wei, "transaction sent");
                    return Ok(true);
                }
                Broadcast::NonceTooLow => {
                    *books = before;
                    return Ok(false);
                }
                Broadcast::Refused(error) => {
                    *books = before;
                    return Err(error.into());
                }
                Broadcast::Underpriced => *books = before,
            }
            if fees.max_fee_wei >= cap_wei {
                return Err(SendError::CannotOutbid { nonce, cap_wei });
            }
            fees = fees.bumped().capped(cap_wei);
        }
    }

    async fn broadcast(&self, raw: &[u8]) -> Broadcast {
        let error = match self.rpc.provider().send_raw_transaction(raw).await {
            Ok(_) => return Broadcast::Sent,
            Err(error) => error,
        };
        let error = ChainError::of_request(self.rpc.endpoint(), "eth_sendRawTransaction", error);
        let ChainError::Refused { message, .. } = &error else {
            debug!(%error, "a transaction may or may not have been sent");
            return Broadcast::Sent;
        };
        match objection(message) {
            Objection::AlreadyKnown => Broadcast::Sent,
            Objection::NonceTooLow => Broadcast::NonceTooLow,
            Objection::Underpriced => Broadcast::Underpriced,
            Objection::Other => Broadcast::Refused(error),
        }
    }

    /// Waits until a transaction of the books, or another one with its nonce, is in a block.
    async fn wait(&self, draft: &Draft<'_>, books: &mut Option<Unmined>) -> Outcome {
        let mut offered_at_block = None;
        let mut seen_taken = false;
        let mut pause = LOOK_PAUSE_FIRST;
        loop {
            match self.look(draft, books, &mut offered_at_block).await {
                Ok(Some(Outcome::NonceTaken)) if !seen_taken => {
                    // The receipt may lag behind the nonce where answers come from several nodes.
                    seen_taken = true;
                }
                Ok(Some(outcome)) => return outcome,
                Ok(None) => {}
                Err(error) => debug!(%error, nonce = draft.nonce, "outcome not known yet"),
            }
            sleep(pause).await;
            pause = LOOK_PAUSE_MAX.min(pause * 2);
        }
    }

    /// Looks once; raises the offer if enough blocks went by.
    async fn look(
        &self,
        draft: &Draft<'_>,
        books: &mut Option<Unmined>,
        offered_at_block: &mut Option<u64>,
    ) -> Result<Option<Outcome>, SendError> {
        let unmined = books.clone().expect("what is waited for is in the books");
        let is_taken = self.nonce_at(BlockId::latest()).await? > draft.nonce;
        for tx in unmined.txs.iter().rev() {
            if let Some(mined) = self.rpc.mined(*tx).await? {
                return Ok(Some(Outcome::Mined(mined)));
            }
        }
        if is_taken {
            return Ok(Some(Outcome::NonceTaken));
        }
        let height = self.rpc.height().await?;
        let offered_at = *offered_at_block.get_or_insert(height);
        if height >= offered_at.saturating_add(self.policy.bump_after_blocks) {
            *offered_at_block = Some(height);
            let market = Fees::estimate(&self.rpc).await?;
            let fees = market.replacing(unmined.fees, self.policy.max_fee_per_gas_wei);
            self.send(draft, fees.unwrap_or(unmined.fees), books)
                .await?;
        }
        Ok(None)
    }

    /// Finds out why a mined transaction failed, if it did, by running it again.
    async fn executed(&self, tx: &Tx, mined: MinedTx) -> Execution {
        if mined.succeeded {
            return Execution::Mined(mined);
        }
        let again = self
            .rpc
            .simulate(tx.function, self.request(tx), mined.block.into())
            .await;
        let revert = match again {
            Err(ChainError::Reverted { revert, .. }) => revert,
            _ => Revert::Empty,
        };
        Execution::Reverted { mined, revert }
    }

    async fn nonce_at(&self, block: BlockId) -> Result<u64, ChainError> {
        let count = self.rpc.provider().get_transaction_count(self.address());
        self.rpc
            .answer("eth_getTransactionCount", count.block_id(block).await)
    }

    fn request(&self, tx: &Tx) -> TransactionRequest {
        TransactionRequest {
            from: Some(self.address()),
            to: Some(tx.to),
            value: Some(tx.value_wei),
            input: TransactionInput::new(tx.data.clone()),
            ..TransactionRequest::default()
        }
    }

    fn sign(&self, draft: &Draft<'_>, fees: Fees) -> (TxHash, Vec<u8>) {
        let tx = TxEip1559 {
            chain_id: self.rpc.chain_id(),
            nonce: draft.nonce,
            gas_limit: draft.gas_limit,
            max_fee_per_gas: fees.max_fee_wei,
            max_priority_fee_per_gas: fees.tip_wei,
            to: draft.tx.to,
            value: draft.tx.value_wei,
            access_list: Default::default(),
            input: draft.tx.data.clone(),
        };
        let signature = self.signer.sign_hash_sync(&tx.signature_hash());
        let signed = tx.into_signed(signature.expect("a secret key in memory signs any hash"));
        (*signed.hash(), signed.encoded_2718())
    }
}
