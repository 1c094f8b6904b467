//! Reading records back.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;

use super::{Record, SCHEMA};

/// Reads the records of JSON lines, plain or compressed with gzip or zstd, whatever the file is called.
///
/// A line that holds no record is an error of its own, after which reading goes on; when the input
/// itself cannot be read on, the error is the last item. Empty lines are passed over.
pub struct RecordReader {
    input: Option<Box<dyn BufRead + Send>>,
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
        Self::new(File::open(path)?)
    }

    /// A reader of anything.
    ///
    /// # Errors
    ///
    /// When the first bytes cannot be read.
    pub fn new(input: impl Read + Send + 'static) -> io::Result<Self> {
        Ok(Self {
            input: Some(decompressed(Box::new(input))?),
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
