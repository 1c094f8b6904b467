//! Reading documents, one after the other.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::vec;

use super::lines::Lines;
use super::{Format, Inputs, Source};
use crate::document::{Document, Failure, Outcome};
use crate::format::Record;
use crate::language::Language;
use crate::provenance::{Run, sha256};

/// Reads the documents of [`Inputs`], in order. Files are opened when their turn comes; of a file
/// of JSON lines, one line is in memory at a time.
pub struct Reader {
    entries: vec::IntoIter<Result<Source, Unreadable>>,
    lines: Option<Lines>,
    bytes: u64,
}

/// A document that could not be read: what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The id that the document would have had.
    pub id: String,
    /// The file it comes from, where there is one.
    pub path: Option<String>,
    /// Why it could not be read, for counting: `unreadable`, `no-documents`, `invalid-utf8`,
    /// `invalid-json`, `missing-text`, `invalid-text` or `invalid-id`.
    pub code: &'static str,
    /// The same for people: what was expected and what was found.
    pub message: String,
    /// The SHA-256 of the bytes that were read, hexadecimal; empty where there are none.
    pub sha256: String,
    /// How many bytes were read.
    pub bytes: usize,
}

impl Reader {
    /// A reader of all documents of `inputs`.
    pub fn new(inputs: Inputs) -> Self {
        Self {
            entries: inputs.into_entries().into_iter(),
            lines: None,
            bytes: 0,
        }
    }

    /// How many bytes of input have been read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    fn text(&mut self, source: &Source) -> Result<Document, Unreadable> {
        let path = source.path.as_deref();
        let mut bytes = Vec::new();
        open(path)
            .and_then(|mut input| input.read_to_end(&mut bytes))
            .map_err(|error| Unreadable::because_of(&source.id, path, &error))?;
        self.bytes += bytes.len() as u64;
        document(source.id.clone(), path, bytes)
    }
}

impl Iterator for Reader {
    type Item = Result<Document, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(lines) = &mut self.lines {
                let next = lines.next();
                self.bytes += lines.take_bytes();
                if next.is_some() {
                    return next;
                }
                self.lines = None;
            }
            let source = match self.entries.next()? {
                Ok(source) => source,
                Err(unreadable) => return Some(Err(unreadable)),
            };
            if source.format == Format::Text {
                return Some(self.text(&source));
            }
            match open(source.path.as_deref()) {
                Ok(input) => self.lines = Some(Lines::new(source, BufReader::new(input))),
                Err(error) => {
                    return Some(Err(Unreadable::because_of(
                        source.id,
                        source.path.as_deref(),
                        &error,
                    )));
                }
            }
        }
    }
}

/// A document from bytes, if they are UTF-8.
pub(super) fn document(id: String, path: Option<&Path>, bytes: Vec<u8>) -> Result<Document, Unreadable> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Document {
            id,
            text,
            path: path.map(|path| path.display().to_string()),
            decoded: None,
            meta: None,
        }),
        Err(error) => {
            let message = format!("expected UTF-8, found {}", what_it_is(&error));
            Err(Unreadable::new(id, path, "invalid-utf8", message).with_bytes(error.as_bytes()))
        }
    }
}

/// What bytes that are not UTF-8 seem to be.
fn what_it_is(error: &std::string::FromUtf8Error) -> String {
    let at = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "UTF-16".to_owned()
    } else {
        format!(
            "the byte {:#04x} at {at}",
            bytes.get(at).copied().unwrap_or_default()
        )
    }
}

fn open(path: Option<&Path>) -> io::Result<Box<dyn Read + Send>> {
    Ok(match path {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(io::stdin()),
    })
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

    /// A failure that the system reports.
    pub(super) fn because_of(id: impl Into<String>, path: Option<&Path>, error: &io::Error) -> Self {
        Self::new(id, path, "unreadable", error.to_string())
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

    fn read(bytes: &[u8]) -> Result<String, Unreadable> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.txt");
        std::fs::write(&path, bytes).unwrap();
        let documents: Vec<_> = Reader::new(Inputs::find(&[&path], None, None)).collect();
        assert_eq!(documents.len(), 1);
        let document = documents.into_iter().next().unwrap();
        document.map(|document| document.text)
    }

    #[test]
    fn text_is_read_as_it_is() {
        for text in ["", "\u{feff}Ça va ?\r\n", "e\u{301}\u{0}\u{202e}👩‍👩‍👧\r"] {
            assert_eq!(read(text.as_bytes()).unwrap(), text);
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_said_to_be_so() {
        let unreadable = read(b"d\xe9j\xe0 vu").unwrap_err();
        assert_eq!(unreadable.code, "invalid-utf8");
        assert_eq!(unreadable.message, "expected UTF-8, found the byte 0xe9 at 1");
        assert_eq!(
            read(b"\xff\xfea\0").unwrap_err().message,
            "expected UTF-8, found UTF-16"
        );
    }

    #[test]
    fn the_record_of_bad_bytes_says_which_bytes_they_were() {
        let unreadable = document("a".to_owned(), None, b"\xe9".to_vec()).unwrap_err();
        let record = unreadable.record(&Run::default());
        assert_eq!(record.text, None);
        assert_eq!(record.source.bytes, 1);
        assert_eq!(record.source.sha256, sha256(b"\xe9"));
        let error = &record.errors[0];
        assert_eq!(
            (error.stage.as_str(), error.code.as_str()),
            ("read", "invalid-utf8")
        );
    }
}
