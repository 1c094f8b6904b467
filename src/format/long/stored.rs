//! Records as they are read back: whole where they are short, part by part where they are long.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io::{self, BufRead, Read};
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::fields;
use super::parts::PART;
use super::spool::Values;
use super::text::SpooledText;
use super::{LongRecord, Shift, Spool, WHOLE, add_languages, most_of, shift};
use crate::format::{
    EntityRecord, Record, SCHEMA, SegmentRecord, SentenceRecord, Sink, SourceRecord, TranslationRecord,
};
use crate::provenance::sha256;

/// A line that is longer is not read into memory as a whole.
const LINE: usize = 4 << 20;

/// A record that was read back.
#[derive(Debug)]
pub enum StoredRecord {
    /// One of a document of at most 1 MiB of text.
    Whole(Box<Record>),
    /// A longer one, in temporary files.
    Long(Box<LongRecord>),
}

impl StoredRecord {
    /// The record; of a long one, all but its text and layers.
    pub fn head(&self) -> &Record {
        match self {
            Self::Whole(record) => record,
            Self::Long(long) => long.head(),
        }
    }

    /// Writes the record to a format.
    ///
    /// # Errors
    ///
    /// As [`Sink::write`] and [`Sink::write_long`].
    pub fn write_to(&mut self, sink: &mut dyn Sink) -> io::Result<()> {
        match self {
            Self::Whole(record) => sink.write(record),
            Self::Long(long) => sink.write_long(long),
        }
    }

    /// The record itself, or the parts of a long one, each a record that stands for itself.
    ///
    /// # Errors
    ///
    /// When a part cannot be read back, and what `each` returns.
    pub fn parts(&mut self, each: &mut dyn FnMut(&Record) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::Whole(record) => each(record),
            Self::Long(long) => long.parts(each),
        }
    }
}

impl TryFrom<Record> for StoredRecord {
    type Error = io::Error;

    /// Puts a long record into temporary files.
    fn try_from(mut record: Record) -> io::Result<Self> {
        if !is_long(record.text.as_ref().map(String::len), record.segments.last()) {
            return Ok(Self::Whole(Box::new(record)));
        }
        let mut scan = Scan::new()?;
        let text = record.text.as_mut().map(std::mem::take);
        scan.text = text.as_deref().map(SpooledText::new).transpose()?;
        scan.segments.add_all(std::mem::take(&mut record.segments))?;
        scan.sentences.add_all(std::mem::take(&mut record.sentences))?;
        scan.translations
            .add_all(std::mem::take(&mut record.translations))?;
        scan.entities.add_all(std::mem::take(&mut record.entities))?;
        scan.record(record)
    }
}

/// Whether a record is one of those whose documents are worked on in parts.
fn is_long(text: Option<usize>, last: Option<&SegmentRecord>) -> bool {
    text.unwrap_or_else(|| last.map_or(0, |segment| segment.span.end)) > WHOLE
}

/// Reads the record on the next line that is not blank: `None` at the end of the input, a message for
/// a line that holds no record. `lines` counts the lines that were read.
///
/// # Errors
///
/// When the input cannot be read on, or no temporary file can be written.
pub(crate) fn stored(
    input: &mut dyn BufRead,
    lines: &mut u64,
) -> io::Result<Option<Result<StoredRecord, String>>> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut *input).take(LINE as u64).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        *lines += 1;
        if line.len() == LINE && !line.ends_with(b"\n") {
            return long(&line, input).map(Some);
        }
        let start = (*lines == 1)
            .then(|| line.strip_prefix(b"\xef\xbb\xbf"))
            .flatten();
        let content = start.unwrap_or(&line).trim_ascii();
        if !content.is_empty() {
            return match parse(content) {
                Ok(record) => told(StoredRecord::try_from(record)).map(Some),
                Err(message) => Ok(Some(Err(message))),
            };
        }
    }
}

fn parse(line: &[u8]) -> Result<Record, String> {
    /// What there is to see before the rest is read: another schema may have other fields.
    #[derive(Deserialize)]
    struct Head {
        schema: Option<String>,
    }
    match serde_json::from_slice::<Record>(line) {
        Ok(record) if record.schema == SCHEMA => Ok(record),
        Ok(record) => Err(other_schema(Some(&record.schema))),
        Err(error) => match serde_json::from_slice::<Head>(line) {
            Ok(head) if head.schema.as_deref() != Some(SCHEMA) => Err(other_schema(head.schema.as_deref())),
            _ => Err(no_record(&error)),
        },
    }
}

fn no_record(error: &dyn fmt::Display) -> String {
    format!("expected a record of `{SCHEMA}`: {error}")
}

fn other_schema(found: Option<&str>) -> String {
    match found {
        Some(found) => format!("expected a record of the schema `{SCHEMA}`, found `{found}`"),
        None => format!("expected a record of the schema `{SCHEMA}`, found a line without `schema`"),
    }
}

/// Tells what is wrong with a record from what is wrong with a file.
fn told(record: io::Result<StoredRecord>) -> io::Result<Result<StoredRecord, String>> {
    match record {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Err(error.to_string())),
        record => record.map(Ok),
    }
}

/// Reads a long line, of which `start` was read already, without ever having all of it in memory.
fn long(start: &[u8], input: &mut dyn BufRead) -> io::Result<Result<StoredRecord, String>> {
    let mut scan = Scan::new()?;
    if let Err(error) = fields(&mut scan, start, input)? {
        return Ok(Err(no_record(&error)));
    }
    match serde_json::from_value::<Record>(Value::Object(std::mem::take(&mut scan.head))) {
        Ok(head) if head.schema != SCHEMA => Ok(Err(other_schema(Some(&head.schema)))),
        Ok(head) => told(scan.record(head)),
        Err(error) => Ok(Err(no_record(&error))),
    }
}

/// A record whose text and layers lie in temporary files.
pub(super) struct Scan {
    /// The other fields; text and layers, where they were there, as empty ones.
    pub(super) head: Map<String, Value>,
    /// The text, where there is one.
    pub(super) text: Option<SpooledText>,
    pub(super) segments: Spool<SegmentRecord>,
    pub(super) sentences: Spool<SentenceRecord>,
    pub(super) translations: Spool<TranslationRecord>,
    pub(super) entities: Spool<EntityRecord>,
}

impl Scan {
    fn new() -> io::Result<Self> {
        Ok(Self {
            head: Map::new(),
            text: None,
            segments: Spool::new()?,
            sentences: Spool::new()?,
            translations: Spool::new()?,
            entities: Spool::new()?,
        })
    }

    /// The record, with all but text and layers in `head`.
    fn record(mut self, mut head: Record) -> io::Result<StoredRecord> {
        let text = self.text.take();
        let last = self.last_segment()?;
        if is_long(text.as_ref().map(SpooledText::len), last.as_ref()) {
            return Ok(StoredRecord::Long(Box::new(self.long(head, text)?)));
        }
        if let Some(text) = text {
            head.text = Some(text.whole()?);
        }
        head.segments = self.segments.values()?.take_while(|_| true)?;
        head.sentences = self.sentences.values()?.take_while(|_| true)?;
        head.translations = self.translations.values()?.take_while(|_| true)?;
        head.entities = self.entities.values()?.take_while(|_| true)?;
        Ok(StoredRecord::Whole(Box::new(head)))
    }

    fn last_segment(&mut self) -> io::Result<Option<SegmentRecord>> {
        let (mut segments, mut last) = (self.segments.values()?, None);
        while let Some(segment) = segments.next()? {
            last = Some(segment);
        }
        Ok(last)
    }

    /// Puts the layers together part by part.
    fn long(mut self, head: Record, text: Option<SpooledText>) -> io::Result<LongRecord> {
        let mut layers = Layers {
            segments: self.segments.values()?,
            sentences: self.sentences.values()?,
            translations: self.translations.values()?,
            entities: self.entities.values()?,
        };
        let (mut spool, mut parts, mut next) = (Spool::new()?, Vec::new(), Shift::default());
        match &text {
            Some(text) => {
                for range in text.parts() {
                    let surface = text.part(range)?;
                    let source = SourceRecord {
                        path: None,
                        sha256: sha256(surface.as_bytes()),
                        bytes: surface.len(),
                        encoding: None,
                        media_type: None,
                    };
                    let mut part = layers.part(&head, source, range.clone())?;
                    let at = next;
                    next.pass(&part, &surface);
                    shift(&mut part, at.back());
                    part.text = Some(surface);
                    spool.add(&part)?;
                    parts.push(at);
                }
            }
            None => {
                while let Some((mut part, begins)) = layers.textless_part(&head)? {
                    let at = Shift {
                        bytes: begins.bytes,
                        chars: begins.chars,
                        utf16: begins.utf16,
                        ..next
                    };
                    next.pass(&part, "");
                    shift(&mut part, at.back());
                    spool.add(&part)?;
                    parts.push(at);
                }
            }
        }
        layers.check_end()?;
        Ok(LongRecord {
            text: text.map(Arc::new),
            head,
            parts,
            spool,
        })
    }
}

/// The layers of a record, read side by side.
struct Layers<'a> {
    segments: Values<'a, SegmentRecord>,
    sentences: Values<'a, SentenceRecord>,
    translations: Values<'a, TranslationRecord>,
    entities: Values<'a, EntityRecord>,
}

impl Layers<'_> {
    /// What lies in a range of the text.
    fn part(&mut self, head: &Record, source: SourceRecord, range: Range<usize>) -> io::Result<Record> {
        let segments = self
            .segments
            .take_while(|segment| segment.span.start < range.end)?;
        let sentences = self
            .sentences
            .take_while(|sentence| sentence.span.start < range.end)?;
        let ids: HashSet<&str> = sentences.iter().map(|sentence| sentence.id.as_str()).collect();
        let translations = self.translations.take_while(|translation| {
            let first = translation.sentences.first();
            first.is_none_or(|id| ids.contains(id.as_str()))
        })?;
        let ids: HashSet<&str> = translations.iter().map(|item| item.id.as_str()).collect();
        let entities = self.entities.take_while(|entity| match &entity.translation {
            Some(id) => ids.contains(id.as_str()),
            None => entity.span.start < range.end,
        })?;
        let mut languages = BTreeMap::new();
        add_languages(&mut languages, &sentences);
        Ok(Record {
            schema: head.schema.clone(),
            id: head.id.clone(),
            source,
            text: None,
            language: most_of(&languages),
            segments,
            sentences,
            translations,
            entities,
            errors: head.errors.clone(),
            meta: None,
            run: head.run.clone(),
        })
    }

    /// The next part of a record without its text, which ends at a segment, and where it begins.
    fn textless_part(&mut self, head: &Record) -> io::Result<Option<(Record, Shift)>> {
        let Some(first) = self.segments.peek()? else {
            return Ok(None);
        };
        let begins = Shift {
            bytes: first.span.start,
            chars: first.span.char_start,
            utf16: first.span.utf16_start,
            ..Shift::default()
        };
        let end = begins.bytes.saturating_add(PART);
        let segments = self
            .segments
            .take_while(|segment| segment.parent.is_some() || segment.span.start < end)?;
        let end = self.segments.peek()?.map_or(usize::MAX, |next| next.span.start);
        let source = SourceRecord {
            path: None,
            sha256: String::new(),
            bytes: end.min(head.source.bytes).saturating_sub(begins.bytes),
            encoding: None,
            media_type: None,
        };
        let mut part = self.part(head, source, begins.bytes..end)?;
        part.segments.splice(0..0, segments);
        Ok(Some((part, begins)))
    }

    /// Whether all is in a part: layers that are not in the order of the text are not.
    fn check_end(&mut self) -> io::Result<()> {
        let left = [
            ("segment", self.segments.next()?.map(|item| item.id)),
            ("sentence", self.sentences.next()?.map(|item| item.id)),
            ("translation", self.translations.next()?.map(|item| item.id)),
            ("entity", self.entities.next()?.map(|item| item.id)),
        ];
        match left.into_iter().find_map(|(kind, id)| Some((kind, id?))) {
            None => Ok(()),
            Some((kind, id)) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "expected a long record with its layers in the order of its text, found the {kind} `{id}` behind its place"
                ),
            )),
        }
    }
}
