//! Numbers and codes in running text.

use std::sync::LazyLock;

use regex::{Match, Regex};

use super::ProtectedKind;
use crate::Span;

/// Codes first, then numbers with what belongs to them: separators, units, currencies.
pub(super) fn codes_and_numbers(text: &str) -> Vec<(Span, ProtectedKind)> {
    let mut found = Vec::new();
    if !text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'$') {
        return found;
    }
    found.extend(
        CODE.find_iter(text)
            .filter(|code| is_code(code.as_str()) && stands_alone(text, code))
            .map(|code| (Span::new(code.start(), code.end()), ProtectedKind::Code)),
    );
    found.extend(
        NUMBER
            .find_iter(text)
            .filter(|number| stands_alone(text, number))
            .map(|number| (Span::new(number.start(), number.end()), kind(number.as_str()))),
    );
    found
}

/// A space of any width that does not end a line, as numbers hold them.
const SPACE: &str = r"[ \u{a0}\u{202f}\u{2009}]";

static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$[A-Z]{1,6}\b|[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*").expect("the pattern is valid")
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let digits =
        format!(r"(?:[0-9]{{1,3}}(?:(?:{SPACE}|[.,'’])[0-9]{{3}})+(?:[.,][0-9]+)?\b|[0-9]+(?:[.,][0-9]+)*)");
    let scale = r"(?:k|K|M|Md|Mds|bn|m)";
    let range = format!(r"{digits}(?:{SPACE}?[-–—]{SPACE}?{digits})?");
    let alternatives = [
        // Telephone numbers in pairs: 06 12 34 56 78.
        format!(r"\+?[0-9]{{1,3}}(?:(?:{SPACE}|\.)[0-9]{{2}}){{4}}\b"),
        // Amounts with the currency before, then with a unit after.
        format!(r"(?:US|CA|AU)?[$€£¥₹₦]{SPACE}?{range}(?:{SPACE}?{scale}\b)?"),
        format!(
            r"{range}{SPACE}?(?:{scale}?{SPACE}?[$€£¥₹₦%‰]|°C?|{scale}?{SPACE}?(?:EUR|USD|GBP|CHF|XOF|F?{SPACE}?CFA)\b)"
        ),
        // Times: 21 h 30, 21h, 9:30, 9:30:15.
        format!(r"[0-9]{{1,2}}{SPACE}?[hH]{SPACE}?[0-5][0-9]\b"),
        format!(r"[0-9]{{1,2}}{SPACE}?[hH]\b"),
        r"[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?\b".to_owned(),
        // Dates, scores, ranges: 24/7, 2013-11-20, 1998–2003, 3 x 4 is left alone.
        format!(r"\+?{digits}(?:[-–—/:×x]{digits})+"),
        // Ordinals.
        r"[0-9]+(?:ers?|ères?|res?|es?|è|[èe]mes?|nde?s?|st|rd|th)\b".to_owned(),
        digits,
    ];
    Regex::new(&alternatives.join("|")).expect("the pattern is valid")
});

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"^[0-9]{{1,2}}(?:{SPACE}?[hH](?:{SPACE}?[0-5][0-9])?|{SPACE}heures?|:[0-5][0-9](?::[0-5][0-9])?)$"
    ))
    .expect("the pattern is valid")
});

/// Whether a number is a time of day, or how long something takes: `21 h 30`, `21h`, `9:30`.
pub(super) fn is_time(number: &str) -> bool {
    TIME.is_match(number)
}

/// Whether a token of letters and digits is an identifier: three digits or more, and letters that
/// are no unit (`100km`), no time (`21h30`) and no word (`500-metre`, `mid-1990s`).
fn is_code(token: &str) -> bool {
    if token.starts_with('$') {
        return true;
    }
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_time = letters == 1 && token.contains(['h', 'H']);
    digits >= 3 && letters >= 1 && !is_time && token.split(['-', '_']).all(|part| !is_word(part))
}

/// Whether a part of a token is a word, or a number with a unit or an ending.
fn is_word(part: &str) -> bool {
    let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.bytes().all(|byte| byte.is_ascii_alphabetic()) && rest.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// What sort of number was matched.
fn kind(number: &str) -> ProtectedKind {
    let digits = number.trim_end_matches(char::is_alphabetic);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_ordinal = digits.len() < number.len() && !number.ends_with(['h', 'H']);
    let is_year = digits.len() == 4 && ("1000".."2100").contains(&digits);
    if is_plain
        && (is_ordinal && !number.ends_with("CFA")
            || digits.len() == number.len() && (digits.len() <= 2 || is_year))
    {
        ProtectedKind::PlainNumber
    } else {
        ProtectedKind::Number
    }
}

/// Whether no letter, digit or joiner touches the match.
fn stands_alone(text: &str, found: &Match<'_>) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '\u{20e3}' || c == '\u{fe0f}';
    let before = text[..found.start()].chars().next_back();
    let after = text[found.end()..].chars().next();
    let ends_in_letter = found.as_str().ends_with(|c: char| c.is_alphanumeric());
    !(before.is_some_and(joins) || ends_in_letter && after.is_some_and(joins))
}

#[cfg(test)]
mod tests {
    use super::super::protected_spans;
    use super::ProtectedKind::*;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, ProtectedKind)]) {
        let found: Vec<_> = protected_spans(text)
            .iter()
            .map(|found| (found.span.of(text).unwrap(), found.kind))
            .collect();
        assert_eq!(found, expected, "in `{text}`");
    }

    #[test]
    fn separators_belong_to_the_number() {
        check("soit 7 500 morts", &[("7 500", Number)]);
        check(
            "soit 7\u{202f}500\u{a0}000 morts",
            &[("7\u{202f}500\u{a0}000", Number)],
        );
        check(
            "1,234.56 ou 1.234,56",
            &[("1,234.56", Number), ("1.234,56", Number)],
        );
        check("en hausse de 12,5 %.", &[("12,5 %", Number)]);
        check("10%, 3 %", &[("10%", Number), ("3 %", Number)]);
        check("en 2013 500 soldats", &[("2013", PlainNumber), ("500", Number)]);
    }

    #[test]
    fn currencies_belong_to_the_amount() {
        check("$5 ou 5 €", &[("$5", Number), ("5 €", Number)]);
        check("5,2 M€ et £3bn", &[("5,2 M€", Number), ("£3bn", Number)]);
        check(
            "10 000 FCFA, 200 F CFA",
            &[("10 000 FCFA", Number), ("200 F CFA", Number)],
        );
        check("entre 10 et 20-25 €", &[("10", PlainNumber), ("20-25 €", Number)]);
    }

    #[test]
    fn times_ranges_and_dates_are_one_number() {
        check("à 21 h 30.", &[("21 h 30", Number)]);
        check("à 9h, à 9:30", &[("9h", Number), ("9:30", Number)]);
        check("24/7, de 1998-2003", &[("24/7", Number), ("1998-2003", Number)]);
        check("le 20/11/2023", &[("20/11/2023", Number)]);
        check("tel 06 12 34 56 78", &[("06 12 34 56 78", Number)]);
        check("3 heures", &[("3", PlainNumber)]);
    }

    #[test]
    fn short_integers_years_and_ordinals_are_plain() {
        check("12 ans", &[("12", PlainNumber)]);
        check("en 1998", &[("1998", PlainNumber)]);
        check(
            "la 3e fois, le 1er mai, 2nd",
            &[("3e", PlainNumber), ("1er", PlainNumber), ("2nd", PlainNumber)],
        );
        check("les 480 élèves", &[("480", Number)]);
    }

    #[test]
    fn codes_are_identifiers_and_not_quantities() {
        check("réf. XJ-900-2B", &[("XJ-900-2B", Code)]);
        check("le vol AF1234", &[("AF1234", Code)]);
        check("100km, 1990s, 5G, mp3, mid-1990s", &[]);
        check("Euro-2012", &[("2012", PlainNumber)]);
        check("le 500-metre", &[("500", Number)]);
        check("à 1h45", &[("1h45", Number)]);
        check("a1b2c3d4-e5f6", &[("a1b2c3d4-e5f6", Code)]);
        check("l'action $ACME", &[("$ACME", Code)]);
        check("été2024b", &[]);
    }
}
