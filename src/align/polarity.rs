//! Whether one of two texts says what the other denies.

use std::sync::LazyLock;

use regex::Regex;

/// Whether one side plainly negates and the other has nothing that could stand for a negation.
///
/// Only a hint: languages also negate by other words (`manquer`, `to lack`).
pub(super) fn differs(french: &str, english: &str) -> bool {
    let (here, there) = (NEGATED_FRENCH.is_match(french), NEGATED_ENGLISH.is_match(english));
    here && !there && !MAYBE_ENGLISH.is_match(english) || there && !here && !MAYBE_FRENCH.is_match(french)
}

static NEGATED_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:ne\s|n['’])(?:\S+\s){1,4}?(?:pas|jamais|rien|aucune?|personne)\b
        |\b(?:personne|rien|aucune?)(?:\s\S+){0,3}?\s(?:ne\s|n['’])",
    )
    .expect("the pattern is valid")
});

static NEGATED_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|never|nobody|nothing|none|cannot|no)\b|n['’]t\b").expect("the pattern is valid")
});

/// Words that may say no in French.
static MAYBE_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:ne|non|pas|jamais|rien|aucune?s?|personne|sans|ni|plus|sauf|peu|mais|que|loin
        |refus\w*|manqu\w*|échou\w*|emp[êe]ch\w*|évit\w*|interdi\w*|ignor\w*|impossible\w*|nul\w*|in\w{4,}|im\w{4,}|d[ée]s\w{3,})\b
        |\bn['’]|\bqu['’]",
    )
    .expect("the pattern is valid")
});

/// Words that may say no in English.
static MAYBE_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:nor|neither|without|only|hardly|barely|scarcely|little|few|less|least|but|than|until|unless|nowhere|far
        |refus\w*|fail\w*|lack\w*|den(?:y|ie[sd])|stop\w*|avoid\w*|prevent\w*|miss\w*|keep\w*|kept|reject\w*|rule\w*|instead|rather
        |un\w{3,}|in\w{4,}|im\w{4,}|dis\w{3,}|any\w*|yet|still|no\w*|\w+less)\b",
    )
    .expect("the pattern is valid")
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negation_on_one_side_differs() {
        let check = |french: &str, english: &str, expected| {
            assert_eq!(differs(french, english), expected, "{french} | {english}");
        };
        check("Le lac n’a pas gelé.", "The lake froze.", true);
        check("Le lac a gelé.", "The lake never froze.", true);
        check("Le lac n’a pas gelé.", "The lake did not freeze.", false);
        check("Le lac n’a jamais gelé.", "The lake hasn’t frozen.", false);
        check("Personne ne nage.", "Nobody swims.", false);
        check("Personne ne nage.", "All swim.", true);
        check("Il n’a pas répondu.", "He left it unanswered.", false);
        check("Sans glace, on nage.", "There is no ice and they swim.", false);
        check("Le lac a gelé.", "The lake froze.", false);
    }
}
