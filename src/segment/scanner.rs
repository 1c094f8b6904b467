//! The scan for sentence ends.

use super::abbreviation::{self, Abbreviation};
use super::chars::{
    is_bullet, is_closer, is_dash, is_emoji, is_end_mark, is_invisible, is_line_end, is_opener,
    is_wide_end_mark,
};
use super::enumeration::Marker;
use super::starter;
use crate::Span;

/// The sentences of `text`, trimmed, in order. Looks at each character a bounded number of times.
pub(super) fn sentences(text: &str) -> Vec<Span> {
    let mut scanner = Scanner::new(text);
    scanner.run();
    scanner.sentences
}

/// Words that a text must have before an ellipsis or an emoji ends a sentence; `Well… Yes` is one.
const MIN_WORDS_BEFORE_SOFT_END: usize = 3;

/// Words of a phrase that only says when: `At 5 a.m.`; `a` and `m` count as two.
const MAX_WORDS_OF_TIME: usize = 4;

/// Letters of the word before a full stop that ends a sentence although the next word is in lower case;
/// shorter ones may be abbreviations that are not listed.
const MIN_WORD_BEFORE_LOWER_CASE: usize = 4;

/// Characters that a word before a full stop is looked for in; no abbreviation is longer.
const MAX_WORD: usize = 16;

/// Characters of a token that are searched for the signs of a link or an address.
const MAX_TOKEN: usize = 64;

/// Opening marks and spaces that are looked through for the first letter of the next sentence.
const MAX_OPENING: usize = 6;

/// What kind of end a run of end marks is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// One full stop.
    Stop,
    /// Several stops or `…`.
    Ellipsis,
    /// With an exclamation or question mark.
    Strong,
    /// Of a script without spaces.
    Wide,
}

/// What stands after a possible end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing but white space.
    Nothing,
    /// A word that begins in lower case.
    Lower,
    /// A word that begins in upper case, or in a script without case.
    Upper,
    /// A number.
    Digit,
    /// A comma or the like: the sentence goes on.
    Joint,
    /// Anything else.
    Other,
}

struct Scanner<'t> {
    text: &'t str,
    sentences: Vec<Span>,
    /// Where the current sentence begins.
    start: usize,
    /// Words since `start`.
    words: usize,
    /// Whether the last character belonged to a word.
    in_word: bool,
    /// Whether a straight double quotation mark is open.
    in_quote: bool,
    /// The list item that was last begun.
    marker: Option<Marker>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            sentences: Vec::new(),
            start: 0,
            words: 0,
            in_word: false,
            in_quote: false,
            marker: Marker::at(text),
        }
    }

    fn run(&mut self) {
        let mut at = 0;
        while let Some(c) = self.char_at(at) {
            at = if c.is_whitespace() {
                self.white_space(at)
            } else if is_end_mark(c) {
                self.end_marks(at)
            } else if is_emoji(c) {
                self.emoji(at)
            } else if matches!(c, ';' | ':') {
                self.pause(at, c)
            } else {
                self.in_quote ^= c == '"';
                self.words += usize::from(c.is_alphanumeric() && !self.in_word);
                self.in_word = c.is_alphanumeric();
                at + c.len_utf8()
            };
        }
        self.cut(self.text.len());
    }

    /// Ends the current sentence at `at`.
    fn cut(&mut self, at: usize) {
        self.sentences.extend(trimmed(self.text, self.start, at));
        self.start = at;
        self.words = 0;
        self.in_word = false;
        let rest = &self.text[at..];
        let rest = &rest[rest.len() - rest.trim_start().len()..];
        self.marker = Marker::at(rest).or(self.marker);
    }

    /// Reads white space; a blank line before it begins a sentence, and so may what is after it.
    fn white_space(&mut self, at: usize) -> usize {
        let next = self.skip(at, char::is_whitespace);
        let lines = line_ends(&self.text[at..next]);
        let quotes = lines > 0 && self.announces(at, next);
        if lines > 1 || quotes || self.item_begins(next, lines > 0) || self.begins_unmarked(at, next) {
            self.cut(next);
        }
        self.in_word = false;
        next
    }

    /// Whether a colon at the end of a line announces the quotation that the next line begins with.
    fn announces(&self, at: usize, next: usize) -> bool {
        let opens = |c| matches!(c, '"' | '“' | '„' | '«' | '‘');
        self.char_before(at) == Some(':') && self.char_at(next).is_some_and(opens)
    }

    fn item_begins(&self, at: usize, on_new_line: bool) -> bool {
        let rest = &self.text[at..];
        let mut chars = rest.chars();
        let (first, second) = (chars.next(), chars.next());
        if first.is_some_and(is_bullet) {
            return true;
        }
        let dashed = first.is_some_and(|c| is_dash(c) || c == '*') && second.is_some_and(char::is_whitespace);
        if on_new_line && dashed {
            return true;
        }
        self.words > 0
            && self
                .marker
                .is_some_and(|marker| Marker::at(rest).is_some_and(|next| next.follows(marker)))
    }

    /// Whether a sentence begins at `next`, although there is only white space from `at` on.
    fn begins_unmarked(&self, at: usize, next: usize) -> bool {
        self.words >= MIN_WORDS_BEFORE_SOFT_END
            && !self.in_quote
            && match self.char_before(at) {
                Some(')') => starter::starts_sentence_after_pause(&self.text[next..]),
                _ => starter::goes_on_unmarked(self.word_before(at), &self.text[next..]),
            }
    }

    /// Reads a semicolon or colon; it ends a sentence where the next begins with a capital that is no
    /// name's. A colon announces too much to end one before every such word.
    fn pause(&mut self, at: usize, mark: char) -> usize {
        let end = at + mark.len_utf8();
        let next = self.skip(end, char::is_whitespace);
        self.in_word = false;
        let rest = &self.text[next..];
        if mark == ':' && next > end && self.is_interview_label(at) {
            self.cut(end);
            return end;
        }
        let begins = match mark {
            ';' => starter::starts_sentence_after_pause(rest),
            _ => starter::starts_unmarked_sentence(rest),
        };
        if begins && next > end && self.words >= MIN_WORDS_BEFORE_SOFT_END && !self.in_quote {
            self.cut(end);
        }
        end
    }

    /// Whether all before the colon at `at` is the letter that stands for who speaks: `Q:`, `R :`.
    fn is_interview_label(&self, at: usize) -> bool {
        let label = self.text[..at].trim();
        self.sentences.is_empty() && label.len() == 1 && label.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// Reads a run of end marks with what belongs to it, and ends the sentence if it is one.
    fn end_marks(&mut self, at: usize) -> usize {
        let (marks_end, kind) = self.end_mark_run(at);
        let end = self.closing(marks_end);
        let next = self.skip(end, char::is_whitespace);
        let ends = match kind {
            _ if self.words == 0 => false,
            End::Wide => true,
            End::Strong => self.strong_end(at, end, next),
            End::Ellipsis => self.soft_end(at, end, next),
            End::Stop => self.stop(at, end, next),
        };
        self.in_word = false;
        if ends {
            self.cut(end);
        }
        end
    }

    /// The end of the run of end marks at `at`, and its kind. Marks may be spaced: `. . .`, `? !`.
    fn end_mark_run(&self, at: usize) -> (usize, End) {
        let mut end = at;
        let (mut stops, mut strong, mut wide) = (0, false, false);
        while let Some(c) = self.char_at(end) {
            if is_end_mark(c) {
                match c {
                    '.' => stops += 1,
                    '…' => stops += 3,
                    _ => strong = true,
                }
                wide |= is_wide_end_mark(c);
                end += c.len_utf8();
                continue;
            }
            let Some(mark) = self.spaced_mark(end, c, strong) else {
                break;
            };
            end = mark;
        }
        let kind = match (wide, strong, stops) {
            (true, ..) => End::Wide,
            (_, true, _) => End::Strong,
            (_, _, 1) => End::Stop,
            _ => End::Ellipsis,
        };
        (end, kind)
    }

    /// Where the end mark is that goes on a run after the space `c`.
    fn spaced_mark(&self, space: usize, c: char, strong: bool) -> Option<usize> {
        if !c.is_whitespace() || is_line_end(c) {
            return None;
        }
        let mark = space + c.len_utf8();
        match self.char_at(mark)? {
            '!' | '?' => Some(mark),
            '.' if !strong && !self.char_at(mark + 1).is_some_and(char::is_alphanumeric) => Some(mark),
            _ => None,
        }
    }

    /// The end of the closing marks, note numbers and emoji from `at` on.
    fn closing(&mut self, at: usize) -> usize {
        let mut end = at;
        while let Some(c) = self.char_at(end) {
            if is_closer(c) || is_emoji(c) || is_invisible(c) {
                end += c.len_utf8();
            } else if (c == '"' || c == '\'') && !self.opens_at(end, c) {
                self.in_quote &= c != '"';
                end += 1;
            } else if let Some(note) = note_end(&self.text[end..]) {
                end += note;
            } else if let Some(mark) = self.spaced_closing(end, c) {
                end = mark;
            } else {
                break;
            }
        }
        end
    }

    /// Whether the straight mark `c` at `at`, right after an end mark, opens a quotation.
    fn opens_at(&self, at: usize, c: char) -> bool {
        let before_word = self.char_at(at + 1).is_some_and(|next| next.is_alphanumeric());
        before_word && (c == '\'' || !self.in_quote)
    }

    /// Where the closing mark or emoji is that belongs to the sentence although a space is before.
    fn spaced_closing(&self, at: usize, c: char) -> Option<usize> {
        if !c.is_whitespace() {
            return None;
        }
        let next = self.skip(at, |c| c.is_whitespace() && !is_line_end(c));
        let mark = self.char_at(next)?;
        let before_space = || {
            self.char_at(next + mark.len_utf8())
                .is_none_or(char::is_whitespace)
        };
        let closes = match mark {
            '»' | ')' | ']' => true,
            '"' => self.in_quote && before_space(),
            '”' => before_space(),
            _ => is_emoji(mark),
        };
        closes.then_some(next)
    }

    /// Reads a run of emoji; before a capital letter it ends a sentence of some length.
    fn emoji(&mut self, at: usize) -> usize {
        let end = self.closing(at);
        let next = self.skip(end, char::is_whitespace);
        self.in_word = false;
        if self.soft_end(at, end, next) {
            self.cut(end);
        }
        end
    }

    fn strong_end(&self, at: usize, end: usize, next: usize) -> bool {
        match self.next(next) {
            Next::Nothing | Next::Lower | Next::Joint => false,
            Next::Upper if next == end => self.glued(at),
            _ => next > end,
        }
    }

    fn soft_end(&self, at: usize, end: usize, next: usize) -> bool {
        let in_bracket = self.char_before(at).is_some_and(|c| matches!(c, '[' | '('));
        self.words >= MIN_WORDS_BEFORE_SOFT_END && !in_bracket && next > end && self.next(next) == Next::Upper
    }

    /// Whether the full stop at `at` ends a sentence.
    fn stop(&self, at: usize, end: usize, next: usize) -> bool {
        let following = self.next(next);
        if following == Next::Lower && end == at + 1 && next > end {
            return self.stop_before_lower_case(at, next);
        }
        if matches!(following, Next::Nothing | Next::Lower | Next::Joint) {
            return false;
        }
        if next == end {
            return end == at + 1 && following == Next::Upper && self.glued(at);
        }
        let word = self.word_before(at);
        if self.is_item_number(at, word) {
            return false;
        }
        match abbreviation::abbreviation(word) {
            Some(Abbreviation::Introduces) => false,
            Some(Abbreviation::BeforeNumber) => following != Next::Digit,
            Some(Abbreviation::Either) => {
                following != Next::Digit && starter::starts_sentence(self.opened(next))
            }
            Some(Abbreviation::Time) => {
                self.words > MAX_WORDS_OF_TIME && !abbreviation::continues_time(self.opened(next))
            }
            Some(Abbreviation::Initial) => starter::starts_sentence_after_initial(self.opened(next)),
            None => true,
        }
    }

    /// Whether the full stop at `at` ends a sentence although the next word, at `next`, is in lower case:
    /// behind a word that is no abbreviation, before one that opens a clause.
    fn stop_before_lower_case(&self, at: usize, next: usize) -> bool {
        let word = self.word_before(at);
        word.chars().count() >= MIN_WORD_BEFORE_LOWER_CASE
            && starter::may_end_unmarked(word)
            && starter::starts_careless_sentence(&self.text[next..])
            && abbreviation::abbreviation(word).is_none()
    }

    /// Whether `word` before the stop at `at` numbers the item that the sentence is.
    fn is_item_number(&self, at: usize, word: &str) -> bool {
        if self.words > 1 {
            return false;
        }
        let begins = self.text[self.start..at - word.len()]
            .trim_start_matches(|c: char| is_bullet(c) || c.is_whitespace());
        begins.is_empty() && Marker::is_number(word)
    }

    /// Whether a sentence that ends at `at` may be followed by the next without a space: after a
    /// word in lower case or a number, never inside a link, an address or a file name.
    fn glued(&self, at: usize) -> bool {
        let word = self.word_before(at);
        let plain = word.chars().skip(1).all(char::is_lowercase) && word.chars().count() > 2;
        let number = word.chars().all(|c| c.is_ascii_digit() || c == ',') && !word.is_empty();
        let before = self.text[..at - word.len()].chars().next_back();
        let in_token = before.is_some_and(|c| matches!(c, '/' | '@' | '#'));
        let mut after = self.text[at..]
            .chars()
            .skip(1)
            .take(MAX_TOKEN)
            .take_while(|c| !c.is_whitespace());
        let capitalised = after.by_ref().nth(1).is_some_and(char::is_lowercase);
        (plain || number) && !in_token && capitalised && !after.any(|c| matches!(c, '@' | '/'))
    }

    /// What stands at `at`, looking through opening marks and dashes.
    fn next(&self, at: usize) -> Next {
        let mut chars = self.text[at..].chars().filter(|c| !is_invisible(*c));
        let Some(first) = chars.next() else {
            return Next::Nothing;
        };
        if matches!(first, ',' | ';' | ':') {
            return Next::Joint;
        }
        let opening = |c: &char| is_opener(*c) || is_dash(*c) || c.is_whitespace() || *c == '”' || *c == '’';
        let letter = std::iter::once(first)
            .chain(chars)
            .take(MAX_OPENING)
            .find(|c| !opening(c));
        match letter {
            Some(c) if c.is_lowercase() => Next::Lower,
            Some(c) if c.is_alphabetic() => Next::Upper,
            Some(c) if c.is_numeric() => Next::Digit,
            _ => Next::Other,
        }
    }

    /// The word of the current sentence that ends at `end`, without opening marks and elided articles.
    fn word_before(&self, end: usize) -> &'t str {
        let text = &self.text[self.start..end];
        let start = text
            .char_indices()
            .rev()
            .take(MAX_WORD)
            .take_while(|(_, c)| !is_word_edge(*c))
            .last()
            .map_or(text.len(), |(i, _)| i);
        &text[start..]
    }

    /// The text from `at` on, without opening marks.
    fn opened(&self, at: usize) -> &'t str {
        self.text[at..].trim_start_matches(is_opener)
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    fn char_before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    fn skip(&self, at: usize, class: impl Fn(char) -> bool) -> usize {
        let rest = &self.text[at..];
        rest.find(|c| !class(c)).map_or(self.text.len(), |i| at + i)
    }
}

/// The length of a note number at the start of `text`: `[12]`, superscript digits.
fn note_end(text: &str) -> Option<usize> {
    if let Some(c) = text
        .chars()
        .next()
        .filter(|c| matches!(c, '¹' | '²' | '³' | '⁰'..='⁹'))
    {
        return Some(c.len_utf8());
    }
    let inner = text.strip_prefix('[')?;
    let digits = inner.bytes().take(4).take_while(u8::is_ascii_digit).count();
    (digits > 0 && inner[digits..].starts_with(']')).then_some(digits + 2)
}

/// Whether a word that a full stop follows cannot reach back over `c`.
fn is_word_edge(c: char) -> bool {
    c.is_whitespace() || is_opener(c) || is_bullet(c) || matches!(c, '’' | '/' | '@' | '#' | '—' | '–')
}

/// Counts line ends, a carriage return with its line feed as one.
fn line_ends(space: &str) -> usize {
    space.chars().filter(|c| is_line_end(*c)).count() - space.matches("\r\n").count()
}

/// The span from `start` to `end` without surrounding white space, `None` where nothing is left.
pub(super) fn trimmed(text: &str, start: usize, end: usize) -> Option<Span> {
    let piece = &text[start..end];
    let left = start + piece.len() - piece.trim_start().len();
    let span = Span::new(left.min(end), (start + piece.trim_end().len()).max(left.min(end)));
    (!span.is_empty()).then_some(span)
}
