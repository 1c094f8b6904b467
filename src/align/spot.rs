//! Scoring: how well a run of source sentences matches a spot on the target side.

use std::ops::Range;

use super::author::Authors;
use super::chrf::chrf;
use super::evidence::{Coverage, Evidence};
use super::figures::{Comparison, Figure, figures};
use super::frame::{Frames, Framing, Speech};
use super::words::{Token, tokens};
use super::{Lexicon, SourceSentence, TargetSentence, clause, contrast, names, polarity};
use crate::Span;

mod otherwise;

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

/// What is left of a score where one side denies what the other says; in a long sentence that is
/// one thing of several.
const DENIED: f32 = 0.38;
const DENIED_IN_LONG: f32 = 0.75;

/// A sentence with more letters and digits than this is long.
const LONG: usize = 100;

/// What is left of a score where the candidate is the post of somebody else.
const SIGNED_BY_OTHER: f32 = 0.5;

/// A place on the target side: whole sentences in a row, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    /// Indexes of the target sentences.
    pub sentences: Range<usize>,
    /// Where it stands in the document.
    pub span: Span,
    /// Whether it is whole sentences, and if not, what was cut away.
    pub cut: Cut,
    /// Whether a speech frame is in it, and whether that leads to reported speech.
    framed: Option<Speech>,
    /// Its length in letters and digits.
    letters: usize,
}

/// What was cut away from a place's sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Nothing.
    Nothing,
    /// The speech frames at their ends: what is said is left as a whole.
    Frames(Speech),
    /// Something else.
    Part,
}

/// A document's two sides, prepared for scoring.
pub(super) struct Sides<'a> {
    pub source: &'a [SourceSentence<'a>],
    pub target: &'a [TargetSentence<'a>],
    pub evidence: Evidence,
    source_tokens: Vec<Vec<Token>>,
    target_tokens: Vec<Vec<Token>>,
    /// Of each sentence its names: word ids, and on the target side places.
    source_names: Vec<Vec<(usize, String)>>,
    target_names: Vec<Vec<(usize, Token)>>,
    /// Of each source sentence: its length in letters and digits.
    source_letters: Vec<usize>,
    /// Of each target sentence: it as a whole and its parts.
    spots: Vec<Vec<Spot>>,
    /// Of each sentence: the figures in it.
    source_figures: Vec<Vec<Figure>>,
    target_figures: Vec<Vec<Figure>>,
    /// Of each sentence: how it frames what it says.
    framing: Vec<Framing>,
    frames: Vec<Frames>,
    authors: Authors<'a>,
}

impl Spot {
    /// Whether a sentence's words at `place` belong to it.
    fn holds(&self, sentence: Span, place: Span) -> bool {
        self.span.contains(place.shifted(sentence.start()))
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
            let names = names::of(sentence.text, tokens, words, rare);
            names.map(|(word, token)| (word, token.key)).collect()
        });
        let target_names = there.map(|((tokens, words), sentence)| {
            let rare = |word| evidence.is_rare_target(word);
            names::of(sentence.text, tokens, words, rare).collect()
        });
        Self {
            source_names: source_names.collect(),
            target_names: target_names.collect(),
            source_figures: source.iter().map(|sentence| figures(sentence.text)).collect(),
            target_figures: target.iter().map(|sentence| figures(sentence.text)).collect(),
            framing: source.iter().map(|sentence| Framing::of(sentence.text)).collect(),
            frames: target
                .iter()
                .map(|sentence| clause::frames(sentence.text))
                .collect(),
            authors: Authors::new(source, target),
            source_letters: source.iter().map(|sentence| letters(sentence.text)).collect(),
            spots: target
                .iter()
                .enumerate()
                .map(|(index, sentence)| spots(index, sentence))
                .collect(),
            source,
            target,
            evidence,
            source_tokens,
            target_tokens,
        }
    }

    /// The sentence as a whole and its parts.
    pub(super) fn spots(&self, sentence: usize) -> &[Spot] {
        &self.spots[sentence]
    }

    /// Whole sentences in a row, then the same without speech frames at the two ends.
    pub(super) fn wholes(&self, sentences: Range<usize>) -> Vec<Spot> {
        let whole = self.whole(sentences.clone());
        let (first, last) = (sentences.start, sentences.end - 1);
        let (Some(speech), true) = (whole.framed, sentences.len() > 1) else {
            let unframed = self.spots[first]
                .iter()
                .find(|spot| matches!(spot.cut, Cut::Frames(_)));
            let unframed = unframed.filter(|_| sentences.len() == 1).cloned();
            return std::iter::once(whole).chain(unframed).collect();
        };
        let start = self.frames[first]
            .head
            .map(|at| at + self.target[first].span.start());
        let end = self.frames[last]
            .tail
            .map(|at| at + self.target[last].span.start());
        let (start, end) = (
            start.unwrap_or(whole.span.start()),
            end.unwrap_or(whole.span.end()),
        );
        let mut unframed = Spot {
            span: Span::new(start.min(end), end),
            cut: Cut::Frames(speech),
            framed: None,
            ..whole.clone()
        };
        unframed.letters = letters(&self.text_of(&unframed));
        vec![whole, unframed]
    }

    /// Whole sentences in a row.
    fn whole(&self, sentences: Range<usize>) -> Spot {
        let wholes = &self.spots[sentences.clone()];
        let (start, end) = (wholes[0][0].span.start(), wholes[wholes.len() - 1][0].span.end());
        let frames = Frames {
            tail: self.frames[sentences.end - 1].tail,
            ..self.frames[sentences.start]
        };
        Spot {
            sentences,
            span: Span::new(start.min(end), end),
            cut: Cut::Nothing,
            framed: frames.speech(),
            letters: wholes.iter().map(|spots| spots[0].letters).sum(),
        }
    }

    /// Whether the spot has a speech frame that the source sentences lack.
    pub(super) fn is_framed_alone(&self, source: Range<usize>, spot: &Spot) -> bool {
        spot.framed.is_some_and(|speech| !self.has_frame(source, speech))
    }

    /// Whether the spot is what the source sentences say without a frame and the target with one.
    pub(super) fn is_unframed(&self, source: Range<usize>, spot: &Spot) -> bool {
        matches!(spot.cut, Cut::Frames(speech) if !self.has_frame(source, speech))
    }

    fn has_frame(&self, source: Range<usize>, speech: Speech) -> bool {
        self.framing[source]
            .iter()
            .any(|framing| framing.quoted || speech == Speech::Reported && framing.reported)
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
        let mut score = self.likeness(source.clone(), spot, coverage);
        if score > 0.0 && self.names_author(source.start, spot) {
            score = (score + AUTHOR_BONUS).min(1.0);
        }
        if score < WORTH_A_LOOK {
            return (score, coverage);
        }
        let figures = self.figures(source.clone(), spot);
        if figures.contradicts()
            || self.names_contradict(source.clone(), &words, spot)
            || self.says_otherwise(source.clone(), spot)
        {
            return (0.0, coverage);
        }
        (score * figures.factor() * self.doubt(source, spot), coverage)
    }

    /// How alike the words and the lengths are, and the translation where there is one.
    fn likeness(&self, source: Range<usize>, spot: &Spot, coverage: Coverage) -> f32 {
        let truncated = is_truncated(self.source[source.end - 1].text);
        let overlap = f_score(coverage, if truncated { 2.0 } else { 1.0 });
        let lexical = overlap * self.length_factor(source.clone(), spot, truncated);
        let Some(translation) = self.translation(source) else {
            return lexical;
        };
        // chrF between unrelated sentences of one language is about 0.2 to 0.3.
        let likeness = ((chrf(&translation, &self.text_of(spot)) - 0.25) / 0.5).clamp(0.0, 1.0);
        // A translation that looks like the spot speaks for it; one that does not may just be poor.
        lexical.max(0.65 * lexical + 0.35 * likeness)
    }

    fn words_of(&self, spot: &Spot) -> Vec<usize> {
        if spot.cut == Cut::Nothing {
            return self.evidence.target[spot.sentences.clone()].concat();
        }
        let words = |sentence: usize| {
            let inside = self.target_tokens[sentence]
                .iter()
                .zip(&self.evidence.target[sentence]);
            inside.filter(move |(token, _)| spot.holds(self.target[sentence].span, token.span))
        };
        spot.sentences
            .clone()
            .flat_map(words)
            .map(|(_, word)| *word)
            .collect()
    }

    fn text_of(&self, spot: &Spot) -> String {
        let texts: Vec<&str> = self.target[spot.sentences.clone()]
            .iter()
            .map(|sentence| {
                let at = |place: usize| {
                    place
                        .saturating_sub(sentence.span.start())
                        .min(sentence.text.len())
                };
                let inside = at(spot.span.start())..at(spot.span.end());
                sentence.text.get(inside).unwrap_or(sentence.text)
            })
            .collect();
        texts.join(" ")
    }

    /// How the figures of the two sides compare.
    fn figures(&self, source: Range<usize>, spot: &Spot) -> Comparison {
        let here: Vec<&Figure> = self.source_figures[source].iter().flatten().collect();
        let inside = |sentence: usize| {
            let figures = self.target_figures[sentence].iter();
            figures.filter(move |figure| spot.holds(self.target[sentence].span, figure.span))
        };
        let there: Vec<&Figure> = spot.sentences.clone().flat_map(inside).collect();
        Comparison::of(&here, &there)
    }

    /// What is left of a score for reasons beside words and figures.
    fn doubt(&self, source: Range<usize>, spot: &Spot) -> f32 {
        let author = self.source[source.start].author;
        let long = self.source_letters[source.clone()].iter().sum::<usize>() > LONG;
        let denial = if long { DENIED_IN_LONG } else { DENIED };
        let sentences: Vec<&str> = self.source[source].iter().map(|sentence| sentence.text).collect();
        let denied = polarity::differs(&sentences.join(" "), &self.text_of(spot));
        let other = author.is_some_and(|author| self.authors.signed_by_other(author, spot.sentences.start));
        (if denied { denial } else { 1.0 }) * if other { SIGNED_BY_OTHER } else { 1.0 }
    }

    /// Whether both sides name somebody or something and neither names what the other does.
    fn names_contradict(&self, source: Range<usize>, words: &[usize], spot: &Spot) -> bool {
        let here: Vec<_> = self.source_names[source].iter().flatten().collect();
        let inside = |sentence: usize| {
            let names = self.target_names[sentence].iter();
            names.filter(move |(_, token)| spot.holds(self.target[sentence].span, token.span))
        };
        let there: Vec<_> = spot.sentences.clone().flat_map(inside).collect();
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
        let author = self.source[source].author;
        author.is_some_and(|author| self.authors.named_near(author, spot.sentences.start))
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

/// A target sentence as a whole, then its parts.
fn spots(index: usize, sentence: &TargetSentence<'_>) -> Vec<Spot> {
    let text = sentence.text;
    let frames = clause::frames(text);
    let framed = frames.speech();
    let whole = clause::tidy(text, Span::new(0, text.len()));
    let said = Span::new(
        frames.head.unwrap_or(whole.start()),
        frames.tail.unwrap_or(whole.end()).max(frames.head.unwrap_or(0)),
    );
    let said = clause::tidy(text, said);
    let spot = |place: Span, cut, framed| Spot {
        sentences: index..index + 1,
        span: place.shifted(sentence.span.start()),
        cut,
        framed,
        letters: place.of(text).map_or(0, letters),
    };
    let mut spots = vec![spot(whole, Cut::Nothing, framed)];
    // What is denied says the opposite without the words before it: `It is false that …`.
    let believed = |part: &Span| {
        !text[..part.start()].trim_end().ends_with("that") || !contrast::denies(&text[..part.start()])
    };
    spots.extend(
        clause::runs(text)
            .into_iter()
            .filter(believed)
            .map(|part| match framed {
                Some(speech) if part == said => spot(part, Cut::Frames(speech), None),
                _ => spot(part, Cut::Part, None),
            }),
    );
    spots
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
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
