//! Stands for rust-bert where it is not built in.

use crate::Error;
use crate::backend::Device;
use crate::engine::{BertTagger, EngineOptions, Marian};
use crate::model::ModelFiles;

/// A Marian model on rust-bert.
pub(crate) fn load_marian(_: &ModelFiles, _: &EngineOptions, _: Device) -> Result<Marian, Error> {
    Err(missing())
}

/// A token classifier on rust-bert.
pub(crate) fn load_tagger(_: &ModelFiles, _: &EngineOptions, _: Device) -> Result<BertTagger, Error> {
    Err(missing())
}

/// The device that is meant.
pub(crate) fn find_device(_: Device) -> Result<Device, Error> {
    Err(missing())
}

fn missing() -> Error {
    let message = "the backend `rust-bert` is not part of this program; build one that has it with \
                   `eval \"$(scripts/libtorch)\" && cargo build --release --features rust-bert`";
    Error::Config(message.to_owned())
}
