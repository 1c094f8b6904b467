//! Safetensors files.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::Source;
use super::tensor::{Number, Storage, Tensor};
use crate::Error;

/// The largest header that is accepted, that of the `safetensors` crate.
const MAX_HEADER: u64 = 100_000_000;

/// The bytes before the header, which say how long it is.
const PREFIX: u64 = size_of::<u64>() as u64;

/// The tensors of a file, by name.
///
/// # Errors
///
/// When it is not a whole safetensors file.
pub(super) fn tensors(source: &Source) -> Result<Vec<(String, Tensor)>, Error> {
    let size = source.file.size();
    let broken = |found: String| {
        source.error(format!(
            "expected a whole safetensors file, found {found} ({size} bytes)"
        ))
    };
    if size < PREFIX {
        return Err(broken("no header".to_owned()));
    }
    let prefix = source.file.bytes(0..PREFIX)?;
    let header = prefix
        .iter()
        .rev()
        .fold(0u64, |len, &byte| len << 8 | u64::from(byte));
    if header > MAX_HEADER || header > size - PREFIX {
        return Err(broken(format!("a header of {header} bytes")));
    }
    let start = PREFIX + header;
    let bytes = source.file.bytes(PREFIX..start)?;
    let metadata: Metadata = serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
    let expected = start + metadata.data_len() as u64;
    if size != expected {
        return Err(source.error(format!(
            "expected {expected} bytes as its header says, found {size}; is the file whole?"
        )));
    }
    let tensors = metadata.tensors().into_iter().map(|(name, info)| {
        let tensor = tensor(info, start);
        match problem(info, &tensor) {
            None => Ok((name, tensor)),
            Some(problem) => Err(source.error(format!("tensor `{name}`: {problem}"))),
        }
    });
    tensors.collect()
}

fn tensor(info: &TensorInfo, data_start: u64) -> Tensor {
    let (start, end) = info.data_offsets;
    Tensor {
        number: number(info.dtype),
        shape: info.shape.clone(),
        storage: Storage {
            start: data_start + start as u64,
            len: end.saturating_sub(start) as u64,
            crc32: None,
        },
        offset: 0,
        strides: None,
    }
}

/// What is wrong with a tensor whose type is used; others are never read.
fn problem(info: &TensorInfo, tensor: &Tensor) -> Option<String> {
    let size = tensor.number.size();
    if size == 0 {
        return None;
    }
    let expected = tensor.len().and_then(|count| count.checked_mul(size));
    let (start, end) = info.data_offsets;
    (end.checked_sub(start) != expected).then(|| {
        format!(
            "expected the bytes of shape {:?}, found {start} to {end}",
            info.shape
        )
    })
}

fn number(dtype: Dtype) -> Number {
    match dtype {
        Dtype::F32 => Number::F32,
        Dtype::F16 => Number::F16,
        Dtype::BF16 => Number::BF16,
        Dtype::I8 => Number::I8,
        other => Number::Other {
            name: Cow::Owned(other.to_string()),
            size: 0,
        },
    }
}
