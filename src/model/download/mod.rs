//! Pulling models from a hub. Nothing else in diglot opens the network, and of the command only
//! `diglot models pull` calls it.
//!
//! A pull asks the hub which commit a revision is and which files it has, fetches those that diglot
//! reads, checks each against the hash by which the hub names it while it is written, and only then
//! gives it its place in the [`Store`]. What was there before stays until the new is whole.

#[cfg(not(feature = "download"))]
mod disabled;
#[cfg(feature = "download")]
mod enabled;
mod error;

use std::time::Duration;

use super::reference::check_revision;
use super::{Reference, Role, Store, StoredModel};
use crate::Error;

pub use error::DownloadError;

#[cfg(not(feature = "download"))]
use disabled as implementation;
#[cfg(feature = "download")]
use enabled as implementation;

/// What to pull.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// The model and its revision: a branch, a tag, a commit; `main` where none is said.
    pub reference: Reference,
    /// What it must do; `None`: what its configuration says.
    pub role: Option<Role>,
    /// How many times in a row a request is tried again that failed in a way that may pass.
    pub retries: u32,
}

impl PullOptions {
    /// How many times a request is tried again, unless said.
    pub const RETRIES: u32 = 5;

    /// A pull of what a reference names.
    pub fn new(reference: Reference) -> Self {
        Self {
            reference,
            role: None,
            retries: Self::RETRIES,
        }
    }

    /// At another revision.
    ///
    /// # Errors
    ///
    /// When that is no name of a revision.
    pub fn revision(mut self, revision: &str) -> Result<Self, Error> {
        self.reference.revision = Some(check_revision(self.reference.id.as_str(), revision)?);
        Ok(self)
    }
}

/// What happens during a pull.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another process pulls or removes the model; its end is waited for.
    Waiting,
    /// So many files of so many bytes make up the model.
    Planned {
        /// The number of files.
        files: usize,
        /// The sum of their sizes.
        bytes: u64,
    },
    /// A file is next.
    File {
        /// Its name.
        name: &'a str,
    },
    /// So many bytes of it need not be fetched: they are there and checked, or left by an earlier pull.
    Kept(u64),
    /// So many more bytes were received.
    Received(u64),
    /// So many bytes that were there turned out to be of no use.
    Discarded(u64),
    /// A file in the store is not what its name says, and is fetched again.
    Damaged {
        /// Its name.
        name: &'a str,
    },
    /// Something failed that may pass; it is tried again after a while.
    Retrying {
        /// What failed.
        error: &'a DownloadError,
        /// The time until then.
        wait: Duration,
    },
    /// The hub does not answer, and what was pulled before, which is intact, is kept.
    Offline {
        /// Why there is no answer.
        error: &'a DownloadError,
    },
}

/// Pulls a model into a store, and checks it if it is there already.
///
/// The environment is read as `huggingface_hub` does: `HF_ENDPOINT`, `HF_TOKEN` (else the token file in
/// `HF_HOME`), `HF_HUB_OFFLINE`, `HF_HUB_ETAG_TIMEOUT` and `HF_HUB_DOWNLOAD_TIMEOUT` (seconds), the
/// proxy variables, and `SSL_CERT_FILE` for other authorities than Mozilla's.
///
/// # Errors
///
/// [`Error::Download`] when the hub cannot be reached, refuses, or sends what is not what it says;
/// [`Error::Model`] when diglot has no use for the model; [`Error::Io`] when the store cannot be written;
/// [`Error::Config`] when the environment makes no sense.
pub fn pull(
    store: &Store,
    options: &PullOptions,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<StoredModel, Error> {
    implementation::pull(store, options, observe)
}
