//! Sums over all sequences of tags.

use crate::entity::tags::{STATES, TagProbabilities};

/// Probabilities of each position's tags by the forward-backward algorithm (Rabiner 1989), every position scaled to a sum
/// of 1; `scores` and `transitions` (from row to column) are logarithms.
pub(super) fn marginals(
    scores: &[[f32; STATES]],
    transitions: &[[f32; STATES]; STATES],
) -> Vec<TagProbabilities> {
    let steps = transitions.map(|row| row.map(|score| f64::from(score).exp()));
    let potentials: Vec<[f64; STATES]> = scores.iter().map(potentials).collect();
    let forward = forward(&potentials, &steps);
    let mut backward = [1.0; STATES];
    let mut out = vec![[0.0; STATES]; scores.len()];
    for at in (0..scores.len()).rev() {
        let both = scaled(std::array::from_fn(|state| forward[at][state] * backward[state]));
        out[at] = both.map(|p| p as f32);
        let ahead: [f64; STATES] = std::array::from_fn(|state| potentials[at][state] * backward[state]);
        backward = scaled(std::array::from_fn(|state| {
            (0..STATES).map(|next| steps[state][next] * ahead[next]).sum()
        }));
    }
    out
}

fn forward(potentials: &[[f64; STATES]], steps: &[[f64; STATES]; STATES]) -> Vec<[f64; STATES]> {
    let mut forward: Vec<[f64; STATES]> = Vec::with_capacity(potentials.len());
    for own in potentials {
        let reached = |state: usize| match forward.last() {
            None => 1.0,
            Some(before) => (0..STATES).map(|from| before[from] * steps[from][state]).sum(),
        };
        let next = scaled(std::array::from_fn(|state| own[state] * reached(state)));
        forward.push(next);
    }
    forward
}

/// Exponentials of the scores, the largest being 1.
fn potentials(scores: &[f32; STATES]) -> [f64; STATES] {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.map(|score| f64::from(score - top).exp())
}

fn scaled(numbers: [f64; STATES]) -> [f64; STATES] {
    let sum: f64 = numbers.iter().sum();
    numbers.map(|number| number / sum)
}
