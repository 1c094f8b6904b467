//! The words of a sentence, cut the way that training data for named entities cut them.
//!
//! A model is trained on the first sub-token of each word of CoNLL-style data, where `l’` and `’s` are words
//! and `U.S.` is one; its predictions are read at the same places. Pieces that are never names or parts of
//! them (links, addresses, handles, hashtags, emoji) are one word each and marked.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::char::is_combining_mark;

use super::lexicon;
use crate::Span;

/// What a word is to the rules around names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordKind {
    /// Letters or digits.
    Text,
    /// An article or preposition that lost its vowel, with the apostrophe: `l’`.
    Elision,
    /// The possessive: `’s`.
    Possessive,
    /// What English hangs on a name to make an adjective of it, with the hyphen: `-based`.
    Suffix,
    /// One mark or symbol.
    Mark,
    /// A link, an e-mail address, a handle, a hashtag or emoji: never part of a name.
    Protected,
}

/// A word of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it stands, in bytes of the sentence.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: WordKind,
}

impl Word {
    /// The word's text.
    pub(crate) fn text(self, sentence: &str) -> &str {
        self.span.of(sentence).unwrap_or_default()
    }

    /// Whether it begins with a capital.
    pub(crate) fn is_capitalised(self, sentence: &str) -> bool {
        self.kind == WordKind::Text && self.text(sentence).starts_with(char::is_uppercase)
    }
}

/// The words of `sentence` in order, without overlap; white space and control characters are in none.
pub(crate) fn words(sentence: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut at = 0;
    for piece in protected(sentence) {
        plain_words(sentence, at, piece.start(), &mut found);
        found.push(Word {
            span: piece,
            kind: WordKind::Protected,
        });
        at = piece.end();
    }
    plain_words(sentence, at, sentence.len(), &mut found);
    found
}

/// The range of indexes of the words that share a byte with `span`; empty where none does.
pub(crate) fn words_in(words: &[Word], span: Span) -> std::ops::Range<usize> {
    let start = words.partition_point(|word| word.span.end() <= span.start());
    let end = words.partition_point(|word| word.span.start() < span.end());
    start..end.max(start)
}

/// The index of the first word that is not a mark: where a capital says little.
pub(crate) fn first_text(words: &[Word]) -> Option<usize> {
    words
        .iter()
        .position(|word| matches!(word.kind, WordKind::Text | WordKind::Elision))
}

fn protected(sentence: &str) -> Vec<Span> {
    static PIECE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?x) (?i: https?:// | www\. ) [^\s<>“”«»]+",
            r"| (?: [\p{L}\p{N}-]+ \. )+ \p{L}{2,} / [^\s<>“”«»]+",
            r"| [\w.+-]+ @ [\w-]+ (?: \. [\w-]+ )+",
            r"| [@＠] \w+ (?: @ [\w-]+ (?: \. [\w-]+ )+ )?",
            r"| [\#＃] [\w·]+",
            r"| [\p{Regional_Indicator}\p{Extended_Pictographic}]",
            r"  [\p{Regional_Indicator}\p{Extended_Pictographic}\p{Emoji_Modifier}",
            r"   \x{200D}\x{FE0F}\x{20E3}\x{E0020}-\x{E007F}]*",
        ))
        .ok()
    });
    let Some(piece) = PIECE.as_ref() else {
        return Vec::new();
    };
    piece
        .find_iter(sentence)
        .filter(|found| {
            !(found.as_str().starts_with(['@', '＠', '#', '＃']) && follows_word(sentence, found.start()))
        })
        .map(|found| {
            let kept = found
                .as_str()
                .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'', '"', '’']);
            Span::new(found.start(), found.start() + kept.len())
        })
        .collect()
}

fn follows_word(sentence: &str, at: usize) -> bool {
    sentence[..at].chars().next_back().is_some_and(is_word_char)
}

fn plain_words(sentence: &str, from: usize, to: usize, found: &mut Vec<Word>) {
    let text = &sentence[..to];
    let mut at = from;
    while let Some(c) = text[at..].chars().next() {
        let end = at + c.len_utf8();
        if is_word_char(c) {
            let run = Span::new(at, run_end(text, at));
            split_run(text, run, found);
            at = run.end();
        } else {
            if !(c.is_whitespace() || c.is_control() || is_invisible(c)) {
                found.push(Word {
                    span: Span::new(at, end),
                    kind: WordKind::Mark,
                });
            }
            at = end;
        }
    }
}

/// The end of the run of letters that begins at `start`, over the joiners inside it and an abbreviation's stop.
fn run_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut part = start;
    let mut chars = text[start..].chars().peekable();
    while let Some(c) = chars.next() {
        let joins = match chars.peek() {
            Some(&next) if is_word_char(next) => match c {
                '-' | '‐' | '‑' | '\'' | '’' | '&' => true,
                '.' => next.is_lowercase() || next.is_numeric() || is_single(&text[part..end]),
                _ => false,
            },
            _ => false,
        };
        if !is_word_char(c) && !joins {
            break;
        }
        end += c.len_utf8();
        if joins && !is_word_char(c) {
            part = end;
        }
    }
    if text[end..].starts_with('.') && takes_stop(&text[start..end], &text[part..end]) {
        end += 1;
    }
    end
}

fn takes_stop(run: &str, last_part: &str) -> bool {
    let initial = is_single(last_part) && last_part.starts_with(char::is_uppercase);
    let dotted = is_single(last_part) && run.contains('.');
    // In capitals `CO.` is rather a word that ends a sentence.
    let abbreviation = run.contains(char::is_lowercase) && lexicon::is_abbreviation(run);
    initial || dotted || abbreviation
}

fn is_single(part: &str) -> bool {
    let mut letters = part.chars().filter(|&c| !is_combining_mark(c));
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// Cuts `l’` off the front of a run and `’s` or `-based` off its end.
fn split_run(text: &str, run: Span, found: &mut Vec<Word>) {
    let mut push = |start: usize, end: usize, kind| {
        if start < end {
            found.push(Word {
                span: Span::new(start, end),
                kind,
            });
        }
    };
    let start = run.start() + elision_len(&text[run.range()]);
    let end = run.end() - possessive_len(&text[start..run.end()]);
    let name = end - suffix_len(&text[start..end]);
    push(run.start(), start, WordKind::Elision);
    push(start, name, WordKind::Text);
    push(name, end, WordKind::Suffix);
    push(end, run.end(), WordKind::Possessive);
}

/// Words that English hangs on names of places, peoples, firms and persons.
const SUFFIXES: &str = "administered affiliated aligned allied area backed based born bound bred built controlled \
dominated educated era flagged friendly funded headquartered held inspired led linked listed made occupied owned \
raised registered ruled run speaking sponsored style supplied supported trained wide";

/// The bytes of such a word with its hyphen at the end of `run`, 0 where there is none behind a name.
fn suffix_len(run: &str) -> usize {
    let Some((at, hyphen)) = run
        .char_indices()
        .rev()
        .find(|(_, c)| matches!(c, '-' | '‐' | '‑'))
    else {
        return 0;
    };
    let word = &run[at + hyphen.len_utf8()..];
    let is_suffix = || {
        SUFFIXES
            .split_ascii_whitespace()
            .any(|suffix| suffix.eq_ignore_ascii_case(word))
    };
    if run.starts_with(char::is_uppercase) && is_suffix() {
        run.len() - at
    } else {
        0
    }
}

/// The bytes of an elided French word with its apostrophe at the front of `run`, 0 where there is none.
///
/// `n’`, `m’` and the like before a capital are left alone: they begin African and Irish names (N’Djamena).
fn elision_len(run: &str) -> usize {
    let Some((at, apostrophe)) = run.char_indices().find(|(_, c)| matches!(c, '\'' | '’')) else {
        return 0;
    };
    let end = at + apostrophe.len_utf8();
    let elides = match run[..at].to_lowercase().as_str() {
        "l" | "d" | "qu" | "jusqu" | "lorsqu" | "puisqu" => true,
        "c" | "j" | "m" | "n" | "s" | "t" => run[end..].starts_with(char::is_lowercase),
        _ => false,
    };
    let suffix_is_possessive = possessive_len(run) == run.len() - at;
    if elides && !suffix_is_possessive { end } else { 0 }
}

fn possessive_len(run: &str) -> usize {
    ["'s", "’s", "'S", "’S"]
        .iter()
        .find(|suffix| run.ends_with(**suffix) && run.len() > suffix.len())
        .map_or(0, |suffix| suffix.len())
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_combining_mark(c) || matches!(c, '\u{200C}' | '\u{200D}' | '\u{AD}')
}

/// Direction marks, zero-width spaces and the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(sentence: &str, expected: &[&str]) {
        let texts: Vec<_> = words(sentence).iter().map(|word| word.text(sentence)).collect();
        assert_eq!(texts, expected, "the words of `{sentence}`");
    }

    #[test]
    fn cuts_elisions_and_possessives_off() {
        check("l’ONU d'Alger", &["l’", "ONU", "d'", "Alger"]);
        check("Niger’s L'Union", &["Niger", "’s", "L'", "Union"]);
        check(
            "N’Djamena, M'Bala, O'Brien",
            &["N’Djamena", ",", "M'Bala", ",", "O'Brien"],
        );
        check("C’est n’a jusqu’au", &["C’", "est", "n’", "a", "jusqu’", "au"]);
        check("D's", &["D", "'s"]);
    }

    #[test]
    fn keeps_the_stop_of_abbreviations() {
        check("the U.S. Army.", &["the", "U.S.", "Army", "."]);
        check("Awa N. and Dr. Ba", &["Awa", "N.", "and", "Dr.", "Ba"]);
        check("fini.Les 3.5", &["fini", ".", "Les", "3.5"]);
        check("plan b.", &["plan", "b", "."]);
        check("in CO. in Co.", &["in", "CO", ".", "in", "Co."]);
    }

    #[test]
    fn joins_inside_names_and_cuts_at_dashes() {
        check(
            "Guinée-Bissau AT&T Segou–Mopti",
            &["Guinée-Bissau", "AT&T", "Segou", "–", "Mopti"],
        );
        check("« Mali »", &["«", "Mali", "»"]);
        check("Nia\u{308}me y", &["Nia\u{308}me", "y"]);
    }

    #[test]
    fn cuts_what_makes_an_adjective_of_a_name() {
        check("a Dakar-based firm", &["a", "Dakar", "-based", "firm"]);
        check("NEW YORK-BASED", &["NEW", "YORK", "-BASED"]);
        check("Guinea-Bissau‑led", &["Guinea-Bissau", "‑led"]);
        check("a well-run Jean-Led", &["a", "well-run", "Jean", "-Led"]);
        check("Ould-Abdallah", &["Ould-Abdallah"]);
    }

    #[test]
    fn keeps_links_handles_hashtags_and_emoji_whole() {
        check(
            "@awa_b: https://t.co/a?b=1.",
            &["@awa_b", ":", "https://t.co/a?b=1", "."],
        );
        check(
            "pic.twitter.com/Ab1 #Ségou!",
            &["pic.twitter.com/Ab1", "#Ségou", "!"],
        );
        check("me: a.b@c-d.org", &["me", ":", "a.b@c-d.org"]);
        check("Mali🇲🇱 👩\u{200D}🔬ok", &["Mali", "🇲🇱", "👩\u{200D}🔬", "ok"]);
    }

    proptest! {
        #[test]
        fn words_are_ordered_and_on_character_boundaries(sentence in r"(\PC|[\x00 .’'@#🇲🇱\u{301}]|l’|’s|U\.S\.){0,40}") {
            let found = words(&sentence);
            let mut end = 0;
            for word in &found {
                prop_assert!(word.span.start() >= end && !word.span.is_empty());
                prop_assert!(word.span.of(&sentence).is_some());
                end = word.span.end();
            }
        }
    }
}
