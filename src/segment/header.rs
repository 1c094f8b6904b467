//! Metadata at the top of an article: its date, its author.

use super::chars::{self, fold, lists};
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
const DATE_KEYS: [&str; 9] = [
    "date",
    "published",
    "posted",
    "updated",
    "last updated",
    "publie",
    "mis a jour",
    "mise a jour",
    "derniere mise a jour",
];

/// Keys that a name follows. Folded.
const AUTHOR_KEYS: [&str; 12] = [
    "by",
    "par",
    "author",
    "auteur",
    "written by",
    "ecrit par",
    "reporting by",
    "writing by",
    "editing by",
    "compiled by",
    "translated by",
    "propos recueillis par",
];

/// Words that end a byline without a name: `By our investigations desk`. Folded.
const DESKS: [&str; 16] = [
    "agencies",
    "correspondent",
    "correspondents",
    "correspondant",
    "correspondante",
    "desk",
    "editor",
    "editors",
    "newsroom",
    "redaction",
    "reporter",
    "reporters",
    "staff",
    "team",
    "writer",
    "writers",
];

/// Words of a byline without a name.
const MAX_DESK_WORDS: usize = 5;

/// Bytes of a metadata line; a longer one is prose.
const MAX_LINE: usize = 200;

/// Bytes that the longest key takes, accents and spaces included.
const MAX_KEY: usize = 28;

/// What `line` says where the whole of it is metadata: `Published: November 14, 2023`,
/// `Publié le 14 novembre 2023 à 21 h 30`, `By Awa Ndiaye`, `By Awa Ndiaye | 2023-11-14`,
/// `Reporting by Awa Ndiaye; editing by Ali Ka`, `By our foreign desk`, or a date alone.
/// Beside a date there may be a word or two that say where it was printed: `November 14, 2023 - Analysis`.
pub(super) fn metadata(line: &str) -> Option<Metadata> {
    if line.len() > MAX_LINE {
        return None;
    }
    let mut metadata = Metadata::default();
    let parts = line
        .split(['|', '·', '•', ';'])
        .flat_map(split_at_dashes)
        .map(str::trim)
        .filter(|part| !part.is_empty());
    // A time of day may be parted from its date by the same marks.
    if let Some(date) = whole_date(line) {
        metadata.date = Some(date);
        return Some(metadata);
    }
    let (mut has_rubric, mut has_desk) = (false, false);
    for part in parts {
        if let Some(date) = whole_date(part) {
            metadata.date.get_or_insert(date);
        } else if is_desk(part) {
            has_desk = true;
        } else if let Some(author) = byline(part) {
            metadata.author.get_or_insert(author);
        } else if is_rubric(part) {
            has_rubric = true;
        } else {
            return None;
        }
    }
    let is_byline = (metadata.author.is_some() || has_desk) && !has_rubric;
    (metadata.date.is_some() || is_byline).then_some(metadata)
}

/// Whether a byline names no person: a desk, an agency in capitals.
fn is_desk(part: &str) -> bool {
    after_key(part, &AUTHOR_KEYS).is_some_and(|name| {
        let words: Vec<&str> = name.split_whitespace().take(MAX_DESK_WORDS + 1).collect();
        let is_letters = |word: &&str| {
            word.chars()
                .all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''))
        };
        let is_acronym =
            |word: &str| (2..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
        let last = words.last().map(|word| fold(word)).unwrap_or_default();
        let goes_on = words
            .iter()
            .skip(1)
            .any(|word| lists("a and by in of on the to", word));
        let is_desk = DESKS.contains(&last.as_str()) && !goes_on;
        words.len() <= MAX_DESK_WORDS
            && words.iter().all(is_letters)
            && (is_desk || words.len() == 1 && is_acronym(words[0]))
    })
}

/// `part` at its dashes with a space on either side.
fn split_at_dashes(part: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(part);
    std::iter::from_fn(move || {
        let text = rest?;
        let dash = text.char_indices().find(|&(at, c)| {
            let after = &text[at + c.len_utf8()..];
            chars::is_dash(c)
                && text[..at].ends_with(char::is_whitespace)
                && after.starts_with(char::is_whitespace)
        });
        rest = dash.map(|(at, c)| &text[at + c.len_utf8()..]);
        Some(dash.map_or(text, |(at, _)| &text[..at]))
    })
}

/// Words of a rubric: `Middle East`, `Le Journal du Fleuve`.
const MAX_RUBRIC_WORDS: usize = 4;

/// Whether `part` may be the name of a paper, an agency, a place or a section.
fn is_rubric(part: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '\'' | '’' | '-' | '&');
    part.starts_with(char::is_uppercase)
        && part.chars().all(is_letter)
        && part.split_whitespace().count() <= MAX_RUBRIC_WORDS
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
    let name = after_key(text, &AUTHOR_KEYS)?.trim();
    // Where they write from, or for whom, may follow: `By Awa Sow, Dakar`.
    let (first, rest) = name.split_once(", ").unwrap_or((name, ""));
    let others = rest.contains(' ') && is_person(rest);
    let follows = rest.is_empty() || others || is_rubric(rest);
    (follows && is_person(first)).then(|| if others { name } else { first }.to_owned())
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

/// A line of the header of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MailLine {
    pub(super) metadata: Metadata,
    /// The byte where the subject begins, in its line.
    pub(super) subject: Option<usize>,
}

/// Keys of the header of a mail, folded.
const MAIL_KEYS: [&str; 16] = [
    "a",
    "bcc",
    "cc",
    "cci",
    "date",
    "de",
    "envoye",
    "from",
    "message-id",
    "objet",
    "pour",
    "reply-to",
    "sent",
    "subject",
    "sujet",
    "to",
];

/// What `line` says where it is of a mail's header: `From: Awa Sow <awa@mail.example>`, `Date: …`, `Objet : …`.
pub(super) fn mail_line(line: &str) -> Option<MailLine> {
    let colon = chars::head(line, MAX_KEY).find(':')?;
    let key = fold(line[..colon].trim());
    let value = line[colon + 1..].trim();
    if !MAIL_KEYS.contains(&key.as_str()) {
        return None;
    }
    let mut found = MailLine {
        metadata: Metadata::default(),
        subject: None,
    };
    match key.as_str() {
        "date" | "sent" | "envoye" => found.metadata.date = date::at_start(value).map(|stamp| stamp.iso),
        "from" | "de" => {
            let name = value.split('<').next().unwrap_or_default();
            let name = name.trim().trim_matches('"');
            found.metadata.author = is_person(name).then(|| name.to_owned());
        }
        "subject" | "objet" | "sujet" => {
            found.subject = (!value.is_empty()).then(|| line.len() - line[colon + 1..].trim_start().len());
        }
        _ => {}
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_mail_are_read() {
        let read = |line: &str| {
            let found = mail_line(line)?;
            let subject = found.subject.map(|at| line[at..].to_owned());
            Some((found.metadata.author, found.metadata.date, subject))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read("From: Awa Sow <awa@mail.example>"),
            Some((some("Awa Sow"), None, None))
        );
        assert_eq!(read("De : redaction@mail.example"), Some((None, None, None)));
        assert_eq!(
            read("Date: Tue, 14 Nov 2023 08:11:00 +0000"),
            Some((None, some("2023-11-14"), None))
        );
        assert_eq!(
            read("Objet : Une année sèche"),
            Some((None, None, some("Une année sèche")))
        );
        assert_eq!(read("Subject:"), Some((None, None, None)));
        for line in ["", "Awa: on part", "Note to self", "12:30", "From Awa"] {
            assert_eq!(read(line), None, "{line:?}");
        }
    }

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
        check("By Awa Sow, Dakar", None, Some("Awa Sow"));
        check(
            "By Awa Sow, Ali Ka and Tom Sy",
            None,
            Some("Awa Sow, Ali Ka and Tom Sy"),
        );
        check(
            "Par Awa Sow, Dakar — 14 novembre 2023",
            Some("2023-11-14"),
            Some("Awa Sow"),
        );
        check("By Awa Sow - Nov. 14, 2023", Some("2023-11-14"), Some("Awa Sow"));
        check(
            "Last updated: 14 November 2023, 17:40 GMT",
            Some("2023-11-14"),
            None,
        );
        check(
            "Dernière mise à jour le 14 novembre 2023",
            Some("2023-11-14"),
            None,
        );
        check("By our investigations desk", None, None);
        check("By Staff Writer", None, None);
        check("Par la rédaction", None, None);
        check("By AFP | Nov. 14, 2023", Some("2023-11-14"), None);
        check(
            "Reporting by Awa Sow; writing by Tom Sy; editing by Ali Ka",
            None,
            Some("Awa Sow"),
        );
        check("November 14, 2023 - Analysis", Some("2023-11-14"), None);
        check(
            "LE FLEUVE | Par Awa Sow – 14 novembre 2023",
            Some("2023-11-14"),
            Some("Awa Sow"),
        );
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
            "Dry Year - The Well",
            "By Awa Sow, who left in 2021",
            "By Awa Sow | The Well",
            "Rain fell on the town - November 14, 2023",
            "1 - November 14, 2023",
            "By the time the team",
            "By AFP and others who wrote",
            "Awa Sow; Tom Sy",
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
