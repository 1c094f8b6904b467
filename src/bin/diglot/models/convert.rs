//! `diglot models convert`: a model in one byte a number.

use std::path::{Path, PathBuf};

use diglot::Error;
use diglot::engine::convert;
use diglot::model::locate;

use super::table::size;
use crate::status::{ExitStatus, say};

/// Write a model in int8, a quarter of its size
///
/// Weight matrices are brought to one byte a number, in the way that they are when a model is loaded, and
/// biases and norms to two. Files beside the weights are copied.
#[derive(Debug, clap::Args)]
pub struct ConvertArgs {
    /// A directory, or the ID of a pulled model
    #[arg(value_name = "MODEL")]
    model: PathBuf,

    /// The directory to make, for `--model ROLE=DIR`
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

/// Runs the subcommand.
pub fn run(args: &ConvertArgs) -> Result<ExitStatus, Error> {
    let files = locate(&args.model)?;
    convert(&files, &args.output)?;
    let written = weights_size(&args.output)?;
    say(format_args!(
        "{}: {} of weights in `{}`",
        files.name(),
        size(written),
        args.output.display()
    ));
    Ok(ExitStatus::Success)
}

fn weights_size(directory: &Path) -> Result<u64, Error> {
    let path = directory.join("model.safetensors");
    let metadata = std::fs::metadata(&path);
    Ok(metadata.map_err(|error| Error::io("read", path, error))?.len())
}
