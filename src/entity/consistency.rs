//! Names that the recogniser saw in one sentence of a document and overlooked in another.

use std::collections::{HashMap, HashSet};

use super::words::{Word, WordKind, first_text, words};
use super::{Label, Mention};
use crate::Span;

/// A mention supports other places from this score on.
const CONFIDENT: f32 = 0.8;

/// Names with fewer letters are not looked for: short ones coincide with words.
const MIN_LETTERS: usize = 3;

/// A name in capitals stands for one in small letters from this many letters on: `US` is not `Us`.
const MIN_LETTERS_IN_CAPITALS: usize = 4;

/// Adds mentions where a name stands untagged that is tagged with confidence elsewhere in the document.
///
/// `sentences` are those of one document in one language. A name is looked for where all its confident
/// mentions (score at least 0.8) agree on the label, it begins with a capital and has three letters or more.
/// A single word counts only if one of these mentions is not at the start of its sentence, and not where the
/// document has the same word in lower case. Names of four letters or more are also found in capitals. The
/// score of a new mention is the mean score of the confident ones.
///
/// # Panics
///
/// If the two lists differ in length.
#[track_caller]
pub fn fill_repeated_names(sentences: &[&str], mentions: &mut [Vec<Mention>]) {
    assert_eq!(sentences.len(), mentions.len(), "one list of mentions a sentence");
    let cut: Vec<_> = sentences.iter().map(|sentence| words(sentence)).collect();
    let names = Names::collect(sentences, &cut, mentions);
    if names.longest == 0 {
        return;
    }
    for ((sentence, words), mentions) in sentences.iter().zip(&cut).zip(mentions) {
        let found = names.find_in(sentence, words, mentions);
        mentions.extend(found);
        mentions.sort_by_key(|mention| mention.span);
    }
}

/// What the confident mentions of a name say of it.
#[derive(Clone, Copy, Debug)]
struct Support {
    label: Label,
    agreed: bool,
    inside_sentence: bool,
    sum: f32,
    count: u16,
}

/// The names to look for, by their text.
#[derive(Default)]
struct Names<'a> {
    known: HashMap<&'a str, Support>,
    in_capitals: HashMap<String, &'a str>,
    /// The most words of a name.
    longest: usize,
}

impl<'a> Names<'a> {
    fn collect(sentences: &[&'a str], cut: &[Vec<Word>], mentions: &[Vec<Mention>]) -> Self {
        let mut known: HashMap<&str, Support> = HashMap::new();
        for ((sentence, words), mentions) in sentences.iter().zip(cut).zip(mentions) {
            let start = first_text(words).map(|first| words[first].span.start());
            for mention in mentions.iter().filter(|mention| mention.score >= CONFIDENT) {
                let Some(text) = mention.span.of(sentence) else {
                    continue;
                };
                let inside = start.is_some_and(|start| start < mention.span.start());
                support(
                    known.entry(text).or_insert(Support::new(mention.label)),
                    mention,
                    inside,
                );
            }
        }
        let lower = lower_words(sentences, cut);
        known.retain(|text, support| is_safe(text, support, &lower));
        let mut names = Self {
            known,
            ..Self::default()
        };
        names.index();
        names
    }

    fn index(&mut self) {
        let mut ambiguous = HashSet::new();
        for &text in self.known.keys() {
            self.longest = self.longest.max(words(text).len());
            if letters(text) >= MIN_LETTERS_IN_CAPITALS
                && let Some(_other) = self.in_capitals.insert(text.to_uppercase(), text)
            {
                ambiguous.insert(text.to_uppercase());
            }
        }
        self.in_capitals
            .retain(|capitals, _| !ambiguous.contains(capitals));
    }

    fn find_in(&self, sentence: &str, words: &[Word], mentions: &[Mention]) -> Vec<Mention> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let longest = self.longest.min(words.len() - at);
            let candidates = (1..=longest).rev().map(|len| (len, &words[at..at + len]));
            let name = candidates
                .filter(|(_, words)| is_free(words, mentions))
                .find_map(|(len, words)| {
                    let span = Span::new(words[0].span.start(), words[len - 1].span.end());
                    let support = self.get(span.of(sentence)?)?;
                    Some((
                        len,
                        Mention {
                            span,
                            label: support.label,
                            score: support.sum / f32::from(support.count),
                        },
                    ))
                });
            at += name.map_or(1, |(len, _)| len);
            found.extend(name.map(|(_, mention)| mention));
        }
        found
    }

    fn get(&self, text: &str) -> Option<Support> {
        let text = match self.known.get(text) {
            Some(_) => text,
            None => self.in_capitals.get(text)?,
        };
        self.known.get(text).copied()
    }
}

impl Support {
    fn new(label: Label) -> Self {
        Self {
            label,
            agreed: true,
            inside_sentence: false,
            sum: 0.0,
            count: 0,
        }
    }
}

fn support(support: &mut Support, mention: &Mention, inside_sentence: bool) {
    if support.count < u16::MAX {
        support.count += 1;
        support.sum += mention.score;
    }
    support.agreed &= support.label == mention.label;
    support.inside_sentence |= inside_sentence;
}

fn is_safe(text: &str, support: &Support, lower: &HashSet<&str>) -> bool {
    let single = words(text).len() == 1;
    let common = single && (!support.inside_sentence || lower.contains(text.to_lowercase().as_str()));
    support.agreed && !common && text.starts_with(char::is_uppercase) && letters(text) >= MIN_LETTERS
}

/// The words that the document has in lower case.
fn lower_words<'a>(sentences: &[&'a str], cut: &[Vec<Word>]) -> HashSet<&'a str> {
    let of_sentence = |(sentence, words): (&&'a str, &Vec<Word>)| {
        let texts: Vec<&'a str> = words.iter().filter_map(|word| word.span.of(sentence)).collect();
        texts
            .into_iter()
            .filter(|text| text.starts_with(char::is_lowercase))
    };
    sentences.iter().zip(cut).flat_map(of_sentence).collect()
}

fn is_free(words: &[Word], mentions: &[Mention]) -> bool {
    let free = |word: &Word| !mentions.iter().any(|mention| mention.span.overlaps(word.span));
    words
        .iter()
        .all(|word| word.kind != WordKind::Protected && free(word))
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Loc, Org, Per};
    use proptest::prelude::*;

    /// Mentions stand in brackets with the first letter of the label, in lower case where the score is low.
    fn parse(marked: &str) -> (String, Vec<Mention>) {
        let mut sentence = String::new();
        let mut mentions = Vec::new();
        let mut parts = marked.split(['[', ']']);
        sentence.push_str(parts.next().unwrap());
        while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
            let (kind, name) = name.split_at(1);
            let label = match kind.to_uppercase().as_str() {
                "P" => Per,
                "L" => Loc,
                _ => Org,
            };
            let span = Span::new(sentence.len(), sentence.len() + name.len());
            let score = if kind.chars().all(char::is_lowercase) {
                0.5
            } else {
                0.9
            };
            mentions.push(Mention { span, label, score });
            sentence.push_str(name);
            sentence.push_str(rest);
        }
        (sentence, mentions)
    }

    /// The mentions that are added to a document of marked sentences.
    #[track_caller]
    fn check(document: &[&str], expected: &[(usize, &str, Label)]) {
        let (sentences, mut mentions): (Vec<_>, Vec<_>) = document.iter().map(|marked| parse(marked)).unzip();
        let given = mentions.clone();
        let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
        fill_repeated_names(&texts, &mut mentions);
        let mut added = Vec::new();
        for (at, list) in mentions.iter().enumerate() {
            let new = list.iter().filter(|mention| !given[at].contains(mention));
            added.extend(new.map(|mention| (at, mention.span.of(texts[at]).unwrap(), mention.label)));
        }
        assert_eq!(added, expected, "what is added to {document:?}");
    }

    #[test]
    fn adds_names_seen_elsewhere() {
        check(
            &["à [LTambali].", "Tambali dort, près de Tambali"],
            &[(1, "Tambali", Loc), (1, "Tambali", Loc)],
        );
        check(
            &["[PAwa Sow] rit.", "Oui, Awa Sow ou Awa."],
            &[(1, "Awa Sow", Per)],
        );
        check(
            &["à [LSégou].", "SÉGOU brûle, l’autre Ségou-Nord non"],
            &[(1, "SÉGOU", Loc)],
        );
    }

    #[test]
    fn doubtful_and_contested_names_add_nothing() {
        check(&["à [lTambali].", "à Tambali"], &[]);
        check(&["à [LTambali].", "de [OTambali]", "à Tambali"], &[]);
        check(&["de [OUs].", "US et Us"], &[]);
    }

    #[test]
    fn words_that_open_sentences_need_a_capital_inside_one() {
        check(&["[OOrange] ouvre.", "Orange ferme."], &[]);
        check(&["chez [OOrange].", "une orange", "Orange ferme."], &[]);
        check(&["chez [OOrange].", "Orange ferme."], &[(1, "Orange", Org)]);
    }

    #[test]
    fn mentions_and_handles_are_left_alone() {
        check(
            &["à [LTambali].", "la [OGare de Tambali], #Tambali @Tambali"],
            &[],
        );
    }

    proptest! {
        #[test]
        fn mentions_stay_ordered_and_apart(document in prop::collection::vec(r"( |Ségou|SÉGOU|Gao Nord|Gao|’s|[a.@]){0,8}", 0..4)) {
            let mut document = document;
            document.push("à Ségou et Gao Nord et Gao".to_owned());
            let texts: Vec<&str> = document.iter().map(String::as_str).collect();
            let mut mentions = vec![Vec::new(); texts.len()];
            let known = [(3, 9, Loc), (13, 21, Org), (25, 28, Loc)];
            *mentions.last_mut().unwrap() =
                known.map(|(start, end, label)| Mention { span: Span::new(start, end), label, score: 0.9 }).to_vec();
            fill_repeated_names(&texts, &mut mentions);
            for (sentence, list) in texts.iter().zip(&mentions) {
                let names: Vec<_> = list.iter().map(|mention| mention.span.of(sentence).unwrap()).collect();
                prop_assert!(names.iter().all(|name| ["Ségou", "SÉGOU", "Gao Nord", "Gao"].contains(name)), "{names:?}");
                prop_assert!(list.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
            }
        }
    }
}
