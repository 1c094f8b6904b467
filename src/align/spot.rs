//! Scoring: how well a run of source sentences matches a spot on the target side.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::chrf::chrf;
use super::evidence::{Coverage, Evidence};
use super::words::{Token, TokenKind, fold, tokens};
use super::{Lexicon, SourceSentence, TargetSentence, clause, names};
use crate::Span;

/// French text is about this much longer than its English translation, in characters.
const FRENCH_LENGTH: f32 = 1.1;

/// How far lengths may differ (as a natural logarithm) before it counts against a match.
const FREE_LENGTH: f32 = 0.5;

/// Below this score a spot is never taken, so that it needs no closer look.
const WORTH_A_LOOK: f32 = 0.25;

/// The least share of a sentence that must match for it to be joined with its neighbours.
const LEAST_PART: f32 = 0.2;

/// Added to the score where the post's author is named around the candidate.
const AUTHOR_BONUS: f32 = 0.05;

/// A place on the target side: whole sentences in a row, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    /// Indexes of the target sentences.
    pub sentences: Range<usize>,
    /// Where it stands in the document.
    pub span: Span,
    /// Its part of the sentence's text, where it is not the whole.
    part: Option<Span>,
    /// Its length in letters and digits.
    letters: usize,
}

/// A document's two sides, prepared for scoring.
pub(super) struct Sides<'a> {
    pub source: &'a [SourceSentence<'a>],
    pub target: &'a [TargetSentence<'a>],
    pub evidence: Evidence,
    target_tokens: Vec<Vec<Token>>,
    /// Of each sentence its names: word ids, and on the target side places.
    source_names: Vec<Vec<(usize, String)>>,
    target_names: Vec<Vec<(usize, Token)>>,
    /// Of each source sentence: its length in letters and digits.
    source_letters: Vec<usize>,
    /// Of each target sentence: it as a whole and its parts.
    spots: Vec<Vec<Spot>>,
    /// Of each author: the target sentences around which the name stands.
    near_author: HashMap<&'a str, BTreeSet<usize>>,
}

impl Spot {
    /// Whether it is a part of a sentence.
    pub(super) fn is_part(&self) -> bool {
        self.part.is_some()
    }
}

impl<'a> Sides<'a> {
    pub(super) fn new(
        lexicon: &Lexicon,
        source: &'a [SourceSentence<'a>],
        target: &'a [TargetSentence<'a>],
    ) -> Self {
        let source_tokens: Vec<Vec<Token>> = source.iter().map(|sentence| tokens(sentence.text)).collect();
        let target_tokens: Vec<Vec<Token>> = target.iter().map(|sentence| tokens(sentence.text)).collect();
        let evidence = Evidence::new(lexicon, &source_tokens, &target_tokens);
        let here = source_tokens.iter().zip(&evidence.source).zip(source);
        let there = target_tokens.iter().zip(&evidence.target).zip(target);
        let source_names = here.map(|((tokens, words), sentence)| {
            let rare = |word| evidence.is_rare_source(word);
            let names = names_of(sentence.text, tokens, words, rare);
            names.map(|(word, token)| (word, token.key)).collect()
        });
        let target_names = there.map(|((tokens, words), sentence)| {
            let rare = |word| evidence.is_rare_target(word);
            names_of(sentence.text, tokens, words, rare).collect()
        });
        Self {
            source_names: source_names.collect(),
            target_names: target_names.collect(),
            near_author: near_authors(source, target),
            source_letters: source.iter().map(|sentence| letters(sentence.text)).collect(),
            spots: target
                .iter()
                .enumerate()
                .map(|(index, sentence)| spots(index, sentence))
                .collect(),
            source,
            target,
            evidence,
            target_tokens,
        }
    }

    /// The sentence as a whole and its parts.
    pub(super) fn spots(&self, sentence: usize) -> &[Spot] {
        &self.spots[sentence]
    }

    /// Whole sentences in a row.
    pub(super) fn whole(&self, sentences: Range<usize>) -> Spot {
        let wholes = &self.spots[sentences.clone()];
        let (start, end) = (wholes[0][0].span.start(), wholes[wholes.len() - 1][0].span.end());
        Spot {
            sentences,
            span: Span::new(start.min(end), end),
            part: None,
            letters: wholes.iter().map(|spots| spots[0].letters).sum(),
        }
    }

    /// Whether each of several sentences on either side has its part in the match, so that none
    /// is only carried along.
    pub(super) fn all_contribute(&self, source: Range<usize>, spot: &Spot) -> bool {
        let words = |range: Range<usize>| self.evidence.source[range].concat();
        let there = self.words_of(spot);
        let here = words(source.clone());
        let source_does =
            |index| self.evidence.coverage(&words(index..index + 1), &there).source >= LEAST_PART;
        let target_does =
            |index: usize| self.evidence.coverage(&here, &self.evidence.target[index]).target >= LEAST_PART;
        (source.len() == 1 || source.into_iter().all(source_does))
            && (spot.sentences.len() == 1 || spot.sentences.clone().all(target_does))
    }

    /// How well the spot renders the source sentences: the score `0.0..=1.0` and what it rests on.
    pub(super) fn score(&self, source: Range<usize>, spot: &Spot) -> (f32, Coverage) {
        let words: Vec<usize> = self.evidence.source[source.clone()].concat();
        let coverage = self.evidence.coverage(&words, &self.words_of(spot));
        let truncated = is_truncated(self.source[source.end - 1].text);
        let overlap = f_score(coverage, if truncated { 2.0 } else { 1.0 });
        let length = self.length_factor(source.clone(), spot, truncated);
        let lexical = overlap * length;
        let score = match self.translation(source.clone()) {
            // chrF between unrelated sentences of one language is about 0.2 to 0.3.
            Some(translation) => {
                let likeness = ((chrf(&translation, &self.text_of(spot)) - 0.25) / 0.5).clamp(0.0, 1.0);
                // A translation that looks like the spot speaks for it; one that does not may just be poor.
                lexical.max(0.65 * lexical + 0.35 * likeness)
            }
            None => lexical,
        };
        let other_report = || {
            self.figures_contradict(source.clone(), spot)
                || self.names_contradict(source.clone(), &words, spot)
        };
        if score >= WORTH_A_LOOK && other_report() {
            return (0.0, coverage);
        }
        let bonus = if score > 0.0 && self.names_author(source.start, spot) {
            AUTHOR_BONUS
        } else {
            0.0
        };
        ((score + bonus).min(1.0), coverage)
    }

    fn words_of(&self, spot: &Spot) -> Vec<usize> {
        let Some(part) = spot.part else {
            return self.evidence.target[spot.sentences.clone()].concat();
        };
        let sentence = spot.sentences.start;
        let inside = self.target_tokens[sentence]
            .iter()
            .zip(&self.evidence.target[sentence]);
        inside
            .filter(|(token, _)| part.contains(token.span))
            .map(|(_, word)| *word)
            .collect()
    }

    fn text_of(&self, spot: &Spot) -> String {
        let whole: Vec<&str> = self.target[spot.sentences.clone()]
            .iter()
            .map(|sentence| sentence.text)
            .collect();
        match spot.part.and_then(|part| part.of(whole[0])) {
            Some(part) => part.to_owned(),
            None => whole.join(" "),
        }
    }

    /// Whether both sides give figures and have none in common: a report of something else in the same words.
    fn figures_contradict(&self, source: Range<usize>, spot: &Spot) -> bool {
        let here: BTreeSet<String> = self.source[source]
            .iter()
            .flat_map(|sentence| figures(sentence.text))
            .collect();
        let there: BTreeSet<String> = figures(&self.text_of(spot)).collect();
        !here.is_empty() && !there.is_empty() && here.is_disjoint(&there)
    }

    /// Whether both sides name somebody or something and neither names what the other does.
    fn names_contradict(&self, source: Range<usize>, words: &[usize], spot: &Spot) -> bool {
        let here: Vec<_> = self.source_names[source].iter().flatten().collect();
        let inside = |token: &Token| spot.part.is_none_or(|part| part.contains(token.span));
        let there: Vec<_> = self.target_names[spot.sentences.clone()]
            .iter()
            .flatten()
            .filter(|(_, token)| inside(token))
            .collect();
        if here.is_empty() || there.is_empty() {
            return false;
        }
        let words_there = self.words_of(spot);
        let found_there = |name: usize| words_there.iter().any(|word| self.evidence.matches(name, *word));
        let found_here = |name: usize| words.iter().any(|word| self.evidence.matches(*word, name));
        let alike = |name: &str| there.iter().any(|(_, token)| names::may_be_one(name, &token.key));
        !here.iter().any(|(word, name)| found_there(*word) || alike(name))
            && !there.iter().any(|(word, _)| found_here(*word))
    }

    /// The machine translation of the sentences, `None` where one of them has none.
    fn translation(&self, source: Range<usize>) -> Option<String> {
        let parts: Option<Vec<&str>> = self.source[source]
            .iter()
            .map(|sentence| sentence.translation)
            .collect();
        parts.map(|parts| parts.join(" "))
    }

    fn names_author(&self, source: usize, spot: &Spot) -> bool {
        let near = self.source[source]
            .author
            .and_then(|author| self.near_author.get(author));
        near.is_some_and(|near| near.contains(&spot.sentences.start))
    }

    /// 1 for lengths that go together, less the further they are apart. What a cut-off post
    /// renders may be longer than what is left of the post.
    fn length_factor(&self, source: Range<usize>, spot: &Spot, truncated: bool) -> f32 {
        let here = self.source_letters[source].iter().sum::<usize>().max(1) as f32;
        let ratio = (FRENCH_LENGTH * spot.letters.max(1) as f32 / here).ln();
        if truncated && ratio > 0.0 {
            1.0
        } else {
            (FREE_LENGTH - ratio.abs()).min(0.0).exp()
        }
    }
}

/// The names of a sentence: words that stand like one and are rare.
fn names_of(
    text: &str,
    tokens: &[Token],
    words: &[usize],
    rare: impl Fn(usize) -> bool,
) -> impl Iterator<Item = (usize, Token)> {
    let like = names::stand_like_names(text, tokens);
    tokens
        .iter()
        .zip(words)
        .zip(like)
        .filter(move |((_, word), like)| *like && rare(**word))
        .map(|((token, word), _)| (*word, token.clone()))
}

/// A target sentence as a whole, then its parts.
fn spots(index: usize, sentence: &TargetSentence<'_>) -> Vec<Spot> {
    let text = sentence.text;
    let spot = |place: Span, part| Spot {
        sentences: index..index + 1,
        span: place.shifted(sentence.span.start()),
        part,
        letters: place.of(text).map_or(0, letters),
    };
    let mut spots = vec![spot(clause::tidy(text, Span::new(0, text.len())), None)];
    spots.extend(clause::runs(text).into_iter().map(|part| spot(part, Some(part))));
    spots
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// For each author of a source sentence the target sentences around which two words of the name,
/// or the only one, stand.
fn near_authors<'a>(
    source: &[SourceSentence<'a>],
    target: &[TargetSentence<'_>],
) -> HashMap<&'a str, BTreeSet<usize>> {
    let mut passages: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for sentence in target {
        passages
            .entry(sentence.surroundings)
            .or_insert_with_key(|text| name_words(text));
    }
    let authors: BTreeSet<&str> = source.iter().filter_map(|sentence| sentence.author).collect();
    let near = |author| {
        let words = name_words(author);
        let named = |text| words.intersection(&passages[text]).count() >= words.len().clamp(1, 2);
        (0..target.len())
            .filter(|index| named(target[*index].surroundings))
            .collect()
    };
    authors.into_iter().map(|author| (author, near(author))).collect()
}

/// The harmonic mean of both coverages, the source's counting `beta` times as much.
fn f_score(coverage: Coverage, beta: f32) -> f32 {
    let square = beta * beta;
    let below = square * coverage.target + coverage.source;
    if below > 0.0 {
        (1.0 + square) * coverage.target * coverage.source / below
    } else {
        0.0
    }
}

/// Whether a post breaks off: it ends with an ellipsis.
fn is_truncated(text: &str) -> bool {
    let text = text.trim_end();
    text.ends_with('…') || text.ends_with("...")
}

/// The values of the numbers in a text.
fn figures(text: &str) -> impl Iterator<Item = String> {
    tokens(text)
        .into_iter()
        .filter(|token| token.kind == TokenKind::Number)
        .map(|token| token.key)
}

/// The words of a name, without case and accents.
fn name_words(text: &str) -> BTreeSet<String> {
    tokens(text)
        .iter()
        .filter(|token| token.key.len() > 2)
        .map(|token| fold(&token.key))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEXICON: &str =
        "# diglot lexicon 1\n[english]\n[french]\nlac\t14\tlake 90 90\npont\t14\tbridge 90 90\n";

    /// The score of one source sentence at one target sentence.
    fn score(source: &str, target: &str, author: Option<&str>, surroundings: &str) -> f32 {
        let lexicon = Lexicon::from_bytes("tiny", LEXICON.as_bytes()).unwrap();
        let source = [SourceSentence {
            text: source,
            translation: None,
            passage: 0,
            author,
        }];
        let target = [TargetSentence {
            text: target,
            span: Span::new(0, target.len()),
            passage: 0,
            surroundings,
        }];
        let sides = Sides::new(&lexicon, &source, &target);
        sides.score(0..1, &sides.whole(0..1)).0
    }

    #[test]
    fn figures_that_contradict_each_other_are_no_match() {
        let at = |source, target| score(source, target, None, "");
        assert_eq!(at("70 pont lac", "33 bridge lake"), 0.0);
        assert!(at("70 pont lac", "70 bridge lake") > 0.5);
        assert!(
            at("pont lac", "33 bridge lake") > 0.0,
            "one side alone gives a figure"
        );
        assert!(
            at("21 h 30 pont 5 lac", "9:30 p.m. bridge lake") > 0.5,
            "one figure in common is enough"
        );
    }

    #[test]
    fn names_that_contradict_each_other_are_no_match() {
        let at = |source, target| score(source, target, None, "");
        assert_eq!(at("le pont du lac Boghé", "the bridge on lake Zoubida"), 0.0);
        assert!(at("le pont du lac Boghé", "the bridge on lake Boghe") > 0.5);
        assert!(at("le pont du lac Tombouctou", "the bridge on lake Timbuktu") > 0.0);
        assert!(
            at("Boghé attend, pont lac", "the bridge on lake Zoubida") > 0.0,
            "the first word has a capital anyway"
        );
        assert!(at("le pont du lac Boghé", "the bridge on the lake") > 0.0);
        assert!(
            at(
                "le pont, lac, dit Awa Sy à Boghé",
                "the bridge, lake, said Awa Sy in Zoubida"
            ) > 0.0,
            "one name in common is enough"
        );
        assert!(
            at("le pont du lac OTAN", "the bridge on lake Zoubida") > 0.0,
            "acronyms differ between languages"
        );
    }

    #[test]
    fn an_author_named_around_the_place_counts() {
        let near = |author, around| score("pont lac Zoé", "bridge", author, around);
        let plain = near(None, "said Aminata KEÏTA");
        assert!(near(Some("Mme Aminata Keita"), "said Aminata KEÏTA on Monday") > plain);
        assert!(near(Some("Keïta"), "said Keita") > plain);
        assert_eq!(
            near(Some("Aminata Diop"), "said Aminata Keïta"),
            plain,
            "one name of two is another person"
        );
        assert_eq!(near(Some(""), "said nobody"), plain);
    }

    #[test]
    fn a_longer_place_fits_only_a_post_that_breaks_off() {
        let long = "bridge, the, of, to, and, a, in, is, that, for, it, with, as, on, at, by, from";
        assert!(score("pont", "bridge", None, "") > score("pont", long, None, ""));
        assert!(score("pont…", long, None, "") > 1.5 * score("pont", long, None, ""));
    }
}
