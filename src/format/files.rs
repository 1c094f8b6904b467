//! The records of output directories and files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::vec;

use super::{RecordReader, StoredRecord};
use crate::Error;

/// Records one after the other: of files, and of the shards of output directories.
///
/// Files are told apart by what they begin with: JSON lines, these in gzip or zstd, or Parquet. See
/// [`RecordReader`].
pub struct RecordFiles {
    files: vec::IntoIter<PathBuf>,
    open: Option<(PathBuf, RecordReader)>,
    opened: usize,
    found: usize,
}

/// A line or row that is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file.
    pub path: PathBuf,
    /// Its line or row, from 1.
    pub line: u64,
    /// What was expected and what was found.
    pub message: String,
}

/// Whether a file of this name holds the records of a shard of a batch run: `records-00001.jsonl`, also
/// compressed; not what was made of them, such as `records-00001.fr-en.jsonl`.
///
/// ```
/// use diglot::format::is_record_shard;
///
/// assert!(is_record_shard("records-00001.jsonl.gz"));
/// assert!(!is_record_shard("records-00001.fr-en.jsonl"));
/// ```
pub fn is_record_shard(name: &str) -> bool {
    let plain = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(name);
    let middle = plain
        .strip_prefix("records-")
        .and_then(|rest| rest.strip_suffix(".jsonl"));
    middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('.'))
}

impl RecordFiles {
    /// The records of `paths`: files; directories, of which the shards are read in order, or else all
    /// files of JSON lines but the journal; `-` for standard input.
    ///
    /// # Errors
    ///
    /// When a directory cannot be listed or holds no records and no batch run that is done. A file that is not there is an error in its place.
    pub fn find(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut files = Vec::new();
        for path in paths {
            if path == Path::new("-") || !path.is_dir() {
                files.push(path.clone());
                continue;
            }
            let found = in_directory(path).map_err(|error| Error::io("read", path, error))?;
            if found.is_empty() && !is_complete_run(path) {
                let message =
                    "expected files `records-*.jsonl`, `*.jsonl` or `records-*.parquet`, found none";
                return Err(Error::Input {
                    id: path.display().to_string(),
                    message: message.to_owned(),
                });
            }
            files.extend(found);
        }
        Ok(Self {
            found: files.len(),
            files: files.into_iter(),
            open: None,
            opened: 0,
        })
    }

    /// How many files there are.
    pub fn found(&self) -> usize {
        self.found
    }

    /// How many files could be opened so far.
    pub fn opened(&self) -> usize {
        self.opened
    }
}

impl Iterator for RecordFiles {
    /// A record, a line that is none, or a file that could not be opened or read on.
    type Item = Result<Result<StoredRecord, Unread>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((path, reader)) = &mut self.open {
                if let Some(read) = reader.read() {
                    let read = read.map_err(|error| Error::io("read", &*path, error));
                    return Some(read.map(|record| {
                        record.map_err(|bad| Unread {
                            path: path.clone(),
                            line: bad.line,
                            message: bad.message,
                        })
                    }));
                }
                self.open = None;
            }
            let path = self.files.next()?;
            let opened = if path == Path::new("-") {
                RecordReader::new(io::stdin())
            } else {
                RecordReader::open(&path)
            };
            match opened {
                Ok(reader) => {
                    self.opened += 1;
                    self.open = Some((path, reader));
                }
                Err(error) => return Some(Err(Error::io("read", path, error))),
            }
        }
    }
}

/// Whether a directory is that of a batch run that is done: one without documents has no shards.
fn is_complete_run(directory: &Path) -> bool {
    run_is_complete(directory) == Some(true)
}

/// Whether the batch run in a directory is done, by its manifest; `None` where there is none.
pub fn run_is_complete(directory: &Path) -> Option<bool> {
    let manifest = fs::read(directory.join("manifest.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    manifest["complete"].as_bool()
}

/// The files of records in a directory: of one format, so that nothing is counted twice.
fn in_directory(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        // Names that are not Unicode are none of ours.
        if let Ok(name) = entry?.file_name().into_string()
            && !name.starts_with('.')
        {
            names.push(name);
        }
    }
    names.sort();
    let is_lines = |name: &str| {
        [".jsonl", ".jsonl.gz", ".jsonl.zst"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let pick = |accepts: &dyn Fn(&str) -> bool| -> Vec<PathBuf> {
        let accepted = names.iter().filter(|name| accepts(name));
        accepted.map(|name| path.join(name)).collect()
    };
    let is_shard = |name: &str| name.starts_with("records-");
    let picks: [&dyn Fn(&str) -> bool; 3] = [
        &is_record_shard,
        &|name| is_shard(name) && name.ends_with(".parquet"),
        &|name| is_lines(name) && !["journal.jsonl", "inputs.jsonl"].contains(&name),
    ];
    Ok(picks
        .iter()
        .map(|accepts| pick(*accepts))
        .find(|found| !found.is_empty())
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::format::fake;

    fn line(id: &str) -> Vec<u8> {
        let mut record = fake::plain();
        record.id = id.to_owned();
        let mut line = serde_json::to_vec(&record).unwrap();
        line.push(b'\n');
        line
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[track_caller]
    fn check(files: &[(&str, Vec<u8>)], expected: &[&str]) {
        let directory = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(directory.path().join(name), bytes).unwrap();
        }
        let found = RecordFiles::find(&[directory.path().to_owned()]).unwrap();
        let ids: Vec<String> = found
            .map(|next| match next {
                Ok(Ok(record)) => record.head().id.clone(),
                Ok(Err(unread)) => format!("line {}", unread.line),
                Err(error) => format!("error: {error}").split(':').next().unwrap().to_owned(),
            })
            .collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn a_run_that_is_done_may_hold_no_records() {
        let directory = tempfile::tempdir().unwrap();
        let found = || RecordFiles::find(&[directory.path().to_owned()]);
        assert!(found().is_err());
        let manifest = directory.path().join("manifest.json");
        fs::write(&manifest, r#"{"complete":false}"#).unwrap();
        assert!(found().is_err());
        fs::write(&manifest, r#"{"complete":true}"#).unwrap();
        assert_eq!(found().unwrap().count(), 0);
        assert_eq!(run_is_complete(directory.path()), Some(true));
    }

    #[test]
    fn shards_are_read_in_order_and_nothing_beside_them() {
        check(
            &[
                ("records-00001.jsonl", line("b")),
                ("records-00000.jsonl", line("a")),
                ("records-00000.parquet", b"PAR1".to_vec()),
                ("journal.jsonl", b"{}\n".to_vec()),
                ("other.jsonl", line("c")),
                ("records-00000.fr-en.jsonl", b"{\"translation\": {}}\n".to_vec()),
                (".records-00002.jsonl.tmp", b"half".to_vec()),
            ],
            &["a", "b"],
        );
    }

    #[test]
    fn compression_is_told_by_content() {
        let two = [gzip(&line("a")), gzip(&line("b"))].concat();
        let zstd = zstd::encode_all(&line("c")[..], 1).unwrap();
        check(
            &[("1.jsonl", two), ("2.jsonl.gz", zstd), ("3.jsonl", line("d"))],
            &["a", "b", "c", "d"],
        );
    }

    #[test]
    fn lines_that_are_no_records_are_named_and_passed() {
        let text = [b"\n{\"x\": 1}\n".to_vec(), line("a"), b"\xff\n".to_vec()].concat();
        check(&[("records.jsonl", text)], &["line 2", "a", "line 4"]);
    }

    #[test]
    fn a_file_that_breaks_off_is_an_error_once() {
        let mut broken = gzip(&[line("a"), line("b")].concat());
        broken.truncate(broken.len() - 12);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("records.jsonl.gz");
        fs::write(&path, broken).unwrap();
        let errors = RecordFiles::find(&[path]).unwrap().filter(Result::is_err);
        assert_eq!(errors.take(5).count(), 1);
    }

    #[test]
    fn a_directory_without_records_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("journal.jsonl"), "").unwrap();
        assert!(RecordFiles::find(&[directory.path().to_owned()]).is_err());
        let mut missing = RecordFiles::find(&[directory.path().join("none")]).unwrap();
        assert!(matches!(missing.next(), Some(Err(_))) && missing.next().is_none());
        assert_eq!(missing.opened(), 0);
    }
}
