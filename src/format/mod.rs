//! What diglot writes: records and, made from them, parallel-text formats.

mod offsets;
mod record;

pub use offsets::Offsets;
pub use record::{
    EntityRecord, ErrorRecord, ModelRecord, Record, RunRecord, SCHEMA, SegmentRecord, SentenceRecord,
    SourceRecord, SpanRecord, TranslationRecord,
};
