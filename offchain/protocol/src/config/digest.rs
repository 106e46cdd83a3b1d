//! The fingerprint of a configuration on an EVM chain.

use alloy_primitives::{Address, U256, keccak256};

use crate::config::ContractConfig;
use crate::id::ConfigDigest;

/// Names the scheme below in a digest's first two bytes. Source: offchain-ocr2 1.11.
const EVM_SIMPLE_PREFIX: [u8; 2] = [0x00, 0x01];

const WORD_BYTES: usize = 32;

/// Arguments of the preimage; each has one word in its head.
const ARGUMENTS: usize = 9;

impl ContractConfig {
    /// Computes the digest that `contract` on chain `chain_id` gives this configuration.
    ///
    /// `self.digest` plays no part: compare it with the result.
    ///
    /// Source: offchain-ocr2 1.10.
    #[must_use]
    pub fn evm_digest(&self, chain_id: u64, contract: Address) -> ConfigDigest {
        let mut abi = AbiArguments::default();
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

/// Plain Solidity ABI encoding of the nine arguments: a head of words, then the tails.
#[derive(Default)]
struct AbiArguments {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl AbiArguments {
    fn static_word(&mut self, word: [u8; WORD_BYTES]) {
        self.head.extend(word);
    }

    fn addresses(&mut self, addresses: &[Address]) {
        self.start_tail(addresses.len());
        self.tail
            .extend(addresses.iter().flat_map(|address| address.into_word().0));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.start_tail(bytes.len());
        self.tail.extend(bytes);
        self.tail
            .resize(self.tail.len().next_multiple_of(WORD_BYTES), 0);
    }

    fn start_tail(&mut self, len: usize) {
        self.static_word(word((ARGUMENTS * WORD_BYTES + self.tail.len()) as u64));
        self.tail.extend(word(len as u64));
    }

    fn encode(mut self) -> Vec<u8> {
        assert_eq!(
            self.head.len(),
            ARGUMENTS * WORD_BYTES,
            "offsets count on the head's length"
        );
        self.head.append(&mut self.tail);
        self.head
    }
}

fn word(value: u64) -> [u8; WORD_BYTES] {
    U256::from(value).to_be_bytes()
}
