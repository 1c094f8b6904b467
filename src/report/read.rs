//! The records of an output directory, or of a file.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::vec;

use crate::Error;
use crate::format::{ParquetRecords, Record, is_record_shard};

/// Records one after the other: of files, and of the shards of output directories.
///
/// Files are told apart by what they begin with: JSON lines, these in gzip or zstd, or Parquet. One line
/// is in memory at a time.
pub struct RecordFiles {
    files: vec::IntoIter<PathBuf>,
    open: Option<Open>,
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

/// A file that is being read.
struct Open {
    path: PathBuf,
    line: u64,
    rows: Rows,
}

enum Rows {
    Lines(Box<dyn BufRead>),
    Parquet(Box<ParquetRecords>),
}

impl RecordFiles {
    /// The records of `paths`: files; directories, of which the shards are read in order, or else all
    /// files of JSON lines but the journal; `-` for standard input.
    ///
    /// # Errors
    ///
    /// When one of them is not there, or a directory holds no records.
    pub fn find(paths: &[PathBuf]) -> Result<Self, Error> {
        let mut files = Vec::new();
        for path in paths {
            if path == Path::new("-") || !metadata(path)?.is_dir() {
                files.push(path.clone());
                continue;
            }
            let found = in_directory(path).map_err(|error| Error::io("read", path, error))?;
            if found.is_empty() {
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
            files: files.into_iter(),
            open: None,
        })
    }
}

impl Iterator for RecordFiles {
    /// A record, a line that is none, or a file that could not be read on.
    type Item = Result<Result<Record, Unread>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(open) = &mut self.open {
                match open.next() {
                    Some(next) => return Some(next),
                    None => self.open = None,
                }
            }
            let path = self.files.next()?;
            match Rows::open(&path) {
                Ok(rows) => self.open = Some(Open { path, line: 0, rows }),
                Err(error) => return Some(Err(Error::io("read", path, error))),
            }
        }
    }
}

impl Open {
    fn next(&mut self) -> Option<<RecordFiles as Iterator>::Item> {
        let read = match &mut self.rows {
            Rows::Lines(lines) => line(lines, &mut self.line)?,
            Rows::Parquet(rows) => {
                self.line += 1;
                rows.next()?.map(Ok)
            }
        };
        Some(match read {
            Ok(record) => Ok(record.map_err(|message| Unread {
                path: self.path.clone(),
                line: self.line,
                message,
            })),
            Err(error) => {
                let path = self.path.clone();
                // Reading on would meet the same error again, for ever.
                self.rows = Rows::Lines(Box::new(io::empty()));
                Err(Error::io("read", path, error))
            }
        })
    }
}

impl Rows {
    fn open(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Lines(decompressed(Box::new(BufReader::new(io::stdin())))?));
        }
        let mut file = File::open(path)?;
        let mut magic = Vec::new();
        (&file).take(4).read_to_end(&mut magic)?;
        // A pipe cannot be wound back, nor be Parquet; what was read of it is put before the rest.
        if file.rewind().is_err() {
            let whole = io::Cursor::new(magic).chain(file);
            return Ok(Self::Lines(decompressed(Box::new(BufReader::new(whole)))?));
        }
        if magic == b"PAR1" {
            return Ok(Self::Parquet(Box::new(ParquetRecords::open(file)?)));
        }
        Ok(Self::Lines(decompressed(Box::new(BufReader::new(file)))?))
    }
}

/// The bytes of gzip or zstd, told by their first bytes, or what is neither as it is.
fn decompressed(mut input: Box<dyn BufRead>) -> io::Result<Box<dyn BufRead>> {
    let start = input.fill_buf()?;
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(
            input,
        ))));
    }
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::stream::read::Decoder::with_buffer(input)?;
        return Ok(Box::new(BufReader::new(decoder)));
    }
    Ok(input)
}

/// The next line that is not blank; counts lines.
fn line(lines: &mut impl BufRead, number: &mut u64) -> Option<io::Result<Result<Record, String>>> {
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => *number += 1,
            Err(error) => return Some(Err(error)),
        }
        if !line.trim_ascii().is_empty() {
            let record = serde_json::from_slice(&line);
            return Some(Ok(record.map_err(|error| {
                format!(
                    "expected a record of the schema `{}`, found: {error}",
                    crate::format::SCHEMA
                )
            })));
        }
    }
}

fn metadata(path: &Path) -> Result<fs::Metadata, Error> {
    fs::metadata(path).map_err(|error| Error::io("read", path, error))
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
                Ok(Ok(record)) => record.id,
                Ok(Err(unread)) => format!("line {}", unread.line),
                Err(error) => format!("error: {error}").split(':').next().unwrap().to_owned(),
            })
            .collect();
        assert_eq!(ids, expected);
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
        assert!(RecordFiles::find(&[directory.path().join("none")]).is_err());
    }
}
