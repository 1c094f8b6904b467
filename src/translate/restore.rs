//! Putting back into a model's output what its input held behind placeholders.

mod builder;

use builder::Builder;

use super::Translation;
use super::grammar::{place_behind_numerals, place_of_adjective, plural_verb, time_preposition};
use super::mask::{Masked, Sentence, Slot};
use super::number::is_time;
use super::quotes;
use super::tokens::{Fragment, project, tokens, tokens_in};
use crate::Span;

/// A model's output with everything put back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Restored {
    pub text: String,
    /// From the model's output to `text`.
    pub fragments: Vec<Fragment>,
    /// What was put back.
    pub slots: Vec<Placed>,
    /// How many slots the model lost or damaged and that could be put back; a reason to try
    /// again.
    pub repaired: usize,
    /// How many slots stand at a place that is only guessed.
    pub guessed: usize,
}

impl Restored {
    /// Ends the text as `source` ends, where the model put a full stop: `!` and `?` stay what they are, and before a closing
    /// quotation mark with a comma behind it there is none.
    pub fn end_as(&mut self, source: &str, after: &str) {
        let Some(before) = self.text.strip_suffix('.').filter(|text| !text.ends_with('.')) else {
            return;
        };
        let end = before.len();
        match source.chars().next_back() {
            Some(mark @ ('!' | '?')) => {
                self.text.truncate(end);
                self.text.push(mark);
            }
            Some(last) if last.is_alphanumeric() && quotes::goes_on(after) => {
                self.text.truncate(end);
                for fragment in &mut self.fragments {
                    fragment.to = Span::new(fragment.to.start().min(end), fragment.to.end().min(end));
                }
            }
            _ => {}
        }
    }
}

/// A slot and where it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub slot: Slot,
    /// What stands for it in the model's output; empty where the model lost it.
    pub output: Span,
    /// Where it is in the restored text.
    pub text: Span,
}

/// Finds the slots of `masked` in `output` and puts the sentence's own text there. What the model
/// lost is placed by the word alignment, else in proportion.
pub(super) fn restore(sentence: &Sentence<'_>, masked: &Masked, output: &Translation) -> Restored {
    let mut search = Search::new(sentence, masked, output);
    search.find_symbols();
    search.find_fragments_of_symbols();
    search.find_surfaces();
    let mut restored = Restored {
        repaired: search.repaired,
        ..Restored::default()
    };
    for index in search.missing() {
        let (at, guessed) = place(masked, &masked.slots[index], output);
        restored.guessed += usize::from(guessed);
        restored.repaired += 1;
        search.events.push(Event {
            at: Span::new(at, at),
            slot: Some(index),
            text: "",
        });
    }
    search.put_grammar_right();
    let mut events = search.events;
    events.sort_by_key(|event| (event.at.start(), event.at.end(), event.slot));
    let raised = raised_tokens(sentence, masked, output);
    Builder {
        sentence,
        masked,
        output: &output.text,
        raised,
        restored,
        blank_start: true,
        space_due: None,
    }
    .build(&events)
}

/// A stretch of the output that is replaced by a slot's text, or by another.
#[derive(Clone, Copy, Debug)]
struct Event {
    at: Span,
    slot: Option<usize>,
    /// What replaces it where it is no slot.
    text: &'static str,
}

struct Search<'a> {
    sentence: &'a Sentence<'a>,
    masked: &'a Masked,
    output: &'a str,
    alignment: &'a [(usize, usize)],
    events: Vec<Event>,
    found: Vec<bool>,
    repaired: usize,
}

impl<'a> Search<'a> {
    fn new(sentence: &'a Sentence<'a>, masked: &'a Masked, output: &'a Translation) -> Self {
        let found = vec![false; masked.slots.len()];
        Self {
            sentence,
            masked,
            output: &output.text,
            alignment: &output.alignment,
            events: Vec::new(),
            found,
            repaired: 0,
        }
    }

    /// Placeholders, also with spaces inside. One that stands for nothing or stands twice is dropped.
    fn find_symbols(&mut self) {
        let mut at = 0;
        while let Some(c) = self.output[at..].chars().next() {
            let rest = &self.output[at..];
            let matched = self
                .sentence
                .symbols
                .iter()
                .enumerate()
                .find_map(|(symbol, text)| Some((symbol, loose_prefix(rest, text)?)));
            if let Some((symbol, length)) = matched {
                self.take(
                    Span::new(at, at + length),
                    |slot| slot.symbol == Some(symbol),
                    false,
                );
                at += length;
            } else {
                at += c.len_utf8();
            }
        }
    }

    /// What is left of a damaged placeholder: its signs, with the digits beside them. Signs that
    /// the sentence itself holds are left alone.
    fn find_fragments_of_symbols(&mut self) {
        let is_sign = |c: char| {
            !c.is_alphanumeric()
                && !c.is_whitespace()
                && self.sentence.symbols.iter().any(|symbol| symbol.contains(c))
                && !self.sentence.text.contains(c)
        };
        let mut pieces: Vec<Span> = Vec::new();
        for (at, c) in self.output.char_indices().filter(|(_, c)| is_sign(*c)) {
            let after = &self.output[at + c.len_utf8()..];
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let before = self.output[..at]
                .trim_end_matches(|c: char| c.is_ascii_digit())
                .len();
            pieces.push(Span::new(before, at + c.len_utf8() + digits));
        }
        for piece in pieces {
            if self.is_free(piece) {
                let name = alphanumerics(&self.output[piece.range()]);
                let symbol = self
                    .sentence
                    .symbols
                    .iter()
                    .position(|symbol| alphanumerics(symbol) == name);
                self.take(piece, |slot| symbol.is_some() && slot.symbol == symbol, true);
            }
        }
    }

    /// Takes a place of the output for the first slot that fits and has none yet.
    fn take(&mut self, at: Span, fits: impl Fn(&Slot) -> bool, damaged: bool) {
        let slots = self.masked.slots.iter().enumerate();
        let slot = slots
            .filter(|(index, slot)| !self.found[*index] && fits(slot))
            .map(|(index, _)| index)
            .next();
        let mut at = at;
        if let Some(index) = slot {
            self.found[index] = true;
            let term = self.sentence.term(&self.masked.slots[index]);
            if term.is_some_and(|term| term.is_name) {
                at = with_article(self.output, at);
            }
        }
        self.repaired += usize::from(damaged || slot.is_none());
        self.events.push(Event { at, slot, text: "" });
    }

    /// Slots that the model saw as they are: the same text between the same sort of neighbours,
    /// else the same text, else the same but for case, spaces and separators.
    fn find_surfaces(&mut self) {
        let passes: [fn(&Self, &Slot) -> Option<Span>; 3] =
            [Self::find_in_place, Self::find_exactly, Self::find_loosely];
        for find in passes {
            for (index, slot) in self.masked.slots.iter().enumerate() {
                if slot.symbol.is_some() || self.found[index] {
                    continue;
                }
                if let Some(at) = find(self, slot) {
                    self.found[index] = true;
                    let slot = Some(index);
                    self.events.push(Event { at, slot, text: "" });
                }
            }
        }
    }

    fn find_in_place(&self, slot: &Slot) -> Option<Span> {
        let neighbours = |text: &str, span: Span| {
            let before = text[..span.start()].ends_with(char::is_alphanumeric);
            (before, text[span.end()..].starts_with(char::is_alphanumeric))
        };
        let wanted = neighbours(self.sentence.text, slot.span);
        self.occurrences(slot)
            .find(|span| self.is_free(*span) && neighbours(self.output, *span) == wanted)
    }

    fn find_exactly(&self, slot: &Slot) -> Option<Span> {
        self.occurrences(slot)
            .find(|span| self.is_free(*span) && self.is_apart(*span))
    }

    fn occurrences(&self, slot: &Slot) -> impl Iterator<Item = Span> {
        let surface = &self.sentence.text[slot.span.range()];
        let found = self.output.match_indices(surface);
        found.map(|(at, surface)| Span::new(at, at + surface.len()))
    }

    fn find_loosely(&self, slot: &Slot) -> Option<Span> {
        let surface = &self.sentence.text[slot.span.range()];
        let counts = |c: char| !(c.is_whitespace() || slot.kind.is_number() && ".,'’".contains(c));
        let wanted: Vec<char> = surface
            .chars()
            .filter(|c| counts(*c))
            .flat_map(char::to_lowercase)
            .collect();
        if wanted.is_empty() {
            return None;
        }
        let shown: Vec<(usize, char)> = self.output.char_indices().filter(|(_, c)| counts(*c)).collect();
        shown
            .windows(wanted.len())
            .filter(|window| {
                window
                    .iter()
                    .zip(&wanted)
                    .all(|((_, c), wanted)| c.to_lowercase().eq([*wanted]))
            })
            .filter_map(|window| {
                let (start, (end, last)) = (window.first()?.0, window.last()?);
                Some(Span::new(start, end + last.len_utf8()))
            })
            .find(|span| self.is_free(*span) && self.is_apart(*span))
    }

    /// Whether what stands before a place of the output renders the word before the slot, as far as word alignment tells:
    /// of `twelve ⟦1⟧ soldiers` for `douze soldats ⟦1⟧` it does not.
    fn follows_its_noun(&self, slot: &Slot, at: Span) -> bool {
        let own = tokens_in(&tokens(&self.masked.text), slot.shown).start;
        let place = tokens_in(&tokens(self.output), at).start;
        let (Some(noun), Some(before)) = (own.checked_sub(1), place.checked_sub(1)) else {
            return false;
        };
        let mut rendered = self.alignment.iter().filter(|(from, _)| *from == noun).peekable();
        rendered.peek().is_none() || rendered.any(|(_, to)| *to == before)
    }

    /// Moves an adjective of nationality, the event at `index`, before its noun or behind a numeral.
    fn move_adjective(&mut self, index: usize, slot: &Slot, at: Span) {
        let before = place_of_adjective(self.output, at)
            .filter(|_| self.follows_its_noun(slot, at))
            .map(|place| (place, Span::new(place, at.start())));
        let behind = || {
            let place = place_behind_numerals(self.output, at)?;
            Some((place, Span::new(at.end(), place)))
        };
        let Some((place, passed)) = before.or_else(behind) else {
            return;
        };
        if !self.is_free(passed) {
            return;
        }
        // With the space between it and what it passes.
        let gone = if place < at.start() {
            Span::new(at.start() - 1, at.end())
        } else {
            Span::new(at.start(), at.end() + 1)
        };
        self.events[index].at = Span::new(place, place);
        self.events.push(Event {
            at: gone,
            slot: None,
            text: "",
        });
    }

    /// Puts right what the model could not know of a time or a term behind a placeholder.
    fn put_grammar_right(&mut self) {
        if !self.sentence.is_french_to_english {
            return;
        }
        for index in 0..self.events.len() {
            let Event { at, slot, .. } = self.events[index];
            let Some(slot) = slot.map(|slot| self.masked.slots[slot]) else {
                continue;
            };
            if at.is_empty() {
                continue;
            }
            let text = self.sentence.text;
            let term = self.sentence.term(&slot);
            let mended = if is_time(&text[slot.span.range()]) {
                time_preposition(self.output, at, &text[..slot.span.start()])
            } else if term.is_some_and(|term| term.is_nationality(text)) {
                self.move_adjective(index, &slot, at);
                None
            } else if term.is_some_and(|term| term.is_plural(text)) {
                plural_verb(self.output, at, &text[slot.span.end()..])
            } else {
                None
            };
            if let Some((at, text)) = mended.filter(|(at, _)| self.is_free(*at)) {
                self.events.push(Event { at, slot: None, text });
            }
        }
    }

    fn is_free(&self, span: Span) -> bool {
        self.events.iter().all(|event| !event.at.overlaps(span))
    }

    /// Whether a place is not the middle of a longer word or number.
    fn is_apart(&self, span: Span) -> bool {
        let text = &self.output[span.range()];
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let before = self.output[..span.start()].chars().next_back();
        let after = self.output[span.end()..].chars().next();
        !(joins(before) && joins(text.chars().next()) || joins(after) && joins(text.chars().next_back()))
    }

    /// The slots that have no place. A number that was visible to the model may stand there in
    /// other words: the number check decides on it.
    fn missing(&self) -> Vec<usize> {
        let slots = self.masked.slots.iter().enumerate();
        slots
            .filter(|(index, slot)| !(self.found[*index] || slot.kind.is_number() && slot.symbol.is_none()))
            .map(|(index, _)| index)
            .collect()
    }
}

/// A place with the English article before it: a term brings its own where it has one.
fn with_article(output: &str, at: Span) -> Span {
    let before = &output[..at.start()];
    let article = ["the ", "The "].into_iter().find(|article| {
        before
            .strip_suffix(article)
            .is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
    });
    Span::new(at.start() - article.map_or(0, str::len), at.end())
}

/// The length of `symbol` at the start of `text`, where spaces may stand between its characters.
fn loose_prefix(text: &str, symbol: &str) -> Option<usize> {
    let mut rest = text;
    for (index, c) in symbol.chars().enumerate() {
        let from = if index == 0 { rest } else { rest.trim_start() };
        rest = from.strip_prefix(c)?;
    }
    (rest.len() < text.len()).then(|| text.len() - rest.len())
}

fn alphanumerics(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Where in the output a lost slot belongs, and whether that is only a guess.
fn place(masked: &Masked, slot: &Slot, output: &Translation) -> (usize, bool) {
    let (read, written) = (tokens(&masked.text), tokens(&output.text));
    let own = tokens_in(&read, slot.shown);
    let (Some(first), Some(last)) = (written.first(), written.last()) else {
        return (output.text.len(), true);
    };
    if own.start == 0 {
        return (first.start(), false);
    }
    let targets = |source: usize| {
        let count = written.len();
        let pairs = output
            .alignment
            .iter()
            .filter(move |(from, to)| *from == source && *to < count);
        pairs.map(|(_, to)| *to)
    };
    if let Some(before) = (0..own.start)
        .rev()
        .take(NEAR)
        .find_map(|source| targets(source).max())
    {
        return (end_of_word(&output.text, written[before]), false);
    }
    if let Some(after) = (own.end..read.len())
        .take(NEAR)
        .find_map(|source| targets(source).min())
    {
        return (written[after].start(), false);
    }
    if own.end == read.len() {
        return (end_of_word(&output.text, *last), false);
    }
    let others = (read.len() - own.len()).max(1);
    let index = (own.start * written.len() + others / 2) / others;
    (written[index.min(written.len() - 1)].start(), true)
}

/// How many tokens away a neighbour may be whose alignment places a lost slot.
const NEAR: usize = 3;

/// The end of a token without the punctuation that closes a sentence or clause.
fn end_of_word(text: &str, token: Span) -> usize {
    let word = token.of(text).unwrap_or_default();
    let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', '…']);
    token.start() + if bare.is_empty() { word.len() } else { bare.len() }
}

/// For each token of the output whether it stands for shouted words.
fn raised_tokens(sentence: &Sentence<'_>, masked: &Masked, output: &Translation) -> Vec<bool> {
    let written = tokens(&output.text);
    if sentence.shape.is_plain() || sentence.shape.is_whole() {
        return vec![sentence.shape.is_whole(); written.len()];
    }
    let lowered = sentence.shape.lowered_tokens(sentence.text);
    let map = project(&tokens(&masked.text), &tokens(sentence.text), &masked.fragments);
    let is_lowered = |source: usize| {
        map.get(source)
            .is_some_and(|to| to.iter().any(|token| lowered[*token]))
    };
    let mut votes = vec![(0, 0); written.len()];
    for (from, to) in &output.alignment {
        if let Some((lowered, all)) = votes.get_mut(*to) {
            *lowered += usize::from(is_lowered(*from));
            *all += 1;
        }
    }
    votes
        .into_iter()
        .map(|(lowered, all)| lowered * 2 > all)
        .collect()
}
