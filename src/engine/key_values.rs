//! The keys and values that attention looks at, in 32 or 16 bits.

use rten_simd::ops::{BitOps, Extend, NarrowSaturate, NumOps};
use rten_simd::{Isa, SimdOp, f16};

/// A multiple of the lanes of `f32` of every instruction set.
const LANES: usize = 16;

/// The fewest lanes of `f32` that an instruction set of `rten-simd` has.
const MIN_LANES: usize = 4;

/// The most vectors of `f32` that the columns which the kernel handles at a time take.
pub(super) const PARTS: usize = LANES / MIN_LANES;

/// Numbers that are converted at a time, where they cannot be converted in their place.
const CONVERTED: usize = 64;

/// How a row of queries, keys or values is cut into heads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heads {
    /// The number of heads.
    pub(super) count: usize,
    /// The number of values of one head.
    pub(super) width: usize,
}

impl Heads {
    /// The number of values of all heads.
    pub(super) fn total(self) -> usize {
        self.count * self.width
    }
}

/// How keys and values are kept: `f32` as they are, or `f16` at half the size and a relative error of at
/// most 1/2048.
///
/// The keys and values of a batch do not fit in the cache that is near, and half of them take half the
/// time to fetch. The error is far below the one that int8 products have anyway.
pub(super) trait Stored: Copy + Default + Send + Sync {
    /// What positions and the width of a head are padded to: a multiple of [`Stored::columns`] of every
    /// instruction set.
    const PADDING: usize;

    /// Columns that the kernel handles at a time, of at most [`PARTS`] vectors of `f32`.
    fn columns<I: Isa>(isa: I) -> usize;

    /// Writes numbers to `kept`, which is as long, in the way they are kept. Those out of range become the
    /// largest or least one.
    fn store<I: Isa>(isa: I, values: &[f32], kept: &mut [Self]);

    /// Adds `left` times the columns of `line` to `sums`.
    fn add_product<I: Isa>(isa: I, left: I::F32, line: &[Self], sums: &mut [I::F32; PARTS]);
}

impl Stored for f32 {
    const PADDING: usize = LANES;

    #[inline(always)]
    fn columns<I: Isa>(_: I) -> usize {
        LANES
    }

    #[inline(always)]
    fn store<I: Isa>(_: I, values: &[f32], kept: &mut [Self]) {
        kept.copy_from_slice(values);
    }

    #[inline(always)]
    fn add_product<I: Isa>(isa: I, left: I::F32, line: &[Self], sums: &mut [I::F32; PARTS]) {
        let ops = isa.f32();
        for (right, sum) in line.chunks_exact(ops.len()).zip(sums) {
            *sum = ops.mul_add(left, ops.load(right), *sum);
        }
    }
}

/// The largest number that `f16` holds.
const F16_MAX: f32 = 65504.0;

impl Stored for f16 {
    const PADDING: usize = 2 * LANES;

    #[inline(always)]
    fn columns<I: Isa>(isa: I) -> usize {
        isa.f16().len()
    }

    #[inline(always)]
    fn store<I: Isa>(isa: I, values: &[f32], kept: &mut [Self]) {
        let len = isa.f16().len();
        let (parts, kept_parts) = (values.chunks_exact(len), kept.chunks_exact_mut(len));
        let rest = parts.remainder();
        let whole = values.len() - rest.len();
        for (values, kept) in parts.zip(kept_parts) {
            store_vector(isa, values, kept);
        }
        if !rest.is_empty() {
            let (mut padded, mut padded_kept) = ([0.0; 2 * LANES], [f16::default(); 2 * LANES]);
            padded[..rest.len()].copy_from_slice(rest);
            store_vector(isa, &padded, &mut padded_kept);
            kept[whole..].copy_from_slice(&padded_kept[..rest.len()]);
        }
    }

    #[inline(always)]
    fn add_product<I: Isa>(isa: I, left: I::F32, line: &[Self], sums: &mut [I::F32; PARTS]) {
        let (ops, halves) = (isa.f32(), isa.f16());
        let right = halves.load(line);
        sums[0] = ops.mul_add(left, halves.extend_low(right), sums[0]);
        sums[1] = ops.mul_add(left, halves.extend_high(right), sums[1]);
    }
}

/// Writes the first numbers of `values` to `kept`, as many as a vector of `f16` has.
#[inline(always)]
fn store_vector<I: Isa>(isa: I, values: &[f32], kept: &mut [f16]) {
    let ops = isa.f32();
    let (least, largest) = (ops.splat(-F16_MAX), ops.splat(F16_MAX));
    let [low, high] = [0, ops.len()].map(|start| ops.clamp(ops.load(&values[start..]), least, largest));
    isa.f16().store(ops.narrow_saturate(low, high), kept);
}

/// The keys and values of one sentence in one layer, laid out for the kernel: keys as
/// `[head][dimension][position]`, values as `[head][position][dimension]`.
#[derive(Clone, Debug)]
pub(super) struct KeyValues<T> {
    heads: Heads,
    len: usize,
    capacity: usize,
    keys: Vec<T>,
    values: Vec<T>,
}

impl<T: Stored> KeyValues<T> {
    /// No keys and values yet, with room for `capacity` positions.
    pub(super) fn new(heads: Heads, capacity: usize) -> Self {
        let mut new = Self {
            heads,
            len: 0,
            capacity: 0,
            keys: Vec::new(),
            values: Vec::new(),
        };
        new.reset(heads, capacity);
        new
    }

    /// Forgets all positions and makes room for `capacity` of them.
    pub(super) fn reset(&mut self, heads: Heads, capacity: usize) {
        let capacity = capacity.next_multiple_of(T::PADDING);
        self.heads = heads;
        self.len = 0;
        self.capacity = capacity;
        // What was there before is overwritten position by position, and what is left of it beyond `len`
        // never counts.
        self.keys.resize(heads.total() * capacity, T::default());
        self.values
            .resize(heads.count * self.padded_width() * capacity, T::default());
    }

    /// How rows are cut into heads.
    pub(super) fn heads(&self) -> Heads {
        self.heads
    }

    /// The number of positions.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The number of positions that there is room for.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The number of values of one head with the padding.
    pub(super) fn padded_width(&self) -> usize {
        self.heads.width.next_multiple_of(T::PADDING)
    }

    /// The keys of a head, a row of [`KeyValues::capacity`] for each dimension.
    pub(super) fn head_keys(&self, head: usize) -> &[T] {
        let size = self.heads.width * self.capacity;
        &self.keys[head * size..(head + 1) * size]
    }

    /// The values of a head, a row of [`KeyValues::padded_width`] for each position.
    pub(super) fn head_values(&self, head: usize) -> &[T] {
        let size = self.capacity * self.padded_width();
        &self.values[head * size..(head + 1) * size]
    }

    /// Adds a position.
    pub(super) fn push(&mut self, key: &[f32], value: &[f32]) {
        self.make_room(1);
        Push {
            memory: self,
            key,
            value,
        }
        .dispatch();
    }

    /// Adds as many positions as there are rows of `stride` values. A row holds a key at the column
    /// `key`, and the value behind it.
    pub(super) fn extend(&mut self, rows: &[f32], stride: usize, key: usize) {
        let count = rows.len() / stride;
        if count == 0 {
            return;
        }
        self.make_room(count);
        Extension {
            memory: self,
            rows: &rows[..count * stride],
            stride,
            key,
        }
        .dispatch();
    }

    #[inline(always)]
    fn push_value<I: Isa>(&mut self, isa: I, value: &[f32]) {
        let (width, padded) = (self.heads.width, self.padded_width());
        let heads = self.values.chunks_exact_mut(self.capacity * padded);
        for (head, value) in heads.zip(value.chunks_exact(width)) {
            T::store(isa, value, &mut head[self.len * padded..][..width]);
        }
        self.len += 1;
    }

    fn make_room(&mut self, count: usize) {
        let needed = self.len + count;
        if needed > self.capacity {
            self.grow(needed.max(2 * self.capacity));
        }
    }

    fn grow(&mut self, capacity: usize) {
        let old = std::mem::replace(self, Self::new(self.heads, capacity));
        self.len = old.len;
        let rows = old.keys.chunks_exact(old.capacity.max(1));
        for (old_row, row) in rows.zip(self.keys.chunks_exact_mut(self.capacity)) {
            row[..old.len].copy_from_slice(&old_row[..old.len]);
        }
        let padded = self.padded_width();
        let blocks = old.values.chunks_exact(old.capacity.max(1) * padded);
        for (old_block, block) in blocks.zip(self.values.chunks_exact_mut(self.capacity * padded)) {
            block[..old.len * padded].copy_from_slice(&old_block[..old.len * padded]);
        }
    }
}

struct Push<'a, T> {
    memory: &'a mut KeyValues<T>,
    key: &'a [f32],
    value: &'a [f32],
}

impl<T: Stored> SimdOp for Push<'_, T> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (len, capacity) = (self.memory.len, self.memory.capacity);
        let mut kept = [T::default(); CONVERTED];
        let rows = self.memory.keys.chunks_mut(CONVERTED * capacity);
        for (rows, key) in rows.zip(self.key.chunks(CONVERTED)) {
            let kept = &mut kept[..key.len()];
            T::store(isa, key, kept);
            for (row, &key) in rows.chunks_exact_mut(capacity).zip(&*kept) {
                row[len] = key;
            }
        }
        self.memory.push_value(isa, self.value);
    }
}

struct Extension<'a, T> {
    memory: &'a mut KeyValues<T>,
    rows: &'a [f32],
    stride: usize,
    key: usize,
}

impl<T: Stored> SimdOp for Extension<'_, T> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let memory = self.memory;
        let (first, count, total) = (memory.len, self.rows.len() / self.stride, memory.heads.total());
        let mut column = [0.0; CONVERTED];
        for (dimension, keys) in memory.keys.chunks_exact_mut(memory.capacity).enumerate() {
            // Written in one go: one after the other, positions would touch all lines of memory each.
            let slots = keys[first..first + count].chunks_mut(CONVERTED);
            for (slots, rows) in slots.zip(self.rows.chunks(CONVERTED * self.stride)) {
                for (value, row) in column.iter_mut().zip(rows.chunks_exact(self.stride)) {
                    *value = row[self.key + dimension];
                }
                T::store(isa, &column[..slots.len()], slots);
            }
        }
        for row in self.rows.chunks_exact(self.stride) {
            memory.push_value(isa, &row[self.key + total..self.key + 2 * total]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Store<'a>(&'a [f32]);

    impl SimdOp for Store<'_> {
        type Output = Vec<f32>;

        fn eval<I: Isa>(self, isa: I) -> Vec<f32> {
            let mut kept = vec![f16::default(); self.0.len()];
            f16::store(isa, self.0, &mut kept);
            kept.into_iter().map(f16::to_f32).collect()
        }
    }

    #[test]
    fn sixteen_bits_round_to_the_nearest_and_stay_in_range() {
        let cases = [
            (0.0, 0.0),
            (-1.5, -1.5),
            (2047.0, 2047.0),
            // Half way between two: to the even one.
            (2049.0, 2048.0),
            (2051.0, 2052.0),
            (-2049.5, -2050.0),
            (1.0 + 1.0 / 1500.0, 1.0 + 1.0 / 1024.0),
            (1.0 + 1.0 / 2500.0, 1.0),
            // The least that there is, and less.
            (6e-8, 2f32.powi(-24)),
            (2e-8, 0.0),
            (65504.0, 65504.0),
            (70000.0, 65504.0),
            (f32::INFINITY, 65504.0),
            (-1e30, -65504.0),
        ];
        // At every place of a vector and behind the last whole one.
        for before in 0..40 {
            for (value, expected) in cases {
                let mut values = vec![7.0; before];
                values.push(value);
                let mut rounded = vec![7.0; before];
                rounded.push(expected);
                assert_eq!(Store(&values).dispatch(), rounded, "{value}");
            }
        }
    }

    /// Rows of whole numbers, which 16 bits hold exactly, of three columns, a key, a value and one more.
    fn rows(heads: Heads, count: usize) -> (usize, Vec<f32>) {
        let stride = 3 + 2 * heads.total() + 1;
        (
            stride,
            (0..count * stride).map(|index| (index % 2039) as f32).collect(),
        )
    }

    fn check_extend<T: Stored + Into<f32>>(heads: Heads, counts: &[usize]) {
        let total = heads.total();
        let (stride, rows) = rows(heads, counts.iter().sum());
        let mut extended = KeyValues::<T>::new(heads, 0);
        let mut rest = rows.as_slice();
        for count in counts {
            let (part, after) = rest.split_at(count * stride);
            extended.extend(part, stride, 3);
            rest = after;
        }
        let mut pushed = KeyValues::<T>::new(heads, 1);
        for row in rows.chunks_exact(stride) {
            pushed.push(&row[3..3 + total], &row[3 + total..3 + 2 * total]);
        }
        for memory in [&extended, &pushed] {
            assert_eq!(memory.len(), rows.len() / stride);
            for (position, row) in rows.chunks_exact(stride).enumerate() {
                for (index, (&key, &value)) in row[3..3 + total].iter().zip(&row[3 + total..]).enumerate() {
                    let (head, dimension) = (index / heads.width, index % heads.width);
                    let keys = memory.head_keys(head);
                    let values = memory.head_values(head);
                    assert_eq!(keys[dimension * memory.capacity() + position].into(), key);
                    assert_eq!(values[position * memory.padded_width() + dimension].into(), value);
                }
            }
        }
    }

    #[test]
    fn rows_are_kept_whole_whether_added_at_once_or_one_by_one() {
        for (count, width) in [(1, 1), (3, 20), (2, 32), (1, 80)] {
            let heads = Heads { count, width };
            for counts in [&[0][..], &[1], &[5, 0, 30], &[33, 64, 1], &[130]] {
                check_extend::<f32>(heads, counts);
                check_extend::<f16>(heads, counts);
            }
        }
    }
}
