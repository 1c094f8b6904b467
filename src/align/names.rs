//! Names that tell two reports of the same kind of thing apart.

use super::words::{Token, TokenKind, fold};

/// The names of a sentence: words that stand like one and are rare.
pub(super) fn of(
    text: &str,
    tokens: &[Token],
    words: &[usize],
    rare: impl Fn(usize) -> bool,
) -> impl Iterator<Item = (usize, Token)> {
    let like = stand_like_names(text, tokens);
    tokens
        .iter()
        .zip(words)
        .zip(like)
        .filter(move |((_, word), like)| *like && rare(**word))
        .map(|((token, word), _)| (*word, token.clone()))
}

/// Of each token whether it stands like a name: with a capital that neither the start of a sentence nor
/// an acronym explains. Acronyms differ between languages.
fn stand_like_names(text: &str, tokens: &[Token]) -> Vec<bool> {
    let mut end = 0;
    tokens
        .iter()
        .map(|token| {
            let between = &text[end..token.span.start()];
            let begins = end == 0 || between.contains(BEGINS_SENTENCE);
            end = token.span.end();
            let surface = token.span.of(text).unwrap_or_default();
            token.kind == TokenKind::Capital && !begins && !is_acronym(surface) && token.key.len() >= SHORTEST
        })
        .collect()
}

/// Whether two names, in the form of [`Token::key`], may be one: they begin with the same letter and
/// most letters of the longer stand in the other in the same order, as in `Tombouctou` and `Timbuktu`.
pub(super) fn may_be_one(one: &str, other: &str) -> bool {
    let letters = |name: &str| fold(name).chars().take(LONGEST).collect::<Vec<char>>();
    let (one, other) = (letters(one), letters(other));
    let longer = one.len().max(other.len());
    one.first() == other.first() && 2 * common_letters(&one, &other) >= longer
}

/// After these a capital means nothing.
const BEGINS_SENTENCE: [char; 12] = ['.', '!', '?', '…', ':', ';', '"', '“', '«', '‘', '(', '#'];
/// Bytes of the shortest name.
const SHORTEST: usize = 3;
/// Letters of a name that are compared.
const LONGEST: usize = 24;
/// Letters of the longest word in capitals that is taken for an acronym.
const ACRONYM: usize = 6;

fn is_acronym(surface: &str) -> bool {
    let letters = surface.chars().count();
    letters <= ACRONYM && surface.chars().filter(|c| c.is_uppercase()).count() > 1
}

/// The length of the longest common subsequence.
fn common_letters(one: &[char], other: &[char]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for a in one {
        let mut diagonal = 0;
        for (at, b) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if a == b { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    #[test]
    fn a_capital_within_a_sentence_makes_a_name() {
        let check = |text: &str, expected: &[&str]| {
            let tokens = tokens(text);
            let like = stand_like_names(text, &tokens);
            let names: Vec<&str> = tokens
                .iter()
                .zip(like)
                .filter_map(|(token, like)| token.span.of(text).filter(|_| like))
                .collect();
            assert_eq!(names, expected, "names of {text:?}");
        };
        check("Le maire de Boghé a vu Zoé.", &["Boghé", "Zoé"]);
        check("Boghé attend. Personne ne vient.", &[]);
        check("He said: Come to the UNHCR in Boghé", &["Boghé"]);
        check("", &[]);
    }

    #[test]
    fn names_that_are_spelt_otherwise_may_be_one() {
        for (one, other) in [
            ("tombouctou", "timbuktu"),
            ("poutine", "putin"),
            ("keïta", "keita"),
        ] {
            assert!(may_be_one(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("kayes", "kidal"),
            ("gao", "ségou"),
            ("béli", "boghé"),
            ("", "gao"),
        ] {
            assert!(!may_be_one(one, other), "{one} {other}");
        }
    }
}
