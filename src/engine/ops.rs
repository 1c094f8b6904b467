//! Vectorised operations on rows of numbers. Each works on the instruction set that `rten-simd` finds
//! at run time, and treats every row by itself.

use rten_simd::ops::{BitOps, FloatOps, NarrowSaturate, NumOps, ToFloat};
use rten_simd::{Isa, Simd, SimdOp, SimdUnaryOp};
use rten_vecmath::{ApproxGelu, Exp, Gelu, Silu};
use serde::Deserialize;

/// The function between the two layers of a feed-forward block, by its name in `config.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Activation {
    /// Gaussian error linear unit, with the exact error function.
    #[serde(alias = "gelu_python")]
    Gelu,
    /// The same with a hyperbolic tangent in place of the error function.
    #[serde(rename = "gelu_new", alias = "gelu_fast", alias = "gelu_pytorch_tanh")]
    GeluNew,
    /// Rectified linear unit.
    Relu,
    /// `x * sigmoid(x)`, which Marian calls swish.
    #[serde(alias = "swish")]
    Silu,
}

impl Activation {
    /// Applies the function to each value.
    pub(super) fn apply(self, values: &mut [f32]) {
        match self {
            Self::Gelu => Gelu {}.map_mut(values),
            Self::GeluNew => ApproxGelu {}.map_mut(values),
            Self::Relu => Relu.map_mut(values),
            Self::Silu => Silu {}.map_mut(values),
        }
    }
}

/// Quantises rows of `columns` values to bytes with zero point [`ZERO_POINT`], each row with a scale of
/// its own, such that `value = (byte - ZERO_POINT) * scale`.
pub(super) fn quantize_rows(values: &[f32], columns: usize, bytes: &mut [u8], scales: &mut [f32]) {
    QuantizeRows {
        values,
        columns,
        bytes,
        scales,
    }
    .dispatch();
}

/// What a quantised activation of zero is stored as.
pub(super) const ZERO_POINT: u8 = 128;

/// The sums of an int8 product on their way back to floating point.
pub(super) struct Dequantize<'a> {
    /// Rows of sums.
    pub(super) sums: &'a [i32],
    /// One scale a row: that of the activations.
    pub(super) row_scales: &'a [f32],
    /// One scale a column: that of the weights.
    pub(super) column_scales: &'a [f32],
    /// One value a column to add.
    pub(super) bias: &'a [f32],
    /// Rows of results.
    pub(super) output: &'a mut [f32],
}

impl Dequantize<'_> {
    /// Scales the sums, adds the bias and applies the activation.
    pub(super) fn run(self, activation: Option<Activation>) {
        match activation {
            None => DequantizeWith(self, Identity).dispatch(),
            Some(Activation::Gelu) => DequantizeWith(self, Gelu {}).dispatch(),
            Some(Activation::GeluNew) => DequantizeWith(self, ApproxGelu {}).dispatch(),
            Some(Activation::Relu) => DequantizeWith(self, Relu).dispatch(),
            Some(Activation::Silu) => DequantizeWith(self, Silu {}).dispatch(),
        }
    }
}

/// Layer normalisation.
#[derive(Clone, Debug)]
pub(super) struct LayerNorm {
    /// What the normalised values are multiplied by.
    pub(super) weight: Vec<f32>,
    /// What is added to them then.
    pub(super) bias: Vec<f32>,
    /// Added to the variance.
    pub(super) epsilon: f32,
    /// Whether it stands before the block that it belongs to ("pre-norm") rather than behind the sum of
    /// the block and its input ("post-norm").
    pub(super) before: bool,
}

impl LayerNorm {
    /// Normalises each row in place.
    pub(super) fn apply(&self, rows: &mut [f32]) {
        NormalizeRows {
            norm: self,
            rows,
            residual: None,
        }
        .dispatch();
    }

    /// Adds `other` to `rows` and normalises each row.
    pub(super) fn add_and_apply(&self, rows: &mut [f32], other: &[f32]) {
        NormalizeRows {
            norm: self,
            rows,
            residual: Some(other),
        }
        .dispatch();
    }
}

/// The natural logarithm of the sum of the exponentials of `values`.
pub(super) fn log_sum_exp(values: &[f32]) -> f32 {
    LogSumExp(values).dispatch()
}

/// The index of the largest value, the first of equals; 0 where there is none.
pub(super) fn argmax(values: &[f32]) -> usize {
    /// Looked through as a whole, which is faster than to ask after each value.
    const PART: usize = 64;
    let largest = Largest(values).dispatch();
    let holds = |part: &[f32]| {
        part.iter()
            .fold(false, |found, &value| found | (value == largest))
    };
    let start = values.chunks(PART).position(holds).unwrap_or(0) * PART;
    let place = values[start..].iter().position(|&value| value == largest);
    place.map_or(0, |place| start + place)
}

struct QuantizeRows<'a> {
    values: &'a [f32],
    columns: usize,
    bytes: &'a mut [u8],
    scales: &'a mut [f32],
}

impl SimdOp for QuantizeRows<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let rows = self
            .values
            .chunks_exact(self.columns)
            .zip(self.bytes.chunks_exact_mut(self.columns));
        for ((values, bytes), scale) in rows.zip(self.scales) {
            let largest = largest_magnitude(isa, values);
            if largest == 0.0 {
                bytes.fill(ZERO_POINT);
                *scale = 0.0;
            } else {
                quantize(isa, values, 127.0 / largest, bytes);
                *scale = largest / 127.0;
            }
        }
    }
}

#[inline(always)]
fn largest_magnitude<I: Isa>(isa: I, values: &[f32]) -> f32 {
    let ops = isa.f32();
    let mut largest = ops.zero();
    let mut chunks = values.chunks_exact(ops.len());
    for chunk in &mut chunks {
        largest = ops.max(largest, ops.abs(ops.load(chunk)));
    }
    let tail = chunks
        .remainder()
        .iter()
        .fold(0.0f32, |largest, value| largest.max(value.abs()));
    fold_max::<I>(largest, tail)
}

#[inline(always)]
fn quantize<I: Isa>(isa: I, values: &[f32], inverse_scale: f32, bytes: &mut [u8]) {
    let (ops, ints) = (isa.f32(), isa.i32());
    let lanes = ops.len();
    let (factor, zero) = (ops.splat(inverse_scale), ints.splat(i32::from(ZERO_POINT)));
    let mut chunks = values.chunks_exact(4 * lanes);
    let mut outputs = bytes.chunks_exact_mut(4 * lanes);
    for (chunk, output) in (&mut chunks).zip(&mut outputs) {
        let [a, b, c, d] = ops.load_many::<4>(chunk).map(
            #[inline(always)]
            |x| ints.add(ops.to_int_round(ops.mul(x, factor)), zero),
        );
        let low = ints.narrow_saturate(a, b);
        let high = ints.narrow_saturate(c, d);
        isa.u8().store(isa.i16().narrow_saturate(low, high), output);
    }
    for (value, byte) in chunks.remainder().iter().zip(outputs.into_remainder()) {
        let rounded = (value * inverse_scale).round_ties_even() as i32 + i32::from(ZERO_POINT);
        *byte = rounded.clamp(0, 255) as u8;
    }
}

struct DequantizeWith<'a, A>(Dequantize<'a>, A);

impl<A: SimdUnaryOp<f32>> SimdOp for DequantizeWith<'_, A> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let Self(task, activation) = self;
        let (ops, ints) = (isa.f32(), isa.i32());
        let lanes = ops.len();
        let columns = task.column_scales.len();
        let whole = columns / lanes * lanes;
        let (scales, scales_rest) = task.column_scales.split_at(whole);
        let (bias, bias_rest) = task.bias.split_at(whole);
        let rows = task
            .sums
            .chunks_exact(columns)
            .zip(task.output.chunks_exact_mut(columns));
        for ((sums, output), &row_scale) in rows.zip(task.row_scales) {
            let row_scale = ops.splat(row_scale);
            let (sums, sums_rest) = sums.split_at(whole);
            let (output, output_rest) = output.split_at_mut(whole);
            let factors = scales.chunks_exact(lanes).zip(bias.chunks_exact(lanes));
            let parts = sums.chunks_exact(lanes).zip(output.chunks_exact_mut(lanes));
            for ((sums, output), (scales, bias)) in parts.zip(factors) {
                let factor = ops.mul(ops.load(scales), row_scale);
                let value = ops.mul_add(ints.to_float(ints.load(sums)), factor, ops.load(bias));
                ops.store(activation.eval(isa, value), output);
            }
            if !output_rest.is_empty() {
                let factor = ops.mul(ops.load_pad(scales_rest).0, row_scale);
                let sums = ints.to_float(ints.load_pad(sums_rest).0);
                let value = ops.mul_add(sums, factor, ops.load_pad(bias_rest).0);
                store_part::<I>(activation.eval(isa, value), output_rest);
            }
        }
    }
}

struct NormalizeRows<'a> {
    norm: &'a LayerNorm,
    rows: &'a mut [f32],
    residual: Option<&'a [f32]>,
}

impl SimdOp for NormalizeRows<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let width = self.norm.weight.len();
        let mut residual = self.residual.map(|rows| rows.chunks_exact(width));
        for row in self.rows.chunks_exact_mut(width) {
            let other = residual.as_mut().and_then(Iterator::next);
            let mean = add_and_sum(isa, row, other) / width as f32;
            let variance = sum_of_squares(isa, row, mean) / width as f32;
            let scale = 1.0 / (variance + self.norm.epsilon).sqrt();
            normalize(isa, row, self.norm, mean, scale);
        }
    }
}

#[inline(always)]
fn add_and_sum<I: Isa>(isa: I, row: &mut [f32], other: Option<&[f32]>) -> f32 {
    let ops = isa.f32();
    let lanes = ops.len();
    let whole = row.len() / lanes * lanes;
    let (row, row_rest) = row.split_at_mut(whole);
    let mut sum = ops.zero();
    let mut rest_sum = 0.0;
    match other.map(|other| other.split_at(whole)) {
        None => {
            for part in row.chunks_exact(lanes) {
                sum = ops.add(sum, ops.load(part));
            }
        }
        Some((other, other_rest)) => {
            for (part, other) in row.chunks_exact_mut(lanes).zip(other.chunks_exact(lanes)) {
                let value = ops.add(ops.load(part), ops.load(other));
                ops.store(value, part);
                sum = ops.add(sum, value);
            }
            for (value, other) in row_rest.iter_mut().zip(other_rest) {
                *value += other;
            }
        }
    }
    for value in row_rest {
        rest_sum += *value;
    }
    ops.sum(sum) + rest_sum
}

#[inline(always)]
fn sum_of_squares<I: Isa>(isa: I, row: &[f32], mean: f32) -> f32 {
    let ops = isa.f32();
    let center = ops.splat(mean);
    let mut sum = ops.zero();
    let mut parts = row.chunks_exact(ops.len());
    for part in &mut parts {
        let difference = ops.sub(ops.load(part), center);
        sum = ops.mul_add(difference, difference, sum);
    }
    let tail: f32 = parts
        .remainder()
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    ops.sum(sum) + tail
}

#[inline(always)]
fn normalize<I: Isa>(isa: I, row: &mut [f32], norm: &LayerNorm, mean: f32, scale: f32) {
    let ops = isa.f32();
    let (center, scale) = (ops.splat(mean), ops.splat(scale));
    let lanes = ops.len();
    let whole = row.len() / lanes * lanes;
    let (row, row_rest) = row.split_at_mut(whole);
    let (weight, weight_rest) = norm.weight.split_at(whole);
    let (bias, bias_rest) = norm.bias.split_at(whole);
    let factors = weight.chunks_exact(lanes).zip(bias.chunks_exact(lanes));
    for (part, (weight, bias)) in row.chunks_exact_mut(lanes).zip(factors) {
        let value = ops.mul(ops.sub(ops.load(part), center), scale);
        ops.store(ops.mul_add(value, ops.load(weight), ops.load(bias)), part);
    }
    if !row_rest.is_empty() {
        let value = ops.mul(ops.sub(ops.load_pad(row_rest).0, center), scale);
        let value = ops.mul_add(value, ops.load_pad(weight_rest).0, ops.load_pad(bias_rest).0);
        store_part::<I>(value, row_rest);
    }
}

struct LogSumExp<'a>(&'a [f32]);

impl SimdOp for LogSumExp<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let largest = Largest(self.0).eval(isa);
        let shift = ops.splat(largest);
        let mut sum = ops.zero();
        let mut chunks = self.0.chunks_exact(ops.len());
        for chunk in &mut chunks {
            sum = ops.add(sum, Exp::apply(isa, ops.sub(ops.load(chunk), shift)));
        }
        let tail: f32 = chunks
            .remainder()
            .iter()
            .map(|value| (value - largest).exp())
            .sum();
        largest + (ops.sum(sum) + tail).ln()
    }
}

struct Largest<'a>(&'a [f32]);

impl SimdOp for Largest<'_> {
    type Output = f32;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> f32 {
        let ops = isa.f32();
        let mut largest = ops.splat(f32::NEG_INFINITY);
        let mut chunks = self.0.chunks_exact(ops.len());
        for chunk in &mut chunks {
            largest = ops.max(largest, ops.load(chunk));
        }
        let tail = chunks
            .remainder()
            .iter()
            .fold(f32::NEG_INFINITY, |largest, &value| largest.max(value));
        fold_max::<I>(largest, tail)
    }
}

/// Nothing between two layers.
struct Identity;

impl SimdUnaryOp<f32> for Identity {
    #[inline(always)]
    fn eval<I: Isa>(&self, _isa: I, x: I::F32) -> I::F32 {
        x
    }
}

struct Relu;

impl SimdUnaryOp<f32> for Relu {
    #[inline(always)]
    fn eval<I: Isa>(&self, isa: I, x: I::F32) -> I::F32 {
        isa.f32().max(x, isa.f32().zero())
    }
}

/// Stores as many lanes as `output` has room for.
#[inline(always)]
fn store_part<I: Isa>(value: I::F32, output: &mut [f32]) {
    let lanes = value.to_array();
    for (output, &lane) in output.iter_mut().zip(lanes.as_ref()) {
        *output = lane;
    }
}

/// The largest of the lanes and `other`.
#[inline(always)]
pub(super) fn fold_max<I: Isa>(value: I::F32, other: f32) -> f32 {
    let mut lanes = [other; MAX_LANES];
    for (lane, value) in lanes.iter_mut().zip(value.to_array()) {
        *lane = value;
    }
    // In halves, so that no comparison waits for all before it.
    for half in [8, 4, 2, 1] {
        for index in 0..half {
            lanes[index] = larger(lanes[index], lanes[index + half]);
        }
    }
    larger(lanes[0], other)
}

/// The most lanes of `f32` that an instruction set of `rten-simd` has.
const MAX_LANES: usize = 16;

/// One instruction, where `f32::max` takes several to leave out what is not a number.
#[inline(always)]
fn larger(left: f32, right: f32) -> f32 {
    if left > right { left } else { right }
}

#[cfg(test)]
mod tests;
