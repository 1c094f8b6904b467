//! From aligned tokens to aligned words.

use crate::Span;

/// Pairs of words, by their indexes among the white-space separated words of each text, from pairs of
/// places in the two texts. Sorted, without repetition; places without a word are left out.
pub(super) fn align_words(
    source: &str,
    target: &str,
    pairs: impl IntoIterator<Item = (Span, Span)>,
) -> Vec<(usize, usize)> {
    let (source_words, target_words) = (words(source), words(target));
    let mut aligned: Vec<(usize, usize)> = pairs
        .into_iter()
        .filter_map(|(source, target)| {
            Some((word_at(&source_words, source)?, word_at(&target_words, target)?))
        })
        .collect();
    aligned.sort_unstable();
    aligned.dedup();
    aligned
}

fn words(text: &str) -> Vec<Span> {
    let words = text.split_whitespace();
    words
        .map(|word| {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            Span::new(start, start + word.len())
        })
        .collect()
}

/// The word in which a place begins. A place of no bytes has none.
fn word_at(words: &[Span], place: Span) -> Option<usize> {
    let index = words.partition_point(|word| word.end() <= place.start());
    let word = words.get(index)?;
    (!place.is_empty() && word.overlaps(place)).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, target: &str, pairs: &[(&str, &str)], expected: &[(usize, usize)]) {
        let place = |text: &str, part: &str| {
            let start = text.find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let pairs = pairs
            .iter()
            .map(|(left, right)| (place(source, left), place(target, right)));
        assert_eq!(
            align_words(source, target, pairs),
            expected,
            "{source} / {target}"
        );
    }

    #[test]
    fn pieces_count_as_the_words_they_stand_in() {
        check(
            "le lac",
            "the lake",
            &[("lac", "lake"), ("le", "the")],
            &[(0, 0), (1, 1)],
        );
        check(
            "l’école ouvre",
            "school opens",
            &[("éco", "sch"), ("le", "ool"), ("re", "s")],
            &[(0, 0), (1, 0)],
        );
        check(
            " a \u{a0} b ",
            "x  y",
            &[("b", "y"), ("a", "y")],
            &[(0, 1), (1, 1)],
        );
    }

    #[test]
    fn places_without_a_word_are_left_out() {
        check(
            "le lac",
            "the lake",
            &[("", "the"), (" ", "lake"), ("lac", " ")],
            &[],
        );
        check("", "", &[("", "")], &[]);
    }
}
