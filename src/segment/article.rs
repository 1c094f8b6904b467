//! Articles: a header, a title, paragraphs with their quotations, and social posts.

use super::chars::is_gap;
use super::header::{self, Metadata};
use super::lines::{paragraphs, slice, trim};
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
/// and a post that fills one is one post, with all paragraphs before its signature.
///
/// Pieces come ordered by start, a parent before its children. Those without a parent and the gaps
/// between them tile the text, and gaps hold only white space, byte order marks and the marks of
/// quoted lines. No piece begins or ends with white space.
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

/// Bytes of a quotation that may be one post; a longer one is an article that somebody quoted.
const MAX_POST: usize = 6_000;

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
    let mut blocks = Vec::new();
    let mut at_top = true;
    for (i, paragraph) in paragraphs(unquoted).into_iter().enumerate() {
        let paragraph = if i == 0 {
            read_prefix(text, paragraph, &mut blocks)
        } else {
            paragraph
        };
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
    blocks
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
        handle: Some(signature.handle.clone()),
        date: Some(signature.date.clone()),
        ..piece(kind, span, parent)
    };
    let media_url = post
        .media
        .and_then(|media| slice(text, media).split_whitespace().next());
    let parent = Some(pieces.len());
    let url = media_url.or_else(|| post.body.and_then(|body| post::first_link(slice(text, body))));
    pieces.push(Piece {
        url: url.map(str::to_owned),
        ..signed(SegmentKind::Post, post.span(), None)
    });
    if let Some(body) = post.body {
        pieces.push(piece(SegmentKind::PostBody, body, parent));
    }
    if let Some(media) = post.media {
        pieces.push(Piece {
            url: media_url.map(str::to_owned),
            ..piece(SegmentKind::PostMedia, media, parent)
        });
    }
    pieces.push(signed(SegmentKind::PostSignature, signature.span, parent));
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
mod tests {
    use super::*;

    fn depth(pieces: &[Piece], piece: &Piece) -> usize {
        piece
            .parent
            .map_or(0, |parent| 1 + depth(pieces, &pieces[parent]))
    }

    /// Expects the pieces as `kind: text`, children indented.
    fn check(text: &str, expected: &[&str]) {
        let pieces = ArticleSegmenter.segment(text);
        let show = |piece: &Piece| {
            format!(
                "{}{}: {}",
                "  ".repeat(depth(&pieces, piece)),
                piece.kind,
                slice(text, piece.span)
            )
        };
        assert_eq!(pieces.iter().map(show).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_article_has_a_title_header_paragraphs_and_posts() {
        check(
            "A dry year\n\nBy Awa Sow\n\nThe well is “dry.” Ali knows.\n\nIl pleut. pic.x.com/a — Ali (@ali) 2 mars 2024\n",
            &[
                "title: A dry year",
                "header: By Awa Sow",
                "paragraph: The well is “dry.” Ali knows.",
                "  quote: dry.",
                "post: Il pleut. pic.x.com/a — Ali (@ali) 2 mars 2024",
                "  post-body: Il pleut.",
                "  post-media: pic.x.com/a",
                "  post-signature: — Ali (@ali) 2 mars 2024",
            ],
        );
    }

    #[test]
    fn a_dated_first_line_is_header_and_text() {
        check(
            "\u{feff} date 2024-03-02 The well is dry.\n\nAli left.",
            &[
                "header: date 2024-03-02",
                "paragraph: The well is dry.",
                "paragraph: Ali left.",
            ],
        );
        check(
            "date 2024-03-02 A dry year\n\nAli left.",
            &[
                "header: date 2024-03-02",
                "title: A dry year",
                "paragraph: Ali left.",
            ],
        );
    }

    #[test]
    fn only_a_short_first_paragraph_without_stop_is_a_title() {
        check(
            "The well is dry.\n\nAli left",
            &["paragraph: The well is dry.", "paragraph: Ali left"],
        );
        check("A dry year", &["paragraph: A dry year"]);
        check("Who left?\n\nAli.", &["title: Who left?", "paragraph: Ali."]);
        let long = "dry ".repeat(60);
        check(
            &format!("{long}\n\nAli."),
            &[&format!("paragraph: {}", long.trim()), "paragraph: Ali."],
        );
    }

    #[test]
    fn a_body_may_stand_before_its_signature_and_media() {
        check(
            "Ali left.\n\nIl pleut\n\npic.x.com/a\n\n— Ali (@ali) 2 mars 2024",
            &[
                "paragraph: Ali left.",
                "post: Il pleut\n\npic.x.com/a\n\n— Ali (@ali) 2 mars 2024",
                "  post-body: Il pleut",
                "  post-media: pic.x.com/a",
                "  post-signature: — Ali (@ali) 2 mars 2024",
            ],
        );
    }

    #[test]
    fn a_quotation_of_lines_is_a_post_with_all_its_paragraphs() {
        check(
            "Ali left.\n> Il pleut.\n>\n> Enfin.\n>\n> — Ali (@ali) 2 mars 2024\nHe stayed.",
            &[
                "paragraph: Ali left.",
                "post: Il pleut.\n>\n> Enfin.\n>\n> — Ali (@ali) 2 mars 2024",
                "  post-body: Il pleut.\n>\n> Enfin.",
                "  post-signature: — Ali (@ali) 2 mars 2024",
                "paragraph: He stayed.",
            ],
        );
        check(
            "> Ali left.\n>\n> Il pleut. — Ali (@ali) 2 mars 2024\n>\n> He stayed.",
            &[
                "paragraph: Ali left.",
                "post: Il pleut. — Ali (@ali) 2 mars 2024",
                "  post-body: Il pleut.",
                "  post-signature: — Ali (@ali) 2 mars 2024",
                "paragraph: He stayed.",
            ],
        );
        let long = "Le bac est en panne depuis lundi. ".repeat(5);
        let long = long.trim();
        check(
            &format!("> {long}\n> — Ali (@ali) 2 mars 2024\n\nHe stayed."),
            &[
                &format!("post: {long}\n> — Ali (@ali) 2 mars 2024"),
                &format!("  post-body: {long}"),
                "  post-signature: — Ali (@ali) 2 mars 2024",
                "paragraph: He stayed.",
            ],
        );
    }

    #[test]
    fn a_signature_does_not_take_a_header_or_another_post() {
        check(
            "date 2024-03-02\n\n— Ali (@ali) 2 mars 2024\n\n— Awa (@awa) 3 mars 2024",
            &[
                "header: date 2024-03-02",
                "post: — Ali (@ali) 2 mars 2024",
                "  post-signature: — Ali (@ali) 2 mars 2024",
                "post: — Awa (@awa) 3 mars 2024",
                "  post-signature: — Awa (@awa) 3 mars 2024",
            ],
        );
    }

    #[test]
    fn what_was_read_off_a_piece_is_on_it() {
        let text = "Le puits est sec https://t.co/a — Ali K. 🇸🇳 (@ali) 1er mars 2024";
        let pieces = ArticleSegmenter.segment(text);
        for piece in [&pieces[0], &pieces[2]] {
            assert_eq!(piece.author.as_deref(), Some("Ali K. 🇸🇳"));
            assert_eq!(piece.handle.as_deref(), Some("ali"));
            assert_eq!(piece.date.as_deref(), Some("2024-03-01"));
        }
        assert_eq!(pieces[0].url.as_deref(), Some("https://t.co/a"));
        assert_eq!(pieces[1].author, None);
    }

    #[test]
    fn a_media_link_is_the_url_of_the_post() {
        let pieces = ArticleSegmenter.segment("Lire https://t.co/a pic.x.com/b — Ali (@ali) 2 mars 2024");
        assert_eq!(pieces[0].url.as_deref(), Some("pic.x.com/b"));
        assert_eq!(pieces[2].url.as_deref(), Some("pic.x.com/b"));
    }

    #[test]
    fn a_quote_names_its_speaker() {
        let pieces = ArticleSegmenter.segment("“It rains,” said Awa Sow. The “rain” stopped.");
        assert_eq!(pieces[1].author.as_deref(), Some("Awa Sow"));
        assert_eq!(pieces[2].author, None);
    }

    #[test]
    fn a_speech_may_run_over_paragraphs() {
        check(
            "He spoke.\n\n“It rained.\n\n“We left.”",
            &[
                "paragraph: He spoke.",
                "paragraph: “It rained.",
                "  quote: It rained.",
                "paragraph: “We left.”",
                "  quote: We left.",
            ],
        );
    }

    #[test]
    fn nothing_but_space_has_no_piece() {
        check("", &[]);
        check("\u{feff} \r\n\u{2029}", &[]);
    }
}
