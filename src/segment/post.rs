//! Social posts in an article: `body pic.twitter.com/… — Name (@handle) November 14, 2023`.

use super::chars::{is_dash, is_gap, is_line_end, is_link, is_opener, may_end_sentence, tail};
use super::date;
use super::lines::trim;
use crate::Span;

/// Who posted something and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// From the dash to the end of the date, or the head before the text.
    pub(super) span: Span,
    /// The name as written, `None` where only the handle is given.
    pub(super) author: Option<String>,
    /// Without `@`; messages of a log have none.
    pub(super) handle: Option<String>,
    /// ISO 8601; `None` where the text does not tell the day.
    pub(super) date: Option<String>,
}

/// A post and its parts, with spans in the text that it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Post {
    pub(super) body: Option<Span>,
    /// What the network shows as its translation of the body.
    pub(super) rendering: Option<Span>,
    /// The media links at the end of the body.
    pub(super) media: Option<Span>,
    pub(super) signature: Signature,
    /// The date and the counts that stand behind a post on its page.
    pub(super) foot: Option<Span>,
}

impl Post {
    /// From the first part to the last.
    pub(super) fn span(&self) -> Span {
        let parts = [self.body, self.rendering, self.media, self.foot];
        let whole =
            |whole: Span, part: Span| Span::new(whole.start().min(part.start()), whole.end().max(part.end()));
        parts.into_iter().flatten().fold(self.signature.span, whole)
    }
}

/// Characters of a display name; X and Mastodon allow 50 and 30, a custom emoji counts several.
pub(super) const MAX_NAME: usize = 80;

/// Bytes of a handle with its server.
const MAX_HANDLE: usize = 100;

/// Bytes before the end of a text that hold a whole signature.
const MAX_SIGNATURE: usize = 600;

/// Bytes of a media link.
const MAX_LINK: usize = 200;

/// Where X keeps the pictures and films of posts.
const MEDIA_HOSTS: [&str; 2] = ["pic.twitter.com/", "pic.x.com/"];

/// The posts that fill `block`, none where it does not end with a signature.
///
/// The signature is looked for at the block's end only, so that a handle with a date in running
/// prose makes no post. Where the block does end with one, every signature before it ends a post too.
pub(super) fn posts(text: &str, block: Span) -> Vec<Post> {
    let Some(last) = last_signature(text, block) else {
        return Vec::new();
    };
    let mut posts = Vec::new();
    let mut start = block.start();
    let mut at = start;
    while let Some(found) = text[at..last.span.start()].find("(@") {
        at += found;
        if let Some(signature) = signature_around(text, at, Span::new(start, last.span.start())) {
            at = signature.span.end();
            posts.push(post(text, start, signature));
            start = at;
        } else {
            at += 1;
        }
    }
    posts.push(post(text, start, last));
    posts
}

/// The signature that ends with the block.
pub(super) fn last_signature(text: &str, block: Span) -> Option<Signature> {
    let end = tail(&text[block.range()], MAX_SIGNATURE);
    let at = block.end() - end.len() + end.rfind("(@")?;
    signature_around(text, at, block).filter(|s| s.span.end() == block.end())
}

/// The media links at the end of `text[start..end]`, and where what is before them ends.
pub(super) fn split_media(text: &str, start: usize, end: usize) -> (usize, Option<Span>) {
    let mut media: Option<Span> = None;
    let mut rest = text[start..end].trim_end_matches(is_gap);
    while let Some(at) = media_at_end(rest) {
        let media_end = media.map_or(start + rest.len(), Span::end);
        media = Some(Span::new(start + at, media_end));
        rest = rest[..at].trim_end_matches(is_gap);
    }
    (start + rest.len(), media)
}

/// The first link in `text`, without the punctuation around it.
pub(super) fn first_link(text: &str) -> Option<&str> {
    text.split_whitespace().find_map(|token| {
        let token = token.trim_start_matches(is_opener);
        let token = token.trim_end_matches(|c: char| may_end_sentence(c) || matches!(c, ',' | ';' | ':'));
        is_link(token).then_some(token)
    })
}

fn post(text: &str, start: usize, signature: Signature) -> Post {
    let (body_end, media) = split_media(text, start, signature.span.start());
    let body = Some(trim(text, Span::new(start, body_end))).filter(|body| !body.is_empty());
    Post {
        body,
        rendering: None,
        media,
        signature,
        foot: None,
    }
}

/// Where a media link begins that ends `text`; it may stick to the word before.
fn media_at_end(text: &str) -> Option<usize> {
    let token = tail(text, MAX_LINK).rsplit(char::is_whitespace).next()?;
    let host_at = MEDIA_HOSTS.iter().filter_map(|host| {
        let at = token.rfind(host)?;
        let id = &token[at + host.len()..];
        (!id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')).then_some(at)
    });
    let link = &token[host_at.max()?..];
    let before = &text[..text.len() - link.len()];
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| before.ends_with(scheme));
    Some(before.len() - scheme.map_or(0, str::len))
}

/// The signature whose handle begins at `handle_at` with `(@`, within `limits`.
fn signature_around(text: &str, handle_at: usize, limits: Span) -> Option<Signature> {
    let after = &text[handle_at + 2..limits.end()];
    let close = after.bytes().take(MAX_HANDLE).position(|b| b == b')')?;
    let handle = &after[..close];
    if handle.is_empty() || !handle.chars().all(is_handle_char) {
        return None;
    }
    let date_text = skip_separator(&after[close + 1..]);
    let (len, iso) = signing_date(date_text)?;
    let end = limits.end() - date_text.len() + len;
    let before = tail(&text[limits.start()..handle_at], MAX_SIGNATURE);
    let (dash, name) = name_at_end(before.trim_end())?;
    Some(Signature {
        span: Span::new(handle_at - before.len() + dash, end),
        author: (!name.is_empty()).then(|| name.to_owned()),
        handle: Some(handle.to_owned()),
        date: Some(iso),
    })
}

/// `text` behind the white space, and the comma, dot or bar in it, that may stand between handle and date.
fn skip_separator(text: &str) -> &str {
    let text = text.trim_start();
    text.strip_prefix([',', '·', '•', '|'])
        .unwrap_or(text)
        .trim_start()
}

/// The date that signs at the start of `text`, plain or as a Markdown link, in bytes and as ISO 8601.
/// A full stop that ends the text belongs to it.
fn signing_date(text: &str) -> Option<(usize, String)> {
    let (len, iso) = if let Some(label) = text.strip_prefix('[') {
        let stamp = date::at_start_in_digits(label)?;
        let url = label[stamp.len..].strip_prefix("](")?;
        let close = url.bytes().take(MAX_LINK).position(|b| b == b')')?;
        is_link(&url[..close]).then_some((stamp.len + close + 4, stamp.iso))?
    } else {
        let stamp = date::at_start_in_digits(text)?;
        (stamp.len, stamp.iso)
    };
    let stop = usize::from(&text[len..] == ".");
    Some((len + stop, iso))
}

pub(super) fn is_handle_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

/// The name at the end of `text`, and where the dash before it begins.
///
/// It begins after the last dash. As a name may hold a dash of its own, an em dash, which the
/// networks write, goes before a shorter one that is nearer.
fn name_at_end(text: &str) -> Option<(usize, &str)> {
    if let Some(at) = text.rfind("&mdash;").filter(|at| text.len() - at < MAX_NAME) {
        return Some((at, text[at + "&mdash;".len()..].trim()));
    }
    let mut nearest = None;
    for (at, c) in text.char_indices().rev().take(MAX_NAME) {
        let is_em = matches!(c, '—' | '―');
        if is_em || (nearest.is_none() && is_spaced_dash(text, at, c)) {
            nearest = Some((at, at + c.len_utf8()));
        }
        let inside_name = c == '!' && text[at + 1..].trim().is_empty();
        if is_em || (matches!(c, '!' | '?' | '…') && !inside_name) || (nearest.is_some() && is_line_end(c))
        {
            break;
        }
    }
    let (at, after) = nearest?;
    let dash = text[..at].trim_end_matches(is_dash).len();
    Some((dash, text[after..].trim()))
}

/// Whether the dash at `at` stands alone, not in a compound: `– Awa`, ` - Awa`, `-- Awa`.
fn is_spaced_dash(text: &str, at: usize, c: char) -> bool {
    if !is_dash(c) {
        return false;
    }
    let before = text[..at].trim_end_matches(is_dash);
    let opens = before.is_empty() || before.ends_with(char::is_whitespace);
    opens && at - before.len() <= 2 && text[at + c.len_utf8()..].starts_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Span {
        Span::new(0, text.len())
    }

    /// Expects one post: body, media link and signature (author, handle, date).
    fn check(text: &str, body: Option<&str>, media: Option<&str>, signature: (Option<&str>, &str, &str)) {
        let posts = posts(text, whole(text));
        assert_eq!(posts.len(), 1, "{text:?}");
        let post = &posts[0];
        assert_eq!(post.body.and_then(|span| span.of(text)), body, "body of {text:?}");
        assert_eq!(
            post.media.and_then(|span| span.of(text)),
            media,
            "media of {text:?}"
        );
        let found = &post.signature;
        let found = (
            found.author.as_deref(),
            found.handle.as_deref().unwrap_or_default(),
            found.date.as_deref().unwrap_or_default(),
        );
        assert_eq!(found, signature, "signature of {text:?}");
    }

    fn check_none(text: &str) {
        assert_eq!(posts(text, whole(text)), [], "{text:?}");
    }

    #[test]
    fn every_dash_and_date_style_signs() {
        let awa = (Some("Awa Sow"), "awa_s", "2024-03-02");
        for signature in [
            "— Awa Sow (@awa_s) March 2, 2024",
            "– Awa Sow (@awa_s) 2 mars 2024",
            "- Awa Sow (@awa_s) Mar 2, 2024",
            "--- Awa Sow (@awa_s) le 2 mars 2024 à 21 h 30",
            "—Awa Sow (@awa_s) 2024-03-02",
            "—\u{a0}Awa Sow\n(@awa_s)\nMarch 2, 2024 at 9:30 PM",
        ] {
            check(&format!("Il pleut. {signature}"), Some("Il pleut."), None, awa);
        }
    }

    #[test]
    fn names_may_hold_anything_but_an_end_mark() {
        let name = |name: &str| {
            let text = format!("Il pleut. — {name} (@x_1) March 2, 2024");
            check(&text, Some("Il pleut."), None, (Some(name), "x_1", "2024-03-02"));
        };
        name("Fatou N.");
        name("Info 🇸🇳 [officiel] (Dakar)");
        name("Jean-Pierre Gomis");
        name("Radio Baobab - Officiel");
        name("عائشة");
    }

    #[test]
    fn dates_are_set_off_and_written_in_many_ways() {
        let awa = (Some("Awa"), "awa", "2024-03-02");
        for end in [
            "(@awa), March 2, 2024",
            "(@awa) · 2 mars 2024",
            "(@awa) | 2/3/2024",
            "(@awa) 02.03.2024",
            "(@awa) 2 mars 2024.",
            "(@awa) [March 2, 2024](https://social.example/awa/1)",
        ] {
            check(&format!("Il pleut. — Awa {end}"), Some("Il pleut."), None, awa);
        }
        check(
            "Il pleut. &mdash; Awa (@awa) March 2, 2024",
            Some("Il pleut."),
            None,
            awa,
        );
        check_none("Il pleut. — Awa (@awa) [March 2, 2024](no link)");
        check_none("Il pleut. — Awa (@awa) 2/3/2024 et après");
    }

    #[test]
    fn a_name_may_end_with_a_mark() {
        check(
            "Il pleut. — La Voix ! (@voix) 2 mars 2024",
            Some("Il pleut."),
            None,
            (Some("La Voix !"), "voix", "2024-03-02"),
        );
    }

    #[test]
    fn a_dash_in_the_body_stays_there() {
        let text = "Enfin — après un an — il pleut – Awa Sow (@awa_s) March 2, 2024";
        let posts = posts(text, whole(text));
        assert_eq!(
            posts[0].signature.author.as_deref(),
            Some("il pleut – Awa Sow"),
            "an em dash is believed first"
        );
        let text = "Enfin – après un an – il pleut — Awa Sow (@awa_s) March 2, 2024";
        check(
            text,
            Some("Enfin – après un an – il pleut"),
            None,
            (Some("Awa Sow"), "awa_s", "2024-03-02"),
        );
    }

    #[test]
    fn media_links_before_the_signature_are_apart() {
        let awa = (Some("Awa"), "awa", "2024-03-02");
        let end = "— Awa (@awa) March 2, 2024";
        check(
            &format!("Vu. pic.twitter.com/aB1 {end}"),
            Some("Vu."),
            Some("pic.twitter.com/aB1"),
            awa,
        );
        check(
            &format!("Vu.pic.x.com/aB1 {end}"),
            Some("Vu."),
            Some("pic.x.com/aB1"),
            awa,
        );
        check(
            &format!("https://pic.x.com/a pic.x.com/b {end}"),
            None,
            Some("https://pic.x.com/a pic.x.com/b"),
            awa,
        );
        check(
            &format!("Vu. https://t.co/aB1 {end}"),
            Some("Vu. https://t.co/aB1"),
            None,
            awa,
        );
    }

    #[test]
    fn posts_follow_each_other() {
        let text = "Un. — A (@a) March 2, 2024 Deux. — B (@b) 3 mars 2024";
        let bodies: Vec<_> = posts(text, whole(text))
            .iter()
            .map(|p| p.body.and_then(|b| b.of(text)))
            .collect();
        assert_eq!(bodies, [Some("Un."), Some("Deux.")]);
        let text = "— A (@a) March 2, 2024(@b) 3 mars 2024";
        let handles: Vec<_> = posts(text, whole(text))
            .into_iter()
            .map(|p| p.signature.handle)
            .collect();
        assert_eq!(
            handles,
            [Some("b".to_owned())],
            "two signatures that overlap are one"
        );
    }

    #[test]
    fn a_signature_alone_has_no_body() {
        check("— (@awa) March 2, 2024", None, None, (None, "awa", "2024-03-02"));
        check(
            "— A (@awa@social.example) March 2, 2024",
            None,
            None,
            (Some("A"), "awa@social.example", "2024-03-02"),
        );
    }

    #[test]
    fn prose_with_a_handle_is_no_post() {
        check_none("The singer — Awa (@awa) March 2, 2024 — was late.");
        check_none("Awa Sow (@awa_s) March 2, 2024");
        check_none("Il pleut. — Awa Sow (@awa_s)");
        check_none("Il pleut. — Awa Sow (@) March 2, 2024");
        check_none("Il pleut. — Awa Sow (@awa s) March 2, 2024");
        check_none("Il pleut. — Awa Sow, March 2, 2024");
    }

    #[test]
    fn the_first_link_is_found_without_punctuation() {
        assert_eq!(
            first_link("Lire (https://example.org/a), puis www.b.org"),
            Some("https://example.org/a")
        );
        assert_eq!(first_link("rien ici"), None);
    }
}
