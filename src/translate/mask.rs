//! What the model reads of a sentence: protected spans hidden behind placeholders, shouted words
//! lowered, letters composed.

use super::glossary::{Glossary, Term};
use super::names::spelled_names;
use super::protect::protected_spans_with;
use super::shape::Shape;
use super::tokens::Fragment;
use super::{Protected, ProtectedKind};
use crate::{Language, Span};

/// A sentence and what was found out about it.
#[derive(Debug)]
pub(super) struct Sentence<'a> {
    pub text: &'a str,
    pub protected: Vec<Protected>,
    pub shape: Shape,
    /// The model's placeholders.
    pub symbols: &'a [String],
    /// The terms of the glossary, outside of what is protected; at most as many as [`Hiding`] can name.
    terms: Vec<Term>,
    glossary: Option<&'a Glossary>,
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
    /// A sentence for a model with placeholders `symbols`, which has to spell the words for which
    /// `is_spelled` holds; `glossary` has terms of the given language.
    pub fn new(
        text: &'a str,
        symbols: &'a [String],
        glossary: Option<(&'a Glossary, Language)>,
        is_spelled: impl Fn(&str) -> bool,
    ) -> Self {
        let mut protected = protected_spans_with(text, symbols);
        let terms = match glossary {
            Some((glossary, language)) if !symbols.is_empty() => terms(glossary, text, language, &protected),
            _ => Vec::new(),
        };
        let mut shape = Shape::of(text, &protected);
        let usual = protected
            .iter()
            .filter(|found| found.kind != ProtectedKind::PlainNumber);
        let left = symbols.len().saturating_sub(usual.count());
        if left > 0 && !shape.is_whole() {
            let is_term = |span: Span| terms.iter().any(|term| term.span.overlaps(span));
            let mut names = spelled_names(text, &protected, left, is_spelled);
            names.retain(|name| !is_term(name.span));
            if !names.is_empty() {
                protected.extend(names);
                protected.sort_by_key(|found| found.span.start());
                shape = Shape::of(text, &protected);
            }
        }
        Self {
            text,
            protected,
            shape,
            symbols,
            terms,
            glossary: glossary.map(|(glossary, _)| glossary),
        }
    }

    /// The terms in `range` of which `output` has no rendering, a bit for each.
    pub fn lost_terms(&self, range: Span, output: &str) -> u64 {
        let Some(glossary) = self.glossary else { return 0 };
        let terms = self.terms.iter().enumerate();
        terms
            .filter(|(_, term)| range.contains(term.span) && !glossary.is_rendered(term, output))
            .fold(0, |lost, (index, _)| lost | 1 << index)
    }

    /// What stands for a slot in the output.
    pub fn restored(&self, slot: &Slot) -> &str {
        let term = slot.term.and_then(|term| self.terms.get(term));
        match (term, self.glossary) {
            (Some(term), Some(glossary)) => glossary.rendering(term),
            _ => &self.text[slot.span.range()],
        }
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
        let mut units: Vec<_> = self.units(range).map(|(span, kind)| (span, kind, None)).collect();
        let terms = self.terms.iter().enumerate();
        units.extend(
            terms
                .filter(|(index, term)| hiding.terms & 1 << index != 0 && range.contains(term.span))
                .map(|(index, term)| (term.span, ProtectedKind::Term, Some(index))),
        );
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

/// The terms of a text outside of what is protected.
fn terms(glossary: &Glossary, text: &str, language: Language, protected: &[Protected]) -> Vec<Term> {
    let mut terms = glossary.find(text, language);
    terms.retain(|term| !protected.iter().any(|other| other.span.overlaps(term.span)));
    terms.truncate(u64::BITS as usize);
    terms
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
mod tests {
    use super::*;

    fn symbols(count: usize) -> Vec<String> {
        (1..=count).map(|number| format!("⟦{number}⟧")).collect()
    }

    #[track_caller]
    fn body(text: &str, expected: &str) {
        assert_eq!(
            Sentence::new(text, &symbols(8), None, |_| false).body().of(text),
            Some(expected)
        );
    }

    #[track_caller]
    fn masked(text: &str, count: usize, numbers: Numbers, expected: &str) {
        let symbols = symbols(count);
        let sentence = Sentence::new(text, &symbols, None, |word| word == "Tazirout");
        let hiding = Hiding { numbers, terms: 0 };
        assert_eq!(sentence.mask(Span::new(0, text.len()), hiding).text, expected);
    }

    #[test]
    fn links_tags_and_emoji_at_the_edges_are_no_part_of_the_body() {
        body(
            "@anne Merci beaucoup 😀 #joie https://example.org",
            "Merci beaucoup",
        );
        body("😀Merci !😀", "Merci !");
        body("Merci. #joie #vie", "Merci.");
        body("Voir (https://example.org)", "Voir (https://example.org)");
        body("@anne, merci", "@anne, merci");
        body("@anne : Merci", "@anne : Merci");
        body("  #a #b  ", "");
        body("", "");
    }

    #[test]
    fn tags_that_stand_for_a_word_stay_in_the_body() {
        body("@anne est arrivée", "@anne est arrivée");
        body("Un match à #Kayes", "Un match à #Kayes");
        body("Un match à #Kayes https://example.org", "Un match à #Kayes");
    }

    #[test]
    fn placeholders_are_numbered_in_order() {
        masked(
            "Vu par @anne et 7 500 € pour #a #b ici",
            8,
            Numbers::Usual,
            "Vu par ⟦1⟧ et ⟦2⟧ pour ⟦3⟧ ici",
        );
        masked(
            "Vu par @anne et 7 500 €",
            8,
            Numbers::Shown,
            "Vu par ⟦1⟧ et 7 500 €",
        );
        masked("les 3 amis en 2013", 8, Numbers::Usual, "les 3 amis en 2013");
        masked("les 3 amis en 2013", 8, Numbers::Hidden, "les ⟦1⟧ amis en ⟦2⟧");
        masked("Vu par @anne à 9h", 0, Numbers::Usual, "Vu par @anne à 9h");
    }

    #[test]
    fn names_that_the_model_would_spell_are_hidden_where_placeholders_are_left() {
        masked("Vu à Tazirout par @anne", 8, Numbers::Usual, "Vu à ⟦1⟧ par ⟦2⟧");
        masked(
            "Vu à Tazirout par @anne",
            8,
            Numbers::Shown,
            "Vu à Tazirout par ⟦1⟧",
        );
        masked(
            "Vu à Tazirout par @anne",
            1,
            Numbers::Usual,
            "Vu à Tazirout par ⟦1⟧",
        );
        masked("Vu à Tazirout, oui", 0, Numbers::Usual, "Vu à Tazirout, oui");
    }

    #[test]
    fn numbers_yield_where_placeholders_are_few() {
        masked(
            "5 € à @anne et 6 € ici",
            1,
            Numbers::Usual,
            "5 € à ⟦1⟧ et 6 € ici",
        );
        masked(
            "5 € à @anne et 6 € ici",
            2,
            Numbers::Usual,
            "⟦1⟧ à ⟦2⟧ et 6 € ici",
        );
    }

    #[test]
    fn literal_placeholders_are_hidden_too() {
        masked(
            "le signe ⟦2⟧ et ⟦1⟧ ici",
            8,
            Numbers::Usual,
            "le signe ⟦1⟧ et ⟦2⟧ ici",
        );
    }

    #[test]
    fn terms_are_hidden_with_their_articles() {
        let glossary =
            Glossary::parse("Sénégal\tSenegal\nGuinée\tGuinea\nPays-Bas\tthe Netherlands\n").unwrap();
        let symbols = symbols(8);
        let text = "Venus du Sénégal, de la Guinée et des Pays-Bas vers Tazirout #Sénégal";
        let sentence = Sentence::new(text, &symbols, Some((&glossary, Language::FRENCH)), |word| {
            ["Tazirout", "Guinée"].contains(&word)
        });
        let whole = Span::new(0, text.len());
        let hiding = |terms| Hiding {
            terms,
            ..Hiding::FIRST
        };
        let first = "Venus du Sénégal, de la Guinée et des Pays-Bas vers ⟦1⟧ ⟦2⟧";
        assert_eq!(sentence.mask(whole, Hiding::FIRST).text, first);
        let masked = sentence.mask(whole, hiding(0b111));
        assert_eq!(masked.text, "Venus de ⟦1⟧, de ⟦2⟧ et de ⟦3⟧ vers ⟦4⟧ ⟦5⟧");
        let restored: Vec<&str> = masked.slots.iter().map(|slot| sentence.restored(slot)).collect();
        assert_eq!(
            restored,
            ["Senegal", "Guinea", "the Netherlands", "Tazirout", "#Sénégal"]
        );
        let last = "Venus du Sénégal, de la Guinée et de ⟦1⟧ vers ⟦2⟧ ⟦3⟧";
        assert_eq!(sentence.mask(whole, hiding(0b100)).text, last);
        assert_eq!(
            sentence.lost_terms(whole, "From Senegal and the Netherland"),
            0b110
        );
        assert_eq!(sentence.lost_terms(Span::new(0, 20), "Guinea"), 0b001);
    }

    #[test]
    fn words_are_letters_outside_protected_spans() {
        let has_words =
            |text: &str| Sentence::new(text, &[], None, |_| true).has_words(Span::new(0, text.len()));
        assert!(has_words("a https://example.org"));
        assert!(!has_words("https://example.org @b 21 h 30 : 7 %"));
        assert!(!has_words("« ... »"));
    }
}
