//! The document and the layers of spans that the stages add to it.

use std::fmt;

use serde_json::{Map, Value};

use crate::entity::Label;
use crate::translate::Flag;
use crate::{Language, Span};

/// A text to work on, with the name it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The document's id in the output.
    pub id: String,
    /// The text, as it was read; it never changes.
    pub text: String,
    /// The file it came from, where there is one.
    pub path: Option<String>,
    /// What the text was decoded from, where that is something else than the text itself in UTF-8.
    pub decoded: Option<Decoded>,
    /// Further fields that came with the document, passed through to its record.
    pub meta: Option<Meta>,
}

/// Fields that are passed through, by name, in their order.
pub type Meta = Map<String, Value>;

/// The bytes that a text was decoded or extracted from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The encoding, by its WHATWG name in lower case; `None` for UTF-8.
    pub encoding: Option<&'static str>,
    /// What the text was extracted from: `text/html`; `None` for plain text.
    pub media_type: Option<&'static str>,
    /// The SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// How many bytes there were.
    pub bytes: usize,
}

impl Document {
    /// A document that does not come from a file.
    pub fn new(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            path: None,
            decoded: None,
            meta: None,
        }
    }
}

/// What a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SegmentKind {
    /// Metadata at the top: a date line.
    Header,
    /// The title.
    Title,
    /// A paragraph of prose.
    Paragraph,
    /// Quoted speech inside a paragraph, without its marks.
    Quote,
    /// A social post: the parent of its body, media link and signature.
    Post,
    /// What the post says.
    PostBody,
    /// The post's media link.
    PostMedia,
    /// Who posted it and when.
    PostSignature,
}

impl SegmentKind {
    /// The kind as records carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Title => "title",
            Self::Paragraph => "paragraph",
            Self::Quote => "quote",
            Self::Post => "post",
            Self::PostBody => "post-body",
            Self::PostMedia => "post-media",
            Self::PostSignature => "post-signature",
        }
    }
}

impl fmt::Display for SegmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A piece of the document with its language.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// The index of the segment that holds this one.
    pub parent: Option<usize>,
    /// What it is.
    pub kind: SegmentKind,
    /// Where it stands.
    pub span: Span,
    /// Its language.
    pub language: Language,
    /// Estimated probability that `language` is right, `0.0..=1.0`.
    pub confidence: f32,
    /// The author's name, of a post, a signature or a quote.
    pub author: Option<String>,
    /// The author's handle without `@`.
    pub handle: Option<String>,
    /// ISO 8601 date.
    pub date: Option<String>,
    /// The link of a media piece or post.
    pub url: Option<String>,
}

/// A sentence, or the part of one that is in a single language.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The index of the innermost segment that holds it whole.
    pub segment: usize,
    /// Where it stands.
    pub span: Span,
    /// Its language.
    pub language: Language,
    /// Estimated probability that `language` is right, `0.0..=1.0`.
    pub confidence: f32,
}

/// Where the target-language text of a sentence comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// It stands in the same document, at this span.
    Aligned(Span),
    /// A model made it: the index of the model in the run's list; `None` where there is no model for the language.
    Translated(Option<usize>),
}

/// The target-language side of one or more sentences.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendering {
    /// Indexes of the sentences that it renders, in order.
    pub sentences: Vec<usize>,
    /// The language of `text`.
    pub language: Language,
    /// The rendering.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The aligner's score, or the mean log probability of the model's tokens.
    pub score: f32,
    /// Word alignment: indexes of white-space separated tokens, source then rendering.
    pub alignment: Vec<(usize, usize)>,
    /// What is wrong with it.
    pub flags: Vec<Flag>,
}

/// A mention of a named thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    /// The rendering whose text it stands on, `None` on the source text.
    pub rendering: Option<usize>,
    /// Where it stands: in the document, or in the text of a translated rendering.
    pub span: Span,
    /// What it names.
    pub label: Label,
    /// Mean probability over its words, `0.0..=1.0`.
    pub score: f32,
    /// The id of the thing, shared by all its mentions in the document.
    pub entity: usize,
}

/// Why a stage's part of an outcome is missing or incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stage: `read`, `translate`, `entities` ...
    pub stage: &'static str,
    /// A short code for counting: `invalid-utf8`, `backend` ...
    pub code: &'static str,
    /// What happened, for people.
    pub message: String,
}

/// What the pipeline made of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The document, unchanged.
    pub document: Document,
    /// Its main language.
    pub language: Language,
    /// Segments, ordered by start, parents first.
    pub segments: Vec<Segment>,
    /// Sentences, ordered by start.
    pub sentences: Vec<Sentence>,
    /// Renderings of the foreign sentences, ordered by their first sentence.
    pub renderings: Vec<Rendering>,
    /// Entities: those on the source text by start, then those of each rendering.
    pub entities: Vec<Entity>,
    /// What went wrong; empty when all is well.
    pub failures: Vec<Failure>,
}
