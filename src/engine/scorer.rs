//! Scores the tokens that may come next.

use super::linear::{self, Linear};
use super::ops;
use super::search::{Candidate, best_candidates};
use crate::BackendError;

/// The last layer of a model for one batch of sentences.
pub(super) enum Scorer<'a> {
    /// Every token may come next, but for `banned`.
    All {
        /// Scores every token; `None` where the scores come from elsewhere.
        projection: Option<&'a Linear>,
        /// How many tokens there are.
        columns: usize,
        /// The padding token.
        banned: u32,
    },
    /// Each sentence has a list of tokens that may come next.
    Listed {
        /// Scores the tokens that are on any sentence's list; `None` where every token is scored, elsewhere.
        projection: Option<Linear>,
        /// How many tokens are scored.
        columns: usize,
        /// The list of each sentence.
        lists: Vec<List>,
    },
}

/// The tokens that may come next in a sentence.
pub(super) struct List {
    tokens: Vec<u32>,
    /// Where each token's score stands in a row of scores.
    columns: Vec<u32>,
}

/// Memory that a scorer reuses from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
    listed: Vec<f32>,
}

impl Scorer<'_> {
    /// A scorer of the tokens on each sentence's list, sorted and below `vocabulary`. `project` makes
    /// the layer that scores given tokens.
    pub(super) fn listed(
        lists: Vec<Vec<u32>>,
        vocabulary: usize,
        project: impl FnOnce(&[u32]) -> Linear,
    ) -> Self {
        const NONE: u32 = u32::MAX;
        let mut columns = vec![NONE; vocabulary];
        let mut union = Vec::new();
        for &token in lists.iter().flatten() {
            let column = &mut columns[token as usize];
            if *column == NONE {
                *column = union.len() as u32;
                union.push(token);
            }
        }
        let lists = lists.into_iter().map(|tokens| List {
            columns: tokens.iter().map(|&token| columns[token as usize]).collect(),
            tokens,
        });
        Self::Listed {
            lists: lists.collect(),
            columns: union.len(),
            projection: Some(project(&union)),
        }
    }

    /// A scorer where every token of the vocabulary is scored elsewhere; see [`Scratch::scores_mut`]. Where there are
    /// lists, one a sentence, the tokens on them may come next, else all but `banned`.
    #[cfg(feature = "rust-bert")]
    pub(super) fn elsewhere(lists: Option<Vec<Vec<u32>>>, vocabulary: usize, banned: u32) -> Self {
        let Some(lists) = lists else {
            return Self::All {
                projection: None,
                columns: vocabulary,
                banned,
            };
        };
        let lists = lists.into_iter().map(|tokens| List {
            columns: tokens.clone(),
            tokens,
        });
        Self::Listed {
            lists: lists.collect(),
            columns: vocabulary,
            projection: None,
        }
    }

    /// Scores what may come next after each row of states.
    ///
    /// # Errors
    ///
    /// Never, unless the shapes were mixed up.
    pub(super) fn score(
        &self,
        states: &[f32],
        scratch: &mut Scratch,
        linear: &mut linear::Scratch,
    ) -> Result<(), BackendError> {
        let projection = match self {
            Self::All { projection, .. } => *projection,
            Self::Listed { projection, .. } => projection.as_ref(),
        };
        match projection {
            Some(projection) => projection.apply(states, None, &mut scratch.scores, linear),
            None => Ok(()),
        }
    }

    /// The best `count` tokens that may come next in row `row` of what was scored last, which belongs
    /// to a sentence, the best first.
    pub(super) fn candidates(
        &self,
        row: usize,
        sentence: usize,
        count: usize,
        scratch: &mut Scratch,
    ) -> Vec<Candidate> {
        match self {
            Self::All { columns, banned, .. } => {
                let scores = &mut scratch.scores[row * columns..(row + 1) * columns];
                // As in transformers, a banned token still counts in the sum.
                let total = ops::log_sum_exp(scores);
                scores[*banned as usize] = f32::NEG_INFINITY;
                best(scores, count, total, |index| index as u32)
            }
            Self::Listed { columns, lists, .. } => {
                let scores = &scratch.scores[row * columns..(row + 1) * columns];
                let list = &lists[sentence];
                scratch.listed.clear();
                scratch
                    .listed
                    .extend(list.columns.iter().map(|&column| scores[column as usize]));
                let total = ops::log_sum_exp(&scratch.listed);
                best(&scratch.listed, count, total, |index| list.tokens[index])
            }
        }
    }
}

impl Scratch {
    /// Where scores from elsewhere go: a row of the whole vocabulary for each row of states.
    #[cfg(feature = "rust-bert")]
    pub(super) fn scores_mut(&mut self) -> &mut Vec<f32> {
        &mut self.scores
    }
}

fn best(scores: &[f32], count: usize, total: f32, token_of: impl Fn(usize) -> u32) -> Vec<Candidate> {
    if count > 1 {
        return best_candidates(scores, count, total, token_of);
    }
    let index = ops::argmax(scores);
    let log_probability = scores.get(index).map_or(f32::NEG_INFINITY, |score| score - total);
    vec![Candidate {
        token: token_of(index),
        log_probability,
    }]
}
