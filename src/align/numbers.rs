//! Numbers and times of day as values, so that `7 500` is `7,500` and `21 h 30` is `9:30 p.m.`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A time of day (French `21 h 30`, English `9:30 p.m.`, either `21:30`), a number in groups of
/// three, a plain or decimal number, an ordinal's ending. Groups: hour, minute; hour; hour, minute;
/// hour, minute; integer, decimals, scale; the same.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let space = r"[\x20\u{a0}\u{202f}\u{2009}]";
    // What follows `million` is needed: `5 millionnaires` are five.
    let scale = format!(r"(?:{space}?(milli(?:ons?|ards?)|billions?)\b)?");
    let pattern = format!(
        r"^(?x:
        (\d{{1,2}})[:.](\d{{2}}){space}?[apAP]\.?[mM]\b\.?
        | (\d{{1,2}}){space}?[apAP]\.?[mM]\b\.?
        | (2[0-4]|[01]?\d){space}?(?:[hH]|heures?|hours?|o['’]clock)(?:{space}?(\d{{2}}))?\b
        | (\d{{1,2}}):(\d{{2}})\b
        | (\d{{1,3}}(?:{space}\d{{3}})+|\d{{1,3}}(?:,\d{{3}})+|\d{{1,3}}(?:\.\d{{3}})+|\d{{1,3}}(?:['’]\d{{3}})+)\b(?:[.,](\d+))?{scale}
        | (\d+)(?:[.,](\d+))?(?:(?:er|re|e|ème|st|nd|rd|th)\b|{scale})
        )"
    );
    Regex::new(&pattern).expect("the pattern is valid")
});

/// Reads the number at the start of a text, which begins with an ASCII digit: its value and its
/// length in bytes.
pub(super) fn read(text: &str) -> (String, usize) {
    let Some(found) = NUMBER.captures(text) else {
        let length = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len())
            .max(1);
        return (text[..length].to_owned(), length);
    };
    (value(&found), found[0].len())
}

fn value(found: &Captures<'_>) -> String {
    let group = |index| found.get(index).map(|group| group.as_str());
    for (hour, minute) in [(1, Some(2)), (3, None), (4, Some(5)), (6, Some(7))] {
        if let Some(hour) = group(hour) {
            return time(hour, minute.and_then(group));
        }
    }
    let integer = group(8).or(group(11)).unwrap_or_default();
    let decimals = group(9).or(group(12)).unwrap_or_default().trim_end_matches('0');
    let scale = group(10).or(group(13)).map_or(0, zeros);
    let (integer, decimals) = shifted(integer, decimals, scale);
    let digits: String = integer.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.trim_start_matches('0') {
        "" => "0",
        significant => significant,
    };
    if decimals.is_empty() {
        digits.to_owned()
    } else {
        format!("{digits}.{decimals}")
    }
}

/// The zeros that a word after a number stands for.
fn zeros(scale: &str) -> usize {
    if scale.starts_with("million") { 6 } else { 9 }
}

/// A number's digits times ten to the `zeros`.
fn shifted(integer: &str, decimals: &str, zeros: usize) -> (String, String) {
    let split = decimals.len().min(zeros);
    let (moved, rest) = decimals.split_at(split);
    let fill = "0".repeat(zeros - split);
    (format!("{integer}{moved}{fill}"), rest.to_owned())
}

/// A time on the 12-hour clock, since English leaves out the half of the day where it is plain; 12 and 24
/// stay apart, which may be lengths of time.
fn time(hour: &str, minute: Option<&str>) -> String {
    let hour: u32 = hour.parse().unwrap_or_default();
    let hour = if (13..24).contains(&hour) { hour - 12 } else { hour };
    format!("{hour}:{}", minute.unwrap_or("00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, value: &str, read_to: &str) {
        let (found, length) = read(text);
        assert_eq!(
            (found.as_str(), &text[..length]),
            (value, read_to),
            "number at the start of {text:?}"
        );
    }

    #[test]
    fn groups_of_three_and_decimals() {
        check("7 500 francs", "7500", "7 500");
        check("7\u{202f}500 F", "7500", "7\u{202f}500");
        check("7,500 francs", "7500", "7,500");
        check("1.250.000,50 €", "1250000.5", "1.250.000,50");
        check("1,250,000.5", "1250000.5", "1,250,000.5");
        check("9,5 h", "9.5", "9,5");
        check("9.50.", "9.5", "9.50");
        check("2024 500", "2024", "2024");
        check("38 ponts", "38", "38");
        check("3, 4", "3", "3");
        check("12 5000", "12", "12");
        check("007", "7", "007");
        check("0", "0", "0");
    }

    #[test]
    fn times_of_day() {
        check("21 h 30.", "9:30", "21 h 30");
        check("21h30", "9:30", "21h30");
        check("8 h du matin", "8:00", "8 h");
        check("9:30 p.m. on", "9:30", "9:30 p.m.");
        check("9.30 pm", "9:30", "9.30 pm");
        check("12 am", "12:00", "12 am");
        check("12:15 p.m.", "12:15", "12:15 p.m.");
        check("18:05 ", "6:05", "18:05");
        check("19 heures.", "7:00", "19 heures");
        check("36 heures", "36", "36");
        check("8 o’clock", "8:00", "8 o’clock");
        check("3 hommes", "3", "3");
        check("5 amis", "5", "5");
    }

    #[test]
    fn scales() {
        check("1 500 millions de", "1500000000", "1 500 millions");
        check("1.5 billion", "1500000000", "1.5 billion");
        check("1,35 million", "1350000", "1,35 million");
        check("5 millionnaires", "5", "5");
    }

    #[test]
    fn ordinals() {
        check("1er mai", "1", "1er");
        check("21st day", "21", "21st");
        check("2ème", "2", "2ème");
        check("3eau", "3", "3");
    }
}
