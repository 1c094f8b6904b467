//! Writing a model's output with everything put back.

use std::borrow::Cow;

use super::super::long::trimmed;
use super::super::mask::{Masked, Sentence, Slot};
use super::super::tokens::{Fragment, tokens, tokens_in};
use super::{Event, Placed, Restored};
use crate::Span;

pub(super) struct Builder<'a> {
    pub(super) sentence: &'a Sentence<'a>,
    pub(super) masked: &'a Masked,
    pub(super) output: &'a str,
    pub(super) raised: Vec<bool>,
    pub(super) restored: Restored,
    /// Whether white space at the start of the next text would be one too many.
    pub(super) blank_start: bool,
    /// A slot was just put back that needs a space before a word; true also before other signs.
    pub(super) space_due: Option<bool>,
}

impl Builder<'_> {
    pub(super) fn build(mut self, events: &[Event]) -> Restored {
        let range = trimmed(self.output, Span::new(0, self.output.len()));
        let mut done = range.start();
        for event in events {
            self.push_text(Span::new(done, event.at.start().max(done)));
            match event.slot {
                Some(index) => self.push_slot(self.masked.slots[index], event.at),
                None if !event.text.is_empty() => {
                    self.space_due = None;
                    self.push(event.text, event.at);
                    self.blank_start = false;
                }
                None => {
                    self.blank_start =
                        self.restored.text.is_empty() || self.restored.text.ends_with(char::is_whitespace)
                }
            }
            done = event.at.end().max(done);
        }
        self.push_text(Span::new(done, range.end().max(done)));
        let end = self.restored.text.trim_end().len();
        self.restored.text.truncate(end);
        for fragment in &mut self.restored.fragments {
            fragment.to = Span::new(fragment.to.start().min(end), fragment.to.end().min(end));
        }
        self.restored
    }

    fn push_text(&mut self, mut span: Span) {
        if self.blank_start {
            let text = &self.output[span.range()];
            span = Span::new(span.end() - text.trim_start().len(), span.end());
        }
        let Some(first) = self.output[span.range()].chars().next() else {
            return;
        };
        self.blank_start = false;
        let is_closing = matches!(
            first,
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | ')' | ']' | '}' | '»' | '”' | '’'
        );
        let needs_space = match self.space_due.take() {
            Some(true) => !first.is_whitespace() && !is_closing,
            Some(false) => first.is_alphanumeric(),
            None => false,
        };
        if needs_space {
            self.restored.text.push(' ');
        }
        let text = self.raise(span);
        self.push(&text, span);
    }

    fn push_slot(&mut self, slot: Slot, at: Span) {
        let source = self.sentence.text;
        let before = source[..slot.span.start()].chars().next_back();
        let after = source[slot.span.end()..].chars().next();
        let is_apart = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let inserted = at.is_empty();
        let last = self.restored.text.chars().next_back();
        let needs_space = match last {
            None => false,
            Some(last) if inserted => !last.is_whitespace() && !matches!(last, '(' | '[' | '«' | '“'),
            Some(last) => is_apart(before) && last.is_alphanumeric(),
        };
        if needs_space
            || self.space_due.take().is_some()
                && last.is_some_and(|last| !last.is_whitespace())
                && is_apart(before)
        {
            self.restored.text.push(' ');
        }
        let text = match self.sentence.term(&slot) {
            Some(term) => self.fitted(&term.rendering),
            None => Cow::Borrowed(&source[slot.span.range()]),
        };
        let to = self.push(&text, at);
        self.restored.slots.push(Placed {
            slot,
            output: at,
            text: to,
        });
        self.blank_start = false;
        self.space_due = (inserted || is_apart(after)).then_some(inserted);
    }

    /// A rendering as it stands behind what there is: with a capital where it begins a sentence, and `an` before it
    /// in the place of `a`.
    fn fitted<'r>(&mut self, rendering: &'r str) -> Cow<'r, str> {
        let written = &mut self.restored.text;
        let vowel =
            rendering.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) && !rendering.starts_with("Eu");
        let (wrong, right) = if vowel { ("a ", "an ") } else { ("an ", "a ") };
        let article = written.len().saturating_sub(wrong.len());
        let stands = written
            .get(article..)
            .is_some_and(|end| end.eq_ignore_ascii_case(wrong));
        let english = self.sentence.is_french_to_english;
        if english && stands && !written[..article].ends_with(char::is_alphanumeric) {
            written.replace_range(article + 1.., &right[1..]);
            let end = written.len();
            if let Some(last) = self.restored.fragments.last_mut() {
                last.to = Span::new(last.to.start(), end);
            }
        }
        let begins = self.restored.text.trim().is_empty()
            && self.sentence.text[self.masked.range.range()].starts_with(char::is_uppercase);
        let mut letters = rendering.chars();
        match letters.next().filter(|first| begins && first.is_lowercase()) {
            Some(first) => Cow::Owned(first.to_uppercase().chain(letters).collect()),
            None => Cow::Borrowed(rendering),
        }
    }

    fn push(&mut self, text: &str, from: Span) -> Span {
        let start = self.restored.text.len();
        self.restored.text.push_str(text);
        let to = Span::new(start, self.restored.text.len());
        self.restored.fragments.push(Fragment { from, to });
        to
    }

    /// The output's text with shouted words in capitals.
    fn raise(&self, span: Span) -> String {
        let text = &self.output[span.range()];
        if self.sentence.shape.is_plain() {
            return text.to_owned();
        }
        let tokens = tokens(self.output);
        let mut raised = String::with_capacity(text.len());
        let mut done = span.start();
        for index in tokens_in(&tokens, span) {
            let token = Span::new(
                tokens[index].start().max(done),
                tokens[index].end().min(span.end()),
            );
            raised.push_str(&self.output[done..token.start()]);
            let word = &self.output[token.range()];
            if self.raised.get(index) == Some(&true) {
                raised.push_str(&word.to_uppercase());
            } else {
                raised.push_str(word);
            }
            done = token.end();
        }
        raised.push_str(&self.output[done..span.end()]);
        raised
    }
}
