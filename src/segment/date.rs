//! Dates as English and French texts write them.

use jiff::civil::Date;

use super::chars::{fold, is_accent, is_dash};

/// A date found at the start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The bytes that the date takes, with its weekday and time of day, without white space after it.
    pub(super) len: usize,
    /// The date, ISO 8601 (`2023-11-14`). A time of day is read over.
    pub(super) iso: String,
}

/// The date at the start of `text`, with a weekday or time of day before and a time of day after.
///
/// Reads `November 14, 2023`, `Nov. 14th, 2023`, `14 November 2023`, `14 novembre 2023`,
/// `1er mars 2024`, `2023-11-14`, `10:32 AM · Nov 14, 2023`, `le 14 nov. 2023 à 21 h 30`. A date
/// without a year, all in digits but not in ISO order, or not in the calendar is none.
pub(super) fn at_start(text: &str) -> Option<Stamp> {
    let mut cursor = Cursor { rest: text };
    if cursor.time() {
        cursor.separator();
    }
    cursor.words_before_date();
    let date = cursor.date()?;
    let mut end = cursor.rest;
    let joined = cursor.eat('T');
    if !joined {
        cursor.separator();
    }
    if cursor.time() {
        end = cursor.rest;
    }
    let len = text.len() - end.len();
    let cuts_word = text[..len].ends_with(char::is_alphanumeric) && end.starts_with(char::is_alphanumeric);
    (!cuts_word).then(|| Stamp {
        len,
        iso: date.to_string(),
    })
}

/// The date at the start of `text`, also one all in digits with the day first: `3/1/2024`, `03.01.2024`.
///
/// Behind a handle such a date signs, whatever its order; where only one order is in the calendar it is
/// that one.
pub(super) fn at_start_in_digits(text: &str) -> Option<Stamp> {
    at_start(text).or_else(|| {
        let mut cursor = Cursor { rest: text };
        let first = cursor.number(1, 2)?;
        let mark = cursor.rest.chars().next().filter(|c| matches!(c, '/' | '.'))?;
        cursor.expect(mark)?;
        let second = cursor.number(1, 2)?;
        cursor.expect(mark)?;
        let year = cursor.number(4, 4)?;
        let day_first = date(year, i8::try_from(second).ok()?, first);
        let found = day_first.or_else(|| date(year, i8::try_from(first).ok()?, second))?;
        let len = text.len() - cursor.rest.len();
        (!cursor.rest.starts_with(char::is_alphanumeric)).then(|| Stamp {
            len,
            iso: found.to_string(),
        })
    })
}

/// Whether `word` is a month or a day of the week.
pub(super) fn is_calendar_word(word: &str) -> bool {
    let word = fold(word);
    month(&word).is_some() || WEEKDAYS.contains(&word.as_str())
}

/// Whether the last words of a signature name a month in French: `3 mars 2024`, not `Mar 3, 2024`.
pub(crate) fn names_french_month(signature: &str) -> bool {
    let date = signature.rfind(')').map_or(signature, |at| &signature[at..]);
    date.split(|c: char| !c.is_alphabetic() && !is_accent(c))
        .any(|word| FRENCH_MONTHS.contains(&fold(word).as_str()))
}

/// Months that French does not write as English does.
const FRENCH_MONTHS: [&str; 18] = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "janv",
    "fev",
    "fevr",
    "avr",
    "juil",
    "le",
];

/// English and French months, in lower case without accents.
const MONTHS: [(&str, i8); 24] = [
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("janvier", 1),
    ("fevrier", 2),
    ("mars", 3),
    ("avril", 4),
    ("mai", 5),
    ("juin", 6),
    ("juillet", 7),
    ("aout", 8),
    ("septembre", 9),
    ("octobre", 10),
    ("novembre", 11),
    ("decembre", 12),
];

const MONTH_ABBREVIATIONS: [(&str, i8); 17] = [
    ("jan", 1),
    ("janv", 1),
    ("feb", 2),
    ("fev", 2),
    ("fevr", 2),
    ("mar", 3),
    ("apr", 4),
    ("avr", 4),
    ("jun", 6),
    ("jul", 7),
    ("juil", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
];

const WEEKDAYS: [&str; 14] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
];

/// Without `mar`, which is a month too.
const SHORT_WEEKDAYS: [&str; 13] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mer", "jeu", "ven", "sam", "dim",
];

/// The number of the month that `word`, folded, names.
fn month(word: &str) -> Option<i8> {
    MONTHS
        .iter()
        .chain(&MONTH_ABBREVIATIONS)
        .find(|(name, _)| *name == word)
        .map(|(_, number)| *number)
}

/// A reader of the parts of a date. A part that is not there leaves it where it was.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    pub(super) rest: &'t str,
}

impl Cursor<'_> {
    fn date(&mut self) -> Option<Date> {
        self.attempt(Self::iso)
            .or_else(|| self.attempt(Self::month_first))
            .or_else(|| self.attempt(Self::day_first))
    }

    fn iso(&mut self) -> Option<Date> {
        let year = self.number(4, 4)?;
        self.expect('-')?;
        let month = self.number(2, 2)?;
        self.expect('-')?;
        let day = self.number(2, 2)?;
        date(year, i8::try_from(month).ok()?, day)
    }

    fn month_first(&mut self) -> Option<Date> {
        let month = self.month()?;
        self.space();
        let day = self.day()?;
        self.eat(',');
        self.space();
        date(self.number(4, 4)?, month, day)
    }

    fn day_first(&mut self) -> Option<Date> {
        let day = self.day()?;
        self.space();
        self.word(|word| word == "of");
        self.space();
        let month = self.month()?;
        self.eat(',');
        self.space();
        date(self.number(4, 4)?, month, day)
    }

    /// A day of the month with its ordinal ending.
    pub(super) fn day(&mut self) -> Option<u16> {
        let day = self.number(1, 2)?;
        self.word(|word| matches!(word, "st" | "nd" | "rd" | "th" | "er"));
        Some(day)
    }

    pub(super) fn month(&mut self) -> Option<i8> {
        let mut number = None;
        self.word(|word| {
            number = month(word);
            number.is_some()
        });
        self.eat('.');
        number
    }

    /// A weekday, `on` or `le`.
    fn words_before_date(&mut self) {
        for _ in 0..2 {
            let is_day = |word: &str| WEEKDAYS.contains(&word) || SHORT_WEEKDAYS.contains(&word);
            if self.word(|word| is_day(word) || matches!(word, "on" | "le")) {
                self.eat('.');
                self.eat(',');
                self.space();
            }
        }
    }

    /// What may stand between a date and a time: a dot, comma or dash, `at`, `à`.
    pub(super) fn separator(&mut self) {
        self.space();
        let mark = self
            .rest
            .chars()
            .next()
            .filter(|c| matches!(c, ',' | '·' | '•' | '|') || is_dash(*c));
        self.rest = &self.rest[mark.map_or(0, char::len_utf8)..];
        self.space();
        self.word(|word| matches!(word, "at" | "a"));
        self.space();
    }

    /// A time of day: `10:32`, `10:32:05 AM UTC`, `5 p.m.`, `21 h 30`, `21h`. Whether there was one.
    pub(super) fn time(&mut self) -> bool {
        self.attempt(|cursor| {
            let hour = cursor.number(1, 2).filter(|hour| *hour < 25)?;
            let mut read = false;
            while cursor.rest.starts_with(':') && cursor.attempt(Self::minutes).is_some() {
                read = true;
            }
            read |= !read && cursor.french_hour();
            read |= hour < 13 && cursor.half_day();
            cursor.zone();
            read.then_some(())
        })
        .is_some()
    }

    fn minutes(&mut self) -> Option<()> {
        self.expect(':')?;
        self.number(2, 2).filter(|minutes| *minutes < 60).map(drop)
    }

    /// `h` with or without minutes.
    fn french_hour(&mut self) -> bool {
        self.attempt(|cursor| {
            cursor.space();
            cursor.expect('h')?;
            let after_hour = cursor.clone();
            cursor.space();
            if cursor.number(2, 2).is_none() {
                *cursor = after_hour;
            }
            Some(())
        })
        .is_some()
    }

    /// `AM`, `p.m.`
    fn half_day(&mut self) -> bool {
        self.attempt(|cursor| {
            cursor.space();
            let half = ["a.m.", "p.m.", "am", "pm"].into_iter().find(|half| {
                cursor
                    .rest
                    .get(..half.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(half))
            })?;
            cursor.rest = &cursor.rest[half.len()..];
            Some(())
        })
        .is_some()
    }

    /// `Z`, `UTC`, `GMT`, `+01:00`, ` +0100`.
    fn zone(&mut self) {
        self.attempt(|cursor| {
            cursor.space();
            cursor
                .word(|word| matches!(word, "z" | "utc" | "gmt"))
                .then_some(())
        });
        self.attempt(|cursor| {
            cursor.space();
            let sign = cursor.eat('+') || cursor.eat('-');
            let hours = |cursor: &mut Self| {
                cursor.number(2, 2)?;
                cursor.expect(':')?;
                cursor.number(2, 2)
            };
            let zone = cursor
                .attempt(|cursor| cursor.number(4, 4))
                .or_else(|| hours(cursor));
            zone.filter(|_| sign).map(drop)
        });
    }

    /// Runs `read` and goes back where it finds nothing.
    pub(super) fn attempt<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.rest;
        let found = read(self);
        if found.is_none() {
            self.rest = before;
        }
        found
    }

    /// A number of `min` to `max` ASCII digits.
    pub(super) fn number(&mut self, min: usize, max: usize) -> Option<u16> {
        let len = self
            .rest
            .bytes()
            .take(max + 1)
            .take_while(u8::is_ascii_digit)
            .count();
        if !(min..=max).contains(&len) {
            return None;
        }
        let (digits, rest) = self.rest.split_at(len);
        self.rest = rest;
        digits.parse().ok()
    }

    /// Reads over the next word where `wanted` takes it, folded. No word of a date is longer than
    /// the 24 characters that are looked at.
    fn word(&mut self, wanted: impl FnOnce(&str) -> bool) -> bool {
        let in_word = |c: &char| c.is_alphabetic() || is_accent(*c);
        let len: usize = self
            .rest
            .chars()
            .take(24)
            .take_while(in_word)
            .map(char::len_utf8)
            .sum();
        let found = len > 0 && wanted(&fold(&self.rest[..len]));
        if found {
            self.rest = &self.rest[len..];
        }
        found
    }

    pub(super) fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, c: char) -> bool {
        self.expect(c).is_some()
    }

    pub(super) fn expect(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }
}

/// The date where the calendar has it.
pub(super) fn date(year: u16, month: i8, day: u16) -> Option<Date> {
    let year = i16::try_from(year).ok().filter(|year| *year > 0)?;
    Date::new(year, month, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests;
