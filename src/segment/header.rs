//! Metadata at the top of an article: its date, its author.

use super::chars::{self, fold};
use super::date;
use super::speaker::is_person;

/// What a metadata line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// ISO 8601.
    pub(super) date: Option<String>,
    pub(super) author: Option<String>,
}

/// Keys that a date follows; `on` and `le` belong to the date. Folded.
const DATE_KEYS: [&str; 6] = ["date", "published", "posted", "updated", "publie", "mis a jour"];

/// Keys that a name follows. Folded.
const AUTHOR_KEYS: [&str; 6] = ["by", "par", "author", "auteur", "written by", "ecrit par"];

/// Bytes of a metadata line; a longer one is prose.
const MAX_LINE: usize = 200;

/// Bytes that the longest key takes, accents and spaces included.
const MAX_KEY: usize = 16;

/// What `line` says where the whole of it is metadata: `Published: November 14, 2023`,
/// `Publié le 14 novembre 2023 à 21 h 30`, `By Awa Ndiaye`, `By Awa Ndiaye | 2023-11-14`, or a date alone.
pub(super) fn metadata(line: &str) -> Option<Metadata> {
    if line.len() > MAX_LINE {
        return None;
    }
    let mut metadata = Metadata::default();
    let parts = line
        .split(['|', '·', '•'])
        .map(str::trim)
        .filter(|part| !part.is_empty());
    // A time of day may be parted from its date by the same marks.
    if let Some(date) = whole_date(line) {
        metadata.date = Some(date);
        return Some(metadata);
    }
    for part in parts {
        if let Some(date) = whole_date(part) {
            metadata.date.get_or_insert(date);
        } else {
            metadata.author.get_or_insert(byline(part)?);
        }
    }
    (metadata != Metadata::default()).then_some(metadata)
}

/// The length of the metadata that `line` begins with before its text goes on, and its date:
/// `date 2023-11-14 The text …`. Only a date with its key counts, and only before a new sentence.
pub(super) fn prefix(line: &str) -> Option<(usize, String)> {
    let rest = after_key(line, &DATE_KEYS)?;
    let stamp = date::at_start(rest)?;
    let len = line.len() - rest.len() + stamp.len;
    let text = &line[len..];
    let begins = text
        .trim_start()
        .chars()
        .next()
        .is_some_and(|c| !c.is_lowercase() && !matches!(c, ',' | '.' | ';' | ')'));
    (begins && text.starts_with(char::is_whitespace)).then_some((len, stamp.iso))
}

/// The date that is all of `text`, with or without a key.
fn whole_date(text: &str) -> Option<String> {
    let rest = after_key(text, &DATE_KEYS).unwrap_or(text);
    let stamp = date::at_start(rest)?;
    rest[stamp.len..].trim().is_empty().then_some(stamp.iso)
}

fn byline(text: &str) -> Option<String> {
    let name = after_key(text, &AUTHOR_KEYS)?;
    is_person(name).then(|| name.trim().to_owned())
}

/// What follows the longest of `keys` that `text` begins with, and its colon.
fn after_key<'t>(text: &'t str, keys: &[&str]) -> Option<&'t str> {
    let is_edge = |c: char| c.is_whitespace() || c == ':';
    let head = chars::head(text, MAX_KEY);
    let (end, _) = head
        .char_indices()
        .rfind(|(at, c)| is_edge(*c) && keys.contains(&fold(&head[..*at]).as_str()))?;
    Some(text[end..].trim_start_matches(is_edge))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, date: Option<&str>, author: Option<&str>) {
        let expected = Metadata {
            date: date.map(str::to_owned),
            author: author.map(str::to_owned),
        };
        assert_eq!(metadata(line), Some(expected), "{line:?}");
    }

    #[test]
    fn dates_and_bylines_are_metadata() {
        check("date 2023-11-14", Some("2023-11-14"), None);
        check("Published: November 14, 2023", Some("2023-11-14"), None);
        check("Published on 14 November 2023 at 10:32", Some("2023-11-14"), None);
        check("Publié le 14 novembre 2023 à 21 h 30", Some("2023-11-14"), None);
        check("Mis à jour : 14 novembre 2023", Some("2023-11-14"), None);
        check("10:32 AM · Nov 14, 2023", Some("2023-11-14"), None);
        check("By Awa Sow", None, Some("Awa Sow"));
        check("Par Awa Sow et Ali Ka", None, Some("Awa Sow et Ali Ka"));
        check("By Awa Sow | Nov. 14, 2023", Some("2023-11-14"), Some("Awa Sow"));
    }

    #[test]
    fn prose_is_no_metadata() {
        for line in [
            "",
            "|",
            "By the river",
            "By Night",
            "On November 14, 2023 it rained",
            "Published: soon",
        ] {
            assert_eq!(metadata(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_keyed_date_may_stand_before_the_text() {
        let check = |line: &str, expected: Option<&str>| {
            assert_eq!(prefix(line).map(|(len, _)| &line[..len]), expected, "{line:?}");
        };
        check("date 2023-11-14 The road is closed.", Some("date 2023-11-14"));
        check(
            "Published: Nov. 14, 2023 « La route »",
            Some("Published: Nov. 14, 2023"),
        );
        check("Date 2023-11-14 was a Tuesday.", None);
        check("2023-11-14 The road is closed.", None);
        check("date 2023-11-14", None);
    }
}
