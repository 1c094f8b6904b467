//! The output directory of a batch run, which survives whatever interrupts the run.
//!
//! A shard is written under temporary names, synced and renamed, then the journal gets its line,
//! synced. What the journal has no line for is removed when the run goes on. `manifest.json` says
//! what the directory was made with, `inputs.jsonl` what was read; both are there from the start.

mod files;
mod journal;
mod manifest;
mod plan;
mod previous;
mod swap;

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub use files::FileLine;
pub(super) use files::shard_number;
pub use journal::ShardLine;
pub use manifest::{MANIFEST_SCHEMA, Manifest};
pub use plan::{InputList, Plan, ShardLimits};
pub(super) use previous::Previous;
pub(super) use swap::place;

use files::{ShardFiles, remove, remove_temporaries, write_whole};
use journal::Journal;

use crate::Error;
use crate::corpus::Totals;
use crate::format::{Counts, Files, is_record_shard};

pub(super) const JOURNAL: &str = "journal.jsonl";
pub(super) const MANIFEST: &str = "manifest.json";
const INPUTS: &str = "inputs.jsonl";
/// Held by the process that writes.
const LOCK: &str = ".diglot.lock";
/// The names that the shard in hand is about to give its files.
const PENDING: &str = ".pending.json";
/// Where an update is made ready beside what is there.
const STAGED: &str = ".update";

/// How a run treats what is in its output directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The directory must hold nothing.
    New,
    /// Go on where an earlier run stopped, or start where there was none.
    Resume,
    /// Remove what an earlier run wrote, and start.
    Fresh,
}

/// An output directory that this process writes to.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
    plan: Plan,
    journal: Journal,
    complete: bool,
    /// Released when the store is dropped.
    _lock: Option<File>,
}

/// A shard being written.
#[derive(Debug)]
pub(super) struct Shard {
    files: ShardFiles,
}

impl Store {
    /// Opens the directory for a run with this plan, alone.
    ///
    /// # Errors
    ///
    /// When another process has it open, when what it holds does not go with `start` or the plan,
    /// and when it cannot be written.
    pub(super) fn open(root: &Path, plan: Plan, start: Start) -> Result<Self, Error> {
        let lock = Self::lock(root)?;
        match (start, holds(root)?) {
            (Start::New, Holds::Run) => return Err(Error::output(root, OCCUPIED)),
            (Start::New | Start::Resume, Holds::Foreign) => return Err(Error::output(root, FOREIGN)),
            (Start::Resume | Start::New, _) if root.join(STAGED).exists() => {
                return Err(Error::output(root, STAGED_REMAINS));
            }
            (Start::Fresh, _) => clear(root)?,
            _ => {}
        }
        Self::go_on(root, plan, Some(lock))
    }

    /// Locks a directory, made where it is not there, and ends a swap that was interrupted.
    pub(super) fn lock(root: &Path) -> Result<File, Error> {
        fs::create_dir_all(root).map_err(|error| Error::io("create", root, error))?;
        let path = root.join(LOCK);
        let lock = File::create(&path).map_err(|error| Error::io("create", &path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::output(root, LOCKED)),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path, error)),
        }
        swap::finish(root)?;
        Ok(lock)
    }

    /// Locks a directory to make what it holds again.
    ///
    /// # Errors
    ///
    /// As [`Self::lock`], and when it holds files of others alone.
    pub(super) fn lock_to_redo(root: &Path) -> Result<File, Error> {
        let lock = Self::lock(root)?;
        match holds(root)? {
            Holds::Foreign => Err(Error::output(root, FOREIGN)),
            Holds::Nothing => Ok(lock),
            // Of an interrupted run, only what its journal has is taken over and replaced.
            Holds::Run => recover(root).map(|()| lock),
        }
    }

    /// Opens a directory that is locked: goes on with the run that it holds, or starts one.
    fn go_on(root: &Path, plan: Plan, lock: Option<File>) -> Result<Self, Error> {
        let mut complete = false;
        if root.join(MANIFEST).exists() {
            let manifest = Manifest::read(root)?;
            let changes = plan.changes(&manifest.plan, true);
            if !changes.is_empty() {
                return Err(Error::output(root, changed(&changes)));
            }
            complete = manifest.complete;
            recover(root)?;
        } else {
            remove_temporaries(root)?;
            write_whole(&root.join(INPUTS), plan.inputs.to_lines().as_bytes())?;
            Manifest::new(&plan, &[], false).write(root)?;
        }
        let mut store = Self {
            journal: Journal::open(&root.join(JOURNAL))?,
            root: root.to_owned(),
            plan,
            complete,
            _lock: lock,
        };
        store.check_files()?;
        if !complete {
            store.take_back_a_partial_shard()?;
        }
        Ok(store)
    }

    /// Whether all of the input was done when the directory was opened.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The finished shards.
    pub(super) fn shards(&self) -> &[ShardLine] {
        self.journal.lines()
    }

    /// How many documents the finished shards hold.
    pub(super) fn documents(&self) -> u64 {
        self.shards()
            .last()
            .map_or(0, |shard| shard.first + shard.totals.documents)
    }

    /// A new shard, after the finished ones.
    pub(super) fn begin(&self) -> Shard {
        Shard {
            files: ShardFiles::new(&self.root, Some(self.shards().len() as u64)),
        }
    }

    /// A shard without documents, for files that are made of all shards.
    pub(super) fn begin_for_all(&self) -> Shard {
        Shard {
            files: ShardFiles::new(&self.root, None),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// How many records the finished shards have in a format.
    pub(super) fn records(&self, format: &str) -> u64 {
        let written = self.shards().iter().filter_map(|shard| shard.written.get(format));
        written.map(|counts| counts.records).sum()
    }

    /// The files with the records of a shard.
    pub(super) fn record_files(&self, shard: &ShardLine) -> Vec<PathBuf> {
        let names = shard.files.iter().map(|file| file.name.as_str());
        names
            .filter(|name| is_record_shard(name))
            .map(|name| self.root.join(name))
            .collect()
    }

    /// The lists of pages of the finished shards, with the folders that these lie in.
    pub(super) fn page_lists(&self) -> Vec<(String, PathBuf)> {
        let files = self.shards().iter().flat_map(|shard| &shard.files);
        files
            .filter_map(|file| {
                let folder = file.name.strip_prefix("html/")?.strip_suffix("/pages.jsonl")?;
                Some((folder.to_owned(), self.root.join(&file.name)))
            })
            .collect()
    }

    /// Makes a shard last, all of whose files are closed.
    pub(super) fn commit(
        &mut self,
        shard: &Shard,
        keys: String,
        written: BTreeMap<String, Counts>,
        totals: Totals,
    ) -> Result<&ShardLine, Error> {
        let pending = self.root.join(PENDING);
        let files = shard.files.publish(|names| {
            let names = serde_json::Value::from(names.to_vec()).to_string();
            write_whole(&pending, names.as_bytes())
        })?;
        let number = self.shards().len() as u64;
        let line = ShardLine {
            shard: number,
            first: self.documents(),
            keys,
            files,
            written,
            totals,
        };
        self.journal.append(line)?;
        remove(&pending)?;
        Manifest::new(&self.plan, self.shards(), false).write(&self.root)?;
        let last = self.journal.lines().last();
        last.ok_or_else(|| Error::output(&self.root, "the journal lost a line"))
    }

    /// Notes that all of the input is done.
    pub(super) fn complete(&mut self) -> Result<Manifest, Error> {
        let manifest = Manifest::new(&self.plan, self.shards(), true);
        manifest.write(&self.root)?;
        self.complete = true;
        Ok(manifest)
    }

    /// Counts over the finished shards.
    pub(super) fn manifest(&self) -> Manifest {
        Manifest::new(&self.plan, self.shards(), self.complete)
    }

    fn check_files(&self) -> Result<(), Error> {
        for file in self.shards().iter().flat_map(|shard| &shard.files) {
            let path = self.root.join(&file.name);
            let found = fs::metadata(&path)
                .map_err(|error| Error::io("read", &path, error))?
                .len();
            if found != file.bytes {
                let message = format!(
                    "expected {} bytes, found {found}; `--update` makes it again",
                    file.bytes
                );
                return Err(Error::output(path, message));
            }
        }
        Ok(())
    }

    /// A shard below its limits was the last of its input, before the run was noted as complete. More
    /// input may have come since, which belongs into it.
    fn take_back_a_partial_shard(&mut self) -> Result<(), Error> {
        let limits = self.plan.shard_limits;
        let partial = |shard: &ShardLine| {
            shard.totals.documents < limits.documents && shard.totals.bytes < limits.bytes
        };
        // Behind it may come what was made of all shards.
        while self.shards().last().is_some_and(partial) {
            let Some(shard) = self.journal.pop()? else { break };
            for file in shard.files {
                remove(&self.root.join(file.name))?;
            }
        }
        Ok(())
    }
}

impl Shard {
    /// Where a format puts its files.
    pub(super) fn files(&self) -> Box<dyn Files> {
        Box::new(self.files.clone())
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        self.files.discard();
    }
}

const OCCUPIED: &str = "expected an empty directory, found an earlier run; `--resume` goes on with it, \
    `--update` redoes what has changed, `--fresh` starts over";
const FOREIGN: &str = "expected an empty directory, found other files; name another one, or use `--fresh`, \
    which leaves them alone";
const STAGED_REMAINS: &str = "an update was interrupted; give `--update` or `--retry-errors` again to go on \
    with it, or `--fresh` to start over";
const LOCKED: &str = "another diglot is writing here";

fn changed(changes: &[String]) -> String {
    format!(
        "expected the run that it holds, found changes: {}; `--fresh` starts over{}",
        changes.join("; "),
        if changes.iter().any(|change| change.contains("inputs")) {
            ", `--update` redoes what has changed in the inputs"
        } else {
            ""
        }
    )
}

/// What a directory holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Foreign,
    Run,
}

fn holds(root: &Path) -> Result<Holds, Error> {
    if root.join(MANIFEST).exists() {
        return Ok(Holds::Run);
    }
    let entries = fs::read_dir(root).map_err(|error| Error::io("read", root, error))?;
    for entry in entries {
        let name = entry.map_err(|error| Error::io("read", root, error))?.file_name();
        let name = name.to_string_lossy();
        let own = [LOCK, INPUTS, JOURNAL, PENDING, STAGED].contains(&&*name) || name.ends_with(".diglot-tmp");
        if !own {
            return Ok(Holds::Foreign);
        }
    }
    Ok(Holds::Nothing)
}

/// Removes what an interrupted process left of a shard that the journal does not have.
fn recover(root: &Path) -> Result<(), Error> {
    remove_temporaries(root)?;
    let lines = journal::lines(&root.join(JOURNAL))?;
    remove_shards_from(root, lines.len() as u64)?;
    let pending = root.join(PENDING);
    let names = match fs::read(&pending) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("read", &pending, error)),
    };
    let names: Vec<String> =
        serde_json::from_slice(&names).map_err(|error| Error::output(&pending, error.to_string()))?;
    let last = lines.last().map_or(&[][..], |shard| &shard.files);
    for name in names {
        if !last.iter().any(|file| file.name == name) {
            remove(&root.join(name))?;
        }
    }
    remove(&pending)
}

/// Removes files of shards from this number on: the journal had a line for them that was damaged.
fn remove_shards_from(root: &Path, first: u64) -> Result<(), Error> {
    let entries = fs::read_dir(root).map_err(|error| Error::io("read", root, error))?;
    for entry in entries {
        let name = entry.map_err(|error| Error::io("read", root, error))?.file_name();
        let number = name.to_str().and_then(files::shard_number);
        if number.is_some_and(|number| number >= first) {
            remove(&root.join(name))?;
        }
    }
    Ok(())
}

/// Removes what diglot wrote, and only that.
fn clear(root: &Path) -> Result<(), Error> {
    recover(root)?;
    let staged = root.join(STAGED);
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(|error| Error::io("remove", &staged, error))?;
    }
    for file in journal::lines(&root.join(JOURNAL))?
        .iter()
        .flat_map(|shard| &shard.files)
    {
        swap::remove_with_folders(root, &file.name)?;
    }
    for name in [JOURNAL, INPUTS, MANIFEST] {
        remove(&root.join(name))?;
    }
    Ok(())
}

/// The finished shards of a directory that nobody needs to have locked.
pub(super) fn shards(root: &Path) -> Result<Vec<ShardLine>, Error> {
    journal::lines(&root.join(JOURNAL))
}

#[cfg(test)]
mod tests;
