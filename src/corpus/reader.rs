//! Reading documents, one after the other.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec;

use super::compression::{Counted, Stream, decompressed, peek};
use super::lines::Lines;
use super::rows::Rows;
use super::{Format, Inputs, Item, ReadOptions, Source, Unreadable, encoding, html, long};
use crate::document::{Decoded, Document};
use crate::provenance::sha256;

/// Reads the documents of [`Inputs`], in order. Files are opened when their turn comes; of a file
/// of JSON lines, one line is in memory at a time, of a Parquet file some rows. As a
/// [`Supply`](super::Supply), it hands out long texts in UTF-8 as [`Item::Long`], never in memory as a whole.
///
/// Compressed files are recognised by their first bytes, whatever their names, and so are Parquet
/// files; web pages are where no name or option says what a file is. Reading goes on after any error: what
/// cannot be read stands as an [`Unreadable`] in its place.
pub struct Reader {
    entries: vec::IntoIter<Result<Source, Unreadable>>,
    options: Arc<ReadOptions>,
    documents: Documents,
    bytes: Arc<AtomicU64>,
}

/// The documents of a source.
type Documents = Box<dyn Iterator<Item = Item> + Send>;

/// Bytes at the beginning of a source that say what it is.
const HEAD: usize = 512;

/// How a Parquet file begins: its sign, and the first byte of a page header or of the file's
/// metadata, which no text goes on with.
const PARQUET: &[u8] = b"PAR1\x15";

impl Reader {
    /// A reader of all documents of `inputs`.
    pub fn new(inputs: Inputs) -> Self {
        Self {
            options: Arc::new(inputs.options().clone()),
            entries: inputs.into_entries().into_iter(),
            documents: Box::new(std::iter::empty()),
            bytes: Arc::default(),
        }
    }

    /// How many bytes of input have been read so far, as they lie in the files: compressed ones where
    /// the file is compressed.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn open(&self, source: Source) -> Documents {
        self.documents(&source)
            .unwrap_or_else(|unreadable| Box::new(std::iter::once(Item::Unreadable(unreadable))))
    }

    fn documents(&self, source: &Source) -> Result<Documents, Unreadable> {
        let failed = |error: io::Error| Unreadable::because_of(&source.id, source.path.as_deref(), &error);
        let (input, compression) = self.input(source).and_then(decompressed).map_err(failed)?;
        let (head, input) = peek(input, HEAD).map_err(failed)?;
        match format(source, &head) {
            Format::JsonLines => {
                let lines = Lines::new(source.clone(), Arc::clone(&self.options), input);
                Ok(Box::new(lines.map_err(failed)?))
            }
            Format::Parquet if !head.starts_with(b"PAR1") => Err(Unreadable::new(
                &source.id,
                source.path.as_deref(),
                "invalid-parquet",
                "expected a Parquet file, found no `PAR1` at its beginning",
            )),
            Format::Parquet => {
                let plain = source
                    .path
                    .as_ref()
                    .filter(|_| source.bytes.is_some() && compression.is_none());
                let (file, count) = match plain {
                    Some(path) => (File::open(path).map_err(failed)?, Arc::clone(&self.bytes)),
                    None => (spooled(input).map_err(failed)?, Arc::default()),
                };
                let rows = Rows::open(source.clone(), Arc::clone(&self.options), file, count)?;
                Ok(Box::new(rows.map(item)))
            }
            Format::Text => Ok(Box::new(std::iter::once(self.text(source, input)))),
            Format::Html => Ok(Box::new(std::iter::once(item(self.page(source, input))))),
        }
    }

    fn input(&self, source: &Source) -> io::Result<Stream> {
        let count = Arc::clone(&self.bytes);
        Ok(match &source.path {
            Some(path) => Box::new(Counted {
                input: File::open(path)?,
                count,
            }),
            None => Box::new(Counted {
                input: io::stdin(),
                count,
            }),
        })
    }

    /// The document that a stream of text makes.
    fn text(&self, source: &Source, input: Stream) -> Item {
        long::read(source, input, &self.options).unwrap_or_else(Item::Unreadable)
    }

    /// The document of a web page.
    fn page(&self, source: &Source, input: Stream) -> Result<Document, Unreadable> {
        let path = source.path.as_deref();
        let limit = self.options.max_bytes.min(html::MAX_PAGE);
        let mut bytes = Vec::new();
        input
            .take(limit as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Unreadable::because_of(&source.id, path, &error))?;
        if bytes.len() > limit {
            return Err(long::too_long(source, limit, limit == self.options.max_bytes));
        }
        page(source, &bytes, &self.options)
    }

    /// The next document, or what could not be read.
    pub(super) fn item(&mut self) -> Option<Item> {
        loop {
            if let Some(next) = self.documents.next() {
                return Some(next);
            }
            self.documents = match self.entries.next()? {
                Ok(source) => self.open(source),
                Err(unreadable) => return Some(Item::Unreadable(unreadable)),
            };
        }
    }
}

fn item(read: Result<Document, Unreadable>) -> Item {
    match read {
        Ok(document) => Item::Document(document),
        Err(unreadable) => Item::Unreadable(unreadable),
    }
}

/// Documents one after the other, all of their text in memory.
impl Iterator for Reader {
    type Item = Result<Document, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            return Some(match self.item()? {
                Item::Document(document) => Ok(document),
                Item::Unreadable(unreadable) => Err(unreadable),
                Item::Long(long) => long.load().map_err(|error| {
                    let path = long.source().path.clone();
                    Unreadable::because_of(long.id(), path.as_deref().map(Path::new), &error)
                }),
                // A reader has none.
                Item::Record(_) => continue,
            });
        }
    }
}

/// How a source holds documents, by its beginning where nothing else says so.
fn format(source: &Source, head: &[u8]) -> Format {
    if head.starts_with(PARQUET) {
        return Format::Parquet;
    }
    match source.format {
        Some(format) => format,
        None if html::is_page(head) => Format::Html,
        None => Format::Text,
    }
}

/// A temporary file; an error says where it was to be.
pub(super) fn temporary() -> io::Result<File> {
    tempfile::tempfile().map_err(|error| {
        let place = std::env::temp_dir();
        io::Error::new(
            error.kind(),
            format!("a temporary file in `{}`: {error}", place.display()),
        )
    })
}

/// A file with what is left of a stream: Parquet is read from its end.
fn spooled(mut input: Stream) -> io::Result<File> {
    let mut file = temporary()?;
    io::copy(&mut input, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// The document of a short text.
pub(super) fn text(source: &Source, bytes: Vec<u8>, options: &ReadOptions) -> Result<Document, Unreadable> {
    let decoded = match encoding::decode(&bytes, options.encoding, None) {
        Err((code, message)) => {
            return Err(Unreadable::new(&source.id, source.path.as_deref(), code, message).with_bytes(&bytes));
        }
        Ok((Cow::Owned(text), encoding)) => Some((text, encoding)),
        // What is UTF-8 already need not lie in memory twice.
        Ok((Cow::Borrowed(text), encoding)) if text.len() < bytes.len() => Some((text.to_owned(), encoding)),
        Ok((Cow::Borrowed(_), _)) => None,
    };
    let path = source.path.as_ref().map(|path| path.display().to_string());
    let (text, encoding) = match decoded {
        Some((text, encoding)) => (text, encoding.other_than_utf8()),
        None => {
            let text = String::from_utf8(bytes).unwrap_or_default();
            let mut document = Document::new(&source.id, text);
            document.path = path;
            return Ok(document);
        }
    };
    let mut document = Document::new(&source.id, text);
    document.path = path;
    document.decoded = Some(Decoded {
        encoding,
        media_type: None,
        sha256: sha256(&bytes),
        bytes: bytes.len(),
    });
    Ok(document)
}

fn page(source: &Source, bytes: &[u8], options: &ReadOptions) -> Result<Document, Unreadable> {
    let bad = |(code, message): (&'static str, String)| {
        Unreadable::new(&source.id, source.path.as_deref(), code, message).with_bytes(bytes)
    };
    let declared = html::declared_encoding(bytes);
    let (text, encoding) = encoding::decode(bytes, options.encoding, declared).map_err(bad)?;
    let page = html::page(&text);
    if page.text.is_empty() {
        return Err(bad((
            "no-article",
            "expected a web page with text, found none".to_owned(),
        )));
    }
    let mut document = Document::new(&source.id, page.text);
    document.path = source.path.as_ref().map(|path| path.display().to_string());
    document.decoded = Some(Decoded {
        encoding: encoding.other_than_utf8(),
        media_type: Some("text/html"),
        sha256: sha256(bytes),
        bytes: bytes.len(),
    });
    document.meta = Some(page.meta).filter(|meta| !meta.is_empty());
    Ok(document)
}

#[cfg(test)]
mod tests;
