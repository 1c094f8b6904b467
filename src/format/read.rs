//! Reading records back.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{ParquetRecords, StoredRecord, long};

/// Reads the records of JSON lines, plain or compressed with gzip or zstd, or of a Parquet file, whatever
/// the file is called.
///
/// A line or row that holds no record is an error of its own, after which reading goes on; when the input
/// itself cannot be read on, the error is the last item. Empty lines are passed over. Of JSON lines, records
/// of long documents are never in memory as a whole.
pub struct RecordReader {
    input: Input,
    number: u64,
}

enum Input {
    Lines(Box<dyn BufRead + Send>),
    Rows(Box<ParquetRecords>),
    Ended,
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
        let mut file = File::open(path)?;
        let mut magic = Vec::new();
        (&file).take(4).read_to_end(&mut magic)?;
        // A pipe cannot be wound back, nor be Parquet; what was read of it is put before the rest.
        if file.rewind().is_err() {
            return Self::new(io::Cursor::new(magic).chain(file));
        }
        if magic == b"PAR1" {
            let rows = Box::new(ParquetRecords::open(file)?);
            return Ok(Self::of(Input::Rows(rows)));
        }
        Self::new(file)
    }

    /// A reader of anything.
    ///
    /// # Errors
    ///
    /// When the first bytes cannot be read.
    pub fn new(input: impl Read + Send + 'static) -> io::Result<Self> {
        Ok(Self::of(Input::Lines(decompressed(Box::new(input))?)))
    }

    fn of(input: Input) -> Self {
        Self { input, number: 0 }
    }

    /// The next record, or a line that holds none; an error where the input cannot be read on.
    pub(super) fn read(&mut self) -> Option<io::Result<Result<StoredRecord, BadLine>>> {
        let read = match &mut self.input {
            Input::Lines(lines) => long::stored(lines, &mut self.number),
            Input::Rows(rows) => {
                self.number += 1;
                let row = rows.next().transpose();
                row.and_then(|row| row.map(StoredRecord::try_from).transpose())
                    .map(|row| row.map(Ok))
            }
            Input::Ended => Ok(None),
        };
        let line = self.number;
        match read {
            Ok(Some(record)) => Some(Ok(record.map_err(|message| BadLine { line, message }))),
            Ok(None) => None,
            Err(error) => {
                // Reading on would meet the same error again, for ever.
                self.input = Input::Ended;
                Some(Err(error))
            }
        }
    }
}

impl Iterator for RecordReader {
    type Item = Result<StoredRecord, BadLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read()?;
        let line = self.number;
        Some(read.unwrap_or_else(|error| {
            let message = error.to_string();
            Err(BadLine { line, message })
        }))
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
            .map(|item| item.map_or_else(|bad| bad.to_string(), |record| record.head().id.clone()))
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
        let found = RecordReader::new(io::Cursor::new(bytes)).unwrap().next().unwrap();
        assert!(matches!(found, Ok(StoredRecord::Whole(found)) if *found == record));
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
