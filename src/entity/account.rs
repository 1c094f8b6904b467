//! The names of those who post: what of a signature is a name, and of what.

use super::words::{Word, WordKind, words};
use super::{Label, lexicon, organisations};
use crate::Span;

/// The name in the author of a post or byline, without titles, emoji and what describes it; `None` where
/// nothing names anybody: signs alone, or a nick such as `awa_b22`.
///
/// ```
/// use diglot::entity::account_name;
///
/// let author = "Dr. Awa Dionta 🦁 | Médecin";
/// let name = account_name(author).and_then(|name| name.of(author));
/// assert_eq!(name, Some("Awa Dionta"));
/// ```
pub fn account_name(author: &str) -> Option<Span> {
    let words = words(author);
    let letters = |word: &Word| word.text(author).contains(char::is_alphabetic);
    let is_name = |word: &&Word| word.kind != WordKind::Protected && letters(word);
    let mut first = words.iter().position(|word| is_name(&word))?;
    let described = |word: &Word| {
        matches!(
            word.text(author),
            "|" | "," | "•" | "·" | "(" | "[" | "/" | "–" | "—" | ";"
        ) || word.kind == WordKind::Protected
    };
    let end = words[first..]
        .iter()
        .position(described)
        .map_or(words.len(), |at| first + at);
    first = without_titles(author, &words[..end], first);
    let last = first + words[first..end].iter().rposition(|word| is_name(&word))?;
    let span = Span::new(words[first].span.start(), words[last].span.end());
    (!is_nick(span.of(author)?)).then_some(span)
}

/// What an account's name is of, as far as it says; else what the recogniser `read` there.
///
/// An account is never a place: one that bears a single place's name is an organisation's.
pub fn account_label(name: &str, read: Option<(Label, f32)>) -> Label {
    let single = !name.trim().contains(char::is_whitespace);
    match read {
        _ if has_cue(name) => Label::Org,
        _ if ends_in_surname(name) => Label::Per,
        _ if single && name.split('-').next().is_some_and(super::acronym::is_acronym) => Label::Org,
        Some((Label::Org, score)) if single || score >= SURE => Label::Org,
        Some((Label::Loc, score)) if single && score >= DOUBTFUL => Label::Org,
        _ => Label::Per,
    }
}

/// Whether the name alone says that an organisation bears it.
pub fn is_organisation_account(name: &str) -> bool {
    has_cue(name)
}

/// What the recogniser reads in a signature of several words is believed from this score on.
const SURE: f32 = 0.75;

/// And in one of a single word.
const DOUBTFUL: f32 = 0.6;

fn has_cue(name: &str) -> bool {
    organisations::is_organisation(name)
}

/// `Awa DIONTA`: a surname in capitals.
fn ends_in_surname(name: &str) -> bool {
    let mut words = name.split_whitespace();
    let (Some(first), Some(last)) = (words.next(), words.next_back()) else {
        return false;
    };
    let capitals = |word: &str| word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    first.contains(char::is_lowercase) && capitals(last) && last.chars().count() >= 3
}

/// The first word behind the titles, or `first` where nothing else stands there.
fn without_titles(author: &str, words: &[Word], first: usize) -> usize {
    let mut at = first;
    while let Some(word) = words.get(at)
        && (word.kind == WordKind::Mark || lexicon::is_title(word.text(author)))
    {
        at += 1;
    }
    if words.get(at).is_some_and(|word| word.kind == WordKind::Text) {
        at
    } else {
        first
    }
}

/// A name made for a machine: one word in lower case with underscores or digits.
fn is_nick(name: &str) -> bool {
    let machine = |c: char| c == '_' || c.is_ascii_digit();
    !name.contains(char::is_whitespace) && !name.contains(char::is_uppercase) && name.contains(machine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn name(author: &str, expected: &str) {
        let name = account_name(author).map_or("", |name| name.of(author).unwrap());
        assert_eq!(name, expected, "the name in {author:?}");
    }

    #[track_caller]
    fn label(name: &str, read: Option<(Label, f32)>, expected: Label) {
        assert_eq!(
            account_label(name, read),
            expected,
            "the label of {name:?}, read as {read:?}"
        );
    }

    #[test]
    fn signs_titles_and_descriptions_are_left_out() {
        name("Awa Dionta", "Awa Dionta");
        name("Dr Awa Dionta", "Awa Dionta");
        name("Pr. Awa Dionta, PhD", "Awa Dionta");
        name("Dr. Sidi Kane | Médecin", "Sidi Kane");
        name("Sidi 🇲🇱", "Sidi");
        name("🦁 Sidi Kane 🦁🦁", "Sidi Kane");
        name("Fatou N.", "Fatou N.");
        name("Sel & Sable", "Sel & Sable");
        name("سفيان علي", "سفيان علي");
    }

    #[test]
    fn what_names_nobody_is_no_name() {
        name("🦁🦁", "");
        name("", "");
        name("awa_b22", "");
        name("…!", "");
        name("awa", "awa");
        name("Dr.", "Dr.");
    }

    #[test]
    fn organisations_are_told_by_words_and_persons_by_default() {
        label("Radio Tambali FM", Some((Label::Loc, 0.9)), Label::Org);
        label("RailOuest", None, Label::Org);
        label("BDS", None, Label::Org);
        label("BDS-Baroda", None, Label::Org);
        label("Awa DIONTA", Some((Label::Loc, 0.9)), Label::Per);
        label("Awa Dionta", Some((Label::Loc, 0.9)), Label::Per);
        label("Bolmaré", Some((Label::Loc, 0.9)), Label::Org);
        label("Bolmaré", Some((Label::Loc, 0.4)), Label::Per);
        label("Bolmaré Sud", Some((Label::Org, 0.9)), Label::Org);
        label("Awa Dionta", Some((Label::Org, 0.5)), Label::Per);
    }

    proptest! {
        #[test]
        fn names_lie_inside_and_hold_a_letter(author in r"(\PC|Dr\.? |[|,🦁🇲🇱_ ]|\u{301}){0,12}") {
            if let Some(name) = account_name(&author) {
                prop_assert!(name.of(&author).is_some_and(|name| name.contains(char::is_alphabetic)));
            }
        }
    }
}
