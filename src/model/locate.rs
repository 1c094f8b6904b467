//! What a reference to a model means: a directory, or a model of the store.

use std::path::Path;

use super::{ModelFiles, Reference, Store};
use crate::Error;

/// The files of the model that a reference names: a directory wins; then a pulled model, by its ID or
/// `ID@REVISION`, in the store of this user ([`Store::from_env`]). The network is never asked.
///
/// # Errors
///
/// When it is neither; the message says how to pull it.
pub fn locate(reference: impl AsRef<Path>) -> Result<ModelFiles, Error> {
    let path = reference.as_ref();
    if path.is_dir() {
        return Ok(ModelFiles::Directory(path.to_owned()));
    }
    let text = path.to_string_lossy();
    let reference: Reference = text.parse().map_err(|_| {
        let message =
            "expected a directory, or the ID of a pulled model such as `organisation/name`, found neither";
        Error::model(text, message)
    })?;
    Ok(Store::from_env()?.find(&reference)?.into())
}
