//! Words that begin sentences, in English and French.

use super::chars::{fold, is_accent, lists};

/// Whether the word that `text` begins with is likely to begin a sentence, after an abbreviation
/// that may end one.
pub(super) fn starts_sentence(text: &str) -> bool {
    let (word, rest) = first_word(text);
    if word.chars().nth(1).is_none() {
        return is_one_letter_starter(word, rest);
    }
    lists(STARTERS, &fold(word))
}

/// The same after an initial, where the particle of a surname begins no sentence.
pub(super) fn starts_sentence_after_initial(text: &str) -> bool {
    starts_sentence(text) && !lists(SURNAME_PARTICLES, &fold(first_word(text).0))
}

/// Whether `text` begins a sentence after a mark behind which a sentence may go on: `;`, a bracket.
pub(super) fn starts_sentence_after_pause(text: &str) -> bool {
    let (word, rest) = first_word(text);
    let goes_on_small = || rest.trim_start().starts_with(char::is_lowercase);
    word.starts_with(char::is_uppercase)
        && (starts_sentence(text) || is_adverb(word))
        && (!lists(SURNAME_PARTICLES, &fold(word)) || goes_on_small())
}

/// A French adverb of manner, which is in no name: `Naturellement`.
fn is_adverb(word: &str) -> bool {
    word.len() > 7 && word.ends_with("ement")
}

/// Whether `text` begins a sentence in lower case, as people write in a hurry: with a subject or with
/// what goes before one.
pub(super) fn starts_careless_sentence(text: &str) -> bool {
    let (word, rest) = first_word(text);
    match word {
        "c" | "j" => rest.starts_with(['\'', '’']),
        _ => lists(SUBJECTS, &fold(word)),
    }
}

/// Whether `text` begins a sentence although no end mark is before it: with a capitalised pronoun or
/// determiner that is no part of names, and goes on in lower case. English is left out: its titles
/// capitalise pronouns.
pub(super) fn starts_unmarked_sentence(text: &str) -> bool {
    let (word, rest) = first_word(text);
    let next = match word {
        "C" | "J" => rest.strip_prefix(['\'', '’']),
        _ if lists(CAPITALISED_SUBJECTS, word) => rest.strip_prefix(char::is_whitespace),
        _ => None,
    };
    next.is_some_and(|next| next.starts_with(char::is_lowercase))
}

/// Whether `text` begins a sentence right behind `word`, without a mark between. `Il` also ends names.
pub(super) fn goes_on_unmarked(word: &str, text: &str) -> bool {
    starts_unmarked_sentence(text)
        && may_end_unmarked(word)
        && !(word.starts_with(char::is_uppercase) && first_word(text).0 == "Il")
}

/// Whether `word` may be the last of a sentence without an end mark: a year, or a word that is no
/// function word and not too short.
pub(super) fn may_end_unmarked(word: &str) -> bool {
    let is_year = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    let is_word = word.chars().count() >= 3 && word.chars().all(|c| c.is_alphabetic() || is_accent(c));
    is_year || is_word && !lists(STARTERS, &fold(word))
}

// The lists hold words between spaces, folded (lower case, without accents) unless they say otherwise.

/// Function words that rarely begin a name: after an ambiguous abbreviation they begin a sentence.
const STARTERS: &str = "\
    according after all although an and another apres are as at au aucun aujourd aussi aux avant \
    avec because before both but by can car ce cela celui cependant ces cet cette chaque comme could \
    dans de depuis des did do does donc during elle elles en et finally for from had has have he her \
    here his how however if il ils in is it its je la le les leur leurs lors lorsque mais many most \
    my no nos not notre nous now on one or ou our par pendant plus pour puis qu quand que qui sa \
    selon ses several she should si since so some son sur that the their then there these they this \
    those though to tous tout two un une until was we were what when where which while who why will \
    with would you your";

/// Starters that also begin surnames: `J. Le Goff`.
const SURNAME_PARTICLES: &str = "\
    de des la le les";

/// Pronouns, articles and the like that open a clause.
const SUBJECTS: &str = "\
    but ce cela ces cet cette elle elles he her his il ils it its je la le les leur leurs ma mais mon \
    my notre nous on our sa she son that the their there these they this those tu un une vous we you \
    your";

/// Those of them that are hardly ever capitalised within a sentence, as written.
const CAPITALISED_SUBJECTS: &str = "\
    Ce Ces Cette Il Ils Je Nous Vous";

/// An elided French word (`L’eau`) or a word of one letter (`I`, `A`, `À`, `Y`); never an initial.
fn is_one_letter_starter(word: &str, rest: &str) -> bool {
    if rest.starts_with(['\'', '’']) {
        return matches!(word, "C" | "D" | "J" | "L" | "M" | "N" | "S" | "T");
    }
    matches!(word, "A" | "I" | "À" | "Y") && rest.starts_with(char::is_whitespace)
}

/// The first word of `text`, cut where it is longer than any word of the lists, and what follows.
pub(super) fn first_word(text: &str) -> (&str, &str) {
    let in_word = |c: &char| c.is_alphanumeric() || is_accent(*c);
    let len = text
        .chars()
        .take(16)
        .take_while(in_word)
        .map(char::len_utf8)
        .sum();
    text.split_at(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starters_are_function_words_and_elided_ones() {
        assert!(starts_sentence("They left"));
        assert!(starts_sentence("L’eau"));
        assert!(starts_sentence("À Dakar"));
        assert!(!starts_sentence("Senate"));
        assert!(!starts_sentence("A. Sow"));
        assert!(!starts_sentence(""));
        assert!(!starts_sentence_after_initial("Le Gall"));
    }

    #[test]
    fn a_capital_after_a_pause_begins_a_sentence_unless_it_is_a_name() {
        for text in [
            "Il est",
            "The bus",
            "L’eau",
            "Le pont",
            "C'est",
            "Heureusement, il",
        ] {
            assert!(starts_sentence_after_pause(text), "{text:?}");
        }
        for text in ["il est", "Dakar", "Le Mans", "La Rochelle", "Zoé", ""] {
            assert!(!starts_sentence_after_pause(text), "{text:?}");
        }
    }

    #[test]
    fn only_subjects_begin_a_sentence_in_lower_case() {
        for text in ["il est", "the bus", "c’est", "j'ai", "cette rue"] {
            assert!(starts_careless_sentence(text), "{text:?}");
        }
        for text in ["de la", "et puis", "c", "pont", "and", ""] {
            assert!(!starts_careless_sentence(text), "{text:?}");
        }
    }

    #[test]
    fn only_words_that_no_name_has_begin_a_sentence_without_a_mark_before() {
        for text in ["Il est", "Cette rue", "J'ai", "C’est"] {
            assert!(starts_unmarked_sentence(text), "{text:?}");
        }
        for text in ["Il Divo", "Elle est", "Le pont", "We are", "C est", "Il", ""] {
            assert!(!starts_unmarked_sentence(text), "{text:?}");
        }
    }
}
