//! Texts that lie in temporary files.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::parts::{PART, first};
use crate::format::temporary::Temporary;
use crate::provenance::hexadecimal;

/// A text in a temporary file, with the parts in which it is worked on.
pub(crate) struct SpooledText {
    file: Mutex<Temporary>,
    parts: Vec<Range<usize>>,
}

impl SpooledText {
    pub(crate) fn new(text: &str) -> io::Result<Self> {
        let mut file = Temporary::new()?;
        file.file.write_all(text.as_bytes())?;
        Ok(Self {
            file: Mutex::new(file),
            parts: super::parts(text),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.parts.last().map_or(0, |part| part.end)
    }

    /// The parts, in order and without gaps.
    pub(crate) fn parts(&self) -> &[Range<usize>] {
        &self.parts
    }

    /// The text of a part.
    pub(crate) fn part(&self, part: &Range<usize>) -> io::Result<String> {
        let mut text = String::with_capacity(part.len());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.file.seek(SeekFrom::Start(part.start as u64))?;
        (&file.file).take(part.len() as u64).read_to_string(&mut text)?;
        Ok(text)
    }

    /// The text of all parts.
    pub(crate) fn whole(&self) -> io::Result<String> {
        self.part(&(0..self.len()))
    }

    fn write_json(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(b"\"")?;
        for part in &self.parts {
            let quoted = serde_json::to_string(&self.part(part)?)?;
            // The quotation marks around each part are not those of the whole.
            output.write_all(quoted.get(1..quoted.len() - 1).unwrap_or_default().as_bytes())?;
        }
        output.write_all(b"\"")
    }
}

impl std::fmt::Debug for SpooledText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpooledText")
            .field("bytes", &self.len())
            .finish_non_exhaustive()
    }
}

/// Writes the text of a long record as a JSON string, or `null`.
pub(super) fn write_json(text: Option<&Arc<SpooledText>>, output: &mut dyn Write) -> io::Result<()> {
    match text {
        None => output.write_all(b"null"),
        Some(text) => text.write_json(output),
    }
}

/// Puts a text of more than [`WHOLE`](super::WHOLE) bytes, which comes in pieces, into a temporary file.
pub(crate) struct TextWriter {
    file: Temporary,
    parts: Vec<Range<usize>>,
    /// Where the next part starts, and what there is of it.
    start: usize,
    rest: String,
    hasher: Sha256,
}

impl TextWriter {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            file: Temporary::new()?,
            parts: Vec::new(),
            start: 0,
            rest: String::new(),
            hasher: Sha256::new(),
        })
    }

    /// How many bytes there are so far.
    pub(crate) fn len(&self) -> usize {
        self.start + self.rest.len()
    }

    /// The SHA-256 of the text so far, hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        hexadecimal(&self.hasher.clone().finalize())
    }

    pub(crate) fn push(&mut self, piece: &str) -> io::Result<()> {
        self.file.file.write_all(piece.as_bytes())?;
        self.hasher.update(piece);
        self.rest.push_str(piece);
        let mut from = 0;
        while let Some(length) = self.rest.get(from..).and_then(|rest| first(rest, PART)) {
            self.parts.push(self.start..self.start + length);
            self.start += length;
            from += length;
        }
        self.rest.drain(..from);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> SpooledText {
        if !self.rest.is_empty() {
            self.parts.push(self.start..self.start + self.rest.len());
        }
        SpooledText {
            file: Mutex::new(self.file),
            parts: self.parts,
        }
    }

    /// Copies all that was written, where it turned out to be no such text.
    pub(crate) fn copy_to(&mut self, output: &mut dyn Write) -> io::Result<()> {
        self.file.file.rewind()?;
        io::copy(&mut self.file.file, output).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_pieces_has_the_parts_of_the_whole() {
        let text = "Le bac est en retard. 👩 Personne ne sait pourquoi.\n\n".repeat(40_000);
        let whole = SpooledText::new(&text).unwrap();
        let mut writer = TextWriter::new().unwrap();
        let mut rest = text.as_str();
        for size in [1, 70_000, 300_000, 1_000_000].into_iter().cycle() {
            let end = (size..)
                .find(|&end| rest.is_char_boundary(end.min(rest.len())))
                .unwrap();
            let (piece, left) = rest.split_at(end.min(rest.len()));
            writer.push(piece).unwrap();
            rest = left;
            if rest.is_empty() {
                break;
            }
        }
        let pieces = writer.finish();
        assert_eq!(pieces.parts(), whole.parts());
        let joined: String = pieces
            .parts()
            .iter()
            .map(|part| pieces.part(part).unwrap())
            .collect();
        assert!(joined == text);
    }
}
