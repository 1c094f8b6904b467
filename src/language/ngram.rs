//! The second detector: letter n-grams of nine languages.
//!
//! It reads the n-gram models that the crate `lingua` ships, but not through `lingua`: that one sums
//! over hash sets, so its last digits change from run to run, and it only says how languages compare.
//! What tells Wolof from French is that French explains it badly, and for that the likelihood itself
//! is needed. Only this file knows the models and their form.

use fst::raw::{Fst, Output};

use super::cache::WordCache;
use super::strip::strip;
use super::{Detection, Language, LanguageDetector};

/// Detects the language of text in Latin script from the likelihood of its letters.
///
/// A letter's probability is that of the longest n-gram (up to five letters, within a word) that ends
/// in it and that the language has. The models are part of the program image: making a detector costs
/// nothing, and only the pages that are looked at take memory. What it finds about a word it remembers
/// (some 30 MB at most), so that the common words of a language are looked up once.
pub struct NgramDetector {
    models: Vec<Model>,
    /// The log probabilities of lower-case words, in the order of `models`.
    words: WordCache<[f64; MODELS]>,
    /// The n-grams that up to five letters begin with: words have many beginnings in common.
    beginnings: WordCache<[Prefixes; MODELS]>,
}

impl NgramDetector {
    /// A detector of English, French, Spanish, Portuguese, Italian, German, Dutch, Swahili
    /// and Turkish.
    pub fn new() -> Self {
        Self {
            models: models(),
            words: WordCache::new(),
            beginnings: WordCache::new(),
        }
    }

    /// How well each language explains words that come from [`strip`].
    pub(super) fn likelihood(&self, words: &str) -> Likelihood {
        self.weighed([(words, 1.0)])
    }

    /// How well each language explains words, each of which counts by its weight.
    pub(super) fn weighed<'w>(&self, words: impl IntoIterator<Item = (&'w str, f64)>) -> Likelihood {
        let mut sum = [0.0; MODELS];
        let mut count = 0.0;
        for (words, weight) in words {
            count += weight * letters(words) as f64;
            let logs = self.logs(words);
            sum.iter_mut()
                .zip(logs)
                .for_each(|(sum, log)| *sum += weight * log);
        }
        let languages = self.models.iter().map(|model| model.language);
        Likelihood {
            letters: count,
            logs: languages.zip(sum).collect(),
        }
    }

    /// The natural logarithms of the probability of words in some languages; 0 where there is no model.
    pub(super) fn log_probabilities<const N: usize>(
        &self,
        languages: [Language; N],
        words: &str,
    ) -> [f64; N] {
        let logs = self.logs(words);
        languages.map(|language| {
            let model = self.models.iter().position(|model| model.language == language);
            model.map_or(0.0, |model| logs[model])
        })
    }

    /// The natural logarithms of the probability of words, in the order of the models.
    fn logs(&self, words: &str) -> [f64; MODELS] {
        let lower = words.to_lowercase();
        let words = lower
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty());
        words.fold([0.0; MODELS], |mut sum, word| {
            let logs = self.words.get(word, || self.logs_of_word(word));
            sum.iter_mut().zip(logs).for_each(|(sum, log)| *sum += log);
            sum
        })
    }

    /// The natural logarithms of the probability of a lower-case word, in the order of the models.
    fn logs_of_word(&self, word: &str) -> [f64; MODELS] {
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
        // Of each letter: the longest n-gram that ends in it, its length and log probability.
        let mut longest = vec![[(0, UNKNOWN_LETTER); MODELS]; starts.len()];
        for (first, at) in starts.iter().enumerate() {
            let end = starts.get(first + ORDER).copied().unwrap_or(word.len());
            let beginning = &word[*at..end];
            let found = self.beginnings.get(beginning, || self.prefixes(beginning));
            for (model, prefixes) in found.iter().enumerate() {
                for (order, log) in prefixes.found() {
                    let known = &mut longest[first + order - 1][model];
                    if order > known.0 {
                        *known = (order, log);
                    }
                }
            }
        }
        let mut logs = [0.0; MODELS];
        for (at, letter) in longest.iter().enumerate() {
            for (sum, (order, log)) in logs.iter_mut().zip(letter) {
                *sum += match order {
                    0 => UNKNOWN_LETTER,
                    order => log + BACK_OFF * ((at + 1).min(ORDER) - order) as f64,
                };
            }
        }
        logs
    }

    fn prefixes(&self, beginning: &str) -> [Prefixes; MODELS] {
        let mut prefixes = [Prefixes([None; ORDER]); MODELS];
        for (prefixes, model) in prefixes.iter_mut().zip(&self.models) {
            *prefixes = model.prefixes(beginning);
        }
        prefixes
    }
}

/// How many letters words have in lower case.
pub(super) fn letters(words: &str) -> usize {
    words
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| c.is_alphabetic())
        .count()
}

impl Default for NgramDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl LanguageDetector for NgramDetector {
    fn detect(&self, text: &str) -> Detection {
        self.likelihood(&strip(text)).decide(|_| 0.0)
    }
}

/// How well languages explain a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Likelihood {
    /// How many letters were looked at, each counted by its weight.
    pub(super) letters: f64,
    /// The natural logarithm of the text's probability in each language.
    pub(super) logs: Vec<(Language, f64)>,
}

impl Likelihood {
    /// The likeliest language given the logarithm of each one's prior weight, [`Detection::UND`]
    /// where the text is likelier to be in none of them.
    pub(super) fn decide(&self, log_prior: impl Fn(Language) -> f64) -> Detection {
        let (language, log_odds) = self.likeliest(log_prior);
        if language.is_und() {
            return Detection::UND;
        }
        Detection {
            language,
            confidence: logistic(CALIBRATION.0 * log_odds + CALIBRATION.1) as f32,
        }
    }

    /// The likeliest language and the logarithm of the odds of it against all others.
    pub(super) fn likeliest(&self, log_prior: impl Fn(Language) -> f64) -> (Language, f64) {
        if self.letters == 0.0 {
            return (Language::UND, f64::INFINITY);
        }
        let letters = self.letters;
        let sharpness = SHARPNESS / (1.0 + letters * DEPENDENCE);
        let scored = self
            .logs
            .iter()
            .map(|&(language, log)| (language, sharpness * log + log_prior(language)));
        let other = (Language::UND, sharpness * letters * OTHER_LOG + OTHER_LOG_PRIOR);
        let scores: Vec<(Language, f64)> = scored.chain([other]).collect();
        let top = scores
            .iter()
            .fold(other, |top, score| if score.1 > top.1 { *score } else { top });
        let all: f64 = scores.iter().map(|(_, score)| (score - top.1).exp()).sum();
        (top.0, -(all - 1.0).ln())
    }
}

/// How far a letter's log probability counts: letters depend on each other more than five-grams know,
/// so that taken as they are they make the detector too sure of itself.
///
/// This and the three below were fitted on simulated mixed documents, to the least log loss.
const SHARPNESS: f64 = 0.4;
/// By how much each further letter counts less.
const DEPENDENCE: f64 = 0.005;
/// The mean log probability of a letter of a text in no known language, under the best of them.
/// Medians are -1.9 for texts in a known language, -3.0 for Hausa, -3.5 for Haitian Creole, -4.0 for
/// Wolof, -4.1 for Bambara.
const OTHER_LOG: f64 = -2.65;
/// The logarithm of the prior weight of a text in no known language.
const OTHER_LOG_PRIOR: f64 = -3.0;

/// Factor and summand that turn the log odds of a decision into those that it is right. Logistic
/// regression on 10,000 decisions in simulated mixed documents gave 1.0 to 1.3 and 0.2 to 0.6,
/// depending on what else was weighed; on others the mean error of the confidence is then .005.
const CALIBRATION: (f64, f64) = (1.25, 0.4);

/// The probability of which `log_odds` are the log odds.
pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The longest n-grams in the models.
const ORDER: usize = 5;
/// The log probability taken off for each letter by which an n-gram is shorter than it could be.
const BACK_OFF: f64 = -0.7;
/// The log probability of a letter that the language does not have.
const UNKNOWN_LETTER: f64 = -13.0;

/// The n-grams of one language with the log probability of their last letter after the others.
struct Model {
    language: Language,
    ngrams: Fst<&'static [u8]>,
}

impl Model {
    /// The n-grams that `text` begins with.
    fn prefixes(&self, text: &str) -> Prefixes {
        let mut prefixes = Prefixes([None; ORDER]);
        let mut node = self.ngrams.root();
        let mut output = Output::zero();
        for (letter, log) in text.chars().zip(&mut prefixes.0) {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                let Some(transition) = node.find_input(byte) else {
                    return prefixes;
                };
                let transition = node.transition(transition);
                output = output.cat(transition.out);
                node = self.ngrams.node(transition.addr);
            }
            if node.is_final() {
                *log = Some(f64::from_bits(output.cat(node.final_output()).value()));
            }
        }
        prefixes
    }
}

/// Of the beginnings of a text of one letter, two letters and so on the log probability of those that
/// are n-grams of a language.
#[derive(Clone, Copy)]
struct Prefixes([Option<f64>; ORDER]);

impl Prefixes {
    /// The lengths in letters of those that are, and their log probabilities.
    fn found(&self) -> impl Iterator<Item = (usize, f64)> {
        let lengths = self.0.into_iter().zip(1..);
        lengths.filter_map(|(log, length)| Some((length, log?)))
    }
}

/// How many models are compiled in.
const MODELS: usize = 9;

/// The models that are compiled in; `Cargo.toml` says why these.
fn models() -> Vec<Model> {
    macro_rules! files {
        ($($code:literal: $directory:path,)*) => {
            [$(($code, $directory.get_file("ngrams.fst").map(|file| file.contents()))),*]
        };
    }
    let files = files! {
        "en": lingua_english_language_model::ENGLISH_MODELS_DIRECTORY,
        "fr": lingua_french_language_model::FRENCH_MODELS_DIRECTORY,
        "es": lingua_spanish_language_model::SPANISH_MODELS_DIRECTORY,
        "pt": lingua_portuguese_language_model::PORTUGUESE_MODELS_DIRECTORY,
        "it": lingua_italian_language_model::ITALIAN_MODELS_DIRECTORY,
        "de": lingua_german_language_model::GERMAN_MODELS_DIRECTORY,
        "nl": lingua_dutch_language_model::DUTCH_MODELS_DIRECTORY,
        "sw": lingua_swahili_language_model::SWAHILI_MODELS_DIRECTORY,
        "tr": lingua_turkish_language_model::TURKISH_MODELS_DIRECTORY,
    };
    files
        .into_iter()
        .filter_map(|(code, file)| {
            Some(Model {
                language: code.parse().ok()?,
                ngrams: Fst::new(file?).ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = NgramDetector::new().detect(text);
        assert_eq!(found.language.as_str(), expected, "{found:?} for {text:?}");
    }

    #[test]
    fn has_every_model() {
        assert_eq!(
            models().len(),
            MODELS,
            "a model crate changed its files or their format"
        );
    }

    #[test]
    fn tells_its_languages_apart() {
        check("The road to the lake is closed.", "en");
        check("La route du lac est fermée.", "fr");
        check("La carretera del lago está cerrada.", "es");
        check("A estrada do lago está fechada.", "pt");
        check("La strada per il lago è chiusa.", "it");
        check("Die Straße zum See ist gesperrt.", "de");
        check("De weg naar het meer is afgesloten.", "nl");
        check("Barabara ya kwenda ziwani imefungwa.", "sw");
        check("Göle giden yol kapalı.", "tr");
    }

    #[test]
    fn other_languages_are_undetermined() {
        check("Yoon wi jëm ci dex gi dañu ko tëj démb.", "und");
        check("Wout ki mennen nan lak la fèmen depi yè swa.", "und");
        check("Дорога к озеру закрыта.", "und");
        check("", "und");
    }

    #[test]
    fn what_was_read_before_changes_nothing() {
        let text = "Le pont de l’île est fermé, said the mayor of the town.";
        let detector = NgramDetector::new();
        let first = detector.likelihood(text);
        detector.likelihood("La route, the town and the mayor");
        assert_eq!(detector.likelihood(text), first);
        assert_eq!(NgramDetector::new().likelihood(text), first);
    }

    #[test]
    fn longer_ngrams_hide_shorter_ones() {
        let detector = NgramDetector::new();
        let log = |word: &str| detector.likelihood(word).logs[0].1;
        // After `t`, `th` and `the` the next letters are far likelier than on their own.
        assert!(log("there") > log("t") + log("h") + log("e") + log("r") + log("e") + 3.0);
        assert!(log("ß") <= UNKNOWN_LETTER);
    }
}
