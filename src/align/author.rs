//! Who wrote a post, and whom the text around a candidate names.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::Regex;

use super::words::{fold, tokens};
use super::{SourceSentence, TargetSentence};

/// What the surroundings of the target sentences say of the authors of the source sentences.
pub(super) struct Authors<'a> {
    /// Of each author: the target sentences around which the name stands.
    near: HashMap<&'a str, BTreeSet<usize>>,
    /// Of each target sentence in a signed post: the words of its author's name.
    signed: Vec<Option<BTreeSet<String>>>,
}

impl<'a> Authors<'a> {
    pub(super) fn new(source: &[SourceSentence<'a>], target: &[TargetSentence<'_>]) -> Self {
        let mut passages: HashMap<&str, (BTreeSet<String>, Option<BTreeSet<String>>)> = HashMap::new();
        for sentence in target {
            passages
                .entry(sentence.surroundings)
                .or_insert_with_key(|text| (name_words(text), signer(text)));
        }
        let authors: BTreeSet<&str> = source.iter().filter_map(|sentence| sentence.author).collect();
        let near = |author| {
            let words = name_words(author);
            let named = |text| words.intersection(&passages[text].0).count() >= words.len().clamp(1, 2);
            (0..target.len())
                .filter(|index| named(target[*index].surroundings))
                .collect()
        };
        Self {
            near: authors.into_iter().map(|author| (author, near(author))).collect(),
            signed: target
                .iter()
                .map(|sentence| passages[sentence.surroundings].1.clone())
                .collect(),
        }
    }

    /// Whether the text around a target sentence names the author.
    pub(super) fn named_near(&self, author: &str, sentence: usize) -> bool {
        self.near.get(author).is_some_and(|near| near.contains(&sentence))
    }

    /// Whether a target sentence stands in a post that somebody else signed.
    pub(super) fn signed_by_other(&self, author: &str, sentence: usize) -> bool {
        let signer = self.signed[sentence].as_ref();
        signer.is_some_and(|signer| {
            let author = name_words(author);
            let needed = signer.len().min(author.len()).min(2);
            signer.intersection(&author).count() < needed
        })
    }
}

/// `— Name (@handle) date` at the end of a post.
static SIGNATURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[—–-]\s*([^—–\n()]{1,80}?)\s*\(@[\w.@-]+\)[^\n()]{0,60}\s*$").expect("the pattern is valid")
});

fn signer(post: &str) -> Option<BTreeSet<String>> {
    let found = SIGNATURE.captures(post)?;
    Some(name_words(&found[1]))
}

/// The words of a name, without case and accents.
fn name_words(text: &str) -> BTreeSet<String> {
    tokens(text)
        .iter()
        .filter(|token| token.key.len() > 2)
        .map(|token| fold(&token.key))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;

    #[test]
    fn a_post_signed_by_somebody_else_is_known() {
        let check = |author, surroundings, expected| {
            let source = [SourceSentence {
                text: "Pain.",
                translation: None,
                passage: 0,
                author: Some(author),
            }];
            let target = [TargetSentence {
                text: "Bread.",
                span: Span::new(0, 6),
                passage: 0,
                surroundings,
            }];
            let authors = Authors::new(&source, &target);
            assert_eq!(authors.signed_by_other(author, 0), expected, "{surroundings}");
        };
        check("Awa Sy", "Bread. — Odile Fournier (@odile) May 3, 2024", true);
        check(
            "Odile",
            "Bread. — Odile Fournier (@odile@pain.example) 3 mai 2024",
            false,
        );
        check("Awa Sy", "Bread, said Odile Fournier (@odile), who bakes.", false);
        check(
            "Pain & Village",
            "Bread. — Village Bakers (@vb) May 3, 2024",
            true,
        );
        check("Awa Sy", "Bread.", false);
    }
}
