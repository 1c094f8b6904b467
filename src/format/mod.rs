//! What diglot writes: records and, made from them, parallel-text formats.

mod jsonl;
mod long;
mod offsets;
mod pairs;
mod record;
mod sink;

pub use jsonl::{JsonLinesSink, JsonLinesWriter};
pub(crate) use long::Joiner;
pub use long::LongRecord;
pub use offsets::Offsets;
pub use pairs::Pair;
pub use record::{
    EntityRecord, ErrorRecord, ModelRecord, Record, RunRecord, SCHEMA, SegmentRecord, SentenceRecord,
    SourceRecord, SpanRecord, TranslationRecord,
};
pub use sink::{Counts, Files, Sink};
