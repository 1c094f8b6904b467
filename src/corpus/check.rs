//! Whether a record agrees with itself.

use std::collections::{HashMap, HashSet};
use std::io;

use sha2::{Digest, Sha256};

use crate::Span;
use crate::format::{LongRecord, Offsets, Record, SCHEMA, SpanRecord, StoredRecord, TranslationRecord};
use crate::provenance::{hexadecimal, sha256};
use crate::segment::without_marks;

/// What is wrong with a record, each in words; nothing where all is well.
///
/// Every offset is checked in all three units, every text against the place where it stands, every id
/// against those it refers to. Without its text, a record is checked as far as that goes.
pub fn check_record(record: &Record) -> Vec<String> {
    let mut check = Check {
        problems: Vec::new(),
        text: record.text.as_deref(),
        offsets: record.text.as_deref().map(Offsets::new),
    };
    if record.schema != SCHEMA {
        check.say(format!("expected schema `{SCHEMA}`, found `{}`", record.schema));
    }
    check.source(record);
    check.ids(record);
    check.segments(record);
    check.sentences(record);
    check.translations(record);
    check.entities(record);
    check.problems
}

/// The same for a record that was read back, a long one part by part.
///
/// # Errors
///
/// When a part of a long one cannot be read.
pub fn check_stored(record: &mut StoredRecord) -> io::Result<Vec<String>> {
    match record {
        StoredRecord::Whole(record) => Ok(check_record(record)),
        StoredRecord::Long(long) => check_long(long),
    }
}

fn check_long(long: &mut LongRecord) -> io::Result<Vec<String>> {
    let mut problems = Vec::new();
    let (mut bytes, mut hasher) = (0, Sha256::new());
    let (mut parts, mut texts) = (0, 0);
    long.parts(&mut |part| {
        parts += 1;
        if let Some(text) = &part.text {
            texts += 1;
            bytes += text.len();
            hasher.update(text);
        }
        let found = check_record(part).into_iter();
        problems.extend(found.map(|problem| format!("part {parts}: {problem}")));
        Ok(())
    })?;
    let source = &long.head().source;
    // The hash of what was decoded or extracted is that of the bytes it came from.
    if texts > 0 && source.encoding.is_none() && source.media_type.is_none() {
        if source.bytes != bytes {
            let expected = source.bytes;
            problems.push(format!(
                "source: expected {expected} bytes of text, found {bytes}"
            ));
        } else if source.sha256 != hexadecimal(&hasher.finalize()) {
            problems.push("source: the text has another sha256".to_owned());
        }
    }
    Ok(problems)
}

struct Check<'a> {
    problems: Vec<String>,
    text: Option<&'a str>,
    offsets: Option<Offsets<'a>>,
}

impl<'a> Check<'a> {
    fn say(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn source(&mut self, record: &Record) {
        let source = &record.source;
        let Some(text) = self.text else { return };
        if source.encoding.is_some() || source.media_type.is_some() {
            return;
        }
        if source.bytes != text.len() {
            self.say(format!(
                "source: expected {} bytes of text, found {}",
                source.bytes,
                text.len()
            ));
        } else if source.sha256 != sha256(text.as_bytes()) {
            self.say("source: the text has another sha256".to_owned());
        }
    }

    fn ids(&mut self, record: &Record) {
        let mut seen = HashSet::new();
        let segments = record.segments.iter().map(|item| &item.id);
        let ids = segments
            .chain(record.sentences.iter().map(|item| &item.id))
            .chain(record.translations.iter().map(|item| &item.id))
            .chain(record.entities.iter().map(|item| &item.id));
        for id in ids {
            if !seen.insert(id) {
                self.say(format!("{id}: the id is not the only one of its kind"));
            }
        }
    }

    /// The text at a span of the document, whose three units must agree.
    fn slice(&mut self, id: &str, span: &SpanRecord) -> Option<&'a str> {
        let text = self.text?;
        let slice = text.get(span.start..span.end);
        let agrees = slice.is_some()
            && self
                .offsets
                .as_ref()
                .is_some_and(|offsets| SpanRecord::new(Span::new(span.start, span.end), offsets) == *span);
        if !agrees {
            self.say(format!(
                "{id}: the offsets {}..{} do not fit the text",
                span.start, span.end
            ));
        }
        slice
    }

    fn segments(&mut self, record: &Record) {
        let mut known: HashMap<&str, SpanRecord> = HashMap::new();
        let (mut end, mut start) = (0, 0);
        let plain = self.text.map(without_marks);
        for segment in &record.segments {
            self.slice(&segment.id, &segment.span);
            if segment.span.start < start {
                self.say(format!("{}: stands before the segment ahead of it", segment.id));
            }
            start = segment.span.start;
            match &segment.parent {
                Some(parent) => match known.get(parent.as_str()) {
                    Some(outer) if contains(outer, &segment.span) => {}
                    Some(_) => self.say(format!("{}: leaves its parent {parent}", segment.id)),
                    None => self.say(format!(
                        "{}: its parent {parent} does not come before it",
                        segment.id
                    )),
                },
                None => {
                    self.gap(plain.as_deref(), &segment.id, end, segment.span.start);
                    end = segment.span.end;
                }
            }
            known.insert(&segment.id, segment.span);
        }
        if record.errors.is_empty() {
            let len = self.text.map_or(end, str::len);
            self.gap(plain.as_deref(), "the end", end, len);
        }
    }

    /// Between top-level segments there is white space alone, and marks around lines, which are blanks in
    /// `plain`.
    fn gap(&mut self, plain: Option<&str>, id: &str, from: usize, to: usize) {
        let Some(text) = plain else { return };
        let blank = |character: char| character.is_whitespace() || character == '\u{feff}';
        if !text.get(from..to).is_some_and(|gap| gap.chars().all(blank)) {
            self.say(format!("{id}: segments leave out or repeat text at {from}..{to}"));
        }
    }

    fn sentences(&mut self, record: &Record) {
        let segments: HashMap<&str, &SpanRecord> = record
            .segments
            .iter()
            .map(|segment| (segment.id.as_str(), &segment.span))
            .collect();
        let mut end = 0;
        for sentence in &record.sentences {
            self.slice(&sentence.id, &sentence.span);
            if sentence.span.start < end {
                self.say(format!("{}: overlaps the sentence ahead of it", sentence.id));
            }
            end = sentence.span.end;
            match segments.get(sentence.segment.as_str()) {
                Some(segment) if contains(segment, &sentence.span) => {}
                Some(_) => self.say(format!(
                    "{}: leaves its segment {}",
                    sentence.id, sentence.segment
                )),
                None => self.say(format!(
                    "{}: there is no segment {}",
                    sentence.id, sentence.segment
                )),
            }
        }
    }

    fn translations(&mut self, record: &Record) {
        let sentences: HashMap<&str, &SpanRecord> = record
            .sentences
            .iter()
            .map(|sentence| (sentence.id.as_str(), &sentence.span))
            .collect();
        let mut rendered = HashSet::new();
        for translation in &record.translations {
            let id = &translation.id;
            if translation.sentences.is_empty() {
                self.say(format!("{id}: renders no sentence"));
            }
            for sentence in &translation.sentences {
                if !sentences.contains_key(sentence.as_str()) {
                    self.say(format!("{id}: there is no sentence {sentence}"));
                } else if !rendered.insert(sentence) {
                    self.say(format!("{id}: {sentence} is rendered more than once"));
                }
            }
            match (translation.origin.as_str(), &translation.span) {
                ("aligned", Some(span)) => {
                    if self
                        .slice(id, span)
                        .is_some_and(|slice| slice != translation.text)
                    {
                        self.say(format!("{id}: its text is not what stands at its offsets"));
                    }
                }
                ("translated", None) => {}
                (origin, _) => self.say(format!("{id}: origin `{origin}` does not go with its offsets")),
            }
            self.alignment(translation, &sentences);
        }
    }

    /// Word alignments stay within the words of both sides.
    fn alignment(&mut self, translation: &TranslationRecord, sentences: &HashMap<&str, &SpanRecord>) {
        let (Some(alignment), Some(text)) = (&translation.alignment, self.text) else {
            return;
        };
        let span = |id: Option<&String>| sentences.get(id?.as_str()).copied();
        let ends = (
            span(translation.sentences.first()),
            span(translation.sentences.last()),
        );
        let (Some(first), Some(last)) = ends else { return };
        let words = |text: &str| text.split_whitespace().count();
        let source = text.get(first.start..last.end).map_or(0, words);
        let target = words(&translation.text);
        let fits = |pair: &str| {
            let (i, j) = pair.split_once('-')?;
            Some(i.parse::<usize>().ok()? < source && j.parse::<usize>().ok()? < target)
        };
        if !alignment.split(' ').all(|pair| fits(pair) == Some(true)) {
            self.say(format!("{}: its word alignment leaves the words", translation.id));
        }
    }

    fn entities(&mut self, record: &Record) {
        let translations: HashMap<&str, &TranslationRecord> = record
            .translations
            .iter()
            .map(|item| (item.id.as_str(), item))
            .collect();
        for entity in &record.entities {
            let id = &entity.id;
            if !matches!(entity.label.as_str(), "PER" | "ORG" | "LOC" | "MISC") {
                self.say(format!("{id}: there is no label `{}`", entity.label));
            }
            let on = entity.translation.as_deref().map(|id| (id, translations.get(id)));
            let surface = match on {
                Some((translation, None)) => {
                    self.say(format!("{id}: there is no translation {translation}"));
                    continue;
                }
                Some((_, Some(translation))) if translation.origin != "aligned" => {
                    self.rendered_slice(id, translation, &entity.span)
                }
                _ => self.slice(id, &entity.span),
            };
            if surface.is_some_and(|surface| surface != entity.text) {
                self.say(format!(
                    "{id}: `{}` is not what stands at its offsets",
                    entity.text
                ));
            }
        }
    }

    fn rendered_slice<'t>(
        &mut self,
        id: &str,
        translation: &'t TranslationRecord,
        span: &SpanRecord,
    ) -> Option<&'t str> {
        let slice = translation.text.get(span.start..span.end);
        let offsets = Offsets::new(&translation.text);
        if slice.is_none() || SpanRecord::new(Span::new(span.start, span.end), &offsets) != *span {
            self.say(format!(
                "{id}: the offsets {}..{} do not fit translation {}",
                span.start, span.end, translation.id
            ));
        }
        slice
    }
}

fn contains(outer: &SpanRecord, inner: &SpanRecord) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Pipeline};

    /// A record with segments, sentences, translations, and one entity written by hand.
    fn record() -> Record {
        let pipeline = Pipeline::builder()
            .without_translation()
            .without_entities()
            .build()
            .unwrap();
        let text = "\u{feff}The ferry of Brenholt was late again this morning.\n\nPersonne ne veut lire le rapport du maire.\n";
        let mut record = Record::new(&pipeline.process(&Document::new("a", text)), pipeline.run());
        let start = text.find("Brenholt").unwrap();
        record.entities.push(crate::format::EntityRecord {
            id: "e0".to_owned(),
            text: "Brenholt".to_owned(),
            label: "LOC".to_owned(),
            score: 0.9,
            translation: None,
            span: SpanRecord::new(Span::new(start, start + 8), &Offsets::new(text)),
            entity: "x0".to_owned(),
        });
        record
    }

    /// What is found when a good record is changed in one place.
    #[track_caller]
    fn check(change: impl FnOnce(&mut Record), expected: &str) {
        let mut record = record();
        change(&mut record);
        let problems = check_record(&record);
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "expected `{expected}` in {problems:?}"
        );
    }

    #[test]
    fn what_the_pipeline_makes_is_fine() {
        assert_eq!(check_record(&record()), Vec::<String>::new());
        let mut without_text = record();
        without_text.text = None;
        assert_eq!(check_record(&without_text), Vec::<String>::new());
    }

    #[test]
    fn each_damage_is_named() {
        check(|record| record.schema = "diglot/9".to_owned(), "schema");
        check(|record| record.source.bytes += 1, "bytes of text");
        check(|record| record.source.sha256 = "0".repeat(64), "sha256");
        check(
            |record| record.sentences[1].id = "s0".to_owned(),
            "s0: the id is not the only one",
        );
        check(
            |record| record.segments[0].span.char_start += 1,
            "g0: the offsets",
        );
        check(
            |record| record.sentences[0].span.utf16_end += 1,
            "s0: the offsets",
        );
        check(|record| record.sentences[0].span.end = 9999, "s0: the offsets");
        check(
            |record| record.segments[1].parent = Some("g7".to_owned()),
            "its parent g7",
        );
        check(|record| drop(record.segments.remove(0)), "segments leave out");
        check(
            |record| drop(record.segments.pop()),
            "the end: segments leave out",
        );
        check(
            |record| record.sentences[1].segment = "g0".to_owned(),
            "s1: leaves its segment",
        );
        check(
            |record| record.sentences[1].segment = "g9".to_owned(),
            "there is no segment g9",
        );
        check(
            |record| record.translations[0].sentences[0] = "s9".to_owned(),
            "there is no sentence s9",
        );
        check(
            |record| record.translations[0].sentences.push("s1".to_owned()),
            "rendered more than once",
        );
        check(
            |record| record.translations[0].origin = "aligned".to_owned(),
            "does not go with",
        );
        check(
            |record| record.translations[0].alignment = Some("0-0 99-0".to_owned()),
            "word alignment",
        );
        check(
            |record| record.entities[0].text = "Brenhold".to_owned(),
            "`Brenhold` is not what stands",
        );
        check(
            |record| record.entities[0].label = "CITY".to_owned(),
            "no label `CITY`",
        );
        check(
            |record| record.entities[0].translation = Some("t9".to_owned()),
            "no translation t9",
        );
        check(
            |record| record.entities[0].translation = Some("t0".to_owned()),
            "is not what stands at its offsets",
        );
    }
}
