//! rust-bert on libtorch.

// `mod.rs` names this file by its path, so those of its modules have to be named too.
#[path = "enabled/copies.rs"]
mod copies;
#[path = "enabled/marian.rs"]
mod marian;
#[path = "enabled/observer.rs"]
mod observer;
#[path = "enabled/tagger.rs"]
mod tagger;
#[path = "enabled/weights.rs"]
mod weights;

use crate::Error;
use crate::backend::Device;
use crate::engine::{BertTagger, EngineOptions, Marian};
use crate::model::ModelFiles;

/// A Marian model on rust-bert.
///
/// # Errors
///
/// When the model cannot be loaded, or the device is not there.
pub(crate) fn load_marian(
    files: &ModelFiles,
    options: &EngineOptions,
    device: Device,
) -> Result<Marian, Error> {
    let device = torch_device(find_device(device)?);
    Marian::with_network(files, options, |shape| {
        Ok(Box::new(marian::Network::load(files, shape, device)?))
    })
}

/// A token classifier on rust-bert.
///
/// # Errors
///
/// When the model cannot be loaded, or the device is not there.
pub(crate) fn load_tagger(
    files: &ModelFiles,
    options: &EngineOptions,
    device: Device,
) -> Result<BertTagger, Error> {
    let device = torch_device(find_device(device)?);
    BertTagger::with_network(files, options, |shape| {
        Ok(Box::new(tagger::Network::load(files, &shape, device)?))
    })
}

/// The device that is meant, [`Device::Auto`] decided.
///
/// # Errors
///
/// When CUDA is asked for and libtorch finds none.
pub(crate) fn find_device(device: Device) -> Result<Device, Error> {
    match (device, tch::Cuda::is_available()) {
        (Device::Cuda, false) => {
            let message = "`device`: expected a CUDA device and a libtorch that can use it, found none";
            Err(Error::Config(message.to_owned()))
        }
        (Device::Auto | Device::Cuda, true) => Ok(Device::Cuda),
        (Device::Auto, false) | (Device::Cpu, _) => Ok(Device::Cpu),
    }
}

fn torch_device(device: Device) -> tch::Device {
    match device {
        Device::Cuda => tch::Device::Cuda(0),
        Device::Auto | Device::Cpu => tch::Device::Cpu,
    }
}
