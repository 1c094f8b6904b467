//! Social posts in an article: `body pic.twitter.com/… — Name (@handle) November 14, 2023`.

use super::chars::{is_dash, is_gap, is_line_end, is_link, is_opener, may_end_sentence, tail};
use super::date;
use crate::Span;

/// Who posted something and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// From the dash to the end of the date.
    pub(super) span: Span,
    /// The name as written, `None` where only the handle is given.
    pub(super) author: Option<String>,
    /// Without `@`.
    pub(super) handle: String,
    /// ISO 8601.
    pub(super) date: String,
}

/// A post and its parts, with spans in the text that it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Post {
    pub(super) body: Option<Span>,
    /// The media links right before the signature.
    pub(super) media: Option<Span>,
    pub(super) signature: Signature,
}

impl Post {
    /// From the first part to the last.
    pub(super) fn span(&self) -> Span {
        let first = self.body.or(self.media).unwrap_or(self.signature.span);
        Span::new(first.start(), self.signature.span.end())
    }
}

/// Characters of a display name; X and Mastodon allow 50 and 30, a custom emoji counts several.
const MAX_NAME: usize = 80;

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
    if last_signature(text, block).is_none() {
        return Vec::new();
    }
    let mut posts = Vec::new();
    let mut floor = block.start();
    let mut at = floor;
    while let Some(found) = text[at..block.end()].find("(@") {
        at += found;
        if let Some(signature) = signature_around(text, at, Span::new(floor, block.end())) {
            at = signature.span.end();
            posts.push(post(text, floor, signature));
            floor = at;
        } else {
            at += 1;
        }
    }
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
    let mut rest = text[start..end].trim_end();
    while let Some(at) = media_at_end(rest) {
        let media_end = media.map_or(start + rest.len(), Span::end);
        media = Some(Span::new(start + at, media_end));
        rest = rest[..at].trim_end();
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
    let body = &text[start..body_end];
    let body_start = start + body.len() - body.trim_start_matches(is_gap).len();
    let body = (body_start < body_end).then(|| Span::new(body_start, body_end));
    Post {
        body,
        media,
        signature,
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
    let date_text = after[close + 1..].trim_start();
    let stamp = date::at_start(date_text)?;
    let end = limits.end() - date_text.len() + stamp.len;
    let before = tail(&text[limits.start()..handle_at], MAX_SIGNATURE);
    let (dash, name) = name_at_end(before.trim_end())?;
    Some(Signature {
        span: Span::new(handle_at - before.len() + dash, end),
        author: (!name.is_empty()).then(|| name.to_owned()),
        handle: handle.to_owned(),
        date: stamp.iso,
    })
}

fn is_handle_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

/// The name at the end of `text`, and where the dash before it begins.
///
/// It begins after the last dash. As a name may hold a dash of its own, an em dash, which the
/// networks write, goes before a shorter one that is nearer.
fn name_at_end(text: &str) -> Option<(usize, &str)> {
    let mut nearest = None;
    for (at, c) in text.char_indices().rev().take(MAX_NAME) {
        let is_em = matches!(c, '—' | '―');
        if is_em || (nearest.is_none() && is_spaced_dash(text, at, c)) {
            nearest = Some((at, at + c.len_utf8()));
        }
        if is_em || matches!(c, '!' | '?' | '…') || (nearest.is_some() && is_line_end(c)) {
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
