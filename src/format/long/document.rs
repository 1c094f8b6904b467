//! A document that is too long to be in memory as a whole.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use super::text::SpooledText;
use crate::document::{Decoded, Document, Meta};
use crate::format::SourceRecord;

/// A document of more than 1 MiB of text, which lies in a temporary file and is worked on in parts.
#[derive(Debug)]
pub struct LongDocument {
    pub(super) id: String,
    pub(super) source: SourceRecord,
    /// What the text was decoded from, where that was not UTF-8.
    decoded: Option<Box<Decoded>>,
    pub(super) meta: Option<Meta>,
    pub(super) text: Arc<SpooledText>,
}

impl LongDocument {
    /// Puts the text of a document into a temporary file.
    ///
    /// # Errors
    ///
    /// When that cannot be written.
    pub fn new(document: Document) -> io::Result<Self> {
        Ok(Self {
            source: SourceRecord::new(&document),
            text: Arc::new(SpooledText::new(&document.text)?),
            decoded: document.decoded.map(Box::new),
            id: document.id,
            meta: document.meta,
        })
    }

    /// A document whose text lies in a temporary file already: `document` is all else, and says in
    /// [`decoded`](Document::decoded) what was read.
    pub(crate) fn of_text(document: Document, text: SpooledText) -> Self {
        Self {
            source: SourceRecord::new(&document),
            decoded: (document.decoded.filter(|decoded| decoded.encoding.is_some())).map(Box::new),
            text: Arc::new(text),
            id: document.id,
            meta: document.meta,
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it was read from.
    pub fn source(&self) -> &SourceRecord {
        &self.source
    }

    /// The fields that came with it.
    pub fn meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    /// The parts of its text in bytes, in order and without gaps.
    pub fn parts(&self) -> &[Range<usize>] {
        self.text.parts()
    }

    /// The text of a part.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read.
    pub fn part(&self, part: &Range<usize>) -> io::Result<String> {
        self.text.part(part)
    }

    /// The document with all of its text in memory.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read.
    pub(crate) fn load(&self) -> io::Result<Document> {
        let mut document = Document::new(self.id.clone(), self.text.whole()?);
        document.path.clone_from(&self.source.path);
        document.decoded = self.decoded.as_deref().cloned();
        document.meta.clone_from(&self.meta);
        Ok(document)
    }
}
