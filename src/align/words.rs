//! The words and numbers of a sentence, in the form in which two languages are compared.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::numbers;
use crate::Span;

/// A word or number of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// A word: lower case, composed. A number: its value (`7500`, `9.5`, `9:30`).
    pub key: String,
    /// Where it stands, in bytes of the sentence.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A word that begins with a small letter.
    Word,
    /// A word that begins with a capital.
    Capital,
    /// A number or a time of day.
    Number,
}

/// French words that lose their vowel before another: `l’eau`, `qu’il`.
const ELIDED: [&str; 13] = [
    "l", "d", "qu", "s", "n", "j", "m", "t", "c", "lorsqu", "puisqu", "jusqu", "quoiqu",
];

/// The words and numbers of a sentence, in order. Links are left out, elisions (`l’`) and the
/// English possessive (`’s`) are words of their own that are dropped.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for chunk in chunks(text) {
        if let Some(piece) = chunk.of(text).filter(|piece| !is_link(piece)) {
            read_chunk(piece, chunk.start(), &text[chunk.start()..], &mut tokens);
        }
    }
    tokens
}

/// The word without accents and ligatures; it is in lower case.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            '\0'..='\x7f' => folded.push(c),
            // The letters of French are spelled out: decomposing is slow for a whole lexicon.
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'à' | 'â' => folded.push('a'),
            'î' | 'ï' => folded.push('i'),
            'ç' => folded.push('c'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            _ => folded.extend(std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c))),
        }
    }
    folded
}

/// What English inflections of a word have in common: `board`, `boards`, `boarded`, `boarding`.
///
/// It need not be a word; it only has to be the same for the forms of one word most of the time.
pub(super) fn stem(word: &str) -> &str {
    let stripped = ["ing", "ies", "ed", "es", "s", "y", "e"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.chars().count() >= 3))
        .unwrap_or(word);
    let mut ends = stripped.char_indices().rev();
    match (ends.next(), ends.next()) {
        // A doubled consonant comes from the ending: `stopped`, `stopping`.
        (Some((last, a)), Some((_, b))) if a == b && stripped.len() < word.len() => &stripped[..last],
        _ => stripped,
    }
}

/// The runs between white space.
fn chunks(text: &str) -> impl Iterator<Item = Span> {
    text.split_whitespace().map(move |chunk| {
        let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
        Span::new(start, start + chunk.len())
    })
}

fn is_link(chunk: &str) -> bool {
    chunk.contains("://") || chunk.starts_with("www.") || chunk.starts_with("pic.twitter.com/")
}

/// Reads the tokens that begin in a chunk; `rest` is the text from the chunk's start on, since a
/// number may go on after a space.
fn read_chunk(chunk: &str, offset: usize, rest: &str, tokens: &mut Vec<Token>) {
    let done = tokens.last().map_or(0, |last: &Token| last.span.end());
    let mut at = done.saturating_sub(offset);
    while at < chunk.len() {
        let Some(first) = chunk[at..].chars().next() else {
            return;
        };
        let length = if first.is_ascii_digit() {
            let (key, length) = numbers::read(&rest[at..]);
            push(tokens, key, offset + at, length, TokenKind::Number);
            length
        } else if first.is_alphanumeric() {
            read_word(&chunk[at..], offset + at, tokens)
        } else {
            first.len_utf8()
        };
        at += length;
    }
}

/// Reads one word with its inner apostrophes and returns its length in bytes.
fn read_word(text: &str, offset: usize, tokens: &mut Vec<Token>) -> usize {
    let letters = |text: &str| {
        text.find(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
            .unwrap_or(text.len())
    };
    let length = letters(text);
    let head: String = text[..length].nfc().flat_map(char::to_lowercase).collect();
    if let Some(mark) = text[length..].chars().next().filter(|c| matches!(c, '\'' | '’')) {
        let tail = &text[length + mark.len_utf8()..];
        let tail_length = letters(tail);
        if ELIDED.contains(&head.as_str()) && tail_length > 0 {
            return length + mark.len_utf8();
        }
        if tail_length > 0 && !tail.starts_with(|c: char| c.is_ascii_digit()) {
            let possessive = matches!(&tail[..tail_length], "s" | "S");
            if !possessive {
                let whole = length + mark.len_utf8() + tail_length;
                push_word(tokens, &text[..whole], offset);
                return whole;
            }
            push_word(tokens, &text[..length], offset);
            return length + mark.len_utf8() + tail_length;
        }
    }
    push_word(tokens, &text[..length], offset);
    length
}

fn push_word(tokens: &mut Vec<Token>, word: &str, offset: usize) {
    let key: String = word
        .nfc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '’' { '\'' } else { c })
        .collect();
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    let kind = if capital {
        TokenKind::Capital
    } else {
        TokenKind::Word
    };
    push(tokens, key, offset, word.len(), kind);
}

fn push(tokens: &mut Vec<Token>, key: String, start: usize, length: usize, kind: TokenKind) {
    tokens.push(Token {
        key,
        span: Span::new(start, start + length),
        kind,
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = tokens(text).into_iter().map(|token| token.key).collect();
        assert_eq!(found, expected, "tokens of {text:?}");
    }

    #[test]
    fn elisions_and_possessives_are_dropped() {
        check("L’été d'Hélène, qu’on attend", &["été", "hélène", "on", "attend"]);
        check("aujourd’hui", &["aujourd'hui"]);
        check(
            "Hélène’s summer isn't over",
            &["hélène", "summer", "isn't", "over"],
        );
        check("the drivers' bus", &["the", "drivers", "bus"]);
        check("peut-être", &["peut", "être"]);
    }

    #[test]
    fn links_are_no_words() {
        check(
            "voir https://example.org/a1 ou pic.twitter.com/xY2",
            &["voir", "ou"],
        );
        check("@nadia_b #Pont", &["nadia", "b", "pont"]);
    }

    #[test]
    fn numbers_are_values() {
        check(
            "les 12 500 places du 3 mai",
            &["les", "12500", "places", "du", "3", "mai"],
        );
        check("à 18 h 45 précises", &["à", "6:45", "précises"]);
        check("1er et 2nd", &["1", "et", "2"]);
        check("le G20", &["le", "g20"]);
    }

    #[test]
    fn decomposed_letters_are_composed() {
        check("e\u{301}te\u{301}", &["été"]);
    }

    #[test]
    fn folding_removes_accents_and_ligatures() {
        for (word, expected) in [
            ("œuvre", "oeuvre"),
            ("garçon", "garcon"),
            ("naïveté", "naivete"),
            ("abc", "abc"),
        ] {
            assert_eq!(fold(word), expected);
        }
    }

    #[test]
    fn forms_of_an_english_word_share_a_stem() {
        for forms in [
            ["board", "boarded"],
            ["stop", "stopping"],
            ["city", "cities"],
            ["promise", "promised"],
        ] {
            assert_eq!(stem(forms[0]), stem(forms[1]), "{forms:?}");
        }
        assert_ne!(stem("train"), stem("track"));
        assert_eq!(stem("bus"), "bus", "what is left would be too short");
    }

    proptest! {
        #[test]
        fn tokens_lie_in_the_text_in_order(text in "[a-zé0-9 ’'.,:hpm\u{301}\u{a0}\u{202f}🎉]{0,30}|\\PC{0,20}") {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.span.start() >= end && token.span.of(&text).is_some_and(|found| !found.is_empty()));
                end = token.span.end();
            }
        }
    }
}
