//! Records as Parquet rows, with the same nested fields as the JSON record.
//!
//! `meta`, whose fields differ from corpus to corpus, is a column of JSON text. The file's key-value
//! metadata holds the record's [`SCHEMA`] as [`SCHEMA_KEY`].

mod read;
mod schema;

use std::io::{self, Write};

use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::Serialize;

pub use read::ParquetRecords;

use super::{
    Counts, EntityRecord, ErrorRecord, Files, Record, RunRecord, SCHEMA, SegmentRecord, SentenceRecord, Sink,
    SourceRecord, TranslationRecord,
};

/// The key of the file metadata that holds the schema's version.
pub const SCHEMA_KEY: &str = "diglot.schema";

/// Bytes of records that are turned into columns together: what bounds memory, with [`GROUP_BYTES`].
const BATCH_BYTES: usize = 4 << 20;

/// Encoded bytes and rows after which a row group ends. The Parquet project advises large groups, for
/// scans; these are small enough that a reader of one group needs tens of megabytes.
const GROUP_BYTES: usize = 32 << 20;
const GROUP_ROWS: usize = 16_384;

/// Writes records to one Parquet file, `parquet`, compressed with zstd.
///
/// A row group ends after 16,384 rows or about 32 MiB, so memory does not grow with the number of
/// records; a record larger than that is a group of its own.
pub struct ParquetSink {
    writer: ArrowWriter<Box<dyn Write + Send>>,
    decoder: Decoder,
    waiting: usize,
    counts: Counts,
}

impl ParquetSink {
    /// A sink that creates its file among `files`.
    ///
    /// # Errors
    ///
    /// When the file cannot be created.
    pub fn new(files: &mut dyn Files) -> io::Result<Self> {
        let schema = schema::schema();
        let decoder = ReaderBuilder::new(schema.clone())
            .build_decoder()
            .map_err(io::Error::other)?;
        let output = files.create("parquet")?;
        let writer = ArrowWriter::try_new(output, schema, Some(properties())).map_err(io_error)?;
        Ok(Self {
            writer,
            decoder,
            waiting: 0,
            counts: Counts::default(),
        })
    }

    /// Hands the waiting records to the writer, which encodes them.
    fn encode(&mut self) -> io::Result<()> {
        self.waiting = 0;
        if let Some(batch) = self.decoder.flush().map_err(io::Error::other)? {
            self.writer.write(&batch).map_err(io_error)?;
        }
        if self.writer.in_progress_size() >= GROUP_BYTES {
            self.writer.flush().map_err(io_error)?;
        }
        Ok(())
    }
}

impl Sink for ParquetSink {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        let row = Row::new(record)?;
        self.decoder.serialize(&[row]).map_err(io::Error::other)?;
        self.counts.records += 1;
        self.waiting += size(record);
        if self.waiting >= BATCH_BYTES {
            self.encode()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Counts> {
        self.encode()?;
        let mut output = self.writer.into_inner().map_err(io_error)?;
        output.flush()?;
        Ok(self.counts)
    }
}

fn properties() -> WriterProperties {
    let version = KeyValue::new(SCHEMA_KEY.to_owned(), SCHEMA.to_owned());
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by(format!("diglot {}", crate::provenance::VERSION))
        .set_key_value_metadata(Some(vec![version]))
        .build()
}

/// About how much memory a record takes as it waits.
fn size(record: &Record) -> usize {
    /// Bytes of a segment, sentence, rendering or entity besides its text: names and numbers.
    const ITEM: usize = 400;
    let items =
        record.segments.len() + record.sentences.len() + record.translations.len() + record.entities.len();
    let rendered: usize = record.translations.iter().map(|one| one.text.len()).sum();
    record.text.as_ref().map_or(0, String::len) + rendered + ITEM * (items + 2)
}

/// Keeps the kind of an error that the file below reported: a full disk, a closed pipe.
fn io_error(error: parquet::errors::ParquetError) -> io::Error {
    match error {
        parquet::errors::ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(inner) => *inner,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

/// A record as a row: the record's fields, with `meta` as text.
#[derive(Serialize)]
struct Row<'a> {
    schema: &'a str,
    id: &'a str,
    source: &'a SourceRecord,
    text: Option<&'a str>,
    language: &'a str,
    segments: &'a [SegmentRecord],
    sentences: &'a [SentenceRecord],
    translations: &'a [TranslationRecord],
    entities: &'a [EntityRecord],
    errors: &'a [ErrorRecord],
    meta: Option<String>,
    run: &'a RunRecord,
}

impl<'a> Row<'a> {
    fn new(record: &'a Record) -> io::Result<Self> {
        // Naming every field makes a field that is added to the record an error here.
        let Record {
            schema,
            id,
            source,
            text,
            language,
            segments,
            sentences,
            translations,
            entities,
            errors,
            meta,
            run,
        } = record;
        Ok(Self {
            schema,
            id,
            source,
            text: text.as_deref(),
            language,
            segments,
            sentences,
            translations,
            entities,
            errors,
            meta: meta.as_ref().map(serde_json::to_string).transpose()?,
            run,
        })
    }
}

#[cfg(test)]
mod tests;
