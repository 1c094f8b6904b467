//! Joining translated pieces and what is kept between them, with the word alignment of the whole.

use std::collections::BTreeSet;

use super::mask::Masked;
use super::restore::Restored;
use super::tokens::{Fragment, pairs, project, tokens, tokens_in};
use super::{Translation, quotes};
use crate::Span;
use crate::language::Language;

/// A sentence's translation as it grows from left to right.
#[derive(Debug)]
pub(super) struct Joined<'a> {
    source: &'a str,
    target: Language,
    /// How many bytes of the source are dealt with.
    read: usize,
    text: String,
    /// Stretches that stand in both as they are.
    kept: Vec<Fragment>,
    pieces: Vec<JoinedPiece<'a>>,
}

/// A translated piece and where it begins in the joined text.
#[derive(Debug)]
struct JoinedPiece<'a> {
    start: usize,
    masked: &'a Masked,
    output: &'a Translation,
    restored: &'a Restored,
}

impl<'a> Joined<'a> {
    pub fn new(source: &'a str, target: Language) -> Self {
        Self {
            source,
            target,
            read: 0,
            text: String::new(),
            kept: Vec::new(),
            pieces: Vec::new(),
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Adds the source itself up to byte `end`, with the quotation marks of the target language.
    pub fn keep_until(&mut self, end: usize) {
        let from = Span::new(self.read, end.max(self.read));
        let start = self.text.len();
        self.text
            .push_str(&quotes::written(&self.source[from.range()], self.target));
        self.kept.push(Fragment {
            from,
            to: Span::new(start, self.text.len()),
        });
        self.read = from.end();
    }

    /// Adds a translated piece, which must begin where the last ended.
    pub fn push(&mut self, masked: &'a Masked, output: &'a Translation, restored: &'a Restored) {
        self.pieces.push(JoinedPiece {
            start: self.text.len(),
            masked,
            output,
            restored,
        });
        self.text.push_str(&restored.text);
        self.read = masked.range.end();
    }

    /// The translation, without flags.
    pub fn finish(self) -> Translation {
        Translation {
            score: self.score(),
            alignment: self.alignment(),
            text: self.text,
            flags: Vec::new(),
        }
    }

    /// The mean of the pieces' scores, weighted by their tokens; 0 where nothing was translated.
    fn score(&self) -> f32 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for piece in &self.pieces {
            #[expect(clippy::cast_precision_loss, reason = "token counts are small")]
            let weight = piece.output.text.split_whitespace().count().max(1) as f32;
            sum += weight * piece.output.score;
            weights += weight;
        }
        if weights > 0.0 { sum / weights } else { 0.0 }
    }

    fn alignment(&self) -> Vec<(usize, usize)> {
        let (read, written) = (tokens(self.source), tokens(&self.text));
        let mut aligned = BTreeSet::new();
        for kept in &self.kept {
            aligned.extend(pairs(tokens_in(&read, kept.from), tokens_in(&written, kept.to)));
        }
        for piece in &self.pieces {
            piece.align(&read, &written, &mut aligned);
        }
        aligned.into_iter().collect()
    }
}

impl JoinedPiece<'_> {
    /// The model's alignment between its own tokens, as one between those of the whole texts.
    /// What was put back is aligned with itself, token by token.
    fn align(&self, read: &[Span], written: &[Span], aligned: &mut BTreeSet<(usize, usize)>) {
        let moved = |fragment: &Fragment| Fragment {
            from: fragment.from,
            to: fragment.to.shifted(self.start),
        };
        let output: Vec<_> = self.restored.fragments.iter().map(moved).collect();
        let (from, to) = (tokens(&self.masked.text), tokens(&self.output.text));
        let placed = &self.restored.slots;
        let source_slots = slots_by_token(&from, placed.iter().map(|placed| placed.slot.shown));
        let output_slots = slots_by_token(&to, placed.iter().map(|placed| placed.output));
        let from = project(&from, read, &self.masked.fragments);
        let to = project(&to, written, &output);
        for (source, target) in &self.output.alignment {
            let (Some(sources), Some(targets)) = (from.get(*source), to.get(*target)) else {
                continue;
            };
            if source_slots[*source].is_none() || source_slots[*source] != output_slots[*target] {
                let pairs = sources
                    .iter()
                    .flat_map(|source| targets.iter().map(|target| (*source, *target)));
                aligned.extend(pairs);
            }
        }
        for placed in placed {
            let sources = tokens_in(read, placed.slot.span);
            aligned.extend(pairs(
                sources,
                tokens_in(written, placed.text.shifted(self.start)),
            ));
        }
    }
}

/// For each token the first of `spans` that shares a byte with it.
fn slots_by_token(tokens: &[Span], spans: impl Iterator<Item = Span>) -> Vec<Option<usize>> {
    let mut slots = vec![None; tokens.len()];
    for (index, span) in spans.enumerate().filter(|(_, span)| !span.is_empty()) {
        for token in tokens_in(tokens, span) {
            slots[token].get_or_insert(index);
        }
    }
    slots
}
