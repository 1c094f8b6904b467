//! Where produced things come from: models, settings, version.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// The version of diglot that is running.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A model of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// What it does: `translate`, `entities`, `entities-field` (heard beside the former), `pivot`, `language`, `align`.
    pub role: &'static str,
    /// Its name: `bundled/fr-en`, or the directory it was loaded from.
    pub name: String,
    /// The hexadecimal SHA-256 of its weights; empty for a model that is part of a library.
    pub sha256: String,
    /// Its licence, where its files say so.
    pub licence: Option<String>,
}

/// What a run was made with, for its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The models, in the order that [`crate::document::Origin::Translated`] counts.
    pub models: Vec<ModelInfo>,
    /// The settings that change results, by name; never thread counts or paths of outputs.
    pub settings: BTreeMap<String, String>,
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
