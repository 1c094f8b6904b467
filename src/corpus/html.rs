//! The text of web pages.

mod flow;
mod post;

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_query::{Document, NodeRef};
use dom_smoothie::{Article, Readability};
use serde_json::Value;

use super::Encoding;
use crate::document::Meta;

/// What a web page says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Page {
    /// The title and the paragraphs of the article, with blank lines between them.
    pub(super) text: String,
    /// What the page says about the article: `byline`, `published`, `modified`, `site`, `url`, `language`.
    pub(super) meta: Meta,
}

/// The largest page, in bytes. News pages have some hundred thousand; parsing takes some twenty
/// times the memory of the page, which is to stay below 300 MB.
pub(super) const MAX_PAGE: usize = 12 << 20;

/// Nesting of elements that the search for the article, which is recursive, is trusted with.
/// Browsers flatten what is nested deeper than this.
const MAX_DEPTH: usize = 512;

/// Elements of a page in which the article is searched for; it takes time that grows faster than they do.
const MAX_ELEMENTS: usize = 200_000;

/// Bytes of a page in which its encoding has to be declared, by the
/// [standard](https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding).
const PRESCAN: usize = 1024;

/// The article of a page: what Mozilla's Readability takes for it, else all text that the page shows.
/// Posts that are embedded come out in one paragraph each, with their signature.
pub(super) fn page(html: &str) -> Page {
    let found = catch_unwind(AssertUnwindSafe(|| article(html)));
    match found {
        Ok(Some(page)) => page,
        _ => Page {
            text: catch_unwind(AssertUnwindSafe(|| everything(html))).unwrap_or_default(),
            meta: Meta::new(),
        },
    }
}

/// Whether bytes begin like a web page.
pub(super) fn is_page(head: &[u8]) -> bool {
    let head = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    [&b"<!doctype html"[..], b"<html"].iter().any(|mark| {
        head.get(..mark.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(mark))
    })
}

/// The encoding that a page declares: the first `charset=` in its beginning.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<Encoding> {
    let head: String = bytes.iter().take(PRESCAN).map(|byte| char::from(*byte)).collect();
    let head = head.to_ascii_lowercase();
    let after = &head[head.find("charset")? + "charset".len()..];
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let value = value.trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| c.is_whitespace() || "\"'/>;".contains(c))?;
    Encoding::of_label(&value[..end])
}

fn article(html: &str) -> Option<Page> {
    let document = Document::from(html);
    if !is_manageable(&document) {
        return None;
    }
    post::flatten(&document);
    post::keep_sources(&document);
    flow::mark_lines(&document);
    let mut readability = Readability::with_document(document, None, None).ok()?;
    let article = readability.parse().ok()?;
    let body = readability.doc.select_single("#readability-page-1");
    let text = flow::text(body.nodes().first()?);
    if text.is_empty() {
        return None;
    }
    Some(Page {
        text: with_title(&article.title, text),
        meta: meta(&article),
    })
}

/// The title before the text, unless the text begins with it.
fn with_title(title: &str, text: String) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = text.split("\n\n").next().unwrap_or_default();
    if title.is_empty() || first == title {
        return text;
    }
    format!("{title}\n\n{text}")
}

fn meta(article: &Article) -> Meta {
    let fields = [
        ("byline", &article.byline),
        ("published", &article.published_time),
        ("modified", &article.modified_time),
        ("site", &article.site_name),
        ("url", &article.url),
        ("language", &article.lang),
    ];
    let present = fields.into_iter().filter_map(|(name, value)| {
        let value = value.as_deref()?.trim();
        (!value.is_empty()).then(|| (name.to_owned(), Value::from(value)))
    });
    present.collect()
}

/// All text that a page shows.
fn everything(html: &str) -> String {
    let document = Document::from(html);
    post::flatten(&document);
    post::keep_sources(&document);
    flow::text(&document.root())
}

fn is_manageable(document: &Document) -> bool {
    let root = document.root();
    let (mut elements, mut deepest) = (0, 0);
    flow::walk(&root, |_: &NodeRef<'_>, step| {
        if let flow::Step::Open(depth) = step {
            elements += 1;
            deepest = deepest.max(depth);
        }
        true
    });
    elements <= MAX_ELEMENTS && deepest <= MAX_DEPTH
}

#[cfg(test)]
mod tests;
