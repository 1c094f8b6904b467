//! Making an output again while taking over the records that still hold.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::flow::{Item, Supply};
use super::key::Key;
use super::store::{Manifest, Plan, Previous};
use crate::Error;

/// Which documents are worked on again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redo {
    /// New ones and those whose content has changed. Those that are gone leave.
    Changed,
    /// Those that have errors, and no others: the run is refused if anything else has changed.
    Failed,
    /// Both.
    ChangedAndFailed,
}

impl Redo {
    /// Its name, for telling an interrupted one from another.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::ChangedAndFailed => "changed-and-failed",
        }
    }
}

/// A supply that gives the records of an earlier run where these still hold.
pub(super) struct Redoing<S> {
    supply: S,
    previous: Previous,
    redo: Redo,
    counts: Counts,
}

/// How many records were taken over, of how many.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    taken: Arc<AtomicU64>,
    /// How many good ones must be, where all must.
    expected: Option<u64>,
}

impl<S: Supply> Redoing<S> {
    /// Takes records over from `root`, if they were made with `plan`.
    ///
    /// # Errors
    ///
    /// When they were made in another way, or cannot be read.
    pub(super) fn new(root: &Path, plan: &Plan, supply: S, redo: Redo) -> Result<Self, Error> {
        let previous = Previous::read(root)?;
        if let Some(manifest) = Manifest::find(root)? {
            let mut changes = plan.changes(&manifest.plan, false);
            if !manifest.plan.formats.iter().any(|format| format == "jsonl") {
                changes.push("records can be taken over from `jsonl` alone, which is not there".to_owned());
            }
            if !changes.is_empty() {
                let message = format!(
                    "its records cannot be taken over: {}; `--fresh` starts over",
                    changes.join("; ")
                );
                return Err(Error::output(root, message));
            }
        }
        let expected = (redo == Redo::Failed).then(|| previous.good());
        Ok(Self {
            supply,
            previous,
            redo,
            counts: Counts {
                taken: Arc::default(),
                expected,
            },
        })
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    fn refuse(&self, id: &str) -> Error {
        let message = "expected a document that was read before or had failed, found a new or changed one; \
            `--update` redoes these too";
        Error::Input {
            id: id.to_owned(),
            message: message.to_owned(),
        }
    }
}

impl<S: Supply> Supply for Redoing<S> {
    fn supply(&mut self) -> Result<Option<Item>, Error> {
        let Some(item) = self.supply.supply()? else {
            return Ok(None);
        };
        // What cannot be read costs nothing to try again.
        let (key, id, path) = match &item {
            Item::Document(document) => (
                Key::of_document(document),
                document.id.as_str(),
                document.path.as_deref(),
            ),
            Item::Long(document) => (
                Key::of_long(document),
                document.id(),
                document.source().path.as_deref(),
            ),
            _ => return Ok(Some(item)),
        };
        let good = self.redo != Redo::Changed;
        if let Some(record) = self.previous.find(key, good)? {
            if record.head().errors.is_empty() {
                self.counts.taken.fetch_add(1, Ordering::Relaxed);
            }
            return Ok(Some(Item::Record(record)));
        }
        let covered = self.previous.is_empty() || self.previous.failed(id, path);
        if self.redo == Redo::Failed && !covered {
            return Err(self.refuse(id));
        }
        Ok(Some(item))
    }

    fn bytes_read(&self) -> u64 {
        self.supply.bytes_read()
    }
}

impl Counts {
    /// Whether all good records were taken over, where all must be.
    ///
    /// # Errors
    ///
    /// When some were not: their documents are gone.
    pub(super) fn check(&self, root: &Path) -> Result<(), Error> {
        let taken = self.taken.load(Ordering::Relaxed);
        match self.expected {
            Some(expected) if taken < expected => {
                let gone = expected - taken;
                let message = format!(
                    "expected the {expected} documents that are good, {gone} of them are gone; `--update` lets them go"
                );
                Err(Error::output(root, message))
            }
            _ => Ok(()),
        }
    }
}
