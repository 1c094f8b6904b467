//! The unigram model: the likeliest way to cut a text into pieces.

use super::{Kind, Vocabulary};

/// How much worse than the worst piece an unknown character is.
const UNKNOWN_PENALTY: f32 = 10.0;

/// The best way to cut the text up to a byte.
#[derive(Clone, Copy)]
struct Best {
    /// Where its last piece starts.
    start: usize,
    /// Its last piece.
    id: u32,
    score: f32,
}

/// Scores that the search needs, gathered once.
#[derive(Debug)]
pub(super) struct Unigram {
    unknown_score: f32,
    largest_score: f32,
}

impl Unigram {
    /// The model over a vocabulary.
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let scores = || {
            let normal = vocabulary
                .pieces
                .iter()
                .filter(|piece| piece.kind == Kind::Normal);
            normal.map(|piece| piece.score)
        };
        Self {
            unknown_score: scores().fold(f32::MAX, f32::min) - UNKNOWN_PENALTY,
            // SentencePiece begins at C's `FLT_MIN`, the smallest positive number.
            largest_score: scores().fold(f32::MIN_POSITIVE, f32::max),
        }
    }

    /// The pieces of a normalised text: where each ends, and its id.
    pub(super) fn encode(&self, vocabulary: &Vocabulary, text: &str) -> Vec<(usize, u32)> {
        let mut best: Vec<Option<Best>> = vec![None; text.len() + 1];
        for (start, char) in text.char_indices() {
            let so_far = best[start].map_or(0.0, |best| best.score);
            let mut has_single = false;
            for (len, id) in vocabulary.trie.prefixes(&text.as_bytes()[start..]) {
                let score = match vocabulary.pieces[id as usize].kind {
                    Kind::Unused => continue,
                    // A user's symbol always wins.
                    Kind::UserDefined => f64::from(len as f32 * self.largest_score) - 0.1,
                    _ => f64::from(vocabulary.pieces[id as usize].score),
                };
                offer(&mut best[start + len], start, id, score + f64::from(so_far));
                has_single |= len == char.len_utf8();
            }
            if !has_single {
                let score = f64::from(self.unknown_score + so_far);
                offer(
                    &mut best[start + char.len_utf8()],
                    start,
                    vocabulary.unknown,
                    score,
                );
            }
        }
        let mut pieces = Vec::new();
        let mut end = text.len();
        while let Some(Best { start, id, .. }) = best[end] {
            pieces.push((end, id));
            end = start;
        }
        pieces.reverse();
        pieces
    }
}

fn offer(best: &mut Option<Best>, start: usize, id: u32, score: f64) {
    if best.is_none_or(|best| score > f64::from(best.score)) {
        *best = Some(Best {
            start,
            id,
            score: score as f32,
        });
    }
}
