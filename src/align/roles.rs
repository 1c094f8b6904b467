//! Who does it to whom: `The crowd shot at the police` is no rendering of what says that the police shot at the crowd.

use super::words::{Token, TokenKind};
use crate::entity::lexicon::{is_calendar, is_function_word};

/// Whether the subject that opens one text is what the other one says something is done to, and the reverse: the same word stands
/// between the two on both sides, which change places around it. Texts in the passive (`par`, `by`) are left alone.
///
/// `matches` takes a French and an English index.
pub(super) fn change_places(
    french: &[Token],
    english: &[Token],
    matches: impl Fn(usize, usize) -> bool,
) -> bool {
    let is_passive = |words: &[Token], by: &str| words.iter().any(|word| word.key == by);
    if is_passive(french, "par") || is_passive(english, "by") {
        return false;
    }
    let rendered_as_name =
        |at: usize| (1..english.len()).any(|other| is_name(&english[other]) && matches(at, other));
    let renders_name =
        |at: usize| (1..french.len()).any(|other| is_name(&french[other]) && matches(other, at));
    let Some(subject) = subject(french, FRENCH_ARTICLES, rendered_as_name) else {
        return false;
    };
    let Some(other) = self::subject(english, ENGLISH_ARTICLES, renders_name) else {
        return false;
    };
    if matches(subject, other) {
        return false;
    }
    let Some(place) = (other + 1..english.len()).find(|at| matches(subject, *at)) else {
        return false;
    };
    // `The army retook it from the rebels`: what opens the French is not who did it.
    let before = english[..place]
        .iter()
        .rev()
        .find(|word| !ENGLISH_ARTICLES.contains(&word.key.as_str()));
    if before.is_some_and(|word| ["from", "against"].contains(&word.key.as_str())) {
        return true;
    }
    let says = |at: &usize| !is_function_word(&french[*at].key) && french[*at].kind != TokenKind::Number;
    let object = (subject + 1..french.len()).find(|at| matches(*at, other));
    object.is_some_and(|object| {
        (subject + 1..object)
            .filter(says)
            .any(|verb| (other + 1..place).any(|same| matches(verb, same)))
    })
}

fn is_name(word: &Token) -> bool {
    word.kind == TokenKind::Capital && !is_calendar(&word.key)
}

const FRENCH_ARTICLES: &[&str] = &[
    "le", "la", "les", "un", "une", "des", "ce", "cet", "cette", "ces", "mon", "ma", "mes", "son", "sa",
    "ses", "notre", "nos", "leur", "leurs",
];
const ENGLISH_ARTICLES: &[&str] = &[
    "the", "a", "an", "this", "that", "these", "those", "my", "his", "her", "our", "their", "some",
];

/// Words behind an article that open a sentence and are no subject: `La semaine dernière`.
const TIMES: &[&str] = &[
    "semaine",
    "nuit",
    "veille",
    "mois",
    "an",
    "année",
    "jour",
    "matin",
    "soir",
    "soirée",
    "matinée",
    "lendemain",
    "week",
    "night",
    "day",
    "month",
    "year",
    "morning",
    "evening",
    "weekend",
    "previous",
    "next",
    "last",
    "same",
];

/// The word that is, or opens, the subject of a text that begins with it.
fn subject(words: &[Token], articles: &[&str], stands_for_name: impl Fn(usize) -> bool) -> Option<usize> {
    let first = words.first()?;
    if articles.contains(&first.key.as_str()) {
        return words
            .get(1)
            .filter(|word| word.kind != TokenKind::Number && !TIMES.contains(&word.key.as_str()))
            .map(|_| 1);
    }
    (is_name(first) && stands_for_name(0)).then_some(0)
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    #[track_caller]
    fn check(french: &str, english: &str, expected: bool) {
        const PAIRS: [(&str, &str); 7] = [
            ("armée", "army"),
            ("foule", "crowd"),
            ("police", "police"),
            ("tiré", "shot"),
            ("accuse", "accuses"),
            ("malienne", "malian"),
            ("nuit", "night"),
        ];
        let (french, english) = (tokens(french), tokens(english));
        let matches = |one: usize, other: usize| {
            let (one, other) = (french[one].key.as_str(), english[other].key.as_str());
            one == other || PAIRS.contains(&(one, other))
        };
        let found = change_places(&french, &english, matches);
        assert_eq!(found, expected, "{french:?} {english:?}");
    }

    #[test]
    fn subject_and_object_change_places() {
        check(
            "La police a tiré sur la foule.",
            "The crowd shot at the police.",
            true,
        );
        check("Zorba accuse Kemal.", "Kemal accuses Zorba.", true);
        check(
            "La police a tiré sur la foule.",
            "The police shot at the crowd.",
            false,
        );
        check(
            "La police a tiré sur la foule.",
            "The crowd was shot at by the police.",
            false,
        );
        check("L'armée malienne a tiré.", "The Malian army shot.", false);
        check("La nuit l'armée a tiré.", "The army shot at night.", false);
        check(
            "La foule a pris la place.",
            "The army took the square from the crowd.",
            true,
        );
    }
}
