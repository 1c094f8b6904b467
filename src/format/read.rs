//! Reading records back.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;

use super::{ParquetRecords, Record, SCHEMA};

/// Reads the records of JSON lines, plain or compressed with gzip or zstd, or of a Parquet file, whatever
/// the file is called.
///
/// A line or row that holds no record is an error of its own, after which reading goes on; when the input
/// itself cannot be read on, the error is the last item. Empty lines are passed over.
pub struct RecordReader {
    input: Option<Box<dyn BufRead + Send>>,
    rows: Option<Box<ParquetRecords>>,
    number: u64,
    line: Vec<u8>,
}

/// A line that holds no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line, from 1.
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

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for BadLine {}

impl RecordReader {
    /// A reader of a file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or its first bytes cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut magic = Vec::new();
        (&file).take(4).read_to_end(&mut magic)?;
        // A pipe cannot be wound back, nor be Parquet; what was read of it is put before the rest.
        if file.rewind().is_err() {
            return Self::new(io::Cursor::new(magic).chain(file));
        }
        if magic == b"PAR1" {
            return Ok(Self {
                input: None,
                rows: Some(Box::new(ParquetRecords::open(file)?)),
                number: 0,
                line: Vec::new(),
            });
        }
        Self::new(file)
    }

    /// A reader of anything.
    ///
    /// # Errors
    ///
    /// When the first bytes cannot be read.
    pub fn new(input: impl Read + Send + 'static) -> io::Result<Self> {
        Ok(Self {
            input: Some(decompressed(Box::new(input))?),
            rows: None,
            number: 0,
            line: Vec::new(),
        })
    }

    /// Reads a line; its content without white space around it.
    fn line(&mut self) -> Option<io::Result<&[u8]>> {
        self.line.clear();
        self.number += 1;
        match self.input.as_mut()?.read_until(b'\n', &mut self.line) {
            Ok(0) => None,
            Ok(_) => {
                let line = self.line.as_slice();
                let line = if self.number == 1 {
                    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
                } else {
                    line
                };
                Some(Ok(line.trim_ascii()))
            }
            Err(error) => {
                self.input = None;
                Some(Err(error))
            }
        }
    }
}

impl Iterator for RecordReader {
    type Item = Result<Record, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(rows) = &mut self.rows {
            self.number += 1;
            let (line, row) = (self.number, rows.next()?);
            if row.is_err() {
                // Reading on would meet the same error again, for ever.
                self.rows = None;
            }
            return Some(row.map_err(|error| BadLine {
                line,
                message: error.to_string(),
            }));
        }
        loop {
            let parsed = match self.line()? {
                Ok([]) => continue,
                Ok(line) => parse(line),
                Err(error) => Err(error.to_string()),
            };
            let line = self.number;
            return Some(parsed.map_err(|message| BadLine { line, message }));
        }
    }
}

fn parse(line: &[u8]) -> Result<Record, String> {
    /// What there is to see before the rest is read: another schema may have other fields.
    #[derive(Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    match serde_json::from_slice::<Record>(line) {
        Ok(record) if record.schema == SCHEMA => Ok(record),
        Ok(record) => Err(other_schema(Some(&record.schema))),
        Err(error) => match serde_json::from_slice::<Head>(line) {
            Ok(head) if head.schema.as_deref() != Some(SCHEMA) => Err(other_schema(head.schema.as_deref())),
            _ => Err(format!("expected a record of `{SCHEMA}`: {error}")),
        },
    }
}

fn other_schema(found: Option<&str>) -> String {
    match found {
        Some(found) => format!("expected a record of the schema `{SCHEMA}`, found `{found}`"),
        None => format!("expected a record of the schema `{SCHEMA}`, found a line without `schema`"),
    }
}

/// The bytes themselves, decompressed where they begin as gzip or zstd do.
fn decompressed(input: Box<dyn Read + Send>) -> io::Result<Box<dyn BufRead + Send>> {
    const BUFFER: usize = 1 << 16;
    let mut head = Vec::with_capacity(4);
    let mut input = input;
    input.by_ref().take(4).read_to_end(&mut head)?;
    let magic = head.clone();
    let whole = BufReader::with_capacity(BUFFER, io::Cursor::new(head).chain(input));
    Ok(match magic.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(whole))),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(BufReader::with_capacity(
            BUFFER,
            zstd::Decoder::with_buffer(whole)?,
        )),
        _ => Box::new(whole),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::format::testing::pair;

    /// What bytes are read as: ids of records, and messages.
    fn read(bytes: Vec<u8>) -> Vec<String> {
        let reader = RecordReader::new(io::Cursor::new(bytes)).unwrap();
        reader
            .map(|item| item.map_or_else(|bad| bad.to_string(), |record| record.id))
            .collect()
    }

    fn line(id: &str) -> Vec<u8> {
        let mut line = serde_json::to_vec(&pair(id, "Oui.", "Yes.")).unwrap();
        line.push(b'\n');
        line
    }

    #[test]
    fn records_come_back_as_they_were() {
        let record = pair("a", "Ça va ?", "How are you?");
        let mut bytes = b"\xef\xbb\xbf".to_vec();
        serde_json::to_writer(&mut bytes, &record).unwrap();
        let found: Vec<_> = RecordReader::new(io::Cursor::new(bytes)).unwrap().collect();
        assert_eq!(found, [Ok(record)]);
    }

    #[test]
    fn compressed_records_are_known_by_their_content() {
        let plain = [line("a"), line("b")].concat();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&plain).unwrap();
        let gzip = gzip.finish().unwrap();
        for bytes in [
            plain.clone(),
            gzip.clone(),
            zstd::encode_all(plain.as_slice(), 1).unwrap(),
        ] {
            assert_eq!(read(bytes), ["a", "b"]);
        }
        let twice = [gzip.clone(), gzip.clone()].concat();
        assert_eq!(
            read(twice),
            ["a", "b", "a", "b"],
            "gzip members follow each other"
        );
        let cut = read(gzip[..gzip.len() - 9].to_vec());
        assert!(cut.last().unwrap().starts_with("line "), "{cut:?}");
    }

    #[test]
    fn what_is_no_record_is_named_and_passed_over() {
        let lines = [
            line("a"),
            b"\n{\"schema\": \"diglot/2\", \"id\": 7}\n{\"text\": \"x\"}\nnonsense\n".to_vec(),
            b"{\"schema\": \"diglot/1\", \"id\": \"x\"}\n\xff\n".to_vec(),
            line("b"),
        ];
        let found = read(lines.concat());
        assert_eq!((found[0].as_str(), found[6].as_str()), ("a", "b"));
        let expected = [
            "line 3: expected a record of the schema `diglot/1`, found `diglot/2`",
            "line 4: expected a record of the schema `diglot/1`, found a line without `schema`",
            "line 5: expected a record of `diglot/1`: expected ident",
            "line 6: expected a record of `diglot/1`: missing field `source`",
            "line 7: expected a record of `diglot/1`: ",
        ];
        for (found, expected) in found[1..6].iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }
}
