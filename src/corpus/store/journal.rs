//! The journal: one line a finished shard. What it says is done, and nothing else is.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{FileLine, write_whole};
use crate::Error;
use crate::corpus::Totals;
use crate::format::Counts;

/// A finished shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardLine {
    /// Its number, from 0.
    pub shard: u64,
    /// How many documents of the input come before it.
    pub first: u64,
    /// A digest over what its documents bring into their records, in order.
    pub keys: String,
    /// Its files, by name.
    pub files: Vec<FileLine>,
    /// What each format wrote.
    pub written: BTreeMap<String, Counts>,
    /// Counts over its records.
    pub totals: Totals,
}

/// The journal of an output directory.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    lines: Vec<ShardLine>,
}

impl Journal {
    /// Opens the journal, new where there is none. A last line that was cut off is dropped.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let (lines, valid) = parse(path, &read(path)?)?;
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map_err(|error| Error::io("open", path, error))?;
        file.set_len(valid as u64)
            .and_then(|()| file.sync_all())
            .map_err(|error| Error::io("write", path, error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            lines,
        })
    }

    pub(super) fn lines(&self) -> &[ShardLine] {
        &self.lines
    }

    /// Adds a line, which lasts when this returns.
    pub(super) fn append(&mut self, line: ShardLine) -> Result<(), Error> {
        let mut bytes = encode(&line)?;
        bytes.push(b'\n');
        self.file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_all())
            .map_err(|error| Error::io("write", &self.path, error))?;
        self.lines.push(line);
        Ok(())
    }

    /// Takes the last line back.
    pub(super) fn pop(&mut self) -> Result<Option<ShardLine>, Error> {
        let Some(last) = self.lines.pop() else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        for line in &self.lines {
            bytes.extend(encode(line)?);
            bytes.push(b'\n');
        }
        write_whole(&self.path, &bytes)?;
        *self = Self::open(&self.path)?;
        Ok(Some(last))
    }
}

/// The lines of a journal, without one that was cut off; none where there is no journal.
pub(super) fn lines(path: &Path) -> Result<Vec<ShardLine>, Error> {
    Ok(parse(path, &read(path)?)?.0)
}

fn encode(line: &ShardLine) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(line).map_err(|error| Error::output("journal.jsonl", error.to_string()))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|error| Error::io("read", path, error)),
    }
}

/// The lines, and how many bytes they take.
fn parse(path: &Path, bytes: &[u8]) -> Result<(Vec<ShardLine>, usize), Error> {
    let (mut lines, mut valid) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match serde_json::from_slice::<ShardLine>(line) {
            Ok(read) if line.ends_with(b"\n") && read.shard == lines.len() as u64 => lines.push(read),
            // Of the last line, any part may have reached the disk, in blocks of zeros even.
            _ if valid + line.len() == bytes.len() => break,
            Ok(read) => {
                let message = format!(
                    "expected shard {} in the journal, found {}",
                    lines.len(),
                    read.shard
                );
                return Err(Error::output(path, message));
            }
            Err(error) => {
                let message = format!("expected a line for shard {}: {error}", lines.len());
                return Err(Error::output(path, message));
            }
        }
        valid += line.len();
    }
    Ok((lines, valid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(shard: u64) -> ShardLine {
        ShardLine {
            shard,
            first: shard,
            keys: "00".to_owned(),
            files: vec![FileLine {
                name: format!("records-{shard:05}.jsonl"),
                bytes: 5,
                sha256: "11".to_owned(),
            }],
            written: BTreeMap::from([("jsonl".to_owned(), Counts::default())]),
            totals: Totals::default(),
        }
    }

    fn journal(lines: u64) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        (0..lines).for_each(|shard| journal.append(line(shard)).unwrap());
        (directory, path)
    }

    #[test]
    fn a_journal_cut_off_anywhere_keeps_its_whole_lines() {
        let (_directory, path) = journal(3);
        let whole = std::fs::read(&path).unwrap();
        let length = whole.len() / 3;
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let journal = Journal::open(&path).unwrap();
            assert_eq!(journal.lines().len(), cut / length, "cut at {cut}");
            assert_eq!(std::fs::read(&path).unwrap(), whole[..cut / length * length]);
        }
    }

    #[test]
    fn lines_go_on_after_a_cut() {
        let (_directory, path) = journal(2);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        Journal::open(&path).unwrap().append(line(1)).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn damage_before_the_end_is_an_error() {
        let (_directory, path) = journal(3);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen("\"shard\":1", "\"shard\":7", 1)).unwrap();
        assert!(lines(&path).unwrap_err().to_string().contains("expected shard 1"));
        std::fs::write(&path, text.replacen("\"shard\":1", "shard", 1)).unwrap();
        assert!(lines(&path).is_err());
    }

    #[test]
    fn the_last_line_can_be_taken_back() {
        let (_directory, path) = journal(2);
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!(journal.pop().unwrap(), Some(line(1)));
        journal.append(line(1)).unwrap();
        assert_eq!(lines(&path).unwrap(), [line(0), line(1)]);
        assert_eq!(
            (journal.pop().unwrap().is_some(), journal.pop().unwrap().is_some()),
            (true, true)
        );
        assert_eq!(journal.pop().unwrap(), None);
    }
}
