//! Paragraphs from lines.

use super::chars::{is_bullet, is_dash, is_gap, is_line_end, may_end_sentence};
use super::{header, post};
use crate::Span;

/// The longest line, in characters, that is believed to be wrapped by hand or by a mail program.
const MAX_WRAP: usize = 120;

/// Lines at the top of a text that may be metadata.
const MAX_HEADER_LINES: usize = 8;

/// The paragraphs of `text`, trimmed, in order; what is between them is white space.
///
/// A blank line always ends a paragraph. A single line end does
///
/// - after a post's signature, and after or before a metadata line at the top;
/// - in a run of lines of which one is longer than any wrapping would leave it (120 characters):
///   there each line is a paragraph, unless it breaks off in mid-sentence;
/// - in a run of shorter lines, where the line ends a sentence although the first word of the next
///   would have fitted on it: a wrapped line is as full as it can be;
/// - after the first line of a text on the same terms, but without an end mark: a title;
/// - before an item of a list.
///
/// A run of short lines up to a signature is one post, however its lines are broken.
pub(super) fn paragraphs(text: &str) -> Vec<Span> {
    let mut paragraphs = Vec::new();
    let mut run: Vec<Span> = Vec::new();
    let mut lines_seen = 0;
    for line in lines(text) {
        if line.is_empty() {
            end_run(text, &mut run, &mut paragraphs);
            continue;
        }
        let is_metadata = lines_seen < MAX_HEADER_LINES && header::metadata(slice(text, line)).is_some();
        lines_seen += 1;
        if is_metadata {
            end_run(text, &mut run, &mut paragraphs);
        }
        run.push(line);
        if is_metadata || post::last_signature(text, line).is_some() {
            end_run(text, &mut run, &mut paragraphs);
        }
    }
    end_run(text, &mut run, &mut paragraphs);
    paragraphs
}

/// The lines of `text`, trimmed; a blank one is an empty span.
fn lines(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let end = text[start..].find(is_line_end).map_or(text.len(), |i| start + i);
        let line = trim(text, Span::new(start, end));
        let rest = &text[end..];
        let line_end = if rest.starts_with("\r\n") {
            2
        } else {
            rest.chars().next().map_or(0, char::len_utf8)
        };
        start = end + line_end;
        Some(line)
    })
}

/// `span` without the white space and byte order marks at its ends.
pub(super) fn trim(text: &str, span: Span) -> Span {
    let piece = slice(text, span);
    let left = piece.len() - piece.trim_start_matches(is_gap).len();
    let len = piece.trim_matches(is_gap).len();
    Span::new(span.start() + left, span.start() + left + len)
}

/// Turns a run of lines into paragraphs and empties it.
fn end_run(text: &str, run: &mut Vec<Span>, paragraphs: &mut Vec<Span>) {
    let Some(&last) = run.last() else { return };
    let width = run
        .iter()
        .map(|line| slice(text, *line).chars().count())
        .max()
        .unwrap_or(0);
    let is_post = width <= MAX_WRAP && post::last_signature(text, last).is_some();
    let is_first = paragraphs.is_empty();
    let mut start = run[0].start();
    for (i, pair) in run.windows(2).enumerate() {
        if !is_post && ends_paragraph(text, pair[0], pair[1], width, is_first && i == 0) {
            paragraphs.push(Span::new(start, pair[0].end()));
            start = pair[1].start();
        }
    }
    paragraphs.push(Span::new(start, last.end()));
    run.clear();
}

/// Whether a paragraph ends between two lines of a run whose longest line has `width` characters.
fn ends_paragraph(text: &str, line: Span, next: Span, width: usize, may_be_title: bool) -> bool {
    let (line, next) = (slice(text, line), slice(text, next));
    let ends_sentence = line
        .chars()
        .next_back()
        .is_some_and(|c| may_end_sentence(c) || c == ':');
    let goes_on = next.starts_with(char::is_lowercase) && !ends_sentence;
    if is_item(next) && (ends_sentence || is_item(line)) {
        return true;
    }
    if width > MAX_WRAP {
        return !goes_on;
    }
    let word = next
        .split_whitespace()
        .next()
        .map_or(0, |word| word.chars().take(MAX_WRAP).count());
    let would_fit = line.chars().count() + 1 + word <= width;
    would_fit && !goes_on && !line.ends_with(':') && (ends_sentence || may_be_title)
}

/// Whether `line` begins like an item of a list.
fn is_item(line: &str) -> bool {
    let mut chars = line.chars();
    let first = chars.next();
    first.is_some_and(is_bullet)
        || (first.is_some_and(|c| is_dash(c) || c == '*') && chars.next().is_some_and(char::is_whitespace))
}

/// The text of a span that was cut out of `text` itself.
pub(super) fn slice(text: &str, span: Span) -> &str {
    &text[span.range()]
}
