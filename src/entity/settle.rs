//! One label for one name in a document.

use std::collections::BTreeMap;

use super::Label;
use super::fold::name_words;

/// Two things of one name are kept apart where both are told with this score: Jordan, and Jordan.
const CERTAIN: f32 = 0.95;

/// One mention's say in what its name is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NameVote<'a> {
    /// The name as it stands.
    pub name: &'a str,
    /// What it is taken for.
    pub label: Label,
    /// How sure that is, `0.0..=1.0`.
    pub score: f32,
    /// How much it counts: 1 for the prose of a document, less where less is known of the context.
    pub weight: f32,
}

/// The label of each mention when every name has the one with the most votes (scores times weights).
///
/// Names are compared but for case, accents and a leading article. A person and another thing of the same
/// name stay two where the mention is certain (score from 0.95) and the name a single word.
pub fn settle_labels(votes: &[NameVote<'_>]) -> Vec<Label> {
    let mut sums: BTreeMap<Vec<String>, [f32; 4]> = BTreeMap::new();
    let keys: Vec<Vec<String>> = votes
        .iter()
        .map(|vote| name_words(vote.name, Label::Org))
        .collect();
    for (vote, key) in votes.iter().zip(&keys) {
        sums.entry(key.clone()).or_default()[vote.label as usize] += vote.score * vote.weight;
    }
    let settled = |(vote, key): (&NameVote<'_>, &Vec<String>)| {
        let best = sums
            .get(key)
            .map_or(vote.label, |sums| best_label(vote.label, sums));
        let homonyms = (vote.label == Label::Per) != (best == Label::Per);
        let apart = key.is_empty() || homonyms && key.len() == 1 && vote.score * vote.weight >= CERTAIN;
        if apart { vote.label } else { best }
    };
    votes.iter().zip(&keys).map(settled).collect()
}

/// The label with the highest sum; of equals, the mention's own and then the first.
fn best_label(own: Label, sums: &[f32; 4]) -> Label {
    let better = |best: Label, label: Label| {
        if sums[label as usize] > sums[best as usize] {
            label
        } else {
            best
        }
    };
    Label::ALL.into_iter().fold(own, better)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Loc, Misc, Org, Per};

    #[track_caller]
    fn check(votes: &[(&str, Label, f32, f32)], expected: &[Label]) {
        let votes: Vec<_> = votes
            .iter()
            .map(|&(name, label, score, weight)| NameVote {
                name,
                label,
                score,
                weight,
            })
            .collect();
        assert_eq!(settle_labels(&votes), expected, "the labels of {votes:?}");
    }

    #[test]
    fn a_name_has_the_label_of_most_of_its_mentions() {
        check(
            &[
                ("Rail Sel", Loc, 0.9, 1.0),
                ("RAIL SEL", Org, 0.7, 1.0),
                ("the Rail Sel", Org, 0.6, 1.0),
            ],
            &[Org, Org, Org],
        );
        check(&[("Sel", Loc, 0.9, 0.5), ("Sel", Org, 0.6, 1.0)], &[Org, Org]);
        check(&[("Sel", Loc, 0.9, 1.0), ("Gao", Org, 0.6, 1.0)], &[Loc, Org]);
        check(&[("★", Misc, 0.9, 1.0), ("→", Org, 0.6, 1.0)], &[Misc, Org]);
    }

    #[test]
    fn certain_homonyms_stay_two() {
        check(
            &[
                ("Jordan", Loc, 0.97, 1.0),
                ("Jordan", Loc, 0.9, 1.0),
                ("Jordan", Per, 0.96, 1.0),
            ],
            &[Loc, Loc, Per],
        );
        check(
            &[("Jordan", Loc, 0.97, 1.0), ("Jordan", Per, 0.6, 1.0)],
            &[Loc, Loc],
        );
    }
}
