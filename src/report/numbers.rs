//! The figures of a report, as they are written with `--json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Histogram, NameCount};

/// What was counted over a corpus. Words are those of Unicode (UAX #29), so that they can be counted
/// also where no blanks stand between them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// Records.
    pub documents: u64,
    /// Lines or rows that are no record.
    pub unread: u64,
    /// Records without their text; what is counted in words is missing for them.
    pub without_text: u64,
    /// Bytes of input.
    pub bytes: u64,
    /// Words of the sentences.
    pub words: u64,
    /// Segments, posts and their parts both counted.
    pub segments: u64,
    /// Sentences.
    pub sentences: u64,
    /// Renderings of whatever origin.
    pub translations: u64,
    /// Mentions of named things.
    pub mentions: u64,
    /// Documents with errors.
    pub failed: u64,
    /// Documents with a flag.
    pub flagged: u64,
    /// By language.
    pub languages: BTreeMap<String, LanguageCount>,
    /// Segments by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Renderings by origin: `aligned`, `translated`, `no model`.
    pub origins: BTreeMap<String, OriginCount>,
    /// Renderings by flag.
    pub flags: BTreeMap<String, u64>,
    /// Errors by code.
    pub errors: BTreeMap<String, ErrorCount>,
    /// Documents by version of diglot, and by role, name and SHA-256 of each model.
    pub made_with: BTreeMap<String, u64>,
    /// The most frequent names by label, most documents first.
    pub names: BTreeMap<String, Vec<NameCount>>,
    /// By how many documents the count of a name may be too low, because names had to be let go to
    /// keep memory bounded; 0 when the counts are exact. A name in more documents than this is never missing.
    pub names_missed: u64,
    /// Words of documents.
    pub lengths: Histogram,
    /// Confidence in the language of sentences.
    pub confidences: Histogram,
    /// Scores of aligned renderings.
    pub aligned_scores: Histogram,
    /// Scores of translations by a model: mean log probability of a token.
    pub translated_scores: Histogram,
    /// Scores of mentions.
    pub entity_scores: Histogram,
}

/// Counts for a language.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LanguageCount {
    /// Documents whose main language it is.
    pub documents: u64,
    /// Segments in it, parts of posts counted and posts not.
    pub segments: u64,
    /// Sentences in it.
    pub sentences: u64,
    /// Words of these.
    pub words: u64,
    /// Renderings of passages in it.
    pub rendered: u64,
}

/// Counts for an origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OriginCount {
    /// Renderings.
    pub translations: u64,
    /// Their words.
    pub words: u64,
    /// Those with a flag.
    pub flagged: u64,
}

/// Counts for an error code.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ErrorCount {
    /// Documents with the error.
    pub documents: u64,
    /// How often it was reported.
    pub errors: u64,
}
