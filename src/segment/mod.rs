//! From a text to its pieces: header, title, paragraphs, quotes, posts, and their sentences.

mod abbreviation;
mod article;
mod chars;
#[cfg(test)]
mod contract;
mod date;
mod enumeration;
mod head;
mod headed;
mod header;
mod lines;
mod markdown;
mod post;
mod quote;
mod quoted;
mod scanner;
mod sentence;
mod speaker;
mod stamp;
mod starter;
mod tags;

pub use article::ArticleSegmenter;
pub(crate) use date::names_french_month;
pub(crate) use quoted::without_marks;
pub use sentence::RuleSentenceSplitter;

use crate::Span;
use crate::document::SegmentKind;

/// A piece of a text: what it is, where it stands and what was read off it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What the piece is.
    pub kind: SegmentKind,
    /// Where it stands, in bytes of the text, without surrounding white space.
    pub span: Span,
    /// The index of the piece that holds this one; always smaller than its own.
    pub parent: Option<usize>,
    /// The author's name as written: of a post and its signature, of a byline, or of a quote where the
    /// text names the speaker right beside it.
    pub author: Option<String>,
    /// The author's handle, without `@`.
    pub handle: Option<String>,
    /// The date, ISO 8601 (`2023-11-14`).
    pub date: Option<String>,
    /// The link of a media piece, or the first one of a post.
    pub url: Option<String>,
}

/// Splits a text into pieces.
pub trait Segmenter: Send + Sync {
    /// The pieces of a text, ordered by start, a parent before its children. Pieces without a
    /// parent do not overlap; they and the gaps between them tile the text, and gaps hold only
    /// white space (a byte order mark counts as such), the `>` of quoted lines and the marks of Markdown
    /// around whole lines (headings, rules, emphasis).
    fn segment(&self, text: &str) -> Vec<Piece>;
}

/// Splits running text into sentences.
pub trait SentenceSplitter: Send + Sync {
    /// The sentences of a text, in order, without overlap and without surrounding white space;
    /// what is between two of them is white space. Every character that is not white space lies in a sentence.
    fn split(&self, text: &str) -> Vec<Span>;
}
