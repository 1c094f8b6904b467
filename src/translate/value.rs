//! Comparing the numbers of two texts by value.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::spelled::numbers_in_words;
use crate::Language;

/// Whether two texts hold the same numbers, whatever their form: `7 500` and `7,500`, `21 h 30`
/// and `9:30`, `3e` and `third`, `XIXe` and `19th`, `1,5 million` and `1 500 000`.
///
/// `known` says of which of the two sides the number words are known. Where they are not, what the other
/// side has in digits beyond it may be a word of it.
pub(super) fn same_numbers(source: &str, output: &str, known: [bool; 2]) -> bool {
    if source == output {
        return true;
    }
    let (mut left, mut right) = (numbers(source), numbers(output));
    remove_equal(&mut left, &mut right, |number| number.clock);
    let (mut left, mut right) = (without_clocks(left), without_clocks(right));
    remove_equal(&mut left, &mut right, |number| Some(number.value.clone()));
    if left.len().max(right.len()) > MOST_ODD_NUMBERS {
        return false;
    }
    remove_agreeing(&mut left, &mut right);
    let [source_known, output_known] = known;
    let lost = !left.is_empty() && (output_known || !right.is_empty());
    let added = !right.is_empty() && (source_known || !left.is_empty());
    (!lost || explained_by_words(&left, source, output))
        && (!added || explained_by_words(&right, output, source))
}

/// Whether the number words of a language are known.
pub(super) fn are_words_known(language: Language) -> bool {
    [Language::ENGLISH, Language::FRENCH].contains(&language)
}

/// With more numbers that have no equal on the other side the texts differ, and what is left
/// need not be compared one by one.
const MOST_ODD_NUMBERS: usize = 100;

/// A decimal number: `digits` without zeros at either end, times ten to the `exponent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    digits: String,
    exponent: i32,
}

impl Value {
    fn new(whole: &str, fraction: &str) -> Self {
        let all = format!("{whole}{fraction}");
        let digits = all.trim_end_matches('0');
        let zeros = all.len() - digits.len();
        let digits = digits.trim_start_matches('0').to_owned();
        let exponent = if digits.is_empty() {
            0
        } else {
            small(zeros) - small(fraction.len())
        };
        Self { digits, exponent }
    }

    pub(crate) fn of(number: u32) -> Self {
        Self::new(&number.to_string(), "")
    }

    /// The value as an integer below ten thousand.
    fn integer(&self) -> Option<u32> {
        let zeros = usize::try_from(self.exponent).ok().filter(|zeros| *zeros < 4)?;
        let text = format!("{}{}", self.digits, "0".repeat(zeros));
        (text.len() <= 4).then(|| {
            if text.is_empty() {
                Some(0)
            } else {
                text.parse().ok()
            }
        })?
    }
}

fn small(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX / 4)
}

#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) value: Value,
    /// The value times the word after it: `1,5 million`.
    scaled: Option<Value>,
    /// A time of day in minutes of the half day, so that 21 h 30 is 9:30.
    pub(crate) clock: Option<u32>,
    /// The minutes of a time.
    minutes: Option<Value>,
    /// An hour, which may be counted to twelve or to twenty-four.
    is_hour: bool,
}

impl Number {
    pub(crate) fn plain(value: Value) -> Self {
        Self {
            value,
            scaled: None,
            clock: None,
            minutes: None,
            is_hour: false,
        }
    }

    /// Whether two numbers may mean the same though they are written with other digits.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let scaled = |a: &Self, b: &Self| {
            a.scaled.as_ref() == Some(&b.value) || a.scaled.is_some() && a.scaled == b.scaled
        };
        let (Some(a), Some(b)) = (self.value.integer(), other.value.integer()) else {
            return scaled(self, other) || scaled(other, self);
        };
        let same_hour = (self.is_hour || other.is_hour) && a % 12 == b % 12;
        // "les années 90" is "the 1990s".
        let same_decade = a % 10 == 0 && (a < 100) != (b < 100) && a % 100 == b % 100 && a.max(b) >= 1000;
        same_hour || same_decade || scaled(self, other) || scaled(other, self)
    }
}

pub(crate) static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    const SPACE: &str = r"[\x20\u{a0}\u{202f}\u{2009}]";
    Regex::new(&format!(
        r"(?x)
        \b(?P<hour>[0-9]{{1,2}}) (?: :(?P<min1>[0-5][0-9])\b (?:{SPACE}?(?:[aApP]\.?[mM]\b))?
            | {SPACE}?(?:[hH]|heures?){SPACE}?(?P<min2>[0-5][0-9])\b
            | {SPACE}?(?:[hH]|heures?|[aApP]\.?[mM]|o['’]clock)\b )
        | (?P<grouped>[0-9]{{1,3}}(?:(?:{SPACE}|[.,'’])[0-9]{{3}})+) (?:[.,](?P<gfraction>[0-9]+))?\b
          (?:{SPACE}?(?P<gscale>milli(?:on|ard)s?|billions?|thousand|milles?)\b)?
        | (?P<whole>[0-9]+) (?:[.,](?P<fraction>[0-9]+))?
          (?:{SPACE}?(?P<scale>milli(?:on|ard)s?|billions?|thousand|milles?)\b)?"
    ))
    .expect("the pattern is valid")
});

fn numbers(text: &str) -> Vec<Number> {
    NUMBERS
        .captures_iter(text)
        .filter_map(|captures| number(&captures))
        .collect()
}

pub(crate) fn number(captures: &Captures<'_>) -> Option<Number> {
    if let Some(hour) = captures.name("hour") {
        return Some(clock(captures, hour.as_str()));
    }
    let (whole, fraction, scale) = match captures.name("grouped") {
        Some(grouped) => (grouped, "gfraction", "gscale"),
        None => (captures.name("whole")?, "fraction", "scale"),
    };
    let whole: String = whole.as_str().chars().filter(char::is_ascii_digit).collect();
    let value = Value::new(
        &whole,
        captures.name(fraction).map_or("", |digits| digits.as_str()),
    );
    let scaled = captures.name(scale).map(|word| Value {
        exponent: value.exponent + power(word.as_str()),
        ..value.clone()
    });
    Some(Number {
        scaled,
        ..Number::plain(value)
    })
}

fn clock(captures: &Captures<'_>, hour: &str) -> Number {
    let minutes = captures
        .name("min1")
        .or(captures.name("min2"))
        .map(|minutes| minutes.as_str());
    let total = |text: &str| text.parse::<u32>().unwrap_or(0);
    Number {
        clock: Some(total(hour) % 12 * 60 + minutes.map_or(0, total)),
        minutes: minutes.map(|minutes| Value::new(minutes, "")),
        is_hour: true,
        ..Number::plain(Value::new(hour, ""))
    }
}

/// The power of ten that a word after a number stands for. `billion` is read as English does.
fn power(word: &str) -> i32 {
    match word {
        "thousand" | "mille" | "milles" => 3,
        "million" | "millions" => 6,
        _ => 9,
    }
}

/// Times that have no counterpart, as hours and minutes; other numbers as they are.
fn without_clocks(numbers: Vec<Number>) -> Vec<Number> {
    let minutes = |number: &Number| {
        number
            .minutes
            .clone()
            .filter(|minutes| !minutes.digits.is_empty())
    };
    numbers
        .into_iter()
        .flat_map(|number| {
            let minutes = minutes(&number).map(Number::plain);
            std::iter::once(number).chain(minutes)
        })
        .collect()
}

/// Takes out of both lists, one to one, what has the same key.
fn remove_equal<K: Eq + Hash>(
    left: &mut Vec<Number>,
    right: &mut Vec<Number>,
    key: impl Fn(&Number) -> Option<K>,
) {
    let mut spare: HashMap<K, usize> = HashMap::new();
    for key in right.iter().filter_map(&key) {
        *spare.entry(key).or_default() += 1;
    }
    let mut matched: HashMap<K, usize> = HashMap::new();
    left.retain(|number| match key(number) {
        Some(key) if take(&mut spare, &key) => {
            *matched.entry(key).or_default() += 1;
            false
        }
        _ => true,
    });
    right.retain(|number| !key(number).is_some_and(|key| take(&mut matched, &key)));
}

/// Takes one of what is counted under `key`, if there is one left.
fn take<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) -> bool {
    let count = counts.get_mut(key).filter(|count| **count > 0);
    count.map(|count| *count -= 1).is_some()
}

/// Takes out of both lists, one to one, what may mean the same.
fn remove_agreeing(left: &mut Vec<Number>, right: &mut Vec<Number>) {
    left.retain(|number| {
        let found = right.iter().position(|other| number.agrees(other));
        found.map(|index| right.remove(index)).is_none()
    });
}

/// Whether each number of `text` that the `other` text lacks stands there as a word or a Roman
/// numeral; a numeral that both texts hold explains nothing.
fn explained_by_words(numbers: &[Number], text: &str, other: &str) -> bool {
    if numbers.is_empty() {
        return true;
    }
    let shared: Vec<&str> = words(text).collect();
    let mut spelled: Vec<u32> = words(other)
        .filter(|word| !shared.contains(word))
        .filter_map(|word| spelled_value(word).or_else(|| roman_value(word)))
        .collect();
    join_tens(&mut spelled);
    spelled.extend(numbers_in_words(other).into_iter().map(|(_, value)| value));
    numbers.iter().all(|number| {
        let found = spelled.iter().position(|value| Value::of(*value) == number.value);
        found.map(|index| spelled.swap_remove(index)).is_some()
    })
}

/// Makes one number of tens and the unit after them: `twenty-seven`, `vingt et un`.
fn join_tens(spelled: &mut Vec<u32>) {
    for index in (1..spelled.len()).rev() {
        let (tens, unit) = (spelled[index - 1], spelled[index]);
        if (20..100).contains(&tens) && tens % 10 == 0 && (1..10).contains(&unit) {
            spelled[index - 1] += spelled.remove(index);
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Number words of English and French, ordinals among them. French compounds such as
/// `dix-sept` are read by [`numbers_in_words`].
pub(crate) fn spelled_value(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    SPELLED
        .iter()
        .find(|(_, forms)| forms.split(' ').any(|form| form == word))
        .map(|(value, _)| *value)
}

const SPELLED: &[(u32, &str)] = &[
    (0, "zéro zero nil none aucun aucune"),
    (
        1,
        "un une one a an premier première premiers premières first once single unique",
    ),
    (2, "deux two second seconde deuxième both twice double"),
    (3, "trois three troisième third"),
    (4, "quatre four quatrième fourth"),
    (5, "cinq five cinquième fifth"),
    (6, "six sixième sixth"),
    (7, "sept seven septième seventh"),
    (8, "huit eight huitième eighth"),
    (9, "neuf nine neuvième ninth"),
    (10, "dix ten dixième tenth dizaine dizaines"),
    (11, "onze eleven onzième eleventh"),
    (12, "douze twelve douzième twelfth douzaine dozen"),
    (13, "treize thirteen"),
    (14, "quatorze fourteen"),
    (15, "quinze fifteen quinzaine"),
    (16, "seize sixteen"),
    (17, "seventeen"),
    (18, "eighteen"),
    (19, "nineteen"),
    (20, "vingt twenty vingtième twentieth vingtaine"),
    (30, "trente thirty trentaine"),
    (40, "quarante forty quarantaine"),
    (50, "cinquante fifty cinquantaine"),
    (60, "soixante sixty soixantaine"),
    (70, "seventy"),
    (80, "eighty"),
    (90, "ninety"),
    (100, "cent hundred centaine centième hundredth"),
    (1000, "mille thousand millier"),
];

/// A Roman numeral in capitals, also with a French ordinal ending: `XIXe`.
pub(crate) fn roman_value(word: &str) -> Option<u32> {
    let numeral = ["ème", "er", "e"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .unwrap_or(word);
    let digits: Option<Vec<u32>> = numeral.chars().map(roman_digit).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len() <= 12)?;
    let next = digits.iter().skip(1).chain(std::iter::once(&0));
    let (minus, plus): (Vec<_>, Vec<_>) = digits.iter().zip(next).partition(|(digit, next)| digit < next);
    let sum = |part: Vec<(&u32, &u32)>| part.iter().map(|(digit, _)| **digit).sum::<u32>();
    sum(plus).checked_sub(sum(minus))
}

fn roman_digit(letter: char) -> Option<u32> {
    Some(match letter {
        'I' => 1,
        'V' => 5,
        'X' => 10,
        'L' => 50,
        'C' => 100,
        'D' => 500,
        'M' => 1000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(source: &str, output: &str) {
        assert!(
            same_numbers(source, output, [true; 2]),
            "`{source}` and `{output}` should agree"
        );
    }

    #[track_caller]
    fn differ(source: &str, output: &str) {
        assert!(
            !same_numbers(source, output, [true; 2]),
            "`{source}` and `{output}` should differ"
        );
    }

    #[test]
    fn separators_do_not_matter() {
        same("7 500 morts", "7,500 dead");
        same("7\u{202f}500", "7500");
        same("12,5 %", "12.5%");
        same("1.234,56", "1,234.56");
        differ("7 500", "7 050");
        differ("12,5", "125");
        differ("1 000", "10 000");
    }

    #[test]
    fn numbers_count_as_often_as_they_stand() {
        same("de 3 à 3", "3 to 3");
        differ("de 3 à 3", "to 3");
        differ("rien", "6");
        differ("5 et 6", "5 and 7");
    }

    #[test]
    fn times_agree_across_clocks() {
        same("à 21 h 30", "at 9:30 p.m.");
        same("à 21 h 30", "at 21:30");
        same("à 21h", "at 9 pm");
        same("à 15 heures", "at 3 in the afternoon");
        same("3 h de route", "3 hours on the road");
        differ("à 21 h 30", "at 9:45 pm");
        differ("à 8 h", "at 9");
    }

    #[test]
    fn words_and_numerals_stand_for_digits() {
        same("3 enfants", "three children");
        same("trois enfants", "3 children");
        same("la 3e fois", "the third time");
        same("le 1er mai", "May 1");
        same("27 États", "twenty-seven states");
        same("le XIXe siècle", "the 19th century");
        same("les années 90", "the 1990s");
        differ("3 enfants", "four children");
        differ("3 et 3", "three and more");
    }

    #[test]
    fn digits_may_stand_for_words_that_are_not_known() {
        let spanish = |source, output| same_numbers(source, output, [false, true]);
        assert!(spanish("hay treinta casas", "there are 30 houses"));
        assert!(spanish("hay 3 casas", "there are three houses"));
        assert!(!spanish("hay 30 casas", "there are houses"));
        assert!(!spanish(
            "hay 30 casas y dos más",
            "there are 20 houses and 2 more"
        ));
        assert!(same_numbers("30 houses", "treinta casas", [true, false]));
    }

    #[test]
    fn scales_may_be_written_out() {
        same("1,5 million", "1,500,000");
        same("3 milliards", "3 billion");
        differ("3 millions", "3,000");
    }
}
