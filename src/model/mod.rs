//! Where a model's files come from: compiled in, a directory, or the store that `diglot models pull` fills.

pub mod bundled;
pub mod catalogue;
pub mod download;
mod file;
mod locate;
mod lock;
mod reference;
mod role;
mod store;
mod stored;
mod weights;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use locate::locate;
pub use lock::LockedFile;
pub use reference::{DEFAULT_REVISION, ModelId, Reference};
pub use role::Role;
pub use store::{Store, StoredModel};
pub use stored::StoredFiles;

pub(crate) use self::file::{ModelFile, SeekableRead};
pub(crate) use self::weights::{Index, WeightFiles, WeightFormat, require};
use crate::Error;
use crate::provenance::ModelInfo;

/// The files of one model, read by name (`config.json`, `model.safetensors` ...).
#[derive(Clone, Debug)]
pub enum ModelFiles {
    /// A directory in the layout that Hugging Face `save_pretrained` writes.
    Directory(PathBuf),
    /// Files compiled into the program.
    Bundled {
        /// The model's name.
        name: &'static str,
        /// File names and their contents.
        files: &'static [(&'static str, &'static [u8])],
    },
    /// A model that was pulled from a hub. A file whose content has changed since is refused.
    Stored(Arc<StoredFiles>),
}

impl From<StoredModel> for ModelFiles {
    fn from(model: StoredModel) -> Self {
        Self::Stored(Arc::new(StoredFiles::new(model)))
    }
}

impl ModelFiles {
    /// The name for messages and records: the directory as given, the bundled model's name, or the
    /// `ID@COMMIT` of a pulled one.
    pub fn name(&self) -> String {
        match self {
            Self::Directory(path) => path.display().to_string(),
            Self::Bundled { name, .. } => (*name).to_owned(),
            Self::Stored(files) => files.model.name(),
        }
    }

    /// The path of a file, for those who open it themselves; `None` where the model has none of that
    /// name, and for one that is compiled in.
    ///
    /// # Errors
    ///
    /// When it is not what was pulled.
    pub fn path(&self, file: &str) -> Result<Option<PathBuf>, Error> {
        match self {
            Self::Directory(directory) => Ok(Some(directory.join(file)).filter(|path| path.exists())),
            Self::Bundled { .. } => Ok(None),
            Self::Stored(files) => files.path(file),
        }
    }

    /// The contents of a file, `None` where the model has none of that name.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be read.
    pub fn read(&self, file: &str) -> Result<Option<Cow<'static, [u8]>>, Error> {
        match self {
            Self::Directory(directory) => {
                let path = directory.join(file);
                match std::fs::read(&path) {
                    Ok(bytes) => Ok(Some(Cow::Owned(bytes))),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(Error::io("read", path, error)),
                }
            }
            Self::Bundled { files, .. } => Ok(files
                .iter()
                .find(|(name, _)| *name == file)
                .map(|(_, bytes)| Cow::Borrowed(*bytes))),
            Self::Stored(files) => Ok(files.read(file)?.map(Cow::Owned)),
        }
    }

    /// The contents of a file that the model must have.
    ///
    /// # Errors
    ///
    /// When the file is missing or cannot be read.
    pub fn require(&self, file: &str) -> Result<Cow<'static, [u8]>, Error> {
        self.read(file)?
            .ok_or_else(|| Error::model(self.name(), format!("expected a file `{file}`, found none")))
    }

    /// Opens a file to read parts of it, `None` where the model has none of that name.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be opened.
    pub(crate) fn open(&self, file: &str) -> Result<Option<ModelFile>, Error> {
        match self {
            Self::Directory(directory) => ModelFile::open(directory.join(file)),
            Self::Bundled { files, .. } => Ok(files
                .iter()
                .find(|(name, _)| *name == file)
                .map(|(name, bytes)| ModelFile::in_memory(name, bytes))),
            Self::Stored(files) => files.path(file)?.map_or(Ok(None), ModelFile::open),
        }
    }

    /// The names of its files, in order.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = match self {
            Self::Directory(directory) => file_names(directory)?,
            Self::Bundled { files, .. } => files.iter().map(|(name, _)| (*name).to_owned()).collect(),
            Self::Stored(files) => files.model.files.iter().map(|file| file.name.clone()).collect(),
        };
        names.sort();
        Ok(names)
    }

    /// What a run's records say of this model: its name, the SHA-256 of its weights, its licence.
    ///
    /// The hash is that of the file the weights are read from. Weights in shards have the hash of what
    /// `sha256sum` writes for the index and the shards in the order of their names (as `LC_ALL=C sort`
    /// has it): one line a file, `<hash>  <name>`.
    ///
    /// # Errors
    ///
    /// When the weights or the card cannot be read.
    pub fn info(&self, role: &'static str) -> Result<ModelInfo, Error> {
        Ok(ModelInfo {
            role,
            name: self.name(),
            sha256: WeightFiles::find(self)?.sha256(self)?,
            licence: self.licence()?,
        })
    }

    /// The licence that the model's card states.
    ///
    /// # Errors
    ///
    /// When the card cannot be read.
    pub fn licence(&self) -> Result<Option<String>, Error> {
        let card = self.read("README.md")?;
        Ok(card.and_then(|card| licence(&String::from_utf8_lossy(&card))))
    }
}

/// The names of the files in a directory, as far as they are Unicode, as those of a model are.
fn file_names(directory: &Path) -> Result<Vec<String>, Error> {
    let failed = |error| Error::io("read", directory, error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_file() {
            names.extend(entry.file_name().into_string());
        }
    }
    Ok(names)
}

/// The `license` of a model card's front matter; of a list of them, the first.
fn licence(card: &str) -> Option<String> {
    let front = card.strip_prefix("---")?.split("\n---").next()?;
    let mut lines = front.lines();
    let here = lines.find_map(|line| line.strip_prefix("license:"))?.trim();
    let licence = match here {
        "" => lines.next()?.trim().strip_prefix("- ")?.trim(),
        here => here,
    };
    Some(licence.to_owned()).filter(|licence| !licence.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licence_is_read_off_the_front_matter_alone() {
        assert_eq!(
            licence("---\nlanguage: fr\nlicense: cc-by-4.0\n---\ntext"),
            Some("cc-by-4.0".to_owned())
        );
        assert_eq!(
            licence("---\nlicense:\n- mit\n- other\n---\n"),
            Some("mit".to_owned())
        );
        assert_eq!(licence("---\nlicense:\ntags: x\n---\n"), None);
        assert_eq!(licence("# Card\nlicense: none\n"), None);
        assert_eq!(licence("---\nlanguage: fr\n---\nlicense: none\n"), None);
    }

    #[test]
    fn a_pulled_file_is_read_and_opened_only_as_it_was_pulled() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        std::fs::write(&path, "{}").unwrap();
        std::fs::write(directory.path().join("vocab.txt"), "not pulled").unwrap();
        let files = || {
            ModelFiles::from(StoredModel {
                id: "a/b".parse().unwrap(),
                commit: "c".repeat(40),
                names: Vec::new(),
                role: Role::Entities,
                directory: directory.path().to_owned(),
                files: vec![LockedFile::new("config.json", b"{}")],
            })
        };
        assert_eq!(files().read("config.json").unwrap().as_deref(), Some(&b"{}"[..]));
        assert_eq!(files().path("config.json").unwrap(), Some(path.clone()));
        assert!(files().read("vocab.txt").unwrap().is_none() && files().path("vocab.txt").unwrap().is_none());
        std::fs::write(&path, "[]").unwrap();
        for error in [
            files().read("config.json").unwrap_err(),
            files().path("config.json").unwrap_err(),
        ] {
            let message = error.to_string();
            assert!(
                message.contains("`config.json` is not what was pulled"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_missing_file_is_named_with_its_model() {
        let files = ModelFiles::Bundled {
            name: "bundled/none",
            files: &[("config.json", b"{}")],
        };
        assert_eq!(files.read("config.json").unwrap().as_deref(), Some(&b"{}"[..]));
        let error = files.require("source.spm").unwrap_err();
        assert_eq!(
            error.to_string(),
            "model `bundled/none`: expected a file `source.spm`, found none"
        );
    }
}
