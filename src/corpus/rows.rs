//! Documents in Parquet files.

use std::collections::VecDeque;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use arrow_json::writer::{LineDelimited, WriterBuilder};
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};

use super::fields::{GivenIds, Row};
use super::{ReadOptions, Source, Unreadable, text_column};
use crate::document::Document;

/// Bytes of rows that are in memory together, as far as the file's own figures tell.
const BATCH_BYTES: i64 = 4 << 20;

/// Rows that are in memory together at most.
const BATCH_ROWS: i64 = 256;

/// So many rows in a row that cannot be read, and the rest of their row group is given up.
const MAX_FAILURES: u32 = 3;

/// The documents of a Parquet file, some rows of a row group in memory at a time.
///
/// Rows that cannot be read one batch at a time are tried one by one, so that a bad row does not
/// take its neighbours along, nor a bad row group the rest of the file.
pub(super) struct Rows {
    source: Source,
    options: Arc<ReadOptions>,
    file: File,
    metadata: ArrowReaderMetadata,
    progress: Progress,
    ids: GivenIds,
    ready: VecDeque<Result<Document, Unreadable>>,
    reader: Option<ParquetRecordBatchReader>,
    /// The row group that is being read.
    group: usize,
    /// How many of its rows are done.
    row: usize,
    /// How many rows of the groups before it there are.
    rows_before: u64,
    /// Rows still to be read one by one.
    one_by_one: usize,
    failures: u32,
}

impl Rows {
    /// The rows of `file`. What is read is added to `count`, which then is the file's size.
    pub(super) fn open(
        source: Source,
        options: Arc<ReadOptions>,
        file: File,
        count: Arc<AtomicU64>,
    ) -> Result<Self, Unreadable> {
        let metadata =
            guarded(|| ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(ArrowError::from));
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(message) => return Err(bad_file(&source, "invalid-parquet", message)),
        };
        if let Err(message) = text_column::check(metadata.schema(), &options.text_field) {
            return Err(bad_file(&source, "missing-text", message));
        }
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        let rows = metadata.metadata().file_metadata().num_rows();
        Ok(Self {
            source,
            options,
            file,
            progress: Progress::new(count, bytes, rows),
            metadata,
            ids: GivenIds::default(),
            ready: VecDeque::new(),
            reader: None,
            group: 0,
            row: 0,
            rows_before: 0,
            one_by_one: 0,
            failures: 0,
        })
    }

    /// The number of the next row in the file, from 1.
    fn number(&self) -> u64 {
        self.rows_before + self.row as u64 + 1
    }

    fn row_id(&self) -> String {
        format!("{}:{}", self.source.id, self.number())
    }

    fn rows_in_group(&self) -> usize {
        let rows = self.metadata.metadata().row_group(self.group).num_rows();
        usize::try_from(rows).unwrap_or(0)
    }

    /// How many rows are read together.
    fn batch_size(&self) -> usize {
        if self.one_by_one > 0 {
            return 1;
        }
        let group = self.metadata.metadata().row_group(self.group);
        let row = group.total_byte_size() / group.num_rows().max(1);
        usize::try_from((BATCH_BYTES / row.max(1)).clamp(1, BATCH_ROWS)).unwrap_or(1)
    }

    /// Reads on: some rows, or the end of a row group.
    fn step(&mut self) {
        let rows = self.rows_in_group();
        if self.row >= rows {
            self.group += 1;
            self.rows_before += rows as u64;
            (self.row, self.one_by_one, self.failures, self.reader) = (0, 0, 0, None);
            return;
        }
        match self.batch() {
            Ok(Some(batch)) if batch.num_rows() > 0 => self.add(&batch),
            Ok(_) => self.give_up("the row group has fewer rows than it says"),
            Err(message) => self.failed(&message),
        }
        self.progress.reached(self.rows_before + self.row as u64);
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>, String> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => {
                let file = self.file.try_clone().map_err(|error| error.to_string())?;
                let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                    .with_row_groups(vec![self.group])
                    .with_offset(self.row)
                    .with_batch_size(self.batch_size());
                guarded(|| builder.build().map_err(ArrowError::from))?
            }
        };
        let batch = guarded(|| reader.next().transpose())?;
        self.reader = Some(reader);
        Ok(batch)
    }

    fn add(&mut self, batch: &RecordBatch) {
        let text = text_column::readable(batch, &self.options.text_field);
        let mut json = Vec::new();
        let written = guarded(|| {
            let mut writer = WriterBuilder::new()
                .with_explicit_nulls(true)
                .build::<_, LineDelimited>(&mut json);
            writer.write(text.batch.as_ref().unwrap_or(batch))?;
            writer.finish()
        });
        if let Err(message) = written {
            return self.failed(&message);
        }
        for (at, line) in json
            .split(|byte| *byte == b'\n')
            .take(batch.num_rows())
            .enumerate()
        {
            let document = match text.bad.contains(&at) {
                true => Err(self.bad_row("invalid-utf8", "expected UTF-8, found other bytes")),
                false => self.document(line),
            };
            self.ready.push_back(document);
            self.row += 1;
        }
        self.failures = 0;
        self.one_by_one = self.one_by_one.saturating_sub(batch.num_rows());
        if self.one_by_one == 0 && batch.num_rows() == 1 {
            self.reader = None;
        }
    }

    fn document(&mut self, line: &[u8]) -> Result<Document, Unreadable> {
        let row = Row::parse(&String::from_utf8_lossy(line), &self.options)
            .map_err(|(code, message)| self.bad_row(code, message))?;
        let limit = self.options.max_bytes;
        if row.text.len() > limit {
            let message =
                format!("expected a text of at most {limit} bytes (`--max-document`), found a longer one");
            return Err(self.bad_row("too-long", message));
        }
        Ok(Document {
            id: match row.id {
                Some(id) => self.ids.distinct(id, self.number()),
                None => self.row_id(),
            },
            path: self.source.path.as_ref().map(|path| path.display().to_string()),
            decoded: None,
            text: row.text,
            meta: row.meta,
        })
    }

    /// After a batch that cannot be read: its rows one by one; after such a row, those behind it.
    fn failed(&mut self, message: &str) {
        self.reader = None;
        if self.batch_size() > 1 {
            self.one_by_one = self.batch_size();
            return;
        }
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            return self.give_up(message);
        }
        let error = self.bad_row("invalid-parquet", message);
        self.ready.push_back(Err(error));
        self.row += 1;
        self.one_by_one = self.one_by_one.saturating_sub(1);
    }

    /// One error for all rows of the group from here on.
    fn give_up(&mut self, message: &str) {
        let last = self.rows_before + self.rows_in_group() as u64;
        let message = format!("rows {} to {last}: {message}", self.number());
        let error = self.bad_row("invalid-parquet", message);
        self.ready.push_back(Err(error));
        self.row = self.rows_in_group();
    }

    fn bad_row(&self, code: &'static str, message: impl Into<String>) -> Unreadable {
        Unreadable::new(self.row_id(), self.source.path.as_deref(), code, message)
    }
}

impl Iterator for Rows {
    type Item = Result<Document, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && self.group < self.metadata.metadata().num_row_groups() {
            self.step();
        }
        self.ready.pop_front()
    }
}

fn bad_file(source: &Source, code: &'static str, message: String) -> Unreadable {
    Unreadable::new(&source.id, source.path.as_deref(), code, message)
}

/// What `read` gives. Files that are damaged in the right places make the Parquet reader panic;
/// one bad file must not end the run.
fn guarded<T>(read: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the Parquet data is damaged".to_owned()),
    }
}

/// Counts a file's bytes as its rows are read. The reader leaps about in the file, so that the
/// bytes themselves say little.
struct Progress {
    count: Arc<AtomicU64>,
    bytes: u64,
    rows: u64,
    counted: u64,
}

impl Progress {
    fn new(count: Arc<AtomicU64>, bytes: u64, rows: i64) -> Self {
        Self {
            count,
            bytes,
            rows: u64::try_from(rows).unwrap_or(0).max(1),
            counted: 0,
        }
    }

    fn reached(&mut self, row: u64) {
        let share = u128::from(self.bytes) * u128::from(row.min(self.rows)) / u128::from(self.rows);
        let bytes = u64::try_from(share).unwrap_or(self.bytes);
        let more = bytes.saturating_sub(self.counted);
        self.counted += more;
        self.count.fetch_add(more, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
