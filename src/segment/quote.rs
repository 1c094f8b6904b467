//! Quotations in a paragraph.

use super::chars::{is_dash, is_opener};
use super::lines::trim;
use crate::Span;

/// A quotation, with spans in the paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// What is between the marks, without surrounding white space.
    pub(super) inner: Span,
    /// With the marks.
    pub(super) outer: Span,
    /// The index of the quotation that holds this one.
    pub(super) parent: Option<usize>,
}

/// The quotations of a paragraph, ordered by start, those that hold others first.
///
/// A mark without its partner opens nothing. With `runs_on`, the paragraph is one of several that
/// a single speech fills, each opened and only the last closed: a mark at its start that is not
/// closed then quotes the whole of it.
///
/// An apostrophe is no mark: `’` closes only what `‘` opened, and not before a letter; a straight
/// `'` must open after a space and before a capital letter, and close after punctuation.
pub(super) fn quotes(text: &str, runs_on: bool) -> Vec<Quote> {
    let mut stack = Stack::default();
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = text[at + c.len_utf8()..].chars().next();
        stack.mark(c, at, before, after);
        before = Some(c);
    }
    if let Some(open) = stack.open.first().filter(|open| runs_on && open.at == 0) {
        stack.found.push((open.at, open.inner, text.len(), text.len()));
    }
    nested(text, stack.found)
}

/// Whether `text` begins with a mark that opens a quotation.
pub(super) fn begins_quoted(text: &str) -> bool {
    text.starts_with(['“', '«', '"'])
}

/// The families of marks; a mark closes only one of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Double,
    Guillemets,
    Straight,
    Single,
    SingleGuillemets,
    StraightSingle,
}

const FAMILIES: usize = 6;

struct Open {
    family: Family,
    /// Where the mark stands and where it ends.
    at: usize,
    inner: usize,
}

/// The marks that are open, outermost first, and the quotations that were closed.
#[derive(Default)]
struct Stack {
    open: Vec<Open>,
    /// How many of each family are open, so that a stray closing mark does not search the stack.
    counts: [usize; FAMILIES],
    /// Start, inner start, inner end and end of each.
    found: Vec<(usize, usize, usize, usize)>,
}

impl Stack {
    /// Reads the character `c` at `at`, between `before` and `after`.
    fn mark(&mut self, c: char, at: usize, before: Option<char>, after: Option<char>) {
        let end = at + c.len_utf8();
        let opens = before.is_none_or(|c| c.is_whitespace() || is_opener(c) || is_dash(c) || c == '’');
        let closes = !after.is_some_and(char::is_alphanumeric);
        match c {
            '“' | '„' => self.push(Family::Double, at, end),
            '«' => self.push(Family::Guillemets, at, end),
            '‹' => self.push(Family::SingleGuillemets, at, end),
            '”' if self.is_open(Family::Double) => self.close(Family::Double, at, end),
            // Some editors write the closing mark on both sides.
            '”' if opens => self.push(Family::Double, at, end),
            '»' => self.close(Family::Guillemets, at, end),
            '›' => self.close(Family::SingleGuillemets, at, end),
            '"' if self.is_open(Family::Straight) => self.close(Family::Straight, at, end),
            '"' if opens || after.is_some_and(char::is_alphanumeric) => self.push(Family::Straight, at, end),
            '‘' | '‚' if opens && after.is_some_and(char::is_alphabetic) => {
                self.push(Family::Single, at, end)
            }
            '’' if closes => self.close(Family::Single, at, end),
            '\'' if closes && before.is_some_and(|c| matches!(c, '.' | ',' | '!' | '?' | '…')) => {
                self.close(Family::StraightSingle, at, end);
            }
            '\'' if opens && after.is_some_and(char::is_uppercase) => {
                self.push(Family::StraightSingle, at, end)
            }
            _ => {}
        }
    }

    fn is_open(&self, family: Family) -> bool {
        self.counts[family as usize] > 0
    }

    fn push(&mut self, family: Family, at: usize, inner: usize) {
        self.counts[family as usize] += 1;
        self.open.push(Open { family, at, inner });
    }

    /// Closes the innermost mark of `family`; marks inside it that are still open have no partner.
    fn close(&mut self, family: Family, at: usize, end: usize) {
        if !self.is_open(family) {
            return;
        }
        while let Some(open) = self.open.pop() {
            self.counts[open.family as usize] -= 1;
            if open.family == family {
                self.found.push((open.at, open.inner, at, end));
                return;
            }
        }
    }
}

/// Quotations inside each other, at most: nobody reads deeper, and each level costs the time of all that it holds.
const MOST_NESTED: usize = 16;

/// Orders the quotations, leaves out those that hold no word, and finds what holds what.
fn nested(text: &str, mut found: Vec<(usize, usize, usize, usize)>) -> Vec<Quote> {
    found.sort_unstable_by_key(|(start, _, _, end)| (*start, std::cmp::Reverse(*end)));
    let mut quotes: Vec<Quote> = Vec::new();
    let mut holders: Vec<usize> = Vec::new();
    for (start, inner_start, inner_end, end) in found {
        while holders
            .last()
            .is_some_and(|holder| quotes[*holder].outer.end() <= start)
        {
            holders.pop();
        }
        let inside = &text[inner_start..inner_end];
        if holders.len() >= MOST_NESTED || !inside.contains(char::is_alphanumeric) {
            continue;
        }
        let inner = trim(text, Span::new(inner_start, inner_end));
        let parent = holders.last().copied();
        holders.push(quotes.len());
        quotes.push(Quote {
            inner,
            outer: Span::new(start, end),
            parent,
        });
    }
    quotes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expects the quotations of `text`, nested ones after what holds them with a `>` before.
    fn check_with(text: &str, runs_on: bool, expected: &[&str]) {
        let quotes = quotes(text, runs_on);
        let shown = |quote: &Quote| {
            let mark = if quote.parent.is_some() { ">" } else { "" };
            format!("{mark}{}", quote.inner.of(text).unwrap_or("not on a boundary"))
        };
        assert_eq!(quotes.iter().map(shown).collect::<Vec<_>>(), expected, "{text:?}");
    }

    fn check(text: &str, expected: &[&str]) {
        check_with(text, false, expected);
    }

    #[test]
    fn every_pair_of_marks_quotes() {
        check("He said “no.”", &["no."]);
        check("Il dit « non » et « oui ».", &["non", "oui"]);
        check("Il dit «\u{202f}non\u{a0}».", &["non"]);
        check("He said \"no\" and (\"yes\").", &["no", "yes"]);
        check("He said ‘no’ and ‹oui›.", &["no", "oui"]);
        check("He said, 'It rains.' and left.", &["It rains."]);
        check("Il dit „non”.", &["non"]);
        check("“\u{feff} Il pleut\u{feff}”", &["Il pleut"]);
    }

    #[test]
    fn nesting_has_an_end() {
        let text = format!("{}eau{}", "“".repeat(99), "”".repeat(99));
        assert_eq!(quotes(&text, false).len(), MOST_NESTED);
    }

    #[test]
    fn quotations_hold_several_sentences() {
        check(
            "“It rained. We left.” Then: “No.”",
            &["It rained. We left.", "No."],
        );
    }

    #[test]
    fn a_closing_mark_may_open() {
        check("He wrote, ” I came. I left.”", &["I came. I left."]);
        check("” I came.”", &["I came."]);
        check("It rains.” He left.", &[]);
    }

    #[test]
    fn quotations_nest() {
        check("“He said ‘no’ to me.”", &["He said ‘no’ to me.", ">no"]);
        check(
            "« Il dit “non” et “oui”. » Puis « rien »",
            &["Il dit “non” et “oui”.", ">non", ">oui", "rien"],
        );
    }

    #[test]
    fn apostrophes_are_no_marks() {
        check("It’s the drivers’ day, l’eau d’Awa, the ’90s.", &[]);
        check("It's the drivers' day, 'tis Awa's, rock 'n' roll.", &[]);
        check("‘It’s the drivers’ day,’ she said.", &["It’s the drivers"]);
    }

    #[test]
    fn a_mark_without_its_partner_is_ignored() {
        check("He said “no.", &[]);
        check("“He said “no.”", &["no."]);
        check("« Il dit “non » puis”", &["Il dit “non"]);
        check("» « ” “ \"", &[]);
        check("“ … ”", &[]);
    }

    #[test]
    fn a_speech_over_several_paragraphs_is_quoted_in_each() {
        check_with("“It rained. We left.", true, &["It rained. We left."]);
        check_with("“It rained,” he said. “We left.", true, &["It rained,"]);
        check_with("He said: “We left.", true, &[]);
    }
}
