//! Parallel text: the pairs of a record.

use std::collections::HashMap;

use super::{EntityRecord, Record, SegmentRecord, SentenceRecord, TranslationRecord};
use crate::Span;

/// A source passage with its rendering.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair<'a> {
    /// The record that it comes from.
    pub record: &'a Record,
    /// The rendering: target text, origin, score, flags, alignment.
    pub translation: &'a TranslationRecord,
    /// The source text: from the first byte of the first sentence to the last byte of the last.
    pub source: &'a str,
    /// The language of the source; `und` where the record's is no language code.
    pub language: &'a str,
    /// The language of the rendering; `und` where the record's is no language code.
    pub target_language: &'a str,
    /// The entities on the source text.
    pub source_mentions: Vec<Mention<'a>>,
    /// The entities on the rendering.
    pub target_mentions: Vec<Mention<'a>>,
    /// Who wrote the source, and when.
    pub byline: Byline<'a>,
}

/// An entity on one side of a pair, or in one sentence.
///
/// The mentions of a text are in order and do not overlap, and their spans lie on its character
/// boundaries: those of a record that breaks this are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mention<'a> {
    /// Where it stands, in bytes of the side's text.
    pub span: Span,
    /// What it is.
    pub entity: &'a EntityRecord,
}

/// What the segments around a passage say about its origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Byline<'a> {
    /// The author's name.
    pub author: Option<&'a str>,
    /// The author's handle without `@`.
    pub handle: Option<&'a str>,
    /// ISO 8601 date.
    pub date: Option<&'a str>,
    /// The link of the media that belongs to it.
    pub url: Option<&'a str>,
}

impl<'a> Pair<'a> {
    /// The two language codes with a hyphen between: `fr-en`.
    pub fn languages(&self) -> String {
        format!("{}-{}", self.language, self.target_language)
    }

    /// The name of the pair among all of a corpus: document id and translation id.
    pub fn id(&self) -> String {
        format!("{}/{}", self.record.id, self.translation.id)
    }

    /// Whether this is parallel text: something on both sides, in two languages.
    pub fn is_parallel(&self) -> bool {
        let untouched = self.translation.flags.iter().any(|flag| flag == "no-model");
        let blank = |text: &str| text.trim().is_empty();
        !untouched
            && self.language != self.target_language
            && !blank(self.source)
            && !blank(&self.translation.text)
    }
}

impl Record {
    /// The pairs of this record, in order. None where the text was left out, or where a record's
    /// offsets do not fit its text.
    pub fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let index = Index::new(self);
        self.translations
            .iter()
            .filter_map(move |translation| index.pair(translation))
    }

    /// Whether the record holds renderings whose source cannot be shown, since the text was left out.
    pub fn lacks_text(&self) -> bool {
        self.text.is_none() && !self.translations.is_empty()
    }
}

/// Look-ups in one record.
pub(super) struct Index<'a> {
    record: &'a Record,
    sentences: HashMap<&'a str, &'a SentenceRecord>,
    segments: HashMap<&'a str, &'a SegmentRecord>,
    /// On the source text, by start.
    on_text: Vec<&'a EntityRecord>,
    on_translations: HashMap<&'a str, Vec<&'a EntityRecord>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        let mut on_text = Vec::new();
        let mut on_translations: HashMap<&str, Vec<&EntityRecord>> = HashMap::new();
        for entity in &record.entities {
            match &entity.translation {
                Some(id) => on_translations.entry(id).or_default().push(entity),
                None => on_text.push(entity),
            }
        }
        on_text.sort_by_key(|entity| entity.span.start);
        for entities in on_translations.values_mut() {
            entities.sort_by_key(|entity| entity.span.start);
        }
        let id_of = |sentence: &'a SentenceRecord| (sentence.id.as_str(), sentence);
        Self {
            record,
            sentences: record.sentences.iter().map(id_of).collect(),
            segments: record
                .segments
                .iter()
                .map(|segment| (segment.id.as_str(), segment))
                .collect(),
            on_text,
            on_translations,
        }
    }

    /// The part of the record's text between two bytes, with its mentions.
    pub(super) fn passage(&self, start: usize, end: usize) -> Option<(&'a str, Vec<Mention<'a>>)> {
        let text = self.record.text.as_deref()?.get(start..end)?;
        let from = self.on_text.partition_point(|entity| entity.span.start < start);
        let to = self.on_text.partition_point(|entity| entity.span.start < end);
        let inside = self.on_text.get(from..to).unwrap_or_default();
        Some((text, mentions(text, start, inside)))
    }

    fn pair(&self, translation: &'a TranslationRecord) -> Option<Pair<'a>> {
        let find = |id: &String| self.sentences.get(id.as_str()).copied();
        let first = find(translation.sentences.first()?)?;
        let last = find(translation.sentences.last()?)?;
        let (source, source_mentions) = self.passage(first.span.start, last.span.end)?;
        Some(Pair {
            record: self.record,
            translation,
            source,
            language: code(&first.language),
            target_language: code(&translation.language),
            source_mentions,
            target_mentions: self.on_translation(translation),
            byline: self.byline(&first.segment),
        })
    }

    /// The mentions on a rendering. Where it stands in the document, entities count from there.
    pub(super) fn on_translation(&self, translation: &'a TranslationRecord) -> Vec<Mention<'a>> {
        let entities = self.on_translations.get(translation.id.as_str());
        let start = translation.span.map_or(0, |span| span.start);
        mentions(&translation.text, start, entities.map_or(&[], Vec::as_slice))
    }

    /// What the segment and those around it say, the innermost first.
    fn byline(&self, segment: &str) -> Byline<'a> {
        let mut byline = Byline::default();
        let mut next = self.segments.get(segment).copied();
        // A record that was tampered with may go round in circles: no chain is longer than the list.
        for _ in 0..self.record.segments.len() {
            let Some(segment) = next else { break };
            byline.author = byline.author.or(segment.author.as_deref());
            byline.handle = byline.handle.or(segment.handle.as_deref());
            byline.date = byline.date.or(segment.date.as_deref());
            byline.url = byline.url.or(segment.url.as_deref());
            next = segment
                .parent
                .as_deref()
                .and_then(|id| self.segments.get(id).copied());
        }
        byline
    }
}

/// The entities that lie in `text`, which begins at `offset`; of those that overlap, the first.
fn mentions<'a>(text: &str, offset: usize, entities: &[&'a EntityRecord]) -> Vec<Mention<'a>> {
    let mut found: Vec<Mention<'a>> = Vec::with_capacity(entities.len());
    for &entity in entities {
        let range = (
            entity.span.start.checked_sub(offset),
            entity.span.end.checked_sub(offset),
        );
        let (Some(start), Some(end)) = range else { continue };
        let after = found.last().map_or(0, |mention| mention.span.end());
        if start >= after && start < end && text.get(start..end).is_some() {
            let span = Span::new(start, end);
            found.push(Mention { span, entity });
        }
    }
    found
}

/// A language code that is safe in file names and XML: `und` for anything else.
pub(super) fn code(language: &str) -> &str {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = language.split('-').next().unwrap_or_default();
    let valid = language.split('-').all(part) && first.bytes().all(|b| b.is_ascii_alphabetic());
    if valid { language } else { "und" }
}
