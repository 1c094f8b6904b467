//! Telling IOB1 from IOB2, which have the same labels.

use super::Label;
use super::tags::{Scheme, Tag, TagProbabilities};

/// Sentences with names that any model of the language should find, none beside another of its label.
pub(super) const PROBES: [&str; 3] = [
    "Maria Keller lives in Paris with Ahmed Diallo, who works for Microsoft in New York.",
    "Marie Fontaine vit à Londres et travaille pour Airbus à Toulouse.",
    "Peter Brandt wohnt in Berlin und arbeitet bei Siemens in Wien.",
];

/// How many names must be found for an answer.
const ENOUGH: f32 = 3.0;

/// How many times more often names must start inside than at a beginning: hardly ever in IOB2, nearly always
/// in IOB1.
const RATIO: f32 = 4.0;

/// The scheme by the tags that the words after an outside word get, in sentences without neighbouring names of
/// one label; [`Scheme::Begins`] where there is no telling.
pub(super) fn scheme_of<'a>(sentences: impl IntoIterator<Item = &'a [TagProbabilities]>) -> Scheme {
    let (mut begins, mut insides) = (0.0, 0.0);
    for words in sentences {
        let mut after_outside = true;
        for word in words {
            let outside = word[Tag::Outside.state()] > 0.5;
            if after_outside && !outside {
                begins += sum(word, Tag::Begin);
                insides += sum(word, Tag::Inside);
            }
            after_outside = outside;
        }
    }
    if begins + insides >= ENOUGH && insides > RATIO * begins {
        Scheme::Loose
    } else {
        Scheme::Begins
    }
}

fn sum(word: &TagProbabilities, tag: fn(Label) -> Tag) -> f32 {
    Label::ALL.iter().map(|&label| word[tag(label).state()]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::STATES;

    fn word(parts: &[(Tag, f32)]) -> TagProbabilities {
        let mut all = [0.0; STATES];
        for &(tag, p) in parts {
            all[tag.state()] = p;
        }
        all
    }

    #[track_caller]
    fn check(first: (f32, f32), count: usize, expected: Scheme) {
        let names = (0..count).flat_map(|_| {
            [
                word(&[
                    (Tag::Begin(Label::Loc), first.0),
                    (Tag::Inside(Label::Loc), first.1),
                ]),
                word(&[(Tag::Inside(Label::Loc), 1.0)]),
                word(&[(Tag::Outside, 1.0)]),
            ]
        });
        let words: Vec<_> = names.collect();
        assert_eq!(scheme_of([&words[..]]), expected, "{first:?} {count}");
    }

    #[test]
    fn names_that_start_inside_are_iob1() {
        check((0.05, 0.9), 5, Scheme::Loose);
        check((0.9, 0.05), 5, Scheme::Begins);
        check((0.5, 0.5), 5, Scheme::Begins);
        check((0.0, 1.0), 2, Scheme::Begins);
        check((0.0, 0.0), 0, Scheme::Begins);
    }
}
