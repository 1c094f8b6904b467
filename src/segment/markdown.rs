//! Marks of Markdown that stand around a whole line: headings, rules, emphasis.

use super::chars::is_gap;

/// What marks a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// Bytes of marks at the start of the line, spaces between them included.
    pub(super) before: usize,
    /// Bytes of marks at its end.
    pub(super) after: usize,
    pub(super) is_heading: bool,
}

/// The deepest heading.
const MAX_DEPTH: usize = 6;

/// The marks of `line`, which has no white space around it: `## A heading`, `**All of it**`, `*All of it*`.
/// A rule (`---`, `* * *`, `====` under a title) is all mark.
pub(super) fn marks(line: &str) -> Marks {
    if is_rule(line) {
        return Marks {
            before: line.len(),
            ..Marks::default()
        };
    }
    let mut marks = Marks::default();
    let mut rest = line;
    if let Some(text) = behind_hashes(rest) {
        marks.is_heading = true;
        marks.before = line.len() - text.len();
        rest = before_hashes(text);
    }
    while let Some((inner, mark)) = inside_emphasis(rest) {
        rest = inner;
        marks.before += mark;
    }
    marks.after = line.len() - marks.before - rest.len();
    marks
}

/// Whether a line is drawn with three marks and more.
fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !is_gap(*c));
    let Some(first) = marks.next().filter(|c| matches!(c, '-' | '*' | '_' | '=')) else {
        return false;
    };
    let rest = marks.by_ref().take_while(|c| *c == first).count();
    rest >= 2 && line.chars().all(|c| is_gap(c) || c == first)
}

/// The text of a heading.
fn behind_hashes(line: &str) -> Option<&str> {
    let depth = line.bytes().take_while(|b| *b == b'#').count();
    let text = &line[depth..];
    let is_heading = (1..=MAX_DEPTH).contains(&depth) && text.starts_with([' ', '\t']);
    let text = text.trim_start_matches(is_gap);
    (is_heading && may_be_marked(text)).then_some(text)
}

/// Whether `text` has words and begins with none of the marks that lines begin with.
fn may_be_marked(text: &str) -> bool {
    text.contains(char::is_alphanumeric) && !text.starts_with(['>', '#'])
}

/// `text` without the hashes that may close a heading.
fn before_hashes(text: &str) -> &str {
    let closed = text.trim_end_matches('#');
    let text = if closed.ends_with([' ', '\t']) {
        closed
    } else {
        text
    };
    text.trim_end_matches(is_gap)
}

/// What is between the stars that a line begins and ends with, and how many they are on each side.
fn inside_emphasis(line: &str) -> Option<(&str, usize)> {
    let mark = if line.starts_with("**") { "**" } else { "*" };
    let inner = line.strip_prefix(mark)?.strip_suffix(mark)?;
    let is_whole = may_be_marked(inner)
        && !inner.contains('*')
        && !inner.starts_with(is_gap)
        && !inner.ends_with(|c| is_gap(c) || c == '\\');
    is_whole.then_some((inner, mark.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expects what is left of a line, and whether it is a heading.
    #[track_caller]
    fn check(line: &str, text: &str, is_heading: bool) {
        let marks = marks(line);
        assert_eq!(&line[marks.before..line.len() - marks.after], text, "{line:?}");
        assert_eq!(marks.is_heading, is_heading, "{line:?}");
    }

    #[test]
    fn marks_around_a_line_are_found() {
        check("# A dry year", "A dry year", true);
        check("### A dry year ##", "A dry year", true);
        check("## **A dry year**", "A dry year", true);
        check("**Awa Sow**", "Awa Sow", false);
        check("*With Ali Ka*", "With Ali Ka", false);
        check("---", "", false);
        check("* * *", "", false);
        check("=====", "", false);
    }

    #[test]
    fn other_lines_keep_their_marks() {
        for line in [
            "",
            "#Dakar",
            "####### seven",
            "#",
            "* rice",
            "*rice* and *salt*",
            "**Awa** said",
            "2 * 3 * 4",
            "--",
            "- - x",
            "***",
            "_awa_",
            "**",
            "a*",
        ] {
            let rule = line == "***";
            check(line, if rule { "" } else { line }, false);
        }
    }
}
