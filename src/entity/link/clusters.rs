//! Disjoint sets of mentions.

use std::collections::HashMap;

/// A partition of the numbers below a count; the smallest number of a set is its root.
pub(super) struct Clusters {
    parents: Vec<usize>,
}

impl Clusters {
    /// Every number below `count` in a set of its own.
    pub(super) fn new(count: usize) -> Self {
        Self {
            parents: (0..count).collect(),
        }
    }

    /// The smallest number of the set of `at`.
    pub(super) fn root(&self, mut at: usize) -> usize {
        while self.parents[at] != at {
            at = self.parents[at];
        }
        at
    }

    /// Makes one set of two.
    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b);
    }

    /// The number of each set by its first member: sets are counted from 0 in that order.
    pub(super) fn ids(&self) -> Vec<usize> {
        let mut numbers = HashMap::new();
        let mut number = |root| {
            let next = numbers.len();
            *numbers.entry(root).or_insert(next)
        };
        (0..self.parents.len()).map(|at| number(self.root(at))).collect()
    }
}
