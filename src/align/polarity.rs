//! Whether one of two texts says what the other denies.

use std::sync::LazyLock;

use regex::Regex;

/// Whether one side plainly negates and the other has nothing that could stand for a negation.
///
/// Questions negate for other reasons. Only a hint: languages also negate by other words (`manquer`, `to lack`).
pub(super) fn differs(french: &str, english: &str) -> bool {
    let asks = |text: &str| text.contains('?');
    if asks(french) || asks(english) {
        return false;
    }
    let (here, there) = (NEGATED_FRENCH.is_match(french), NEGATED_ENGLISH.is_match(english));
    here && !there && !MAYBE_ENGLISH.is_match(english) || there && !here && !MAYBE_FRENCH.is_match(french)
}

/// Whether one of the two texts plainly negates.
pub(super) fn negates(french: &str, english: &str) -> bool {
    NEGATED_FRENCH.is_match(french) || NEGATED_ENGLISH.is_match(english)
}

static NEGATED_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:ne\s|n['’])(?:\S+\s){1,4}?(?:pas|jamais|rien|aucune?|personne)\b
        |\b(?:personne|rien|aucune?)(?:\s\S+){0,3}?\s(?:ne\s|n['’])",
    )
    .expect("the pattern is valid")
});

/// `, not` is a contrast, for which French has other words.
static NEGATED_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:never|nobody|nothing|none|cannot|no)\b|[^,]\snot\b|n['’]t\b")
        .expect("the pattern is valid")
});

/// Words that may say no in French.
static MAYBE_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:ne|non|pas|jamais|rien|aucune?s?|personne|sans|ni|plus|sauf|peu|mais|que|loin|rarement|guère|difficile\w*|moins
        |priv\w+|cess\w+        |refus\w*|manqu\w*|échou\w*|emp[êe]ch\w*|évit\w*|interdi\w*|ignor\w*|impossible\w*|nul\w*|in\w{4,}|im\w{4,}|d[ée]s\w{3,})\b
        |\bn['’]|\bqu['’]",
    )
    .expect("the pattern is valid")
});

/// Words that may say no in English.
static MAYBE_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:nor|neither|without|only|hardly|barely|scarcely|little|few|less|least|but|than|until|unless|nowhere|far
        |refus\w*|fail\w*|lack\w*|den(?:y|ie[sd])|stop\w*|avoid\w*|prevent\w*|miss\w*|keep\w*|kept|reject\w*|rule\w*|neglect\w*|forg[eo]t\w*
        |difficult\w*|hard|small|rarely|seldom|ever|instead|rather
        |un(?:[abcefghklmnopqrstuvwy]\w{2,}|i[dmn]\w{3,}|do\w{2,})
        |in(?:ab|ac[ct]|adequ|cap|comp[lr]|corr|eff|exp|suff|tol|val|vis|sec)\w*|im(?:poss|pun|prob|pract|mob)\w*
        |dis(?:agr|app|b|cont|miss|resp|ob)\w*|any\w*|yet|still|no(?:t|r|body|where|thing|ne)?|\w+less)\b",
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
        check("Le lac n’a-t-il pas gelé ?", "Did the lake freeze?", false);
        check(
            "On préfère le lac à la mer.",
            "We prefer the lake, not the sea.",
            false,
        );
        check("Le lac a gelé.", "The lake froze.", false);
    }
}
