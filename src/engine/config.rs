//! Reading `config.json`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::model::ModelFiles;

const FILE: &str = "config.json";

#[derive(Deserialize)]
struct Architectures {
    #[serde(default)]
    architectures: Vec<String>,
}

/// Reads the configuration of a model of the given architecture.
///
/// # Errors
///
/// When the file is missing, is of another architecture, or lacks a field.
pub(super) fn read<T: DeserializeOwned>(files: &ModelFiles, architecture: &str) -> Result<T, Error> {
    let bytes = files.require(FILE)?;
    let invalid = |error: serde_json::Error| Error::model(files.name(), format!("`{FILE}`: {error}"));
    let Architectures { architectures } = serde_json::from_slice(&bytes).map_err(invalid)?;
    if !architectures.iter().any(|found| found == architecture) {
        let message =
            format!("`{FILE}`: expected the architecture `{architecture}`, found {architectures:?}");
        return Err(Error::model(files.name(), message));
    }
    serde_json::from_slice(&bytes).map_err(invalid)
}

/// The largest vocabulary that is accepted, four times the largest in use.
pub(super) const MAX_VOCABULARY: usize = 1 << 20;

/// The widest layer that is accepted.
pub(super) const MAX_WIDTH: usize = 1 << 16;

/// The most layers that are accepted.
pub(super) const MAX_LAYERS: usize = 1 << 10;

/// The most values that a table of positions may have: 256 MiB of `f32`.
pub(super) const MAX_POSITION_VALUES: usize = 1 << 26;

/// Checks sizes, given with their names and the largest values accepted, before memory of such a size
/// is asked for.
pub(super) fn check_sizes(model: &str, sizes: &[(&str, usize, usize)]) -> Result<(), Error> {
    for (name, size, most) in sizes {
        if size > most {
            let message = format!("`{FILE}`: expected `{name}` to be at most {most}, found {size}");
            return Err(Error::model(model, message));
        }
    }
    Ok(())
}

/// Checks that a state can be cut into heads.
pub(super) fn check_heads(
    model: &str,
    size_name: &str,
    size: usize,
    heads_name: &str,
    heads: usize,
) -> Result<(), Error> {
    if size == 0 || heads == 0 || !size.is_multiple_of(heads) {
        let message = format!(
            "`{FILE}`: expected `{size_name}` to be a multiple of `{heads_name}`, found {size} and {heads}"
        );
        return Err(Error::model(model, message));
    }
    Ok(())
}
