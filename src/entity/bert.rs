//! Names by a token classifier of the BERT family.

use super::scheme::{PROBES, scheme_of};
use super::tags::{STATES, Scheme, Tag, TagMap, TagProbabilities, mentions_of_tags};
use super::trim::{span_of, trim_words};
use super::viterbi::best_tags;
use super::words::{Word, WordKind, words};
use super::{EntityRecognizer, Label, Mention};
use crate::engine::{BertTagger, TokenPrediction};
use crate::{BackendError, Span};

/// A model that gives every sub-token of a sentence a probability for each of its labels.
pub trait TokenTagger: Send + Sync {
    /// The labels in the order of the probabilities, as the model names them (`id2label`).
    fn labels(&self) -> &[String];

    /// The predictions of each sentence, ordered by span, without special tokens; one list a sentence, in order.
    ///
    /// # Errors
    ///
    /// When the model could not run at all.
    fn tag(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenPrediction>>, BackendError>;
}

impl TokenTagger for BertTagger {
    fn labels(&self) -> &[String] {
        BertTagger::labels(self)
    }

    fn tag(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenPrediction>>, BackendError> {
        BertTagger::tag(self, sentences)
    }
}

/// Finds names with a [`TokenTagger`].
///
/// Words take the prediction of their first sub-token, which is what such models are trained on; words are cut
/// from the text the way the training data cut them, whatever the tokenizer took for words. The best valid
/// sequence of tags gives the mentions, and these are trimmed to the names ([`trim_mention`](super::trim_mention)).
/// Links, handles, hashtags and emoji are never names or parts of them.
pub struct BertRecognizer<T> {
    tagger: T,
    tags: TagMap,
}

impl<T: TokenTagger> BertRecognizer<T> {
    /// A recogniser on `tagger`. Where its labels are those of IOB1 and IOB2 alike, some sentences of our own
    /// show which of them it was trained on.
    ///
    /// # Errors
    ///
    /// When none of the tagger's labels names a person, organisation, place or other name, or it cannot run.
    pub fn new(tagger: T) -> Result<Self, BackendError> {
        let tags = TagMap::new(tagger.labels())?;
        let recognizer = Self { tagger, tags };
        if !recognizer.tags.may_be_iob1() {
            return Ok(recognizer);
        }
        let scheme = recognizer.scheme_in_use()?;
        Ok(recognizer.with_scheme(scheme))
    }

    fn scheme_in_use(&self) -> Result<Scheme, BackendError> {
        let predictions = self.tagger.tag(&PROBES)?;
        let sentences = PROBES.iter().zip(&predictions);
        let sentences = sentences
            .map(|(sentence, tokens)| self.word_probabilities(sentence, &words(sentence), tokens))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(scheme_of(sentences.iter().map(Vec::as_slice)))
    }

    /// The same for a model trained on sequences of another scheme than was found.
    #[must_use]
    pub fn with_scheme(self, scheme: Scheme) -> Self {
        Self {
            tags: self.tags.with_scheme(scheme),
            ..self
        }
    }

    fn mentions(&self, sentence: &str, tokens: &[TokenPrediction]) -> Result<Vec<Mention>, BackendError> {
        let words = words(sentence);
        let probabilities = self.word_probabilities(sentence, &words, tokens)?;
        let tags = best_tags(&probabilities, self.tags.scheme());
        let mentions = mentions_of_tags(&tags).into_iter().filter_map(|(range, label)| {
            let name = trim_words(sentence, &words, range, label)?;
            let score = mean_probability(&probabilities[name.clone()], label);
            Some(Mention {
                span: span_of(&words, &name),
                label,
                score,
            })
        });
        Ok(mentions.collect())
    }

    fn word_probabilities(
        &self,
        sentence: &str,
        words: &[Word],
        tokens: &[TokenPrediction],
    ) -> Result<Vec<TagProbabilities>, BackendError> {
        let first = first_tokens(sentence, words, tokens);
        let of_word = |(word, token): (&Word, Option<usize>)| match token {
            Some(token) if word.kind != WordKind::Protected => {
                self.tags.collapse(&tokens[token].probabilities)
            }
            _ => Ok(certainly_outside()),
        };
        words.iter().zip(first).map(of_word).collect()
    }
}

impl<T: TokenTagger> EntityRecognizer for BertRecognizer<T> {
    fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
        let predictions = self.tagger.tag(sentences)?;
        if predictions.len() != sentences.len() {
            let (expected, found) = (sentences.len(), predictions.len());
            return Err(BackendError::new(format!(
                "expected tags of {expected} sentences, found {found}"
            )));
        }
        sentences
            .iter()
            .zip(&predictions)
            .map(|(sentence, tokens)| self.mentions(sentence, tokens))
            .collect()
    }
}

/// For each word the first sub-token that starts in it, else the first that covers a part of it.
fn first_tokens(sentence: &str, words: &[Word], tokens: &[TokenPrediction]) -> Vec<Option<usize>> {
    let mut starting = vec![None; words.len()];
    let mut covering = vec![None; words.len()];
    for (index, token) in tokens.iter().enumerate() {
        let span = without_leading_space(sentence, token.span);
        // A byte-level token of the space before a word has no text left and belongs to the word.
        let end = span.end().max(span.start() + 1);
        let from = words.partition_point(|word| word.span.end() <= span.start());
        for (at, word) in words.iter().enumerate().skip(from) {
            if word.span.start() >= end {
                break;
            }
            let starts_here = span.start() >= word.span.start();
            let slot = if starts_here {
                &mut starting[at]
            } else {
                &mut covering[at]
            };
            slot.get_or_insert(index);
        }
    }
    starting
        .into_iter()
        .zip(covering)
        .map(|(starting, covering)| starting.or(covering))
        .collect()
}

/// SentencePiece tokens carry the space before a word.
fn without_leading_space(sentence: &str, span: Span) -> Span {
    let text = span.of(sentence).unwrap_or_default();
    Span::new(span.start() + (text.len() - text.trim_start().len()), span.end())
}

fn certainly_outside() -> TagProbabilities {
    let mut probabilities = [0.0; STATES];
    probabilities[Tag::Outside.state()] = 1.0;
    probabilities
}

fn mean_probability(words: &[TagProbabilities], label: Label) -> f32 {
    let of_word =
        |word: &TagProbabilities| word[Tag::Begin(label).state()] + word[Tag::Inside(label).state()];
    let sum: f32 = words.iter().map(of_word).sum();
    (sum / words.len().max(1) as f32).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tags every token of up to four letters by a list: `(text, label, probability)`, the rest to `O`.
    struct FakeTagger {
        labels: Vec<String>,
        known: Vec<(&'static str, &'static str, f32)>,
    }

    impl FakeTagger {
        fn new(known: &[(&'static str, &'static str, f32)]) -> Self {
            let labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG"];
            Self {
                labels: labels.map(str::to_owned).to_vec(),
                known: known.to_vec(),
            }
        }

        fn probabilities(&self, token: &str) -> Vec<f32> {
            let (label, p) = self
                .known
                .iter()
                .find(|(text, ..)| *text == token)
                .map_or(("O", 1.0), |known| (known.1, known.2));
            let share = |name: &String| match name.as_str() {
                name if name == label => p,
                "O" => 1.0 - p,
                _ => 0.0,
            };
            self.labels.iter().map(share).collect()
        }

        /// Tokens of up to four characters of the same kind.
        fn tokens(sentence: &str) -> Vec<Span> {
            let mut tokens: Vec<Span> = Vec::new();
            for (at, c) in sentence.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                let end = at + c.len_utf8();
                match tokens.last_mut() {
                    Some(last)
                        if c.is_alphanumeric()
                            && last.end() == at
                            && last.of(sentence).unwrap().chars().all(char::is_alphanumeric)
                            && last.of(sentence).unwrap().chars().count() < 4 =>
                    {
                        *last = Span::new(last.start(), end);
                    }
                    _ => tokens.push(Span::new(at, end)),
                }
            }
            tokens
        }
    }

    impl TokenTagger for FakeTagger {
        fn labels(&self) -> &[String] {
            &self.labels
        }

        fn tag(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenPrediction>>, BackendError> {
            let of_token = |sentence: &str, word, span: Span| TokenPrediction {
                span,
                word,
                probabilities: self.probabilities(span.of(sentence).unwrap()),
            };
            let of_sentence = |sentence: &&str| {
                let tokens = Self::tokens(sentence).into_iter().enumerate();
                tokens
                    .map(|(word, span)| of_token(sentence, word, span))
                    .collect()
            };
            Ok(sentences.iter().map(of_sentence).collect())
        }
    }

    const KNOWN: &[(&str, &str, f32)] = &[
        ("Awa", "B-PER", 0.9),
        ("Dion", "I-PER", 0.7),
        ("Tamb", "B-LOC", 0.8),
        ("ONU", "B-ORG", 0.9),
        ("l", "B-ORG", 0.6),
        ("U", "B-LOC", 0.9),
        ("Moun", "I-LOC", 0.8),
        ("@", "B-ORG", 1.0),
        ("ss", "I-PER", 1.0),
    ];

    #[track_caller]
    fn check(sentence: &str, expected: &[(&str, Label)]) {
        let recognizer = BertRecognizer::new(FakeTagger::new(KNOWN)).unwrap();
        let mentions = recognizer.recognize(&[sentence]).unwrap().remove(0);
        let found: Vec<_> = mentions
            .iter()
            .map(|m| (m.span.of(sentence).unwrap(), m.label))
            .collect();
        assert_eq!(found, expected, "the names in `{sentence}`");
    }

    #[test]
    fn a_word_takes_its_first_token() {
        check(
            "Awa Dionta vit à Tambacounda.",
            &[("Awa Dionta", Label::Per), ("Tambacounda", Label::Loc)],
        );
        check("le Dossier", &[]);
    }

    #[test]
    fn names_are_trimmed_and_valid() {
        check(
            "Awa’s team at l’ONU, U.S. too",
            &[("Awa", Label::Per), ("ONU", Label::Org), ("U.S.", Label::Loc)],
        );
        check("Mount X", &[("Mount", Label::Loc)]);
        check("@Awa #Awa https://a.bc/Awa 🇲🇱", &[]);
    }

    #[test]
    fn scores_are_means_over_words() {
        let recognizer = BertRecognizer::new(FakeTagger::new(KNOWN)).unwrap();
        let mentions = recognizer.recognize(&["Awa Dionta", ""]).unwrap();
        assert!((mentions[0][0].score - 0.8).abs() < 1e-6);
        assert_eq!(mentions[1], []);
    }

    #[test]
    fn a_token_that_holds_two_words_speaks_for_both() {
        let sentence = "l’ONU";
        let token = |start, end| TokenPrediction {
            span: Span::new(start, end),
            word: 0,
            probabilities: vec![],
        };
        let found = first_tokens(sentence, &words(sentence), &[token(0, 5), token(5, 7)]);
        assert_eq!(found, [Some(0), Some(1)]);
        let found = first_tokens(sentence, &words(sentence), &[token(0, 7)]);
        assert_eq!(found, [Some(0), Some(0)]);
        let found = first_tokens(" Mali", &words(" Mali"), &[token(0, 5)]);
        assert_eq!(found, [Some(0)]);
        let sentence = "a  Mali ";
        let tokens = [token(0, 1), token(2, 2), token(3, 3), token(3, 7), token(8, 8)];
        let found = first_tokens(sentence, &words(sentence), &tokens);
        assert_eq!(found, [Some(0), Some(2)]);
    }

    #[test]
    fn words_without_tokens_are_outside() {
        assert_eq!(first_tokens("Awa Ba", &words("Awa Ba"), &[]), [None, None]);
    }

    #[test]
    fn a_tagger_that_loses_a_sentence_is_an_error() {
        struct Silent(Vec<String>);
        impl TokenTagger for Silent {
            fn labels(&self) -> &[String] {
                &self.0
            }
            fn tag(&self, _: &[&str]) -> Result<Vec<Vec<TokenPrediction>>, BackendError> {
                Ok(Vec::new())
            }
        }
        let error = BertRecognizer::new(Silent(vec!["PER".to_owned()]))
            .unwrap()
            .recognize(&["a"])
            .unwrap_err();
        assert_eq!(error.to_string(), "expected tags of 1 sentences, found 0");
    }

    proptest! {
        #[test]
        fn mentions_are_ordered_apart_and_sliceable(sentence in r"(\PC|Awa |Dionta|l’|ONU|@|U\.S\. |’s){0,24}") {
            let recognizer = BertRecognizer::new(FakeTagger::new(KNOWN)).unwrap();
            let mut end = 0;
            for mention in recognizer.recognize(&[&sentence]).unwrap().remove(0) {
                prop_assert!(mention.span.start() >= end && !mention.span.is_empty());
                prop_assert!(mention.span.of(&sentence).is_some());
                prop_assert!((0.0..=1.0).contains(&mention.score));
                end = mention.span.end();
            }
        }
    }
}
