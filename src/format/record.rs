//! The record: what is written for a document, `diglot/1`.

use serde::{Deserialize, Serialize};

use crate::Span;
use crate::document::{Document, Meta, Origin, Outcome};
use crate::format::Offsets;
use crate::provenance::{Run, VERSION, sha256};

/// The version of the record's shape. A change that breaks a reader raises it.
pub const SCHEMA: &str = "diglot/1";

/// One document as it is written. Offsets are half-open and counted from the first byte of the
/// text: `start`, `end` in UTF-8 bytes, `char_*` in Unicode code points, `utf16_*` in UTF-16 code units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: String,
    /// The document's id.
    pub id: String,
    /// What was read.
    pub source: SourceRecord,
    /// The text, unchanged; `None` where it was left out on request.
    pub text: Option<String>,
    /// The main language.
    pub language: String,
    /// Segments by start, parents first.
    pub segments: Vec<SegmentRecord>,
    /// Sentences by start.
    pub sentences: Vec<SentenceRecord>,
    /// Renderings in the target language, by their first sentence.
    pub translations: Vec<TranslationRecord>,
    /// Entities: on the text by start, then translation by translation.
    pub entities: Vec<EntityRecord>,
    /// What went wrong; empty when all is well.
    pub errors: Vec<ErrorRecord>,
    /// Fields that came with the document, unchanged; left out where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// What the record was made with.
    pub run: RunRecord,
}

/// What records carry beyond what they always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    /// The text of the document.
    pub text: bool,
    /// Word alignments of translations.
    pub word_alignment: bool,
}

impl Default for RecordOptions {
    /// The text, and no word alignments.
    fn default() -> Self {
        Self {
            text: true,
            word_alignment: false,
        }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// The file, where there is one.
    pub path: Option<String>,
    /// The SHA-256 of the bytes that were read, hexadecimal: those of the text, where it was neither
    /// decoded from another encoding nor extracted.
    pub sha256: String,
    /// How many bytes these are.
    pub bytes: usize,
    /// The encoding of these bytes, left out for UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What the text was extracted from, left out for plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// A segment of the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are those of the record's table and of `Segment`"
)]
pub struct SegmentRecord {
    pub id: String,
    pub parent: Option<String>,
    pub kind: String,
    #[serde(flatten)]
    pub span: SpanRecord,
    pub language: String,
    pub confidence: f32,
    pub author: Option<String>,
    pub handle: Option<String>,
    pub date: Option<String>,
    pub url: Option<String>,
}

/// A sentence of the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "the fields are those of the record's table and of `Sentence`"
)]
pub struct SentenceRecord {
    pub id: String,
    pub segment: String,
    #[serde(flatten)]
    pub span: SpanRecord,
    pub language: String,
    pub confidence: f32,
}

/// A rendering of one or more sentences in the target language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranslationRecord {
    /// The translation's id.
    pub id: String,
    /// The ids of the sentences that it renders, in order.
    pub sentences: Vec<String>,
    /// The language of `text`.
    pub language: String,
    /// The rendering.
    pub text: String,
    /// `aligned` or `translated`.
    pub origin: String,
    /// The aligner's score (0 to 1), or the mean log probability of the model's tokens.
    pub score: f32,
    /// Where the rendering stands in the document, when it was aligned.
    #[serde(flatten)]
    pub span: Option<SpanRecord>,
    /// The name of the model that made it.
    pub model: Option<String>,
    /// Word alignment as `i-j` pairs over white-space tokens, separated by blanks; where asked for.
    pub alignment: Option<String>,
    /// What is wrong with it.
    pub flags: Vec<String>,
}

/// A mention of a named thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntityRecord {
    /// The mention's id.
    pub id: String,
    /// The mention as it stands in the text.
    pub text: String,
    /// `PER`, `ORG`, `LOC`, `MISC`.
    pub label: String,
    /// Mean probability over its words.
    pub score: f32,
    /// The translation that it stands on, `None` on the source text.
    pub translation: Option<String>,
    /// Where it stands: in the document, or in the text of a translation that a model made.
    #[serde(flatten)]
    pub span: SpanRecord,
    /// The id of the thing, shared by all its mentions in the document.
    pub entity: String,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of `Failure`")]
pub struct ErrorRecord {
    pub stage: String,
    pub code: String,
    pub message: String,
}

/// What a record was made with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The version of diglot.
    pub version: String,
    /// The models.
    pub models: Vec<ModelRecord>,
    /// The settings that change results.
    pub settings: std::collections::BTreeMap<String, String>,
}

/// A model of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of `ModelInfo`")]
pub struct ModelRecord {
    pub role: String,
    pub name: String,
    pub sha256: String,
}

/// A span in all three units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the type says it")]
pub struct SpanRecord {
    pub start: usize,
    pub end: usize,
    pub char_start: usize,
    pub char_end: usize,
    pub utf16_start: usize,
    pub utf16_end: usize,
}

impl SpanRecord {
    /// A span of the text that `offsets` was made for.
    pub fn new(span: Span, offsets: &Offsets<'_>) -> Self {
        Self {
            start: span.start(),
            end: span.end(),
            char_start: offsets.chars(span.start()),
            char_end: offsets.chars(span.end()),
            utf16_start: offsets.utf16(span.start()),
            utf16_end: offsets.utf16(span.end()),
        }
    }
}

impl Record {
    /// The record of an outcome of `run`, with what records carry by default.
    pub fn new(outcome: &Outcome, run: &Run) -> Self {
        Self::with_options(outcome, run, RecordOptions::default())
    }

    /// The record of an outcome of `run`, with what `options` say.
    pub fn with_options(outcome: &Outcome, run: &Run, options: RecordOptions) -> Self {
        let text = &outcome.document.text;
        let offsets = Offsets::new(text);
        Self {
            schema: SCHEMA.to_owned(),
            id: outcome.document.id.clone(),
            source: SourceRecord::new(&outcome.document),
            text: options.text.then(|| text.clone()),
            language: outcome.language.to_string(),
            segments: segments(outcome, &offsets),
            sentences: sentences(outcome, &offsets),
            translations: translations(outcome, run, &offsets, options.word_alignment),
            entities: entities(outcome, &offsets),
            errors: outcome.failures.iter().map(ErrorRecord::from).collect(),
            meta: outcome.document.meta.clone(),
            run: RunRecord::from(run),
        }
    }
}

impl SourceRecord {
    /// What a document was made of.
    pub fn new(document: &Document) -> Self {
        let decoded = document.decoded.as_ref();
        Self {
            path: document.path.clone(),
            sha256: decoded.map_or_else(
                || sha256(document.text.as_bytes()),
                |decoded| decoded.sha256.clone(),
            ),
            bytes: decoded.map_or(document.text.len(), |decoded| decoded.bytes),
            encoding: decoded.and_then(|decoded| decoded.encoding).map(str::to_owned),
            media_type: decoded.and_then(|decoded| decoded.media_type).map(str::to_owned),
        }
    }
}

impl From<&crate::document::Failure> for ErrorRecord {
    fn from(failure: &crate::document::Failure) -> Self {
        Self {
            stage: failure.stage.to_owned(),
            code: failure.code.to_owned(),
            message: failure.message.clone(),
        }
    }
}

impl From<&Run> for RunRecord {
    fn from(run: &Run) -> Self {
        let model = |info: &crate::provenance::ModelInfo| ModelRecord {
            role: info.role.to_owned(),
            name: info.name.clone(),
            sha256: info.sha256.clone(),
        };
        Self {
            version: VERSION.to_owned(),
            models: run.models.iter().map(model).collect(),
            settings: run.settings.clone(),
        }
    }
}

fn segments(outcome: &Outcome, offsets: &Offsets<'_>) -> Vec<SegmentRecord> {
    let record = |(index, segment): (usize, &crate::document::Segment)| SegmentRecord {
        id: format!("g{index}"),
        parent: segment.parent.map(|parent| format!("g{parent}")),
        kind: segment.kind.to_string(),
        span: SpanRecord::new(segment.span, offsets),
        language: segment.language.to_string(),
        confidence: rounded(segment.confidence),
        author: segment.author.clone(),
        handle: segment.handle.clone(),
        date: segment.date.clone(),
        url: segment.url.clone(),
    };
    outcome.segments.iter().enumerate().map(record).collect()
}

fn sentences(outcome: &Outcome, offsets: &Offsets<'_>) -> Vec<SentenceRecord> {
    let record = |(index, sentence): (usize, &crate::document::Sentence)| SentenceRecord {
        id: format!("s{index}"),
        segment: format!("g{}", sentence.segment),
        span: SpanRecord::new(sentence.span, offsets),
        language: sentence.language.to_string(),
        confidence: rounded(sentence.confidence),
    };
    outcome.sentences.iter().enumerate().map(record).collect()
}

fn translations(
    outcome: &Outcome,
    run: &Run,
    offsets: &Offsets<'_>,
    word_alignment: bool,
) -> Vec<TranslationRecord> {
    let record = |(index, rendering): (usize, &crate::document::Rendering)| {
        let (origin, span, model) = match rendering.origin {
            Origin::Aligned(span) => ("aligned", Some(SpanRecord::new(span, offsets)), None),
            Origin::Translated(model) => ("translated", None, model.and_then(|at| run.models.get(at))),
        };
        TranslationRecord {
            id: format!("t{index}"),
            sentences: rendering
                .sentences
                .iter()
                .map(|sentence| format!("s{sentence}"))
                .collect(),
            language: rendering.language.to_string(),
            text: rendering.text.clone(),
            origin: origin.to_owned(),
            score: rounded(rendering.score),
            span,
            model: model.map(|info| info.name.clone()),
            alignment: word_alignment.then(|| alignment(&rendering.alignment)).flatten(),
            flags: rendering.flags.iter().map(|flag| flag.to_string()).collect(),
        }
    };
    outcome.renderings.iter().enumerate().map(record).collect()
}

fn alignment(pairs: &[(usize, usize)]) -> Option<String> {
    let written: Vec<String> = pairs
        .iter()
        .map(|(source, target)| format!("{source}-{target}"))
        .collect();
    (!written.is_empty()).then(|| written.join(" "))
}

fn entities(outcome: &Outcome, offsets: &Offsets<'_>) -> Vec<EntityRecord> {
    let record = |(index, entity): (usize, &crate::document::Entity)| {
        let rendering = entity.rendering.and_then(|at| outcome.renderings.get(at));
        let made = rendering.filter(|rendering| matches!(rendering.origin, Origin::Translated(_)));
        let text = made.map_or(outcome.document.text.as_str(), |rendering| {
            rendering.text.as_str()
        });
        let span = match made {
            Some(rendering) => SpanRecord::new(entity.span, &Offsets::new(&rendering.text)),
            None => SpanRecord::new(entity.span, offsets),
        };
        EntityRecord {
            id: format!("e{index}"),
            text: entity.span.of(text).unwrap_or_default().to_owned(),
            label: entity.label.to_string(),
            score: rounded(entity.score),
            translation: entity.rendering.map(|at| format!("t{at}")),
            span,
            entity: format!("x{}", entity.entity),
        }
    };
    outcome.entities.iter().enumerate().map(record).collect()
}

/// Four decimals: enough to rank by, and the same on every processor.
fn rounded(value: f32) -> f32 {
    (value * 1e4).round() / 1e4
}
