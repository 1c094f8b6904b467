//! Sentences in capitals, where a model that knows names by their capitals sees none.

use super::words::{Word, WordKind, words};
use super::{EntityRecognizer, Mention, lexicon};
use crate::BackendError;

/// Sentences with fewer words are left as they are: an acronym or two are no shouting.
const MIN_WORDS: usize = 3;

/// Shows a recogniser sentences in capitals as if they were in title case.
///
/// Every changed letter keeps its length in bytes, so that spans hold for the sentence as it is.
pub struct CaseRepair<R> {
    inner: R,
}

impl<R: EntityRecognizer> CaseRepair<R> {
    /// A recogniser that repairs sentences in capitals for `inner`.
    pub fn new(inner: R) -> Self {
        Self { inner }
    }
}

impl<R: EntityRecognizer> EntityRecognizer for CaseRepair<R> {
    fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
        let repaired: Vec<_> = sentences.iter().map(|sentence| title_case(sentence)).collect();
        let shown = sentences.iter().zip(&repaired);
        let batch: Vec<&str> = shown
            .map(|(&sentence, repaired)| repaired.as_deref().unwrap_or(sentence))
            .collect();
        self.inner.recognize(&batch)
    }
}

/// `sentence` with only the first letters of its words in capitals, `None` where it is not all in capitals.
///
/// Function words go to lower case, and words without a vowel (`BBC`) stay. The result has the length of the
/// sentence, and its characters start at the same bytes.
fn title_case(sentence: &str) -> Option<String> {
    let words = words(sentence);
    if !is_shouted(sentence, &words) {
        return None;
    }
    let mut repaired = String::with_capacity(sentence.len());
    for (at, word) in words.iter().enumerate() {
        repaired.push_str(&sentence[repaired.len()..word.span.start()]);
        let text = word.text(sentence);
        match word.kind {
            WordKind::Mark | WordKind::Protected => repaired.push_str(text),
            WordKind::Possessive | WordKind::Suffix => push_lower(&mut repaired, text),
            WordKind::Elision | WordKind::Text if at > 0 && lexicon::is_function_word(text) => {
                push_lower(&mut repaired, text);
            }
            WordKind::Elision | WordKind::Text if is_unpronounceable(text) => repaired.push_str(text),
            WordKind::Elision | WordKind::Text => push_capitalised(&mut repaired, text),
        }
    }
    repaired.push_str(&sentence[repaired.len()..]);
    Some(repaired)
}

fn is_shouted(sentence: &str, words: &[Word]) -> bool {
    let texts = || {
        words
            .iter()
            .filter(|word| word.kind == WordKind::Text)
            .map(|word| word.text(sentence))
    };
    let shouted = |text: &str| text.chars().filter(|c| c.is_uppercase()).count() >= 2;
    let lower = texts().any(|text| text.contains(char::is_lowercase));
    !lower && texts().filter(|text| shouted(text)).count() >= MIN_WORDS
}

fn is_unpronounceable(word: &str) -> bool {
    word.contains('.') || word.is_ascii() && !word.contains(['A', 'E', 'I', 'O', 'U', 'Y'])
}

fn push_lower(text: &mut String, word: &str) {
    text.extend(word.chars().map(lower_of_same_length));
}

fn push_capitalised(text: &mut String, word: &str) {
    let mut begins = true;
    for c in word.chars() {
        text.push(if begins { c } else { lower_of_same_length(c) });
        begins = !c.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(c);
    }
}

fn lower_of_same_length(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) if single.len_utf8() == c.len_utf8() => single,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;
    use crate::entity::Label;
    use proptest::prelude::*;

    #[track_caller]
    fn check(sentence: &str, expected: Option<&str>) {
        assert_eq!(
            title_case(sentence).as_deref(),
            expected,
            "title case of `{sentence}`"
        );
    }

    #[test]
    fn repairs_sentences_in_capitals() {
        check("NORDLOK WINS GAO CUP!", Some("Nordlok Wins Gao Cup!"));
        check("LE MAIRE DE SÉGOU À L’ÉCOLE", Some("Le Maire de Ségou à l’École"));
        check(
            "GUINÉE-BISSAU: BBC TEAM’S TRIP",
            Some("Guinée-Bissau: BBC Team’s Trip"),
        );
        check(
            "VOIR HTTPS://T.CO/AB ICI @AWA_B DEMAIN",
            Some("Voir HTTPS://T.CO/AB Ici @AWA_B Demain"),
        );
        check(
            "E\u{301}TE\u{301} A\u{300} NIAMEY DEMAIN",
            Some("E\u{301}te\u{301} A\u{300} Niamey Demain"),
        );
    }

    #[test]
    fn leaves_other_sentences_alone() {
        check("Nordlok WINS GAO CUP!", None);
        check("UN – EU", None);
        check("", None);
        check("١٢ ٣ ... 4 5 6", None);
    }

    #[test]
    fn keeps_letters_whose_lower_case_has_another_length() {
        check("İZMİR GÜZEL ŞEHİR", Some("İzmİr Güzel Şehİr"));
        check("ȺAA ȺAA AȺA", Some("Ⱥaa Ⱥaa AȺa"));
    }

    /// Takes every word with a capital and a small second letter for a place.
    struct TitleWords;

    impl EntityRecognizer for TitleWords {
        fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
            let of_sentence = |sentence: &&str| {
                let is_name = |text: &str| {
                    let mut chars = text.chars();
                    chars.next().is_some_and(char::is_uppercase)
                        && chars.next().is_some_and(char::is_lowercase)
                };
                let names = words(sentence)
                    .into_iter()
                    .filter(|word| is_name(word.text(sentence)));
                names
                    .map(|word| Mention {
                        span: word.span,
                        label: Label::Loc,
                        score: 1.0,
                    })
                    .collect()
            };
            Ok(sentences.iter().map(of_sentence).collect())
        }
    }

    #[test]
    fn spans_hold_for_the_sentence_as_it_is() {
        let sentences = ["À GAO ET MOPTI, ÉTÉ SEC", "GAO et Mopti"];
        let found = CaseRepair::new(TitleWords).recognize(&sentences).unwrap();
        let texts: Vec<_> = found[0]
            .iter()
            .map(|mention| mention.span.of(sentences[0]).unwrap())
            .collect();
        assert_eq!(texts, ["GAO", "MOPTI", "ÉTÉ", "SEC"]);
        assert_eq!(
            found[1].iter().map(|mention| mention.span).collect::<Vec<_>>(),
            [Span::new(7, 12)]
        );
    }

    proptest! {
        #[test]
        fn characters_start_at_the_same_bytes(sentence in r"(\p{Lu}|[ .’İẞ-]|\PC){0,30}| (\p{Lu}{2,4} ){3,6}") {
            if let Some(repaired) = title_case(&sentence) {
                let starts = |text: &str| text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
                prop_assert_eq!(starts(&repaired), starts(&sentence));
            }
        }
    }
}
