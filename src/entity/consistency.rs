//! Names that the recogniser saw in one place of a document and overlooked or broke in another.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::fold::folded_words;
use super::trim::span_of;
use super::words::{Word, WordKind, first_text, words, words_in};
use super::{Label, Mention, lexicon, organisations};

/// A mention supports other places from this score on.
const CONFIDENT: f32 = 0.8;

/// Names with fewer letters are not looked for: short ones coincide with words.
const MIN_LETTERS: usize = 3;

/// A name in capitals stands for one in small letters from this many letters on: `US` is not `Us`. So does
/// a single word that only a signature has.
const MIN_LETTERS_IN_CAPITALS: usize = 4;

/// Adds mentions where a name stands that is known from elsewhere in the document.
///
/// `sentences` are those of one document, in any languages; `authors` are names that it tells otherwise, as
/// in signatures. Known are these and the mentions with a score of at least 0.8.
///
/// A name of several words is looked for but for case and accents, takes the place of the fragments inside
/// it, and has the label with the most support. The last name of such a person is one too, where no other
/// capitalised word stands beside it and the document does not take it for something else. A single word is
/// looked for where all that is known of it agrees on the label, it begins with a capital and has three
/// letters or more; it counts only if one of its mentions is not at the start of the sentence, and not where
/// the document has the same word in lower case. Words of four letters or more are also found in capitals.
/// The score of a new mention is the mean score of those it is known from.
///
/// # Panics
///
/// If `sentences` and `mentions` differ in length.
#[track_caller]
pub fn fill_repeated_names(sentences: &[&str], authors: &[(&str, Mention)], mentions: &mut [Vec<Mention>]) {
    assert_eq!(sentences.len(), mentions.len(), "one list of mentions a sentence");
    let cut: Vec<_> = sentences.iter().map(|sentence| words(sentence)).collect();
    let names = Names::collect(sentences, &cut, authors, mentions);
    for ((sentence, words), mentions) in sentences.iter().zip(&cut).zip(mentions) {
        let place = Place { sentence, words };
        names.fill_whole(&place, mentions);
        names.fill_last_names(&place, mentions);
        names.fill_single(&place, mentions);
    }
}

/// A sentence and its words.
struct Place<'a> {
    sentence: &'a str,
    words: &'a [Word],
}

/// What the confident mentions of a name say of it.
#[derive(Clone, Copy, Debug, Default)]
struct Support {
    /// The sum of scores by label, in the order of [`Label::ALL`].
    sums: [f32; 4],
    count: u16,
    inside_sentence: bool,
}

/// The names to look for.
#[derive(Default)]
struct Names {
    /// Of several words, folded.
    whole: HashMap<Vec<String>, Support>,
    /// Of one word, as they are.
    single: HashMap<String, Support>,
    /// Those of one word, by the word in capitals; `None` where several share it.
    in_capitals: HashMap<String, Option<String>>,
    /// The last names of persons, folded, with the mean score of the full name.
    last: HashMap<Vec<String>, f32>,
    /// The most words of a name.
    longest: usize,
}

impl Names {
    fn collect(
        sentences: &[&str],
        cut: &[Vec<Word>],
        authors: &[(&str, Mention)],
        mentions: &[Vec<Mention>],
    ) -> Self {
        let mut names = Self::default();
        for ((sentence, words), mentions) in sentences.iter().zip(cut).zip(mentions) {
            let start = first_text(words).map(|first| words[first].span.start());
            for mention in mentions.iter().filter(|mention| mention.score >= CONFIDENT) {
                let inside = start.is_some_and(|start| start < mention.span.start());
                names.learn(mention.span.of(sentence).unwrap_or_default(), mention, inside);
            }
        }
        for (author, mention) in authors {
            let name = mention.span.of(author).unwrap_or_default();
            if words(name).len() > 1 || letters(name) >= MIN_LETTERS_IN_CAPITALS {
                names.learn(name, mention, true);
            }
            // The account `Sonelux Officiel` is that of Sonelux.
            if let Some((short, last)) = name.rsplit_once(char::is_whitespace)
                && organisations::is_official(last)
            {
                names.learn(short.trim_end(), mention, true);
            }
        }
        let lower = lower_words(sentences, cut);
        names
            .single
            .retain(|text, support| is_safe(text, support, &lower));
        names.learn_last_names(sentences, authors, mentions, &lower);
        for text in names
            .single
            .keys()
            .filter(|text| letters(text) >= MIN_LETTERS_IN_CAPITALS)
        {
            let slot = names.in_capitals.entry(text.to_uppercase());
            slot.and_modify(|other| *other = None)
                .or_insert_with(|| Some(text.clone()));
        }
        names
    }

    fn learn(&mut self, name: &str, mention: &Mention, inside_sentence: bool) {
        let count = words(name).len();
        if count < 2 {
            self.single
                .entry(name.to_owned())
                .or_default()
                .add(mention, inside_sentence);
        } else if name.starts_with(char::is_uppercase) {
            self.longest = self.longest.max(count);
            self.whole
                .entry(folded_words(name))
                .or_default()
                .add(mention, inside_sentence);
        }
    }

    fn learn_last_names(
        &mut self,
        sentences: &[&str],
        authors: &[(&str, Mention)],
        mentions: &[Vec<Mention>],
        lower: &HashSet<&str>,
    ) {
        let in_sentences = sentences.iter().zip(mentions);
        let of_sentences =
            in_sentences.flat_map(|(&sentence, found)| found.iter().map(move |found| (sentence, *found)));
        let mut others: HashSet<Vec<String>> = HashSet::new();
        let mut full_names = Vec::new();
        for (sentence, mention) in of_sentences.chain(authors.iter().copied()) {
            let Some(name) = mention.span.of(sentence) else {
                continue;
            };
            let folded = folded_words(name);
            match self.whole.get(&folded) {
                Some(support) if support.label() == Label::Per => full_names.push((name, support.mean())),
                _ if mention.label != Label::Per && mention.score >= CONFIDENT => {
                    others.insert(folded);
                }
                _ => {}
            }
        }
        for (name, score) in full_names {
            if let Some(last) = last_name(name).filter(|last| !lower.contains(last.to_lowercase().as_str()))
                && !others.contains(&folded_words(last))
            {
                self.last.entry(folded_words(last)).or_insert(score);
            }
        }
    }

    /// Names of several words, over the fragments found of them.
    fn fill_whole(&self, place: &Place<'_>, mentions: &mut Vec<Mention>) {
        let mut at = 0;
        while at < place.words.len() {
            let longest = self.longest.min(place.words.len() - at);
            let found = (2..=longest)
                .rev()
                .find_map(|len| self.whole_at(place, at..at + len, mentions));
            at = found.map_or(at + 1, |mention| words_in(place.words, mention.span).end);
            if let Some(found) = found {
                let exact = |mention: &Mention| mention.span == found.span;
                if !mentions.iter().any(exact) {
                    replace(mentions, found);
                }
            }
        }
    }

    fn whole_at(&self, place: &Place<'_>, range: Range<usize>, mentions: &[Mention]) -> Option<Mention> {
        let words = &place.words[range.clone()];
        let span = span_of(place.words, &range);
        let whole = |word: &Word| word.kind != WordKind::Protected;
        let begins = words
            .first()
            .is_some_and(|word| word.text(place.sentence).starts_with(char::is_uppercase));
        let fits = |mention: &Mention| !mention.span.overlaps(span) || span.contains(mention.span);
        let ends = words.last().is_some_and(|word| word.kind == WordKind::Text);
        if !begins || !ends || !words.iter().all(whole) || !mentions.iter().all(fits) {
            return None;
        }
        let support = self.whole.get(&folded_words(span.of(place.sentence)?))?;
        let (label, score) = (support.label(), support.mean());
        Some(Mention { span, label, score })
    }

    /// Last names of persons that are known in full.
    fn fill_last_names(&self, place: &Place<'_>, mentions: &mut Vec<Mention>) {
        for (at, word) in place.words.iter().enumerate() {
            let text = word.text(place.sentence);
            if !word.is_capitalised(place.sentence) {
                continue;
            }
            let Some(&score) = self.last.get(&folded_words(text)) else {
                continue;
            };
            let (label, span) = (Label::Per, word.span);
            let found = mentions.iter().position(|mention| mention.span.overlaps(span));
            match found.map(|found| &mut mentions[found]) {
                Some(mention) if mention.span == span && mention.score < CONFIDENT => mention.label = label,
                None if place.stands_alone(at) => replace(mentions, Mention { span, label, score }),
                _ => {}
            }
        }
    }

    fn fill_single(&self, place: &Place<'_>, mentions: &mut Vec<Mention>) {
        for word in place.words.iter().filter(|word| word.kind != WordKind::Protected) {
            let span = word.span;
            let free = !mentions.iter().any(|mention| mention.span.overlaps(span));
            if let Some(support) = self.single(word.text(place.sentence)).filter(|_| free) {
                let (label, score) = (support.label(), support.mean());
                replace(mentions, Mention { span, label, score });
            }
        }
    }

    fn single(&self, text: &str) -> Option<&Support> {
        let found = self.single.get(text);
        found.or_else(|| self.single.get(self.in_capitals.get(text)?.as_ref()?))
    }
}

impl Place<'_> {
    /// Whether no capitalised word stands right beside: `Kane Street` is not the person Kane.
    fn stands_alone(&self, at: usize) -> bool {
        let capital = |at: usize| {
            self.words
                .get(at)
                .is_some_and(|word| word.is_capitalised(self.sentence))
        };
        let title = |at: usize| lexicon::is_title(self.words[at].text(self.sentence));
        let opens = first_text(self.words);
        let before = at
            .checked_sub(1)
            .filter(|&before| capital(before) && Some(before) != opens);
        !capital(at + 1) && before.is_none_or(title)
    }
}

impl Support {
    fn add(&mut self, mention: &Mention, inside_sentence: bool) {
        if self.count < u16::MAX {
            self.count += 1;
            self.sums[mention.label as usize] += mention.score;
        }
        self.inside_sentence |= inside_sentence;
    }

    /// The label with the most support, the first of equals.
    fn label(&self) -> Label {
        let better = |best: Label, label: Label| {
            if self.sums[label as usize] > self.sums[best as usize] {
                label
            } else {
                best
            }
        };
        Label::ALL.into_iter().reduce(better).unwrap_or(Label::Misc)
    }

    fn agreed(&self) -> bool {
        self.sums.iter().filter(|&&sum| sum > 0.0).count() <= 1
    }

    fn mean(&self) -> f32 {
        self.sums.iter().sum::<f32>() / f32::from(self.count.max(1))
    }
}

/// The last name in a full one, as far as it can be told from a word.
fn last_name(name: &str) -> Option<&str> {
    let cut = words(name);
    let (last, before) = cut.split_last()?;
    let text = last.text(name);
    let particle = before
        .last()
        .is_some_and(|word| lexicon::is_function_word(word.text(name)));
    let known = last.is_capitalised(name) && !particle && !lexicon::is_name_suffix(text);
    (known && letters(text) >= MIN_LETTERS).then_some(text)
}

/// Puts a mention in the place of those that it covers.
fn replace(mentions: &mut Vec<Mention>, mention: Mention) {
    mentions.retain(|other| !other.span.overlaps(mention.span));
    let at = mentions.partition_point(|other| other.span < mention.span);
    mentions.insert(at, mention);
}

fn is_safe(text: &str, support: &Support, lower: &HashSet<&str>) -> bool {
    let common = !support.inside_sentence || lower.contains(text.to_lowercase().as_str());
    support.agreed() && !common && text.starts_with(char::is_uppercase) && letters(text) >= MIN_LETTERS
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

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;
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
        fill_repeated_names(&texts, &[], &mut mentions);
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

    #[test]
    fn names_of_several_words_take_the_place_of_their_fragments() {
        check(
            &[
                "dit [PAwa Dionta-Sel].",
                "[oAwa] [lDionta-Sel] left, AWA DIONTA-SEL too",
            ],
            &[(1, "Awa Dionta-Sel", Per), (1, "AWA DIONTA-SEL", Per)],
        );
        check(&["dit [PAwa Sow].", "the [OAwa Sow School] of Awa"], &[]);
    }

    #[test]
    fn last_names_are_persons_unless_the_document_says_otherwise() {
        check(
            &["dit [PAwa Dionta].", "Yes, Dionta said, [lDionta]"],
            &[(1, "Dionta", Per), (1, "Dionta", Per)],
        );
        check(
            &["dit [PAwa Dionta].", "à [LDionta] et Dionta"],
            &[(1, "Dionta", Loc)],
        );
        check(&["dit [PAwa Dionta].", "at Dionta Street"], &[]);
        check(&["dit [PAwa Rose].", "une rose, Rose"], &[]);
    }

    #[test]
    fn authors_are_known_names() {
        let mention = Mention {
            span: Span::new(3, 13),
            label: Per,
            score: 0.5,
        };
        let (sentence, given) = parse("selon [lAwa] [oDionta] hier");
        let mut mentions = vec![given];
        fill_repeated_names(&[&sentence], &[("Dr Awa Dionta", mention)], &mut mentions);
        let names: Vec<_> = mentions[0]
            .iter()
            .map(|m| (m.span.of(&sentence).unwrap(), m.label))
            .collect();
        assert_eq!(names, [("Awa Dionta", Per)]);
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
            fill_repeated_names(&texts, &[], &mut mentions);
            for (sentence, list) in texts.iter().zip(&mentions) {
                let names: Vec<_> = list.iter().map(|mention| mention.span.of(sentence).unwrap()).collect();
                prop_assert!(names.iter().all(|name| ["Ségou", "SÉGOU", "Gao Nord", "Gao"].contains(name)), "{names:?}");
                prop_assert!(list.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()));
            }
        }
    }
}
