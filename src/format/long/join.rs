//! One record of the records of a document's parts.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;

use super::{LongDocument, LongRecord, Shift, Spool, add_languages, most_of};
use crate::format::{ErrorRecord, Record, RunRecord, SCHEMA};

/// Takes the records of a document's parts, in order, and makes one of them.
pub(crate) struct Joiner {
    document: Arc<LongDocument>,
    parts: Vec<Shift>,
    next: Shift,
    spool: Spool<Record>,
    names: Names,
    errors: Vec<ErrorRecord>,
    /// Bytes of sentences by language.
    languages: BTreeMap<String, usize>,
}

impl Joiner {
    /// # Errors
    ///
    /// When no temporary file can be made.
    pub(crate) fn new(document: Arc<LongDocument>) -> io::Result<Self> {
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
        // The first paragraph of a later part is no title.
        if !self.parts.is_empty() {
            for segment in part.segments.iter_mut().filter(|segment| segment.kind == "title") {
                "paragraph".clone_into(&mut segment.kind);
            }
        }
        self.parts.push(self.next);
        self.next.pass(&part, text);
        add_languages(&mut self.languages, &part.sentences);
        for error in &part.errors {
            if !self.errors.contains(error) {
                self.errors.push(error.clone());
            }
        }
        self.spool.add(&part)
    }

    /// The record, after the last part; `text` is whether it carries the document's.
    pub(crate) fn finish(self, run: RunRecord, text: bool) -> LongRecord {
        LongRecord {
            head: Record {
                schema: SCHEMA.to_owned(),
                id: self.document.id.clone(),
                source: self.document.source.clone(),
                text: text.then(String::new),
                language: most_of(&self.languages),
                segments: Vec::new(),
                sentences: Vec::new(),
                translations: Vec::new(),
                entities: Vec::new(),
                errors: self.errors,
                meta: self.document.meta.clone(),
                run,
            },
            text: text.then(|| Arc::clone(&self.document.text)),
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
