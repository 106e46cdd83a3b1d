//! The order that Go's `sort.Slice` (Go 1.19 and later) leaves equal elements in.
//!
//! Oracles sign byte-identical reports only, so equal values must stand in the same order everywhere.
//! Source: offchain-ocr2 Appendix B; `docs/compat.md#tie-order`.

use crate::id::MAX_ORACLES;

/// At most this many elements are sorted by insertion, which keeps the order of equals.
const INSERTION_LEN: usize = 12;

/// Sorts by `key` and leaves elements with equal keys where Go would.
///
/// # Panics
/// On more elements than a committee has oracles: Go treats 50 and more in ways that no report needs.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    assert!(
        items.len() <= MAX_ORACLES,
        "{} elements are too many",
        items.len()
    );
    let limit = significant_bits(items.len());
    let end = items.len();
    GoSort {
        items,
        less: |left: &T, right: &T| key(left) < key(right),
    }
    .sort(0, end, limit);
}

struct GoSort<'a, T, F> {
    items: &'a mut [T],
    less: F,
}

impl<T, F: Fn(&T, &T) -> bool> GoSort<'_, T, F> {
    fn less(&self, i: usize, j: usize) -> bool {
        (self.less)(&self.items[i], &self.items[j])
    }

    /// Sorts positions `a..b`; heap sort takes over after `limit` bad splits.
    fn sort(&mut self, mut a: usize, mut b: usize, mut limit: u32) {
        let mut balanced = true;
        let mut tidy = true;
        loop {
            let len = b - a;
            if len <= INSERTION_LEN {
                return self.insertion_sort(a, b);
            }
            if limit == 0 {
                return self.heap_sort(a, b);
            }
            if !balanced {
                self.scatter(a, len);
                limit -= 1;
            }
            let (pivot, rising) = self.choose_pivot(a, len);
            if balanced && tidy && rising && self.is_sorted(a, b) {
                return;
            }
            if a > 0 && !self.less(a - 1, pivot) {
                a = self.split_equal(a, b, pivot);
                continue;
            }
            let mid;
            (mid, tidy) = self.split(a, b, pivot);
            // The pivot is counted with the right part.
            let (left, right) = (mid - a, b - mid);
            if left < right {
                balanced = left >= len / 8;
                self.sort(a, mid, limit);
                a = mid + 1;
            } else {
                balanced = right >= len / 8;
                self.sort(mid + 1, b, limit);
                b = mid;
            }
        }
    }

    fn insertion_sort(&mut self, a: usize, b: usize) {
        for start in a..b {
            let mut i = start;
            while i > a && self.less(i, i - 1) {
                self.items.swap(i, i - 1);
                i -= 1;
            }
        }
    }

    fn heap_sort(&mut self, a: usize, b: usize) {
        let len = b - a;
        for root in (0..len).rev() {
            self.sift_down(root, len, a);
        }
        for end in (0..len).rev() {
            self.items.swap(a, a + end);
            self.sift_down(0, end, a);
        }
    }

    fn sift_down(&mut self, mut root: usize, end: usize, base: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && self.less(base + child, base + child + 1) {
                child += 1;
            }
            if !self.less(base + root, base + child) {
                return;
            }
            self.items.swap(base + root, base + child);
            root = child;
        }
    }

    /// Breaks patterns that make bad splits, with a xorshift that starts from the length.
    fn scatter(&mut self, a: usize, len: usize) {
        let mut random = len as u64;
        let mask = (1 << significant_bits(len)) - 1;
        let center = a + 2 * (len / 4);
        for position in center - 1..=center + 1 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let mut other = random as usize & mask;
            if other >= len {
                other -= len;
            }
            self.items.swap(position, a + other);
        }
    }

    /// Returns the median of three quarters, and whether they stood in order.
    fn choose_pivot(&self, a: usize, len: usize) -> (usize, bool) {
        let [mut x, mut y, mut z] = [1, 2, 3].map(|quarter| a + quarter * (len / 4));
        let mut rising = true;
        let mut order = |first: &mut usize, second: &mut usize| {
            if self.less(*second, *first) {
                core::mem::swap(first, second);
                rising = false;
            }
        };
        order(&mut x, &mut y);
        order(&mut y, &mut z);
        order(&mut x, &mut y);
        (y, rising)
    }

    fn is_sorted(&self, a: usize, b: usize) -> bool {
        (a + 1..b).all(|i| !self.less(i, i - 1))
    }

    /// Puts the elements that equal the pivot first and returns where the greater ones begin.
    fn split_equal(&mut self, a: usize, b: usize, pivot: usize) -> usize {
        self.items.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        loop {
            while i <= j && !self.less(a, i) {
                i += 1;
            }
            while i <= j && self.less(a, j) {
                j -= 1;
            }
            if i > j {
                return i;
            }
            self.items.swap(i, j);
        }
    }

    /// Puts the lesser elements before the pivot; returns its position and whether all stood so.
    fn split(&mut self, a: usize, b: usize, pivot: usize) -> (usize, bool) {
        self.items.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        let mut tidy = true;
        loop {
            while i <= j && self.less(i, a) {
                i += 1;
            }
            while i <= j && !self.less(j, a) {
                j -= 1;
            }
            if i > j {
                self.items.swap(j, a);
                return (j, tidy);
            }
            tidy = false;
            self.items.swap(i, j);
        }
    }
}

const fn significant_bits(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}
