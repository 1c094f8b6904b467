//! Posts that name their author first: messages of chat logs, replies, cards and pages of networks,
//! and quotations of lines that begin with a name and a date.

use super::chars::{fold, is_dash, is_invisible};
use super::head::{self, Head};
use super::lines::{lines, slice, trim};
use super::post::{self, Post, Signature};
use super::quoted::Unquoted;
use super::stamp::{Calendar, Day, Stamp, is_age};
use crate::Span;

/// Bytes of a quotation that may be one post; a longer one is an article that somebody quoted.
pub(super) const MAX_POST: usize = 6_000;

/// Lines that the text of a post on its page may have before the line with its date.
const MAX_PAGE_LINES: usize = 60;

/// Lines between the name and the text on the page of a post: handle, dot, date.
const MAX_HEAD_LINES: usize = 5;

/// The posts of a text that name their author first, in order, and where each ends. `article` is the
/// date of the article, ISO 8601.
pub(super) fn posts(unquoted: &Unquoted<'_>, article: Option<&str>) -> Vec<Post> {
    let reader = Reader::new(unquoted);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut at = 0;
    while at < reader.lines.len() {
        let follows = drafts.last().is_some_and(|last| last.next == at);
        let found = reader
            .page(at)
            .or_else(|| reader.quotation(at))
            .or_else(|| reader.message(at, follows));
        at = found.as_ref().map_or(at + 1, |draft| draft.next);
        drafts.extend(found);
    }
    let calendar = Calendar::new(drafts.iter().map(|draft| &draft.day), article);
    let finished = |mut draft: Draft| {
        draft.post.signature.date = calendar.iso(&draft.day);
        draft.post
    };
    drafts.into_iter().map(finished).collect()
}

/// A post whose date is not settled.
struct Draft {
    post: Post,
    day: Day,
    /// The line behind it.
    next: usize,
}

struct Reader<'t> {
    unquoted: &'t Unquoted<'t>,
    text: &'t str,
    lines: Vec<Span>,
    /// The head of each line.
    heads: Vec<Option<Head>>,
    /// Whether paragraphs are parted by blank lines, so that the lines up to one belong together.
    has_blank_lines: bool,
}

impl<'t> Reader<'t> {
    fn new(unquoted: &'t Unquoted<'t>) -> Self {
        let text = unquoted.text.as_ref();
        let lines: Vec<Span> = lines(text).collect();
        let head = |line: &Span| {
            let signs = || post::last_signature(text, *line).is_some();
            head::head(slice(text, *line)).filter(|_| !signs())
        };
        let heads = lines.iter().map(head).collect();
        let blank = lines.iter().position(|line| line.is_empty());
        let has_blank_lines = blank.is_some_and(|at| lines[at..].iter().any(|line| !line.is_empty()));
        Self {
            unquoted,
            text,
            lines,
            heads,
            has_blank_lines,
        }
    }

    fn line(&self, at: usize) -> &'t str {
        self.lines.get(at).map_or("", |line| slice(self.text, *line))
    }

    /// A message or a post whose head is in line `at`. Where the text begins in the next line, the head
    /// is the first of its lines, or `follows` another post.
    fn message(&self, at: usize, follows: bool) -> Option<Draft> {
        let head = self.heads[at].as_ref()?;
        let line = self.lines[at];
        let inline = trim(self.text, Span::new(line.start() + head.len, line.end()));
        if inline.is_empty() && at > 0 && !follows && !self.parts(at - 1, at) {
            return None;
        }
        let next = self.end_of_message(at, inline.is_empty());
        let start = if inline.is_empty() {
            self.lines.get(at + 1)?.start()
        } else {
            inline.start()
        };
        let body = Span::new(start, self.lines[next - 1].end().max(start));
        let signature = Signature {
            span: trim(self.text, Span::new(line.start(), line.start() + head.len)),
            author: head.author.clone(),
            handle: head.handle.clone(),
            date: None,
        };
        self.draft(signature, head.day.clone(), body, next)
    }

    /// The line behind the message with its head in line `at`.
    fn end_of_message(&self, at: usize, needs_more: bool) -> usize {
        let mut end = at + 1;
        while end < self.lines.len() && !self.parts(end - 1, end) && self.heads[end].is_none() {
            end += 1;
        }
        let is_whole = self.has_blank_lines || self.heads.get(end).is_some_and(Option::is_some);
        if is_whole {
            end
        } else {
            end.min(at + 1 + usize::from(needs_more))
        }
    }

    /// Whether a paragraph surely ends between two lines: at a blank one, and where a quotation begins or ends.
    fn parts(&self, line: usize, next: usize) -> bool {
        let (line, next) = (self.lines[line], self.lines[next]);
        line.is_empty()
            || next.is_empty()
            || self.unquoted.run_at(line.start()) != self.unquoted.run_at(next.start())
    }

    /// A post as it is copied from its page: name, handle, date, text, perhaps a translation, date and
    /// time, counts; each on lines of its own.
    fn page(&self, at: usize) -> Option<Draft> {
        let (author, handle, after_names) = self.page_names(at)?;
        let (day, first) = self.page_date(after_names);
        let foot = self.page_foot(first);
        let end = match foot {
            Some((foot, _)) => foot,
            None if day.is_some() => self.end_of_paragraph(first),
            None => return None,
        };
        let last = (first..end).rev().find(|&at| !self.lines[at].is_empty())?;
        let label = (first..=last).find(|&at| is_translation_label(self.line(at)));
        let body_last = (first..label.unwrap_or(last + 1))
            .rev()
            .find(|&at| !self.lines[at].is_empty())?;
        let body = Span::new(self.lines[first].start(), self.lines[body_last].end());
        let signature = Signature {
            span: trim(
                self.text,
                Span::new(self.lines[at].start(), self.lines[first - 1].end()),
            ),
            author,
            handle: Some(handle),
            date: None,
        };
        let next = foot.map_or(end, |(_, next)| next);
        let foot_day = foot
            .and_then(|(foot, _)| Stamp::at_start(self.line(foot)))
            .map(|stamp| stamp.day);
        let day = foot_day.or(day).unwrap_or(Day::Unknown);
        let mut draft = self.draft(signature, day, body, next)?;
        let rendering = label.map(|label| Span::new(self.lines[label].end(), self.lines[last].end()));
        draft.post.rendering = rendering
            .map(|span| trim(self.text, span))
            .filter(|span| !span.is_empty());
        draft.post.foot =
            foot.map(|(foot, next)| Span::new(self.lines[foot].start(), self.lines[next - 1].end()));
        Some(draft)
    }

    /// Name, handle, and the line behind them; both on one line or on two.
    fn page_names(&self, at: usize) -> Option<(Option<String>, String, usize)> {
        let line = self.line(at);
        let begins = at == 0 || self.parts(at - 1, at);
        let named = |account: &head::Account| begins && account.author.is_some();
        if let Some(account) = head::whole_account(line).filter(named) {
            return Some((account.author, account.handle, at + 1));
        }
        let account = head::whole_account(self.line(at + 1)).filter(|account| account.author.is_none())?;
        let name = line.trim_matches(|c| c == '*' || is_invisible(c));
        let is_name = head::is_name(name) && !name.ends_with(['.', ':', ',']);
        is_name.then(|| (Some(name.to_owned()), account.handle, at + 2))
    }

    /// The day that is written below the names, if one is, and the first line of the text.
    fn page_date(&self, from: usize) -> (Option<Day>, usize) {
        let mut day = None;
        let mut at = from;
        while at < from + MAX_HEAD_LINES {
            let line = self.line(at).trim_start_matches(['·', '•', '|', ' ']);
            if let Some(stamp) = Stamp::whole(line).filter(|_| day.is_none() && !line.is_empty()) {
                day = Some(stamp.day);
            } else if day.is_none() && is_age(line) {
                day = Some(Day::Unknown);
            } else if !line.is_empty() && !is_button(line) {
                break;
            }
            at += 1;
        }
        (day, at)
    }

    /// The line with date and time that ends the text on the page of a post, and the line behind the
    /// counts that follow it.
    fn page_foot(&self, first: usize) -> Option<(usize, usize)> {
        let last = self.lines.len().min(first + MAX_PAGE_LINES);
        let foot = (first + 1..last)
            .take_while(|&at| self.heads[at].is_none() && !self.begins_page(at))
            .find(|&at| is_foot(self.line(at)))?;
        let mut next = foot + 1;
        while next < self.lines.len() && is_count(self.line(next)) {
            next += 1;
        }
        Some((foot, next))
    }

    fn begins_page(&self, at: usize) -> bool {
        self.page_names(at).is_some()
    }

    fn end_of_paragraph(&self, first: usize) -> usize {
        (first..self.lines.len())
            .find(|&at| self.lines[at].is_empty())
            .unwrap_or(self.lines.len())
    }

    /// A quotation of lines that begins with a name and a date.
    fn quotation(&self, at: usize) -> Option<Draft> {
        let run = self.unquoted.runs[self.unquoted.run_at(self.lines[at].start())?];
        let begins = at == 0 || self.lines[at - 1].start() < run.start();
        if !begins || run.len() > MAX_POST || self.lines[at].is_empty() {
            return None;
        }
        let next = (at..self.lines.len())
            .find(|&line| self.lines[line].start() > run.end())
            .unwrap_or(self.lines.len());
        let mut filled = (at..next).filter(|&line| !self.lines[line].is_empty());
        let (name_line, second) = (filled.next()?, filled.next()?);
        let (name, day, date_line) = match name_with_date(self.line(name_line)) {
            Some((name, day)) => (name, day, name_line),
            None => (self.line(name_line), Stamp::whole(self.line(second))?.day, second),
        };
        let name = name.trim_matches(|c| c == '*' || is_invisible(c));
        if !head::is_name(name) || name.ends_with(['.', ':', ',']) || day == Day::Unknown {
            return None;
        }
        let body = trim(self.text, Span::new(self.lines[date_line].end(), run.end()));
        let signature = Signature {
            span: Span::new(self.lines[name_line].start(), self.lines[date_line].end()),
            author: Some(name.to_owned()),
            handle: None,
            date: None,
        };
        if post::last_signature(self.text, trim(self.text, run)).is_some() {
            return None;
        }
        self.draft(signature, day, body, next)
    }

    /// A post with its media links apart; none without a text.
    fn draft(&self, signature: Signature, day: Day, body: Span, next: usize) -> Option<Draft> {
        let (body_end, media) = post::split_media(self.text, body.start(), body.end());
        let body = trim(self.text, Span::new(body.start(), body_end));
        let post = Post {
            body: (!body.is_empty()).then_some(body),
            rendering: None,
            media,
            signature,
            foot: None,
        };
        (post.body.is_some() || media.is_some()).then_some(Draft { post, day, next })
    }
}

/// A name and the day behind it: `Awa Sow · 3 mars 2025`.
fn name_with_date(line: &str) -> Option<(&str, Day)> {
    let marks = line
        .char_indices()
        .filter(|(_, c)| matches!(c, '·' | '•' | '|' | ',') || is_dash(*c));
    marks
        .filter_map(|(at, c)| {
            let stamp = Stamp::whole(line[at + c.len_utf8()..].trim_start())?;
            Some((line[..at].trim(), stamp.day))
        })
        .next()
}

/// Whether a line says when a post was written: `11:42 PM · Nov 3, 2025`, perhaps with counts.
fn is_foot(line: &str) -> bool {
    Stamp::at_start(line).is_some_and(|stamp| {
        let rest = line[stamp.len..].trim_start();
        let known = matches!(stamp.day, Day::Known(_) | Day::Digits { .. }) && stamp.has_time;
        known && (rest.is_empty() || rest.starts_with(['·', '•', '|']))
    })
}

/// Whether a line holds what a network counts: `18.2K`, `Views`, `3 Reposts`, a dot.
fn is_count(line: &str) -> bool {
    const COUNTED: [&str; 20] = [
        "bookmarks",
        "citations",
        "comments",
        "commentaires",
        "j'aime",
        "likes",
        "quotes",
        "replies",
        "reponses",
        "reposts",
        "repost",
        "like",
        "quote",
        "reply",
        "retweets",
        "shares",
        "partages",
        "signets",
        "views",
        "vues",
    ];
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || matches!(c, '·' | '•' | '|'))
        .filter(|word| !word.is_empty())
        .collect();
    let is_number = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | 'K' | 'k' | 'M'))
    };
    let counted = |word: &str| COUNTED.contains(&fold(word).replace('’', "'").as_str());
    !line.is_empty() && words.iter().all(|word| is_number(word) || counted(word))
}

/// Whether a line is what a network puts above its own translation of a post.
fn is_translation_label(line: &str) -> bool {
    const LABELS: [&str; 4] = [
        "translated from ",
        "traduit de ",
        "traduit du ",
        "traduit depuis ",
    ];
    let line = fold(line);
    line.len() < 80 && LABELS.iter().any(|label| line.starts_with(label)) && !line.ends_with('.')
}

/// Whether a line is the label of a button beside the name.
fn is_button(line: &str) -> bool {
    const BUTTONS: [&str; 8] = [
        "follow",
        "following",
        "subscribe",
        "suivre",
        "suivi",
        "abonne",
        "s'abonner",
        "verified account",
    ];
    BUTTONS.contains(&fold(line).replace('’', "'").as_str())
}

#[cfg(test)]
mod tests;
