//! What the model is given of a sentence, at first and when that went wrong.

use super::long::halves;
use super::mask::{Hiding, Masked, Numbers, Sentence};
use super::restore::{Restored, restore};
use super::{Flag, LanguagePair, ProtectedKind, Translation, check};
use crate::Span;

/// A sentence on its way through the model.
pub(super) struct Plan<'a> {
    pub sentence: Sentence<'a>,
    /// What of it has to be translated, in order; what is between is kept.
    pub parts: Vec<Part>,
}

impl<'a> Plan<'a> {
    /// A first attempt for each of `ranges`, hiding the usual numbers.
    pub fn new(
        sentence: Sentence<'a>,
        ranges: &[Span],
        fits: impl Fn(&Sentence<'_>, Span, Hiding) -> bool,
    ) -> Self {
        let part = |range: &Span| {
            let fits = fits(&sentence, *range, Hiding::FIRST);
            let piece = Piece::new(&sentence, *range, Hiding::FIRST, fits);
            Part {
                range: *range,
                attempts: vec![vec![piece]],
            }
        };
        let parts = ranges.iter().map(part).collect();
        Self { sentence, parts }
    }

    /// What the model has to read next.
    pub fn waiting(&self) -> impl Iterator<Item = &str> {
        let pieces = self.parts.iter().flat_map(|part| &part.attempts).flatten();
        pieces.filter_map(|piece| piece.waits().map(|masked| masked.text.as_str()))
    }

    /// Takes the outputs for all of [`Plan::waiting`] off `outputs`.
    pub fn accept(&mut self, outputs: &mut impl Iterator<Item = Translation>, pair: LanguagePair) {
        let pieces = self
            .parts
            .iter_mut()
            .flat_map(|part| &mut part.attempts)
            .flatten();
        for piece in pieces {
            if let Some(masked) = piece.waits() {
                piece.done = outputs
                    .next()
                    .map(|output| Done::new(&self.sentence, masked, output, pair));
            }
        }
    }

    /// Adds attempts for the parts whose first one has something wrong that another may not have.
    pub fn plan_second_attempts(&mut self, fits: impl Fn(&Sentence<'_>, Span, Hiding) -> bool) {
        let sentence = &self.sentence;
        for part in &mut self.parts {
            for (ranges, hiding) in part.second_attempts(sentence) {
                if ranges.iter().all(|range| fits(sentence, *range, hiding)) {
                    let pieces = ranges
                        .into_iter()
                        .map(|range| Piece::new(sentence, range, hiding, true));
                    part.attempts.push(pieces.collect());
                }
            }
        }
    }
}

/// Fewer tokens are not worth another attempt in two halves.
const SPLITTABLE_TOKENS: usize = 6;

/// A stretch of a sentence that goes to the model whole, if it fits.
pub(super) struct Part {
    range: Span,
    /// Ways to translate it, each in one or more pieces that together are the part.
    attempts: Vec<Vec<Piece>>,
}

impl Part {
    /// What to try after the first attempt: other numbers hidden, or two halves; with the terms hidden that
    /// the first one did not render.
    fn second_attempts(&self, sentence: &Sentence<'_>) -> Vec<(Vec<Span>, Hiding)> {
        let mut attempts = Vec::new();
        let first = self.attempts.iter().flatten().next();
        let Some((masked, done)) = first.and_then(Piece::translated) else {
            return attempts;
        };
        let hiding = |numbers| Hiding {
            numbers,
            terms: done.lost_terms,
        };
        let hides_numbers = masked
            .slots
            .iter()
            .any(|slot| (slot.kind.is_number() || slot.kind == ProtectedKind::Name) && slot.symbol.is_some());
        let breaks_off = done.has(Flag::Repetition) || done.has(Flag::Truncated);
        if hides_numbers && (done.restored.repaired > 0 || breaks_off) {
            attempts.push((vec![self.range], hiding(Numbers::Shown)));
        }
        if done.has(Flag::NumberMismatch) && !sentence.symbols.is_empty() {
            attempts.push((vec![self.range], hiding(Numbers::Hidden)));
        }
        if breaks_off && masked.text.split_whitespace().count() >= SPLITTABLE_TOKENS {
            let halves = halves(sentence.text, self.range, &sentence.protected);
            attempts.extend(halves.map(|halves| (halves.to_vec(), hiding(Numbers::Usual))));
        }
        if done.lost_terms != 0 && attempts.is_empty() {
            attempts.push((vec![self.range], hiding(Numbers::Usual)));
        }
        attempts
    }

    /// The attempt with the least wrong with it, the first of equals.
    pub fn best(&self) -> &[Piece] {
        let wrong = |attempt: &&Vec<Piece>| -> usize {
            attempt
                .iter()
                .filter_map(|piece| piece.done.as_ref())
                .map(Done::badness)
                .sum()
        };
        self.attempts.iter().min_by_key(wrong).map_or(&[], Vec::as_slice)
    }
}

/// What the model reads at once.
pub(super) struct Piece {
    pub range: Span,
    /// `None` where there is nothing to translate, or the model cannot read it.
    masked: Option<Masked>,
    done: Option<Done>,
}

impl Piece {
    fn new(sentence: &Sentence<'_>, range: Span, hiding: Hiding, fits: bool) -> Self {
        let masked = (fits && sentence.has_words(range)).then(|| sentence.mask(range, hiding));
        Self {
            range,
            masked,
            done: None,
        }
    }

    /// What the model has to read, where it has not yet.
    fn waits(&self) -> Option<&Masked> {
        self.masked.as_ref().filter(|_| self.done.is_none())
    }

    /// What the model read and what became of it.
    pub fn translated(&self) -> Option<(&Masked, &Done)> {
        self.masked.as_ref().zip(self.done.as_ref())
    }
}

/// A piece that the model translated.
pub(super) struct Done {
    pub output: Translation,
    pub restored: Restored,
    /// What is wrong with the piece on its own.
    flags: Vec<Flag>,
    /// The terms of the glossary that it does not render, a bit for each.
    lost_terms: u64,
}

impl Done {
    fn new(sentence: &Sentence<'_>, masked: &Masked, output: Translation, pair: LanguagePair) -> Self {
        let mut restored = restore(sentence, masked, &output);
        let (source, after) = sentence.text[masked.range.start()..].split_at(masked.range.len());
        restored.end_as(source, after);
        let mut flags = check(source, &restored.text, pair, None);
        flags.extend(&output.flags);
        Self {
            lost_terms: sentence.lost_terms(masked.range, &restored.text),
            output,
            restored,
            flags,
        }
    }

    fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// How much is wrong: what loops or breaks off is worse than a wrong number, that is worse than a wrong
    /// term, and that is worse than something put back at its place.
    fn badness(&self) -> usize {
        let of_flag = |flag: &Flag| match flag {
            Flag::Truncated | Flag::Repetition => 100,
            Flag::ProtectedLost => 20,
            _ => 10,
        };
        let terms = 8 * self.lost_terms.count_ones() as usize;
        let flags: usize = self.flags.iter().map(of_flag).sum();
        flags + terms + 3 * self.restored.guessed + self.restored.repaired
    }
}
