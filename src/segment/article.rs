//! Articles: a header, a title, paragraphs with their quotations, and social posts.

use super::chars::is_gap;
use super::headed::{self, MAX_POST};
use super::header::{self, Metadata};
use super::lines::{lines, mail_header, paragraphs, slice, trim};
use super::post::{self, Post};
use super::quoted::Unquoted;
use super::{Piece, Segmenter, quote, speaker};
use crate::Span;
use crate::document::SegmentKind;

/// Splits a news article into header, title, paragraphs, quotes and social posts.
///
/// A paragraph ends at a blank line, and at a single line end where the text evidently has one
/// paragraph a line; hard-wrapped text stays whole. The first paragraph is the title where it is
/// short, has no final stop and others follow. A post ends with a signature such as
/// `— Name (@handle) November 14, 2023` at the end of a paragraph, or in the one after the body.
/// Lines may be quoted (`> `), as in mail and Markdown: a quotation is apart from what is around it,
/// and a post that fills one is one post, with all paragraphs before its signature. Posts may also name
/// their author first: messages of a chat log (`[27/09/2025, 21:14] Awa: …`), replies
/// (`@awa (14 June, 10:30): …`), cards (`Awa Sow @awa · 11 août` above the text), what is copied from the
/// page of a post, with the network's translation as a second body, and quotations that begin with a
/// name and a date. A date without a year is the last such day before the date of the article.
///
/// Pieces come ordered by start, a parent before its children. Those without a parent and the gaps
/// between them tile the text, and gaps hold only white space, byte order marks and the marks of
/// quoted lines, headings, rules and emphasised lines. No piece begins or ends with white space.
///
/// ```
/// use diglot::document::SegmentKind;
/// use diglot::segment::{ArticleSegmenter, Segmenter};
///
/// let text = "Le marché rouvre demain ! pic.twitter.com/Ab12 — Awa N. (@awa_n) March 2, 2024";
/// let pieces = ArticleSegmenter.segment(text);
/// assert_eq!(pieces[0].kind, SegmentKind::Post);
/// assert_eq!(pieces[0].date.as_deref(), Some("2024-03-02"));
/// assert_eq!(pieces[1].span.of(text), Some("Le marché rouvre demain !"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ArticleSegmenter;

impl Segmenter for ArticleSegmenter {
    fn segment(&self, text: &str) -> Vec<Piece> {
        let unquoted = Unquoted::new(text);
        let text = unquoted.text.as_ref();
        let mut blocks = blocks(&unquoted);
        mark_title(text, &mut blocks);
        let mut pieces = Vec::new();
        for (i, block) in blocks.iter().enumerate() {
            match block {
                Block::Header(span, metadata) => pieces.push(header_piece(*span, metadata)),
                Block::Title(span) => pieces.push(piece(SegmentKind::Title, *span, None)),
                Block::Text(span) => paragraph_pieces(text, *span, blocks.get(i + 1), &mut pieces),
                Block::Post(post) => post_pieces(text, post, &mut pieces),
            }
        }
        pieces
    }
}

/// Characters of a title at most. Headlines of news sites rarely pass 120.
const MAX_TITLE: usize = 160;

/// Lines at the top among which the date of the article is looked for.
const MAX_TOP: usize = 8;

/// A stretch of the text without a parent.
enum Block {
    Header(Span, Metadata),
    Title(Span),
    Text(Span),
    Post(Post),
}

impl Block {
    fn span(&self) -> Span {
        match self {
            Self::Header(span, _) | Self::Title(span) | Self::Text(span) => *span,
            Self::Post(post) => post.span(),
        }
    }
}

/// The text's blocks in order; titles are not known yet.
fn blocks(unquoted: &Unquoted<'_>) -> Vec<Block> {
    let text = unquoted.text.as_ref();
    let headed = headed::posts(unquoted, article_date(text).as_deref());
    let found = paragraphs(unquoted, &headed);
    let mut headed = headed.into_iter().peekable();
    let mut blocks = Vec::new();
    let mut at_top = true;
    let mail = mail_header(text);
    for (i, paragraph) in found.into_iter().enumerate() {
        while let Some(post) = headed.next_if(|post| post.span().start() < paragraph.start()) {
            at_top = false;
            blocks.push(Block::Post(post));
        }
        let paragraph = if i == 0 {
            read_prefix(text, paragraph, &mut blocks)
        } else {
            paragraph
        };
        if paragraph.end() <= mail {
            push_mail_line(text, paragraph, &mut blocks);
            continue;
        }
        let posts = post::posts(text, paragraph);
        let metadata = header::metadata(slice(text, paragraph)).filter(|_| at_top);
        if let Some(metadata) = metadata {
            blocks.push(Block::Header(paragraph, metadata));
        } else if posts.is_empty() {
            at_top = at_top && looks_like_title(text, paragraph);
            blocks.push(Block::Text(paragraph));
        } else {
            at_top = false;
            for post in posts {
                let post = with_body_before(unquoted, post, &mut blocks);
                blocks.push(Block::Post(post));
            }
        }
    }
    blocks.extend(headed.map(Block::Post));
    blocks
}

/// Makes a line of a mail's header a header; its subject is the title.
fn push_mail_line(text: &str, line: Span, blocks: &mut Vec<Block>) {
    let Some(found) = header::mail_line(slice(text, line)) else {
        blocks.push(Block::Text(line));
        return;
    };
    let split = line.start() + found.subject.unwrap_or(line.len());
    let key = trim(text, Span::new(line.start(), split));
    blocks.push(Block::Header(key, found.metadata));
    if split < line.end() {
        blocks.push(Block::Title(Span::new(split, line.end())));
    }
}

/// The date that the top of an article says, ISO 8601.
fn article_date(text: &str) -> Option<String> {
    let mut top = lines(text).filter(|line| !line.is_empty()).take(MAX_TOP);
    top.find_map(|line| {
        let line = slice(text, line);
        let prefix = || header::prefix(line).map(|(_, date)| date);
        let mail = || header::mail_line(line).and_then(|found| found.metadata.date);
        let metadata = header::metadata(line).and_then(|found| found.date);
        metadata.or_else(prefix).or_else(mail)
    })
}

/// Moves metadata that stands before the text of the first paragraph to a header of its own.
fn read_prefix(text: &str, paragraph: Span, blocks: &mut Vec<Block>) -> Span {
    let Some((len, date)) = header::prefix(slice(text, paragraph)) else {
        return paragraph;
    };
    let split = paragraph.start() + len;
    let metadata = Metadata {
        date: Some(date),
        author: None,
    };
    blocks.push(Block::Header(Span::new(paragraph.start(), split), metadata));
    trim(text, Span::new(split, paragraph.end()))
}

/// Gives a post that is only a signature, or a signature and a media link, the paragraph before it
/// as its body; a media link may stand in a paragraph between. In a quotation that it fills all paragraphs
/// are the body.
fn with_body_before(unquoted: &Unquoted<'_>, mut post: Post, blocks: &mut Vec<Block>) -> Post {
    let text = unquoted.text.as_ref();
    while post.body.is_none() {
        let Some(Block::Text(before)) = blocks.last() else {
            return post;
        };
        let before = *before;
        let (body_end, media) = post::split_media(text, before.start(), before.end());
        if let Some(media) = media {
            let end = post.media.map_or(media.end(), Span::end);
            post.media = Some(Span::new(media.start(), end));
        }
        if body_end > before.start() {
            post.body = Some(Span::new(before.start(), body_end));
        }
        blocks.pop();
    }
    if let (Some(run), Some(body)) = (filled_run(unquoted, &post, blocks), post.body) {
        blocks.truncate(run.first_block);
        post.body = Some(Span::new(run.start.min(body.start()), body.end()));
    }
    post
}

/// A quotation of lines that a post fills with the paragraphs before it.
struct FilledRun {
    /// The first of the blocks that are in it.
    first_block: usize,
    /// Where its first paragraph begins.
    start: usize,
}

/// The quotation that ends with the post's signature, where there is nothing but paragraphs before it and
/// no more than a post may hold.
fn filled_run(unquoted: &Unquoted<'_>, post: &Post, blocks: &[Block]) -> Option<FilledRun> {
    let end = post.signature.span.end();
    let run = unquoted.runs[unquoted.run_at(post.signature.span.start())?];
    let rest = unquoted.text.get(end..run.end())?;
    let fills = run.len() <= MAX_POST && rest.chars().all(is_gap);
    let inside = |block: &&Block| block.span().start() >= run.start();
    let first_block = blocks.len() - blocks.iter().rev().take_while(inside).count();
    let all_text = blocks[first_block..]
        .iter()
        .all(|block| matches!(block, Block::Text(_)));
    let start = blocks.get(first_block)?.span().start();
    (fills && all_text).then_some(FilledRun { first_block, start })
}

/// Turns the first text into the title where it looks like one and something follows.
fn mark_title(text: &str, blocks: &mut [Block]) {
    let Some(first) = blocks
        .iter()
        .position(|block| !matches!(block, Block::Header(..)))
    else {
        return;
    };
    let followed = blocks[first + 1..]
        .iter()
        .any(|block| !matches!(block, Block::Header(..)));
    if let Block::Text(span) = blocks[first]
        && followed
        && looks_like_title(text, span)
    {
        blocks[first] = Block::Title(span);
    }
}

/// Whether a paragraph is short, has words, and no stop at its end.
fn looks_like_title(text: &str, span: Span) -> bool {
    let title = slice(text, span);
    let short = title.chars().nth(MAX_TITLE).is_none();
    let stopped = title.ends_with(['.', '…', ',', ';', ':', '。']);
    let is_item = title.starts_with(|c: char| super::chars::is_bullet(c) || c == '-' || c == '*');
    short && !stopped && !is_item && title.contains(char::is_alphabetic) && !super::chars::is_link(title)
}

fn paragraph_pieces(text: &str, span: Span, next: Option<&Block>, pieces: &mut Vec<Piece>) {
    let paragraph = slice(text, span);
    let next_quoted = matches!(next, Some(Block::Text(next)) if quote::begins_quoted(slice(text, *next)));
    let parent = pieces.len();
    pieces.push(piece(SegmentKind::Paragraph, span, None));
    for quote in quote::quotes(paragraph, next_quoted) {
        let holder = quote.parent.map_or(parent, |i| parent + 1 + i);
        let mut piece = piece(
            SegmentKind::Quote,
            quote.inner.shifted(span.start()),
            Some(holder),
        );
        if quote.parent.is_none() {
            piece.author = speaker::speaker(paragraph, quote.outer);
        }
        pieces.push(piece);
    }
}

fn post_pieces(text: &str, post: &Post, pieces: &mut Vec<Piece>) {
    let signature = &post.signature;
    let signed = |kind, span, parent| Piece {
        author: signature.author.clone(),
        handle: signature.handle.clone(),
        date: signature.date.clone(),
        ..piece(kind, span, parent)
    };
    let media_url = post
        .media
        .and_then(|media| slice(text, media).split_whitespace().next());
    let parent = Some(pieces.len());
    let url = media_url.or_else(|| post.body.and_then(|body| post::first_link(slice(text, body))));
    let plain = |kind, span: Option<Span>| span.map(|span| piece(kind, span, parent));
    let media = plain(SegmentKind::PostMedia, post.media).map(|media| Piece {
        url: media_url.map(str::to_owned),
        ..media
    });
    let parts = [
        Some(signed(SegmentKind::PostSignature, signature.span, parent)),
        plain(SegmentKind::PostBody, post.body),
        plain(SegmentKind::PostBody, post.rendering),
        plain(SegmentKind::PostSignature, post.foot),
        media,
    ];
    let mut parts: Vec<Piece> = parts.into_iter().flatten().collect();
    parts.sort_by_key(|part| part.span);
    pieces.push(Piece {
        url: url.map(str::to_owned),
        ..signed(SegmentKind::Post, post.span(), None)
    });
    pieces.append(&mut parts);
}

fn header_piece(span: Span, metadata: &Metadata) -> Piece {
    Piece {
        date: metadata.date.clone(),
        author: metadata.author.clone(),
        ..piece(SegmentKind::Header, span, None)
    }
}

fn piece(kind: SegmentKind, span: Span, parent: Option<usize>) -> Piece {
    Piece {
        kind,
        span,
        parent,
        author: None,
        handle: None,
        date: None,
        url: None,
    }
}

#[cfg(test)]
mod tests;
