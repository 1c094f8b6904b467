//! Where a model's files come from: compiled in, or a directory.

pub mod bundled;
mod file;
mod weights;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

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
}

impl ModelFiles {
    /// The files of the model that a user named: a directory.
    ///
    /// # Errors
    ///
    /// When there is no such model.
    pub fn find(reference: &Path) -> Result<Self, Error> {
        if reference.is_dir() {
            return Ok(Self::Directory(reference.to_owned()));
        }
        let message = "expected a directory with the files of a model, found none";
        Err(Error::model(reference.display().to_string(), message))
    }

    /// The name for messages and records: the directory as given, or the bundled model's name.
    pub fn name(&self) -> String {
        match self {
            Self::Directory(path) => path.display().to_string(),
            Self::Bundled { name, .. } => (*name).to_owned(),
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
        }
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
        let card = self.read("README.md")?;
        Ok(ModelInfo {
            role,
            name: self.name(),
            sha256: WeightFiles::find(self)?.sha256(self)?,
            licence: card.and_then(|card| licence(&String::from_utf8_lossy(&card))),
        })
    }
}

/// The `license` of a model card's front matter.
fn licence(card: &str) -> Option<String> {
    let front = card.strip_prefix("---")?.split("\n---").next()?;
    let line = front.lines().find_map(|line| line.strip_prefix("license:"))?;
    Some(line.trim().to_owned()).filter(|licence| !licence.is_empty())
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
        assert_eq!(licence("# Card\nlicense: none\n"), None);
        assert_eq!(licence("---\nlanguage: fr\n---\nlicense: none\n"), None);
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
