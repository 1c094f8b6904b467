//! How values are spread.

use serde::{Serialize, Serializer};

/// Counts of values in bins that are fixed beforehand, so that they do not depend on the values' order.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    scale: Scale,
    counts: Vec<u64>,
    least: f64,
    most: f64,
    sum: f64,
}

/// The bins of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// Bins of the same width; values outside go to the first or last.
    Linear { from: f64, to: f64, bins: usize },
    /// Bins `[0, 1)`, `[1, 2)`, `[2, 4)`, `[4, 8)` and so on; larger values go to the last.
    Doubling { bins: usize },
}

/// A bin: values from `from`, up to but without `to`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// The least value.
    pub from: f64,
    /// The least value of the next bin.
    pub to: f64,
    /// How many values it holds.
    pub count: u64,
}

impl Histogram {
    pub(super) fn new(scale: Scale) -> Self {
        let (Scale::Linear { bins, .. } | Scale::Doubling { bins }) = scale;
        Self {
            scale,
            counts: vec![0; bins.max(1)],
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
            sum: 0.0,
        }
    }

    /// Counts a value; one that is no number is left out.
    pub(super) fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        let last = self.counts.len() - 1;
        // A float too large or below zero becomes the nearest number that there is.
        let bin = match self.scale {
            Scale::Linear { from, to, bins } => ((value - from) / (to - from) * bins as f64) as usize,
            Scale::Doubling { .. } if value < 1.0 => 0,
            Scale::Doubling { .. } => value.log2() as usize + 1,
        };
        self.counts[bin.min(last)] += 1;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        self.sum += value;
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The least value, the mean and the largest; `None` without values.
    pub fn range(&self) -> Option<[f64; 3]> {
        let count = self.count();
        (count > 0).then(|| [self.least, self.sum / count as f64, self.most])
    }

    /// The bins, from the first that holds something to the last.
    pub fn bins(&self) -> Vec<Bin> {
        let bins = self.counts.iter().enumerate();
        let bins: Vec<Bin> = bins.map(|(at, &count)| self.bin(at, count)).collect();
        let holds = |bin: &Bin| bin.count > 0;
        let first = bins.iter().position(holds).unwrap_or(bins.len());
        let last = bins.iter().rposition(holds).map_or(first, |at| at + 1);
        bins[first..last].to_vec()
    }

    /// All bins, also those at the ends that hold nothing.
    pub fn all_bins(&self) -> Vec<Bin> {
        let bins = self.counts.iter().enumerate();
        bins.map(|(at, &count)| self.bin(at, count)).collect()
    }

    /// Whether bins double in width.
    pub(super) fn doubles(&self) -> bool {
        matches!(self.scale, Scale::Doubling { .. })
    }

    fn bin(&self, at: usize, count: u64) -> Bin {
        let edge = |at: usize| match self.scale {
            Scale::Linear { from, to, bins } => from + (to - from) * at as f64 / bins as f64,
            Scale::Doubling { .. } if at == 0 => 0.0,
            Scale::Doubling { .. } => (at as f64 - 1.0).exp2(),
        };
        Bin {
            from: rounded(edge(at)),
            to: rounded(edge(at + 1)),
            count,
        }
    }
}

impl Serialize for Histogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire {
            count: u64,
            least: Option<f64>,
            mean: Option<f64>,
            most: Option<f64>,
            bins: Vec<Bin>,
        }
        let range = self.range().map(|range| range.map(rounded));
        Wire {
            count: self.count(),
            least: range.map(|range| range[0]),
            mean: range.map(|range| range[1]),
            most: range.map(|range| range[2]),
            bins: self.bins(),
        }
        .serialize(serializer)
    }
}

/// Four decimals, as scores have in records.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scale: Scale, values: &[f64], expected: &[(f64, f64, u64)]) {
        let mut histogram = Histogram::new(scale);
        values.iter().for_each(|&value| histogram.add(value));
        let bins: Vec<_> = histogram
            .bins()
            .iter()
            .map(|bin| (bin.from, bin.to, bin.count))
            .collect();
        assert_eq!(bins, expected);
    }

    #[test]
    fn values_fall_into_their_bins() {
        let unit = Scale::Linear {
            from: 0.0,
            to: 1.0,
            bins: 4,
        };
        check(unit, &[], &[]);
        check(unit, &[0.0, 0.25, 0.3], &[(0.0, 0.25, 1), (0.25, 0.5, 2)]);
        check(unit, &[1.0, 7.0, 0.75], &[(0.75, 1.0, 3)]);
        check(unit, &[-3.0, f64::NAN, f64::INFINITY], &[(0.0, 0.25, 1)]);
        let doubling = Scale::Doubling { bins: 5 };
        check(
            doubling,
            &[0.0, 1.0, 2.0, 3.0, 4.0, 1e300],
            &[
                (0.0, 1.0, 1),
                (1.0, 2.0, 1),
                (2.0, 4.0, 2),
                (4.0, 8.0, 1),
                (8.0, 16.0, 1),
            ],
        );
    }

    #[test]
    fn the_range_is_that_of_the_values() {
        let mut histogram = Histogram::new(Scale::Doubling { bins: 4 });
        assert_eq!(histogram.range(), None);
        [3.0, 1.0, 200.0].iter().for_each(|&value| histogram.add(value));
        assert_eq!(histogram.range(), Some([1.0, 68.0, 200.0]));
    }
}
