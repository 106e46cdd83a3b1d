//! Sets up an aggregator as its owner: what `ocr devnet up` does, one typed function a call.

use alloy::primitives::{Address, Bytes, TxKind, U256};
use alloy::sol_types::SolCall;

use crate::account::{Account, Execution, SendError, Tx};
use crate::contracts::{self, AggregatorArgs, IAccessList, IOCR2Aggregator, IOffchainAggregator};
use crate::error::Revert;
use crate::rpc::MinedTx;

/// An account that deploys and owns contracts.
#[derive(Debug)]
pub struct Owner {
    account: Account,
}

/// A call that puts a committee in charge of an aggregator.
pub trait SetConfig: SolCall {}
impl SetConfig for IOffchainAggregator::setConfigCall {}
impl SetConfig for IOCR2Aggregator::setConfigCall {}

/// A call that sets an aggregator's prices.
pub trait SetBilling: SolCall {}
impl SetBilling for IOffchainAggregator::setBillingCall {}
impl SetBilling for IOCR2Aggregator::setBillingCall {}

/// Why a transaction of the owner did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// It was not sent.
    #[error("{function} was not sent: {source}")]
    Send {
        /// What it was.
        function: &'static str,
        /// Why.
        source: SendError,
    },
    /// It failed on the chain.
    #[error("{function} reverted {revert}")]
    Reverted {
        /// What it was.
        function: &'static str,
        /// Why.
        revert: Revert,
    },
    /// It is said to have created nothing.
    #[error("{function} was mined without an address; the RPC endpoint is not to be trusted")]
    NoAddress {
        /// What it was.
        function: &'static str,
    },
    /// It was not mined in time.
    #[error("{function} was not mined in time; is the chain making blocks?")]
    NotMined {
        /// What it was.
        function: &'static str,
    },
}

impl Owner {
    /// Deploys and owns with `account`.
    #[must_use]
    pub const fn new(account: Account) -> Self {
        Self { account }
    }

    /// The owner's address.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.account.address()
    }

    /// Deploys the LINK test token, whose whole supply goes to the owner.
    ///
    /// # Errors
    /// The transaction fails, as for every function here.
    pub async fn deploy_link_test_token(&self) -> Result<Address, OwnerError> {
        self.create("LinkTestToken", contracts::LINK_TEST_TOKEN.into())
            .await
    }

    /// Deploys an access list for contracts, such as those who request rounds.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_write_access_controller(&self) -> Result<Address, OwnerError> {
        let code = contracts::SIMPLE_WRITE_ACCESS_CONTROLLER;
        self.create("SimpleWriteAccessController", code.into())
            .await
    }

    /// Deploys an access list for readers, which lets every account without code read.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_read_access_controller(&self) -> Result<Address, OwnerError> {
        let code = contracts::SIMPLE_READ_ACCESS_CONTROLLER;
        self.create("SimpleReadAccessController", code.into()).await
    }

    /// Deploys an OCR1 aggregator whose answers only listed contracts may read.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_access_controlled_offchain_aggregator(
        &self,
        args: &AggregatorArgs,
        prices: &IOffchainAggregator::setBillingCall,
    ) -> Result<Address, OwnerError> {
        let code = contracts::ACCESS_CONTROLLED_OFFCHAIN_AGGREGATOR;
        let code = args.ocr1_deployment(code, prices);
        self.create("AccessControlledOffchainAggregator", code)
            .await
    }

    /// Deploys an OCR1 aggregator whose answers everyone may read.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_offchain_aggregator(
        &self,
        args: &AggregatorArgs,
        prices: &IOffchainAggregator::setBillingCall,
    ) -> Result<Address, OwnerError> {
        let code = args.ocr1_deployment(contracts::OFFCHAIN_AGGREGATOR, prices);
        self.create("OffchainAggregator", code).await
    }

    /// Deploys an OCR2 aggregator whose answers only listed contracts may read.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_access_controlled_aggregator(
        &self,
        args: &AggregatorArgs,
    ) -> Result<Address, OwnerError> {
        let code = contracts::ACCESS_CONTROLLED_OCR2_AGGREGATOR;
        self.create("AccessControlledOCR2Aggregator", args.deployment(code))
            .await
    }

    /// Deploys an OCR2 aggregator whose answers everyone may read.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn deploy_aggregator(&self, args: &AggregatorArgs) -> Result<Address, OwnerError> {
        let code = contracts::OCR2_AGGREGATOR;
        self.create("OCR2Aggregator", args.deployment(code)).await
    }

    /// Puts `user` on the access list of `contract`.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn add_access(
        &self,
        contract: Address,
        user: Address,
    ) -> Result<MinedTx, OwnerError> {
        self.call(contract, IAccessList::addAccessCall { _user: user })
            .await
    }

    /// Sets the prices of the aggregator at `contract`.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn set_billing(
        &self,
        contract: Address,
        billing: impl SetBilling,
    ) -> Result<MinedTx, OwnerError> {
        self.call(contract, billing).await
    }

    /// Sets who is paid for each transmitter; OCR1 demands it before `setConfig`.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn set_payees(
        &self,
        contract: Address,
        transmitters: Vec<Address>,
        payees: Vec<Address>,
    ) -> Result<MinedTx, OwnerError> {
        self.call(
            contract,
            IOCR2Aggregator::setPayeesCall {
                transmitters,
                payees,
            },
        )
        .await
    }

    /// Puts another committee in charge.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn set_config(
        &self,
        contract: Address,
        config: impl SetConfig,
    ) -> Result<MinedTx, OwnerError> {
        self.call(contract, config).await
    }

    /// Sends wei to `account`.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn fund(&self, account: Address, value_wei: U256) -> Result<MinedTx, OwnerError> {
        let tx = Tx {
            function: "fund",
            to: account.into(),
            value_wei,
            data: Bytes::new(),
        };
        self.execute(&tx).await
    }

    /// Calls any function of `contract`.
    ///
    /// # Errors
    /// The transaction fails.
    pub async fn call<C: SolCall>(
        &self,
        contract: Address,
        call: C,
    ) -> Result<MinedTx, OwnerError> {
        let data = call.abi_encode().into();
        let value_wei = U256::ZERO;
        self.execute(&Tx {
            function: C::SIGNATURE,
            to: contract.into(),
            value_wei,
            data,
        })
        .await
    }

    async fn create(&self, name: &'static str, code: Bytes) -> Result<Address, OwnerError> {
        let tx = Tx {
            function: name,
            to: TxKind::Create,
            value_wei: U256::ZERO,
            data: code,
        };
        let mined = self.execute(&tx).await?;
        mined
            .created
            .ok_or(OwnerError::NoAddress { function: name })
    }

    async fn execute(&self, tx: &Tx) -> Result<MinedTx, OwnerError> {
        let function = tx.function;
        match self.account.execute(tx).await {
            Ok(Execution::Mined(mined)) => Ok(mined),
            Ok(Execution::Reverted { revert, .. }) => {
                Err(OwnerError::Reverted { function, revert })
            }
            Ok(Execution::Dropped { .. }) => Err(OwnerError::NotMined { function }),
            Err(source) => Err(OwnerError::Send { function, source }),
        }
    }
}
