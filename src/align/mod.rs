//! Finding the target-language rendering that a document already holds of a foreign passage.

mod author;
mod chrf;
mod clause;
mod contrast;
mod evidence;
mod figures;
mod frame;
mod lexicon;
mod names;
mod numbers;
mod passage;
mod polarity;
mod roles;
mod spot;
mod words;

use std::ops::Range;

use crate::Span;

pub use lexicon::{Lexicon, WordTranslation};
pub use passage::{PassageAligner, Thresholds};

/// A sentence of the foreign side of a document.
#[derive(Clone, Copy, Debug)]
pub struct SourceSentence<'a> {
    /// The sentence.
    pub text: &'a str,
    /// Its machine translation, where there is one.
    pub translation: Option<&'a str>,
    /// The passage (post, quote, paragraph) that it stands in: sentences of different passages are never joined.
    pub passage: usize,
    /// The author of the passage, where known.
    pub author: Option<&'a str>,
}

/// A sentence of the target-language side of a document.
///
/// Targets may overlap: a sentence and the quote inside it can both be given.
#[derive(Clone, Copy, Debug)]
pub struct TargetSentence<'a> {
    /// The sentence.
    pub text: &'a str,
    /// Where `text` stands in the document.
    pub span: Span,
    /// The passage that it stands in: sentences of different passages are never joined.
    pub passage: usize,
    /// The paragraph around the passage, for hints: who is named near it.
    pub surroundings: &'a str,
}

/// A foreign passage and its rendering in the same document.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Indexes of the source sentences, one or several in a row.
    pub source: Range<usize>,
    /// Indexes of the target sentences, one or several in a row.
    pub target: Range<usize>,
    /// Where the rendering stands in the document: the target sentences, or the part of one that
    /// renders the source (what is quoted, what is reported after `that`).
    pub span: Span,
    /// How well the two match, `0.0..=1.0`.
    pub score: f32,
    /// `score` over the mean score of the runners-up: what the decision was made on.
    pub margin: f32,
}

/// Matches the foreign sentences of a document with its target-language sentences.
///
/// Precision comes first: a wrong match is worse than none.
pub trait Aligner: Send + Sync {
    /// The links found, ordered by source. No source sentence is in two of them and no two spans
    /// overlap; two links may lie in different parts of one target sentence.
    fn align(&self, source: &[SourceSentence<'_>], target: &[TargetSentence<'_>]) -> Vec<Link>;
}
