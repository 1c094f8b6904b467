//! What diglot writes: records and, made from them, parallel-text and annotation formats.
//!
//! [`open`] begins an [`OutputFormat`]; it gives a [`Sink`] that takes records and makes files through
//! [`Files`]. [`RecordReader`] reads records back, so that formats are made without running models again.

mod brat;
mod conll;
mod directory;
#[cfg(test)]
pub(crate) mod fake;
mod files;
mod filter;
mod hf;
pub(crate) mod html;
mod jsonl;
mod known;
mod long;
mod moses;
mod offsets;
mod output;
mod pairs;
mod parquet;
mod per_pair;
mod read;
mod record;
mod sink;
mod temporary;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod tmx;
mod tsv;
mod webanno;
mod xliff;
mod xml;

pub use directory::DirectoryFiles;
pub use files::{RecordFiles, Unread, is_record_shard, run_is_complete};
pub use filter::{MinScore, PairFilter};
pub use html::{HtmlSink, Index, page_name};
pub use jsonl::{JsonLinesSink, JsonLinesWriter};
pub use known::KnownPairs;
pub(crate) use long::{Joiner, Json, JsonError, Line, TextWriter, WHOLE, stored};
pub use long::{LongDocument, LongRecord, StoredRecord};
pub use offsets::Offsets;
pub use output::{OutputFormat, OutputOptions, open};
pub use pairs::{Byline, Mention, Pair};
pub use parquet::{ParquetRecords, ParquetSink, SCHEMA_KEY};
pub use read::{BadLine, RecordReader};
pub use record::{
    EntityRecord, ErrorRecord, ModelRecord, Record, RecordOptions, RunRecord, SCHEMA, SegmentRecord,
    SentenceRecord, SourceRecord, SpanRecord, TranslationRecord,
};
pub use sink::{Counts, Files, Sink};
