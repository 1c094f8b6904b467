//! Parallel text: the pairs of a record, and the filters over them.

use super::{Record, TranslationRecord};

/// A source passage with its rendering.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<'a> {
    /// The record that it comes from.
    pub record: &'a Record,
    /// The rendering: target text, origin, score, flags, alignment.
    pub translation: &'a TranslationRecord,
    /// The source text: from the first byte of the first sentence to the last byte of the last.
    pub source: &'a str,
    /// The language of the source.
    pub language: &'a str,
}

impl Record {
    /// The pairs of this record, in order. None where the text was left out, or where a record's
    /// offsets do not fit its text.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        self.translations
            .iter()
            .filter_map(|translation| self.pair(translation))
    }

    fn pair<'a>(&'a self, translation: &'a TranslationRecord) -> Option<Pair<'a>> {
        let find = |id: &String| self.sentences.iter().find(|sentence| sentence.id == *id);
        let (first, last) = (
            find(translation.sentences.first()?)?,
            find(translation.sentences.last()?)?,
        );
        Some(Pair {
            record: self,
            translation,
            source: self.text.as_deref()?.get(first.span.start..last.span.end)?,
            language: &first.language,
        })
    }
}
