//! Whether a spot that has the words of a sentence says something else.

use std::ops::Range;

use super::super::words::Token;
use super::super::{contrast, polarity, roles};
use super::{Cut, Sides, Spot};

impl Sides<'_> {
    /// Whether the spot says something else with much the same words: the opposite, a denial, a question, or the same of
    /// another.
    pub(super) fn says_otherwise(&self, source: Range<usize>, spot: &Spot) -> bool {
        let french: Vec<&str> = self.source[source.clone()]
            .iter()
            .map(|sentence| sentence.text)
            .collect();
        let (french, english) = (french.join(" "), self.text_of(spot));
        let here = self.source_tokens[source.clone()].concat();
        let there = self.tokens_of(spot);
        contrast::differs(&french, &english)
            || contrast::excludes(&here, &there, polarity::negates(&french, &english))
            || source.len() == 1 && spot.sentences.len() == 1 && self.places_changed(source.start, spot)
    }

    fn places_changed(&self, source: usize, spot: &Spot) -> bool {
        let (here, there) = (&self.evidence.source[source], self.words_of(spot));
        let matches = |one: usize, other: usize| self.evidence.matches(here[one], there[other]);
        roles::change_places(&self.source_tokens[source], &self.tokens_of(spot), matches)
    }

    fn tokens_of(&self, spot: &Spot) -> Vec<Token> {
        let inside = |sentence: usize| {
            let tokens = self.target_tokens[sentence].iter();
            tokens.filter(move |token| {
                spot.cut == Cut::Nothing || spot.holds(self.target[sentence].span, token.span)
            })
        };
        spot.sentences.clone().flat_map(inside).cloned().collect()
    }
}
