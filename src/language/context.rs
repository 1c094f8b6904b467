//! The default detector: both detectors and what the rest of the document says.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::names::{self, Token};
use super::ngram::{Likelihood, NgramDetector, letters};
use super::strip::strip;
use super::switch;
use super::whatlang::WhatlangDetector;
use super::words::CommonWords;
use super::{Detection, Language, LanguageDetector};
use crate::Span;

/// Detects the languages of the texts of one document.
///
/// `whatlang` decides on other scripts than Latin. In Latin script its guess is a vote beside the
/// likelihood of the letters under each language's n-grams, and the languages that the document is
/// known to hold come before others. A text that none of the languages explains gets the language
/// that `whatlang` is sure of, else [`Language::UND`].
///
/// ```
/// use diglot::language::{ContextDetector, LanguageDetector};
///
/// let detector = ContextDetector::new();
/// let found = detector.detect("La route du lac est fermée.");
/// assert_eq!(found.language.as_str(), "fr");
/// assert!(found.confidence > 0.9);
/// assert!(detector.detect("https://exemple.test 🎉").language.is_und());
/// ```
pub struct ContextDetector {
    whatlang: WhatlangDetector,
    ngram: NgramDetector,
}

impl ContextDetector {
    /// A detector; cheap to make and to share between threads.
    pub fn new() -> Self {
        Self {
            whatlang: WhatlangDetector::new(),
            ngram: NgramDetector::new(),
        }
    }

    fn evidence(&self, text: &str) -> Evidence<'_> {
        let words = strip(text);
        let latin = is_latin(&words);
        // The models know no other script.
        let tokens = if latin {
            names::tokens(&self.ngram, text)
        } else {
            Vec::new()
        };
        let plain = tokens.iter().filter(|token| !token.is_name);
        Evidence {
            latin,
            common: CommonWords::of(plain.map(|token| token.words.as_str())),
            likelihood: if latin {
                let weight = |is_name| if is_name { NAME } else { 1.0 };
                let weighed = tokens
                    .iter()
                    .map(|token| (token.words.as_str(), weight(token.is_name)));
                self.ngram.weighed(weighed)
            } else {
                Likelihood {
                    letters: letters(&words) as f64,
                    logs: Vec::new(),
                }
            },
            french_marks: has_french_marks(text),
            words: without_names(&tokens).unwrap_or(words),
            whatlang: &self.whatlang,
            guess: OnceCell::new(),
        }
    }
}

impl Default for ContextDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl LanguageDetector for ContextDetector {
    fn detect(&self, text: &str) -> Detection {
        self.evidence(text).decide(&Inventory::expected())
    }

    fn detect_together(&self, texts: &[&str]) -> Vec<Detection> {
        // A paragraph or post of one sentence comes twice.
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut distinct = Vec::new();
        let number = texts.iter().map(|text| {
            *numbers.entry(text).or_insert_with(|| {
                distinct.push(self.evidence(text));
                distinct.len() - 1
            })
        });
        let numbers: Vec<usize> = number.collect();
        let inventory = Inventory::of(numbers.iter().map(|&number| &distinct[number]));
        let found: Vec<Detection> = distinct
            .iter()
            .map(|evidence| evidence.decide(&inventory))
            .collect();
        numbers.into_iter().map(|number| found[number]).collect()
    }

    fn switches(&self, text: &str, whole: Detection) -> Vec<(Span, Detection)> {
        switch::split(&self.ngram, text, whole)
    }
}

/// What is known of one text by itself.
struct Evidence<'d> {
    words: String,
    /// Whether most letters are of Latin script.
    latin: bool,
    common: CommonWords,
    /// Whether marks are set off as in French.
    french_marks: bool,
    /// Holds nothing where the text is not of Latin script.
    likelihood: Likelihood,
    whatlang: &'d WhatlangDetector,
    guess: OnceCell<Detection>,
}

impl Evidence<'_> {
    /// What `whatlang` says; it is asked only where that can matter.
    fn guess(&self) -> Detection {
        *self.guess.get_or_init(|| self.whatlang.guess(&self.words))
    }

    fn decide(&self, inventory: &Inventory) -> Detection {
        if !self.latin {
            return self.guess_with(SCRIPT_FLOOR);
        }
        let prior = |language| {
            let marks = if self.french_marks && language == Language::FRENCH {
                MARKS
            } else {
                0.0
            };
            self.common.log_odds(language) + marks + inventory.log_weight(language)
        };
        let (language, log_odds) = self.likelihood.likeliest(prior);
        if !language.is_und() && log_odds > CERTAIN {
            return Detection {
                language,
                confidence: 1.0,
            };
        }
        let guess = self.guess();
        let found = self.likelihood.decide(|language| {
            let vote = if language == guess.language {
                f64::from(guess.confidence)
            } else {
                0.0
            };
            VOTE * vote + prior(language)
        });
        if found.language.is_und() {
            self.foreign(inventory)
        } else {
            found
        }
    }

    /// The language of a text that none of the n-gram models explains: one that only `whatlang` knows,
    /// or that nobody knows.
    fn foreign(&self, inventory: &Inventory) -> Detection {
        if self.words.contains(is_african_letter) {
            return Detection::UND;
        }
        let guess = self.guess();
        let modelled = self
            .likelihood
            .logs
            .iter()
            .any(|(language, _)| *language == guess.language);
        let known = inventory.holds(guess.language);
        if modelled || !(known || guess.confidence > FOREIGN) {
            return Detection::UND;
        }
        self.guess_with(FOREIGN_FLOOR)
    }

    /// `whatlang`'s guess with its confidence mapped to the range from `floor` to `CEILING`.
    fn guess_with(&self, floor: f32) -> Detection {
        let guess = self.guess();
        if guess.language.is_und() {
            return Detection::UND;
        }
        Detection {
            confidence: floor + (CEILING - floor) * guess.confidence,
            ..guess
        }
    }
}

/// The languages that a document holds, each with its share of the text that is surely in one.
#[derive(Default)]
struct Inventory(Vec<(Language, f64)>);

impl Inventory {
    /// What to expect of a document that nothing is known of.
    fn expected() -> Self {
        let mut inventory = Self::default();
        inventory.pair_up();
        inventory
    }

    /// What the texts hold that tell their language on their own.
    fn of<'e>(evidence: impl Iterator<Item = &'e Evidence<'e>>) -> Self {
        let expected = Self::expected();
        let mut inventory = Self::default();
        let mut total = 0.0;
        for text in evidence.filter(|text| text.likelihood.letters >= SURE_LETTERS) {
            let found = text.decide(&expected);
            if found.confidence > SURE {
                let letters = text.likelihood.letters;
                inventory.add(found.language, letters);
                total += letters;
            }
        }
        for (_, letters) in &mut inventory.0 {
            *letters /= total;
        }
        inventory.pair_up();
        inventory
    }

    fn add(&mut self, language: Language, letters: f64) {
        match self.0.iter_mut().find(|(known, _)| *known == language) {
            Some((_, sum)) => *sum += letters,
            None => self.0.push((language, letters)),
        }
    }

    /// Where one of English and French is found the other is to be expected, and both where nothing is.
    fn pair_up(&mut self) {
        let pair = [Language::ENGLISH, Language::FRENCH];
        if self.0.is_empty() || pair.iter().any(|language| self.holds(*language)) {
            for language in pair {
                self.add(language, 0.0);
            }
        }
    }

    fn holds(&self, language: Language) -> bool {
        self.0.iter().any(|(known, _)| *known == language)
    }

    /// The logarithm of a language's prior weight.
    fn log_weight(&self, language: Language) -> f64 {
        let share = self.0.iter().find(|(known, _)| *known == language);
        share.map_or(ABSENT, |(_, share)| 1.0 + share).ln()
    }
}

/// Letters of Bambara, Ewe, Hausa and their neighbours, which no language that `whatlang` is asked for has.
fn is_african_letter(letter: char) -> bool {
    matches!(
        letter,
        'ɔ' | 'ɛ' | 'ɲ' | 'ŋ' | 'ɓ' | 'ɗ' | 'ƙ' | 'ƴ' | 'Ɔ' | 'Ɛ' | 'Ɲ' | 'Ŋ' | 'Ɓ' | 'Ɗ' | 'Ƙ' | 'Ƴ'
    )
}

/// The words that belong to no name, where there are names and enough is left to tell a language.
fn without_names(tokens: &[Token]) -> Option<String> {
    let plain: Vec<&str> = tokens
        .iter()
        .filter(|token| !token.is_name)
        .map(|token| token.words.as_str())
        .collect();
    let words = plain.join(" ");
    (plain.len() < tokens.len() && letters(&words) >= ENOUGH_LETTERS).then_some(words)
}

/// Whether an end mark or colon stands behind a space that follows a letter, as French sets it.
fn has_french_marks(text: &str) -> bool {
    text.match_indices([' ', '\u{a0}', '\u{202f}'])
        .any(|(at, space)| {
            text[..at].ends_with(char::is_alphabetic)
                && text[at + space.len()..].starts_with(['!', '?', ':', ';'])
        })
}

/// Whether at least half of the letters are of Latin script.
pub(crate) fn is_latin(words: &str) -> bool {
    let letters = words.chars().filter(|c| c.is_alphabetic());
    let (latin, all) = letters.fold((0, 0), |(latin, all), letter| {
        (
            latin + usize::from(matches!(letter, 'A'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')),
            all + 1,
        )
    });
    2 * latin >= all
}

/// The weight of `whatlang`'s guess, at confidence 1, as a logarithm of odds.
///
/// This and the four below were fitted on simulated mixed documents together with those of
/// the n-gram detector.
const VOTE: f64 = 3.0;
/// How many letters outside names are enough for `whatlang`.
const ENOUGH_LETTERS: usize = 8;
/// How far the words of a name count.
const NAME: f64 = 0.15;
/// What marks that are set off as in French say for it, as a logarithm of odds.
const MARKS: f64 = 1.5;
/// The weight of a language that the document is not known to hold; one that it holds has 1 plus its share.
const ABSENT: f64 = 0.1;
/// From how many letters and above which confidence a text tells what the document holds.
const SURE_LETTERS: f64 = 60.0;
const SURE: f32 = 0.9;
/// Above which confidence `whatlang` is believed on languages that have no n-gram model.
const FOREIGN: f32 = 0.3;
/// What share of `whatlang`'s guesses is right at the lowest and the highest confidence: on other
/// scripts than Latin .7 and nearly all; on languages without n-gram model .8 and .98 among texts in
/// languages that it knows, far fewer where as many texts are in languages that it does not.
const SCRIPT_FLOOR: f32 = 0.7;
const FOREIGN_FLOOR: f32 = 0.2;
const CEILING: f32 = 0.98;

/// Above which log odds the vote changes nothing: against it the odds are still `CERTAIN - VOTE`, with
/// which the confidence rounds to 1.
const CERTAIN: f64 = 17.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the languages of the texts of one document, each written `code: text`.
    #[track_caller]
    fn check(document: &[&str]) {
        let (codes, texts): (Vec<&str>, Vec<&str>) =
            document.iter().filter_map(|line| line.split_once(": ")).unzip();
        let found = ContextDetector::new().detect_together(&texts);
        for ((code, text), found) in codes.iter().zip(&texts).zip(found) {
            assert_eq!(found.language.as_str(), *code, "{found:?} for {text:?}");
        }
    }

    #[test]
    fn tells_posts_from_the_article_around_them() {
        check(&[
            "en: Ferry to run again",
            "en: The ferry between the two banks of the river will run again from Monday, the town council said.",
            "fr: Enfin ! 🎉 @mairie_du_port https://exemple.test/a1",
            "fr: Le bac reprend lundi, mais le billet coûte deux fois plus cher qu’avant… #LeBac",
            "und: https://exemple.test/b2 🙏",
            "und: 14 12 2021",
            "en: “We waited for two years,” said Lina Marchetti.",
        ]);
    }

    #[test]
    fn the_document_decides_short_texts() {
        let spanish =
            "es: Los vecinos del barrio esperan desde hace dos años que el ayuntamiento repare el puente.";
        let french =
            "fr: Les voisins du quartier attendent depuis deux ans que la mairie fasse réparer le pont.";
        check(&[spanish, "es: Mala noticia"]);
        check(&[french, "fr: La mairie"]);
    }

    #[test]
    fn the_document_does_not_hide_a_rare_language() {
        check(&[
            "en: The bridge over the river has been closed since the flood, and nobody knows until when.",
            "pt: Os moradores do bairro não sabem quando a ponte vai reabrir.",
            "de: Die Brücke bleibt bis auf Weiteres gesperrt.",
            "tr: Köprünün ne zaman açılacağını kimse bilmiyor.",
            "ar: لا أحد يعرف متى سيفتح الجسر.",
        ]);
    }

    #[test]
    fn languages_that_nobody_knows_are_undetermined() {
        check(&[
            "fr: Le pont est fermé depuis la crue, et personne ne sait jusqu’à quand.",
            "und: Pon an fèmen depi dlo a te monte a, pèsonn pa konnen kilè l ap louvri.",
            "und: Pomu bi tëj na, te kenn xamul kañ lañu koy ubbi.",
            "und: Pɔn datugulen don, mɔgɔ si t’a dɔn a bɛ dayɛlɛ waati min.",
        ]);
    }

    #[test]
    fn names_in_the_other_language_decide_nothing() {
        check(&[
            "en: The Clinique générale de Rive is closed.",
            "en: The Mouvement pour le Réveil (MPR) of Jérôme Lac won the seat, and the Union centrale des artisans lost it.",
            "en: Montclair meets US Sainte-Anne-les-Bains in the final.",
            "en: Hélène Diouf, Rémy Traoré, Cécile Koné and Désiré Faye came.",
            "en: - 7 p.m.: women’s race, from Place Mirabeau",
            "en: E\u{301}lodie Quere\u{301} of the Comite\u{301} des Pe\u{302}ches said that the nets had come up empty.",
            "fr: Le festival Music of the World accueille les Rainy Sunday Boys.",
            "fr: Selon Human Rights Watch, rien n’a changé.",
        ]);
    }

    #[test]
    fn marks_set_off_by_a_space_speak_for_french() {
        check(&["fr: Non !", "en: No!"]);
    }

    #[test]
    fn short_texts_have_less_confidence() {
        let detector = ContextDetector::new();
        let short = detector.detect("La table");
        let long = detector.detect("La table que nous avons achetée est trop grande pour la cuisine.");
        assert!(
            short.confidence < 0.9 && long.confidence > 0.99,
            "{short:?} {long:?}"
        );
    }
}
