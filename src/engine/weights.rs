//! Reading `model.safetensors`, in floating point or in diglot's int8 layout.
//!
//! # The int8 layout
//!
//! A safetensors file whose tensors have the names that `save_pretrained` of Hugging Face
//! transformers gives them. Each 2-D weight `NAME` is an `I8` tensor of its usual shape
//! `[rows, columns]`, with an `F32` tensor `NAME.scale` of shape `[rows]` beside it: row `r` stands
//! for `NAME[r] * NAME.scale[r]`. Values lie in `-127..=127` and are symmetric (no zero point). A row
//! is one output of a linear layer, or one token of an embedding. All other tensors (biases, layer
//! norms, position tables) are `F16`, `BF16` or `F32`. The two kinds may be mixed freely: whatever is
//! not `I8` is read as floating point.

use std::borrow::Cow;
use std::ops::Range;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorInfo};

use crate::Error;
use crate::model::ModelFiles;

/// The largest absolute value of a quantised weight.
pub(super) const QUANT_MAX: f32 = 127.0;

/// The name of the weights file.
const FILE: &str = "model.safetensors";

/// The tensors of a model, found by name and checked against the shape that the model wants.
pub(super) struct Weights {
    model: String,
    bytes: Cow<'static, [u8]>,
    metadata: Metadata,
    /// Where the tensors' data begins in `bytes`.
    data_start: usize,
}

/// A 2-D weight, in the precision it is stored in.
#[derive(Clone, Debug)]
pub(super) enum Matrix {
    /// Floating point, row by row.
    Float {
        /// The shape: rows, columns.
        shape: [usize; 2],
        /// The values.
        values: Vec<f32>,
    },
    /// Quantised, row by row.
    Int8 {
        /// The shape: rows, columns.
        shape: [usize; 2],
        /// The values.
        values: Vec<i8>,
        /// What each row is multiplied by.
        scales: Vec<f32>,
    },
}

impl Weights {
    /// Reads the weights file of a model.
    ///
    /// # Errors
    ///
    /// When it is missing, cannot be read, or is not a whole safetensors file.
    pub(super) fn read(files: &ModelFiles) -> Result<Self, Error> {
        let bytes = files.require(FILE)?;
        let model = files.name();
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| {
            let found = format!("{error} ({} bytes)", bytes.len());
            Error::model(
                &model,
                format!("`{FILE}`: expected a whole safetensors file, found {found}"),
            )
        })?;
        let data_start = size_of::<u64>() + header;
        // `read_metadata` checks the header alone; a file cut after it ends too early.
        let expected = data_start + metadata.data_len();
        if bytes.len() != expected {
            let message = format!(
                "`{FILE}`: expected {expected} bytes as its header says, found {}; is the file whole?",
                bytes.len()
            );
            return Err(Error::model(model, message));
        }
        Ok(Self {
            model,
            bytes,
            metadata,
            data_start,
        })
    }

    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.metadata.info(name).is_some()
    }

    /// A 2-D weight of shape `[rows, columns]`.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Matrix, Error> {
        let info = self.info(name, &shape)?;
        if info.dtype != Dtype::I8 {
            let values = self.floats(name, info)?;
            return Ok(Matrix::Float { shape, values });
        }
        let values = self.data(info).iter().map(|&byte| byte.cast_signed()).collect();
        let scales = self.vector(&format!("{name}.scale"), shape[0])?;
        Ok(Matrix::Int8 {
            shape,
            values,
            scales,
        })
    }

    /// A 1-D tensor of `len` values, such as a bias.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn vector(&self, name: &str, len: usize) -> Result<Vec<f32>, Error> {
        let info = self.info(name, &[len])?;
        self.floats(name, info)
    }

    /// A tensor of shape `[1, len]`, the form of Marian's output bias.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn row(&self, name: &str, len: usize) -> Result<Vec<f32>, Error> {
        let info = self.info(name, &[1, len])?;
        self.floats(name, info)
    }

    fn info(&self, name: &str, shape: &[usize]) -> Result<&TensorInfo, Error> {
        let info = self.metadata.info(name).ok_or_else(|| {
            self.error(format!(
                "expected a tensor `{name}` of shape {shape:?}, found none"
            ))
        })?;
        if info.shape != shape {
            let message = format!(
                "tensor `{name}`: expected shape {shape:?}, found {:?}",
                info.shape
            );
            return Err(self.error(message));
        }
        Ok(info)
    }

    fn data(&self, info: &TensorInfo) -> &[u8] {
        let (start, end) = info.data_offsets;
        let range: Range<usize> = self.data_start + start..self.data_start + end;
        &self.bytes[range]
    }

    fn floats(&self, name: &str, info: &TensorInfo) -> Result<Vec<f32>, Error> {
        let data = self.data(info);
        let values: Vec<f32> = match info.dtype {
            Dtype::F32 => data
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| f32::from_le_bytes(bytes))
                .collect(),
            Dtype::F16 => data
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| f16::from_le_bytes(bytes).to_f32())
                .collect(),
            Dtype::BF16 => data
                .as_chunks()
                .0
                .iter()
                .map(|&bytes| bf16::from_le_bytes(bytes).to_f32())
                .collect(),
            found => {
                let message = format!("tensor `{name}`: expected type F32, F16 or BF16, found {found:?}");
                return Err(self.error(message));
            }
        };
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            let message = format!("tensor `{name}`: expected finite numbers, found {value}");
            return Err(self.error(message));
        }
        Ok(values)
    }

    fn error(&self, message: String) -> Error {
        Error::model(&self.model, format!("`{FILE}`: {message}"))
    }
}

impl Matrix {
    /// The shape: rows, columns.
    pub(super) fn shape(&self) -> [usize; 2] {
        match self {
            Self::Float { shape, .. } | Self::Int8 { shape, .. } => *shape,
        }
    }

    /// The values in floating point.
    pub(super) fn into_floats(self) -> Vec<f32> {
        match self {
            Self::Float { values, .. } => values,
            Self::Int8 {
                shape,
                values,
                scales,
            } => {
                let rows = values.chunks_exact(shape[1].max(1)).zip(&scales);
                rows.flat_map(|(row, &scale)| row.iter().map(move |&value| f32::from(value) * scale))
                    .collect()
            }
        }
    }

    /// The values quantised to int8 and the scale of each row.
    pub(super) fn into_int8(self) -> (Vec<i8>, Vec<f32>) {
        match self {
            Self::Int8 { values, scales, .. } => (values, scales),
            Self::Float { shape, values } => quantize_rows(&values, shape[1], QUANT_MAX),
        }
    }

    /// The listed rows.
    pub(super) fn select(&self, rows: &[u32]) -> Self {
        let columns = self.shape()[1];
        let bounds = rows
            .iter()
            .map(|&row| row as usize * columns..(row as usize + 1) * columns);
        let shape = [rows.len(), columns];
        match self {
            Self::Float { values, .. } => Self::Float {
                shape,
                values: bounds.flat_map(|row| &values[row]).copied().collect(),
            },
            Self::Int8 { values, scales, .. } => {
                let mut selected = Vec::with_capacity(rows.len() * columns);
                bounds.for_each(|row| selected.extend_from_slice(&values[row]));
                Self::Int8 {
                    shape,
                    values: selected,
                    scales: rows.iter().map(|&row| scales[row as usize]).collect(),
                }
            }
        }
    }

    /// This matrix and, below it, others of the same width; quantised if all of them are.
    pub(super) fn stack(parts: Vec<Self>) -> Self {
        let columns = parts.first().map_or(0, |part| part.shape()[1]);
        let rows = parts.iter().map(|part| part.shape()[0]).sum();
        let shape = [rows, columns];
        if parts.iter().all(|part| matches!(part, Self::Int8 { .. })) {
            let (values, scales): (Vec<_>, Vec<_>) = parts.into_iter().map(Self::into_int8).unzip();
            Self::Int8 {
                shape,
                values: values.concat(),
                scales: scales.concat(),
            }
        } else {
            let values = parts.into_iter().flat_map(Self::into_floats).collect();
            Self::Float { shape, values }
        }
    }
}

/// Quantises each row to `-max..=max`, symmetrically, and gives the scales that undo it.
pub(super) fn quantize_rows(values: &[f32], columns: usize, max: f32) -> (Vec<i8>, Vec<f32>) {
    let mut quantized = Vec::with_capacity(values.len());
    let mut scales = Vec::with_capacity(values.len() / columns.max(1));
    for row in values.chunks_exact(columns.max(1)) {
        let largest = row.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest / max } else { 1.0 };
        scales.push(scale);
        quantized.extend(row.iter().map(|value| (value / scale).round_ties_even() as i8));
    }
    (quantized, scales)
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    fn read(tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> Weights {
        let views = tensors.iter().map(|(name, dtype, shape, data)| {
            (*name, TensorView::new(*dtype, shape.to_vec(), data).unwrap())
        });
        let directory = tempfile::TempDir::new().unwrap();
        let file = directory.path().join(FILE);
        std::fs::write(file, safetensors::serialize(views, None).unwrap()).unwrap();
        Weights::read(&ModelFiles::Directory(directory.path().to_owned())).unwrap()
    }

    #[test]
    fn floats_of_all_sizes_are_read() {
        let values = [1.5f32, -0.25, 3.0];
        let bytes = |of: fn(f32) -> Vec<u8>| values.iter().flat_map(|&value| of(value)).collect::<Vec<u8>>();
        let weights = read(&[
            (
                "full",
                Dtype::F32,
                &[3],
                bytes(|value| value.to_le_bytes().to_vec()),
            ),
            (
                "half",
                Dtype::F16,
                &[3],
                bytes(|value| f16::from_f32(value).to_le_bytes().to_vec()),
            ),
            (
                "brain",
                Dtype::BF16,
                &[3],
                bytes(|value| bf16::from_f32(value).to_le_bytes().to_vec()),
            ),
        ]);
        for name in ["full", "half", "brain"] {
            assert_eq!(weights.vector(name, 3).unwrap(), values, "{name}");
        }
    }

    #[test]
    fn int8_rows_are_scaled() {
        let scales = [0.5f32, 2.0]
            .iter()
            .flat_map(|scale| scale.to_le_bytes())
            .collect();
        let weights = read(&[
            ("w", Dtype::I8, &[2, 2], vec![1, 255, 127, 129]),
            ("w.scale", Dtype::F32, &[2], scales),
        ]);
        let matrix = weights.matrix("w", [2, 2]).unwrap();
        assert_eq!(matrix.select(&[1]).into_floats(), [254.0, -254.0]);
        assert_eq!(matrix.into_floats(), [0.5, -0.5, 254.0, -254.0]);
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let weights = read(&[("v", Dtype::F32, &[1], f32::NAN.to_le_bytes().to_vec())]);
        let message = weights.vector("v", 1).unwrap_err().to_string();
        assert!(
            message.contains("tensor `v`: expected finite numbers, found NaN"),
            "{message}"
        );
        let weights = read(&[("v", Dtype::I32, &[1], vec![0; 4])]);
        let message = weights.vector("v", 1).unwrap_err().to_string();
        assert!(
            message.contains("tensor `v`: expected type F32, F16 or BF16, found I32"),
            "{message}"
        );
    }

    #[test]
    fn quantised_rows_use_the_whole_range() {
        let (values, scales) = quantize_rows(&[1.0, -0.5, 0.0, 0.0, 4.0, -4.0], 2, QUANT_MAX);
        assert_eq!(values, [127, -64, 0, 0, 127, -127]);
        assert_eq!(scales, [1.0 / 127.0, 1.0, 4.0 / 127.0]);
    }

    #[test]
    fn stacked_matrices_stay_quantised_only_if_all_are() {
        let float = Matrix::Float {
            shape: [1, 2],
            values: vec![1.0, 2.0],
        };
        let int8 = Matrix::Int8 {
            shape: [1, 2],
            values: vec![3, 4],
            scales: vec![2.0],
        };
        let both = Matrix::stack(vec![int8.clone(), int8.clone()]);
        assert!(
            matches!(&both, Matrix::Int8 { shape: [2, 2], values, scales } if values == &[3, 4, 3, 4] && scales == &[2.0; 2])
        );
        assert_eq!(
            Matrix::stack(vec![int8, float]).into_floats(),
            [6.0, 8.0, 1.0, 2.0]
        );
    }
}
