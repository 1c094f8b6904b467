//! What tells whether a document is the one that a record was made of.

use sha2::{Digest, Sha256};

use super::Unreadable;
use crate::Document;
use crate::document::Meta;
use crate::format::{LongDocument, Record, SourceRecord};
use crate::provenance::{Run, hexadecimal};

/// A digest over all that a document brings into its record: id, source, fields passed through, and
/// why it could not be read. Two documents with the same key have the same record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a document.
    pub fn of_document(document: &Document) -> Self {
        let source = SourceRecord::new(document);
        Self::new(&document.id, &source, document.meta.as_ref(), "")
    }

    /// The key of a long document.
    pub fn of_long(document: &LongDocument) -> Self {
        Self::new(document.id(), document.source(), document.meta(), "")
    }

    /// The key of what could not be read.
    pub fn of_unreadable(unreadable: &Unreadable) -> Self {
        Self::of_record(&unreadable.clone().record(&Run::default()))
    }

    /// The key of the document that a record was made of.
    pub fn of_record(record: &Record) -> Self {
        let unread = record.errors.iter().find(|error| error.stage == "read");
        let code = unread.map_or("", |error| error.code.as_str());
        Self::new(&record.id, &record.source, record.meta.as_ref(), code)
    }

    pub(super) fn new(id: &str, source: &SourceRecord, meta: Option<&Meta>, code: &str) -> Self {
        let path = source.path.as_deref().unwrap_or("-");
        let encoding = source.encoding.as_deref().unwrap_or_default();
        let media_type = source.media_type.as_deref().unwrap_or_default();
        let meta = meta.map(|meta| serde_json::Value::from(meta.clone()).to_string());
        let mut hasher = Sha256::new();
        for part in [
            id,
            path,
            &source.sha256,
            &source.bytes.to_string(),
            encoding,
            media_type,
            meta.as_deref().unwrap_or_default(),
            code,
        ] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// Half of the key: enough to tell documents of a corpus apart, and small enough to keep millions.
    pub(super) fn short(self) -> u128 {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        u128::from_le_bytes(half)
    }
}

/// A digest over the keys of documents in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain(Sha256);

impl Chain {
    pub(super) fn add(&mut self, key: Key) {
        self.0.update(key.0);
    }

    pub(super) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_the_key_of_its_document() {
        let pipeline = crate::Pipeline::builder()
            .without_translation()
            .without_entities()
            .build()
            .unwrap();
        let mut document = Document::new("a", "The ferry was late again.");
        document.meta = serde_json::json!({"z": 1.50, "a": "é"}).as_object().cloned();
        let record = Record::new(&pipeline.process(&document), pipeline.run());
        let read: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert_eq!(Key::of_record(&read), Key::of_document(&document));
        document.meta = None;
        assert_ne!(Key::of_record(&record), Key::of_document(&document));
    }

    #[test]
    fn what_could_not_be_read_differs_by_its_code() {
        let key = |code| Key::of_unreadable(&Unreadable::new("a", None, code, "gone"));
        assert_ne!(key("unreadable"), key("invalid-utf8"));
        assert_ne!(key("unreadable"), Key::of_document(&Document::new("a", "")));
    }
}
