//! Which words of a text are parts of names, which say little about the language around them.
//!
//! English articles name the Hôpital général and the Union nationale des travailleurs, French posts
//! the World Food Programme. By their letters such words are surely in the other language.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::ngram::NgramDetector;
use super::strip::push_words;
use super::word_set::WordSet;
use super::{Language, words};

/// A white-space separated piece of a text that holds letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'t> {
    /// The piece as written.
    pub(super) text: &'t str,
    /// Its words, as `strip` gives them; without accents where they belong to a name.
    pub(super) words: String,
    /// Whether a sentence or quotation begins with it.
    pub(super) begins_sentence: bool,
    /// Whether it is part of a name.
    pub(super) is_name: bool,
}

/// The pieces of a text that hold letters, in order, with those marked that belong to names.
///
/// Names are capitalised words inside a sentence, the particles between them, and in a text that has
/// common English words the French words that follow one: `the Office national des eaux et forêts`.
pub(super) fn tokens<'t>(ngram: &NgramDetector, text: &'t str) -> Vec<Token<'t>> {
    let mut tokens = read(text);
    if is_upper_case(&tokens) {
        return tokens;
    }
    mark_capitalised(&mut tokens);
    mark_particles(&mut tokens);
    mark_tails(ngram, &mut tokens);
    if tokens.iter().all(|token| token.is_name) {
        tokens.iter_mut().for_each(|token| token.is_name = false);
    }
    for token in tokens.iter_mut().filter(|token| token.is_name) {
        token.words = unaccented(&token.words);
    }
    tokens
}

fn read(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut begins_sentence = true;
    for token in text.split_whitespace() {
        let mut words = String::new();
        push_words(token, &mut words);
        words.truncate(words.trim_end().len());
        if !words.is_empty() {
            tokens.push(Token {
                text: token,
                words,
                begins_sentence: begins_sentence || token.starts_with(is_opening),
                is_name: false,
            });
            begins_sentence = false;
        }
        begins_sentence |= token
            .trim_end_matches(is_closing)
            .ends_with(['.', '!', '?', '…', ':'])
            || token.ends_with(is_opening);
    }
    tokens
}

/// Words without accents: English keeps those of names, so that in a name they speak for no language.
fn unaccented(words: &str) -> String {
    words.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
}

/// Whether most words are in capitals.
fn is_upper_case(tokens: &[Token]) -> bool {
    let upper = |token: &&Token| !token.words.contains(char::is_lowercase);
    2 * tokens.iter().filter(upper).count() > tokens.len()
}

fn mark_capitalised(tokens: &mut [Token]) {
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let joins_next = !ends_phrase(token.text) && tokens.get(at + 1).is_some_and(is_capitalised);
        let side = words::side(&token.words.to_lowercase());
        tokens[at].is_name = token.text.starts_with(['#', '＃'])
            || is_capitalised(token)
                && if token.begins_sentence {
                    joins_next && side == Ordering::Equal
                } else {
                    side != Ordering::Less
                };
    }
}

/// Whether a piece begins with a capital, after an elided article too: `Ouest`, `l’Ouest`.
fn is_capitalised(token: &Token) -> bool {
    let elided = token.words.split_once('\'').filter(|(first, _)| first.len() <= 2);
    token.words.starts_with(char::is_uppercase)
        || elided.is_some_and(|(_, rest)| rest.starts_with(char::is_uppercase))
}

/// Marks up to three particles between the words of a name.
fn mark_particles(tokens: &mut [Token]) {
    let mut last_name = None;
    for at in 0..tokens.len() {
        if tokens[at].is_name {
            if let Some(last) = last_name {
                tokens[last..at].iter_mut().for_each(|token| token.is_name = true);
            }
            last_name = Some(at);
        } else if !PARTICLES.contains(&tokens[at].words) || last_name.is_some_and(|last| at - last > 3) {
            last_name = None;
        }
        if ends_phrase(tokens[at].text) {
            last_name = None;
        }
    }
}

/// Marks the lower-case French words behind a name in a text with common English words before it.
fn mark_tails(ngram: &NgramDetector, tokens: &mut [Token]) {
    let mut is_english = false;
    let mut in_name = false;
    for token in tokens {
        if token.is_name {
            in_name = is_english;
        } else {
            is_english |= words::side(&token.words.to_lowercase()) == Ordering::Less;
            in_name = in_name && is_nominal(ngram, &token.words);
            token.is_name = in_name;
        }
        in_name = in_name && !ends_phrase(token.text);
    }
}

/// Whether lower-case words can stand in a French name: not in a clause, and not in English.
fn is_nominal(ngram: &NgramDetector, words: &str) -> bool {
    if words.starts_with(char::is_uppercase) || words::has_clause_word(words) {
        return false;
    }
    let [english, french] = ngram.log_probabilities([Language::ENGLISH, Language::FRENCH], words);
    match words::side(words) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => french > english - SHARED,
    }
}

/// By how much a word of both languages may be likelier in English, as a logarithm of odds.
const SHARED: f64 = 2.5;

/// Whether a piece ends with a mark that no name goes on over.
fn ends_phrase(token: &str) -> bool {
    token.ends_with(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '\'' | '’' | '-'))
}

fn is_opening(mark: char) -> bool {
    matches!(mark, '«' | '“' | '‘' | '"')
}

fn is_closing(mark: char) -> bool {
    matches!(mark, '»' | '”' | '’' | '"' | ')' | ']')
}

/// What may stand between the words of a name, in byte order.
static PARTICLES: WordSet = WordSet::new(&[
    "al", "au", "aux", "ben", "bin", "d", "da", "de", "del", "der", "des", "di", "du", "el", "en", "la",
    "le", "les", "of", "ou", "pour", "sur", "the", "van", "von",
]);

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which words are taken for parts of names.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let ngram = NgramDetector::new();
        let names: Vec<String> = tokens(&ngram, text)
            .into_iter()
            .filter(|token| token.is_name)
            .map(|token| token.words)
            .collect();
        assert_eq!(names.join(" "), expected, "names of {text:?}");
    }

    #[test]
    fn capitalised_words_inside_a_sentence_are_names() {
        check("The mayor of Rive thanked Lina Sow.", "Rive Lina Sow");
        check("Lina Sow waited. She left.", "Lina Sow");
        check("He said: “No.” Then she left.", "");
        check("Le pont de l’Ouest est fermé.", "l'Ouest");
        check("merci #TrainDeNuit", "Train De Nuit");
    }

    #[test]
    fn particles_between_names_belong_to_them() {
        check("She met Aimée de la Tour there.", "Aimee de la Tour");
        check("We met Lina, and the mayor.", "Lina");
        check("The Rassemblement pour le Lac won.", "Rassemblement pour le Lac");
    }

    #[test]
    fn french_words_behind_a_name_in_english_belong_to_it() {
        check(
            "She ran the Office national des eaux et forêts for a year.",
            "Office national des eaux et forets",
        );
        check(
            "The Société nationale d’énergie replied.",
            "Societe nationale d'energie",
        );
        check("Le Lac est plein.", "Lac");
        check("The mayor of Rive, qui est là, waved.", "Rive");
    }

    #[test]
    fn a_text_of_nothing_but_names_or_capitals_has_none() {
        check("Lina Sow", "");
        check("LE PONT EST FERMÉ Lina", "");
        check("", "");
    }
}
