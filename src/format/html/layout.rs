//! What a page shows of a record, with everything resolved: a record may come from anywhere, so
//! offsets that do not fit its text and ids that name nothing are left out here, and counted.

use std::collections::HashMap;
use std::ops::Range;

use super::nest::Mark;
use crate::format::{Record, SegmentRecord, SpanRecord, TranslationRecord};

/// What can be marked in a text; outer before inner where spans are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A quote: its segment.
    Quote(usize),
    /// A passage that renders another one: its translation.
    Passage(usize),
    /// A sentence.
    Sentence(usize),
    /// A mention of a named thing: its entity.
    Name(usize),
}

/// A row of the page: a top-level segment, or text that belongs to none.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its segment.
    pub segment: Option<usize>,
    /// Its text.
    pub range: Range<usize>,
    /// The parts of a post, in order: their segments.
    pub parts: Vec<(usize, Range<usize>)>,
    /// The quotes in it.
    pub quotes: Vec<usize>,
    /// The translations whose source begins in it.
    pub translations: Vec<usize>,
}

/// A named thing of the document.
#[derive(Clone, Debug, Default)]
pub struct Thing {
    /// Its mentions: entities, in the order of the record.
    pub mentions: Vec<usize>,
}

/// A record, resolved.
#[derive(Debug)]
pub struct Layout<'a> {
    /// The record.
    pub record: &'a Record,
    /// Its text; empty where it was left out.
    pub text: &'a str,
    /// Rows by start.
    pub rows: Vec<Row>,
    /// Translations whose source stands nowhere.
    pub loose: Vec<usize>,
    /// Marks of the text.
    pub marks: Vec<Mark<What>>,
    /// Marks of each translation's text.
    pub rendered: Vec<Vec<Mark<What>>>,
    /// The translations of each sentence.
    pub renderings: Vec<Vec<usize>>,
    /// The first sentence of each translation.
    pub first: Vec<Option<usize>>,
    /// The thing of each entity.
    pub thing_of: Vec<usize>,
    /// Things by their first mention.
    pub things: Vec<Thing>,
    /// Whether each entity is marked somewhere.
    pub shown: Vec<bool>,
    /// Spans that do not fit their text.
    pub misfits: usize,
}

impl<'a> Layout<'a> {
    /// Resolves a record.
    pub fn new(record: &'a Record) -> Self {
        let mut layout = Self {
            record,
            text: record.text.as_deref().unwrap_or_default(),
            rows: Vec::new(),
            loose: Vec::new(),
            marks: Vec::new(),
            rendered: vec![Vec::new(); record.translations.len()],
            renderings: vec![Vec::new(); record.sentences.len()],
            first: vec![None; record.translations.len()],
            thing_of: Vec::with_capacity(record.entities.len()),
            things: Vec::new(),
            shown: vec![false; record.entities.len()],
            misfits: 0,
        };
        layout.resolve_sentences();
        layout.resolve_things();
        layout.mark_text();
        layout.mark_names();
        layout.lay_rows();
        layout.place_translations();
        layout
    }

    /// Where a translation stands in the document, if it does.
    pub fn passage(&self, translation: &TranslationRecord) -> Option<Range<usize>> {
        visible(self.text, &translation.span?)
    }

    fn resolve_sentences(&mut self) {
        let record = self.record;
        let index = by_id(record.sentences.iter().map(|sentence| sentence.id.as_str()));
        for (at, translation) in record.translations.iter().enumerate() {
            for sentence in &translation.sentences {
                if let Some(&sentence) = index.get(sentence.as_str()) {
                    self.renderings[sentence].push(at);
                    self.first[at].get_or_insert(sentence);
                }
            }
        }
    }

    fn resolve_things(&mut self) {
        let mut index = HashMap::new();
        for (at, entity) in self.record.entities.iter().enumerate() {
            let thing = *index.entry(entity.entity.as_str()).or_insert(self.things.len());
            if thing == self.things.len() {
                self.things.push(Thing::default());
            }
            self.things[thing].mentions.push(at);
            self.thing_of.push(thing);
        }
    }

    fn mark_text(&mut self) {
        let record = self.record;
        for (at, segment) in record.segments.iter().enumerate() {
            if segment.kind == "quote" {
                self.mark(&segment.span, What::Quote(at));
            }
        }
        for (at, sentence) in record.sentences.iter().enumerate() {
            self.mark(&sentence.span, What::Sentence(at));
        }
        for (at, translation) in record.translations.iter().enumerate() {
            if let Some(span) = &translation.span {
                self.mark(span, What::Passage(at));
            }
        }
    }

    fn mark(&mut self, span: &SpanRecord, what: What) {
        // Without the text nothing is wrong with the offsets.
        if self.record.text.is_none() {
            return;
        }
        match visible(self.text, span) {
            Some(range) => self.marks.push(Mark { range, what }),
            None => self.misfits += 1,
        }
    }

    fn mark_names(&mut self) {
        let record = self.record;
        let translations = by_id(
            record
                .translations
                .iter()
                .map(|translation| translation.id.as_str()),
        );
        for (at, entity) in record.entities.iter().enumerate() {
            let what = What::Name(at);
            let Some(translation) = &entity.translation else {
                self.mark(&entity.span, what);
                self.shown[at] = self.marks.last().is_some_and(|mark| mark.what == what);
                continue;
            };
            let range = translations.get(translation.as_str()).and_then(|&index| {
                let rendering = record.translations.get(index)?;
                Some((index, within(rendering, &entity.span)?))
            });
            match range {
                Some((index, range)) => {
                    self.rendered[index].push(Mark { range, what });
                    self.shown[at] = true;
                }
                None => self.misfits += 1,
            }
        }
        self.share_names();
    }

    /// Shows the names of a passage also where it stands beside its source.
    fn share_names(&mut self) {
        for (at, translation) in self.record.translations.iter().enumerate() {
            let Some(passage) = self.passage(translation).filter(|_| self.rendered[at].is_empty()) else {
                continue;
            };
            if self.text.get(passage.clone()) != Some(translation.text.as_str()) {
                continue;
            }
            let inside = |mark: &&Mark<What>| {
                matches!(mark.what, What::Name(_))
                    && passage.start <= mark.range.start
                    && mark.range.end <= passage.end
            };
            self.rendered[at] = self
                .marks
                .iter()
                .filter(inside)
                .map(|mark| Mark {
                    range: mark.range.start - passage.start..mark.range.end - passage.start,
                    what: mark.what,
                })
                .collect();
        }
    }

    fn lay_rows(&mut self) {
        let record = self.record;
        let index = by_id(record.segments.iter().map(|segment| segment.id.as_str()));
        let is_top = |segment: &SegmentRecord| {
            let parent = segment.parent.as_deref();
            parent.is_none_or(|parent| !index.contains_key(parent)) && segment.kind != "quote"
        };
        let mut tops = Vec::new();
        for (at, segment) in record.segments.iter().enumerate() {
            match fitting(self.text, &segment.span) {
                Some(range) if is_top(segment) => tops.push((range.start, at, range)),
                // Quotes were counted when they were marked.
                None if segment.kind != "quote" && record.text.is_some() => self.misfits += 1,
                _ => {}
            }
        }
        tops.sort_by_key(|&(start, at, _)| (start, at));
        let mut cursor = 0;
        for (start, at, range) in tops {
            self.gap(cursor, start);
            let start = start.max(cursor);
            if start < range.end {
                self.rows.push(Row::new(Some(at), start..range.end));
                cursor = range.end;
            }
        }
        self.gap(cursor, self.text.len());
        self.fill_rows();
    }

    /// Text between segments is blank in what diglot writes; in what comes from elsewhere it must not vanish.
    fn gap(&mut self, start: usize, end: usize) {
        let gap = self.text.get(start..end).unwrap_or_default();
        let blank = gap.len() - gap.trim_start().len();
        if blank < gap.len() {
            let start = start + blank;
            self.rows
                .push(Row::new(None, start..start + gap[blank..].trim_end().len()));
        }
    }

    fn fill_rows(&mut self) {
        for (at, segment) in self.record.segments.iter().enumerate() {
            let Some(range) = visible(self.text, &segment.span) else {
                continue;
            };
            let Some(row) = self.row_at(range.start) else {
                continue;
            };
            let row = &mut self.rows[row];
            match segment.kind.as_str() {
                "quote" => row.quotes.push(at),
                "post-body" | "post-media" | "post-signature" if row.segment != Some(at) => {
                    let start = range
                        .start
                        .max(row.parts.last().map_or(row.range.start, |part| part.1.end));
                    let end = range.end.min(row.range.end);
                    if start < end {
                        row.parts.push((at, start..end));
                    }
                }
                _ => {}
            }
        }
    }

    fn row_at(&self, byte: usize) -> Option<usize> {
        let after = self.rows.partition_point(|row| row.range.start <= byte);
        let row = after.checked_sub(1)?;
        (byte < self.rows[row].range.end).then_some(row)
    }

    fn place_translations(&mut self) {
        for (at, first) in self.first.clone().into_iter().enumerate() {
            let start = first.and_then(|sentence| {
                let span = &self.record.sentences.get(sentence)?.span;
                Some(visible(self.text, span)?.start)
            });
            match start.and_then(|start| self.row_at(start)) {
                Some(row) => self.rows[row].translations.push(at),
                None => self.loose.push(at),
            }
        }
    }
}

impl Row {
    fn new(segment: Option<usize>, range: Range<usize>) -> Self {
        Self {
            segment,
            range,
            parts: Vec::new(),
            quotes: Vec::new(),
            translations: Vec::new(),
        }
    }
}

/// The bytes of a span, if it lies in `text` on the bounds of characters and is not empty.
pub fn fitting(text: &str, span: &SpanRecord) -> Option<Range<usize>> {
    let range = span.start..span.end;
    text.get(range.clone())
        .filter(|piece| !piece.is_empty())
        .map(|_| range)
}

/// The same from its first character that is not white space: what stands between rows and between the parts of a
/// post is not written where it is blank, and no anchor can stand there.
fn visible(text: &str, span: &SpanRecord) -> Option<Range<usize>> {
    let range = fitting(text, span)?;
    let blank = text.get(range.clone())?;
    let blank = blank.len() - blank.trim_start().len();
    (blank < range.len()).then(|| range.start + blank..range.end)
}

/// Where an entity stands in a rendering's own text: offsets count in the document where that was aligned.
fn within(translation: &TranslationRecord, span: &SpanRecord) -> Option<Range<usize>> {
    let base = translation.span.map_or(0, |span| span.start);
    let (start, end) = (span.start.checked_sub(base)?, span.end.checked_sub(base)?);
    fitting(&translation.text, &SpanRecord { start, end, ..*span })
}

fn by_id<'a>(ids: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    ids.enumerate().map(|(at, id)| (id, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::fake;

    fn rows(record: &Record) -> Vec<(String, String)> {
        let layout = Layout::new(record);
        let kind = |row: &Row| {
            row.segment
                .map_or("-".to_owned(), |at| record.segments[at].kind.clone())
        };
        layout
            .rows
            .iter()
            .map(|row| {
                (
                    kind(row),
                    layout.text[row.range.clone()].chars().take(8).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn top_level_segments_become_rows() {
        let rows = rows(&fake::plain());
        let kinds: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(kinds, ["header", "title", "paragraph", "post"]);
    }

    #[test]
    fn posts_have_parts_and_paragraphs_quotes() {
        let record = fake::plain();
        let layout = Layout::new(&record);
        assert_eq!(layout.rows[2].quotes, [3]);
        let parts: Vec<usize> = layout.rows[3].parts.iter().map(|part| part.0).collect();
        assert_eq!(parts, [5, 6, 7]);
        assert_eq!(layout.rows[3].translations, [0, 1]);
        assert_eq!(layout.misfits, 0);
    }

    #[test]
    fn a_passage_has_its_names_on_both_sides() {
        let record = fake::plain();
        let layout = Layout::new(&record);
        let names: Vec<&str> = layout.rendered[0]
            .iter()
            .map(|mark| &record.translations[0].text[mark.range.clone()])
            .collect();
        assert_eq!(names, ["Vallombre"]);
    }

    #[test]
    fn every_mark_of_a_bad_record_fits_its_text_and_the_rest_is_counted() {
        let record = fake::nasty();
        let layout = Layout::new(&record);
        assert!(
            layout
                .marks
                .iter()
                .all(|mark| layout.text.get(mark.range.clone()).is_some())
        );
        for (translation, marks) in record.translations.iter().zip(&layout.rendered) {
            assert!(
                marks
                    .iter()
                    .all(|mark| translation.text.get(mark.range.clone()).is_some())
            );
        }
        // A segment past the end, entities inside a character, past the end, backwards, and on no translation.
        assert_eq!(layout.misfits, 5);
        assert_eq!(layout.loose, [3]);
    }

    #[test]
    fn text_outside_of_all_segments_is_kept() {
        let mut record = fake::plain();
        record.segments.truncate(2);
        assert_eq!(
            rows(&record).last().unwrap(),
            &("-".to_owned(), "The brid".to_owned())
        );
    }

    #[test]
    fn without_its_text_a_record_has_no_rows_and_no_misfits() {
        let mut record = fake::plain();
        record.text = None;
        let layout = Layout::new(&record);
        assert!(layout.rows.is_empty() && layout.misfits == 0);
        assert_eq!(layout.loose, [0, 1]);
    }
}
