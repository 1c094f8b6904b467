//! Linear layers, in int8 and in floating point.

use std::sync::LazyLock;

use rten_gemm::{
    BiasVector, GemmError, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix, QuantParams,
};
use rten_tensor::NdTensorView;

use super::Precision;
use super::ops::{Activation, Dequantize, ZERO_POINT, quantize_rows};
#[cfg(target_arch = "x86_64")]
use super::vnni;
use super::weights::{Matrix, QUANT_MAX};
use crate::BackendError;

/// Rows that one matrix product handles, so that its sums stay in the cache until they are scaled.
const BLOCK_ROWS: usize = 64;

/// The largest absolute value of a weight where the kernel adds two products in 16 bits (`vpmaddubsw`,
/// x86-64 without VNNI): `2 * 255 * 63` is the most that fits.
const SATURATING_MAX: i32 = 63;

/// The kernels for this machine, chosen when they are first used. They are shared as a reference
/// because an executor may be used by all threads but not be moved to another.
static KERNELS: LazyLock<&'static Kernels> = LazyLock::new(|| {
    Box::leak(Box::new(Kernels {
        float: GemmExecutor::new(),
        int8: GemmExecutor::new(),
    }))
});

struct Kernels {
    float: GemmExecutor<f32, f32, f32>,
    int8: GemmExecutor<u8, i8, i32>,
}

/// `input * weight^T + bias`, with the weight packed for the kernels of this machine.
pub(super) struct Linear {
    weight: Weight,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

enum Weight {
    Float(PackedBMatrix<f32>),
    Int8 {
        values: PackedBMatrix<i8>,
        scales: Vec<f32>,
    },
    /// Packed with its scales and the layer's bias.
    #[cfg(target_arch = "x86_64")]
    Vnni(vnni::Packed),
}

/// Memory that linear layers reuse from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    bytes: Vec<u8>,
    zero_points: Vec<u8>,
    scales: Vec<f32>,
    sums: Vec<i32>,
}

impl Linear {
    /// A layer with the weight `[outputs, inputs]` and one bias an output.
    pub(super) fn new(weight: Matrix, bias: Vec<f32>, precision: Precision) -> Self {
        let [outputs, inputs] = weight.shape();
        let weight = match precision {
            Precision::F32 => {
                let values = weight.into_floats();
                let view = NdTensorView::from_data([outputs, inputs], &values[..]);
                Weight::Float(KERNELS.float.prepack_b(view.transposed()))
            }
            Precision::Int8 => {
                let (mut values, mut scales) = weight.into_int8();
                if KERNELS.int8.may_saturate() {
                    narrow(&mut values, &mut scales);
                }
                Weight::pack(&values, scales, &bias, inputs)
            }
        };
        Self {
            weight,
            bias,
            inputs,
            outputs,
        }
    }

    /// The number of values in a row of the result.
    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Applies the layer to each row of `input`. `output` is overwritten.
    ///
    /// # Errors
    ///
    /// Never, unless the shapes were mixed up.
    pub(super) fn apply(
        &self,
        input: &[f32],
        activation: Option<Activation>,
        output: &mut Vec<f32>,
        scratch: &mut Scratch,
    ) -> Result<(), BackendError> {
        let rows = input.len() / self.inputs;
        output.resize(rows * self.outputs, 0.0);
        let blocks = input
            .chunks(BLOCK_ROWS * self.inputs)
            .zip(output.chunks_mut(BLOCK_ROWS * self.outputs));
        for (input, output) in blocks {
            match &self.weight {
                Weight::Float(weight) => self.apply_float(weight, input, activation, output),
                Weight::Int8 { values, scales } => {
                    self.apply_int8(values, scales, input, activation, output, scratch)
                }
                #[cfg(target_arch = "x86_64")]
                Weight::Vnni(weight) => {
                    self.apply_vnni(weight, input, activation, output, scratch);
                    Ok(())
                }
            }
            .map_err(|error| BackendError::with_source("matrix product failed", error))?;
        }
        Ok(())
    }

    fn apply_float(
        &self,
        weight: &PackedBMatrix<f32>,
        input: &[f32],
        activation: Option<Activation>,
        output: &mut [f32],
    ) -> Result<(), GemmError> {
        let options = GemmOptions {
            bias: Some(BiasVector::Row(&self.bias)),
            ..GemmOptions::default()
        };
        let input = GemmInputA::Unpacked(NdTensorView::from_data(
            [input.len() / self.inputs, self.inputs],
            input,
        ));
        KERNELS
            .float
            .gemm(output, input, GemmInputB::Packed(weight), options)?;
        if let Some(activation) = activation {
            activation.apply(output);
        }
        Ok(())
    }

    fn apply_int8(
        &self,
        weight: &PackedBMatrix<i8>,
        column_scales: &[f32],
        input: &[f32],
        activation: Option<Activation>,
        output: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), GemmError> {
        let rows = input.len() / self.inputs;
        scratch.make_room(rows, input.len(), output.len());
        let (bytes, sums) = (
            &mut scratch.bytes[..input.len()],
            &mut scratch.sums[..output.len()],
        );
        quantize_rows(input, self.inputs, bytes, &mut scratch.scales);
        let options = GemmOptions {
            a_quant: Some(QuantParams {
                zero_point: &scratch.zero_points[..rows],
            }),
            ..GemmOptions::default()
        };
        let input = GemmInputA::Unpacked(NdTensorView::from_data([rows, self.inputs], &*bytes));
        KERNELS
            .int8
            .gemm(sums, input, GemmInputB::Packed(weight), options)?;
        Dequantize {
            sums,
            row_scales: &scratch.scales,
            column_scales,
            bias: &self.bias,
            output,
        }
        .run(activation);
        Ok(())
    }
}

#[cfg(target_arch = "x86_64")]
impl Linear {
    fn apply_vnni(
        &self,
        weight: &vnni::Packed,
        input: &[f32],
        activation: Option<Activation>,
        output: &mut [f32],
        scratch: &mut Scratch,
    ) {
        scratch.make_room(input.len() / self.inputs, input.len(), 0);
        let bytes = &mut scratch.bytes[..input.len()];
        quantize_rows(input, self.inputs, bytes, &mut scratch.scales);
        let rectified = activation == Some(Activation::Relu);
        weight.apply(vnni::Product {
            bytes,
            row_scales: &scratch.scales,
            least: if rectified { 0.0 } else { f32::NEG_INFINITY },
            output,
        });
        if let (Some(activation), false) = (activation, rectified) {
            activation.apply(output);
        }
    }
}

impl Scratch {
    /// Grows to hold an input and an output. What is larger already stays: to shrink and grow again
    /// would mean to clear it each time.
    fn make_room(&mut self, rows: usize, inputs: usize, outputs: usize) {
        self.bytes.resize(inputs.max(self.bytes.len()), 0);
        self.zero_points
            .resize(rows.max(self.zero_points.len()), ZERO_POINT);
        self.scales.resize(rows.max(self.scales.len()), 0.0);
        self.sums.resize(outputs.max(self.sums.len()), 0);
    }
}

impl Weight {
    fn pack(values: &[i8], scales: Vec<f32>, bias: &[f32], inputs: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(packed) = vnni::Packed::new(values, &scales, bias, inputs, ZERO_POINT) {
            return Self::Vnni(packed);
        }
        let view = NdTensorView::from_data([scales.len(), inputs], values);
        Self::Int8 {
            values: KERNELS.int8.prepack_b(view.transposed()),
            scales,
        }
    }
}

/// Brings weights into the range that a saturating kernel can add up.
fn narrow(values: &mut [i8], scales: &mut [f32]) {
    for value in values {
        // Rounds to nearest: `127` to `63`.
        let product = i32::from(*value) * SATURATING_MAX * 2;
        let max = QUANT_MAX as i32;
        *value = ((product + product.signum() * max) / (2 * max)) as i8;
    }
    for scale in scales {
        *scale *= QUANT_MAX / SATURATING_MAX as f32;
    }
}

/// An embedding table: one row a token.
pub(super) struct Embedding {
    table: Matrix,
}

impl Embedding {
    /// A table with a row for each token.
    pub(super) fn new(table: Matrix, precision: Precision) -> Self {
        let table = match precision {
            Precision::F32 => Matrix::Float {
                shape: table.shape(),
                values: table.into_floats(),
            },
            Precision::Int8 => {
                let shape = table.shape();
                let (values, scales) = table.into_int8();
                Matrix::Int8 {
                    shape,
                    values,
                    scales,
                }
            }
        };
        Self { table }
    }

    /// The number of values in a row.
    pub(super) fn width(&self) -> usize {
        self.table.shape()[1]
    }

    /// The layer that scores tokens by their rows: all of them, or those listed. `bias` has a value for
    /// each token of the table.
    pub(super) fn projection(&self, tokens: Option<&[u32]>, bias: &[f32], precision: Precision) -> Linear {
        let Some(tokens) = tokens else {
            return Linear::new(self.table.clone(), bias.to_vec(), precision);
        };
        let bias = tokens.iter().map(|&token| bias[token as usize]).collect();
        Linear::new(self.table.select(tokens), bias, precision)
    }

    /// Writes `factor * row + position` to `output`.
    ///
    /// # Errors
    ///
    /// When the table has no such row.
    pub(super) fn write(
        &self,
        token: u32,
        factor: f32,
        position: &[f32],
        output: &mut [f32],
    ) -> Result<(), BackendError> {
        let width = self.width();
        let start = token as usize * width;
        let missing = || {
            BackendError::new(format!(
                "expected a token below {}, found {token}",
                self.table.shape()[0]
            ))
        };
        match &self.table {
            Matrix::Float { values, .. } => {
                let row = values.get(start..start + width).ok_or_else(missing)?;
                for ((output, value), position) in output.iter_mut().zip(row).zip(position) {
                    *output = value * factor + position;
                }
            }
            Matrix::Int8 { values, scales, .. } => {
                let row = values.get(start..start + width).ok_or_else(missing)?;
                let factor = scales[token as usize] * factor;
                for ((output, &value), position) in output.iter_mut().zip(row).zip(position) {
                    *output = f32::from(value) * factor + position;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize, seed: usize) -> Vec<f32> {
        (0..len)
            .map(|index| ((index * 7919 + seed) % 1000) as f32 / 250.0 - 2.0)
            .collect()
    }

    fn apply(precision: Precision, rows: usize, inputs: usize, outputs: usize) -> (Vec<f32>, Vec<f32>) {
        let (weight, bias, input) = (
            noise(outputs * inputs, 1),
            noise(outputs, 2),
            noise(rows * inputs, 3),
        );
        let matrix = Matrix::Float {
            shape: [outputs, inputs],
            values: weight.clone(),
        };
        let linear = Linear::new(matrix, bias.clone(), precision);
        let mut output = Vec::new();
        linear
            .apply(&input, None, &mut output, &mut Scratch::default())
            .unwrap();
        let expected = input.chunks_exact(inputs).flat_map(|row| {
            weight.chunks_exact(inputs).zip(&bias).map(|(weight, bias)| {
                row.iter()
                    .zip(weight)
                    .map(|(value, weight)| value * weight)
                    .sum::<f32>()
                    + bias
            })
        });
        (output, expected.collect())
    }

    fn check(precision: Precision, rows: usize, inputs: usize, outputs: usize, tolerance: f32) {
        let (found, expected) = apply(precision, rows, inputs, outputs);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < tolerance,
                "{rows} x {inputs} x {outputs}: {found} {expected}"
            );
        }
    }

    #[test]
    fn products_equal_their_definition() {
        for (rows, inputs, outputs) in [(1, 5, 3), (1, 64, 48), (70, 33, 20), (130, 16, 1)] {
            check(Precision::F32, rows, inputs, outputs, 1e-4);
            // Each of `inputs` products is off by at most 2 * 2 * (1 / 127 + 1 / 63).
            check(
                Precision::Int8,
                rows,
                inputs,
                outputs,
                0.015 * inputs as f32 + 0.05,
            );
        }
    }

    #[test]
    fn int8_noise_is_small_on_average() {
        let (found, expected) = apply(Precision::Int8, 20, 256, 64);
        let error: f32 = found
            .iter()
            .zip(&expected)
            .map(|(found, expected)| (found - expected).powi(2))
            .sum();
        let signal: f32 = expected.iter().map(|expected| expected.powi(2)).sum();
        assert!((error / signal).sqrt() < 0.02, "{}", (error / signal).sqrt());
    }

    #[test]
    fn narrowed_weights_stand_for_the_same_numbers() {
        let mut values: Vec<i8> = (-127..=127).collect();
        let original = values.clone();
        let mut scales = [0.5];
        narrow(&mut values, &mut scales);
        assert_eq!((values[0], values[127], values[254]), (-63, 0, 63));
        for (narrowed, original) in values.iter().zip(original) {
            let distance = f32::from(*narrowed) * scales[0] - f32::from(original) * 0.5;
            assert!(distance.abs() <= 0.5 * scales[0] + 1e-5, "{original}: {distance}");
        }
    }

    #[test]
    fn a_projection_of_some_tokens_scores_them_as_one_of_all() {
        for precision in [Precision::F32, Precision::Int8] {
            let table = Matrix::Float {
                shape: [50, 24],
                values: noise(50 * 24, 5),
            };
            let embedding = Embedding::new(table, precision);
            let bias = noise(50, 6);
            let score = |tokens: Option<&[u32]>| {
                let mut scores = Vec::new();
                let linear = embedding.projection(tokens, &bias, precision);
                linear
                    .apply(&noise(24, 7), None, &mut scores, &mut Scratch::default())
                    .unwrap();
                scores
            };
            let (all, some) = (score(None), score(Some(&[49, 0, 7])));
            assert_eq!(some, [all[49], all[0], all[7]]);
        }
    }

    #[test]
    fn an_unknown_token_is_an_error() {
        let table = Matrix::Float {
            shape: [2, 1],
            values: vec![1.0, 2.0],
        };
        let embedding = Embedding::new(table, Precision::F32);
        let mut output = [0.0];
        embedding.write(1, 2.0, &[0.5], &mut output).unwrap();
        assert_eq!(output, [4.5]);
        let error = embedding.write(2, 1.0, &[0.0], &mut output).unwrap_err();
        assert_eq!(error.to_string(), "expected a token below 2, found 2");
    }
}
