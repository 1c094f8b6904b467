//! The record of a document that is too long to be in memory as a whole.

mod document;
mod fields;
mod join;
mod json;
mod line;
mod parts;
mod spool;
mod stored;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::AddAssign;
use std::sync::Arc;

use serde::Serialize;

pub use document::LongDocument;
pub(crate) use join::Joiner;
pub(crate) use json::{Json, JsonError};
pub(crate) use line::Line;
pub(crate) use parts::{WHOLE, parts};
use spool::Spool;
pub use stored::StoredRecord;
pub(crate) use stored::stored;
use text::SpooledText;
pub(crate) use text::TextWriter;

use super::{Record, SentenceRecord, SpanRecord};

/// A record whose layers lie in a temporary file, part by part.
///
/// The document was cut into parts of whole paragraphs, each of which was worked on as a document of
/// its own. Written as JSON, the record has the shape of any other: offsets count from the start of
/// the document, ids are unique in it, and a thing that is named in several parts has one id.
pub struct LongRecord {
    /// All but text and layers.
    head: Record,
    text: Option<Arc<SpooledText>>,
    parts: Vec<Shift>,
    spool: Spool<Record>,
}

/// What comes before a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shift {
    bytes: usize,
    chars: usize,
    utf16: usize,
    segments: usize,
    sentences: usize,
    translations: usize,
    entities: usize,
}

impl LongRecord {
    /// The record without its text and its layers.
    pub fn head(&self) -> &Record {
        &self.head
    }

    /// Hands out the parts, each as a record that stands for itself: `ID#1`, `ID#2` and so on, with
    /// offsets counted from the start of the part. Only ids of entities are those of the whole.
    ///
    /// # Errors
    ///
    /// When a part cannot be read back, and what `each` returns.
    pub fn parts(&mut self, each: &mut dyn FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        let mut parts = self.spool.values()?;
        let mut number = 0;
        while let Some(mut part) = parts.next()? {
            number += 1;
            part.id = format!("{}#{number}", self.head.id);
            each(&part)?;
        }
        Ok(())
    }

    /// Writes the record as a JSON object, like any other.
    ///
    /// # Errors
    ///
    /// When a part cannot be read back, or the output cannot be written.
    pub fn write_json(&mut self, output: &mut dyn Write) -> io::Result<()> {
        let head = &self.head;
        write!(output, "{{\"schema\":")?;
        json(output, &head.schema)?;
        field(output, "id", &head.id)?;
        field(output, "source", &head.source)?;
        write!(output, ",\"text\":")?;
        text::write_json(self.text.as_ref(), output)?;
        field(output, "language", &head.language)?;
        let parts = &self.parts;
        layer(output, "segments", parts, &mut self.spool, |part| part.segments)?;
        layer(output, "sentences", parts, &mut self.spool, |part| part.sentences)?;
        layer(output, "translations", parts, &mut self.spool, |part| {
            part.translations
        })?;
        layer(output, "entities", parts, &mut self.spool, |part| part.entities)?;
        field(output, "errors", &head.errors)?;
        if let Some(meta) = &head.meta {
            field(output, "meta", meta)?;
        }
        field(output, "run", &head.run)?;
        output.write_all(b"}")
    }
}

fn json<T: Serialize + ?Sized>(output: &mut dyn Write, value: &T) -> io::Result<()> {
    serde_json::to_writer(output, value).map_err(io::Error::from)
}

fn field<T: Serialize + ?Sized>(output: &mut dyn Write, name: &str, value: &T) -> io::Result<()> {
    write!(output, ",\"{name}\":")?;
    json(output, value)
}

fn layer<T: Serialize>(
    output: &mut dyn Write,
    name: &str,
    shifts: &[Shift],
    spool: &mut Spool<Record>,
    of: impl Fn(Record) -> Vec<T>,
) -> io::Result<()> {
    write!(output, ",\"{name}\":[")?;
    let mut first = true;
    let mut parts = spool.values()?;
    for by in shifts {
        let Some(mut part) = parts.next()? else { break };
        shift(&mut part, *by);
        for item in of(part) {
            if !std::mem::take(&mut first) {
                output.write_all(b",")?;
            }
            json(output, &item)?;
        }
    }
    output.write_all(b"]")
}

/// Makes ids and offsets of a part those of the whole document.
fn shift(part: &mut Record, by: Shift) {
    let aligned: Vec<String> = (part.translations.iter())
        .filter(|translation| translation.span.is_some())
        .map(|translation| translation.id.clone())
        .collect();
    for segment in &mut part.segments {
        segment.id = moved(&segment.id, by.segments);
        segment.parent = segment.parent.as_deref().map(|parent| moved(parent, by.segments));
        segment.span += by;
    }
    for sentence in &mut part.sentences {
        sentence.id = moved(&sentence.id, by.sentences);
        sentence.segment = moved(&sentence.segment, by.segments);
        sentence.span += by;
    }
    for entity in &mut part.entities {
        entity.id = moved(&entity.id, by.entities);
        let translation = entity.translation.take();
        if translation.as_ref().is_none_or(|id| aligned.contains(id)) {
            entity.span += by;
        }
        entity.translation = translation.map(|id| moved(&id, by.translations));
    }
    for translation in &mut part.translations {
        translation.id = moved(&translation.id, by.translations);
        for sentence in &mut translation.sentences {
            *sentence = moved(sentence, by.sentences);
        }
        if let Some(span) = &mut translation.span {
            *span += by;
        }
    }
}

/// An id such as `s17` with its number raised; it wraps around, so that a shift can be taken back.
fn moved(id: &str, by: usize) -> String {
    let digits = id.trim_start_matches(|character: char| !character.is_ascii_digit());
    let kind = &id[..id.len() - digits.len()];
    digits.parse::<usize>().map_or_else(
        |_| id.to_owned(),
        |number| format!("{kind}{}", number.wrapping_add(by)),
    )
}

impl Shift {
    /// The shift back: numbers wrap around.
    fn back(self) -> Self {
        Self {
            bytes: self.bytes.wrapping_neg(),
            chars: self.chars.wrapping_neg(),
            utf16: self.utf16.wrapping_neg(),
            segments: self.segments.wrapping_neg(),
            sentences: self.sentences.wrapping_neg(),
            translations: self.translations.wrapping_neg(),
            entities: self.entities.wrapping_neg(),
        }
    }

    /// Goes on to what comes behind a part with this text.
    fn pass(&mut self, part: &Record, text: &str) {
        self.bytes += text.len();
        self.chars += text.chars().count();
        self.utf16 += text.encode_utf16().count();
        self.segments += part.segments.len();
        self.sentences += part.sentences.len();
        self.translations += part.translations.len();
        self.entities += part.entities.len();
    }
}

/// Adds the bytes of sentences by language, of those that are in one.
fn add_languages(bytes: &mut BTreeMap<String, usize>, sentences: &[SentenceRecord]) {
    for sentence in sentences.iter().filter(|sentence| sentence.language != "und") {
        let length = sentence.span.end.saturating_sub(sentence.span.start);
        *bytes.entry(sentence.language.clone()).or_default() += length;
    }
}

/// The language of most bytes.
fn most_of(bytes: &BTreeMap<String, usize>) -> String {
    let most = bytes
        .iter()
        .max_by_key(|&(language, bytes)| (bytes, std::cmp::Reverse(language)));
    most.map_or("und", |(language, _)| language).to_owned()
}

impl AddAssign<Shift> for SpanRecord {
    fn add_assign(&mut self, by: Shift) {
        for (offset, by) in [
            (&mut self.start, by.bytes),
            (&mut self.end, by.bytes),
            (&mut self.char_start, by.chars),
            (&mut self.char_end, by.chars),
            (&mut self.utf16_start, by.utf16),
            (&mut self.utf16_end, by.utf16),
        ] {
            *offset = offset.wrapping_add(by);
        }
    }
}

impl std::fmt::Debug for LongRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LongRecord")
            .field("id", &self.head.id)
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}
