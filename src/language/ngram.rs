//! The second detector: letter n-grams of nine languages.
//!
//! It reads the n-gram models that the crate `lingua` ships, but not through `lingua`: that one sums
//! over hash sets, so its last digits change from run to run, and it only says how languages compare.
//! What tells Wolof from French is that French explains it badly, and for that the likelihood itself
//! is needed. Only this file knows the models and their form.

use fst::raw::{Fst, Output};

use super::strip::strip;
use super::{Detection, Language, LanguageDetector};

/// Detects the language of text in Latin script from the likelihood of its letters.
///
/// A letter's probability is that of the longest n-gram (up to five letters, within a word) that ends
/// in it and that the language has. The models are part of the program image: making a detector costs
/// nothing, and only the pages that are looked at take memory.
pub struct NgramDetector {
    models: Vec<Model>,
}

impl NgramDetector {
    /// A detector of English, French, Spanish, Portuguese, Italian, German, Dutch, Swahili
    /// and Turkish.
    pub fn new() -> Self {
        Self { models: models() }
    }

    /// How well each language explains words that come from [`strip`].
    pub(super) fn likelihood(&self, words: &str) -> Likelihood {
        let lower = words.to_lowercase();
        let log = |model: &Model| (model.language, model.log_of_words(&lower));
        Likelihood {
            letters: lower.chars().filter(|c| c.is_alphabetic()).count(),
            logs: self.models.iter().map(log).collect(),
        }
    }

    /// The natural logarithm of the probability of words in one language; 0 where it has no model.
    pub(super) fn log_probability(&self, language: Language, words: &str) -> f64 {
        let model = self.models.iter().find(|model| model.language == language);
        model.map_or(0.0, |model| model.log_of_words(&words.to_lowercase()))
    }
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
    /// How many letters were looked at.
    pub(super) letters: usize,
    /// The natural logarithm of the text's probability in each language.
    pub(super) logs: Vec<(Language, f64)>,
}

impl Likelihood {
    /// The likeliest language given the logarithm of each one's prior weight, [`Detection::UND`]
    /// where the text is likelier to be in none of them.
    pub(super) fn decide(&self, log_prior: impl Fn(Language) -> f64) -> Detection {
        if self.letters == 0 {
            return Detection::UND;
        }
        let letters = self.letters as f64;
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
        if top.0.is_und() {
            return Detection::UND;
        }
        let all: f64 = scores.iter().map(|(_, score)| (score - top.1).exp()).sum();
        let log_odds = -(all - 1.0).ln();
        Detection {
            language: top.0,
            confidence: logistic(CALIBRATION.0 * log_odds + CALIBRATION.1) as f32,
        }
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
    /// The natural logarithm of the probability of lower-case words.
    fn log_of_words(&self, lower: &str) -> f64 {
        let words = lower
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty());
        words.map(|word| self.log_of_word(word)).sum()
    }

    fn log_of_word(&self, word: &str) -> f64 {
        let mut found: Vec<Option<(usize, f64)>> = vec![None; word.chars().count()];
        for (first, (at, _)) in word.char_indices().enumerate() {
            // Every shorter n-gram from the same letter is found sooner: the last to reach a letter
            // must not hide a longer one that began further left.
            for (order, log) in self.prefixes(&word[at..]) {
                let best = &mut found[first + order - 1];
                if best.is_none_or(|(known, _)| order > known) {
                    *best = Some((order, log));
                }
            }
        }
        found
            .iter()
            .enumerate()
            .map(|(at, found)| match found {
                Some((order, log)) => log + BACK_OFF * ((at + 1).min(ORDER) - order) as f64,
                None => UNKNOWN_LETTER,
            })
            .sum()
    }

    /// The n-grams that `text` begins with: their lengths in letters and log probabilities.
    fn prefixes<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, f64)> + 'a {
        let mut node = self.ngrams.root();
        let mut output = Output::zero();
        let mut letters = text.chars();
        (1..=ORDER)
            .map_while(move |order| {
                let letter = letters.next()?;
                for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                    let transition = node.transition(node.find_input(byte)?);
                    output = output.cat(transition.out);
                    node = self.ngrams.node(transition.addr);
                }
                let log = node
                    .is_final()
                    .then(|| f64::from_bits(output.cat(node.final_output()).value()));
                Some(log.map(|log| (order, log)))
            })
            .flatten()
    }
}

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
            9,
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
    fn longer_ngrams_hide_shorter_ones() {
        let detector = NgramDetector::new();
        let log = |word: &str| detector.likelihood(word).logs[0].1;
        // After `t`, `th` and `the` the next letters are far likelier than on their own.
        assert!(log("there") > log("t") + log("h") + log("e") + log("r") + log("e") + 3.0);
        assert!(log("ß") <= UNKNOWN_LETTER);
    }
}
