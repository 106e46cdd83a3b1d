//! Bindings of the contracts, and their creation code.

#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "the interfaces' natspec is the documentation, and their events are what they are"
)]

use alloy::primitives::{Address, Bytes, U256, aliases::I192};
use alloy::sol;
use alloy::sol_types::abi::TokenSeq;
use alloy::sol_types::{SolType, SolValue};

sol!("../../src/interfaces/IOffchainAggregator.sol");
sol!("../../src/interfaces/IOCR2Aggregator.sol");
sol!("../../src/interfaces/IAccessList.sol");
sol!("../../src/interfaces/ILinkToken.sol");
sol!("../../src/interfaces/IOwnable.sol");
sol!("../../src/interfaces/ITypeAndVersion.sol");

/// Creation code of `OffchainAggregator`, OCR1's.
pub const OFFCHAIN_AGGREGATOR: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/OffchainAggregator.bin"));

/// Creation code of `AccessControlledOffchainAggregator`, OCR1's.
pub const ACCESS_CONTROLLED_OFFCHAIN_AGGREGATOR: &[u8] = include_bytes!(concat!(
    env!("OUT_DIR"),
    "/AccessControlledOffchainAggregator.bin"
));

/// Creation code of `OCR2Aggregator`.
pub const OCR2_AGGREGATOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/OCR2Aggregator.bin"));

/// Creation code of `AccessControlledOCR2Aggregator`.
pub const ACCESS_CONTROLLED_OCR2_AGGREGATOR: &[u8] = include_bytes!(concat!(
    env!("OUT_DIR"),
    "/AccessControlledOCR2Aggregator.bin"
));

/// Creation code of `SimpleReadAccessController`.
pub const SIMPLE_READ_ACCESS_CONTROLLER: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/SimpleReadAccessController.bin"));

/// Creation code of `SimpleWriteAccessController`.
pub const SIMPLE_WRITE_ACCESS_CONTROLLER: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/SimpleWriteAccessController.bin"));

/// Creation code of the LINK test token, for local networks.
pub const LINK_TEST_TOKEN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/LinkTestToken.bin"));

/// Arguments of an aggregator's constructor; OCR1's takes prices before them.
///
/// Source: contracts-ocr1 2, contracts-ocr2 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregatorArgs {
    /// Token oracles are paid in.
    pub link: Address,
    /// Least answer accepted.
    pub min_answer: I192,
    /// Greatest answer accepted.
    pub max_answer: I192,
    /// Says who administers billing besides the owner.
    pub billing_access_controller: Address,
    /// Says who may request rounds besides the owner.
    pub requester_access_controller: Address,
    /// Decimal places of an answer.
    pub decimals: u8,
    /// What the answer is of.
    pub description: String,
}

impl AggregatorArgs {
    /// Returns the data of a transaction that creates the OCR2 aggregator of `creation_code`.
    #[must_use]
    pub fn deployment(&self, creation_code: &[u8]) -> Bytes {
        let arguments = (
            self.link,
            self.min_answer,
            self.max_answer,
            self.billing_access_controller,
            self.requester_access_controller,
            U256::from(self.decimals),
            self.description.clone(),
        );
        created(creation_code, &arguments)
    }

    /// Returns the data of a transaction that creates the OCR1 aggregator of `creation_code`.
    #[must_use]
    pub fn ocr1_deployment(
        &self,
        creation_code: &[u8],
        prices: &IOffchainAggregator::setBillingCall,
    ) -> Bytes {
        let arguments = (
            prices._maximumGasPrice,
            prices._reasonableGasPrice,
            prices._microLinkPerEth,
            prices._linkGweiPerObservation,
            prices._linkGweiPerTransmission,
            self.link,
            self.min_answer,
            self.max_answer,
            self.billing_access_controller,
            self.requester_access_controller,
            U256::from(self.decimals),
            self.description.clone(),
        );
        created(creation_code, &arguments)
    }
}

fn created<T: SolValue>(creation_code: &[u8], arguments: &T) -> Bytes
where
    for<'a> <T::SolType as SolType>::Token<'a>: TokenSeq<'a>,
{
    [creation_code, &arguments.abi_encode_params()]
        .concat()
        .into()
}
