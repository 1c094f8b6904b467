//! Records from Parquet files that [`ParquetSink`](super::ParquetSink) wrote.

use std::collections::VecDeque;
use std::fs::File;
use std::io;

use arrow_array::RecordBatch;
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::Value;

use super::super::{Record, SCHEMA};
use super::{SCHEMA_KEY, io_error};

/// Rows that are decoded together.
const ROWS: usize = 64;

/// The records of a Parquet file, in order.
///
/// An error ends the file: what follows a damaged page cannot be trusted.
pub struct ParquetRecords {
    batches: ParquetRecordBatchReader,
    ready: VecDeque<io::Result<Record>>,
}

impl ParquetRecords {
    /// Opens `file`.
    ///
    /// # Errors
    ///
    /// When it is not a Parquet file, or one of another schema; the message says which was found.
    pub fn open(file: File) -> io::Result<Self> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(io_error)?;
        let metadata = builder.metadata().file_metadata().key_value_metadata();
        let version = metadata
            .into_iter()
            .flatten()
            .find(|pair| pair.key == SCHEMA_KEY)
            .and_then(|pair| pair.value.as_deref());
        if version != Some(SCHEMA) {
            let found = version.map_or_else(|| "none".to_owned(), |version| format!("`{version}`"));
            return Err(invalid(format!(
                "expected `{SCHEMA_KEY}` = `{SCHEMA}` in the file's metadata, found {found}"
            )));
        }
        let batches = builder.with_batch_size(ROWS).build().map_err(io_error)?;
        Ok(Self {
            batches,
            ready: VecDeque::new(),
        })
    }
}

impl Iterator for ParquetRecords {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            match self.batches.next()? {
                Ok(batch) => match lines(&batch) {
                    Ok(json) => self
                        .ready
                        .extend(json.split(|&byte| byte == b'\n').filter_map(record)),
                    Err(error) => return Some(Err(error)),
                },
                Err(error) => return Some(Err(io::Error::other(error))),
            }
        }
        self.ready.pop_front()
    }
}

/// The rows as JSON lines. Columns to JSON to record is one step more than is needed, but the record's
/// own deserialisation is then the only place that knows what a record looks like.
fn lines(batch: &RecordBatch) -> io::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().build::<_, LineDelimited>(Vec::new());
    writer.write(batch).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(writer.into_inner())
}

fn record(line: &[u8]) -> Option<io::Result<Record>> {
    if line.is_empty() {
        return None;
    }
    Some(parsed(line).map_err(|error| invalid(error.to_string())))
}

fn parsed(line: &[u8]) -> serde_json::Result<Record> {
    let mut row: Value = serde_json::from_slice(line)?;
    if let Some(meta) = row.get_mut("meta").filter(|meta| meta.is_string()) {
        *meta = serde_json::from_str(meta.as_str().unwrap_or_default())?;
    }
    serde_json::from_value(row)
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
