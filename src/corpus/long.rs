//! Reading texts of any length.

use std::io::{self, Read as _};

use sha2::{Digest, Sha256};

use super::compression::Stream;
use super::{ReadOptions, Source, Unreadable, encoding};
use crate::format::{LongDocument, TextWriter, WHOLE};
use crate::provenance::hexadecimal;

/// What a stream of text was read as.
pub(super) enum Read {
    /// A long text in UTF-8.
    Long(LongDocument),
    /// Bytes in memory: few, or such that have to be decoded.
    Bytes(Vec<u8>),
}

/// Reads a text to its end.
pub(super) fn read(source: &Source, mut input: Stream, options: &ReadOptions) -> Result<Read, Unreadable> {
    let failed = |error: io::Error| Unreadable::because_of(&source.id, source.path.as_deref(), &error);
    let limit = options.max_bytes;
    let mut bytes = Vec::new();
    let short = limit.min(WHOLE) as u64 + 1;
    (&mut input).take(short).read_to_end(&mut bytes).map_err(failed)?;
    let is_utf8 = options
        .encoding
        .is_none_or(|encoding| encoding.other_than_utf8().is_none());
    if bytes.len() > WHOLE && is_utf8 && encoding::utf16_mark(&bytes).is_none() {
        let mut text = Utf8::new().map_err(failed)?;
        let valid = text.add(&bytes).and_then(|valid| {
            let rest = limit.saturating_sub(bytes.len()) as u64 + 1;
            Ok(valid && text.add_all(&mut (&mut input).take(rest))?)
        });
        let valid = valid.map_err(failed)?;
        if text.bytes > limit {
            return Err(too_long(source, limit, true));
        }
        // NULs without end are no text, which the decoder knows to tell.
        if valid && text.waiting.is_empty() && text.nuls * 10 <= text.bytes {
            return Ok(Read::Long(text.document(source)));
        }
        bytes = text.into_bytes().map_err(failed)?;
    }
    let rest = limit.saturating_sub(bytes.len()) as u64 + 1;
    input.take(rest).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limit {
        return Err(too_long(source, limit, true));
    }
    Ok(Read::Bytes(bytes))
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
    hasher: Sha256,
    bytes: usize,
    nuls: usize,
    /// The beginning of a character, or what is none.
    waiting: Vec<u8>,
}

impl Utf8 {
    fn new() -> io::Result<Self> {
        Ok(Self {
            text: TextWriter::new()?,
            hasher: Sha256::new(),
            bytes: 0,
            nuls: 0,
            waiting: Vec::new(),
        })
    }

    /// Adds bytes; `false` where they are no UTF-8.
    fn add(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.hasher.update(bytes);
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
        let path = source.path.as_ref().map(|path| path.display().to_string());
        let sha256 = hexadecimal(&self.hasher.finalize());
        LongDocument::of_text(source.id.clone(), path, sha256, self.bytes, self.text.finish())
    }

    fn into_bytes(self) -> io::Result<Vec<u8>> {
        let mut bytes = self.text.into_bytes()?;
        bytes.extend(self.waiting);
        Ok(bytes)
    }
}
