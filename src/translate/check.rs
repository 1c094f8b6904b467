//! What can be wrong with a translation.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::value::{are_words_known, same_numbers};
use super::{LanguagePair, protected_spans};
use crate::language::LanguageDetector;

/// A warning on a translation, so that a poor one is never passed silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// The output stopped before the sentence was done, or is far too short for it.
    Truncated,
    /// The output says the same again and again.
    Repetition,
    /// The output is the source.
    Copied,
    /// The output is not in the target language.
    WrongLanguage,
    /// The numbers of the two sides differ.
    NumberMismatch,
    /// A link, handle, hashtag or emoji was lost or moved to the end.
    ProtectedLost,
    /// There is no model for the language; the text is the source.
    NoModel,
}

impl Flag {
    /// The flag as records carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Repetition => "repetition",
            Self::Copied => "copied",
            Self::WrongLanguage => "wrong-language",
            Self::NumberMismatch => "number-mismatch",
            Self::ProtectedLost => "protected-lost",
            Self::NoModel => "no-model",
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Looks for everything that can be wrong with `output` as a translation of `source`, sorted.
///
/// [`Flag::WrongLanguage`] needs a detector. [`Flag::Truncated`] is given here where the output
/// is far too short; that it lacks its end only the model knows. [`Flag::NoModel`] is never given.
///
/// ```
/// use diglot::Language;
/// use diglot::translate::{Flag, LanguagePair, check};
///
/// let pair = LanguagePair { source: Language::FRENCH, target: Language::ENGLISH };
/// assert_eq!(check("Il y a 12 élèves.", "There are twelve pupils.", pair, None), []);
/// assert_eq!(check("Il y a 12 élèves.", "There are 13 pupils.", pair, None), [Flag::NumberMismatch]);
/// ```
pub fn check(
    source: &str,
    output: &str,
    pair: LanguagePair,
    detector: Option<&dyn LanguageDetector>,
) -> Vec<Flag> {
    let (read, written) = (prose(source), prose(output));
    let is_foreign = || detector.is_some_and(|detector| is_in_another_language(&written, pair, detector));
    [
        (Flag::Truncated, is_too_short(&read, &written)),
        (Flag::Repetition, repeats_itself(&read, &written)),
        (
            Flag::Copied,
            pair.source != pair.target && is_copied(&read, &written),
        ),
        (Flag::WrongLanguage, is_foreign()),
        (
            Flag::NumberMismatch,
            !same_numbers(&read, &written, [pair.source, pair.target].map(are_words_known)),
        ),
        (Flag::ProtectedLost, loses_protected(source, output)),
    ]
    .into_iter()
    .filter_map(|(flag, applies)| applies.then_some(flag))
    .collect()
}

/// A text with its links, tags, emoji and codes blanked out.
fn prose(text: &str) -> String {
    let mut prose = text.to_owned();
    for found in protected_spans(text)
        .iter()
        .rev()
        .filter(|found| !found.kind.is_number())
    {
        prose.replace_range(found.span.range(), " ");
    }
    prose
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// Words in lower case, without what is no letter or digit.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Shorter sources say nothing about the length of their translation.
const RATIO_LETTERS: usize = 24;

/// A translation with fewer letters than this share of the source's, in per cent, lacks something.
/// Of 8,027 French sentences of news and everyday talk, 5 have a shorter English rendering.
const SHORTEST_PERCENT: usize = 35;

fn is_too_short(source: &str, output: &str) -> bool {
    let (read, written) = (letters(source), letters(output));
    (read > 0 && written == 0 && !output.chars().any(char::is_numeric))
        || (read >= RATIO_LETTERS && written * 100 < read * SHORTEST_PERCENT)
}

/// Whether the output loops where the source does not.
fn repeats_itself(source: &str, output: &str) -> bool {
    let (read, written) = (words(source), words(output));
    let said = longest_loop(&written, 8);
    let loops = said.is_some_and(|count| longest_loop(&read, 8).is_none_or(|allowed| count > allowed + 1));
    let again = repeated_trigrams(&written) > repeated_trigrams(&read) + REPEATED_TRIGRAMS;
    loops || (again && written.len() >= 12) || stutters(&written, &read)
}

/// The share of three-word sequences that may stand before in the same output, beyond that of the
/// source.
const REPEATED_TRIGRAMS: f64 = 0.35;

/// How often the same sequence of at most `period` words stands in a row, where that is often: a
/// word four times, a longer sequence three times, one of six words or more twice.
fn longest_loop<T: PartialEq>(words: &[T], period: usize) -> Option<usize> {
    (1..=period)
        .filter_map(|period| {
            let count = longest_run(words, period) / period + 1;
            let enough = match period {
                1 => 4,
                2..=5 => 3,
                _ => 2,
            };
            (count >= enough).then_some(count)
        })
        .max()
}

/// The most items in a row that equal the one `period` before.
fn longest_run<T: PartialEq>(items: &[T], period: usize) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for index in period..items.len() {
        run = if items[index] == items[index - period] {
            run + 1
        } else {
            0
        };
        longest = longest.max(run);
    }
    longest
}

/// The share of three-word sequences that are not the first of their kind.
#[expect(clippy::cast_precision_loss, reason = "counts of words are far below 2^52")]
fn repeated_trigrams(words: &[String]) -> f64 {
    let trigrams = words.windows(3).len();
    let distinct: HashSet<_> = words.windows(3).collect();
    (trigrams - distinct.len()) as f64 / trigrams.max(1) as f64
}

/// Whether a word of the output is a few letters over and over, longer than any of the source.
fn stutters(output: &[String], source: &[String]) -> bool {
    let longest = |words: &[String]| words.iter().map(|word| stutter(word)).max().unwrap_or(0);
    let found = longest(output);
    found >= STUTTER_LETTERS && found > 2 * longest(source)
}

/// No word of English or French has as many letters in a row that repeat those before them.
const STUTTER_LETTERS: usize = 12;

fn stutter(word: &str) -> usize {
    if word.len() <= STUTTER_LETTERS {
        return 0;
    }
    let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
    (1..=4)
        .map(|period| longest_run(&letters, period))
        .max()
        .unwrap_or(0)
}

/// Whether the output has nearly all words of the source, names and numbers apart.
fn is_copied(source: &str, output: &str) -> bool {
    let (read, written) = (content_words(source), words(output));
    let is_prose = read.iter().any(|word| word.chars().count() >= 4) && read.len() >= 2;
    if !is_prose || written.is_empty() {
        return false;
    }
    let mut left = HashMap::new();
    for word in &written {
        *left.entry(word).or_insert(0) += 1;
    }
    let kept = read.iter().filter(|word| {
        let count = left.get_mut(word).filter(|count| **count > 0);
        count.map(|count| *count -= 1).is_some()
    });
    kept.count() * 10 >= read.len() * COPIED_TENTHS
}

/// How many tenths of the words of a source a copy has.
const COPIED_TENTHS: usize = 9;

/// The words of a text that are probably no names, in lower case: those with a small initial, or
/// all where the text is in capitals.
fn content_words(text: &str) -> Vec<String> {
    let is_upper = !text.chars().any(char::is_lowercase);
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| {
            word.starts_with(char::is_lowercase) || is_upper && word.starts_with(char::is_alphabetic)
        })
        .map(str::to_lowercase)
        .collect()
}

/// With fewer letters a detector's word is not taken.
const DETECTABLE_LETTERS: usize = 20;

/// How sure a detector must be that the output is in another language.
const DETECTED: f32 = 0.8;

fn is_in_another_language(output: &str, pair: LanguagePair, detector: &dyn LanguageDetector) -> bool {
    if letters(output) < DETECTABLE_LETTERS {
        return false;
    }
    let found = detector.detect(output);
    !found.language.is_und() && found.language != pair.target && found.confidence >= DETECTED
}

/// Whether something protected of the source stands less often in the output.
fn loses_protected(source: &str, output: &str) -> bool {
    let spans = protected_spans(source);
    let fixed = spans.iter().filter(|found| !found.kind.is_number());
    let surfaces: HashSet<&str> = fixed.filter_map(|found| found.span.of(source)).collect();
    let lacks = |surface: &&str| output.matches(*surface).count() < source.matches(*surface).count();
    surfaces.iter().any(lacks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::language::Detection;
    use proptest::prelude::*;

    const PAIR: LanguagePair = LanguagePair {
        source: Language::FRENCH,
        target: Language::ENGLISH,
    };

    #[track_caller]
    fn flags(source: &str, output: &str, expected: &[Flag]) {
        assert_eq!(
            check(source, output, PAIR, None),
            expected,
            "`{source}` -> `{output}`"
        );
    }

    #[test]
    fn good_translations_have_no_flag() {
        flags(
            "Le marché rouvre demain à 9 h.",
            "The market reopens tomorrow at 9 am.",
            &[],
        );
        flags("Oui.", "Yes.", &[]);
        flags("", "", &[]);
        flags("😀 #joie", "😀 #joie", &[]);
    }

    #[test]
    fn much_too_short_is_truncated() {
        let source = "La route du nord est coupée depuis hier soir par la crue du fleuve.";
        flags(source, "The road.", &[Flag::Truncated]);
        flags(source, "The northern road has been cut by the flood.", &[]);
        flags("Bonjour", "", &[Flag::Truncated]);
        flags("Bonjour", "Hi", &[]);
    }

    #[test]
    fn loops_are_repetition() {
        flags(
            "Il part ce soir.",
            "He leaves leaves leaves leaves tonight.",
            &[Flag::Repetition],
        );
        flags(
            "Il part ce soir.",
            "He goes and he goes and he goes and he goes.",
            &[Flag::Repetition],
        );
        flags("Quel cri !", "What a haaaaaaaaaaaaaaaaaaaa!", &[Flag::Repetition]);
        let twice = "the bridge was closed for repairs the bridge was closed for repairs";
        flags("Le pont était fermé pour travaux.", twice, &[Flag::Repetition]);
    }

    #[test]
    fn repetition_of_the_source_is_no_loop() {
        flags("Non, non, non, non et non !", "No, no, no, no and no!", &[]);
        flags(
            "Allez, allez, allez, allez !",
            "Come on, come on, come on, come on!",
            &[],
        );
        flags("Aaaaaaaaaaaaaaaaaaaah !", "Aaaaaaaaaaaaaaaaaaaaah!", &[]);
    }

    #[test]
    fn the_source_again_is_copied() {
        flags(
            "Bonjour à tous les amis",
            "Bonjour à tous les amis",
            &[Flag::Copied],
        );
        flags(
            "BONJOUR À TOUS LES AMIS",
            "Bonjour à tous les amis.",
            &[Flag::Copied],
        );
        flags("Radio Kayes FM, 98,2", "Radio Kayes FM, 98,2", &[]);
        flags("Anne Diarra", "Anne Diarra", &[]);
        flags(
            "Voici la table et la chaise",
            "Here is the table and the chair",
            &[],
        );
    }

    #[test]
    fn numbers_must_agree() {
        flags("Soit 7 500 voix.", "That is 7,500 votes.", &[]);
        flags(
            "Soit 7 500 voix.",
            "That is 7,050 votes.",
            &[Flag::NumberMismatch],
        );
    }

    #[test]
    fn what_is_protected_must_be_there_as_often() {
        flags("Merci @anne_k 😀😀", "Thanks @anne_k 😀", &[Flag::ProtectedLost]);
        flags("Merci @anne_k", "Thanks @Anne_k", &[Flag::ProtectedLost]);
    }

    proptest! {
        #![proptest_config(crate::testing::cases(200))]

        #[test]
        fn a_text_beside_itself_is_at_most_copied(
            text in r"(\PC|mot |le |non |7 500 |21 h 30 |@anne |#joie |😀|XIXe |[0-9a-z.,:é ]){0,60}"
        ) {
            let found = check(&text, &text, PAIR, None);
            prop_assert!(found.iter().all(|flag| *flag == Flag::Copied), "{:?}", found);
        }

        #[test]
        fn any_two_texts_can_be_checked(source in r"(\PC|[0-9a-zé., \n]){0,60}", output in r"(\PC|[0-9a-zé., \n]){0,60}") {
            prop_assert!(check(&source, &output, PAIR, Some(&Accents)).is_sorted());
        }
    }

    /// Calls everything with `é` French and the rest English.
    struct Accents;

    impl LanguageDetector for Accents {
        fn detect(&self, text: &str) -> Detection {
            let language = if text.contains('é') {
                Language::FRENCH
            } else {
                Language::ENGLISH
            };
            Detection {
                language,
                confidence: 0.9,
            }
        }
    }

    #[test]
    fn the_language_of_the_output_is_checked_where_it_can_be_told() {
        let flags = |output| check("Un texte assez long pour le test", output, PAIR, Some(&Accents));
        assert_eq!(
            flags("Une année très différente des autres"),
            [Flag::WrongLanguage]
        );
        assert_eq!(flags("A year unlike all of the others"), []);
        assert_eq!(flags("A café in the city"), [], "too few letters to tell");
    }
}
