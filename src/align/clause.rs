//! The pieces of an English sentence that may render something on their own: what is quoted,
//! what is reported after `that`, what stands between colons and semicolons.

use std::sync::LazyLock;

use regex::Regex;

use super::frame::Frames;
use crate::Span;

/// What parts two pieces. A quotation mark parts wherever it stands, since marks are often
/// unbalanced or turned the wrong way in scraped articles. Where a group takes part, it alone is
/// the gap: the words beside it belong to the pieces.
static GAP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)[“”„«»"] | [:;]\s | ,?\s(?:(?:and|but|or)\s)?that\s
        | \b(?:ask(?:s|ed)|wonder(?:s|ed))(\s)(?:how|whether|if|why|where|when|what|who)\b
        | \b(?:said|says|wrote|writes|claims|claimed|insists|insisted)(\s)
            (?:the|a|an|it|he|she|they|we|its|his|her|their|our|there|this|these|no|nobody|nothing)\b
        | (,\s)which\b"#,
    )
    .expect("the pattern is valid")
});

/// Sentences with more pieces than this are not taken apart: the runs of pieces grow with the square.
const MOST_PIECES: usize = 10;

/// The runs of pieces of a sentence, without the sentence as a whole; none where it has one piece.
/// No run ends before `that`: what goes on so is not complete.
pub(super) fn runs(text: &str) -> Vec<Span> {
    let pieces = pieces(text);
    if pieces.len() > MOST_PIECES {
        return Vec::new();
    }
    let mut runs: Vec<Span> = Vec::new();
    for (first, piece) in pieces.iter().enumerate() {
        for (last, end) in pieces.iter().enumerate().skip(first) {
            let whole = (first, last) == (0, pieces.len() - 1);
            if !whole && !text[end.end()..].starts_with(" that ") {
                runs.push(tidy(text, closed(text, Span::new(piece.start(), end.end()))));
            }
        }
    }
    runs
}

/// The span with the mark behind it that closes a quotation opened inside: `the toll “is too high”`.
fn closed(text: &str, span: Span) -> Span {
    let opened = span
        .of(text)
        .is_some_and(|run| run.chars().filter(|c| is_mark(*c)).count() % 2 == 1);
    let mark = text[span.end()..].chars().next().filter(|c| is_mark(*c));
    match mark {
        Some(mark) if opened => Span::new(span.start(), span.end() + mark.len_utf8()),
        _ => span,
    }
}

/// The speech frames at the two ends of a sentence.
pub(super) fn frames(text: &str) -> Frames {
    Frames::of(text, &pieces(text))
}

/// The span without white space and commas at its ends, without quotation marks at the ends that
/// do not belong to it, and, where it begins inside a sentence, without the sentence's full stop.
pub(super) fn tidy(text: &str, span: Span) -> Span {
    let Some(mut rest) = span.of(text) else {
        return span;
    };
    loop {
        let before = rest;
        rest = rest.trim_matches(|c: char| c.is_whitespace() || c == ',');
        rest = without_marks(rest);
        if rest == before {
            break;
        }
    }
    if span.start() > 0 && rest.starts_with(char::is_lowercase) && span.end() == text.len() {
        rest = without_stop(rest);
    }
    let start = rest.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + rest.len())
}

/// Removes a full stop that ends a sentence: not an ellipsis and not that of `p.m.`.
fn without_stop(text: &str) -> &str {
    let word = |text: &str| {
        text.split_whitespace()
            .next_back()
            .is_some_and(|word| !word.contains('.'))
    };
    text.strip_suffix('.').filter(|rest| word(rest)).unwrap_or(text)
}

fn pieces(text: &str) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for found in GAP.captures_iter(text) {
        let Some(gap) = found.iter().flatten().last() else {
            continue;
        };
        pieces.push(tidy(text, Span::new(start, gap.start())));
        start = gap.end();
    }
    pieces.push(tidy(text, Span::new(start, text.len())));
    pieces.retain(|piece| {
        piece
            .of(text)
            .is_some_and(|piece| piece.contains(char::is_alphanumeric))
    });
    pieces
}

/// Removes a pair of marks around the whole, or a mark at one end whose partner is not inside.
fn without_marks(text: &str) -> &str {
    let marks = text.chars().filter(|c| is_mark(*c)).count();
    let (first, last) = (text.starts_with(is_mark), text.ends_with(is_mark));
    match (first, last) {
        (true, true) if marks <= 2 => text.trim_matches(is_mark),
        (true, false) if marks % 2 == 1 => text.trim_start_matches(is_mark),
        (false, true) if marks % 2 == 1 => text.trim_end_matches(is_mark),
        _ => text,
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '«' | '»' | '"')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check_pieces(text: &str, expected: &[&str]) {
        let found: Vec<&str> = pieces(text)
            .into_iter()
            .filter_map(|piece| piece.of(text))
            .collect();
        assert_eq!(found, expected, "pieces of {text:?}");
    }

    fn check_tidy(text: &str, expected: &str) {
        assert_eq!(tidy(text, Span::new(0, text.len())).of(text), Some(expected));
    }

    #[test]
    fn a_sentence_is_parted_at_marks_and_reported_speech() {
        check_pieces(
            "The baker wrote that bread costs 3 dollars, and that cakes are free.",
            &["The baker wrote", "bread costs 3 dollars", "cakes are free"],
        );
        check_pieces("He wrote, ” We are glad.", &["He wrote", "We are glad."]);
        check_pieces("She said: “Come at 9:30.”", &["She said", "Come at 9:30."]);
        check_pieces(
            "The town says the oven is new, which the baker denies.",
            &["The town says", "the oven is new", "which the baker denies"],
        );
        check_pieces("He asked whether it rains.", &["He asked", "whether it rains"]);
        check_pieces("Plain words, nothing else.", &["Plain words, nothing else."]);
    }

    #[test]
    fn ends_are_tidied() {
        check_tidy("“We are glad.”", "We are glad.");
        check_tidy("We are glad.”", "We are glad.");
        check_tidy("“Glad,” she said", "“Glad,” she said");
        check_tidy(" and so on, ", "and so on");
        check_tidy("”", "");
    }

    #[test]
    fn runs_join_neighbouring_pieces() {
        let text = "He said: it rains; it pours.";
        let found: Vec<&str> = runs(text).into_iter().filter_map(|run| run.of(text)).collect();
        assert_eq!(
            found,
            [
                "He said",
                "He said: it rains",
                "it rains",
                "it rains; it pours",
                "it pours"
            ]
        );
        let text = "He wrote that the toll “is too high”.";
        let found: Vec<&str> = runs(text).into_iter().filter_map(|run| run.of(text)).collect();
        assert_eq!(
            found,
            [
                "He wrote that the toll",
                "the toll",
                "the toll “is too high”",
                "is too high"
            ]
        );
        assert_eq!(runs("Nothing to part."), []);
        let said = "He said that it rains";
        assert_eq!(runs(said).len(), 1);
        assert_eq!(runs(said)[0].of(said), Some("it rains"));
    }

    proptest! {
        #[test]
        fn runs_are_proper_parts_of_the_sentence(text in "[a-zé ,:“”\".]{0,30}( that )?\\PC{0,10}") {
            for run in runs(&text) {
                prop_assert!(run.of(&text).is_some_and(|run| !run.is_empty() && run.len() <= text.len()));
            }
        }
    }
}
