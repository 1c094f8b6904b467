//! When a post was written, as networks and messengers put it beside the author's name.

use jiff::civil::Date;

use super::chars::is_dash;
use super::date::{self, Cursor};

/// A date, a time of day or both at the start of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The bytes that it takes.
    pub(super) len: usize,
    pub(super) day: Day,
    pub(super) has_time: bool,
}

/// What a stamp says of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// All of it, ISO 8601.
    Known(String),
    /// Two numbers and a year, in an order that the text does not tell. American times (`9:14 PM`) go
    /// with American dates.
    Digits {
        first: u16,
        second: u16,
        year: u16,
        is_american: bool,
    },
    /// Without a year, as networks show what was posted this year.
    YearLess { month: i8, day: u16 },
    /// Nothing: a time of day, or how long ago it was.
    Unknown,
}

impl Stamp {
    /// The stamp at the start of `text`: `27/09/2025, 21:14:03`, `9/27/25, 9:14 PM`, `14 June, 10:30`,
    /// `3 nov.`, `11:42 PM · Nov 3, 2025`, `21:14`.
    pub(super) fn at_start(text: &str) -> Option<Self> {
        if let Some(stamp) = date::at_start(text) {
            let has_time = has_time(&text[..stamp.len]);
            return Some(Self {
                len: stamp.len,
                day: Day::Known(stamp.iso),
                has_time,
            });
        }
        let mut cursor = Cursor { rest: text };
        let timed_first = cursor.time();
        if timed_first {
            cursor.separator();
        }
        let day = digits(&mut cursor).or_else(|| year_less(&mut cursor));
        let Some(day) = day else {
            let mut cursor = Cursor { rest: text };
            return cursor
                .time()
                .then(|| Self::ending(text, cursor.rest, Day::Unknown, true))?;
        };
        let mut end = cursor.rest;
        cursor.separator();
        let timed = cursor.time();
        if timed {
            end = cursor.rest;
        }
        Self::ending(text, end, day, timed || timed_first)
    }

    /// The stamp that is all of `text`.
    pub(super) fn whole(text: &str) -> Option<Self> {
        Self::at_start(text).filter(|stamp| text[stamp.len..].trim().is_empty())
    }

    fn ending(text: &str, end: &str, day: Day, has_time: bool) -> Option<Self> {
        let len = text.len() - end.len();
        let cuts_word =
            text[..len].ends_with(char::is_alphanumeric) && end.starts_with(char::is_alphanumeric);
        let day = match day {
            Day::Digits {
                first, second, year, ..
            } => Day::Digits {
                first,
                second,
                year,
                is_american: is_american(&text[..len]),
            },
            day => day,
        };
        (!cuts_word).then_some(Self { len, day, has_time })
    }
}

/// How long ago something was posted, all of `text`: `3h`, `2 j`, `5 min`.
pub(super) fn is_age(text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits)
        && matches!(
            text[digits..].trim_start(),
            "s" | "m" | "min" | "h" | "d" | "j" | "w" | "sem" | "mo" | "y" | "an"
        )
}

/// `27/09/2025`, `27.09.25`, `9-27-2025`.
fn digits(cursor: &mut Cursor<'_>) -> Option<Day> {
    cursor.attempt(|cursor| {
        let first = cursor.number(1, 2)?;
        let mark = cursor
            .rest
            .chars()
            .next()
            .filter(|c| matches!(c, '/' | '.' | '-'))?;
        cursor.expect(mark)?;
        let second = cursor.number(1, 2)?;
        cursor.expect(mark)?;
        let year = match cursor.attempt(|cursor| cursor.number(4, 4)) {
            Some(year) => year,
            None => 2000 + cursor.number(2, 2)?,
        };
        Some(Day::Digits {
            first,
            second,
            year,
            is_american: false,
        })
    })
}

/// `Nov 3`, `3 nov.`, `14 June`, `1er février`.
fn year_less(cursor: &mut Cursor<'_>) -> Option<Day> {
    let day = cursor
        .attempt(|cursor| {
            let month = cursor.month()?;
            cursor.space();
            Some((month, cursor.day()?))
        })
        .or_else(|| {
            cursor.attempt(|cursor| {
                let day = cursor.day()?;
                cursor.space();
                Some((cursor.month()?, day))
            })
        });
    let (month, day) = day?;
    // A leap year has all days that there are.
    date::date(2024, month, day).map(|_| Day::YearLess { month, day })
}

/// Whether a stamp ends with the half of the day.
fn is_american(stamp: &str) -> bool {
    let stamp: String = stamp.chars().filter(|c| *c != '.').collect();
    let stamp = stamp.to_ascii_lowercase();
    stamp.ends_with("am") || stamp.ends_with("pm")
}

/// Whether a stamp with a date says a time of day too.
fn has_time(stamp: &str) -> bool {
    (0..stamp.len())
        .filter(|&at| stamp.is_char_boundary(at))
        .filter(|&at| !stamp[..at].ends_with(|c: char| c != 'T' && c.is_alphanumeric() || is_dash(c)))
        .any(|at| Cursor { rest: &stamp[at..] }.time())
}

/// What the rest of a document tells of the days that its stamps leave open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calendar {
    /// Whether a stamp in digits begins with the month, where one of them shows it.
    month_first: Option<bool>,
    /// The day of the article.
    article: Option<Date>,
}

impl Calendar {
    /// From all stamps of a document and its own date, ISO 8601.
    pub(super) fn new<'a>(days: impl Iterator<Item = &'a Day>, article: Option<&str>) -> Self {
        let shows = |day: &Day| match day {
            Day::Digits { first, second, .. } if *first > 12 && *second <= 12 => Some(false),
            Day::Digits { first, second, .. } if *second > 12 && *first <= 12 => Some(true),
            _ => None,
        };
        Self {
            month_first: days.filter_map(shows).next(),
            article: article.and_then(|iso| iso.parse().ok()),
        }
    }

    /// The day, ISO 8601. Without a year it is the last such day up to the date of the article.
    pub(super) fn iso(&self, day: &Day) -> Option<String> {
        match day {
            Day::Known(iso) => Some(iso.clone()),
            Day::Digits {
                first,
                second,
                year,
                is_american,
            } => {
                let month_first = self.month_first.unwrap_or(*is_american);
                let in_order = |month: u16, day: u16| date::date(*year, i8::try_from(month).ok()?, day);
                let (usual, other) = if month_first {
                    (in_order(*first, *second), in_order(*second, *first))
                } else {
                    (in_order(*second, *first), in_order(*first, *second))
                };
                usual.or(other).map(|date| date.to_string())
            }
            Day::YearLess { month, day } => {
                let article = self.article?;
                let year = u16::try_from(article.year()).ok()?;
                [year, year - 1]
                    .into_iter()
                    .filter_map(|year| date::date(year, *month, *day))
                    .find(|date| *date <= article)
                    .map(|date| date.to_string())
            }
            Day::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The day in an article of 2025-10-09 whose stamps show no order, what is left, and whether there is a time.
    fn read(text: &str) -> Option<(Option<String>, &str, bool)> {
        let stamp = Stamp::at_start(text)?;
        let calendar = Calendar::new([].into_iter(), Some("2025-10-09"));
        Some((calendar.iso(&stamp.day), &text[stamp.len..], stamp.has_time))
    }

    #[track_caller]
    fn check(text: &str, iso: Option<&str>, rest: &str, has_time: bool) {
        assert_eq!(
            read(text),
            Some((iso.map(str::to_owned), rest, has_time)),
            "{text:?}"
        );
    }

    #[test]
    fn stamps_of_messengers_are_read() {
        check("27/09/2025, 21:14:03] Awa", Some("2025-09-27"), "] Awa", true);
        check("27.09.25 21:14 - Awa", Some("2025-09-27"), " - Awa", true);
        check("9/8/25, 9:14 PM", Some("2025-09-08"), "", true);
        check("9/8/25, 21:14", Some("2025-08-09"), "", true);
        check("9/27/2025", Some("2025-09-27"), "", false);
        check("21:14:03] Awa", None, "] Awa", true);
        check("2025-09-27 21:14", Some("2025-09-27"), "", true);
        check("2025-09-27T21:14", Some("2025-09-27"), "", true);
        check("2025-09-27", Some("2025-09-27"), "", false);
    }

    #[test]
    fn stamps_of_networks_are_read() {
        check("11:42 PM · Nov 3, 2025", Some("2025-11-03"), "", true);
        check("Nov 3, 2025", Some("2025-11-03"), "", false);
        check("14 June, 10:30): x", Some("2025-06-14"), "): x", true);
        check("11 août", Some("2025-08-11"), "", false);
        check("1er févr.", Some("2025-02-01"), "", false);
        check("Oct 9", Some("2025-10-09"), "", false);
        check("Nov 3", Some("2024-11-03"), "", false);
    }

    #[test]
    fn the_stamps_of_a_log_agree() {
        let day = |text: &str| Stamp::at_start(text).unwrap().day;
        let days = [day("9/8/25, 21:14"), day("9/13/25, 21:14")];
        let calendar = Calendar::new(days.iter(), None);
        assert_eq!(calendar.iso(&days[0]).as_deref(), Some("2025-09-08"));
    }

    #[test]
    fn what_is_no_stamp_is_none() {
        for text in [
            "",
            "Awa",
            "3 bags",
            "31 février",
            "12",
            "1/2",
            "40/50/2025x",
            "Nov",
            "3 novx",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        check("40/50/2025", None, "", false);
    }

    #[test]
    fn ages_are_a_number_and_a_unit() {
        assert!(is_age("3h") && is_age("2 j") && is_age(" 45 min "));
        assert!(!is_age("3") && !is_age("h") && !is_age("300h") && !is_age("3 hours ago"));
    }
}
