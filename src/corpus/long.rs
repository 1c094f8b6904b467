//! Reading texts of any length.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};

use super::compression::Stream;
use super::reader::temporary;
use super::{Item, ReadOptions, Source, Unreadable, encoding, reader};
use crate::document::{Decoded, Document};
use crate::format::{LongDocument, TextWriter, WHOLE};

/// Reads a text to its end: a long one into a temporary file, from whatever encoding.
pub(super) fn read(source: &Source, mut input: Stream, options: &ReadOptions) -> Result<Item, Unreadable> {
    let failed = |error: io::Error| Unreadable::because_of(&source.id, source.path.as_deref(), &error);
    let limit = options.max_bytes;
    let mut bytes = Vec::new();
    let short = limit.min(WHOLE) as u64 + 1;
    (&mut input).take(short).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limit {
        return Err(too_long(source, limit, true));
    }
    if bytes.len() <= WHOLE {
        return reader::text(source, bytes, options).map(Item::Document);
    }
    let rest = (limit - bytes.len()) as u64 + 1;
    let mut rest = (&mut input).take(rest);
    let mut text = Utf8::new().map_err(failed)?;
    let valid = text.add(&bytes).map_err(failed)?;
    let is_utf8 = options
        .encoding
        .is_none_or(|encoding| encoding.other_than_utf8().is_none());
    if valid && is_utf8 && encoding::utf16_mark(&bytes).is_none() {
        let valid = text.add_all(&mut rest).map_err(failed)?;
        if text.bytes > limit {
            return Err(too_long(source, limit, true));
        }
        // NULs without end are no text, which the decoder knows to tell.
        if valid && text.waiting.is_empty() && text.nuls * 10 <= text.bytes {
            return Ok(Item::Long(text.document(source)));
        }
    }
    let mut file = text.into_file(&mut rest).map_err(failed)?;
    if file.stream_position().map_err(failed)? > limit as u64 {
        return Err(too_long(source, limit, true));
    }
    let (text, decoded) = match encoding::decode_file(&mut file, options.encoding).map_err(failed)? {
        Ok(decoded) => decoded,
        Err((code, message)) => return Err(undecodable(source, &mut file, code, message).map_err(failed)?),
    };
    let document = document(source, decoded);
    let is_short = text.len() <= WHOLE;
    let long = LongDocument::of_text(document, text.finish());
    match is_short {
        true => Ok(Item::Document(long.load().map_err(failed)?)),
        false => Ok(Item::Long(long)),
    }
}

/// What stands in the place of a text that cannot be decoded, with the hash of its bytes.
fn undecodable(
    source: &Source,
    file: &mut File,
    code: &'static str,
    message: String,
) -> io::Result<Unreadable> {
    let mut unreadable = Unreadable::new(&source.id, source.path.as_deref(), code, message);
    (unreadable.sha256, unreadable.bytes) = encoding::hash(file)?;
    Ok(unreadable)
}

/// A document without its text.
fn document(source: &Source, decoded: Decoded) -> Document {
    let mut document = Document::new(source.id.clone(), "");
    document.path = source.path.as_ref().map(|path| path.display().to_string());
    document.decoded = Some(decoded);
    document
}

/// What is said of a document above the limit, which an option may raise.
pub(super) fn too_long(source: &Source, limit: usize, raisable: bool) -> Unreadable {
    let option = if raisable { " (`--max-document`)" } else { "" };
    let message = format!("expected a document of at most {limit} bytes{option}, found a longer one");
    Unreadable::new(&source.id, source.path.as_deref(), "too-long", message)
}

/// Bytes that are UTF-8 so far.
struct Utf8 {
    text: TextWriter,
    bytes: usize,
    nuls: usize,
    /// The beginning of a character, or what is none.
    waiting: Vec<u8>,
}

impl Utf8 {
    fn new() -> io::Result<Self> {
        Ok(Self {
            text: TextWriter::new()?,
            bytes: 0,
            nuls: 0,
            waiting: Vec::new(),
        })
    }

    /// Adds bytes; `false` where they are no UTF-8.
    fn add(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.bytes += bytes.len();
        self.nuls += bytes.iter().filter(|byte| **byte == 0).count();
        self.waiting.extend_from_slice(bytes);
        let waiting = std::mem::take(&mut self.waiting);
        let (valid, error) = match std::str::from_utf8(&waiting) {
            Ok(_) => (waiting.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        let (valid, rest) = waiting.split_at(valid);
        self.text.push(std::str::from_utf8(valid).unwrap_or_default())?;
        self.waiting = rest.to_vec();
        Ok(!error)
    }

    /// Adds all of a stream, for as long as it is UTF-8.
    fn add_all(&mut self, input: &mut dyn io::Read) -> io::Result<bool> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match input.read(&mut buffer) {
                Ok(0) => return Ok(true),
                Ok(length) => {
                    if !self.add(&buffer[..length])? {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn document(self, source: &Source) -> LongDocument {
        let decoded = Decoded {
            sha256: self.text.sha256(),
            bytes: self.bytes,
            ..Decoded::default()
        };
        LongDocument::of_text(document(source, decoded), self.text.finish())
    }

    /// A file with all bytes, and with what is left of the stream.
    fn into_file(mut self, rest: &mut dyn io::Read) -> io::Result<File> {
        let mut file = temporary()?;
        self.text.copy_to(&mut file)?;
        file.write_all(&self.waiting)?;
        io::copy(rest, &mut file)?;
        Ok(file)
    }
}
