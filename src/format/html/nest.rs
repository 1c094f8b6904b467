//! From spans that overlap as they like to elements that nest.

use std::cmp::Reverse;
use std::ops::Range;

/// A span to mark, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark<T> {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What it is; of marks on the same span, the lesser is the outer.
    pub what: T,
}

/// A step in writing a marked text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a, T> {
    /// A mark begins, or goes on after a mark that it crosses has ended.
    Open {
        /// The mark.
        mark: &'a Mark<T>,
        /// Whether it begins here.
        first: bool,
    },
    /// A piece of text, in all marks that are open.
    Text(Range<usize>),
    /// The mark opened last ends, or is interrupted.
    Close(&'a Mark<T>),
}

/// Marks that may be open at once. Real records reach five; the bound keeps a record made to be slow
/// from being so.
const DEPTH: usize = 32;

/// Cuts `range` of a text at the marks. The steps nest: every `Close` ends the mark opened last. Marks that cross are
/// closed and opened again, so every piece of text is in exactly the marks that cover it.
pub fn steps<T: Ord>(range: Range<usize>, marks: &[Mark<T>]) -> Vec<Step<'_, T>> {
    let mut sorted: Vec<&Mark<T>> = marks
        .iter()
        .filter(|mark| mark.range.start.max(range.start) < mark.range.end.min(range.end))
        .collect();
    sorted.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut writer = Writer {
        steps: Vec::new(),
        open: Vec::new(),
        at: range.start,
        end: range.end,
    };
    for mark in sorted {
        writer.advance(mark.range.start.max(range.start));
        if writer.open.len() < DEPTH {
            let first = mark.range.start >= range.start;
            writer.open.push(mark);
            writer.steps.push(Step::Open { mark, first });
        }
    }
    writer.advance(range.end);
    writer.steps
}

fn order<T>(mark: &Mark<T>) -> (usize, Reverse<usize>, &T) {
    (mark.range.start, Reverse(mark.range.end), &mark.what)
}

struct Writer<'a, T> {
    steps: Vec<Step<'a, T>>,
    open: Vec<&'a Mark<T>>,
    at: usize,
    end: usize,
}

impl<'a, T> Writer<'a, T> {
    /// Writes text up to `to` and closes what ends on the way.
    fn advance(&mut self, to: usize) {
        while let Some(next) = self.open.iter().map(|mark| mark.range.end.min(self.end)).min() {
            if next > to {
                break;
            }
            self.text(next);
            self.close(next);
        }
        self.text(to);
    }

    fn text(&mut self, to: usize) {
        if self.at < to {
            self.steps.push(Step::Text(self.at..to));
            self.at = to;
        }
    }

    fn close(&mut self, at: usize) {
        let ends = |mark: &Mark<T>| mark.range.end.min(self.end) <= at;
        let Some(lowest) = self.open.iter().position(|mark| ends(mark)) else {
            return;
        };
        let interrupted = self.open.split_off(lowest);
        self.steps
            .extend(interrupted.iter().rev().map(|mark| Step::Close(mark)));
        for mark in interrupted {
            if mark.range.end.min(self.end) > at {
                self.open.push(mark);
                self.steps.push(Step::Open { mark, first: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks(spans: &[(usize, usize, char)]) -> Vec<Mark<char>> {
        spans
            .iter()
            .map(|&(start, end, what)| Mark {
                range: start..end,
                what,
            })
            .collect()
    }

    #[track_caller]
    fn check(range: Range<usize>, spans: &[(usize, usize, char)], expected: &str) {
        let text = "abcdefghij";
        let marks = marks(spans);
        let mut written = String::new();
        for step in steps(range, &marks) {
            match step {
                Step::Open { mark, first } => {
                    written.push(if first { '[' } else { '~' });
                    written.push(mark.what);
                }
                Step::Text(piece) => written.push_str(&text[piece]),
                Step::Close(_) => written.push(']'),
            }
        }
        assert_eq!(written, expected);
    }

    #[test]
    fn marks_nest() {
        check(0..10, &[], "abcdefghij");
        check(0..4, &[(0, 4, 'S'), (1, 2, 'E')], "[Sa[Eb]cd]");
        check(0..4, &[(0, 2, 'S'), (2, 4, 'S')], "[Sab][Scd]");
        check(0..4, &[(1, 3, 'S'), (1, 3, 'E')], "a[E[Sbc]]d");
    }

    #[test]
    fn marks_that_cross_are_interrupted() {
        check(
            0..6,
            &[(0, 3, 'S'), (3, 6, 'S'), (2, 4, 'E')],
            "[Sab[Ec]]~E[Sd]]~Sef]",
        );
        check(0..6, &[(0, 4, 'A'), (2, 6, 'B')], "[Aab[Bcd]]~Bef]");
    }

    #[test]
    fn marks_are_clipped_to_the_range() {
        check(2..4, &[(0, 10, 'S'), (3, 5, 'E'), (6, 7, 'X')], "~Sc[Ed]]");
        check(2..2, &[(0, 10, 'S')], "");
        #[allow(
            clippy::reversed_empty_ranges,
            reason = "records from elsewhere may hold them"
        )]
        check(0..3, &[(2, 1, 'S'), (1, 1, 'E')], "abc");
    }

    proptest! {
        #![proptest_config(crate::testing::cases(200))]
        #[test]
        fn every_byte_is_in_exactly_the_marks_that_cover_it(
            spans in prop::collection::vec((0_usize..30, 0_usize..30, any::<char>()), 0..20),
            start in 0_usize..30, length in 0_usize..30,
        ) {
            let range = start..start + length;
            let marks = marks(&spans);
            let mut open: Vec<&Mark<char>> = Vec::new();
            let mut at = range.start;
            for step in steps(range.clone(), &marks) {
                match step {
                    Step::Open { mark, .. } => open.push(mark),
                    Step::Close(mark) => prop_assert!(std::ptr::eq(open.pop().unwrap(), mark)),
                    Step::Text(piece) => {
                        prop_assert_eq!(piece.start, at);
                        at = piece.end;
                        for byte in piece {
                            let covering = marks.iter().filter(|mark| mark.range.contains(&byte)).count();
                            prop_assert_eq!(covering, open.len());
                            prop_assert!(open.iter().all(|mark| mark.range.contains(&byte)));
                        }
                    }
                }
            }
            prop_assert!(open.is_empty());
            prop_assert_eq!(at, range.end);
        }
    }
}
