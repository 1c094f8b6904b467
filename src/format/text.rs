//! Making texts fit for formats of lines, columns and XML: what a format forbids is replaced, and counted.

use std::borrow::Cow;

/// A text in one line: its words with one blank between.
///
/// Words are what white space of any kind parts (Unicode `White_Space`), so that whoever splits the
/// line at blanks gets the tokens that a record's word alignment counts. Line breaks, tabs and other
/// white space but the blank are counted, and so are control characters, which are replaced: some of
/// them break lines or part words for some readers.
pub(super) fn line(text: &str, replaced: &mut u64) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&visible(word, replaced));
    }
    let other = |c: &char| c.is_whitespace() && *c != ' ';
    *replaced += text.chars().filter(other).count() as u64;
    line
}

/// A text with blanks for white space that breaks lines or columns, as long as before in characters.
pub(super) fn cell<'a>(text: &'a str, replaced: &mut u64) -> Cow<'a, str> {
    replace(text, replaced, |c| {
        if breaks_line(c) || c == '\t' {
            Some(' ')
        } else if c.is_control() {
            Some(char::REPLACEMENT_CHARACTER)
        } else {
            None
        }
    })
}

/// A text without control characters.
pub(super) fn visible<'a>(text: &'a str, replaced: &mut u64) -> Cow<'a, str> {
    replace(text, replaced, |c| {
        c.is_control().then_some(char::REPLACEMENT_CHARACTER)
    })
}

/// A text for an XML 1.0 document: without the characters that it cannot hold in any way
/// (<https://www.w3.org/TR/xml/#charsets>).
pub(super) fn xml<'a>(text: &'a str, replaced: &mut u64) -> Cow<'a, str> {
    replace(text, replaced, |c| {
        let forbidden = match c {
            '\t' | '\n' | '\r' => false,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => true,
            _ => false,
        };
        forbidden.then_some(char::REPLACEMENT_CHARACTER)
    })
}

/// The same for the value of an attribute, in which a parser turns tabs and line breaks into blanks.
pub(super) fn attribute<'a>(text: &'a str, replaced: &mut u64) -> Cow<'a, str> {
    replace(text, replaced, |c| match c {
        '\t' | '\n' | '\r' => Some(' '),
        '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    })
}

/// Whether some reader ends a line here: those of Python's `str.splitlines` and of Unicode.
pub(super) fn breaks_line(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn replace<'a>(text: &'a str, replaced: &mut u64, by: impl Fn(char) -> Option<char>) -> Cow<'a, str> {
    let count = text.chars().filter(|c| by(*c).is_some()).count();
    if count == 0 {
        return Cow::Borrowed(text);
    }
    *replaced += count as u64;
    Cow::Owned(text.chars().map(|c| by(c).unwrap_or(c)).collect())
}
