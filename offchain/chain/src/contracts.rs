//! Bindings of the contracts, and their creation code.

#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "the interfaces' natspec is the documentation, and their events are what they are"
)]

use alloy::primitives::{Address, Bytes, aliases::I192};
use alloy::sol;
use alloy::sol_types::SolValue;

sol!("../../src/interfaces/IOCR2Aggregator.sol");
sol!("../../src/interfaces/IAccessList.sol");
sol!("../../src/interfaces/ILinkToken.sol");
sol!("../../src/interfaces/IOwnable.sol");
sol!("../../src/interfaces/ITypeAndVersion.sol");

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

/// Arguments of an aggregator's constructor. Source: contracts-ocr2 2.
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
    /// Returns the data of a transaction that creates the aggregator of `creation_code`.
    #[must_use]
    pub fn deployment(&self, creation_code: &[u8]) -> Bytes {
        let arguments = (
            self.link,
            self.min_answer,
            self.max_answer,
            self.billing_access_controller,
            self.requester_access_controller,
            alloy::primitives::U256::from(self.decimals),
            self.description.clone(),
        );
        [creation_code, &arguments.abi_encode_params()]
            .concat()
            .into()
    }
}
