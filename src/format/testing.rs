//! Records and files in memory, for tests.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::{
    Counts, EntityRecord, Files, Offsets, OutputFormat, OutputOptions, Record, RunRecord, SCHEMA,
    SegmentRecord, SentenceRecord, SourceRecord, SpanRecord, TranslationRecord, open,
};
use crate::Span;

/// A record of one paragraph; sentences and renderings are added by the tests.
pub(super) fn record(id: &str, text: &str) -> Record {
    Record {
        schema: SCHEMA.to_owned(),
        id: id.to_owned(),
        source: SourceRecord {
            path: None,
            sha256: String::new(),
            bytes: text.len(),
            encoding: None,
            media_type: None,
        },
        text: Some(text.to_owned()),
        language: "en".to_owned(),
        segments: vec![SegmentRecord {
            id: "g0".to_owned(),
            parent: None,
            kind: "post".to_owned(),
            span: span(text, 0, text.len()),
            language: "fr".to_owned(),
            confidence: 1.0,
            author: Some("Odile Farssac".to_owned()),
            handle: Some("filets_bleus".to_owned()),
            date: Some("2024-05-18".to_owned()),
            url: None,
        }],
        sentences: Vec::new(),
        translations: Vec::new(),
        entities: Vec::new(),
        errors: Vec::new(),
        meta: None,
        run: RunRecord {
            version: "0".to_owned(),
            models: Vec::new(),
            settings: BTreeMap::new(),
        },
    }
}

/// A record of one French sentence, the whole text, with a translation.
pub(super) fn pair(id: &str, source: &str, target: &str) -> Record {
    let mut record = record(id, source);
    record.add(0, source.len(), "fr", target);
    record
}

pub(super) fn entity(id: &str, label: &str, text: &str, start: usize, end: usize) -> EntityRecord {
    EntityRecord {
        id: id.to_owned(),
        text: text.get(start..end).unwrap_or_default().to_owned(),
        label: label.to_owned(),
        score: 0.9,
        translation: None,
        span: span(text, start, end),
        entity: "x0".to_owned(),
    }
}

pub(super) fn span(text: &str, start: usize, end: usize) -> SpanRecord {
    SpanRecord::new(Span::new(start, end), &Offsets::new(text))
}

impl Record {
    /// Adds a sentence and its translation into English.
    pub(super) fn add(&mut self, start: usize, end: usize, language: &str, target: &str) {
        let text = self.text.clone().unwrap_or_default();
        let number = self.sentences.len();
        self.sentences.push(SentenceRecord {
            id: format!("s{number}"),
            segment: "g0".to_owned(),
            span: span(&text, start, end),
            language: language.to_owned(),
            confidence: 1.0,
        });
        self.translations.push(TranslationRecord {
            id: format!("t{number}"),
            sentences: vec![format!("s{number}")],
            language: "en".to_owned(),
            text: target.to_owned(),
            origin: "translated".to_owned(),
            score: -0.5,
            span: None,
            model: Some("test/fr-en".to_owned()),
            alignment: None,
            flags: Vec::new(),
        });
    }

    /// Marks the first place of `surface` on the source, or on a translation.
    pub(super) fn mark(&mut self, surface: &str, label: &str, translation: Option<&str>) {
        let on = match translation {
            None => self.text.clone().unwrap_or_default(),
            Some(id) => {
                let found = self.translations.iter().find(|item| item.id == id);
                found.map(|item| item.text.clone()).unwrap_or_default()
            }
        };
        let start = on.find(surface).unwrap();
        let id = format!("e{}", self.entities.len());
        let mut entity = entity(&id, label, &on, start, start + surface.len());
        entity.translation = translation.map(str::to_owned);
        self.entities.push(entity);
    }
}

/// Files in memory, by suffix.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

struct MemoryFile {
    files: Memory,
    name: String,
}

impl Files for Memory {
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        let before = self.0.lock().unwrap().insert(suffix.to_owned(), Vec::new());
        assert!(before.is_none(), "`{suffix}` is created once");
        Ok(Box::new(MemoryFile {
            files: self.clone(),
            name: suffix.to_owned(),
        }))
    }
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.files.0.lock().unwrap();
        files.get_mut(&self.name).unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a format makes of records: files by suffix, and the counts.
pub(super) fn written(
    format: OutputFormat,
    records: &[Record],
    options: &OutputOptions,
) -> (BTreeMap<String, String>, Counts) {
    let files = Memory::default();
    let mut sink = open(format, Box::new(files.clone()), options).unwrap();
    for record in records {
        sink.write(record).unwrap();
    }
    let counts = sink.finish().unwrap();
    let files = files.0.lock().unwrap();
    let text = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), String::from_utf8(bytes.clone()).unwrap());
    (files.iter().map(text).collect(), counts)
}
