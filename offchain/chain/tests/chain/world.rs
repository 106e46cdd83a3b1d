//! A local chain with a deployed aggregator and a committee of four.

use std::sync::Arc;
use std::time::Duration;

use alloy::primitives::aliases::I192;
use alloy::primitives::{Address, B256, TxHash, U256, keccak256};
use alloy::providers::Provider;
use alloy::sol_types::SolValue;
use k256::ecdsa::SigningKey;
use ocr_chain::anvil::{Anvil, AnvilOptions, CHAIN_ID};
use ocr_chain::contracts::{AggregatorArgs, IOCR2Aggregator};
use ocr_chain::deploy::Owner;
use ocr_chain::{
    Account, Check, ConfigTracker, FeePolicy, Feed, MinedTx, PrivateKeySigner, Rpc, Transmitter,
};
use ocr_protocol::attestation::AttestedReport;
use ocr_protocol::id::{ConfigDigest, EpochRound, OracleId};

pub(crate) const N: usize = 4;
pub(crate) const F: u8 = 1;
pub(crate) const RPC_TIMEOUT: Duration = Duration::from_secs(300);
pub(crate) const MIN_ANSWER: i64 = -1_000;
pub(crate) const MAX_ANSWER: i64 = 1_000_000;

pub(crate) const POLICY: FeePolicy = FeePolicy {
    max_fee_per_gas_wei: 500_000_000_000,
    bump_after_blocks: 3,
    give_up_after: Duration::from_secs(300),
};

pub(crate) struct World {
    pub(crate) anvil: Anvil,
    pub(crate) rpc: Rpc,
    pub(crate) owner: Owner,
    pub(crate) aggregator: Address,
}

/// The key oracle `i` signs reports with.
pub(crate) fn signing_key(i: usize) -> SigningKey {
    let mut secret = [0x11; 32];
    secret[31] = i as u8;
    SigningKey::from_slice(&secret).unwrap()
}

pub(crate) fn signer(i: usize) -> Address {
    Address::from_public_key(signing_key(i).verifying_key())
}

pub(crate) fn i192(value: i64) -> I192 {
    I192::try_from(value).unwrap()
}

impl World {
    /// An aggregator without a configuration. Account 0 owns it, accounts 1 to 4 transmit.
    pub(crate) async fn start() -> Self {
        let anvil = Anvil::start(&AnvilOptions::default()).await.unwrap();
        let rpc = Rpc::connect(&anvil.url(), CHAIN_ID, RPC_TIMEOUT)
            .await
            .unwrap();
        let owner = Owner::new(Account::new(
            rpc.clone(),
            anvil.accounts()[0].clone(),
            POLICY,
        ));
        let link = owner.deploy_link_test_token().await.unwrap();
        let billing_access_controller = owner.deploy_write_access_controller().await.unwrap();
        let requester_access_controller = owner.deploy_write_access_controller().await.unwrap();
        let args = AggregatorArgs {
            link,
            min_answer: i192(MIN_ANSWER),
            max_answer: i192(MAX_ANSWER),
            billing_access_controller,
            requester_access_controller,
            decimals: 8,
            description: "TEST / USD".to_owned(),
        };
        let aggregator = owner
            .deploy_access_controlled_aggregator(&args)
            .await
            .unwrap();
        Self {
            anvil,
            rpc,
            owner,
            aggregator,
        }
    }

    /// The same, configured; returns the digest too.
    pub(crate) async fn configured() -> (Self, ConfigDigest) {
        let world = Self::start().await;
        world.set_config(b"first").await;
        let mut tracker = world.tracker(None);
        let Check::New(config) = tracker.check().await.unwrap() else {
            panic!("configured")
        };
        (world, config.digest)
    }

    pub(crate) async fn set_config(&self, offchain_config: &[u8]) -> MinedTx {
        let mut onchain_config = vec![1];
        for bound in [MIN_ANSWER, MAX_ANSWER] {
            onchain_config.extend(i192(bound).to_be_bytes::<24>());
        }
        let config = IOCR2Aggregator::setConfigCall {
            signers: (0..N).map(signer).collect(),
            transmitters: (0..N).map(|i| self.wallet(i).address()).collect(),
            f: F,
            onchainConfig: onchain_config.into(),
            offchainConfigVersion: 2,
            offchainConfig: offchain_config.to_vec().into(),
        };
        self.owner
            .set_config(self.aggregator, config)
            .await
            .unwrap()
    }

    /// The key oracle `i` transmits with.
    pub(crate) fn wallet(&self, i: usize) -> PrivateKeySigner {
        self.anvil.accounts()[1 + i].clone()
    }

    pub(crate) fn account(&self, i: usize, policy: FeePolicy) -> Account {
        Account::new(self.rpc.clone(), self.wallet(i), policy)
    }

    pub(crate) fn transmitter(&self, i: usize) -> Transmitter {
        Transmitter::new(Arc::new(self.account(i, POLICY)), self.aggregator)
    }

    pub(crate) fn tracker(&self, confirmations: Option<u16>) -> ConfigTracker {
        ConfigTracker::new(
            self.rpc.clone(),
            self.aggregator,
            confirmations,
            ConfigDigest::ZERO,
        )
    }

    pub(crate) fn feed(&self) -> Feed {
        Feed::new(self.rpc.clone(), self.aggregator)
    }

    /// Sends a request of anvil's own.
    pub(crate) async fn rpc_call<T: serde::Serialize>(
        &self,
        method: &'static str,
        params: T,
    ) -> serde_json::Value {
        let params = serde_json::to_value(params).unwrap();
        self.rpc
            .provider()
            .raw_request(method.into(), params)
            .await
            .unwrap()
    }

    /// Waits until `count` transactions wait to be mined.
    pub(crate) async fn pooled(&self, count: u64) {
        while self.rpc_call("txpool_status", ()).await["pending"] != format!("{count:#x}") {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn mine(&self, blocks: u64) {
        self.rpc_call("anvil_mine", [U256::from(blocks), U256::from(1)])
            .await;
    }

    pub(crate) async fn set_automine(&self, on: bool) {
        self.rpc_call("evm_setAutomine", [on]).await;
    }

    /// Sets what the next block asks for a unit of gas.
    pub(crate) async fn set_base_fee_wei(&self, wei: u128) {
        self.rpc_call("anvil_setNextBlockBaseFeePerGas", [U256::from(wei)])
            .await;
    }

    pub(crate) async fn nonce_of(&self, tx: TxHash) -> u64 {
        let tx = self
            .rpc
            .provider()
            .get_transaction_by_hash(tx)
            .await
            .unwrap()
            .unwrap();
        alloy::consensus::Transaction::nonce(&tx)
    }

    pub(crate) async fn mined_nonce(&self, account: Address) -> u64 {
        self.rpc
            .provider()
            .get_transaction_count(account)
            .await
            .unwrap()
    }
}

/// A report over `values`, one observation of each oracle in order.
pub(crate) fn report(values: &[i64]) -> Vec<u8> {
    let mut observers = B256::ZERO;
    for i in 0..values.len().min(32) {
        observers[i] = i as u8;
    }
    let observations: Vec<I192> = values.iter().copied().map(i192).collect();
    (1_700_000_000_u32, observers, observations, i192(0)).abi_encode_params()
}

/// A signature over a report, as the contract's specification has it. Source: contracts-ocr2 4.5.
pub(crate) fn sign(
    key: &SigningKey,
    digest: ConfigDigest,
    at: EpochRound,
    extra_hash: [u8; 32],
    report: &[u8],
) -> Vec<u8> {
    let epoch_and_round = U256::from((u64::from(at.epoch.get()) << 8) | u64::from(at.round.get()));
    let words = [
        keccak256(report).0,
        digest.0,
        epoch_and_round.to_be_bytes(),
        extra_hash,
    ];
    let hash = keccak256(words.as_flattened());
    let (signature, v) = key.sign_prehash_recoverable(hash.as_slice()).unwrap();
    [signature.to_bytes().as_slice(), &[v.to_byte()]].concat()
}

/// A report that the oracles `signers` attested.
pub(crate) fn attested(
    digest: ConfigDigest,
    at: EpochRound,
    report: Vec<u8>,
    signers: &[usize],
) -> AttestedReport {
    let extra_hash = [0xee; 32];
    let signatures = signers.iter().map(|&i| {
        let signature = sign(&signing_key(i), digest, at, extra_hash, &report);
        (OracleId::new(i, N), signature)
    });
    AttestedReport {
        at,
        extra_hash,
        signatures: signatures.collect(),
        report,
    }
}
