//! The order that Go's `sort.Slice` (Go 1.19 and later) leaves equal elements in.
//!
//! Oracles sign byte-identical reports only, so equal values must stand in the same order everywhere.
//! Source: offchain-ocr2 Appendix B; `docs/compat.md#tie-order`.

/// At most this many elements are sorted by insertion, which keeps the order of equals.
const INSERTION_LEN: usize = 12;

/// From this many elements on, the pivot is a median of medians and unordered pairs are mended.
const LONG_LEN: usize = 50;

/// Sorts by `key` and leaves elements with equal keys where Go would.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |left, right| key(left) < key(right));
}

/// Sorts by `less` and leaves equal elements where Go would.
pub fn sort_by<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let end = items.len();
    GoSort { items, less }.sort(0, end, significant_bits(end));
}

struct GoSort<'a, T, F> {
    items: &'a mut [T],
    less: F,
}

/// What choosing a pivot told about the order so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Rising,
    Falling,
    None,
}

impl<T, F: Fn(&T, &T) -> bool> GoSort<'_, T, F> {
    fn less(&self, i: usize, j: usize) -> bool {
        (self.less)(&self.items[i], &self.items[j])
    }

    /// Sorts positions `a..b`; `limit` bounds the bad splits before heap sort takes over.
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
            let (mut pivot, mut hint) = self.choose_pivot(a, len);
            if hint == Hint::Falling {
                self.items[a..b].reverse();
                pivot = (b - 1) - (pivot - a);
                hint = Hint::Rising;
            }
            if balanced && tidy && hint == Hint::Rising && self.finish_nearly_sorted(a, b) {
                return;
            }
            if a > 0 && !self.less(a - 1, pivot) {
                a = self.split_equal(a, b, pivot);
                continue;
            }
            let (mid, was_split) = self.split(a, b, pivot);
            tidy = was_split;
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
        for i in a + 1..b {
            self.sink(i, a);
        }
    }

    /// Moves the element at `from` left while it is less than its neighbour, not beyond `to`.
    fn sink(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at > to && self.less(at, at - 1) {
            self.items.swap(at, at - 1);
            at -= 1;
        }
    }

    fn heap_sort(&mut self, a: usize, b: usize) {
        let len = b - a;
        for root in (0..=(len - 1) / 2).rev() {
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

    fn choose_pivot(&self, a: usize, len: usize) -> (usize, Hint) {
        let mut exchanges = 0;
        let [mut i, mut j, mut k] = [1, 2, 3].map(|quarter| a + quarter * (len / 4));
        if len >= LONG_LEN {
            i = self.median(i - 1, i, i + 1, &mut exchanges);
            j = self.median(j - 1, j, j + 1, &mut exchanges);
            k = self.median(k - 1, k, k + 1, &mut exchanges);
        }
        let pivot = self.median(i, j, k, &mut exchanges);
        let hint = match exchanges {
            0 => Hint::Rising,
            12 => Hint::Falling,
            _ => Hint::None,
        };
        (pivot, hint)
    }

    fn median(&self, mut x: usize, mut y: usize, mut z: usize, exchanges: &mut u32) -> usize {
        let mut order = |first: &mut usize, second: &mut usize| {
            if self.less(*second, *first) {
                core::mem::swap(first, second);
                *exchanges += 1;
            }
        };
        order(&mut x, &mut y);
        order(&mut y, &mut z);
        order(&mut x, &mut y);
        y
    }

    /// Mends up to five unordered neighbours; whether `a..b` is sorted then.
    fn finish_nearly_sorted(&mut self, a: usize, b: usize) -> bool {
        const MOST_MENDED: usize = 5;
        let mut i = a + 1;
        for _ in 0..MOST_MENDED {
            while i < b && !self.less(i, i - 1) {
                i += 1;
            }
            if i == b {
                return true;
            }
            if b - a < LONG_LEN {
                return false;
            }
            self.items.swap(i, i - 1);
            if i - a >= 2 {
                self.sink(i - 1, 1);
            }
            if b - i >= 2 {
                self.rise(i, b);
            }
        }
        false
    }

    /// Moves the element at `from` right while its neighbour is less, not beyond `end`.
    fn rise(&mut self, from: usize, end: usize) {
        for right in from + 1..end {
            if !self.less(right, right - 1) {
                return;
            }
            self.items.swap(right, right - 1);
        }
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
            i += 1;
            j -= 1;
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
            i += 1;
            j -= 1;
        }
    }
}

const fn significant_bits(number: usize) -> u32 {
    usize::BITS - number.leading_zeros()
}
