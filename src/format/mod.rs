//! What diglot writes: records and, made from them, parallel-text formats.

#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod html;
mod jsonl;
mod offsets;
mod pairs;
mod parquet;
mod record;
mod sink;

pub use html::{HtmlSink, Index, page_name};
pub use jsonl::JsonLinesWriter;
pub use offsets::Offsets;
pub use pairs::Pair;
pub use parquet::{ParquetRecords, ParquetSink, SCHEMA_KEY};
pub use record::{
    EntityRecord, ErrorRecord, ModelRecord, Record, RunRecord, SCHEMA, SegmentRecord, SentenceRecord,
    SourceRecord, SpanRecord, TranslationRecord,
};
pub use sink::{Counts, Files, Sink};
