//! Translation by way of a third language.

use std::collections::BTreeSet;

use super::{LanguagePair, Translation, Translator, one_each};
use crate::BackendError;

/// Translates with one model into a language between, and with another from there.
///
/// - `flags`: those of both steps.
/// - `score`: the sum of both steps' scores, which is the logarithm of the product of the mean
///   probabilities of their tokens.
/// - `alignment`: composed; words are aligned where both are aligned with one word between.
pub struct PivotTranslator<A, B> {
    first: A,
    second: B,
}

impl<A: Translator, B: Translator> PivotTranslator<A, B> {
    /// Joins two translators; `None` where the second does not read what the first writes, or they lead
    /// back.
    pub fn new(first: A, second: B) -> Option<Self> {
        let (from, to) = (first.pair(), second.pair());
        (from.target == to.source && from.source != to.target).then_some(Self { first, second })
    }
}

impl<A: Translator, B: Translator> Translator for PivotTranslator<A, B> {
    fn pair(&self) -> LanguagePair {
        LanguagePair {
            source: self.first.pair().source,
            target: self.second.pair().target,
        }
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let between = one_each(self.first.translate(sentences)?, sentences.len())?;
        let texts: Vec<&str> = between
            .iter()
            .map(|translation| translation.text.as_str())
            .collect();
        let last = one_each(self.second.translate(&texts)?, sentences.len())?;
        Ok(between
            .iter()
            .zip(last)
            .map(|(first, last)| joined(first, last))
            .collect())
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        self.first.count_tokens(sentence)
    }

    fn max_tokens(&self) -> usize {
        self.first.max_tokens()
    }
}

fn joined(first: &Translation, second: Translation) -> Translation {
    let mut flags = [first.flags.as_slice(), &second.flags].concat();
    flags.sort_unstable();
    flags.dedup();
    Translation {
        text: second.text,
        score: first.score + second.score,
        alignment: composed(&first.alignment, &second.alignment),
        flags,
    }
}

/// The pairs `i-k` for which there are `i-j` and `j-k`, sorted.
fn composed(first: &[(usize, usize)], second: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let pairs: BTreeSet<(usize, usize)> = first
        .iter()
        .flat_map(|&(source, between)| {
            let start = second.partition_point(|&(word, _)| word < between);
            let onward = second[start..]
                .iter()
                .take_while(move |&&(word, _)| word == between);
            onward.map(move |&(_, target)| (source, target))
        })
        .collect();
    pairs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::Flag;

    /// Adds a letter to each sentence and turns its words around.
    struct Turn {
        pair: &'static str,
        letter: &'static str,
        flags: &'static [Flag],
    }

    impl Translator for Turn {
        fn pair(&self) -> LanguagePair {
            self.pair.parse().unwrap()
        }

        fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
            let turn = |sentence: &&str| {
                let mut words: Vec<&str> = sentence.split_whitespace().collect();
                let count = words.len();
                words.reverse();
                words.push(self.letter);
                Translation {
                    text: words.join(" "),
                    score: -0.5,
                    alignment: (0..count).map(|word| (word, count - 1 - word)).collect(),
                    flags: self.flags.to_vec(),
                }
            };
            Ok(sentences.iter().map(turn).collect())
        }

        fn count_tokens(&self, sentence: &str) -> usize {
            sentence.len()
        }

        fn max_tokens(&self) -> usize {
            self.letter.len() * 100
        }
    }

    fn turn(pair: &'static str, letter: &'static str, flags: &'static [Flag]) -> Turn {
        Turn { pair, letter, flags }
    }

    #[test]
    fn both_steps_are_made_and_what_they_say_is_kept() {
        let first = turn("es-en", "x", &[Flag::Truncated, Flag::NumberMismatch]);
        let second = turn("en-de", "y", &[Flag::Copied, Flag::Truncated]);
        let pivot = PivotTranslator::new(first, second).unwrap();
        assert_eq!(pivot.pair().to_string(), "es-de");
        assert_eq!((pivot.count_tokens("abc"), pivot.max_tokens()), (3, 100));
        let translations = pivot.translate(&["a b", "c"]).unwrap();
        assert_eq!(translations[1].text, "x c y");
        assert_eq!(
            translations[0],
            Translation {
                text: "x a b y".to_owned(),
                score: -1.0,
                // `x` and `y` render nothing.
                alignment: vec![(0, 1), (1, 2)],
                flags: vec![Flag::Truncated, Flag::Copied, Flag::NumberMismatch],
            }
        );
    }

    #[test]
    fn alignments_are_composed_over_every_word_between() {
        let first = [(0, 0), (0, 2), (1, 2), (3, 5)];
        let second = [(0, 4), (2, 1), (2, 3), (4, 4)];
        assert_eq!(
            composed(&first, &second),
            [(0, 1), (0, 3), (0, 4), (1, 1), (1, 3)]
        );
        assert_eq!(composed(&first, &[]), []);
    }

    #[test]
    fn steps_that_do_not_meet_or_lead_back_are_not_joined() {
        assert!(PivotTranslator::new(turn("es-en", "x", &[]), turn("fr-de", "y", &[])).is_none());
        assert!(PivotTranslator::new(turn("es-en", "x", &[]), turn("en-es", "y", &[])).is_none());
    }
}
