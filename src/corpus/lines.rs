//! Documents in JSON lines.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::compression::{Stream, buffered, peek};
use super::encoding::{self, Encoding, Transcoder};
use super::fields::{GivenIds, Row};
use super::{ReadOptions, Source, Unreadable};
use crate::document::{Decoded, Document};
use crate::provenance::sha256;

/// The documents of one file of JSON lines, one line in memory at a time. Empty lines are passed
/// over, but counted.
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

    /// The next line; `None` at the end.
    fn line(&mut self) -> Option<Result<Vec<u8>, Unreadable>> {
        let limit = self.options.max_bytes;
        let input = self.input.as_mut()?;
        self.number += 1;
        let mut line = Vec::new();
        let read = input
            .by_ref()
            .take(limit as u64 + 1)
            .read_until(b'\n', &mut line)
            .and_then(|length| {
                let is_cut = line.len() > limit && line.last() != Some(&b'\n');
                if is_cut {
                    input.skip_until(b'\n')?;
                }
                Ok((length, is_cut))
            });
        match read {
            Ok((0, _)) => None,
            Ok((_, false)) => Some(Ok(line)),
            Ok((_, true)) => {
                let message = format!(
                    "expected a line of at most {limit} bytes (`--max-document`), found a longer one"
                );
                Some(Err(self.unreadable("too-long", message)))
            }
            Err(error) => {
                // What comes after a line that cannot be read is not known: the file ends here.
                self.input = None;
                let path = self.source.path.as_deref();
                Some(Err(Unreadable::because_of(self.line_id(), path, &error)))
            }
        }
    }

    /// The document of one line.
    fn document(&mut self, bytes: &[u8]) -> Result<Document, Unreadable> {
        let row = std::str::from_utf8(bytes)
            .map_err(|error| self.undecodable(bytes, &error))
            .and_then(|line| Row::parse(line, &self.options))
            .map_err(|(code, message)| self.unreadable(code, message).with_bytes(bytes))?;
        Ok(Document {
            id: match row.id {
                Some(id) => self.ids.distinct(id, self.number),
                None => self.line_id(),
            },
            path: self.source.path.as_ref().map(|path| path.display().to_string()),
            decoded: self.decoded(&row.text),
            text: row.text,
            meta: row.meta,
        })
    }

    fn undecodable(&self, bytes: &[u8], error: &std::str::Utf8Error) -> (&'static str, String) {
        match self.encoding {
            Some(encoding) => (
                "undecodable",
                format!("expected {}, found bytes that are not", encoding.name()),
            ),
            None => encoding::invalid_utf8(bytes, error),
        }
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
    type Item = Result<Document, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.line()? {
                Ok(line) => line,
                Err(unreadable) => return Some(Err(unreadable)),
            };
            let bytes = content(&line, self.number == 1);
            if !bytes.is_empty() {
                return Some(self.document(bytes));
            }
        }
    }
}

/// A line without surrounding white space, and without the byte order mark of the first one.
fn content(line: &[u8], first: bool) -> &[u8] {
    let bytes = if first {
        line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
    } else {
        line
    };
    bytes.trim_ascii()
}

#[cfg(test)]
mod tests;
