//! Multi-head attention over the keys and values of one sentence.

use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp, SimdUnaryOp};
use rten_vecmath::Exp;

use super::key_values::{Heads, KeyValues, PARTS, Stored};
use super::ops::fold_max;

/// Sums that the kernel works on at a time, for as many queries or heads: so many additions are under
/// way at once in a processor that none waits for the one before it.
const SUMS: usize = 4;

/// Memory that attention reuses from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
}

/// Which heads' weights to add up, and where.
pub(super) struct Observed<'a> {
    /// Whether a head counts, for each head.
    pub(super) heads: &'a [bool],
    /// One sum a position of the keys.
    pub(super) sums: &'a mut [f32],
}

/// Attends from each query row to the keys and values, and writes a row of results for each.
///
/// Query rows are `query_stride` values apart; `output` holds their results one behind the other.
/// `observed` gathers the attention weights, of all queries together.
pub(super) fn attend<T: Stored>(
    queries: &[f32],
    query_stride: usize,
    memory: &KeyValues<T>,
    output: &mut [f32],
    observed: Option<Observed<'_>>,
    scratch: &mut Scratch,
) {
    Attend {
        queries,
        query_stride,
        memory,
        output,
        observed,
        scores: &mut scratch.scores,
    }
    .dispatch();
}

struct Attend<'a, T> {
    queries: &'a [f32],
    query_stride: usize,
    memory: &'a KeyValues<T>,
    output: &'a mut [f32],
    observed: Option<Observed<'a>>,
    scores: &'a mut Vec<f32>,
}

impl<T: Stored> SimdOp for Attend<'_, T> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let Heads { count: heads, .. } = self.memory.heads();
        let total = self.memory.heads().total();
        if self.memory.len() == 0 {
            self.output.fill(0.0);
            return;
        }
        let positions = self.memory.len().next_multiple_of(T::columns(isa));
        let room = SUMS * (positions + self.memory.padded_width());
        self.scores.resize(room.max(self.scores.len()), 0.0);
        let count = self.output.len() / total;
        let in_blocks = count / SUMS * SUMS;
        for head in 0..heads {
            for query in (0..in_blocks).step_by(SUMS) {
                self.block::<I, SUMS, true>(isa, std::array::from_fn(|n| (query + n, head)));
            }
        }
        for query in in_blocks..count {
            let mut head = 0;
            while head + SUMS <= heads {
                self.block::<I, SUMS, false>(isa, std::array::from_fn(|n| (query, head + n)));
                head += SUMS;
            }
            while head < heads {
                self.block::<I, 1, true>(isa, [(query, head)]);
                head += 1;
            }
        }
    }
}

impl<T: Stored> Attend<'_, T> {
    /// Handles `N` queries, each of a head, at a time. `SHARED` says that they are all of one head.
    #[inline(always)]
    fn block<I: Isa, const N: usize, const SHARED: bool>(&mut self, isa: I, places: [(usize, usize); N]) {
        let memory = self.memory;
        let Heads { width, .. } = memory.heads();
        let (padded, total) = (memory.padded_width(), memory.heads().total());
        let positions = memory.len().next_multiple_of(T::columns(isa));
        let (scores, results) = self.scores.split_at_mut(SUMS * positions);

        let keys = places.map(|(_, head)| memory.head_keys(head));
        let rows = places.map(|(query, head)| {
            let start = query * self.query_stride + head * width;
            &self.queries[start..start + width]
        });
        product::<I, T, N, SHARED>(isa, rows, keys, memory.capacity(), positions, scores);

        let scale = 1.0 / (width as f32).sqrt();
        let mut factors = [0.0; N];
        for (row, factor) in scores.chunks_exact_mut(positions).zip(&mut factors) {
            *factor = exponentiate(isa, row, memory.len(), scale);
        }
        if let Some(observed) = self.observed.as_mut() {
            for ((row, factor), (_, head)) in scores.chunks_exact(positions).zip(&factors).zip(places) {
                observed.add(head, row, *factor);
            }
        }

        let values = places.map(|(_, head)| memory.head_values(head));
        let scores = &*scores;
        let rows: [&[f32]; N] = std::array::from_fn(|n| &scores[n * positions..n * positions + memory.len()]);
        product::<I, T, N, SHARED>(isa, rows, values, padded, padded, results);
        for ((row, factor), (query, head)) in results.chunks_exact(padded).zip(factors).zip(places) {
            let start = query * total + head * width;
            scale_into(isa, row, factor, &mut self.output[start..start + width]);
        }
    }
}

impl Observed<'_> {
    #[inline(always)]
    fn add(&mut self, head: usize, weights: &[f32], factor: f32) {
        if self.heads.get(head).copied().unwrap_or(false) {
            for (sum, weight) in self.sums.iter_mut().zip(weights) {
                *sum += weight * factor;
            }
        }
    }
}

/// `N` rows, each times a matrix of `columns` columns, whose rows lie `stride` values apart. `SHARED`
/// says that it is the same matrix for all.
#[expect(clippy::needless_range_loop, reason = "the index is of all rows and matrices")]
#[inline(always)]
fn product<I: Isa, T: Stored, const N: usize, const SHARED: bool>(
    isa: I,
    rows: [&[f32]; N],
    matrices: [&[T]; N],
    stride: usize,
    columns: usize,
    output: &mut [f32],
) {
    let (ops, step) = (isa.f32(), T::columns(isa));
    // Of one length, so that one check will do for all.
    let (depth, size) = (rows[0].len(), matrices[0].len());
    let rows = rows.map(|row| &row[..depth]);
    let matrices = matrices.map(|matrix| &matrix[..size]);
    for column in (0..columns).step_by(step) {
        let mut sums = [[ops.zero(); PARTS]; N];
        for index in 0..depth {
            let start = index * stride + column;
            for n in 0..N {
                let matrix = if SHARED { matrices[0] } else { matrices[n] };
                let line = &matrix[start..start + step];
                T::add_product(isa, ops.splat(rows[n][index]), line, &mut sums[n]);
            }
        }
        for (sums, output) in sums.iter().zip(output.chunks_exact_mut(columns)) {
            let output = output[column..column + step].chunks_exact_mut(ops.len());
            for (output, &sum) in output.zip(sums) {
                ops.store(sum, output);
            }
        }
    }
}

/// Writes the first values of `row`, multiplied by `factor`, to `output`.
#[inline(always)]
fn scale_into<I: Isa>(isa: I, row: &[f32], factor: f32, output: &mut [f32]) {
    let ops = isa.f32();
    let whole = output.len() / ops.len() * ops.len();
    let (output, output_rest) = output.split_at_mut(whole);
    let factors = ops.splat(factor);
    for (output, part) in output
        .chunks_exact_mut(ops.len())
        .zip(row.chunks_exact(ops.len()))
    {
        ops.store(ops.mul(ops.load(part), factors), output);
    }
    for (output, value) in output_rest.iter_mut().zip(&row[whole..]) {
        *output = value * factor;
    }
}

/// Makes scores into weights that are yet to be multiplied by the result. Only the first `len` scores
/// count; the others become 0.
#[inline(always)]
fn exponentiate<I: Isa>(isa: I, scores: &mut [f32], len: usize, scale: f32) -> f32 {
    let ops = isa.f32();
    scores[len..].fill(f32::NEG_INFINITY);
    let mut largest = ops.splat(f32::NEG_INFINITY);
    for part in scores.chunks_exact(ops.len()) {
        largest = ops.max(largest, ops.load(part));
    }
    let largest = ops.splat(fold_max::<I>(largest, f32::NEG_INFINITY));
    let scale = ops.splat(scale);
    let mut sum = ops.zero();
    for part in scores.chunks_exact_mut(ops.len()) {
        let shifted = ops.mul(ops.sub(ops.load(part), largest), scale);
        let weight = Exp::apply(isa, shifted);
        sum = ops.add(sum, weight);
        ops.store(weight, part);
    }
    1.0 / ops.sum(sum)
}

#[cfg(test)]
mod tests {
    use rten_simd::f16;

    use super::*;

    /// Numbers that 16 bits hold exactly.
    fn noise(len: usize, seed: usize) -> Vec<f32> {
        (0..len)
            .map(|index| ((index * 7919 + seed) % 1000) as f32 / 256.0 - 2.0)
            .collect()
    }

    /// Attention as it is defined, one number at a time.
    fn reference(heads: Heads, query: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
        let total = heads.total();
        (0..total)
            .map(|column| {
                let head = column / heads.width * heads.width;
                let scores = keys.chunks_exact(total).map(|key| {
                    let products = (head..head + heads.width).map(|index| query[index] * key[index]);
                    (products.sum::<f32>() / (heads.width as f32).sqrt()).exp()
                });
                let weights: Vec<f32> = scores.collect();
                let mixed = weights
                    .iter()
                    .zip(values.chunks_exact(total))
                    .map(|(weight, value)| weight * value[column]);
                mixed.sum::<f32>() / weights.iter().sum::<f32>()
            })
            .collect()
    }

    fn check<T: Stored>(heads: Heads, queries: usize, positions: usize) {
        let total = heads.total();
        let (query, key, value) = (
            noise(queries * total, 1),
            noise(positions * total, 2),
            noise(positions * total, 3),
        );
        // The least capacity, so that it has to grow.
        let mut memory = KeyValues::<T>::new(heads, 1);
        for (key, value) in key.chunks_exact(total).zip(value.chunks_exact(total)) {
            memory.push(key, value);
        }
        let mut output = vec![0.0; queries * total];
        attend(&query, total, &memory, &mut output, None, &mut Scratch::default());
        for (query, output) in query.chunks_exact(total).zip(output.chunks_exact(total)) {
            for (found, expected) in output.iter().zip(reference(heads, query, &key, &value)) {
                assert!(
                    (found - expected).abs() < 1e-4,
                    "{heads:?} {positions}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn attention_equals_its_definition() {
        for (count, width) in [(1, 1), (2, 8), (3, 20), (4, 32)] {
            for (queries, positions) in [(1, 1), (1, 40), (5, 16), (9, 17)] {
                check::<f32>(Heads { count, width }, queries, positions);
                check::<f16>(Heads { count, width }, queries, positions);
            }
        }
    }

    #[test]
    fn weights_of_observed_heads_are_summed() {
        let heads = Heads { count: 2, width: 4 };
        let mut memory = KeyValues::<f32>::new(heads, 3);
        for position in 0..3 {
            memory.push(&[position as f32; 8], &[0.0; 8]);
        }
        let observe = |chosen: [bool; 2]| {
            let mut sums = vec![0.0; 3];
            let observed = Observed {
                heads: &chosen,
                sums: &mut sums,
            };
            attend(
                &[1.0; 8],
                8,
                &memory,
                &mut [0.0; 8],
                Some(observed),
                &mut Scratch::default(),
            );
            sums
        };
        let (one, both) = (observe([true, false]), observe([true, true]));
        assert!((one.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{one:?}");
        assert!(one.is_sorted() && one[0] < one[2], "{one:?}");
        assert!((both[2] - 2.0 * one[2]).abs() < 1e-5, "{both:?}");
        assert_eq!(observe([false, false]), [0.0; 3]);
    }

    #[test]
    fn nothing_to_attend_to_gives_zeros() {
        let heads = Heads { count: 1, width: 2 };
        let mut output = [1.0; 2];
        attend(
            &[1.0; 2],
            2,
            &KeyValues::<f32>::new(heads, 0),
            &mut output,
            None,
            &mut Scratch::default(),
        );
        assert_eq!(output, [0.0; 2]);
    }
}
