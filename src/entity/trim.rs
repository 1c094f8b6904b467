//! The edges of mentions: what a name is without the words and marks around it.

use std::ops::Range;

use super::words::{Word, WordKind, first_text, words, words_in};
use super::{Label, lexicon};
use crate::Span;

/// The name in `span` without what is no part of it, `None` where nothing is left.
///
/// Taken off: white space and marks (but not the stop of `U.S.` or a bracket opened inside), elided articles
/// and prepositions (`l’ONU`), articles in lower case, function words at the end (`Gazette du`), the possessive
/// (`Niger’s`), what makes an adjective of a name (`Dakar-based`), and of a person a title before the name and a clause behind it (`Awa Ba ne dort pas`). A span
/// that cuts a word is widened to it first.
///
/// ```
/// use diglot::Span;
/// use diglot::entity::{Label, trim_mention};
///
/// let sentence = "Le siège de l’ONU.";
/// let span = Span::new(13, sentence.len());
/// let name = trim_mention(sentence, span, Label::Org);
/// assert_eq!(name.and_then(|name| name.of(sentence)), Some("ONU"));
/// ```
pub fn trim_mention(sentence: &str, span: Span, label: Label) -> Option<Span> {
    let words = words(sentence);
    let range = trim_words(sentence, &words, words_in(&words, span), label)?;
    Some(span_of(&words, &range))
}

/// The same on word indexes.
pub(crate) fn trim_words(
    sentence: &str,
    words: &[Word],
    range: Range<usize>,
    label: Label,
) -> Option<Range<usize>> {
    let Range { mut start, mut end } = range;
    if label == Label::Per {
        let begins_clause = |word: &Word| lexicon::begins_clause(word.text(sentence));
        end = (start + 1..end)
            .find(|&at| begins_clause(&words[at]))
            .unwrap_or(end);
    }
    let first = first_text(words);
    while start < end && is_loose_start(sentence, &words[start..end], label, first == Some(start)) {
        start += 1;
    }
    while start < end && is_loose_end(sentence, &words[start..end]) {
        end -= 1;
    }
    let is_name = |word: &Word| word.kind == WordKind::Text && !is_lower_function_word(word.text(sentence));
    words[start..end].iter().any(is_name).then_some(start..end)
}

/// The bytes from the first to the last word of a range, empty where the range is.
pub(crate) fn span_of(words: &[Word], range: &Range<usize>) -> Span {
    match words.get(range.clone()) {
        Some([only]) => only.span,
        Some([first, .., last]) => Span::new(first.span.start(), last.span.end()),
        _ => Span::default(),
    }
}

fn is_loose_start(sentence: &str, words: &[Word], label: Label, opens_sentence: bool) -> bool {
    let text = words[0].text(sentence);
    match words[0].kind {
        WordKind::Mark | WordKind::Possessive | WordKind::Suffix | WordKind::Protected => true,
        // A capital inside a sentence says that the article belongs to the name: the newspaper L’Équipe.
        WordKind::Elision => opens_sentence || text.starts_with(char::is_lowercase),
        WordKind::Text => {
            lexicon::is_lower_article(text)
                || label == Label::Per && lexicon::is_title(text) && a_name_follows(sentence, &words[1..])
        }
    }
}

fn a_name_follows(sentence: &str, words: &[Word]) -> bool {
    let stop_off = match words {
        [stop, rest @ ..] if stop.text(sentence) == "." => rest,
        all => all,
    };
    stop_off.first().is_some_and(|word| word.is_capitalised(sentence))
}

fn is_loose_end(sentence: &str, words: &[Word]) -> bool {
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    match last.kind {
        WordKind::Text => is_lower_function_word(last.text(sentence)),
        WordKind::Mark => !closes_bracket(sentence, last.text(sentence), before),
        WordKind::Elision | WordKind::Possessive | WordKind::Suffix | WordKind::Protected => true,
    }
}

fn closes_bracket(sentence: &str, mark: &str, before: &[Word]) -> bool {
    let count = |wanted: &str| before.iter().filter(|word| word.text(sentence) == wanted).count();
    mark == ")" && count("(") > count(")")
}

fn is_lower_function_word(text: &str) -> bool {
    text.starts_with(char::is_lowercase) && lexicon::is_function_word(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Loc, Misc, Org, Per};
    use proptest::prelude::*;

    /// `marked` holds the mention between brackets `[` and `]`.
    #[track_caller]
    fn check(marked: &str, label: Label, expected: &str) {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let sentence = marked.replace(['[', ']'], "");
        let name = trim_mention(&sentence, Span::new(start, end), label);
        assert_eq!(
            name.map_or("", |name| name.of(&sentence).unwrap()),
            expected,
            "the name in `{marked}`"
        );
    }

    #[test]
    fn takes_a_clause_off_a_person() {
        check("[Awa Ba ne dort pas]", Per, "Awa Ba");
        check("[Lina Sow n’est pas] là", Per, "Lina Sow");
        check("[Lina Sow who waited]", Per, "Lina Sow");
        check("[Awa de la Tour]", Per, "Awa de la Tour");
        check("[Ceux qui attendent]", Misc, "Ceux qui attendent");
    }

    #[test]
    fn takes_marks_and_white_space_off() {
        check("à [ Ségou, ]demain", Loc, "Ségou");
        check("[« Rail Ouest »] dit", Org, "Rail Ouest");
        check("(near [Gao)]", Loc, "Gao");
        check("the [Banque (BX)]", Org, "Banque (BX)");
        check("le [!?]", Org, "");
    }

    #[test]
    fn keeps_the_stop_that_belongs_to_a_name() {
        check("the [U.S.] said", Loc, "U.S.");
        check("with [Awa N.], there", Per, "Awa N.");
        check("by [Nordlok Inc.]", Org, "Nordlok Inc.");
        check("in [Gao.]", Loc, "Gao");
    }

    #[test]
    fn takes_elisions_articles_and_possessives_off() {
        check("près [d’Alger]", Loc, "Alger");
        check("[L’Union africaine] dit", Org, "Union africaine");
        check("dans [L’Équipe] hier", Org, "L’Équipe");
        check("à [N’Djamena]", Loc, "N’Djamena");
        check("[Niger’s] town", Loc, "Niger");
        check("a [Dakar-based] firm", Loc, "Dakar");
        check("of [the Sahel]", Loc, "Sahel");
        check("[The Hague]", Loc, "The Hague");
        check("[the]", Misc, "");
        check("[Hôpital de la] Dune", Org, "Hôpital");
        check("[Phare du] Sel", Org, "Phare");
    }

    #[test]
    fn takes_titles_off_persons_only() {
        check("[Dr. Malika Sow]", Per, "Malika Sow");
        check("le [colonel Sidi Kane]", Per, "Sidi Kane");
        check("[M. Kane]", Per, "Kane");
        check("[President]", Per, "President");
        check("[Général Electrique]", Org, "Général Electrique");
    }

    #[test]
    fn leaves_links_and_handles_out() {
        check("[@awa_b Bamako]", Loc, "Bamako");
        check("[Bamako 🇲🇱]", Loc, "Bamako");
        check("[https://t.co/x]", Org, "");
    }

    proptest! {
        #[test]
        fn names_lie_on_character_boundaries(sentence in r"(\PC|[Dr. ]|l’|’s|@a){0,20}", a in 0usize..60, b in 0usize..60) {
            for label in Label::ALL {
                if let Some(name) = trim_mention(&sentence, Span::new(a.min(b), a.max(b)), label) {
                    let text = name.of(&sentence).expect("a name on character boundaries");
                    prop_assert!(text.chars().any(|c| !c.is_whitespace()) && text.trim() == text);
                }
            }
        }
    }
}
