//! Names put together from the parts that the recogniser found of them.

use std::ops::Range;

use super::known::label_known;
use super::peoples::label_peoples;
use super::portfolio::cut_portfolios;
use super::trim::{span_of, trim_words};
use super::words::{Word, WordKind, first_text, words, words_in};
use super::{Label, Mention, lexicon, organisations};
use crate::Span;
use crate::language::Language;

mod govern;

/// A part with a lower score may be taken for a piece of the person's name before it.
const DOUBTFUL: f32 = 0.6;

/// A sentence is a headline from this many words on, if nearly all have capitals: there they say nothing.
const MIN_HEADLINE: usize = 4;

/// Repairs the mentions of one sentence from their words and those around them.
///
/// Dropped: mentions that are titles alone (`Colonel`), and those without a capital where persons are meant
/// or the sentence has some. Cut: at a bracket that does not close inside, at words in lower case that are not of the name,
/// and behind the portfolio of a minister.
/// Joined: the parts of a person's name (`Awa` `Dionta Jr.`, `Marie` d’`Ombrel`) and those of an
/// organisation around particles (`Sel` du `Fleuve SA`). Made whole: names governed by a noun, be it the
/// first (`Ministère de la Santé`) or the last word (`Harbour Workers’ Association`). Marked MISC: names of
/// peoples (`Malian`). A mention made of
/// several has the highest of their scores.
///
/// ```
/// use diglot::Span;
/// use diglot::entity::{Label, Mention, repair_mentions};
/// use diglot::language::Language;
///
/// let sentence = "La Compagnie des Bacs de l’Est recrute.";
/// let part = Mention { span: Span::new(3, 21), label: Label::Org, score: 0.9 };
/// let mut mentions = vec![part];
/// repair_mentions(sentence, Language::FRENCH, &mut mentions);
/// assert_eq!(mentions[0].span.of(sentence), Some("Compagnie des Bacs de l’Est"));
/// ```
pub fn repair_mentions(sentence: &str, language: Language, mentions: &mut Vec<Mention>) {
    let words = words(sentence);
    let reader = Reader {
        sentence,
        words: &words,
        language,
        first: first_text(&words).unwrap_or(0),
    };
    mentions.retain(|mention| reader.is_name(mention));
    reader.cut_brackets(mentions);
    reader.cut_lower_case(mentions);
    cut_portfolios(sentence, &words, mentions);
    reader.join_parts(mentions);
    if !reader.is_headline() {
        reader.complete(mentions);
        reader.take_articles(mentions);
    }
    label_peoples(sentence, &words, language, mentions);
    label_known(sentence, &words, mentions);
}

/// A sentence as the rules see it; all ranges are of word indexes.
struct Reader<'a> {
    sentence: &'a str,
    words: &'a [Word],
    language: Language,
    first: usize,
}

impl<'a> Reader<'a> {
    fn text(&self, at: usize) -> &'a str {
        self.words.get(at).map_or("", |word| word.text(self.sentence))
    }

    fn is_text(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.kind == WordKind::Text)
    }

    fn is_capital(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| word.is_capitalised(self.sentence))
    }

    /// A word in small letters throughout.
    fn is_lower(&self, at: usize) -> bool {
        self.is_text(at)
            && self.text(at).starts_with(char::is_lowercase)
            && !self.text(at).contains(char::is_uppercase)
    }

    fn range(&self, mention: &Mention) -> Range<usize> {
        words_in(self.words, mention.span)
    }

    fn span(&self, range: &Range<usize>) -> Span {
        span_of(self.words, range)
    }

    /// Whether only white space stands before the word.
    fn follows_blank(&self, at: usize) -> bool {
        at > 0
            && self.words.get(at).is_some_and(|word| {
                let between = self
                    .sentence
                    .get(self.words[at - 1].span.end()..word.span.start());
                between.is_some_and(|between| !between.is_empty() && between.chars().all(char::is_whitespace))
            })
    }

    fn is_name(&self, mention: &Mention) -> bool {
        let range = self.range(mention);
        let titles = range
            .clone()
            .filter(|&at| self.is_text(at))
            .all(|at| lexicon::is_title(self.text(at)));
        let lower = range
            .clone()
            .all(|at| !self.text(at).contains(char::is_uppercase));
        let letters = range.clone().any(|at| self.is_lower(at));
        let sentence_has_capitals = (0..self.words.len()).any(|at| self.is_capital(at));
        let capitals_expected = sentence_has_capitals || mention.label == Label::Per;
        !(titles || lower && letters && capitals_expected)
    }

    /// Most words that could go without have capitals: they say nothing of names here.
    fn is_headline(&self) -> bool {
        let counted: Vec<usize> = (0..self.words.len())
            .filter(|&at| self.is_text(at) && !lexicon::is_function_word(self.text(at)))
            .collect();
        let capitals = counted.iter().filter(|&&at| self.is_capital(at)).count();
        counted.len() >= MIN_HEADLINE && 5 * capitals >= 4 * counted.len() && capitals + 1 >= counted.len()
    }

    /// Cuts `Banque du Fleuve (BDF` in two.
    fn cut_brackets(&self, mentions: &mut Vec<Mention>) {
        for mention in std::mem::take(mentions) {
            let range = self.range(&mention);
            let opens = range.clone().find(|&at| self.text(at) == "(");
            let closes = range.clone().any(|at| self.text(at) == ")");
            match opens.filter(|&at| !closes && at > range.start) {
                Some(at) => {
                    for part in [range.start..at, at + 1..range.end] {
                        let span = self.span(&part);
                        mentions.extend((!span.is_empty()).then_some(Mention { span, ..mention }));
                    }
                }
                None => mentions.push(mention),
            }
        }
    }

    /// Takes words in lower case off the ends where the label and language have none there.
    fn cut_lower_case(&self, mentions: &mut [Mention]) {
        for mention in mentions.iter_mut().filter(|mention| mention.label != Label::Misc) {
            let Range { mut start, mut end } = self.range(mention);
            if !(start..end).any(|at| self.is_capital(at)) {
                continue;
            }
            let person = mention.label == Label::Per;
            let english = self.language == Language::ENGLISH;
            while self.is_lower(end - 1)
                && (person || english && !lexicon::is_french_adjective(self.text(end - 1)))
            {
                end -= 1;
            }
            while self.is_lower(start) && self.is_loose_front(start, person) {
                if organisations::opens_in_any_case(self.text(start)) {
                    mention.label = Label::Org;
                }
                start += 1;
            }
            let kept = trim_words(self.sentence, self.words, start..end, mention.label);
            mention.span = self.span(&kept.unwrap_or(start..end));
        }
    }

    fn is_loose_front(&self, at: usize, person: bool) -> bool {
        let text = self.text(at);
        match person {
            true => !lexicon::is_name_particle(text),
            false => self.is_capital(at + 1) && !organisations::opens(text),
        }
    }

    /// Joins mentions with nothing but a blank or particles between them.
    fn join_parts(&self, mentions: &mut Vec<Mention>) {
        let mut joined: Vec<Mention> = Vec::with_capacity(mentions.len());
        for mention in mentions.drain(..) {
            match joined.last_mut() {
                Some(last) if self.is_one_name(last, &mention) => {
                    last.span = Span::new(last.span.start(), mention.span.end());
                    last.score = last.score.max(mention.score);
                }
                _ => joined.push(mention),
            }
        }
        self.take_suffixes(&mut joined);
        *mentions = joined;
    }

    /// Gives people the `Jr.` behind their names, also where it was a mention of its own.
    fn take_suffixes(&self, mentions: &mut Vec<Mention>) {
        for at in 0..mentions.len() {
            let end = self.range(&mentions[at]).end;
            let is_person = mentions[at].label == Label::Per;
            if is_person && self.follows_blank(end) && lexicon::is_name_suffix(self.text(end)) {
                let suffix = self.words[end].span;
                let next = mentions.get(at + 1).map(|next| next.span);
                if next.is_none_or(|next| !next.overlaps(suffix) || next == suffix) {
                    mentions[at].span = Span::new(mentions[at].span.start(), suffix.end());
                }
            }
        }
        mentions.dedup_by(|next, before| before.span.contains(next.span));
    }

    fn is_one_name(&self, left: &Mention, right: &Mention) -> bool {
        let (before, after) = (self.range(left), self.range(right));
        let same = left.label == right.label;
        let bridged = self.connector(before.end) == Some(after.start);
        match left.label {
            Label::Per => {
                let adjacent = before.end == after.start && self.follows_blank(after.start);
                let particle =
                    before.end + 1 == after.start && lexicon::is_name_particle(self.text(before.end));
                let elided = bridged && after.len() == 1 && matches!(self.text(before.end), "d’" | "d'");
                let french = bridged
                    && after.len() <= 2
                    && before.len() == 1
                    && self.text(before.end).starts_with('d');
                same && (adjacent || particle || french) || elided && (same || right.score < DOUBTFUL)
            }
            Label::Org | Label::Misc => {
                same && bridged && !self.is_acronym(&before) && !self.is_acronym(&after)
            }
            Label::Loc => false,
        }
    }

    fn is_acronym(&self, range: &Range<usize>) -> bool {
        range.len() == 1 && super::acronym::is_acronym(self.text(range.start))
    }

    /// The first word behind a preposition with its article, which stand at `at`.
    fn connector(&self, at: usize) -> Option<usize> {
        let next = self.text(at + 1);
        let article = matches!(next, "la" | "l’" | "l'" | "the");
        match self.text(at) {
            "du" | "des" | "d’" | "d'" => Some(at + 1),
            "de" | "of" => Some(at + 1 + usize::from(article)),
            "for" | "against" | "Against" | "pour" | "contre" => {
                Some(at + 1 + usize::from(article || matches!(next, "le" | "les")))
            }
            _ => None,
        }
    }

    /// A capital on an article inside a sentence says that it belongs to the name: `dans Le Fleuve`.
    fn take_articles(&self, mentions: &mut Vec<Mention>) {
        let mut taken = 0;
        for mention in mentions.iter_mut() {
            let before = std::mem::replace(&mut taken, mention.span.end());
            let range = self.range(mention);
            let Some(article) = range.start.checked_sub(1) else {
                continue;
            };
            let inside = article > self.first && self.is_text(article - 1) && self.is_lower(article - 1);
            // An article that ends the mention before belongs to that one.
            if inside
                && self.words[article].span.start() >= before
                && self.follows_blank(range.start)
                && matches!(self.text(article), "Le" | "La" | "Les" | "The")
            {
                mention.span = Span::new(self.words[article].span.start(), mention.span.end());
                if mention.label == Label::Per
                    && range.len() > 1
                    && range.clone().any(|at| self.connector(at).is_some())
                {
                    mention.label = Label::Org;
                }
            }
        }
        let spans: Vec<Span> = mentions.iter().map(|mention| mention.span).collect();
        mentions.retain(|mention| {
            !spans
                .iter()
                .any(|other| *other != mention.span && other.contains(mention.span))
        });
    }
}

#[cfg(test)]
mod tests;
