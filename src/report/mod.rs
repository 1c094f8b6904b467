//! What a corpus of records holds, in numbers, tables and plots: `diglot report`.
//!
//! A [`Report`] takes records one after the other and keeps counts of them, never the records; so its
//! memory does not grow with the corpus. [`Report::numbers`] gives what it counted, and [`page`] makes a
//! self-contained HTML page of that.

mod count;
mod histogram;
mod html;
mod names;
mod numbers;
mod plot;

use std::collections::{BTreeMap, HashMap};
use std::io;

pub use histogram::{Bin, Histogram};
pub use html::page;
pub use names::NameCount;
pub use numbers::{ErrorCount, LanguageCount, Numbers, OriginCount};

use count::{Capped, words};
use histogram::Scale;
use names::{Named, Names};

use crate::format::{Record, StoredRecord, TranslationRecord};

/// Counts over records.
///
/// ```
/// use diglot::corpus::Unreadable;
/// use diglot::provenance::Run;
/// use diglot::report::Report;
///
/// let mut report = Report::new();
/// let missing = Unreadable::new("a.txt", None, "unreadable", "no such file");
/// report.add(&missing.record(&Run::default()));
/// let numbers = report.numbers(10);
/// assert_eq!(numbers.documents, 1);
/// assert_eq!(numbers.errors["unreadable"].documents, 1);
/// ```
#[derive(Debug)]
pub struct Report {
    numbers: Numbers,
    languages: Capped<LanguageCount>,
    kinds: Capped<u64>,
    origins: Capped<OriginCount>,
    flags: Capped<u64>,
    errors: Capped<ErrorCount>,
    made_with: Capped<u64>,
    names: Names,
}

impl Default for Report {
    fn default() -> Self {
        Self::new()
    }
}

impl Report {
    /// A report of nothing.
    pub fn new() -> Self {
        Self::with_cap(NAMES)
    }

    /// A report that keeps at most `cap` different names at a time. See [`Numbers::names_missed`].
    pub fn with_cap(cap: usize) -> Self {
        Self {
            numbers: Numbers::new(),
            languages: Capped::default(),
            kinds: Capped::default(),
            origins: Capped::default(),
            flags: Capped::default(),
            errors: Capped::default(),
            made_with: Capped::default(),
            names: Names::new(cap),
        }
    }

    /// Counts one more record.
    pub fn add(&mut self, record: &Record) {
        let mut document = OneDocument::default();
        self.add_layers(record, &mut document);
        self.add_document(record, &document);
    }

    /// Counts one more record that was read back, a long one part by part.
    ///
    /// # Errors
    ///
    /// When a part of a long one cannot be read.
    pub fn add_stored(&mut self, record: &mut StoredRecord) -> io::Result<()> {
        let mut document = OneDocument::default();
        record.parts(&mut |part| {
            self.add_layers(part, &mut document);
            Ok(())
        })?;
        self.add_document(record.head(), &document);
        Ok(())
    }

    fn add_layers(&mut self, record: &Record, document: &mut OneDocument) {
        let numbers = &mut self.numbers;
        numbers.segments += record.segments.len() as u64;
        numbers.sentences += record.sentences.len() as u64;
        numbers.translations += record.translations.len() as u64;
        numbers.mentions += record.entities.len() as u64;
        document.flagged |= record.translations.iter().any(|one| !one.flags.is_empty());
        document.words += self.add_segments(record);
        self.add_sentences(record);
        for translation in &record.translations {
            self.add_translation(translation);
        }
        for entity in &record.entities {
            self.numbers.entity_scores.add(f64::from(entity.score));
        }
        self.names.add(&record.entities, &mut document.names);
    }

    /// Counts a line or row that is no record.
    pub fn add_unread(&mut self) {
        self.numbers.unread += 1;
    }

    /// What was counted, with the `top` most frequent names of each label.
    pub fn numbers(&self, top: usize) -> Numbers {
        let mut numbers = self.numbers.clone();
        numbers.languages = self.languages.counts();
        numbers.kinds = self.kinds.counts();
        numbers.origins = self.origins.counts();
        numbers.flags = self.flags.counts();
        numbers.errors = self.errors.counts();
        numbers.made_with = self.made_with.counts();
        numbers.names = self.names.top(top);
        numbers.names_missed = self.names.missed();
        numbers
    }

    fn add_document(&mut self, record: &Record, document: &OneDocument) {
        if record.text.is_some() {
            self.numbers.lengths.add(document.words as f64);
        }
        let numbers = &mut self.numbers;
        numbers.documents += 1;
        numbers.bytes += record.source.bytes as u64;
        numbers.without_text += u64::from(record.text.is_none());
        numbers.failed += u64::from(!record.errors.is_empty());
        numbers.flagged += u64::from(document.flagged);
        self.languages.get(&record.language).documents += 1;
        let codes: std::collections::BTreeSet<&str> =
            record.errors.iter().map(|error| error.code.as_str()).collect();
        for code in codes {
            self.errors.get(code).documents += 1;
        }
        for error in &record.errors {
            self.errors.get(&error.code).errors += 1;
        }
        *self.made_with.get(&format!("diglot {}", record.run.version)) += 1;
        for model in &record.run.models {
            *self
                .made_with
                .get(&format!("{} {} {}", model.role, model.name, model.sha256)) += 1;
        }
    }

    fn add_segments(&mut self, record: &Record) -> u64 {
        for segment in &record.segments {
            *self.kinds.get(&segment.kind) += 1;
            // A post is counted by its parts.
            if segment.kind != "post" {
                self.languages.get(&segment.language).segments += 1;
            }
        }
        record.text.as_deref().map_or(0, words)
    }

    fn add_sentences(&mut self, record: &Record) {
        let text = record.text.as_deref().unwrap_or_default();
        for sentence in &record.sentences {
            let count = text.get(sentence.span.start..sentence.span.end).map_or(0, words);
            let language = self.languages.get(&sentence.language);
            language.sentences += 1;
            language.words += count;
            self.numbers.words += count;
            if sentence.language != "und" {
                self.numbers.confidences.add(f64::from(sentence.confidence));
            }
        }
        let language_of: HashMap<&str, &str> = record
            .sentences
            .iter()
            .map(|sentence| (sentence.id.as_str(), sentence.language.as_str()))
            .collect();
        for translation in &record.translations {
            let first = translation.sentences.first().map(String::as_str);
            let from = first.and_then(|id| language_of.get(id)).unwrap_or(&"und");
            self.languages.get(from).rendered += 1;
        }
    }

    fn add_translation(&mut self, translation: &TranslationRecord) {
        let origin = origin(translation);
        let count = self.origins.get(origin);
        count.translations += 1;
        count.words += words(&translation.text);
        count.flagged += u64::from(!translation.flags.is_empty());
        for flag in &translation.flags {
            *self.flags.get(flag) += 1;
        }
        let score = f64::from(translation.score);
        match origin {
            "aligned" => self.numbers.aligned_scores.add(score),
            "translated" => self.numbers.translated_scores.add(score),
            _ => {}
        }
    }
}

/// What is counted once a document, over its parts.
#[derive(Default)]
struct OneDocument {
    words: u64,
    flagged: bool,
    names: Named,
}

/// Different names that are kept at a time: about 30 MB.
const NAMES: usize = 200_000;

fn origin(translation: &TranslationRecord) -> &str {
    match translation.origin.as_str() {
        "translated" if translation.model.is_none() => "no model",
        origin => origin,
    }
}

/// The histograms of a report, empty.
impl Numbers {
    fn new() -> Self {
        Self {
            documents: 0,
            unread: 0,
            without_text: 0,
            bytes: 0,
            words: 0,
            segments: 0,
            sentences: 0,
            translations: 0,
            mentions: 0,
            failed: 0,
            flagged: 0,
            languages: BTreeMap::new(),
            kinds: BTreeMap::new(),
            origins: BTreeMap::new(),
            flags: BTreeMap::new(),
            errors: BTreeMap::new(),
            made_with: BTreeMap::new(),
            names: BTreeMap::new(),
            names_missed: 0,
            lengths: Histogram::new(Scale::Doubling { bins: 24 }),
            confidences: Histogram::new(Scale::Linear {
                from: 0.0,
                to: 1.0,
                bins: 20,
            }),
            aligned_scores: Histogram::new(Scale::Linear {
                from: 0.0,
                to: 1.0,
                bins: 20,
            }),
            // A mean log probability below -4 is less than 2 % a token: nothing that one reads.
            translated_scores: Histogram::new(Scale::Linear {
                from: -4.0,
                to: 0.0,
                bins: 20,
            }),
            entity_scores: Histogram::new(Scale::Linear {
                from: 0.0,
                to: 1.0,
                bins: 20,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
