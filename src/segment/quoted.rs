//! Quoted lines: `> ` before each line, as mail programs, forums and Markdown set off what others wrote;
//! and other marks around whole lines.

use std::borrow::Cow;

use super::chars::{is_gap, is_line_end};
use super::lines::{lines, slice};
use super::markdown;
use crate::Span;

/// A text without the marks around its lines, and where the quoted lines are.
pub(super) struct Unquoted<'a> {
    /// The text with blanks in the place of the marks, so that offsets stay.
    pub(super) text: Cow<'a, str>,
    /// Runs of lines that are quoted equally deep, in order, from the start of the first line to the
    /// end of the last.
    pub(super) runs: Vec<Span>,
    /// The lines that are headings, in order.
    headings: Vec<Span>,
}

impl<'a> Unquoted<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut plain = Plain {
            text: Cow::Borrowed(text),
            headings: Vec::new(),
        };
        let mut runs = Vec::new();
        if text.contains('>') {
            for run in runs_of(text) {
                run.marks.into_iter().for_each(|marks| plain.blank(marks));
                runs.push(run.span);
            }
        }
        if text.contains(['#', '*', '-', '_', '=']) {
            plain.blank_markdown();
        }
        Self {
            text: plain.text,
            runs,
            headings: plain.headings,
        }
    }

    /// Whether a line, whose marks are blanks, is a heading.
    pub(super) fn is_heading(&self, line: Span) -> bool {
        let after = self
            .headings
            .partition_point(|heading| heading.start() <= line.start());
        after > 0 && self.headings[after - 1].contains(line)
    }

    /// The index of the run that holds `at`.
    pub(super) fn run_at(&self, at: usize) -> Option<usize> {
        let after = self.runs.partition_point(|run| run.start() <= at);
        let index = after.checked_sub(1)?;
        (at < self.runs[index].end()).then_some(index)
    }
}

/// A text whose marks become blanks.
struct Plain<'a> {
    text: Cow<'a, str>,
    headings: Vec<Span>,
}

impl Plain<'_> {
    /// Puts blanks in the place of marks, which are one byte each.
    fn blank(&mut self, marks: Span) {
        let blanks = " ".repeat(marks.len());
        self.text.to_mut().replace_range(marks.range(), &blanks);
    }

    fn blank_markdown(&mut self) {
        let lines: Vec<Span> = lines(&self.text).filter(|line| !line.is_empty()).collect();
        for line in lines {
            let marks = markdown::marks(slice(&self.text, line));
            if marks.is_heading {
                self.headings.push(line);
            }
            let own: Vec<usize> = slice(&self.text, line)
                .char_indices()
                .filter(|(at, c)| (*at < marks.before || *at >= line.len() - marks.after) && !is_gap(*c))
                .map(|(at, _)| line.start() + at)
                .collect();
            for at in own {
                self.blank(Span::new(at, at + 1));
            }
        }
    }
}

/// `text` with a blank for each `>` that marks a line as quoted, and for the marks of Markdown around a
/// line: no stage has to know of them, and all offsets stay.
///
/// A line is marked where it begins with `>`, after any white space; several marks are a quotation in
/// a quotation. A single line that begins `> 5` says "more than five" and is not.
pub(crate) fn without_marks(text: &str) -> Cow<'_, str> {
    Unquoted::new(text).text
}

/// Lines that are quoted equally deep.
struct Run {
    depth: usize,
    span: Span,
    /// The marks of each line; white space between them is not theirs.
    marks: Vec<Span>,
    lines: usize,
    /// Whether the first line begins with a figure behind its mark.
    begins_with_figure: bool,
}

fn runs_of(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut start = 0;
    let mut before = 0;
    for line in text.split_inclusive(is_line_end) {
        // A carriage return with its line feed leaves a line of one line end.
        if line == "\n" && start > 0 && text[..start].ends_with('\r') {
            start += 1;
            continue;
        }
        let (depth, marks, rest) = marks_of(line, start);
        let end = start + line.trim_end_matches(is_line_end).len();
        match runs.last_mut().filter(|_| depth > 0 && depth == before) {
            Some(run) => {
                run.span = Span::new(run.span.start(), end);
                run.marks.extend(marks);
                run.lines += 1;
            }
            None if depth > 0 => runs.push(Run {
                depth,
                span: Span::new(start, end),
                marks,
                lines: 1,
                begins_with_figure: rest.starts_with(|c: char| c.is_ascii_digit()),
            }),
            None => {}
        }
        before = depth;
        start += line.len();
    }
    runs.retain(|run| !(run.depth == 1 && run.lines == 1 && run.begins_with_figure));
    runs
}

/// How often a line that begins at `start` is quoted, where its marks are, and what follows them.
fn marks_of(line: &str, start: usize) -> (usize, Vec<Span>, &str) {
    let mut marks = Vec::new();
    let mut rest = line.trim_start_matches(is_gap);
    while let Some(after) = rest.strip_prefix('>') {
        let at = start + line.len() - rest.len();
        marks.push(Span::new(at, at + 1));
        rest = after.trim_start_matches(is_gap);
    }
    (marks.len(), marks, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, plain: &str, runs: &[&str]) {
        let unquoted = Unquoted::new(text);
        assert_eq!(unquoted.text, plain);
        let found: Vec<_> = unquoted.runs.iter().filter_map(|run| run.of(text)).collect();
        assert_eq!(found, runs);
    }

    #[test]
    fn marks_at_the_start_of_lines_become_blanks() {
        check("> Un.\n>\n> Deux.", "  Un.\n \n  Deux.", &["> Un.\n>\n> Deux."]);
        check(
            "Il dit :\r\n>Un > deux.\r\n",
            "Il dit :\r\n Un > deux.\r\n",
            &[">Un > deux."],
        );
        check("a > b\nc -> d", "a > b\nc -> d", &[]);
    }

    #[test]
    fn deeper_quotations_are_runs_of_their_own() {
        check(
            "> > Un.\n>> Deux.\n> Trois.\nQuatre.",
            "    Un.\n   Deux.\n  Trois.\nQuatre.",
            &["> > Un.\n>> Deux.", "> Trois."],
        );
    }

    #[test]
    fn a_lone_figure_is_compared_and_not_quoted() {
        check("Rain:\n> 50 mm\nfell.", "Rain:\n> 50 mm\nfell.", &[]);
        check(
            "> 50 mm\n> de pluie",
            "  50 mm\n  de pluie",
            &["> 50 mm\n> de pluie"],
        );
    }

    proptest! {
        #![proptest_config(crate::testing::cases(300))]
        #[test]
        fn nothing_but_marks_changes(text in r"([>a5é «*#\n\r\u{2028}\u{feff}]| > |# |---|\r\n){0,40}") {
            let unquoted = Unquoted::new(&text);
            prop_assert_eq!(unquoted.text.len(), text.len());
            for (before, after) in text.bytes().zip(unquoted.text.bytes()) {
                prop_assert!(before == after || (b">#*- ".contains(&before) && after == b' '));
            }
            for (index, run) in unquoted.runs.iter().enumerate() {
                prop_assert!(run.of(&text).is_some());
                prop_assert_eq!(unquoted.run_at(run.start()), Some(index));
                prop_assert!(index == 0 || unquoted.runs[index - 1].end() <= run.start());
            }
            // Once is enough.
            let again = without_marks(&unquoted.text).into_owned();
            prop_assert_eq!(again, unquoted.text);
        }
    }
}
