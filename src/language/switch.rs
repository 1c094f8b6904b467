//! Where a text changes between English and French.
//!
//! A hidden Markov model over words: each word leans to one of the two languages, by its letters and
//! by being one of their common words, and changing the language between two words costs. A run of
//! words that could as well be a name, a title or a loan then goes to the language around it.

use std::cmp::Ordering;
use std::ops::Range;

use super::names::{self, Token};
use super::ngram::NgramDetector;
use super::strip::strip;
use super::words::{CommonWords, Role};
use super::{Detection, Language, words};
use crate::Span;

/// The parts of a text that are in English or French each, with their detections; the text as
/// `whole` where it is in one language, or where `whole` says that it is in a third.
pub(super) fn split(ngram: &NgramDetector, text: &str, whole: Detection) -> Vec<(Span, Detection)> {
    let undivided = vec![(Span::new(0, text.len()), whole)];
    if !PAIR.contains(&whole.language) {
        return undivided;
    }
    let tokens = names::tokens(ngram, text);
    let words = words_of(ngram, text, &tokens);
    let mut states = path(&words);
    loop {
        let runs = runs(&words, &states, text.len());
        if runs.len() < 2 {
            return undivided;
        }
        let parts: Vec<_> = runs.iter().map(|run| run.detect(ngram, text)).collect();
        let weak = runs
            .iter()
            .zip(&parts)
            .filter(|(run, part)| part.is_none() || run.is_weak());
        match weak.min_by(|(a, _), (b, _)| a.lean.total_cmp(&b.lean)) {
            Some((weakest, _)) => states[weakest.words.clone()].fill(1 - weakest.state),
            None => return parts.into_iter().flatten().collect(),
        }
    }
}

/// The languages that are told apart; a word's state is an index into it.
const PAIR: [Language; 2] = [Language::ENGLISH, Language::FRENCH];

// The constants below were chosen by hand on 800 made-up mixed sentences and 2,500 news sentences in
// one language; each could be a third larger or smaller at a cost of less than .01 of character accuracy.

/// How far the log likelihood ratio of a word's letters counts, and at most.
const LETTERS: f64 = 0.8;
const LETTERS_MOST: f64 = 4.0;
/// What being a common word of one of the languages counts.
const COMMON: f64 = 2.0;
/// How far a word of a name counts.
const NAME: f64 = 0.4;
/// What a change of language costs between two words, and beside punctuation.
const SWITCH: f64 = 4.0;
const SWITCH_AT_BREAK: f64 = 2.0;
/// What it costs before the last word of a quotation: a single word there is hardly in another language.
const SWITCH_BEFORE_LAST: f64 = 12.0;
/// What it costs between a word and a mark that belongs to it, as in `« mot »`.
const INSEPARABLE: f64 = 1e6;
/// What a run needs to stand: so many words, words without capital outside names, those of them that
/// are not among the common ones, unless it has a word of a French clause; and so much lean. A French one
/// needs a word of a clause as well, or a mark before it, or to begin as no name does: else it is a name.
const LEAST: [usize; 3] = [3, 2, 1];
const LEAST_LEAN: f64 = 5.0;
/// How many words a name has at most: in a sentence, and at the beginning of a text where no verb or
/// acronym says that it is one.
const LONGEST_NAME: usize = 9;
const LONGEST_FIRST_NAME: usize = 6;
/// How many words a phrase at the beginning of a text has at least, and one that begins as a title may.
const PHRASE: usize = 4;
const LIKE_TITLE: usize = 5;
/// The confidence in the language of words that tell who spoke: they are few, but sure.
const SPEECH: f32 = 0.95;
/// The logarithms of the prior weight of the pair, of which the text is, and of any third language.
const OF_PAIR: f64 = 3.0;
const OTHERS: f64 = -3.0;

/// A white-space separated piece of the text.
#[derive(Clone, Copy, Debug)]
struct Word {
    start: usize,
    /// How much likelier it is French than English, as a logarithm of odds; 0 without letters.
    lean: f64,
    has_letters: bool,
    /// Whether it has letters, none of them capital.
    is_lower: bool,
    /// Whether it is lower case and not one of the common words.
    is_content: bool,
    /// Whether it makes a clause in French: no name has such a word.
    is_clause: bool,
    /// What it says of a name that it begins or is behind.
    role: Role,
    /// Whether a mark follows.
    ends_phrase: bool,
    /// Of which languages it is the beginning of words of speech, where a quotation ends before it.
    begins_speech: [bool; 2],
    /// Whether a quotation mark, colon, dash or end mark is before it.
    follows_mark: bool,
    /// What a change of language before it costs.
    switch_cost: f64,
}

fn words_of(ngram: &NgramDetector, text: &str, tokens: &[Token]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut before: Option<&str> = None;
    let mut tokens = tokens.iter().peekable();
    for piece in text.split_whitespace() {
        let read = tokens.next_if(|token| token.text.as_ptr() == piece.as_ptr());
        let mark = before.and_then(|before| before.chars().next_back());
        let after_quotation = before.is_some_and(|before| before.ends_with(is_quotation_end));
        let mut word = read.map_or(Word::EMPTY, |token| Word::read(ngram, token));
        word.start = piece.as_ptr().addr() - text.as_ptr().addr();
        word.switch_cost = switch_cost(mark, piece);
        word.ends_phrase = piece.ends_with(is_closing);
        word.begins_speech = word.begins_speech.map(|begins| begins && after_quotation);
        word.follows_mark = piece.starts_with(['«', '“', '"', '‘'])
            || mark.is_some_and(|mark| {
                is_dash(mark) || matches!(mark, ':' | '.' | '!' | '?' | '…' | '«' | '»' | '“' | '”')
            });
        words.push(word);
        before = Some(piece);
    }
    words
}

/// What a change of language costs before a piece, behind a mark.
fn switch_cost(mark: Option<char>, piece: &str) -> f64 {
    let is_acronym =
        piece.starts_with('(') && piece.contains(')') && piece[1..].starts_with(|c: char| c.is_uppercase());
    match mark {
        Some(mark) if is_opening(mark) => INSEPARABLE,
        _ if is_acronym || piece.starts_with(is_closing) => INSEPARABLE,
        _ if ends_quotation(piece) => SWITCH_BEFORE_LAST,
        Some(mark) if is_closing(mark) || is_dash(mark) => SWITCH_AT_BREAK,
        _ if piece.starts_with(|mark| is_opening(mark) || is_dash(mark)) => SWITCH_AT_BREAK,
        _ => SWITCH,
    }
}

impl Word {
    /// A piece without letters.
    const EMPTY: Self = Self {
        start: 0,
        lean: 0.0,
        has_letters: false,
        is_lower: false,
        is_content: false,
        is_clause: false,
        role: Role::Other,
        ends_phrase: false,
        begins_speech: [false; 2],
        follows_mark: false,
        switch_cost: 0.0,
    };

    /// What a piece says by itself.
    fn read(ngram: &NgramDetector, token: &Token) -> Self {
        let lower = token.words.to_lowercase();
        let side = words::side(&lower);
        let is_lower = !token.is_name && !token.words.contains(char::is_uppercase);
        let weight = if token.is_name { NAME } else { 1.0 };
        let [english, french] = ngram.log_probabilities(PAIR, &token.words);
        let by_letters = (LETTERS * (french - english)).clamp(-LETTERS_MOST, LETTERS_MOST);
        Self {
            lean: weight * (by_letters + COMMON * f64::from(side as i8)),
            has_letters: true,
            is_lower,
            is_content: is_lower && side == Ordering::Equal,
            is_clause: !token.is_name && words::has_clause_word(&lower),
            role: words::role(&lower),
            begins_speech: words::begins_speech(&lower),
            ..Self::EMPTY
        }
    }
}

/// Marks that belong to what is behind them; a straight quotation mark may be either.
fn is_opening(mark: char) -> bool {
    matches!(mark, '«' | '“' | '‘' | '(' | '[')
}

/// Marks that belong to what is before them.
fn is_closing(mark: char) -> bool {
    matches!(
        mark,
        ',' | ';' | ':' | '.' | '!' | '?' | '…' | '»' | '”' | '’' | ')' | ']'
    )
}

fn is_quotation_end(mark: char) -> bool {
    matches!(mark, '»' | '”' | '"')
}

/// Whether a quotation ends with a piece that it does not begin with.
fn ends_quotation(piece: &str) -> bool {
    let bare = piece.trim_end_matches([',', '.', '!', '?', '…']);
    bare.ends_with(is_quotation_end) && !piece.starts_with(|mark| is_opening(mark) || mark == '"')
}

fn is_dash(mark: char) -> bool {
    matches!(mark, '-' | '–' | '—' | '"')
}

/// The likeliest state of each word (Viterbi's algorithm).
fn path(words: &[Word]) -> Vec<usize> {
    let mut scores = [0.0; 2];
    let mut origins = Vec::with_capacity(words.len());
    for word in words {
        let cost = word.switch_cost;
        let origin = [0, 1].map(|state| {
            if scores[1 - state] - cost > scores[state] {
                1 - state
            } else {
                state
            }
        });
        let leans = [-word.lean / 2.0, word.lean / 2.0];
        scores = [0, 1].map(|state| {
            scores[origin[state]] - if origin[state] == state { 0.0 } else { cost } + leans[state]
        });
        origins.push(origin);
    }
    let mut states = vec![usize::from(scores[1] > scores[0]); words.len()];
    for at in (1..words.len()).rev() {
        states[at - 1] = origins[at][states[at]];
    }
    states
}

/// Neighbouring words in one state.
struct Run {
    words: Range<usize>,
    state: usize,
    span: Span,
    /// How much likelier its state is than the other one.
    lean: f64,
    /// How many of its words have letters, no capital, and are not among the common ones.
    counts: [usize; 3],
    /// Whether it has a word that makes a clause in French.
    has_clause: bool,
    /// Whether it is French and could be a name by its words and what is around it.
    is_nominal: bool,
    /// Whether it tells who said a quotation before it: `she asked`.
    is_speech: bool,
}

/// The runs of a text; their spans tile it.
fn runs(words: &[Word], states: &[usize], len: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut first = 0;
    for group in states.chunk_by(|a, b| a == b) {
        let end = first + group.len();
        let start = if first == 0 { 0 } else { words[first].start };
        let stop = words.get(end).map_or(len, |word| word.start);
        runs.push(Run::new(words, first..end, group[0], Span::new(start, stop)));
        first = end;
    }
    runs
}

impl Run {
    fn new(words: &[Word], range: Range<usize>, state: usize, span: Span) -> Self {
        let own = &words[range.clone()];
        let lean: f64 = own.iter().map(|word| word.lean).sum();
        let count = |has: fn(&Word) -> bool| own.iter().filter(|word| has(word)).count();
        let has_clause = state == 1 && own.iter().any(|word| word.is_clause);
        Self {
            has_clause,
            is_nominal: state == 1 && !has_clause && is_nominal(words, &range),
            words: range,
            state,
            span,
            lean: if state == 1 { lean } else { -lean },
            counts: [
                count(|word| word.has_letters),
                count(|word| word.is_lower),
                count(|word| word.is_content),
            ],
            is_speech: own[0].begins_speech[state],
        }
    }

    /// Whether it could as well be a name, a title or a loan.
    fn is_weak(&self) -> bool {
        if self.is_speech {
            return false;
        }
        let [words, lower, content] = self.counts;
        let too_few = words < LEAST[0] || lower < LEAST[1] || content < LEAST[2] && !self.has_clause;
        too_few || self.is_nominal || self.lean < LEAST_LEAN
    }

    /// Its detection on its own, `None` where that is not its state.
    fn detect(&self, ngram: &NgramDetector, text: &str) -> Option<(Span, Detection)> {
        if self.is_speech {
            let language = PAIR[self.state];
            let confidence = SPEECH;
            return Some((self.span, Detection { language, confidence }));
        }
        let words = strip(self.span.of(text)?);
        let common = CommonWords::of([words.as_str()]);
        let found = ngram.likelihood(&words).decide(|language| {
            if PAIR.contains(&language) {
                OF_PAIR + common.log_odds(language)
            } else {
                OTHERS
            }
        });
        (found.language == PAIR[self.state]).then_some((self.span, found))
    }
}

/// Whether French words without a clause could be a name in an English sentence.
fn is_nominal(words: &[Word], range: &Range<usize>) -> bool {
    let own = &words[range.clone()];
    let first = own.iter().find(|word| word.has_letters).unwrap_or(&own[0]);
    if own[0].follows_mark {
        return false;
    }
    match range.start.checked_sub(1).map(|before| &words[before]) {
        Some(before) => {
            let follows_name = before.has_letters && !before.is_lower && !before.ends_phrase;
            own.len() <= LONGEST_NAME && (follows_name || !first.is_lower)
        }
        None if is_named(words, range) => own.len() <= LONGEST_NAME,
        None => own.len() <= LONGEST_FIRST_NAME && !begins_phrase(own),
    }
}

/// Whether an acronym stands behind words or, without a mark between, an English verb.
fn is_named(words: &[Word], range: &Range<usize>) -> bool {
    let last = &words[range.end - 1];
    let is_acronym = last.has_letters && last.switch_cost == INSEPARABLE;
    let is_subject = !last.ends_phrase && words.get(range.end).is_some_and(|word| word.role == Role::Verb);
    is_acronym || is_subject
}

/// Whether words at the beginning of a text are a phrase by the first two of them and their number.
fn begins_phrase(words: &[Word]) -> bool {
    let least = match words[0].role {
        Role::Opener => PHRASE,
        Role::Article => LIKE_TITLE,
        Role::Verb | Role::Other => return false,
    };
    words.len() >= least && words[1].is_lower
}

#[cfg(test)]
mod tests {
    use crate::language::{ContextDetector, LanguageDetector};

    /// Checks the parts of a text that is written with `|` where it should be split.
    #[track_caller]
    fn check(expected: &str) {
        let text = expected.replace('|', "");
        let detector = ContextDetector::new();
        let parts = detector.switches(&text, detector.detect(&text));
        let found: Vec<&str> = parts.iter().filter_map(|(span, _)| span.of(&text)).collect();
        assert_eq!(found.join("|"), expected);
    }

    #[test]
    fn splits_where_the_language_changes() {
        check("We were told to come back tomorrow, |mais personne ne sera là pour nous ouvrir.");
        check("Le car est encore en panne ce matin, |so we are walking to school again.");
        check(
            "The driver shrugged and said: |« Je n’y peux rien, c’est la route qui est mauvaise », |and then he drove away.",
        );
    }

    #[test]
    fn a_french_phrase_before_an_english_clause_is_apart() {
        check("Dans la cour de l’école, |we waited for the bus until nine.");
        check("Malgré la pluie et le froid |they walked to the lake.");
        check("Les premières pluies de la saison, |the children ran out to dance.");
        check("Présents en grand nombre sur la place du village, |they sang until the morning.");
        check("They sold the car to my brother Tom, |pour une somme ridicule.");
        check("The shop will be closed until May, |12 jours de travaux sur la route principale.");
    }

    #[test]
    fn a_clause_needs_no_rare_word() {
        check("Nobody in the village wanted to say it, |mais il ne l’avait pas fait.");
        check("The old ferry was never repaired |et ce n’est pas l’idéal.");
    }

    #[test]
    fn names_and_titles_before_their_verb_stay_whole() {
        check("Les enfants du paradis opened in the old cinema.");
        check("Médecins sans frontières says that nobody was hurt.");
        check("En attendant le bonheur played to a full house.");
        check("De rouille et d’os made her famous in the whole country.");
        check("Association des jeunes du lac members cleaned the beach.");
    }

    #[test]
    fn each_part_has_its_language() {
        let text = "We were told to come back tomorrow, mais personne ne sera là pour nous ouvrir.";
        let detector = ContextDetector::new();
        let parts = detector.switches(text, detector.detect(text));
        let languages: Vec<&str> = parts.iter().map(|(_, found)| found.language.as_str()).collect();
        assert_eq!(languages, ["en", "fr"]);
        assert!(parts.iter().all(|(_, found)| found.confidence > 0.9), "{parts:?}");
    }

    #[test]
    fn names_titles_and_loans_stay_whole() {
        check("The mayor of Saint-Jean-sur-Rive, Aimée de la Tour, opened the Maison de la Culture.");
        check("She was made Chevalier de l’Ordre des Arts et des Lettres in 2019.");
        check("He read it in Le Journal du Lac and shrugged: a fait accompli, he said.");
        check("Le groupe Rainy Sunday Morning jouera au festival Music of the World à Rive.");
        check("Un week-end de brainstorming et de team building pour la start-up.");
    }

    #[test]
    fn french_organisations_stay_in_their_english_sentence() {
        check("She led the Conseil supérieur pour la paix du lac in 2019.");
        check("The owner, Compagnie des Bateaux de l'Est (CBE), says that 300 people wait.");
        check("The minister of the Office régional des eaux et forêts resigned.");
        check("The Régie régionale d’énergie (Regen) answered within an hour:");
        check("Workers at the lake stopped on Monday, the Syndicat régional de l’élevage (SRE) announced.");
    }

    #[test]
    fn words_of_speech_are_apart_from_a_quotation() {
        check("“Où voulez-vous que nous dormions ?” |he asked.");
        check("“C’est nous qui avons crié,” |says Lina Sow.");
        check("“Where are we supposed to sleep?” |a-t-il demandé.");
        check("\"J’ai payé quarante millions en un an,\" |he said over the phone.");
        check("“Nous avons dormi dans la gare avec son main,” |she said.");
    }

    #[test]
    fn third_languages_stay_whole() {
        check("Nadie sabe cuándo se abrirá el puente, the mayor said.");
        check("الجسر مغلق the bridge is closed");
    }

    #[test]
    fn text_without_words_stays_whole() {
        check("");
        check("   ");
        check("https://exemple.test 🎉 12");
    }
}
