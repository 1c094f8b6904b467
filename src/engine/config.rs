//! Reading `config.json`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::model::ModelFiles;

const FILE: &str = "config.json";

/// What kind of model a configuration is of.
#[derive(Deserialize)]
pub(super) struct Kind {
    /// The classes of transformers that it may be loaded as.
    pub(super) architectures: Option<Vec<String>>,
    /// The name of the family.
    pub(super) model_type: Option<String>,
}

impl Kind {
    /// Whether it may be loaded as this class.
    pub(super) fn names(&self, architecture: &str) -> bool {
        self.architectures
            .iter()
            .flatten()
            .any(|found| found == architecture)
    }

    /// Whether it says what it may be loaded as.
    pub(super) fn names_any(&self) -> bool {
        self.architectures.iter().flatten().next().is_some()
    }
}

/// Reads the configuration of a model of the given architecture.
///
/// # Errors
///
/// When the file is missing, is of another architecture, or lacks a field.
pub(super) fn read<T: DeserializeOwned>(files: &ModelFiles, architecture: &str) -> Result<T, Error> {
    let kind = kind(files)?;
    if !kind.names(architecture) {
        return Err(unknown_architecture(files, &[architecture], &kind));
    }
    fields(files)
}

/// Reads what kind of model the configuration is of.
///
/// # Errors
///
/// When the file is missing or is no configuration.
pub(super) fn kind(files: &ModelFiles) -> Result<Kind, Error> {
    fields(files)
}

/// Reads the configuration of a model of any architecture.
///
/// # Errors
///
/// When the file is missing or lacks a field.
pub(super) fn fields<T: DeserializeOwned>(files: &ModelFiles) -> Result<T, Error> {
    serde_json::from_slice(&files.require(FILE)?)
        .map_err(|error| Error::model(files.name(), format!("`{FILE}`: {error}")))
}

/// Says which architectures are known and which was found.
pub(super) fn unknown_architecture(files: &ModelFiles, known: &[&str], kind: &Kind) -> Error {
    let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let found = match &kind.model_type {
        Some(model_type) if !kind.names_any() => format!("a model of type `{model_type}`"),
        _ => format!("{:?}", kind.architectures.as_deref().unwrap_or_default()),
    };
    let message = format!(
        "`{FILE}`: expected the architecture {}, found {found}",
        known.join(" or ")
    );
    Error::model(files.name(), message)
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
