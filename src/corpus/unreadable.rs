//! What stands in the place of a document that could not be read.

use std::io;
use std::path::Path;

use crate::document::{Document, Failure, Outcome};
use crate::format::Record;
use crate::language::Language;
use crate::provenance::{Run, sha256};

/// A document that could not be read: what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The id that the document would have had.
    pub id: String,
    /// The file it comes from, where there is one.
    pub path: Option<String>,
    /// Why it could not be read, for counting:
    ///
    /// | code | meaning |
    /// |---|---|
    /// | `unreadable` | the system cannot open or read the file |
    /// | `not-a-file` | a pipe, socket or device in a directory |
    /// | `no-documents` | nothing in a directory, or nothing that a pattern matches |
    /// | `invalid-pattern` | a pattern that is not one |
    /// | `corrupt` | compressed data that is damaged or cut off |
    /// | `too-long` | a document, line or row above [`ReadOptions::max_bytes`](super::ReadOptions::max_bytes) |
    /// | `invalid-utf8` | bytes that are UTF-8 but for some |
    /// | `undecodable` | bytes in no encoding that is known, or no text at all |
    /// | `invalid-json` | a line that is no JSON object |
    /// | `missing-text`, `invalid-text`, `invalid-id` | a field that is missing or of the wrong type |
    /// | `invalid-parquet` | a Parquet file, row group or row that cannot be read |
    /// | `no-article` | a web page without text |
    pub code: &'static str,
    /// The same for people: what was expected and what was found.
    pub message: String,
    /// The SHA-256 of the bytes that were read, hexadecimal; empty where there are none.
    pub sha256: String,
    /// How many bytes were read.
    pub bytes: usize,
}

impl Unreadable {
    /// A failure to read, with a short code for counting and a message for people.
    pub fn new(
        id: impl Into<String>,
        path: Option<&Path>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            path: path.map(|path| path.display().to_string()),
            code,
            message: message.into(),
            sha256: String::new(),
            bytes: 0,
        }
    }

    /// A failure that the system or a decompressor reports.
    pub(super) fn because_of(id: impl Into<String>, path: Option<&Path>, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::InvalidData => "corrupt",
            _ => "unreadable",
        };
        Self::new(id, path, code, error.to_string())
    }

    /// The same, with what was read.
    pub(super) fn with_bytes(mut self, bytes: &[u8]) -> Self {
        self.sha256 = sha256(bytes);
        self.bytes = bytes.len();
        self
    }

    /// The record that stands in the place of the document's: no text, and the error.
    pub fn record(self, run: &Run) -> Record {
        let outcome = Outcome {
            document: Document {
                id: self.id,
                text: String::new(),
                path: self.path,
                decoded: None,
                meta: None,
            },
            language: Language::UND,
            segments: Vec::new(),
            sentences: Vec::new(),
            renderings: Vec::new(),
            entities: Vec::new(),
            failures: vec![Failure {
                stage: "read",
                code: self.code,
                message: self.message,
            }],
        };
        let mut record = Record::new(&outcome, run);
        record.text = None;
        record.source.sha256 = self.sha256;
        record.source.bytes = self.bytes;
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_of_bad_bytes_says_which_bytes_they_were() {
        let unreadable =
            Unreadable::new("a", Some(Path::new("in/a")), "undecodable", "expected text").with_bytes(b"\xe9");
        let record = unreadable.record(&Run::default());
        assert_eq!(record.text, None);
        assert_eq!(record.source.path.as_deref(), Some("in/a"));
        assert_eq!(record.source.bytes, 1);
        assert_eq!(record.source.sha256, sha256(b"\xe9"));
        let error = &record.errors[0];
        assert_eq!(
            (error.stage.as_str(), error.code.as_str()),
            ("read", "undecodable")
        );
    }
}
