//! The fingerprint of a configuration on an EVM chain.

use alloy_primitives::{Address, keccak256};

use crate::abi::{AbiTuple, word};
use crate::config::ContractConfig;
use crate::id::ConfigDigest;

/// Names the scheme below in a digest's first two bytes. Source: offchain-ocr2 1.11.
const EVM_SIMPLE_PREFIX: [u8; 2] = [0x00, 0x01];

/// Arguments of the preimage.
const ARGUMENTS: usize = 9;

impl ContractConfig {
    /// Computes the digest that `contract` on chain `chain_id` gives this configuration.
    ///
    /// `self.digest` plays no part: compare it with the result.
    ///
    /// Source: offchain-ocr2 1.10.
    #[must_use]
    pub fn evm_digest(&self, chain_id: u64, contract: Address) -> ConfigDigest {
        let mut abi = AbiTuple::new(ARGUMENTS);
        abi.static_word(word(chain_id));
        abi.static_word(contract.into_word().0);
        abi.static_word(word(self.count));
        abi.addresses(&self.signers);
        abi.addresses(&self.transmitters);
        abi.static_word(word(u64::from(self.f)));
        abi.bytes(&self.onchain_config);
        abi.static_word(word(self.offchain_config_version));
        abi.bytes(&self.offchain_config);
        let mut digest = keccak256(abi.encode()).0;
        digest[..2].copy_from_slice(&EVM_SIMPLE_PREFIX);
        ConfigDigest(digest)
    }
}
