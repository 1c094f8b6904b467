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
use crate::engine::outside::OutsideTranslator;
use crate::engine::{BertTagger, EngineOptions};
use crate::entity::TokenTagger;
use crate::model::ModelFiles;
use crate::translate::Translator;

/// A Marian model on rust-bert.
///
/// # Errors
///
/// When the model cannot be loaded, or the device is not there.
pub(crate) fn translator(
    files: &ModelFiles,
    options: &EngineOptions,
    device: Device,
) -> Result<Box<dyn Translator>, Error> {
    let device = torch_device(find_device(device)?);
    let translator = OutsideTranslator::load(files, options, None, |shape| {
        marian::Network::load(files, shape, device)
    })?;
    Ok(Box::new(translator))
}

/// A token classifier on rust-bert.
///
/// # Errors
///
/// When the model cannot be loaded, or the device is not there.
pub(crate) fn tagger(
    files: &ModelFiles,
    options: &EngineOptions,
    device: Device,
) -> Result<Box<dyn TokenTagger>, Error> {
    let network = tagger::Network::load(files, torch_device(find_device(device)?))?;
    Ok(Box::new(BertTagger::with_network(
        files,
        options,
        Box::new(network),
    )?))
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
