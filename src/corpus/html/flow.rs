//! The text of elements, laid out as a reader sees it.

use dom_query::{Document, NodeData, NodeRef};

/// Elements that show no text, or none that belongs to what is read.
const HIDDEN: [&str; 19] = [
    "script", "style", "noscript", "template", "head", "title", "iframe", "object", "embed", "svg", "math",
    "canvas", "audio", "video", "button", "select", "textarea", "nav", "dialog",
];

/// Elements that stand in a line of text; all others begin and end paragraphs.
const INLINE: [&str; 42] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "img", "input", "ins", "kbd", "label", "mark", "output", "picture", "q", "rb", "rp", "rt", "ruby",
    "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "td", "th", "time", "u", "var",
];

/// Stands in text where a line ends: the line separator of Unicode.
const LINE_MARK: char = '\u{2028}';

/// Puts a mark in the place of each `<br>`, which the search for the article would drop here and there.
pub(super) fn mark_lines(document: &Document) {
    for node in document.select("br").nodes() {
        node.replace_with(&document.tree.new_text(LINE_MARK.to_string()));
    }
}

/// A step of a walk through a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a node, at this depth below the root of the walk.
    Open(usize),
    /// Out of it.
    Close,
}

/// Walks through all nodes below `root`, and `root` itself. Where `visit` says no, the node's
/// children are passed over. Pages may be nested deeper than the stack of a recursive walk.
pub(super) fn walk<'a>(root: &NodeRef<'a>, mut visit: impl FnMut(&NodeRef<'a>, Step) -> bool) {
    let (mut node, mut depth) = (*root, 0);
    loop {
        let child = visit(&node, Step::Open(depth))
            .then(|| node.first_child())
            .flatten();
        if let Some(child) = child {
            (node, depth) = (child, depth + 1);
            continue;
        }
        loop {
            visit(&node, Step::Close);
            if depth == 0 {
                return;
            }
            if let Some(sibling) = node.next_sibling() {
                node = sibling;
                break;
            }
            let Some(parent) = node.parent() else { return };
            (node, depth) = (parent, depth - 1);
        }
    }
}

/// The text below `node`: paragraphs with a blank line between them, lines where `<br>` breaks them,
/// white space otherwise run together as browsers do.
pub(super) fn text(node: &NodeRef<'_>) -> String {
    let mut flow = Flow::default();
    walk(node, |node, step| flow.visit(node, step));
    flow.text
}

/// What stands between the text so far and the next word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

#[derive(Default)]
struct Flow {
    text: String,
    gap: Gap,
    preformatted: usize,
}

impl Flow {
    fn visit(&mut self, node: &NodeRef<'_>, step: Step) -> bool {
        if node.is_text() {
            if step != Step::Close {
                node.query(|node| {
                    if let NodeData::Text { contents } = &node.data {
                        self.push(contents);
                    }
                });
            }
            return false;
        }
        let Some(name) = node.node_name().filter(|_| node.is_element()) else {
            return true;
        };
        let name: &str = &name;
        if HIDDEN.contains(&name) || node.has_attr("hidden") {
            return false;
        }
        match name {
            "br" if step != Step::Close => self.break_line(),
            "br" | "wbr" => {}
            "q" => self.push(if step == Step::Close { "”" } else { "“" }),
            "td" | "th" => self.gap = self.gap.max(Gap::Space),
            "pre" => {
                self.gap = Gap::Paragraph;
                match step {
                    Step::Open(_) => self.preformatted += 1,
                    Step::Close => self.preformatted = self.preformatted.saturating_sub(1),
                }
            }
            _ if INLINE.contains(&name) => {}
            _ => self.gap = Gap::Paragraph,
        }
        true
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                LINE_MARK => self.break_line(),
                '\n' if self.preformatted > 0 => self.break_line(),
                ' ' | '\t' | '\n' | '\r' | '\x0c' => self.gap = self.gap.max(Gap::Space),
                _ => {
                    self.fill_gap();
                    self.text.push(c);
                }
            }
        }
    }

    /// A second line end makes an empty line.
    fn break_line(&mut self) {
        self.gap = match self.gap {
            Gap::None | Gap::Space => Gap::Line,
            Gap::Line | Gap::Paragraph => Gap::Paragraph,
        };
    }

    fn fill_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if self.text.is_empty() {
            return;
        }
        self.text.push_str(match gap {
            Gap::None => "",
            Gap::Space => " ",
            Gap::Line => "\n",
            Gap::Paragraph => "\n\n",
        });
    }
}
