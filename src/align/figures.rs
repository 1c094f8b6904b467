//! The figures of a text and whether those of two texts can stand for the same.

use std::sync::LazyLock;

use regex::Regex;

use crate::Span;
use crate::translate::value::{NUMBERS, Number, Value, number, roman_value, spelled_value};

/// A figure of a text, in digits or words.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    number: Number,
    /// Where it stands.
    pub span: Span,
    /// Whether its counterpart must be there: `three` and `3`, not `one`, `first` or `hundred`.
    firm: bool,
}

/// How the figures of two texts compare, the firm ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Those that both texts have.
    pub shared: usize,
    /// Those that the first text alone has.
    pub here: usize,
    /// Those that the second text alone has.
    pub there: usize,
}

impl Comparison {
    pub(super) fn of(here: &[&Figure], there: &[&Figure]) -> Self {
        let mut free: Vec<&&Figure> = there.iter().collect();
        // Firm ones find each other first, so that `first` takes no partner from `1`.
        free.sort_by_key(|figure| !figure.firm);
        let (mut shared, mut alone) = (0, 0);
        let mut ordered: Vec<&&Figure> = here.iter().collect();
        ordered.sort_by_key(|figure| !figure.firm);
        for figure in ordered {
            match free.iter().position(|other| figure.may_be(other)) {
                Some(found) => {
                    free.remove(found);
                    shared += 1;
                }
                None => alone += usize::from(figure.firm),
            }
        }
        let left = free.iter().filter(|figure| figure.firm);
        // What stands twice in one text need stand but once in the other.
        let there = left
            .filter(|figure| !here.iter().any(|other| other.may_be(figure)))
            .count();
        Self {
            shared,
            here: alone,
            there,
        }
    }

    /// Whether both texts give figures that the other lacks.
    pub(super) fn contradicts(self) -> bool {
        self.here > 0 && self.there > 0
    }

    /// What a score is multiplied by: less than 1 for figures that only one text has, least for
    /// figures that differ.
    pub(super) fn factor(self) -> f32 {
        let (here, there) = (self.here.min(3) as f32, self.there.min(3) as f32);
        1.0 - ALONE_HERE * here - ALONE_THERE * there - DIFFERS * here.min(there)
    }
}

impl Figure {
    /// Whether the two can stand for the same.
    fn may_be(&self, other: &Self) -> bool {
        let (one, other) = (&self.number, &other.number);
        one.value == other.value || one.clock.is_some() && one.clock == other.clock || one.agrees(other)
    }
}

/// What a figure costs that only the source has: renderings leave out more than they add.
const ALONE_HERE: f32 = 0.04;
/// What a figure costs that only the target has.
const ALONE_THERE: f32 = 0.1;
/// What it costs besides that one text has another figure than the other.
const DIFFERS: f32 = 0.06;

/// Links, names of accounts and topics, and the place of a post in a thread (`2/3`): their digits say nothing.
static IDLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:https?://|www\.|pic\.twitter\.com/)\S*|[@#][\w.]+|^\s*\d{1,2}/\d{1,2}\s")
        .expect("the pattern is valid")
});

/// A word and what joins it to the next: a hyphen or `et`.
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\p{Alphabetic}+)(-|\x{2011}|\set\s)?").expect("the pattern is valid"));

/// What makes a word of number more, or says that it counts weeks (`quinze jours`).
static SCALE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^[\s-](?:cents?|hundred|mille|thousand|milli\w+|billions?|jours|score|fois)\b")
        .expect("the pattern is valid")
});

/// The figures of a text in order of place, those in digits first.
pub(super) fn figures(text: &str) -> Vec<Figure> {
    let idle: Vec<Span> = IDLE
        .find_iter(text)
        .map(|found| Span::new(found.start(), found.end()))
        .collect();
    let is_idle = |span: Span| idle.iter().any(|other| other.overlaps(span));
    let digits = NUMBERS.captures_iter(text).filter_map(|found| {
        let whole = found.get(0)?;
        let span = Span::new(whole.start(), whole.end());
        let number = number(&found).filter(|_| !is_idle(span))?;
        Some(Figure {
            number,
            span,
            firm: true,
        })
    });
    let mut found: Vec<Figure> = digits.collect();
    found.extend(spelled(text).into_iter().filter(|figure| !is_idle(figure.span)));
    found
}

/// The figures in words, compounds as one (`twenty-seven`, `quatre-vingt-dix-neuf`).
fn spelled(text: &str) -> Vec<Figure> {
    let mut found: Vec<(u32, Span, bool)> = Vec::new();
    let mut joined = false;
    for captures in WORD.captures_iter(text) {
        let Some(word) = captures.get(1) else { continue };
        let span = Span::new(word.start(), word.end());
        let value = spelled_value(word.as_str()).or_else(|| century(word.as_str()));
        if let Some(value) = value {
            let before = found.last_mut().filter(|_| joined);
            match before.and_then(|before| Some((compound(before.0, value)?, before))) {
                Some((sum, before)) => *before = (sum, Span::new(before.1.start(), span.end()), true),
                None => found.push((value, span, is_cardinal(word.as_str()))),
            }
        }
        joined = value.is_some() && captures.get(2).is_some();
    }
    let figure = |(value, span, cardinal): (u32, Span, bool)| Figure {
        number: Number::plain(Value::of(value)),
        span,
        firm: cardinal && !SCALE.is_match(&text[span.end()..]),
    };
    found.into_iter().map(figure).collect()
}

/// A Roman numeral of several letters.
fn century(word: &str) -> Option<u32> {
    roman_value(word).filter(|_| word.len() > 1)
}

/// The number that two words joined by a hyphen or `et` make.
fn compound(first: u32, second: u32) -> Option<u32> {
    match (first, second) {
        (4, 20) => Some(80),
        (60 | 80, 1..=19) | (20 | 30 | 40 | 50 | 70 | 90, 1..=9) | (10, 7..=9) => Some(first + second),
        _ => None,
    }
}

/// Whether a word counts and nothing else: not `un`, `one`, `neuf` (new), `seconde`, `cent`.
fn is_cardinal(word: &str) -> bool {
    const CARDINALS: &str = " deux two trois three quatre four cinq five six sept seven huit eight nine dix ten onze \
        eleven douze twelve treize thirteen quatorze fourteen quinze fifteen seize sixteen seventeen eighteen nineteen \
        vingt twenty trente thirty quarante forty cinquante fifty soixante sixty seventy eighty ninety ";
    CARDINALS.contains(&format!(" {} ", word.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(here: &str, there: &str) -> Comparison {
        let (here, there) = (figures(here), figures(there));
        Comparison::of(
            &here.iter().collect::<Vec<_>>(),
            &there.iter().collect::<Vec<_>>(),
        )
    }

    fn check(here: &str, there: &str, shared: usize, alone_here: usize, alone_there: usize) {
        let expected = Comparison {
            shared,
            here: alone_here,
            there: alone_there,
        };
        assert_eq!(compared(here, there), expected, "{here} | {there}");
    }

    #[test]
    fn one_figure_in_many_forms() {
        check("à 19 heures", "at 7 p.m.", 1, 0, 0);
        check("à 20 h", "at eight o’clock", 1, 0, 0);
        check("à 18 h", "at 6", 1, 0, 0);
        check("1 500 millions", "1.5 billion", 1, 0, 0);
        check("dix-neuf jours", "nineteen days", 1, 0, 0);
        check("quatre-vingt-dix-sept pains", "97 loaves", 1, 0, 0);
        check("vingt et un pains", "twenty-one loaves", 1, 0, 0);
        check("1er mai", "the first of May", 1, 0, 0);
        check("au XIXe siècle", "in the 19th century", 1, 0, 0);
        check("les deux boulangers", "both bakers", 1, 0, 0);
    }

    #[test]
    fn changed_figures_stand_out() {
        check("Cinq boulangers chantent", "Three bakers sing", 0, 1, 1);
        check("6 minutes", "4 minutes, not 6", 1, 0, 1);
        check("14 h", "3 in the afternoon", 0, 1, 1);
        check("un pain", "one loaf", 1, 0, 0);
        check("un pain", "a dog", 1, 0, 0);
        check("un pain neuf", "two loaves", 0, 0, 1);
        check("quinze jours", "two weeks", 0, 0, 1);
        check("3 pains, 3 voisins", "3 loaves", 1, 1, 0);
    }

    #[test]
    fn digits_of_links_and_accounts_say_nothing() {
        check("2/3 Pain #2024 @bon3 https://example.org/45", "bread", 0, 0, 0);
    }

    #[test]
    fn differing_figures_cost_most() {
        assert_eq!(compared("3 pains", "3 loaves").factor(), 1.0);
        let alone = compared("3 pains, 4 voisins", "3 loaves").factor();
        let differs = compared("3 pains, 4 voisins", "3 loaves, 5 neighbours").factor();
        assert!(differs < alone && alone < 1.0, "{differs} {alone}");
    }
}
