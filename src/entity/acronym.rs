//! Acronyms in brackets after their expansions: `Banque du Grand Fleuve (BGF)`.

use std::ops::Range;

use super::fold::folded_words;
use super::trim::{span_of, trim_words};
use super::words::{Word, WordKind, words, words_in};
use super::{Label, Mention};
use crate::Span;

/// An acronym has at least two and at most this many letters and digits.
const MAX_LETTERS: usize = 10;

/// Gives acronyms in brackets the label of the expansion before them, sentence by sentence.
///
/// An acronym without a mention gets one, with its expansion's score; one with another label is relabelled;
/// a mention that runs over expansion and acronym is cut in two. Persons have no acronyms.
///
/// # Panics
///
/// If the two lists differ in length.
#[track_caller]
pub fn label_acronyms(sentences: &[&str], mentions: &mut [Vec<Mention>]) {
    assert_eq!(sentences.len(), mentions.len(), "one list of mentions a sentence");
    for (sentence, mentions) in sentences.iter().zip(mentions) {
        if sentence.contains('(') {
            label_in(sentence, mentions);
        }
    }
}

/// The pairs (expansion, acronym) among the mentions of a sentence, as indexes.
///
/// Run [`label_acronyms`] before, so that the acronyms are mentions.
pub fn acronym_pairs(sentence: &str, mentions: &[Mention]) -> Vec<(usize, usize)> {
    let words = words(sentence);
    let pair = |(index, mention): (usize, &Mention)| {
        let acronym = acronym_after(sentence, &words, mention)?;
        let found = mentions
            .iter()
            .position(|other| other.span == acronym && other.label == mention.label)?;
        Some((index, found))
    };
    mentions.iter().enumerate().filter_map(pair).collect()
}

/// Whether `acronym` looks like one: 2 to 10 letters or digits, a capital first and at least half capitals.
pub(crate) fn is_acronym(acronym: &str) -> bool {
    let signs = acronym.chars().filter(|c| c.is_alphanumeric()).count();
    let capitals = acronym.chars().filter(|c| c.is_uppercase()).count();
    let other = acronym
        .chars()
        .any(|c| !(c.is_alphanumeric() || matches!(c, '.' | '-')));
    (2..=MAX_LETTERS).contains(&signs)
        && capitals >= 2
        && 2 * capitals >= signs
        && !other
        && acronym.starts_with(char::is_uppercase)
}

fn label_in(sentence: &str, mentions: &mut Vec<Mention>) {
    let words = words(sentence);
    for mention in mentions.iter_mut() {
        cut_before_bracket(sentence, &words, mention);
    }
    for expansion in mentions.clone() {
        let Some(span) = acronym_after(sentence, &words, &expansion) else {
            continue;
        };
        let acronym = Mention { span, ..expansion };
        match mentions.iter_mut().find(|other| other.span.overlaps(span)) {
            Some(other) if other.span == span && other.label != acronym.label => *other = acronym,
            Some(_) => {}
            None => mentions.push(acronym),
        }
    }
    mentions.sort_by_key(|mention| mention.span);
}

/// Shortens a mention `Banque du Grand Fleuve (BGF)` to its expansion.
fn cut_before_bracket(sentence: &str, words: &[Word], mention: &mut Mention) {
    let range = words_in(words, mention.span);
    let Some(bracket) = range.clone().find(|&at| words[at].text(sentence) == "(") else {
        return;
    };
    let acronym_ends_it = range.end <= bracket + 3;
    let Some(expansion) = trim_words(sentence, words, range.start..bracket, mention.label) else {
        return;
    };
    let shorter = Mention {
        span: span_of(words, &expansion),
        ..*mention
    };
    if acronym_ends_it && acronym_after(sentence, words, &shorter).is_some() {
        *mention = shorter;
    }
}

/// Where the acronym of `expansion` stands, if it follows in brackets.
fn acronym_after(sentence: &str, words: &[Word], expansion: &Mention) -> Option<Span> {
    let Range { end, .. } = words_in(words, expansion.span);
    let [open, acronym, close] = words.get(end..end + 3)? else {
        return None;
    };
    let bracketed = open.text(sentence) == "(" && matches!(close.text(sentence), ")" | "," | ";");
    let fits = acronym.kind == WordKind::Text
        && expansion.label != Label::Per
        && abbreviates(acronym.text(sentence), expansion.span.of(sentence)?);
    (bracketed && fits).then_some(acronym.span)
}

/// Whether `acronym` can stand for `expansion`, in any order: the languages of the two may differ.
///
/// `FAMA` is in the order of the French name and stands after the English one. Every letter of the acronym
/// must be a letter of the expansion, and half of them initials of its words, or letters of acronyms in it.
fn abbreviates(acronym: &str, expansion: &str) -> bool {
    let letters: Vec<char> = folded_words(acronym)
        .concat()
        .chars()
        .filter(|c| c.is_alphabetic())
        .collect();
    let mut initials = Vec::new();
    let mut all = Vec::new();
    let mut count = 0;
    for word in expansion.split(|c: char| c.is_whitespace() || matches!(c, '-' | '\'' | '’')) {
        let folded = folded_words(word).concat();
        count += usize::from(!folded.is_empty());
        all.extend(folded.chars());
        initials.extend(
            folded
                .chars()
                .take(if is_acronym(word) { MAX_LETTERS } else { 1 }),
        );
    }
    let among_initials = count_taken(&letters, initials);
    is_acronym(acronym)
        && count >= 2
        && 2 * among_initials >= letters.len()
        && count_taken(&letters, all) == letters.len()
}

/// How many of `letters` can be taken from `pool`, each of which serves once.
fn count_taken(letters: &[char], mut pool: Vec<char>) -> usize {
    let mut take = |letter: &char| {
        pool.iter()
            .position(|c| c == letter)
            .map(|at| pool.swap_remove(at))
    };
    letters.iter().filter_map(&mut take).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Loc, Org, Per};

    fn mention(sentence: &str, text: &str, label: Label) -> Mention {
        let start = sentence.find(text).unwrap();
        Mention {
            span: Span::new(start, start + text.len()),
            label,
            score: 0.9,
        }
    }

    #[track_caller]
    fn check(sentence: &str, given: &[(&str, Label)], expected: &[(&str, Label)]) {
        let mut mentions = vec![
            given
                .iter()
                .map(|&(text, label)| mention(sentence, text, label))
                .collect(),
        ];
        label_acronyms(&[sentence], &mut mentions);
        let found: Vec<_> = mentions[0]
            .iter()
            .map(|m| (m.span.of(sentence).unwrap(), m.label))
            .collect();
        assert_eq!(found, expected, "the names in `{sentence}`");
    }

    #[test]
    fn acronyms_get_the_label_of_their_expansion() {
        let name = "Banque du Grand Fleuve";
        check(
            "La Banque du Grand Fleuve (BGF) ouvre",
            &[(name, Org)],
            &[(name, Org), ("BGF", Org)],
        );
        check(
            "La Banque du Grand Fleuve (BGF) ouvre",
            &[(name, Org), ("BGF", Loc)],
            &[(name, Org), ("BGF", Org)],
        );
        check(
            "La Banque du Grand Fleuve (BGF, Gao)",
            &[(name, Org)],
            &[(name, Org), ("BGF", Org)],
        );
    }

    #[test]
    fn the_order_of_another_language_is_accepted() {
        let name = "Malian Armed Forces";
        check(
            "the Malian Armed Forces (FAMA)",
            &[(name, Org)],
            &[(name, Org), ("FAMA", Org)],
        );
        let name = "UN River Survey Mission";
        check(
            "a UN River Survey Mission (MINUX)",
            &[(name, Org)],
            &[(name, Org)],
        );
        check(
            "a UN River Survey Mission (MUNRS)",
            &[(name, Org)],
            &[(name, Org), ("MUNRS", Org)],
        );
    }

    #[test]
    fn mentions_over_both_are_cut_in_two() {
        let both = "Banque du Grand Fleuve (BGF)";
        let apart = [("Banque du Grand Fleuve", Org), ("BGF", Org)];
        check("La Banque du Grand Fleuve (BGF) ouvre", &[(both, Org)], &apart);
        check(
            "La Banque du Grand Fleuve (BGF) ouvre",
            &[("Banque du Grand Fleuve (BGF", Org)],
            &apart,
        );
        check(
            "Le Lac (Ségou) est",
            &[("Lac (Ségou)", Loc)],
            &[("Lac (Ségou)", Loc)],
        );
    }

    #[test]
    fn other_brackets_are_left_alone() {
        check("Awa Ba (AB) dit", &[("Awa Ba", Per)], &[("Awa Ba", Per)]);
        check(
            "Real Tiguan (ESP) gagne",
            &[("Real Tiguan", Org)],
            &[("Real Tiguan", Org)],
        );
        check(
            "Grand Fleuve (à sec)",
            &[("Grand Fleuve", Loc)],
            &[("Grand Fleuve", Loc)],
        );
        check("Nordlok (NK)", &[("Nordlok", Org)], &[("Nordlok", Org)]);
        check(
            "Grand Fleuve (GF",
            &[("Grand Fleuve", Loc)],
            &[("Grand Fleuve", Loc)],
        );
    }

    #[test]
    fn pairs_are_indexes_of_mentions() {
        let sentence = "À Gao, la Banque du Grand Fleuve (BGF)";
        let mentions = [("Gao", Loc), ("Banque du Grand Fleuve", Org), ("BGF", Org)]
            .map(|(text, label)| mention(sentence, text, label));
        assert_eq!(acronym_pairs(sentence, &mentions), [(1, 2)]);
        assert_eq!(acronym_pairs(sentence, &mentions[..2]), []);
    }
}
