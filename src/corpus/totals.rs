//! Counts over records.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::format::{LongRecord, Record, StoredRecord};

/// What records hold, counted. Everything here can be counted again from the records alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Records, those with errors among them.
    pub documents: u64,
    /// Bytes of input that they were made of.
    pub bytes: u64,
    /// Segments.
    pub segments: u64,
    /// Sentences.
    pub sentences: u64,
    /// Translations that a model made, or that no model could make.
    pub translated: u64,
    /// Translations that the document holds itself.
    pub aligned: u64,
    /// Translations with at least one flag.
    pub flagged: u64,
    /// Mentions of entities.
    pub entities: u64,
    /// Records with at least one error.
    pub failed: u64,
    /// The same by language, in order of the codes.
    pub languages: BTreeMap<String, LanguageTotals>,
    /// Translations by flag.
    pub flags: BTreeMap<String, u64>,
    /// Errors by code.
    pub errors: BTreeMap<String, u64>,
}

/// Counts for one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageTotals {
    /// Documents whose main language it is.
    pub documents: u64,
    /// Sentences in it.
    pub sentences: u64,
    /// Translations from it that a model made.
    pub translated: u64,
    /// Translations from it that the document holds itself.
    pub aligned: u64,
}

impl Totals {
    /// Counts one more record.
    pub fn add(&mut self, record: &Record) {
        self.documents += 1;
        self.bytes += record.source.bytes as u64;
        self.segments += record.segments.len() as u64;
        self.sentences += record.sentences.len() as u64;
        self.entities += record.entities.len() as u64;
        self.failed += u64::from(!record.errors.is_empty());
        for error in &record.errors {
            *self.errors.entry(error.code.clone()).or_default() += 1;
        }
        self.language(&record.language).documents += 1;
        for sentence in &record.sentences {
            self.language(&sentence.language).sentences += 1;
        }
        self.add_translations(record);
    }

    /// Counts one more record that was read back.
    ///
    /// # Errors
    ///
    /// When a part of a long one cannot be read.
    pub fn add_stored(&mut self, record: &mut StoredRecord) -> io::Result<()> {
        match record {
            StoredRecord::Whole(record) => self.add(record),
            StoredRecord::Long(long) => *self += &Self::of_long(long)?,
        }
        Ok(())
    }

    /// The counts of one long record.
    pub(super) fn of_long(long: &mut LongRecord) -> io::Result<Self> {
        let mut totals = Self::default();
        long.parts(&mut |part| {
            totals.add(part);
            Ok(())
        })?;
        totals.make_one(long.head());
        Ok(totals)
    }

    /// Makes the sums over parts of a document those of one document, whose head this is.
    pub(super) fn make_one(&mut self, head: &Record) {
        self.documents = 1;
        self.bytes = head.source.bytes as u64;
        self.failed = u64::from(!head.errors.is_empty());
        self.errors.clear();
        for error in &head.errors {
            *self.errors.entry(error.code.clone()).or_default() += 1;
        }
        for language in self.languages.values_mut() {
            language.documents = 0;
        }
        self.language(&head.language).documents = 1;
        // Languages that only counted parts are in none of the document.
        self.languages
            .retain(|_, counts| *counts != LanguageTotals::default());
    }

    fn add_translations(&mut self, record: &Record) {
        let language_of: HashMap<&str, &str> = (record.sentences.iter())
            .map(|sentence| (sentence.id.as_str(), sentence.language.as_str()))
            .collect();
        for translation in &record.translations {
            let source = translation.sentences.first().map_or("", String::as_str);
            let of_language = self.language(language_of.get(source).unwrap_or(&"und"));
            if translation.origin == "aligned" {
                of_language.aligned += 1;
                self.aligned += 1;
            } else {
                of_language.translated += 1;
                self.translated += 1;
            }
            self.flagged += u64::from(!translation.flags.is_empty());
            for flag in &translation.flags {
                *self.flags.entry(flag.clone()).or_default() += 1;
            }
        }
    }

    fn language(&mut self, code: &str) -> &mut LanguageTotals {
        self.languages.entry(code.to_owned()).or_default()
    }
}

impl AddAssign<&Totals> for Totals {
    fn add_assign(&mut self, other: &Totals) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.segments += other.segments;
        self.sentences += other.sentences;
        self.translated += other.translated;
        self.aligned += other.aligned;
        self.flagged += other.flagged;
        self.entities += other.entities;
        self.failed += other.failed;
        for (code, more) in &other.languages {
            let language = self.language(code);
            language.documents += more.documents;
            language.sentences += more.sentences;
            language.translated += more.translated;
            language.aligned += more.aligned;
        }
        for (flag, more) in &other.flags {
            *self.flags.entry(flag.clone()).or_default() += more;
        }
        for (code, more) in &other.errors {
            *self.errors.entry(code.clone()).or_default() += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Unreadable;
    use crate::provenance::Run;
    use crate::{Document, Pipeline};

    fn records() -> Vec<Record> {
        let pipeline = Pipeline::builder()
            .without_translation()
            .without_entities()
            .build()
            .unwrap();
        let text = "The ferry was late again this morning.\n\nPersonne ne veut lire le rapport du maire.";
        vec![
            Record::new(&pipeline.process(&Document::new("a", text)), pipeline.run()),
            Unreadable::new("b", None, "unreadable", "gone").record(&Run::default()),
        ]
    }

    #[test]
    fn records_are_counted_by_language_flag_and_error() {
        let mut totals = Totals::default();
        records().iter().for_each(|record| totals.add(record));
        assert_eq!((totals.documents, totals.failed, totals.sentences), (2, 1, 2));
        assert_eq!(
            (
                totals.languages["fr"].sentences,
                totals.languages["fr"].translated
            ),
            (1, 1)
        );
        assert_eq!((totals.flags["no-model"], totals.flagged), (1, 1));
        assert_eq!(totals.errors["unreadable"], 1);
    }

    #[test]
    fn sums_of_parts_are_the_totals_of_the_whole() {
        let (mut whole, mut sum) = (Totals::default(), Totals::default());
        for record in records() {
            whole.add(&record);
            let mut part = Totals::default();
            part.add(&record);
            sum += &part;
        }
        assert_eq!(sum, whole);
    }
}
