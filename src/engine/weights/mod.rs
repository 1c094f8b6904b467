//! Reading the weights of a model as they are on the hub, or in diglot's int8 layout.
//!
//! Read are `model.safetensors`, `pytorch_model.bin` (a zip archive, or the stream that torch wrote before
//! 1.6), and both in shards with an index. Tensors are found by name and checked against the shape that the
//! model wants; their numbers are read from the file when they are asked for, and quantised while they are
//! read, so that a file never stands in memory.
//!
//! # The int8 layout
//!
//! A file whose tensors have the names that `save_pretrained` of Hugging Face transformers gives them.
//! Each 2-D weight `NAME` is an `I8` tensor of its usual shape `[rows, columns]`, with an `F32` tensor
//! `NAME.scale` of shape `[rows]` beside it: row `r` stands for `NAME[r] * NAME.scale[r]`. Values lie in
//! `-127..=127` and are symmetric (no zero point). A row is one output of a linear layer, or one token of
//! an embedding. All other tensors (biases, layer norms, position tables) are `F16`, `BF16` or `F32`. The
//! two kinds may be mixed freely: whatever is not `I8` is read as floating point.

mod matrix;
mod safetensors;
mod tensor;
mod torch;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(super) use self::matrix::{Matrix, QUANT_MAX, quantize_rows};
use self::tensor::{ReadError, Tensor};
use super::Precision;
use crate::Error;
use crate::model::{Index, ModelFile, ModelFiles, WeightFiles, WeightFormat, require};

/// How a file begins that only stands for one that `git lfs` should have fetched.
const LFS_POINTER: &[u8] = b"version https://git-lfs";

/// The tensors of a model, found by name and checked against the shape that the model wants.
pub(super) struct Weights {
    sources: Vec<Source>,
    /// The tensors with the file that each is in.
    tensors: HashMap<String, (usize, Tensor)>,
}

/// A file with tensors.
struct Source {
    model: String,
    name: String,
    file: ModelFile,
}

impl Weights {
    /// Opens the weights of a model.
    ///
    /// # Errors
    ///
    /// When a file is missing, cannot be read, or is not whole; when an index names a tensor that is not
    /// where it says.
    pub(super) fn read(files: &ModelFiles) -> Result<Self, Error> {
        let found = WeightFiles::find(files)?;
        let mut weights = Self {
            sources: Vec::with_capacity(found.files.len()),
            tensors: HashMap::new(),
        };
        for name in found.files {
            let source = Source {
                model: files.name(),
                file: require(files, &name)?,
                name,
            };
            let index = weights.sources.len();
            let tensors = source.tensors(found.format)?.into_iter();
            weights
                .tensors
                .extend(tensors.map(|(name, tensor)| (name, (index, tensor))));
            weights.sources.push(source);
        }
        if let Some(index) = &found.index {
            weights.check_index(index)?;
        }
        Ok(weights)
    }

    fn check_index(&self, index: &Index) -> Result<(), Error> {
        for (tensor, shard) in &index.shards {
            let source = self.tensors.get(tensor).map(|(source, _)| &self.sources[*source]);
            if source.is_none_or(|source| source.name != *shard) {
                let found = source.map_or("none".to_owned(), |source| format!("it in `{}`", source.name));
                let message = format!(
                    "`{shard}`: expected a tensor `{tensor}` as `{}` says, found {found}",
                    index.file
                );
                return Err(Error::model(&self.sources[0].model, message));
            }
        }
        Ok(())
    }

    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The names and shapes of all tensors of floating point, in order of the names.
    ///
    /// # Errors
    ///
    /// When one is int8: the weights are quantised already.
    pub(super) fn floating(&self) -> Result<Vec<(String, Vec<usize>)>, Error> {
        let mut found = Vec::with_capacity(self.tensors.len());
        for (name, (source, tensor)) in &self.tensors {
            if tensor.number == tensor::Number::I8 {
                let message = format!(
                    "tensor `{name}`: expected floating point, found I8; the weights are int8 already"
                );
                return Err(self.sources[*source].error(message));
            }
            if tensor.number.is_float() {
                found.push((name.clone(), tensor.shape.clone()));
            }
        }
        found.sort();
        Ok(found)
    }

    /// The numbers of a tensor of any shape.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let (source, tensor) = self.find(name, shape)?;
        source.floats(name, tensor)
    }

    /// A 2-D weight of shape `[rows, columns]`, as it is stored.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Matrix, Error> {
        let (source, tensor) = self.find(name, &shape)?;
        if tensor.number != tensor::Number::I8 {
            let values = source.floats(name, tensor)?;
            return Ok(Matrix::Float { shape, values });
        }
        let mut values = Vec::with_capacity(shape[0] * shape[1]);
        source.read(name, tensor, |bytes| {
            values.extend(bytes.iter().map(|&byte| byte.cast_signed()));
        })?;
        let scales = self.vector(&format!("{name}.scale"), shape[0])?;
        Ok(Matrix::Int8 {
            shape,
            values,
            scales,
        })
    }

    /// The same in the given precision. Floating point is quantised while it is read, so that the memory
    /// that is needed is that of the result.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn matrix_in(
        &self,
        precision: Precision,
        name: &str,
        shape: [usize; 2],
    ) -> Result<Matrix, Error> {
        let (source, tensor) = self.find(name, &shape)?;
        if precision == Precision::F32 || !tensor.number.is_float() {
            return self.matrix(name, shape);
        }
        let mut values = Vec::with_capacity(shape[0] * shape[1]);
        let mut scales = Vec::with_capacity(shape[0]);
        source.decode(name, tensor, |rows| {
            let (part, part_scales) = quantize_rows(rows, shape[1], QUANT_MAX);
            values.extend(part);
            scales.extend(part_scales);
        })?;
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
        let (source, tensor) = self.find(name, &[len])?;
        source.floats(name, tensor)
    }

    /// A tensor of shape `[1, len]`, the form of Marian's output bias.
    ///
    /// # Errors
    ///
    /// When the tensor is missing, or of another shape or an unknown type.
    pub(super) fn row(&self, name: &str, len: usize) -> Result<Vec<f32>, Error> {
        let (source, tensor) = self.find(name, &[1, len])?;
        source.floats(name, tensor)
    }

    fn find(&self, name: &str, shape: &[usize]) -> Result<(&Source, &Tensor), Error> {
        let Some((source, tensor)) = self.tensors.get(name) else {
            let message = format!("expected a tensor `{name}` of shape {shape:?}, found none");
            // Of shards, any may be the one that lacks it.
            return Err(self.sources[0].error(message));
        };
        let source = &self.sources[*source];
        if tensor.shape != shape {
            let message = format!(
                "tensor `{name}`: expected shape {shape:?}, found {:?}",
                tensor.shape
            );
            return Err(source.error(message));
        }
        Ok((source, tensor))
    }
}

impl Source {
    fn tensors(&self, format: WeightFormat) -> Result<Vec<(String, Tensor)>, Error> {
        let beginning = self
            .file
            .bytes(0..self.file.size().min(LFS_POINTER.len() as u64))?;
        if *beginning == *LFS_POINTER {
            return Err(self.error(
                "expected weights, found a pointer to them; fetch the file with `git lfs pull`".to_owned(),
            ));
        }
        match format {
            WeightFormat::Safetensors => safetensors::tensors(self),
            WeightFormat::Torch => torch::tensors(self),
        }
    }

    /// The numbers of a tensor in floating point.
    fn floats(&self, name: &str, tensor: &Tensor) -> Result<Vec<f32>, Error> {
        let mut values = Vec::with_capacity(tensor.len().unwrap_or(0));
        self.decode(name, tensor, |part| values.extend_from_slice(part))?;
        Ok(values)
    }

    /// Calls `take` with the numbers of a tensor, in order, in whole rows of its last dimension.
    fn decode(&self, name: &str, tensor: &Tensor, mut take: impl FnMut(&[f32])) -> Result<(), Error> {
        if !tensor.number.is_float() {
            let message = format!(
                "tensor `{name}`: expected type F32, F16 or BF16, found {}",
                tensor.number.name()
            );
            return Err(self.error(message));
        }
        let mut values = Vec::new();
        let mut strange = None;
        self.read(name, tensor, |bytes| {
            values.clear();
            tensor.number.decode(bytes, &mut values);
            let found = values.iter().copied().find(|value| !value.is_finite());
            strange = strange.or(found);
            take(&values);
        })?;
        match strange {
            Some(value) => {
                Err(self.error(format!("tensor `{name}`: expected finite numbers, found {value}")))
            }
            None => Ok(()),
        }
    }

    fn read(&self, name: &str, tensor: &Tensor, take: impl FnMut(&[u8])) -> Result<(), Error> {
        let columns = tensor.shape.last().copied().unwrap_or(1);
        tensor
            .read(&self.file, columns, take)
            .map_err(|error| match error {
                ReadError::File(error) => error,
                ReadError::Damaged => self.error(format!(
                    "tensor `{name}`: expected numbers with the checksum of the file, found others; is the \
                     file whole?"
                )),
            })
    }

    fn error(&self, message: String) -> Error {
        Error::model(&self.model, format!("`{}`: {message}", self.name))
    }
}
