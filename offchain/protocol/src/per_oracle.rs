//! A value for each oracle, iterated in oracle order.

use core::ops::{Index, IndexMut};

use crate::id::{Committee, OracleId};

/// One `T` per oracle of a committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerOracle<T>(Vec<T>);

impl<T> PerOracle<T> {
    /// Makes a value for each oracle of `committee`.
    pub fn from_fn(committee: Committee, make: impl FnMut(OracleId) -> T) -> Self {
        Self(committee.oracles().map(make).collect())
    }

    /// Takes a list in oracle order, or nothing unless it has exactly `n` entries.
    #[must_use]
    pub fn from_vec(committee: Committee, values: Vec<T>) -> Option<Self> {
        (values.len() == committee.n()).then_some(Self(values))
    }

    /// Iterates over oracles and their values, in oracle order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (OracleId, &T)> {
        self.0.iter().enumerate().map(|(index, value)| {
            (
                OracleId::new(index, self.0.len()).expect("one entry per oracle"),
                value,
            )
        })
    }

    /// Returns the values in oracle order.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> PerOracle<Option<T>> {
    /// Nothing yet from anyone.
    #[must_use]
    pub fn empty(committee: Committee) -> Self {
        Self::from_fn(committee, |_| None)
    }

    /// Iterates over the values that are there, in oracle order.
    pub fn present(&self) -> impl DoubleEndedIterator<Item = (OracleId, &T)> {
        self.iter()
            .filter_map(|(oracle, value)| Some((oracle, value.as_ref()?)))
    }
}

impl<T> Index<OracleId> for PerOracle<T> {
    type Output = T;

    fn index(&self, oracle: OracleId) -> &T {
        &self.0[oracle.index()]
    }
}

impl<T> IndexMut<OracleId> for PerOracle<T> {
    fn index_mut(&mut self, oracle: OracleId) -> &mut T {
        &mut self.0[oracle.index()]
    }
}
