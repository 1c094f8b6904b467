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
    let edges = head.char_indices().filter(|(_, c)| is_edge(*c)).map(|(at, _)| at);
    let end = edges
        .filter(|at| keys.contains(&fold(&head[..*at]).as_str()))
        .next_back()?;
    Some(text[end..].trim_start_matches(is_edge))
}
