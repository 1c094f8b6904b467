//! Names that a noun governs, be it the first (`Ministère de la Santé`) or the last word (`Harbour Workers’ Association`).

use std::ops::Range;

use super::super::{Label, Mention, lexicon, organisations};
use super::{DOUBTFUL, Reader};
use crate::Span;
use crate::language::Language;

/// The score of a name that only the words around a head noun tell.
const BY_RULE: f32 = 0.8;

/// At most so many adjectives stand between a head noun and its complement: `Syndicat national libre de …`.
const MAX_ADJECTIVES: usize = 2;

impl Reader<'_> {
    /// Makes names whole that a noun governs.
    pub(super) fn complete(&self, mentions: &mut Vec<Mention>) {
        let mut at = 0;
        while at < self.words.len() {
            let found = self.opened(at, mentions).or_else(|| self.closed(at, mentions));
            let end = found.as_ref().map_or(at + 1, |(range, _)| range.end.max(at + 1));
            if let Some((range, label)) = found {
                self.put(range, label, mentions);
            }
            at = end;
        }
    }

    /// A name that the noun at `head` opens.
    fn opened(&self, head: usize, mentions: &[Mention]) -> Option<(Range<usize>, Label)> {
        let noun = self.text(head);
        let event = organisations::opens_event(noun);
        if !self.is_text(head) || !(event || organisations::opens(noun)) {
            return None;
        }
        if self.is_lower(head) && self.language == Language::ENGLISH {
            return None;
        }
        let label = if event { Label::Misc } else { Label::Org };
        let direct = organisations::stands_before_names(noun) && self.follows_blank(head + 1);
        let start = self.end_of_capitals(head + 1);
        let mut end = if direct && start > head + 1 {
            start
        } else {
            self.complements(head, start, mentions)
        };
        if end == head + 1 {
            end = self.small_complement(head, mentions)?;
        } else {
            end = self.complements_from(end, mentions);
            end = self.paired(head, end, mentions);
        }
        Some((head..end, label))
    }

    /// The end of the complements behind a head noun and its adjectives, `head + 1` where there are none.
    fn complements(&self, head: usize, after_capitals: usize, mentions: &[Mention]) -> usize {
        let adjectives = self.adjectives(head + 1);
        for from in [after_capitals, adjectives] {
            let end = self.complements_from(from, mentions);
            if end > from {
                return end;
            }
        }
        head + 1
    }

    fn adjectives(&self, from: usize) -> usize {
        let adjective = |at: &usize| self.is_lower(*at) && !lexicon::is_function_word(self.text(*at));
        from + (from..self.words.len())
            .take(MAX_ADJECTIVES)
            .take_while(adjective)
            .count()
    }

    fn complements_from(&self, mut end: usize, mentions: &[Mention]) -> usize {
        while let Some(next) = self.connector(end)
            && self.is_capital(next)
            && !self.is_person(next, mentions)
            && !lexicon::is_title(self.text(next))
            && !lexicon::is_calendar(self.text(next))
        {
            end = self.end_of_capitals(next);
        }
        end
    }

    /// A complement in lower case: French names have capitals on the first noun alone, where that noun
    /// is one that the recogniser noticed.
    fn small_complement(&self, head: usize, mentions: &[Mention]) -> Option<usize> {
        let next = self.connector(self.adjectives(head + 1))?;
        let elided = next > 0 && matches!(self.text(next), "l’" | "l'");
        let next = next + usize::from(elided);
        let noun = self.is_lower(next) && !lexicon::is_function_word(self.text(next));
        let national = self.adjectives(head + 1) > head + 1;
        let noticed = (national || head != self.first)
            && mentions.iter().any(|mention| self.range(mention).contains(&head));
        (noun && noticed && self.is_capital(head) && self.language == Language::FRENCH).then_some(next + 1)
    }

    /// A second complement: `… et de l’Hygiène`.
    fn paired(&self, head: usize, end: usize, mentions: &[Mention]) -> usize {
        if !organisations::is_paired(self.text(head)) || !matches!(self.text(end), "et" | "and") {
            return end;
        }
        let next = self.connector(end + 1).unwrap_or(end + 1);
        let apart = |mention: &Mention| self.range(mention).contains(&next) && mention.label != Label::Misc;
        if self.is_capital(next)
            && !mentions
                .iter()
                .any(|mention| apart(mention) && mention.score >= DOUBTFUL)
        {
            self.end_of_capitals(next)
        } else {
            end
        }
    }

    fn is_person(&self, at: usize, mentions: &[Mention]) -> bool {
        let person = |mention: &&Mention| mention.label == Label::Per && mention.score >= BY_RULE;
        mentions
            .iter()
            .filter(person)
            .any(|mention| self.range(mention).contains(&at) && self.range(mention).len() > 1)
    }

    /// The end of the capitalised words from `from` on.
    fn end_of_capitals(&self, from: usize) -> usize {
        let mut end = from;
        loop {
            if self.is_capital(end)
                && (end == from || self.follows_blank(end))
                && !lexicon::is_title(self.text(end))
            {
                end += 1;
            } else if end > from && self.text(end) == "&" && self.is_capital(end + 1) {
                end += 2;
            } else {
                return end;
            }
        }
    }

    /// A name that the noun at `last` closes, noticed in some part by the recogniser.
    fn closed(&self, last: usize, mentions: &[Mention]) -> Option<(Range<usize>, Label)> {
        let text = self.text(last);
        let legal = organisations::is_legal_form(text);
        let noun = organisations::closes(text) && self.language != Language::FRENCH;
        if !self.is_text(last) || !(legal || noun) || organisations::closes(self.text(last + 1)) {
            return None;
        }
        let mut start = self.start_of_capitals(last);
        let noticed = |at: usize| mentions.iter().any(|mention| self.range(mention).contains(&at));
        if start == self.first && !noticed(start) {
            start += 1;
        }
        let organisation = |at| {
            let here = |mention: &&Mention| self.range(mention).contains(&at);
            mentions
                .iter()
                .find(here)
                .is_some_and(|mention| mention.label == Label::Org)
        };
        let known = if legal {
            organisation(last)
        } else {
            (start..=last).any(noticed)
        };
        (start < last && known).then(|| (start..self.complements_from(last + 1, mentions), Label::Org))
    }

    fn start_of_capitals(&self, last: usize) -> usize {
        let mut start = last;
        while start > 0 {
            let before = start - 1;
            let text = self.text(before);
            let word =
                self.is_capital(before) && !lexicon::is_function_word(text) && !lexicon::is_title(text);
            let plural = matches!(text, "’" | "'") && before > 0 && self.text(before - 1).ends_with('s');
            if !(word && !lexicon::is_calendar(text) || plural && self.is_capital(before - 1) || text == "&")
            {
                break;
            }
            start = before;
        }
        while start < last && !self.is_capital(start) {
            start += 1;
        }
        start
    }

    /// Puts a name in the place of all that it covers; a nationality before it stays apart.
    fn put(&self, range: Range<usize>, label: Label, mentions: &mut Vec<Mention>) {
        let span = self.span(&range);
        let mut whole = Mention {
            span,
            label,
            score: BY_RULE,
        };
        let (inside, mut kept): (Vec<Mention>, Vec<Mention>) = mentions
            .iter()
            .copied()
            .partition(|mention| mention.span.overlaps(span));
        for part in inside {
            if part.span.start() < span.start() {
                let before = self.span(&(self.range(&part).start..range.start));
                if lexicon::is_nationality(before.of(self.sentence).unwrap_or_default()) {
                    kept.push(Mention {
                        span: before,
                        label: Label::Misc,
                        score: part.score,
                    });
                } else {
                    whole.span = Span::new(part.span.start(), whole.span.end());
                }
            }
            whole.span = Span::new(whole.span.start(), whole.span.end().max(part.span.end()));
            whole.score = whole.score.max(part.score);
        }
        kept.push(whole);
        kept.sort_by_key(|mention| mention.span);
        *mentions = kept;
    }
}
