//! Int8 matrix products with the dot-product instruction of AVX-512 (VNNI), for the shapes of this
//! engine.
//!
//! `rten-gemm` has such a kernel, and serves all other machines. A decoder's products have few rows,
//! though, and there it spends a third of its time on rows that are not there (its tiles have 14),
//! on copying the activations and on writing sums that are scaled in a second pass. Here a tile has as
//! many rows as are left, reads the activations where they lie, and scales its sums in registers. The
//! sums are whole numbers, so both give the same results.

use std::arch::x86_64::*;

/// Columns of a panel: the 32-bit lanes of a register.
const LANES: usize = 16;

/// Bytes that one lane multiplies and adds up.
const DEPTH: usize = 4;

/// The most rows of a tile: with two panels, 28 sums, 2 vectors of weights and one of activations are
/// 31 of the 32 registers.
const MOST_ROWS: usize = 14;

/// Up to so many rows, a tile has four panels: with two, each sum would wait for the one before it.
const FEW_ROWS: usize = 6;

/// One load of weights: four inputs of each column of a panel.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([i8; LANES * DEPTH]);

/// A weight in the order in which the kernel reads it, with what its sums are scaled by.
pub(super) struct Packed {
    /// Panel by panel, from the first inputs to the last.
    lines: Vec<Line>,
    /// What the zero point of the activations adds to each column's sum.
    offsets: Vec<i32>,
    scales: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

/// Activations to multiply and where the results go.
pub(super) struct Product<'a> {
    /// Rows of quantised activations.
    pub(super) bytes: &'a [u8],
    /// One scale a row.
    pub(super) row_scales: &'a [f32],
    /// The least result: zero for a rectifier, minus infinity for none.
    pub(super) least: f32,
    /// Rows of results.
    pub(super) output: &'a mut [f32],
}

/// Whether this machine has the instructions.
pub(super) fn is_supported() -> bool {
    is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni")
}

impl Packed {
    /// Packs the weight `[outputs, inputs]`, which has a scale and a bias an output, for activations in
    /// which `zero_point` stands for zero. `None` where this machine lacks the instructions or the inputs
    /// do not fill whole lanes.
    pub(super) fn new(
        values: &[i8],
        scales: &[f32],
        bias: &[f32],
        inputs: usize,
        zero_point: u8,
    ) -> Option<Self> {
        if !is_supported() || inputs == 0 || !inputs.is_multiple_of(DEPTH) {
            return None;
        }
        let outputs = scales.len();
        let panels = outputs.div_ceil(LANES);
        let depth = inputs / DEPTH;
        let mut packed = Self {
            lines: vec![Line([0; LANES * DEPTH]); panels * depth],
            offsets: vec![0; panels * LANES],
            scales: padded(scales, panels * LANES),
            bias: padded(bias, panels * LANES),
            inputs,
            outputs,
        };
        for (column, row) in values.chunks_exact(inputs).enumerate() {
            let lines = &mut packed.lines[column / LANES * depth..][..depth];
            let lane = column % LANES * DEPTH;
            for (line, part) in lines.iter_mut().zip(row.chunks_exact(DEPTH)) {
                line.0[lane..lane + DEPTH].copy_from_slice(part);
            }
            let sum: i32 = row.iter().map(|&value| i32::from(value)).sum();
            packed.offsets[column] = sum * i32::from(zero_point);
        }
        Some(packed)
    }

    /// Multiplies each row by the weight, scales it and adds the bias.
    pub(super) fn apply(&self, product: Product<'_>) {
        let rows = product.output.len() / self.outputs.max(1);
        assert!(product.bytes.len() >= rows * self.inputs && product.row_scales.len() >= rows);
        let mut task = Task {
            packed: self,
            bytes: product.bytes,
            row_scales: product.row_scales,
            least: product.least,
            output: product.output,
        };
        // SAFETY: a `Packed` is only made where the instructions are there, and the lengths, which are
        // all that the kernel relies on, were checked above.
        unsafe { task.run(rows) };
    }
}

fn padded(values: &[f32], len: usize) -> Vec<f32> {
    let mut values = values.to_vec();
    values.resize(len, 0.0);
    values
}

struct Task<'a> {
    packed: &'a Packed,
    bytes: &'a [u8],
    row_scales: &'a [f32],
    least: f32,
    output: &'a mut [f32],
}

/// Calls a tile of so many rows.
macro_rules! tile_of {
    ($task:expr, $rows:expr, $vectors:literal, $place:expr, [$($count:literal)*]) => {
        match $rows {
            $($count => unsafe { $task.tile::<$count, $vectors>($place) },)*
            _ => unreachable!("tiles have at most {MOST_ROWS} rows"),
        }
    };
}

/// Where a tile begins.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    panel: usize,
}

impl Task<'_> {
    /// Goes through the panels, and for each through the rows, so that weights stay in the nearest
    /// cache.
    ///
    /// # Safety
    ///
    /// The machine has AVX-512 F and VNNI; there are `rows` rows of bytes, scales and output.
    unsafe fn run(&mut self, rows: usize) {
        if rows == 0 {
            return;
        }
        let tiles = rows.div_ceil(MOST_ROWS);
        let panels = self.packed.offsets.len() / LANES;
        let step = if rows <= FEW_ROWS { 4 } else { 2 };
        let mut panel = 0;
        while panel < panels {
            let vectors = if panel + step <= panels { step } else { 1 };
            for tile in 0..tiles {
                // As even as can be, so that no tile is left with a row or two.
                let (row, end) = (tile * rows / tiles, (tile + 1) * rows / tiles);
                let place = Place { row, panel };
                match vectors {
                    4 => tile_of!(self, end - row, 4, place, [1 2 3 4 5 6]),
                    2 => tile_of!(self, end - row, 2, place, [1 2 3 4 5 6 7 8 9 10 11 12 13 14]),
                    _ => tile_of!(self, end - row, 1, place, [1 2 3 4 5 6 7 8 9 10 11 12 13 14]),
                }
            }
            panel += vectors;
        }
    }

    /// # Safety
    ///
    /// As [`Self::run`]; the tile lies within the rows and panels.
    #[target_feature(enable = "avx512f,avx512vnni")]
    unsafe fn tile<const ROWS: usize, const VECTORS: usize>(&mut self, place: Place) {
        let depth = self.packed.inputs / DEPTH;
        // SAFETY: the caller vouches for the rows and panels, and a panel has `depth` lines.
        unsafe {
            let lines = self.packed.lines.as_ptr().add(place.panel * depth);
            let bytes = self.bytes.as_ptr().add(place.row * self.packed.inputs);
            let mut sums = [[_mm512_setzero_si512(); VECTORS]; ROWS];
            for step in 0..depth {
                let mut weights = [_mm512_setzero_si512(); VECTORS];
                for (vector, weights) in weights.iter_mut().enumerate() {
                    *weights = _mm512_load_si512(lines.add(vector * depth + step).cast());
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let four = bytes.add(row * self.packed.inputs + step * DEPTH);
                    let four = _mm512_set1_epi32(four.cast::<i32>().read_unaligned());
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = _mm512_dpbusd_epi32(*sum, four, weights);
                    }
                }
            }
            for vector in 0..VECTORS {
                let mut column = [_mm512_setzero_si512(); ROWS];
                for (column, sums) in column.iter_mut().zip(&sums) {
                    *column = sums[vector];
                }
                self.write(place.row, place.panel + vector, column);
            }
        }
    }

    /// Scales the sums of a panel and writes them.
    ///
    /// # Safety
    ///
    /// As [`Self::tile`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512vnni")]
    unsafe fn write<const ROWS: usize>(&mut self, row: usize, panel: usize, sums: [__m512i; ROWS]) {
        let Packed {
            offsets,
            scales,
            bias,
            outputs,
            ..
        } = self.packed;
        let column = panel * LANES;
        let used = (outputs - column).min(LANES);
        let mask = u16::MAX >> (LANES - used);
        let least = _mm512_set1_ps(self.least);
        // SAFETY: the vectors of a column are padded to whole panels; the mask leaves out what is
        // beyond a row of output.
        unsafe {
            let offset = _mm512_loadu_si512(offsets.as_ptr().add(column).cast());
            let scale = _mm512_loadu_ps(scales.as_ptr().add(column));
            let bias = _mm512_loadu_ps(bias.as_ptr().add(column));
            for (index, sum) in sums.into_iter().enumerate() {
                let factor = _mm512_mul_ps(scale, _mm512_set1_ps(*self.row_scales.as_ptr().add(row + index)));
                let sum = _mm512_cvtepi32_ps(_mm512_sub_epi32(sum, offset));
                let value = _mm512_max_ps(_mm512_fmadd_ps(sum, factor, bias), least);
                let output = self.output.as_mut_ptr().add((row + index) * outputs + column);
                _mm512_mask_storeu_ps(output, mask, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO_POINT: u8 = 128;

    /// The product as it is defined.
    fn reference(bytes: &[u8], values: &[i8], inputs: usize) -> Vec<i32> {
        let row = |row: &[u8]| -> Vec<i32> {
            let column = |column: &[i8]| {
                let pairs = row.iter().zip(column);
                pairs
                    .map(|(&byte, &value)| (i32::from(byte) - i32::from(ZERO_POINT)) * i32::from(value))
                    .sum()
            };
            values.chunks_exact(inputs).map(column).collect()
        };
        bytes.chunks_exact(inputs).flat_map(row).collect()
    }

    fn check(rows: usize, inputs: usize, outputs: usize) {
        let bytes: Vec<u8> = (0..rows * inputs).map(|i| (i * 7919 % 256) as u8).collect();
        let values: Vec<i8> = (0..inputs * outputs)
            .map(|i| (i * 104_729 % 255) as u8 as i8)
            .collect();
        let scales: Vec<f32> = (0..outputs).map(|i| (i + 1) as f32).collect();
        let bias: Vec<f32> = (0..outputs).map(|i| i as f32 - 3.0).collect();
        let row_scales: Vec<f32> = (0..rows).map(|i| 0.5 + i as f32).collect();
        let Some(packed) = Packed::new(&values, &scales, &bias, inputs, ZERO_POINT) else {
            assert!(!is_supported() || inputs == 0 || !inputs.is_multiple_of(DEPTH));
            return;
        };
        for least in [f32::NEG_INFINITY, 0.0] {
            let mut output = vec![f32::NAN; rows * outputs];
            packed.apply(Product {
                bytes: &bytes,
                row_scales: &row_scales,
                least,
                output: &mut output,
            });
            let sums = reference(&bytes, &values, inputs);
            for (index, (found, sum)) in output.iter().zip(sums).enumerate() {
                let (row, column) = (index / outputs, index % outputs);
                let expected = (sum as f32).mul_add(scales[column] * row_scales[row], bias[column]);
                assert_eq!(
                    *found,
                    expected.max(least),
                    "{rows}x{inputs}x{outputs} at {index}"
                );
            }
        }
    }

    #[test]
    fn a_product_equals_its_definition_for_any_number_of_rows_and_columns() {
        for rows in 0..=43 {
            check(rows, 8, 33);
        }
        for outputs in [1, 2, 15, 16, 17, 31, 32, 48, 63, 64, 65, 100] {
            for rows in [1, 3, 6, 7, 15] {
                check(rows, 12, outputs);
            }
        }
        check(5, 1024, 16);
        check(2, 0, 4);
        check(2, 6, 4);
    }
}
