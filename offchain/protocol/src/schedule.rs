//! Who leads an epoch, and who transmits when.

use core::time::Duration;

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use alloy_primitives::{U256, keccak256};

use crate::id::{Committee, Epoch, EpochRound, OracleId};
use crate::per_oracle::PerOracle;

/// Returns the leader of `epoch`. Source: offchain-ocr2 4.1.
#[must_use]
pub fn leader(leader_key: &[u8; 16], committee: Committee, epoch: Epoch) -> OracleId {
    let hash = keccak256([leader_key.as_slice(), &epoch_le64(epoch)].concat());
    let index: usize = (U256::from_be_bytes(hash.0) % U256::from(committee.n())).to();
    committee
        .oracle(index)
        .expect("a remainder by n is below n")
}

/// Returns how long after accepting a report each oracle transmits it; nothing for those who never do.
///
/// `seed` ranks the oracles. Stage k takes the next `stages[k]` ranks (`S` in the specification), and
/// its oracles wait k times `delta_stage`.
///
/// Source: offchain-ocr2 4.2.
#[must_use]
pub fn transmit_delays(
    seed: &[u8; 16],
    committee: Committee,
    stages: &[u8],
    delta_stage: Duration,
) -> PerOracle<Option<Duration>> {
    let ranks = keyed_shuffle(committee.n(), seed);
    PerOracle::from_fn(committee, |oracle| {
        let stage = stage_of(ranks[oracle.index()], stages)?;
        Some(delta_stage.saturating_mul(stage))
    })
}

/// Returns the stage that covers `rank`; nothing beyond the last.
fn stage_of(rank: usize, stages: &[u8]) -> Option<u32> {
    let mut covered = 0;
    stages.iter().zip(0..).find_map(|(&size, stage)| {
        covered += usize::from(size);
        (rank < covered).then_some(stage)
    })
}

/// Returns the seed of a round's transmission order.
///
/// `digest` is the configuration's, in the protocol version's width. Source: offchain-ocr2 4.2.
#[must_use]
pub fn transmission_seed(transmission_key: &[u8; 16], digest: &[u8], at: EpochRound) -> [u8; 16] {
    let round = u64::from(at.round.get()).to_le_bytes();
    let preimage = [
        transmission_key.as_slice(),
        digest,
        &epoch_le64(at.epoch),
        round.as_slice(),
    ]
    .concat();
    *keccak256(preimage).first_chunk().expect("32 bytes hold 16")
}

/// Epochs are hashed as 64 bits, little-endian.
fn epoch_le64(epoch: Epoch) -> [u8; 8] {
    u64::from(epoch.get()).to_le_bytes()
}

/// Shuffles `0..n` as Go's `rand.Shuffle` does over a 63-bit source of AES-CTR.
///
/// Source: offchain-ocr2 Appendix C.
fn keyed_shuffle(n: usize, key: &[u8; 16]) -> Vec<usize> {
    let mut draws = Draws::new(key);
    let mut list: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        list.swap(last, below(last as u32 + 1, || draws.next_u32()));
    }
    list
}

/// Returns a number below `bound`, without bias: draws again while the product falls short.
fn below(bound: u32, mut draw: impl FnMut() -> u32) -> usize {
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(draw()) * u64::from(bound);
        if product as u32 >= threshold {
            return (product >> 32) as usize;
        }
    }
}

/// 32-bit draws from an AES-128-CTR keystream that starts at counter zero.
struct Draws {
    cipher: Aes128,
    counter: u128,
    /// The second half of a keystream block, when only the first was used.
    spare: Option<[u8; 8]>,
}

impl Draws {
    fn new(key: &[u8; 16]) -> Self {
        Self {
            cipher: Aes128::new(key.into()),
            counter: 0,
            spare: None,
        }
    }

    /// Returns bits 31 to 62 of the next eight bytes.
    fn next_u32(&mut self) -> u32 {
        (u64::from_le_bytes(self.next_8_bytes()) >> 31) as u32
    }

    fn next_8_bytes(&mut self) -> [u8; 8] {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let mut block = self.counter.to_be_bytes().into();
        self.cipher.encrypt_block(&mut block);
        self.counter = self.counter.wrapping_add(1);
        let [first, spare] = [0, 8].map(|at| core::array::from_fn(|byte| block[at + byte]));
        self.spare = Some(spare);
        first
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Draws, below, keyed_shuffle};

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../vectors/ocr2-offchain.json")).unwrap()
    }

    fn bytes<const N: usize>(value: &Value) -> [u8; N] {
        let mut bytes = [0; N];
        let digits = value.as_str().unwrap().strip_prefix("0x").unwrap();
        hex::decode_to_slice(digits, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn draws_are_taken_from_the_keystream() {
        let vector = &vectors()["shuffleDraws"];
        let mut keystream = Draws::new(&bytes(&vector["key"]));
        for expected in vector["keystream"].as_array().unwrap() {
            assert_eq!(keystream.next_8_bytes(), bytes(expected));
        }
        let mut draws = Draws::new(&bytes(&vector["key"]));
        for expected in vector["draws"].as_array().unwrap() {
            assert_eq!(u64::from(draws.next_u32()), expected.as_u64().unwrap());
        }
    }

    #[test]
    fn shuffle_is_that_of_go() {
        for vector in vectors()["shuffles"].as_array().unwrap() {
            let n = vector["n"].as_u64().unwrap() as usize;
            let ranks: Vec<_> = keyed_shuffle(n, &bytes(&vector["key"]))
                .into_iter()
                .map(|rank| Value::from(rank as u64))
                .collect();
            assert_eq!(ranks, *vector["ranks"].as_array().unwrap(), "{n} oracles");
        }
    }
    /// 2^32 is 22 more than a multiple of 27, so the 22 least remainders are drawn again.
    #[test]
    fn biased_draws_are_drawn_again() {
        let inverse_of_27 = 1_749_801_491_u32;
        assert_eq!(inverse_of_27.wrapping_mul(27), 1);
        let draw_with_remainder = |remainder: u32| inverse_of_27.wrapping_mul(remainder);
        for remainder in 0..30 {
            let mut draws = [draw_with_remainder(remainder), 1 << 31].into_iter();
            let number = below(27, || draws.next().expect("at most two draws"));
            let is_second = draws.next().is_none();
            assert_eq!(is_second, remainder < 22, "remainder {remainder}");
            assert!(number < 27 && (!is_second || number == 13));
        }
    }
}
