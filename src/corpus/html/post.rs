//! Posts that are embedded in a page.

use dom_query::{Document, NodeRef};

use super::flow;

/// What the scripts of X and Bluesky look for: a `blockquote` with paragraphs, then an em dash, the
/// name and handle, and a link to the post with its date.
const POSTS: &str = "blockquote.twitter-tweet, blockquote.twitter-video, blockquote.bluesky-embed";

/// Elements around a post that hold nothing else.
const WRAPPERS: [&str; 7] = ["div", "figure", "section", "aside", "span", "center", "p"];

/// The longest line of a post whose line ends are kept: longer ones are no wrapped lines to the
/// segmenter, which would then take each for a paragraph.
const MAX_LINE: usize = 120;

/// Makes a paragraph of each embedded post, body and signature together, in the place of all the
/// elements around it, lest it be taken for a widget.
pub(super) fn flatten(document: &Document) {
    for node in document.select(POSTS).nodes() {
        let text = flow::text(node);
        if node.parent().is_none() || text.is_empty() {
            continue;
        }
        let paragraph = escaped(&in_one_paragraph(&text));
        outermost(*node, &text).replace_with_html(format!("<p>{paragraph}</p>"));
    }
}

/// Makes paragraphs of the footers of quotations, which name who is quoted, lest they be taken for the page's.
pub(super) fn keep_sources(document: &Document) {
    for node in document.select("blockquote footer").nodes() {
        let text = flow::text(node);
        if node.parent().is_some() && !text.is_empty() {
            node.replace_with_html(format!("<p>{}</p>", escaped(&text)));
        }
    }
}

/// The outermost element that holds nothing but this one, whose text is `text`.
fn outermost<'a>(mut node: NodeRef<'a>, text: &str) -> NodeRef<'a> {
    while let Some(parent) = node.parent() {
        let is_wrapper = parent.node_name().is_some_and(|name| WRAPPERS.contains(&&*name));
        if !is_wrapper || flow::text(&parent) != text {
            break;
        }
        node = parent;
    }
    node
}

/// A post without blank lines: the signature after the body's only line, or on a line of its own.
fn in_one_paragraph(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
    let is_short = lines.iter().all(|line| line.chars().count() <= MAX_LINE);
    let between = if lines.len() > 2 && is_short { "\n" } else { " " };
    lines.join(between)
}

fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('\n', "<br>")
}
