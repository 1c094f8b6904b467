//! Persons named right behind their office in French: `le ministre de la Santé Awa Ba`.

use super::fold::folded_words;
use super::trim::span_of;
use super::words::{Word, WordKind, words_in};
use super::{Label, Mention};

/// What ministers are of, folded; in French it begins with a capital and a small tagger takes it for a first name.
const PORTFOLIOS: &str = "administration affaires agriculture amenagement armees budget commerce communication cooperation \
culture defense developpement eau economie education elevage emploi energie enseignement environnement famille femme femmes finances \
fonction habitat hydraulique industrie infrastructures integration interieur jeunesse justice logement mines numerique peche plan \
promotion recherche reconciliation sante securite solidarite sport sports tourisme transport transports travail urbanisme";

/// Those who have one.
const OFFICES: [&str; 4] = ["ministre", "ministres", "secretaire", "vice-ministre"];

/// Words between an office and the name at most: `ministre de l’ Éducation nationale`.
const NEAR: usize = 5;

/// Takes the portfolio of a minister off the front of a person's name.
pub(super) fn cut_portfolios(sentence: &str, words: &[Word], mentions: &mut [Mention]) {
    for mention in mentions.iter_mut().filter(|mention| mention.label == Label::Per) {
        let range = words_in(words, mention.span);
        let before = &words[range.start.saturating_sub(NEAR)..range.start];
        let has_office = before
            .iter()
            .any(|word| is_one_of(word.text(sentence), OFFICES.into_iter()));
        let Some(first) = words.get(range.start).filter(|_| has_office) else {
            continue;
        };
        if !is_one_of(first.text(sentence), PORTFOLIOS.split_ascii_whitespace()) {
            continue;
        }
        let name = (range.start + 1..range.end).find(|&at| words[at].is_capitalised(sentence));
        if let Some(start) = name.filter(|&at| words[at].kind == WordKind::Text) {
            mention.span = span_of(words, &(start..range.end));
        }
    }
}

fn is_one_of(word: &str, mut list: impl Iterator<Item = &'static str>) -> bool {
    matches!(folded_words(word).as_slice(), [only] if list.any(|listed| listed == only))
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;
    use crate::Span;

    /// `marked` holds the mention between brackets.
    #[track_caller]
    fn check(marked: &str, label: Label, expected: &str) {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let sentence = marked.replace(['[', ']'], "");
        let span = Span::new(start, end);
        let mut mentions = [Mention {
            span,
            label,
            score: 0.9,
        }];
        cut_portfolios(&sentence, &words(&sentence), &mut mentions);
        assert_eq!(mentions[0].span.of(&sentence), Some(expected), "in `{marked}`");
    }

    #[test]
    fn a_portfolio_is_no_first_name() {
        check("Le ministre de la [Santé Awa Ba] arrive", Label::Per, "Awa Ba");
        check(
            "la ministre des [Affaires étrangères Awa Ba]",
            Label::Per,
            "Awa Ba",
        );
        check("le ministre de l’[Éducation Awa Ba]", Label::Per, "Awa Ba");
    }

    #[test]
    fn other_names_are_left() {
        check("à [Santé Awa Ba]", Label::Per, "Santé Awa Ba");
        check("le ministre de la [Santé]", Label::Per, "Santé");
        check(
            "le ministre de la [Santé Publique SA]",
            Label::Org,
            "Santé Publique SA",
        );
        check("le ministre [Awa Justice]", Label::Per, "Awa Justice");
    }
}
