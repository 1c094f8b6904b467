//! Splitting a sentence that is too long for the model, so that nothing of it is cut off.

use unicode_segmentation::UnicodeSegmentation;

use super::Protected;
use crate::Span;

/// Splits `range` of `text` into parts that `fits` accepts, at clause ends where there are any,
/// else at spaces, else between graphemes, never inside a protected span. The parts are in order,
/// without white space around them; between them is only white space. A part that cannot be
/// split further may still not fit.
pub(super) fn split(
    text: &str,
    range: Span,
    protected: &[Protected],
    fits: impl Fn(Span) -> bool,
) -> Vec<Span> {
    let mut parts = Vec::new();
    let mut waiting = vec![range];
    while let Some(range) = waiting.pop() {
        let range = trimmed(text, range);
        if range.is_empty() {
            continue;
        }
        match (!fits(range)).then(|| best_cut(text, range, protected)).flatten() {
            Some(cut) => {
                waiting.push(Span::new(cut, range.end()));
                waiting.push(Span::new(range.start(), cut));
            }
            None => parts.push(range),
        }
    }
    parts
}

/// Splits `range` once, `None` where it holds no clause end or space to split at.
pub(super) fn halves(text: &str, range: Span, protected: &[Protected]) -> Option<[Span; 2]> {
    let cut = LEVELS
        .iter()
        .find_map(|level| cut_at(text, range, protected, *level))?;
    Some([Span::new(range.start(), cut), Span::new(cut, range.end())].map(|half| trimmed(text, half)))
}

/// `range` without the white space at its ends.
pub(super) fn trimmed(text: &str, range: Span) -> Span {
    let inside = range.of(text).unwrap_or_default();
    let start = range.start() + (inside.len() - inside.trim_start().len());
    Span::new(start, start + inside.trim().len())
}

/// How good a place is for a cut, best first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// After `. ! ? ; : …` or around a dash.
    Clause,
    /// After a comma.
    Comma,
    /// Before a conjunction.
    Conjunction,
    /// At any white space.
    Space,
}

const LEVELS: [Level; 4] = [Level::Clause, Level::Comma, Level::Conjunction, Level::Space];

fn best_cut(text: &str, range: Span, protected: &[Protected]) -> Option<usize> {
    LEVELS
        .iter()
        .find_map(|level| cut_at(text, range, protected, *level))
        .or_else(|| cut_without_space(text, range, protected))
}

/// The place of this level that is nearest to the middle. Clause ends near the edges do not
/// count: they would leave a part of a word or two.
fn cut_at(text: &str, range: Span, protected: &[Protected], level: Level) -> Option<usize> {
    let inside = range.of(text)?;
    let margin = if level == Level::Space { 0 } else { range.len() / 6 };
    let spaces = inside
        .match_indices(char::is_whitespace)
        .map(|(at, _)| range.start() + at);
    let cuts = spaces.filter(|at| {
        let (before, after) = (&text[range.start()..*at], &text[*at..range.end()]);
        before.len() > margin && after.len() > margin && has_level(before, after, level)
    });
    nearest_to_middle(cuts, range, protected)
}

/// Whether the white space between `before` and `after` is a place of this level.
fn has_level(before: &str, after: &str, level: Level) -> bool {
    let next = after.split_whitespace().next();
    let last = before
        .trim_end_matches(['"', '”', '»', '’', ')'])
        .chars()
        .next_back();
    match level {
        Level::Clause => {
            last.is_some_and(|c| matches!(c, '.' | '!' | '?' | ';' | ':' | '…' | '—' | '–'))
                || next.is_some_and(|next| matches!(next, "—" | "–" | "-"))
        }
        Level::Comma => last == Some(','),
        Level::Conjunction => next.is_some_and(|next| CONJUNCTIONS.contains(&next)),
        Level::Space => true,
    }
}

/// Words that begin a clause in French or English.
const CONJUNCTIONS: &[&str] = &[
    "et", "mais", "ou", "car", "donc", "que", "qui", "dont", "où", "puis", "alors", "lorsque", "quand",
    "and", "but", "or", "because", "so", "that", "which", "who", "then", "when", "while",
];

/// A cut in a text without spaces: beside a protected span or between graphemes.
fn cut_without_space(text: &str, range: Span, protected: &[Protected]) -> Option<usize> {
    let inside = range.of(text)?;
    let graphemes = inside.grapheme_indices(true).map(|(at, _)| range.start() + at);
    nearest_to_middle(graphemes, range, protected)
}

fn nearest_to_middle(
    cuts: impl Iterator<Item = usize>,
    range: Span,
    protected: &[Protected],
) -> Option<usize> {
    let middle = range.start() + range.len() / 2;
    cuts.filter(|cut| range.start() < *cut && *cut < range.end() && !is_inside(*cut, protected))
        .min_by_key(|cut| (cut.abs_diff(middle), *cut))
}

fn is_inside(at: usize, protected: &[Protected]) -> bool {
    let next = protected.partition_point(|protected| protected.span.end() <= at);
    protected
        .get(next)
        .is_some_and(|protected| protected.span.start() < at)
}

#[cfg(test)]
mod tests {
    use super::super::protected_spans;
    use super::*;
    use proptest::prelude::*;

    /// Splits so that no part is longer than `limit` bytes.
    fn parts(text: &str, limit: usize) -> Vec<&str> {
        let protected = protected_spans(text);
        split(text, Span::new(0, text.len()), &protected, |span| {
            span.len() <= limit
        })
        .into_iter()
        .map(|span| span.of(text).unwrap())
        .collect()
    }

    #[track_caller]
    fn check(text: &str, limit: usize, expected: &[&str]) {
        assert_eq!(parts(text, limit), expected);
    }

    #[test]
    fn a_text_that_fits_stays_whole() {
        check(" Il pleut, il vente. ", 30, &["Il pleut, il vente."]);
        check("", 5, &[]);
    }

    #[test]
    fn clause_ends_come_before_commas_and_spaces() {
        check(
            "Il pleut ; le vent, fort, souffle",
            25,
            &["Il pleut ;", "le vent, fort, souffle"],
        );
        check(
            "Le vent du nord, fort ce soir",
            20,
            &["Le vent du nord,", "fort ce soir"],
        );
        check(
            "Le vent est fort et la mer monte",
            20,
            &["Le vent est fort", "et la mer monte"],
        );
        check("un deux trois quatre", 10, &["un deux", "trois", "quatre"]);
    }

    #[test]
    fn without_spaces_graphemes_stay_whole() {
        check("aaaaaaaaaa", 5, &["aaaaa", "aaaaa"]);
        check("👩‍👩‍👧👩‍👩‍👧", 20, &["👩‍👩‍👧", "👩‍👩‍👧"]);
    }

    #[test]
    fn protected_spans_are_never_cut() {
        let link = "https://example.org/une/longue/adresse";
        check(&format!("voir {link} ici"), 10, &["voir", link, "ici"]);
        check("il y a 7 500 voix", 8, &["il y a", "7 500", "voix"]);
    }

    proptest! {
        #![proptest_config(crate::testing::cases(200))]
        #[test]
        fn nothing_but_white_space_is_lost(text in r"(\PC|[ ,;.a-zé\n👩]){0,120}", limit in 1usize..40) {
            let mut rest = text.as_str();
            for part in parts(&text, limit) {
                let at = rest.find(part).unwrap();
                prop_assert!(rest[..at].trim().is_empty());
                rest = &rest[at + part.len()..];
            }
            prop_assert!(rest.trim().is_empty());
        }
    }
}
