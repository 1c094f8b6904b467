//! The manifest: what an output directory holds and what it was made with.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::write_whole;
use super::plan::InputList;
use super::{INPUTS, MANIFEST, Plan, ShardLine};
use crate::Error;
use crate::corpus::Totals;
use crate::format::Counts;

/// The version of the manifest's and the journal's shape.
pub const MANIFEST_SCHEMA: &str = "diglot-batch/1";

/// What an output directory holds and what it was made with. It names no time and no machine: the
/// same input, models and settings give the same bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    pub schema: String,
    /// Whether all of the input is done.
    pub complete: bool,
    /// What the directory was made with.
    #[serde(flatten)]
    pub plan: Plan,
    /// How many shards there are; the journal has a line for each, and one for files made of all of them.
    pub shards: u64,
    /// What each format wrote.
    pub written: BTreeMap<String, Counts>,
    /// Counts over all records.
    pub totals: Totals,
}

impl Manifest {
    /// The manifest of a run that has got so far.
    pub(in crate::corpus) fn new(plan: &Plan, shards: &[ShardLine], complete: bool) -> Self {
        let mut totals = Totals::default();
        let mut written: BTreeMap<String, Counts> = BTreeMap::new();
        for shard in shards {
            totals += &shard.totals;
            for (format, counts) in &shard.written {
                *written.entry(format.clone()).or_default() += *counts;
            }
        }
        Self {
            schema: MANIFEST_SCHEMA.to_owned(),
            complete,
            plan: plan.clone(),
            shards: shards.iter().filter(|shard| shard.totals.documents > 0).count() as u64,
            written,
            totals,
        }
    }

    /// Reads the manifest of an output directory, with its list of inputs.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is of another version.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
        let mut manifest: Self =
            serde_json::from_str(&text).map_err(|error| Error::output(&path, error.to_string()))?;
        if manifest.schema != MANIFEST_SCHEMA {
            let message = format!("expected schema `{MANIFEST_SCHEMA}`, found `{}`", manifest.schema);
            return Err(Error::output(&path, message));
        }
        // The list only serves to name what has changed; the manifest has its digest.
        if let Ok(lines) = std::fs::read_to_string(root.join(INPUTS)) {
            let list = InputList::from_lines(&lines);
            if list.sha256 == manifest.plan.inputs.sha256 {
                manifest.plan.inputs = list;
            }
        }
        Ok(manifest)
    }

    /// The same; `None` where there is no manifest.
    pub(in crate::corpus) fn find(root: &Path) -> Result<Option<Self>, Error> {
        if root.join(MANIFEST).exists() {
            Self::read(root).map(Some)
        } else {
            Ok(None)
        }
    }

    pub(super) fn write(&self, root: &Path) -> Result<(), Error> {
        let path = root.join(MANIFEST);
        let mut text =
            serde_json::to_string_pretty(self).map_err(|error| Error::output(&path, error.to_string()))?;
        text.push('\n');
        write_whole(&path, text.as_bytes())
    }
}
