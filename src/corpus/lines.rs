//! Documents in JSON lines.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use sha2::Digest;

use super::compression::{Stream, buffered, peek};
use super::encoding::{self, Encoding, Transcoder};
use super::fields::{BadRow, GivenIds, Row};
use super::long_row::{BadLine, LongRow};
use super::{Item, ReadOptions, Source, Unreadable};
use crate::document::{Decoded, Document};
use crate::format::{Line, LongDocument, WHOLE};
use crate::provenance::{hexadecimal, sha256};

/// A line that is longer is not read into memory as a whole.
const LINE: usize = 4 << 20;

/// The documents of one file of JSON lines, one line in memory at a time, and of a long one all but its text.
/// Empty lines are passed over, but counted.
pub(super) struct Lines {
    source: Source,
    options: Arc<ReadOptions>,
    input: Option<Box<dyn BufRead + Send>>,
    encoding: Option<Encoding>,
    number: u64,
    ids: GivenIds,
}

impl Lines {
    /// The lines of `input`: UTF-8, unless the options or a byte order mark of UTF-16 say otherwise.
    pub(super) fn new(source: Source, options: Arc<ReadOptions>, input: Stream) -> io::Result<Self> {
        let (head, input) = peek(input, 2)?;
        let encoding = options
            .encoding
            .or_else(|| encoding::utf16_mark(&head))
            .filter(|encoding| encoding.other_than_utf8().is_some());
        let input = match encoding {
            Some(encoding) => buffered(Box::new(Transcoder::new(input, encoding))),
            None => buffered(input),
        };
        Ok(Self {
            source,
            options,
            input: Some(input),
            encoding,
            number: 0,
            ids: GivenIds::default(),
        })
    }

    fn line_id(&self) -> String {
        format!("{}:{}", self.source.id, self.number)
    }

    fn unreadable(&self, code: &'static str, message: impl Into<String>) -> Unreadable {
        Unreadable::new(self.line_id(), self.source.path.as_deref(), code, message)
    }

    /// The next line, or what a long one gives; `None` at the end.
    fn line(&mut self) -> Option<Result<Vec<u8>, Item>> {
        let input = self.input.as_mut()?;
        self.number += 1;
        let short = self.options.max_bytes.min(LINE);
        let mut line = Vec::new();
        let read = input.by_ref().take(short as u64 + 1).read_until(b'\n', &mut line);
        match read {
            Ok(0) => None,
            Ok(_) if line.len() <= short || line.last() == Some(&b'\n') => Some(Ok(line)),
            Ok(_) => self.long(&line).map(Err),
            Err(error) => Some(Err(self.failed(&error))),
        }
    }

    /// What comes after a line that cannot be read is not known: the file ends here.
    fn failed(&mut self, error: &io::Error) -> Item {
        self.input = None;
        let path = self.source.path.as_deref();
        Item::Unreadable(Unreadable::because_of(self.line_id(), path, error))
    }

    /// Reads a line that begins with `start` to its end.
    fn long(&mut self, start: &[u8]) -> Option<Item> {
        let limit = self.options.max_bytes;
        let start = content_start(start, self.number == 1);
        let mut line = Line::new(start, self.input.as_mut()?.as_mut(), limit);
        let row = LongRow::read(&mut line, &self.options);
        let end = match line.end() {
            Ok(end) if end.too_long => {
                let message = format!(
                    "expected a line of at most {limit} bytes (`--max-document`), found a longer one"
                );
                return Some(Item::Unreadable(self.unreadable("too-long", message)));
            }
            Ok(end) => end,
            Err(error) => return Some(self.failed(&error)),
        };
        let (code, message) = match row {
            Ok(row) => return Some(self.long_document(row)),
            Err(BadLine::Row(bad)) => bad,
            Err(BadLine::Encoding) => self
                .other_encoding()
                .unwrap_or_else(|| ("invalid-utf8", "expected UTF-8, found other bytes".to_owned())),
            Err(BadLine::Io(error)) => {
                let path = self.source.path.as_deref();
                return Some(Item::Unreadable(Unreadable::because_of(
                    self.line_id(),
                    path,
                    &error,
                )));
            }
        };
        let mut unreadable = self.unreadable(code, message);
        unreadable.sha256 = hexadecimal(&end.hasher.finalize());
        unreadable.bytes = end.bytes;
        Some(Item::Unreadable(unreadable))
    }

    fn long_document(&mut self, row: LongRow) -> Item {
        let decoded = Decoded {
            encoding: self.encoding.and_then(Encoding::other_than_utf8),
            media_type: None,
            sha256: row.text.sha256(),
            bytes: row.text.len(),
        };
        let is_short = row.text.len() <= WHOLE;
        let document = Document {
            id: self.id(row.id),
            path: self.source.path.as_ref().map(|path| path.display().to_string()),
            decoded: Some(decoded),
            text: String::new(),
            meta: row.meta,
        };
        let long = LongDocument::of_text(document, row.text.finish());
        match is_short.then(|| long.load()) {
            None => Item::Long(long),
            Some(Ok(document)) => Item::Document(document),
            Some(Err(error)) => {
                let path = self.source.path.as_deref();
                Item::Unreadable(Unreadable::because_of(long.id(), path, &error))
            }
        }
    }

    /// The id of a document, from the one that its line gives.
    fn id(&mut self, given: Option<String>) -> String {
        match given {
            Some(id) => self.ids.distinct(id, self.number),
            None => self.line_id(),
        }
    }

    /// The document of one line.
    fn document(&mut self, bytes: &[u8]) -> Result<Document, Unreadable> {
        let row = std::str::from_utf8(bytes)
            .map_err(|error| self.undecodable(bytes, &error))
            .and_then(|line| Row::parse(line, &self.options))
            .map_err(|(code, message)| self.unreadable(code, message).with_bytes(bytes))?;
        Ok(Document {
            id: self.id(row.id),
            path: self.source.path.as_ref().map(|path| path.display().to_string()),
            decoded: self.decoded(&row.text),
            text: row.text,
            meta: row.meta,
        })
    }

    fn undecodable(&self, bytes: &[u8], error: &std::str::Utf8Error) -> BadRow {
        self.other_encoding()
            .unwrap_or_else(|| encoding::invalid_utf8(bytes, error))
    }

    /// What is said of bytes that are not in the encoding of the file, where that is not UTF-8.
    fn other_encoding(&self) -> Option<BadRow> {
        let name = self.encoding?.name();
        Some((
            "undecodable",
            format!("expected {name}, found bytes that are not"),
        ))
    }

    /// The encoding of the file. Hash and size are those of the text, as for all JSON lines: a line's
    /// own bytes say nothing of it that escapes and other fields do not change.
    fn decoded(&self, text: &str) -> Option<Decoded> {
        self.encoding.map(|encoding| Decoded {
            encoding: encoding.other_than_utf8(),
            media_type: None,
            sha256: sha256(text.as_bytes()),
            bytes: text.len(),
        })
    }
}

impl Iterator for Lines {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let line = match self.line()? {
                Ok(line) => line,
                Err(item) => return Some(item),
            };
            let bytes = content_start(&line, self.number == 1).trim_ascii();
            if !bytes.is_empty() {
                return Some(match self.document(bytes) {
                    Ok(document) => Item::Document(document),
                    Err(unreadable) => Item::Unreadable(unreadable),
                });
            }
        }
    }
}

/// A line without the byte order mark of the first one.
fn content_start(line: &[u8], first: bool) -> &[u8] {
    let mark = first.then(|| line.strip_prefix(b"\xef\xbb\xbf")).flatten();
    mark.unwrap_or(line)
}

#[cfg(test)]
mod tests;
