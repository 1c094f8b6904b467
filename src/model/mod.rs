//! Where a model's files come from: compiled in, or a directory.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::Error;

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
}
