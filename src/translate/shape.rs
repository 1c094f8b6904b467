//! Capitals: models are trained on ordinary sentences and fail on shouted ones, so those are
//! lower-cased for the model and its output is raised again.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Protected;
use super::tokens::{tokens, tokens_in};
use crate::Span;

/// Which words of a sentence are shown to the model in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// The words to lower, in bytes of the sentence, in order; of names all but the first letter.
    lowered: Vec<Span>,
    /// Whether that is the whole sentence, so that all of the output is raised.
    whole: bool,
}

impl Shape {
    /// Looks at the words of `sentence` between its protected spans.
    pub fn of(sentence: &str, protected: &[Protected]) -> Self {
        let words = words(sentence, protected);
        let text = |span: &Span| span.of(sentence).unwrap_or_default();
        if shouts(words.iter().map(text)) {
            let lowered = words.into_iter().filter(|word| !is_acronym(text(word))).collect();
            return Self { lowered, whole: true };
        }
        let mut lowered = Vec::new();
        let shouted = |word: &Span| is_upper(text(word)) || text(word).chars().count() == 1;
        for run in words.chunk_by(|a, b| shouted(a) == shouted(b)) {
            let is_phrase = run.len() >= PHRASE_WORDS && run.iter().any(|word| is_function_word(text(word)));
            if is_phrase && run.iter().all(|word| is_upper(text(word))) {
                lowered.extend(run.iter().filter(|word| !is_acronym(text(word))));
            } else {
                // Models break a name in capitals up or take it for another word.
                let names = run.iter().filter(|word| is_name(sentence, **word));
                lowered.extend(names.map(|word| Span::new(second_letter(sentence, *word), word.end())));
            }
        }
        Self {
            lowered,
            whole: false,
        }
    }

    /// Whether nothing is lowered.
    pub fn is_plain(&self) -> bool {
        self.lowered.is_empty()
    }

    /// Whether the output is to be raised as a whole.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The text of `span` as the model reads it: in NFC, shouted words lowered, but for the first
    /// letter of a shouted sentence. It has the same white-space tokens.
    pub fn apply(&self, sentence: &str, span: Span) -> String {
        let mut shaped = String::with_capacity(span.len());
        let mut done = span.start();
        let first = self.lowered.partition_point(|word| word.end() <= span.start());
        for word in self.lowered[first..]
            .iter()
            .take_while(|word| word.start() < span.end())
        {
            let word = Span::new(word.start().max(done), word.end().min(span.end()));
            shaped.push_str(&sentence[done..word.start()]);
            let text = word.of(sentence).unwrap_or_default();
            let keeps_capital = self.whole && self.lowered.first().is_some_and(|w| w.start() == word.start());
            let head = if keeps_capital {
                text.chars().next().map_or(0, char::len_utf8)
            } else {
                0
            };
            shaped.push_str(&text[..head]);
            shaped.push_str(&text[head..].to_lowercase());
            done = word.end();
        }
        shaped.push_str(&sentence[done..span.end()]);
        if is_nfc(&shaped) {
            shaped
        } else {
            shaped.nfc().collect()
        }
    }

    /// For each token of `sentence` whether a word of it was lowered.
    pub fn lowered_tokens(&self, sentence: &str) -> Vec<bool> {
        let tokens = tokens(sentence);
        let mut lowered = vec![false; tokens.len()];
        for word in &self.lowered {
            for token in tokens_in(&tokens, *word) {
                lowered[token] = true;
            }
        }
        lowered
    }
}

/// The fewest capitalised words in a row, a function word among them, that count as shouted in an
/// otherwise ordinary sentence. Fewer are often names: `MNLA ET HCUA`.
const PHRASE_WORDS: usize = 3;

/// The fewest letters of a word in capitals that is taken for a name: shorter ones are acronyms, unless
/// they say where a report comes from.
const NAME_LETTERS: usize = 5;
const PLACE_LETTERS: usize = 3;

/// The share of capitals among the letters of a shouted sentence. A few small letters stay, as
/// in `LE PRESIDENT DE l'UNION`.
const SHOUTED: f64 = 0.85;

/// The words of a sentence outside its protected spans.
fn words(sentence: &str, protected: &[Protected]) -> Vec<Span> {
    let mut words = Vec::new();
    let mut done = 0;
    let end = Span::new(sentence.len(), sentence.len());
    for span in protected.iter().map(|protected| protected.span).chain([end]) {
        let mut start = None;
        for (at, c) in sentence[done..span.start()]
            .char_indices()
            .map(|(at, c)| (done + at, c))
        {
            let inside = c.is_alphanumeric() || is_mark(c) || (c == '.' && start.is_some());
            match (inside, start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    words.push(Span::new(from, at));
                    start = None;
                }
                _ => {}
            }
        }
        words.extend(start.map(|from| Span::new(from, span.start())));
        done = span.end();
    }
    words
}

/// Combining accents, as decomposed text has them.
fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// Whether a sentence is written in capitals: two words or more with enough letters.
fn shouts<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let (mut count, mut ordinary, mut upper, mut lower) = (0, 0, 0usize, 0usize);
    for word in words {
        let (up, low) = (
            letters(word, char::is_uppercase),
            letters(word, char::is_lowercase),
        );
        count += usize::from(up + low >= 2);
        ordinary += usize::from(!is_acronym(word) && up >= 3);
        upper += up;
        lower += low;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of letters are far below 2^52")]
    let share = upper as f64 / (upper + lower).max(1) as f64;
    count >= 2 && ordinary >= 1 && upper >= 6 && share >= SHOUTED
}

fn letters(word: &str, kind: fn(char) -> bool) -> usize {
    word.chars().filter(|c| kind(*c)).count()
}

/// Whether a word has capitals and no small letters.
fn is_upper(word: &str) -> bool {
    word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase)
}

/// Whether a capitalised word is probably an acronym: dotted, with a digit, without a vowel, or
/// one of those that English and French news use most.
fn is_acronym(word: &str) -> bool {
    let dotted = word.trim_end_matches('.').contains('.');
    let has_digit = word.chars().any(char::is_numeric);
    let vowelless = word.chars().count() > 1 && !word.chars().any(|c| !c.is_ascii() || "AEIOUY".contains(c));
    is_upper(word) && (dotted || has_digit || vowelless || ACRONYMS.contains(&word.trim_end_matches('.')))
}

/// Whether a word in capitals is probably a name, or a word as clear as one: long, or at the start before
/// a stroke or colon (`GAO/ deux blessés`).
fn is_name(sentence: &str, span: Span) -> bool {
    let word = span.of(sentence).unwrap_or_default();
    let count = letters(word, char::is_uppercase);
    let says_where = || {
        let after = sentence[span.end()..].trim_start();
        sentence[..span.start()].trim().is_empty() && after.starts_with(['/', ':'])
    };
    is_upper(word) && !is_acronym(word) && (count >= NAME_LETTERS || count >= PLACE_LETTERS && says_where())
}

/// Where the second letter of a word is, in bytes of the sentence.
fn second_letter(sentence: &str, word: Span) -> usize {
    let mut chars = word.of(sentence).unwrap_or_default().char_indices().skip(1);
    let second = chars.find(|(_, c)| !is_mark(*c));
    second.map_or(word.end(), |(at, _)| word.start() + at)
}

const ACRONYMS: &[&str] = &[
    "AFP", "AIEA", "BCE", "CEDEAO", "CIA", "CICR", "CNN", "ECOWAS", "FAMA", "FBI", "FIFA", "FMI", "HRW",
    "IAEA", "IMF", "MINUSMA", "MNLA", "MSF", "NASA", "NATO", "OIM", "OMS", "ONG", "ONU", "OTAN", "RFI", "UA",
    "UE", "UEFA", "UEMOA", "UK", "UN", "UNESCO", "UNHCR", "UNICEF", "URSS", "USA",
];

/// Short words that no name consists of and that stand in most phrases.
fn is_function_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "AU", "AUX", "AVEC", "CE", "DANS", "DES", "DU", "EST", "ELLE", "IL", "ILS", "LA", "LE", "LES", "NE",
        "NOUS", "ON", "PAR", "PAS", "POUR", "QUE", "QUI", "SANS", "SONT", "SUR", "UN", "UNE", "VOUS", "ARE",
        "AT", "BY", "FOR", "FROM", "HAS", "IN", "IS", "IT", "NOT", "OUR", "THE", "TO", "WAS", "WE", "WITH",
        "YOU",
    ];
    WORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::super::protected_spans;
    use super::*;

    #[track_caller]
    fn check(sentence: &str, expected: &str) {
        let shape = Shape::of(sentence, &protected_spans(sentence));
        let shaped = shape.apply(sentence, Span::new(0, sentence.len()));
        assert_eq!(shaped, expected);
        let count = |text: &str| text.split_whitespace().count();
        assert_eq!(count(&shaped), count(sentence), "tokens must stay");
    }

    #[test]
    fn shouted_sentences_become_ordinary_ones() {
        check("LA VILLE EST SANS EAU !", "La ville est sans eau !");
        check("L'ÉCOLE ROUVRE À MIDI", "L'école rouvre à midi");
        check("« ÇA SUFFIT » DIT-ELLE", "« Ça suffit » dit-elle");
    }

    #[test]
    fn acronyms_stay_in_capitals() {
        check("L'ONU ET LA SNCF S'ACCORDENT", "L'ONU et la SNCF s'accordent");
        check("LES U.S.A. GAGNENT", "Les U.S.A. gagnent");
        check("ONU, OTAN", "ONU, OTAN");
    }

    #[test]
    fn ordinary_sentences_stay() {
        check("Le FMI aide la BCE.", "Le FMI aide la BCE.");
        check("MNLA et HCUA", "MNLA et HCUA");
        check("Le MEDEF et la CGT", "Le Medef et la CGT");
        check("Le PAM et l'ANPE", "Le PAM et l'ANPE");
        check("tout en minuscules", "tout en minuscules");
    }

    #[test]
    fn shouted_phrases_inside_a_sentence_are_lowered() {
        check(
            "Il crie : NOUS NE PARTIRONS PAS, puis sort.",
            "Il crie : nous ne partirons pas, puis sort.",
        );
        check("Accord MNLA ET HCUA signé hier", "Accord MNLA ET HCUA signé hier");
    }

    #[test]
    fn names_in_capitals_keep_the_first() {
        check("BOGHÉ/ des tirs cette nuit", "Boghé/ des tirs cette nuit");
        check("BÉLI : deux blessés", "Béli : deux blessés");
        check("Le maire de BOGHÉ parle", "Le maire de Boghé parle");
        check("Awa MARCHETTI l'a vu à BOGHÉ.", "Awa Marchetti l'a vu à Boghé.");
        check("E\u{301}LISABETH parle", "Élisabeth parle");
        check("URGENT", "Urgent");
    }

    #[test]
    fn decomposed_letters_are_composed_for_the_model() {
        check("l'e\u{301}te\u{301} arrive", "l'été arrive");
        check("L'E\u{301}TE\u{301} ARRIVE ENFIN", "L'été arrive enfin");
    }

    #[test]
    fn protected_spans_do_not_count() {
        check("voir #PAIX_POUR_TOUS @LA_VILLE", "voir #PAIX_POUR_TOUS @LA_VILLE");
    }
}
