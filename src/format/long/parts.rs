//! Cutting a long text into parts that can be worked on one by one.

use std::ops::Range;

/// A longer text is worked on in parts; up to here a document is seen as a whole.
pub(crate) const WHOLE: usize = 1 << 20;

/// How long a part is at most, in bytes.
pub(super) const PART: usize = 256 << 10;

/// The parts of a text of more than [`WHOLE`] bytes, in order and without gaps; one part of any other.
///
/// A part ends at a blank line; where there is none, at the end of a line, of a sentence, or of a word.
pub(crate) fn parts(text: &str) -> Vec<Range<usize>> {
    if text.len() <= WHOLE {
        return std::iter::once(0..text.len()).collect();
    }
    cut(text, PART)
}

fn cut(text: &str, longest: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(length) = first(&text[start..], longest) {
        parts.push(start..start + length);
        start += length;
    }
    if start < text.len() {
        parts.push(start..text.len());
    }
    parts
}

/// The length of the first part of what is left of a text: `None` where it is the last one. It depends on no
/// more than `longest + 1` bytes, so that a text can be cut while it comes in.
pub(super) fn first(text: &str, longest: usize) -> Option<usize> {
    if text.len() <= longest {
        return None;
    }
    let window = &text[..floor(text, longest)];
    // The second half only: parts that are too short see too little of the document.
    let half = floor(window, window.len() / 2);
    let end = half + last_end(&window[half..]).unwrap_or(window.len() - half);
    // A character longer than a part cannot be, but an endless loop is worse than a long part.
    (end > 0).then_some(end)
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// Where the best place to cut ends, counted from the start of `text`.
fn last_end(text: &str) -> Option<usize> {
    blank_line(text)
        .or_else(|| text.rfind('\n').map(|at| at + 1))
        .or_else(|| {
            [". ", "! ", "? "]
                .iter()
                .filter_map(|end| text.rfind(end))
                .max()
                .map(|at| at + 2)
        })
        .or_else(|| text.rfind("。").map(|at| at + "。".len()))
        .or_else(|| text.rfind(char::is_whitespace).map(|at| floor(text, at + 1)))
        .filter(|&end| end > 0)
}

/// The end of the last line that holds white space alone.
fn blank_line(text: &str) -> Option<usize> {
    let mut end = text.rfind('\n')?;
    while let Some(before) = text[..end].rfind('\n') {
        if text[before + 1..end].trim().is_empty() {
            return Some(end + 1);
        }
        end = before;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, longest: usize, expected: &[&str]) {
        let found: Vec<&str> = cut(text, longest).into_iter().map(|part| &text[part]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_end_where_the_text_does_best() {
        check("aaaa\n\nbb\ncc", 8, &["aaaa\n\n", "bb\ncc"]);
        check("aaaa\n \r\nbb\ncc", 10, &["aaaa\n \r\n", "bb\ncc"]);
        check("aaaa aa\nbb cc", 10, &["aaaa aa\n", "bb cc"]);
        check("Aa bb. Cc dd", 9, &["Aa bb. ", "Cc dd"]);
        check("aaaa bbbb", 6, &["aaaa ", "bbbb"]);
        check("aaaaaaaa", 3, &["aaa", "aaa", "aa"]);
        check("ééé", 3, &["é", "é", "é"]);
        check("👩👩", 2, &["👩👩"]);
        check("", 3, &[]);
    }

    #[test]
    fn parts_tile_a_long_text() {
        let text = "Le bac est en retard.\nPersonne ne sait pourquoi.\n\n".repeat(40_000);
        let parts = parts(&text);
        assert!(parts.len() >= 7 && parts.iter().all(|part| part.len() <= PART));
        let joined: String = parts.iter().map(|part| &text[part.clone()]).collect();
        assert!(joined == text);
        assert!(parts.iter().all(|part| text[part.clone()].ends_with("\n\n")));
        assert_eq!(super::parts("short").as_slice(), std::slice::from_ref(&(0..5)));
    }
}
