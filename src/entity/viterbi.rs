//! The best valid sequence of tags.

use super::tags::{STATES, Scheme, Tag, TagProbabilities};

/// Probabilities below this count as this, so that one impossible word cannot forbid a whole sequence.
const FLOOR: f32 = 1e-9;

/// The share of an inside tag that counts for a beginning where nothing of its label stands before it.
///
/// Nothing would lose names that the model is sure of but for their first tag; all of it would start a new
/// name where the labels of two words disagree. At 0.3 a word that is inside at 0.77 outweighs the rest.
const INSIDE_AS_BEGIN: f32 = 0.3;

/// The most probable sequence of tags that follows `scheme`, one tag a word, words taken as independent.
///
/// With [`Scheme::Begins`] an inside tag only follows a tag of its label, so that the sequence is valid as it
/// is: a doubtful word is decided by its neighbours instead of being repaired afterwards. Of equal sequences
/// the one whose last words are outside wins.
pub fn best_tags(words: &[TagProbabilities], scheme: Scheme) -> Vec<Tag> {
    let mut steps: Vec<[usize; STATES]> = Vec::with_capacity(words.len());
    let mut best = [f64::NEG_INFINITY; STATES];
    best[Tag::Outside.state()] = 0.0;
    for word in words {
        let mut next = [f64::NEG_INFINITY; STATES];
        let mut from = [0; STATES];
        for state in 0..STATES {
            (from[state], next[state]) = best_step(&best, word, state, scheme);
        }
        best = next;
        steps.push(from);
    }
    trace(&steps, &best)
}

/// The state before `state` on the best path to it, and the logarithm of that path's probability.
fn best_step(best: &[f64; STATES], word: &TagProbabilities, state: usize, scheme: Scheme) -> (usize, f64) {
    let tag = Tag::of_state(state);
    (0..STATES)
        .filter_map(|from| {
            Some((
                from,
                best[from] + log_step(Tag::of_state(from), tag, word, scheme)?,
            ))
        })
        .fold(
            (0, f64::NEG_INFINITY),
            |top, step| if step.1 > top.1 { step } else { top },
        )
}

/// The logarithm of the probability of `tag` after `previous`, `None` where the scheme forbids it.
fn log_step(previous: Tag, tag: Tag, word: &TagProbabilities, scheme: Scheme) -> Option<f64> {
    let own = word[tag.state()];
    let continues = tag.label().is_some() && previous.label() == tag.label();
    let p = match (scheme, tag) {
        (Scheme::Begins, Tag::Inside(_)) if !continues => return None,
        (Scheme::Begins, Tag::Begin(label)) if !continues => {
            own + INSIDE_AS_BEGIN * word[Tag::Inside(label).state()]
        }
        _ => own,
    };
    Some(f64::from(p.max(FLOOR)).ln())
}

fn trace(steps: &[[usize; STATES]], best: &[f64; STATES]) -> Vec<Tag> {
    let mut state = (0..STATES).fold(0, |top, state| if best[state] > best[top] { state } else { top });
    let mut tags = vec![Tag::Outside; steps.len()];
    for (tag, from) in tags.iter_mut().zip(steps).rev() {
        *tag = Tag::of_state(state);
        state = from[state];
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Label::{Loc, Org, Per};
    use proptest::prelude::*;

    fn word(parts: &[(Tag, f32)]) -> TagProbabilities {
        let mut all = [0.0; STATES];
        for &(tag, p) in parts {
            all[tag.state()] = p;
        }
        all
    }

    #[test]
    fn an_inside_tag_needs_its_beginning() {
        let words = [
            word(&[(Tag::Begin(Org), 0.6), (Tag::Begin(Per), 0.4)]),
            word(&[(Tag::Inside(Per), 0.9), (Tag::Inside(Org), 0.1)]),
        ];
        assert_eq!(
            best_tags(&words, Scheme::Begins),
            [Tag::Begin(Per), Tag::Inside(Per)]
        );
        assert_eq!(
            best_tags(&words, Scheme::Loose),
            [Tag::Begin(Org), Tag::Inside(Per)]
        );
    }

    #[test]
    fn a_sequence_does_not_start_inside() {
        let words = [word(&[(Tag::Inside(Loc), 0.9), (Tag::Begin(Loc), 0.1)])];
        assert_eq!(best_tags(&words, Scheme::Begins), [Tag::Begin(Loc)]);
        assert_eq!(best_tags(&words, Scheme::Loose), [Tag::Inside(Loc)]);
    }

    #[test]
    fn a_sure_inside_tag_alone_is_a_beginning() {
        let sure = word(&[(Tag::Inside(Loc), 0.8), (Tag::Outside, 0.2)]);
        let doubtful = word(&[(Tag::Inside(Loc), 0.6), (Tag::Outside, 0.4)]);
        assert_eq!(
            best_tags(&[sure, doubtful], Scheme::Begins),
            [Tag::Begin(Loc), Tag::Inside(Loc)]
        );
        assert_eq!(best_tags(&[doubtful], Scheme::Begins), [Tag::Outside]);
    }

    #[test]
    fn equal_sequences_leave_words_outside() {
        let even = word(&[(Tag::Begin(Per), 0.5), (Tag::Outside, 0.5)]);
        assert_eq!(
            best_tags(&[[0.0; STATES], even], Scheme::Begins),
            [Tag::Outside; 2]
        );
        assert_eq!(best_tags(&[], Scheme::Begins), []);
    }

    fn log_probability(words: &[TagProbabilities], tags: &[Tag]) -> f64 {
        let previous = [&[Tag::Outside], tags].concat();
        let steps = previous.iter().zip(tags).zip(words);
        steps
            .map(|((&previous, &tag), word)| log_step(previous, tag, word, Scheme::Begins).unwrap())
            .sum()
    }

    /// Every valid sequence for `len` words.
    fn valid_sequences(len: usize) -> Vec<Vec<Tag>> {
        let mut all = vec![Vec::new()];
        for _ in 0..len {
            all = all
                .iter()
                .flat_map(|start: &Vec<Tag>| {
                    let last = start.last().and_then(|tag| tag.label());
                    let fits = move |tag: &Tag| !matches!(tag, Tag::Inside(label) if last != Some(*label));
                    (0..STATES)
                        .map(Tag::of_state)
                        .filter(fits)
                        .map(|tag| [start.as_slice(), &[tag]].concat())
                })
                .collect();
        }
        all
    }

    proptest! {
        #![proptest_config(crate::testing::cases(48))]
        #[test]
        fn finds_the_best_of_all_valid_sequences(words in prop::collection::vec(prop::array::uniform9(0.0f32..1.0), 0..4)) {
            let found = best_tags(&words, Scheme::Begins);
            let score = log_probability(&words, &found);
            for other in valid_sequences(words.len()) {
                prop_assert!(log_probability(&words, &other) <= score + 1e-9, "{other:?} beats {found:?}");
            }
            prop_assert!(valid_sequences(words.len()).contains(&found));
        }
    }
}
