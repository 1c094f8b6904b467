//! What the model reads of a sentence: protected spans hidden behind placeholders, shouted words
//! lowered, letters composed.

use super::careful::RareWords;
use super::glossary::Glossary;
use super::kept::kept_terms;
use super::names::spelled_names;
use super::protect::protected_spans_with;
use super::reword::{Reworded, reworded};
use super::shape::Shape;
use super::term::Term;
use super::tokens::Fragment;
use super::{LanguagePair, Protected, ProtectedKind};
use crate::{Language, Span};

/// A sentence and what was found out about it.
#[derive(Debug)]
pub(super) struct Sentence<'a> {
    pub text: &'a str,
    pub protected: Vec<Protected>,
    pub shape: Shape,
    /// The model's placeholders.
    pub symbols: &'a [String],
    /// Words with a settled rendering, outside of what is protected; at most as many as [`Hiding`] can name.
    terms: Vec<Term<'a>>,
    /// What the model reads in other words, outside of what is protected and of terms.
    reworded: Vec<Reworded>,
    /// Whether it is French that becomes English, whose grammar is known.
    pub is_french_to_english: bool,
}

/// The pair whose grammar is known.
pub(super) const FRENCH_TO_ENGLISH: LanguagePair = LanguagePair {
    source: Language::FRENCH,
    target: Language::ENGLISH,
};

/// What is known of the words of the source language.
#[derive(Clone, Copy)]
pub(super) struct Words<'a, 'f> {
    /// Whether the model has to spell a word.
    pub is_spelled: &'f dyn Fn(&str) -> bool,
    /// Whether a capitalised word has another form in the language that is written; `None` where that is not known.
    pub has_rendering: Option<&'f dyn Fn(&str) -> bool>,
    /// The languages that are read and written.
    pub pair: LanguagePair,
    /// Terms of the language that is read.
    pub glossary: Option<&'a Glossary>,
    /// How a word is rendered that the model has hardly met.
    pub rare: Option<&'f RareWords>,
}

/// What is hidden behind placeholders besides what must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hiding {
    pub numbers: Numbers,
    /// A bit for each term of the sentence.
    pub terms: u64,
}

impl Hiding {
    /// What is hidden at first: terms are left to the model.
    pub const FIRST: Self = Self {
        numbers: Numbers::Usual,
        terms: 0,
    };
}

/// Which numbers are hidden behind placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Those with separators or units; the model sees plain ones.
    Usual,
    /// None, and no names either.
    Shown,
    /// All.
    Hidden,
}

/// A part of a sentence as the model reads it.
#[derive(Clone, Debug)]
pub(super) struct Masked {
    /// The part, in bytes of the sentence.
    pub range: Span,
    /// What the model reads.
    pub text: String,
    /// From `text` to the sentence.
    pub fragments: Vec<Fragment>,
    /// What has to be found again in the output, in order.
    pub slots: Vec<Slot>,
}

/// A place of the model's input whose text must be found again in its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// What stands there, in bytes of the sentence.
    pub span: Span,
    /// Where it is in the model's input.
    pub shown: Span,
    /// The index of the placeholder that hides it; `None` where the model sees the text itself.
    pub symbol: Option<usize>,
    /// What it is. A number may have been put into words by the model.
    pub kind: ProtectedKind,
    /// The index of the term that it is.
    term: Option<usize>,
}

/// What is protected in a part, with the placeholder that it gets.
struct Assigned {
    span: Span,
    symbol: Option<usize>,
    kind: ProtectedKind,
    term: Option<usize>,
}

impl<'a> Sentence<'a> {
    /// A sentence for a model with placeholders `symbols`.
    pub fn new(text: &'a str, symbols: &'a [String], known: Words<'a, '_>) -> Self {
        let mut protected = protected_spans_with(text, symbols);
        let mut terms = match known.glossary {
            Some(glossary) if !symbols.is_empty() => terms(glossary, text, known.pair, &protected),
            _ => Vec::new(),
        };
        let mut shape = Shape::of(text, &protected);
        let usual = protected
            .iter()
            .filter(|found| found.kind != ProtectedKind::PlainNumber);
        let left = symbols.len().saturating_sub(usual.count());
        if left > 0 && !shape.is_whole() {
            let is_term = |span: Span| terms.iter().any(|term| term.span.overlaps(span));
            let mut names = spelled_names(text, &protected, left, known.is_spelled);
            names.retain(|name| !is_term(name.span));
            if !names.is_empty() {
                protected.extend(names);
                protected.sort_by_key(|found| found.span.start());
                shape = Shape::of(text, &protected);
            }
        }
        if let Some(rare) = known.rare.filter(|_| !symbols.is_empty()) {
            let is_free = |span: Span| {
                let taken = |other: Span| other.overlaps(span);
                !protected.iter().any(|other| taken(other.span)) && !terms.iter().any(|term| taken(term.span))
            };
            let found: Vec<_> = rare_words(text, rare).filter(|term| is_free(term.span)).collect();
            terms.extend(found);
            terms.sort_by_key(|term| term.span.start());
            terms.truncate(u64::BITS as usize);
        }
        let is_french_to_english = known.pair == FRENCH_TO_ENGLISH;
        if let Some(has_rendering) = known.has_rendering
            && is_french_to_english
            && !symbols.is_empty()
            && !shape.is_whole()
        {
            let taken = |span: Span| {
                protected
                    .iter()
                    .any(|other| !gives_way(other.kind) && other.span.overlaps(span))
                    || terms.iter().any(|term: &Term<'_>| term.span.overlaps(span))
            };
            let kept = kept_terms(text, taken, has_rendering);
            terms.extend(kept);
            terms.sort_by_key(|term| term.span.start());
            terms.truncate(u64::BITS as usize);
        }
        let mut reworded = match is_french_to_english && !shape.is_whole() {
            true => reworded(text),
            false => Vec::new(),
        };
        reworded.retain(|Reworded { span, .. }| {
            let taken = |other: Span| other.overlaps(*span);
            let held = |other: &Protected| other.kind != ProtectedKind::PlainNumber && taken(other.span);
            !protected.iter().any(held) && !terms.iter().any(|term| taken(term.span))
        });
        protected.retain(|other| {
            !reworded
                .iter()
                .any(|Reworded { span, .. }| span.overlaps(other.span))
        });
        Self {
            text,
            protected,
            shape,
            symbols,
            terms,
            reworded,
            is_french_to_english,
        }
    }

    /// The terms in `range` of which `output` has no rendering, a bit for each.
    pub fn lost_terms(&self, range: Span, output: &str) -> u64 {
        let terms = self.terms.iter().enumerate();
        let mut inside = terms.filter(|(_, term)| range.contains(term.span)).peekable();
        if inside.peek().is_none() {
            return 0;
        }
        let output = output.to_lowercase();
        inside
            .filter(|(_, term)| !term.is_rendered(&output))
            .fold(0, |lost, (index, _)| lost | 1 << index)
    }

    /// The term that a slot stands for.
    pub fn term(&self, slot: &Slot) -> Option<&Term<'a>> {
        self.terms.get(slot.term?)
    }

    /// The sentence without the links, handles, hashtags and emoji at its edges and without the
    /// white space there: what there is to translate.
    pub fn body(&self) -> Span {
        let start = self.edge_start();
        let whole = super::long::trimmed(self.text, Span::new(start, self.text.len()));
        Span::new(whole.start(), self.edge_end(whole))
    }

    /// Whether there is a letter in `range` outside the protected spans.
    pub fn has_words(&self, range: Span) -> bool {
        let mut done = range.start();
        for span in self.inside(range).map(|protected| protected.span) {
            if self.text[done..span.start()].chars().any(char::is_alphabetic) {
                return true;
            }
            done = span.end();
        }
        self.text[done..range.end()].chars().any(char::is_alphabetic)
    }

    /// Whether the model has a placeholder for everything in `range` that must have one.
    pub fn has_symbols_for(&self, range: Span) -> bool {
        self.symbols.is_empty()
            || self.units(range).filter(|(_, kind)| !kind.is_number()).count() <= self.symbols.len()
    }

    /// What the model reads of `range`.
    pub fn mask(&self, range: Span, hiding: Hiding) -> Masked {
        let mut masked = Masked {
            range,
            text: String::new(),
            fragments: Vec::new(),
            slots: Vec::new(),
        };
        let mut done = range.start();
        for assigned in self.assigned(range, hiding) {
            let lead = assigned.term.and_then(|term| self.terms[term].lead);
            let lead = lead.filter(|(lead, _)| lead.start() >= done);
            let start = lead.map_or(assigned.span.start(), |(lead, _)| lead.start());
            masked.push_text(self, Span::new(done, start));
            if let Some((lead, text)) = lead {
                masked.push(text, lead);
            }
            masked.push_slot(self, &assigned);
            done = assigned.span.end();
        }
        masked.push_text(self, Span::new(done, range.end()));
        masked
    }

    /// What is protected in `range`, each with the placeholder it gets. Numbers get those that
    /// are left, and placeholders are numbered in order of the text, as models are trained.
    fn assigned(&self, range: Span, hiding: Hiding) -> Vec<Assigned> {
        let hides = |kind: ProtectedKind| match hiding.numbers {
            Numbers::Usual => kind != ProtectedKind::PlainNumber,
            Numbers::Shown => !kind.is_number() && kind != ProtectedKind::Name,
            Numbers::Hidden => true,
        };
        let terms = self.terms.iter().enumerate();
        let hidden: Vec<_> = terms
            .filter(|(index, term)| hiding.terms & 1 << index != 0 && range.contains(term.span))
            .map(|(index, term)| (term.span, ProtectedKind::Term, Some(index)))
            .collect();
        let mut units: Vec<_> = self
            .units(range)
            .filter(|(span, kind)| !gives_way(*kind) || !hidden.iter().any(|(term, ..)| term.overlaps(*span)))
            .map(|(span, kind)| (span, kind, None))
            .collect();
        units.extend(hidden);
        units.sort_by_key(|(span, ..)| span.start());
        let fixed = units.iter().filter(|(_, kind, _)| !kind.is_number()).count();
        let mut left_for_numbers = self.symbols.len().saturating_sub(fixed);
        let mut next_symbol = 0;
        let mut assigned = Vec::with_capacity(units.len());
        for (span, kind, term) in units {
            let is_number = kind.is_number();
            let gets_symbol =
                hides(kind) && next_symbol < self.symbols.len() && (!is_number || left_for_numbers > 0);
            if gets_symbol && is_number {
                left_for_numbers -= 1;
            }
            let may_be_shown = matches!(
                kind,
                ProtectedKind::PlainNumber | ProtectedKind::Name | ProtectedKind::Term
            );
            if gets_symbol || !may_be_shown {
                assigned.push(Assigned {
                    span,
                    symbol: gets_symbol.then_some(next_symbol),
                    kind,
                    term,
                });
            }
            next_symbol += usize::from(gets_symbol);
        }
        assigned
    }

    /// The protected spans in `range`; where the model has placeholders, those that follow each
    /// other with only white space between are one unit, such as a row of hashtags.
    fn units(&self, range: Span) -> impl Iterator<Item = (Span, ProtectedKind)> + '_ {
        let mut waiting = self.inside(range).peekable();
        std::iter::from_fn(move || {
            let first = waiting.next()?;
            let mut span = first.span;
            while let Some(next) = waiting.next_if(|next| {
                let between = &self.text[span.end()..next.span.start()];
                let joins = first.kind.can_be_edge() && next.kind.can_be_edge();
                joins && !self.symbols.is_empty() && between.chars().all(char::is_whitespace)
            }) {
                span = Span::new(span.start(), next.span.end());
            }
            Some((span, first.kind))
        })
    }

    fn inside(&self, range: Span) -> impl Iterator<Item = &Protected> {
        let first = self
            .protected
            .partition_point(|protected| protected.span.start() < range.start());
        self.protected[first..]
            .iter()
            .take_while(move |protected| protected.span.end() <= range.end())
    }

    /// Where the body begins. A tag before a small letter is a word of the sentence (`@anne est
    /// là`) and stays in it if the model can carry it over; so does what punctuation follows.
    fn edge_start(&self) -> usize {
        let mut start = 0;
        for found in &self.protected {
            let gap_is_blank = self.text[start..found.span.start()].trim().is_empty();
            if !gap_is_blank || !found.kind.can_be_edge() {
                break;
            }
            let rest = &self.text[found.span.end()..];
            let next = rest.trim_start();
            let is_word =
                found.kind.is_tag() && !self.symbols.is_empty() && next.starts_with(char::is_lowercase);
            let is_apart = rest.len() != next.len() || rest.is_empty();
            let is_bound = !is_apart || next.starts_with([',', ':', ';', '.', '!', '?', ')', '»', '”']);
            if found.kind != ProtectedKind::Emoji && (is_word || is_bound) {
                break;
            }
            start = found.span.end();
        }
        start
    }

    /// Where the body ends. A single tag after a function word is a word of the sentence
    /// (`un match à #Kayes`).
    fn edge_end(&self, whole: Span) -> usize {
        let mut end = whole.end();
        for found in self
            .protected
            .iter()
            .rev()
            .take_while(|found| found.span.start() >= whole.start())
        {
            let gap_is_blank =
                found.span.end() <= end && self.text[found.span.end()..end].chars().all(char::is_whitespace);
            if !gap_is_blank || !found.kind.can_be_edge() {
                break;
            }
            let before = &self.text[whole.start()..found.span.start()];
            let is_word = found.kind.is_tag() && ends_in_function_word(before);
            let is_apart = found.kind == ProtectedKind::Emoji
                || before.is_empty()
                || before.ends_with(char::is_whitespace);
            if is_word || !is_apart {
                break;
            }
            end = whole.start() + before.trim_end().len();
        }
        end
    }
}

impl Masked {
    fn push_text(&mut self, sentence: &Sentence<'_>, span: Span) {
        let mut done = span.start();
        for Reworded { span: own, text } in sentence.reworded.iter().filter(|other| span.contains(other.span))
        {
            self.push_shaped(sentence, Span::new(done, own.start()));
            self.push(text, *own);
            done = own.end();
        }
        self.push_shaped(sentence, Span::new(done, span.end()));
    }

    fn push_shaped(&mut self, sentence: &Sentence<'_>, span: Span) {
        if !span.is_empty() {
            let shaped = sentence.shape.apply(sentence.text, span);
            self.push(&shaped, span);
        }
    }

    fn push_slot(&mut self, sentence: &Sentence<'_>, assigned: &Assigned) {
        let &Assigned {
            span,
            symbol,
            kind,
            term,
        } = assigned;
        let shown = match symbol {
            Some(index) => &sentence.symbols[index],
            None => &sentence.text[span.range()],
        };
        let shown = self.push(shown, span);
        self.slots.push(Slot {
            span,
            shown,
            symbol,
            kind,
            term,
        });
    }

    fn push(&mut self, text: &str, to: Span) -> Span {
        let from = Span::new(self.text.len(), self.text.len() + text.len());
        self.text.push_str(text);
        self.fragments.push(Fragment { from, to });
        from
    }
}

/// Whether a term may stand over what is of this kind: an hour over its number, a name over the part that is spelled.
fn gives_way(kind: ProtectedKind) -> bool {
    matches!(kind, ProtectedKind::PlainNumber | ProtectedKind::Name)
}

/// The terms of a text outside of what is protected.
fn terms<'a>(
    glossary: &'a Glossary,
    text: &str,
    pair: LanguagePair,
    protected: &[Protected],
) -> Vec<Term<'a>> {
    let mut terms = glossary.find(text, pair);
    terms.retain(|term| !protected.iter().any(|other| other.span.overlaps(term.span)));
    terms.truncate(u64::BITS as usize);
    terms
}

/// Letters of a rare word at least.
const MIN_RARE: usize = 4;

/// The rare words of a text: in lower case, hyphens inside. A present participle is left to the model: what takes its
/// place is seldom one.
fn rare_words<'a>(text: &str, rare: &RareWords) -> impl Iterator<Item = Term<'a>> {
    let joins = |c: char| c.is_alphabetic() || c == '-';
    text.split(move |c| !joins(c))
        .map(|piece| piece.trim_matches('-'))
        .filter(|word| word.starts_with(char::is_lowercase) && word.chars().nth(MIN_RARE - 1).is_some())
        .filter(|word| !word.ends_with("ant"))
        .filter_map(|word| {
            let (rendering, forms) = rare(word)?;
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            Some(Term::rare(
                Span::new(start, start + word.len()),
                word,
                rendering,
                forms,
            ))
        })
}

/// Whether a text ends in a word that needs another after it.
fn ends_in_function_word(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "à", "a", "au", "aux", "avec", "chez", "contre", "dans", "de", "des", "du", "en", "entre", "et",
        "la", "le", "les", "ou", "par", "pour", "sans", "selon", "sous", "sur", "un", "une", "vers", "via",
        "ce", "cet", "cette", "mon", "ma", "mes", "notre", "nos", "and", "at", "by", "for", "from", "in",
        "of", "on", "or", "the", "to", "with",
    ];
    let last = text.split_whitespace().next_back().unwrap_or_default();
    WORDS.contains(&last.to_lowercase().as_str())
}

#[cfg(test)]
mod tests;
