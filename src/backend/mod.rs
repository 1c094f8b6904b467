//! What runs the networks of models: diglot's own [`engine`](crate::engine), or another library behind a feature.
//!
//! Whatever the backend, text is cut into tokens and batches, searched for and put together by the same code, and the
//! care around models (protection, flags, names, valid tags) is the same.

mod rust_bert;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::engine::{BertTagger, EngineOptions, Marian};
use crate::model::ModelFiles;

/// What runs the networks of models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// diglot's own [`engine`](crate::engine), on the processor.
    #[default]
    Engine,
    /// rust-bert, which runs on libtorch, in 32-bit floating point. Needs the feature `rust-bert`. Where sums come out
    /// in another order, as they do in batches of another size, scores may differ in their last digits.
    RustBert,
}

impl Backend {
    /// The name, as settings and records have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::RustBert => "rust-bert",
        }
    }
}

/// Where a backend runs. [`Backend::Engine`] knows the processor alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// The first CUDA device, if the backend can use one, else the processor.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The first CUDA device.
    Cuda,
}

impl Device {
    /// The name, as settings and records have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Loads a Marian model. Of the options, rust-bert heeds all but the precision.
///
/// # Errors
///
/// When the model cannot be loaded, and those of [`find_device`].
pub fn load_marian(
    backend: Backend,
    device: Device,
    files: &ModelFiles,
    options: &EngineOptions,
) -> Result<Marian, Error> {
    let device = find_device(backend, device)?;
    match backend {
        Backend::Engine => Marian::load(files, options),
        Backend::RustBert => rust_bert::load_marian(files, options, device),
    }
}

/// Loads a token classifier. Of the options, rust-bert heeds the batch size alone.
///
/// # Errors
///
/// When the model cannot be loaded, and those of [`find_device`].
pub fn load_tagger(
    backend: Backend,
    device: Device,
    files: &ModelFiles,
    options: &EngineOptions,
) -> Result<BertTagger, Error> {
    let device = find_device(backend, device)?;
    match backend {
        Backend::Engine => BertTagger::load(files, options),
        Backend::RustBert => rust_bert::load_tagger(files, options, device),
    }
}

/// The device that a backend runs on: [`Device::Auto`] is decided.
///
/// # Errors
///
/// When the backend is not part of this program, or knows no such device or finds none.
pub fn find_device(backend: Backend, device: Device) -> Result<Device, Error> {
    match (backend, device) {
        (Backend::RustBert, _) => rust_bert::find_device(device),
        (Backend::Engine, Device::Auto | Device::Cpu) => Ok(Device::Cpu),
        (Backend::Engine, Device::Cuda) => {
            let message =
                "`device`: the backend `engine` knows `cpu` alone, found `cuda`, which `rust-bert` knows";
            Err(Error::Config(message.to_owned()))
        }
    }
}
