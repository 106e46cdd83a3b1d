//! How far two answers are apart.

use alloy_primitives::aliases::U320;
use alloy_primitives::{I256, U256, Uint};

/// One, as parts per billion.
const ONE_PPB: u64 = 1_000_000_000;

/// Whether `new` differs from `old` by at least `ppb` parts per billion of `old`.
///
/// From zero, every other value deviates. At zero ppb every value deviates from a non-zero `old`,
/// `old` itself included. Exact for all arguments.
///
/// Source: offchain-ocr2 6.3.5.
#[must_use]
pub fn deviates(ppb: u64, old: I256, new: I256) -> bool {
    if old.is_zero() {
        return !new.is_zero();
    }
    let difference = distance(old.min(new), old.max(new));
    product(difference, ONE_PPB) >= product(old.unsigned_abs(), ppb)
}

/// Returns `high - low`, which 256 unsigned bits hold.
fn distance(low: I256, high: I256) -> U256 {
    high.into_raw().wrapping_sub(low.into_raw())
}

fn product(left: U256, right: u64) -> U320 {
    left.widening_mul(Uint::<64, 1>::from(right))
}
