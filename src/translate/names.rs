//! Names that a model would have to spell.
//!
//! A small model knows common names as they are and spells others from pieces, often wrongly: a town
//! becomes another one. Such names are carried over behind placeholders.

use super::{Protected, ProtectedKind};
use crate::Span;

/// The names of a sentence for which `is_spelled` holds, in order, at most `most` of them, outside of
/// `protected`. Names that follow each other are one.
///
/// A capital says little at the beginning of a sentence or quotation: a word there counts only if a
/// name follows it.
pub(super) fn spelled_names(
    text: &str,
    protected: &[Protected],
    most: usize,
    is_spelled: impl Fn(&str) -> bool,
) -> Vec<Protected> {
    let words: Vec<Span> = capitalised(text)
        .into_iter()
        .filter(|word| !protected.iter().any(|other| other.span.overlaps(*word)))
        .filter(|word| word.of(text).is_some_and(&is_spelled))
        .collect();
    let mut names: Vec<Span> = Vec::new();
    for word in words {
        match names.last_mut() {
            Some(name) if &text[name.end()..word.start()] == " " => {
                *name = Span::new(name.start(), word.end())
            }
            _ => names.push(word),
        }
    }
    names.retain(|name| !begins_sentence(&text[..name.start()]) || text[name.range()].contains(' '));
    names.truncate(most);
    let kind = ProtectedKind::Name;
    names.into_iter().map(|span| Protected { span, kind }).collect()
}

/// The words of two letters or more that begin with a capital, hyphens inside.
pub(super) fn capitalised(text: &str) -> Vec<Span> {
    let joins = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || is_mark(c);
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(joins) {
        let at = text.len() - rest.len() + start;
        let end = text[at..]
            .find(|c| !joins(c))
            .map_or(text.len(), |length| at + length);
        let word = text[at..end].trim_end_matches(['-', '_']);
        let long = word.chars().filter(|c| c.is_alphabetic()).count() > 1;
        if long && word.starts_with(char::is_uppercase) {
            words.push(Span::new(at, at + word.len()));
        }
        rest = &text[end..];
    }
    words
}

/// Whether a word after `before` is the first of a sentence or of a quotation.
fn begins_sentence(before: &str) -> bool {
    let before = before.trim_end();
    before.is_empty()
        || before.ends_with([
            '.', '!', '?', '…', ':', '«', '“', '"', '(', '—', '–', '-', '•', '*',
        ])
}

/// Whether a character is a combining mark of the Latin script.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::super::protected_spans;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let spelled = |word: &str| !["Londres", "Paix", "Le", "Marie"].contains(&word);
        let found = spelled_names(text, &protected_spans(text), 3, spelled);
        let found: Vec<_> = found.iter().map(|name| name.span.of(text).unwrap()).collect();
        assert_eq!(found, expected, "in `{text}`");
    }

    #[test]
    fn names_inside_a_sentence_are_found() {
        check("Le maire de Tazirout est là", &["Tazirout"]);
        check("à Saint-Ouen-le-Vieux, hier", &["Saint-Ouen-le-Vieux"]);
        check("selon d’Almeida et l'Idrissi", &["Almeida", "Idrissi"]);
        check("vu par e\u{301}lodie à E\u{301}zan.", &["E\u{301}zan"]);
    }

    #[test]
    fn names_that_follow_each_other_are_one() {
        check("avec Idder Mellal, hier", &["Idder Mellal"]);
        check("avec Marie Mellal", &["Mellal"]);
    }

    #[test]
    fn known_words_and_beginnings_are_left() {
        check("de Londres à Paix", &[]);
        check("Demain, on part", &[]);
        check("Bon. Demain, « Venez » : Oui", &[]);
        check("Idder Mellal a dit", &["Idder Mellal"]);
        check("il a dit A et É", &[]);
    }

    #[test]
    fn what_is_protected_already_is_left_and_few_are_taken() {
        check("vu @Tazirout et #Kayes à Kenn", &["Kenn"]);
        check("de Aa à Bb à Cc à Dd", &["Aa", "Bb", "Cc"]);
    }
}
