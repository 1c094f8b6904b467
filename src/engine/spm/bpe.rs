//! Byte-pair encoding: neighbours are merged, the best pair first.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use super::{Kind, Vocabulary};

/// A piece of the text while it is merged with its neighbours.
struct Symbol {
    /// The bytes; none once it has been merged into the symbol before it.
    bytes: Range<usize>,
    previous: Option<usize>,
    next: Option<usize>,
    /// Whether it is a user's symbol, which is never merged.
    frozen: bool,
}

/// Two neighbours that make a piece.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    len: usize,
}

/// The merges of one text.
struct Merger<'a> {
    vocabulary: &'a Vocabulary,
    text: &'a str,
    symbols: Vec<Symbol>,
    agenda: BinaryHeap<Pair>,
    /// For pieces that are not in use, where they are cut in two again.
    cuts: HashMap<&'a str, usize>,
}

/// The pieces of a normalised text: where each ends, and its id.
pub(super) fn encode(vocabulary: &Vocabulary, text: &str) -> Vec<(usize, u32)> {
    let mut merger = Merger {
        vocabulary,
        text,
        symbols: split(vocabulary, text),
        agenda: BinaryHeap::new(),
        cuts: HashMap::new(),
    };
    for right in 1..merger.symbols.len() {
        merger.consider(Some(right - 1), Some(right));
    }
    while let Some(pair) = merger.agenda.pop() {
        merger.merge(&pair);
    }
    let mut pieces = Vec::new();
    for symbol in merger.symbols.iter().filter(|symbol| !symbol.bytes.is_empty()) {
        merger.emit(symbol.bytes.clone(), &mut pieces);
    }
    pieces
}

fn split(vocabulary: &Vocabulary, text: &str) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::new();
    let mut start = 0;
    while let Some(char) = text[start..].chars().next() {
        let symbol = vocabulary.symbols.longest_prefix(&text.as_bytes()[start..]);
        let end = start + symbol.unwrap_or(char.len_utf8());
        let index = symbols.len();
        symbols.push(Symbol {
            bytes: start..end,
            previous: index.checked_sub(1),
            next: (end < text.len()).then_some(index + 1),
            frozen: symbol.is_some(),
        });
        start = end;
    }
    symbols
}

impl Merger<'_> {
    /// Puts two neighbours on the agenda if they make a piece.
    fn consider(&mut self, left: Option<usize>, right: Option<usize>) {
        let (Some(left), Some(right)) = (left, right) else {
            return;
        };
        let (first, second) = (&self.symbols[left], &self.symbols[right]);
        if first.frozen || second.frozen {
            return;
        }
        let text = &self.text[first.bytes.start..second.bytes.end];
        let Some(id) = self.vocabulary.trie.get(text) else {
            return;
        };
        let piece = &self.vocabulary.pieces[id as usize];
        if piece.kind == Kind::Unused {
            self.cuts.insert(text, first.bytes.len());
        }
        self.agenda.push(Pair {
            score: piece.score,
            left,
            right,
            len: text.len(),
        });
    }

    fn merge(&mut self, pair: &Pair) {
        let (left, right) = (
            self.symbols[pair.left].bytes.clone(),
            self.symbols[pair.right].bytes.clone(),
        );
        // One of the two may have been merged with another since.
        if left.is_empty() || right.is_empty() || left.len() + right.len() != pair.len {
            return;
        }
        let next = self.symbols[pair.right].next;
        self.symbols[pair.left].bytes = left.start..right.end;
        self.symbols[pair.left].next = next;
        self.symbols[pair.right].bytes = 0..0;
        if let Some(next) = next {
            self.symbols[next].previous = Some(pair.left);
        }
        self.consider(self.symbols[pair.left].previous, Some(pair.left));
        self.consider(Some(pair.left), next);
    }

    /// Adds the piece of these bytes, or its parts if it is not in use.
    fn emit(&self, bytes: Range<usize>, pieces: &mut Vec<(usize, u32)>) {
        let text = &self.text[bytes.clone()];
        let id = self.vocabulary.trie.get(text).unwrap_or(self.vocabulary.unknown);
        match self.cuts.get(text) {
            Some(&cut) if self.vocabulary.pieces[id as usize].kind == Kind::Unused => {
                self.emit(bytes.start..bytes.start + cut, pieces);
                self.emit(bytes.start + cut..bytes.end, pieces);
            }
            _ => pieces.push((bytes.end, id)),
        }
    }
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score
            .total_cmp(&other.score)
            .then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}
