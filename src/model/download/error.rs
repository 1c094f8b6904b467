//! What can go wrong between here and the hub.

use std::io;

/// Why a model cannot be pulled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The hub does not let us read it (401, 403).
    #[error("the hub refuses it ({status}): {advice}")]
    Denied {
        /// The status.
        status: u16,
        /// What the user can do.
        advice: String,
    },
    /// The hub has no such thing (404).
    #[error("{what}, says the hub (404)")]
    NotFound {
        /// What it has not.
        what: String,
    },
    /// The hub wants us to come back later (429).
    #[error("the hub has had too many requests (429){advice}")]
    TooManyRequests {
        /// When to come back, where it is known.
        advice: String,
    },
    /// Another status that is no success.
    #[error("`{host}` answers {status}")]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
    },
    /// No connection, or none that speaks HTTP.
    #[error("`{host}` cannot be reached")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// A connection on which nothing comes.
    #[error("`{host}` sent nothing for {seconds} s")]
    Stalled {
        /// The host.
        host: String,
        /// How long was waited.
        seconds: u64,
    },
    /// An answer that is none of the hub's protocol.
    #[error("`{host}` does not answer as a hub does: {message}")]
    Protocol {
        /// The host.
        host: String,
        /// What was expected and what was found.
        message: String,
    },
    /// A file that ended too early.
    #[error("`{file}` was cut off: expected {expected} bytes, found {found}")]
    CutOff {
        /// The file.
        file: String,
        /// Its size.
        expected: u64,
        /// How much came.
        found: u64,
    },
    /// A file that is longer than it should be.
    #[error("`{file}`: expected {expected} bytes, found more; nothing of it was kept")]
    TooLong {
        /// The file.
        file: String,
        /// Its size.
        expected: u64,
    },
    /// A file that is not what its name says.
    #[error("`{file}`: expected {kind} {expected}, found {found}; nothing of it was kept")]
    WrongHash {
        /// The file.
        file: String,
        /// The kind of hash.
        kind: &'static str,
        /// The hash that the hub gives.
        expected: String,
        /// The hash of what came.
        found: String,
    },
    /// A file that became another during the pull.
    #[error("`{file}` changed on the hub while it was pulled; pull again")]
    Changed {
        /// The file.
        file: String,
    },
    /// `HF_HUB_OFFLINE` is set, and the model is not there or not intact.
    #[error("`HF_HUB_OFFLINE` is set, and no intact copy is in the store")]
    Offline,
}

impl DownloadError {
    /// Whether the hub could not answer, rather than gave an answer that we do not like.
    #[cfg(feature = "download")]
    pub(super) fn is_outage(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Stalled { .. } | Self::TooManyRequests { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }
}
