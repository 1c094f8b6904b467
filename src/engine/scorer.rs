//! Scores the tokens that may come next.

use super::generation::Rules;
use super::linear::{self, Linear};
use super::ops;
use super::search::{Candidate, best_candidates};
use crate::BackendError;

/// The last layer of a model for one batch of sentences.
pub(super) enum Scorer<'a> {
    /// Every token may come next, as far as the rules allow.
    All {
        /// Scores every token; `None` where the scores come from elsewhere.
        projection: Option<&'a Linear>,
        /// How many tokens there are.
        columns: usize,
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

/// Which of the scored rows is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The row.
    pub(super) row: usize,
    /// The sentence that it belongs to.
    pub(super) sentence: usize,
}

/// Memory that a scorer reuses from call to call.
#[derive(Default)]
pub(super) struct Scratch {
    scores: Vec<f32>,
    listed: Vec<f32>,
}

impl Scorer<'_> {
    /// A scorer of the tokens on each sentence's list, sorted and below `vocabulary`, without those that
    /// are never written. `project` makes the layer that scores given tokens.
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
    /// lists, one a sentence, the tokens on them may come next, else all that the rules allow.
    #[cfg(feature = "rust-bert")]
    pub(super) fn elsewhere(lists: Option<Vec<Vec<u32>>>, vocabulary: usize) -> Self {
        let Some(lists) = lists else {
            return Self::All {
                projection: None,
                columns: vocabulary,
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

    /// The best `count` tokens that may come next in a row of what was scored last, the best first.
    /// `written` are the tokens of the row's output so far.
    pub(super) fn candidates(
        &self,
        place: Place,
        count: usize,
        rules: &Rules,
        written: &[u32],
        scratch: &mut Scratch,
    ) -> Vec<Candidate> {
        if let Some(token) = rules.forced_after(written) {
            return vec![Candidate {
                token,
                log_probability: 0.0,
            }];
        }
        match self {
            Self::All { columns, .. } => {
                let scores = &mut scratch.scores[place.row * columns..(place.row + 1) * columns];
                let total = forbid(scores, rules, |scores| {
                    let mut ban = |token: u32| scores[token as usize] = f32::NEG_INFINITY;
                    rules.never().iter().copied().for_each(&mut ban);
                    rules.banned_after(written, ban);
                });
                best(scores, count, total, |index| index as u32)
            }
            Self::Listed { columns, lists, .. } => {
                let scores = &scratch.scores[place.row * columns..(place.row + 1) * columns];
                let list = &lists[place.sentence];
                let listed = &mut scratch.listed;
                listed.clear();
                listed.extend(list.columns.iter().map(|&column| scores[column as usize]));
                let total = forbid(listed, rules, |scores| {
                    rules.banned_after(written, |token| {
                        if let Ok(index) = list.tokens.binary_search(&token) {
                            scores[index] = f32::NEG_INFINITY;
                        }
                    });
                });
                best(listed, count, total, |index| list.tokens[index])
            }
        }
    }
}

/// Lets `ban` take scores away, and returns the logarithm of what the exponentials sum to: of the scores
/// that are left where the rules renormalise, else of all.
fn forbid(scores: &mut [f32], rules: &Rules, ban: impl FnOnce(&mut [f32])) -> f32 {
    if rules.renormalize {
        ban(scores);
        return ops::log_sum_exp(scores);
    }
    let total = ops::log_sum_exp(scores);
    ban(scores);
    total
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
