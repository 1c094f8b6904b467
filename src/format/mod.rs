//! What diglot writes: records and, made from them, parallel-text formats.

mod jsonl;
mod offsets;
mod record;

pub use jsonl::JsonLinesWriter;
pub use offsets::Offsets;
pub use record::{
    EntityRecord, ErrorRecord, ModelRecord, Record, RunRecord, SCHEMA, SegmentRecord, SentenceRecord,
    SourceRecord, SpanRecord, TranslationRecord,
};
