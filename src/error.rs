//! The crate's error types.

use std::path::{Path, PathBuf};

/// What went wrong in a stage's engine. The document is kept; the stage's part is missing.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct BackendError {
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl BackendError {
    /// An error that says what was expected and what was found.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// The same with the error that caused it, which [`std::error::Error::source`] returns.
    pub fn with_source(
        message: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            message: message.into(),
            source: Some(source.into()),
        }
    }
}

/// Everything that can stop diglot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("`{}`: cannot {action}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `create`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A model cannot be used: a missing file or tensor, a wrong shape, an unknown architecture.
    #[error("model `{name}`: {message}")]
    Model {
        /// The model's name or directory.
        name: String,
        /// What was expected and what was found.
        message: String,
    },
    /// A model could not be fetched from the hub.
    #[error("model `{name}`: cannot be pulled")]
    Download {
        /// The model's ID.
        name: String,
        /// What went wrong.
        source: crate::model::download::DownloadError,
    },
    /// The configuration is not valid.
    #[error("configuration: {0}")]
    Config(String),
    /// An input document is not usable.
    #[error("input `{id}`: {message}")]
    Input {
        /// The document's id.
        id: String,
        /// What was expected and what was found.
        message: String,
    },
    /// What an output directory holds does not let this run go on.
    #[error("output `{}`: {message}", path.display())]
    Output {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What was expected and what was found.
        message: String,
    },
    /// A stage's engine failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
}

impl Error {
    /// An [`Error::Io`] for `path`.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.as_ref().to_owned(),
            source,
        }
    }

    /// An [`Error::Output`] for `path`.
    pub fn output(path: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self::Output {
            path: path.as_ref().to_owned(),
            message: message.into(),
        }
    }

    /// An [`Error::Model`] for the model `name`.
    pub fn model(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Model {
            name: name.into(),
            message: message.into(),
        }
    }
}
