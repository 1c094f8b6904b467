//! What `torch.save` makes of a state dict, without torch and without running code.

mod legacy;
mod node;
mod pickle;
mod zip;

use std::borrow::Cow;
use std::collections::HashMap;

use self::node::{Node, TensorNode};
use self::pickle::Pickle;
use super::Source;
use super::tensor::{Number, Storage, Tensor};
use crate::Error;

/// How a zip archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// The most bytes that are read of a pickle, many times what a state dict's names take.
const MAX_PICKLE: u64 = 64 << 20;

/// The tensors of a state dict, by name.
///
/// # Errors
///
/// When the file is neither of torch's formats, is not whole, was written on a big-endian machine, or holds
/// anything but a state dict.
pub(super) fn tensors(source: &Source) -> Result<Vec<(String, Tensor)>, Error> {
    let beginning = source.file.bytes(0..source.file.size().min(ZIP.len() as u64))?;
    if *beginning == *ZIP {
        zip::tensors(source)
    } else {
        legacy::tensors(source)
    }
}

/// A pickled state dict.
struct StateDict {
    tensors: Vec<(String, TensorNode)>,
}

impl StateDict {
    /// The tensors among the entries of the dict that a pickle holds.
    fn new(pickle: &Pickle) -> Result<Self, String> {
        let Node::Dict(entries) = pickle.root() else {
            return Err(format!("expected a state dict, found {}", pickle.root().kind()));
        };
        let mut tensors = Vec::new();
        for &(key, value) in entries {
            if let (Node::Text(name), Node::Tensor(tensor)) = (pickle.node(key), pickle.node(value)) {
                tensors.push((name.clone(), tensor.clone()));
            }
        }
        if tensors.is_empty() {
            return Err("expected a state dict with tensors, found a dict without".to_owned());
        }
        Ok(Self { tensors })
    }

    /// The tensors with the places of their storages, which are given by key.
    fn place(
        self,
        source: &Source,
        storages: &HashMap<String, Storage>,
    ) -> Result<Vec<(String, Tensor)>, Error> {
        let tensors = self.tensors.into_iter().map(|(name, node)| {
            let wrong = |message: String| source.error(format!("tensor `{name}`: {message}"));
            let key = &node.storage.key;
            let storage = *storages
                .get(key)
                .ok_or_else(|| wrong(format!("expected a storage `{key}`, found none")))?;
            let expected = node.storage.len.checked_mul(node.storage.number.size() as u64);
            if expected != Some(storage.len) {
                return Err(wrong(format!(
                    "expected a storage of {} numbers of type {}, found one of {} bytes",
                    node.storage.len,
                    node.storage.number.name(),
                    storage.len
                )));
            }
            let tensor = Tensor {
                number: node.storage.number,
                shape: node.shape,
                storage,
                offset: node.offset,
                strides: Some(node.strides),
            };
            match tensor.problem() {
                Some(problem) => Err(wrong(problem)),
                None => Ok((name, tensor)),
            }
        });
        tensors.collect()
    }
}

/// The type of the numbers in one of torch's storage classes, if there is such a class.
fn number_of_storage(class: &str) -> Option<Number> {
    let other = |name, size| Number::Other {
        name: Cow::Borrowed(name),
        size,
    };
    Some(match class {
        "FloatStorage" => Number::F32,
        "HalfStorage" => Number::F16,
        "BFloat16Storage" => Number::BF16,
        "CharStorage" => Number::I8,
        "DoubleStorage" => other("F64", 8),
        "LongStorage" => other("I64", 8),
        "IntStorage" => other("I32", 4),
        "ShortStorage" => other("I16", 2),
        "ByteStorage" => other("U8", 1),
        "BoolStorage" => other("BOOL", 1),
        _ => return None,
    })
}
