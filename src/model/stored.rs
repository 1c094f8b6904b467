//! A pulled model in use: its files are compared with the lock before they are read.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::lock::hash_file;
use super::{LockedFile, StoredModel};
use crate::Error;
use crate::provenance::sha256;

/// A model of the store whose files are read, each checked once.
#[derive(Debug)]
pub struct StoredFiles {
    /// The model.
    pub model: StoredModel,
    /// The files that are what was pulled.
    checked: Mutex<BTreeSet<String>>,
}

impl StoredFiles {
    /// The files of a model, none of them checked.
    pub fn new(model: StoredModel) -> Self {
        Self {
            model,
            checked: Mutex::default(),
        }
    }

    /// The contents of a file; `None` where none of that name was pulled.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(file) = self.locked(name) else {
            return Ok(None);
        };
        let path = self.model.directory.join(name);
        let bytes = fs::read(&path).map_err(|error| Error::io("read", path, error))?;
        self.check(file, || Ok(sha256(&bytes)))?;
        Ok(Some(bytes))
    }

    /// The path of a file whose content is what was pulled; `None` where none of that name was.
    pub(super) fn path(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        let Some(file) = self.locked(name) else {
            return Ok(None);
        };
        let path = self.model.directory.join(name);
        self.check(file, || {
            hash_file(&path).map_err(|error| Error::io("read", &path, error))
        })?;
        Ok(Some(path))
    }

    fn locked(&self, name: &str) -> Option<&LockedFile> {
        self.model.files.iter().find(|file| file.name == name)
    }

    fn check(&self, file: &LockedFile, hash: impl FnOnce() -> Result<String, Error>) -> Result<(), Error> {
        // Held while a file is hashed, so that two threads do not both hash it.
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if checked.contains(&file.name) {
            return Ok(());
        }
        let found = hash()?;
        if found != file.sha256 {
            let (name, expected) = (&file.name, &file.sha256);
            let message = format!(
                "`{name}` is not what was pulled: expected SHA-256 {expected}, found {found}; \
                 `diglot models pull {}` mends it",
                self.model.name()
            );
            return Err(Error::model(self.model.name(), message));
        }
        checked.insert(file.name.clone());
        Ok(())
    }
}
