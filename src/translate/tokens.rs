//! White-space tokens, and how those of a text go over into those of a rewritten one.

use std::ops::Range;

use crate::Span;

/// The white-space separated tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Span> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                tokens.push(Span::new(from, at));
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    tokens.extend(start.map(|from| Span::new(from, text.len())));
    tokens
}

/// The indexes of the tokens that share a byte with `span`.
pub(super) fn tokens_in(tokens: &[Span], span: Span) -> Range<usize> {
    let first = tokens.partition_point(|token| token.end() <= span.start());
    let last = tokens.partition_point(|token| token.start() < span.end());
    first..last.max(first)
}

/// A stretch of a text and what stands for it in a rewritten text. Both have the same number of
/// tokens, or one is a placeholder for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    pub from: Span,
    pub to: Span,
}

/// For each token of a text the tokens that stand for it in the rewritten one, sorted.
pub(super) fn project(from: &[Span], to: &[Span], fragments: &[Fragment]) -> Vec<Vec<usize>> {
    let mut map = vec![Vec::new(); from.len()];
    for fragment in fragments {
        for (left, right) in pairs(tokens_in(from, fragment.from), tokens_in(to, fragment.to)) {
            map[left].push(right);
        }
    }
    for targets in &mut map {
        targets.sort_unstable();
        targets.dedup();
    }
    map
}

/// Which tokens of two ranges belong together: one to one where there are equally many, else all.
pub(super) fn pairs(from: Range<usize>, to: Range<usize>) -> Vec<(usize, usize)> {
    if from.len() == to.len() {
        return from.zip(to).collect();
    }
    from.flat_map(|left| to.clone().map(move |right| (left, right)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_split_whitespace() {
        for text in ["", " ", "a", " a  bc\u{a0}d\n", "é\u{2003}ç"] {
            let found: Vec<_> = tokens(text).iter().map(|span| span.of(text).unwrap()).collect();
            assert_eq!(found, text.split_whitespace().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_placeholder_stands_for_every_token_of_its_span() {
        let (from, to) = ("dit ⟦1⟧ fois", "dit 7 500 fois");
        let placeholder = Span::new(4, 4 + "⟦1⟧".len());
        let fragments = [
            Fragment {
                from: Span::new(0, 4),
                to: Span::new(0, 4),
            },
            Fragment {
                from: placeholder,
                to: Span::new(4, 9),
            },
            Fragment {
                from: Span::new(placeholder.end(), from.len()),
                to: Span::new(9, to.len()),
            },
        ];
        assert_eq!(
            project(&tokens(from), &tokens(to), &fragments),
            [vec![0], vec![1, 2], vec![3]]
        );
    }
}
