//! The line that names the author of a post before its text.

use super::chars::{is_dash, is_gap, is_invisible};
use super::post::{MAX_NAME, is_handle_char};
use super::speaker;
use super::stamp::{Day, Stamp, is_age};

/// Who posted and when, at the start of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The bytes of the line that it takes; what is behind them is the start of the post.
    pub(super) len: usize,
    pub(super) author: Option<String>,
    /// Without `@`.
    pub(super) handle: Option<String>,
    pub(super) day: Day,
}

/// Bytes before the handle.
const MAX_HEAD: usize = 120;

/// Words of a name in a head; more are a sentence.
const MAX_WORDS: usize = 8;

/// The head that `line` begins with, of a message in a log or of a post:
/// `[27/09/2025, 21:14:03] Awa: text`, `27/09/2025, 21:14 - Awa: text`, `Awa, [27.09.2025 21:14]`,
/// `@awa (14 June, 10:30): text`, `Awa Sow @awa · 11 août`, `Awa Sow (@awa) · Mar 3, 2025`.
pub(super) fn head(line: &str) -> Option<Head> {
    // Messengers put direction marks before the stamp.
    let rest = line.trim_start_matches(is_skipped);
    let found = bracketed(rest)
        .or_else(|| stamped(rest))
        .or_else(|| telegram(rest))
        .or_else(|| with_handle(rest))?;
    Some(Head {
        len: line.len() - rest.len() + found.len,
        ..found
    })
}

/// Whether `c` says nothing at the start of a line, or at the ends of a name.
fn is_skipped(c: char) -> bool {
    is_gap(c) || is_invisible(c)
}

/// `[stamp] Name:`
fn bracketed(line: &str) -> Option<Head> {
    let inner = line.strip_prefix('[')?;
    let stamp = Stamp::at_start(inner).filter(|stamp| stamp.has_time)?;
    let rest = inner[stamp.len..].strip_prefix(']')?;
    named(line, rest, stamp.day)
}

/// `date, time - Name:`
fn stamped(line: &str) -> Option<Head> {
    let stamp = Stamp::at_start(line).filter(|stamp| stamp.has_time && stamp.day != Day::Unknown)?;
    let rest = line[stamp.len..].trim_start();
    let dash = rest.chars().next().filter(|c| is_dash(*c))?;
    let rest = rest[dash.len_utf8()..]
        .starts_with(char::is_whitespace)
        .then(|| &rest[dash.len_utf8()..])?;
    named(line, rest, stamp.day)
}

/// The head of `line` whose `rest` begins with a name and a colon. A tilde before it marks a name that
/// the exporting telephone does not know.
fn named(line: &str, rest: &str, day: Day) -> Option<Head> {
    let rest = rest.trim_start_matches(|c| is_skipped(c) || c == '~');
    let colon = rest.char_indices().take(MAX_NAME).find(|(_, c)| *c == ':')?.0;
    let (name, handle) = name_and_handle(&rest[..colon])?;
    let after = &rest[colon + 1..];
    (after.is_empty() || after.starts_with(char::is_whitespace)).then(|| Head {
        len: line.len() - after.len(),
        author: name,
        handle,
        day,
    })
}

/// `Name, [stamp]`, with a colon or without.
fn telegram(line: &str) -> Option<Head> {
    let at = line.find(", [").filter(|at| *at <= MAX_HEAD)?;
    let stamp =
        Stamp::at_start(&line[at + 3..]).filter(|stamp| stamp.has_time && stamp.day != Day::Unknown)?;
    let rest = line[at + 3 + stamp.len..].strip_prefix(']')?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (name, handle) = name_and_handle(&line[..at])?;
    rest.trim().is_empty().then_some(Head {
        len: line.len(),
        author: name,
        handle,
        day: stamp.day,
    })
}

/// `Name @handle · date`, `@handle (date): text`.
fn with_handle(line: &str) -> Option<Head> {
    let account = account(line)?;
    let rest = &line[account.len..];
    let text_from =
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '·' | '•' | '|' | ','));
    let set_off = text_from.len() < rest.len();
    let (day, rest) = if let Some(inner) = text_from.strip_prefix('(') {
        let stamp = Stamp::at_start(inner)?;
        (stamp.day, inner[stamp.len..].strip_prefix(')')?)
    } else if set_off && is_age(text_from) {
        (Day::Unknown, "")
    } else {
        let stamp = Stamp::at_start(text_from).filter(|stamp| set_off && stamp.day != Day::Unknown)?;
        (stamp.day, &text_from[stamp.len..])
    };
    let rest = rest.trim_start();
    let text = if rest.is_empty() {
        rest
    } else {
        rest.strip_prefix(':')?
    };
    Some(Head {
        len: line.len() - text.len(),
        author: account.author,
        handle: Some(account.handle),
        day,
    })
}

/// A name with a handle.
pub(super) struct Account {
    /// The bytes that it takes.
    len: usize,
    pub(super) author: Option<String>,
    pub(super) handle: String,
}

/// The account at the start of `line`: `Awa Sow @awa`, `Awa Sow (@awa)`, `@awa`.
fn account(line: &str) -> Option<Account> {
    let at = line.find('@').filter(|at| *at <= MAX_HEAD)?;
    let before = &line[..at];
    let opened = before.ends_with('(');
    if !opened && before.ends_with(|c: char| !c.is_whitespace()) {
        return None;
    }
    let (author, _) = name_and_handle(before.trim_end_matches('('))?;
    let len: usize = line[at + 1..]
        .chars()
        .take_while(|c| is_handle_char(*c))
        .map(char::len_utf8)
        .sum();
    let handle = line[at + 1..at + 1 + len].trim_end_matches(['.', '-', '@']);
    let len = at + 1 + handle.len();
    let closes = !opened || line[len..].starts_with(')');
    (!handle.is_empty() && closes).then(|| Account {
        len: len + usize::from(opened),
        author,
        handle: handle.to_owned(),
    })
}

/// The account that is all of `line`.
pub(super) fn whole_account(line: &str) -> Option<Account> {
    account(line).filter(|account| line[account.len..].trim().is_empty())
}

/// A name, or a handle in its place, that is all of `text`; no name at all is fine too.
fn name_and_handle(text: &str) -> Option<(Option<String>, Option<String>)> {
    let text = text.trim_matches(|c| is_skipped(c) || matches!(c, '*' | '_' | '~'));
    if let Some(handle) = text.strip_prefix('@') {
        let is_handle = !handle.is_empty() && handle.chars().all(is_handle_char);
        return is_handle.then(|| (None, Some(handle.to_owned())));
    }
    if text.is_empty() {
        return Some((None, None));
    }
    is_name(text).then(|| (Some(text.to_owned()), None))
}

/// Whether `text` may be the name of an account: short, no sentence, no clause set off by a dash.
pub(super) fn is_name(text: &str) -> bool {
    let sentence_ends = |mark: &str| {
        text.match_indices(mark).any(|(at, _)| {
            let word = text[..at].rsplit(char::is_whitespace).next().unwrap_or_default();
            word.chars().count() > 3 && !speaker::is_title(word)
        })
    };
    let has_clause = |c: char| {
        matches!(
            c,
            '!' | '?' | '…' | ';' | '"' | '«' | '»' | '“' | '”' | '[' | ']' | '\t'
        )
    };
    let is_byline = text.starts_with("By ")
        || text.starts_with("Par ")
        || text.split_whitespace().any(|word| matches!(word, "by" | "par"));
    let dashed = text.split_whitespace().any(|word| word.chars().all(is_dash)) || text.contains('—');
    let words = text.split_whitespace().count();
    text.chars().count() <= MAX_NAME
        && (1..=MAX_WORDS).contains(&words)
        && !text.starts_with(|c: char| c.is_lowercase() && words > 2)
        && text.contains(char::is_alphanumeric)
        && !text.contains(has_clause)
        && !text.contains("://")
        && !dashed
        && !is_byline
        && !sentence_ends(". ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expects a head: author, handle, and what is behind it.
    #[track_caller]
    fn check(line: &str, author: Option<&str>, handle: Option<&str>, text: &str) {
        let found = head(line).unwrap_or_else(|| panic!("no head in {line:?}"));
        let read = (
            found.author.as_deref(),
            found.handle.as_deref(),
            &line[found.len..],
        );
        assert_eq!(read, (author, handle, text), "{line:?}");
    }

    #[test]
    fn messages_of_logs_have_heads() {
        check(
            "[27/09/2025, 21:14:03] Awa Sow: On part.",
            Some("Awa Sow"),
            None,
            " On part.",
        );
        check(
            "\u{200e}[27/09/2025, 21:14:03] ~ Awa: On part.",
            Some("Awa"),
            None,
            " On part.",
        );
        check("[21:14] Awa S.: 300 sacs", Some("Awa S."), None, " 300 sacs");
        check(
            "27/09/2025, 21:14 - Awa: On part : vite",
            Some("Awa"),
            None,
            " On part : vite",
        );
        check(
            "9/27/25, 9:14 PM - +221 77 000 00 00: Oui",
            Some("+221 77 000 00 00"),
            None,
            " Oui",
        );
        check("Awa Sow, [27.09.2025 21:14]", Some("Awa Sow"), None, "");
        check("[2025-09-27 21:14] @awa: Oui", None, Some("awa"), " Oui");
    }

    #[test]
    fn posts_have_heads() {
        check(
            "@awa_s (14 June, 09:12): on part",
            None,
            Some("awa_s"),
            " on part",
        );
        check("Awa Sow @awa · 11 août", Some("Awa Sow"), Some("awa"), "");
        check(
            "Le Préfet @prefet_x · 3h",
            Some("Le Préfet"),
            Some("prefet_x"),
            "",
        );
        check("Awa Sow (@awa) · Mar 3, 2025", Some("Awa Sow"), Some("awa"), "");
        check(
            "**Awa Sow** (@awa), 3 mars 2025 :",
            Some("Awa Sow"),
            Some("awa"),
            "",
        );
        check(
            "Awa Sow 🇸🇳 @awa@social.example · 2025-03-03",
            Some("Awa Sow 🇸🇳"),
            Some("awa@social.example"),
            "",
        );
    }

    #[test]
    fn prose_has_no_head() {
        for line in [
            "",
            "[1] Awa Sow: The road.",
            "[2025-09-27] Source: the mayor.",
            "At 10:32, Awa Sow left: the road was closed.",
            "10:32 - Awa: the road",
            "[21:14:03] Messages are encrypted",
            "[21:14] It rained. Then they said: on part",
            "@awa: viens ici",
            "Awa Sow (@awa) wrote on 3 March 2025: on part",
            "Il pleut — Awa Sow (@awa) March 2, 2024",
            "Il pleut encore. Awa Sow (@awa) March 2, 2024",
            "— Awa Sow (@awa) March 2, 2024",
            "Awa Sow (@awa)",
            "By Awa Sow (@awa), March 2, 2024",
            "Posted by Awa Sow (@awa) March 2, 2024:",
            "Awa Sow (@awa) 3 mars 2025 et après",
            "Awa, [2025]",
            "write to awa@mail.example, 3 March 2025",
        ] {
            assert_eq!(head(line), None, "{line:?}");
        }
    }
}
