//! A trie over bytes.

use std::collections::VecDeque;
use std::ops::Range;

/// Strings and their ids, found by prefix.
#[derive(Clone, Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    /// The byte that leads here from the parent.
    label: u8,
    /// The id of the string that ends here.
    id: Option<u32>,
    /// Where the children stand, sorted by label.
    children: Range<u32>,
}

impl Trie {
    /// A trie of strings that are not empty. Of equal ones, the last wins.
    pub(super) fn new<'a>(strings: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut keys: Vec<(&[u8], u32)> = strings
            .into_iter()
            .map(|(text, id)| (text.as_bytes(), id))
            .collect();
        keys.retain(|(text, _)| !text.is_empty());
        keys.sort_by_key(|(text, _)| *text);
        let mut trie = Self::default();
        trie.nodes.push(Node::new(0));
        // Nodes whose children are yet to be made, with the keys under them and their depth. As they
        // are handled in order, children of one node stand side by side.
        let mut open = VecDeque::from([(0, keys.as_slice(), 0)]);
        while let Some((node, keys, depth)) = open.pop_front() {
            let first = trie.nodes.len() as u32;
            for group in keys.chunk_by(|(left, _), (right, _)| left.get(depth) == right.get(depth)) {
                match group[0].0.get(depth) {
                    None => trie.nodes[node].id = group.last().map(|(_, id)| *id),
                    Some(&label) => {
                        open.push_back((trie.nodes.len(), group, depth + 1));
                        trie.nodes.push(Node::new(label));
                    }
                }
            }
            trie.nodes[node].children = first..trie.nodes.len() as u32;
        }
        trie
    }

    /// The strings that `text` begins with: their lengths and ids, the shortest first.
    pub(super) fn prefixes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, u32)> + 'a {
        let mut node = self.nodes.first();
        text.iter()
            .enumerate()
            .map_while(move |(index, &byte)| {
                let children = node?.children.clone();
                let children = &self.nodes[children.start as usize..children.end as usize];
                let child = children.binary_search_by_key(&byte, |child| child.label).ok()?;
                node = children.get(child);
                Some(node.and_then(|node| node.id).map(|id| (index + 1, id)))
            })
            .flatten()
    }

    /// The length of the longest string that `text` begins with.
    pub(super) fn longest_prefix(&self, text: &[u8]) -> Option<usize> {
        self.prefixes(text).last().map(|(len, _)| len)
    }

    /// The id of a string.
    pub(super) fn get(&self, text: &str) -> Option<u32> {
        let found = self.prefixes(text.as_bytes()).last();
        found.filter(|(len, _)| *len == text.len()).map(|(_, id)| id)
    }
}

impl Node {
    fn new(label: u8) -> Self {
        Self {
            label,
            id: None,
            children: 0..0,
        }
    }
}
