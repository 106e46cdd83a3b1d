//! Solidity's ABI encoding, as far as configurations need it.

use alloy_primitives::{Address, U256};

/// Length of a word in bytes.
pub const WORD_BYTES: usize = 32;

/// A tuple, or the arguments of a call: a head with one word for each field, then the tails in order.
#[derive(Clone, Debug)]
pub struct AbiTuple {
    head_bytes: usize,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl AbiTuple {
    /// Starts a tuple of `fields` fields.
    #[must_use]
    pub const fn new(fields: usize) -> Self {
        Self {
            head_bytes: fields * WORD_BYTES,
            head: Vec::new(),
            tail: Vec::new(),
        }
    }

    /// Adds a field that is one word.
    pub fn static_word(&mut self, word: [u8; WORD_BYTES]) {
        self.head.extend(word);
    }

    /// Adds a list of addresses.
    pub fn addresses(&mut self, addresses: &[Address]) {
        self.words(addresses.iter().map(|address| address.into_word().0));
    }

    /// Adds a list whose elements are one word each.
    pub fn words(&mut self, words: impl ExactSizeIterator<Item = [u8; WORD_BYTES]>) {
        self.start_tail();
        self.tail.extend(word(words.len() as u64));
        self.tail.extend(words.flatten());
    }

    /// Adds bytes or text.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.start_tail();
        self.tail.extend(word(bytes.len() as u64));
        self.tail.extend(bytes);
        self.tail
            .resize(self.tail.len().next_multiple_of(WORD_BYTES), 0);
    }

    /// Adds a tuple that holds lists, bytes or text.
    ///
    /// # Panics
    /// If the tuple has other fields than it was started for.
    pub fn tuple(&mut self, tuple: Self) {
        self.start_tail();
        self.tail.extend(tuple.encode());
    }

    /// Returns the bytes.
    ///
    /// # Panics
    /// If the tuple has other fields than it was started for.
    #[must_use]
    pub fn encode(mut self) -> Vec<u8> {
        assert_eq!(
            self.head.len(),
            self.head_bytes,
            "offsets count on the head's length"
        );
        self.head.append(&mut self.tail);
        self.head
    }

    fn start_tail(&mut self) {
        self.static_word(word((self.head_bytes + self.tail.len()) as u64));
    }
}

/// Returns an unsigned number as a word.
#[must_use]
pub fn word(value: u64) -> [u8; WORD_BYTES] {
    U256::from(value).to_be_bytes()
}
