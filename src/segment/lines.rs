//! Paragraphs from lines.

use super::chars::{is_bullet, is_dash, is_gap, is_line_end, may_end_sentence};
use super::post::Post;
use super::quoted::Unquoted;
use super::{header, post};
use crate::Span;

/// The longest line, in characters, that is believed to be wrapped by hand or by a mail program.
const MAX_WRAP: usize = 120;

/// Lines at the top of a text that may be metadata.
const MAX_HEADER_LINES: usize = 8;

/// The paragraphs of a text, trimmed, in order; what is between them is white space.
///
/// A blank line always ends a paragraph. A single line end does
///
/// - after a post's signature, and after or before a metadata line at the top;
/// - in a run of lines of which one is longer than any wrapping would leave it (120 characters):
///   there each line is a paragraph, unless it breaks off in mid-sentence;
/// - in a run of shorter lines, where the line ends a sentence although the first word of the next
///   would have fitted on it: a wrapped line is as full as it can be;
/// - after the first line of a text on the same terms, but without an end mark: a title;
/// - before an item of a list;
/// - where a quotation of lines begins or ends;
/// - before and after a heading of Markdown.
///
/// The lines of `posts`, which are known already, are left out.
/// A run of short lines up to a signature is one post, however its lines are broken.
pub(super) fn paragraphs(unquoted: &Unquoted<'_>, posts: &[Post]) -> Vec<Span> {
    let text = unquoted.text.as_ref();
    let mut quotation = None;
    let mut paragraphs = Vec::new();
    let mut run: Vec<Span> = Vec::new();
    let mut lines_seen = 0;
    let mail = mail_header(text);
    let mut posts = posts.iter().map(Post::span).peekable();
    for line in lines(text) {
        while posts.next_if(|post| post.end() <= line.start()).is_some() {}
        let in_post = posts.peek().is_some_and(|post| post.start() < line.end());
        if line.is_empty() || in_post {
            end_run(text, &mut run, &mut paragraphs);
            continue;
        }
        let is_metadata = line.end() <= mail
            || lines_seen < MAX_HEADER_LINES && header::metadata(slice(text, line)).is_some();
        lines_seen += 1;
        let before = std::mem::replace(&mut quotation, unquoted.run_at(line.start()));
        let is_alone = is_metadata || unquoted.is_heading(line);
        if is_alone || quotation != before {
            end_run(text, &mut run, &mut paragraphs);
        }
        run.push(line);
        if is_alone || post::last_signature(text, line).is_some() {
            end_run(text, &mut run, &mut paragraphs);
        }
    }
    end_run(text, &mut run, &mut paragraphs);
    paragraphs
}

/// The lines of `text`, trimmed; a blank one is an empty span.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Span> + '_ {
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

/// Where the header of a mail ends that `text` begins with: two lines and more with its keys. Else 0.
pub(super) fn mail_header(text: &str) -> usize {
    let keyed: Vec<Span> = lines(text)
        .skip_while(|line| line.is_empty())
        .take_while(|line| header::mail_line(slice(text, *line)).is_some())
        .collect();
    keyed
        .last()
        .filter(|_| keyed.len() > 1)
        .map_or(0, |line| line.end())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = paragraphs(&Unquoted::new(text), &[])
            .into_iter()
            .map(|span| slice(text, span))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn blank_lines_part_paragraphs() {
        check(
            "\u{feff}One.\n\nTwo.\r\n \t\r\nThree.\n",
            &["One.", "Two.", "Three."],
        );
        check("One.\u{2029}\u{2029}Two.\r\rThree.", &["One.", "Two.", "Three."]);
        check("\n \n\u{feff}", &[]);
    }

    #[test]
    fn wrapped_lines_stay_together() {
        let text = "The well in the middle of the village has been dry\nsince March. Nobody knows when the rain will come,\nand nobody asks.";
        check(text, &[text]);
        let text = "The well in the middle of the village is dry now.\nEverybody knows it, and nobody asks the mayor why\nit is.";
        check(text, &[text]);
    }

    #[test]
    fn a_full_stop_on_a_line_with_room_ends_a_paragraph() {
        let first = "The well in the middle of the village has been dry\nsince March.";
        let second = "Nobody knows when the rain will come, and no one has\nasked.";
        check(&format!("{first}\n{second}"), &[first, second]);
    }

    #[test]
    fn long_lines_are_paragraphs() {
        let long = "The well is dry and the mayor is away. ".repeat(5);
        let long = long.trim_end();
        check(
            &format!("A dry year\n{long}\n{long}\nEnd."),
            &["A dry year", long, long, "End."],
        );
        let broken = format!("{long} He went\nhome.");
        check(&broken, &[&broken]);
    }

    #[test]
    fn the_first_line_may_be_a_title() {
        check(
            "A dry year\nThe well in the middle is dry\nand cold.",
            &["A dry year", "The well in the middle is dry\nand cold."],
        );
    }

    #[test]
    fn metadata_lines_stand_alone() {
        check(
            "A dry year\nBy Awa Sow\n2024-03-02\nThe well is dry.",
            &["A dry year", "By Awa Sow", "2024-03-02", "The well is dry."],
        );
    }

    #[test]
    fn a_signature_ends_a_paragraph_and_holds_its_lines_together() {
        let first = "Il pleut.\nEnfin !\n— Awa (@awa) March 2, 2024";
        let second = "Il neige. — Ali (@ali) 3 mars 2024";
        check(
            &format!("{first}\n{second}\nBoth were glad."),
            &[first, second, "Both were glad."],
        );
    }

    #[test]
    fn a_quotation_of_lines_is_apart() {
        check(
            "He wrote:\n> The well\n> is dry\n>> since May\nand left.",
            &["He wrote:", "The well\n> is dry", "since May", "and left."],
        );
    }

    #[test]
    fn headings_are_paragraphs() {
        check(
            "# A dry year\nThe well is dry.\n## Why\nNobody\nknows.",
            &["A dry year", "The well is dry.", "Why", "Nobody\nknows."],
        );
    }

    #[test]
    fn the_lines_of_a_mail_header_stand_alone() {
        check(
            "From: Awa Sow\nTo: Ali Ka\nSubject: The well\n\nIt is dry\nnow.",
            &[
                "From: Awa Sow",
                "To: Ali Ka",
                "Subject: The well",
                "It is dry\nnow.",
            ],
        );
        check("To: be\nor not.", &["To: be\nor not."]);
    }

    #[test]
    fn items_are_paragraphs() {
        check("We need:\n- rice\n- salt", &["We need:", "- rice", "- salt"]);
        check("• rice\n• salt", &["• rice", "• salt"]);
    }
}
