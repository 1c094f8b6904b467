use super::*;

/// Expects the date at the start of `text`, which goes on with `rest`.
fn check(text: &str, iso: &str, rest: &str) {
    let stamp = at_start(text);
    let found = stamp
        .as_ref()
        .map(|stamp| (stamp.iso.as_str(), &text[stamp.len..]));
    assert_eq!(found, Some((iso, rest)), "{text:?}");
}

fn check_none(text: &str) {
    assert_eq!(at_start(text), None, "{text:?}");
}

#[test]
fn english_dates_are_read() {
    check("November 14, 2023", "2023-11-14", "");
    check("Nov. 14, 2023 and on", "2023-11-14", " and on");
    check("NOV 14th 2023", "2023-11-14", "");
    check("14 November 2023", "2023-11-14", "");
    check("1st of May, 2024", "2024-05-01", "");
    check("Tuesday, March 5, 2024.", "2024-03-05", ".");
    check("Tue, 5 Mar 2024 08:11:00 +0000", "2024-03-05", "");
}

#[test]
fn french_dates_are_read() {
    check("14 novembre 2023", "2023-11-14", "");
    check("1er mars 2024", "2024-03-01", "");
    check("le mardi 6 févr. 2024", "2024-02-06", "");
    check("25 de\u{301}cembre 2023", "2023-12-25", "");
    check("3 août 2023", "2023-08-03", "");
}

#[test]
fn iso_dates_are_read() {
    check("2023-11-14 Text", "2023-11-14", " Text");
    check("2023-11-14T10:32:00Z", "2023-11-14", "");
    check("2023-11-14T10:32+01:00", "2023-11-14", "");
}

#[test]
fn a_time_of_day_belongs_to_the_date() {
    check("10:32 AM · Nov 14, 2023", "2023-11-14", "");
    check("Nov 14, 2023, 10:32 a.m.", "2023-11-14", "");
    check("14 novembre 2023 à 21 h 30", "2023-11-14", "");
    check("14 novembre 2023 à 21h", "2023-11-14", "");
    check("14 novembre 2023 à Dakar", "2023-11-14", " à Dakar");
    check("November 14, 2023 at 5 pm GMT", "2023-11-14", "");
    check("November 14, 2023 at 5 o'clock", "2023-11-14", " at 5 o'clock");
}

#[test]
fn dates_in_digits_are_read_where_they_sign() {
    let iso = |text: &str| at_start_in_digits(text).map(|stamp| (stamp.iso, stamp.len));
    assert_eq!(iso("3/1/2024"), Some(("2024-01-03".to_owned(), 8)));
    assert_eq!(iso("03.02.2024."), Some(("2024-02-03".to_owned(), 10)));
    assert_eq!(iso("3/25/2024"), Some(("2024-03-25".to_owned(), 9)));
    assert_eq!(iso("2024-03-25"), Some(("2024-03-25".to_owned(), 10)));
    assert_eq!(iso("33/1/2024"), None);
    assert_eq!(iso("3/1/20244"), None);
    assert_eq!(iso("3/1.2024"), None);
}

#[test]
fn french_months_are_told_from_english_ones() {
    assert!(names_french_month("— Awa (@awa) 3 févr. 2024"));
    assert!(!names_french_month("— Mai Avril (@mai) Mar 3, 2024"));
}

#[test]
fn what_is_not_in_the_calendar_is_no_date() {
    for text in [
        "",
        "2023-02-30",
        "February 30, 2023",
        "31 juin 2024",
        "0 mars 2024",
        "99999-01-01",
    ] {
        check_none(text);
    }
}

#[test]
fn a_date_is_whole_and_unambiguous() {
    for text in [
        "November 14",
        "14/11/2023",
        "March 2024",
        "novembre 2023",
        "2023-11-145",
        "le",
        "10:32",
    ] {
        check_none(text);
    }
}
