//! Line breaking by terminal columns.

use diglot::Span;
use unicode_width::UnicodeWidthStr;

/// Where the lines of a text stand when it is broken at white space into at most `width` columns.
/// A word that is longer than a line has one of its own.
pub fn wrap(text: &str, width: usize) -> Vec<Span> {
    let mut lines: Vec<Span> = Vec::new();
    for word in words(text) {
        match lines.last_mut() {
            Some(line) if text[line.start()..word.end()].width() <= width => {
                *line = Span::new(line.start(), word.end());
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// The beginning of a text on one line of at most `width` columns, with `…` where it goes on.
pub fn excerpt(text: &str, width: usize) -> String {
    let lines = wrap(text, width.saturating_sub(1));
    match lines.as_slice() {
        [] => String::new(),
        [only] => text[only.range()].to_owned(),
        [first, ..] => format!("{}…", &text[first.range()]),
    }
}

fn words(text: &str) -> impl Iterator<Item = Span> {
    text.split(breaks).filter(|word| !word.is_empty()).map(|word| {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        Span::new(start, start + word.len())
    })
}

/// Whether a line may break at a character: at white space that is not made to hold words together.
fn breaks(character: char) -> bool {
    character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}' | '\u{2007}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, width: usize, expected: &[&str]) {
        let lines: Vec<&str> = wrap(text, width).iter().map(|line| &text[line.range()]).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_break_at_white_space() {
        check("", 10, &[]);
        check(" \n ", 10, &[]);
        check("one two three", 7, &["one two", "three"]);
        check("one\ntwo", 7, &["one\ntwo"]);
        check("unbreakable as", 4, &["unbreakable", "as"]);
        check("a b", 0, &["a", "b"]);
        check("Quoi\u{a0}? Rien", 6, &["Quoi\u{a0}?", "Rien"]);
    }

    #[test]
    fn width_is_counted_in_columns() {
        check("été été", 7, &["été été"]);
        check("日本 日本", 8, &["日本", "日本"]);
        check(
            "e\u{301}te\u{301} e\u{301}te\u{301}",
            7,
            &["e\u{301}te\u{301} e\u{301}te\u{301}"],
        );
    }

    #[test]
    fn an_excerpt_says_that_it_goes_on() {
        assert_eq!(excerpt("one two three", 9), "one two…");
        assert_eq!(excerpt("one two", 8), "one two");
        assert_eq!(excerpt("", 8), "");
    }
}
