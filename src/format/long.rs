//! The record of a document that is too long to be in memory as a whole.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::{ErrorRecord, Record, RunRecord, SCHEMA, SourceRecord, SpanRecord};
use crate::Document;

/// A record whose layers lie in a temporary file, part by part.
///
/// The document was cut into parts of whole paragraphs, each of which was worked on as a document of
/// its own. Written as JSON, the record has the shape of any other: offsets count from the start of
/// the document, ids are unique in it, and a thing that is named in several parts has one id.
pub struct LongRecord {
    document: Arc<Document>,
    /// All but text and layers.
    head: Record,
    parts: Vec<Shift>,
    spool: Spool,
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
        let id = &self.head.id;
        self.spool.read(&mut |at, mut part| {
            part.id = format!("{id}#{}", at + 1);
            each(&part)
        })
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
        // The head has the text out of the document where the record is to carry it.
        let text = head.text.as_ref().map(|_| self.document.text.as_str());
        field(output, "text", &text)?;
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
    spool: &mut Spool,
    of: impl Fn(Record) -> Vec<T>,
) -> io::Result<()> {
    write!(output, ",\"{name}\":[")?;
    let mut first = true;
    spool.read(&mut |at, mut part| {
        shift(&mut part, shifts.get(at).copied().unwrap_or_default());
        for item in of(part) {
            if !std::mem::take(&mut first) {
                output.write_all(b",")?;
            }
            json(output, &item)?;
        }
        Ok(())
    })?;
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
        // The first paragraph of a later part is no title.
        if by.bytes > 0 && segment.kind == "title" {
            "paragraph".clone_into(&mut segment.kind);
        }
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

/// An id such as `s17` with its number raised.
fn moved(id: &str, by: usize) -> String {
    let digits = id.trim_start_matches(|character: char| !character.is_ascii_digit());
    let kind = &id[..id.len() - digits.len()];
    digits
        .parse::<usize>()
        .map_or_else(|_| id.to_owned(), |number| format!("{kind}{}", number + by))
}

impl AddAssign<Shift> for SpanRecord {
    fn add_assign(&mut self, by: Shift) {
        self.start += by.bytes;
        self.end += by.bytes;
        self.char_start += by.chars;
        self.char_end += by.chars;
        self.utf16_start += by.utf16;
        self.utf16_end += by.utf16;
    }
}

/// Takes the records of a document's parts, in order, and makes one of them.
pub(crate) struct Joiner {
    document: Arc<Document>,
    parts: Vec<Shift>,
    next: Shift,
    spool: Spool,
    names: Names,
    errors: Vec<ErrorRecord>,
    /// Bytes of sentences by language.
    languages: BTreeMap<String, usize>,
}

impl Joiner {
    /// # Errors
    ///
    /// When no temporary file can be made.
    pub(crate) fn new(document: Arc<Document>) -> io::Result<Self> {
        Ok(Self {
            document,
            parts: Vec::new(),
            next: Shift::default(),
            spool: Spool::new()?,
            names: Names::default(),
            errors: Vec::new(),
            languages: BTreeMap::new(),
        })
    }

    /// Adds the record of the next part, made of `text`.
    pub(crate) fn add(&mut self, mut part: Record, text: &str) -> io::Result<()> {
        self.names.unite(&mut part);
        self.parts.push(self.next);
        self.next.bytes += text.len();
        self.next.chars += text.chars().count();
        self.next.utf16 += text.encode_utf16().count();
        self.next.segments += part.segments.len();
        self.next.sentences += part.sentences.len();
        self.next.translations += part.translations.len();
        self.next.entities += part.entities.len();
        for sentence in part
            .sentences
            .iter()
            .filter(|sentence| sentence.language != "und")
        {
            *self.languages.entry(sentence.language.clone()).or_default() +=
                sentence.span.end - sentence.span.start;
        }
        for error in &part.errors {
            if !self.errors.contains(error) {
                self.errors.push(error.clone());
            }
        }
        self.spool.add(&part)
    }

    /// The record, after the last part; `text` is whether it carries the document's.
    pub(crate) fn finish(self, run: RunRecord, text: bool) -> LongRecord {
        let most =
            (self.languages.iter()).max_by_key(|&(language, bytes)| (bytes, std::cmp::Reverse(language)));
        LongRecord {
            head: Record {
                schema: SCHEMA.to_owned(),
                id: self.document.id.clone(),
                source: SourceRecord::new(&self.document),
                text: text.then(String::new),
                language: most.map_or("und", |(language, _)| language).to_owned(),
                segments: Vec::new(),
                sentences: Vec::new(),
                translations: Vec::new(),
                entities: Vec::new(),
                errors: self.errors,
                meta: self.document.meta.clone(),
                run,
            },
            document: self.document,
            parts: self.parts,
            spool: self.spool,
        }
    }
}

/// Which thing a name stands for, over the parts of a document.
#[derive(Default)]
struct Names {
    /// By a digest of label and name, so that millions of names stay small.
    things: HashMap<u64, u64>,
    next: u64,
}

impl Names {
    /// Gives the things of a part the ids that the names of earlier parts have.
    fn unite(&mut self, part: &mut Record) {
        let digest = |label: &str, text: &str| {
            let mut hasher = DefaultHasher::new();
            (label, text.to_lowercase()).hash(&mut hasher);
            hasher.finish()
        };
        let mut known: BTreeMap<String, u64> = BTreeMap::new();
        for entity in &part.entities {
            if let Some(&thing) = self.things.get(&digest(&entity.label, &entity.text)) {
                let lowest = known.entry(entity.entity.clone()).or_insert(thing);
                *lowest = thing.min(*lowest);
            }
        }
        for entity in &mut part.entities {
            let thing = *known.entry(entity.entity.clone()).or_insert_with(|| {
                self.next += 1;
                self.next - 1
            });
            self.things
                .entry(digest(&entity.label, &entity.text))
                .or_insert(thing);
            entity.entity = format!("x{thing}");
        }
    }
}

/// Records in a temporary file.
struct Spool {
    file: BufWriter<File>,
    /// Removed when dropped, where that could not be done at once.
    path: Option<PathBuf>,
}

impl Spool {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("diglot-{}-{number}.tmp", std::process::id()));
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)?;
        // Where an open file can be removed, nothing is left whatever happens.
        let removed = cfg!(unix) && std::fs::remove_file(&path).is_ok();
        Ok(Self {
            file: BufWriter::new(file),
            path: (!removed).then_some(path),
        })
    }

    fn add(&mut self, record: &Record) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, record)?;
        self.file.write_all(b"\n")
    }

    fn read(&mut self, each: &mut dyn FnMut(usize, Record) -> io::Result<()>) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_mut().rewind()?;
        let mut reader = BufReader::new(self.file.get_ref());
        let mut line = Vec::new();
        for number in 0.. {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            each(number, serde_json::from_slice(&line)?)?;
        }
        Ok(())
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
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
