//! Files of an output directory that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::durable::{self, sync_directory};
use crate::format::Files;
use crate::provenance::hexadecimal;

/// What the name of an unfinished file ends with. Whatever has it may be removed.
const TEMPORARY: &str = ".diglot-tmp";

/// A finished file of a shard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileLine {
    /// Its path below the output directory, with `/`.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content, hexadecimal.
    pub sha256: String,
}

/// The files of one shard, under temporary names until [`ShardFiles::publish`]. Dropped before,
/// they are removed.
#[derive(Clone, Debug)]
pub(super) struct ShardFiles {
    root: PathBuf,
    /// The number of the shard; `None` for files that belong to no one of them.
    shard: Option<u64>,
    made: Arc<Mutex<Vec<Made>>>,
}

/// A file that is being written, or was.
#[derive(Debug)]
struct Made {
    name: String,
    finished: Option<io::Result<FileLine>>,
    published: bool,
}

impl ShardFiles {
    pub(super) fn new(root: &Path, shard: Option<u64>) -> Self {
        Self {
            root: root.to_owned(),
            shard,
            made: Arc::default(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Made>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the files their names and makes that last; their lines, in order of the names.
    /// `intend` is called with the names before the first of them appears.
    pub(super) fn publish(
        &self,
        intend: impl FnOnce(&[&str]) -> Result<(), Error>,
    ) -> Result<Vec<FileLine>, Error> {
        let mut made = self.lock();
        let mut lines = Vec::with_capacity(made.len());
        for file in made.iter_mut() {
            let unfinished = || Err(io::Error::other("its writer was not closed"));
            let line = file.finished.take().unwrap_or_else(unfinished);
            lines.push(line.map_err(|error| Error::io("write", self.root.join(&file.name), error))?);
        }
        intend(&lines.iter().map(|line| line.name.as_str()).collect::<Vec<_>>())?;
        for file in made.iter_mut() {
            let path = self.root.join(&file.name);
            fs::rename(temporary(&path), &path).map_err(|error| Error::io("rename", &path, error))?;
            file.published = true;
        }
        let mut directories: Vec<_> = lines
            .iter()
            .filter_map(|line| self.root.join(&line.name).parent().map(Path::to_owned))
            .collect();
        directories.sort();
        directories.dedup();
        for directory in directories {
            sync_directory(&directory)?;
        }
        lines.sort();
        Ok(lines)
    }

    /// Removes what was not published.
    pub(super) fn discard(&self) {
        for file in self.lock().iter().filter(|file| !file.published) {
            let _ = fs::remove_file(temporary(&self.root.join(&file.name)));
        }
    }

    fn finished(&self, index: usize, line: io::Result<FileLine>) {
        if let Some(made) = self.lock().get_mut(index) {
            made.finished = Some(line);
        }
    }
}

impl Files for ShardFiles {
    /// A file `records-00000.SUFFIX`, or for a suffix with a folder, such as `html/a.html`, one in the
    /// folder's part for this shard: `html/00000/a.html`. Without a shard, `records.SUFFIX` and `html/a.html`.
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        let name = match (self.shard, suffix.split_once('/')) {
            (Some(shard), Some((folder, rest))) => format!("{folder}/{shard:05}/{rest}"),
            (Some(shard), None) => format!("records-{shard:05}.{suffix}"),
            (None, Some(_)) => suffix.to_owned(),
            (None, None) => format!("records.{suffix}"),
        };
        let path = self.root.join(&name);
        if !is_below(&name) {
            return Err(io::Error::new(io::ErrorKind::InvalidFilename, name));
        }
        if path.exists() || self.lock().iter().any(|made| made.name == name) {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, name));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = File::create(temporary(&path))?;
        let mut made = self.lock();
        made.push(Made {
            name: name.clone(),
            finished: None,
            published: false,
        });
        Ok(Box::new(Hashing {
            file: BufWriter::with_capacity(1 << 16, file),
            hasher: Sha256::new(),
            bytes: 0,
            name,
            index: made.len() - 1,
            files: self.clone(),
        }))
    }
}

/// The number of the shard that a file of this name belongs to: 7 of `records-00007.tmx`.
pub(in crate::corpus) fn shard_number(name: &str) -> Option<u64> {
    let (number, _) = name.strip_prefix("records-")?.split_once('.')?;
    let digits = number.len() >= 5 && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| number.parse().ok()).flatten()
}

/// Whether a name stays inside its directory.
fn is_below(name: &str) -> bool {
    let normal = |part: &str| !part.is_empty() && part != "." && part != "..";
    name.split('/').all(normal) && !name.contains('\\')
}

/// A file that counts and hashes what is written, and is made to last when it is dropped.
struct Hashing {
    file: BufWriter<File>,
    hasher: Sha256,
    bytes: u64,
    name: String,
    index: usize,
    files: ShardFiles,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    /// Does nothing: a shard is read when it is whole.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        let line = FileLine {
            name: std::mem::take(&mut self.name),
            bytes: self.bytes,
            sha256: hexadecimal(&std::mem::take(&mut self.hasher).finalize()),
        };
        let kept = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        self.files.finished(self.index, kept.map(|()| line));
    }
}

/// The name that a file has until it is whole.
pub(super) fn temporary(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(TEMPORARY);
    path.with_file_name(name)
}

/// Writes a file that appears whole or not at all, and lasts.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), Error> {
    durable::write(path, &temporary(path), content)
}

/// Removes a file if it is there.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
        _ => Ok(()),
    }
}

/// Removes all unfinished files below a directory.
pub(super) fn remove_temporaries(root: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(root).map_err(|error| Error::io("read", root, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Error::io("read", root, error))?;
        let name = entry.file_name();
        let directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if directory {
            remove_temporaries(&entry.path())?;
        } else if name.to_string_lossy().starts_with('.') && name.to_string_lossy().ends_with(TEMPORARY) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::sha256;

    fn names(root: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_with_their_hashes() {
        let root = tempfile::tempdir().unwrap();
        let mut files = ShardFiles::new(root.path(), Some(7));
        for (suffix, content) in [("tmx", "one"), ("jsonl", "two"), ("html/a.html", "three")] {
            files
                .create(suffix)
                .unwrap()
                .write_all(content.as_bytes())
                .unwrap();
        }
        let mut intended = 0;
        let lines = files
            .publish(|names| {
                intended = names.len();
                Ok(())
            })
            .unwrap();
        assert_eq!(intended, 3);
        let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(
            names,
            ["html/00007/a.html", "records-00007.jsonl", "records-00007.tmx"]
        );
        assert_eq!(
            (lines[1].bytes, lines[1].sha256.as_str()),
            (3, sha256(b"two").as_str())
        );
        assert_eq!(
            fs::read_to_string(root.path().join("html/00007/a.html")).unwrap(),
            "three"
        );
    }

    #[test]
    fn what_is_discarded_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let mut files = ShardFiles::new(root.path(), Some(0));
        files.create("jsonl").unwrap().write_all(b"half").unwrap();
        assert_eq!(names(root.path()), [".records-00000.jsonl.diglot-tmp"]);
        files.discard();
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn names_are_new_and_stay_inside() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("html/00000")).unwrap();
        fs::write(root.path().join("html/00000/a.html"), "foreign").unwrap();
        let mut files = ShardFiles::new(root.path(), Some(0));
        let mut kind = |suffix| files.create(suffix).map(|_| ()).unwrap_err().kind();
        assert_eq!(kind("html/a.html"), io::ErrorKind::AlreadyExists);
        for outside in ["../a", "/a", "html/../../a", "html//a", "a/./b"] {
            assert_eq!(kind(outside), io::ErrorKind::InvalidFilename, "{outside}");
        }
        files.create("jsonl").unwrap();
        assert_eq!(
            files.create("jsonl").map(|_| ()).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
    }

    #[test]
    fn a_file_without_a_closed_writer_is_not_published() {
        let root = tempfile::tempdir().unwrap();
        let mut files = ShardFiles::new(root.path(), Some(0));
        let _open = files.create("jsonl").unwrap();
        assert!(files.publish(|_| Ok(())).is_err());
    }
}
