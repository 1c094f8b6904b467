//! The values that pickles of state dicts are made of.

use super::number_of_storage;
use crate::engine::weights::tensor::Number;

/// A value of a pickle.
#[derive(Clone, Debug)]
pub(super) enum Node {
    None,
    Bool(bool),
    Int(i64),
    /// A number of more than 64 bits, lowest byte first.
    Long(Vec<u8>),
    Float,
    Text(String),
    Tuple(Vec<usize>),
    List(Vec<usize>),
    Dict(Vec<(usize, usize)>),
    Global(Global),
    Storage(StorageNode),
    Tensor(TensorNode),
}

/// The classes and functions that a state dict is made with.
#[derive(Clone, Debug)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Size,
    Storage(Number),
}

/// A storage, by the key under which its numbers are found.
#[derive(Clone, Debug)]
pub(super) struct StorageNode {
    pub(super) number: Number,
    pub(super) key: String,
    /// How many numbers it has.
    pub(super) len: u64,
}

/// A tensor, counted in numbers of its storage.
#[derive(Clone, Debug)]
pub(super) struct TensorNode {
    pub(super) storage: StorageNode,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

impl Node {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::None => "nothing".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => format!("the number {value}"),
            Self::Long(_) | Self::Float => "a number".to_owned(),
            Self::Text(_) => "a text".to_owned(),
            Self::Tuple(_) => "a tuple".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Dict(_) => "a dict".to_owned(),
            Self::Global(_) => "a class or function".to_owned(),
            Self::Storage(_) => "a storage".to_owned(),
            Self::Tensor(_) => "a tensor".to_owned(),
        }
    }
}

impl Global {
    /// The class or function of a name.
    ///
    /// # Errors
    ///
    /// When it is none that a state dict needs.
    pub(super) fn find(module: &str, name: &str) -> Result<Self, String> {
        let storage = || match module {
            "torch" | "torch.cuda" => number_of_storage(name).map(Self::Storage),
            _ => None,
        };
        let known = match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor_v2") => Some(Self::RebuildTensor),
            ("torch._utils", "_rebuild_parameter") => Some(Self::RebuildParameter),
            ("torch", "Size") => Some(Self::Size),
            _ => storage(),
        };
        known.ok_or_else(|| format!("expected nothing but tensors in the pickle, found `{module}.{name}`"))
    }
}
