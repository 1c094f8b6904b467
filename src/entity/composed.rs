//! Text in composed letters (NFC) with the way back to the text as it is.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::Span;

/// A text in composed letters: what models know, and what spellings are compared in.
pub struct ComposedText<'a> {
    text: Cow<'a, str>,
    /// Where the pieces between letters start, composed and as given; empty where nothing changed.
    starts: Vec<(usize, usize)>,
}

impl<'a> ComposedText<'a> {
    /// `given` in composed letters; borrowed where it is so already.
    pub fn new(given: &'a str) -> Self {
        if is_nfc(given) {
            let (text, starts) = (Cow::Borrowed(given), Vec::new());
            return Self { text, starts };
        }
        let (mut text, mut starts) = (String::with_capacity(given.len()), Vec::new());
        for piece in letters(given) {
            starts.push((text.len(), piece.start()));
            text.extend(given[piece.range()].nfc());
        }
        starts.push((text.len(), given.len()));
        let text = Cow::Owned(text);
        Self { text, starts }
    }

    /// The composed text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The span of the given text that holds a span of the composed one: combining marks stay with their letter.
    pub fn given(&self, span: Span) -> Span {
        if self.starts.is_empty() {
            return span;
        }
        let before = self
            .starts
            .partition_point(|&(composed, _)| composed <= span.start());
        let after = self
            .starts
            .partition_point(|&(composed, _)| composed < span.end());
        let given = |at: usize| {
            self.starts
                .get(at)
                .or(self.starts.last())
                .map_or(0, |&(_, given)| given)
        };
        let start = given(before.saturating_sub(1));
        Span::new(start, given(after).max(start))
    }
}

/// The spans of letters with the combining marks behind them, which tile the text.
///
/// Letters that compose without a combining mark (Hangul) are joined to what stands before them.
fn letters(text: &str) -> Vec<Span> {
    let mut pieces: Vec<Span> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let joins = is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11FF}');
        match pieces.last_mut() {
            Some(last) if joins => *last = Span::new(last.start(), end),
            _ => pieces.push(Span::new(at, end)),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_go_back_to_letters_with_their_marks() {
        let given = "a\u{300} Se\u{301}gou, l’e\u{301}te\u{301}";
        let composed = ComposedText::new(given);
        assert_eq!(composed.as_str(), "à Ségou, l’été");
        for (name, expected) in [
            ("Ségou", "Se\u{301}gou"),
            ("été", "e\u{301}te\u{301}"),
            ("à", "a\u{300}"),
            ("l’", "l’"),
        ] {
            let start = composed.as_str().find(name).unwrap();
            let span = composed.given(Span::new(start, start + name.len()));
            assert_eq!(span.of(given), Some(expected), "where `{name}` stands");
        }
    }

    #[test]
    fn composed_text_is_left_alone() {
        let composed = ComposedText::new("Ségou");
        assert!(matches!(composed.text, Cow::Borrowed(_)));
        assert_eq!(composed.given(Span::new(1, 3)), Span::new(1, 3));
    }

    proptest! {
        #[test]
        fn spans_lie_on_character_boundaries(given in r"(\PC|e\u{301}|o\u{302}\u{323}|[\u{300}-\u{330}\u{1100}-\u{1112}\u{1161}-\u{1175}]){0,12}") {
            let composed = ComposedText::new(&given);
            prop_assert_eq!(composed.as_str(), given.nfc().collect::<String>());
            for (at, c) in composed.as_str().char_indices() {
                let span = composed.given(Span::new(at, at + c.len_utf8()));
                let text = span.of(&given);
                prop_assert!(text.is_some_and(|text| text.nfc().any(|other| other == c)), "{c:?} in {text:?}");
            }
        }
    }
}
