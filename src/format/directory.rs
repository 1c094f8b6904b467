//! The files of formats in a directory.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Files;

/// Files in a directory, under temporary names until [`commit`](Self::commit).
///
/// Clones share one list of files, so that the sinks of several formats are committed together. What
/// is not committed is removed when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct DirectoryFiles {
    directory: PathBuf,
    stem: String,
    pending: Arc<Mutex<Pending>>,
}

/// Temporary files, with what they will be called.
#[derive(Debug, Default)]
struct Pending {
    files: Vec<(PathBuf, PathBuf)>,
    names: HashSet<PathBuf>,
}

impl DirectoryFiles {
    /// Files called `stem.SUFFIX` in a directory, which is created if it is not there. A suffix with
    /// a folder of its own (`brat/night-market.txt`) goes without the stem.
    ///
    /// # Errors
    ///
    /// When the directory cannot be created.
    pub fn new(directory: impl Into<PathBuf>, stem: impl Into<String>) -> io::Result<Self> {
        let directory = directory.into();
        fs::create_dir_all(&directory)?;
        Ok(Self {
            directory,
            stem: stem.into(),
            pending: Arc::default(),
        })
    }

    /// Gives every file its name, in the place of files that have it already. To be called when all
    /// sinks have finished. Returns the names, in order of creation.
    ///
    /// # Errors
    ///
    /// When a file cannot be synced or renamed; those before it have their names by then.
    pub fn commit(&self) -> io::Result<Vec<PathBuf>> {
        let pending = std::mem::take(&mut *self.pending());
        for (temporary, name) in &pending.files {
            File::open(temporary)?.sync_all()?;
            fs::rename(temporary, name)?;
        }
        let names = pending.files.iter().map(|(_, name)| name.clone());
        Ok(names.collect())
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, suffix: &str) -> PathBuf {
        if suffix.contains('/') {
            self.directory.join(suffix)
        } else {
            self.directory.join(format!("{}.{suffix}", self.stem))
        }
    }
}

impl Files for DirectoryFiles {
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        let name = self.path(suffix);
        let mut pending = self.pending();
        if !pending.names.insert(name.clone()) {
            let message = format!("two files would be called `{}`", name.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        let temporary = temporary(&name)?;
        let file = File::create(&temporary)?;
        pending.files.push((temporary, name));
        Ok(Box::new(file))
    }
}

/// The process number keeps two runs to the same directory apart.
fn temporary(name: &Path) -> io::Result<PathBuf> {
    if let Some(folder) = name.parent() {
        fs::create_dir_all(folder)?;
    }
    let base = name.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(base);
    hidden.push(format!(".{}.tmp", std::process::id()));
    Ok(name.with_file_name(hidden))
}

impl Drop for Pending {
    fn drop(&mut self) {
        for (temporary, _) in &self.files {
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_have_their_names_when_all_are_written() {
        let root = tempfile::tempdir().unwrap();
        let files = DirectoryFiles::new(root.path().join("out"), "records").unwrap();
        let mut clone = files.clone();
        for suffix in ["tmx", "brat/a.txt"] {
            clone.create(suffix).unwrap().write_all(b"x").unwrap();
        }
        assert!(clone.create("tmx").is_err(), "a second file of the same name");
        drop(clone);
        assert!(!names(&root.path().join("out")).contains(&"records.tmx".to_owned()));
        assert_eq!(files.commit().unwrap().len(), 2);
        assert_eq!(names(&root.path().join("out")), ["brat", "records.tmx"]);
        assert_eq!(names(&root.path().join("out/brat")), ["a.txt"]);
    }

    #[test]
    fn what_is_not_committed_is_removed() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("records.tmx"), "before").unwrap();
        let mut files = DirectoryFiles::new(root.path(), "records").unwrap();
        files.create("tmx").unwrap().write_all(b"half").unwrap();
        drop(files);
        assert_eq!(names(root.path()), ["records.tmx"]);
        assert_eq!(fs::read(root.path().join("records.tmx")).unwrap(), b"before");
    }
}
